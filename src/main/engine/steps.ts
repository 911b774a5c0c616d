/** A long run of changes from the hub, taken in transactions so short that whoever waits for a query gets through in between. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Change } from '../../shared/protocol.ts';
import type { Db } from './database.ts';
import { applyChanges, type Touched } from './replica.ts';
import { getMeta } from './tables/meta.ts';
import { textTables } from './tables/text.ts';
import { mergeSegments } from './tidy.ts';

/** What a step may take, ms, and how many changes it has: at first, and at least and at most. */
const step = { ms: 1, first: 5, least: 3, most: 1000 };
/** Each step leaves a segment in the search tables: after so many of them a page is merged, which takes about as long as a step. */
const stepsPerMerge = 4;

/**
 * What has one sequence number stays together; each step leaves the cache as it was at the hub at some moment. Only the last one
 * waits for the disk, for itself and those before it: what a power cut takes of them is asked of the hub again, cursor and all.
 * Ends early when `going` says so. @param asOf when the hub says it was complete up to `cursor` (hub's clock, ms)
 */
export async function applyInSteps(
  db: Db,
  changes: Change[],
  cursor: number,
  asOf: number,
  touched: Touched,
  going: () => boolean,
): Promise<void> {
  let from = 0;
  let size = step.first;
  let steps = 0;
  for (let to = 1; to < changes.length; to += 1) {
    const last = changes[to - 1]?.seq;
    if (to - from < size || last === undefined || changes[to]?.seq === last) continue;
    const started = performance.now();
    withoutWaiting(db, () => {
      // Not complete up to any moment before the last step.
      applyChanges(db, changes.slice(from, to), last, getMeta(db, 'dataAsOf') ?? asOf, touched);
    });
    const took = performance.now() - started;
    size = Math.min(step.most, Math.max(step.least, Math.round((size + ((to - from) * step.ms) / Math.max(took, 0.1)) / 2)));
    from = to;
    await breathe();
    if (!going()) return;
    if ((steps += 1) % stepsPerMerge !== 0) continue;
    for (const table of textTables) withoutWaiting(db, () => mergeSegments(db, table, 1));
    await breathe();
    if (!going()) return;
  }
  applyChanges(db, changes.slice(from), cursor, asOf, touched);
}

/** Commits within `run` are whole, but a power cut may take them back. */
function withoutWaiting(db: Db, run: () => void): void {
  db.pragma('synchronous=NORMAL');
  try {
    run();
  } finally {
    db.pragma('synchronous=FULL');
  }
}
