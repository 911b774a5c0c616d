import { expect, it } from 'vitest';
import { matches } from './fold.ts';
import { initials, partsOf, provisionalRef } from './parts.ts';
import { showPhone, toE164 } from './phone.ts';

it('finds links, phone numbers and order codes, and keeps every letter', () => {
  const text = 'Đơn DH20251184, gọi 0912 345 678 hoặc xem https://minhlong.vn/bao-hanh). Mã 12345678901234567 thì không.';
  const parts = partsOf(text);
  expect(parts.filter((part) => part.kind !== 'text').map((part) => [part.kind, part.text])).toEqual([
    ['code', 'DH20251184'],
    ['phone', '0912 345 678'],
    ['url', 'https://minhlong.vn/bao-hanh'],
  ]);
  expect(parts.map((part) => part.text).join('')).toBe(text);
});

it('makes nothing of markup', () => {
  expect(partsOf('<img src=x onerror=alert(1)> javascript:alert(1)').every((part) => part.kind === 'text')).toBe(true);
});

it('reads numbers as Vietnamese unless they say otherwise', () => {
  expect(['0912345678', '+84 912 345 678', '024 3825 1234', '12', 'abc'].map(toE164)).toEqual([
    '+84912345678',
    '+84912345678',
    '+842438251234',
    null,
    null,
  ]);
  expect(showPhone('+84912345678')).toBe('0912 345 678');
  expect(showPhone('+14155552671')).toBe('+1 415 555 2671');
});

it('names people by two letters and finds them without accents', () => {
  expect(['Nguyễn Thị Hoa', 'Đặng Yến', 'Anh', '  '].map(initials)).toEqual(['NH', 'ĐY', 'A', '?']);
  expect(matches('Nguyễn Đức Anh', 'duc nguyen')).toBe(true);
  expect(matches('Nguyễn Đức Anh', 'đúc')).toBe(true);
  expect(matches('Nguyễn Đức Anh', 'bảo')).toBe(false);
});

it('makes references that are easy to say', () => {
  for (const share of [0, 0.5, 0.999]) expect(provisionalRef(() => share)).toMatch(/^T-[ACDHKLMPRTX][2-9]{4}$/);
});
