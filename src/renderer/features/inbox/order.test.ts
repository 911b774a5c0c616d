import { expect, it } from 'vitest';
import type { InboxRow, InboxWindow } from '../../../shared/bridge.ts';
import { nextShown, shift, shownOf, windowAround } from './order.ts';

const row = (id: string, subject = id) => ({ id, subject }) as InboxRow;
const window = (ids: string[], from = 0, total = ids.length): InboxWindow => ({ from, total, rows: ids.map((id) => row(id)) });
const start = shownOf('k', window(['a', 'b', 'c']));

it('shows the new order at once while nobody holds the list', () => {
  expect(nextShown(start, 'k', window(['n', 'b', 'a']), false)).toMatchObject({ ids: ['n', 'b', 'a'], waiting: false, fresh: 0 });
});

it('keeps every row in its place while held, and says how many wait', () => {
  const held = nextShown(start, 'k', window(['n', 'c', 'b', 'a'], 0, 4), true);
  expect(held).toMatchObject({ ids: ['a', 'b', 'c'], total: 3, fresh: 1, waiting: true });
  expect([...held.gone]).toEqual([]);
});

it('marks rows that have left, in their place', () => {
  const held = nextShown(start, 'k', window(['a', 'c']), true);
  expect(held.ids).toEqual(['a', 'b', 'c']);
  expect([...held.gone]).toEqual(['b']);
});

it('changes what a held row says', () => {
  const value: InboxWindow = { from: 0, total: 4, rows: [row('n'), row('a', 'changed'), row('b'), row('c')] };
  expect(nextShown(start, 'k', value, true).rows.get('a')?.subject).toBe('changed');
});

it('does not hold another list, or another part of it', () => {
  expect(nextShown(start, 'other', window(['x']), true).ids).toEqual(['x']);
  expect(nextShown(start, 'k', window(['x'], 50, 51), true).ids).toEqual(['x']);
});

it('does not take rows for gone that new ones pushed out of a full window', () => {
  const full = shownOf('k', window(['a', 'b', 'c'], 0, 10));
  expect([...nextShown(full, 'k', window(['n', 'a', 'b'], 0, 11), true).gone]).toEqual([]);
});

it('scrolls along when rows come above the view', () => {
  expect(shift(start, shownOf('k', window(['n', 'm', 'a', 'b', 'c'])), 1)).toBe(2);
  expect(shift(start, shownOf('k', window(['a', 'c'])), 1)).toBe(-1);
  expect(shift(start, shownOf('other', window(['c'])), 1)).toBe(0);
});

it('asks for windows in steps', () => {
  expect(windowAround(0)).toEqual({ from: 0, count: 200 });
  expect(windowAround(109)).toEqual({ from: 0, count: 200 });
  expect(windowAround(110)).toEqual({ from: 50, count: 200 });
});
