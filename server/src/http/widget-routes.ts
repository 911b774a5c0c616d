/** What the chat widget's frame asks of the hub (src/shared/widget.ts). */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { id } from '../../../src/shared/domain.ts';
import { kindBytes, kindOf } from '../../../src/shared/file-kind.ts';
import {
  type Conversation,
  detailsRequest,
  eventsQuery,
  fileQuery,
  type identifyAnswer,
  identifyRequest,
  type PublicFile,
  receipts,
  type SessionAnswer,
  sessionRequest,
  visitorMessage,
  widgetLimits,
} from '../../../src/shared/widget.ts';
import { isAllowed } from '../channels/chat/account.ts';
import type { Chat } from '../channels/chat/chat.ts';
import type { VisitorFiles } from '../channels/chat/files.ts';
import type { Visitor, Visitors } from '../channels/chat/visitors.ts';
import type { FileStore } from '../files/store.ts';
import type { Viewing } from '../realtime/viewing.ts';
import { disposition } from './file-routes.ts';
import { bearer, HttpError, parse } from './server.ts';

const keepAliveMs = 20_000;
const minuteMs = 60_000;
const idParameter = z.strictObject({ id });

export interface WidgetNeeds {
  visitors: Visitors;
  visitorFiles: VisitorFiles;
  chat: Chat;
  store: FileStore;
  viewing: Viewing;
  workspaceName: () => Promise<string>;
  refused(channelId: string): void;
  /** of one visitor, in a minute */
  perMinute: number;
  clock(): number;
}

export function widgetRoutes(server: FastifyInstance, needs: WidgetNeeds): void {
  const { visitors, visitorFiles, chat, store, viewing, perMinute } = needs;
  const limit = (max: number) => ({
    config: {
      rateLimit: {
        max,
        timeWindow: minuteMs,
        keyGenerator: (request: FastifyRequest) => {
          const { token } = request.query as { token?: unknown };
          return `${request.ip} ${request.headers.authorization ?? (typeof token === 'string' ? token : '')}`;
        },
      },
    },
  });
  const known = async (token: string): Promise<Visitor> => {
    const visitor = await visitors.find(token);
    if (!visitor) throw new HttpError(401, 'AUTH_EXPIRED', 'authorization', 'This chat session is not known: open a new one.');
    return visitor;
  };

  /** Whoever is there gets no mail. Not known for a moment, they are asked for again. */
  const seen = (visitor: Visitor, there = true) => {
    visitors.seen(visitor, there).catch(() => undefined);
  };

  // A whole town may come from one address: those who begin are counted with more patience.
  server.post('/widget/api/session', limit(perMinute * 10), async (request): Promise<SessionAnswer> => {
    sameOrigin(request);
    const { channel, token, page } = parse(sessionRequest, request.body);
    const { allowedDomains } = await visitors.settings(channel);
    // The browser holds to the frame's own policy; this is for one that does not.
    const own = page === null || URL.parse(page)?.host === request.headers.host;
    if (!own && !isAllowed(allowedDomains, page))
      throw new HttpError(403, 'FORBIDDEN', 'page', 'The chat is not for pages of this address.');
    const opened = await visitors.open(channel, token);
    if (!opened) throw new HttpError(404, 'NOT_FOUND', 'channel', 'There is no chat channel of this name.');
    const { visitor } = opened;
    return {
      token: opened.token,
      visitorId: visitor.id,
      workspace: await needs.workspaceName(),
      name: visitor.name,
      verified: visitor.userId !== null,
      form: await visitors.form(visitor),
    };
  });

  server.post('/widget/api/identify', limit(perMinute), async (request): Promise<z.infer<typeof identifyAnswer>> => {
    sameOrigin(request);
    const visitor = await known(bearer(request));
    const told = await visitors.identify(visitor, parse(identifyRequest, request.body).identity);
    if (typeof told !== 'string') {
      if (told.moved) chat.hangUp(visitor.id);
      return { name: told.name };
    }
    needs.refused(visitor.channelId);
    throw new HttpError(422, 'INVALID', 'identity', `Who this is was not believed: ${told}.`);
  });

  server.post('/widget/api/details', limit(perMinute), async (request) => {
    sameOrigin(request);
    const visitor = await known(bearer(request));
    const wrong = await visitors.answer(visitor, parse(detailsRequest, request.body));
    if (wrong) throw new HttpError(400, 'BAD_REQUEST', wrong.field, `${wrong.field} ${wrong.reason}.`);
    return {};
  });

  server.post('/widget/api/messages', { ...limit(perMinute), bodyLimit: 128 * 1024 }, async (request, reply) => {
    sameOrigin(request);
    const visitor = await known(bearer(request));
    const message = parse(visitorMessage, request.body);
    if ((await visitors.form(visitor)) !== null)
      throw new HttpError(403, 'FORBIDDEN', 'form', 'The form before the first message comes first.');
    const rejection = await chat.receive(visitor, message, request.ip);
    if (rejection === 'TOO_MANY') {
      void reply.header('retry-after', '600');
      throw new HttpError(429, 'TOO_MANY_REQUESTS', 'conversations', 'Too many conversations were begun from here. Try again later.');
    }
    if (rejection) throw new HttpError(422, rejection.code, rejection.field);
    const ticket = await chat.ticketOf(visitor);
    if (ticket) viewing.visitorSent(ticket.id);
    return {};
  });

  server.get('/widget/api/messages', limit(perMinute * 10), async (request): Promise<Conversation> => ({
    messages: await chat.conversation(await known(bearer(request))),
  }));

  server.post('/widget/api/receipts', limit(perMinute * 10), async (request) => {
    sameOrigin(request);
    const visitor = await known(bearer(request));
    const { delivered, read } = parse(receipts, request.body);
    await chat.receipts(visitor, delivered, 'delivered');
    await chat.receipts(visitor, read, 'read');
    return {};
  });

  server.post('/widget/api/typing', limit(perMinute * 2), async (request) => {
    sameOrigin(request);
    const visitor = await known(bearer(request));
    const ticket = await chat.ticketOf(visitor);
    if (ticket) viewing.visitorWrites(ticket.id, { id: visitor.id, name: visitor.name ?? 'Khách' });
    return {};
  });

  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // As it comes, so that a file never lies in memory.
    scope.addContentTypeParser('application/octet-stream', (_request, body, done) => done(null, body));
    scope.put(
      '/widget/api/files/:id',
      { ...limit(perMinute), bodyLimit: widgetLimits.fileBytes + 1024 },
      async (request, reply): Promise<PublicFile> => {
        sameOrigin(request);
        const visitor = await known(bearer(request));
        const { name } = parse(fileQuery, request.query);
        const body = request.body instanceof Readable ? request.body : Readable.from([]);
        const taken = await visitorFiles.take(visitor, { given: parse(idParameter, request.params).id, name, address: request.ip }, body);
        if (taken === 'TOO_LARGE') throw new HttpError(413, 'TOO_LARGE', 'body', `A file has ${widgetLimits.fileBytes} bytes at most.`);
        if (taken === 'EMPTY') throw new HttpError(422, 'INVALID', 'body', 'The file is empty.');
        if (taken === 'TOO_MANY') {
          void reply.header('retry-after', '600');
          throw new HttpError(429, 'TOO_MANY_REQUESTS', 'files', 'Too many files were sent from here. Try again later.');
        }
        return { id: taken.id, name: taken.name, size: taken.size, picture: taken.type.startsWith('image/') };
      },
    );
  });

  server.get('/widget/api/files/:id', limit(perMinute * 10), async (request, reply) => {
    const visitor = await known(bearer(request));
    const fileId = parse(idParameter, request.params).id;
    const file = await chat.file(visitor, fileId);
    if (!file || !(await store.has(fileId))) throw new HttpError(404, 'NOT_FOUND', 'id', 'There is no such file.');
    return reply
      .type(kindOf(await store.head(fileId, kindBytes)))
      .header('content-disposition', disposition(file.name))
      .header('content-security-policy', "default-src 'none'; sandbox")
      .header('cache-control', 'private, max-age=86400')
      .header('content-length', file.size)
      .send(store.read(fileId, 0, Math.max(0, file.size - 1)));
  });

  server.get('/widget/api/events', limit(perMinute * 2), async (request, reply) => {
    const { token } = parse(eventsQuery, request.query);
    const visitor = await known(token);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    raw.write('retry: 1000\n\nevent: open\ndata: {}\n\n');
    const tell = (event: string, data: object) => raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const leave = chat.listen(visitor, {
      message: (message) => tell('message', message),
      typing: (who) => tell('typing', who),
      end: () => {
        stop();
        raw.end();
      },
    });
    const keepAlive = setInterval(() => {
      raw.write(': \n\n');
      seen(visitor);
    }, keepAliveMs);
    const stop = () => {
      clearInterval(keepAlive);
      leave();
    };
    seen(visitor);
    raw.on('close', () => {
      stop();
      if (!chat.isHeard(visitor)) seen(visitor, false);
    });
  });
}

/** The frame is served by the hub itself; no other page has business with these endpoints. */
function sameOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (origin !== undefined && URL.parse(origin)?.host !== host) throw new HttpError(403, 'FORBIDDEN', 'origin');
}
