/** What the cache puts off while there is work: merging the search tables' segments, and moving the log of writes into the file. */
import { type Db, prepare } from './database.ts';
import { textTables } from './tables/text.ts';

/** pages written in one step: some ms */
const step = 64;

/** One small step; true when there is more to do. To be called when nothing else is waiting. */
export function tidy(db: Db): boolean {
  for (const table of textTables) if (mergeSegments(db, table, step)) return true;
  db.pragma('wal_checkpoint(PASSIVE)');
  return false;
}

/** Writes about so many pages: of sixteen segments of one size one of the next is made. False when there were not so many. */
export function mergeSegments(db: Db, table: (typeof textTables)[number], pages: number): boolean {
  const before = changes(db);
  prepare(db, `insert into ${table}_text (${table}_text, rank) values ('merge', ?)`).run(pages);
  return changes(db) - before >= 2;
}

const changes = (db: Db) => prepare(db, 'select total_changes()').pluck().get() as number;
