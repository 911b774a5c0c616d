/** The parts of messages on their way out, as they lie in the database. */
import { sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import type { Db } from '../db/database.ts';
import type { Job } from '../jobs/queue.ts';

/** A part as it is kept: a file by its id. */
export type PlannedPiece = { kind: 'text'; text: string } | { kind: 'file'; attachmentId: string } | { kind: 'whole' };

export interface Part {
  /** ours, told to the vendor where it takes such a thing */
  id: string;
  messageId: string;
  position: number;
  channelId: string;
  thread: string;
  piece: PlannedPiece;
  state: 'waiting' | 'sending' | 'sent' | 'failed' | 'unknown';
  attempts: number;
  startedAt: number | null;
  reason: string | null;
}

interface Where {
  db: Db;
  workspaceId: string;
}

const columns = sql.raw('id, message_id, position, channel_id, thread, piece, state, attempts, started_at, reason');

export async function partsOf({ db, workspaceId }: Where, messageId: string): Promise<Part[]> {
  const found = await sql<Part>`select ${columns} from outbound_part
    where workspace_id = ${workspaceId} and message_id = ${messageId} order by position`.execute(db);
  return found.rows;
}

export async function findPart({ db, workspaceId }: Where, id: string): Promise<Part | null> {
  const found = await sql<Part>`select ${columns} from outbound_part where workspace_id = ${workspaceId} and id = ${id}`.execute(db);
  return found.rows[0] ?? null;
}

/** Parts of which the vendor may know more than we do: being handed over, or lost sight of. Oldest first. */
export async function openParts({ db, workspaceId }: Where, channelId: string, thread: string): Promise<Part[]> {
  const found = await sql<Part>`select ${columns} from outbound_part
    where workspace_id = ${workspaceId} and channel_id = ${channelId} and thread = ${thread} and state in ('sending', 'unknown')
    order by started_at, id limit 50`.execute(db);
  return found.rows;
}

/** Cuts the message once; whoever comes later finds it cut. */
export async function planParts(
  { db, workspaceId }: Where,
  of: { messageId: string; channelId: string; thread: string },
  pieces: PlannedPiece[],
): Promise<Part[]> {
  const rows = pieces.map((piece, position) => ({ id: uuid(), position, piece }));
  await sql`insert into outbound_part (workspace_id, id, message_id, position, channel_id, thread, piece)
    select ${workspaceId}, (part->>'id')::uuid, ${of.messageId}, (part->>'position')::integer, ${of.channelId}, ${of.thread}, part->'piece'
    from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) as part
    on conflict (workspace_id, message_id, position) do nothing`.execute(db);
  return partsOf({ db, workspaceId }, of.messageId);
}

/** From here on the vendor may have it. */
export async function beginPart({ db, workspaceId }: Where, id: string, now: number): Promise<void> {
  await sql`update outbound_part set state = 'sending', attempts = attempts + 1, started_at = ${now}, reason = null
    where workspace_id = ${workspaceId} and id = ${id}`.execute(db);
}

/** `from`: only a part that is in one of these; what has been sent stays sent. */
export async function settlePart(
  { db, workspaceId }: Where,
  id: string,
  state: 'waiting' | 'sent' | 'failed' | 'unknown',
  reason: string | null,
  now: number,
): Promise<void> {
  await sql`update outbound_part set state = ${state}, reason = ${reason}, settled_at = ${now}
    where workspace_id = ${workspaceId} and id = ${id} and state <> 'sent'`.execute(db);
}

/** On somebody's word: what has not gone out, or nobody knows whether it has, is tried anew. */
export async function tryPartsAgain({ db, workspaceId }: Where, messageId: string): Promise<void> {
  await sql`update outbound_part set state = 'waiting', attempts = 0, reason = null
    where workspace_id = ${workspaceId} and message_id = ${messageId} and state in ('failed', 'unknown')`.execute(db);
}

export const outboundTask = 'outbound';

/** Takes up what goes out on a ticket, now or later (ms). */
export function outboundJob(ticketId: string, at: number | null): Job {
  // A job of its own, as in the inbox: with a key, one that is begun at this very moment would swallow this one.
  return { task: outboundTask, key: null, queue: `out:${ticketId}`, at, payload: { ticketId } };
}
