/** A mail as it was read: what every later step works with. Sources of the rules: channels reference, 4. */

export interface MailAddress {
  /** in lower case */
  address: string;
  /** as they call themselves; null: not told */
  name: string | null;
}

/** What was not as it should be. The mail is kept all the same, and so is its raw form. */
export const mailWarnings = [
  /** bytes that its charset or transfer encoding does not know */
  'decode',
  /** the charset was not told, or told wrong, and was guessed */
  'charset-guessed',
  /** it ended too early, or was so long that the rest was left out */
  'truncated',
  /** more parts than are read; those that came first are here */
  'too-many-parts',
  'too-many-files',
  'file-too-large',
  /** its HTML was too large, or could not be made safe */
  'html-dropped',
  /** winmail.dat: kept as a file, not unpacked */
  'tnef',
  'no-message-id',
  /** the only content is in a form that is not opened here */
  'encrypted',
] as const;
export type MailWarning = (typeof mailWarnings)[number];

export interface MailFile {
  /** as the sink calls it; null: not kept, see `warning` */
  id: string | null;
  /** without any folder, fit to be shown */
  name: string;
  /** by its bytes, never by its name */
  type: string;
  /** bytes, also of one that was not kept */
  size: number;
  sha256: string;
  /** what `cid:` in the HTML speaks of, without brackets */
  contentId: string | null;
  /** meant to be shown within the text */
  inline: boolean;
  warning: 'too-large' | 'truncated' | 'damaged' | 'tnef' | null;
}

export type AutomaticReason =
  | 'auto-submitted'
  | 'precedence'
  | 'loop'
  | 'response-suppress'
  | 'list'
  | 'null-return-path'
  | 'autoreply'
  | 'exchange'
  | 'sender'
  | 'report';

export interface BouncedRecipient {
  address: string | null;
  action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  /** x.y.z of RFC 3463; 4.x.x passes */
  status: string | null;
  diagnostic: string | null;
}

export interface Bounce {
  recipients: BouncedRecipient[];
  /** of the mail that it speaks of, without brackets; null: look at `deliveredTo` for a VERP address */
  originalMessageId: string | null;
}

export interface CalendarEvent {
  method: string | null;
  uid: string | null;
  summary: string | null;
  /** as written: 20261111T190000Z, 20261111T190000 (with `zone`) or 20261111 */
  start: string | null;
  zone: string | null;
}

export interface Mail {
  /** without brackets; made up of the content where the mail has none */
  messageId: string;
  synthetic: boolean;
  /** of everything that its sender wrote: same id and another hash is another mail */
  contentHash: string;
  inReplyTo: string | null;
  /** oldest first, without brackets */
  references: string[];
  from: MailAddress | null;
  replyTo: MailAddress[];
  to: MailAddress[];
  cc: MailAddress[];
  /** every address that it was handed over to, as far as headers tell: plus-addresses and VERP are found here */
  deliveredTo: string[];
  subject: string;
  /** ms, by the sender's clock */
  date: number | null;
  /** NFC, lines end in \n */
  text: string;
  /** index in `text` where what was quoted begins; null: show everything */
  quotedFrom: number | null;
  /** safe to be shown in a sandboxed frame; null: there is none */
  html: string | null;
  files: MailFile[];
  warnings: MailWarning[];
  /** null: written by a person. Not answered, reopens nothing, starts no clock */
  automatic: AutomaticReason | null;
  bounce: Bounce | null;
  /** our own mail come back: by the loop header, or by a Message-ID of the form that we give */
  loop: 'header' | 'message-id' | null;
  /** signatures are never checked */
  smime: 'signed' | 'opaque' | 'encrypted' | null;
  events: CalendarEvent[];
}

/** What can't be read at all. Whoever gets it keeps the raw mail and goes on with the next. */
export class MailUnreadable extends Error {}

export interface MailLimits {
  /** bytes of one file; a larger one is left out and named */
  fileBytes: number;
  files: number;
  /** bytes of text in one mail, and of HTML; more is cut off */
  textBytes: number;
  htmlBytes: number;
  parts: number;
  /** bytes of the headers of one part */
  headerBytes: number;
}
