/** What an administrator's console asks of the hub about channels, over HTTP under `/api/v1/channels`. Secrets go in and never come out. */
import { z } from 'zod';
import { channelKind, id } from './domain.ts';

const channelId = z.string().min(1).max(64);
const time = z.int().nonnegative().nullable();

/** Why a request for a channel was not let in. */
export const refusalReasons = ['SIGNATURE', 'KEY', 'TOKEN', 'VERIFY_TOKEN', 'TOO_OLD'] as const;
export type RefusalReason = (typeof refusalReasons)[number];

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
  /** how many are set of each secret, by name */
  secrets: z.record(z.string(), z.int().nonnegative()),
  state: z.enum(['ok', 'attention', 'paused']),
  /** what is the matter, in the vendor's words */
  reason: z.string().nullable(),
  stateAt: time,
  /** something came in; something went out */
  lastEventAt: time,
  lastSentAt: time,
  /** requests that were not let in since the settings were changed; null: none */
  refused: z.strictObject({ at: z.int(), reason: z.enum(refusalReasons), count: z.int().positive() }).nullable(),
  /** answers that wait to go out */
  waiting: z.int().nonnegative(),
  /** things that came in and could not be handled */
  aside: z.int().nonnegative(),
});
export type AdminChannel = z.infer<typeof adminChannel>;
export const adminChannels = z.strictObject({ channels: z.array(adminChannel).max(200) });

const secretText = z.string().min(1).max(8000);
/** of a list that is rotated: one is put before those that are there, of which the newest few stay */
const rotation = z.strictObject({ add: secretText.optional(), keep: z.int().min(0).max(5) });
const secretChange = z.union([secretText, z.null(), z.array(secretText).max(5), rotation]);

/** `PUT /api/v1/channels/:channelId/account`: a secret that is left out stays; null takes it away, where there may be none. */
export const accountChange = z.strictObject({
  vendor: z.string().max(40),
  settings: z.record(z.string().max(60), z.unknown()),
  secrets: z.record(z.string().max(60), secretChange),
});
export type SecretChange = z.infer<typeof secretChange>;

/** What is looked at in turn when a channel is tested. */
export const checkSteps = ['account', 'token', 'imap', 'folder', 'smtp', 'webhook', 'listen'] as const;
/** What an administrator can do about a step that failed. */
export const checkRemedies = ['connect', 'signIn', 'settings', 'line', 'receiver'] as const;
const checkStep = z.strictObject({
  step: z.enum(checkSteps),
  ok: z.boolean(),
  /** what was found, or why not, in the other side's words */
  detail: z.string().max(600),
  remedy: z.enum(checkRemedies).nullable(),
});
export type CheckStep = z.infer<typeof checkStep>;
/** `POST /api/v1/channels/:channelId/test`: nothing of it reaches a customer. */
export const channelCheck = z.strictObject({ ok: z.boolean(), tookMs: z.int().nonnegative(), steps: z.array(checkStep).max(10) });
export type ChannelCheck = z.infer<typeof channelCheck>;

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
