import { expect, test } from 'vitest';
import { freshTicket } from '../../../src/shared/mutations/said.ts';
import type { Message, Ticket } from '../../../src/shared/domain.ts';
import { systemActor } from '../../../src/shared/permissions.ts';
import { eventsOf } from './events.ts';
import { outgoing } from './schema.ts';

const id = '018f0000-0000-7000-8000-000000000001';
const ticket: Ticket = freshTicket(
  { id, subject: 'Đổi áo', channel: 'api', channelId: 'demo-api', queueId: id, customerId: id },
  { now: 5, actor: systemActor, side: 'hub', newId: () => crypto.randomUUID() },
);
const message: Message = {
  id,
  ticketId: id,
  kind: 'inbound',
  channel: 'api',
  authorType: 'customer',
  authorId: id,
  authorName: 'Phạm An',
  body: 'Xin báo giá',
  call: null,
  authoredAt: 4,
  acceptedAt: 5,
  delivery: null,
  deliveryError: null,
  extra: { via: { channelId: 'demo-api', identityId: null } },
};
const told = (tickets: [Ticket | null, Ticket][], messages: [Message | null, Message][] = []) =>
  eventsOf(
    {
      tickets: tickets.map(([before, after]) => ({ before, after })),
      messages: messages.map(([before, after]) => ({ before, after })),
    },
    1_794_456_000_000,
  );

test('a ticket comes before what is said on it, and each has the form that is published', () => {
  const events = told([[null, ticket]], [[null, message]]);
  expect(events.map(({ event, channelId }) => [event.type, channelId])).toEqual([
    ['ticket.created', 'demo-api'],
    ['message.created', 'demo-api'],
  ]);
  for (const { event } of events) expect(outgoing[event.type].parse(event)).toEqual(event);
  expect(events[0]?.event.timestamp).toBe('2026-11-12T04:00:00.000Z');
});

test('only what somebody outside would call a change of a ticket', () => {
  expect(told([[ticket, { ...ticket, lastMessageAt: 9, updatedAt: 9, slaDueAt: 10 }]])).toEqual([]);
  const [moved] = told([[ticket, { ...ticket, queueId: id.replace('1', '2'), tags: ['vip'] }]]);
  expect(moved?.event).toMatchObject({ type: 'ticket.updated', data: { changed: ['queue_id', 'tags'] } });
  const resolved = told([[ticket, { ...ticket, status: 'resolved', resolvedAt: 9 }]]);
  expect(resolved.map(({ event }) => event.type)).toEqual(['ticket.updated', 'ticket.resolved']);
});

test('how far an answer has come is told; what is written anew in other ways is not', () => {
  const reply: Message = { ...message, kind: 'reply', delivery: 'accepted' };
  expect(told([], [[reply, { ...reply, delivery: 'sent' }]])).toMatchObject([
    { event: { type: 'message.updated', data: { delivery: 'sent' } } },
  ]);
  expect(told([], [[message, { ...message, body: 'khác' }]])).toEqual([]);
});

test('a note stays in the house, and the longest text stays small', () => {
  expect(told([], [[null, { ...message, kind: 'note', body: 'kín' }]])[0]?.event).toMatchObject({ data: { text: null } });
  const [long] = told(
    [[null, { ...ticket, tags: Array.from({ length: 50 }, () => 'ồ'.repeat(40)), subject: 'ồ'.repeat(300) }]],
    [[null, { ...message, body: '🙏'.repeat(9000), authorName: 'ồ'.repeat(200) }]],
  ).toSorted((a, b) => JSON.stringify(b.event).length - JSON.stringify(a.event).length);
  expect(Buffer.byteLength(JSON.stringify(long?.event))).toBeLessThan(20_000);
});
