/** `truc://app/`: the only origin that windows have. Serves the bundled renderer, GET only, with its policy. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { net, protocol } from 'electron';
import { appFile, commonHeaders, contentSecurityPolicy, contentType, noncePlaceholder } from './security.ts';

/** Before the app is ready. */
export function declareSchemes(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'truc', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    { scheme: 'truc-mail', privileges: { standard: true, secure: true } },
  ]);
}

/**
 * @param root folder of the bundled renderer
 * @param devServer in development: the page comes from there, under our origin
 */
export function serveApp(root: string, devServer: string | null): void {
  protocol.handle('truc', async (request) => {
    if (request.method !== 'GET') return refuse(405);
    const file = appFile(request.url, root);
    const type = file && contentType(file);
    if (devServer) return fromDevServer(request.url, devServer);
    if (!file || !type) return refuse(404);
    let body: Buffer;
    try {
      body = await readFile(file);
    } catch {
      return refuse(404);
    }
    if (!file.endsWith('.html')) return new Response(new Uint8Array(body), { headers: { ...commonHeaders(), 'Content-Type': type } });
    return page(body.toString(), null);
  });
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: commonHeaders() });
}

function page(html: string, devServer: string | null): Response {
  const nonce = randomBytes(16).toString('base64');
  return new Response(html.replaceAll(noncePlaceholder, nonce), {
    headers: {
      ...commonHeaders(),
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': contentSecurityPolicy(nonce, devServer),
    },
  });
}

async function fromDevServer(url: string, devServer: string): Promise<Response> {
  const { pathname, search } = new URL(url);
  const answer = await net.fetch(new URL(pathname + search, devServer).href);
  if (!answer.headers.get('content-type')?.startsWith('text/html')) return answer;
  return page(await answer.text(), devServer);
}
