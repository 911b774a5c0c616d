/** Addresses and tokens that bring a reply, or a report of failure, back to what it is about. Letters' case never counts in them. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Of what is signed here; 5 bits each. */
const signatureLength = 8;
const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** `cskh@shop.test`, CS-1042 -> `cskh+CS-1042.k9f3abcd@shop.test` */
export function plusAddress(key: Buffer, mailbox: string, ticketNumber: string): string {
  return tagged(key, 'ticket', mailbox, ticketNumber);
}

/** The ticket's number in capitals; null: not an address of this mailbox, or signed by somebody else. */
export function ticketOf(key: Buffer, mailbox: string, address: string): string | null {
  return verified(key, 'ticket', mailbox, address)?.toUpperCase() ?? null;
}

/** What reports of failure are sent to: `bounce+ID.k9f3abcd@shop.test`, with the id of the outgoing message. */
export function bounceAddress(key: Buffer, bounces: string, outboundId: string): string {
  return tagged(key, 'bounce', bounces, outboundId);
}

/** The outgoing message's id in small letters, or null. */
export function outboundOf(key: Buffer, bounces: string, address: string): string | null {
  return verified(key, 'bounce', bounces, address);
}

/** The ticket's number in `[#CS-1042]`, in capitals; who may use it is for the caller to judge: numbers can be guessed. */
export function subjectToken(subject: string): string | null {
  return /\[#([a-z]{1,6}-\d{1,12})\]/i.exec(subject)?.[1]?.toUpperCase() ?? null;
}

/** `Re: [#CS-1042] Đổi hàng`, whatever prefixes and tokens it had. */
export function replySubject(subject: string, ticketNumber: string): string {
  const bare = subject
    .replaceAll(/\[#[a-z]{1,6}-\d{1,12}\]/gi, ' ')
    .replace(/^(?:\s*(?:re|aw|sv|trả lời|tl|phúc đáp)\s*(?:\[\d+\])?\s*:)+/iu, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `Re: [#${ticketNumber}] ${bare}`.trim();
}

type Purpose = 'ticket' | 'bounce';

function tagged(key: Buffer, purpose: Purpose, mailbox: string, tag: string): string {
  const at = mailbox.lastIndexOf('@');
  return `${mailbox.slice(0, at)}+${tag}.${signature(key, purpose, mailbox, tag)}${mailbox.slice(at)}`;
}

function verified(key: Buffer, purpose: Purpose, mailbox: string, address: string): string | null {
  const at = mailbox.lastIndexOf('@');
  const begin = `${mailbox.slice(0, at)}+`.toLowerCase();
  const end = mailbox.slice(at).toLowerCase();
  const given = address.trim().toLowerCase();
  if (!given.startsWith(begin) || !given.endsWith(end) || given.length <= begin.length + end.length) return null;
  const detail = given.slice(begin.length, given.length - end.length);
  const dot = detail.lastIndexOf('.');
  if (dot < 1) return null;
  const tag = detail.slice(0, dot);
  const theirs = Buffer.from(detail.slice(dot + 1));
  const ours = Buffer.from(signature(key, purpose, mailbox, tag));
  return theirs.length === ours.length && timingSafeEqual(theirs, ours) ? tag : null;
}

function signature(key: Buffer, purpose: Purpose, mailbox: string, tag: string): string {
  const sum = createHmac('sha256', key).update(`${purpose}\0${mailbox.toLowerCase()}\0${tag.toLowerCase()}`).digest();
  return Array.from(sum.subarray(0, signatureLength), (byte) => letters[byte & 31]).join('');
}
