import { expect, test } from 'vitest';
import { type Code, codesFor } from './codes.ts';

const [sales, complaint] = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'];
let made = 10;
const code = (name: string, position: number, more: Partial<Code> = {}): Code => ({
  id: `00000000-0000-7000-8000-0000000000${(made += 1)}`,
  kind: 'reason',
  name,
  queueIds: null,
  position,
  active: true,
  ...more,
});

test('what a queue offers: its own words and those of every queue, in order, and none that is switched off', () => {
  const codes = [
    code('Khác', 4),
    code('Trả góp', 1, { queueIds: [sales] }),
    code('Hàng lỗi', 0, { queueIds: [complaint] }),
    code('Hóa đơn', 2, { active: false }),
    code('Đã giải quyết', 0, { kind: 'disposition' }),
  ];
  const names = (queueId: string, kind: Code['kind'] = 'reason') => codesFor({ codes }, kind, queueId).map(({ name }) => name);
  expect(names(sales)).toEqual(['Trả góp', 'Khác']);
  expect(names(complaint)).toEqual(['Hàng lỗi', 'Khác']);
  expect(names(sales, 'disposition')).toEqual(['Đã giải quyết']);
  expect(codes[0]?.name).toBe('Khác');
});
