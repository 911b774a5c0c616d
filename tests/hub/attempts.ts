/** What a console may try to change. */
import { v7 as uuid } from 'uuid';
import type { MutationName } from '../../src/shared/mutations/registry.ts';

export interface TicketSeed {
  id: string;
  queue_id: string;
  customer_id: string;
  last_inbound_id: string | null;
}

interface World {
  lan: string | undefined;
  minh: string | undefined;
  complaintQueue: string;
}

/** The id of another ticket of the same customer, where there is one. */
export const siblingOf = (ticketId: string): string => ticketId.slice(0, -1) + (ticketId.endsWith('0') ? '1' : '0');

/** For every mutation that a person may send: arguments that would work for one who serves the queue. A new mutation without a row here fails the test. */
export function attemptsOf(world: () => World): Record<MutationName, (ticket: TicketSeed) => unknown> {
  return {
    'ticket.assign': (ticket) => ({ ticketId: ticket.id, from: null, to: world().lan }),
    'ticket.close': (ticket) => ({ ticketId: ticket.id, seenInboundId: ticket.last_inbound_id, disposition: 'Xong' }),
    'ticket.reopen': (ticket) => ({ ticketId: ticket.id }),
    'ticket.snooze': (ticket) => ({ ticketId: ticket.id, until: Date.now() + 3_600_000 }),
    'ticket.tag': (ticket) => ({ ticketId: ticket.id, add: ['x'], remove: [] }),
    'ticket.edit': (ticket) => ({ ticketId: ticket.id, subject: 'Khác' }),
    'ticket.move': (ticket) => ({ ticketId: ticket.id, queueId: world().complaintQueue }),
    'ticket.lease': (ticket) => ({ ticketId: ticket.id, until: Date.now() + 3_600_000 }),
    'ticket.release': (ticket) => ({ ticketId: ticket.id }),
    'ticket.join': (ticket) => ({ ticketId: ticket.id, intoId: siblingOf(ticket.id) }),
    'queue.serve': (ticket) => ({ queueId: ticket.queue_id, userId: world().minh, serves: true }),
    'ticket.wake': (ticket) => ({ ticketId: ticket.id, until: 1 }),
    'ticket.finalise': (ticket) => ({ ticketId: ticket.id, resolvedAt: 1 }),
    'ticket.noReply': (ticket) => ({
      ticketId: ticket.id,
      seenInboundId: ticket.last_inbound_id,
      messageId: uuid(),
      reason: 'Khách chỉ cảm ơn',
    }),
    'ticket.setStatus': (ticket) => ({ ticketId: ticket.id, status: 'waiting_third_party' }),
    // Not for an outbox: tests/hub/acts.test.ts.
    'queue.route': () => ({}),
    'skill.save': () => ({}),
    'skill.remove': () => ({}),
    'userSkill.set': () => ({}),
    'user.capacity': () => ({}),
    'presence.set': () => ({}),
    'presence.channels': () => ({}),
    'offer.answer': () => ({}),
    'ticket.take': () => ({}),
    'ticket.takeOver': () => ({}),
    'ticket.coach': () => ({}),
    'team.message': () => ({}),
    'presence.lost': () => ({ userId: world().lan, since: 1 }),
    'presence.ends': () => ({ userId: world().lan, until: 1 }),
    'offer.make': (ticket) => ({ offerId: uuid(), ticketId: ticket.id, userId: world().lan, until: Date.now() + 60_000 }),
    'offer.lapse': () => ({ offerId: uuid() }),
    'ticket.give': (ticket) => ({ ticketId: ticket.id, userId: world().lan }),
    'ticket.requeue': (ticket) => ({ ticketId: ticket.id, userId: world().lan }),
    'ticket.overflow': (ticket) => ({
      ticketId: ticket.id,
      from: ticket.queue_id,
      to: world().complaintQueue,
      why: 'waited',
      messageId: uuid(),
    }),
    'ticket.transfer': (ticket) => ({
      ticketId: ticket.id,
      messageId: uuid(),
      to: { queueId: world().complaintQueue },
      reason: 'Khách muốn khiếu nại',
      summary: '',
    }),
    'notice.seen': () => ({ noticeIds: [] }),
    'calendar.save': () => ({}),
    'calendar.remove': () => ({}),
    'slaPolicy.save': () => ({}),
    'slaPolicy.order': () => ({}),
    'slaPolicy.remove': () => ({}),
    'sla.rematch': (ticket) => ({ ticketIds: [ticket.id] }),
    'sla.escalate': (ticket) => ({ ticketId: ticket.id, clockId: uuid(), step: 0 }),
    'sla.breach': (ticket) => ({ ticketId: ticket.id, clockId: uuid(), dueAt: 1 }),
    'message.reply': (ticket) => ({
      messageId: uuid(),
      ticketId: ticket.id,
      body: 'x',
      seen: { inboundId: ticket.last_inbound_id, replyId: null, assigneeId: null },
      live: true,
    }),
    'message.note': (ticket) => ({ messageId: uuid(), ticketId: ticket.id, body: 'x' }),
    'call.log': (ticket) => ({
      messageId: uuid(),
      ticketId: ticket.id,
      body: 'x',
      call: { direction: 'inbound', phone: '+84900000000', durationSec: 1, outcome: 'answered', at: Date.now() },
    }),
    'ticket.create': (ticket) => ({
      ticketId: uuid(),
      queueId: ticket.queue_id,
      channel: 'phone',
      subject: 'x',
      priority: 'normal',
      tags: [],
      provisionalRef: '',
      customer: { id: ticket.customer_id },
      messageId: uuid(),
      body: 'x',
      call: null,
      assignToMe: true,
    }),
    'message.receive': (ticket) => ({
      messageId: uuid(),
      ticketId: ticket.id,
      channelId: 'demo-widget',
      body: 'x',
      subject: null,
      customer: { id: uuid(), name: 'x' },
      identity: { id: uuid(), kind: 'visitor', value: 'x', verified: true },
      authoredAt: 1,
    }),
    'customer.identify': () => ({
      customer: { id: uuid(), name: 'x' },
      identities: [{ id: uuid(), kind: 'external', value: 'demo-widget:x' }],
      newIds: [uuid(), uuid(), uuid(), uuid(), uuid()],
      source: 'demo-widget',
    }),
    'chat.continue': (ticket) => ({
      messageId: uuid(),
      ticketId: ticket.id,
      channelId: 'demo-mail',
      identityId: uuid(),
      body: 'x',
      continues: [uuid()],
    }),
    'message.answeredElsewhere': () => ({
      messageId: uuid(),
      ticketId: uuid(),
      channelId: 'demo-zalo',
      body: 'x',
      customer: { id: uuid(), name: 'x' },
      identity: { id: uuid(), kind: 'zalo', value: 'x', verified: true },
      authorName: 'x',
      authoredAt: 1,
    }),
    'call.missed': (ticket) => ({
      messageId: uuid(),
      ticketId: uuid(),
      channelId: 'demo-cti',
      queueId: ticket.queue_id,
      customer: { id: uuid(), name: 'x' },
      identity: { id: uuid(), kind: 'phone', value: '+84912345678' },
      call: { direction: 'inbound', phone: '+84912345678', durationSec: 0, outcome: 'missed', at: 1 },
    }),
    'message.react': (ticket) => ({ messageId: ticket.last_inbound_id, emoji: '❤' }),
    'message.edit': (ticket) => ({ messageId: ticket.last_inbound_id, body: 'x', at: 1 }),
    'message.withdraw': (ticket) => ({ messageId: ticket.last_inbound_id, at: 1 }),
    'message.systemNote': (ticket) => ({ messageId: uuid(), ticketId: ticket.id, body: 'x' }),
    'message.media': (ticket) => ({ messageId: ticket.last_inbound_id, index: 0, file: null }),
    'customer.settle': (ticket) => ({ ticketId: ticket.id, proposalId: uuid(), accept: true, identityId: uuid() }),
    'message.sendAgain': (ticket) => ({ messageId: ticket.last_inbound_id, ticketId: ticket.id }),
    'message.hasArrived': (ticket) => ({ messageId: ticket.last_inbound_id, ticketId: ticket.id }),
    'identity.mark': () => ({ kind: 'zalo', value: 'x', state: 'unfollowed' }),
    'customer.propose': () => ({
      of: { kind: 'zalo', value: 'x' },
      proposals: [{ id: uuid(), kind: 'name', value: 'x', customerId: null, source: 'demo-zalo', at: 1 }],
    }),
    'channel.save': (ticket) => ({
      channelId: 'demo-widget',
      kind: 'chat',
      name: 'Chat trên website',
      queueId: ticket.queue_id,
      active: true,
      rules: null,
    }),
    'customer.named': () => ({ of: { kind: 'zalo', value: 'x' }, from: 'x', to: 'y' }),
    'bot.say': (ticket) => ({ messageId: uuid(), ticketId: ticket.id, botName: 'Bot', body: 'x' }),
    'bot.handOff': (ticket) => ({
      messageId: uuid(),
      ticketId: ticket.id,
      botName: 'Bot',
      reason: 'policy',
      summary: '',
      collected: {},
      skill: null,
      priority: null,
    }),
    'bot.takeOver': (ticket) => ({ ticketId: ticket.id }),
    'channel.offer': () => ({ channels: [] }),
    'channel.health': () => ({ channelId: 'demo-widget', health: 'attention' }),
    'attachment.ready': () => ({ attachmentId: uuid() }),
    'attachment.failed': () => ({ attachmentId: uuid() }),
    'message.delivery': (ticket) => ({ messageIds: [ticket.last_inbound_id], state: 'read', error: null }),
  };
}
