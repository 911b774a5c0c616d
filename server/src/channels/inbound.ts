/** What channels tell the hub, in one form for all of them. Ids are the vendor's, and strings: they exceed 2^53. */
import { createHash } from 'node:crypto';
import type { IdentityKind } from '../../../src/shared/domain.ts';

/** Somebody as a channel knows them. */
export interface Person {
  kind: IdentityKind;
  value: string;
  /** as they call themselves there; null: not told */
  name: string | null;
}

/** A file that the vendor holds for a while, or something without bytes that is shown as a word (a place, a shared link). */
export interface Media {
  kind: 'image' | 'audio' | 'video' | 'file' | 'sticker' | 'location' | 'link';
  url: string | null;
  /** without any folder */
  name: string | null;
  /** bytes, as the sender says */
  size: number | null;
}

export type Inbound =
  | { type: 'message'; id: string; from: Person; text: string; media: Media[]; replyTo: string | null }
  /** our side said it: through us (`outbound`: the id we gave along) or elsewhere */
  | { type: 'echo'; id: string; to: Person; text: string; media: Media[]; outbound: string | null }
  /** of these messages of ours, or of all in the thread up to `until` (vendor's clock, ms) */
  | { type: 'receipt'; state: 'delivered' | 'read'; of: string[]; until: number | null; thread: Person | null }
  | { type: 'reaction'; of: string; emoji: string | null; from: Person }
  | { type: 'edit'; of: string; text: string; from: Person }
  | { type: 'unsend'; of: string; from: Person }
  | { type: 'follow'; from: Person; follows: boolean }
  /** a form that the customer filled in at the vendor's */
  | { type: 'details'; from: Person; name: string | null; phone: string | null; address: string | null }
  /** from a program that names its conversations; `phone`, `email`: as it says */
  | {
      type: 'api';
      id: string;
      from: Person;
      conversation: string;
      phone: string | null;
      email: string | null;
      text: string;
      media: Media[];
    }
  /** a try from the vendor's own dashboard */
  | { type: 'test' }
  /** a mail as it came, under this id in the file store: read when it is handled, so that a better reader may read it again */
  | { type: 'mail'; raw: string }
  /** `shown`: the customer said something, if nobody can tell what */
  | { type: 'unknown'; name: string; from: Person | null; shown: boolean };

/** One thing, cut out of a request that may bring many. */
export interface Item {
  /** what is told again has the same key; unique within its channel */
  key: string;
  /** what belongs to one of these is handled in the order in which it came */
  thread: string;
  /** the vendor's moment, ms; null: not told */
  at: number | null;
  event: Inbound;
}

/** A request that can't be read at all, whoever signed it. */
export class Unreadable extends Error {}

/** @throws Unreadable */
export function parseJson(body: Buffer): unknown {
  // Whatever walks through it later does so by calling itself.
  if (isDeeper(body, deepest)) throw new Unreadable(`it is nested deeper than ${deepest} levels`);
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new Unreadable('the body is not JSON');
  }
}

/** levels of arrays and objects; what vendors send has fewer than ten */
const deepest = 64;

function isDeeper(body: Buffer, most: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (quoted) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > most) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return false;
}

/** characters of a key or a thread; longer ones are known by their digest */
const longestKey = 200;

/**
 * The same in a form that the database keeps: it takes neither NUL nor halves of surrogate pairs, and no moment beyond its numbers. A
 * vendor would tell again for ever what can't be stored.
 */
export function storableItem({ key, thread, at, event }: Item): Item {
  const known = at !== null && Number.isSafeInteger(Math.round(at)) && at >= 0;
  return {
    key: short(cleanText(key)),
    thread: short(cleanText(thread)),
    at: known ? Math.round(at) : null,
    event: cleaned(event) as Inbound,
  };
}

const short = (text: string): string =>
  text.length <= longestKey ? text : `${text.slice(0, 40)}:${createHash('sha256').update(text).digest('base64url')}`;

/** What the database can't keep is taken out of what strangers send. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), cleaned(inner)]));
}
