/** A mail as its sender laid it out, and as it came: for consoles whose user may work its ticket. */
import { text } from 'node:stream/consumers';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { z } from 'zod';
import { id, limits } from '../../../src/shared/domain.ts';
import { isPicture, kindOf } from '../../../src/shared/file-kind.ts';
import { mailImageQuery, mailLimits, type MailText, mailTextQuery } from '../../../src/shared/mail.ts';
import type { Db } from '../db/database.ts';
import { htmlId, pointsTo } from '../channels/email/frame.ts';
import { readAs } from '../channels/email/parse.ts';
import { fetchMedia, MediaError } from '../channels/fetch-media.ts';
import { cleanText } from '../channels/inbound.ts';
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
  /** `imageMs`: patience with whoever has a picture; `allowHosts`: `host:port` that may be asked wherever they lie */
  options: { perMinute: number; imageMs: number; allowHosts: ReadonlySet<string> },
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

  /** Its words as another charset would have them; what is stored stays as it is. */
  server.get('/api/v1/messages/:id/text', perUser, async (request): Promise<MailText> => {
    const { raw, size } = await mailOf(request);
    const { as } = parse(mailTextQuery, request.query);
    if (size === 0 || !(await store.has(raw))) throw missing();
    const { subject, text, quotedFrom } = await readAs(store.read(raw, 0, size - 1), as, '');
    return { subject: cleanText(subject).slice(0, limits.subjectLength), body: cleanText(text).slice(0, limits.messageLength), quotedFrom };
  });

  /** A picture that the mail itself points to, and no other address: asked for by the hub, so that its sender learns of no agent. */
  server.get('/api/v1/messages/:id/image', perUser, async (request, reply) => {
    const html = htmlId((await mailOf(request)).messageId);
    const { url } = parse(mailImageQuery, request.query);
    if (!(await store.has(html)) || !pointsTo(await text(store.read(html, 0, Infinity)), url)) throw missing();
    const parts: Uint8Array[] = [];
    try {
      const keep = async (piece: Uint8Array) => void parts.push(piece);
      await fetchMedia(url, keep, { most: mailLimits.image, timeoutMs: options.imageMs, allowHosts: options.allowHosts });
    } catch (error) {
      if (error instanceof MediaError) throw new HttpError(422, 'UNAVAILABLE', 'url', error.message);
      throw error;
    }
    const bytes = Buffer.concat(parts);
    const kind = kindOf(bytes);
    if (!isPicture(kind)) throw new HttpError(422, 'UNAVAILABLE', 'url', 'What lies there is no picture.');
    return reply.type(kind).header('cache-control', 'private, max-age=86400').header('content-disposition', 'attachment').send(bytes);
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
