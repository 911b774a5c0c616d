/** Times as people say them. Pure: `now` and the words are arguments; times are ms on the hub's clock, days are the workstation's. */
import type { TFunction } from 'i18next';

export type Lang = 'vi' | 'en';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const two = (n: number) => String(n).padStart(2, '0');
const localeOf = (lang: Lang) => (lang === 'vi' ? 'vi-VN' : 'en-GB');

export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** Whole days from the day of `now` to the day of `at`; yesterday is -1. */
export function daysApart(at: number, now: number): number {
  return Math.round((startOfDay(at) - startOfDay(now)) / day);
}

/** 10:42 */
export function clockTime(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** 10:42:07 */
export function clockSeconds(at: number): string {
  return `${clockTime(at)}:${two(new Date(at).getSeconds())}`;
}

/** 22/11, with the year unless it is this one */
export function shortDate(at: number, now: number): string {
  const date = new Date(at);
  const text = `${two(date.getDate())}/${two(date.getMonth() + 1)}`;
  return date.getFullYear() === new Date(now).getFullYear() ? text : `${text}/${date.getFullYear()}`;
}

/** The exact moment, for a hover. */
export function exact(at: number, lang: Lang): string {
  return new Intl.DateTimeFormat(localeOf(lang), { dateStyle: 'full', timeStyle: 'medium' }).format(at);
}

/** How a list dates its rows: just now, 5 min, 10:42, yesterday, 12/11. */
export function listTime(at: number, now: number, t: TFunction): string {
  const past = now - at;
  if (past < minute) return t('time.now');
  if (past < hour) return t('time.minutes', { n: Math.floor(past / minute) });
  const days = daysApart(at, now);
  if (days === 0) return clockTime(at);
  return days === -1 ? t('time.yesterday') : shortDate(at, now);
}

/** The heading of a day in a conversation. */
export function dayLabel(at: number, now: number, t: TFunction, lang: Lang): string {
  const days = daysApart(at, now);
  if (days === 0) return t('time.today');
  if (days === -1) return t('time.yesterday');
  const weekday = new Intl.DateTimeFormat(localeOf(lang), { weekday: 'long' }).format(at);
  return `${weekday.charAt(0).toLocaleUpperCase()}${weekday.slice(1)}, ${shortDate(at, now)}`;
}

/** A moment near now, past or to come: 10:45, 8:00 tomorrow, 8:00 23/11. */
export function moment(at: number, now: number, t: TFunction): string {
  const days = daysApart(at, now);
  if (days === 0) return clockTime(at);
  if (days === 1) return t('time.tomorrowAt', { at: clockTime(at) });
  return t('time.dayAt', { at: clockTime(at), day: shortDate(at, now) });
}

/** On a chip: 4:12, 1 h 20, 2 d. The amount is rounded so that a countdown shows 0:01 in its last second, and a count up 0:00 in its first. */
export function chipTime(leftMs: number, t: TFunction): string {
  const s = leftMs > 0 ? Math.ceil(leftMs / second) : Math.floor(-leftMs / second);
  if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))}`;
  return t('time.dayShort', { n: Math.floor(s / 86_400) });
}

/** In full: 4 minutes 12 seconds. */
export function spanWords(ms: number, t: TFunction): string {
  const s = Math.ceil(Math.abs(ms) / second);
  if (s < 60) return t('time.seconds', { n: s });
  if (s < 3600) return t('time.ms', { m: Math.floor(s / 60), s: s % 60 });
  if (s < 86_400) return t('time.hm', { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
  return t('time.dh', { d: Math.floor(s / 86_400), h: Math.floor((s % 86_400) / 3600) });
}

/** 3:20 for 200 seconds. */
export function callTime(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** Seconds of "3:20", "3" (minutes) or "1:02:03"; null if it is none of these. */
export function parseCallTime(text: string): number | null {
  const match = /^(?:(?:(\d{1,2}):)?(\d{1,3}):(\d{2})|(\d{1,3}))$/.exec(text.trim());
  if (!match) return null;
  const [, hours = '0', minutes = '0', rest = '0', alone] = match;
  const seconds = alone !== undefined ? Number(alone) * 60 : Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
  return Number(rest) < 60 && seconds <= 86_400 ? seconds : null;
}

export type SnoozeName = 'inHour' | 'afternoon' | 'tomorrow' | 'monday';

/** The natural choices at this time of day, soonest first. */
export function snoozeChoices(now: number): { name: SnoozeName; at: number }[] {
  const at = (days: number, hours: number) => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    return date.setHours(hours, 0, 0, 0);
  };
  const choices: { name: SnoozeName; at: number }[] = [{ name: 'inHour', at: now + hour }];
  const nowHour = new Date(now).getHours();
  if (nowHour < 15) choices.push({ name: 'afternoon', at: at(0, nowHour < 12 ? 14 : 16) });
  choices.push({ name: 'tomorrow', at: at(1, 8) });
  const toMonday = (8 - new Date(now).getDay()) % 7 || 7;
  if (toMonday > 1) choices.push({ name: 'monday', at: at(toMonday, 8) });
  return choices;
}

/** A moment as an agent types it: "15:30", "9h", "mai 9:00", "tomorrow 9", "25/11 8:00". Null if unclear or not after now. */
export function parseMoment(text: string, now: number): number | null {
  const words = text.trim().toLowerCase().normalize('NFC');
  const match = /^(?:(mai|ngày mai|tomorrow|(\d{1,2})\/(\d{1,2})(?:\/(\d{4}))?)\s*)?(?:(\d{1,2})(?:(?::|h|g)(\d{2})?)?)?$/.exec(words);
  if (!match) return null;
  const [, dayWord, dd, mm, yyyy, hh, min] = match;
  if (dayWord === undefined && hh === undefined) return null;
  const date = new Date(now);
  if (dd !== undefined && mm !== undefined) {
    date.setFullYear(yyyy === undefined ? date.getFullYear() : Number(yyyy), Number(mm) - 1, Number(dd));
    if (date.getDate() !== Number(dd) || date.getMonth() !== Number(mm) - 1) return null;
  } else if (dayWord !== undefined) {
    date.setDate(date.getDate() + 1);
  }
  const hours = hh === undefined ? 8 : Number(hh);
  const minutes = min === undefined ? 0 : Number(min);
  if (hours > 23 || minutes > 59) return null;
  const at = date.setHours(hours, minutes, 0, 0);
  if (at > now) return at;
  if (dd !== undefined && yyyy === undefined) return new Date(at).setFullYear(new Date(at).getFullYear() + 1);
  return null;
}
