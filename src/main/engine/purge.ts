/**
 * Wipes what was deleted out of the file: lost scopes leave no trace on the disk. `secure_delete` zeroes rows as they go; what is
 * left are words in the search tables' old segments, copies that page splits left in the slack of pages, and the log of writes.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { type Db, prepare } from './database.ts';
import { clearMeta, getMeta } from './tables/meta.ts';
import { textTables } from './tables/text.ts';

/** pages merged in one step: few enough to let a query through in between */
const step = 400;

/** bytes of a file that is written anew within a second or so; a larger one waits until nobody is at the desk */
const soonWritten = 64_000_000;

/**
 * Does nothing unless scopes were lost since the last time. Goes on from the beginning after a crash; `stopped` ends it early.
 * Writing a whole cache anew takes over ten seconds in which nothing is answered: with a large file that is put off unless the desk
 * is `away`. True when nothing is left to do.
 */
export async function purge(db: Db, stopped: () => boolean, away: () => boolean): Promise<boolean> {
  if (!getMeta(db, 'purge')) return true;
  for (const table of textTables) {
    // Negative: merge everything there is; then on in steps until nothing is left to do.
    for (let pages = -step; ; pages = step) {
      const before = changes(db);
      prepare(db, `insert into ${table}_text (${table}_text, rank) values ('merge', ?)`).run(pages);
      if (changes(db) - before < 2) break;
      await breathe();
      if (stopped()) return false;
    }
    db.exec(`insert into ${table}_text (${table}_text) values ('optimize')`);
    await breathe();
    if (stopped()) return false;
  }
  const size = (db.pragma('page_count', { simple: true }) as number) * (db.pragma('page_size', { simple: true }) as number);
  if (size > soonWritten && !away()) {
    db.pragma('wal_checkpoint(TRUNCATE)');
    return false;
  }
  db.exec('vacuum');
  clearMeta(db, 'purge');
  db.pragma('wal_checkpoint(TRUNCATE)');
  return true;
}

const changes = (db: Db) => prepare(db, 'select total_changes()').pluck().get() as number;
