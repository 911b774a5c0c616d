/** What the workstation knows about itself: cursor, scopes, epoch, clock. */
import type { Policy } from '../../../shared/protocol.ts';
import { type Db, prepare } from '../database.ts';
import type { Verifier } from '../verifier.ts';

interface Meta {
  /** sequence up to which the cache is complete; absent until the first snapshot is whole */
  cursor: number;
  /** the hub's epoch that the cursor belongs to */
  epoch: string;
  /** the epoch that the versions of the rows belong to: ahead of `epoch` while a snapshot is under way */
  rowsEpoch: string;
  scopes: string[];
  userId: string;
  workspaceId: string;
  /** the hub's time at which the cursor was the head */
  dataAsOf: number;
  /** hub's clock minus this machine's, as last measured */
  clockOffset: number;
  /** a snapshot that is under way, or (\`at\` null) is to be taken; absent while the cursor counts */
  snapshot: SnapshotProgress;
  /** messages accepted before this moment (ms) are at the hub, but for tickets that were not settled; 0: all are here */
  historyFrom: number;
  /** scopes were lost: the traces of what they kept here are still to be wiped from the file */
  purge: boolean;
  /** the last of the user's drafts that has been taken from the hub's lane */
  draftRev: number;
  /** what the hub last said of workstations */
  policy: Policy;
  /** the screen is locked; also after a restart */
  locked: boolean;
  /** wrong passwords since the last right one */
  failedUnlocks: number;
  /** the agent's password, to be known again without the hub */
  verifier: Verifier;
  /** the version of the program that wrote here last */
  reader: string;
  /** the latest moment seen, on the hub's clock: a clock that is set back buys no time */
  latest: number;
}

export interface SnapshotProgress {
  /** null: nothing has come yet */
  at: {
    cursor: number;
    epoch: string;
    scopes: string[];
    historyFrom: number;
    /** the last page that is stored; null before the first */
    page: { entity: string; after: string | null } | null;
    done: number;
    total: number;
  } | null;
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

export function clearMeta(db: Db, name: keyof Meta): void {
  prepare(db, 'delete from meta where name = ?').run(name);
}
