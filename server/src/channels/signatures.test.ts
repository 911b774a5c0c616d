import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { headersOf, sample, secrets } from '../../../tests/harness/samples.ts';
import { signedByMeta, signedByZalo } from './signatures.ts';

const meta = ['01_text', '02_images_two', '03_file_audio_video', '05_sticker_new', '06_echo_own', '07_echo_external', '08_delivery', '09_read',
  '11_reaction', '12_reply_to', '14_ig_unsend', '16_duplicate_mid', '17_unknown_event', '22_ig_dashboard_test', '23_truncated'].map((name) => `fb_${name}.json`); // prettier-ignore

test.each(meta)('%s is signed by Meta, and by nobody once a byte differs', (name) => {
  const body = sample(name);
  const header = headersOf(name)['X-Hub-Signature-256'];
  expect(signedByMeta(body, header, secrets.facebook_app_secret)).toBe(true);
  expect(signedByMeta(body, header, `${secrets.facebook_app_secret}x`)).toBe(false);
  expect(signedByMeta(Buffer.concat([body, Buffer.from(' ')]), header, secrets.facebook_app_secret)).toBe(false);
});

test('a signature of another form is none', () => {
  const body = Buffer.from('{}');
  const right = createHmac('sha256', 's').update(body).digest('hex');
  expect(signedByMeta(body, `sha256=${right.toUpperCase()}`, 's')).toBe(true);
  for (const header of [
    undefined,
    '',
    right,
    `sha1=${right}`,
    `sha256=${right}00`,
    `sha256=${right.slice(2)}`,
    `sha256=${'zz'.repeat(32)}`,
  ])
    expect(signedByMeta(body, header, 's')).toBe(false);
});

const zalo = ['01_text', '02_image', '03_file', '06_follow', '07_unfollow', '08_oa_send_text', '09_seen', '10_received', '11_submit_info',
  '12_zns_received', '16_retry_duplicate', '17_unknown_event'].map((name) => `zalo_${name}.json`); // prettier-ignore

test.each(zalo)('%s is signed by Zalo', (name) => {
  const header = headersOf(name)['X-ZEvent-Signature'];
  const ids = ['2877310045519900321', secrets.zalo_app_id];
  expect(signedByZalo(sample(name), header, ids, secrets.zalo_oa_secret_key)).toBe(true);
  expect(signedByZalo(sample(name), header?.replace('mac=', ''), ids, secrets.zalo_oa_secret_key)).toBe(true);
  expect(signedByZalo(sample(name), header, ids, 'another')).toBe(false);
  expect(signedByZalo(sample(name), header, ['another'], secrets.zalo_oa_secret_key)).toBe(false);
});

test('Zalo: a forged one, one without a moment, and one whose content has a moment of its own', () => {
  const forged = sample('zalo_15_bad_signature.json');
  expect(
    signedByZalo(forged, headersOf('zalo_15_bad_signature.json')['X-ZEvent-Signature'], [secrets.zalo_app_id], secrets.zalo_oa_secret_key),
  ).toBe(false);
  const sign = (body: string, timestamp: string) => createHash('sha256').update(`app${body}${timestamp}key`).digest('hex');
  expect(signedByZalo(Buffer.from('{}'), sign('{}', ''), ['app'], 'key')).toBe(false);
  const nested = '{"timestamp": "1794456000123", "message": {"timestamp": 7, "text": "\\"timestamp\\":\\"9\\""}}';
  expect(signedByZalo(Buffer.from(nested), `mac=${sign(nested, '1794456000123')}`, ['app'], 'key')).toBe(true);
});
