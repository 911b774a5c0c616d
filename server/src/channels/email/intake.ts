/**
 * Taking a mail out of a mailbox: its bytes first, on the disk under an id that follows from its place; then, in one transaction, that it
 * is here, that it is to be handled, and how far the mailbox was read. A hub that ends in between takes it again, and finds the same.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { v5 as uuidOf } from 'uuid';
import type { Db } from '../../db/database.ts';
import type { FileStore } from '../../files/store.ts';
import type { Accounts } from '../accounts.ts';
import type { Item } from '../inbound.ts';
import type { Inbox } from '../inbox.ts';
import { imapOf, type MailSettings, ownDomainsOf } from './account.ts';
import { noFiles } from './files.ts';
import { type Cursor, TakeLater } from './imap.ts';
import { fetchAgain } from './imap-client.ts';
import type { FetchedMail } from './imap-fetch.ts';
import type { Mail } from './mail.ts';
import type { MailTokens } from './oauth.ts';
import { parseMail } from './parse.ts';

export interface TakeNeeds {
  db: Db;
  workspaceId: string;
  inbox: Inbox;
  store: FileStore;
  clock(): number;
  channelId: string;
  /** which mailbox it is */
  source: string;
  settings: MailSettings;
}

/** bytes of one mail; a larger one comes without its files */
export const largestMail = 64 * 1024 * 1024;
/** bytes of a mail's beginning that are kept for whoever looks at what could not be handled */
const excerptBytes = 4096;

/** Another server, user or folder is another mailbox, whatever the channel is called. */
export function sourceOf({ imap }: MailSettings): string {
  return createHash('sha256')
    .update(JSON.stringify([imap.host, imap.user, imap.folder]))
    .digest('base64url')
    .slice(0, 22);
}

/** How far this mailbox was read, and when that last changed (ms); null: never. */
export async function cursorOf({ db, workspaceId, channelId, source }: TakeNeeds): Promise<{ cursor: Cursor; movedAt: number } | null> {
  const found = await sql<Cursor & { movedAt: number }>`select uid_validity, last_uid, moved_at from mailbox
    where workspace_id = ${workspaceId} and channel_id = ${channelId} and source = ${source}`.execute(db);
  const row = found.rows[0];
  return row ? { cursor: { uidValidity: row.uidValidity, lastUid: row.lastUid }, movedAt: row.movedAt } : null;
}

/** Keeps a cursor. It never goes back: a hub that has lost its lock may still be writing. */
export async function moveCursor({ db, workspaceId, channelId, source, clock }: TakeNeeds, cursor: Cursor, tx: Db = db): Promise<void> {
  await sql`insert into mailbox as m (workspace_id, channel_id, source, uid_validity, last_uid, moved_at)
    values (${workspaceId}, ${channelId}, ${source}, ${cursor.uidValidity}, ${cursor.lastUid}, ${clock()})
    on conflict (workspace_id, channel_id) do update
      set source = excluded.source, uid_validity = excluded.uid_validity, last_uid = excluded.last_uid, moved_at = excluded.moved_at
      where (m.source, m.uid_validity) <> (excluded.source, excluded.uid_validity) or m.last_uid < excluded.last_uid`.execute(tx);
}

/** @throws TakeLater when the mail is not to blame, and what is wrong with the mail */
export async function takeMail(needs: TakeNeeds, fetched: FetchedMail, cursor: Cursor): Promise<void> {
  const { channelId, settings } = needs;
  let mail: Mail;
  try {
    mail = await parseMail(fetched.path, { mailbox: channelId, files: noFiles, ownDomains: ownDomainsOf(settings) });
  } catch (error) {
    throw isOfDisk(error) ? new TakeLater((error as Error).message) : error;
  }
  // What answers one mail is handled in order; nothing else need wait for it.
  const thread = hashed(mail.references[0] ?? mail.inReplyTo ?? mail.messageId);
  const key = `mail:${hashed(`${mail.messageId}\0${mail.contentHash}`)}`;
  await later(keep(needs, { key, thread, at: mail.date }, fetched, cursor, null));
}

/** It could not be read, or not even be fetched (`path` null): kept as far as it is here, for whoever looks into it. */
export async function asideMail(
  needs: TakeNeeds,
  { uid, error, cursor, path }: { uid: number; error: Error; cursor: Cursor; path: string | null },
): Promise<void> {
  const place = `${needs.source}:${cursor.uidValidity}:${uid}`;
  const mail = { uid, path: path ?? '', size: 0, receivedAt: null, omitted: [] };
  await keep(needs, { key: `mail-at:${place}`, thread: place, at: null }, mail, cursor, error.message.slice(0, 500));
}

async function keep(
  needs: TakeNeeds,
  what: Pick<Item, 'key' | 'thread' | 'at'>,
  mail: FetchedMail,
  cursor: Cursor,
  aside: string | null,
): Promise<void> {
  const { workspaceId, channelId, source, store, inbox, clock } = needs;
  const raw = uuidOf(JSON.stringify([workspaceId, channelId, source, cursor.uidValidity, mail.uid]), uuidOf.URL);
  const size = mail.path === '' ? 0 : (await keepRaw(store, raw, mail.path)).size;
  const body = mail.path === '' ? Buffer.alloc(0) : await beginning(mail.path);
  const known = { here: false };
  const added = await inbox.store(channelId, { headers: {}, body }, [{ ...what, event: { type: 'mail', raw } }], async (tx, fresh) => {
    if (fresh > 0) {
      await sql`insert into mail_raw (workspace_id, id, channel_id, source, uid_validity, uid, size, omitted, received_at, taken_at)
        values (${workspaceId}, ${raw}, ${channelId}, ${source}, ${cursor.uidValidity}, ${mail.uid}, ${size}, ${JSON.stringify(mail.omitted)}::jsonb,
          ${mail.receivedAt}, ${clock()}) on conflict (workspace_id, id) do nothing`.execute(tx);
      if (aside !== null) {
        await sql`update inbound_event set state = 'aside', error = ${aside} where workspace_id = ${workspaceId} and channel_id = ${channelId}
          and key = ${what.key} and state = 'new'`.execute(tx);
      }
    } else {
      const found = await sql`select 1 from mail_raw where workspace_id = ${workspaceId} and id = ${raw}`.execute(tx);
      known.here = found.rows.length > 0;
    }
    await moveCursor(needs, cursor, tx);
  });
  // The same mail at another place: its bytes are here once already.
  if (added === 0 && !known.here) await store.remove(raw);
}

/** Gets a mail that could not be fetched when its turn was. False: it is not there any more, or nothing is known of it. */
export async function fetchRaw(
  needs: { db: Db; workspaceId: string; accounts: Accounts; store: FileStore; tokens: MailTokens; dir: string },
  channelId: string,
  raw: string,
): Promise<boolean> {
  const { db, workspaceId, accounts, store, tokens, dir } = needs;
  const found = await sql<{ source: string; uidValidity: string; uid: number }>`select source, uid_validity, uid from mail_raw
    where workspace_id = ${workspaceId} and id = ${raw}`.execute(db);
  const place = found.rows[0];
  const account = await accounts.get(channelId, 'email');
  if (!place || !account || place.source !== sourceOf(account.settings)) return false;
  const token = await tokens.current(account);
  if (token.state !== 'ok') throw new Error(token.reason);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, `${raw}.eml`);
  try {
    const { folder } = account.settings.imap;
    const mail = await fetchAgain(imapOf(account, token.access), { folder, ...place }, path, largestMail);
    if (!mail) return false;
    const { size } = await keepRaw(store, raw, path);
    await sql`update mail_raw set size = ${size}, omitted = ${JSON.stringify(mail.omitted)}::jsonb, received_at = ${mail.receivedAt}
      where workspace_id = ${workspaceId} and id = ${raw}`.execute(db);
    return true;
  } finally {
    await rm(path, { force: true });
  }
}

/** The bytes of a raw mail into the file store; done again they are the same. */
async function keepRaw(store: FileStore, id: string, path: string): Promise<{ size: number }> {
  return store.take(id, async (write) => {
    for await (const chunk of createReadStream(path)) await write(chunk as Buffer);
  });
}

async function beginning(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(excerptBytes), 0, excerptBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function later(run: Promise<void>): Promise<void> {
  try {
    await run;
  } catch (error) {
    throw new TakeLater(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

const isOfDisk = (error: unknown) => error instanceof Error && 'errno' in error;
const hashed = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 32);
