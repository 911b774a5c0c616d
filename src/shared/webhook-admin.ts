/** What administrators set of outgoing webhooks, over HTTP under `/api/v1/webhooks`. */
import { z } from 'zod';

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
  response: z.string().nullable().describe('The beginning of it.'),
  created_at: z.int(),
  next_at: z.int().nullable(),
  settled_at: z.int().nullable(),
  body: z.string(),
});
export const deliveryList = z.strictObject({ items: z.array(delivery), next: z.int().nullable() });
export type Delivery = z.infer<typeof delivery>;
export type DeliveryList = z.infer<typeof deliveryList>;
export const queued = z.strictObject({ id: z.uuid() });
