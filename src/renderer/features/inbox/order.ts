/**
 * Which rows the list shows, and in which order. Pure.
 * Rows never move under the pointer: while the list is held, what a row says is updated in its place,
 * and new, moved and leaving rows wait.
 */
import type { InboxRow, InboxWindow } from '../../../shared/bridge.ts';

export interface Shown {
  /** what was asked for: view, sort, filter */
  key: string;
  from: number;
  total: number;
  ids: readonly string[];
  rows: ReadonlyMap<string, InboxRow>;
  /** of the rows shown, those that have left the list */
  gone: ReadonlySet<string>;
  /** rows that wait to be shown */
  fresh: number;
  /** something waits: new rows, or another order */
  waiting: boolean;
}

const none: ReadonlySet<string> = new Set();

export function shownOf(key: string, value: InboxWindow): Shown {
  return {
    key,
    from: value.from,
    total: value.total,
    ids: value.rows.map((row) => row.id),
    rows: new Map(value.rows.map((row) => [row.id, row])),
    gone: none,
    fresh: 0,
    waiting: false,
  };
}

export function nextShown(before: Shown | null, key: string, value: InboxWindow, held: boolean): Shown {
  if (!held || before === null || before.key !== key || before.from !== value.from) return shownOf(key, value);
  const ids = value.rows.map((row) => row.id);
  const same = ids.length === before.ids.length && ids.every((id, at) => id === before.ids[at]);
  if (same) return shownOf(key, value);
  const rows = new Map(before.rows);
  const there = new Set(ids);
  let fresh = 0;
  for (const row of value.rows) {
    if (!before.rows.has(row.id)) fresh += 1;
    else rows.set(row.id, row);
  }
  // A window that is full drops its last rows for new ones: those have not left the list.
  const cut = value.total > value.from + value.rows.length;
  const gone = new Set(before.ids.filter((id, at) => !there.has(id) && !(cut && at >= before.ids.length - fresh)));
  return { ...before, rows, gone, fresh, waiting: true };
}

/** How far, in rows, the list has to scroll so that the row at the top of the view stays where it is. */
export function shift(before: Shown, after: Shown, topIndex: number): number {
  if (before.key !== after.key) return 0;
  for (let at = topIndex; at < topIndex + 20; at++) {
    const id = before.ids[at - before.from];
    if (id === undefined) return 0;
    const now = after.ids.indexOf(id);
    if (now >= 0) return after.from + now - at;
  }
  return 0;
}

/** The window of at most 200 rows around the view, in steps, so that scrolling seldom asks again. */
export function windowAround(first: number): { from: number; count: number } {
  return { from: Math.max(0, Math.floor((first - 60) / 50) * 50), count: 200 };
}
