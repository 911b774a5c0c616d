/** What vendors call our messages: the way from their ids to ours, in both directions. */
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

export interface External {
  messageId: string | null;
  mine: boolean;
  withdrawn: boolean;
}

/** A place where vendors' ids mean something. */
export interface Where {
  db: Db;
  workspaceId: string;
  channelId: string;
}

export async function findExternal({ db, workspaceId, channelId }: Where, value: string): Promise<External | null> {
  const found = await sql<External>`select message_id, mine, withdrawn from external_id
    where workspace_id = ${workspaceId} and channel_id = ${channelId} and value = ${value}`.execute(db);
  return found.rows[0] ?? null;
}

/**
 * From now on the vendor's `value` is this message. `at`: the vendor's moment, or the last one before it. What was told of it before it
 * was known waits under its id, and is for the caller to take up. One that is known keeps what it is.
 */
export async function nameExternal(
  { db, workspaceId, channelId }: Where,
  one: { value: string; messageId: string; thread: string; mine: boolean; at: number },
): Promise<void> {
  await sql`insert into external_id (workspace_id, channel_id, value, message_id, thread, mine, at)
    values (${workspaceId}, ${channelId}, ${one.value}, ${one.messageId}, ${one.thread}, ${one.mine}, ${one.at})
    on conflict (workspace_id, channel_id, value) do update set at = least(external_id.at, excluded.at)`.execute(db);
}

/** Taken back by its author before it came: when it comes it is not shown. */
export async function buryExternal({ db, workspaceId, channelId }: Where, value: string, thread: string, at: number): Promise<void> {
  await sql`insert into external_id (workspace_id, channel_id, value, message_id, thread, mine, at, withdrawn)
    values (${workspaceId}, ${channelId}, ${value}, null, ${thread}, false, ${at}, true)
    on conflict (workspace_id, channel_id, value) do update set withdrawn = true`.execute(db);
}

/**
 * Our messages to somebody up to a moment of the vendor's clock that are not yet known to have come so far as `state`, newest first,
 * 200 at most: the rest is told again with the next one.
 */
export async function mineUpTo(
  { db, workspaceId, channelId }: Where,
  thread: string,
  until: number,
  state: 'delivered' | 'read',
): Promise<string[]> {
  const reached = state === 'read' ? ['read'] : ['delivered', 'read'];
  const found = await sql<{ messageId: string }>`
    select distinct m.id as message_id, max(e.at) as latest from external_id e
    join message m on m.workspace_id = e.workspace_id and m.id = e.message_id
    where e.workspace_id = ${workspaceId} and e.channel_id = ${channelId} and e.thread = ${thread} and e.mine and e.at <= ${until}
      and m.delivery is not null and m.delivery <> all(${reached}::text[])
    group by m.id order by latest desc limit 200`.execute(db);
  return found.rows.map((row) => row.messageId);
}

/** The vendor's id of a message, of its first part where it has several. */
export async function externalOf({ db, workspaceId, channelId }: Where, messageId: string): Promise<string | null> {
  const found = await sql<{ value: string }>`select value from external_id
    where workspace_id = ${workspaceId} and channel_id = ${channelId} and message_id = ${messageId} order by at, value limit 1`.execute(db);
  return found.rows[0]?.value ?? null;
}
