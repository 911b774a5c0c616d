import type { InboxWindow, WindowPatch } from '../../shared/bridge.ts';

/** The next value of an inbox window: the new order, unchanged rows kept as the same objects. Null if a row is missing. */
export function applyWindowPatch(before: InboxWindow, patch: WindowPatch): InboxWindow | null {
  const known = new Map(before.rows.map((row) => [row.id, row]));
  for (const row of patch.rows) known.set(row.id, row);
  const rows = [];
  for (const rowId of patch.order) {
    const row = known.get(rowId);
    if (row === undefined) return null;
    rows.push(row);
  }
  return { total: patch.total, from: patch.from, rows };
}
