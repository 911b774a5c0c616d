import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { normalisePhone, readablePhone, readDialled } from './phone.ts';

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

const table = readFileSync(new URL('../../tests/fixtures/channels/cti_13_vn_numbers.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line): [string, string] => {
    const comma = line.lastIndexOf(',');
    return [line.slice(0, comma), line.slice(comma + 1)];
  });
const short = { number: '', short: 'short:', extension: 'ext:' } as const;

test.each(table)('%s', (raw, expected) => {
  const dialled = readDialled(raw);
  const shown = dialled === null ? 'null' : short[dialled.kind] + (dialled.kind === 'number' ? dialled.e164 : dialled.digits);
  expect(shown).toBe(expected);
});

// The whole map of 2018, and what looks like it but is not.
test.each([
  ['01201234567', '+84701234567'],
  ['01231234567', '+84831234567'],
  ['+84 165 123 4567', '+84351234567'],
  ['00841691234567', '+84391234567'],
  ['01861234567', '+84561234567'],
  ['01881234567', '+84581234567'],
  ['0841234567', '+84841234567'],
  ['(028) 3822-1234', '+842838221234'],
  ['028 3822 12345', null],
  ['01301234567', null],
  ['+84 (0) 912 345 678', '+84912345678'],
  ['＋８４９１２３４５６７８', '+84912345678'],
  ['private', null],
  ['+999', null],
  ['0912345678 ext 3', null],
])('%s', (raw, e164) => expect(normalisePhone(raw)).toBe(e164));
