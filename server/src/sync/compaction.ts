/**
 * Keeps the log short: what is older than the log reaches back goes, and so does the older of two forms of a row. A workstation that was
 * away for longer takes a snapshot; one that was not gets the same rows, only without the forms in between.
 */
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

const hour = 3_600_000;
const month = 30 * 24 * hour;

export interface Compaction {
  /** ms that the log reaches back */
  logMs: number;
  /** ms after which an entry may go once there is a newer one for the same row; a workstation that was away less sees all of them */
  supersededMs?: number;
  /** entries that are deleted in one transaction */
  batch?: number;
}

/** What has gone: log entries by age and by a newer form, results of mutations, drafts that were empty. */
export interface Compacted {
  aged: number;
  superseded: number;
  results: number;
  drafts: number;
}

/** Deletes in small batches; commits go on in between. To be run by one hub at a time. */
export async function compact(
  db: Db,
  workspaceId: string,
  { logMs, supersededMs = hour, batch = 1000 }: Compaction,
  now = Date.now(),
): Promise<Compacted> {
  const aged = await dropAged(db, workspaceId, now - logMs, batch);
  const superseded = await dropSuperseded(db, workspaceId, now - supersededMs, batch);
  const results = await inBatches(async () => {
    const gone = await sql`delete from mutation_result where ctid = any(array(
      select ctid from mutation_result where workspace_id = ${workspaceId} and at < ${now - Math.max(month, logMs)} limit ${batch}))`.execute(
      db,
    );
    return Number(gone.numAffectedRows ?? 0);
  }, batch);
  const drafts = await sql`delete from draft where workspace_id = ${workspaceId} and body = '' and updated_at < ${now - month}`.execute(db);
  return { aged, superseded, results, drafts: Number(drafts.numAffectedRows ?? 0) };
}

/** The oldest entries; `oldest_seq` rises with them, so that no reader takes a log with a gap for a whole one. */
function dropAged(db: Db, workspaceId: string, before: number, batch: number): Promise<number> {
  return inBatches(
    () =>
      db.transaction().execute(async (tx) => {
        // Acceptance times ascend with the sequence.
        const found = await sql<{ upto: number | null }>`select max(seq) as upto from (
          select seq, at from change_log where workspace_id = ${workspaceId} order by seq limit ${batch}) oldest
          where at < ${before}`.execute(tx);
        const upto = found.rows[0]?.upto ?? null;
        if (upto === null) return 0;
        const gone = await sql`delete from change_log where workspace_id = ${workspaceId} and seq <= ${upto}`.execute(tx);
        // The counter last: commits wait for this row.
        await sql`update workspace_counter set oldest_seq = greatest(oldest_seq, ${upto}) where workspace_id = ${workspaceId}`.execute(tx);
        return Number(gone.numAffectedRows ?? 0);
      }),
    batch,
  );
}

/**
 * A `put` may go when a newer one for the same row and scope follows. Not so a ticket's if, between the two, a ticket of the same customer
 * left a scope: whether a workstation forgets a ticket, its messages and its customer then, hangs on the rows it has at that moment.
 */
async function dropSuperseded(db: Db, workspaceId: string, before: number, batch: number): Promise<number> {
  const found = await sql<{ seq: number }>`
    select p.seq from (
      select seq, entity, entity_id, case when entity = 'ticket' then c.row->>'customerId' end as customer_id,
        lead(seq) over (partition by scope, entity, entity_id order by seq) as next
      from change_log c where workspace_id = ${workspaceId} and op = 'put' and at < ${before}
    ) p
    where p.next is not null and (p.entity <> 'ticket' or not exists (
      select from ticket t join change_log l on l.workspace_id = t.workspace_id and l.op = 'leave' and l.entity_id = t.id::text
      where t.workspace_id = ${workspaceId} and t.customer_id = p.customer_id::uuid and l.seq > p.seq and l.seq < p.next))
    order by p.seq`.execute(db);
  const seqs = found.rows.map((row) => row.seq);
  for (let from = 0; from < seqs.length; from += batch) {
    await sql`delete from change_log where workspace_id = ${workspaceId}
      and seq = any(${seqs.slice(from, from + batch)}::bigint[])`.execute(db);
  }
  return seqs.length;
}

/** Repeats until a batch is not full; `once` says how many rows went. */
async function inBatches(once: () => Promise<number>, batch: number): Promise<number> {
  for (let all = 0; ;) {
    const gone = await once();
    all += gone;
    if (gone < batch) return all;
  }
}
