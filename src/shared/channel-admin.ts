/** What an administrator's console asks of the hub about channels, over HTTP under `/api/v1/channels`. Secrets go in and never come out. */
import { z } from 'zod';
import { channelKind, id } from './domain.ts';

const channelId = z.string().min(1).max(64);
const time = z.int().nonnegative().nullable();

/** `GET /api/v1/channels`: every channel with what it is fed by. */
export const adminChannel = z.strictObject({
  id: channelId,
  kind: channelKind,
  name: z.string(),
  queueId: id,
  active: z.boolean(),
  /** null: nothing is connected */
  vendor: z.string().nullable(),
  settings: z.record(z.string(), z.unknown()),
  /** which secrets are set, by name */
  secrets: z.record(z.string(), z.boolean()),
  state: z.enum(['ok', 'attention', 'paused']),
  /** what is the matter, in the vendor's words */
  reason: z.string().nullable(),
  stateAt: time,
  /** something came in; something went out */
  lastEventAt: time,
  lastSentAt: time,
  /** answers that wait to go out */
  waiting: z.int().nonnegative(),
  /** things that came in and could not be handled */
  aside: z.int().nonnegative(),
});
export type AdminChannel = z.infer<typeof adminChannel>;
export const adminChannels = z.strictObject({ channels: z.array(adminChannel).max(200) });

/** `PUT /api/v1/channels/:channelId/account`: a secret that is left out stays; null takes it away, where there may be none. */
export const accountChange = z.strictObject({
  vendor: z.string().max(40),
  settings: z.record(z.string().max(60), z.unknown()),
  secrets: z.record(z.string().max(60), z.union([z.string().min(1).max(4000), z.null()])),
});

/** `POST /api/v1/channels/:channelId/switch`: paused, or going on; what waited goes out then. */
export const channelSwitch = z.strictObject({ on: z.boolean() });

/** `GET /api/v1/channels/aside?before=`: newest first, 50 at a time. */
export const asideQuery = z.object({ before: z.coerce.number().int().positive().optional() });
export const asideItem = z.strictObject({
  id: z.int(),
  channelId,
  /** what it was, and why it could not be handled */
  what: z.string(),
  error: z.string().nullable(),
  receivedAt: z.int(),
  attempts: z.int(),
  /** the beginning of what came */
  excerpt: z.string(),
  /** can be tried again; a request that could not be read at all can't */
  again: z.boolean(),
});
export type AsideItem = z.infer<typeof asideItem>;
export const asideList = z.strictObject({ items: z.array(asideItem).max(50), next: z.int().nullable() });
