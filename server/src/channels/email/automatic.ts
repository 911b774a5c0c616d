/** Mail that no person wrote, and our own come back. Sources: channels reference, 4.3. */
import type { Headers } from './headers.ts';
import type { AutomaticReason, Mail } from './mail.ts';

const robots = /^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|noreply[._+-].*|khong-?tra-?loi)$/;

/** The first reason to take a mail for automatic, or null. `type`: the mail's own content type. */
export function automaticBy(headers: Headers, type: string, from: string | null): AutomaticReason | null {
  const submitted = headers.word('auto-submitted');
  if (submitted !== '' && !/^no\b/.test(submitted)) return 'auto-submitted';
  if (/^(bulk|list|junk|auto_reply)\b/.test(headers.word('precedence'))) return 'precedence';
  if (/^(yes|true)$/.test(headers.word('x-loop')) || headers.has('x-cs-loop')) return 'loop';
  if (/\ball\b/.test(headers.word('x-auto-response-suppress'))) return 'response-suppress';
  if (headers.has('list-id') || headers.has('list-unsubscribe')) return 'list';
  if (/^<\s*>$/.test(headers.raw('return-path')[0] ?? '')) return 'null-return-path';
  if (said(headers, 'x-autoreply') || said(headers, 'x-autorespond')) return 'autoreply';
  if (headers.word('x-ms-exchange-generated-message-source') !== '') return 'exchange';
  if (type === 'multipart/report') return 'report';
  if (from !== null && robots.test(from.slice(0, from.lastIndexOf('@')).replace(/\+.*$/, ''))) return 'sender';
  return null;
}

function said(headers: Headers, name: string): boolean {
  return headers.has(name) && headers.word(name) !== 'no';
}

/** What our Message-IDs begin with, before the id of the outgoing row. */
export const ownIdPrefix = 'out-';

/** Whether we sent it ourselves. People of our own domain write too, so that alone says nothing. */
export function loopBy(headers: Headers, messageId: string, ownDomains: readonly string[]): Mail['loop'] {
  const own = ownDomains.map((domain) => domain.toLowerCase());
  if (headers.raw('x-cs-loop').some((value) => own.includes(value.trim().toLowerCase()))) return 'header';
  return isOwnId(messageId, own) ? 'message-id' : null;
}

/** `own`: our domains in lower case. */
export function isOwnId(messageId: string, own: readonly string[]): boolean {
  const at = messageId.lastIndexOf('@');
  return messageId.startsWith(ownIdPrefix) && own.includes(messageId.slice(at + 1).toLowerCase());
}
