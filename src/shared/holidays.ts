/**
 * Vietnam's public holidays as closed days of a calendar: a preset to begin with, for the government says each year which days they are
 * (and swaps working days for them). Labour Code 2019, articles 111 and 112.
 *
 * The lunar calendar is worked out as Hồ Ngọc Đức published it (https://www.informatik.uni-leipzig.de/~duc/amlich/): months begin with the
 * day of the new moon in Vietnam, UTC+7; the winter solstice falls into the eleventh; of thirteen months between two solstices the first
 * without a major solar term is a leap month. Moon and sun after Jean Meeus, Astronomical Algorithms. China does the same at UTC+8, so
 * its dates are now and then a day, rarely a month, off ours.
 */
import type { CalendarDay } from './calendar.ts';

const dayMs = 86_400_000;
/** Whole days since 1970-01-01, in Vietnam. */
type DayNumber = number;
/** Julian day number of 1970-01-01. */
const julianEpoch = 2_440_588;
const vietnamOffset = 7 / 24;

export interface LunarDate {
  day: number;
  /** 1..12; a leap month bears the number of the month before it */
  month: number;
  year: number;
  leap: boolean;
}

const firstYear = 1900;
const lastYear = 2199;

/** The Vietnamese lunar date of a solar one. RangeError where there is none, and outside of 1900..2199. */
export function lunarDate(day: number, month: number, year: number): LunarDate {
  checkYear(year);
  const number = dayNumber(year, month, day);
  const months = lunarMonths(number < eleventhMonth(year) ? year : year + 1);
  const found = months.findLast(({ start }) => start <= number);
  if (!found || new Date(number * dayMs).getUTCDate() !== day) throw new RangeError(`no such date: ${year}-${month}-${day}`);
  return { day: number - found.start + 1, month: found.month, year: found.year, leap: found.leap };
}

export interface HolidayOptions {
  /** weekly days of rest, ISO weekdays (7 is Sunday): a holiday on one of these is made up for */
  restDays?: readonly number[];
}

/**
 * The public holidays of a solar year, 1900..2199, as the law of today has them, in order, each date once. RangeError for other years, and
 * when every day of the week is one of rest. What the law leaves to a yearly decision is set to what is usual: Tết is the last day of the
 * old lunar year and four of the new one, National Day comes with the 1st of September.
 */
export function vietnameseHolidays(year: number, { restDays = [6, 7] }: HolidayOptions = {}): CalendarDay[] {
  checkYear(year);
  const resting = (number: DayNumber) => restDays.includes(isoWeekday(number));
  if ([1, 2, 3, 4, 5, 6, 7].every((weekday) => restDays.includes(weekday))) throw new RangeError('restDays: no working day is left');

  const names = new Map<DayNumber, string>();
  for (const [number, name] of holidaysOf(year)) {
    // In some years the day of the Hùng kings is the 30th of April: the law makes up for days of rest only.
    const other = names.get(number);
    names.set(number, other === undefined ? name : `${other}, ${name}`);
  }
  // Article 111 (3). Only when all holidays stand, for no day of rest may be made up for on another holiday.
  for (const [number, name] of [...names].sort(([a], [b]) => a - b)) {
    if (!resting(number)) continue;
    let instead = number + 1;
    while (names.has(instead) || resting(instead)) instead += 1;
    names.set(instead, `Nghỉ bù ${name}`);
  }
  return [...names].sort(([a], [b]) => a - b).map(([number, name]) => ({ date: isoDate(number), name, hours: [] }));
}

function holidaysOf(year: number): Array<[DayNumber, string]> {
  const months = lunarMonths(year).filter((month) => month.year === year && !month.leap);
  const monthStart = (wanted: number): DayNumber => {
    const found = months.find(({ month }) => month === wanted);
    if (!found) throw new RangeError(`no lunar month ${wanted} in ${year}`);
    return found.start;
  };
  const tet = monthStart(1);
  const eve = new Date((tet - 1) * dayMs);
  const lastOfOldYear = lunarDate(eve.getUTCDate(), eve.getUTCMonth() + 1, eve.getUTCFullYear()).day;
  return [
    [dayNumber(year, 1, 1), 'Tết Dương lịch'],
    [tet - 1, `Tết Nguyên đán (${lastOfOldYear} tháng Chạp)`],
    [tet, 'Tết Nguyên đán (mùng 1)'],
    [tet + 1, 'Tết Nguyên đán (mùng 2)'],
    [tet + 2, 'Tết Nguyên đán (mùng 3)'],
    [tet + 3, 'Tết Nguyên đán (mùng 4)'],
    [monthStart(3) + 9, 'Giỗ Tổ Hùng Vương'],
    [dayNumber(year, 4, 30), 'Ngày Chiến thắng'],
    [dayNumber(year, 5, 1), 'Ngày Quốc tế lao động'],
    // One day beside the 2nd, before or after it, as is decided each year.
    [dayNumber(year, 9, 1), 'Quốc khánh (nghỉ liền kề)'],
    [dayNumber(year, 9, 2), 'Quốc khánh'],
  ];
}

function checkYear(year: number): void {
  // The series for moon and sun are good for some centuries around 2000.
  if (!Number.isInteger(year) || year < firstYear || year > lastYear)
    throw new RangeError(`year is not one of ${firstYear} to ${lastYear}: ${year}`);
}

const dayNumber = (year: number, month: number, day: number): DayNumber => Date.UTC(year, month - 1, day) / dayMs;
const isoDate = (number: DayNumber): string => new Date(number * dayMs).toISOString().slice(0, 10);
const isoWeekday = (number: DayNumber): number => new Date(number * dayMs).getUTCDay() || 7;

interface LunarMonth {
  start: DayNumber;
  month: number;
  year: number;
  leap: boolean;
}

/** From the eleventh month of the year before to the tenth of this one (or its leap month): from solstice to solstice. */
function lunarMonths(year: number): LunarMonth[] {
  const from = eleventhMonth(year - 1);
  const until = eleventhMonth(year);
  const first = moonNearest(from);
  const starts: DayNumber[] = [];
  for (let moon = first, start = from; start < until; start = newMoon(moon)) {
    starts.push(start);
    moon += 1;
  }
  const leap = starts.length === 13 ? starts.findIndex((_, index) => index > 0 && lacksMajorTerm(first + index)) : -1;
  return starts.map((start, index) => {
    const passed = leap > 0 && index >= leap ? index - 1 : index;
    return { start, month: ((passed + 10) % 12) + 1, year: passed < 2 ? year - 1 : year, leap: index === leap };
  });
}

/** Whether the sun enters none of its sectors between this new moon and the next. */
function lacksMajorTerm(moon: number): boolean {
  return sunSector(newMoon(moon)) === sunSector(newMoon(moon + 1));
}

/** The beginning of the lunar month that holds the winter solstice of a solar year. */
function eleventhMonth(year: number): DayNumber {
  const moon = Math.floor((dayNumber(year, 12, 31) + julianEpoch - firstNewMoon) / lunation);
  const start = newMoon(moon);
  // The sun is past the solstice (sector 9 is 270 to 300 degrees) when that month begins.
  return sunSector(start) >= 9 ? newMoon(moon - 1) : start;
}

/** The first new moon of the year 1900, as a Julian date, and the mean time between two. */
const firstNewMoon = 2_415_021.076_998_695;
const lunation = 29.530_588_853;

/** Which new moon since 1900 a day near one means. */
const moonNearest = (number: DayNumber): number => Math.round((number + julianEpoch - firstNewMoon) / lunation);

const sine = (degrees: number): number => Math.sin((degrees * Math.PI) / 180);

/** The day, in Vietnam, of a new moon, counted from that of January 1900. */
function newMoon(moon: number): DayNumber {
  const t = moon / 1236.85; // Julian centuries since 1900
  const t2 = t * t;
  const t3 = t2 * t;
  const mean =
    2_415_020.759_33 + 29.530_588_68 * moon + 0.000_117_8 * t2 - 0.000_000_155 * t3 + 0.000_33 * sine(166.56 + 132.87 * t - 0.009_173 * t2);
  const sun = 359.2242 + 29.105_356_08 * moon - 0.000_033_3 * t2 - 0.000_003_47 * t3; // mean anomaly of the sun
  const anomaly = 306.0253 + 385.816_918_06 * moon + 0.010_730_6 * t2 + 0.000_012_36 * t3; // and of the moon
  const latitude = 21.2964 + 390.670_506_46 * moon - 0.001_652_8 * t2 - 0.000_002_39 * t3; // the moon's argument of latitude
  const truly =
    (0.1734 - 0.000_393 * t) * sine(sun) +
    0.0021 * sine(2 * sun) -
    0.4068 * sine(anomaly) +
    0.0161 * sine(2 * anomaly) -
    0.0004 * sine(3 * anomaly) +
    0.0104 * sine(2 * latitude) -
    0.0051 * sine(sun + anomaly) -
    0.0074 * sine(sun - anomaly) +
    0.0004 * sine(2 * latitude + sun) -
    0.0004 * sine(2 * latitude - sun) -
    0.0006 * sine(2 * latitude + anomaly) +
    0.001 * sine(2 * latitude - anomaly) +
    0.0005 * sine(2 * anomaly + sun);
  // Dynamical time to that of our clocks.
  const ahead = -0.000_278 + 0.000_265 * t + 0.000_262 * t2;
  // A Julian day begins at noon.
  return Math.floor(mean + truly - ahead + 0.5 + vietnamOffset) - julianEpoch;
}

/** In which of twelve sectors of 30 degrees, from the spring equinox on, the sun stands as a day begins in Vietnam. */
function sunSector(number: DayNumber): number {
  const t = (number + julianEpoch - 2_451_545.5 - vietnamOffset) / 36_525; // Julian centuries since noon of 2000-01-01
  const t2 = t * t;
  const anomaly = 357.5291 + 35_999.0503 * t - 0.000_155_9 * t2 - 0.000_000_48 * t2 * t;
  const mean = 280.466_45 + 36_000.769_83 * t + 0.000_303_2 * t2;
  const centre =
    (1.9146 - 0.004_817 * t - 0.000_014 * t2) * sine(anomaly) +
    (0.019_993 - 0.000_101 * t) * sine(2 * anomaly) +
    0.000_29 * sine(3 * anomaly);
  const longitude = (((mean + centre) % 360) + 360) % 360;
  return Math.floor(longitude / 30);
}
