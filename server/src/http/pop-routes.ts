/** Soft phones open this page when somebody calls; it hands the number to the console on the same machine. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { popLink, popNumber, popScheme } from '../../../src/shared/pop.ts';
import { HttpError, parse } from './server.ts';

const popQuery = z.object({ phone: z.string().min(1).max(60) });

export function popRoutes(server: FastifyInstance): void {
  server.get('/cti/pop', async (request, reply) => {
    // A plus that was not encoded is read as a space.
    const phone = popNumber(parse(popQuery, request.query).phone.replace(/^ /, '+'));
    if (phone === null) throw new HttpError(400, 'BAD_REQUEST', 'phone', 'This is no phone number.');
    const link = popLink(phone);
    return reply
      .header('content-security-policy', `default-src 'none'; navigate-to ${popScheme}:; frame-ancestors 'none'`)
      .type('text/html; charset=utf-8')
      .send(
        `<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Trực</title><meta http-equiv="refresh" content="0; url=${link}"></head>` +
          `<body><p><a href="${link}">Mở ${phone} trong Trực · Open ${phone} in Trực</a></p></body></html>`,
      );
  });
}
