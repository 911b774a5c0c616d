import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BusinessTime, compileCalendar, roundTheClock } from './calendar.ts';
import type { SlaClock, Ticket } from './domain.ts';
import { standsStill } from './mutations/clocks.ts';
import { breachClock, consumedAt, endClock, pauseClock, resumeClock, startClock } from './sla.ts';
import { type Answer, type PresenceSpan, type TrackRow, whyOf, type WhyInput } from './why.ts';

const minute = 60_000;
const hour = 60 * minute;
/** a Monday, 08:00 in Hà Nội */
const start = Date.UTC(2026, 2, 2, 1);
const at = (minutes: number) => start + minutes * minute;
const named = { policyId: null, policyVersion: null, calendarId: null };
const clockOf = (target: number, time: BusinessTime = roundTheClock, more: Partial<SlaClock> = {}): SlaClock => ({
  ...startClock({ id: 'c', ticketId: 't', kind: 'frt', targetMs: target, at: start }, named, time),
  ...more,
});
let lines = 0;
const track = (minutes: number, more: Partial<TrackRow> = {}): TrackRow => ({
  id: (lines += 1),
  at: at(minutes),
  status: 'new',
  queueId: 'sales',
  assigneeId: null,
  offeredTo: null,
  ...more,
});
const input = (more: Partial<WhyInput>): WhyInput => ({
  clock: clockOf(5 * minute),
  time: roundTheClock,
  thirdPartyPauses: false,
  tracks: [track(0)],
  presence: [],
  answers: [],
  now: at(60),
  ...more,
});
const shape = (more: Partial<WhyInput>) =>
  whyOf(input(more)).segments.map(({ kind, from, until, userId }) => [kind, (from - start) / minute, (until - start) / minute, userId]);

describe('the pieces of a clock', () => {
  test('waits, rings twice, is held by somebody who goes, lies on a workstation without a line, goes out through the channel', () => {
    const clock = endClock(breachClock(clockOf(5 * minute)), at(40));
    const tracks = [
      track(0),
      track(2, { offeredTo: 'lan' }),
      track(3),
      track(4, { offeredTo: 'minh' }),
      track(6, { status: 'open', assigneeId: 'minh' }),
    ];
    const presence: PresenceSpan[] = [
      { userId: 'minh', state: 'available', since: at(-60), until: at(10) },
      { userId: 'minh', state: 'disconnected', since: at(10), until: null },
    ];
    const answers: Answer[] = [{ userId: 'minh', authoredAt: at(25), acceptedAt: at(40), sentAt: at(42) }];
    const why = whyOf(input({ clock, tracks, presence, answers }));
    expect(shape({ clock, tracks, presence, answers })).toEqual([
      ['queue', 0, 2, null],
      ['ring', 2, 3, 'lan'],
      ['queue', 3, 4, null],
      ['ring', 4, 5, 'minh'],
      ['ring', 5, 6, 'minh'],
      ['agent', 6, 10, 'minh'],
      ['away', 10, 25, 'minh'],
      ['offline', 25, 40, 'minh'],
      ['channel', 40, 42, null],
    ]);
    // Late from the fifth minute on.
    expect(why.segments.map(({ late }) => late)).toEqual([false, false, false, false, true, true, true, true, true]);
    expect(why.segments[6]).toMatchObject({ state: 'disconnected' });
    expect(why.totals.map(({ kind, costMs }) => [kind, costMs / minute])).toEqual([
      ['away', 15],
      ['offline', 15],
      ['agent', 4],
      ['queue', 3],
      ['ring', 3],
      ['channel', 2],
    ]);
    expect(why.verdict).toMatchObject({ kind: 'away', userId: 'minh', state: 'disconnected', costMs: 15 * minute, share: 15 / 42 });
    expect(why.carriedMs).toBe(0);
  });

  test('a bot came first: that is told, and not counted', () => {
    const clock = clockOf(5 * minute, roundTheClock, { waitedFrom: at(-10) });
    const why = whyOf(input({ clock, now: at(3), tracks: [track(-10, { status: 'bot' }), track(0)] }));
    expect(why.segments).toMatchObject([
      { kind: 'bot', from: at(-10), until: at(0), businessMs: 0 },
      { kind: 'queue', businessMs: 3 * minute },
    ]);
    expect(why.verdict).toMatchObject({ kind: 'queue', share: 1, times: 1 });
  });

  test('closed hours count for nothing, and a lunch break is one', () => {
    const day = [
      { from: 480, to: 720 },
      { from: 780, to: 1020 },
    ];
    const time = compileCalendar({ zone: 'Asia/Ho_Chi_Minh', week: [day, day, day, day, day, [], []], days: [] });
    const clock = clockOf(5 * hour, time);
    const why = whyOf(input({ clock, time, now: at(6 * 60) }));
    expect(why.segments.map(({ kind, businessMs }) => [kind, businessMs / minute])).toEqual([
      ['queue', 240],
      ['closed', 0],
      ['queue', 60],
    ]);
    expect(why.totals).toMatchObject([
      { kind: 'queue', ms: 5 * hour, times: 2 },
      { kind: 'closed', ms: hour, businessMs: 0 },
    ]);
  });

  test('paused as long as the customer is waited for; what is late does not stand still any more', () => {
    const rt = { kind: 'rt' as const };
    const tracks = [
      track(0, { assigneeId: 'lan' }),
      track(10, { assigneeId: 'lan', status: 'waiting_customer' }),
      track(30, { assigneeId: 'lan', status: 'open' }),
      track(50, { assigneeId: 'lan', status: 'waiting_customer' }),
    ];
    const running = clockOf(25 * minute, roundTheClock, rt);
    const paused = pauseClock(running, roundTheClock, at(10));
    const late = breachClock(resumeClock(paused, roundTheClock, at(30)));
    expect(late.breachedAt).toBe(at(45));
    expect(shape({ clock: late, tracks }).map(([kind, from, until]) => [kind, from, until])).toEqual([
      ['agent', 0, 10],
      ['paused', 10, 30],
      ['agent', 30, 45],
      ['agent', 45, 60],
    ]);
    const third = tracks.map((row) => ({
      ...row,
      status: row.status === 'waiting_customer' ? ('waiting_third_party' as const) : row.status,
    }));
    expect(shape({ clock: running, tracks: third }).some(([kind]) => kind === 'paused')).toBe(false);
    expect(shape({ clock: running, tracks: third, thirdPartyPauses: true }).some(([kind]) => kind === 'paused')).toBe(true);
  });

  test('an answer that is still on its way to the vendor goes on until now; one that went the ordinary way shows no piece', () => {
    const clock = endClock(clockOf(5 * minute), at(2));
    const answer = { userId: 'lan', authoredAt: at(2) - 300, acceptedAt: at(2), sentAt: null };
    expect(shape({ clock, answers: [answer], now: at(20) }).at(-1)).toEqual(['channel', 2, 20, null]);
    expect(whyOf(input({ clock, answers: [answer], now: at(20) })).verdict).toMatchObject({ kind: 'channel', costMs: 18 * minute });
    expect(shape({ clock, answers: [{ ...answer, sentAt: at(2) + 400 }] })).toEqual([['queue', 0, 2, null]]);
  });

  test('what was used up by a resolution that did not hold is said apart', () => {
    const clock = {
      ...startClock({ id: 'c', ticketId: 't', kind: 'rt', targetMs: hour, at: start, consumedMs: 45 * minute }, named, roundTheClock),
    };
    expect(whyOf(input({ clock, now: at(10) })).carriedMs).toBe(45 * minute);
  });

  test('without a track, as of tickets from before there was one, it waits somewhere', () => {
    expect(shape({ tracks: [], now: at(7) })).toEqual([['queue', 0, 7, null]]);
  });

  test('nothing has happened yet', () => {
    expect(whyOf(input({ now: start }))).toMatchObject({ segments: [], totals: [], verdict: { kind: null, share: 0 } });
  });
});

const statuses = ['new', 'open', 'waiting_customer', 'waiting_third_party', 'bot'] as const satisfies readonly Ticket['status'][];
const people = ['lan', 'minh'] as const;
const moment = fc.integer({ min: 0, max: 5 * 24 * 60 });
const trackRows = fc.array(
  fc.record({
    minutes: moment,
    status: fc.constantFrom(...statuses),
    queueId: fc.constantFrom('sales', 'complaint'),
    assigneeId: fc.option(fc.constantFrom(...people)),
    offeredTo: fc.option(fc.constantFrom(...people)),
  }),
  { maxLength: 25 },
);
const spans = fc.array(
  fc.record({
    userId: fc.constantFrom(...people),
    state: fc.constantFrom('available', 'break', 'disconnected', 'wrapUp', 'offline'),
    since: moment,
    length: fc.option(fc.integer({ min: 1, max: 3000 })),
  }),
  { maxLength: 15 },
);
const drawnAnswers = fc.array(
  fc.record({
    userId: fc.constantFrom(...people),
    authored: moment,
    lay: fc.integer({ min: 0, max: 2000 }),
    way: fc.option(fc.integer({ min: 0, max: 500 })),
  }),
  { maxLength: 8 },
);
const range = fc.uniqueArray(fc.integer({ min: 0, max: 48 }), { minLength: 2, maxLength: 4 }).map((marks) => {
  const sorted = marks.toSorted((a, b) => a - b);
  return [{ from: sorted[0]! * 30, to: sorted[1]! * 30 }];
});
const times = fc.array(range, { minLength: 7, maxLength: 7 }).map((week) => compileCalendar({ zone: 'Europe/Berlin', week, days: [] }));

/** A clock as the hub would have counted it along the track. */
function lived(
  kind: SlaClock['kind'],
  target: number,
  rows: readonly TrackRow[],
  thirdPartyPauses: boolean,
  time: BusinessTime,
  end: number,
) {
  let clock: SlaClock = { ...clockOf(target, time), kind };
  const breachBy = (now: number) => {
    if (clock.state === 'running' && clock.dueAt !== null && clock.dueAt < now) clock = breachClock(clock);
  };
  for (const row of [...rows].sort((a, b) => a.at - b.at || a.id - b.id)) {
    if (row.at > end) break;
    breachBy(row.at);
    clock = (standsStill(clock, row, { thirdPartyPauses }) ? pauseClock : resumeClock)(clock, time, row.at);
  }
  breachBy(end);
  return clock;
}

test('pieces tile the time exactly, count what the clock has consumed, and do not ask in which order rows come', () => {
  fc.assert(
    fc.property(
      trackRows,
      spans,
      drawnAnswers,
      times,
      fc.record({
        kind: fc.constantFrom('frt', 'nrt', 'rt', 'assign'),
        third: fc.boolean(),
        ends: fc.boolean(),
        bot: fc.integer({ min: 0, max: 90 }),
      }),
      fc.integer({ min: 10, max: 3000 }),
      fc.integer({ min: 1, max: 6 * 24 * 60 }),
      fc.func(fc.integer()),
      (drawn, presenceOf, answersOf, time, { kind, third, ends, bot }, target, until, shuffle) => {
        // The first line is of the moment at which the clock begins, and what comes at one moment comes in its order.
        const tracks = [track(0), ...drawn.map(({ minutes, ...more }) => track(minutes, more))];
        const presence = presenceOf.map(({ userId, state, since, length }): PresenceSpan => ({
          userId,
          state,
          since: at(since),
          until: length === null ? null : at(since + length),
        }));
        const answers = answersOf.map(({ userId, authored, lay, way }): Answer => ({
          userId,
          authoredAt: at(authored),
          acceptedAt: at(authored + lay),
          sentAt: way === null ? null : at(authored + lay + way),
        }));
        const end = at(until);
        let clock: SlaClock = { ...lived(kind, target * minute, tracks, third, time, end), waitedFrom: at(-bot) };
        if (ends) clock = endClock(clock, end);
        const given = { clock, time, thirdPartyPauses: third, tracks, presence, answers, now: end };
        const { segments, totals, verdict, carriedMs } = whyOf(given);

        expect(segments[0]!.from).toBe(at(-bot));
        expect(segments.at(-1)!.until).toBeGreaterThanOrEqual(end);
        for (const [index, one] of segments.entries()) {
          expect(one.until).toBeGreaterThan(one.from);
          if (index > 0) expect(one.from).toBe(segments[index - 1]!.until);
          if (one.kind === 'paused' || one.kind === 'closed') expect(one.businessMs).toBe(0);
          else if (one.from >= start && one.until <= end) expect(one.businessMs).toBe(time.between(one.from, one.until));
        }
        const sum = segments.reduce((total, { businessMs }) => total + businessMs, 0);
        expect(sum).toBe(consumedAt(clock, time, end));
        expect(carriedMs).toBe(0);
        expect(totals.reduce((total, one) => total + one.businessMs, 0)).toBe(sum);
        expect(totals.reduce((total, one) => total + one.ms, 0)).toBe(segments.at(-1)!.until - segments[0]!.from);
        if (verdict.kind !== null) expect(verdict.costMs).toBe(totals[0]!.costMs);

        const mixed = <T>(rows: readonly T[]) => [...rows].sort((a, b) => shuffle(JSON.stringify(a)) - shuffle(JSON.stringify(b)));
        expect(whyOf({ ...given, tracks: mixed(tracks), answers: mixed(answers), presence: mixed(presence) })).toEqual(whyOf(given));
      },
    ),
    { numRuns: 400 },
  );
});
