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
  for (const key of ['lan', 'thu', 'quan']) people[key] = await signIn(hub.url, key);
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

/** For every act: arguments that work, and who may. One without a row here fails the test. */
const acts: { [name: string]: { args: () => unknown; may: string[] } } = {
  'calendar.save': { args: calendar, may: ['quan'] },
  'calendar.remove': { args: () => ({ calendarId: uuid() }), may: ['quan'] },
  'slaPolicy.save': { args: policy, may: ['quan'] },
  'slaPolicy.order': { args: () => ({ policyIds: [] }), may: ['quan'] },
  'slaPolicy.remove': { args: () => ({ policyId: uuid() }), may: ['quan'] },
};
const live = (Object.keys(mutations) as MutationName[]).filter((name) => mutations[name].by === 'live');

describe('roles', () => {
  test.each(live.flatMap((name) => ['lan', 'thu', 'quan'].map((key) => [name, key] as const)))('%s by %s', async (name, key) => {
    const { args, may } = acts[name]!;
    const refused = await actRaw(hub.url, people[key]!, { name, args: args() });
    if (may.includes(key)) expect(refused).toBeNull();
    else expect(refused).toMatchObject({ code: 'FORBIDDEN' });
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
