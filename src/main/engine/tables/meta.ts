/** What the workstation knows about itself: cursor, scopes, epoch, clock. */
import { type Db, prepare } from '../database.ts';

interface Meta {
  /** sequence up to which the cache is complete; absent until the first snapshot is whole */
  cursor: number;
  epoch: string;
  scopes: string[];
  userId: string;
  workspaceId: string;
  /** the hub's time at which the cursor was the head */
  dataAsOf: number;
  /** hub's clock minus this machine's, as last measured */
  clockOffset: number;
}

export function getMeta<K extends keyof Meta>(db: Db, name: K): Meta[K] | undefined {
  const value = prepare(db, 'select value from meta where name = ?').pluck().get(name) as string | undefined;
  return value === undefined ? undefined : (JSON.parse(value) as Meta[K]);
}

export function setMeta<K extends keyof Meta>(db: Db, name: K, value: Meta[K]): void {
  prepare(db, 'insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value').run(
    name,
    JSON.stringify(value),
  );
}
