/**
 * Standard Webhooks 1.0.0, symmetric (`v1`): https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * Its npm package reads the machine's clock and stops at one secret; rotation and tests need neither.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** ms that a request's clock may be off, either way */
export const toleranceMs = 5 * 60_000;
/** more is nobody's rotation */
const mostSignatures = 20;
const secretForm = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/** `whsec_` and 24 to 64 random bytes in base64. */
export function isWebhookSecret(text: string): boolean {
  const { length } = secretForm.test(text) ? keyOf(text) : { length: 0 };
  return length >= 24 && length <= 64;
}

export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Headers of one try. `id` is the same at each; `at` (ms) is the try's own. Signed with every secret, so that a receiver may change over. */
export function signWebhook(
  secrets: readonly string[],
  { id, at, body }: { id: string; at: number; body: string },
): Record<string, string> {
  const seconds = String(Math.floor(at / 1000));
  const signatures = secrets.map((secret) => `v1,${signature(secret, id, seconds, Buffer.from(body)).toString('base64')}`);
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}

export type Verified =
  /** `id`: the same whenever it is sent again */
  { ok: true; id: string } | { ok: false; field: 'webhook-id' | 'webhook-timestamp' | 'webhook-signature' };

/** Whether one of the signatures is by one of the secrets. `now`: ms. */
export function verifyWebhook(
  secrets: readonly string[],
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
  now: number,
): Verified {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': given } = headers;
  if (typeof id !== 'string' || id === '' || id.length > 256) return { ok: false, field: 'webhook-id' };
  if (typeof at !== 'string' || !/^\d{1,12}$/.test(at)) return { ok: false, field: 'webhook-timestamp' };
  if (typeof given !== 'string') return { ok: false, field: 'webhook-signature' };
  const expected = secrets.map((secret) => signature(secret, id, at, body));
  // All of them, so that the time says nothing about which one fitted.
  const fits = given
    .split(' ', mostSignatures)
    .flatMap((one) => expected.map((right) => same(one, right)))
    .some(Boolean);
  if (!fits) return { ok: false, field: 'webhook-signature' };
  // After the signature: only whoever holds the secret learns how late they are.
  if (Math.abs(now - Number(at) * 1000) > toleranceMs) return { ok: false, field: 'webhook-timestamp' };
  return { ok: true, id };
}

const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

function signature(secret: string, id: string, at: string, body: Buffer): Buffer {
  return createHmac('sha256', keyOf(secret)).update(`${id}.${at}.`).update(body).digest();
}

function same(given: string, right: Buffer): boolean {
  if (!given.startsWith('v1,')) return false;
  const bytes = Buffer.from(given.slice(3), 'base64');
  return bytes.length === right.length && timingSafeEqual(bytes, right);
}
