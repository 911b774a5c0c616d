/** Loads the whole of what this user may see, line by line, into the cache. */
import { setImmediate as breathe } from 'node:timers/promises';
import { type SnapshotLine, snapshotLine } from '../../shared/protocol.ts';
import type { Db } from './database.ts';
import { beginSnapshot, endSnapshot, type SnapshotRow, takeSnapshotRows, type Touched } from './replica.ts';

/** Rows in one transaction: few enough to let a query through in between. */
const batchSize = 500;

export class SnapshotBroken extends Error {}

/** Reads an NDJSON answer. Throws `SnapshotBroken` when it ends before its end or does not add up; what has come so far stays and is written over by the next. */
export async function takeSnapshot(
  db: Db,
  body: ReadableStream<Uint8Array>,
  progress: (done: number, total: number, touched: Touched) => void,
): Promise<Extract<SnapshotLine, { t: 'begin' }>> {
  let begin: Extract<SnapshotLine, { t: 'begin' }> | null = null;
  let rows: SnapshotRow[] = [];
  let done = 0;
  const counts: Record<string, number> = {};
  const flush = () => {
    const touched: Touched = new Set();
    takeSnapshotRows(db, rows, touched);
    done += rows.length;
    rows = [];
    progress(done, begin?.total ?? 0, touched);
  };
  for await (const text of lines(body)) {
    const parsed = snapshotLine.safeParse(JSON.parse(text));
    if (!parsed.success) throw new SnapshotBroken('a line has a form that this version does not know');
    const line = parsed.data;
    if (line.t === 'begin') {
      begin = line;
      beginSnapshot(db);
    } else if (!begin) throw new SnapshotBroken('rows before the beginning');
    else if (line.t === 'row') {
      counts[line.entity] = (counts[line.entity] ?? 0) + 1;
      rows.push(line);
      if (rows.length >= batchSize) {
        flush();
        await breathe();
      }
    } else {
      for (const [entity, count] of Object.entries(line.counts)) {
        if ((counts[entity] ?? 0) !== count) throw new SnapshotBroken(`${entity}: ${counts[entity] ?? 0} of ${count} rows came`);
      }
      flush();
      const touched: Touched = new Set();
      endSnapshot(db, begin, touched);
      progress(done, begin.total, touched);
      return begin;
    }
  }
  throw new SnapshotBroken('the answer ended before its end');
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const parts = rest.split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') yield part;
  }
  if (rest !== '') yield rest;
}
