import { expect, test } from 'vitest';
import { normalisePhone, readablePhone } from './phone.ts';

test.each([
  ['0912 345 678', '+84912345678'],
  ['0912.345.678', '+84912345678'],
  ['+84 912 345 678', '+84912345678'],
  ['84912345678', '+84912345678'],
  ['(024) 3825 1234', '+842438251234'],
  ['+1 213 373 4253', '+12133734253'],
])('%s', (text, e164) => expect(normalisePhone(text)).toBe(e164));

test.each(['', 'lan', '12', '0'.repeat(40)])('%s is no phone number', (text) => expect(normalisePhone(text)).toBeNull());

test('for reading', () => {
  expect(readablePhone('+84912345678')).toBe('0912 345 678');
  expect(readablePhone('not a number')).toBe('not a number');
});
