/** Older messages of a ticket, for a workstation that did not get them with its snapshot. */
import { sql } from 'kysely';
import type { HistoryAnswer } from '../../../src/shared/protocol.ts';
import type { Db } from '../db/database.ts';
import { asJson } from '../db/rows.ts';

/**
 * The newest `limit` messages accepted before `before` (ms; null: all), newest first, with their files. Messages of one millisecond
 * are never parted, so there may be more of them; ask on with `before` = `since`.
 */
export async function history(
  db: Db,
  workspaceId: string,
  ticketId: string,
  { before, limit }: { before: number | null; limit: number },
): Promise<HistoryAnswer> {
  const earlier = before === null ? sql`true` : sql`t.accepted_at < ${before}`;
  const ofTicket = sql`t.workspace_id = ${workspaceId} and t.ticket_id = ${ticketId}`;
  const bounds = await sql<{ since: number; older: boolean }>`
    select p.since, exists (select from message t where ${ofTicket} and t.accepted_at < p.since) as older
    from (select coalesce(min(accepted_at), 0) as since from (
      select t.accepted_at from message t where ${ofTicket} and ${earlier} order by t.accepted_at desc, t.id desc limit ${limit}) n) p`.execute(
    db,
  );
  const { since = 0, older = false } = bounds.rows[0] ?? {};
  const messages = await sql<{ ver: number; row: { id: string } }>`
    select t.rowver as ver, ${sql.raw(asJson('message', 't'))} as row from message t
    where ${ofTicket} and ${earlier} and t.accepted_at >= ${since} order by t.accepted_at desc, t.id desc`.execute(db);
  const attachments = await sql<{ ver: number; row: unknown }>`
    select t.rowver as ver, ${sql.raw(asJson('attachment', 't'))} as row from attachment t
    where ${ofTicket} and t.message_id = any(${messages.rows.map(({ row }) => row.id)}::uuid[]) order by t.id`.execute(db);
  return { messages: messages.rows, attachments: attachments.rows, since: older ? since : 0 };
}
