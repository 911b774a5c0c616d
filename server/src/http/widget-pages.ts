/** The chat widget's own files: what a shop's page loads, and the frame in which the chat lives. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Visitors } from '../channels/chat/visitors.ts';
import { HttpError, parse } from './server.ts';

/** Built by widget/build.mjs, which whatever starts a hub runs first. */
const files = join(import.meta.dirname, '../../../widget/dist');
const frameQuery = z.object({
  channel: z
    .string()
    .regex(/^[\w.:-]{0,64}$/)
    .default(''),
});

export function widgetPages(server: FastifyInstance, visitors: Visitors, options: { demo: boolean }): void {
  const built = (file: string) =>
    readFile(join(files, file)).catch(() => {
      throw new HttpError(503, 'NOT_BUILT', undefined, 'The widget is not built: run "node widget/build.mjs".');
    });
  const serve = (path: string, file: string, type: string, policy = "default-src 'none'") =>
    server.get(path, async (_request, reply) => {
      const body = await built(file);
      return reply.header('content-security-policy', policy).header('cache-control', 'public, max-age=300').type(type).send(body);
    });
  serve('/widget.js', 'loader.js', 'text/javascript; charset=utf-8');
  serve('/widget/chat.js', 'chat.js', 'text/javascript; charset=utf-8');
  serve('/widget/chat.css', 'chat.css', 'text/css; charset=utf-8');
  server.get('/widget/frame', async (request, reply) => {
    const { channel } = parse(frameQuery, request.query);
    const { allowedDomains } = await visitors.settings(channel);
    // The demo's page is the hub's own.
    const ancestors = allowedDomains.length === 0 ? '*' : [...(options.demo ? ["'self'"] : []), ...allowedDomains].join(' ');
    return reply
      .header('content-security-policy', `${framePolicy}; frame-ancestors ${ancestors}`)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(await built('frame.html'));
  });
  if (!options.demo) return;
  serve(
    '/widget/demo',
    'demo.html',
    'text/html; charset=utf-8',
    "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'",
  );
  serve('/widget/demo.css', 'demo.css', 'text/css; charset=utf-8');
}

const framePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; form-action 'none'";
