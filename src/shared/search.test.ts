import { describe, expect, test } from 'vitest';
import { fold } from './fold.ts';
import { fitsRest, mark, readTyped, searchable, snippet } from './search.ts';

const shown = ({ text, places }: { text: string; places: [number, number][] }) => places.map(([from, to]) => text.slice(from, to));
const marks = (text: string, typed: string) => shown(mark(text, readTyped(typed)));

describe('what the search tables read', () => {
  test.each([
    ['Đường Hùng', 'duong hung đường hùng'],
    ['Đường Hùng'.normalize('NFD'), 'duong hung đường hùng'],
    ['gọi 0912.345.678 nhé', 'goi 0912.345.678 nhe 0912345678 gọi nhé'],
    ['+84 912 345 678', '+84 912 345 678 0912345678'],
    ['(024) 3826 1234', '(024) 3826 1234 02438261234'],
    ['mã 12345', 'ma 12345 mã'],
  ])('%s', (text, read) => expect(searchable(text)).toBe(read));
});

test('letters fold here as everywhere else', () => {
  for (const text of ['Đường ĐỒNG khởi', 'ưỚc ỰA'.normalize('NFD'), 'Straße İZMİR ñ ç', '👍🏽 ok 𝒳', 'ﬁ ﾊﾟ 한국'])
    expect(searchable(text).startsWith(fold(text))).toBe(true);
});

describe('what was typed', () => {
  const words = (text: string) =>
    readTyped(text).needs.map((ways) => ways.map((way) => way.map((one) => one.folded + (one.prefix ? '*' : '')).join(' ')));
  test.each([
    ['máy giặ', [['may'], ['gia*']].map((one) => one)],
    ['máy ', [['may']]],
    ['"máy giặt" hỏ', [['may'], ['giat'], ['ho*']]],
    ['lan@shop.vn', [['lan'], ['shop'], ['vn*']]],
    ['0912 345', [['0912 345*', '0912345*']]],
    ['+84 912 345 678', [['84 912 345 678*', '0912345678*']]],
    ['0912.345.678 lan', [['0912 345 678', '0912345678'], ['lan*']]],
    ['2 cái', [['2'], ['cai*']]],
    ['', []],
    ['"!?', []],
  ])('%s', (text, read) => expect(words(text)).toEqual(read));

  test('the form with diacritics only where there are some', () => {
    expect(
      readTyped('Máy giat')
        .needs.flat(2)
        .map(({ exact }) => exact),
    ).toEqual(['máy', null]);
    expect(readTyped('MÁY'.normalize('NFD')).needs.flat(2)[0]?.exact).toBe('máy');
  });

  test('twelve words at most', () => expect(readTyped('a b c d e f g h i j k l m n').needs).toHaveLength(12));
});

describe('places', () => {
  test.each([
    ['Đường Nguyễn Trãi', 'duong trai', ['Đường', 'Trãi']],
    ['Má ơi mà', 'ma ', ['Má', 'mà']],
    ['máy may mấy', 'máy', ['máy']],
    ['may mấy', 'máy', ['may', 'mấy']],
    ['Giặt giũ', 'gi', ['Gi', 'gi']],
    ['gọi 0912.345.678 nhé', '0912 345', ['0912.345.678']],
    ['số +84 912 345 678.', '0912345678', ['+84 912 345 678']],
    ['không có', 'gì', []],
  ])('%s by %s', (text, typed, found) => {
    expect(marks(text, typed)).toEqual(found);
    // A mark that follows its letter stays with it, and nothing is cut in two.
    expect(marks(text.normalize('NFD'), typed)).toEqual(found.map((one) => one.normalize('NFD')));
  });

  test('beside letters of two units', () => expect(marks('👍🏽 máy 👍🏽', 'may')).toEqual(['máy']));
});

describe('a snippet', () => {
  const long = `${'trước '.repeat(60)}máy giặt kêu ${'sau '.repeat(60)}`;
  test('is around the place, cut at words', () => {
    const cut = snippet(long, readTyped('máy giặt'), 80);
    expect(cut.text.length).toBeLessThanOrEqual(82);
    expect(cut.text).toMatch(/^…trước .* sau…$/);
    expect(shown(cut)).toEqual(['máy', 'giặt']);
  });
  test('of a short text is the text', () =>
    expect(snippet('máy giặt', readTyped('giat'), 80)).toEqual({ text: 'máy giặt', places: [[4, 8]] }));
  test('of a text without a space', () => expect(snippet('x'.repeat(400), readTyped('y'), 80).text).toHaveLength(81));
});

test.each([
  ['máy giặt kêu', '"máy giặt"', true],
  ['giặt máy', '"máy giặt"', false],
  ['máy lọc, giặt', '"may giat"', false],
  ['MÁY, GIẶT', '"may giat"', true],
  ['máy giặt', '"máy gi', true],
  ['máy giặt', '"máy gi"', false],
])('%s side by side: %s', (text, typed, fits) => expect(fitsRest(text, readTyped(typed), null)).toBe(fits));

test('a beginning of one letter', () => {
  expect(fitsRest('kho Đà Nẵng', readTyped('d'), 'd')).toBe(true);
  expect(fitsRest('kho Huế', readTyped('d'), 'd')).toBe(false);
});
