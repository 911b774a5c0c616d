/** A program that is told by webhooks, checks their signatures, and answers as it is asked to. It also hands out files. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signWebhook, verifyWebhook } from '../../server/src/webhooks/sign.ts';
import { secrets } from './samples.ts';

export interface Told {
  id: string;
  path: string;
  /** with the samples' secret */
  signed: boolean;
  headers: IncomingMessage['headers'];
  raw: Buffer;
  body: { type: string; timestamp: string; data: Record<string, unknown> };
}

export class Receiver {
  readonly told: Told[] = [];
  /** what the next requests get instead of 200; `hang`: no answer */
  readonly answers: ({ status: number; headers?: Record<string, string> } | 'hang' | 'cut')[] = [];
  readonly files = new Map<string, Buffer>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#take(request, response));
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Receiver(server);
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}/hook`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = this.files.get(request.url ?? '');
    if (request.method === 'GET') {
      response.writeHead(file ? 200 : 404).end(file);
      return;
    }
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const signed = verifyWebhook([secrets.standard_webhooks], request.headers, bytes, Date.now()).ok;
    this.told.push({
      id: String(request.headers['webhook-id']),
      path: request.url ?? '',
      signed,
      headers: request.headers,
      raw: bytes,
      body: JSON.parse(bytes.toString('utf8')) as Told['body'],
    });
    const answer = this.answers.shift() ?? { status: 200 };
    if (answer === 'hang') return;
    if (answer === 'cut') {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers).end('{}');
  }
}

/** Sends a body as a program of ours would, signed with the samples' secret. */
export function postSigned(
  url: string,
  body: string,
  id: string,
  { at = Date.now(), headers: more = {} }: { at?: number; headers?: Record<string, string> | undefined } = {},
): Promise<Response> {
  const headers = signWebhook([secrets.standard_webhooks], { id, at, body });
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers, ...more } });
}
