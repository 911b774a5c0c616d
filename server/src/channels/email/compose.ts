/** A message of ours as a mail: the same headers at every try, so that whoever gets it twice can tell. */
import { Readable } from 'node:stream';
import Dkim from 'nodemailer/lib/dkim';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { OutgoingFile } from '../outbound.ts';
import type { MailAddress } from './mail.ts';

export interface DkimKey {
  domain: string;
  selector: string;
  /** PEM */
  privateKey: string;
}

export interface OutgoingMail {
  /** without brackets, drawn when the message was made: `out-<id>@domain` */
  messageId: string;
  from: MailAddress;
  to: MailAddress[];
  cc: MailAddress[];
  /** where answers go: the signed plus-address; null: to `from` */
  replyTo: string | null;
  /** who hears of failures: the signed VERP address; null: nobody (`<>`) */
  bounces: string | null;
  subject: string;
  text: string;
  files: OutgoingFile[];
  /** without brackets; null: it answers no mail that has an id of its own */
  inReplyTo: string | null;
  /** oldest first, without brackets */
  references: string[];
  /** no person wrote it: then it asks for no answer from other machines either */
  automatic: boolean;
  /** our own domain, by which we know our mail when it comes back */
  loopDomain: string;
  /** ms */
  date: number;
  dkim: DkimKey | null;
}

export interface ComposedMail {
  messageId: string;
  envelope: { from: string | false; to: string[] };
  /** The bytes, from the beginning; for one try. Files are opened as they are reached. */
  open(): Readable;
}

const keptReferences = 20;

export function composeMail(mail: OutgoingMail): ComposedMail {
  return {
    messageId: mail.messageId,
    envelope: { from: mail.bounces ?? false, to: [...mail.to, ...mail.cc].map(({ address }) => address) },
    open() {
      const message = new MailComposer({
        messageId: bracketed(mail.messageId),
        date: new Date(mail.date),
        from: named(mail.from),
        to: mail.to.map(named),
        cc: mail.cc.map(named),
        ...(mail.replyTo === null ? {} : { replyTo: mail.replyTo }),
        subject: mail.subject,
        ...(mail.inReplyTo === null || !isId(mail.inReplyTo) ? {} : { inReplyTo: bracketed(mail.inReplyTo) }),
        references: referencesOf(mail).map(bracketed),
        headers: {
          'X-CS-Loop': mail.loopDomain,
          ...(mail.automatic ? { 'Auto-Submitted': 'auto-replied', Precedence: 'bulk', 'X-Auto-Response-Suppress': 'All' } : {}),
        },
        text: mail.text,
        html: htmlOf(mail.text),
        attachments: mail.files.map((file) => ({ filename: file.name, contentType: file.type, content: lazily(() => file.open()) })),
        // Nothing that somebody wrote can make the hub read a file of its own or ask another server.
        disableFileAccess: true,
        disableUrlAccess: true,
      }).compile();
      const bytes = message.createReadStream();
      if (!mail.dkim) return bytes;
      const { domain, selector, privateKey } = mail.dkim;
      return new Dkim({ domainName: domain, keySelector: selector, privateKey }).sign(bytes);
    },
  };
}

/** A stream that is begun when somebody reads it. */
export function lazily(open: () => Readable, seen: { began(): void; ended(): void } | null = null): Readable {
  const bytes = async function* () {
    seen?.began();
    for await (const chunk of open()) yield chunk as Buffer;
    seen?.ended();
  };
  return Readable.from(bytes(), { objectMode: false });
}

/** The first one keeps the thread together, the last ones say where it is. */
function referencesOf({ references, inReplyTo }: OutgoingMail): string[] {
  const all = references.filter((id) => id !== inReplyTo && isId(id));
  if (inReplyTo !== null && isId(inReplyTo)) all.push(inReplyTo);
  return all.length <= keptReferences + 1 ? all : [...all.slice(0, 1), ...all.slice(-keptReferences)];
}

const isId = (id: string) => /^[!-;=?-~]{1,900}$/.test(id);
const bracketed = (id: string) => `<${id}>`;
const named = ({ address, name }: MailAddress) => ({ address, name: name ?? '' });

function htmlOf(text: string): string {
  const paragraphs = text
    .replaceAll(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escaped(paragraph).replaceAll('\n', '<br>\n')}</p>`);
  return `<!DOCTYPE html>\n<html><body>\n${paragraphs.join('\n')}\n</body></html>\n`;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
