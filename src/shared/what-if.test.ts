import { describe, expect, test } from 'vitest';
import { applyChanges, compare, noChanges, play, simulationOf, usualRouting, type WhatIfChanges } from './what-if.ts';
import type { DayAgent, DayArrival, WhatIfDay } from './what-if-day.ts';
import { cameIn, type CameIn, dayBounds, dutyOf, median } from './what-if-history.ts';
import type { TrackRow } from './why.ts';

const minute = 60_000;
const { from, until } = dayBounds('2026-03-02', 'Asia/Ho_Chi_Minh');
const at = (minutes: number) => from + minutes * minute;
const agent = (id: string, more: Partial<DayAgent> = {}): DayAgent => ({
  id,
  name: id,
  queues: ['sales'],
  skills: [],
  capacity: null,
  off: [],
  shifts: [{ from: at(480), until: at(1020) }],
  breaks: [],
  ...more,
});
const arrival = (id: string, minutes: number, more: Partial<DayArrival> = {}): DayArrival => ({
  id,
  at: at(minutes),
  queueId: 'sales',
  channel: 'phone',
  priority: 'normal',
  dueAt: at(minutes + 5),
  needs: [],
  handleMs: 10 * minute,
  transfer: null,
  waitedMs: null,
  ...more,
});
const office = [{ from: 480, to: 600 }];
const day = (more: Partial<WhatIfDay> = {}): WhatIfDay => ({
  date: '2026-03-02',
  zone: 'Asia/Ho_Chi_Minh',
  from,
  until,
  queues: [
    { id: 'sales', name: 'Bán hàng', routing: { ...usualRouting, offerMs: { call: null, chat: null, social: null, email: null } } },
    { id: 'warranty', name: 'Bảo hành', routing: null },
  ],
  calendars: [
    { id: 'short', name: 'Ngắn', zone: 'Asia/Ho_Chi_Minh', week: Array.from({ length: 7 }, () => office), days: [], updatedAt: 0 },
  ],
  skills: [{ id: 'english', name: 'Tiếng Anh' }],
  agents: [agent('lan'), agent('minh', { queues: ['warranty'] })],
  arrivals: [arrival('1', 490), arrival('2', 491), arrival('3', 492)],
  cut: false,
  behaviour: {
    declineChance: 0,
    missChance: 0,
    answerMs: [0, 0],
    wrapUpMs: { call: 0, chat: 0, social: 0, email: 0 },
    notRespondingMs: minute,
  },
  ...more,
});
const changed = (more: Partial<WhatIfChanges>): WhatIfChanges => ({ ...noChanges, ...more });
const compared = (base: WhatIfDay, more: Partial<WhatIfChanges>) => {
  const other = applyChanges(base, changed(more));
  return compare(base, play(base), other, play(other));
};

describe('changes', () => {
  test('of nothing leave the day as it is, and never touch what they are made of', () => {
    const base = day();
    const before = structuredClone(base);
    expect(applyChanges(base, noChanges)).toEqual(base);
    applyChanges(base, {
      queues: { sales: { strategy: 'roundRobin' } },
      most: { chat: 1 },
      people: [{ userId: 'minh', queueId: 'sales', serves: true }],
      skills: [{ userId: 'lan', skillId: 'english', level: 3 }],
    });
    expect(base).toEqual(before);
  });

  test('are made where they belong; what is not there changes nothing', () => {
    const other = applyChanges(
      day(),
      changed({
        queues: { sales: { order: 'sla', calendarId: 'short' }, nowhere: { order: 'sla' }, warranty: { strategy: 'leastLoaded' } },
        most: { chat: 7 },
        people: [
          { userId: 'minh', queueId: 'sales', serves: true },
          { userId: 'lan', queueId: 'sales', serves: false },
          { userId: 'minh', queueId: 'nowhere', serves: true },
          { userId: 'nobody', queueId: 'sales', serves: true },
        ],
        skills: [{ userId: 'lan', skillId: 'english', level: 4 }],
      }),
    );
    expect(other.queues.map(({ routing }) => [routing?.order, routing?.strategy, routing?.calendarId])).toEqual([
      ['sla', 'longestIdle', 'short'],
      ['priority', 'leastLoaded', null],
    ]);
    expect(other.agents.map(({ queues }) => queues)).toEqual([[], ['warranty', 'sales']]);
    expect(other.agents[0]).toMatchObject({
      skills: [{ skillId: 'english', level: 4 }],
      capacity: { most: { call: 1, chat: 7, social: 6, email: 10 } },
    });
    const without = applyChanges(other, changed({ skills: [{ userId: 'lan', skillId: 'english', level: 0 }] }));
    expect(without.agents[0]!.skills).toEqual([]);
  });

  test('a queue whose overflow leads out of the day keeps its work', () => {
    const routing = usualRouting;
    const overflow = {
      afterMs: minute,
      longerThan: null,
      whenNobody: true,
      whenClosed: true,
      to: { kind: 'queue' as const, queueId: 'gone' },
    };
    const input = simulationOf(day({ queues: [{ id: 'sales', name: '', routing: { ...routing, overflow } }] }));
    expect(input.queues[0]!.overflow).toBeNull();
  });
});

describe('before and after', () => {
  test('one more in the queue: shorter waits, fewer breaches, less load for each', () => {
    const { before, after } = compared(day(), { people: [{ userId: 'minh', queueId: 'sales', serves: true }] });
    // One after the other they wait 0, 9 and 18 minutes; two of them wait 0, 0 and 8.
    expect(before.overall).toMatchObject({
      arrived: 3,
      answered: 3,
      breaches: 2,
      serviceLevel: 1 / 3,
      meanWaitMs: 9 * minute,
      medianWaitMs: 9 * minute,
      p90WaitMs: 18 * minute,
      maxWaitMs: 18 * minute,
      needsMet: null,
    });
    expect(after.overall).toMatchObject({ answered: 3, breaches: 1, serviceLevel: 2 / 3, maxWaitMs: 8 * minute, medianWaitMs: 0 });
    expect(after.queues['sales']).toEqual(after.overall);
    const taken = (side: typeof before) => side.agents.map(({ name, taken: count }) => [name, count]);
    expect(taken(before)).toEqual([
      ['lan', 3],
      ['minh', 0],
    ]);
    expect(after.agents.map(({ taken: count }) => count).toSorted()).toEqual([1, 2]);
    expect(after.agents[0]!.occupancy).toBeLessThan(before.agents[0]!.occupancy!);
  });

  test('a skill that is asked for, and had', () => {
    const needs = [{ skillId: 'english', level: 2, must: false }];
    const base = day({ arrivals: [arrival('1', 490, { needs }), arrival('2', 520)] });
    const { before, after } = compared(base, { skills: [{ userId: 'lan', skillId: 'english', level: 2 }] });
    // Nobody has it: it waits until it is not asked for any more.
    expect(before.overall).toMatchObject({ needsMet: 0, maxWaitMs: 2 * minute });
    expect(after.overall).toMatchObject({ needsMet: 1, maxWaitMs: 0 });
  });

  test('shorter hours: what comes after them is not taken that day, and late', () => {
    const base = day({ arrivals: [arrival('1', 490), arrival('2', 700)] });
    const { before, after } = compared(base, { queues: { sales: { calendarId: 'short' } } });
    expect(before.overall).toMatchObject({ answered: 2, waiting: 0, serviceLevel: 1 });
    expect(after.overall).toMatchObject({ answered: 1, waiting: 1, breaches: 1, serviceLevel: 0.5 });
  });

  test('how near it comes to what happened', () => {
    const base = day({
      arrivals: [arrival('1', 490, { waitedMs: minute }), arrival('2', 491, { waitedMs: 10 * minute }), arrival('3', 492)],
    });
    expect(compared(base, {}).agreement).toEqual({
      tickets: 2,
      realMeanMs: 5.5 * minute,
      replayedMeanMs: 4.5 * minute,
      realTaken: 2,
      replayedTaken: 3,
    });
  });

  test('nothing came, and nobody was there', () => {
    const { before, after } = compared(day({ arrivals: [], agents: [] }), { most: { chat: 1 } });
    expect(before).toEqual(after);
    expect(before.overall).toMatchObject({ arrived: 0, serviceLevel: null, meanWaitMs: 0, maxWaitMs: 0 });
  });

  test('the same again gives the same, and says how far it is', () => {
    const base = day({ behaviour: { ...day().behaviour, declineChance: 0.3, missChance: 0.3, answerMs: [1000, 9000] } });
    const told: number[] = [];
    expect(play(base, (share) => told.push(share))).toEqual(play(base));
    expect(told.length).toBeGreaterThan(0);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBeLessThanOrEqual(1);
  });
});

describe('what was written down', () => {
  let id = 0;
  const track = (minutes: number, more: Partial<TrackRow> = {}): TrackRow => ({
    id: (id += 1),
    at: at(minutes),
    status: 'open',
    queueId: 'sales',
    assigneeId: null,
    offeredTo: null,
    ...more,
  });
  const ticket = (...tracks: TrackRow[]): CameIn => ({ id: 't', channel: 'chat', priority: 'normal', dueAt: null, needs: [], tracks });

  test('a ticket waited, was taken, and answered', () => {
    const tracks = [track(0, { status: 'new' }), track(2, { offeredTo: 'lan', status: 'new' }), track(3, { assigneeId: 'lan' })];
    const done = track(15, { assigneeId: 'lan', status: 'waiting_customer' });
    expect(cameIn(ticket(...tracks, done), until)).toMatchObject({
      at: at(0),
      queueId: 'sales',
      waitedMs: 3 * minute,
      handleMs: 12 * minute,
    });
    // Left open over night: no longer than anybody works at a stretch.
    expect(cameIn(ticket(...tracks), until)).toMatchObject({ handleMs: 240 * minute });
    expect(cameIn(ticket(...tracks.slice(0, 2)), until)).toMatchObject({ waitedMs: null, handleMs: null });
    expect(cameIn(ticket(), until)).toBeNull();
  });

  test('it went on to another queue', () => {
    const tracks = [
      track(0, { status: 'new' }),
      track(1, { assigneeId: 'lan' }),
      track(6, { queueId: 'warranty' }),
      track(9, { queueId: 'warranty', assigneeId: 'minh' }),
      track(30, { queueId: 'warranty', assigneeId: 'minh', status: 'resolved' }),
    ];
    expect(cameIn(ticket(...tracks), until)).toMatchObject({
      handleMs: 5 * minute,
      waitedMs: minute,
      transfer: { queueId: 'warranty', handleMs: 21 * minute },
    });
  });

  test('a shift with a break, of which a part belongs to the day before', () => {
    const was = (state: 'available' | 'break' | 'offline' | 'wrapUp', since: number, end: number | null) => ({
      userId: 'lan',
      state,
      since: at(since),
      until: end === null ? null : at(end),
    });
    expect(
      dutyOf(
        [
          was('offline', 700, null),
          was('available', -60, 100),
          was('break', 100, 130),
          was('wrapUp', 130, 131),
          was('available', 131, 700),
        ],
        from,
        until,
      ),
    ).toEqual({ shifts: [{ from: at(0), until: at(700) }], breaks: [{ from: at(100), until: at(130) }] });
    expect(dutyOf([], from, until)).toEqual({ shifts: [], breaks: [] });
  });

  test('days are as long as they are', () => {
    const hours = (date: string) => {
      const bounds = dayBounds(date, 'Europe/Berlin');
      return (bounds.until - bounds.from) / 3_600_000;
    };
    expect(['2026-03-29', '2026-10-25', '2026-03-02'].map(hours)).toEqual([23, 25, 24]);
  });

  test('the middle one', () => {
    expect([median([]), median([], 7), median([3]), median([9, 1, 5]), median([4, 1])]).toEqual([0, 7, 3, 5, 1]);
  });
});
