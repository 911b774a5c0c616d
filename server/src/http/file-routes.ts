/** Files of messages: announced, sent in pieces that go on where they broke off, and fetched in ranges. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { id, limits } from '../../../src/shared/domain.ts';
import { kindBytes, kindOf, plainName } from '../../../src/shared/file-kind.ts';
import type { Actor } from '../../../src/shared/permissions.ts';
import { type fileAnswer, fileRequest } from '../../../src/shared/protocol.ts';
import { type Files, progress, progressSoFar } from '../files/completion.ts';
import { TooMany, WrongSum } from '../files/store.ts';
import { type Announced, announce, type Claimed, countUnclaimed, findAttachment, findUpload, type Upload } from '../files/uploads.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { actorOf } from '../sync/reference.ts';
import { storable } from '../sync/intent.ts';
import { authenticate, HttpError, parse } from './server.ts';

type Answer = z.infer<typeof fileAnswer>;

/** files of one user that no message names; more are not announced before these are */
const mostUnclaimed = 100;
const idParameter = z.strictObject({ id });
const uploadOffset = z.strictObject({
  'upload-offset': z
    .string()
    .regex(/^\d{1,9}$/, 'a number of bytes')
    .transform(Number),
});

export function fileRoutes(server: FastifyInstance, hub: SyncHub, files: Files, options: { perMinute: number }): void {
  const { db, workspaceId, store } = files;

  /** Each user's own share, whichever token or address they come with. */
  const perUser = (most: number) => ({
    config: {
      rateLimit: {
        max: most,
        timeWindow: 60_000,
        keyGenerator: async (request: FastifyRequest) => (await authenticate(request, hub.sessions)).userId,
      },
    },
  });

  const caller = async (request: FastifyRequest): Promise<Actor & { userId: string }> => {
    const access = await authenticate(request, hub.sessions);
    const client = await hub.sessions.client(access.clientId);
    const actor = actorOf(await hub.committer.reference(), access.userId);
    if (!client || client.revokedAt !== null || !actor) throw new HttpError(403, 'CLIENT_REVOKED');
    return { ...actor, userId: access.userId };
  };

  /** Whoever may work the ticket; and the author of a message that was taken, also when its ticket has moved on since. */
  const maySend = async (actor: Actor, ticketId: string, claimed: Claimed | null) =>
    claimed?.authorId === actor.userId || (await hub.viewing.ticketInReach(ticketId, actor)) !== null;

  /** The sender's own upload. Not there and not theirs look the same. */
  const own = async (request: FastifyRequest): Promise<Upload> => {
    const actor = await caller(request);
    const fileId = parse(idParameter, request.params).id;
    const upload = await findUpload(db, workspaceId, fileId);
    const may = upload?.userId === actor.userId && (await maySend(actor, upload.ticketId, await findAttachment(db, workspaceId, fileId)));
    if (!upload || !may) throw new HttpError(404, 'NOT_FOUND', 'id', 'There is no such upload: announce the file first.');
    return upload;
  };

  server.post('/api/v1/files', perUser(options.perMinute), async (request): Promise<Answer> => {
    const actor = await caller(request);
    const file = parse(fileRequest, request.body);
    for (const field of ['name', 'type'] as const) {
      if (!storable(file[field])) throw new HttpError(400, 'BAD_REQUEST', field, 'Text with NUL or half a surrogate pair.');
    }
    const claimed = await findAttachment(db, workspaceId, file.id);
    if (!(await maySend(actor, file.ticketId, claimed))) throw new HttpError(404, 'NOT_FOUND', 'ticketId', 'There is no such ticket.');
    const taken = new HttpError(409, 'ID_TAKEN', 'id', 'This id belongs to another file.');
    if (claimed && !same(claimed, file)) throw taken;
    const known = await findUpload(db, workspaceId, file.id);
    if (!known && !claimed && (await countUnclaimed(db, workspaceId, actor.userId)) >= mostUnclaimed)
      throw new HttpError(429, 'TOO_MANY_REQUESTS', 'id', 'Too many files that no message names: push the messages first.');
    const upload = known ?? (await announce(db, workspaceId, actor.userId, file));
    if (upload.userId !== actor.userId || !same(upload, file)) throw taken;
    return { offset: await progressSoFar(files, upload), size: upload.size };
  });

  server.get('/api/v1/files/:id/upload', perUser(options.perMinute * 10), async (request): Promise<Answer> => {
    const upload = await own(request);
    return { offset: await progressSoFar(files, upload), size: upload.size };
  });

  // The body of these goes by as it comes; elsewhere it is read whole, up to its limit.
  server.register(async (scope) => {
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.patch(
      '/api/v1/files/:id/upload',
      { ...perUser(options.perMinute * 30), bodyLimit: limits.attachmentBytes },
      async (request, reply): Promise<Answer> => {
        const upload = await own(request);
        const offset = parse(uploadOffset, { 'upload-offset': request.headers['upload-offset'] })['upload-offset'];
        if (request.headers['content-type'] !== 'application/octet-stream')
          throw new HttpError(400, 'BAD_REQUEST', 'content-type', 'Bytes come as application/octet-stream.');
        const { size } = upload;
        const misplaced = (here: number) => {
          void reply.header('upload-offset', String(here));
          return new HttpError(409, 'WRONG_OFFSET', 'upload-offset', `The file goes on at ${here}.`);
        };
        if (upload.complete) {
          if (offset !== size) throw misplaced(size);
          return { offset: await progress(files, upload), size };
        }
        const body = request.body instanceof Readable ? request.body : Readable.from([]);
        try {
          const appended = await store.append(upload.id, offset, size, body);
          if (appended.wrong) throw misplaced(appended.offset);
          return { offset: appended.offset === size ? await progress(files, upload) : appended.offset, size };
        } catch (error) {
          if (error instanceof TooMany) throw new HttpError(413, 'TOO_LARGE', 'body', `The file was announced with ${size} bytes.`);
          if (error instanceof WrongSum)
            throw new HttpError(
              422,
              'WRONG_SUM',
              'sha256',
              'These are not the bytes that were announced. They were thrown away: begin at 0.',
            );
          throw error;
        }
      },
    );
  });

  server.get('/api/v1/files/:id', { ...perUser(options.perMinute * 10), exposeHeadRoute: false }, async (request, reply) => {
    const actor = await caller(request);
    const fileId = parse(idParameter, request.params).id;
    const file = await findAttachment(db, workspaceId, fileId);
    const here = file?.state === 'ready' && (await hub.viewing.ticketInReach(file.ticketId, actor)) !== null && (await store.has(fileId));
    if (!file || !here) throw new HttpError(404, 'NOT_FOUND', 'id', 'There is no such file.');
    const range = rangeOf(request.headers.range, file.size);
    void reply
      .header('accept-ranges', 'bytes')
      .header('etag', `"${file.sha256}"`)
      .header('content-disposition', disposition(file.name))
      // A picture's bytes decide what it is; its sender does not.
      .type(kindOf(await store.head(fileId, kindBytes)));
    if (range === 'unsatisfiable') {
      void reply.header('content-range', `bytes */${file.size}`);
      throw new HttpError(416, 'BAD_REQUEST', 'range', `The file has ${file.size} bytes.`);
    }
    const { from, to } = range ?? { from: 0, to: file.size - 1 };
    if (range) void reply.code(206).header('content-range', `bytes ${from}-${to}/${file.size}`);
    return reply.header('content-length', to - from + 1).send(store.read(fileId, from, to));
  });
}

function same(known: Pick<Announced, 'ticketId' | 'size' | 'sha256'>, file: Announced): boolean {
  return known.ticketId === file.ticketId && known.size === file.size && known.sha256 === file.sha256;
}

/** One range of bytes (RFC 9110, 14.1.2); null: the whole file, also where several are asked for or the header can't be read. */
function rangeOf(header: string | undefined, size: number): { from: number; to: number } | 'unsatisfiable' | null {
  const found = /^bytes=(\d{0,12})-(\d{0,12})$/.exec(header ?? '');
  if (!found) return null;
  const [, first = '', last = ''] = found;
  if (first === '' && last === '') return null;
  if (first === '') return last === '0' ? 'unsatisfiable' : { from: Math.max(0, size - Number(last)), to: size - 1 };
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < from) return null;
  return from >= size ? 'unsatisfiable' : { from, to };
}

/** Always a download, under a name that is a name (RFC 6266, RFC 8187). */
export function disposition(name: string): string {
  const plain = plainName(name);
  const ascii = plain.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(plain).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
