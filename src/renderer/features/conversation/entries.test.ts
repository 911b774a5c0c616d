import { expect, it } from 'vitest';
import type { TimelineMessage } from '../../../shared/bridge.ts';
import { entriesOf } from './entries.ts';

const nine = new Date(2026, 10, 22, 9).getTime();
const m = 60_000;
function message(id: string, minutes: number, part: Partial<TimelineMessage> = {}): TimelineMessage {
  return {
    id,
    ticketId: 't',
    kind: 'inbound',
    channel: 'chat',
    authorType: 'customer',
    authorId: 'c',
    authorName: 'Khách',
    body: id,
    call: null,
    authoredAt: nine + minutes * m,
    acceptedAt: nine + minutes * m,
    delivery: null,
    deliveryError: null,
    extra: null,
    pending: false,
    ...part,
  };
}
const reply = { kind: 'reply', authorType: 'agent', authorId: 'u', authorName: 'Tôi' } as const;
const kinds = (...messages: TimelineMessage[]) => entriesOf(messages, null).map((entry) => entry.kind);

it('puts together what one person says in one go', () => {
  const entries = entriesOf([message('a', 0), message('b', 1), message('c', 20), message('d', 21, reply)], null);
  expect(
    entries.map((entry) => (entry.kind === 'group' ? `${entry.side} ${entry.messages.map((each) => each.id).join('')}` : entry.kind)),
  ).toEqual(['day', 'in ab', 'in c', 'out d']);
});

it('begins each day, and tells a change of channel, but not for notes', () => {
  expect(kinds(message('a', -24 * 60), message('b', 0))).toEqual(['day', 'group', 'day', 'group']);
  expect(
    kinds(message('a', 0), message('n', 1, { ...reply, kind: 'note', channel: 'phone' }), message('b', 2, { channel: 'zalo' })),
  ).toEqual(['day', 'group', 'alone', 'hop', 'group']);
});

it('marks the first message nobody has answered', () => {
  const entries = entriesOf([message('a', 0), message('b', 1, reply), message('c', 2), message('d', 3)], nine + 2 * m);
  expect(entries.map((entry) => entry.key)).toContain('unread c');
  expect(entries.filter((entry) => entry.kind === 'unread')).toHaveLength(1);
});

it('stands a call at the time it took place', () => {
  const call = message('a', 60, {
    ...reply,
    kind: 'call',
    call: { direction: 'inbound', phone: '+84912345678', durationSec: 1, outcome: 'answered', at: nine - 26 * 60 * m },
  });
  expect(entriesOf([call], null)[0]).toMatchObject({ kind: 'day', at: nine - 26 * 60 * m });
});
