/**
 * Business calendars as pure functions: when a house is open, and how much of the time between two moments counts. Moments are ms since
 * 1970 (UTC), durations ms; nothing here asks what time it is. Workstation and hub count with the same code, so they come to the same.
 */
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const yearMs = 365.25 * dayMs;

/** Minutes of the local day, 0..1440; `to` after `from`; 1440 is the next midnight. */
export const hoursRange = z.strictObject({ from: z.int().min(0).max(1439), to: z.int().min(1).max(1440) });
export type HoursRange = z.infer<typeof hoursRange>;

/** One date that is not like its weekday. No hours: closed all day; else open in just these hours, whatever the weekday says. */
export const calendarDay = z.strictObject({ date: z.iso.date(), name: z.string().max(120), hours: z.array(hoursRange).max(10) });
export type CalendarDay = z.infer<typeof calendarDay>;

/** `zone`: IANA. `week`: Monday first. Whether it can be used at all, `checkCalendar` says. */
export const calendarHours = z.strictObject({
  zone: z.string().max(60),
  week: z.array(z.array(hoursRange).max(10)).length(7),
  days: z.array(calendarDay).max(1000),
});
export type CalendarHours = z.infer<typeof calendarHours>;

/** `field`: where, as a path (`zone`, `week`, `week.0.1`, `days.3.date`, `days.3.hours.1`). Of two that collide, the later one is named. */
export interface CalendarProblem {
  field: string;
  code: 'UNKNOWN_ZONE' | 'EMPTY_RANGE' | 'OVERLAP' | 'NO_HOURS' | 'SAME_DATE';
}

/**
 * Everything that makes a calendar unusable, in the order of its fields; [] when it can be used. Touching ranges (12:00–13:00,
 * 13:00–17:00) do not overlap. NO_HOURS: no weekday has any, for dated openings run out one day and clocks would never come due.
 */
export function checkCalendar(calendar: CalendarHours): CalendarProblem[] {
  const problems: CalendarProblem[] = [];
  if (!isZone(calendar.zone)) problems.push({ field: 'zone', code: 'UNKNOWN_ZONE' });
  for (const [weekday, ranges] of calendar.week.entries()) problems.push(...checkRanges(ranges, `week.${weekday}`));
  if (!calendar.week.some((ranges) => ranges.some(({ from, to }) => from < to))) problems.push({ field: 'week', code: 'NO_HOURS' });
  const dates = new Set<string>();
  for (const [index, { date, hours }] of calendar.days.entries()) {
    if (dates.has(date)) problems.push({ field: `days.${index}.date`, code: 'SAME_DATE' });
    dates.add(date);
    problems.push(...checkRanges(hours, `days.${index}.hours`));
  }
  return problems;
}

function checkRanges(ranges: readonly HoursRange[], field: string): CalendarProblem[] {
  const wrong = new Map<number, CalendarProblem['code']>();
  let takenUntil = 0;
  for (const [index, { from, to }] of [...ranges.entries()].sort(([, a], [, b]) => a.from - b.from)) {
    if (to <= from) {
      wrong.set(index, 'EMPTY_RANGE');
      continue;
    }
    if (from < takenUntil) wrong.set(index, 'OVERLAP');
    takenUntil = Math.max(takenUntil, to);
  }
  return [...wrong].sort(([a], [b]) => a - b).map(([index, code]) => ({ field: `${field}.${index}`, code }));
}

function isZone(zone: string): boolean {
  // Temporal takes `+07:00` for a zone too; a distance from UTC knows nothing of changes of the law.
  if (!/^[a-z]/i.test(zone)) return false;
  try {
    return new Temporal.ZonedDateTime(0n, zone).epochMilliseconds === 0;
  } catch {
    return false;
  }
}

/**
 * How time counts. Every moment is a whole number of ms between the years 1900 and 2200, else a RangeError names the argument: what lies
 * outside is no moment of ours, and days would be worked out as far as it.
 */
export interface BusinessTime {
  /**
   * The moment at which `ms` (whole, >= 0) of business time have passed since `from`; the earliest one, so the end of the day and not the
   * next morning. add(t, 0) === t. RangeError when it lies more than twenty years ahead.
   */
  add(from: number, ms: number): number;
  /** Business time between two moments, ms; 0 when `to` <= `from`. */
  between(from: number, to: number): number;
  isOpen(at: number): boolean;
  /** The next moment after `at` at which it opens or closes; null if never within ten years. */
  nextChange(at: number): number | null;
}

/** No promise is made for longer, and what is asked of a calendar ends somewhere. */
const furthestMs = 20 * yearMs;
const changesMs = 10 * yearMs;
const earliest = -2_208_988_800_000; // 1900-01-01
const latest = 7_258_118_400_000; // 2200-01-01

/** Around the clock: what counts where no calendar is named. */
export const roundTheClock: BusinessTime = {
  add(from, ms) {
    checkMoment(from, 'from');
    checkDuration(ms);
    return from + ms;
  },
  between(from, to) {
    checkMoment(from, 'from');
    checkMoment(to, 'to');
    return Math.max(0, to - from);
  },
  isOpen(at) {
    checkMoment(at, 'at');
    return true;
  },
  nextChange(at) {
    checkMoment(at, 'at');
    return null;
  },
};

function checkMoment(at: number, name: string): void {
  if (!Number.isSafeInteger(at)) throw new RangeError(`${name} is not a whole number of milliseconds: ${at}`);
  if (at < earliest || at > latest) throw new RangeError(`${name} lies outside of the years 1900 to 2200: ${at}`);
}

function checkDuration(ms: number): void {
  if (!Number.isSafeInteger(ms) || ms < 0) throw new RangeError(`ms is not a whole number of milliseconds, 0 or more: ${ms}`);
  if (ms > furthestMs) throw tooFar(ms);
}

const tooFar = (ms: number) => new RangeError(`ms leads more than twenty years ahead: ${ms}`);

/** Days worked out at once: a window that counts down needs one block, worked out within milliseconds. */
const blockDays = 128;

/**
 * Throws a RangeError when `checkCalendar` finds anything. Days are worked out when they are first asked for, in blocks, and kept: one
 * run of days without holes that grows at both ends. What is asked within it costs a binary search.
 */
export function compileCalendar(calendar: CalendarHours): BusinessTime {
  const [problem] = checkCalendar(calendar);
  if (problem) throw new RangeError(`calendar cannot be used: ${problem.field} ${problem.code}`);

  const hours = hoursByDate(calendar);
  let known: OpenStretches | null = null;

  const grownAhead = (from: OpenStretches, days: number): OpenStretches =>
    (known = joined(from, recounted(openStretches(hours, from.nextDate, days), from.countedUntil)));

  /** What is known, so far that it holds this moment. */
  function reaching(at: number): OpenStretches {
    // The local date is that of UTC, or one next to it.
    known ??= openStretches(hours, epoch.add({ days: Math.floor(at / dayMs) - 1 }), blockDays);
    // A far moment is one large block, not many small ones.
    while (at < known.from) {
      const days = Math.max(blockDays, Math.ceil((known.from - at) / dayMs));
      const before = openStretches(hours, known.firstDate.subtract({ days }), days);
      known = joined(recounted(before, known.countedFrom - before.countedUntil), known);
    }
    while (at >= known.until) known = grownAhead(known, Math.max(blockDays, Math.ceil((at - known.until) / dayMs)));
    return known;
  }

  return {
    add(from, ms) {
      checkMoment(from, 'from');
      checkDuration(ms);
      if (ms === 0) return from;
      let open = reaching(from);
      const wanted = counted(open, from) + ms;
      while (open.countedUntil < wanted) {
        if (open.until > from + furthestMs) throw tooFar(ms);
        open = grownAhead(open, blockDays);
      }
      // The last stretch before which less than that was counted: it ends inside of it, or with it.
      const index = lastUpTo(open.sums, wanted - 1);
      const until = (open.starts[index] ?? from) + wanted - (open.sums[index] ?? wanted);
      if (until > from + furthestMs) throw tooFar(ms);
      return until;
    },
    between(from, to) {
      checkMoment(from, 'from');
      checkMoment(to, 'to');
      if (to <= from) return 0;
      // Days that join later change no sum that was there, so both are counted from the same origin.
      reaching(from);
      const open = reaching(to);
      return counted(open, to) - counted(open, from);
    },
    isOpen(at) {
      checkMoment(at, 'at');
      const { starts, ends } = reaching(at);
      return at < (ends[lastUpTo(starts, at)] ?? -Infinity);
    },
    nextChange(at) {
      checkMoment(at, 'at');
      for (let open = reaching(at); ; open = grownAhead(open, blockDays)) {
        const index = lastUpTo(open.starts, at);
        const end = open.ends[index] ?? -Infinity;
        const change = at < end ? end : (open.starts[index + 1] ?? Infinity);
        // What ends with the known days may go on with the next of them.
        if (change < open.until) return change <= at + changesMs ? change : null;
        if (open.until > at + changesMs) return null;
      }
    },
  };
}

/** When it is open on a run of days, in order; stretches never touch each other. */
interface OpenStretches {
  starts: readonly number[];
  ends: readonly number[];
  /** Business time from an origin to each start. Negative before it: days that join at the front change no number that is there. */
  sums: readonly number[];
  /** The days, without `nextDate`, and the midnights that they begin and end with. */
  firstDate: Temporal.PlainDate;
  nextDate: Temporal.PlainDate;
  from: number;
  until: number;
  /** Business time from the origin to `from` and to `until`. */
  countedFrom: number;
  countedUntil: number;
}

/** Business time from the origin to a moment within. */
function counted({ starts, ends, sums, countedFrom }: OpenStretches, at: number): number {
  const index = lastUpTo(starts, at);
  return index < 0 ? countedFrom : (sums[index] ?? 0) + Math.min(at, ends[index] ?? at) - (starts[index] ?? at);
}

/** The same days, counted from another origin. */
function recounted(open: OpenStretches, by: number): OpenStretches {
  return { ...open, sums: open.sums.map((sum) => sum + by), countedFrom: open.countedFrom + by, countedUntil: open.countedUntil + by };
}

/** Two runs that follow each other, counted from the same origin. What goes on past the midnight between them becomes one stretch. */
function joined(left: OpenStretches, right: OpenStretches): OpenStretches {
  const through = right.starts[0] === left.ends.at(-1) && right.starts.length > 0 ? 1 : 0;
  return {
    starts: left.starts.concat(right.starts.slice(through)),
    ends: left.ends.slice(0, left.ends.length - through).concat(right.ends),
    sums: left.sums.concat(right.sums.slice(through)),
    firstDate: left.firstDate,
    nextDate: right.nextDate,
    from: left.from,
    until: right.until,
    countedFrom: left.countedFrom,
    countedUntil: right.countedUntil,
  };
}

/** Index of the last number that is not above `most`; -1: all are. */
function lastUpTo(sorted: readonly number[], most: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const epoch = new Temporal.PlainDate(1970, 1, 1);

interface HoursByDate {
  zone: string;
  week: HoursRange[][];
  dated: Map<string, HoursRange[]>;
}

function hoursByDate({ zone, week, days }: CalendarHours): HoursByDate {
  return { zone, week: [...week], dated: new Map(days.map(({ date, hours }) => [date, hours])) };
}

/** When it is open on `days` days from `firstDate` on, counted from the first midnight. */
function openStretches(hours: HoursByDate, firstDate: Temporal.PlainDate, days: number): OpenStretches {
  const starts: number[] = [];
  const ends: number[] = [];
  const from = midnight(firstDate, hours.zone);
  let until = from;
  let date = firstDate;
  for (let day = 0; day < days; day += 1) {
    const ranges = hours.dated.get(date.toString()) ?? hours.week[date.dayOfWeek - 1] ?? [];
    const nextDate = date.add({ days: 1 });
    const next = midnight(nextDate, hours.zone);
    for (const [opens, closes] of openOn(ranges, date, until, next, hours.zone)) {
      const last = ends.at(-1) ?? -Infinity;
      if (opens > last) {
        starts.push(opens);
        ends.push(closes);
      } else ends[ends.length - 1] = Math.max(last, closes);
    }
    date = nextDate;
    until = next;
  }
  let countedUntil = 0;
  const sums: number[] = [];
  for (const [index, start] of starts.entries()) {
    sums.push(countedUntil);
    countedUntil += (ends[index] ?? start) - start;
  }
  return { starts, ends, sums, firstDate, nextDate: date, from, until, countedFrom: 0, countedUntil };
}

/** One local day, from `start` to the next midnight: sorted by their beginnings, empty ones dropped. */
function openOn(
  ranges: readonly HoursRange[],
  date: Temporal.PlainDate,
  start: number,
  until: number,
  zone: string,
): Array<[opens: number, closes: number]> {
  const moment = (minute: number): number => {
    if (minute === 0) return start;
    if (minute === 1440) return until;
    // Asking the zone is slow, and almost every day has 24 hours.
    if (until - start === dayMs) return start + minute * minuteMs;
    const plainTime = new Temporal.PlainTime(Math.floor(minute / 60), minute % 60);
    // A time that was skipped comes as much later ('compatible'), which may be after other times of the day, or on another day. Where a
    // whole day was skipped (Apia, 2011-12-30), all of it falls on the next midnight, and nothing is left.
    const instant = date.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds;
    return Math.min(Math.max(instant, start), until);
  };
  return ranges
    .map(({ from, to }): [number, number] => [moment(from), moment(to)])
    .filter(([opens, closes]) => opens < closes)
    .sort(([a], [b]) => a - b);
}

/** The first moment of a local day: not 00:00 where the clock was put forward at midnight. */
function midnight(date: Temporal.PlainDate, zone: string): number {
  return date.toZonedDateTime(zone).epochMilliseconds;
}
