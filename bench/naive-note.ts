/** A note as one statement: what a hub without groups would send for each, if it knew everything beforehand. */
import { noClock } from '../src/shared/sla.ts';
import type { WireMutation } from '../src/shared/protocol.ts';
import type { Workstation } from './centre.ts';

export interface NaiveNote {
  workspaceId: string;
  station: Workstation;
  queueId: string;
  wire: WireMutation;
}

const text = `
with counter as (
  update workspace_counter set seq = seq + 4, last_at = $5 where workspace_id = $1 returning seq
), said as (
  insert into message (workspace_id, id, ticket_id, kind, channel, author_type, author_id, author_name, body, authored_at, accepted_at, rowver)
  select $1, $2, $3, 'note', 'phone', 'agent', $4, 'Nhân viên', $6, $5, $5, seq from counter
), touched as (
  update ticket set last_message_at = $5, last_message_kind = 'note', last_message_preview = $6, updated_at = $5, rowver = counter.seq
  from counter where workspace_id = $1 and id = $3
), logged as (
  insert into change_log (workspace_id, seq, scope, op, entity, entity_id, row, at)
  select $1, counter.seq - 4 + one.n, one.scope, one.op, one.entity, one.id, one.row, $5
  from counter, jsonb_to_recordset($7::jsonb) as one(n int, scope text, op text, entity text, id text, row jsonb)
), result as (
  insert into mutation_result (workspace_id, client_id, mutation_id, key, result, at)
  values ($1, $8, $9, $10, '{"ok": true}', $5)
)
update client set last_mutation_id = $9, last_seen_at = $5 where workspace_id = $1 and client_id = $8`;

/** Text and values for `query`. */
export function naiveNote({ workspaceId, station, queueId, wire }: NaiveNote): [text: string, values: unknown[]] {
  const { messageId, ticketId, body } = wire.args as { messageId: string; ticketId: string; body: string };
  const now = wire.authoredAt;
  const scope = `queue:${queueId}`;
  const ticket = {
    id: ticketId,
    number: 1000,
    provisionalRef: null,
    subject: 'Máy lạnh kêu to khi khởi động',
    status: 'open',
    priority: 'normal',
    channel: 'phone',
    channelId: null,
    queueId,
    assigneeId: null,
    customerId: ticketId,
    tags: ['máy lạnh'],
    snoozedUntil: null,
    contactReason: null,
    disposition: null,
    createdAt: now,
    updatedAt: now,
    resolvedAt: null,
    lastMessageAt: now,
    lastMessageKind: 'note',
    lastMessagePreview: body,
    lastInboundId: null,
    lastInboundAt: null,
    lastReplyId: null,
    lastReplyBy: null,
    lastReplyAt: null,
    unansweredSince: null,
    ...noClock,
  };
  const message = {
    id: messageId,
    ticketId,
    kind: 'note',
    channel: 'phone',
    authorType: 'agent',
    authorId: station.userId,
    authorName: 'Nhân viên',
    body,
    call: null,
    authoredAt: now,
    acceptedAt: now,
    delivery: null,
    deliveryError: null,
    extra: null,
  };
  const { id, number, subject, status, channel, createdAt, lastMessageAt, customerId } = ticket;
  const journey = { id, customerId, number, subject, channel, queueId, status, createdAt, lastMessageAt };
  const entries = [
    { n: 1, scope, op: 'put', entity: 'ticket', id: ticketId, row: ticket },
    { n: 2, scope, op: 'put', entity: 'message', id: messageId, row: message },
    { n: 3, scope, op: 'put', entity: 'journey', id: ticketId, row: journey },
    {
      n: 4,
      scope: `client:${station.clientId}`,
      op: 'ack',
      entity: 'client',
      id: station.clientId,
      row: { lastMutationId: wire.id, results: [{ id: wire.id, ok: true }] },
    },
  ];
  return [
    text,
    [workspaceId, messageId, ticketId, station.userId, now, body, JSON.stringify(entries), station.clientId, wire.id, wire.key],
  ];
}
