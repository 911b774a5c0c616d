/** What travels between the chat widget's frame and the hub: JSON over HTTP under `/widget/api`, live by server-sent events. */
import { z } from 'zod';
import { id, limits } from './domain.ts';

/** `POST /widget/api/session`: resumes by token, or opens a new visitor. */
export const sessionRequest = z.strictObject({ channel: z.string().min(1).max(64), token: z.string().max(200).nullable() });
export const sessionAnswer = z.strictObject({
  /** kept by the browser for a year; sent as `Authorization: Bearer` from then on */
  token: z.string(),
  visitorId: z.string(),
  workspace: z.string(),
  /** name the visitor gave earlier */
  name: z.string().nullable(),
});
export type SessionAnswer = z.infer<typeof sessionAnswer>;

/** `POST /widget/api/messages`: idempotent by `id`. */
export const visitorMessage = z.strictObject({
  id,
  body: z.string().trim().min(1).max(limits.messageLength),
  name: z.string().trim().min(1).max(120).nullable(),
  authoredAt: z.int().nonnegative(),
});

/** A message as the customer may see it: never a note. */
export const publicMessage = z.strictObject({
  id,
  from: z.enum(['customer', 'agent', 'bot']),
  author: z.string(),
  body: z.string(),
  /** hub's time, ms */
  at: z.int(),
  /** `read` once this visitor has seen it */
  read: z.boolean(),
});
export type PublicMessage = z.infer<typeof publicMessage>;

/** `GET /widget/api/messages`: the whole conversation, newest 200, oldest first. */
export const conversation = z.strictObject({ messages: z.array(publicMessage) });
export type Conversation = z.infer<typeof conversation>;

/** `POST /widget/api/receipts`: what has reached the page, and what the visitor has had on screen. */
export const receipts = z.strictObject({ delivered: z.array(id).max(200), read: z.array(id).max(200) });

/** `GET /widget/api/events?token=…`: SSE; `event: message` with a `publicMessage` as data, `event: typing` when an agent writes. */
export const eventsQuery = z.object({ token: z.string().min(1).max(200) });
