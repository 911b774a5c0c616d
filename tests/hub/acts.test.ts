/** Who may do what of the acts whose maker waits for the verdict, what makes them be refused, and that each is on record. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultEscalation } from '../../src/shared/sla.ts';
import { type MutationArgs, type MutationName, mutations } from '../../src/shared/mutations/registry.ts';
import { act, actRaw } from '../harness/acts.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { type SignedIn, signIn, wire } from '../harness/wire.ts';

let hub: TestHub;
const people: Record<string, SignedIn> = {};
beforeAll(async () => {
  hub = await startTestHub();
  for (const key of ['lan', 'thu', 'quan', 'hoa']) people[key] = await signIn(hub.url, key);
  const one = async (text: string) => (await hub.query<{ id: string }>(text))[0]!.id;
  world.sales = await one(`select id from queue where purpose = 'sales'`);
  world.ticket = await one(`select id from ticket where status = 'open' and queue_id = '${world.sales}' limit 1`);
  world.team = await one('select id from team');
  await act(hub.url, people['quan']!, 'skill.save', { skillId: world.skill, name: 'Trả góp' });
});
afterAll(() => hub.stop());

const work = [{ from: 480, to: 1020 }];
const week = [work, work, work, work, work, [], []];
const calendar = (): MutationArgs<'calendar.save'> => ({ calendarId: uuid(), name: 'Giờ làm', zone: 'Asia/Ho_Chi_Minh', week, days: [] });
const targets = { frt: 3_600_000, nrt: 3_600_000, rt: null, assign: null };
const policy = (): MutationArgs<'slaPolicy.save'> => ({
  policyId: uuid(),
  name: 'Cam kết',
  position: 1,
  // It must not touch the shop's own tickets.
  active: false,
  calendarId: null,
  match: { channels: [], queueIds: [], priorities: [], segments: [], tags: [] },
  targets: { low: targets, normal: targets, high: targets, urgent: targets },
  thirdPartyPauses: false,
  escalation: [...defaultEscalation],
});

const person = (): MutationArgs<'user.save'> => ({
  userId: uuid(),
  name: 'Người mới',
  email: `${uuid()}@saomai.example`,
  role: 'agent',
  locale: 'vi',
  teamIds: [world.team],
  queueIds: [world.sales],
});
const queue = (): MutationArgs<'queue.save'> => ({
  queueId: uuid(),
  name: `Hàng đợi ${uuid()}`,
  purpose: 'advice',
  teamId: world.team,
  requiresDisposition: false,
  userIds: [lan()],
});
const code = (): MutationArgs<'code.save'> => ({ codeId: uuid(), kind: 'reason', name: `Lý do ${uuid()}`, queueIds: null, active: true });

const lan = () => people['lan']!.userId;
const everybody = ['lan', 'thu', 'quan'];
const overAgents = ['thu', 'quan'];
/** For every act: arguments that work, who may, and what the others are told. One without a row here fails the test. */
const acts: { [name: string]: { args: () => unknown; may: string[]; else?: string } } = {
  'calendar.save': { args: calendar, may: ['quan'] },
  'calendar.remove': { args: () => ({ calendarId: uuid() }), may: ['quan'] },
  'slaPolicy.save': { args: policy, may: ['quan'] },
  'slaPolicy.order': { args: () => ({ policyIds: [] }), may: ['quan'] },
  'slaPolicy.remove': { args: () => ({ policyId: uuid() }), may: ['quan'] },
  'queue.route': { args: () => ({ queueId: world.sales, routing: null }), may: ['quan'] },
  'skill.save': { args: () => ({ skillId: uuid(), name: `Kỹ năng ${uuid()}` }), may: ['quan'] },
  'skill.remove': { args: () => ({ skillId: uuid() }), may: ['quan'] },
  'userSkill.set': { args: () => ({ userId: lan(), skillId: world.skill, level: 3 }), may: overAgents, else: 'NOT_FOUND' },
  'user.capacity': { args: () => ({ userId: lan(), capacity: null }), may: overAgents, else: 'NOT_FOUND' },
  'user.save': { args: person, may: ['quan'] },
  'user.deactivate': { args: () => ({ userId: people['hoa']!.userId, to: null }), may: ['quan'] },
  'user.activate': { args: () => ({ userId: people['hoa']!.userId }), may: ['quan'] },
  'user.reset': { args: () => ({ userId: people['hoa']!.userId }), may: ['quan'] },
  'team.save': { args: () => ({ teamId: uuid(), name: `Đội ${uuid()}` }), may: ['quan'] },
  'team.remove': { args: () => ({ teamId: uuid() }), may: ['quan'] },
  'queue.save': { args: queue, may: ['quan'] },
  'queue.order': { args: () => ({ queueIds: [] }), may: ['quan'] },
  'queue.remove': { args: () => ({ queueId: uuid() }), may: ['quan'] },
  'code.save': { args: code, may: ['quan'] },
  'code.order': { args: () => ({ kind: 'reason', codeIds: [] }), may: ['quan'] },
  'code.remove': { args: () => ({ codeId: uuid() }), may: ['quan'] },
  'presence.set': { args: () => ({ userId: lan(), state: 'break', reason: null }), may: everybody },
  'presence.channels': { args: () => ({ off: ['chat'] }), may: everybody },
  // Of offers that are not theirs, and of tickets that nobody waits with, nobody may do anything.
  'offer.answer': { args: () => ({ offerId: uuid(), accept: true }), may: [], else: 'NOT_FOUND' },
  'ticket.take': { args: () => ({ ticketId: uuid() }), may: [], else: 'NOT_FOUND' },
  'ticket.takeOver': { args: () => ({ ticketId: world.ticket }), may: overAgents, else: 'NOT_FOUND' },
  'ticket.coach': {
    args: () => ({ ticketId: world.ticket, userId: lan(), text: 'Nhớ xin lỗi khách' }),
    may: overAgents,
    else: 'NOT_FOUND',
  },
  'team.message': { args: () => ({ teamId: world.team, text: 'Họp lúc 5 giờ' }), may: overAgents, else: 'NOT_FOUND' },
};
const world = { sales: '', ticket: '', team: '', skill: uuid() };
const live = (Object.keys(mutations) as MutationName[]).filter((name) => mutations[name].by === 'live');

describe('roles', () => {
  test.each(live.flatMap((name) => ['lan', 'thu', 'quan'].map((key) => [name, key] as const)))('%s by %s', async (name, key) => {
    const { args, may, else: code = 'FORBIDDEN' } = acts[name]!;
    const refused = await actRaw(hub.url, people[key]!, { name, args: args() });
    if (may.includes(key)) expect(refused).toBeNull();
    else expect(refused).toMatchObject({ code });
  });

  test('they are not for an outbox, and what is for an outbox is no act', async () => {
    const client = await wire(hub.url, 'quan');
    for (const name of live)
      expect(await client.push(name, acts[name]!.args())).toMatchObject({ ok: false, rejection: { code: 'FORBIDDEN' } });
    client.close();
    expect(await actRaw(hub.url, people['quan']!, { name: 'ticket.reopen', args: { ticketId: uuid() } })).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await actRaw(hub.url, people['quan']!, { name: 'sla.rematch', args: { ticketIds: [] } })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await actRaw(hub.url, people['quan']!, { name: 'no.such', args: {} })).toMatchObject({ code: 'UNKNOWN_MUTATION' });
  });
});

describe('what is wrong is named', () => {
  const day = (date: string, hours: { from: number; to: number }[] = []) => ({ date, name: 'Nghỉ', hours });
  test.each([
    ['no zone', { zone: 'Asia/Saigon City' }, 'zone', 'UNKNOWN_ZONE'],
    ['no hours', { week: [[], [], [], [], [], [], []] }, 'week', 'NO_HOURS'],
    ['hours that overlap', { week: [[...work, { from: 900, to: 1100 }], [], [], [], [], [], []] }, 'week.0.1', 'OVERLAP'],
    ['hours that end before they begin', { week: [[{ from: 600, to: 500 }], work, [], [], [], [], []] }, 'week.0.0', 'EMPTY_RANGE'],
    ['a date twice', { days: [day('2026-02-17'), day('2026-02-17')] }, 'days.1.date', 'SAME_DATE'],
    ['overlap on a date', { days: [day('2026-02-17', [...work, { from: 500, to: 600 }])] }, 'days.0.hours.1', 'OVERLAP'],
  ])('a calendar with %s', async (_what, wrong, field, reason) => {
    expect(await act(hub.url, people['quan']!, 'calendar.save', { ...calendar(), ...wrong })).toMatchObject({
      code: 'INVALID',
      field,
      detail: { reason },
    });
  });
  test.each([
    ['a date that is none', { days: [day('2026-02-30')] }, 'days.0.date'],
    ['six days in a week', { week: week.slice(1) }, 'week'],
    ['no name', { name: ' ' }, 'name'],
  ])('a calendar with %s', async (_what, wrong, field) => {
    expect(await act(hub.url, people['quan']!, 'calendar.save', { ...calendar(), ...wrong })).toMatchObject({ code: 'INVALID', field });
  });

  const nothing = { frt: null, nrt: null, rt: null, assign: null };
  test.each([
    ['a calendar that is not there', { calendarId: uuid() }, 'NOT_FOUND', 'calendarId'],
    ['a queue that is not there', { match: { ...policy().match, queueIds: [uuid()] } }, 'NOT_FOUND', 'match.queueIds.0'],
    ['nothing promised', { targets: { low: nothing, normal: nothing, high: nothing, urgent: nothing } }, 'INVALID', 'targets'],
    ['steps out of order', { escalation: [...defaultEscalation].reverse() }, 'INVALID', 'escalation.1.afterPercent'],
    ['a target of no time', { targets: { ...policy().targets, low: { ...targets, frt: 0 } } }, 'INVALID', 'targets.low.frt'],
  ])('a policy with %s', async (_what, wrong, code, field) => {
    expect(await act(hub.url, people['quan']!, 'slaPolicy.save', { ...policy(), ...wrong })).toMatchObject({ code, field });
  });

  test('a calendar that a policy counts by stays', async () => {
    const mine = calendar();
    expect(await act(hub.url, people['quan']!, 'calendar.save', mine)).toBeNull();
    const counting = { ...policy(), name: 'Theo giờ làm', calendarId: mine.calendarId };
    expect(await act(hub.url, people['quan']!, 'slaPolicy.save', counting)).toBeNull();
    expect(await act(hub.url, people['quan']!, 'calendar.remove', { calendarId: mine.calendarId })).toMatchObject({
      code: 'INVALID',
      field: 'calendarId',
      detail: { reason: 'in use', by: 'Theo giờ làm' },
    });
    expect(await act(hub.url, people['quan']!, 'slaPolicy.remove', { policyId: counting.policyId })).toBeNull();
    expect(await act(hub.url, people['quan']!, 'calendar.remove', { calendarId: mine.calendarId })).toBeNull();
    expect(await hub.query('select id from calendar where id = $1', [mine.calendarId])).toEqual([]);
  });
});

test('a policy’s version grows with what it promises, not with its name or place', async () => {
  const one = policy();
  const version = async () =>
    (await hub.query<{ version: number }>('select version from sla_policy where id = $1', [one.policyId]))[0]!.version;
  await act(hub.url, people['quan']!, 'slaPolicy.save', one);
  expect(await version()).toBe(1);
  await act(hub.url, people['quan']!, 'slaPolicy.save', { ...one, name: 'Tên khác', position: 9 });
  expect(await version()).toBe(1);
  await act(hub.url, people['quan']!, 'slaPolicy.save', { ...one, thirdPartyPauses: true });
  expect(await version()).toBe(2);
});

test('what was done is on record, with who did it, and nobody can change the record', async () => {
  const one = calendar();
  await act(hub.url, people['quan']!, 'calendar.save', one);
  const found = await hub.query<Record<string, unknown>>(`select * from audit where args->>'calendarId' = $1`, [one.calendarId]);
  expect(found).toMatchObject([{ actor_id: people['quan']!.userId, actor_role: 'admin', act: 'calendar.save', args: { name: 'Giờ làm' } }]);
  const refused = await act(hub.url, people['lan']!, 'calendar.save', { ...one, name: 'Lan' });
  expect(refused).toMatchObject({ code: 'FORBIDDEN' });
  expect(await hub.query(`select 1 from audit where args->>'calendarId' = $1`, [one.calendarId])).toHaveLength(1);
  await expect(hub.query(`update audit set act = 'nothing'`)).rejects.toThrow('append only');
  await expect(hub.query(`delete from audit`)).rejects.toThrow('append only');
  await expect(hub.query(`truncate audit`)).rejects.toThrow('append only');
});
