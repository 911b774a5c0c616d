/**
 * One connected console, whatever carries its messages: greeted once, then each message is parsed, done and answered.
 * Every payload is hostile until its schema has taken it.
 */
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import type { Actor } from '../../../src/shared/permissions.ts';
import {
  callDismiss,
  type Change,
  type Delta,
  draftPut,
  draftSince,
  handshake,
  type Policy,
  pull,
  push,
  type Refusal,
  SUPPORTED_VERSIONS,
  timeRequest,
  viewing,
  type Welcome,
} from '../../../src/shared/protocol.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Attendance } from '../routing/attendance.ts';
import type { Db } from '../db/database.ts';
import { type Committer, Refused } from '../sync/committer.ts';
import { draftsSince, hasDraft, putDraft } from '../sync/drafts.ts';
import { readChanges, readHead } from '../sync/log.ts';
import { actorOf, scopesOf } from '../sync/reference.ts';
import { storable } from '../sync/intent.ts';
import { changeFor, deltaFor, knowsCalls, knowsDrafts, pushAnswerFor, welcomeFor } from '../sync/versions.ts';
import type { Fanout, Listener } from './fanout.ts';
import type { Switchboard } from '../channels/telephony/switchboard.ts';
import type { Viewing } from './viewing.ts';

/** What a console's session needs of the hub. */
export interface SyncHub {
  db: Db;
  workspaceId: string;
  sessions: Sessions;
  committer: Committer;
  fanout: Fanout;
  viewing: Viewing;
  /** who is connected, to whichever hub */
  attendance?: Pick<Attendance, 'came' | 'went'>;
  /** absent: this hub has no telephones */
  switchboard?: Switchboard;
  log: Logger;
  /** what consoles are told of the centre's rules; absent: the defaults */
  policy?: Policy;
}

/** The console's end of the line. */
export interface Peer {
  emit(event: string, message: unknown): void;
  /** To be acknowledged by the console; one that does not is let go: it comes back and pulls. */
  deliver(delta: Delta): void;
  close(): void;
}

export type Answer = { value: unknown } | { refuse: Refusal };

export interface ConsoleSession {
  readonly clientId: string;
  readonly userId: string;
  /** Never throws: what can't be done is a refusal, and the session goes on. */
  handle(name: string, message: unknown): Promise<Answer>;
  /** The line is gone: nothing is sent any more. May be called again. */
  end(): void;
}

const defaultPolicy: Policy = { offlineMs: 72 * 3_600_000, idleLockMs: 15 * 60_000 };

/** One message of the vocabulary: its schema and what is done. */
interface Message<S extends z.ZodType = z.ZodType> {
  schema: S;
  handle: (session: Session, message: z.infer<S>) => Promise<Answer>;
}

const message = <S extends z.ZodType>(schema: S, handle: (session: Session, message: z.infer<S>) => Promise<Answer>): Message =>
  ({ schema, handle }) as unknown as Message;

/** Everything a console may say after its greeting. */
const messages: Record<string, Message> = {
  push: message(push, async (session, { mutations }) => {
    for (let index = 1; index < mutations.length; index += 1) {
      if ((mutations[index]?.id ?? 0) <= (mutations[index - 1]?.id ?? 0))
        return { refuse: { code: 'BAD_MESSAGE', field: `mutations.${index}.id` } };
    }
    const answer = await session.hub.committer.push({ id: session.clientId, userId: session.userId }, mutations);
    return { value: pushAnswerFor(session.protocol, answer) };
  }),

  pull: message(pull, async (session, { cursor, limit }) => {
    const { hub, listener } = session;
    listener.cursor = null;
    const found = await readChanges(hub.db, hub.workspaceId, [...listener.scopes], cursor, limit);
    if (!found) return { refuse: { code: 'CURSOR_INVALID', field: 'cursor' } };
    // Deltas go on from here only if the fan-out has not passed this point in the meantime.
    const more = found.more || found.cursor < hub.fanout.seq;
    if (!more) listener.cursor = found.cursor;
    const changes = found.changes.flatMap((change) => changeFor(session.protocol, change));
    return { value: { changes, cursor: found.cursor, more, serverTime: Date.now() } };
  }),

  time: message(timeRequest, async (_session, { t0 }) => {
    const t1 = Date.now();
    return { value: { t0, t1, t2: Date.now() } };
  }),

  viewing: message(viewing, async (session, what) => {
    const { hub } = session;
    const ticket = what.ticketId === null ? null : await hub.viewing.ticketInReach(what.ticketId, session.actor);
    hub.viewing.set(session.id, ticket, what.typing);
    return { value: null };
  }),

  'calls.dismiss': message(callDismiss, async (session, { callId }) => {
    await session.hub.switchboard?.dismiss(callId, session.actor);
    return { value: null };
  }),

  'draft.put': message(draftPut, async (session, { draft, base }) => {
    const { hub } = session;
    const lane = { workspaceId: hub.workspaceId, userId: session.userId, clientId: session.clientId };
    if (!storable(draft.body)) return { refuse: { code: 'BAD_MESSAGE', field: 'draft.body' } };
    // A ticket that is out of reach takes no text, but what was written before it went may be taken back.
    const allowed =
      (await hub.viewing.ticketInReach(draft.ticketId, session.actor)) !== null ||
      (draft.body === '' && (await hasDraft(hub.db, lane, draft.ticketId)));
    if (!allowed) return { refuse: { code: 'BAD_MESSAGE', field: 'draft.ticketId' } };
    const { stored, replaced } = await putDraft(hub.db, lane, draft, base);
    for (const other of sessionsOf(hub)) {
      if (other !== session && other.userId === session.userId && knowsDrafts(other.protocol)) other.peer.emit('draft', stored);
    }
    return { value: { rev: stored.rev, replaced } };
  }),

  'draft.since': message(draftSince, async (session, { rev }) => {
    const { hub, userId } = session;
    return { value: await draftsSince(hub.db, { workspaceId: hub.workspaceId, userId }, rev) };
  }),
};

/** Names of the messages that a console may send. */
export const messageNames: readonly string[] = Object.keys(messages);

class Session implements ConsoleSession {
  /** names this connection among all others */
  readonly id = uuid();
  readonly hub: SyncHub;
  readonly peer: Peer;
  readonly clientId: string;
  readonly userId: string;
  readonly protocol: number;
  /** of the sign-in that it goes by */
  readonly signIn: string;
  readonly listener: Listener;
  actor: Actor;
  readonly #leave: () => void;

  constructor(
    hub: SyncHub,
    peer: Peer,
    who: { clientId: string; userId: string; signIn: string; protocol: number; actor: Actor; scopes: string[] },
  ) {
    this.hub = hub;
    this.peer = peer;
    this.clientId = who.clientId;
    this.userId = who.userId;
    this.protocol = who.protocol;
    this.signIn = who.signIn;
    this.actor = who.actor;
    this.listener = {
      scopes: new Set([...who.scopes, `client:${who.clientId}`]),
      cursor: null,
      send: (delta) => peer.deliver(deltaFor(who.protocol, delta)),
    };
    this.#leave = hub.fanout.add(this.listener);
    hub.viewing.add(this.id, who.actor, (told) => peer.emit('viewers', told));
    if (knowsCalls(who.protocol)) {
      hub.switchboard
        ?.add(this.id, who.actor, (calls) => peer.emit('calls', { calls: calls.slice(0, 50) }))
        .catch((error: unknown) => hub.log.warn({ error }, 'a console is not told of its calls'));
    }
    sessionsOf(hub).add(this);
    hub.attendance?.came(this.id, who.userId);
  }

  async handle(name: string, said: unknown): Promise<Answer> {
    const known = Object.hasOwn(messages, name) ? messages[name] : undefined;
    if (!known) return { refuse: { code: 'BAD_MESSAGE', field: 'name' } };
    const parsed = known.schema.safeParse(said);
    if (!parsed.success) return { refuse: { code: 'BAD_MESSAGE', field: fieldOf(parsed.error) } };
    try {
      return await known.handle(this, parsed.data);
    } catch (error) {
      if (error instanceof Refused) return { refuse: { code: error.code } };
      this.hub.log.error({ error, name }, 'message failed');
      return { refuse: { code: 'UNAVAILABLE' } };
    }
  }

  end(): void {
    if (!sessionsOf(this.hub).delete(this)) return;
    this.#leave();
    this.hub.viewing.remove(this.id);
    this.hub.switchboard?.remove(this.id);
    this.hub.attendance?.went(this.id);
  }
}

/** The consoles that are connected to a hub, for what concerns several of them. */
const connected = new WeakMap<SyncHub, Set<Session>>();

function sessionsOf(hub: SyncHub): Set<Session> {
  const known = connected.get(hub);
  if (known) return known;
  const fresh = new Set<Session>();
  connected.set(hub, fresh);
  return fresh;
}

/**
 * Takes a console in or refuses it. `auth` is the handshake as it came. The welcome is for the caller to send, before anything
 * else; the session hears of changes from its first complete `pull` on, until `end`. Throws only when the database does.
 */
export async function greet(
  hub: SyncHub,
  auth: unknown,
  peer: Peer,
): Promise<{ refuse: Refusal } | { session: ConsoleSession; welcome: unknown }> {
  const said = handshake.safeParse(auth);
  const version = (auth as { protocol?: unknown } | null | undefined)?.protocol;
  if (typeof version === 'number' && !SUPPORTED_VERSIONS.includes(version))
    return { refuse: { code: 'VERSION_NOT_SUPPORTED', supported: [...SUPPORTED_VERSIONS] } };
  if (!said.success) return { refuse: { code: 'BAD_MESSAGE', field: fieldOf(said.error) } };
  const { token, clientId, protocol, cursor } = said.data;
  const access = await hub.sessions.verify(token);
  if (!access || access.clientId !== clientId) return { refuse: { code: 'AUTH_EXPIRED' } };
  const client = await hub.sessions.client(clientId);
  if (!client) return { refuse: { code: 'CLIENT_STATE_NOT_FOUND' } };
  const actor = actorOf(await hub.committer.reference(), access.userId);
  if (!actor || client.revokedAt !== null || client.userId !== access.userId) return { refuse: { code: 'CLIENT_REVOKED' } };
  const head = await readHead(hub.db, hub.workspaceId);
  // Since version 2 the console decides by the welcome's bounds whether it needs a snapshot.
  if (protocol === 1 && cursor !== null && (cursor > head.seq || cursor < head.oldestSeq)) return { refuse: { code: 'CURSOR_INVALID' } };
  const scopes = scopesOf(actor);
  const welcome: Welcome = {
    serverTime: Date.now(),
    headSeq: head.seq,
    oldestSeq: head.oldestSeq,
    epoch: head.epoch,
    scopes,
    lastMutationId: client.lastMutationId,
    policy: hub.policy ?? defaultPolicy,
  };
  const session = new Session(hub, peer, { clientId, userId: access.userId, signIn: access.sessionId, protocol, actor, scopes });
  // Grants may have changed while the session was not yet among those that `regrant` looks at.
  if (holds(session, actorOf(await hub.committer.reference(), access.userId))) return { session, welcome: welcomeFor(protocol, welcome) };
  session.end();
  return { refuse: { code: 'UNAVAILABLE' } };
}

/**
 * After these changes: whose grants are others now is let go, connects anew and is told their scopes; so is who has been signed out from
 * elsewhere. Rejects when the database does.
 */
export async function regrant(hub: SyncHub, changes: Change[]): Promise<void> {
  if (!changes.some((change) => ['user', 'queue', 'queueMember', 'teamMember'].includes(change.entity))) return;
  const reference = await hub.committer.reference();
  const people = new Set(changes.filter((change) => change.entity === 'user').map((change) => change.id));
  for (const session of sessionsOf(hub)) {
    const actor = actorOf(reference, session.userId);
    const stays = !people.has(session.userId) || (await hub.sessions.lives(session.signIn));
    if (actor && stays && holds(session, actor)) session.actor = actor;
    else {
      session.end();
      session.peer.close();
    }
  }
}

/** Whether the session's scopes are those of this actor. */
function holds(session: Session, actor: Actor | null): boolean {
  const scopes = actor ? scopesOf(actor) : [];
  const held = session.listener.scopes;
  // One more is held: the client's own.
  return actor !== null && scopes.length + 1 === held.size && scopes.every((scope) => held.has(scope));
}

function fieldOf(error: z.ZodError): string {
  return (error.issues[0]?.path.join('.') || error.issues[0]?.code || '').slice(0, 300);
}
