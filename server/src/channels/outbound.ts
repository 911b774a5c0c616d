/** What goes out through channels, in one form for all of them: a message is cut into parts, and each is handed to the vendor once. */
import type { Readable } from 'node:stream';

/** Why the vendor will never take it as it is. Shown to the agent with what can be done. */
export const failures = [
  /** too long ago that the customer wrote */
  'WINDOW_CLOSED',
  /** has blocked us, or is gone */
  'RECIPIENT_UNREACHABLE',
  'TOO_LONG',
  'FILE_NOT_ALLOWED',
  /** the vendor takes no such thing; `reason` has its words */
  'NOT_ALLOWED',
  'QUOTA_USED_UP',
  /** nobody of this customer can be reached on this channel */
  'NO_RECIPIENT',
  /** a mail server on the way has given it back */
  'BOUNCED',
] as const;
export type Failure = (typeof failures)[number];

/** What became of a try. `reason`: the vendor's own words, for whoever looks into it. */
export type Outcome =
  /** `id`: the vendor's */
  | { state: 'sent'; id: string }
  /** nothing was taken. `afterMs`: not before; null: by our own steps. `everyone`: what else waits for this channel waits too */
  | { state: 'later'; afterMs: number | null; everyone: boolean; reason: string }
  | { state: 'failed'; code: Failure; reason: string }
  /** the vendor may have taken it: never repeated without evidence or somebody's word */
  | { state: 'unknown'; reason: string }
  /** nothing goes out until somebody mends the channel; nothing was taken */
  | { state: 'attention'; code: 'SIGN_IN_AGAIN' | 'SETTINGS'; reason: string };

export interface OutgoingFile {
  id: string;
  /** without any folder */
  name: string;
  /** by its bytes, never by its name */
  type: string;
  /** bytes */
  size: number;
  open(): Readable;
}

/** What a vendor takes in one call. */
export type Piece = { kind: 'text'; text: string } | { kind: 'file'; file: OutgoingFile };

export interface Sending {
  /** our id of this part, the same at every try */
  outboundId: string;
  /** the customer, as the vendor knows them */
  to: string;
  piece: Piece;
  /** the message that it answers, by the vendor's id */
  replyTo: string | null;
  /** written by a person: some windows are open to them alone */
  byPerson: boolean;
  /** when the customer last wrote there, ms; null: never */
  lastInboundAt: number | null;
}
