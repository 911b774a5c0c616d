import { expect, test } from 'vitest';
import { fold } from './fold.ts';

test.each([
  ['Đường Nguyễn Trãi', 'duong nguyen trai'],
  ['đường'.normalize('NFD'), 'duong'],
  ['  Máy   GIẶT ', 'may giat'],
  ['ƯỚC ựa', 'uoc ua'],
  ['iPhone 15', 'iphone 15'],
])('%s', (text, folded) => {
  expect(fold(text)).toBe(folded);
  expect(fold(fold(text))).toBe(folded);
});
