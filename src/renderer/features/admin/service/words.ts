/** Calendars and policies in words. Pure: what is needed of the desk comes as arguments. */
import type { TFunction } from 'i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import { type CalendarHours, checkCalendar, compileCalendar, type HoursRange } from '../../../../shared/calendar.ts';
import { clockKinds } from '../../../../shared/words.ts';
import type { SlaPolicy } from '../../../../shared/service-rows.ts';
import { moment } from '../../../ui/time.ts';
import { isoAfter, showTime, weekGroups } from './calendar-form.ts';
import { promiseOf } from './policy-form.ts';
import { spanParts } from './span.ts';

/** 1 ngày 2 giờ; the two largest parts are enough. */
export function spanText(ms: number, t: TFunction): string {
  const parts = spanParts(ms).slice(0, 2);
  if (parts.length === 0) return t('span.s', { count: 0 });
  return parts.map(({ unit, n }) => t(`span.${unit}`, { count: n })).join(' ');
}

const hourText = (minutes: number) => showTime(minutes).replace(/^0/, '');
export const hoursText = (hours: readonly HoursRange[]): string =>
  hours.map(({ from, to }) => `${hourText(from)}–${hourText(to)}`).join(', ');

type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;
export const weekdays: readonly Weekday[] = [0, 1, 2, 3, 4, 5, 6];
export const weekdayShort = (day: number, t: TFunction): string => t(`calendars.short.d${day as Weekday}`);

/** T2–T6 8:00–12:00, 13:00–17:30 · T7 8:00–12:00 */
export function weekText(week: CalendarHours['week'], t: TFunction): string {
  const groups = weekGroups(week);
  const [first] = groups;
  if (groups.length === 1 && first?.from === 0 && first.to === 6 && hoursText(first.hours) === '0:00–24:00') return t('calendars.always');
  return groups
    .map(({ from, to, hours }) => {
      const days = from === to ? weekdayShort(from, t) : `${weekdayShort(from, t)}–${weekdayShort(to, t)}`;
      return `${days} ${hoursText(hours)}`;
    })
    .join(' · ');
}

/** A moment on the clocks of a zone, as the same time on this machine's: for words about it, not for counting. */
function wallTime(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return new Date(of('year'), of('month') - 1, of('day'), of('hour'), of('minute')).getTime();
}

/** The date in a zone: 2027-04-30. */
export function todayIn(zone: string, now: number): string {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now);
  } catch {
    // A zone that is none: the problem is said at its field.
    return isoAfter(new Date(now).toISOString().slice(0, 10), 0);
  }
}

/** UTC+7 */
export function offsetText(zone: string, now: number): string {
  try {
    const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(now);
    return (parts.find(({ type }) => type === 'timeZoneName')?.value ?? '').replace('GMT', 'UTC');
  } catch {
    return '';
  }
}

/** Whether it is open, and until when, by its own clocks. Null: it can't be used. */
export function openState({ zone, week, days }: CalendarHours, now: number, t: TFunction): { open: boolean; text: string } | null {
  if (checkCalendar({ zone, week, days }).length > 0) return null;
  const time = compileCalendar({ zone, week, days });
  const open = time.isOpen(now);
  const next = time.nextChange(now);
  if (next === null) return { open, text: t(open ? 'calendars.openAlways' : 'calendars.closedLong') };
  const at = moment(wallTime(next, zone), wallTime(now, zone), t);
  return { open, text: t(open ? 'calendars.open' : 'calendars.closed', { at }) };
}

/** What counts by a calendar: it stays as long as there is any. */
export function usersOf(calendarId: string, { slaPolicies, queues }: Pick<Reference, 'slaPolicies' | 'queues'>, t: TFunction): string[] {
  return [
    ...slaPolicies.filter((policy) => policy.calendarId === calendarId).map(({ name }) => t('calendars.policy', { name })),
    ...queues.filter(({ routing }) => routing?.calendarId === calendarId).map(({ name }) => t('calendars.queue', { name })),
  ];
}

/** Chat hoặc Messenger · hàng đợi Bán hàng */
export function matchText(match: SlaPolicy['match'], queues: Reference['queues'], t: TFunction): string {
  const or = (names: string[]) => names.join(t('policies.or'));
  const asked: string[] = [];
  if (match.channels.length > 0) asked.push(or(match.channels.map((kind) => t(`channel.${kind}`))));
  if (match.queueIds.length > 0)
    asked.push(t('policies.says.queues', { what: or(match.queueIds.map((id) => queues.find((one) => one.id === id)?.name ?? '?')) }));
  if (match.priorities.length > 0)
    asked.push(t('policies.says.priorities', { what: or(match.priorities.map((one) => t(`priority.${one}`))) }));
  if (match.segments.length > 0) asked.push(t('policies.says.segments', { what: or(match.segments) }));
  if (match.tags.length > 0) asked.push(t('policies.says.tags', { what: or(match.tags) }));
  const text = asked.length === 0 ? t('policies.fitsAll') : asked.join(' · ');
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** Each kind of promise with how long: one span where all priorities have the same. */
export function promiseTexts(policy: Pick<SlaPolicy, 'targets' | 'match'>, t: TFunction): { kind: string; span: string }[] {
  return clockKinds.flatMap((kind) => {
    const promise = promiseOf(policy, kind);
    if (!promise) return [];
    const [least, most] = [spanText(promise.least, t), spanText(promise.most, t)];
    const span = promise.least === promise.most ? least : t('policies.range', { least, most });
    return [{ kind: t(`sla.${kind}`), span: promise.some ? t('policies.someOnly', { span }) : span }];
  });
}

/** theo lịch Hành chính */
export function byText(calendarId: string | null, calendars: Reference['calendars'], t: TFunction): string {
  if (calendarId === null) return t('policies.by.always');
  return t('policies.by.calendar', { name: calendars.find(({ id }) => id === calendarId)?.name ?? t('policies.lostCalendar') });
}
