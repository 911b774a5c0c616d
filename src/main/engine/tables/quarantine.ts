/** Changes that this version of the program can't read: kept for the next one, and in nobody's way. */
import type { Change } from '../../../shared/protocol.ts';
import { type Db, prepare } from '../database.ts';

/** `scope` is empty for a row of a snapshot: nobody can tell later which scope brought it. */
export function keepChange(db: Db, change: Change): void {
  prepare(db, 'insert or replace into quarantine (seq, entity, id, payload) values (?, ?, ?, ?)').run(
    change.seq,
    change.entity,
    change.id,
    JSON.stringify(change),
  );
}

export function keptAside(db: Db): Change[] {
  return (prepare(db, 'select payload from quarantine order by seq, entity, id').pluck().all() as string[]).map(
    (payload) => JSON.parse(payload) as Change,
  );
}

export function countAside(db: Db): number {
  return prepare(db, 'select count(*) from quarantine').pluck().get() as number;
}

export function dropChange(db: Db, change: Change): void {
  prepare(db, 'delete from quarantine where seq = ? and entity = ? and id = ?').run(change.seq, change.entity, change.id);
}

/** Drops what came in scopes that are not held any more, or in none that is known. */
export function dropAside(db: Db, held: string[]): boolean {
  const dropped = prepare(db, `delete from quarantine where json_extract(payload, '$.scope') not in (select value from json_each(?))`).run(
    JSON.stringify(held),
  );
  return dropped.changes > 0;
}
