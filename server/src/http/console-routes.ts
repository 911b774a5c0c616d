/** What a console asks over HTTP: sign-in, tokens, the snapshot. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { type demoAccounts, refreshRequest, signInRequest } from '../../../src/shared/protocol.ts';
import type { SyncHub } from '../realtime/sync-socket.ts';
import { actorOf, scopesOf } from '../sync/reference.ts';
import { snapshot } from '../sync/snapshot.ts';
import { authenticate, HttpError, parse } from './server.ts';

export function consoleRoutes(
  server: FastifyInstance,
  hub: SyncHub,
  options: { signInLimit: number; demo: z.infer<typeof demoAccounts> | null },
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
    if (!tokens) throw new HttpError(401, 'AUTH_EXPIRED', 'refreshToken', 'The session has ended: sign in again.');
    return { tokens };
  });

  server.post('/api/v1/auth/sign-out', async (request) => {
    await hub.sessions.signOut(await authenticate(request, hub.sessions));
    return {};
  });

  server.get('/api/v1/snapshot', async (request, reply) => {
    const access = await authenticate(request, hub.sessions);
    const client = await hub.sessions.client(access.clientId);
    const actor = actorOf(await hub.committer.reference(), access.userId);
    if (!client || client.revokedAt !== null || !actor) throw new HttpError(403, 'CLIENT_REVOKED');
    const lines = snapshot(hub.db, hub.workspaceId, { scopes: scopesOf(actor), lastMutationId: client.lastMutationId });
    const chunks = async function* () {
      // Lines go out in chunks: one write each would cost more than the query.
      let chunk = '';
      for await (const line of lines) {
        chunk += `${JSON.stringify(line)}\n`;
        if (chunk.length > 64 * 1024) {
          yield chunk;
          chunk = '';
        }
      }
      yield chunk;
    };
    return reply.type('application/x-ndjson; charset=utf-8').send(Readable.from(chunks()));
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
