/** People's ways in: an administrator makes a link, the person it is for chooses a password with it. No link is ever written to a log. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { id } from '../../../src/shared/domain.ts';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import { type accessList, invitation, type joinAnswer, joinRequest, type WayIn } from '../../../src/shared/people-admin.ts';
import type { Links } from '../auth/links.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { administrator } from './administrator.ts';
import { authenticate, HttpError, parse } from './server.ts';

export function peopleRoutes(server: FastifyInstance, hub: SyncHub, links: Links, options: { joinLimit: number }): void {
  /** The administrator who asks. */
  const who = async (request: FastifyRequest): Promise<string> => {
    await administrator(request, hub);
    return (await authenticate(request, hub.sessions)).userId;
  };
  const userOf = async (userId: string) => (await hub.committer.reference()).rows.user.get(userId);
  const wayIn = async (userId: string): Promise<WayIn> => {
    const { token, until } = await links.make(userId);
    // After the `#` no server on the way sees it, and none writes it down.
    return { link: `/join?lang=${(await userOf(userId))?.locale ?? 'vi'}#${token}`, until };
  };

  server.get('/api/v1/people', async (request): Promise<z.infer<typeof accessList>> => {
    await administrator(request, hub);
    return { people: await links.list() };
  });

  server.post('/api/v1/people/invite', async (request, reply): Promise<WayIn> => {
    const admin = await who(request);
    const args = parse(invitation, request.body);
    if (await links.hasPassword(args.userId))
      throw new HttpError(409, 'ALREADY_HERE', 'userId', 'This person has joined: reset their access.');
    refuse(await hub.committer.act(admin, { name: 'user.save', args }));
    void reply.code(201);
    return wayIn(args.userId);
  });

  /** What they came in by until now is shut; nobody shuts themself out, for whom nobody else could copy the link. */
  server.post('/api/v1/people/:id/reset', async (request): Promise<WayIn> => {
    const admin = await who(request);
    const userId = parse(z.object({ id }), request.params).id;
    const user = await userOf(userId);
    if (!user) throw new HttpError(404, 'NOT_FOUND', 'id', 'There is no such person.');
    const joined = await links.hasPassword(userId);
    if (joined && !user.active) throw new HttpError(409, 'INACTIVE', 'id', 'Activate this person first.');
    if (joined && userId !== admin) await links.shut(userId);
    refuse(await hub.committer.act(admin, { name: 'user.reset', args: { userId } }));
    return wayIn(userId);
  });

  server.post(
    '/api/v1/join',
    { config: { rateLimit: { max: options.joinLimit, timeWindow: 300_000 } } },
    async (request): Promise<z.infer<typeof joinAnswer>> => {
      const { token, password } = parse(joinRequest, request.body);
      const gone = new HttpError(410, 'LINK_GONE', 'token', 'This link was used, is too old, or was replaced by a newer one.');
      const userId = await links.holder(token);
      if (userId === null) throw gone;
      const joined = await links.redeem(token, password);
      if (!joined) throw gone;
      // Consoles that were signed in with the old password are let go by it too.
      await hub.committer.system({ name: 'user.join', args: { userId } });
      return joined;
    },
  );
}

function refuse(rejection: Rejection | null): void {
  if (!rejection) return;
  if (rejection.code === 'FORBIDDEN') throw new HttpError(403, 'FORBIDDEN');
  const status = rejection.code === 'DUPLICATE' ? 409 : rejection.code === 'NOT_FOUND' ? 404 : 400;
  throw new HttpError(status, rejection.code, rejection.field);
}
