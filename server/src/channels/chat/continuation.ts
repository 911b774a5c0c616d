/**
 * A visitor who has left is answered all the same: what nobody has read for a while goes out by mail, once, on the same ticket; what they
 * answer to that mail goes on there. Whoever still has a page open is left alone: it tells them.
 */
import { sql } from 'kysely';
import { v5 as uuidOf } from 'uuid';
import type { Rejection } from '../../../../src/shared/mutations/define.ts';
import type { Db } from '../../db/database.ts';
import { addJobs, type Job } from '../../jobs/queue.ts';
import type { Intent } from '../../sync/intent.ts';
import type { Visitors } from './visitors.ts';

/** ms after which a page that has not been heard of is taken for closed */
const seenHoldsMs = 60_000;

export const continuationTask = 'continue';

/** `at`: ms; null: now, which finds out when. */
export function continuationJob(ticketId: string, at: number | null): Job {
  return { task: continuationTask, key: `continue:${ticketId}`, queue: null, at, payload: { ticketId } };
}

interface Needs {
  db: Db;
  workspaceId: string;
  visitors: Visitors;
  apply(intent: Intent): Promise<Rejection | null>;
  clock(): number;
}

interface Unread {
  id: string;
  body: string;
  files: string[];
  author: string;
  at: number;
  channelId: string;
}

/** Sends what is to be sent, or comes back when it will be. Doing it again changes nothing. */
export async function continueByMail(needs: Needs, ticketId: string): Promise<void> {
  const { db, workspaceId, visitors, apply, clock } = needs;
  const unread = await unreadOf(needs, ticketId);
  const [first] = unread;
  const last = unread.at(-1);
  if (!first || !last) return;
  const continues = (await visitors.settings(first.channelId)).continueByMail;
  if (continues === null) return;
  const due = first.at + continues.afterMs;
  const now = clock();
  const again = due > now ? due : (await isThere(needs, ticketId)) ? now + continues.afterMs : null;
  if (again !== null) {
    await addJobs([continuationJob(ticketId, again)]).execute(db);
    return;
  }
  const reached = await sql<{ id: string }>`select i.id from ticket t
    join identity i on i.workspace_id = t.workspace_id and i.customer_id = t.customer_id and i.kind = 'email' and i.state = 'ok'
    where t.workspace_id = ${workspaceId} and t.id = ${ticketId} order by i.verified desc, i.id limit 1`.execute(db);
  const identityId = reached.rows[0]?.id;
  if (identityId === undefined) return;
  await apply({
    name: 'chat.continue',
    args: {
      messageId: uuidOf(`continues:${last.id}`, uuidOf.URL),
      ticketId,
      channelId: continues.channelId,
      identityId,
      body: unread
        .map(({ author, body, files }) => [`${author}:`, ...(body === '' ? [] : [body]), ...files.map((name) => `📎 ${name}`)].join('\n'))
        .join('\n\n')
        .slice(0, 18_000),
      continues: unread.map(({ id }) => id),
    },
  });
}

async function isThere({ db, workspaceId, clock }: Needs, ticketId: string): Promise<boolean> {
  const found = await sql<{ id: string }>`select v.id from visitor v
    where v.workspace_id = ${workspaceId} and v.seen_at > ${clock() - seenHoldsMs} and v.id = any(array(select i.value::uuid from ticket t
      join identity i on i.workspace_id = t.workspace_id and i.customer_id = t.customer_id and i.kind = 'visitor'
      where t.workspace_id = ${workspaceId} and t.id = ${ticketId} and i.value ~ '^[0-9a-f-]{36}$')) limit 1`.execute(db);
  return found.rows.length > 0;
}

/** Agents' answers by chat that nobody has read and no mail has repeated, oldest first. */
async function unreadOf({ db, workspaceId }: Needs, ticketId: string): Promise<Unread[]> {
  const found = await sql<Unread>`
    select m.id, m.body, (select coalesce(jsonb_agg(a.name order by a.created_at, a.id), '[]') from attachment a
        where a.workspace_id = m.workspace_id and a.ticket_id = m.ticket_id and a.message_id = m.id and a.state = 'ready') as files, m.author_name as author, m.accepted_at as at, coalesce(m.extra->'via'->>'channelId', '') as channel_id
    from message m where m.workspace_id = ${workspaceId} and m.ticket_id = ${ticketId} and m.kind = 'reply' and m.channel = 'chat'
      and m.author_type = 'agent' and m.delivery in ('accepted', 'sent', 'delivered')
      and not exists (select 1 from message c where c.workspace_id = m.workspace_id and c.ticket_id = m.ticket_id
        and c.kind = 'reply' and c.extra->'continues' ? m.id::text)
      and not exists (select 1 from message w where w.workspace_id = m.workspace_id and w.ticket_id = m.ticket_id
        and w.kind = 'inbound' and w.accepted_at > m.accepted_at)
    order by m.accepted_at, m.id limit 50`.execute(db);
  return found.rows;
}
