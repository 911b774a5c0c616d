import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isWebhookSecret, signWebhook, toleranceMs, verifyWebhook } from './sign.ts';

const folder = new URL('../../../tests/fixtures/channels/', import.meta.url);
const body = readFileSync(new URL('wh_01_standard_ok.json', folder));
const told = JSON.parse(readFileSync(new URL('signatures.json', folder), 'utf8')) as { headers: Record<string, Record<string, string>> };
const { secret = '', ...headers } = told.headers['wh_01_standard_ok.json'] ?? {};
const at = 1_794_456_000_000;
const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

test('the sample: the first signature is none, the second fits', () => {
  expect(isWebhookSecret(secret)).toBe(true);
  expect(verifyWebhook([secret], headers, body, at)).toEqual({ ok: true, id: 'msg_01JCSTESTEVENT' });
});

test('what is signed here is what the sample has', () => {
  const signed = signWebhook([secret], { id: 'msg_01JCSTESTEVENT', at, body: body.toString('utf8') });
  expect(headers['webhook-signature']).toContain(signed['webhook-signature']);
  expect(signed['webhook-timestamp']).toBe(headers['webhook-timestamp']);
});

test('either of two secrets will do, on either side', () => {
  const text = '{"x":"ă"}';
  const both = signWebhook([other, secret], { id: 'a', at, body: text });
  expect(both['webhook-signature']?.split(' ')).toHaveLength(2);
  for (const one of [other, secret]) expect(verifyWebhook([one], both, Buffer.from(text), at)).toEqual({ ok: true, id: 'a' });
  const old = signWebhook([other], { id: 'a', at, body: text });
  expect(verifyWebhook([secret, other], old, Buffer.from(text), at).ok).toBe(true);
});

test('too early, too late, changed, and with what is missing', () => {
  const field = (given: Record<string, string | undefined>, text: Buffer = body, now = at, secrets = [secret]) => {
    const result = verifyWebhook(secrets, given, text, now);
    return result.ok ? null : result.field;
  };
  expect(field(headers, body, at + toleranceMs)).toBeNull();
  expect(field(headers, body, at + toleranceMs + 1)).toBe('webhook-timestamp');
  expect(field(headers, body, at - toleranceMs - 1)).toBe('webhook-timestamp');
  expect(field(headers, Buffer.concat([body, Buffer.from(' ')]))).toBe('webhook-signature');
  expect(field({ ...headers, 'webhook-id': 'x' })).toBe('webhook-signature');
  expect(field({ ...headers, 'webhook-timestamp': '1794456001' })).toBe('webhook-signature');
  expect(field(headers, body, at, [other])).toBe('webhook-signature');
  expect(field(headers, body, at, [])).toBe('webhook-signature');
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const) {
    expect(field({ ...headers, [name]: undefined })).toBe(name);
  }
  expect(field({ ...headers, 'webhook-timestamp': 'now' })).toBe('webhook-timestamp');
  expect(field({ ...headers, 'webhook-signature': headers['webhook-signature']?.replaceAll('v1,', 'v1a,') })).toBe('webhook-signature');
});

test('secrets that are none', () => {
  for (const text of [
    '',
    'whsec_',
    'secret',
    `whsec_${Buffer.alloc(23).toString('base64')}`,
    `whsec_${Buffer.alloc(65).toString('base64')}`,
  ]) {
    expect([text, isWebhookSecret(text)]).toEqual([text, false]);
  }
  for (const size of [24, 32, 64]) expect(isWebhookSecret(`whsec_${Buffer.alloc(size).toString('base64')}`)).toBe(true);
});
