import { expect, it } from 'vitest';
import type { InboxRow } from '../../shared/bridge.ts';
import { applyWindowPatch } from './patch.ts';

const row = (id: string, subject = id) => ({ id, subject }) as InboxRow;

it('takes the new order and keeps the rows that did not change', () => {
  const before = { total: 3, from: 0, rows: [row('a'), row('b'), row('c')] };
  const after = applyWindowPatch(before, { total: 4, from: 0, order: ['d', 'c', 'a'], rows: [row('d'), row('c', 'changed')] });
  expect(after?.rows.map((each) => `${each.id} ${each.subject}`)).toEqual(['d d', 'c changed', 'a a']);
  expect(after?.rows[2]).toBe(before.rows[0]);
  expect(after?.total).toBe(4);
});

it('asks for everything again when a row is missing', () => {
  expect(applyWindowPatch({ total: 1, from: 0, rows: [row('a')] }, { total: 2, from: 0, order: ['a', 'x'], rows: [] })).toBeNull();
});
