/** Bots, for administrators: how the hub's own answer, and what they had no answer to; where those outside of it are. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  botAccount,
  type BotAccountAnswer,
  type BotList,
  type BotQuestions,
  questionsQuery,
  type RuleBot,
  ruleBot,
} from '../../../src/shared/bot-admin.ts';
import type { Channels } from '../channels/channels.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { administrator } from './administrator.ts';
import { unstorable } from '../channels/api/receive.ts';
import { newWebhookSecret } from '../webhooks/sign.ts';
import { HttpError, parse } from './server.ts';

const botId = z.object({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/) });

export function ruleBotRoutes(
  server: FastifyInstance,
  hub: SyncHub,
  { ruleBots: bots, accounts }: Pick<Channels, 'ruleBots' | 'accounts'>,
): void {
  const idOf = (request: FastifyRequest): string => parse(botId, request.params).id;
  const none = () => new HttpError(404, 'NOT_FOUND', 'id', 'There is no such bot.');

  const allKnown = async (channelIds: readonly string[], field: string): Promise<void> => {
    const { channel } = (await hub.committer.reference()).rows;
    const unknown = channelIds.findIndex((channelId) => !channel.has(channelId));
    if (unknown >= 0) throw new HttpError(400, 'BAD_REQUEST', `${field}.${unknown}`, 'There is no such channel.');
  };

  server.get('/api/v1/bots', async (request): Promise<BotList> => {
    await administrator(request, hub);
    const outside = (await accounts.all('bot')).map(async ({ channelId, settings, secrets }) => {
      const { refusedAt: at, refusedCount: count } = await accounts.state(channelId);
      return {
        id: channelId,
        settings,
        secrets: secrets.webhookSecrets.length,
        refused: at === null || count === 0 ? null : { at, count },
      };
    });
    return { rules: await bots.list(), outside: await Promise.all(outside) };
  });

  server.put('/api/v1/bots/:id/account', async (request): Promise<BotAccountAnswer> => {
    await administrator(request, hub);
    const channelId = idOf(request);
    const { settings, rotate } = parse(botAccount, request.body);
    await allKnown(settings.channelIds, 'settings.channelIds');
    const before = await accounts.find(channelId);
    if (before && before.vendor !== 'bot') throw new HttpError(409, 'ID_TAKEN', 'id', 'A channel has this name.');
    const known = before?.secrets.webhookSecrets ?? [];
    const secret = rotate === true || known.length === 0 ? newWebhookSecret() : null;
    const webhookSecrets = secret === null ? known : [secret, ...known].slice(0, 2);
    await accounts.put({ vendor: 'bot', channelId, settings, secrets: { webhookSecrets } });
    await accounts.refusals.forget(channelId);
    return { settings, secret };
  });

  server.get('/api/v1/bots/:id', async (request): Promise<RuleBot> => {
    await administrator(request, hub);
    const bot = await bots.find(idOf(request));
    if (!bot) throw none();
    return bot;
  });

  server.put('/api/v1/bots/:id', async (request): Promise<RuleBot> => {
    await administrator(request, hub);
    const id = idOf(request);
    const field = unstorable(request.body);
    if (field !== null) throw new HttpError(400, 'BAD_REQUEST', field, 'Text with NUL or half a surrogate pair.');
    const bot = parse(ruleBot, request.body);
    await allKnown(bot.channels, 'channels');
    await bots.put(id, bot);
    return bot;
  });

  server.get('/api/v1/bots/:id/questions', async (request): Promise<BotQuestions> => {
    await administrator(request, hub);
    const id = idOf(request);
    if (!(await bots.find(id))) throw none();
    const page = await bots.questions(id, parse(questionsQuery, request.query));
    if (!page) throw new HttpError(400, 'BAD_REQUEST', 'after', 'Ask with the “next” of the page before.');
    return page;
  });
}
