/** Zalo Official Account: one consulting message. Sources: channels reference, 2.3. */
import { z } from 'zod';
import type { ChannelRules } from '../../../../src/shared/domain.ts';
import { rulesOf } from '../../../../src/shared/rules.ts';
import { type Body, jsonBody } from '../call.ts';
import { formWithFile } from '../multipart.ts';
import type { Failure, OutgoingFile, Outcome, Sending } from '../outbound.ts';
import { type Told, type ZaloAccess, ZaloCalls } from './call.ts';

export interface ZaloLimits {
  /** bytes of PNG and JPEG */
  imageBytes: number;
  /** bytes of GIF, and of documents */
  fileBytes: number;
  /** ms for a call without a file, and with one */
  timeoutMs: number;
  uploadTimeoutMs: number;
}

const hour = 3_600_000;
const mega = 1024 * 1024;

/** What is known of Zalo by the end of 2026, beside what composers need to know (shared/rules.ts). */
export const zaloLimits: Readonly<ZaloLimits> = {
  imageBytes: mega,
  fileBytes: 5 * mega,
  timeoutMs: 30_000,
  uploadTimeoutMs: 60_000,
};

export interface ZaloAccount extends ZaloAccess {
  /** windows and lengths of this channel; absent: those that Zalo documents */
  rules?: ChannelRules | null | undefined;
  limits?: Partial<ZaloLimits>;
}

export interface ZaloNeeds {
  clock?: () => number;
}

/** Hands it over once, and says what became of it. Never throws for what the vendor or the line does. */
export async function sendToZalo(account: ZaloAccount, sending: Sending, { clock = Date.now }: ZaloNeeds = {}): Promise<Outcome> {
  const limits: ZaloLimits = { ...zaloLimits, ...account.limits };
  const { piece, lastInboundAt } = sending;
  const rules = account.rules ?? rulesOf.zalo ?? null;
  const span = (sending.byPerson ? rules?.replyByPersonMs : rules?.replyMs) ?? Infinity;
  if (lastInboundAt === null || clock() - lastInboundAt >= span)
    return failed('WINDOW_CLOSED', 'the customer has not written for too long');
  const calls = new ZaloCalls(account);
  let content: object;
  if (piece.kind === 'text') {
    const text = piece.text.normalize('NFC');
    const most = rules?.textMost ?? text.length;
    if (text.length > most) return failed('TOO_LONG', `more than ${most} characters`);
    content = { text };
  } else {
    const upload = uploadFor(piece.file);
    if (!upload) return failed('FILE_NOT_ALLOWED', 'Zalo takes PNG, JPEG, GIF, PDF, DOC and DOCX');
    const most = upload.as === 'image' ? limits.imageBytes : limits.fileBytes;
    if (piece.file.size === 0 || piece.file.size > most) return failed('FILE_NOT_ALLOWED', `a file must have 1 to ${most} bytes`);
    const brought = await uploadTo(calls, piece.file, upload, limits.uploadTimeoutMs, clock());
    if ('outcome' in brought) return brought.outcome;
    content = brought.content;
  }
  const body = (quote: string | null) => (): Body =>
    jsonBody({ recipient: { user_id: sending.to }, message: { ...content, ...(quote !== null && { quote_message_id: quote }) } });
  const post = (quote: string | null) => calls.post('/v3.0/oa/message/cs', body(quote), limits.timeoutMs);
  let told = await post(sending.replyTo);
  // What it quotes may be gone. What is said matters more, and a refusal says that nothing was taken.
  if (sending.replyTo !== null && told.state === 'error' && wrongContent.has(told.code)) told = await post(null);
  return sentBy(told, piece.kind, clock());
}

const sent = z.looseObject({ message_id: z.union([z.string().min(1).max(400), z.number()]).transform(String) });

function sentBy(told: Told, kind: 'text' | 'file', now: number): Outcome {
  if (told.state === 'over') return told.outcome;
  if (told.state === 'error') return classify(told.code, told.reason, kind, now);
  const parsed = sent.safeParse(told.data);
  return parsed.success ? { state: 'sent', id: parsed.data.message_id } : { state: 'unknown', reason: 'an answer without message_id' };
}

interface Upload {
  as: 'image' | 'gif' | 'file';
  /** Zalo goes by its ending */
  name: string;
}

const documentTypes: ReadonlySet<string> = new Set([
  'application/msword',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  // As what they look like to those who know no documents; Zalo looks at them itself.
  'application/octet-stream',
  'application/zip',
]);

/** Null: Zalo takes no such file. */
function uploadFor({ type, name }: OutgoingFile): Upload | null {
  if (type === 'image/png') return { as: 'image', name: 'image.png' };
  if (type === 'image/jpeg') return { as: 'image', name: 'image.jpg' };
  if (type === 'image/gif') return { as: 'gif', name: 'image.gif' };
  const plain = name.normalize('NFC');
  if (type === 'application/pdf') return { as: 'file', name: /\.pdf$/i.test(plain) ? plain : `${plain}.pdf` };
  return documentTypes.has(type) && /\.docx?$/i.test(plain) ? { as: 'file', name: plain } : null;
}

const id = z.string().min(1).max(4000).optional();
const uploaded = z.looseObject({ attachment_id: id, token: id });

/** What a message says to bring the file along. Until then the customer sees nothing: whatever fails here may be tried again. */
async function uploadTo(
  calls: ZaloCalls,
  file: OutgoingFile,
  { as, name }: Upload,
  timeoutMs: number,
  now: number,
): Promise<{ content: object } | { outcome: Outcome }> {
  const told = await calls.post(`/v2.0/oa/upload/${as}`, () => formWithFile({}, 'file', file, name), timeoutMs);
  if (told.state === 'error') return { outcome: classify(told.code, told.reason, 'file', now) };
  if (told.state === 'over') return { outcome: told.outcome.state === 'unknown' ? again(told.outcome.reason) : told.outcome };
  const parsed = uploaded.safeParse(told.data);
  const { attachment_id: attachment, token } = parsed.success ? parsed.data : {};
  const payload = as === 'file' && token !== undefined ? { token } : attachment !== undefined && { attachment_id: attachment };
  // An ending that does not fit is answered so, too.
  if (!payload) return { outcome: again('an upload without an id') };
  if (as === 'file') return { content: { attachment: { type: 'file', payload } } };
  const elements = [{ media_type: as, ...payload }];
  return { content: { attachment: { type: 'template', payload: { template_type: 'media', elements } } } };
}

const again = (reason: string): Outcome => ({ state: 'later', afterMs: null, everyone: false, reason });

const wrongContent: ReadonlySet<number> = new Set([-201, -210, -233, -240, -248]);
const noRecipient: ReadonlySet<number> = new Set([-213, -217, -227, -244]);
const windowClosed: ReadonlySet<number> = new Set([-230, -232]);
const quotaUsedUp: ReadonlySet<number> = new Set([-211, -218]);
const wrongSettings: ReadonlySet<number> = new Set([-204, -205, -209, -212, -219, -221, -223, -224, -320, -321]);

/** Zalo's own table, as in the channels reference, 2.3. Tokens are not in it: they have been seen to. */
function classify(code: number, reason: string, kind: 'text' | 'file', now: number): Outcome {
  // So many calls a minute, for all of the app.
  if (code === -32) return { state: 'later', afterMs: 60_000, everyone: true, reason };
  // By its documentation for advertising only; so this message waits, and others may go.
  if (code === -234) return { state: 'later', afterMs: morningAfter(now) - now, everyone: false, reason };
  if (windowClosed.has(code)) return failed('WINDOW_CLOSED', reason);
  if (noRecipient.has(code)) return failed('RECIPIENT_UNREACHABLE', reason);
  if (quotaUsedUp.has(code)) return failed('QUOTA_USED_UP', reason);
  if (wrongSettings.has(code)) return { state: 'attention', code: 'SETTINGS', reason };
  if (code === -210) return failed(kind === 'text' ? 'TOO_LONG' : 'FILE_NOT_ALLOWED', reason);
  if (wrongContent.has(code)) return failed(kind === 'text' ? 'NOT_ALLOWED' : 'FILE_NOT_ALLOWED', reason);
  // Unknown, -100 among them: an upload that is no longer there is made anew at the next try.
  return again(reason);
}

/** 06:00 in Vietnam, which is seven hours ahead all year. ms */
export function morningAfter(now: number): number {
  const day = 24 * hour;
  const six = 6 * hour - 7 * hour;
  return Math.floor((now - six) / day) * day + day + six;
}

const failed = (code: Failure, reason: string): Outcome => ({ state: 'failed', code, reason });
