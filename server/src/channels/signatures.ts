/** Signatures of vendors, over the bytes as they came. Compared in constant time. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const hex = /^[0-9a-f]{64}$/i;

function same(given: string | undefined, expected: Buffer): boolean {
  if (given === undefined || !hex.test(given)) return false;
  return timingSafeEqual(Buffer.from(given, 'hex'), expected);
}

/** Meta: `X-Hub-Signature-256: sha256=…`, HMAC-SHA256 of the body under the app's secret. */
export function signedByMeta(body: Buffer, header: string | undefined, appSecret: string): boolean {
  if (!header?.startsWith('sha256=')) return false;
  return same(header.slice('sha256='.length), createHmac('sha256', appSecret).update(body).digest());
}

/**
 * Zalo: `X-ZEvent-Signature: mac=…`, the plain SHA-256 of an id, the body, the body's own `timestamp`, and the secret. Sources differ on
 * whether the id is the app's or the account's: either will do. The prefix is sometimes missing.
 * @param ids that may stand in front
 */
export function signedByZalo(body: Buffer, header: string | undefined, ids: readonly string[], secret: string): boolean {
  const given = header?.replace(/^mac=/, '');
  // All of them, so that the time says nothing about which one fitted.
  return ids
    .flatMap((id) => timestampsOf(body).map((timestamp): [string, string] => [id, timestamp]))
    .map(([id, timestamp]) => same(given, createHash('sha256').update(id).update(body).update(timestamp).update(secret).digest()))
    .some(Boolean);
}

/** more than the body's own, and one in what it brings */
const mostTimestamps = 4;

/** Their characters as they stand in the body: a number that was read and written again may differ. */
function timestampsOf(body: Buffer): string[] {
  const found = body.toString('latin1').matchAll(/"timestamp"\s*:\s*"?(\d{1,20})"?/g);
  return [...new Set(Array.from(found, (one) => one[1] ?? ''))].slice(0, mostTimestamps);
}
