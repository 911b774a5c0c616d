/** What a mail server says became of a mail of ours: reports of RFC 3464, and those that are only words. */
import { isOwnId } from './automatic.ts';
import { Headers } from './headers.ts';
import type { Bounce, BouncedRecipient } from './mail.ts';

export interface Report {
  /** the content type of the whole mail */
  type: string;
  from: string | null;
  text: string;
  /** of message/delivery-status, as bytes */
  status: Buffer | null;
  /** the returned mail or its headers, its beginning at least */
  original: Buffer | null;
  /** our domains in lower case */
  ownDomains: readonly string[];
}

const actions = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;
const mostRecipients = 100;

/** Null: it speaks of no mail of ours that somebody could find. */
export function readBounce(report: Report): Bounce | null {
  if (report.status) {
    const recipients = recipientsOf(report.status);
    if (recipients.length === 0 && report.original === null) return null;
    return { recipients, originalMessageId: originalId(report) };
  }
  // Old servers send words. Only those of a server's own address are taken for a report.
  if (!/^(mailer-daemon|postmaster)@/.test(report.from ?? '')) return null;
  const originalMessageId = originalId(report);
  const status = /\b([45]\.\d{1,3}\.\d{1,3})\b/.exec(report.text)?.[1] ?? null;
  const code = /\b([45])\d{2}[ -]/.exec(report.text)?.[1] ?? status?.[0];
  if (originalMessageId === null && status === null && code === undefined) return null;
  const address = /<([^<>\s@]{1,100}@[^<>\s@]{1,200})>/.exec(report.text)?.[1]?.toLowerCase() ?? null;
  const temporary = code === '4' || /\b(delayed|will (be )?retr(y|ied)|not yet been delivered)\b/i.test(report.text);
  const diagnostic = report.text.replaceAll(/\s+/g, ' ').trim().slice(0, 500) || null;
  return { recipients: [{ address, action: temporary ? 'delayed' : 'failed', status, diagnostic }], originalMessageId };
}

function recipientsOf(status: Buffer): BouncedRecipient[] {
  // The first block is about the whole mail, each other one about a recipient.
  const blocks = status.toString('latin1').split(/\r?\n[ \t]*(?:\r?\n)+/);
  return blocks
    .slice(0, mostRecipients * 2)
    .flatMap((block): BouncedRecipient[] => {
      const fields = Headers.from(Buffer.from(block, 'latin1'));
      const typed = (name: string) => fields.text(name).replace(/^[\w-]+\s*;\s*/, '');
      const address = (typed('final-recipient') || typed('original-recipient')).replaceAll(/[<>\s]/g, '').toLowerCase();
      const code = /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(fields.text('status'))?.[1] ?? null;
      const told = fields.word('action');
      if (address === '' && told === '' && code === null) return [];
      const action =
        actions.find((one) => one === told) ?? (code?.startsWith('4') ? 'delayed' : code?.startsWith('2') ? 'delivered' : 'failed');
      return [{ address: address || null, action, status: code, diagnostic: typed('diagnostic-code').slice(0, 500) || null }];
    })
    .slice(0, mostRecipients);
}

function originalId({ original, text, status, ownDomains }: Report): string | null {
  if (original) {
    const [id] = Headers.from(headOf(original)).ids('message-id');
    if (id !== undefined) return id;
  }
  const scanned = `${text}\n${status?.toString('latin1') ?? ''}\n${original?.toString('latin1') ?? ''}`;
  for (const [, id = ''] of scanned.matchAll(/<?([\w.+-]{1,200}@[\w.-]{1,200})>?/g)) if (isOwnId(id, ownDomains)) return id;
  return null;
}

function headOf(mail: Buffer): Buffer {
  const end = /\r?\n\r?\n/.exec(mail.toString('latin1'))?.index;
  return end === undefined ? mail : mail.subarray(0, end);
}
