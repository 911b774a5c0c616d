/** What the database knows of files: those that are announced, and those whose bytes are all here. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Attachment } from '../../../src/shared/domain.ts';
import type { fileRequest } from '../../../src/shared/protocol.ts';
import type { Db } from '../db/database.ts';

export type Announced = z.infer<typeof fileRequest>;
export type Uploaded = Pick<Announced, 'id' | 'ticketId' | 'size' | 'sha256'>;
export interface Upload extends Announced {
  userId: string;
  complete: boolean;
}

/** Which of these files have come whole. */
export async function uploadedFiles(db: Db, workspaceId: string, ids: string[]): Promise<Uploaded[]> {
  const found = await sql<Uploaded>`select id, ticket_id, size, sha256 from upload
    where workspace_id = ${workspaceId} and id = any(${ids}::uuid[]) and complete`.execute(db);
  return found.rows;
}

export async function findUpload(db: Db, workspaceId: string, id: string): Promise<Upload | null> {
  const found = await sql<Upload>`select id, user_id, ticket_id, name, type, size, sha256, complete from upload
    where workspace_id = ${workspaceId} and id = ${id}`.execute(db);
  return found.rows[0] ?? null;
}

/** Announces the file unless it is; answers what is known under its id. */
export async function announce(db: Db, workspaceId: string, userId: string, file: Announced): Promise<Upload> {
  await sql`insert into upload (workspace_id, id, user_id, ticket_id, name, type, size, sha256, created_at)
    values (${workspaceId}, ${file.id}, ${userId}, ${file.ticketId}, ${file.name}, ${file.type}, ${file.size}, ${file.sha256}, ${Date.now()})
    on conflict (workspace_id, id) do nothing`.execute(db);
  const upload = await findUpload(db, workspaceId, file.id);
  if (!upload) throw new Error('an upload that was just announced is not there');
  return upload;
}

export async function markComplete(db: Db, workspaceId: string, id: string): Promise<void> {
  await sql`update upload set complete = true where workspace_id = ${workspaceId} and id = ${id}`.execute(db);
}

/** Files of this user that no message names yet. */
export async function countUnclaimed(db: Db, workspaceId: string, userId: string): Promise<number> {
  const found = await sql<{
    n: number;
  }>`select count(*)::int as n from upload u where u.workspace_id = ${workspaceId} and u.user_id = ${userId}
    and not exists (select from attachment a where a.workspace_id = u.workspace_id and a.id = u.id)`.execute(db);
  return found.rows[0]?.n ?? 0;
}

export interface Claimed extends Pick<Attachment, 'id' | 'ticketId' | 'name' | 'size' | 'sha256' | 'state'> {
  authorId: string | null;
}

/** The file as a message names it, with who wrote that message. */
export async function findAttachment(db: Db, workspaceId: string, id: string): Promise<Claimed | null> {
  const found = await sql<Claimed>`select a.id, a.ticket_id, a.name, a.size, a.sha256, a.state, m.author_id from attachment a
    join message m on m.workspace_id = a.workspace_id and m.id = a.message_id
    where a.workspace_id = ${workspaceId} and a.id = ${id}`.execute(db);
  return found.rows[0] ?? null;
}

/** Held answers of this file's ticket that no file holds any more: more were waiting than are released at once. */
export async function heldForNothing(db: Db, workspaceId: string, attachmentId: string): Promise<boolean> {
  const found = await sql`select from message m
    where m.workspace_id = ${workspaceId} and m.delivery = 'queued'
      and m.ticket_id = (select ticket_id from attachment where workspace_id = ${workspaceId} and id = ${attachmentId})
      and not exists (select from attachment a join message w on w.workspace_id = a.workspace_id and w.id = a.message_id
        where a.workspace_id = m.workspace_id and a.ticket_id = m.ticket_id and a.state = 'pending' and w.kind = 'reply'
          and (w.accepted_at, w.id) <= (m.accepted_at, m.id))
    limit 1`.execute(db);
  return found.rows.length > 0;
}

/** Files that are whole while their message does not know it: the hub ended in between. */
export async function completeButPending(db: Db, workspaceId: string): Promise<string[]> {
  const found = await sql<{ id: string }>`select a.id from attachment a join upload u on u.workspace_id = a.workspace_id and u.id = a.id
    where a.workspace_id = ${workspaceId} and a.state = 'pending' and u.complete
      and u.ticket_id = a.ticket_id and u.size = a.size and u.sha256 = a.sha256`.execute(db);
  return found.rows.map(({ id }) => id);
}

/** Forgets files announced before `before` (ms) that no message has named since; answers their ids. */
export async function dropUnclaimed(db: Db, workspaceId: string, before: number): Promise<string[]> {
  const gone = await sql<{ id: string }>`delete from upload u where u.workspace_id = ${workspaceId} and u.created_at < ${before}
    and not exists (select from attachment a where a.workspace_id = u.workspace_id and a.id = u.id) returning u.id`.execute(db);
  return gone.rows.map(({ id }) => id);
}
