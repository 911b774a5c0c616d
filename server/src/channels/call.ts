/**
 * One request to a vendor, and how much of it the vendor may have when it fails. Every request has a connection of its own: on one that
 * was kept open a reset says nothing about whether the request was read, and such a message would have to be called lost.
 */
import { Agent as PlainAgent, type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { Outcome } from './outbound.ts';

/** `length`: bytes, exactly. Pieces are read while they are sent, so that no file lies in memory. */
export interface Body {
  type: string;
  length: number;
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface Request {
  method: 'GET' | 'POST';
  url: URL;
  headers?: Record<string, string>;
  body?: Body;
  /** ms, all in all */
  timeoutMs: number;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** as far as it came, `largestAnswer` bytes at most */
  text: string;
}

/** There is no answer. Its text names the host and what happened: no path, no query, no header, for those hold secrets. */
export class CallFailed extends Error {
  /** whether the vendor may have taken it: it had the whole request */
  readonly perhapsTaken: boolean;

  constructor(reason: string, perhapsTaken: boolean) {
    super(reason);
    this.perhapsTaken = perhapsTaken;
  }
}

/** @throws CallFailed. Redirects are not followed: they would take the secrets elsewhere. */
export type Call = (request: Request) => Promise<Answer>;

/** bytes; what vendors say takes a few hundred */
const largestAnswer = 64 * 1024;
/** ms until there is a connection */
const connectMs = 10_000;

const plain = new PlainAgent({ keepAlive: false });
// Without keeping connections it keeps TLS sessions, which is most of what a new connection costs.
const tls = new TlsAgent({ keepAlive: false });

export const callVendor: Call = async ({ method, url, headers = {}, body, timeoutMs }) => {
  const secure = url.protocol === 'https:';
  let connected = false;
  let wholly = body === undefined;
  let answered = false;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const fail = (error: unknown) => reject(new CallFailed(`${url.host}: ${nameOf(error)}`, connected && wholly));

  let request;
  try {
    request = (secure ? tlsRequest : plainRequest)(url, {
      method,
      agent: secure ? tls : plain,
      headers: { ...headers, ...(body && { 'content-type': body.type, 'content-length': body.length }) },
    });
  } catch (error) {
    // A header that can't be sent.
    throw new CallFailed(`${url.host}: ${nameOf(error)}`, false);
  }
  const sent = request;
  sent.once('socket', (socket) =>
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      connected = true;
      clearTimeout(connecting);
    }),
  );
  const connecting = setTimeout(() => sent.destroy(new Slow('no connection in time')), connectMs);
  const waiting = setTimeout(() => sent.destroy(new Slow('no answer in time')), timeoutMs);
  sent.on('error', (error) => {
    if (!answered) fail(error);
  });
  sent.once('response', (response) => {
    answered = true;
    void readAnswer(response).then((text) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      // What it has not said by now it need not say.
      sent.destroy();
    });
  });
  if (!body) sent.end();
  else {
    const all = async function* () {
      let left = body.length;
      for await (const piece of body.pieces) {
        left -= piece.length;
        // Before it is handed on: the vendor may have it sooner than we are told so.
        if (left <= 0) wholly = true;
        yield piece;
      }
    };
    pipeline(all, sent).catch((error: unknown) => {
      if (!answered) fail(error);
    });
  }
  try {
    return await promise;
  } finally {
    clearTimeout(connecting);
    clearTimeout(waiting);
  }
};

/** A deadline of ours has passed. */
class Slow extends Error {}

function nameOf(error: unknown): string {
  if (error instanceof Slow || error instanceof BodyFault) return error.message;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'the connection broke';
}

/** Never fails: a status without the rest says something, too. */
async function readAnswer(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size > largestAnswer) break;
    }
  } catch {
    // It broke off.
  }
  return Buffer.concat(pieces).toString('utf8').slice(0, largestAnswer);
}

/** What was to be sent could not be read, or is not as long as it was said to be. */
export class BodyFault extends Error {}

export function jsonBody(value: unknown): Body {
  const bytes = Buffer.from(JSON.stringify(value));
  return { type: 'application/json', length: bytes.length, pieces: [bytes] };
}

export function formBody(fields: Record<string, string>): Body {
  const bytes = Buffer.from(new URLSearchParams(fields).toString());
  return { type: 'application/x-www-form-urlencoded', length: bytes.length, pieces: [bytes] };
}

/** The value in JSON, or undefined. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A vendor's words, fit to be kept and shown: without what is secret (they quote what they were sent), 500 characters at most. */
export function withoutSecrets(text: string, secrets: readonly (string | null)[]): string {
  const known = secrets.flatMap((secret) => (secret ? [secret, encodeURIComponent(secret)] : []));
  return known.reduce((left, secret) => left.replaceAll(secret, '…'), text).slice(0, 500);
}

/** Of a message whose request got no answer. */
export function outcomeOfFailure(error: unknown): Outcome {
  if (!(error instanceof CallFailed)) throw error;
  return error.perhapsTaken
    ? { state: 'unknown', reason: error.message }
    : { state: 'later', afterMs: null, everyone: false, reason: error.message };
}

/** `Retry-After` in ms (RFC 9110, 10.2.3, in seconds; as a date no vendor here gives it), a day at most; null: not told. */
export function retryAfter(headers: IncomingHttpHeaders): number | null {
  const told = headers['retry-after'];
  return told !== undefined && /^\d{1,8}$/.test(told) ? Math.min(Number(told) * 1000, 86_400_000) : null;
}
