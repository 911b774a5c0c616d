import { expect, test } from 'vitest';
import { popLink, popNumber, popOf } from './pop.ts';

test('a number goes through, whichever way it is written', () => {
  for (const text of ['0912 345 678', '+84 912 345 678', '84912345678', '(0912) 345-678']) {
    expect(popOf(popLink(popNumber(text) ?? ''))).toBe('+84912345678');
  }
  expect(popNumber('1900 1234')).toBe('19001234');
});

test.each([
  'truc-desk://call?phone=',
  'truc-desk://call?phone=%3Cscript%3E',
  'truc-desk://open?phone=0912345678',
  'truc-desk://call@evil.test?phone=0912345678',
  'https://call?phone=0912345678',
  `truc-desk://call?phone=0912345678&x=${'y'.repeat(300)}`,
  'truc-desk:call?phone=0912345678',
  'x',
])('%s is nothing', (link) => expect(popOf(link)).toBeNull());
