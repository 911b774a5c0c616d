/** Reading the change log: what a set of scopes may see, in order. */
import { sql } from 'kysely';
import type { Change } from '../../../src/shared/protocol.ts';
import type { Db } from '../db/database.ts';

export interface Head {
  seq: number;
  oldestSeq: number;
  epoch: string;
  referenceSeq: number;
}

export async function readHead(db: Db, workspaceId: string): Promise<Head> {
  const found =
    await sql<Head>`select seq, oldest_seq, epoch, reference_seq from workspace_counter where workspace_id = ${workspaceId}`.execute(db);
  const head = found.rows[0];
  if (!head) throw new Error(`workspace ${workspaceId} has no counter`);
  return head;
}

/**
 * Changes after `cursor` for these scopes, `limit` at most, and the cursor up to which they are complete. Null when the log does not reach
 * back to `cursor`, or has not got so far.
 */
export async function readChanges(
  db: Db,
  workspaceId: string,
  scopes: string[],
  cursor: number,
  limit: number,
): Promise<{ changes: Change[]; cursor: number; more: boolean } | null> {
  // One statement sees counter and log as of one moment: neither can a commit slip in between them, nor the compaction.
  const found = await sql<Change & { head: number; oldest: number }>`
    select h.seq as head, h.oldest_seq as oldest, c.* from workspace_counter h left join lateral (
      select l.seq, l.scope, l.op, l.entity, l.entity_id as id, l.row from change_log l
      where l.workspace_id = h.workspace_id and l.seq > ${cursor} and l.scope = any(${scopes}::text[])
      order by l.seq limit ${limit + 1}
    ) c on true where h.workspace_id = ${workspaceId} order by c.seq`.execute(db);
  const counter = found.rows[0];
  if (!counter) throw new Error(`workspace ${workspaceId} has no counter`);
  if (cursor > counter.head || cursor < counter.oldest) return null;
  const rows = found.rows.filter((row) => row.seq !== null);
  const more = rows.length > limit;
  const changes = rows.slice(0, limit).map(compact);
  return { changes, cursor: more ? (changes.at(-1)?.seq ?? cursor) : counter.head, more };
}

/** Every change after `cursor`, whoever may see it: the feed of the fan-out. */
export async function readAll(db: Db, workspaceId: string, cursor: number, limit: number): Promise<Change[]> {
  const found = await sql<Change>`
    select seq, scope, op, entity, entity_id as id, row from change_log
    where workspace_id = ${workspaceId} and seq > ${cursor} order by seq limit ${limit}`.execute(db);
  return found.rows.map(compact);
}

function compact(change: Change): Change {
  const { seq, scope, op, entity, id, row } = change;
  return row === null || row === undefined ? { seq, scope, op, entity, id } : { seq, scope, op, entity, id, row };
}
