/**
 * Work that is given and taken. The router only proposes: whether it still holds is decided here, in the commit, where commits of a
 * workspace follow one another; so no ticket is given twice and nobody gets more than they can have, however many hubs propose.
 * Source: SLA and routing page, routing.
 */
import { z } from 'zod';
import { id, type Ticket } from '../domain.ts';
import { mayWork } from '../permissions.ts';
import { capacityOf, type Capacity, classOf, defaultCapacity, hasRoom, type Load, loadOf } from '../routing-capacity.ts';
import type { Offer, Presence } from '../routing-rows.ts';
import type { WorkClass } from '../words.ts';
import { type Context, type Loaded, mutation, type Outcome, overOthers, put, type Read, reject, type RowChange } from './define.ts';
import { enters, leads, offDuty } from './presence.ts';
import { notice } from './sla.ts';
import { authored, said } from './said.ts';
import { changed, handedBack, isHeldOffline, picks, quiet, workable } from './ticket.ts';

const unchanged: Outcome = { changes: [] };

/** It waits for somebody to take it. */
export function waits(ticket: Ticket, now: number): boolean {
  const asleep = ticket.snoozedUntil !== null && ticket.snoozedUntil > now;
  return ticket.assigneeId === null && (ticket.status === 'new' || ticket.status === 'open') && !ticket.merged && !asleep;
}

/** What a ticket is for whoever has it. One that came by telephone is work at a desk: the call itself is the exchange's to give and to count. */
export const workOf = ({ channel }: Pick<Ticket, 'channel'>): WorkClass => (channel === 'phone' ? 'email' : classOf(channel));

/** Slots in use by what somebody has in hand. A conversation in which we owe nothing frees its slot after a while. */
export function loadBy(held: readonly Ticket[], offered: readonly Ticket[], now: number): Load {
  const work = held.map((ticket) => ({
    workClass: workOf(ticket),
    lastActivityAt: ticket.unansweredSince === null ? ticket.lastMessageAt : now,
  }));
  return loadOf(work, offered.map(workOf), now);
}

export const capacityFor = (user: { capacity: Parameters<typeof capacityOf>[0] | null } | undefined): Capacity =>
  user?.capacity ? capacityOf(user.capacity) : defaultCapacity;

const readGiving = (args: { ticketId: string; userId: string }): Read[] => [
  { entity: 'ticket', id: args.ticketId },
  { entity: 'user', id: args.userId },
  { entity: 'presence', id: args.userId },
  { entity: 'ticket', heldBy: args.userId },
  { entity: 'offer', ringingFor: args.userId },
  { entity: 'offer', ringingOf: args.ticketId },
];
const readOffered = (rows: Loaded): Read[] =>
  rows.all('offer', ({ state }) => state === 'ringing').map(({ ticketId }): Read => ({ entity: 'ticket', id: ticketId }));

/** The ticket, if this user can be given it at this moment. */
function givable(rows: Loaded, { ticketId, userId }: { ticketId: string; userId: string }, ctx: Context): Ticket | null {
  const ticket = rows.get('ticket', ticketId);
  const user = rows.get('user', userId);
  const presence = rows.get('presence', userId);
  if (!ticket || !waits(ticket, ctx.now) || ticket.offeredTo !== null || isHeldOffline(ticket, ctx)) return null;
  if (!user?.active || presence?.state !== 'available' || presence.off.includes(workOf(ticket))) return null;
  if (rows.get('queueMember', `${ticket.queueId}:${userId}`) === undefined) return null;
  return hasRoom(capacityFor(user), loadOfUser(rows, userId, ctx.now), workOf(ticket)) ? ticket : null;
}

function loadOfUser(rows: Loaded, userId: string, now: number): Load {
  const settled = ({ status }: Ticket) => status === 'resolved' || status === 'closed' || status === 'spam';
  const held = rows.all('ticket', (row) => row.assigneeId === userId && !settled(row));
  const ringing = rows.all('offer', (row) => row.userId === userId && row.state === 'ringing');
  const offered = ringing.flatMap((offer) => rows.get('ticket', offer.ticketId) ?? []);
  return loadBy(held, offered, now);
}

const taken = (ticket: Ticket, userId: string): Partial<Ticket> => ({
  assigneeId: userId,
  offeredTo: null,
  ...(ticket.status === 'new' ? { status: 'open' as const } : {}),
});

const over = (offer: Offer, state: Offer['state'], ctx: Context) => put('offer', { ...offer, state, endedAt: ctx.now });

export const offerMutations = {
  /** The router's: somebody's console rings for it, and a slot is kept for them. */
  'offer.make': mutation({
    args: z.strictObject({ offerId: id, ticketId: id, userId: id, until: z.int() }),
    by: 'system',
    reads: readGiving,
    more: (_args, rows) => readOffered(rows),
    apply(rows, args, ctx) {
      const ticket = givable(rows, args, ctx);
      if (!ticket || args.until <= ctx.now) return unchanged;
      const { offerId, ticketId, userId, until } = args;
      const offer: Offer = { id: offerId, ticketId, queueId: ticket.queueId, userId, at: ctx.now, until, state: 'ringing', endedAt: null };
      return { changes: [put('offer', offer), put('ticket', { ...ticket, offeredTo: userId, updatedAt: ctx.now })] };
    },
  }),

  /** The router's: work that is assigned without being asked. */
  'ticket.give': mutation({
    args: z.strictObject({ ticketId: id, userId: id }),
    by: 'system',
    reads: readGiving,
    more: (_args, rows) => readOffered(rows),
    apply(rows, args, ctx) {
      const ticket = givable(rows, args, ctx);
      return ticket ? changed(ticket, taken(ticket, args.userId), ctx) : unchanged;
    },
  }),

  /** Whoever it rings for takes it, or not. One that is over is answered with what has become of it. */
  'offer.answer': mutation({
    args: z.strictObject({ offerId: id, accept: z.boolean() }),
    by: 'live',
    reads: (args) => [{ entity: 'offer', id: args.offerId }],
    more: (args, rows) => {
      const offer = rows.get('offer', args.offerId);
      return offer ? [{ entity: 'ticket', id: offer.ticketId }] : [];
    },
    apply(rows, args, ctx) {
      const offer = rows.get('offer', args.offerId);
      if (!offer || offer.userId !== ctx.actor.userId) return reject('NOT_FOUND', { field: 'offerId' });
      if (offer.state !== 'ringing') {
        const same = offer.state === (args.accept ? 'accepted' : 'declined');
        return same ? unchanged : reject('ALREADY_ASSIGNED', { detail: { state: offer.state } });
      }
      const ticket = rows.get('ticket', offer.ticketId);
      if (!ticket) return reject('NOT_FOUND', { field: 'offerId' });
      if (!args.accept) {
        return { changes: [over(offer, 'declined', ctx), put('ticket', { ...ticket, offeredTo: null, updatedAt: ctx.now })] };
      }
      return { changes: [over(offer, 'accepted', ctx), put('ticket', { ...ticket, ...taken(ticket, offer.userId), updatedAt: ctx.now })] };
    },
  }),

  /** The hub's: nobody answered (RONA). It goes back to its place, and whoever it rang for gets nothing until they say that they are there. */
  'offer.lapse': mutation({
    args: z.strictObject({ offerId: id }),
    by: 'system',
    reads: (args) => [{ entity: 'offer', id: args.offerId }],
    more: (args, rows) => {
      const offer = rows.get('offer', args.offerId);
      return offer
        ? [
            { entity: 'ticket', id: offer.ticketId },
            { entity: 'presence', id: offer.userId },
          ]
        : [];
    },
    apply(rows, args, ctx) {
      const offer = rows.get('offer', args.offerId);
      if (offer?.state !== 'ringing' || offer.until > ctx.now) return unchanged;
      const ticket = rows.get('ticket', offer.ticketId);
      const presence = rows.get('presence', offer.userId);
      const changes: RowChange[] = [over(offer, 'missed', ctx)];
      if (ticket?.offeredTo === offer.userId) changes.push(put('ticket', { ...ticket, offeredTo: null, updatedAt: ctx.now }));
      if (presence?.state === 'available') {
        changes.push(put('presence', enters(presence, 'notResponding', ctx.now, { missed: presence.missed + 1 })));
        changes.push(notice(offer.userId, 'missedOffer', offer.ticketId, '', ctx));
      }
      return { changes };
    },
  }),

  /** "Next": the head of the agent's queues, as the router says; somebody else may have been quicker. */
  'ticket.take': mutation({
    args: z.strictObject({ ticketId: id }),
    by: 'live',
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      const me = ctx.actor.userId;
      if (!ticket || me === null) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.assigneeId === me) return unchanged;
      if (!waits(ticket, ctx.now) || (ticket.offeredTo !== null && ticket.offeredTo !== me) || isHeldOffline(ticket, ctx))
        return reject('ALREADY_ASSIGNED', { detail: { assigneeId: ticket.assigneeId } });
      return changed(ticket, taken(ticket, me), ctx);
    },
  }),

  /** The hub's: whoever has it is gone; it goes back to where it stood. Not while they hold it for offline work. */
  'ticket.requeue': mutation({
    args: z.strictObject({ ticketId: id, userId: id }),
    by: 'system',
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      if (ticket?.assigneeId !== args.userId || isHeldOffline(ticket, ctx)) return unchanged;
      if (['resolved', 'closed', 'spam'].includes(ticket.status)) return unchanged;
      return changed(ticket, handedBack(ticket), ctx);
    },
  }),

  /**
   * To a colleague or to another queue, with why and what they should know. The colleague has to serve the ticket's queue, or the one
   * that it goes to; the place in the queue is kept.
   */
  'ticket.transfer': mutation({
    args: z.strictObject({
      ticketId: id,
      messageId: id,
      /** whoever had it when it was handed on; left out: whoever has it */
      from: id.nullable().optional(),
      to: z.union([z.strictObject({ userId: id }), z.strictObject({ queueId: id })]),
      reason: z.string().trim().min(1).max(200),
      summary: z.string().trim().max(2000),
    }),
    by: 'person',
    audited: overOthers,
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'message', id: args.messageId },
      'userId' in args.to ? { entity: 'user', id: args.to.userId } : { entity: 'queue', id: args.to.queueId },
    ],
    more: (args, rows) => {
      const ticket = rows.get('ticket', args.ticketId);
      return ticket && 'userId' in args.to ? [{ entity: 'queueMember', id: `${ticket.queueId}:${args.to.userId}` }] : [];
    },
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (rows.get('message', args.messageId)) return unchanged;
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      if (isHeldOffline(ticket, ctx) && ticket.leaseBy !== ctx.actor.userId)
        return reject('LEASED', { detail: { leaseBy: ticket.leaseBy, leaseUntil: ticket.leaseUntil } });
      if (args.from !== undefined && args.from !== ticket.assigneeId)
        return reject('ALREADY_ASSIGNED', { detail: { assigneeId: ticket.assigneeId } });
      const fields: Partial<Ticket> = { leaseBy: null, leaseUntil: null };
      const told: RowChange[] = [];
      if ('userId' in args.to) {
        const user = rows.get('user', args.to.userId);
        const serves = user?.role !== 'agent' || rows.get('queueMember', `${ticket.queueId}:${args.to.userId}`) !== undefined;
        if (!user?.active || !serves) return reject('INVALID_ASSIGNEE', { field: 'to.userId' });
        const picked = picks(rows, ticket, ctx);
        if (picked) return picked;
        fields.assigneeId = user.id;
        if (ctx.side === 'hub') told.push(notice(user.id, 'transfer', ticket.id, args.reason, ctx));
      } else {
        if (!rows.get('queue', args.to.queueId)) return reject('INVALID', { field: 'to.queueId' });
        fields.queueId = args.to.queueId;
        fields.assigneeId = null;
      }
      if (['waiting_customer', 'waiting_third_party', 'new', 'bot'].includes(ticket.status)) fields.status = 'open';
      const body = [args.reason, args.summary].filter((part) => part !== '').join('\n');
      const line = authored(ctx, { id: args.messageId, ticketId: ticket.id, kind: 'note', channel: ticket.channel, body });
      return { changes: [...told, ...said(ticket, line, { ...quiet(ticket), ...fields }, ctx)] };
    },
  }),

  /** Asks a colleague who serves the queue, or leads it, for advice: they are told, what was asked is a note, and the ticket stays where it is. */
  'ticket.consult': mutation({
    args: z.strictObject({ ticketId: id, messageId: id, userId: id, text: z.string().trim().min(1).max(2000) }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'message', id: args.messageId },
      { entity: 'user', id: args.userId },
    ],
    more: (args, rows) => {
      const ticket = rows.get('ticket', args.ticketId);
      return ticket ? [{ entity: 'queueMember', id: `${ticket.queueId}:${args.userId}` }] : [];
    },
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (rows.get('message', args.messageId)) return unchanged;
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      const user = rows.get('user', args.userId);
      const serves = user?.role !== 'agent' || rows.get('queueMember', `${ticket.queueId}:${args.userId}`) !== undefined;
      if (!user?.active || !serves || user.id === ctx.actor.userId) return reject('INVALID_ASSIGNEE', { field: 'userId' });
      const body = `@${user.name} ${args.text}`;
      const line = authored(ctx, { id: args.messageId, ticketId: ticket.id, kind: 'note', channel: ticket.channel, body });
      const told = ctx.side === 'hub' ? [notice(user.id, 'consult', ticket.id, args.text, ctx)] : [];
      return { changes: [...told, ...said(ticket, line, quiet(ticket), ctx)] };
    },
  }),

  /** A lead takes over from whoever has it; they are told. */
  'ticket.takeOver': mutation({
    args: z.strictObject({ ticketId: id }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      const me = ctx.actor.userId;
      if (!ticket || me === null || ctx.actor.role === 'agent' || !mayWork(ctx.actor, ticket))
        return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      if (ticket.assigneeId === me) return unchanged;
      const fields = {
        ...taken(ticket, me),
        leaseBy: null,
        leaseUntil: null,
        ...(ticket.status === 'bot' ? { status: 'open' as const } : {}),
      };
      const told = ticket.assigneeId === null ? [] : [notice(ticket.assigneeId, 'takenOver', ticket.id, ctx.actor.name, ctx)];
      return { changes: [...told, put('ticket', { ...ticket, ...fields, updatedAt: ctx.now })] };
    },
  }),

  /** A lead to one of theirs about a ticket, for their eyes only: the customer and colleagues see nothing of it. */
  'ticket.coach': mutation({
    args: z.strictObject({ ticketId: id, userId: id, text: z.string().trim().min(1).max(2000) }),
    by: 'live',
    audited: true,
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'user', id: args.userId },
    ],
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      if (!ticket || ctx.actor.role === 'agent' || !mayWork(ctx.actor, ticket)) return reject('NOT_FOUND', { field: 'ticketId' });
      const theirs = args.userId === ticket.assigneeId || leads(rows, args.userId, ctx);
      if (!theirs || !rows.get('user', args.userId)?.active) return reject('NOT_FOUND', { field: 'userId' });
      return { changes: [notice(args.userId, 'coach', ticket.id, args.text, ctx)] };
    },
  }),

  /** A lead to a whole team. */
  'team.message': mutation({
    args: z.strictObject({ teamId: id, text: z.string().trim().min(1).max(2000) }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'team', id: args.teamId }],
    apply(rows, args, ctx) {
      const { actor } = ctx;
      const mine =
        actor.role === 'admin' || (actor.role === 'lead' && rows.get('teamMember', `${args.teamId}:${actor.userId}`) !== undefined);
      if (!mine || !rows.get('team', args.teamId)) return reject('NOT_FOUND', { field: 'teamId' });
      const members = rows.all('teamMember', (row) => row.teamId === args.teamId && row.userId !== actor.userId);
      const active = members.filter(({ userId }) => rows.get('user', userId)?.active === true);
      return { changes: active.map(({ userId }) => notice(userId, 'message', null, args.text, ctx)) };
    },
  }),

  /** The person has seen it. */
  'notice.seen': mutation({
    args: z.strictObject({ noticeIds: z.array(id).max(100) }),
    by: 'person',
    reads: (args) => args.noticeIds.map((noticeId) => ({ entity: 'notice' as const, id: noticeId })),
    apply(rows, args, ctx) {
      const mine = args.noticeIds
        .flatMap((noticeId) => rows.get('notice', noticeId) ?? [])
        .filter((row) => row.userId === ctx.actor.userId);
      return { changes: mine.flatMap((row) => (row.seenAt === null ? [put('notice', { ...row, seenAt: ctx.now })] : [])) };
    },
  }),
} as const;

/** A wrap-up after work of a kind; of somebody who has done something else meanwhile nothing is asked. */
export function wrapUp(presence: Presence | undefined, userId: string, ms: number, now: number): RowChange[] {
  const before = presence ?? offDuty(userId, now);
  if (before.state !== 'available' || ms <= 0) return [];
  return [put('presence', enters(before, 'wrapUp', now, { until: now + ms, resumes: 'available' }))];
}
