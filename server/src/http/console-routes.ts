/** What a console asks over HTTP: sign-in, tokens, the snapshot. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { id } from '../../../src/shared/domain.ts';
import {
  type demoAccounts,
  historyQuery,
  refreshRequest,
  searchRequest,
  signInRequest,
  snapshotQuery,
  SUPPORTED_VERSIONS,
} from '../../../src/shared/protocol.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { history } from '../sync/history.ts';
import { actorOf, scopesOf } from '../sync/reference.ts';
import { search, TooSlow } from '../sync/search.ts';
import { fitsKey, snapshot } from '../sync/snapshot.ts';
import { storable } from '../sync/intent.ts';
import { authenticate, HttpError, parse, perMinute } from './server.ts';

export function consoleRoutes(
  server: FastifyInstance,
  hub: SyncHub,
  options: { signInLimit: number; historyDays: number; demo: z.infer<typeof demoAccounts> | null },
): void {
  server.post(
    '/api/v1/auth/sign-in',
    { config: { rateLimit: { max: options.signInLimit, timeWindow: 300_000, keyGenerator: signInKey } } },
    async (request) => {
      const result = await hub.sessions.signIn(parse(signInRequest, request.body));
      if ('error' in result) {
        if (result.error === 'CLIENT_TAKEN')
          throw new HttpError(409, 'CLIENT_REVOKED', 'clientId', 'This workstation belongs to another account or was revoked.');
        throw new HttpError(401, 'WRONG_CREDENTIALS', 'password', 'The address or the password is wrong.');
      }
      return result;
    },
  );

  server.post('/api/v1/auth/refresh', async (request) => {
    const { refreshToken, clientId } = parse(refreshRequest, request.body);
    const tokens = await hub.sessions.refresh(refreshToken, clientId);
    if (tokens === 'REVOKED') throw new HttpError(403, 'CLIENT_REVOKED', 'refreshToken', 'This account is closed.');
    if (tokens === 'EXPIRED') throw new HttpError(401, 'AUTH_EXPIRED', 'refreshToken', 'The session has ended: sign in again.');
    return { tokens };
  });

  server.post('/api/v1/auth/sign-out', async (request) => {
    await hub.sessions.signOut(await authenticate(request, hub.sessions));
    return {};
  });

  /** The user behind a request, as what they may do at this moment; and the console they use. */
  const caller = async (request: FastifyRequest) => {
    const access = await authenticate(request, hub.sessions);
    const client = await hub.sessions.client(access.clientId);
    const actor = actorOf(await hub.committer.reference(), access.userId);
    if (!client || client.revokedAt !== null || !actor) throw new HttpError(403, 'CLIENT_REVOKED');
    return { actor, client };
  };

  server.get('/api/v1/snapshot', async (request, reply) => {
    const { actor, client } = await caller(request);
    const query = parse(snapshotQuery, request.query);
    if (!SUPPORTED_VERSIONS.includes(query.protocol))
      throw new HttpError(400, 'BAD_REQUEST', 'protocol', `This hub speaks ${SUPPORTED_VERSIONS.join(' and ')}.`);
    if (query.entity && query.after !== undefined && !fitsKey(query.entity, query.after))
      throw new HttpError(400, 'BAD_REQUEST', 'after', 'This is not the key of a row: take the last page line that was stored.');
    const who = { scopes: scopesOf(actor), lastMutationId: client.lastMutationId };
    const lines = snapshot(hub.db, hub.workspaceId, who, query, options.historyDays);
    return reply.type('application/x-ndjson; charset=utf-8').send(Readable.from(lines));
  });

  server.get('/api/v1/tickets/:id/history', async (request) => {
    const { actor } = await caller(request);
    const ticketId = parse(z.object({ id }), request.params).id;
    const { before = null, limit } = parse(historyQuery, request.query);
    // Not there and not theirs look the same.
    if (!(await hub.viewing.ticketInReach(ticketId, actor))) throw new HttpError(404, 'NOT_FOUND', 'id', 'There is no such ticket.');
    return history(hub.db, hub.workspaceId, ticketId, { before, limit });
  });

  server.post('/api/v1/search', perMinute(240), async (request) => {
    const { actor } = await caller(request);
    const wanted = parse(searchRequest, request.body);
    if (!storable(wanted.filter.tag)) throw new HttpError(400, 'BAD_REQUEST', 'filter.tag', 'Text with NUL or half a surrogate pair.');
    return search(hub.db, hub.workspaceId, actor, wanted).catch((error: unknown) => {
      if (error instanceof TooSlow) throw new HttpError(503, 'UNAVAILABLE', 'text', 'This search takes too long: add a word or a filter.');
      throw error;
    });
  });

  /** Demo mode only: the accounts that the sign-in screen offers. */
  server.get('/api/v1/demo', async () => {
    if (!options.demo) throw new HttpError(404, 'NOT_FOUND');
    return options.demo;
  });
}

/** Attempts are counted by address and account together, so that one guesser does not lock out an office. */
function signInKey(request: { ip: string; body?: unknown }): string {
  const email = (request.body as { email?: unknown } | undefined)?.email;
  return `${request.ip} ${typeof email === 'string' ? email.trim().toLowerCase().slice(0, 320) : ''}`;
}
