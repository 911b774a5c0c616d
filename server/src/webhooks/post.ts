/**
 * Hands a body to an address that somebody has entered: to the public internet alone, at the address that was checked, and to nowhere
 * else that the answer may point to. Source: channels reference, 0.8 and 6.
 */
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { type Address, addressesOf, MediaError, parseAddress } from '../channels/fetch-media.ts';

export interface PostNeeds {
  /** ms, all in all */
  timeoutMs: number;
  /** `host:port` that may be asked wherever they lie */
  allowHosts: ReadonlySet<string>;
  /** every address of a name; rejects when there is none */
  resolve?: (host: string) => Promise<Address[]>;
}

export type Posted =
  /** `retryAfterMs`: how much patience it asks for; null: it says nothing. `body`: the first of what it says */
  | { state: 'answered'; status: number; retryAfterMs: number | null; body: string }
  /** `blocked`: not an address that may be asked; the other two may have had it */
  | { state: 'blocked' | 'timeout' | 'network'; reason: string };

/** bytes of an answer that are read */
const mostRead = 16 * 1024;
/** a receiver that wants more patience than a day is down */
const mostPatienceMs = 24 * 3_600_000;

/** Never throws; a redirect is an answer like others. */
export async function postWebhook(address: string, headers: Record<string, string>, body: string, needs: PostNeeds): Promise<Posted> {
  const signal = AbortSignal.timeout(needs.timeoutMs);
  try {
    const url = parseAddress(address);
    const addresses = await addressesOf(url, needs, signal);
    const response = await send(url, addresses, headers, body, signal);
    try {
      return {
        state: 'answered',
        status: response.statusCode ?? 0,
        retryAfterMs: patience(response.headers['retry-after']),
        body: await firstOf(response),
      };
    } finally {
      response.destroy();
    }
  } catch (error) {
    if (error instanceof MediaError && error.code === 'BLOCKED') return { state: 'blocked', reason: error.message };
    if (signal.aborted) return { state: 'timeout', reason: `no answer within ${needs.timeoutMs} ms` };
    return { state: 'network', reason: error instanceof MediaError ? error.message : codeOf(error) };
  }
}

function send(
  url: URL,
  addresses: Address[],
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // The name is not looked up again: it may have another address by now.
  const checked: LookupFunction = (_host, options, done) => {
    if (options.all) done(null, addresses);
    else done(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
  const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, {
    method: 'POST',
    agent: false,
    lookup: checked,
    signal,
    headers: { 'content-type': 'application/json', 'user-agent': 'Truc-Webhooks/1', 'content-length': Buffer.byteLength(body), ...headers },
  });
  request.once('response', (response) => {
    response.on('error', () => undefined);
    resolve(response);
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

/** What an answer says matters to nobody but whoever looks into it: a line that breaks in it is no failure. */
async function firstOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= mostRead) break;
    }
  } catch {
    // It has said its status.
  }
  return Buffer.concat(pieces).subarray(0, mostRead).toString('utf8');
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function patience(header: string | undefined): number | null {
  if (header === undefined) return null;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, mostPatienceMs) : null;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'the connection broke';
}
