/** Routes whose bodies stay the bytes that came, so that a signature over them can be checked. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { unstorable } from '../channels/api/receive.ts';
import { parseJson, Unreadable } from '../channels/inbound.ts';
import { HttpError, parse } from './server.ts';

/** A scope of its own, in which every body is a buffer. `most`: bytes. */
export async function rawRoutes(server: FastifyInstance, most: number, routes: (scope: FastifyInstance) => void): Promise<void> {
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: most }, (_request, body, done) => done(null, body));
    routes(scope);
  });
}

export const bytesOf = (request: FastifyRequest): Buffer => (Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));

/** The body by its schema, or 400 that names the field. */
export function parseBody<S extends z.ZodType>(schema: S, body: Buffer): z.infer<S> {
  let json: unknown;
  try {
    json = parseJson(body);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new HttpError(400, 'BAD_REQUEST', '', `The body can not be read: ${error.message}`);
  }
  const field = unstorable(json);
  if (field !== null) throw new HttpError(400, 'BAD_REQUEST', field, 'Text with NUL or half a surrogate pair.');
  return parse(schema, json);
}
