import { expect, test } from 'vitest';
import {
  type CalendarForm,
  dateKind,
  newCalendar,
  nextFreeDate,
  nextHolidayYear,
  readCalendar,
  readDate,
  readTime,
  showTime,
  sortDays,
  weekGroups,
  withHolidays,
} from './calendar-form.ts';

const form = (change: Partial<CalendarForm> = {}): CalendarForm => ({
  ...newCalendar('00000000-0000-7000-8000-000000000001', 'Asia/Ho_Chi_Minh'),
  name: 'Giờ hành chính',
  ...change,
});
const day = (date: string, name = '', hours: { from: string; to: string }[] = []) => ({ key: date + name, date, name, hours });

test('times as people type them', () => {
  expect(['8', '8:00', '08:00', '8h', '8h30', '0830', '17.30', '24:00', ' 9 : 15 '].map(readTime)).toEqual([
    480, 480, 480, 480, 510, 510, 1050, 1440, 555,
  ]);
  expect(['', '8:5', '25', '24:30', '8:60', 'tám giờ', '8:000', '-1'].map(readTime)).toEqual(Array(8).fill(null));
  expect([0, 480, 1440].map(showTime)).toEqual(['00:00', '08:00', '24:00']);
});

test('dates as people type them; days that never were are none', () => {
  expect(['30/4/2027', '30-04-2027', '2027-04-30', '29/02/2028'].map(readDate)).toEqual([
    '2027-04-30',
    '2027-04-30',
    '2027-04-30',
    '2028-02-29',
  ]);
  expect(['', '30/4', '31/4/2027', '29/2/2027', '2027-13-01', '0/1/2027', 'mai'].map(readDate)).toEqual(Array(7).fill(null));
});

test('what can’t be read is named where it stands, and only there', () => {
  expect(readCalendar(form()).problems).toEqual([]);
  const week = form().week.with(1, [
    { from: '8:00', to: '12:00' },
    { from: '11:00', to: '17:00' },
    { from: 'abc', to: '20:00' },
  ]);
  const days = [day('30/4/2027'), day('30/04/2027', 'lần nữa'), day('mai'), day('hôm kia'), day('1/5/2027', '', [{ from: '9', to: '9' }])];
  expect(readCalendar(form({ name: ' ', week, days, zone: 'Sao/Hỏa' })).problems).toEqual([
    { field: 'name', code: 'NO_NAME' },
    { field: 'zone', code: 'UNKNOWN_ZONE' },
    { field: 'week.1.1', code: 'OVERLAP' },
    { field: 'week.1.2', code: 'BAD_TIME' },
    { field: 'days.1.date', code: 'SAME_DATE' },
    { field: 'days.4.hours.0', code: 'EMPTY_RANGE' },
    { field: 'days.2.date', code: 'BAD_DATE' },
    { field: 'days.3.date', code: 'BAD_DATE' },
  ]);
  expect(readCalendar(form({ week: form().week.map(() => []) })).problems).toEqual([{ field: 'week', code: 'NO_HOURS' }]);
});

test('holidays of a year come once, and what is there stays', () => {
  const tet = form({ days: [day('06/02/2027', 'Mùng một, trực nửa ngày', [{ from: '8:00', to: '12:00' }])] });
  const { days, added, kept } = withHolidays(tet, 2027);
  expect([added + kept, kept]).toEqual([days.length, 1]);
  expect(days.find(({ date }) => date === '06/02/2027')!.name).toBe('Mùng một, trực nửa ngày');
  expect(days.map(({ date }) => readDate(date))).toEqual(days.map(({ date }) => readDate(date)).toSorted());
  expect(withHolidays({ ...tet, days }, 2027)).toMatchObject({ added: 0, kept: days.length });
  // Somebody who works on Saturdays is given no day off for one of them.
  const six = form({ week: form().week.with(5, [{ from: '8:00', to: '12:00' }]) });
  expect(withHolidays(six, 2027).days.length).toBeLessThan(withHolidays(form(), 2027).days.length);
});

test('the year that is offered next; the next free day', () => {
  expect(nextHolidayYear(form(), '2026-11-23')).toBe(2027);
  expect(nextHolidayYear(form(), '2027-01-01')).toBe(2027);
  expect(nextHolidayYear(form({ days: withHolidays(form(), 2027).days }), '2026-11-23')).toBe(2028);
  expect(nextFreeDate([day('24/11/2026'), day('25/11/2026')], '2026-11-23')).toBe('2026-11-26');
  expect(sortDays([day('2/9/2027'), day('30/4/2027'), day('?')]).map(({ date }) => date)).toEqual(['?', '30/4/2027', '2/9/2027']);
});

test('a week in few words, and what a date is', () => {
  const { hours } = readCalendar(
    form({
      week: form()
        .week.with(2, [{ from: '9', to: '10' }])
        .with(5, [{ from: '8', to: '12' }]),
      days: [day('30/4/2027', 'Lễ')],
    }),
  );
  expect(weekGroups(hours.week).map(({ from, to }) => [from, to])).toEqual([
    [0, 1],
    [2, 2],
    [3, 4],
    [5, 5],
  ]);
  expect(dateKind(hours, '2027-04-30')).toMatchObject({ open: false, own: { name: 'Lễ' } });
  expect(dateKind(hours, '2027-04-29')).toEqual({ open: true, own: null });
  expect(dateKind(hours, '2027-05-02')).toEqual({ open: false, own: null });
});
