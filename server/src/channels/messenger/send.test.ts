import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeMeta, type MetaOptions } from '../../../../tests/harness/meta.ts';
import { sample } from '../../../../tests/harness/samples.ts';
import { CallFailed, callVendor } from '../call.ts';
import { splitText } from '../split.ts';
import type { Outcome, Sending } from '../outbound.ts';
import { profileFromMeta } from './profile.ts';
import { type MetaAccount, sendToMessenger } from './send.ts';

const hour = 3_600_000;
const now = 1_794_456_000_000;
const clock = () => now;
const psid = '7711220099883345';
const closing: (() => Promise<void>)[] = [];
let meta: FakeMeta;

const start = async (options: MetaOptions = {}) => {
  const started = await FakeMeta.start({ now: clock, ...options });
  closing.push(() => started.close());
  return started;
};
beforeEach(async () => {
  meta = await start();
  meta.customer(psid, { lastWroteAt: now - hour });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const account = (fields: Partial<MetaAccount> = {}): MetaAccount => ({
  kind: 'messenger',
  baseUrl: meta.url,
  version: 'v25.0',
  pageToken: 'demo-page-token',
  ...fields,
});
const sending = (fields: Partial<Sending> = {}): Sending => ({
  outboundId: '01JCSOUT0001',
  to: psid,
  piece: { kind: 'text', text: 'Dạ còn size M ạ' },
  replyTo: null,
  byPerson: true,
  lastInboundAt: now - hour,
  ...fields,
});
const send = (fields: Partial<Sending> = {}, of: Partial<MetaAccount> = {}) => sendToMessenger(account(of), sending(fields), { clock });
const file = (bytes: Buffer, type: string, name: string, said = bytes.length): Sending['piece'] => ({
  kind: 'file',
  file: {
    id: 'f1',
    name,
    type,
    size: said,
    open: () => Readable.from([bytes.subarray(0, 3), bytes.subarray(3)].filter((one) => one.length > 0)),
  },
});

/** A server that answers as it is told. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const saying = (status: number, body: string | Buffer, headers: Record<string, string> = {}) =>
  answering((request, response) => request.resume().on('end', () => response.writeHead(status, headers).end(body)));
const outcomeOf = async (status: number, body: string | Buffer, headers: Record<string, string> = {}): Promise<Outcome> =>
  send({}, { baseUrl: await saying(status, body, headers) });

test('a text arrives once, with what its echo is known by', async () => {
  const outcome = await send({ piece: { kind: 'text', text: 'Dạ còn size M ạ'.normalize('NFD') } });
  const [taken, ...more] = meta.taken(psid);
  expect(outcome).toEqual({ state: 'sent', id: taken!.id });
  expect(taken).toMatchObject({ text: 'Dạ còn size M ạ', metadata: 'out:01JCSOUT0001', tag: null, replyTo: null });
  expect(more).toEqual([]);
});

test('an answer quotes; when what it quotes is gone it is said without', async () => {
  expect(await send({ replyTo: 'm_Ab1-text-0001' })).toMatchObject({ state: 'sent' });
  expect(await send({ replyTo: 'gone' })).toMatchObject({ state: 'sent' });
  expect(meta.taken(psid).map(({ replyTo }) => replyTo)).toEqual(['m_Ab1-text-0001', null]);
});

test('the tag goes with what a person writes after 24 hours, and with nothing else', async () => {
  const cases: [number | null, boolean, string | null][] = [
    [0, false, 'RESPONSE'],
    [24 * hour - 1, true, 'RESPONSE'],
    [24 * hour, true, 'HUMAN_AGENT'],
    [24 * hour, false, null],
    [7 * 24 * hour - 1, true, 'HUMAN_AGENT'],
    [7 * 24 * hour, true, null],
    [null, true, null],
  ];
  for (const [age, byPerson, expected] of cases) {
    const lastInboundAt = age === null ? null : now - age;
    meta.customer(psid, { lastWroteAt: lastInboundAt });
    const before = meta.requests.length;
    const outcome = await send({ lastInboundAt, byPerson });
    if (expected === null) {
      expect(outcome).toMatchObject({ state: 'failed', code: 'WINDOW_CLOSED' });
      expect(meta.requests).toHaveLength(before);
    } else {
      expect(outcome).toMatchObject({ state: 'sent' });
      expect(meta.sent.at(-1)!.tag).toBe(expected === 'RESPONSE' ? null : expected);
    }
  }
  expect(meta.breaches).toEqual([]);
  // What the page was not granted, it does not ask for; a setting opens or closes it.
  const rules = { textMost: 2000, replyMs: 24 * hour, replyByPersonMs: 24 * hour, freeMs: null, files: true };
  expect(await send({ lastInboundAt: now - 30 * hour }, { rules })).toMatchObject({ code: 'WINDOW_CLOSED' });
});

test('a text that is too long is refused before it is sent; cut, it arrives whole', async () => {
  const text = 'Dạ shop gửi mình bảng giá. 👩‍👩‍👧‍👦 '.repeat(150);
  expect(await send({ piece: { kind: 'text', text } })).toMatchObject({ state: 'failed', code: 'TOO_LONG' });
  expect(await send({ piece: { kind: 'text', text: 'a'.repeat(1001) } }, { kind: 'instagram' })).toMatchObject({ code: 'TOO_LONG' });
  expect(meta.requests).toEqual([]);
  const pieces = splitText(text, 2000);
  for (const [index, piece] of pieces.entries())
    expect(await send({ outboundId: `part${index}`, piece: { kind: 'text', text: piece } })).toMatchObject({ state: 'sent' });
  expect(
    meta
      .taken(psid)
      .map((one) => one.text)
      .join(''),
  ).toBe(text);
});

test('files are streamed, and called what they are', async () => {
  const pdf = Buffer.from('%PDF-1.7 hoá đơn');
  for (const [bytes, type, name, kind] of [
    [Buffer.from('89504e470d0a1a0a', 'hex'), 'image/png', 'ảnh.png', 'image'],
    [pdf, 'application/pdf', 'hoá "đơn"\r\n11.pdf', 'file'],
    [Buffer.from('xxxx'), 'video/mp4', 'a.mp4', 'video'],
    [Buffer.from('xxxx'), 'audio/mpeg', 'a.mp3', 'audio'],
    [Buffer.from('xxxx'), 'image/webp', 'a.webp', 'file'],
  ] as const) {
    expect(await send({ piece: file(bytes, type, name) })).toMatchObject({ state: 'sent' });
    expect(meta.sent.at(-1)).toMatchObject({ metadata: 'out:01JCSOUT0001', text: null, file: { kind, type, bytes } });
  }
  expect(meta.sent[0]!.file!.name).toBe('ảnh.png');
  const big = Buffer.alloc(5 * 1024 * 1024, 7);
  expect(await send({ piece: file(big, 'application/octet-stream', 'big.bin') })).toMatchObject({ state: 'sent' });
  expect(meta.sent.at(-1)!.file!.bytes.equals(big)).toBe(true);
});

test('files that Meta does not take are refused before they are sent', async () => {
  const one = Buffer.from('x');
  for (const [piece, of] of [
    [file(one, 'application/pdf', 'a.pdf', 25 * 1024 * 1024 + 1), {}],
    [file(Buffer.alloc(0), 'application/pdf', 'a.pdf'), {}],
    [file(one, 'image/png', 'a.png', 8 * 1024 * 1024 + 1), { kind: 'instagram' }],
    [file(one, 'application/zip', 'a.zip'), { kind: 'instagram' }],
    [file(one, 'image/webp', 'a.webp'), { kind: 'instagram' }],
  ] as const) {
    expect(await send({ piece }, of)).toMatchObject({ state: 'failed', code: 'FILE_NOT_ALLOWED' });
  }
  expect(meta.requests).toEqual([]);
});

test('a file that can not be read, or is not as long as it said, was not sent', async () => {
  const broken: Sending['piece'] = {
    kind: 'file',
    file: {
      id: 'f1',
      name: 'a.pdf',
      type: 'application/pdf',
      size: 200_000,
      open: () =>
        Readable.from(
          (async function* () {
            yield Buffer.alloc(100_000);
            throw new Error('the disk');
          })(),
        ),
    },
  };
  for (const piece of [
    broken,
    file(Buffer.alloc(10), 'application/pdf', 'a.pdf', 20),
    file(Buffer.alloc(20), 'application/pdf', 'a.pdf', 10),
  ])
    expect(await send({ piece })).toMatchObject({ state: 'later', afterMs: null, everyone: false });
  expect(meta.sent).toEqual([]);
});

test('Instagram: names in ASCII, shorter texts', async () => {
  const instagram = await start({ object: 'instagram', accountId: '17841400000000001' });
  instagram.customer(psid, { lastWroteAt: now - hour });
  const of: Partial<MetaAccount> = { kind: 'instagram', baseUrl: instagram.url };
  expect(await send({}, of)).toMatchObject({ state: 'sent' });
  expect(await send({ piece: file(Buffer.from('%PDF-'), 'application/pdf', 'Hoá đơn số 1 – Đà Nẵng 👍.pdf') }, of)).toMatchObject({
    state: 'sent',
  });
  expect(instagram.sent[1]!.file!.name).toBe('Hoa don so 1 _ Da Nang __.pdf');
});

test('the answers of the samples', async () => {
  expect(await outcomeOf(200, sample('fb_send_ok.json'))).toEqual({ state: 'sent', id: 'm_Out-0001' });
  expect(await outcomeOf(400, sample('fb_send_err_window.json'))).toMatchObject({ state: 'failed', code: 'WINDOW_CLOSED' });
  expect(await outcomeOf(400, sample('fb_send_err_token.json'))).toMatchObject({ state: 'attention', code: 'SIGN_IN_AGAIN' });
  expect(await outcomeOf(400, sample('fb_send_err_rate.json'))).toMatchObject({ state: 'later', everyone: true, afterMs: null });
  expect(await outcomeOf(429, sample('fb_send_err_rate.json'), { 'retry-after': '90' })).toMatchObject({
    state: 'later',
    everyone: true,
    afterMs: 90_000,
  });
});

test('what each error means', async () => {
  const cases: [number, number | undefined, string, Partial<Outcome>][] = [
    [1, undefined, 'unknown', { state: 'later', everyone: false } as Outcome],
    [1, 1357046, 'Received invalid JSON reply.', { state: 'unknown' }],
    [2, undefined, 'unexpected', { state: 'later', everyone: false } as Outcome],
    [1200, undefined, 'temporary', { state: 'later', everyone: false } as Outcome],
    [4, undefined, 'limit', { state: 'later', everyone: true } as Outcome],
    [32, undefined, 'limit', { state: 'later', everyone: true } as Outcome],
    [613, undefined, 'limit', { state: 'later', everyone: true } as Outcome],
    [80006, undefined, 'limit', { state: 'later', everyone: true } as Outcome],
    [10, 2018278, 'outside', { state: 'failed', code: 'WINDOW_CLOSED' }],
    [10, 2534022, 'outside', { state: 'failed', code: 'WINDOW_CLOSED' }],
    [10, undefined, '(#10) This message is sent outside of allowed window.', { state: 'failed', code: 'WINDOW_CLOSED' }],
    [10, 1893063, 'Page restricted', { state: 'attention', code: 'SETTINGS' }],
    [10, undefined, 'Application does not have permission', { state: 'attention', code: 'SETTINGS' }],
    [3, undefined, 'capability', { state: 'attention', code: 'SETTINGS' }],
    [200, undefined, 'permission', { state: 'attention', code: 'SETTINGS' }],
    [230, undefined, 'permission', { state: 'attention', code: 'SETTINGS' }],
    [190, undefined, 'token', { state: 'attention', code: 'SIGN_IN_AGAIN' }],
    [190, 463, 'token', { state: 'attention', code: 'SIGN_IN_AGAIN' }],
    [100, 2018001, 'No matching user found', { state: 'failed', code: 'RECIPIENT_UNREACHABLE' }],
    [200, 1545041, 'not receiving', { state: 'failed', code: 'RECIPIENT_UNREACHABLE' }],
    [551, undefined, 'not available', { state: 'failed', code: 'RECIPIENT_UNREACHABLE' }],
    [100, 2018109, 'size', { state: 'failed', code: 'FILE_NOT_ALLOWED' }],
    [100, undefined, '(#100) Length of param message[text] must be less than', { state: 'failed', code: 'TOO_LONG' }],
    [100, undefined, '(#100) Invalid parameter', { state: 'failed', code: 'NOT_ALLOWED' }],
    [99_999, undefined, 'nobody knows', { state: 'failed', code: 'NOT_ALLOWED' }],
  ];
  for (const [code, subcode, message, expected] of cases) {
    const error = { message, type: 'OAuthException', code, ...(subcode !== undefined && { error_subcode: subcode }) };
    expect([code, subcode, await outcomeOf(400, JSON.stringify({ error }))]).toMatchObject([code, subcode, expected]);
  }
  const transient = { error: { message: 'x', code: 99_999, is_transient: true } };
  expect(await outcomeOf(400, JSON.stringify(transient))).toMatchObject({ state: 'later' });
  expect(await outcomeOf(500, JSON.stringify({ error: { message: 'x', code: 99_999 } }))).toMatchObject({ state: 'later' });
});

test('answers that can not be read', async () => {
  const cases: [number, string, Outcome['state']][] = [
    [200, '<html>OK</html>', 'unknown'],
    [200, '{}', 'unknown'],
    [200, '{"message_id":""}', 'unknown'],
    [200, '{"message_id":7}', 'unknown'],
    [200, 'null', 'unknown'],
    [200, '', 'unknown'],
    [204, '', 'unknown'],
    [500, 'oops', 'later'],
    [502, '<html>Bad Gateway</html>', 'later'],
    [503, '', 'later'],
    // It says by itself that somebody was asked who has not answered.
    [504, '<html>Gateway Timeout</html>', 'unknown'],
    [302, '', 'later'],
    [403, '<html>A proxy</html>', 'later'],
    [429, 'slow down', 'later'],
    [413, 'too large', 'failed'],
  ];
  for (const [status, body, state] of cases) expect([status, body, (await outcomeOf(status, body)).state]).toEqual([status, body, state]);
  expect(await outcomeOf(429, 'slow down', { 'retry-after': '7' })).toMatchObject({ everyone: true, afterMs: 7000 });
});

test('faults of the line and of Meta: what was taken is never called not taken', async () => {
  const limits = { timeoutMs: 150 };
  const cases = [
    ['error', 'later', 0],
    ['gateway', 'later', 0],
    ['rate', 'later', 0],
    ['token', 'attention', 0],
    // Nobody can tell it from the next one.
    ['cut', 'unknown', 0],
    ['drop', 'unknown', 1],
    ['garbage', 'unknown', 1],
    ['huge', 'unknown', 1],
    ['stuck', 'unknown', 1],
    ['slow', 'sent', 1],
  ] as const;
  meta.faults.slowMs = 30;
  for (const [fault, state, taken] of cases) {
    const before = meta.sent.length;
    meta.faults.next(fault);
    const outcome = await send({}, { limits });
    expect([fault, outcome.state, meta.sent.length - before]).toEqual([fault, state, taken]);
  }
});

test('an upload whose connection drops after it was taken is not called not taken', async () => {
  for (let count = 0; count < 20; count++) {
    meta.faults.next('drop');
    expect(await send({ piece: file(Buffer.alloc(300_000, count), 'application/pdf', 'a.pdf') })).toMatchObject({ state: 'unknown' });
  }
  expect(meta.sent).toHaveLength(20);
});

test('an upload that breaks off half way was not taken', async () => {
  const baseUrl = await answering((request) => {
    request.once('data', () => request.socket.resetAndDestroy());
  });
  const piece: Sending['piece'] = {
    kind: 'file',
    file: {
      id: 'f1',
      name: 'a.bin',
      type: 'application/octet-stream',
      size: 20_000_000,
      open: () => Readable.from(Array.from({ length: 200 }, () => Buffer.alloc(100_000))),
    },
  };
  expect(await send({ piece }, { baseUrl })).toMatchObject({ state: 'later', everyone: false });
});

test('what never left is tried later', async () => {
  const gone = await FakeMeta.start();
  const { url } = gone;
  await gone.close();
  for (const baseUrl of [url, 'http://no-such-host.invalid', meta.url.replace('http:', 'https:')]) {
    const outcome = await send({}, { baseUrl });
    expect([baseUrl, outcome]).toMatchObject([baseUrl, { state: 'later', afterMs: null, everyone: false }]);
    expect(JSON.stringify(outcome)).not.toContain('token');
  }
  expect(meta.sent).toEqual([]);
});

test('no answer says the token, whoever repeats it', async () => {
  const pageToken = 'EAAB/secret+token=';
  for (const [status, body] of [
    [400, JSON.stringify({ error: { message: `Malformed access token ${pageToken}`, code: 190 } })],
    [400, JSON.stringify({ error: { message: `at ?access_token=${encodeURIComponent(pageToken)}`, code: 100 } })],
    [200, `<html>${pageToken}</html>`],
  ] as const) {
    const outcome = await send({}, { baseUrl: await saying(status, body), pageToken });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  }
  const failure = await callVendor({
    method: 'GET',
    url: new URL(`http://no-such-host.invalid/x?access_token=${pageToken}`),
    timeoutMs: 5000,
  }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(CallFailed);
  expect(String((failure as Error).stack)).not.toContain('secret');
});

test('a page without a token, or with one that has ended, waits for somebody', async () => {
  expect(await send({}, { pageToken: null })).toMatchObject({ state: 'attention', code: 'SIGN_IN_AGAIN' });
  expect(await send({}, { pageToken: 'another' })).toMatchObject({ state: 'attention', code: 'SIGN_IN_AGAIN' });
  expect(await send({}, { pageToken: 'a\nb' })).toMatchObject({ state: 'attention', code: 'SIGN_IN_AGAIN' });
  expect(meta.sent).toEqual([]);
});

test('somebody who has blocked us, or is not there', async () => {
  meta.customer('1', { state: 'blocked', lastWroteAt: now - hour });
  expect(await send({ to: '1' })).toMatchObject({ state: 'failed', code: 'RECIPIENT_UNREACHABLE' });
  expect(await send({ to: '2' })).toMatchObject({ state: 'failed', code: 'RECIPIENT_UNREACHABLE' });
});

test('who somebody is, where Meta tells', async () => {
  meta.customer('1', { first: 'Mai', last: 'Nguyễn'.normalize('NFD') });
  meta.customer('2', { state: 'phone' });
  expect(await profileFromMeta(account(), '1')).toMatchObject({
    name: 'Nguyễn Mai',
    pictureUrl: expect.stringContaining(meta.url) as string,
  });
  expect(await profileFromMeta(account(), '2')).toBeNull();
  expect(await profileFromMeta(account(), '3')).toBeNull();
  expect(await profileFromMeta(account({ pageToken: null }), '1')).toBeNull();
  expect(await profileFromMeta(account({ pageToken: 'another' }), '1')).toBeNull();
  expect(await profileFromMeta(account({ baseUrl: 'http://no-such-host.invalid' }), '1')).toBeNull();
  const older = await saying(200, JSON.stringify({ first_name: 'Mai', last_name: 'Nguyễn', profile_pic: 'no address', id: '1' }));
  expect(await profileFromMeta(account({ baseUrl: older }), '1')).toEqual({ name: 'Nguyễn Mai', pictureUrl: null });
  expect(await profileFromMeta(account({ baseUrl: await saying(200, '{}') }), '1')).toBeNull();
  expect(await profileFromMeta(account({ baseUrl: await saying(200, '{"name":7}') }), '1')).toBeNull();
  const instagram = await start({ object: 'instagram' });
  instagram.customer('4', { first: 'mai', last: '' });
  expect(await profileFromMeta(account({ kind: 'instagram', baseUrl: instagram.url }), '4')).toMatchObject({ name: 'mai' });
});
