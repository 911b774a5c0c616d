/**
 * What holds for clocks and calendars whatever happens (SLA and routing page, rule 13): drawn lives of tickets on drawn calendars, zones
 * with daylight saving among them.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CalendarHours, checkCalendar, compileCalendar } from '../../src/shared/calendar.ts';
import type { SlaClock } from '../../src/shared/domain.ts';
import { businessTime, consumedAt, dueBy, endClock, isOpen, pauseClock, resumeClock, startClock } from '../../src/shared/sla.ts';
import { ids, minute, World } from './world.ts';

const zones = ['Asia/Ho_Chi_Minh', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Kathmandu'];
const ranges = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { minLength: 0, maxLength: 6 })
  .map((marks) => marks.toSorted((a, b) => a - b))
  .map((marks) =>
    Array.from({ length: marks.length >> 1 }, (_, index) => ({ from: marks[index * 2]! * 15, to: marks[index * 2 + 1]! * 15 })),
  );
const date = fc.integer({ min: 0, max: 120 }).map((days) => new Date(Date.UTC(2026, 1, 1 + days)).toISOString().slice(0, 10));
const calendars: fc.Arbitrary<CalendarHours> = fc
  .record({
    zone: fc.constantFrom(...zones),
    week: fc.array(ranges, { minLength: 7, maxLength: 7 }),
    days: fc.uniqueArray(fc.record({ date, name: fc.constant('Ngày riêng'), hours: ranges }), {
      maxLength: 8,
      selector: (day) => day.date,
    }),
  })
  .filter((calendar) => checkCalendar(calendar).length === 0);

const from = Date.UTC(2026, 1, 10);
const moments = (least: number, most: number) =>
  fc
    .array(fc.integer({ min: 0, max: 60 * 24 * 60 }), { minLength: least, maxLength: most })
    .map((minutes) => minutes.toSorted((a, b) => a - b).map((one) => from + one * minute + 1));
const targets = fc.integer({ min: 1, max: 6000 }).map((minutes) => minutes * minute);
const named = { policyId: null, policyVersion: null, calendarId: null };
const begin = (target: number, at: number, time: ReturnType<typeof compileCalendar>): SlaClock =>
  startClock({ id: ids.policy, ticketId: ids.policy, kind: 'rt', targetMs: target, at }, named, time);

describe('one clock', () => {
  test('pausing and resuming at any moments never changes what is consumed while it runs', () => {
    fc.assert(
      fc.property(calendars, targets, moments(2, 8), (calendar, target, at) => {
        const time = compileCalendar(calendar);
        let clock = begin(target, at[0]!, time);
        let open = 0;
        for (const [index, now] of at.entries()) {
          const before = at[index - 1] ?? now;
          if (clock.state === 'running') open += time.between(before, now);
          if (clock.state === 'running' && clock.dueAt !== null && now > clock.dueAt) return;
          clock = clock.state === 'running' ? pauseClock(clock, time, now) : resumeClock(clock, time, now);
          expect(consumedAt(clock, time, now)).toBe(open);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('pausing and resuming in the same moment changes nothing that counts', () => {
    fc.assert(
      fc.property(calendars, targets, moments(2, 2), (calendar, target, at) => {
        const time = compileCalendar(calendar);
        const clock = begin(target, at[0]!, time);
        fc.pre(clock.dueAt! > at[1]!);
        const again = resumeClock(pauseClock(clock, time, at[1]!), time, at[1]!);
        expect(again.dueAt).toBe(clock.dueAt);
        expect(consumedAt(again, time, at[1]! + 999_999)).toBe(consumedAt(clock, time, at[1]! + 999_999));
      }),
      { numRuns: 300 },
    );
  });

  test('it is due exactly when its target is used up, and recomputing gives the same, again and again', () => {
    fc.assert(
      fc.property(calendars, calendars, targets, moments(1, 1), (calendar, edited, target, at) => {
        const time = compileCalendar(calendar);
        const clock = begin(target, at[0]!, time);
        expect(time.between(at[0]!, clock.dueAt!)).toBe(target);
        expect(time.between(at[0]!, clock.dueAt! - 1)).toBe(target - 1);
        expect(dueBy(clock, time)).toBe(clock.dueAt);
        const other = compileCalendar(edited);
        const once = { ...clock, dueAt: dueBy(clock, other) };
        expect(dueBy(once, other)).toBe(once.dueAt);
        // Back to the first calendar, back to the first moment.
        expect(dueBy(once, time)).toBe(clock.dueAt);
      }),
      { numRuns: 300 },
    );
  });

  test('ending and taking it back, and ending twice', () => {
    fc.assert(
      fc.property(calendars, targets, moments(2, 2), (calendar, target, at) => {
        const time = compileCalendar(calendar);
        const clock = begin(target, at[0]!, time);
        const ended = endClock(clock, at[1]!);
        expect(ended.state).toBe(at[1]! > clock.dueAt! ? 'breached' : 'met');
        expect({ ...ended, state: clock.state, endedAt: null, breachedAt: null }).toEqual(clock);
      }),
      { numRuns: 200 },
    );
  });
});

const words = [
  'customer',
  'automatic',
  'reply',
  'note',
  'noReply',
  'close',
  'closeNoReply',
  'reopen',
  'status:open',
  'status:waiting_customer',
  'status:waiting_third_party',
  'status:spam',
  'snooze:4h',
  'assign:lan',
  'assign:nobody',
  'queue:warranty',
  'queue:sales',
  'priority:low',
  'priority:urgent',
  'answered',
  'missed',
  'rematch',
];
const lives = fc.array(fc.tuple(fc.constantFrom(...words), fc.integer({ min: 0, max: 3000 })), { minLength: 1, maxLength: 14 });

describe('whole lives', () => {
  test('whatever happens to a ticket, its clocks stay sound', () => {
    fc.assert(
      fc.property(calendars, lives, fc.boolean(), (calendar, life, third) => {
        const world = new World({
          calendar,
          targets: { frt: '2h', nrt: '3h', rt: '20h', assign: '30m' },
          of: { urgent: { frt: '15m', nrt: '15m', rt: '4h' }, low: { frt: '8h', nrt: '8h' } },
          thirdPartyPauses: third,
        });
        world.until(from);
        world.act('customer');
        const over = new Map<string, SlaClock>();
        const breached = new Set<string>();
        for (const [word, minutes] of life) {
          world.until(world.now + minutes * minute);
          try {
            world.act(word);
          } catch (error) {
            // What the rules refuse leaves no trace.
            if (!(error instanceof Error && error.message.startsWith(`${word}: {`))) throw error;
          }
          const clocks = world.all('slaClock');
          for (const clock of clocks) {
            const time = businessTime(clock.calendarId === null ? undefined : world.get('calendar', clock.calendarId));
            // 1. Running: due when the rest of the target has passed. Paused: nothing is due. Each is one or the other.
            if (clock.state === 'running') expect(dueBy(clock, time)).toBe(clock.dueAt);
            if (clock.state === 'paused') expect([clock.dueAt, clock.runningSince]).toEqual([null, null]);
            expect(isOpen(clock)).toBe(clock.endedAt === null);
            if (clock.state === 'met' || clock.state === 'cancelled') expect(clock.endedAt).not.toBeNull();
            // 2. A breach is never taken back, and is recorded for the moment at which it was due.
            if (breached.has(clock.id)) expect(clock.breachedAt).not.toBeNull();
            if (clock.breachedAt !== null) breached.add(clock.id);
            // 3. Nothing that is open is past its moment without having been declared late.
            if (clock.state === 'running') expect(clock.dueAt! >= world.now).toBe(true);
          }
          // 4. One open clock of a kind at most; an answer is owed by one of the two at most.
          const open = clocks.filter(isOpen).map(({ kind }) => kind);
          expect(new Set(open).size).toBe(open.length);
          expect(open.filter((kind) => kind === 'frt' || kind === 'nrt').length).toBeLessThanOrEqual(1);
          // 5. What the list shows is one of them.
          const { ticket } = world;
          if (ticket.slaState !== null && ticket.slaState !== 'met')
            expect(clocks.some((one) => isOpen(one) && one.kind === ticket.slaKind && one.dueAt === ticket.slaDueAt)).toBe(true);
          // 6. Spam and waiting for the customer stop what they stop.
          if (ticket.status === 'spam') expect(clocks.some(({ state }) => state === 'running')).toBe(false);
          if (ticket.status === 'waiting_customer') expect(clocks.some((one) => one.kind === 'rt' && one.state === 'running')).toBe(false);
          // 7. What was met or cancelled stays so, but for a close that is taken back.
          for (const clock of clocks) {
            const before = over.get(clock.id);
            if (before && !isOpen(clock)) expect(clock).toEqual(before);
            if (isOpen(clock)) over.delete(clock.id);
            else over.set(clock.id, clock);
          }
        }
      }),
      { numRuns: 250 },
    );
  });
});
