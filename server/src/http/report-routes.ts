/** What the hub can tell of the past: where the time of a ticket has gone, and a whole day to be played again. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { id } from '../../../src/shared/domain.ts';
import { type Actor, mayWork } from '../../../src/shared/permissions.ts';
import type { WhyAnswer } from '../../../src/shared/why-answer.ts';
import { type WhatIfDay, whatIfQuery } from '../../../src/shared/what-if-day.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { loadDay } from '../reports/day.ts';
import { lastOf, why } from '../reports/why.ts';
import { actorOf } from '../sync/reference.ts';
import { authenticate, HttpError, parse, perMinute } from './server.ts';

export function reportRoutes(server: FastifyInstance, hub: SyncHub, clock: () => number): void {
  const whoAsks = async (request: FastifyRequest): Promise<Actor> => {
    const access = await authenticate(request, hub.sessions);
    const client = await hub.sessions.client(access.clientId);
    const actor = actorOf(await hub.committer.reference(), access.userId);
    if (!client || client.revokedAt !== null || !actor) throw new HttpError(403, 'CLIENT_REVOKED');
    return actor;
  };

  server.get('/api/v1/tickets/:id/why', perMinute(240), async (request): Promise<WhyAnswer> => {
    const actor = await whoAsks(request);
    const ticket = await lastOf(hub.db, hub.workspaceId, parse(z.object({ id }), request.params).id);
    // Not there and not theirs look the same.
    if (!ticket || !mayWork(actor, ticket)) throw new HttpError(404, 'NOT_FOUND', 'id', 'There is no such ticket.');
    return why(hub.db, hub.workspaceId, ticket, await hub.committer.reference(), clock());
  });

  /** Of the queues that a lead leads; of all for an administrator. It is played again by whoever asks, so that nobody waits for it here. */
  server.get('/api/v1/what-if/day', { config: { rateLimit: { max: 30, timeWindow: 60_000 } } }, async (request): Promise<WhatIfDay> => {
    const actor = await whoAsks(request);
    if (actor.role !== 'lead' && actor.role !== 'admin')
      throw new HttpError(403, 'FORBIDDEN', undefined, 'This is for leads and administrators.');
    const { date } = parse(whatIfQuery, request.query);
    return loadDay(hub.db, hub.workspaceId, await hub.committer.reference(), actor, date);
  });
}
