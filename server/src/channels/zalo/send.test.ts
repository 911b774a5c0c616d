import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sample } from '../../../../tests/harness/samples.ts';
import { FakeZalo } from '../../../../tests/harness/zalo.ts';
import type { Outcome, Sending } from '../outbound.ts';
import { splitText } from '../split.ts';
import { profileFromZalo } from './profile.ts';
import { morningAfter, sendToZalo, type ZaloAccount } from './send.ts';
import { type Pair, type TokenRow, ZaloTokens } from './tokens.ts';

const hour = 3_600_000;
const now = 1_794_456_000_000;
const clock = () => now;
const user = '5120044719930042217';
const closing: (() => Promise<void>)[] = [];
let zalo: FakeZalo;
let stored: Pair;

const row: TokenRow = {
  withLock: (run) =>
    run(stored, (next) => {
      stored = next;
      return Promise.resolve();
    }),
};
beforeEach(async () => {
  zalo = await FakeZalo.start({ now: clock });
  closing.push(() => zalo.close());
  zalo.follower(user, { lastWroteAt: now - hour });
  stored = zalo.pair;
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const account = (fields: Partial<ZaloAccount> = {}): ZaloAccount => ({
  baseUrl: zalo.url,
  tokens: new ZaloTokens({ row, oauthUrl: zalo.url, appId: zalo.settings.appId, appSecret: zalo.settings.appSecret, clock }),
  pair: stored,
  ...fields,
});
const send = (fields: Partial<Sending> = {}, of: Partial<ZaloAccount> = {}) =>
  sendToZalo(
    account(of),
    {
      outboundId: 'o1',
      to: user,
      piece: { kind: 'text', text: 'Dạ shop đổi giúp em rồi ạ' },
      replyTo: null,
      byPerson: true,
      lastInboundAt: now - hour,
      ...fields,
    },
    { clock },
  );
const file = (bytes: Buffer, type: string, name: string, said = bytes.length): Sending['piece'] => ({
  kind: 'file',
  file: { id: 'f1', name, type, size: said, open: () => Readable.from([bytes]) },
});

async function saying(status: number, body: string | Buffer, headers: Record<string, string> = {}): Promise<string> {
  const listener: RequestListener = (request, response) => request.resume().on('end', () => response.writeHead(status, headers).end(body));
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a text arrives once, composed', async () => {
  const outcome = await send({ piece: { kind: 'text', text: 'Dạ shop đổi giúp em rồi ạ'.normalize('NFD') } });
  const [taken, ...more] = zalo.taken(user);
  expect(outcome).toEqual({ state: 'sent', id: taken!.id });
  expect(taken).toMatchObject({ text: 'Dạ shop đổi giúp em rồi ạ', replyTo: null, file: null });
  expect(more).toEqual([]);
});

test('an answer quotes; when what it quotes is gone it is said without, once', async () => {
  expect(await send({ replyTo: 'zm01' })).toMatchObject({ state: 'sent' });
  expect(await send({ replyTo: 'gone' })).toMatchObject({ state: 'sent' });
  expect(zalo.taken(user).map(({ replyTo }) => replyTo)).toEqual(['zm01', null]);
  // Nothing but its content is mended so.
  zalo.refusals = [-230];
  expect(await send({ replyTo: 'zm01' })).toMatchObject({ code: 'WINDOW_CLOSED' });
  zalo.refusals = [-201, -201];
  expect(await send({ replyTo: 'zm01' })).toMatchObject({ code: 'NOT_ALLOWED' });
  expect(zalo.refusals).toEqual([]);
  expect(zalo.sent).toHaveLength(2);
});

test('written to within seven days; what is too long or too late is refused before it is sent', async () => {
  const before = zalo.requests.length;
  expect(await send({ lastInboundAt: now - 7 * 24 * hour })).toMatchObject({ state: 'failed', code: 'WINDOW_CLOSED' });
  expect(await send({ lastInboundAt: null })).toMatchObject({ state: 'failed', code: 'WINDOW_CLOSED' });
  expect(await send({ piece: { kind: 'text', text: 'ế'.repeat(2001) } })).toMatchObject({ state: 'failed', code: 'TOO_LONG' });
  expect(zalo.requests).toHaveLength(before);
  zalo.follower(user, { lastWroteAt: now - 7 * 24 * hour + 1 });
  expect(await send({ lastInboundAt: now - 7 * 24 * hour + 1 })).toMatchObject({ state: 'sent' });
  expect(await send({ piece: { kind: 'text', text: 'ế'.normalize('NFD').repeat(2000) } })).toMatchObject({ state: 'sent' });
  for (const text of splitText('Dạ vâng ạ. '.repeat(500), 2000))
    expect(await send({ piece: { kind: 'text', text } })).toMatchObject({ state: 'sent' });
  const rules = { textMost: 10, replyMs: hour, replyByPersonMs: 2 * hour, freeMs: null, files: true };
  expect(await send({}, { rules })).toMatchObject({ code: 'TOO_LONG' });
  expect(await send({ byPerson: false }, { rules })).toMatchObject({ code: 'WINDOW_CLOSED' });
});

test('pictures and documents are uploaded, then sent', async () => {
  const cases: [string, string, string, string][] = [
    ['image/png', 'không có đuôi', 'image', 'image.png'],
    ['image/jpeg', 'ảnh.heic', 'image', 'image.jpg'],
    ['image/gif', 'x.gif', 'gif', 'image.gif'],
    ['application/pdf', 'Hoá đơn 11.pdf', 'file', 'Hoá đơn 11.pdf'],
    ['application/pdf', 'hoá đơn', 'file', 'hoá đơn.pdf'],
    ['application/octet-stream', 'Hợp đồng.docx', 'file', 'Hợp đồng.docx'],
    ['application/msword', 'a.doc', 'file', 'a.doc'],
  ];
  for (const [type, name, as, told] of cases) {
    const bytes = Buffer.from(`${type} ${name}`);
    expect(await send({ piece: file(bytes, type, name) })).toMatchObject({ state: 'sent' });
    expect(zalo.sent.at(-1)).toMatchObject({ file: { as, name: told, bytes }, text: null });
  }
});

test('files that Zalo does not take are refused before they are sent', async () => {
  const one = Buffer.from('x');
  const mega = 1024 * 1024;
  for (const piece of [
    file(one, 'image/png', 'a.png', mega + 1),
    file(one, 'image/gif', 'a.gif', 5 * mega + 1),
    file(one, 'application/pdf', 'a.pdf', 5 * mega + 1),
    file(Buffer.alloc(0), 'application/pdf', 'a.pdf'),
    file(one, 'image/webp', 'a.webp'),
    file(one, 'video/mp4', 'a.mp4'),
    file(one, 'application/octet-stream', 'a.exe'),
    file(one, 'application/octet-stream', 'doc'),
  ]) {
    expect(await send({ piece })).toMatchObject({ state: 'failed', code: 'FILE_NOT_ALLOWED' });
  }
  expect(zalo.requests).toEqual([]);
});

test('whatever fails before the file is with Zalo may be tried again: nobody has seen it', async () => {
  const piece = file(Buffer.from('%PDF-'), 'application/pdf', 'a.pdf');
  for (const fault of ['error', 'gateway', 'cut', 'drop', 'garbage', 'stuck'] as const) {
    zalo.uploadFaults.next(fault);
    expect([fault, await send({ piece }, { limits: { uploadTimeoutMs: 100 } })]).toMatchObject([fault, { state: 'later' }]);
  }
  expect(zalo.sent).toEqual([]);
  // From then on, not.
  zalo.faults.next('drop');
  expect(await send({ piece })).toMatchObject({ state: 'unknown' });
  expect(zalo.sent).toHaveLength(1);
  expect(await send({ piece: file(Buffer.from('x'), 'application/pdf', 'a.pdf', 5) })).toMatchObject({ state: 'later' });
});

test('the answers of the samples', async () => {
  expect(await send({}, { baseUrl: await saying(200, sample('zalo_send_ok.json')) })).toEqual({ state: 'sent', id: 'zmOut01' });
  // Refused, renewed, refused again.
  expect(await send({}, { baseUrl: await saying(200, sample('zalo_send_err_token.json')) })).toMatchObject({
    state: 'attention',
    code: 'SIGN_IN_AGAIN',
  });
  expect(zalo.refreshed).toEqual(['demo-refresh-token']);
});

test('a token that is refused is renewed once, and the message sent once', async () => {
  zalo.endAccess();
  expect(await send()).toMatchObject({ state: 'sent' });
  expect(zalo.refreshed).toHaveLength(1);
  expect(stored.access).toBe(zalo.pair.access);
  // In the middle of an upload and a message.
  zalo.uploadFaults.next('token');
  expect(await send({ piece: file(Buffer.from('%PDF-'), 'application/pdf', 'a.pdf') })).toMatchObject({ state: 'sent' });
  expect(zalo.refreshed).toHaveLength(2);
  zalo.uploadFaults.next('token');
  zalo.faults.next('token');
  expect(await send({ piece: file(Buffer.from('%PDF-'), 'application/pdf', 'a.pdf') })).toMatchObject({ code: 'SIGN_IN_AGAIN' });
  expect(zalo.sent).toHaveLength(2);
});

test('many messages at once find the token refused: one refresh, each sent once', async () => {
  zalo.endAccess();
  const shared = account();
  const all = await Promise.all(Array.from({ length: 20 }, (_, index) => send({ piece: { kind: 'text', text: `${index}` } }, shared)));
  expect(all.every(({ state }) => state === 'sent')).toBe(true);
  expect(zalo.refreshed).toHaveLength(1);
  expect(new Set(zalo.sent.map(({ text }) => text)).size).toBe(20);
  expect(zalo.sent).toHaveLength(20);
});

test('each code that means a token', async () => {
  for (const code of [-216, -220, 216, 401, -401, -124]) {
    zalo.refusals = [code];
    const before = zalo.refreshed.length;
    expect([code, await send()]).toMatchObject([code, { state: 'sent' }]);
    expect(zalo.refreshed).toHaveLength(before + 1);
  }
});

test('no token, now or at all', async () => {
  zalo.withdraw();
  expect(await send()).toMatchObject({ state: 'attention', code: 'SIGN_IN_AGAIN' });
  const later = { current: () => Promise.resolve({ state: 'later' as const, reason: 'x' }), renew: () => Promise.reject(new Error()) };
  expect(await send({}, { tokens: later })).toMatchObject({ state: 'later', everyone: true });
});

test('what each error means', async () => {
  const cases: [number, Partial<Outcome>, Partial<Outcome>?][] = [
    [-32, { state: 'later', everyone: true, afterMs: 60_000 } as Outcome],
    [-100, { state: 'later', everyone: false, afterMs: null } as Outcome],
    [-9999, { state: 'later', everyone: false, afterMs: null } as Outcome],
    ...[-211, -218].map((code): [number, Partial<Outcome>] => [code, { state: 'failed', code: 'QUOTA_USED_UP' }]),
    [-210, { state: 'failed', code: 'TOO_LONG' }, { state: 'failed', code: 'FILE_NOT_ALLOWED' }],
    ...[-201, -233, -240, -248].map((code): [number, Partial<Outcome>, Partial<Outcome>] => [
      code,
      { state: 'failed', code: 'NOT_ALLOWED' },
      { state: 'failed', code: 'FILE_NOT_ALLOWED' },
    ]),
    ...[-213, -217, -227, -244].map((code): [number, Partial<Outcome>] => [code, { state: 'failed', code: 'RECIPIENT_UNREACHABLE' }]),
    ...[-230, -232].map((code): [number, Partial<Outcome>] => [code, { state: 'failed', code: 'WINDOW_CLOSED' }]),
    ...[-204, -205, -209, -212, -219, -221, -223, -224, -320, -321].map((code): [number, Partial<Outcome>] => [
      code,
      { state: 'attention', code: 'SETTINGS' },
    ]),
  ];
  for (const [code, text, other = text] of cases) {
    zalo.refusals = [code, code];
    expect([code, await send()]).toMatchObject([code, text]);
    expect([code, await send({ piece: file(Buffer.from('%PDF-'), 'application/pdf', 'a.pdf') })]).toMatchObject([code, other]);
  }
  expect(zalo.sent).toEqual([]);
});

test('at night it waits for six o’clock in Vietnam', async () => {
  zalo.refusals = [-234];
  const outcome = await send();
  expect(outcome).toMatchObject({ state: 'later', everyone: false, afterMs: morningAfter(now) - now });
  const cases = [
    ['2026-11-22T22:00:00+07:00', '2026-11-23T06:00:00+07:00'],
    ['2026-11-23T00:30:00+07:00', '2026-11-23T06:00:00+07:00'],
    ['2026-11-23T05:59:59+07:00', '2026-11-23T06:00:00+07:00'],
    ['2026-11-23T06:00:00+07:00', '2026-11-24T06:00:00+07:00'],
    ['2026-12-31T23:00:00+07:00', '2027-01-01T06:00:00+07:00'],
  ] as const;
  for (const [at, then] of cases) expect(new Date(morningAfter(Date.parse(at)))).toEqual(new Date(then));
});

test('answers that can not be read', async () => {
  const cases: [number, string, Outcome['state']][] = [
    [200, '<html>OK</html>', 'unknown'],
    [200, '{}', 'unknown'],
    [200, '{"error":0,"message":"Success"}', 'unknown'],
    [200, '{"error":0,"data":{"message_id":""}}', 'unknown'],
    [200, '', 'unknown'],
    [500, 'oops', 'later'],
    [502, '<html>', 'later'],
    [504, '<html>', 'unknown'],
    [302, '', 'later'],
    [429, '', 'later'],
    [403, '{"error":-213,"message":"x"}', 'failed'],
  ];
  for (const [status, body, state] of cases) {
    expect([status, body, (await send({}, { baseUrl: await saying(status, body) })).state]).toEqual([status, body, state]);
  }
  // A number is taken as it is written.
  expect(await send({}, { baseUrl: await saying(200, '{"error":"0","data":{"message_id":123}}') })).toEqual({ state: 'sent', id: '123' });
});

test('faults of the line and of Zalo: what was taken is never called not taken', async () => {
  zalo.faults.slowMs = 30;
  const cases = [
    ['error', 'later', 0],
    ['gateway', 'later', 0],
    ['rate', 'later', 0],
    ['cut', 'unknown', 0],
    ['drop', 'unknown', 1],
    ['garbage', 'unknown', 1],
    ['huge', 'unknown', 1],
    ['stuck', 'unknown', 1],
    ['slow', 'sent', 1],
  ] as const;
  for (const [fault, state, taken] of cases) {
    const before = zalo.sent.length;
    zalo.faults.next(fault);
    const outcome = await send({}, { limits: { timeoutMs: 150 } });
    expect([fault, outcome.state, zalo.sent.length - before]).toEqual([fault, state, taken]);
  }
  expect(await send({}, { baseUrl: 'http://no-such-host.invalid' })).toMatchObject({ state: 'later', everyone: false });
});

test('no reason says a token', async () => {
  zalo.withdraw();
  const outcome = await send();
  expect(outcome.state).toBe('attention');
  expect(JSON.stringify(outcome)).not.toMatch(/demo-(refresh|access|app)/);
  const baseUrl = await saying(200, JSON.stringify({ error: -201, message: `with demo-access-token` }));
  expect(JSON.stringify(await send({}, { baseUrl }))).not.toContain('demo-access');
});

test('who somebody is, where Zalo tells', async () => {
  zalo.follower('1', { name: 'Trần Thị Mai'.normalize('NFD') });
  expect(await profileFromZalo(account(), '1')).toMatchObject({
    name: 'Trần Thị Mai',
    pictureUrl: expect.stringContaining(zalo.url) as string,
  });
  expect(await profileFromZalo(account(), '2')).toBeNull();
  expect(await profileFromZalo(account({ baseUrl: 'http://no-such-host.invalid' }), '1')).toBeNull();
  expect(await profileFromZalo(account({ baseUrl: await saying(200, '{"error":0,"data":{"display_name":7}}') }), '1')).toBeNull();
  zalo.endAccess();
  expect(await profileFromZalo(account(), '1')).toMatchObject({ name: 'Trần Thị Mai' });
  zalo.withdraw();
  expect(await profileFromZalo(account(), '1')).toBeNull();
});
