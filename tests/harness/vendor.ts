/** What the stand-ins for vendors have in common: an HTTP server that misbehaves on demand, and webhooks that are told again. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Draw } from './draw.ts';

export const faultKinds = [
  /** HTTP 500 with the vendor's words, before anything is done */
  'error',
  /** HTTP 502 with a page of some gateway, before anything is done */
  'gateway',
  /** the connection is dropped before anything is done */
  'cut',
  /** no answer until the stand-in is closed, and nothing is done */
  'hang',
  /** it is done, and the connection dropped before the answer */
  'drop',
  /** it is done, and answered with something that is no JSON */
  'garbage',
  /** it is done, and answered with far too much */
  'huge',
  /** it is done, and the answer comes later */
  'slow',
  /** it is done, and there is no answer until the stand-in is closed */
  'stuck',
  /** refused, as too many */
  'rate',
  /** refused, as by a token that is none */
  'token',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What goes wrong with one kind of request: what has been asked for first, then chance. */
export class Faults {
  /** how often each has come to pass */
  readonly happened: Partial<Record<FaultKind, number>> = {};
  /** ms of `slow` */
  slowMs = 200;
  readonly #draw: Draw;
  readonly #next: FaultKind[] = [];
  #chances: Partial<Record<FaultKind, number>> = {};

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  /** The next requests meet it. */
  next(kind: FaultKind, times = 1): void {
    for (let count = 0; count < times; count++) this.#next.push(kind);
  }

  /** From now on, by chance; `{}`: no more. */
  byChance(chances: Partial<Record<FaultKind, number>>): void {
    this.#chances = chances;
  }

  take(): FaultKind | null {
    let found = this.#next.shift();
    for (const kind of faultKinds) {
      // Drawn for each, so that a chance that is changed leaves the others as they are.
      const hit = this.#draw.chance(this.#chances[kind] ?? 0);
      found ??= hit ? kind : undefined;
    }
    if (found) this.happened[found] = (this.happened[found] ?? 0) + 1;
    return found ?? null;
  }
}

export interface Answered {
  status?: number;
  json: unknown;
}

/** What a handler is given of a request. */
export interface Asked {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Says what is to be said, or does what the fault is. */
export type Say = (answered: Answered, fault?: FaultKind | null, slowMs?: number) => void;
export type Handle = (asked: Asked, answer: Say, raw: ServerResponse) => Promise<void>;

/** Faults of the answer alone: what was asked for is done. */
export const done: ReadonlySet<FaultKind> = new Set(['drop', 'garbage', 'huge', 'slow', 'stuck']);

export class VendorServer {
  readonly requests: { method: string; path: string; at: number }[] = [];
  readonly #server: Server;
  readonly #late = new Set<NodeJS.Timeout>();

  private constructor(handle: Handle) {
    this.#server = createServer((request, response) => {
      void readAll(request).then(
        async (body) => {
          const url = new URL(request.url ?? '/', 'http://vendor.invalid');
          this.requests.push({ method: request.method ?? '', path: url.pathname, at: Date.now() });
          const answer = (answered: Answered, fault: FaultKind | null = null, slowMs = 0) =>
            this.#answer(response, answered, fault, slowMs);
          try {
            await handle({ method: request.method ?? 'GET', url, headers: request.headers, body }, answer, response);
          } catch (error) {
            console.error('a stand-in failed', error);
            response.destroy();
          }
        },
        () => response.destroy(),
      );
    });
  }

  static async listen(handle: Handle): Promise<VendorServer> {
    const vendor = new VendorServer(handle);
    await new Promise<void>((resolve, reject) => vendor.#server.once('error', reject).listen(0, '127.0.0.1', resolve));
    return vendor;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  async close(): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(response: ServerResponse, { status = 200, json }: Answered, fault: FaultKind | null, slowMs: number): void {
    const text = JSON.stringify(json);
    const say = () => response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    switch (fault) {
      case 'cut':
      case 'drop':
        response.socket?.resetAndDestroy();
        return;
      case 'gateway':
        response.writeHead(502, { 'content-type': 'text/html' }).end('<html><h1>502 Bad Gateway</h1></html>');
        return;
      case 'garbage':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>OK</html>');
        return;
      case 'huge':
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"filler":"');
        for (let part = 0; part < 64; part++) response.write('x'.repeat(64 * 1024));
        response.end(`",${text.slice(1)}`);
        return;
      case 'hang':
      case 'stuck':
        return;
      case 'slow': {
        const timer = setTimeout(() => {
          this.#late.delete(timer);
          say();
        }, slowMs);
        this.#late.add(timer);
        return;
      }
      default:
        say();
    }
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

export interface HookSettings {
  /** of the body as it is sent, and of what it says */
  sign(raw: Buffer, retry: number): Record<string, string>;
  /** ms before each further try; after the last one it is given up */
  retryMs: number[];
  timeoutMs: number;
  /** whether the vendor tells nothing more once it has given one up, until somebody switches it on again (`to`) */
  offWhenGivenUp: boolean;
  draw: Draw;
}

/** Webhooks to a hub: in order for each person, told again when they are not answered with 200, sometimes twice though they are. */
export class Hooks {
  /** every try */
  readonly tries: { raw: Buffer; retry: number; status: number | null }[] = [];
  readonly givenUp: Buffer[] = [];
  /** how likely one that was taken is told once more */
  twice = 0;
  readonly #settings: HookSettings;
  readonly #threads = new Map<string, Promise<void>>();
  readonly #open = new Set<Promise<void>>();
  readonly #closed = new AbortController();
  #url: string | null = null;

  constructor(settings: HookSettings) {
    this.#settings = settings;
  }

  /** Where they go from now on; null: nowhere, they are lost. */
  to(url: string | null): void {
    this.#url = url;
  }

  /** Resolves when it was tried for the first time; the next one of this person does not overtake that. */
  send(thread: string, raw: Buffer): Promise<void> {
    const first = (this.#threads.get(thread) ?? Promise.resolve()).then(async () => {
      if (this.#url === null || this.#closed.signal.aborted) return;
      if (!(await this.#try(raw, 0))) this.#track(this.#again(raw));
      else if (this.#settings.draw.chance(this.twice)) this.#track(this.#try(raw, 0).then(() => undefined));
    });
    this.#threads.set(thread, first);
    this.#track(first);
    return first;
  }

  /** Resolves when everything has been taken or given up. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.idle();
  }

  #track(one: Promise<void>): void {
    const open = one.finally(() => this.#open.delete(open));
    this.#open.add(open);
  }

  async #again(raw: Buffer): Promise<void> {
    for (const [index, ms] of this.#settings.retryMs.entries()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#closed.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
      });
      if (this.#closed.signal.aborted) return;
      if (await this.#try(raw, index + 1)) return;
    }
    this.givenUp.push(raw);
    if (this.#settings.offWhenGivenUp) this.#url = null;
  }

  async #try(raw: Buffer, retry: number): Promise<boolean> {
    let status: number | null = null;
    try {
      const answer = await fetch(this.#url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...this.#settings.sign(raw, retry) },
        body: new Uint8Array(raw),
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(this.#settings.timeoutMs), this.#closed.signal]),
      });
      status = answer.status;
      await answer.arrayBuffer();
    } catch {
      // No answer, or none in time.
    }
    this.tries.push({ raw, retry, status });
    return status === 200;
  }
}
