import { expect, test } from 'vitest';
import { readSpan, showSpan } from './span.ts';

const minute = 60_000;
const hour = 60 * minute;

test('spans as people type them, in both languages', () => {
  expect(['15m', '4h', '1d 2h', '1d2h', '90s', '1h 30m', '1,5h', '0.5 h'].map(readSpan)).toEqual([
    15 * minute,
    4 * hour,
    26 * hour,
    26 * hour,
    90_000,
    90 * minute,
    90 * minute,
    30 * minute,
  ]);
  expect(['15 phút', '15p', '4 giờ', '4g', '1 ngày 2 giờ', '30 giây', '15 PHUT'].map(readSpan)).toEqual([
    15 * minute,
    15 * minute,
    4 * hour,
    4 * hour,
    26 * hour,
    30_000,
    15 * minute,
  ]);
  expect(['', '   '].map(readSpan)).toEqual([null, null]);
});

test('what is no span, is nothing, or is too long', () => {
  const wrong = ['15', 'm', '15x', '2h 1d', '1h 1h', '-1h', '0m', '0,4s', '367d', '4h!', '1h,2m', 'tám giờ'];
  expect(wrong.filter((text) => readSpan(text) !== 'wrong')).toEqual([]);
});

test('what is shown is read again as it was', () => {
  expect([null, 15 * minute, 4 * hour, 26 * hour, 90_000, 36_000_000 + 1000].map(showSpan)).toEqual([
    '',
    '15m',
    '4h',
    '1d 2h',
    '1m 30s',
    '10h 1s',
  ]);
  for (let ms = 1000; ms < 40 * 24 * hour; ms = Math.floor(ms * 1.7) - (Math.floor(ms * 1.7) % 1000)) {
    if (ms < 2000) ms = 2000;
    expect(readSpan(showSpan(ms))).toBe(ms);
  }
});
