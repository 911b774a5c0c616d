import { describe, expect, it } from 'vitest';
import { i18n } from '../i18n/i18n.ts';
import { callTime, chipTime, dayLabel, listTime, moment, parseCallTime, parseMoment, snoozeChoices, spanWords } from './time.ts';

const vi = i18n.getFixedT('vi');
const en = i18n.getFixedT('en');
/** Sunday 22 November 2026, 10:00 by the workstation's clock */
const now = new Date(2026, 10, 22, 10, 0, 0).getTime();
const at = (day: number, hours: number, minutes = 0) => new Date(2026, 10, day, hours, minutes).getTime();
const s = 1000;
const m = 60 * s;
const h = 60 * m;

describe('a chip', () => {
  it.each([
    [4 * m + 12 * s, '4:12'],
    [4 * m + 11.2 * s, '4:12'],
    [1, '0:01'],
    [59 * m + 59 * s, '59:59'],
    [h, '1 h 00'],
    [h + 20 * m, '1 h 20'],
    [50 * h, '2 ngày'],
    [0, '0:00'],
    [-0.4 * s, '0:00'],
    [-72 * s, '1:12'],
  ])('says %d ms as %s', (left, text) => expect(chipTime(left, vi)).toBe(text));
});

it('says a span in full in both languages', () => {
  expect(spanWords(4 * m + 12 * s, vi)).toBe('4 phút 12 giây');
  expect(spanWords(-(h + 5 * m), en)).toBe('1 h 5 min');
});

it('dates a row as people do', () => {
  expect(listTime(now - 20 * s, now, vi)).toBe('vừa xong');
  expect(listTime(now - 5 * m, now, vi)).toBe('5 phút');
  expect(listTime(at(22, 8, 15), now, vi)).toBe('08:15');
  expect(listTime(at(21, 23), now, vi)).toBe('Hôm qua');
  expect(listTime(at(3, 9), now, en)).toBe('03/11');
  expect(listTime(new Date(2025, 0, 5).getTime(), now, en)).toBe('05/01/2025');
});

it('names days and moments', () => {
  expect(dayLabel(now, now, vi, 'vi')).toBe('Hôm nay');
  expect(dayLabel(at(17, 9), now, vi, 'vi')).toBe('Thứ Ba, 17/11');
  expect(moment(at(22, 14), now, vi)).toBe('14:00');
  expect(moment(at(23, 8), now, vi)).toBe('08:00 ngày mai');
  expect(moment(at(30, 8), now, en)).toBe('30/11, 08:00');
});

describe('snoozing', () => {
  it('offers what makes sense now', () => {
    expect(snoozeChoices(now)).toEqual([
      { name: 'inHour', at: now + h },
      { name: 'afternoon', at: at(22, 14) },
      { name: 'tomorrow', at: at(23, 8) },
    ]);
    expect(snoozeChoices(at(24, 18)).map((choice) => [choice.name, choice.at])).toEqual([
      ['inHour', at(24, 19)],
      ['tomorrow', at(25, 8)],
      ['monday', at(30, 8)],
    ]);
  });
  it.each([
    ['15:30', at(22, 15, 30)],
    ['15h', at(22, 15)],
    ['15h30', at(22, 15, 30)],
    ['mai 9:00', at(23, 9)],
    ['Ngày mai', at(23, 8)],
    ['tomorrow 14', at(23, 14)],
    ['25/11 8:00', at(25, 8)],
    ['1/2 9:00', new Date(2027, 1, 1, 9).getTime()],
    ['9:00', null],
    ['31/2 8:00', null],
    ['25:00', null],
    ['', null],
    ['sau này', null],
  ])('reads "%s"', (text, expected) => expect(parseMoment(text, now)).toBe(expected));
});

it('reads and writes call times', () => {
  expect([200, 0, 3661].map(callTime)).toEqual(['3:20', '0:00', '61:01']);
  expect(['3:20', '3', '1:02:03', '0:05'].map(parseCallTime)).toEqual([200, 180, 3723, 5]);
  expect(['', 'abc', '3:2', '99:99:99'].map(parseCallTime)).toEqual([null, null, null, null]);
});
