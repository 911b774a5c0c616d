/**
 * Takes messages of the generic API: once for each id or key, whatever is repeated. A key that comes with another body is refused, for
 * one of the two would be lost. Source: channels reference, 6.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { storable } from '../../sync/intent.ts';
import type { Item, Media } from '../inbound.ts';
import type { Inbox } from '../inbox.ts';
import type { ApiMessage } from './schema.ts';

interface Needs {
  db: Db;
  workspaceId: string;
  inbox: Inbox;
  clock(): number;
}

export type Taken =
  | { messageId: string; first: boolean }
  /** the field whose value has come before, with another body */
  | { conflict: 'id' | 'idempotency-key' };

/** Somebody as the hub knows them: two programs may both have a customer 9. */
export const externalPerson = (channelId: string, externalId: string): string => `${channelId}:${externalId}`;

/** Durable when this returns. */
export async function receiveFromApi(
  { db, workspaceId, inbox, clock }: Needs,
  channelId: string,
  key: string | null,
  message: ApiMessage,
  request: { headers: Record<string, string>; body: Buffer },
): Promise<Taken> {
  const digest = createHash('sha256').update(JSON.stringify(message)).digest();
  const own = message.id === undefined ? null : `id:${message.id}`;
  const given = key === null ? null : `key:${key}`;
  const names = [own, given].filter((one) => one !== null);
  const named = names[0];
  if (named === undefined) throw new Error('a message of the API needs an id or a key');
  // 1. Whoever is first says what a name stands for. A crash after this changes nothing: the same request goes on from here.
  await sql`insert into api_name (workspace_id, channel_id, name, digest, at)
    select ${workspaceId}, ${channelId}, name, ${digest}, ${clock()} from unnest(${names.toSorted()}::text[]) as name
    on conflict (workspace_id, channel_id, name) do nothing`.execute(db);
  const known = await sql<{ name: string; digest: Buffer }>`select name, digest from api_name
    where workspace_id = ${workspaceId} and channel_id = ${channelId} and name = any(${names}::text[])`.execute(db);
  const other = known.rows.find((row) => !row.digest.equals(digest));
  if (other) return { conflict: other.name === own ? 'id' : 'idempotency-key' };
  // 2. As everything else that comes in. The same body has the same id, so either name leads here.
  const added = await inbox.store(channelId, request, [itemOf(channelId, named, message)]);
  const stored = await sql<{ messageId: string }>`select message_id from inbound_event
    where workspace_id = ${workspaceId} and channel_id = ${channelId} and key = ${named}`.execute(db);
  const messageId = stored.rows[0]?.messageId;
  if (messageId === undefined) throw new Error('what was stored is gone');
  return { messageId, first: added > 0 };
}

function itemOf(channelId: string, key: string, { contact, conversation, message }: ApiMessage): Item {
  return {
    key,
    thread: conversation.external_id,
    at: message.sent_at ? Date.parse(message.sent_at) : null,
    event: {
      type: 'api',
      id: key,
      from: { kind: 'external', value: externalPerson(channelId, contact.external_id), name: contact.name ?? null },
      conversation: conversation.external_id,
      phone: contact.phone ?? null,
      email: contact.email?.toLowerCase() ?? null,
      text: message.text,
      media: message.attachments.map(({ url, name }): Media => ({
        kind: pictures.test(name ?? new URL(url).pathname) ? 'image' : 'file',
        url,
        name: name ?? null,
        size: null,
      })),
    },
  };
}

const pictures = /\.(png|jpe?g|gif|webp)$/i;

/** Where the body has text that the database can't keep (NUL, half a surrogate pair), as a path; null: nowhere. */
export function unstorable(value: unknown, path: string[] = []): string | null {
  if (typeof value !== 'object' || value === null) return storable(value) ? null : path.join('.');
  for (const [name, inner] of Object.entries(value)) {
    const found = unstorable(inner, [...path, name]);
    if (found !== null) return found;
  }
  return null;
}
