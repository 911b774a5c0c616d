/** Messenger and Instagram: one message to Meta's Send API. Sources: channels reference, 1.3. */
import { z } from 'zod';
import type { ChannelRules } from '../../../../src/shared/domain.ts';
import { rulesOf } from '../../../../src/shared/rules.ts';
import {
  type Answer,
  type Body,
  type Call,
  callVendor,
  jsonBody,
  outcomeOfFailure,
  readJson,
  retryAfter,
  withoutSecrets,
} from '../call.ts';
import { formWithFile } from '../multipart.ts';
import type { Failure, OutgoingFile, Outcome, Sending } from '../outbound.ts';
import { outboundMark } from './read.ts';

export interface MetaLimits {
  /** bytes */
  imageBytes: number;
  /** bytes, of any other file */
  fileBytes: number;
  /** ms for a call without a file, and with one */
  timeoutMs: number;
  uploadTimeoutMs: number;
}

const mega = 1024 * 1024;
const common = { fileBytes: 25 * mega, timeoutMs: 30_000, uploadTimeoutMs: 120_000 };

/** What Meta has documented by the end of 2026, beside what composers need to know (shared/rules.ts). */
export const metaLimits = {
  messenger: { ...common, imageBytes: 25 * mega },
  instagram: { ...common, imageBytes: 8 * mega },
} as const satisfies Record<string, MetaLimits>;

export const metaDefaults = { baseUrl: 'https://graph.facebook.com', version: 'v25.0' } as const;

export interface MetaAccount {
  kind: 'messenger' | 'instagram';
  /** without a slash at its end */
  baseUrl: string;
  /** of the Graph API: v25.0 */
  version: string;
  /** null: not entered yet */
  pageToken: string | null;
  /** windows and lengths of this channel; absent: those that Meta documents */
  rules?: ChannelRules | null | undefined;
  limits?: Partial<MetaLimits>;
}

export interface MetaNeeds {
  call?: Call;
  clock?: () => number;
}

/** Hands it over once, and says what became of it. Never throws for what the vendor or the line does. */
export async function sendToMessenger(account: MetaAccount, sending: Sending, needs: MetaNeeds = {}): Promise<Outcome> {
  const { call = callVendor, clock = Date.now } = needs;
  const limits: MetaLimits = { ...metaLimits[account.kind], ...account.limits };
  if (account.pageToken === null) return { state: 'attention', code: 'SIGN_IN_AGAIN', reason: 'the page has no token' };
  const rules = account.rules ?? rulesOf[account.kind] ?? null;
  const permission = permissionFor(sending, clock(), rules);
  if (permission === null) return failed('WINDOW_CLOSED', 'the customer has not written for too long');
  const { piece } = sending;
  const envelope = {
    recipient: { id: sending.to },
    ...permission,
    ...(sending.replyTo !== null && { reply_to: { mid: sending.replyTo } }),
  };
  const metadata = `${outboundMark}${sending.outboundId}`;
  let body: Body;
  if (piece.kind === 'text') {
    const text = piece.text.normalize('NFC');
    const most = rules?.textMost ?? text.length;
    if (text.length > most) return failed('TOO_LONG', `more than ${most} characters`);
    body = jsonBody({ ...envelope, message: { text, metadata } });
  } else {
    const type = typeFor(piece.file, account.kind);
    if (type === null) return failed('FILE_NOT_ALLOWED', `Instagram takes no ${piece.file.type}`);
    const most = type === 'image' ? limits.imageBytes : limits.fileBytes;
    if (piece.file.size === 0 || piece.file.size > most) return failed('FILE_NOT_ALLOWED', `a file must have 1 to ${most} bytes`);
    const message = { attachment: { type, payload: { is_reusable: false } }, metadata };
    const fields = Object.entries({ ...envelope, message }).map(([key, value]): [string, string] => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    body = formWithFile(Object.fromEntries(fields), 'filedata', piece.file, nameFor(piece.file, account.kind));
  }
  const url = new URL(`${account.baseUrl}/${account.version}/me/messages`);
  url.searchParams.set('access_token', account.pageToken);
  try {
    const timeoutMs = piece.kind === 'text' ? limits.timeoutMs : limits.uploadTimeoutMs;
    const outcome = outcomeOf(await call({ method: 'POST', url, body, timeoutMs }), account.pageToken, piece.kind);
    // It may be for what it quotes, which is gone. What is said matters more.
    const quoteless = outcome.state === 'failed' && outcome.code === 'NOT_ALLOWED' && sending.replyTo !== null;
    return quoteless ? await sendToMessenger(account, { ...sending, replyTo: null }, needs) : outcome;
  } catch (error) {
    return outcomeOfFailure(error);
  }
}

type Permission = { messaging_type: 'RESPONSE' } | { messaging_type: 'MESSAGE_TAG'; tag: 'HUMAN_AGENT' };

/** The tag only where it is needed, and only for people: anything else is against Meta's rules. Null: no window is open. */
function permissionFor({ lastInboundAt, byPerson }: Sending, now: number, rules: ChannelRules | null): Permission | null {
  if (lastInboundAt === null) return null;
  const age = now - lastInboundAt;
  if (age < (rules?.replyMs ?? Infinity)) return { messaging_type: 'RESPONSE' };
  return byPerson && age < (rules?.replyByPersonMs ?? Infinity) ? { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' } : null;
}

const pictures: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif']);

/** What Meta calls it. Null: Instagram takes nothing but pictures, sound, videos, and PDF. */
function typeFor({ type }: OutgoingFile, kind: MetaAccount['kind']): 'image' | 'audio' | 'video' | 'file' | null {
  if (pictures.has(type)) return 'image';
  if (type.startsWith('audio/')) return 'audio';
  if (type.startsWith('video/')) return 'video';
  return kind === 'messenger' || type === 'application/pdf' ? 'file' : null;
}

/** Instagram refuses names with anything but ASCII: https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/attachment-upload */
function nameFor({ name }: OutgoingFile, kind: MetaAccount['kind']): string {
  if (kind === 'messenger') return name.normalize('NFC');
  const plain = name.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll('đ', 'd').replaceAll('Đ', 'D');
  return plain.replaceAll(/[^\x20-\x7e]/g, '_');
}

const number = z.coerce.number().int();
const taken = z.looseObject({ message_id: z.string().min(1).max(400) });
const refused = z.looseObject({
  error: z.looseObject({
    code: number,
    error_subcode: number.optional().catch(undefined),
    message: z.string().optional().catch(undefined),
    is_transient: z.boolean().optional().catch(undefined),
  }),
});
type Refusal = z.infer<typeof refused>['error'];

function outcomeOf(answer: Answer, pageToken: string, kind: 'text' | 'file'): Outcome {
  const { status, text, headers } = answer;
  const told = readJson(text);
  const error = refused.safeParse(told);
  if (error.success) {
    const words = `${error.data.error.code}/${error.data.error.error_subcode ?? ''} ${error.data.error.message ?? ''}`;
    return classify(error.data.error, { reason: withoutSecrets(words.trim(), [pageToken]), afterMs: retryAfter(headers), status, kind });
  }
  const success = taken.safeParse(told);
  if (status === 200 && success.success) return { state: 'sent', id: success.data.message_id };
  const reason = `HTTP ${status}, and an answer that can not be read`;
  // A gateway that waited for Meta in vain knows no more than we do.
  if ((status >= 200 && status < 300) || status === 504) return { state: 'unknown', reason };
  if (status === 413) return failed('FILE_NOT_ALLOWED', reason);
  // Whatever else answers so is not the Graph API, or not well.
  return { state: 'later', afterMs: retryAfter(headers), everyone: status === 429, reason };
}

const windowSubcodes: ReadonlySet<number> = new Set([2018278, 2534022, 2018065]);
const recipientSubcodes: ReadonlySet<number> = new Set([2018001, 2018218, 1545041]);
const fileSubcodes: ReadonlySet<number> = new Set([2018109, 2018047, 2018007]);

/** Sources: channels reference, 1.3; https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes */
function classify(
  { code, error_subcode: subcode = 0, message = '', is_transient: transient }: Refusal,
  { reason, afterMs, status, kind }: { reason: string; afterMs: number | null; status: number; kind: 'text' | 'file' },
): Outcome {
  const later = (everyone: boolean): Outcome => ({ state: 'later', afterMs, everyone, reason });
  // "The messages are all sent successfully, but the endpoint returns an error."
  if (code === 1 && subcode === 1357046) return { state: 'unknown', reason };
  if (code === 190) return { state: 'attention', code: 'SIGN_IN_AGAIN', reason };
  if (recipientSubcodes.has(subcode) || code === 551) return failed('RECIPIENT_UNREACHABLE', reason);
  if (code === 10 && (windowSubcodes.has(subcode) || /outside.+window/i.test(message))) return failed('WINDOW_CLOSED', reason);
  switch (code) {
    case 4:
    case 32:
    case 613:
    case 80006:
      return later(true);
    case 1:
    case 2:
    case 1200:
      return later(false);
    case 3:
    case 10:
    case 200:
    case 230:
      return { state: 'attention', code: 'SETTINGS', reason };
    default:
  }
  if (transient === true || status >= 500) return later(false);
  if (fileSubcodes.has(subcode)) return failed('FILE_NOT_ALLOWED', reason);
  if (code === 100 && kind === 'text' && /length|too long/i.test(message)) return failed('TOO_LONG', reason);
  return failed('NOT_ALLOWED', reason);
}

const failed = (code: Failure, reason: string): Outcome => ({ state: 'failed', code, reason });
