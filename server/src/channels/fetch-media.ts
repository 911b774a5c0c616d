/**
 * Fetches what a vendor's event points to. Whoever writes to us chooses that address, so nothing but the public internet is asked: every
 * address is checked, and the one that was checked is the one that is connected to. Source: channels reference, 0.8.
 */
import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

export type MediaFault =
  /** not an address that may be asked */
  | 'BLOCKED'
  | 'TOO_LARGE'
  | 'TIMEOUT'
  /** the server answers with something else than the file */
  | 'HTTP'
  | 'NETWORK';

/** Its text names the host, never the rest of an address: that is what lets one in. */
export class MediaError extends Error {
  readonly code: MediaFault;
  /** whether it may work at another time */
  readonly again: boolean;

  constructor(code: MediaFault, text: string, again: boolean) {
    super(text);
    this.code = code;
    this.again = again;
  }
}

export interface Address {
  address: string;
  family: 4 | 6;
}

export interface MediaNeeds {
  /** bytes */
  most: number;
  /** ms, all in all */
  timeoutMs: number;
  /** 3, where nothing is said */
  redirects?: number;
  /** `host:port` that may be asked wherever they lie */
  allowHosts?: ReadonlySet<string>;
  /** every address of a name; rejects when there is none */
  resolve?: (host: string) => Promise<Address[]>;
}

export interface Fetched {
  bytes: number;
  /** as the server says; not to be trusted */
  type: string | null;
}

/**
 * The bytes go to `write` as they come, and as they are: nothing is unpacked. The next ones are asked for when it has taken them.
 * @throws MediaError, or whatever `write` throws
 */
export async function fetchMedia(address: string, write: (piece: Uint8Array) => Promise<void>, needs: MediaNeeds): Promise<Fetched> {
  const { most, timeoutMs, redirects = 3 } = needs;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  try {
    let url = parseAddress(address);
    for (let hop = 0; hop <= redirects; hop++) {
      const response = await ask(url, needs, deadline.signal);
      try {
        const { location } = response.headers;
        if (!moved.has(response.statusCode ?? 0) || location === undefined) return await take(url, response, write, most, deadline.signal);
        url = parseAddress(location, url);
      } finally {
        response.destroy();
      }
    }
    throw new MediaError('HTTP', `more than ${redirects} redirects`, false);
  } catch (error) {
    // Whatever broke because of it.
    if (deadline.signal.aborted && error instanceof MediaError && error.code === 'NETWORK') {
      throw new MediaError('TIMEOUT', `not fetched within ${timeoutMs} ms`, true);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const moved: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Only what can be fetched, and without a name and password that would go along. */
export function parseAddress(address: string, base?: URL): URL {
  if (!URL.canParse(address, base?.href)) throw new MediaError('BLOCKED', 'not an address', false);
  const url = new URL(address, base?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new MediaError('BLOCKED', `nothing is fetched by ${url.protocol}`, false);
  if (url.username !== '' || url.password !== '') throw new MediaError('BLOCKED', 'an address with a password', false);
  return url;
}

/** The answer to one request, its body not yet read. */
async function ask(url: URL, needs: MediaNeeds, signal: AbortSignal): Promise<IncomingMessage> {
  const addresses = await addressesOf(url, needs, signal);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // The name is not looked up again: it may have another address by now.
  const checked: LookupFunction = (_host, options, done) => {
    if (options.all) done(null, addresses);
    else done(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
  const secure = url.protocol === 'https:';
  const request = (secure ? tlsRequest : plainRequest)(url, {
    agent: false,
    lookup: checked,
    signal,
    headers: { accept: '*/*', 'accept-encoding': 'identity' },
  });
  request.once('response', (response) => {
    // Else a body that goes on until the line is closed would end well when the line breaks.
    request.on('error', (error) => response.destroy(error));
    response.on('error', () => undefined);
    resolve(response);
  });
  request.on('error', (error) => reject(new MediaError('NETWORK', `${url.host}: ${codeOf(error)}`, true)));
  request.end();
  return promise;
}

/** Those of the host, all of them public. */
export async function addressesOf(
  url: URL,
  { allowHosts, resolve = resolveName }: Pick<MediaNeeds, 'allowHosts' | 'resolve'>,
  signal: AbortSignal,
): Promise<Address[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const allowed = allowHosts?.has(`${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`) === true;
  let addresses: Address[];
  // A number is connected to without being looked up; the URL's parser has brought all ways of writing it to one.
  if (ipaddr.isValid(host)) addresses = [{ address: host, family: host.includes(':') ? 6 : 4 }];
  else {
    try {
      addresses = await Promise.race([resolve(host), aborted(signal)]);
    } catch (error) {
      throw new MediaError('NETWORK', `${url.host}: ${codeOf(error)}`, true);
    }
  }
  if (addresses.length === 0) throw new MediaError('NETWORK', `${url.host} has no address`, true);
  // One that is not public is enough: such a name is made for it.
  if (!allowed && !addresses.every(({ address }) => isPublic(address))) {
    throw new MediaError('BLOCKED', `${url.host} is not on the public internet`, false);
  }
  return addresses;
}

async function resolveName(host: string): Promise<Address[]> {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

const global = ipaddr.IPv6.parseCIDR('2000::/3');

/** Whether it is one of the internet's own, by the registries of special addresses: nobody's network, machine, group or tunnel. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // An address of the fourth version within one of the sixth counts as what it is.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(global);
}

async function take(
  url: URL,
  response: IncomingMessage,
  write: (piece: Uint8Array) => Promise<void>,
  most: number,
  signal: AbortSignal,
): Promise<Fetched> {
  const status = response.statusCode ?? 0;
  if (status !== 200) throw new MediaError('HTTP', `${url.host} answers ${status}`, status === 408 || status === 429 || status >= 500);
  const tooLarge = () => new MediaError('TOO_LARGE', `more than ${most} bytes`, false);
  if (Number(response.headers['content-length'] ?? 0) > most) throw tooLarge();
  const pieces = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let bytes = 0;
  for (;;) {
    // Only what the line does is the line's fault.
    const next = await pieces.next().catch((error: unknown) => {
      throw new MediaError('NETWORK', `${url.host}: ${codeOf(error)}`, true);
    });
    // A body of which nobody said how long it is ends without a fault when we cut it off.
    if (next.done && (signal.aborted || !response.complete)) throw new MediaError('NETWORK', `${url.host}: it ended too early`, true);
    if (next.done) return { bytes, type: response.headers['content-type']?.slice(0, 200) ?? null };
    bytes += next.value.length;
    if (bytes > most) throw tooLarge();
    await write(next.value);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = () => reject(new Error('aborted'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'the connection broke';
}
