/** A long run of changes from the hub, taken in transactions so short that whoever waits for a query gets through in between. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Change } from '../../shared/protocol.ts';
import type { Db } from './database.ts';
import { applyChanges, type Touched } from './replica.ts';
import { getMeta } from './tables/meta.ts';
import { textTables } from './tables/text.ts';
import { mergeSegments } from './tidy.ts';

/** What the changes of a step may take, ms, and how many it has: it begins with one, so that every boundary is met. */
const step = { ms: 1, first: 1, most: 1000 };
/** Each step leaves a segment in the search tables: after so many of them a page is merged, which takes about as long as a step. */
const stepsPerMerge = 4;

/** What the hub has sent: up to `cursor`, which it says was complete at `asOf` (hub's clock, ms). */
export interface Run {
  changes: Change[];
  cursor: number;
  asOf: number;
}

/**
 * What has one sequence number stays together; each step leaves the cache as it was at the hub at some moment. Only the last one
 * waits for the disk, for itself and those before it: what a power cut takes of them is asked of the hub again, cursor and all.
 * @param pace.going false ends it early
 * @param pace.now ms, monotonic
 */
export async function applyInSteps(
  db: Db,
  { changes, cursor, asOf }: Run,
  touched: Touched,
  pace: { going: () => boolean; now: () => number },
): Promise<void> {
  let from = 0;
  let size = step.first;
  let steps = 0;
  for (let to = 1; to < changes.length; to += 1) {
    const last = changes[to - 1]?.seq;
    if (to - from < size || last === undefined || changes[to]?.seq === last) continue;
    const started = pace.now();
    let own = 0;
    withoutWaiting(db, () => {
      // Not complete up to any moment before the last step.
      own = applyChanges(db, changes.slice(from, to), last, getMeta(db, 'dataAsOf') ?? asOf, touched, pace.now);
    });
    size = nextSize(size, to - from, pace.now() - started - own, own);
    from = to;
    await breathe();
    if (!pace.going()) return;
    if ((steps += 1) % stepsPerMerge !== 0) continue;
    for (const table of textTables) withoutWaiting(db, () => mergeSegments(db, table, 1));
    await breathe();
    if (!pace.going()) return;
  }
  applyChanges(db, changes.slice(from), cursor, asOf, touched);
}

/**
 * The agent's own work comes off and on again in each step (`own`, ms). With hundreds of changes on their way that takes many times as
 * long as a few changes from the hub: as much time goes to those then, or there would be no end to it.
 */
function nextSize(size: number, count: number, took: number, own: number): number {
  const fitting = (count * Math.max(step.ms, own)) / Math.max(took, 0.1);
  return Math.min(step.most, Math.max(1, Math.round((size + fitting) / 2)));
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
