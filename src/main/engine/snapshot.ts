/** Loads the whole of what this user may see, page by page, and goes on where it broke off. */
import { setImmediate as breathe } from 'node:timers/promises';
import { type SnapshotLine, snapshotLine, type SnapshotQuery } from '../../shared/protocol.ts';
import type { Db } from './database.ts';
import { beginSnapshot, endSnapshot, takeEarlyRows, takePage, type SnapshotRow, type Touched } from './replica.ts';
import { getMeta, setMeta } from './tables/meta.ts';
import { textTables } from './tables/text.ts';
import { mergeSegments } from './tidy.ts';

/** Early rows in one transaction: few enough to let a query through in between. */
const batchSize = 500;
/** rows whose words fill a page of a search table when they have been merged twice */
const mergedRows = 6;
/** pages of the hub's after which the log of writes is moved into the file */
const checkpointPages = 4;

export class SnapshotBroken extends Error {}

/** What to ask the hub for: all of it, or what is still missing of the one that is under way. */
export function snapshotQueryHere(db: Db): Omit<SnapshotQuery, 'protocol'> {
  const at = getMeta(db, 'snapshot')?.at;
  if (!at?.page) return {};
  const { cursor, epoch, page } = at;
  return { cursor, epoch, entity: page.entity, ...(page.after === null ? {} : { after: page.after }) };
}

/**
 * Takes the lines of an answer. Each page is one transaction with the mark of how far it is. Throws `SnapshotBroken` when
 * the answer ends before its end or does not add up; the pages that have come stay, and the next answer goes on behind them.
 */
export async function takeSnapshot(db: Db, lines: AsyncIterable<string>, progress: (touched: Touched) => void): Promise<void> {
  let begun = false;
  let rows: SnapshotRow[] = [];
  let early: SnapshotRow[] = [];
  let pages = 0;
  const counts: Record<string, number> = {};
  const flushEarly = () => {
    if (early.length === 0) return;
    const touched: Touched = new Set();
    takeEarlyRows(db, early, touched);
    early = [];
    progress(touched);
  };
  for await (const text of lines) {
    const line = readLine(text);
    if (line.t === 'begin') {
      const touched: Touched = new Set();
      beginSnapshot(db, line, touched);
      begun = true;
      progress(touched);
      continue;
    }
    if (!begun) throw new SnapshotBroken('rows before the beginning');
    if (line.t === 'early') {
      early.push(line);
      if (early.length >= batchSize) flushEarly();
      continue;
    }
    flushEarly();
    if (line.t === 'row') {
      counts[line.entity] = (counts[line.entity] ?? 0) + 1;
      rows.push(line);
    } else if (line.t === 'page') {
      if (rows.some((row) => row.entity !== line.entity)) throw new SnapshotBroken(`a page of ${line.entity} with other rows`);
      const touched: Touched = new Set();
      takePage(db, line, rows, touched);
      // As much as a page adds: a search meanwhile finds few segments, and nothing piles up for later.
      const { entity } = line;
      const table = textTables.find((name) => name === entity);
      if (table) mergeSegments(db, table, Math.ceil(rows.length / mergedRows));
      if ((pages += 1) % checkpointPages === 0) db.pragma('wal_checkpoint(PASSIVE)');
      rows = [];
      progress(touched);
      await breathe();
    } else {
      for (const [entity, count] of Object.entries(line.counts)) {
        if ((counts[entity] ?? 0) === count) continue;
        // What is stored can't be trusted to be whole: from the beginning.
        setMeta(db, 'snapshot', { at: null });
        throw new SnapshotBroken(`${entity}: ${counts[entity] ?? 0} of ${count} rows came`);
      }
      const touched: Touched = new Set();
      endSnapshot(db, touched);
      progress(touched);
      return;
    }
  }
  throw new SnapshotBroken('the answer ended before its end');
}

function readLine(text: string): SnapshotLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SnapshotBroken('a line that is not JSON');
  }
  const parsed = snapshotLine.safeParse(json);
  if (!parsed.success) throw new SnapshotBroken('a line has a form that this version does not know');
  return parsed.data;
}
