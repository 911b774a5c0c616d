/**
 * A raw mail, read as far as can be. It streams: what lies in memory is the text, cut at a limit, and never a file. Bad mail is no
 * error: what could be read is here with a warning, and the raw mail is kept by whoever called. Sources: channels reference, 4.
 */
import mailsplit from '@zone-eu/mailsplit';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { limits as domainLimits } from '../../../../src/shared/domain.ts';
import { automaticBy, loopBy } from './automatic.ts';
import { readBounce } from './bounce.ts';
import { readCalendar } from './calendar.ts';
import { decodeText } from './charset.ts';
import { type FileSink, noFiles } from './files.ts';
import type { Headers } from './headers.ts';
import { type Mail, type MailAddress, type MailLimits, MailUnreadable } from './mail.ts';
import { type Part, PartReader } from './part.ts';
import { readWords } from './words.ts';

export interface ParseOptions {
  /** names the mailbox: two mailboxes may get the same mail */
  mailbox: string;
  files: FileSink;
  /** domains that our own mail goes out from */
  ownDomains: readonly string[];
  /** a charset that somebody chose, for everything that is text */
  readAs?: string | null;
  limits?: Partial<MailLimits>;
}

export const mailLimits: MailLimits = {
  fileBytes: domainLimits.attachmentBytes,
  files: 50,
  textBytes: 1024 * 1024,
  htmlBytes: 2 * 1024 * 1024,
  parts: 500,
  headerBytes: 512 * 1024,
};

/** `source`: a path or the bytes. @throws MailUnreadable, and what the disk or the file sink throws. */
export async function parseMail(source: string | Readable, options: ParseOptions): Promise<Mail> {
  const limits = { ...mailLimits, ...options.limits };
  const reader = new PartReader(limits, options.files, options.readAs ?? null);
  const cause = await readParts(source, limits, reader);
  const { root } = reader;
  if (!root) throw new MailUnreadable(cause ?? 'there are no headers');
  if (cause !== null) reader.warn(/child nodes/i.test(cause) ? 'too-many-parts' : 'truncated');
  const parts = await reader.finish();
  if (root.headers.isEmpty && reader.isEmpty) throw new MailUnreadable('there is nothing in it');
  return mailOf(root, parts, reader, options);
}

/** The same mail with its words read in another charset; files are left alone. @throws as `parseMail` */
export async function readAs(
  raw: string | Readable,
  charset: string,
  mailbox: string,
): Promise<Pick<Mail, 'subject' | 'text' | 'quotedFrom' | 'html' | 'from'>> {
  const { subject, text, quotedFrom, html, from } = await parseMail(raw, { mailbox, files: noFiles, ownDomains: [], readAs: charset });
  return { subject, text, quotedFrom, html, from };
}

/** Why it ended before its end, or null. */
async function readParts(source: string | Readable, limits: MailLimits, reader: PartReader): Promise<string | null> {
  const input = typeof source === 'string' ? createReadStream(source) : source;
  const splitter = new mailsplit.Splitter({ ignoreEmbedded: true, maxHeadSize: limits.headerBytes, maxChildNodes: limits.parts });
  let broken: Error | null = null;
  input.on('error', (error: Error) => {
    broken = error;
    splitter.destroy(error);
  });
  input.pipe(splitter);
  const pieces = splitter[Symbol.asyncIterator]();
  try {
    for (;;) {
      let next: Awaited<ReturnType<typeof pieces.next>>;
      try {
        next = await pieces.next();
      } catch (error) {
        // The disk's fault is not the mail's.
        if (broken !== null) throw broken;
        return error instanceof Error ? error.message : String(error);
      }
      if (next.done) return null;
      await reader.take(next.value);
    }
  } finally {
    input.destroy();
    splitter.destroy();
  }
}

function mailOf(root: Part, parts: Part[], reader: PartReader, options: ParseOptions): Mail {
  const { headers } = root;
  const words = readWords(parts, headers.text('subject'), options.readAs ?? null);
  for (const warning of words.warnings) reader.warn(warning);
  const [from = null] = [...headers.addresses('from'), ...headers.addresses('sender')];
  const reported = (kind: Part['kind']) => parts.find((part) => part.kind === kind)?.bytes ?? null;
  const ownDomains = options.ownDomains.map((domain) => domain.toLowerCase());
  const contentHash = hashOf(headers, parts);
  const [given] = headers.ids('message-id');
  if (given === undefined) reader.warn('no-message-id');
  // Two mailboxes may hold one mail; each has its own.
  const messageId = given ?? `sha256-${createHash('sha256').update(`${options.mailbox}\0${contentHash}`).digest('hex')}@synthetic.invalid`;
  const automatic = automaticBy(headers, root.type, from?.address ?? null);
  const bounce =
    automatic === null
      ? null
      : readBounce({
          type: root.type,
          from: from?.address ?? null,
          text: words.text,
          status: reported('status'),
          original: reported('returned'),
          ownDomains,
        });
  const smime = signatureOf(parts);
  if (smime === 'opaque' || smime === 'encrypted') reader.warn('encrypted');
  if (headers.warning) reader.warn(headers.warning);
  return {
    messageId,
    synthetic: given === undefined,
    contentHash,
    inReplyTo: headers.ids('in-reply-to')[0] ?? null,
    references: headers.ids('references'),
    from,
    replyTo: headers.addresses('reply-to'),
    to: headers.addresses('to'),
    cc: headers.addresses('cc'),
    deliveredTo: deliveredTo(headers),
    subject: headers.text('subject'),
    date: headers.date(),
    text: words.text,
    quotedFrom: words.quotedFrom,
    html: words.html,
    files: reader.files,
    warnings: reader.warnings,
    automatic,
    bounce,
    loop: loopBy(headers, messageId, ownDomains),
    smime,
    events: parts
      .filter((part) => part.kind === 'calendar')
      .flatMap((part) => readCalendar(decodeText(part.bytes, part.charset ?? 'utf-8').text)),
  };
}

/** Everything that its sender wrote, whatever servers on the way added; the same however it was cut into pieces. */
function hashOf(headers: Headers, parts: Part[]): string {
  const sum = createHash('sha256');
  for (const name of ['date', 'from', 'subject']) sum.update(`${headers.raw(name)[0] ?? ''}\0`);
  for (const part of parts) sum.update(`${part.type}\0${part.hash}\0`);
  return sum.digest('hex');
}

function deliveredTo(headers: Headers): string[] {
  const names = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'to', 'cc'];
  return [...new Set(names.flatMap((name) => headers.addresses(name).map((one: MailAddress) => one.address)))];
}

function signatureOf(parts: Part[]): Mail['smime'] {
  if (parts.some((part) => part.kind === 'signature')) return 'signed';
  const sealed = parts.find((part) => /^application\/(x-)?pkcs7-mime$/.test(part.type));
  if (!sealed) return null;
  return /smime-type\s*=\s*"?signed-data/i.test(sealed.headers.raw('content-type')[0] ?? '') ? 'opaque' : 'encrypted';
}
