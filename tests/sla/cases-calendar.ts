/** Worked cases of calendars: lunch breaks, nights, Tết, swapped Saturdays, partial days, changes of the clocks. See cases.ts. */
import type { CalendarHours } from '../../src/shared/calendar.ts';
import type { Case } from './cases.ts';
import { hours, office } from './world.ts';

const tet = hours(
  'Asia/Ho_Chi_Minh',
  Array.from(office.week, () => '8:00-17:00'),
  {
    '2026-02-16': '',
    '2026-02-17': '',
    '2026-02-18': '',
    '2026-02-19': '',
    '2026-02-20': '',
  },
);
const swapped = hours('Asia/Ho_Chi_Minh', ['8:00-17:00', '8:00-17:00', '8:00-17:00', '8:00-17:00', '8:00-17:00', '', ''], {
  '2026-11-28': '8:00-17:00',
  '2026-11-30': '',
});
const partial = hours(
  'Asia/Ho_Chi_Minh',
  Array.from(office.week, () => '8:00-17:00'),
  { '2026-11-24': '8:00-11:00' },
);
const day = (zone: string): CalendarHours =>
  hours(
    zone,
    Array.from(office.week, () => '0:00-24:00'),
  );
const nights = hours(
  'Europe/Berlin',
  Array.from(office.week, () => '0:00-6:00'),
);
const mail4 = { targets: { frt: '4h', nrt: '4h' } };

export const calendarCases: Case[] = [
  { name: 'within a morning', terms: { calendar: office, targets: { frt: '2h' } }, life: ['08:30 customer'], ends: { frt: 'due 10:30' } },
  { name: 'over lunch', terms: { calendar: office, targets: { frt: '2h' } }, life: ['11:00 customer'], ends: { frt: 'due 14:00' } },
  {
    name: 'to the very start of lunch',
    terms: { calendar: office, targets: { frt: '1h' } },
    life: ['11:00 customer'],
    ends: { frt: 'due 12:00' },
  },
  {
    name: 'a minute past lunch',
    terms: { calendar: office, targets: { frt: '61m' } },
    life: ['11:00 customer'],
    ends: { frt: 'due 13:01' },
  },
  {
    name: 'written during lunch',
    terms: { calendar: office, targets: { frt: '30m' } },
    life: ['12:20 customer'],
    ends: { frt: 'due 13:30' },
  },
  { name: 'over the night', terms: { calendar: office, targets: { frt: '4h' } }, life: ['16:00 customer'], ends: { frt: 'due 24 10:30' } },
  {
    name: 'written at night',
    terms: { calendar: office, targets: { frt: '1h' } },
    life: ['22:00 customer'],
    ends: { frt: 'due 24 09:00' },
  },
  {
    name: 'to the very end of the day',
    terms: { calendar: office, targets: { frt: '90m' } },
    life: ['16:00 customer'],
    ends: { frt: 'due 17:30' },
  },
  {
    name: 'Friday to Saturday morning',
    terms: { calendar: office, targets: { frt: '2h' } },
    day: '2026-11-27',
    life: ['17:00 customer'],
    ends: { frt: 'due 28 09:30' },
  },
  {
    name: 'over Sunday',
    terms: { calendar: office, targets: { frt: '2h' } },
    day: '2026-11-28',
    life: ['11:00 customer'],
    ends: { frt: 'due 30 09:00' },
  },
  {
    name: 'five days of Tết',
    terms: { calendar: tet, targets: { frt: '4h' } },
    day: '2026-02-15',
    life: ['15:00 customer'],
    ends: { frt: 'due 21 10:00' },
  },
  {
    name: 'written on the first day of Tết',
    terms: { calendar: tet, targets: { frt: '1h' } },
    day: '2026-02-17',
    life: ['09:00 customer'],
    ends: { frt: 'due 21 09:00' },
  },
  {
    name: 'Tết does not use up anything',
    terms: { calendar: tet, targets: { rt: '10h' } },
    day: '2026-02-15',
    life: ['15:00 customer', '21 09:00 status:waiting_customer'],
    ends: { rt: 'paused 3h' },
  },
  {
    name: 'a swapped Saturday is open',
    terms: { calendar: swapped, targets: { frt: '4h' } },
    day: '2026-11-27',
    life: ['15:00 customer'],
    ends: { frt: 'due 28 10:00' },
  },
  {
    name: 'the Monday it was swapped for is closed',
    terms: { calendar: swapped, targets: { frt: '4h' } },
    day: '2026-11-28',
    life: ['15:00 customer'],
    ends: { frt: 'due 2026-12-01 10:00' },
  },
  { name: 'a partial day', terms: { calendar: partial, targets: { frt: '4h' } }, life: ['16:00 customer'], ends: { frt: 'due 24 11:00' } },
  {
    name: 'past a partial day',
    terms: { calendar: partial, targets: { frt: '5h' } },
    life: ['16:00 customer'],
    ends: { frt: 'due 25 09:00' },
  },
  {
    name: 'spring forward: the night is an hour shorter',
    terms: { calendar: day('Europe/Berlin'), targets: { frt: '4h' } },
    day: '2026-03-29',
    offset: '+01:00',
    life: ['00:30 customer'],
    ends: { frt: 'due 04:30' },
  },
  {
    name: 'spring forward: six open hours are five',
    terms: { calendar: nights, targets: { frt: '5h' } },
    day: '2026-03-28',
    offset: '+01:00',
    life: ['22:00 customer'],
    ends: { frt: 'due 29 05:00' },
  },
  {
    name: 'fall back: six open hours are seven',
    terms: { calendar: nights, targets: { frt: '7h' } },
    day: '2026-10-24',
    offset: '+02:00',
    life: ['22:00 customer'],
    ends: { frt: 'due 25 07:00' },
  },
  {
    name: 'half an hour of daylight saving on Lord Howe',
    terms: {
      calendar: hours(
        'Australia/Lord_Howe',
        Array.from(office.week, () => '0:00-6:00'),
      ),
      targets: { frt: '6h' },
    },
    day: '2026-04-04',
    offset: '+11:00',
    life: ['12:00 customer'],
    ends: { frt: 'due 05 06:00' },
  },
  { name: 'around the clock without a calendar', terms: mail4, life: ['22:00 customer'], ends: { frt: 'due 24 02:00' } },
];
