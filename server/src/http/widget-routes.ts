/** The chat widget: its files, its frame, and its small API. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  type Conversation,
  eventsQuery,
  receipts,
  type SessionAnswer,
  sessionRequest,
  visitorMessage,
} from '../../../src/shared/widget.ts';
import type { Chat, Visitor } from '../channels/chat/chat.ts';
import { bearer, HttpError, parse } from './server.ts';

/** Built by widget/build.mjs, which whatever starts a hub runs first. */
const files = join(import.meta.dirname, '../../../widget/dist');
const keepAliveMs = 20_000;

export function widgetRoutes(
  server: FastifyInstance,
  chat: Chat,
  options: { workspaceName: () => Promise<string>; visitorLimit: number; demo: boolean },
): void {
  const serve = (path: string, file: string, type: string, csp: string) =>
    server.get(path, async (_request, reply) => {
      const body = await readFile(join(files, file)).catch(() => {
        throw new HttpError(503, 'NOT_BUILT', undefined, 'The widget is not built: run "node widget/build.mjs".');
      });
      return reply.header('content-security-policy', csp).header('cache-control', 'public, max-age=300').type(type).send(body);
    });
  const frameCsp =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *";
  serve('/widget.js', 'loader.js', 'text/javascript; charset=utf-8', "default-src 'none'");
  serve('/widget/chat.js', 'chat.js', 'text/javascript; charset=utf-8', "default-src 'none'");
  serve('/widget/chat.css', 'chat.css', 'text/css; charset=utf-8', "default-src 'none'");
  serve('/widget/frame', 'frame.html', 'text/html; charset=utf-8', frameCsp);
  if (options.demo) {
    const pageCsp =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; frame-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";
    serve('/widget/demo', 'demo.html', 'text/html; charset=utf-8', pageCsp);
    serve('/widget/demo.css', 'demo.css', 'text/css; charset=utf-8', "default-src 'none'");
  }

  const limit = (max: number) => ({
    config: {
      rateLimit: {
        max,
        timeWindow: 60_000,
        keyGenerator: (request: FastifyRequest) => `${request.ip} ${request.headers.authorization ?? ''}`,
      },
    },
  });

  server.post('/widget/api/session', limit(options.visitorLimit), async (request) => {
    sameOrigin(request);
    const { channel, token } = parse(sessionRequest, request.body);
    const opened = await chat.open(channel, token);
    if (!opened) throw new HttpError(404, 'NOT_FOUND', 'channel', 'There is no chat channel of this name.');
    const { visitor } = opened;
    return {
      token: opened.token,
      visitorId: visitor.id,
      workspace: await options.workspaceName(),
      name: visitor.name,
    } satisfies SessionAnswer;
  });

  server.post('/widget/api/messages', limit(options.visitorLimit), async (request) => {
    sameOrigin(request);
    const visitor = await known(chat, bearer(request));
    const message = parse(visitorMessage, request.body);
    const rejection = await chat.receive(visitor, message);
    if (rejection) throw new HttpError(422, rejection.code, rejection.field);
    return {};
  });

  server.get('/widget/api/messages', async (request) => {
    const visitor = await known(chat, bearer(request));
    return { messages: await chat.conversation(visitor.id) } satisfies Conversation;
  });

  server.post('/widget/api/receipts', async (request) => {
    sameOrigin(request);
    const visitor = await known(chat, bearer(request));
    const { delivered, read } = parse(receipts, request.body);
    await chat.receipts(visitor.id, delivered, 'delivered');
    await chat.receipts(visitor.id, read, 'read');
    return {};
  });

  server.get('/widget/api/events', async (request, reply) => {
    const { token } = parse(eventsQuery, request.query);
    const visitor = await known(chat, token);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    raw.write('retry: 1000\n\nevent: open\ndata: {}\n\n');
    const leave = chat.listen(visitor.id, (message) => raw.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`));
    const keepAlive = setInterval(() => raw.write(': \n\n'), keepAliveMs);
    raw.on('close', () => {
      clearInterval(keepAlive);
      leave();
    });
  });
}

async function known(chat: Chat, token: string): Promise<Visitor> {
  const visitor = await chat.visitor(token);
  if (!visitor) throw new HttpError(401, 'AUTH_EXPIRED', 'authorization', 'This chat session is not known: open a new one.');
  return visitor;
}

/** The frame is served by the hub itself; no other page has business with these endpoints. */
function sameOrigin(request: FastifyRequest): void {
  const origin = request.headers.origin;
  if (origin !== undefined && new URL(origin).host !== request.headers.host) throw new HttpError(403, 'FORBIDDEN', 'origin');
}
