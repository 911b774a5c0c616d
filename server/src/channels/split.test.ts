import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitText } from './split.ts';

const squeezed = (text: string) => text.normalize('NFC').replaceAll(/\s/g, '');
const graphemes = new Intl.Segmenter('vi', { granularity: 'grapheme' });
const letters = (text: string) => Array.from(graphemes.segment(text), (one) => one.segment);

const parts = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('đổi', 'trả ', 'hàng', ' ', '\n', '\n\n', '\r\n', '. ', 'Dạ', 'ơi', 'ế'.normalize('NFD')) },
  { weight: 1, arbitrary: fc.constantFrom('👩‍👩‍👧‍👦', '🇻🇳', '👍🏽', 'e\u0301\u0323', ' \u0301', '한국', '\ud800', '𝒳') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
);
const texts = fc.array(parts, { maxLength: 200 }).map((all) => all.join(''));

test('nothing is lost, nothing doubled, and nothing is too long', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 2, max: 80 }), (text, most) => {
      const pieces = splitText(text, most);
      expect(squeezed(pieces.join(''))).toBe(squeezed(text));
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(most);
        expect(piece.trim()).not.toBe('');
        expect(piece).toBe(piece.normalize('NFC'));
      }
    }),
    { numRuns: 1500 },
  );
});

test('with room for every character, none is cut, and white space stays', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 40, max: 80 }), (text, most) => {
      const whole = text.normalize('NFC');
      fc.pre(letters(whole).every((letter) => letter.length <= most) && !/\s{20}/.test(whole));
      const pieces = splitText(text, most);
      const all = (letters: string[]) => letters.join('|').replace(/[\s|]+$/, '');
      expect(all(pieces.flatMap(letters))).toBe(all(letters(whole)));
    }),
    { numRuns: 1000 },
  );
});

test('what fits stays whole; what is empty is nothing', () => {
  expect(splitText('Dạ còn ạ', 2000)).toEqual(['Dạ còn ạ']);
  expect(splitText('a'.repeat(2000), 2000)).toHaveLength(1);
  expect(splitText('a'.repeat(2001), 2000).map((piece) => piece.length)).toEqual([2000, 1]);
  expect(splitText(' \n', 10)).toEqual([]);
  // Longer than that before it is composed, not after.
  expect(splitText('ế'.normalize('NFD').repeat(10), 10)).toEqual(['ế'.repeat(10)]);
});

test('the end of a paragraph is best, then of a line, a sentence, a word', () => {
  expect(splitText(`${'a'.repeat(60)}\n\n${'b'.repeat(20)}\nc ${'d'.repeat(30)}`, 100)).toEqual([
    `${'a'.repeat(60)}\n\n`,
    `${'b'.repeat(20)}\nc ${'d'.repeat(30)}`,
  ]);
  expect(splitText(`${'a '.repeat(30)}\n${'b '.repeat(30)}`, 100)[0]).toBe(`${'a '.repeat(30)}\n`);
  expect(splitText(`${'a '.repeat(30)}hết. ${'b '.repeat(30)}`, 100)[0]).toBe(`${'a '.repeat(30)}hết. `);
  expect(splitText(`đổi ${'x'.repeat(95)} trả hàng`, 100)[0]).toBe(`đổi ${'x'.repeat(95)} `);
  // Not for the sake of a fine end: a crumb is no message.
  expect(splitText(`Dạ\n\n${'b'.repeat(150)}`, 100)[0]).toHaveLength(100);
});

test('families, flags and accents stay in one piece', () => {
  const family = '👩‍👩‍👧‍👦';
  expect(splitText(family.repeat(3), family.length + 3)).toEqual([family, family, family]);
  expect(splitText('🇻🇳🇻🇳', 7)).toEqual(['🇻🇳', '🇻🇳']);
  expect(splitText(`aaaa${'o\u0323\u0302\u0301x'.normalize('NFD')}`, 5)).toEqual(['aaaaộ\u0301'.slice(0, 4), 'ộ\u0301x']);
});

test('one character longer than the room is cut between its code points', () => {
  const tower = `z${'\u0336'.repeat(500)}`;
  expect(splitText(tower, 100).map((piece) => piece.length)).toEqual([100, 100, 100, 100, 100, 1]);
  expect(splitText('👩‍👩‍👧‍👦', 3).join('')).toBe('👩‍👩‍👧‍👦');
  for (const piece of splitText('👩‍👩‍👧‍👦', 3)) expect(piece.isWellFormed()).toBe(true);
});
