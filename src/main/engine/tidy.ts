/**
 * What the engine puts off while there is work: merging the search tables' segments, moving the log of writes into the file, and
 * giving back the memory that the work took.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Db, prepare } from './database.ts';
import { textTables } from './tables/text.ts';

/** pages written in one step: some ms */
const step = 64;

/** One small step; true when there is more to do. To be called when nothing else is waiting. */
export function tidy(db: Db): boolean {
  for (const table of textTables) if (mergeSegments(db, table, step)) return true;
  db.pragma('wal_checkpoint(PASSIVE)');
  giveMemoryBack();
  return false;
}

/** Writes about so many pages: of four segments of one size (0003-merge) one of the next is made. False when there were not so many. */
export function mergeSegments(db: Db, table: (typeof textTables)[number], pages: number): boolean {
  const before = changes(db);
  prepare(db, `insert into ${table}_text (${table}_text, rank) values ('merge', ?)`).run(pages);
  return changes(db) - before >= 2;
}

const changes = (db: Db) => prepare(db, 'select total_changes()').pluck().get() as number;

type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;
let collect: Collect | null = null;

/** bytes of heap without anything in them that are worth 40 ms of looking for them */
const worthwhile = 32_000_000;

/** V8 keeps the room that a busy moment took for the next one: after a few searches, 60 MB. It gives it back only when told to. */
function giveMemoryBack(): void {
  const { total_heap_size: held, used_heap_size: used } = getHeapStatistics();
  if (held - used < worthwhile) return;
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
