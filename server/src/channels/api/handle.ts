/** What becomes of a message that came by the generic API. Doing it again changes nothing. */
import { sql } from 'kysely';
import { v5 as uuidOf, v7 as uuid } from 'uuid';
import type { MessageMedia, Proposal } from '../../../../src/shared/domain.ts';
import type { Rejection } from '../../../../src/shared/mutations/define.ts';
import { normalisePhone } from '../../../../src/shared/phone.ts';
import type { Db } from '../../db/database.ts';
import type { Intent } from '../../sync/intent.ts';
import type { Inbound } from '../inbound.ts';
import type { Handled, StoredEvent } from '../inbox.ts';
import type { MediaFetcher } from '../media.ts';
import { placeholder } from '../profiles.ts';

interface Needs {
  db: Db;
  workspaceId: string;
  apply(intent: Intent): Promise<Rejection | null>;
  media: MediaFetcher;
  /** whether a bot begins fresh conversations there */
  botServes(channelId: string): Promise<boolean>;
}

export async function handleApi(
  needs: Needs,
  channelId: string,
  stored: StoredEvent,
  event: Extract<Inbound, { type: 'api' }>,
): Promise<Handled> {
  const { from, media } = event;
  const joins = await conversationTicket(needs, channelId, event.conversation);
  const bot = joins === null && (await needs.botServes(channelId));
  const rejection = await needs.apply({
    name: 'message.receive',
    args: {
      messageId: stored.messageId,
      ticketId: uuid(),
      channelId,
      body: event.text,
      subject: event.text.trim() === '' ? (media[0]?.name ?? 'Tệp') : null,
      customer: { id: uuid(), name: from.name ?? placeholder(from) },
      // A conversation of its own is a ticket of its own: not verified, so that it is not put with the customer's only other one.
      identity: { id: uuid(), kind: from.kind, value: from.value, verified: false },
      authoredAt: stored.at ?? stored.receivedAt,
      extra: media.length === 0 ? {} : { media: media.map(fetched) },
      ...(joins === null ? {} : { joins }),
      ...(bot ? { bot } : {}),
    },
  });
  if (rejection) return { state: 'aside', error: `${rejection.code}${rejection.field ? ` (${rejection.field})` : ''}` };
  await nameConversation(needs, channelId, event.conversation, stored.messageId);
  await needs.media.plan(channelId, stored.messageId, media);
  await proposeContact(needs, channelId, stored, event);
  return { state: 'done' };
}

/** The ticket that a conversation goes on with; null: it is new, or its ticket is gone. */
export async function conversationTicket({ db, workspaceId }: Pick<Needs, 'db' | 'workspaceId'>, channelId: string, externalId: string) {
  const found = await sql<{ ticketId: string }>`select ticket_id from api_conversation
    where workspace_id = ${workspaceId} and channel_id = ${channelId} and external_id = ${externalId}`.execute(db);
  return found.rows[0]?.ticketId ?? null;
}

async function nameConversation({ db, workspaceId }: Needs, channelId: string, externalId: string, messageId: string): Promise<void> {
  await sql`insert into api_conversation (workspace_id, channel_id, external_id, ticket_id)
    select ${workspaceId}, ${channelId}, ${externalId}, ticket_id from message where workspace_id = ${workspaceId} and id = ${messageId}
    on conflict (workspace_id, channel_id, external_id) do update set ticket_id = excluded.ticket_id`.execute(db);
}

/** A number or an address that comes along is put before an agent: the program says so, and nobody has proved it. */
async function proposeContact(
  needs: Needs,
  channelId: string,
  stored: StoredEvent,
  event: Extract<Inbound, { type: 'api' }>,
): Promise<void> {
  const { db, workspaceId, apply } = needs;
  const { kind, value } = event.from;
  const told = [
    { kind: 'phone' as const, value: event.phone === null ? null : normalisePhone(event.phone) },
    { kind: 'email' as const, value: event.email },
  ];
  const proposals: Proposal[] = [];
  const propose = (what: Proposal['kind'], text: string, customerId: string | null) =>
    proposals.push({
      id: uuidOf(`${stored.messageId}:${what}:${customerId ?? text}`, uuidOf.URL),
      kind: what,
      value: text,
      customerId,
      source: channelId,
      at: stored.at ?? stored.receivedAt,
    });
  for (const one of told) {
    if (one.value === null) continue;
    const has = await sql<{ id: string; name: string; own: boolean }>`
      select c.id, c.name, exists (select 1 from identity me where me.workspace_id = c.workspace_id and me.kind = ${kind}
        and me.value = ${value} and me.customer_id = c.id) as own
      from identity i join customer c on c.workspace_id = i.workspace_id and c.id = i.customer_id
      where i.workspace_id = ${workspaceId} and i.kind = ${one.kind} and i.value = ${one.value}`.execute(db);
    const other = has.rows[0];
    if (!other) propose(one.kind, one.value, null);
    else if (!other.own) propose('same', other.name, other.id);
  }
  if (proposals.length > 0) await apply({ name: 'customer.propose', args: { of: { kind, value }, proposals } });
}

const fetched = ({ kind, name }: { kind: MessageMedia['kind']; name: string | null }): MessageMedia => ({
  kind,
  name,
  url: null,
  attachmentId: null,
  state: 'fetching',
});
