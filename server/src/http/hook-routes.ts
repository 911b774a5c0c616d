/** Where vendors call. Signatures are checked over the bytes as they came, and an answer is given once what came is stored. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Accounts } from '../channels/accounts.ts';
import { type Item, Unreadable } from '../channels/inbound.ts';
import type { Inbox } from '../channels/inbox.ts';
import { readMessenger } from '../channels/messenger/read.ts';
import { signedByMeta, signedByZalo } from '../channels/signatures.ts';
import { readZalo } from '../channels/zalo/read.ts';
import { HttpError } from './server.ts';

/** bytes: Meta batches up to a thousand events */
const largestBody = 4 * 1024 * 1024;
/** a line in the log for forged requests, at most so often, ms */
const quietMs = 60_000;

/** What of a request's headers is worth keeping; never what lets somebody in. */
const keptHeaders = ['content-type', 'user-agent', 'x-hub-signature-256', 'x-zevent-signature', 'x-zevent-server', 'num_retry'];

type Params = { Params: { channelId: string } };

export async function hookRoutes(server: FastifyInstance, needs: { accounts: Accounts; inbox: Inbox; log: Logger }): Promise<void> {
  const { accounts, inbox, log } = needs;
  const warned = new Map<string, number>();

  function forged(channelId: string): never {
    const now = Date.now();
    accounts.refusals.note(channelId, 'SIGNATURE');
    if (now - (warned.get(channelId) ?? 0) >= quietMs) {
      warned.set(channelId, now);
      log.warn({ channelId }, 'a webhook came with a wrong signature; further ones are not logged for a minute');
    }
    throw new HttpError(401, 'BAD_SIGNATURE', undefined, 'The signature does not fit.');
  }

  async function take(channelId: string, request: FastifyRequest, body: Buffer, read: (body: Buffer) => Item[]): Promise<void> {
    const headers = Object.fromEntries(
      keptHeaders.flatMap((name) => {
        const value = request.headers[name];
        return typeof value === 'string' ? [[name, value.slice(0, 500)]] : [];
      }),
    );
    let items: Item[];
    try {
      items = read(body);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      await inbox.storeUnreadable(channelId, { headers, body }, error.message);
      throw new HttpError(400, 'BAD_REQUEST', undefined, `The body can not be read: ${error.message}`);
    }
    await inbox.store(channelId, { headers, body }, items);
  }

  const ok = (reply: FastifyReply, text: string) => reply.type('text/plain; charset=utf-8').send(text);
  const unknown = () => new HttpError(404, 'NOT_FOUND', 'channelId', 'There is no such channel.');

  const ofMeta = async (channelId: string) => {
    const account = await accounts.find(channelId);
    if (account?.vendor !== 'messenger' && account?.vendor !== 'instagram') throw unknown();
    return account;
  };

  // A scope of its own, in which bodies stay bytes.
  await server.register(async (hooks) => {
    hooks.removeAllContentTypeParsers();
    hooks.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largestBody }, (_request, body, done) => done(null, body));
    const bytes = (request: FastifyRequest): Buffer => (Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));

    hooks.get<Params>('/hooks/messenger/:channelId', async (request, reply) => {
      const account = await ofMeta(request.params.channelId);
      const asked = request.query as Record<string, unknown>;
      const challenge = asked['hub.challenge'];
      if (asked['hub.mode'] !== 'subscribe' || asked['hub.verify_token'] !== account.secrets.verifyToken) {
        if (asked['hub.mode'] === 'subscribe') accounts.refusals.note(account.channelId, 'VERIFY_TOKEN');
        throw new HttpError(403, 'FORBIDDEN');
      }
      // It is sent back: nothing but digits.
      if (typeof challenge !== 'string' || !/^\d{1,20}$/.test(challenge)) throw new HttpError(400, 'BAD_REQUEST', 'hub.challenge');
      return ok(reply, challenge);
    });

    hooks.post<Params>('/hooks/messenger/:channelId', async (request, reply) => {
      const { channelId } = request.params;
      const account = await ofMeta(channelId);
      const body = bytes(request);
      const header = request.headers['x-hub-signature-256'];
      if (!signedByMeta(body, typeof header === 'string' ? header : undefined, account.secrets.appSecret)) forged(channelId);
      await take(channelId, request, body, readMessenger);
      return ok(reply, 'EVENT_RECEIVED');
    });

    hooks.post<Params>('/hooks/zalo/:channelId', async (request, reply) => {
      const { channelId } = request.params;
      const account = await accounts.get(channelId, 'zalo');
      if (!account) throw unknown();
      const body = bytes(request);
      const header = request.headers['x-zevent-signature'];
      const { appId, oaId } = account.settings;
      const ids = oaId === null ? [appId] : [appId, oaId];
      if (!signedByZalo(body, typeof header === 'string' ? header : undefined, ids, account.secrets.secretKey)) forged(channelId);
      await take(channelId, request, body, (told) => [readZalo(told)]);
      return ok(reply, 'ok');
    });
  });
}
