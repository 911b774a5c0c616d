/** Where bots outside of the hub speak, signed by Standard Webhooks. */
import type { FastifyInstance } from 'fastify';
import type { Bots } from '../bots/bots.ts';
import { type BotAnswer, botEvent } from '../bots/schema.ts';
import type { Accounts } from '../channels/accounts.ts';
import { verifyWebhook } from '../webhooks/sign.ts';
import { bytesOf, parseBody, rawRoutes } from './raw.ts';
import { HttpError } from './server.ts';

/** bytes */
const largestBody = 128 * 1024;

export async function botRoutes(server: FastifyInstance, needs: { accounts: Accounts; bots: Bots; clock(): number }): Promise<void> {
  const { accounts, bots, clock } = needs;
  await rawRoutes(server, largestBody, (scope) => {
    scope.post<{ Params: { channelId: string } }>('/api/v1/bots/:channelId/events', async (request): Promise<BotAnswer> => {
      const account = await accounts.get(request.params.channelId, 'bot');
      if (!account) throw new HttpError(404, 'NOT_FOUND', 'channelId', 'There is no such bot.');
      const body = bytesOf(request);
      const verified = verifyWebhook(account.secrets.webhookSecrets, request.headers, body, clock());
      if (!verified.ok) {
        accounts.refusals.note(account.channelId, verified.field === 'webhook-timestamp' ? 'TOO_OLD' : 'SIGNATURE');
        throw new HttpError(401, 'BAD_SIGNATURE', verified.field, 'The signature does not fit, or is too old.');
      }
      const taken = await bots.take(account, verified.id, parseBody(botEvent, body));
      if (!('refused' in taken)) return taken;
      if (taken.refused === 'unknown') throw new HttpError(404, 'NOT_FOUND', 'conversation_id', 'This bot has no such conversation.');
      if (taken.refused === 'epoch') throw new HttpError(409, 'BOT_SILENCED', 'epoch', 'This is from before the bot was silenced.');
      throw new HttpError(409, 'BOT_SILENCED', 'conversation_id', 'A person has this conversation. Nothing was sent.');
    });
  });
}
