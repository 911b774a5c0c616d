import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { type BusinessTime, type CalendarHours, checkCalendar, compileCalendar, type HoursRange, roundTheClock } from './calendar.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Zones, and days around which their clocks do something. */
const places: ReadonlyArray<readonly [zone: string, date: string]> = [
  ['Asia/Ho_Chi_Minh', '2026-02-14'],
  ['Asia/Kathmandu', '2026-11-23'],
  ['Europe/Berlin', '2026-03-28'],
  ['Europe/Berlin', '2026-10-24'],
  ['America/New_York', '2026-03-07'],
  ['America/New_York', '2026-10-31'],
  // half an hour
  ['Australia/Lord_Howe', '2026-04-04'],
  ['Australia/Lord_Howe', '2026-10-03'],
  // at midnight
  ['America/Sao_Paulo', '2018-02-17'],
  ['America/Sao_Paulo', '2018-11-03'],
  // a date that never was
  ['Pacific/Apia', '2011-12-29'],
];
/** The same where midnight itself comes twice, or within the skipped time: only looked at where no one has to say what is right. */
const strangePlaces: typeof places = [
  ...places,
  ['America/St_Johns', '2006-04-01'],
  ['America/St_Johns', '2006-10-28'],
  ['America/Toronto', '1919-03-30'],
  ['Pacific/Kwajalein', '1969-09-29'],
  ['Africa/Monrovia', '1972-01-06'],
  ['Africa/Casablanca', '2026-02-14'],
];

interface Case {
  calendar: CalendarHours;
  /** 00:00 UTC of the day */
  around: number;
}

/** Ranges between edges that are multiples of `grain` minutes, now and then touching. */
function ranges(grain: number): fc.Arbitrary<HoursRange[]> {
  const edges = fc.uniqueArray(fc.integer({ min: 0, max: 1440 / grain }), { maxLength: 6 });
  return fc.tuple(edges, fc.boolean()).map(([some, touching]) => {
    const sorted = some.map((edge) => edge * grain).sort((a, b) => a - b);
    const pairs = sorted.slice(0, -1).map((from, index) => ({ from, to: sorted[index + 1]! }));
    return touching ? pairs : pairs.filter((_, index) => index % 2 === 0);
  });
}

function cases(among: typeof places, grain: number): fc.Arbitrary<Case> {
  const week = fc.array(ranges(grain), { minLength: 7, maxLength: 7 });
  const wednesday = fc.record({ from: fc.integer({ min: 0, max: 10 }), to: fc.integer({ min: 11, max: 24 }) });
  const days = fc.uniqueArray(fc.tuple(fc.integer({ min: -4, max: 12 }), ranges(grain)), { maxLength: 8, selector: ([offset]) => offset });
  return fc.tuple(fc.constantFrom(...among), week, wednesday, days).map(([[zone, date], hours, { from, to }, dated]) => {
    const around = Date.parse(date);
    return {
      // An hour a week at least, for ten hours at a minute a week take years. No clock changes on a Wednesday.
      calendar: {
        zone,
        week: hours.with(2, [{ from: from * 60, to: to * 60 }]),
        days: dated.map(([offset, open]) => ({ date: new Date(around + offset * day).toISOString().slice(0, 10), name: '', hours: open })),
      },
      around,
    };
  });
}

const anyCase = cases(strangePlaces, 1);
/** From before the day to some days after it, mostly at whole minutes, where the edges are. */
const offset = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -24 * 60, max: 6 * 24 * 60 }).map((minutes) => minutes * minute) },
  { weight: 1, arbitrary: fc.integer({ min: -day, max: 6 * day }) },
);
const duration = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 600 }).map((minutes) => minutes * minute) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 10 * hour }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1) },
);
const few = { numRuns: 200 };

test('what the generator makes can be used', () => {
  fc.assert(
    fc.property(anyCase, ({ calendar }) => {
      expect(checkCalendar(calendar)).toEqual([]);
    }),
    few,
  );
});

test('what is added is what lies between, and no earlier moment would do', () => {
  fc.assert(
    fc.property(anyCase, offset, duration, ({ calendar, around }, at, ms) => {
      const time = compileCalendar(calendar);
      const until = time.add(around + at, ms);
      expect(time.between(around + at, until)).toBe(ms);
      if (ms > 0) expect(time.between(around + at, until - 1)).toBe(ms - 1);
      else expect(until).toBe(around + at);
    }),
    few,
  );
});

test('adding is monotone: later from a later moment, and by more', () => {
  fc.assert(
    fc.property(anyCase, offset, offset, duration, duration, ({ calendar, around }, a, b, ms, more) => {
      const time = compileCalendar(calendar);
      expect(time.add(around + Math.min(a, b), ms)).toBeLessThanOrEqual(time.add(around + Math.max(a, b), ms));
      expect(time.add(around + a, ms)).toBeLessThanOrEqual(time.add(around + a, ms + more));
    }),
    few,
  );
});

test('adding in two steps is adding at once', () => {
  fc.assert(
    fc.property(anyCase, offset, duration, duration, ({ calendar, around }, at, first, second) => {
      const time = compileCalendar(calendar);
      expect(time.add(time.add(around + at, first), second)).toBe(time.add(around + at, first + second));
    }),
    few,
  );
});

test('pausing at any instant never changes the total', () => {
  fc.assert(
    fc.property(anyCase, fc.array(offset, { minLength: 3, maxLength: 8 }), ({ calendar, around }, offsets) => {
      const time = compileCalendar(calendar);
      const stops = offsets.map((at) => around + at).sort((a, b) => a - b);
      const parts = stops.slice(1).map((to, index) => time.between(stops[index]!, to));
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(time.between(stops[0]!, stops.at(-1)!));
    }),
    few,
  );
});

test('a clock that is paused and resumed comes due after the same business time', () => {
  fc.assert(
    fc.property(anyCase, offset, duration, offset, duration, ({ calendar, around }, start, target, pause, rest) => {
      const time = compileCalendar(calendar);
      const due = time.add(around + start, target);
      const paused = Math.min(Math.max(around + start, around + pause), due);
      const left = target - time.between(around + start, paused);
      expect(time.add(paused, left)).toBe(left === 0 ? paused : due);
      const resumed = paused + rest;
      expect(time.between(resumed, time.add(resumed, left))).toBe(left);
    }),
    few,
  );
});

test('nothing is counted while it is closed, all while it is open, and changes take turns', () => {
  fc.assert(
    fc.property(anyCase, offset, ({ calendar, around }, from) => {
      const time = compileCalendar(calendar);
      for (let at = around + from, turn = 0; turn < 12; turn += 1) {
        const next = time.nextChange(at);
        if (next === null) {
          expect(time.between(at, at + 366 * day)).toBe(366 * day);
          return;
        }
        expect(next).toBeGreaterThan(at);
        expect(time.between(at, next)).toBe(time.isOpen(at) ? next - at : 0);
        expect(time.isOpen(next)).toBe(!time.isOpen(at));
        at = next;
      }
    }),
    few,
  );
});

test('it is open when the next millisecond counts', () => {
  fc.assert(
    fc.property(anyCase, fc.array(offset, { minLength: 1, maxLength: 20 }), ({ calendar, around }, offsets) => {
      const time = compileCalendar(calendar);
      for (const at of offsets) expect(time.between(around + at, around + at + 1)).toBe(time.isOpen(around + at) ? 1 : 0);
    }),
    few,
  );
});

test('whatever was asked before, in whatever order, the answers are the same', () => {
  // Years back and ahead too: the known days grow at both ends, by one block or by many.
  const far = fc.tuple(offset, fc.integer({ min: -3, max: 3 })).map(([at, years]) => at + years * 365 * day);
  const question = fc.record({ kind: fc.constantFrom('add', 'between', 'isOpen', 'nextChange'), at: far, ms: duration, to: far });
  type Question = typeof question extends fc.Arbitrary<infer Asked> ? Asked : never;
  const answer = (time: BusinessTime, around: number, { kind, at, ms, to }: Question) => {
    if (kind === 'add') return time.add(around + at, ms);
    if (kind === 'between') return time.between(around + at, around + to);
    return kind === 'isOpen' ? time.isOpen(around + at) : time.nextChange(around + at);
  };
  const asked = fc.array(question, { minLength: 1, maxLength: 6 }).chain((questions) =>
    fc.tuple(
      fc.constant(questions),
      fc.shuffledSubarray(
        questions.map((_, index) => index),
        { minLength: questions.length },
      ),
    ),
  );
  fc.assert(
    fc.property(cases(places, 30), asked, ({ calendar, around }, [questions, order]) => {
      const alone = questions.map((one) => answer(compileCalendar(calendar), around, one));
      const time = compileCalendar(calendar);
      for (const index of order) expect(answer(time, around, questions[index]!)).toBe(alone[index]);
      // and once more, when all is known
      expect(questions.map((one) => answer(time, around, one))).toEqual(alone);
    }),
    { numRuns: 60 },
  );
});

test('open all day and every day is around the clock, in every zone', () => {
  const always = (zone: string): CalendarHours => ({ zone, week: Array.from({ length: 7 }, () => [{ from: 0, to: 1440 }]), days: [] });
  fc.assert(
    fc.property(fc.constantFrom(...strangePlaces), offset, offset, duration, ([zone, date], from, to, ms) => {
      const time = compileCalendar(always(zone));
      const around = Date.parse(date);
      expect(time.between(around + from, around + to)).toBe(roundTheClock.between(around + from, around + to));
      expect(time.add(around + from, ms)).toBe(roundTheClock.add(around + from, ms));
      expect(time.isOpen(around + from)).toBe(true);
    }),
    few,
  );
});

/** What a clock on a wall shows in each minute of these days, by Intl: read once for each place. */
const oracleDays = 4;
const walls = new Map<string, Array<{ date: string; weekday: number; minute: number }>>();
function wall(zone: string, around: number) {
  const key = `${zone} ${around}`;
  const known = walls.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const read = Array.from({ length: oracleDays * 1440 }, (_, index) => {
    const part = Object.fromEntries(format.formatToParts(around + index * minute).map(({ type, value }) => [type, value]));
    const date = `${part['year']}-${part['month']}-${part['day']}`;
    return { date, weekday: (new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7, minute: Number(part['hour']) * 60 + Number(part['minute']) };
  });
  walls.set(key, read);
  return read;
}

// Edges on the hour: clocks jump from an hour or to one, so what they show says of each minute whether it counts. What a time within the
// skipped or repeated hour means is a choice, and has its rows in calendar.test.ts.
test.each(places)('someone who looks at the clock every minute counts the same: %s, %s', (zone, date) => {
  const mornings = fc.integer({ min: 0, max: oracleDays * 1440 - 1 });
  fc.assert(
    fc.property(cases([[zone, date]], 60), mornings, mornings, ({ calendar, around }, one, other) => {
      const time = compileCalendar(calendar);
      const open = wall(zone, around).map(({ date, weekday, minute }) => {
        const hours = calendar.days.find((dated) => dated.date === date)?.hours ?? calendar.week[weekday]!;
        return hours.some(({ from, to }) => from <= minute && minute < to);
      });
      const wrong = open.findIndex((counts, index) => time.isOpen(around + index * minute) !== counts);
      expect(wrong, `minute ${wrong}: ${JSON.stringify(wall(zone, around)[wrong])}`).toBe(-1);

      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      const counted = open.slice(from, to).filter(Boolean).length;
      expect(time.between(around + from * minute, around + to * minute)).toBe(counted * minute);
      if (counted > 0) {
        const last = open.slice(0, to).lastIndexOf(true);
        expect(time.add(around + from * minute, counted * minute)).toBe(around + (last + 1) * minute);
      }
    }),
    few,
  );
});

/** By definition, for one moment: a range of a date near it, between the midnights of that date, holds it. */
function opensAt({ zone, week, days }: CalendarHours, at: number): boolean {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();
  return [-2, -1, 0, 1, 2].some((apart) => {
    const date = today.add({ days: apart });
    if (at < date.toZonedDateTime(zone).epochMilliseconds || at >= date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds)
      return false;
    const hours = days.find((dated) => dated.date === date.toString())?.hours ?? week[date.dayOfWeek - 1]!;
    const moment = (minutes: number, midnight: number) =>
      minutes % 1440 === 0
        ? midnight
        : date.toPlainDateTime().add({ minutes }).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
    return hours.some(({ from, to }) => moment(from, -Infinity) <= at && at < moment(to, Infinity));
  });
}

test('ranges with edges anywhere, also within skipped and repeated hours, are open by definition', () => {
  fc.assert(
    fc.property(anyCase, fc.array(offset, { minLength: 10, maxLength: 10 }), ({ calendar, around }, offsets) => {
      const time = compileCalendar(calendar);
      const edges = [...calendar.week, ...calendar.days.map(({ hours }) => hours)].flat().flatMap(({ from, to }) => [from, to]);
      // The night of the change, at the edges that this calendar has.
      const near = edges.slice(0, 10).map((edge, index) => ((edge % 300) + (index % 3) * 1440) * minute);
      for (const at of [...offsets, ...near]) expect(time.isOpen(around + at)).toBe(opensAt(calendar, around + at));
    }),
    few,
  );
});
