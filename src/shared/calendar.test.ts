import { describe, expect, test } from 'vitest';
import {
  type BusinessTime,
  calendarHours,
  type CalendarHours,
  type CalendarProblem,
  checkCalendar,
  compileCalendar,
  type HoursRange,
  roundTheClock,
} from './calendar.ts';
import { vietnameseHolidays } from './holidays.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365.25 * day;

/** `8-12 13-17:30` */
const hours = (text: string): HoursRange[] =>
  text === ''
    ? []
    : text.split(' ').map((range) => {
        const [from = 0, to = 0] = range.split('-').map((end) => {
          const [whole = 0, minutes = 0] = end.split(':').map(Number);
          return whole * 60 + minutes;
        });
        return { from, to };
      });
const calendar = (zone: string, week: string[], days: Array<[date: string, hours: string]> = []): CalendarHours => ({
  zone,
  week: week.map(hours),
  days: days.map(([date, open]) => ({ date, name: '', hours: hours(open) })),
});
const everyDay = (open: string): string[] => Array.from({ length: 7 }, () => open);
const workWeek = (open: string, saturday = ''): string[] => [open, open, open, open, open, saturday, ''];
const moment = (text: string): number => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new Error(`not a moment: ${text}`);
  return at;
};
const shown = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const inUtc = (text: string) => shown(moment(text));

/** 2026-11-23 is a Monday. */
const lunch = '8-12 13-17';
const office = compileCalendar(calendar('Asia/Ho_Chi_Minh', workWeek(lunch)));
const saturdays = compileCalendar(calendar('Asia/Ho_Chi_Minh', workWeek(lunch, '8-12')));
const nights = compileCalendar(calendar('Asia/Ho_Chi_Minh', everyDay('0-2 22-24')));
const year2026 = compileCalendar({
  ...calendar('Asia/Ho_Chi_Minh', workWeek(lunch)),
  days: [
    ...vietnameseHolidays(2026),
    { date: '2026-02-14', name: 'làm bù', hours: hours(lunch) },
    { date: '2026-02-13', name: 'tất niên', hours: hours('8-11:30') },
    { date: '2026-02-23', name: 'khai xuân', hours: hours('9:15-12 14-15:45') },
  ],
});

describe('adding', () => {
  test.each<[string, BusinessTime, string, number, string]>([
    ['within the morning', office, '2026-11-23T08:30+07:00', hour, '2026-11-23T09:30+07:00'],
    ['over the lunch break', office, '2026-11-23T11:30+07:00', hour, '2026-11-23T13:30+07:00'],
    ['from within the lunch break', office, '2026-11-23T12:20+07:00', hour, '2026-11-23T14:00+07:00'],
    ['from before it opens', office, '2026-11-23T05:00+07:00', hour, '2026-11-23T09:00+07:00'],
    ['from after it has closed', office, '2026-11-23T18:00+07:00', hour, '2026-11-24T09:00+07:00'],
    ['from exactly when it opens', office, '2026-11-23T08:00+07:00', hour, '2026-11-23T09:00+07:00'],
    ['from exactly when it closes', office, '2026-11-23T17:00+07:00', 1, '2026-11-24T08:00:00.001+07:00'],
    ['up to exactly the lunch break', office, '2026-11-23T08:00+07:00', 4 * hour, '2026-11-23T12:00+07:00'],
    ['one more', office, '2026-11-23T08:00+07:00', 4 * hour + 1, '2026-11-23T13:00:00.001+07:00'],
    ['up to exactly the evening', office, '2026-11-23T08:00+07:00', 8 * hour, '2026-11-23T17:00+07:00'],
    ['over the night', office, '2026-11-23T16:00+07:00', 2 * hour, '2026-11-24T09:00+07:00'],
    ['over the weekend', office, '2026-11-27T16:30+07:00', hour, '2026-11-30T08:30+07:00'],
    ['from the weekend', office, '2026-11-28T10:00+07:00', hour, '2026-11-30T09:00+07:00'],
    ['over half a Saturday', saturdays, '2026-11-27T16:30+07:00', 5 * hour, '2026-11-30T08:30+07:00'],
    ['a working week', office, '2026-11-23T10:00+07:00', 40 * hour, '2026-11-30T10:00+07:00'],
    ['a working year', office, '2026-11-23T10:00+07:00', 52 * 40 * hour, '2027-11-22T10:00+07:00'],
    ['through midnight', nights, '2026-11-23T23:00+07:00', 2 * hour, '2026-11-24T01:00+07:00'],
    ['through two nights', nights, '2026-11-23T23:00+07:00', 4 * hour, '2026-11-24T23:00+07:00'],
    ['nothing, while open', office, '2026-11-23T10:00+07:00', 0, '2026-11-23T10:00+07:00'],
    ['nothing, while closed', office, '2026-11-22T10:00+07:00', 0, '2026-11-22T10:00+07:00'],
    ['nothing, at the edge', office, '2026-11-23T12:00+07:00', 0, '2026-11-23T12:00+07:00'],
    ['over Tết', year2026, '2026-02-13T11:00+07:00', 9 * hour, '2026-02-23T09:45+07:00'],
    ['from Tết', year2026, '2026-02-17T00:00+07:00', 3 * hour, '2026-02-23T14:15+07:00'],
    ['into a Saturday swapped in', year2026, '2026-02-13T11:00+07:00', hour, '2026-02-14T08:30+07:00'],
    ['over a shortened day', year2026, '2026-02-13T08:00+07:00', 4 * hour, '2026-02-14T08:30+07:00'],
    ['round the clock', roundTheClock, '2026-11-28T23:59+07:00', 48 * hour, '2026-11-30T23:59+07:00'],
  ])('%s', (_what, time, from, ms, until) => expect(shown(time.add(moment(from), ms))).toBe(inUtc(until)));
});

describe('between', () => {
  test.each<[string, BusinessTime, string, string, number]>([
    ['one day', office, '2026-11-23T00:00+07:00', '2026-11-24T00:00+07:00', 8 * hour],
    ['the lunch break', office, '2026-11-23T12:00+07:00', '2026-11-23T13:00+07:00', 0],
    ['the weekend', office, '2026-11-27T17:00+07:00', '2026-11-30T08:00+07:00', 0],
    ['backwards', office, '2026-11-24T10:00+07:00', '2026-11-23T10:00+07:00', 0],
    ['one moment', office, '2026-11-23T10:00+07:00', '2026-11-23T10:00+07:00', 0],
    ['parts of days', office, '2026-11-23T11:59:59.500+07:00', '2026-11-23T13:00:00.250+07:00', 750],
    ['the week of Tết', year2026, '2026-02-16T00:00+07:00', '2026-02-21T00:00+07:00', 0],
    ['a Saturday swapped in', year2026, '2026-02-14T00:00+07:00', '2026-02-15T00:00+07:00', 8 * hour],
    ['another', year2026, '2026-02-07T00:00+07:00', '2026-02-08T00:00+07:00', 0],
    ['a partial day', year2026, '2026-02-23T00:00+07:00', '2026-02-24T00:00+07:00', 4.5 * hour],
    // the 1st of January 1990 was a Monday
    ['far back', office, '1990-01-01T00:00+07:00', '2026-11-23T00:00+07:00', 40 * hour * 1925],
    ['far ahead', office, '2026-11-23T00:00+07:00', '2046-11-19T00:00+07:00', 40 * hour * 1043],
    ['round the clock', roundTheClock, '2026-11-28T00:00+07:00', '2026-12-01T00:00+07:00', 3 * day],
    ['round the clock, backwards', roundTheClock, '2026-12-01T00:00+07:00', '2026-11-28T00:00+07:00', 0],
  ])('%s', (_what, time, from, to, ms) => expect(time.between(moment(from), moment(to))).toBe(ms));
});

describe('where clocks change', () => {
  const week = (zone: string, open: string) => compileCalendar(calendar(zone, everyDay(open)));
  test.each<[string, string, string, string, string, number]>([
    ['Berlin loses an hour of a night', 'Europe/Berlin', '1-3', '2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00', hour],
    ['Berlin loses all of one', 'Europe/Berlin', '2-3', '2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00', 0],
    ['Berlin gains an hour', 'Europe/Berlin', '1-3', '2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00', 3 * hour],
    ['until a time that comes twice: the first', 'Europe/Berlin', '1-2:30', '2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00', 1.5 * hour],
    ['from a time that comes twice: the first', 'Europe/Berlin', '2:30-4', '2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00', 2.5 * hour],
    ['until a time that is skipped', 'Europe/Berlin', '1-2:30', '2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00', 1.5 * hour],
    [
      'what moves into the next hours counts once',
      'Europe/Berlin',
      '1-2:30 3-4',
      '2026-03-29T00:00+01:00',
      '2026-03-30T00:00+02:00',
      2 * hour,
    ],
    ['what lies within what has moved', 'Europe/Berlin', '1-2:55 3-3:10', '2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00', 115 * minute],
    ['what would end before it begins', 'Europe/Berlin', '2:30-3:15', '2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00', 0],
    ['Berlin, a day of 23 hours', 'Europe/Berlin', '0-24', '2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00', 23 * hour],
    ['Berlin, a day of 25 hours', 'Europe/Berlin', '0-24', '2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00', 25 * hour],
    ['Berlin, by day nothing changes', 'Europe/Berlin', '8-12 13-17', '2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00', 8 * hour],
    ['New York in spring', 'America/New_York', '0-6', '2026-03-08T00:00-05:00', '2026-03-09T00:00-04:00', 5 * hour],
    ['New York in autumn', 'America/New_York', '0-6', '2026-11-01T00:00-04:00', '2026-11-02T00:00-05:00', 7 * hour],
    ['Lord Howe loses half an hour', 'Australia/Lord_Howe', '1-3', '2026-10-04T00:00+10:30', '2026-10-05T00:00+11:00', 1.5 * hour],
    ['Lord Howe gains half an hour', 'Australia/Lord_Howe', '1-3', '2026-04-05T00:00+11:00', '2026-04-06T00:00+10:30', 2.5 * hour],
    ['São Paulo has no midnight', 'America/Sao_Paulo', '0-6', '2018-11-03T12:00-03:00', '2018-11-04T12:00-02:00', 5 * hour],
    ['São Paulo, the evening before', 'America/Sao_Paulo', '18-24', '2018-11-03T12:00-03:00', '2018-11-04T12:00-02:00', 6 * hour],
    ['São Paulo has an evening twice', 'America/Sao_Paulo', '18-24', '2018-02-17T12:00-02:00', '2018-02-18T12:00-03:00', 7 * hour],
    ['Toronto skips from 23:30 to 00:30', 'America/Toronto', '0-24', '1919-03-30T00:00-05:00', '1919-04-01T00:00-04:00', 47 * hour],
    ['Apia has no 30th of December 2011', 'Pacific/Apia', '8-12', '2011-12-29T00:00-10:00', '2012-01-01T00:00+14:00', 8 * hour],
    ['Apia, around the clock', 'Pacific/Apia', '0-24', '2011-12-29T00:00-10:00', '2012-01-01T00:00+14:00', 48 * hour],
    [
      'Kwajalein has two 30ths of September 1969',
      'Pacific/Kwajalein',
      '0-24',
      '1969-09-30T00:00+11:00',
      '1969-10-01T00:00-12:00',
      47 * hour,
    ],
    ['Hồ Chí Minh City has none of that', 'Asia/Ho_Chi_Minh', '0-6', '2026-03-29T00:00+07:00', '2026-03-30T00:00+07:00', 6 * hour],
  ])('%s', (_what, zone, open, from, to, ms) => expect(week(zone, open).between(moment(from), moment(to))).toBe(ms));

  test('a day that never was opens nothing, whatever its weekday or an exception says', () => {
    const fridays = compileCalendar(calendar('Pacific/Apia', ['', '', '', '', '8-12', '', ''], [['2011-12-30', '6-20']]));
    expect(fridays.between(moment('2011-12-24T00:00-10:00'), moment('2012-01-06T00:00+14:00'))).toBe(0);
    expect(shown(fridays.nextChange(moment('2011-12-25T00:00-10:00')))).toBe(inUtc('2012-01-06T08:00+14:00'));
  });

  test('four hours on both sides of the night of a change', () => {
    const berlin = week('Europe/Berlin', '22-24 0-4');
    expect(shown(berlin.add(moment('2026-03-28T22:00+01:00'), 4 * hour))).toBe(inUtc('2026-03-29T03:00+02:00'));
    expect(shown(berlin.add(moment('2026-10-24T22:00+02:00'), 4 * hour))).toBe(inUtc('2026-10-25T02:00+02:00'));
    expect(shown(berlin.add(moment('2026-10-24T22:00+02:00'), 5 * hour))).toBe(inUtc('2026-10-25T02:00+01:00'));
  });
});

describe('open or closed', () => {
  test.each([
    ['2026-11-23T07:59:59.999+07:00', false, '2026-11-23T08:00+07:00'],
    ['2026-11-23T08:00+07:00', true, '2026-11-23T12:00+07:00'],
    ['2026-11-23T11:59:59.999+07:00', true, '2026-11-23T12:00+07:00'],
    ['2026-11-23T12:00+07:00', false, '2026-11-23T13:00+07:00'],
    ['2026-11-23T17:00+07:00', false, '2026-11-24T08:00+07:00'],
    ['2026-11-27T17:00+07:00', false, '2026-11-30T08:00+07:00'],
  ])('at %s', (at, open, next) => {
    expect(office.isOpen(moment(at))).toBe(open);
    expect(shown(office.nextChange(moment(at)))).toBe(inUtc(next));
  });

  test('hours that touch are one stretch, in a day and over midnight', () => {
    const touching = compileCalendar(calendar('Asia/Ho_Chi_Minh', ['20-22 22-24', '0-1 1-3', '', '', '', '', '']));
    expect(shown(touching.nextChange(moment('2026-11-23T20:00+07:00')))).toBe(inUtc('2026-11-24T03:00+07:00'));
    const weekend = compileCalendar(calendar('Asia/Ho_Chi_Minh', ['', '', '', '', '18-24', '0-24', '0-24']));
    expect(shown(weekend.nextChange(moment('2026-11-27T20:00+07:00')))).toBe(inUtc('2026-11-30T00:00+07:00'));
  });

  test('it never changes around the clock', () => {
    const always = compileCalendar(calendar('Europe/Berlin', everyDay('0-12 12-24')));
    for (const time of [always, roundTheClock]) {
      expect(time.isOpen(moment('2026-03-29T02:30+01:00'))).toBe(true);
      expect(time.nextChange(moment('2026-03-29T02:30+01:00'))).toBeNull();
    }
  });

  test('nothing is looked for beyond ten years', () => {
    const first = moment('2026-11-22T00:00Z');
    const closedFor = (weeks: number) =>
      compileCalendar({
        ...calendar('Asia/Ho_Chi_Minh', ['', '', '', '', '', '', '8-12']),
        days: Array.from({ length: weeks }, (_, week) => ({ date: shown(first + week * 7 * day)!.slice(0, 10), name: '', hours: [] })),
      });
    expect(closedFor(530).nextChange(first)).toBeNull();
    expect(shown(closedFor(520).nextChange(first))).toBe(inUtc('2036-11-09T08:00+07:00'));
  });
});

describe('what is refused', () => {
  const usable = calendar('Asia/Ho_Chi_Minh', workWeek(lunch), [
    ['2026-02-17', ''],
    ['2026-02-14', '8-12'],
  ]);
  const week = (...open: string[]) => ({ ...usable, week: everyDay('').map((none, index) => hours(open[index] ?? none)) });
  const days = (...open: Array<[string, string]>) => calendar('Asia/Ho_Chi_Minh', workWeek(lunch), open);

  test.each<[string, CalendarHours, Array<[string, CalendarProblem['code']]>]>([
    ['nothing', usable, []],
    ['an unknown zone', { ...usable, zone: 'Mars/Olympus' }, [['zone', 'UNKNOWN_ZONE']]],
    ['no zone', { ...usable, zone: '' }, [['zone', 'UNKNOWN_ZONE']]],
    ['a distance for a zone', { ...usable, zone: '+07:00' }, [['zone', 'UNKNOWN_ZONE']]],
    ['no hours', week(), [['week', 'NO_HOURS']]],
    ['dated openings alone', { ...days(['2026-02-14', '8-12']), week: week().week }, [['week', 'NO_HOURS']]],
    ['ranges that touch', week('8-12 12-13'), []],
    ['ranges out of order', week('13-17 8-12'), []],
    ['an empty range', week('8-12', '9-9'), [['week.1.0', 'EMPTY_RANGE']]],
    ['a range that ends before it begins', week('8-12', '8-9 22-6'), [['week.1.1', 'EMPTY_RANGE']]],
    ['ranges that overlap', week('8-12 11-17'), [['week.0.1', 'OVERLAP']]],
    ['the later one of them, wherever it stands', week('11-17 8-12'), [['week.0.0', 'OVERLAP']]],
    ['the same twice', week('8-12 8-12'), [['week.0.1', 'OVERLAP']]],
    [
      'ranges within a long one',
      week('8-17 9-10 12-13'),
      [
        ['week.0.1', 'OVERLAP'],
        ['week.0.2', 'OVERLAP'],
      ],
    ],
    ['a dated overlap', days(['2026-02-14', '8-12'], ['2026-02-15', '8-12 13-14 13:30-15']), [['days.1.hours.2', 'OVERLAP']]],
    ['a dated empty range', days(['2026-02-14', '8-8']), [['days.0.hours.0', 'EMPTY_RANGE']]],
    ['a date twice', days(['2026-02-14', ''], ['2026-02-15', ''], ['2026-02-14', '8-12']), [['days.2.date', 'SAME_DATE']]],
    [
      'all at once, first things first',
      { ...days(['2026-02-14', ''], ['2026-02-14', '8-9 8-9']), zone: 'x', week: week('', '9-9').week },
      [
        ['zone', 'UNKNOWN_ZONE'],
        ['week.1.0', 'EMPTY_RANGE'],
        ['week', 'NO_HOURS'],
        ['days.1.date', 'SAME_DATE'],
        ['days.1.hours.1', 'OVERLAP'],
      ],
    ],
  ])('%s', (_what, given, problems) => {
    expect(checkCalendar(given)).toEqual(problems.map(([field, code]) => ({ field, code })));
    if (problems.length > 0) expect(() => compileCalendar(given)).toThrow(RangeError);
    else compileCalendar(given);
  });

  test('by its shape', () => {
    expect(calendarHours.safeParse(usable).success).toBe(true);
    expect(calendarHours.safeParse({ ...usable, week: usable.week.slice(1) }).success).toBe(false);
    expect(calendarHours.safeParse(days(['2026-02-30', ''])).success).toBe(false);
    expect(calendarHours.safeParse(week('8-24')).success).toBe(true);
    expect(calendarHours.safeParse(week('8-24:01')).success).toBe(false);
    expect(calendarHours.safeParse(week('24-24')).success).toBe(false);
  });

  test.each([
    ['a calendar', office],
    ['round the clock', roundTheClock],
  ])('moments and durations that are none: %s', (_what, time) => {
    const now = moment('2026-11-23T10:00+07:00');
    for (const wrong of [Number.NaN, Infinity, -Infinity, 0.5, 2 ** 53, -1e14, 1e14]) {
      expect(() => time.add(wrong, 1)).toThrow(/^from /);
      expect(() => time.between(wrong, now)).toThrow(/^from /);
      expect(() => time.between(now, wrong)).toThrow(/^to /);
      expect(() => time.isOpen(wrong)).toThrow(/^at /);
      expect(() => time.nextChange(wrong)).toThrow(/^at /);
      expect(() => time.nextChange(wrong)).toThrow(RangeError);
    }
    for (const wrong of [Number.NaN, Infinity, -1, 0.5, 21 * year]) {
      expect(() => time.add(now, wrong)).toThrow(/^ms /);
      expect(() => time.add(now, wrong)).toThrow(RangeError);
    }
  });

  test('more than twenty years ahead', () => {
    const hourly = compileCalendar(calendar('Asia/Ho_Chi_Minh', ['8-9', '', '', '', '', '', '']));
    const monday = moment('2026-11-23T08:00+07:00');
    expect(shown(hourly.add(monday, 1043 * hour))).toBe(inUtc('2046-11-12T09:00+07:00'));
    expect(() => hourly.add(monday, 1045 * hour)).toThrow(/^ms leads more than twenty years/);
    // what was worked out for that is known now: the answer stays the same
    expect(() => hourly.add(monday, 1045 * hour)).toThrow(RangeError);
    expect(() => roundTheClock.add(monday, 20 * year + 1)).toThrow(RangeError);
  });
});
