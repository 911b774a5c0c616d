import { describe, expect, test } from 'vitest';
import { calendarDay } from './calendar.ts';
import { lunarDate, vietnameseHolidays } from './holidays.ts';

const lunarOf = (iso: string) => {
  const [year, month, day] = iso.split('-').map(Number);
  return lunarDate(day!, month!, year!);
};
const dates = (year: number, named: string, restDays?: number[]) =>
  vietnameseHolidays(year, restDays ? { restDays } : {})
    .filter(({ name }) => name.startsWith(named))
    .map(({ date }) => date);

describe('the lunar calendar', () => {
  test.each([
    ['1968-01-29', 'a day before China'],
    ['1985-01-21', 'a month before China'],
    ['2007-02-17', 'a day before China'],
    ['2024-02-10', ''],
    ['2025-01-29', ''],
    ['2026-02-17', ''],
    ['2027-02-06', ''],
    ['2028-01-26', ''],
    ['2029-02-13', ''],
    ['2030-02-02', 'a day before China'],
  ])('has Tết on %s %s', (date) => {
    expect(lunarOf(date)).toEqual({ day: 1, month: 1, year: Number(date.slice(0, 4)), leap: false });
  });

  test.each([
    ['2023-03-22', { day: 1, month: 2, year: 2023, leap: true }],
    ['2025-07-25', { day: 1, month: 6, year: 2025, leap: true }],
    ['2025-06-25', { day: 1, month: 6, year: 2025, leap: false }],
    ['2025-08-23', { day: 1, month: 7, year: 2025, leap: false }],
    ['1984-12-31', { day: 10, month: 12, year: 1984, leap: false }],
    ['2024-12-31', { day: 1, month: 12, year: 2024, leap: false }],
    ['2025-01-28', { day: 29, month: 12, year: 2024, leap: false }],
    ['2024-02-09', { day: 30, month: 12, year: 2023, leap: false }],
  ])('reads %s', (date, lunar) => expect(lunarOf(date)).toEqual(lunar));

  test('goes on day by day, with months of 29 and 30 days', () => {
    let before = lunarDate(1, 1, 1900);
    for (let at = Date.UTC(1900, 0, 2); at < Date.UTC(2200, 0, 1); at += 86_400_000) {
      const now = lunarOf(new Date(at).toISOString().slice(0, 10));
      const sameMonth = now.month === before.month && now.leap === before.leap && now.year === before.year;
      const asNext = now.day === 1 && before.day >= 29 && before.day <= 30 && !sameMonth;
      if (!(sameMonth ? now.day === before.day + 1 : asNext)) throw new Error(`${JSON.stringify(before)} then ${JSON.stringify(now)}`);
      before = now;
    }
    expect(before).toEqual({ day: 14, month: 11, year: 2199, leap: false });
  });

  test('refuses what is no date', () => {
    expect(() => lunarDate(31, 2, 2024)).toThrow(RangeError);
    expect(() => lunarDate(1, 1, 1899)).toThrow(RangeError);
    expect(() => lunarDate(1, 1, 2024.5)).toThrow(RangeError);
  });
});

describe('public holidays', () => {
  test('are those of 2026', () => {
    expect(vietnameseHolidays(2026)).toEqual(
      [
        ['2026-01-01', 'Tết Dương lịch'],
        ['2026-02-16', 'Tết Nguyên đán (29 tháng Chạp)'],
        ['2026-02-17', 'Tết Nguyên đán (mùng 1)'],
        ['2026-02-18', 'Tết Nguyên đán (mùng 2)'],
        ['2026-02-19', 'Tết Nguyên đán (mùng 3)'],
        ['2026-02-20', 'Tết Nguyên đán (mùng 4)'],
        ['2026-04-26', 'Giỗ Tổ Hùng Vương'],
        ['2026-04-27', 'Nghỉ bù Giỗ Tổ Hùng Vương'],
        ['2026-04-30', 'Ngày Chiến thắng'],
        ['2026-05-01', 'Ngày Quốc tế lao động'],
        ['2026-09-01', 'Quốc khánh (nghỉ liền kề)'],
        ['2026-09-02', 'Quốc khánh'],
      ].map(([date, name]) => ({ date, name, hours: [] })),
    );
  });

  test.each(['2024-04-18', '2025-04-07', '2026-04-26', '2027-04-16'])('honour the Hùng kings on %s', (date) => {
    expect(dates(Number(date.slice(0, 4)), 'Giỗ Tổ')).toEqual([date]);
  });

  test('make up for days of rest on the next days that are neither rest nor holiday', () => {
    // 2023: the Hùng kings on a Saturday, the 30th of April a Sunday, the 1st of May a Monday.
    expect(dates(2023, 'Nghỉ bù')).toEqual(['2023-01-02', '2023-01-26', '2023-01-27', '2023-05-02', '2023-05-03', '2023-09-04']);
    // 2024: the first two days of Tết on a weekend, in the middle of it.
    expect(dates(2024, 'Nghỉ bù')).toEqual(['2024-02-14', '2024-02-15', '2024-09-03']);
  });

  test('make up for Sundays only where Saturdays are worked', () => {
    expect(dates(2023, 'Nghỉ bù', [7])).toEqual(['2023-01-02', '2023-01-26', '2023-05-02']);
    expect(dates(2023, 'Nghỉ bù', [])).toEqual([]);
  });

  test('are valid days of a calendar in every year: in order, never two on a date, all of that year', () => {
    for (let year = 1900; year < 2200; year += 1) {
      const days = vietnameseHolidays(year);
      const found = days.map(({ date }) => date);
      expect(found).toEqual([...new Set(found)].sort());
      expect(found.every((date) => date.startsWith(`${year}-`))).toBe(true);
      for (const day of days) calendarDay.parse(day);
    }
  });

  test('count once where two fall on one date', () => {
    expect(vietnameseHolidays(1947).find(({ date }) => date === '1947-04-30')?.name).toBe('Giỗ Tổ Hùng Vương, Ngày Chiến thắng');
  });

  test('refuse years out of reach, and a week of rest only', () => {
    expect(() => vietnameseHolidays(1899)).toThrow(RangeError);
    expect(() => vietnameseHolidays(Number.NaN)).toThrow(RangeError);
    expect(() => vietnameseHolidays(2026, { restDays: [1, 2, 3, 4, 5, 6, 7] })).toThrow(RangeError);
  });
});
