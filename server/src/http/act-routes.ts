/** Changes whose maker waits for the verdict: what an administrator lays down, what a lead does, an offer that is taken. */
import type { FastifyInstance } from 'fastify';
import { type ActAnswer, actRequest } from '../../../src/shared/protocol.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { authenticate, HttpError, parse } from './server.ts';

export function actRoutes(server: FastifyInstance, hub: SyncHub): void {
  server.post('/api/v1/acts', async (request): Promise<ActAnswer> => {
    const access = await authenticate(request, hub.sessions);
    const client = await hub.sessions.client(access.clientId);
    if (!client || client.revokedAt !== null) throw new HttpError(403, 'CLIENT_REVOKED');
    const rejection = await hub.committer.act(access.userId, parse(actRequest, request.body));
    return { rejection };
  });
}
