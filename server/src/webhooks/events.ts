/** What a commit tells the world: thin events, one row for each endpoint that asked for it, written with the change itself. */
import { type RawBuilder, sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import type { Message, Ticket } from '../../../src/shared/domain.ts';
import type { Job } from '../jobs/queue.ts';
import type { Listener } from './listeners.ts';
import type { OutgoingEvent } from './schema.ts';

interface Pair<T> {
  before: T | null;
  after: T;
}
interface Changed {
  tickets: Pair<Ticket>[];
  messages: Pair<Message>[];
}

export const webhookTask = 'webhook';

/** Those of one endpoint go out one after another. */
export function webhookJob(endpointId: string, at: number | null): Job {
  const key = `webhook:${endpointId}`;
  return { task: webhookTask, key, queue: key, at, payload: { endpointId } };
}

/** The statement that writes them, and the jobs that deliver them; null when nobody asked. */
export function outboxFor(
  workspaceId: string,
  listeners: readonly Listener[],
  changed: Changed,
  now: number,
): { write: RawBuilder<unknown>; jobs: Job[] } | null {
  if (listeners.length === 0) return null;
  const events = eventsOf(changed, now);
  const rows = events.flatMap(({ event, channelId }) =>
    listeners
      .filter((one) => one.events.includes(event.type) && (one.channelId === null || one.channelId === channelId))
      .map(({ id }) => ({ id: uuid(), endpointId: id, type: event.type, body: JSON.stringify(event) })),
  );
  if (rows.length === 0) return null;
  return {
    write: sql`insert into webhook_delivery (workspace_id, id, endpoint_id, type, body, created_at)
      select ${workspaceId}, (one->>'id')::uuid, (one->>'endpointId')::uuid, one->>'type', one->>'body', ${now}
      from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) with ordinality as told(one, place) order by place`,
    jobs: [...new Set(rows.map(({ endpointId }) => endpointId))].map((id) => webhookJob(id, null)),
  };
}

/** UTF-16 code units of a text: a body stays far below 20 kB */
const textMost = 2000;
const watched = ['status', 'priority', 'queueId', 'assigneeId', 'tags', 'subject', 'disposition', 'contactReason', 'customerId'] as const;
const named: Partial<Record<(typeof watched)[number], string>> = {
  queueId: 'queue_id',
  assigneeId: 'assignee_id',
  contactReason: 'contact_reason',
  customerId: 'customer_id',
};

/** In the order in which somebody would understand them: a ticket before what is said on it. */
export function eventsOf({ tickets, messages }: Changed, now: number): { event: OutgoingEvent; channelId: string | null }[] {
  const timestamp = new Date(now).toISOString();
  const found: { event: OutgoingEvent; channelId: string | null }[] = [];
  for (const { before, after } of tickets) {
    const data = ticketData(after);
    const { channelId } = after;
    if (before === null) found.push({ event: { type: 'ticket.created', timestamp, data }, channelId });
    else {
      const changed = watched
        .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
        .map((name) => named[name] ?? name);
      if (changed.length > 0) found.push({ event: { type: 'ticket.updated', timestamp, data: { ...data, changed } }, channelId });
    }
    if (after.status === 'resolved' && before?.status !== 'resolved')
      found.push({ event: { type: 'ticket.resolved', timestamp, data }, channelId });
  }
  for (const { before, after } of messages) {
    const channelId = after.extra?.via?.channelId ?? null;
    if (before === null) {
      const between = after.kind === 'inbound' || after.kind === 'reply';
      const data = {
        message_id: after.id,
        ticket_id: after.ticketId,
        channel: after.channel,
        channel_id: channelId,
        kind: after.kind,
        author: { type: after.authorType, id: after.authorId, name: after.authorName },
        text: between ? after.body.slice(0, textMost).toWellFormed() : null,
        delivery: after.delivery,
        at: after.acceptedAt ?? now,
      };
      found.push({ event: { type: 'message.created', timestamp, data }, channelId });
    } else if (before.delivery !== after.delivery) {
      const data = {
        message_id: after.id,
        ticket_id: after.ticketId,
        channel_id: channelId,
        delivery: after.delivery,
        error: after.deliveryError,
      };
      found.push({ event: { type: 'message.updated', timestamp, data }, channelId });
    }
  }
  return found;
}

function ticketData(ticket: Ticket) {
  return {
    ticket_id: ticket.id,
    number: ticket.number,
    subject: ticket.subject,
    status: ticket.status,
    priority: ticket.priority,
    channel: ticket.channel,
    channel_id: ticket.channelId,
    queue_id: ticket.queueId,
    assignee_id: ticket.assigneeId,
    customer_id: ticket.customerId,
    tags: ticket.tags,
  };
}
