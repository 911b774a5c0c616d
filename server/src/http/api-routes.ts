/** Where programs hand in messages of their customers, and fetch the files of answers. Source: channels page, "Endpoints". */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { z } from 'zod';
import { receiveFromApi } from '../channels/api/receive.ts';
import { apiMessage, type apiMessageAnswer, idempotencyKey } from '../channels/api/schema.ts';
import type { Channels } from '../channels/channels.ts';
import type { Db } from '../db/database.ts';
import type { FileStore } from '../files/store.ts';
import { verifyWebhook } from '../webhooks/sign.ts';
import { bytesOf, parseBody, rawRoutes } from './raw.ts';
import { HttpError, parse } from './server.ts';

/** bytes: the longest text three times over, and addresses of ten files */
const largestBody = 128 * 1024;
/** Of a request's headers, what is worth keeping; never what lets somebody in. */
const keptHeaders = ['content-type', 'user-agent', 'idempotency-key'];

type Params = { Params: { channelId: string } };

export interface ApiRouteNeeds extends Pick<Channels, 'accounts' | 'inbox'> {
  db: Db;
  workspaceId: string;
  store: FileStore;
  clock(): number;
}

export async function apiRoutes(server: FastifyInstance, needs: ApiRouteNeeds): Promise<void> {
  const { accounts, db, workspaceId, store, clock } = needs;

  /** A program with the channel's key, or one that signs with its secret: then what it has signed for is its key for repeats. */
  async function caller(request: FastifyRequest, channelId: string, body: Buffer | null): Promise<{ signedId: string | null }> {
    const account = await accounts.get(channelId, 'api');
    if (!account) throw new HttpError(404, 'NOT_FOUND', 'channelId', 'There is no such channel.');
    const { authorization } = request.headers;
    if (authorization === undefined && body !== null && request.headers['webhook-signature'] !== undefined) {
      const verified = verifyWebhook(account.secrets.webhookSecrets, request.headers, body, clock());
      if (!verified.ok) {
        accounts.refusals.note(channelId, verified.field === 'webhook-timestamp' ? 'TOO_OLD' : 'SIGNATURE');
        throw new HttpError(401, 'BAD_SIGNATURE', verified.field, 'The signature does not fit, or is too old.');
      }
      return { signedId: verified.id };
    }
    const [scheme, key = ''] = (authorization ?? '').split(' ');
    const wanted = digest(key);
    // All of them, so that the time says nothing about which one it was not.
    const fits = account.secrets.apiKeys.map((one) => timingSafeEqual(digest(one), wanted)).some(Boolean);
    if (scheme !== 'Bearer' || !fits) {
      accounts.refusals.note(channelId, 'KEY');
      throw new HttpError(401, 'WRONG_KEY', 'authorization', 'Send the channel’s key as a bearer token.');
    }
    return { signedId: null };
  }

  await rawRoutes(server, largestBody, (scope) => {
    scope.post<Params>('/api/v1/channels/:channelId/messages', async (request, reply): Promise<z.infer<typeof apiMessageAnswer>> => {
      const { channelId } = request.params;
      const body = bytesOf(request);
      const { signedId } = await caller(request, channelId, body);
      const header = request.headers['idempotency-key'];
      const given =
        header === undefined ? null : parse(z.object({ 'idempotency-key': idempotencyKey }), request.headers)['idempotency-key'];
      // A header that nobody has signed must not turn a repeated request into another one.
      const key = signedId ?? given;
      const message = parseBody(apiMessage, body);
      if (key === null && message.id === undefined)
        throw new HttpError(400, 'BAD_REQUEST', 'id', 'Send an id in the body, or an Idempotency-Key.');
      const headers = Object.fromEntries(
        keptHeaders.flatMap((name) => {
          const value = request.headers[name];
          return typeof value === 'string' ? [[name, value.slice(0, 500)]] : [];
        }),
      );
      const taken = await receiveFromApi(needs, channelId, key, message, { headers, body });
      if ('conflict' in taken)
        throw new HttpError(409, 'KEY_REUSED', taken.conflict, 'This has come before with another body; what came first counts.');
      void reply.code(taken.first ? 201 : 200);
      return { message_id: taken.messageId, status: 'accepted' };
    });
  });

  server.get<Params & { Params: { fileId: string } }>(
    '/api/v1/channels/:channelId/files/:fileId',
    { exposeHeadRoute: false },
    async (request, reply) => {
      const { channelId } = request.params;
      await caller(request, channelId, null);
      const { fileId } = parse(z.object({ fileId: z.uuid() }), { fileId: request.params.fileId });
      // Of an answer that went out through this channel, and of nothing else.
      const found = await sql<{ size: number }>`select a.size from attachment a
        join message m on m.workspace_id = a.workspace_id and m.id = a.message_id
        where a.workspace_id = ${workspaceId} and a.id = ${fileId} and a.state = 'ready' and m.kind = 'reply'
          and m.extra->'via'->>'channelId' = ${channelId}`.execute(db);
      const file = found.rows[0];
      if (!file || !(await store.has(fileId))) throw new HttpError(404, 'NOT_FOUND', 'fileId', 'There is no such file.');
      return reply
        .header('content-disposition', 'attachment')
        .header('content-length', file.size)
        .type('application/octet-stream')
        .send(store.read(fileId, 0, file.size - 1));
    },
  );
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
