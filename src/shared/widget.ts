/**
 * What travels between the chat widget's frame and the hub: JSON over HTTP under `/widget/api`, live by server-sent events. After
 * `session` every call carries `Authorization: Bearer <token>`. A refusal is `{ code, field, message }` with 400 (form), 401 (open a new
 * session), 403 (this page may not), 404, 413 (too large), 422 (not taken, and never will be) or 429 (`retry-after`: seconds).
 */
import { z } from 'zod';
import { id } from './domain.ts';

/** Limits that the widget checks before the hub does. */
export const widgetLimits = {
  /** characters of one message */
  textLength: 10_000,
  /** bytes of one file; files of one message */
  fileBytes: 10 * 1024 * 1024,
  filesPerMessage: 5,
  /** characters of a signed identity */
  identityLength: 4096,
} as const;

/** Whether a form asks for it. */
export const asked = z.enum(['off', 'optional', 'required']);
export const preChat = z.strictObject({ name: asked, phone: asked, email: asked });
/** What a visitor agrees to before the first message, in both languages. */
export const consentText = z.strictObject({ vi: z.string().min(1).max(2000), en: z.string().min(1).max(2000) });

/** `POST session`: resumes by token, or opens a new visitor. `page`: origin of the page that shows the widget; null: it stands alone. */
export const sessionRequest = z.strictObject({
  channel: z.string().regex(/^[\w.:-]{1,64}$/, 'the id of a channel'),
  token: z.string().max(200).nullable(),
  page: z.string().max(300).nullable().default(null),
});
export const sessionAnswer = z.strictObject({
  /** kept by the browser for a year */
  token: z.string(),
  visitorId: z.string(),
  workspace: z.string(),
  /** name the visitor gave earlier, or that the shop has vouched for */
  name: z.string().nullable(),
  /** the shop has vouched for who this is */
  verified: z.boolean(),
  /** what is asked before the first message; null: nothing, or it has been answered */
  form: z.strictObject({ fields: preChat, consent: consentText.nullable() }).nullable(),
});
export type SessionAnswer = z.infer<typeof sessionAnswer>;

/**
 * `POST identify`: a JWT (HS256) that the shop's own server has signed with the widget's secret; claims `user_id`, `exp` (at most a day
 * ahead), and `name`, `email`, `phone` if it likes. Refused with 422 and `field: 'identity'`; the visitor stays who they were.
 */
export const identifyRequest = z.strictObject({ identity: z.string().min(1).max(widgetLimits.identityLength) });
export const identifyAnswer = z.strictObject({ name: z.string().nullable() });

/** `POST details`: the form before the first message. 400 names the field: `name`, `phone`, `email` or `consent`. */
export const detailsRequest = z.strictObject({
  name: z.string().trim().max(120),
  phone: z.string().trim().max(40),
  email: z.string().trim().max(320),
  consent: z.boolean(),
  language: z.enum(['vi', 'en']),
});

/** `POST messages`: idempotent by `id`. `files`: ids of files that were sent before; a message is a text, files, or both. */
export const visitorMessage = z
  .strictObject({
    id,
    body: z.string().trim().max(widgetLimits.textLength),
    name: z.string().trim().min(1).max(120).nullable(),
    authoredAt: z.int().nonnegative(),
    files: z.array(id).max(widgetLimits.filesPerMessage).default([]),
  })
  .refine(({ body, files }) => body !== '' || files.length > 0, { path: ['body'], message: 'a text or a file' });

/** `PUT files/:id`: the bytes as they are, `application/octet-stream`; `?name=`. Idempotent by `id`, which the widget makes (UUIDv7). */
export const fileQuery = z.strictObject({ name: z.string().min(1).max(300) });

export const publicFile = z.strictObject({
  id,
  name: z.string(),
  /** bytes */
  size: z.int(),
  /** one that may be shown */
  picture: z.boolean(),
});
export type PublicFile = z.infer<typeof publicFile>;

/** A message as the customer may see it: never a note. `GET files/:id` has the bytes of its files. */
export const publicMessage = z.strictObject({
  id,
  from: z.enum(['customer', 'agent', 'bot']),
  author: z.string(),
  body: z.string(),
  /** hub's time, ms */
  at: z.int(),
  /** `read` once this visitor has seen it */
  read: z.boolean(),
  files: z.array(publicFile),
});
export type PublicMessage = z.infer<typeof publicMessage>;

/** `GET messages`: the whole conversation, newest 200, oldest first. */
export const conversation = z.strictObject({ messages: z.array(publicMessage) });
export type Conversation = z.infer<typeof conversation>;

/** `POST receipts`: what has reached the page, and what the visitor has had on screen. */
export const receipts = z.strictObject({ delivered: z.array(id).max(200), read: z.array(id).max(200) });

/** `POST typing`: every 3 s while the visitor writes; it holds for 6 s. Empty body. */

/** `GET events?token=…`: SSE; `message` with a `publicMessage`, `typing` with a `typing` (an agent writes; it holds for 6 s). */
export const eventsQuery = z.object({ token: z.string().min(1).max(200) });
export const typing = z.strictObject({ name: z.string() });
