/** A calendar as it is typed: hours and dates as text, so that what can't be read stays where it was written and is named there. Pure. */
import { type CalendarDay, type CalendarHours, type CalendarProblem, checkCalendar, type HoursRange } from '../../../../shared/calendar.ts';
import type { Calendar } from '../../../../shared/domain.ts';
import { vietnameseHolidays } from '../../../../shared/holidays.ts';

export interface RangeText {
  from: string;
  to: string;
}

export interface DayForm {
  /** stays the same while the list is sorted */
  key: string;
  /** 30/4/2027 */
  date: string;
  name: string;
  /** empty: closed */
  hours: RangeText[];
}

export interface CalendarForm {
  id: string;
  name: string;
  zone: string;
  /** Monday first */
  week: RangeText[][];
  days: DayForm[];
}

/** As `checkCalendar` names them, and what it never sees: text that says nothing. Fields are `name` and its paths. */
export interface FormProblem {
  field: string;
  code: CalendarProblem['code'] | 'NO_NAME' | 'BAD_TIME' | 'BAD_DATE';
}

export const usualRanges = (): RangeText[] => [
  { from: '08:00', to: '12:00' },
  { from: '13:00', to: '17:30' },
];

export const mostRanges = 10;
export const mostDays = 1000;

export function newCalendar(id: string, zone: string): CalendarForm {
  return { id, name: '', zone, week: [0, 1, 2, 3, 4, 5, 6].map((at) => (at < 5 ? usualRanges() : [])), days: [] };
}

export function formOf({ id, name, zone, week, days }: Calendar): CalendarForm {
  return {
    id,
    name,
    zone,
    week: week.map((ranges) => ranges.map(rangeText)),
    days: days.map(({ date, name: dayName, hours }) => ({ key: date, date: showDate(date), name: dayName, hours: hours.map(rangeText) })),
  };
}

const rangeText = ({ from, to }: HoursRange): RangeText => ({ from: showTime(from), to: showTime(to) });

/** What the form says, as far as it can be read, and all that is wrong with it in the order of its fields. */
export function readCalendar({ name, zone, week, days }: CalendarForm): { hours: CalendarHours; problems: FormProblem[] } {
  const unread = new Set<string>();
  const ranges = (texts: readonly RangeText[], field: string): HoursRange[] =>
    texts.map(({ from, to }, at) => {
      const [opens, closes] = [readTime(from), readTime(to)];
      if (opens !== null && closes !== null) return { from: opens, to: closes };
      unread.add(`${field}.${at}`);
      return unreadable;
    });
  const hours: CalendarHours = {
    zone,
    week: week.map((texts, weekday) => ranges(texts, `week.${weekday}`)),
    days: days.map(({ date, name: dayName, hours: texts }, at): CalendarDay => {
      const read = readDate(date);
      if (read === null) unread.add(`days.${at}.date`);
      // Dates that can't be read are not the same as one another.
      return { date: read ?? `?${at}`, name: dayName.trim(), hours: ranges(texts, `days.${at}.hours`) };
    }),
  };
  const problems: FormProblem[] = name.trim() === '' ? [{ field: 'name', code: 'NO_NAME' }] : [];
  // An hour that can't be read is no range at all: checkCalendar names it as an empty one.
  for (const { field, code } of checkCalendar(hours)) problems.push({ field, code: unread.has(field) ? 'BAD_TIME' : code });
  for (const field of unread) if (field.endsWith('.date')) problems.push({ field, code: 'BAD_DATE' });
  return { hours, problems };
}

const unreadable: HoursRange = { from: 0, to: 0 };

const two = (n: number) => String(n).padStart(2, '0');

/** 08:00; 1440 is 24:00 */
export const showTime = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

/** Minutes of "8", "8:00", "8h30", "0830", "24:00"; null if it is no time of a day. */
export function readTime(text: string): number | null {
  const [, hours, minutes = '0'] = /^(\d{1,2})(?:\s*[:hHgG.]?\s*(\d{2})?)$/.exec(text.trim()) ?? [];
  if (hours === undefined) return null;
  const read = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && read <= 1440 ? read : null;
}

/** 30/4/2027 of 2027-04-30 */
export function showDate(iso: string): string {
  const [year = '', month = '', day = ''] = iso.split('-');
  return `${two(Number(day))}/${two(Number(month))}/${year}`;
}

/** 2027-04-30 of "30/4/2027", "30-04-2027" or itself; null if there is no such day. */
export function readDate(text: string): string | null {
  const typed = text.trim();
  const [, day, month, year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(typed) ?? [];
  const iso = year === undefined ? typed : `${year}-${two(Number(month))}-${two(Number(day))}`;
  return /^\d{4}-\d{2}-\d{2}$/.test(iso) && new Date(`${iso}T00:00Z`).toJSON()?.startsWith(iso) ? iso : null;
}

/** In their order; what can't be read comes first, where it is seen. */
export function sortDays(days: readonly DayForm[]): DayForm[] {
  return days.toSorted((a, b) => (readDate(a.date) ?? '').localeCompare(readDate(b.date) ?? ''));
}

/** With Vietnam's public holidays of a year; a date that is there stays as it is. */
export function withHolidays(form: CalendarForm, year: number): { days: DayForm[]; added: number; kept: number } {
  const there = new Set(form.days.map(({ date }) => readDate(date)));
  // What falls on a day of rest is made up for on the next day that is none; where there is no other day, nothing is known of rest.
  const resting = [1, 2, 3, 4, 5, 6, 7].filter((weekday) => form.week[weekday - 1]?.length === 0);
  const holidays = vietnameseHolidays(year, resting.length < 7 ? { restDays: resting } : {});
  const fresh = holidays.filter(({ date }) => !there.has(date));
  const made = fresh.map(({ date, name }): DayForm => ({ key: crypto.randomUUID(), date: showDate(date), name, hours: [] }));
  return { days: sortDays([...form.days, ...made]), added: fresh.length, kept: holidays.length - fresh.length };
}

/** The first year, from that of `today` on, of which holidays that are still to come are missing. */
export function nextHolidayYear(form: CalendarForm, today: string): number {
  const first = Number(today.slice(0, 4));
  const there = new Set(form.days.map(({ date }) => readDate(date)));
  for (let year = first; year < first + 4; year += 1)
    if (vietnameseHolidays(year).some(({ date, name }) => date >= today && !there.has(date) && !name.startsWith('Nghỉ bù'))) return year;
  return first;
}

/** The first day after `today` that has no line of its own. */
export function nextFreeDate(days: readonly DayForm[], today: string): string {
  const there = new Set(days.map(({ date }) => readDate(date)));
  let date = today;
  do date = isoAfter(date, 1);
  while (there.has(date));
  return date;
}

export const isoAfter = (iso: string, days: number): string =>
  new Date(Date.parse(`${iso}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
/** Monday is 0 */
export const weekdayOf = (iso: string): number => (new Date(`${iso}T00:00Z`).getUTCDay() + 6) % 7;

/** Days next to one another that are open in the same hours, Monday first; closed ones are left out. */
export function weekGroups(week: readonly (readonly HoursRange[])[]): { from: number; to: number; hours: readonly HoursRange[] }[] {
  const groups: { from: number; to: number; hours: readonly HoursRange[] }[] = [];
  for (const [day, hours] of week.entries()) {
    const last = groups.at(-1);
    if (last && last.to === day - 1 && JSON.stringify(last.hours) === JSON.stringify(hours)) last.to = day;
    else if (hours.length > 0) groups.push({ from: day, to: day, hours: hours.toSorted((a, b) => a.from - b.from) });
  }
  return groups;
}

export const openMinutes = (hours: readonly HoursRange[]): number => hours.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);

/** How a date is, and whether a line of its own says so. */
export function dateKind({ week, days }: CalendarHours, iso: string): { open: boolean; own: CalendarDay | null } {
  const own = days.find(({ date }) => date === iso) ?? null;
  return { open: (own?.hours ?? week[weekdayOf(iso)] ?? []).length > 0, own };
}
