/** Who may change how the hub works. */
import type { FastifyRequest } from 'fastify';
import type { SyncHub } from '../realtime/console-session.ts';
import { actorOf } from '../sync/reference.ts';
import { authenticate, HttpError } from './server.ts';

/** Refuses everybody else. */
export async function administrator(request: FastifyRequest, hub: SyncHub): Promise<void> {
  const access = await authenticate(request, hub.sessions);
  const client = await hub.sessions.client(access.clientId);
  const actor = actorOf(await hub.committer.reference(), access.userId);
  if (!client || client.revokedAt !== null || !actor) throw new HttpError(403, 'CLIENT_REVOKED');
  if (actor.role !== 'admin') throw new HttpError(403, 'FORBIDDEN', undefined, 'This is for administrators.');
}
