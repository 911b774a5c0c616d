/**
 * What travels between a workstation and the hub: socket.io namespace `/sync` (websocket only) and a
 * few HTTP endpoints. Every payload is parsed with these schemas on both sides; docs/protocol.md
 * tells the same to authors of other clients.
 */
import { z } from 'zod';
import { channelKind, entities, id, limits, userRow, workspaceRow } from './domain.ts';
import { rejection } from './mutations/define.ts';
import { seen } from './mutations/message.ts';

/**
 * 2: the snapshot comes in pages and goes on where it broke off; history, drafts, files and search at the hub; offline leases;
 *    `welcome` carries the policy, and a cursor out of the log's reach is welcomed with the log's bounds.
 * 1: as first published.
 */
export const PROTOCOL_VERSION = 2;
/** Versions that the hub serves: this one and the one before. */
export const SUPPORTED_VERSIONS: readonly number[] = [1, 2];

export const wireLimits = {
  /** mutations in one push */
  mutationsPerPush: 50,
  /** characters of JSON of one mutation's arguments */
  argsLength: 96 * 1024,
  /** bytes of one frame; a larger one closes the connection */
  frameBytes: 4 * 1024 * 1024,
  /** changes in one pull */
  changesPerPull: 1000,
  /** ms in which every message must be acknowledged */
  ackMs: 15_000,
} as const;

const seq = z.int().nonnegative();

export const handshake = z.strictObject({
  token: z.string().min(1).max(4000),
  clientId: id,
  protocol: z.int(),
  /** null: nothing is cached, a snapshot comes first */
  cursor: seq.nullable(),
});

export const refusalCode = z.enum([
  'AUTH_EXPIRED',
  'CLIENT_REVOKED',
  'VERSION_NOT_SUPPORTED',
  /** the hub does not know this client id: take a new one and a snapshot, keep outbox and drafts */
  'CLIENT_STATE_NOT_FOUND',
  /** the payload does not fit its schema; `field` names the place; nothing of it was applied */
  'BAD_MESSAGE',
  /** the cursor is older than the log, or newer than its head: take a snapshot */
  'CURSOR_INVALID',
  /** the hub can't reach its database: keep everything, try again */
  'UNAVAILABLE',
  'TOO_MANY_REQUESTS',
]);
export type RefusalCode = z.infer<typeof refusalCode>;
export const refusal = z.strictObject({ code: refusalCode, field: z.string().max(300).optional(), supported: z.array(z.int()).optional() });
export type Refusal = z.infer<typeof refusal>;

/** What the centre has decided about workstations. */
export const policy = z.strictObject({
  /** ms without the hub after which a workstation shows nothing until it has been in touch */
  offlineMs: z.int().positive(),
  /** ms without input after which the window locks; 0: never */
  idleLockMs: z.int().nonnegative(),
});
export type Policy = z.infer<typeof policy>;

export const welcome = z.strictObject({
  serverTime: z.int(),
  headSeq: seq,
  /** the smallest cursor from which the log is complete */
  oldestSeq: seq,
  /** a new one after the hub was restored from a backup: take a snapshot, keep the outbox */
  epoch: z.string().max(60),
  scopes: z.array(z.string().max(120)).max(2000),
  lastMutationId: z.int().nonnegative(),
  policy,
});
export type Welcome = z.infer<typeof welcome>;

export const wireMutation = z.strictObject({
  /** grows by client; gaps allowed */
  id: z.int().positive(),
  /** names the intent for ever, also across restored backups */
  key: id,
  name: z.string().min(1).max(60),
  args: z.unknown(),
  /** the author's clock, corrected by the offset to the hub's */
  authoredAt: z.int().nonnegative(),
  baseSeq: seq,
});
export type WireMutation = z.infer<typeof wireMutation>;

export const push = z.strictObject({ mutations: z.array(wireMutation).min(1).max(wireLimits.mutationsPerPush) });

/** `ok`: the change is durable. Otherwise it was refused for good, and the hub has moved past it. */
export const mutationResult = z.strictObject({ id: z.int().positive(), ok: z.boolean(), rejection: rejection.optional() });
export type MutationResult = z.infer<typeof mutationResult>;
export const pushAnswer = z.strictObject({
  lastMutationId: z.int().nonnegative(),
  results: z.array(mutationResult),
  /** once the client's cursor has reached this, the effects of all of these mutations are in its cache */
  seq,
});
export type PushAnswer = z.infer<typeof pushAnswer>;

/**
 * One entry of the change log, as a client that holds `scope` sees it.
 * - `put`: the row's new form
 * - `leave`: (tickets) the ticket is no longer in `scope`: forget it with its messages and clocks unless another
 *   scope that this client holds keeps it; forget its customer with the last ticket of theirs
 * - `del`: the row is gone for everybody
 * - `due`: clocks are due at another moment, and nothing else of them or their tickets has changed: `row` is a `dueRow`. Of rows that
 *   are not here nothing is to be done
 * - `ack`: (scope `client:<id>`) the hub has processed this client's mutations up to `row.lastMutationId`
 */
export const change = z.strictObject({
  seq,
  scope: z.string().max(120),
  op: z.enum(['put', 'leave', 'del', 'due', 'ack']),
  entity: z.string().max(40),
  id: z.string().max(120),
  row: z.unknown().optional(),
});
export type Change = z.infer<typeof change>;
const shownClock = entities.ticket.schema.pick({
  id: true,
  slaKind: true,
  slaState: true,
  slaStartedAt: true,
  slaDueAt: true,
  slaTargetMs: true,
  slaConsumedMs: true,
  slaRunningSince: true,
  slaCalendarId: true,
});
/** After an edit of a calendar: the new moment of each clock, and of each ticket the members that its list shows. */
export const dueRow = z.strictObject({
  clocks: z.array(entities.slaClock.schema.pick({ id: true, dueAt: true })).max(100),
  tickets: z.array(shownClock).max(100),
});
export type DueRow = z.infer<typeof dueRow>;
export const ackRow = z.strictObject({ lastMutationId: z.int().nonnegative(), results: z.array(mutationResult) });

export const pull = z.strictObject({ cursor: seq, limit: z.int().min(1).max(wireLimits.changesPerPull) });
export const pullAnswer = z.strictObject({
  changes: z.array(change),
  /** everything up to here is in `changes` or does not concern this client */
  cursor: seq,
  more: z.boolean(),
  serverTime: z.int(),
});

/** Applied only when `from` is the client's cursor; otherwise the client pulls. */
export const delta = z.strictObject({ from: seq, to: seq, changes: z.array(change), serverTime: z.int() });
export type Delta = z.infer<typeof delta>;

export const timeRequest = z.strictObject({ t0: z.number() });
/** t1: received, t2: answered, both on the hub's clock in ms */
export const timeAnswer = z.strictObject({ t0: z.number(), t1: z.number(), t2: z.number() });

/** Volatile, never logged: which ticket a console shows. */
export const viewing = z.strictObject({ ticketId: id.nullable(), typing: z.boolean() });
export const viewers = z.strictObject({
  ticketId: id,
  viewers: z.array(z.strictObject({ userId: id, name: z.string().max(200), typing: z.boolean() })).max(100),
});

/** A call that concerns the agent: it rings for them, they are in it, or they took it and have not written it down. */
export const liveCall = z.strictObject({
  id,
  direction: z.enum(['inbound', 'outbound']),
  /** the customer's number, E.164 where it is one; null: not shown */
  phone: z.string().max(40).nullable(),
  /** the same as the exchange writes it */
  shown: z.string().max(200).nullable(),
  state: z.enum(['ringing', 'talking', 'ended']),
  /** hub's clock, ms */
  startedAt: z.int(),
  answeredAt: z.int().nullable(),
  endedAt: z.int().nullable(),
  talkMs: z.int().nonnegative(),
  queueId: id,
  /** who is known by this number, and what they have open */
  customerId: id.nullable(),
  customerName: z.string().max(200).nullable(),
  ticketId: id.nullable(),
});
export type LiveCall = z.infer<typeof liveCall>;
/** `calls`: all of them, whenever one changes; volatile, since version 2. */
export const calls = z.strictObject({ calls: z.array(liveCall).max(50) });
/** `calls.dismiss`: an ended call need not be shown any more. */
export const callDismiss = z.strictObject({ callId: id });

// HTTP

/** `POST /api/v1/acts`: a mutation whose maker waits for the verdict. */
export const actRequest = z.strictObject({ name: z.string().max(60), args: z.unknown() });
/** null: done; what it changed comes with the log */
export const actAnswer = z.strictObject({ rejection: rejection.nullable() });
/** `GET /api/v1/audit`: newest first, 100 at most; `before`: the last entry of the page before. For leads and administrators. */
export const auditQuery = z.strictObject({ before: id.optional(), ticketId: id.optional() });
export const auditAnswer = z.strictObject({
  entries: z.array(
    z.strictObject({
      id,
      at: z.int(),
      actorId: id.nullable(),
      actorName: z.string(),
      actorRole: z.string(),
      act: z.string(),
      ticketId: id.nullable(),
      ticketNumber: z.int().nullable(),
      ticketSubject: z.string().nullable(),
      args: z.unknown(),
    }),
  ),
});
export type AuditAnswer = z.infer<typeof auditAnswer>;
/** `POST /api/v1/next` */
export const nextAnswer = z.strictObject({ ticketId: id.nullable() });
export type NextAnswer = z.infer<typeof nextAnswer>;
export type ActAnswer = z.infer<typeof actAnswer>;

export const signInRequest = z.strictObject({
  email: z.string().trim().toLowerCase().min(3).max(320),
  password: z.string().min(1).max(1000),
  clientId: id,
  deviceName: z.string().max(200),
});
export const tokens = z.strictObject({
  accessToken: z.string().max(4000),
  /** ms of life left */
  accessTtl: z.int().positive(),
  refreshToken: z.string().max(400),
});
export type Tokens = z.infer<typeof tokens>;
/** Who has signed in; what they may have in hand is the hub's to say, and comes with the log. */
export const signedInUser = userRow.omit({ capacity: true });
export type SignedInUser = z.infer<typeof signedInUser>;
export const signInAnswer = z.strictObject({ tokens, user: signedInUser, workspace: workspaceRow });
export const refreshRequest = z.strictObject({ refreshToken: z.string().min(1).max(400), clientId: id });
export const refreshAnswer = z.strictObject({ tokens });

/** A client keeps rows of entities that it does not know aside, so their names are free. */
const entityOnWire = z.string().min(1).max(40);

/**
 * `GET /api/v1/snapshot?protocol=2`, NDJSON:
 *   begin, then `early` rows, then rows page by page, each page closed by a `page` line, then `end`.
 * To go on after a break: the same with `cursor` and `epoch` of the first `begin`, and `entity` and `after` of the last `page`
 * that was stored. `resumed` false in the answer: it could not go on, this is a new one from the beginning.
 */
export const snapshotQuery = z.strictObject({
  protocol: z.coerce.number().int().default(1),
  cursor: z.coerce.number().int().nonnegative().optional(),
  epoch: z.string().max(60).optional(),
  entity: entityOnWire.optional(),
  /** the last id of the page that was stored; absent: the entity is complete, go on with the next */
  after: z.string().max(120).optional(),
});
export type SnapshotQuery = z.infer<typeof snapshotQuery>;

export const snapshotLine = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('begin'),
    cursor: seq,
    epoch: z.string().max(60),
    scopes: z.array(z.string().max(120)),
    lastMutationId: z.int().nonnegative(),
    /** rows in all, for a progress bar; when resumed, too */
    total: z.int().nonnegative(),
    /** messages accepted before this moment are left at the hub, but for tickets that are not settled; 0: all are here */
    historyFrom: z.int().nonnegative(),
    resumed: z.boolean(),
  }),
  /** sent ahead, so that work can begin: the most urgent tickets and what belongs to them. They come again in their page. */
  z.strictObject({ t: z.literal('early'), entity: entityOnWire, ver: seq, row: z.unknown() }),
  z.strictObject({ t: z.literal('row'), entity: entityOnWire, ver: seq, row: z.unknown() }),
  /** the rows since the last `page` are all there are of `entity` with `from` < id ≤ `to` (null: no bound) */
  z.strictObject({ t: z.literal('page'), entity: entityOnWire, from: z.string().max(120).nullable(), to: z.string().max(120).nullable() }),
  /** rows of this answer by entity, `early` ones not counted */
  z.strictObject({ t: z.literal('end'), counts: z.record(z.string(), z.int().nonnegative()) }),
]);
export type SnapshotLine = z.infer<typeof snapshotLine>;

const versionedRow = z.strictObject({ ver: seq, row: z.unknown() });

/** `GET /api/v1/tickets/:id/history`: messages that the workstation does not have, newest first, and their files. */
export const historyQuery = z.strictObject({
  /** messages accepted before this moment, ms; absent: from the newest */
  before: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export const historyAnswer = z.strictObject({
  messages: z.array(versionedRow),
  attachments: z.array(versionedRow),
  /** the rows given reach back, complete, to messages accepted at this moment; 0: to the beginning */
  since: z.int().nonnegative(),
});
export type HistoryAnswer = z.infer<typeof historyAnswer>;

/** What a search can be narrowed by, here and at the hub. */
export const searchFilter = z.strictObject({
  channel: channelKind.nullable(),
  queueId: id.nullable(),
  /** a user's id; 'none': nobody's */
  assignee: z.union([id, z.literal('none')]).nullable(),
  tag: z.string().max(40).nullable(),
  /** tickets with a message at or after, and before, ms */
  from: z.int().nonnegative().nullable(),
  until: z.int().nonnegative().nullable(),
  settled: z.boolean().nullable(),
});
export type SearchFilter = z.infer<typeof searchFilter>;

/** `POST /api/v1/search` */
export const searchRequest = z.strictObject({ text: z.string().min(1).max(200), filter: searchFilter, limit: z.int().min(1).max(100) });
/** A ticket that was found, by itself, by its customer or by one of its messages; newest first. */
export const searchAnswer = z.strictObject({
  hits: z.array(
    z.strictObject({
      ticketId: id,
      number: z.int().nullable(),
      subject: z.string().max(300),
      customerName: z.string().max(200),
      channel: channelKind,
      queueId: id,
      settled: z.boolean(),
      /** the message that was found, or null */
      messageId: id.nullable(),
      /** text around the place, at most 300 characters */
      snippet: z.string().max(400),
      at: z.int().nonnegative(),
    }),
  ),
  more: z.boolean(),
});
export type SearchAnswer = z.infer<typeof searchAnswer>;

/**
 * Drafts: a lane of each user's own, beside the log. `rev` counts the lane; the newest wins, the one it replaced is kept by
 * whoever wrote it. An empty body says that the draft is gone.
 */
export const draftRow = z.strictObject({
  ticketId: id,
  rev: z.int().nonnegative(),
  mode: z.enum(['reply', 'note']),
  body: z.string().max(20_000),
  seen,
  /** when the text was begun and last changed, on the hub's clock as the workstation knew it */
  startedAt: z.int().nonnegative(),
  updatedAt: z.int().nonnegative(),
  /** the workstation it was written on */
  device: z.string().max(200),
});
export type DraftRow = z.infer<typeof draftRow>;
/** `draft.put`: `base` is the revision that the writer had before them, 0 for none. */
export const draftPut = z.strictObject({ draft: draftRow.omit({ rev: true, device: true }), base: z.int().nonnegative() });
/** `replaced`: another workstation's text that this one has replaced although its writer had not seen it. */
export const draftPutAnswer = z.strictObject({ rev: z.int().nonnegative(), replaced: draftRow.nullable() });
/** `draft.since`: everything in the lane after `rev`, 500 at most, oldest first. */
export const draftSince = z.strictObject({ rev: z.int().nonnegative() });
export const draftSinceAnswer = z.strictObject({ drafts: z.array(draftRow), more: z.boolean() });

/** `POST /api/v1/files`: announces a file; the answer says from where on its bytes are wanted. */
export const fileRequest = z.strictObject({
  id,
  ticketId: id,
  name: z.string().min(1).max(200),
  type: z.string().max(120),
  size: z.int().positive().max(limits.attachmentBytes),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
/** `offset` = size: the hub has the whole file, and its sum is right. Also the answer of `GET` and `PATCH /api/v1/files/:id/upload`. */
export const fileAnswer = z.strictObject({ offset: z.int().nonnegative(), size: z.int().positive() });

export const demoAccounts = z.strictObject({
  accounts: z.array(z.strictObject({ email: z.string(), password: z.string(), name: z.string(), role: z.string() })),
});

/** Every HTTP error of the hub. */
export const httpError = z.strictObject({
  code: z.string().max(60),
  field: z.string().max(300).optional(),
  message: z.string().max(1000).optional(),
});
