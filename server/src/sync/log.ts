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

/** Changes after `cursor` for these scopes, `limit` at most, and the cursor up to which they are complete. */
export async function readChanges(
  db: Db,
  workspaceId: string,
  scopes: string[],
  cursor: number,
  limit: number,
): Promise<{ changes: Change[]; cursor: number; more: boolean }> {
  // The head is read first: what is committed later has a higher sequence, so nothing below it can still appear.
  const head = await readHead(db, workspaceId);
  const found = await sql<Change>`
    select seq, scope, op, entity, entity_id as id, row from change_log
    where workspace_id = ${workspaceId} and seq > ${cursor} and seq <= ${head.seq} and scope = any(${scopes}::text[])
    order by seq limit ${limit + 1}`.execute(db);
  const more = found.rows.length > limit;
  const changes = found.rows.slice(0, limit).map(compact);
  return { changes, cursor: more ? (changes.at(-1)?.seq ?? cursor) : head.seq, more };
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
