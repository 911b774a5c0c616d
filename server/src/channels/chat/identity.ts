/**
 * Who a visitor is, in the word of the shop's own server: a JWT (RFC 7519) signed with HMAC-SHA256. No other algorithm is looked at,
 * whatever the token says of itself. Source: channels reference, 5.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { normalisePhone } from '../../../../src/shared/phone.ts';
import { cleanText } from '../inbound.ts';

export interface Vouched {
  /** by the shop's own name for them */
  userId: string;
  name: string | null;
  /** lower case */
  email: string | null;
  /** E.164 */
  phone: string | null;
}

/** ms by which the shop's clock may be off */
const leewayMs = 60_000;
const longestMs = 24 * 3_600_000;

const seconds = z.number().finite();
// Whoever understands no extension has to refuse a token that insists on one (RFC 7515, 4.1.11).
const header = z.object({ alg: z.literal('HS256'), kid: z.string().max(100).optional(), crit: z.undefined().optional() });
const claims = z.object({
  user_id: z.string().min(1).max(200),
  exp: seconds,
  nbf: seconds.optional(),
  iat: seconds.optional(),
  name: z.string().max(200).nullish(),
  email: z.email().max(320).nullish().catch(null),
  phone: z.string().max(40).nullish(),
});

/** By which a token may say which of two secrets it is signed with. */
export const keyId = (secret: string): string => createHash('sha256').update(secret).digest('base64url').slice(0, 8);

/** A text: why it is not believed. `now`: ms. */
export function readIdentity(token: string, secrets: readonly string[], now: number): Vouched | string {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]*$/.test(part))) return 'this is no JWT';
  const [head = '', body = '', signature = ''] = parts;
  const told = header.safeParse(jsonOf(head));
  if (!told.success) return 'signed with HS256 or not at all';
  const { kid } = told.data;
  const tried = secrets.filter((secret) => kid === undefined || keyId(secret) === kid);
  const given = Buffer.from(signature, 'base64url');
  const signed = tried.some((secret) => {
    const own = createHmac('sha256', secret).update(`${head}.${body}`).digest();
    return given.length === own.length && timingSafeEqual(given, own);
  });
  if (!signed) return 'the signature is not of this widget’s secret';
  const read = claims.safeParse(jsonOf(body));
  if (!read.success) return `claim ${read.error.issues[0]?.path.join('.') ?? ''}: ${read.error.issues[0]?.message ?? 'unreadable'}`;
  const { user_id: named, exp, nbf, iat, name, email, phone } = read.data;
  // Made fit to be kept, two names could become one.
  if (named.trim() !== named || cleanText(named) !== named || /\p{Cc}/u.test(named))
    return 'claim user_id has blanks around it, or letters that are none';
  if (exp * 1000 <= now - leewayMs) return 'it has expired';
  if (exp * 1000 > now + longestMs + leewayMs) return 'claim exp lies more than a day ahead';
  if ((nbf ?? 0) * 1000 > now + leewayMs || (iat ?? 0) * 1000 > now + leewayMs) return 'it is not valid yet';
  return {
    userId: named,
    name:
      cleanText(name ?? '')
        .replaceAll(/\s+/g, ' ')
        .trim() || null,
    email: email?.toLowerCase() ?? null,
    phone: phone ? normalisePhone(phone) : null,
  };
}

/** Null also where a member is there twice: two readers of it could take it for two things (RFC 7519, 4). */
function jsonOf(part: string): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
    const value: unknown = JSON.parse(text);
    return repeatsMember(text) ? null : value;
  } catch {
    return null;
  }
}

/** `text` is JSON. */
function repeatsMember(text: string): boolean {
  /** names of the members of every object that is open; of an array: null */
  const open: (Set<string> | null)[] = [];
  for (const [token, name] of text.matchAll(/("(?:[^"\\]|\\.)*")(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (name !== undefined) {
      const plain = String(JSON.parse(name));
      const names = open.at(-1);
      if (names?.has(plain)) return true;
      names?.add(plain);
    }
  }
  return false;
}
