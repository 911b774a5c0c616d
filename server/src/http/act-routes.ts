/** Changes whose maker waits for the verdict: what an administrator lays down, what a lead does, an offer that is taken. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ActAnswer, actRequest, type NextAnswer } from '../../../src/shared/protocol.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import type { Router } from '../routing/router.ts';
import { authenticate, HttpError, parse } from './server.ts';

export function actRoutes(server: FastifyInstance, hub: SyncHub, router: Pick<Router, 'next'>): void {
  const whoActs = async (request: FastifyRequest): Promise<string> => {
    const access = await authenticate(request, hub.sessions);
    const client = await hub.sessions.client(access.clientId);
    if (!client || client.revokedAt !== null) throw new HttpError(403, 'CLIENT_REVOKED');
    return access.userId;
  };

  server.post('/api/v1/acts', async (request): Promise<ActAnswer> => {
    const userId = await whoActs(request);
    return { rejection: await hub.committer.act(userId, parse(actRequest, request.body)) };
  });

  /** The head of the agent's queues is theirs from now on; null: nothing waits that they may have. */
  server.post('/api/v1/next', async (request): Promise<NextAnswer> => {
    const given = await router.next(await whoActs(request));
    return { ticketId: 'ticketId' in given ? given.ticketId : null };
  });
}
