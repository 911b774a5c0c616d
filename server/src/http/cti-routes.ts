/** Where telephone exchanges call. The address is the secret: there is no signature. Source: channels reference, 3. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Account, Accounts } from '../channels/accounts.ts';
import { Unreadable } from '../channels/inbound.ts';
import { readCall } from '../channels/telephony/read.ts';
import type { Switchboard } from '../channels/telephony/switchboard.ts';
import { HttpError } from './server.ts';

/** bytes; an exchange tells of one leg at a time */
const largestBody = 64 * 1024;

type Params = { Params: { token: string } };

export async function ctiRoutes(
  server: FastifyInstance,
  needs: { accounts: Accounts; switchboard: Switchboard; log: Logger },
): Promise<void> {
  const { accounts, switchboard } = needs;

  async function exchange(token: string): Promise<Account<'cti'>> {
    const wanted = digest(token);
    // All of them, so that the time says nothing about which one it was not.
    const all = await accounts.all('cti');
    const found = all.filter((one) => timingSafeEqual(digest(one.secrets.token), wanted));
    if (!found[0]) {
      // Whose it was to be can be told only where there is one.
      if (all.length === 1 && all[0]) accounts.refusals.note(all[0].channelId, 'TOKEN');
      throw new HttpError(404, 'NOT_FOUND', 'token', 'There is no such exchange.');
    }
    return found[0];
  }

  await server.register(async (hooks) => {
    hooks.removeAllContentTypeParsers();
    hooks.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largestBody }, (_request, body, done) => done(null, body));

    hooks.post<Params>('/hooks/cti/:token', async (request, reply) => {
      const account = await exchange(request.params.token);
      const { answers, users, queues, callerIds } = account.settings;
      let told: ReturnType<typeof readCall>;
      try {
        told = readCall(request.headers['content-type'], Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        throw new HttpError(400, 'BAD_REQUEST', undefined, `The body can not be read: ${error.message}`);
      }
      if (told) await switchboard.take(account.channelId, { users, queues }, told);
      await accounts.heard(account.channelId, Date.now());
      const shows = told?.direction === 'out' && told.event === 'ring' ? (callerIds[told.users[0] ?? ''] ?? callerIds['*']) : undefined;
      if (answers === 'xml') {
        const here = `${addressOf(request)}/hooks/cti/${encodeURIComponent(request.params.token)}`;
        const dial =
          shows === undefined || !told?.to ? '' : `<Dial callerId="${escaped(shows)}"><Number>${escaped(told.to)}</Number></Dial>`;
        return reply
          .type('application/xml; charset=utf-8')
          .send(
            `<?xml version="1.0" encoding="UTF-8"?>\n<Response onAnswer="${escaped(here)}" onHangup="${escaped(here)}">${dial}</Response>`,
          );
      }
      return reply.send(shows === undefined ? {} : { action: 'dial', caller_id: shows, number: told?.to ?? '' });
    });
  });
}

/** As whoever calls knows this hub. */
function addressOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}

const escaped = (text: string) =>
  text
    .replaceAll(/[<>&"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
    .replaceAll(/[^\x20-\x7e]/g, (letter) => `&#${letter.codePointAt(0) ?? 63};`);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
