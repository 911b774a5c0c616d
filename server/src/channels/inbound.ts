/** What channels tell the hub, in one form for all of them. Ids are the vendor's, and strings: they exceed 2^53. */
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
  /** a try from the vendor's own dashboard */
  | { type: 'test' }
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
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new Unreadable('the body is not JSON');
  }
}
