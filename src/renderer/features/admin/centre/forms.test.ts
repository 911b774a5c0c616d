import { expect, test } from 'vitest';
import type { Queue, User } from '../../../../shared/domain.ts';
import { queueRouting, type QueueRouting } from '../../../../shared/routing-rows.ts';
import { isLastAdmin, newPerson, personForm, readPerson, usualMost } from './person-form.ts';
import { newOverflow, newQueue, queueForm, type QueueForm, readQueue, routingForm } from './queue-form.ts';
import { stampOf } from './stamp.ts';

const id = (n: number) => `00000000-0000-7000-8000-00000000000${n}`;
const teams = [{ id: id(1), name: 'Chăm sóc' }];
const routing: QueueRouting = {
  order: 'sla',
  strategy: 'roundRobin',
  ringsMs: [0, 90_000, 3_600_000],
  preferredMs: 0,
  offerMs: { call: 20_000, chat: null, social: 1000, email: 600_000 },
  needs: [{ skillId: id(5), level: 3, must: true }],
  overflow: { afterMs: null, longerThan: 12, whenNobody: true, whenClosed: false, to: { kind: 'queue', queueId: id(3) } },
  cherryPick: false,
  wrapUpMs: { call: 30_000, chat: 0, social: 0, email: 900_000 },
  calendarId: id(7),
};
const queue: Queue = { id: id(2), name: 'Bán hàng', purpose: 'sales', teamId: id(1), requiresDisposition: true, position: 3, routing };
const none = { queueMembers: [] };
const all = { queues: [queue], teams };

test('what a queue has is typed, and read again as it was', () => {
  const form = queueForm(queue, none);
  const read = readQueue(form, all);
  expect(read).toEqual({ name: 'Bán hàng', routing, problems: [] });
  // The same row gives the same form, by which a change made elsewhere is noticed.
  expect(stampOf(queueForm(queue, none))).toBe(stampOf(form));
  expect(stampOf(queueForm({ ...queue, requiresDisposition: false }, none))).not.toBe(stampOf(form));
  expect(readQueue({ ...form, routed: false }, all).routing).toBeNull();
});

test('what a queue begins with is what the hub takes', () => {
  const { routing: begun, problems } = readQueue({ ...newQueue(id(8), id(1)), name: 'Mới', routed: true }, all);
  expect(problems).toEqual([]);
  expect(queueRouting.safeParse(begun).success).toBe(true);
});

test.each<[string, Partial<QueueForm['routing']>, string, string]>([
  ['what can’t be read', { preferred: 'lâu lâu' }, 'routing.preferredMs', 'BAD_SPAN'],
  ['too short an offer', { offer: { ...routingForm(null).offer, chat: '0' } }, 'routing.offerMs.chat', 'TOO_SHORT'],
  ['too long a wrap-up', { wrapUp: { ...routingForm(null).wrapUp, call: '16m' } }, 'routing.wrapUpMs.call', 'TOO_LONG'],
  ['rings that fall', { rings: ['1m', '30s', '2m'] }, 'routing.ringsMs.1', 'FALLING'],
  [
    'a skill twice',
    { needs: [1, 2].map((n) => ({ key: `k${n}`, skillId: id(5), level: 1, must: false })) },
    'routing.needs.1.skillId',
    'SAME_SKILL',
  ],
  ['no skill', { needs: [{ key: 'k', skillId: '', level: 1, must: false }] }, 'routing.needs.0.skillId', 'NO_SKILL'],
  ['nowhere to go', { overflow: newOverflow() }, 'routing.overflow.to', 'NO_TARGET'],
  ['itself as the way out', { overflow: { ...newOverflow(), to: id(2) } }, 'routing.overflow.to', 'NO_TARGET'],
  ['no cause', { overflow: { ...newOverflow(), after: ' ', to: 'callback' } }, 'routing.overflow', 'NO_CAUSE'],
  ['no number', { overflow: { ...newOverflow(), longer: 'nhiều', to: 'callback' } }, 'routing.overflow.longerThan', 'BAD_COUNT'],
])('routing with %s', (_what, wrong, field, code) => {
  const form = queueForm(queue, none);
  expect(readQueue({ ...form, routing: { ...form.routing, ...wrong } }, all).problems).toMatchObject([{ field, code }]);
});

test('a queue needs a name of its own and a team', () => {
  const form = newQueue(id(8), '');
  expect(readQueue(form, all).problems).toEqual([
    { field: 'name', code: 'NO_NAME' },
    { field: 'teamId', code: 'NO_TEAM' },
  ]);
  expect(readQueue({ ...form, teamId: id(1), name: 'BÁN HÀNG ' }, all).problems).toEqual([{ field: 'name', code: 'SAME_NAME' }]);
});

const user = (n: number, role: User['role'], more: Partial<User> = {}): User => ({
  id: id(n),
  name: `Người ${n}`,
  email: `n${n}@saomai.example`,
  role,
  locale: 'vi',
  active: true,
  capacity: null,
  ...more,
});

test('a person is typed, and read again as they were', () => {
  const blocks: [['chat', 'call']] = [['chat', 'call']];
  const capacity = { most: { call: 0, chat: 2, social: 3, email: 100 }, blocks };
  const lan = user(1, 'agent', { capacity });
  const members = { teamMembers: [{ id: 'x', teamId: id(4), userId: id(1) }], queueMembers: [{ id: 'y', queueId: id(2), userId: id(9) }] };
  const read = readPerson(personForm(lan, members), { users: [lan, user(2, 'admin')] });
  expect(read.problems).toEqual([]);
  expect(read.fields).toEqual({
    userId: id(1),
    name: lan.name,
    email: lan.email,
    role: 'agent',
    locale: 'vi',
    teamIds: [id(4)],
    queueIds: [],
  });
  // What holds others off while something is in hand is not asked for here, and stays.
  expect(read.capacity).toEqual(capacity);
});

test('what is wrong with a person is named', () => {
  const users = [user(1, 'admin'), user(2, 'admin', { active: false })];
  expect(readPerson(newPerson(id(8), 'vi', []), { users }).problems).toEqual([
    { field: 'name', code: 'NO_NAME' },
    { field: 'email', code: 'BAD_EMAIL' },
  ]);
  const taken = { ...newPerson(id(8), 'vi', []), name: 'Ngọc', email: ' N1@saomai.example', most: { ...usualMost(), chat: '101' } };
  expect(readPerson(taken, { users }).problems).toEqual([
    { field: 'email', code: 'SAME_EMAIL', name: 'Người 1' },
    { field: 'most.chat', code: 'BAD_COUNT' },
  ]);
  const only = { ...newPerson(id(1), 'vi', []), name: 'Quân', email: 'n1@saomai.example', role: 'lead' as const };
  expect(readPerson(only, { users }).problems).toEqual([{ field: 'role', code: 'LAST_ADMIN' }]);
  expect([isLastAdmin(id(1), users), isLastAdmin(id(2), users), isLastAdmin(id(1), [...users, user(3, 'admin')])]).toEqual([
    true,
    false,
    false,
  ]);
});
