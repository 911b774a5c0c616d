/**
 * What travels between a workstation and the hub: socket.io namespace `/sync` (websocket only) and a
 * few HTTP endpoints. Every payload is parsed with these schemas on both sides; docs/protocol.md
 * tells the same to authors of other clients.
 */
import { z } from 'zod';
import { entityName, id, userRow, workspaceRow } from './domain.ts';
import { rejection } from './mutations/define.ts';

export const PROTOCOL_VERSION = 1;
/** Versions that the hub serves. */
export const SUPPORTED_VERSIONS: readonly number[] = [1];

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

export const welcome = z.strictObject({
  serverTime: z.int(),
  headSeq: seq,
  /** the smallest cursor from which the log is complete */
  oldestSeq: seq,
  /** a new one after the hub was restored from a backup: take a snapshot, keep the outbox */
  epoch: z.string().max(60),
  scopes: z.array(z.string().max(120)).max(2000),
  lastMutationId: z.int().nonnegative(),
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
 * - `ack`: (scope `client:<id>`) the hub has processed this client's mutations up to `row.lastMutationId`
 */
export const change = z.strictObject({
  seq,
  scope: z.string().max(120),
  op: z.enum(['put', 'leave', 'del', 'ack']),
  entity: z.string().max(40),
  id: z.string().max(120),
  row: z.unknown().optional(),
});
export type Change = z.infer<typeof change>;
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

// HTTP

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
export const signInAnswer = z.strictObject({ tokens, user: userRow, workspace: workspaceRow });
export const refreshRequest = z.strictObject({ refreshToken: z.string().min(1).max(400), clientId: id });
export const refreshAnswer = z.strictObject({ tokens });

/** Lines of `GET /api/v1/snapshot` (NDJSON): one `begin`, then rows, then one `end`. Without `end` it is not complete. */
export const snapshotLine = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('begin'),
    cursor: seq,
    epoch: z.string().max(60),
    scopes: z.array(z.string().max(120)),
    lastMutationId: z.int().nonnegative(),
    /** rows that will follow, for a progress bar */
    total: z.int().nonnegative(),
  }),
  z.strictObject({ t: z.literal('row'), entity: entityName, ver: seq, row: z.unknown() }),
  z.strictObject({ t: z.literal('end'), counts: z.record(z.string(), z.int().nonnegative()) }),
]);
export type SnapshotLine = z.infer<typeof snapshotLine>;

export const demoAccounts = z.strictObject({
  accounts: z.array(z.strictObject({ email: z.string(), password: z.string(), name: z.string(), role: z.string() })),
});

/** Every HTTP error of the hub. */
export const httpError = z.strictObject({
  code: z.string().max(60),
  field: z.string().max(300).optional(),
  message: z.string().max(1000).optional(),
});
