/** A mail as its sender laid it out, and as it came: for consoles whose user may work its ticket. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { z } from 'zod';
import { id } from '../../../src/shared/domain.ts';
import type { Db } from '../db/database.ts';
import { htmlId } from '../channels/email/frame.ts';
import type { FileStore } from '../files/store.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { actorOf } from '../sync/reference.ts';
import { disposition } from './file-routes.ts';
import { authenticate, HttpError, parse } from './server.ts';

/** Nothing runs, nothing loads from elsewhere; pictures of the mail itself may come from the hub. */
const framePolicy = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";
const idParameter = z.strictObject({ id });

export function mailRoutes(
  server: FastifyInstance,
  hub: SyncHub,
  { db, workspaceId, store }: { db: Db; workspaceId: string; store: FileStore },
  options: { perMinute: number },
): void {
  const perUser = {
    config: {
      rateLimit: {
        max: options.perMinute,
        timeWindow: 60_000,
        keyGenerator: async (request: FastifyRequest) => (await authenticate(request, hub.sessions)).userId,
      },
    },
    exposeHeadRoute: false,
  };
  const missing = () => new HttpError(404, 'NOT_FOUND', 'id', 'There is no such mail.');

  /** Its raw form, when the caller may work its ticket. Not there and not theirs look the same. */
  const mailOf = async (request: FastifyRequest): Promise<{ messageId: string; raw: string; size: number; number: number | null }> => {
    const access = await authenticate(request, hub.sessions);
    const client = await hub.sessions.client(access.clientId);
    const actor = actorOf(await hub.committer.reference(), access.userId);
    if (!client || client.revokedAt !== null || !actor) throw new HttpError(403, 'CLIENT_REVOKED');
    const messageId = parse(idParameter, request.params).id;
    const found = await sql<{ raw: string; size: number; ticketId: string; number: number | null }>`
      select r.id as raw, r.size, m.ticket_id, t.number from mail_raw r
      join message m on m.workspace_id = r.workspace_id and m.id = r.message_id
      join ticket t on t.workspace_id = m.workspace_id and t.id = m.ticket_id
      where r.workspace_id = ${workspaceId} and r.message_id = ${messageId}`.execute(db);
    const row = found.rows[0];
    if (!row || (await hub.viewing.ticketInReach(row.ticketId, actor)) === null) throw missing();
    return { messageId, raw: row.raw, size: row.size, number: row.number };
  };

  server.get('/api/v1/messages/:id/html', perUser, async (request, reply) => {
    const html = htmlId((await mailOf(request)).messageId);
    if (!(await store.has(html))) throw missing();
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', framePolicy)
      .send(store.read(html, 0, Infinity));
  });

  server.get('/api/v1/messages/:id/raw', perUser, async (request, reply) => {
    const { raw, size, number } = await mailOf(request);
    if (size === 0 || !(await store.has(raw))) throw missing();
    return reply
      .type('application/octet-stream')
      .header('content-disposition', disposition(`CS-${number ?? 0}.eml`))
      .header('content-length', size)
      .send(store.read(raw, 0, size - 1));
  });
}
