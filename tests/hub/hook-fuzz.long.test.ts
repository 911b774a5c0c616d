/** Hostile input at the addresses that vendors call, signed as they would: a typed refusal or something kept; the hub stays up and small. */
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../harness/engine.ts';
import { sample, secrets } from '../harness/samples.ts';
import { openShop, type Shop } from '../harness/vendors.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

type Body = Buffer | string;
const bytes = (body: Body) => Buffer.from(body);
const meta = (body: Body) =>
  shop.post('/hooks/messenger/demo-messenger', body, {
    'x-hub-signature-256': `sha256=${createHmac('sha256', secrets.facebook_app_secret).update(bytes(body)).digest('hex')}`,
  });
const zalo = (body: Body) => {
  const raw = bytes(body);
  const timestamp = /"timestamp"\s*:\s*"?(\d{1,20})"?/.exec(raw.toString('latin1'))?.[1] ?? '';
  const mac = createHash('sha256')
    .update(secrets.zalo_app_id)
    .update(raw)
    .update(timestamp)
    .update(secrets.zalo_oa_secret_key)
    .digest('hex');
  return shop.post('/hooks/zalo/demo-zalo', body, { 'x-zevent-signature': `mac=${mac}` });
};
const cti = (body: Body, type = 'application/json') => shop.post('/hooks/cti/demo-cti', body, { 'content-type': type });
const targets = { meta, zalo, cti };
const allowed = new Set([200, 400, 401, 404, 413]);

/** Every answer is one that is meant, and names what is wrong. */
async function sound(answer: Response): Promise<number> {
  expect(allowed, `${answer.status} ${answer.url}`).toContain(answer.status);
  const text = await answer.text();
  if (answer.status >= 400) expect((JSON.parse(text) as { code: string }).code).toMatch(/^[A-Z_]+$/);
  return answer.status;
}
const alive = async () => expect((await fetch(`${shop.hub.url}/readyz`)).status).toBe(200);
const message = (fields: object) =>
  JSON.stringify({
    object: 'page',
    entry: [{ id: '1', messaging: [{ sender: { id: 'x' }, timestamp: 1, message: { mid: 'm', text: 't', ...fields } }] }],
  });

test('samples, cut off anywhere', async () => {
  for (const [post, name] of [
    [meta, 'fb_03_file_audio_video.json'],
    [zalo, 'zalo_03_file.json'],
    [cti, 'cti_10_zammad_json.json'],
  ] as const) {
    const whole = sample(name);
    for (let end = 0; end < whole.length; end += 17) expect(await sound(await post(whole.subarray(0, end)))).not.toBe(200);
  }
  await shop.settled();
  await alive();
});

test('any JSON, and any bytes', { timeout: 60_000 }, async () => {
  for (const post of Object.values(targets)) {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.json({ maxDepth: 6 }), fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 })),
        async (body) => {
          await sound(await post(typeof body === 'string' ? body : Buffer.from(body)));
        },
      ),
      { numRuns: 120, seed: 20261122 },
    );
  }
  await alive();
});

test('members of every kind in the place of those that are meant', { timeout: 60_000 }, async () => {
  const odd = [
    null,
    -1,
    1e308,
    '',
    '\u0000',
    '\ud800',
    '__proto__',
    [],
    {},
    true,
    'x'.repeat(30_000),
    { __proto__: null },
    ['../../etc/passwd'],
  ];
  const whole = JSON.parse(sample('fb_12_reply_to.json').toString('utf8')) as object;
  const paths: (string | number)[][] = [];
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0) paths.push(path);
    if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
  };
  walk(whole, []);
  for (const path of paths) {
    for (const value of odd) {
      const copy = structuredClone(whole) as Record<string, unknown>;
      let at = copy;
      for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
      at[path.at(-1)!] = value;
      await sound(await meta(JSON.stringify(copy)));
    }
  }
  await shop.settled();
  await alive();
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('deep, huge, polluted, and in a wrong encoding', { timeout: 60_000 }, async () => {
  const deep = `{"object":"page","entry":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const nested = message({ attachments: [{ type: 'image', payload: { url: 'https://x.test/a' } }] }).replace(
    '"t"',
    `"t","extra":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  );
  const polluted =
    '{"object":"page","entry":[{"id":"1","messaging":[{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}]}]}';
  for (const body of [deep, nested, polluted]) for (const post of Object.values(targets)) await sound(await post(body));
  for (const post of Object.values(targets)) expect(await sound(await post('x'.repeat(5 * 1024 * 1024)))).toBe(413);
  await sound(await meta(Buffer.from(message({ text: 'Chào' }), 'utf16le')));
  await sound(await meta(Buffer.concat([Buffer.from(message({ mid: 'latin' }).slice(0, -1), 'latin1'), Buffer.from([0xff, 0xfe, 0x7d])])));
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  // A thousand things in one request: each is there, or set aside alone.
  const many = Array.from({ length: 1000 }, (_, n) => ({
    sender: { id: `dam-dong-${n % 20}` },
    timestamp: n + 1,
    message: { mid: `dd-${n}`, text: `${n}` },
  }));
  expect(await sound(await meta(JSON.stringify({ object: 'page', entry: [{ id: '1', messaging: many }] })))).toBe(200);
  await until(async () => (await shop.count(`message where body ~ '^[0-9]+$' and channel = 'messenger'`)) >= 1000, 60_000);
  await alive();
});

test('files are fetched from nowhere inside, and keep to plain names', { timeout: 60_000 }, async () => {
  const inside = [
    'http://127.0.0.1:1/secret',
    'http://localhost/secret',
    'http://[::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://0x7f000001/',
    'http://10.0.0.1/',
    'http://[::ffff:127.0.0.1]/',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'http://user:pass@127.0.0.1/',
    `${shop.hub.url}/readyz`,
  ];
  const attachments = inside.map((url) => ({ type: 'file', payload: { url } }));
  const body = JSON.stringify({
    object: 'page',
    entry: [{ id: '1', messaging: [{ sender: { id: 'ke-xau' }, timestamp: 1, message: { mid: 'ssrf', text: 'Xem giúp', attachments } }] }],
  });
  expect(await sound(await meta(body))).toBe(200);
  await shop.settled();
  await until(async () => (await shop.count(`inbound_media where state = 'fetching'`)) === 0, 30_000);
  expect(await shop.count(`inbound_media where state = 'ready'`)).toBe(0);
  expect(await shop.count(`inbound_media where error = 'BLOCKED'`)).toBeGreaterThanOrEqual(inside.length - 1);
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  shop.zalo.say('ke-xau', null, {
    kind: 'file',
    attachments: [{ type: 'file', payload: { url: shop.zalo.hold(png, 'image/png'), name: '../../../etc/\u202egnp.exe', size: '16' } }],
  });
  await until(async () => (await shop.count('attachment')) === 1);
  const [file] = await shop.hub.query<{ name: string; type: string }>('select name, type from attachment');
  expect(file).toEqual({ name: 'gnp.exe', type: 'image/png' });
  await alive();
});
