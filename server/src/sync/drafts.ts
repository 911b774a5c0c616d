/** Drafts: a lane of each user's own, beside the log and its counter. Whatever comes last wins; what it replaced goes back to its writer. */
import { sql } from 'kysely';
import type { DraftRow } from '../../../src/shared/protocol.ts';
import type { Db } from '../db/database.ts';

/** drafts in one answer */
const perAnswer = 500;

const columns = sql.raw('d.ticket_id, d.rev, d.mode, d.body, d.seen, d.started_at, d.updated_at, d.device');

interface Lane {
  workspaceId: string;
  userId: string;
}

/**
 * Keeps the draft under a new revision. An empty body is kept as well: it tells the user's other workstations that the draft is gone.
 * `replaced`: what another workstation wrote and this writer, who knew revision `base`, had not seen.
 */
export async function putDraft(
  db: Db,
  { workspaceId, userId, clientId }: Lane & { clientId: string },
  draft: Omit<DraftRow, 'rev' | 'device'>,
  base: number,
): Promise<{ stored: DraftRow; replaced: DraftRow | null }> {
  return db.transaction().execute(async (tx) => {
    // The lane's row stays locked to the end: revisions become visible in their order, and `since` misses none.
    const lane = await sql<{ rev: number }>`insert into draft_lane (workspace_id, user_id, rev) values (${workspaceId}, ${userId}, 1)
      on conflict (workspace_id, user_id) do update set rev = draft_lane.rev + 1 returning rev`.execute(tx);
    const rev = lane.rows[0]?.rev ?? 1;
    const found = await sql<DraftRow & { clientId: string }>`select ${columns}, d.client_id from draft d
      where d.workspace_id = ${workspaceId} and d.user_id = ${userId} and d.ticket_id = ${draft.ticketId}`.execute(tx);
    const former = found.rows[0];
    const written = await sql<DraftRow>`
      insert into draft as d (workspace_id, user_id, ticket_id, rev, mode, body, seen, started_at, updated_at, client_id, device)
      values (${workspaceId}, ${userId}, ${draft.ticketId}, ${rev}, ${draft.mode}, ${draft.body}, ${JSON.stringify(draft.seen)}::jsonb,
        ${draft.startedAt}, ${draft.updatedAt}, ${clientId},
        coalesce((select c.device_name from client c where c.workspace_id = ${workspaceId} and c.client_id = ${clientId}), ''))
      on conflict (workspace_id, user_id, ticket_id) do update set rev = excluded.rev, mode = excluded.mode, body = excluded.body,
        seen = excluded.seen, started_at = excluded.started_at, updated_at = excluded.updated_at, client_id = excluded.client_id,
        device = excluded.device
      returning ${columns}`.execute(tx);
    const stored = written.rows[0];
    if (!stored) throw new Error('a draft was not written');
    const unseen = former !== undefined && former.rev > base && former.clientId !== clientId && former.body !== '';
    if (!unseen) return { stored, replaced: null };
    const { clientId: _writer, ...replaced } = former;
    return { stored, replaced };
  });
}

/** Everything in the user's lane after `rev`, oldest first. */
export async function draftsSince(db: Db, { workspaceId, userId }: Lane, rev: number): Promise<{ drafts: DraftRow[]; more: boolean }> {
  const found = await sql<DraftRow>`select ${columns} from draft d
    where d.workspace_id = ${workspaceId} and d.user_id = ${userId} and d.rev > ${rev} order by d.rev limit ${perAnswer + 1}`.execute(db);
  return { drafts: found.rows.slice(0, perAnswer), more: found.rows.length > perAnswer };
}

/** Whether the user has a draft with text for this ticket. */
export async function hasDraft(db: Db, { workspaceId, userId }: Lane, ticketId: string): Promise<boolean> {
  const found = await sql`select from draft d
    where d.workspace_id = ${workspaceId} and d.user_id = ${userId} and d.ticket_id = ${ticketId} and d.body <> ''`.execute(db);
  return found.rows.length > 0;
}
