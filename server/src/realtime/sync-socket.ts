/** The consoles' socket: namespace `/sync`. Every payload is hostile until its schema has taken it. */
import type { Namespace, Socket } from 'socket.io';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Actor } from '../../../src/shared/permissions.ts';
import {
  type Change,
  handshake,
  PROTOCOL_VERSION,
  pull,
  push,
  type Refusal,
  SUPPORTED_VERSIONS,
  timeRequest,
  viewing,
  type Welcome,
} from '../../../src/shared/protocol.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Db } from '../db/database.ts';
import { type Committer, Refused } from '../sync/committer.ts';
import { readChanges, readHead } from '../sync/log.ts';
import { actorOf, scopesOf } from '../sync/reference.ts';
import type { Fanout, Listener } from './fanout.ts';
import type { Viewing } from './viewing.ts';

export interface SyncHub {
  db: Db;
  workspaceId: string;
  sessions: Sessions;
  committer: Committer;
  fanout: Fanout;
  viewing: Viewing;
  log: Logger;
}

/** One connected console. */
interface Console extends Listener {
  socket: Socket;
  clientId: string;
  actor: Actor;
}

export function serveSync(namespace: Namespace, hub: SyncHub): { changed: (changes: Change[]) => void } {
  const consoles = new Set<Console>();

  namespace.on('connection', (socket) => {
    welcome(socket, hub)
      .then(async (result) => {
        if ('refuse' in result) return refuse(socket, result.refuse);
        const connected: Console = { ...result.console, socket };
        const leave = hub.fanout.add(connected);
        consoles.add(connected);
        hub.viewing.add(socket.id, connected.actor, (message) => socket.emit('viewers', message));
        socket.on('disconnect', () => {
          leave();
          consoles.delete(connected);
          hub.viewing.remove(socket.id);
        });
        listen(connected, hub);
        socket.emit('welcome', result.welcome);
      })
      .catch((error: unknown) => {
        hub.log.error({ error }, 'handshake failed');
        refuse(socket, { code: 'UNAVAILABLE' });
      });
  });

  return {
    /** Whose grants have changed connects anew and is told their scopes. */
    changed(changes) {
      if (!changes.some((change) => ['user', 'queue', 'queueMember', 'teamMember'].includes(change.entity))) return;
      hub.committer.reference().then(
        (reference) => {
          for (const one of consoles) {
            const actor = one.actor.userId === null ? null : actorOf(reference, one.actor.userId);
            const scopes = actor ? scopesOf(actor) : [];
            if (!actor || scopes.length + 1 !== one.scopes.size || scopes.some((scope) => !one.scopes.has(scope)))
              one.socket.disconnect(true);
            else one.actor = actor;
          }
        },
        (error: unknown) => hub.log.error({ error }, 'grants can not be read'),
      );
    },
  };
}

function refuse(socket: Socket, refusal: Refusal): void {
  socket.emit('refuse', refusal);
  // The refusal has to leave before the connection does.
  setTimeout(() => socket.disconnect(true), 100).unref();
}

type Greeting = { refuse: Refusal } | { welcome: Welcome; console: Omit<Console, 'socket'> };

async function welcome(socket: Socket, hub: SyncHub): Promise<Greeting> {
  const said = handshake.safeParse(socket.handshake.auth);
  if (!said.success) {
    const version: unknown = socket.handshake.auth['protocol'];
    if (typeof version === 'number' && !SUPPORTED_VERSIONS.includes(version)) return versionRefusal;
    return { refuse: { code: 'BAD_MESSAGE', field: fieldOf(said.error) } };
  }
  if (!SUPPORTED_VERSIONS.includes(said.data.protocol)) return versionRefusal;
  const access = await hub.sessions.verify(said.data.token);
  if (!access || access.clientId !== said.data.clientId) return { refuse: { code: 'AUTH_EXPIRED' } };
  const client = await hub.sessions.client(access.clientId);
  if (!client) return { refuse: { code: 'CLIENT_STATE_NOT_FOUND' } };
  const actor = actorOf(await hub.committer.reference(), access.userId);
  if (!actor || client.revokedAt !== null || client.userId !== access.userId) return { refuse: { code: 'CLIENT_REVOKED' } };
  const head = await readHead(hub.db, hub.workspaceId);
  const cursor = said.data.cursor;
  if (cursor !== null && (cursor > head.seq || cursor < head.oldestSeq)) return { refuse: { code: 'CURSOR_INVALID' } };
  const scopes = scopesOf(actor);
  return {
    welcome: {
      serverTime: Date.now(),
      headSeq: head.seq,
      oldestSeq: head.oldestSeq,
      epoch: head.epoch,
      scopes,
      lastMutationId: client.lastMutationId,
    },
    console: {
      clientId: access.clientId,
      actor,
      scopes: new Set([...scopes, `client:${access.clientId}`]),
      cursor: null,
      send: (delta) => {
        // A console that does not take its changes is let go; it comes back and pulls.
        socket.timeout(30_000).emit('delta', delta, (error: Error | null) => {
          if (error) socket.disconnect(true);
        });
      },
    },
  };
}

const versionRefusal: Greeting = {
  refuse: {
    code: 'VERSION_NOT_SUPPORTED',
    supported: [...SUPPORTED_VERSIONS, PROTOCOL_VERSION].filter((v, i, all) => all.indexOf(v) === i),
  },
};

function listen(connected: Console, hub: SyncHub): void {
  const { socket } = connected;

  on(socket, 'push', push, hub.log, async ({ mutations }) => {
    for (let index = 1; index < mutations.length; index += 1) {
      if ((mutations[index]?.id ?? 0) <= (mutations[index - 1]?.id ?? 0))
        return { refuse: { code: 'BAD_MESSAGE', field: `mutations.${index}.id` } };
    }
    const userId = connected.actor.userId;
    if (userId === null) return { refuse: { code: 'AUTH_EXPIRED' } };
    return { value: await hub.committer.push({ id: connected.clientId, userId }, mutations) };
  });

  on(socket, 'pull', pull, hub.log, async ({ cursor, limit }) => {
    const head = await readHead(hub.db, hub.workspaceId);
    if (cursor > head.seq || cursor < head.oldestSeq) return { refuse: { code: 'CURSOR_INVALID', field: 'cursor' } };
    connected.cursor = null;
    const found = await readChanges(hub.db, hub.workspaceId, [...connected.scopes], cursor, limit);
    // Deltas go on from here only if the fan-out has not passed this point in the meantime.
    const more = found.more || found.cursor < hub.fanout.seq;
    if (!more) connected.cursor = found.cursor;
    return { value: { ...found, more, serverTime: Date.now() } };
  });

  on(socket, 'time', timeRequest, hub.log, async ({ t0 }) => {
    const t1 = Date.now();
    return { value: { t0, t1, t2: Date.now() } };
  });

  on(socket, 'viewing', viewing, hub.log, async (what) => {
    const ticket = what.ticketId === null ? null : await hub.viewing.ticketInReach(what.ticketId, connected.actor);
    hub.viewing.set(socket.id, ticket, what.typing);
    return { value: null };
  });
}

/** Parses, answers, and keeps the connection whatever comes in. */
function on<S extends z.ZodType>(
  socket: Socket,
  name: string,
  schema: S,
  log: Logger,
  handle: (message: z.infer<S>) => Promise<{ value: unknown } | { refuse: Refusal }>,
): void {
  socket.on(name, (message: unknown, acknowledge: unknown) => {
    const answer = typeof acknowledge === 'function' ? (acknowledge as (value: unknown) => void) : () => undefined;
    const parsed = schema.safeParse(message);
    if (!parsed.success) {
      answer({ refuse: { code: 'BAD_MESSAGE', field: fieldOf(parsed.error) } satisfies Refusal });
      return;
    }
    handle(parsed.data).then(answer, (error: unknown) => {
      if (error instanceof Refused) answer({ refuse: { code: error.code } satisfies Refusal });
      else {
        log.error({ error, name }, 'message failed');
        answer({ refuse: { code: 'UNAVAILABLE' } satisfies Refusal });
      }
    });
  });
}

function fieldOf(error: z.ZodError): string {
  return (error.issues[0]?.path.join('.') || error.issues[0]?.code || '').slice(0, 300);
}
