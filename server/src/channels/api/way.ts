/** The way out of the generic API: answers go to the program's own address, signed, each part as one `message.created`. */
import { sql } from 'kysely';
import type { ChannelRules } from '../../../../src/shared/domain.ts';
import type { Db } from '../../db/database.ts';
import { type Posted, postWebhook } from '../../webhooks/post.ts';
import { signWebhook } from '../../webhooks/sign.ts';
import type { Outgoing, Way } from '../dispatch.ts';
import type { Outcome } from '../outbound.ts';
import type { PlannedPiece } from '../parts.ts';
import { splitText } from '../split.ts';
import { externalPerson } from './receive.ts';
import type { ApiTold } from './schema.ts';

export interface ApiWayNeeds {
  db: Db;
  workspaceId: string;
  rules(channelId: string): Promise<ChannelRules | null>;
  clock(): number;
  /** ms that an answer may take */
  timeoutMs: number;
  allowHosts: ReadonlySet<string>;
}

/** UTF-16 code units: in UTF-8 and JSON a body stays below 20 kB. Source: channels reference, 6. */
const textMost = 4000;

export function apiWay(needs: ApiWayNeeds): Way {
  return {
    identity: 'external',
    async pieces(message, files, { channelId }) {
      const most = Math.min((await needs.rules(channelId))?.textMost ?? textMost, textMost);
      return [
        ...splitText(message.body, most).map((text): PlannedPiece => ({ kind: 'text', text })),
        ...files.map(({ id }): PlannedPiece => ({ kind: 'file', attachmentId: id })),
      ];
    },
    async send(outgoing, account) {
      if (account.vendor !== 'api') throw new Error(`${account.channelId} is not a program's`);
      const { channelId, settings, secrets } = account;
      const prefix = externalPerson(channelId, '');
      if (!outgoing.to.startsWith(prefix)) return { state: 'failed', code: 'NO_RECIPIENT', reason: 'known to another program' };
      if (settings.webhookUrl === null || secrets.webhookSecrets.length === 0)
        return { state: 'attention', code: 'SETTINGS', reason: 'no webhook address, or no secret to sign with' };
      const at = needs.clock();
      const data = await dataOf(needs, channelId, outgoing.to.slice(prefix.length), outgoing);
      const body = JSON.stringify({ type: 'message.created', timestamp: new Date(at).toISOString(), data } satisfies ApiTold);
      const { id } = outgoing.part;
      return outcomeOf(id, await postWebhook(settings.webhookUrl, signWebhook(secrets.webhookSecrets, { id, at, body }), body, needs));
    },
  };
}

async function dataOf(
  { db, workspaceId }: ApiWayNeeds,
  channelId: string,
  contactId: string,
  { part, message, files, replyTo }: Outgoing,
): Promise<ApiTold['data']> {
  const found = await sql<{ externalId: string }>`select external_id from api_conversation
    where workspace_id = ${workspaceId} and channel_id = ${channelId} and ticket_id = ${message.ticketId} order by external_id limit 1`.execute(
    db,
  );
  const { piece } = part;
  const file = piece.kind === 'file' ? files.find(({ id }) => id === piece.attachmentId) : undefined;
  return {
    channel_id: channelId,
    conversation_id: found.rows[0]?.externalId ?? null,
    contact_id: contactId,
    ticket_id: message.ticketId,
    message_id: message.id,
    part: part.position,
    author: { type: message.authorType, name: message.authorName },
    text: piece.kind === 'text' ? piece.text : null,
    // Below the hub's own address, with the channel's key.
    attachment: file
      ? { id: file.id, name: file.name, type: file.type, size: file.size, path: `/api/v1/channels/${channelId}/files/${file.id}` }
      : null,
    reply_to: replyTo?.startsWith('id:') ? replyTo.slice('id:'.length) : null,
    sent_at: new Date(message.authoredAt).toISOString(),
  };
}

/** What a try has come to. A receiver knows the id again, so one that may have had it is asked again. */
function outcomeOf(id: string, posted: Posted): Outcome {
  if (posted.state === 'blocked') return { state: 'attention', code: 'SETTINGS', reason: posted.reason };
  if (posted.state !== 'answered') return { state: 'later', afterMs: null, everyone: false, reason: posted.reason };
  const { status, retryAfterMs } = posted;
  const reason = `it answers ${status}`;
  if (status >= 200 && status < 300) return { state: 'sent', id };
  if (status === 410 || status === 401 || status === 403 || status === 404) return { state: 'attention', code: 'SETTINGS', reason };
  if (status === 429 || status === 502 || status === 503 || status === 504)
    return { state: 'later', afterMs: retryAfterMs, everyone: retryAfterMs !== null, reason };
  if (status >= 500 || status === 408) return { state: 'later', afterMs: null, everyone: false, reason };
  // A redirect leads nowhere: the address itself has to be right.
  if (status >= 300 && status < 400) return { state: 'attention', code: 'SETTINGS', reason };
  return { state: 'failed', code: 'NOT_ALLOWED', reason: `${reason}: ${posted.body.slice(0, 200)}` };
}
