/** What administrators set of outgoing webhooks, and what receivers get. */
import { z } from 'zod';
import { channelKind, deliveryState, messageKind, messageRow, priority, ticketStatus } from '../../../src/shared/domain.ts';

export const eventTypes = ['message.created', 'message.updated', 'ticket.created', 'ticket.updated', 'ticket.resolved'] as const;
export type EventType = (typeof eventTypes)[number];

const url = z.url({ protocol: /^https?$/ }).max(2000);
const events = z.array(z.enum(eventTypes)).min(1).max(eventTypes.length);
const channelId = z.string().max(64).nullable().describe('Only what belongs to this channel.');

/** `POST /api/v1/webhooks` */
export const newEndpoint = z.strictObject({ url, events, channel_id: channelId.default(null) });
/** `PATCH /api/v1/webhooks/:id` */
export const endpointChange = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  channel_id: channelId.optional(),
  active: z.boolean().optional(),
  rotate: z.literal(true).optional().describe('A new secret; the one before it signs along until the next time.'),
});
export const endpoint = z.strictObject({
  id: z.uuid(),
  url: z.string(),
  events,
  channel_id: channelId,
  state: z.enum(['active', 'disabled']),
  reason: z.string().nullable().describe('Why it was switched off.'),
  created_at: z.int(),
  waiting: z.int().describe('What has still to be delivered.'),
});
export type Endpoint = z.infer<typeof endpoint>;
export const endpointList = z.strictObject({ webhooks: z.array(endpoint) });
/** `secret`: shown this once */
export const endpointMade = z.strictObject({ webhook: endpoint, secret: z.string().nullable() });

export const deliveriesQuery = z.strictObject({
  before: z.coerce.number().int().positive().optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
const delivery = z.strictObject({
  id: z.uuid().describe('As the receiver gets it in webhook-id.'),
  type: z.string(),
  state: z.enum(['waiting', 'sent', 'failed']),
  attempts: z.int(),
  status: z.int().nullable().describe('The last answer.'),
  error: z.string().nullable(),
  created_at: z.int(),
  next_at: z.int().nullable(),
  settled_at: z.int().nullable(),
  body: z.string(),
});
export const deliveryList = z.strictObject({ items: z.array(delivery), next: z.int().nullable() });
export type DeliveryList = z.infer<typeof deliveryList>;
export const queued = z.strictObject({ id: z.uuid() });

const ticket = z.strictObject({
  ticket_id: z.uuid(),
  number: z.int().nullable(),
  subject: z.string(),
  status: ticketStatus,
  priority,
  channel: channelKind,
  channel_id: z.string().nullable(),
  queue_id: z.uuid(),
  assignee_id: z.uuid().nullable(),
  customer_id: z.uuid(),
  tags: z.array(z.string()),
});
const envelope = <T extends string, D extends z.ZodType>(type: T, data: D) =>
  z.strictObject({ type: z.literal(type), timestamp: z.iso.datetime(), data });

/** What receivers get, by its type. */
export const outgoing = {
  'message.created': envelope(
    'message.created',
    z.strictObject({
      message_id: z.uuid(),
      ticket_id: z.uuid(),
      channel: channelKind,
      channel_id: z.string().nullable(),
      kind: messageKind,
      author: z.strictObject({ type: messageRow.shape.authorType, id: z.uuid().nullable(), name: z.string() }),
      text: z.string().nullable().describe('What the customer or we said to each other, its beginning; null: it stays in the house.'),
      delivery: deliveryState.nullable(),
      at: z.int(),
    }),
  ),
  'message.updated': envelope(
    'message.updated',
    z.strictObject({
      message_id: z.uuid(),
      ticket_id: z.uuid(),
      channel_id: z.string().nullable(),
      delivery: deliveryState.nullable(),
      error: z.string().nullable(),
    }),
  ),
  'ticket.created': envelope('ticket.created', ticket),
  'ticket.updated': envelope('ticket.updated', ticket.extend({ changed: z.array(z.string()) })),
  'ticket.resolved': envelope('ticket.resolved', ticket),
} as const satisfies Record<EventType, z.ZodType>;

export type OutgoingEvent = { [T in EventType]: z.infer<(typeof outgoing)[T]> }[EventType];
