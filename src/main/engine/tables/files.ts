/** Files on their way to the hub, files that are kept here, and files that wait for their message to be sent. */
import type { StagedFile, TicketFile, UnsentFile } from '../../../shared/bridge-files.ts';
import { withJoined } from './conversation.ts';
import { type Db, prepare } from '../database.ts';
import { getMeta } from './meta.ts';

/** `messageId` empty: chosen, and not sent yet. */
export interface UploadRow {
  id: string;
  ticketId: string;
  messageId: string;
  name: string;
  type: string;
  size: number;
  sha256: string;
  sent: number;
  attempts: number;
  error: string | null;
}

export interface FileRow {
  id: string;
  ticketId: string;
  key: Buffer;
  size: number;
  usedAt: number;
}

/** Errors of an upload that waiting won't mend. */
const lasting: ReadonlySet<string> = new Set(['ID_TAKEN', 'NOT_FOUND', 'REFUSED', 'DAMAGED']);

export function isLasting(error: string | null): boolean {
  return error !== null && lasting.has(error);
}

/** A file that is durable on the disk becomes known here. */
export function stage(
  db: Db,
  upload: Pick<UploadRow, 'id' | 'ticketId' | 'name' | 'type' | 'size' | 'sha256'>,
  key: Buffer,
  now: number,
): void {
  db.transaction(() => {
    const { id, ticketId, name, type, size, sha256 } = upload;
    prepare(db, `insert into upload (id, ticketId, messageId, name, type, size, sha256) values (?, ?, '', ?, ?, ?, ?)`).run(
      id,
      ticketId,
      name,
      type,
      size,
      sha256,
    );
    keepFile(db, { id, ticketId, key, size, usedAt: now });
  })();
}

export function keepFile(db: Db, file: FileRow): void {
  prepare(db, 'insert or replace into file (id, ticketId, key, size, usedAt) values (@id, @ticketId, @key, @size, @usedAt)').run(file);
}

export function fileRow(db: Db, id: string): FileRow | undefined {
  return prepare(db, 'select * from file where id = ?').get(id) as FileRow | undefined;
}

export function fileIds(db: Db): string[] {
  return prepare(db, 'select id from file').pluck().all() as string[];
}

export function touchFile(db: Db, id: string, now: number): void {
  prepare(db, 'update file set usedAt = ? where id = ?').run(now, id);
}

/** The key goes with the row: what is left on the disk can't be read by anybody. */
export function dropFile(db: Db, id: string): void {
  prepare(db, 'delete from file where id = ?').run(id);
}

export function uploadRow(db: Db, id: string): UploadRow | undefined {
  return prepare(db, 'select * from upload where id = ?').get(id) as UploadRow | undefined;
}

export function dropUpload(db: Db, id: string): void {
  prepare(db, 'delete from upload where id = ?').run(id);
}

/** Chosen for the next message of this ticket, in the order they were added. */
export function staged(db: Db, ticketId: string): StagedFile[] {
  return prepare(db, `select id, name, type, size from upload where ticketId = ? and messageId = '' order by rowid`).all(
    ticketId,
  ) as StagedFile[];
}

/** The files belong to a message from now on. */
export function claim(db: Db, ids: string[], messageId: string): void {
  for (const id of ids) prepare(db, 'update upload set messageId = ? where id = ?').run(messageId, id);
}

/** Files of messages that the hub has refused wait for another message; the hub knows nothing of them. */
export function stageRefused(db: Db): boolean {
  const back = prepare(
    db,
    `update upload set messageId = '', sent = 0, attempts = 0, error = null where messageId <> ''
       and not exists (select 1 from attachment where attachment.id = upload.id)
       and exists (select 1 from attention a where a.ticketId = upload.ticketId and json_extract(a.args, '$.messageId') = upload.messageId)`,
  ).run();
  return back.changes > 0;
}

/** Files whose messages the hub has taken, oldest first; without those that waiting won't help. */
export function toUpload(db: Db): UploadRow[] {
  const rows = prepare(
    db,
    `select u.* from upload u where u.messageId <> '' and not exists (
       select 1 from outbox o where o.ticketId = u.ticketId and o.state <> 'accepted' and json_extract(o.args, '$.messageId') = u.messageId)
     order by u.rowid`,
  ).all() as UploadRow[];
  return rows.filter(({ error }) => !isLasting(error));
}

/** Files that have not reached the hub whole. */
export function countUploads(db: Db): number {
  return prepare(db, `select count(*) from upload where messageId <> ''`).pluck().get() as number;
}

/** The same, oldest first. */
export function unsentFiles(db: Db, most: number): UnsentFile[] {
  const rows = prepare(
    db,
    `select u.id, u.name, u.size, u.ticketId, t.subject as ticketSubject, u.sent, u.attempts, u.error
     from upload u left join ticket t on t.id = u.ticketId where u.messageId <> '' order by u.rowid limit ?`,
  ).all(most) as (Omit<UnsentFile, 'lasting'> & { error: string | null })[];
  return rows.map(({ error, ...file }) => ({ ...file, lasting: isLasting(error) }));
}

export function noteSent(db: Db, id: string, sent: number): void {
  prepare(db, 'update upload set sent = ?, attempts = 0, error = null where id = ?').run(sent, id);
}

export function noteFailure(db: Db, id: string, error: string): void {
  prepare(db, 'update upload set attempts = attempts + 1, error = ? where id = ?').run(error, id);
}

/** Tried again from where the hub says. */
export function forgetFailure(db: Db, id: string): boolean {
  return prepare(db, `update upload set attempts = 0, error = null where id = ? and messageId <> ''`).run(id).changes > 0;
}

/** Beyond `most` bytes: what was used longest ago, of what the hub has. */
export function toEvict(db: Db, most: number): string[] {
  let excess = (prepare(db, 'select coalesce(sum(size), 0) from file').pluck().get() as number) - most;
  if (excess <= 0) return [];
  const oldest = prepare(db, 'select id, size from file where id not in (select id from upload) order by usedAt, id').all() as {
    id: string;
    size: number;
  }[];
  const gone: string[] = [];
  for (const { id, size } of oldest) {
    if (excess <= 0) break;
    gone.push(id);
    excess -= size;
  }
  return gone;
}

/**
 * Files of tickets that are not here any more. One whose message the hub has taken stays until it is sent: the customer waits for it.
 * Nothing while the cache is not whole: tickets may be still to come.
 */
export function withoutTicket(db: Db): string[] {
  if (getMeta(db, 'cursor') === undefined || getMeta(db, 'snapshot') !== undefined) return [];
  return prepare(
    db,
    `select id from file where ticketId not in (select id from ticket) and id not in (select id from upload where messageId <> '')`,
  )
    .pluck()
    .all() as string[];
}

export interface Fetching {
  /** bytes that have come */
  received: number;
}

/** Files of a ticket's messages, and how far they have come in either direction. */
export function ticketFiles(db: Db, ticketId: string, fetching: ReadonlyMap<string, Fetching>): TicketFile[] {
  const rows = prepare(
    db,
    `select a.id, a.messageId, a.name, a.type, a.size, a.state, f.id is not null as here, u.sent, u.attempts, u.error, u.id is not null as mine
     from attachment a left join file f on f.id = a.id left join upload u on u.id = a.id
     where a.parent in (select pk from ticket where id in (select value from json_each(?))) order by a.createdAt, a.id`,
  ).all(JSON.stringify(withJoined(db, ticketId))) as (Pick<TicketFile, 'id' | 'messageId' | 'name' | 'type' | 'size' | 'state'> & {
    here: number;
    mine: number;
    sent: number;
    attempts: number;
    error: string | null;
  })[];
  return rows.map(({ here, mine, sent, attempts, error, ...file }) => ({
    ...file,
    here: here === 1,
    upload: mine === 1 ? { sent, attempts, error, lasting: isLasting(error) } : null,
    received: fetching.get(file.id)?.received ?? null,
  }));
}
