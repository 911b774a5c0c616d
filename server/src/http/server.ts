/** HTTP: one place for limits, errors and headers; routes are registered by what they serve. */
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Access, Sessions } from '../auth/sessions.ts';

/** An answer other than 2xx, with the form of `httpError`. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;
  constructor(status: number, code: string, field?: string, message = code) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export async function buildServer(log: Logger): Promise<FastifyInstance> {
  const server = Fastify({ logger: false, bodyLimit: 256 * 1024, requestTimeout: 30_000, forceCloseConnections: true });
  await server.register(rateLimit, { global: false });
  // No address of ours has it, and no database takes it.
  server.addHook('onRequest', async (request) => {
    if (/^[^?]*%00/.test(request.url)) throw new HttpError(400, 'BAD_REQUEST', 'url', 'An address has no NUL.');
  });
  server.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) => {
    if (error instanceof HttpError) {
      return send(reply, error.status, error.code, error.field, error.message);
    }
    const status = error.statusCode ?? 500;
    if (status === 429) return send(reply, 429, 'TOO_MANY_REQUESTS', undefined, 'Too many attempts: wait a moment and try again.');
    if (status === 413) return send(reply, 413, 'TOO_LARGE', undefined, 'The request is larger than 256 KiB.');
    if (status >= 400 && status < 500) return send(reply, status, 'BAD_REQUEST', undefined, 'The request can not be read.');
    log.error({ error }, 'request failed');
    return send(
      reply,
      503,
      'UNAVAILABLE',
      undefined,
      'The hub can not do this at the moment. Nothing was changed that was not confirmed; try again.',
    );
  });
  server.setNotFoundHandler((_request, reply) => send(reply, 404, 'NOT_FOUND', undefined, 'There is nothing at this address.'));
  server.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  });
  return server;
}

function send(reply: FastifyReply, status: number, code: string, field: string | undefined, message: string) {
  return reply.code(status).send({ code, ...(field === undefined ? {} : { field }), message });
}

/** At most so many requests a minute by one who is signed in. */
export function perMinute(max: number) {
  return { config: { rateLimit: { max, timeWindow: 60_000, keyGenerator: tokenKey } } };
}

function tokenKey(request: FastifyRequest): string {
  return `${request.ip} ${request.headers.authorization ?? ''}`;
}

/** Parses or answers 400, naming the field. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new HttpError(400, 'BAD_REQUEST', issue?.path.join('.') ?? '', issue?.message);
}

export function bearer(request: FastifyRequest): string {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme !== 'Bearer' || !token) throw new HttpError(401, 'AUTH_EXPIRED', 'authorization', 'Sign in first.');
  return token;
}

export async function authenticate(request: FastifyRequest, sessions: Sessions): Promise<Access> {
  const access = await sessions.verify(bearer(request));
  if (!access) throw new HttpError(401, 'AUTH_EXPIRED', 'authorization', 'The session has ended: sign in again.');
  return access;
}
