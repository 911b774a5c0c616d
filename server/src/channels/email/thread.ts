/**
 * Which ticket a mail goes on with: by the mails that it names, by the signed address that it was sent to, by the number in its subject
 * when its sender belongs to that ticket. Sources: channels reference, 4.2.
 */
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { subjectToken, ticketOf } from './addresses.ts';
import type { Mail } from './mail.ts';

export interface ThreadNeeds {
  db: Db;
  workspaceId: string;
  channelId: string;
  /** of our own signatures */
  key: Buffer;
  /** the mailbox's */
  address: string;
}

/** What customers read as a ticket's number. */
export const shownNumber = (number: number): string => `CS-${number}`;

/** The ticket's id, or null: it opens one of its own. */
export async function ticketOfMail(needs: ThreadNeeds, mail: Mail): Promise<string | null> {
  const { db, workspaceId, key, address } = needs;
  const named = [...new Set([...(mail.inReplyTo === null ? [] : [mail.inReplyTo]), ...mail.references.toReversed()])];
  // Its own id last: an answer to it may have come before it.
  const byId = (await byMails(needs, named)) ?? (await bySiblings(needs, [...named, mail.messageId]));
  if (byId !== null) return byId;
  for (const to of [...mail.deliveredTo, ...mail.to.map((one) => one.address), ...mail.cc.map((one) => one.address)]) {
    const number = numberIn(ticketOf(key, address, to));
    const found = number === null ? null : await byNumber({ db, workspaceId }, number);
    if (found !== null) return found;
  }
  const number = numberIn(subjectToken(mail.subject) ?? bareToken(mail.subject));
  const found = number === null ? null : await byNumber({ db, workspaceId }, number);
  // Numbers can be guessed: whoever is a stranger to the ticket does not get into it by one.
  return found !== null && mail.from !== null && (await takesPart({ db, workspaceId }, found, mail.from.address)) ? found : null;
}

/** By ids of mails that are here, ours and theirs; the first one named counts. */
async function byMails({ db, workspaceId, channelId }: ThreadNeeds, ids: string[]): Promise<string | null> {
  if (ids.length === 0) return null;
  const found = await sql<{ ticketId: string }>`select m.ticket_id from external_id e
    join message m on m.workspace_id = e.workspace_id and m.id = e.message_id
    where e.workspace_id = ${workspaceId} and e.channel_id = ${channelId} and e.value = any(${ids}::text[])
    order by array_position(${ids}::text[], e.value) limit 1`.execute(db);
  return found.rows[0]?.ticketId ?? null;
}

/** By ids that mails which are here name: all of them answer one that never came. */
async function bySiblings({ db, workspaceId, channelId }: ThreadNeeds, ids: string[]): Promise<string | null> {
  if (ids.length === 0) return null;
  const found = await sql<{ ticketId: string }>`select m.ticket_id from mail_reference r
    join message m on m.workspace_id = r.workspace_id and m.id = r.message_id
    where r.workspace_id = ${workspaceId} and r.channel_id = ${channelId} and r.value = any(${ids}::text[])
    order by array_position(${ids}::text[], r.value), m.accepted_at desc limit 1`.execute(db);
  return found.rows[0]?.ticketId ?? null;
}

async function byNumber({ db, workspaceId }: Pick<ThreadNeeds, 'db' | 'workspaceId'>, number: number): Promise<string | null> {
  const found = await sql<{ id: string }>`select id from ticket where workspace_id = ${workspaceId} and number = ${number}`.execute(db);
  return found.rows[0]?.id ?? null;
}

/** The ticket's customer, and whoever has written in it. */
async function takesPart({ db, workspaceId }: Pick<ThreadNeeds, 'db' | 'workspaceId'>, ticketId: string, from: string): Promise<boolean> {
  const found =
    await sql`select 1 from ticket t join identity i on i.workspace_id = t.workspace_id and i.kind = 'email' and i.value = ${from}
    where t.workspace_id = ${workspaceId} and t.id = ${ticketId} and (i.customer_id = t.customer_id or exists (
      select 1 from message m where m.workspace_id = t.workspace_id and m.ticket_id = t.id and m.kind = 'inbound'
        and m.extra->'via'->>'identityId' = i.id::text)) limit 1`.execute(db);
  return found.rows.length > 0;
}

const bareToken = (subject: string) => /\[#(\d{1,12})\]/.exec(subject)?.[1] ?? null;

function numberIn(shown: string | null): number | null {
  const digits = /^(?:CS-)?(\d{1,9})$/.exec(shown ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
