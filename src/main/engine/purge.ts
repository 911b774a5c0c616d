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

/** Does nothing unless scopes were lost since the last time. Goes on from the beginning after a crash; `stopped` ends it early. */
export async function purge(db: Db, stopped: () => boolean): Promise<void> {
  if (!getMeta(db, 'purge')) return;
  for (const table of textTables) {
    // Negative: merge everything there is; then on in steps until nothing is left to do.
    for (let pages = -step; ; pages = step) {
      const before = changes(db);
      prepare(db, `insert into ${table}_text (${table}_text, rank) values ('merge', ?)`).run(pages);
      if (changes(db) - before < 2) break;
      await breathe();
      if (stopped()) return;
    }
    db.exec(`insert into ${table}_text (${table}_text) values ('optimize')`);
    await breathe();
    if (stopped()) return;
  }
  db.exec('vacuum');
  clearMeta(db, 'purge');
  db.pragma('wal_checkpoint(TRUNCATE)');
}

const changes = (db: Db) => prepare(db, 'select total_changes()').pluck().get() as number;
