/** A wallboard for a television: a page without signing in, its figures, and the links to it that leads make. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { id } from '../../../src/shared/domain.ts';
import type { Actor } from '../../../src/shared/permissions.ts';
import {
  newWallboardLink,
  type wallboardLinkMade,
  type wallboardLinks,
  wallboardQuery,
  type Wallboard,
} from '../../../src/shared/wallboard.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import type { Wallboards } from '../reports/wallboard.ts';
import { actorOf } from '../sync/reference.ts';
import { authenticate, bearer, HttpError, parse } from './server.ts';

/** Built by widget/build.mjs. */
const files = join(import.meta.dirname, '../../../widget/dist');
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export function wallboardRoutes(server: FastifyInstance, hub: SyncHub, boards: Wallboards): void {
  const page = (path: string, file: string, type: string) =>
    server.get(path, async (_request, reply) => {
      const body = await readFile(join(files, file)).catch(() => {
        throw new HttpError(503, 'NOT_BUILT', undefined, 'The page is not built: run "node widget/build.mjs".');
      });
      return reply.header('content-security-policy', pagePolicy).header('cache-control', 'no-cache').type(type).send(body);
    });
  page('/wallboard', 'wallboard.html', 'text/html; charset=utf-8');
  page('/wallboard/board.js', 'wallboard.js', 'text/javascript; charset=utf-8');
  page('/wallboard/board.css', 'wallboard.css', 'text/css; charset=utf-8');

  // Guesses are counted by address: a token is 256 bits, and this is for whoever tries all the same.
  server.get('/api/v1/wallboard', { config: { rateLimit: { max: 240, timeWindow: 60_000 } } }, async (request): Promise<Wallboard> => {
    const { since } = parse(wallboardQuery, request.query);
    const board = await boards.board(bearer(request), since);
    if (!board) throw new HttpError(401, 'AUTH_EXPIRED', 'authorization', 'This link shows nothing any more: ask for a new one.');
    return board;
  });

  const leader = async (request: FastifyRequest): Promise<Actor & { userId: string }> => {
    const access = await authenticate(request, hub.sessions);
    const client = await hub.sessions.client(access.clientId);
    const actor = actorOf(await hub.committer.reference(), access.userId);
    if (!client || client.revokedAt !== null || !actor || actor.userId === null) throw new HttpError(403, 'CLIENT_REVOKED');
    if (actor.role === 'agent') throw new HttpError(403, 'FORBIDDEN', undefined, 'This is for leads and administrators.');
    return { ...actor, userId: access.userId };
  };

  server.get('/api/v1/wallboard/links', async (request): Promise<z.infer<typeof wallboardLinks>> => {
    await leader(request);
    return { links: await boards.links() };
  });

  server.post('/api/v1/wallboard/links', async (request): Promise<z.infer<typeof wallboardLinkMade>> => {
    const actor = await leader(request);
    return boards.make(actor, parse(newWallboardLink, request.body).name);
  });

  server.delete('/api/v1/wallboard/links/:id', async (request) => {
    const actor = await leader(request);
    const { id: linkId } = parse(z.object({ id }), request.params);
    if (!(await boards.remove(actor, linkId))) throw new HttpError(404, 'NOT_FOUND', 'id', 'There is no such link of yours.');
    return {};
  });
}
