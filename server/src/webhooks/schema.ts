/** What receivers of webhooks get. */
import { z } from 'zod';
import { channelKind, deliveryState, messageKind, messageRow, priority, ticketStatus } from '../../../src/shared/domain.ts';
import type { EventType } from '../../../src/shared/webhook-admin.ts';

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
