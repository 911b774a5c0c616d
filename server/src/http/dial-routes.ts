/** Calling by a click: the exchange is asked to ring the agent, and to put them through. */
import type { FastifyInstance } from 'fastify';
import { dialRequest } from '../../../src/shared/dial.ts';
import { normalisePhone } from '../../../src/shared/phone.ts';
import type { Accounts } from '../channels/accounts.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { actorOf } from '../sync/reference.ts';
import { postWebhook } from '../webhooks/post.ts';
import { authenticate, HttpError, parse } from './server.ts';

const timeoutMs = 10_000;

export function dialRoutes(
  server: FastifyInstance,
  hub: SyncHub,
  { accounts, allowHosts }: { accounts: Accounts; allowHosts: ReadonlySet<string> },
): void {
  server.post('/api/v1/calls', { config: { rateLimit: { max: 30, timeWindow: 60_000 } } }, async (request) => {
    const access = await authenticate(request, hub.sessions);
    const actor = actorOf(await hub.committer.reference(), access.userId);
    if (!actor) throw new HttpError(403, 'FORBIDDEN');
    const phone = normalisePhone(parse(dialRequest, request.body).phone);
    if (phone === null) throw new HttpError(400, 'BAD_REQUEST', 'phone', 'This is no phone number.');
    for (const { settings, secrets, channelId } of await accounts.all('cti')) {
      const [user] = Object.entries(settings.users).find(([, userId]) => userId === access.userId) ?? [];
      if (settings.dialUrl === null || user === undefined) continue;
      const caller = settings.callerIds[user] ?? settings.callerIds['*'] ?? null;
      const headers: Record<string, string> = secrets.dialToken === null ? {} : { authorization: `Bearer ${secrets.dialToken}` };
      const posted = await postWebhook(settings.dialUrl, headers, JSON.stringify({ user, number: phone, caller_id: caller }), {
        timeoutMs,
        allowHosts,
      });
      if (posted.state === 'answered' && posted.status >= 200 && posted.status < 300) return { channelId };
      const why = posted.state === 'answered' ? `it answered ${posted.status}` : posted.reason;
      throw new HttpError(422, 'EXCHANGE', 'phone', `The exchange did not put it through: ${why}.`);
    }
    throw new HttpError(404, 'NOT_FOUND', 'phone', 'No exchange dials for this agent.');
  });
}
