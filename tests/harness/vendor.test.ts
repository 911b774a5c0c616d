/** The stand-ins themselves: what they tell a hub is signed, complete, and told again until it is taken. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Inbound } from '../../server/src/channels/inbound.ts';
import { readMessenger } from '../../server/src/channels/messenger/read.ts';
import { sendToMessenger } from '../../server/src/channels/messenger/send.ts';
import type { Sending } from '../../server/src/channels/outbound.ts';
import { signedByMeta, signedByZalo } from '../../server/src/channels/signatures.ts';
import { readZalo } from '../../server/src/channels/zalo/read.ts';
import { sendToZalo } from '../../server/src/channels/zalo/send.ts';
import { ZaloTokens } from '../../server/src/channels/zalo/tokens.ts';
import { FakeMeta } from './meta.ts';
import { FakeZalo } from './zalo.ts';

interface Told {
  body: Buffer;
  headers: IncomingHttpHeaders;
}
const closing: (() => Promise<void>)[] = [];
const told: Told[] = [];
/** what the hub answers next; 0: nothing at all */
const answers: number[] = [];
let hub = '';

beforeEach(async () => {
  told.length = 0;
  answers.length = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const status = answers.shift() ?? 200;
      told.push({ body: Buffer.concat(pieces), headers: request.headers });
      if (status !== 0) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function meta(options: Parameters<typeof FakeMeta.start>[0] = {}) {
  const started = await FakeMeta.start(options);
  closing.push(() => started.close());
  started.hooks.to(hub);
  return started;
}
async function zalo(options: Parameters<typeof FakeZalo.start>[0] = {}) {
  const started = await FakeZalo.start(options);
  closing.push(() => started.close());
  started.hooks.to(hub);
  return started;
}
const fromMeta = (): Inbound[] =>
  told.flatMap(({ body, headers }) => {
    expect(signedByMeta(body, String(headers['x-hub-signature-256']), 'fbtest_7d1c0f4e9a')).toBe(true);
    return readMessenger(body).map(({ event }) => event);
  });
const fromZalo = (): Inbound[] =>
  told.map(({ body, headers }) => {
    expect(headers['x-zevent-signature']).toMatch(/^mac=/);
    expect(signedByZalo(body, String(headers['x-zevent-signature']), ['1390045512870031188'], 'zoaTest_Qk29')).toBe(true);
    return readZalo(body).event;
  });
const sending = (to: string, text: string): Sending => ({
  outboundId: `id of ${text}`,
  to,
  piece: { kind: 'text', text },
  replyTo: null,
  byPerson: true,
  lastInboundAt: Date.now(),
});
const viaMeta = (of: FakeMeta, to: string, text: string) =>
  sendToMessenger({ kind: 'messenger', baseUrl: of.url, version: 'v25.0', pageToken: 'demo-page-token' }, sending(to, text));
const viaZalo = (of: FakeZalo, to: string, text: string) =>
  sendToZalo(
    {
      baseUrl: of.url,
      pair: of.pair,
      tokens: new ZaloTokens({
        row: { withLock: (run) => run(of.pair, async () => undefined) },
        oauthUrl: of.url,
        appId: '1',
        appSecret: '1',
      }),
    },
    sending(to, text),
  );

test('Meta: what customers do is told, and read as what it was', async () => {
  const one = await meta();
  const picture = one.hold(Buffer.from('ảnh'), 'image/png');
  const mid = one.say('7', 'Shop ơi, còn size M không ạ? 🙏', { attachments: [{ type: 'image', url: picture }], replyTo: 'm_1' });
  one.react('7', mid, '❤');
  one.unsend('7', mid);
  one.answerElsewhere('7', 'Dạ còn ạ');
  await one.hooks.idle();
  expect(fromMeta()).toMatchObject([
    { type: 'message', id: mid, text: 'Shop ơi, còn size M không ạ? 🙏', media: [{ kind: 'image', url: picture }], replyTo: 'm_1' },
    { type: 'reaction', of: mid, emoji: '❤' },
    { type: 'unsend', of: mid },
    { type: 'echo', text: 'Dạ còn ạ', outbound: null, to: { value: '7' } },
  ]);
  expect(await (await fetch(picture)).text()).toBe('ảnh');
  // Escaped as Meta does it.
  expect(told[0]!.body.toString('latin1')).toContain('c\\u00f2n size M');
});

test('Meta: the echo of what we send, before or after the answer, and what becomes of it', async () => {
  const one = await meta();
  one.say('7', 'Alo');
  await one.hooks.idle();
  one.echo = 'before';
  const outcome = await viaMeta(one, '7', 'một');
  expect(fromMeta()).toMatchObject([{ type: 'message' }, { type: 'echo', text: 'một', outbound: 'id of một' }]);
  one.echo = 'after';
  one.receipts = true;
  await viaMeta(one, '7', 'hai');
  one.read('7');
  await one.hooks.idle();
  const events = fromMeta().slice(2);
  expect(events.map(({ type }) => type).sort()).toEqual(['echo', 'receipt', 'receipt']);
  expect(events).toContainEqual(expect.objectContaining({ type: 'receipt', state: 'delivered', of: one.taken('7').map(({ id }) => id) }));
  expect(one.taken('7').map(({ text }) => text)).toEqual(['một', 'hai']);
  expect(outcome).toEqual({ state: 'sent', id: one.taken('7')[0]!.id });
});

test('a webhook that is refused, or not answered in time, is told again until it is taken', async () => {
  const one = await meta({ hookTimeoutMs: 60, retryMs: [5, 5, 5, 5] });
  answers.push(500, 0, 302, 200);
  const mid = one.say('7', 'Alo');
  await one.hooks.idle();
  expect(one.hooks.tries.map(({ status }) => status)).toEqual([500, null, 302, 200]);
  expect(fromMeta().map((event) => 'id' in event && event.id)).toEqual([mid, mid, mid, mid]);
  expect(one.hooks.givenUp).toEqual([]);
  answers.push(500, 500, 500, 500, 500);
  one.say('7', 'Alo');
  await one.hooks.idle();
  expect(one.hooks.givenUp).toHaveLength(1);
});

test('a webhook that was taken may be told twice', async () => {
  const one = await meta();
  one.hooks.twice = 1;
  one.say('7', 'Alo');
  await one.hooks.idle();
  expect(told).toHaveLength(2);
  expect(told[0]!.body.equals(told[1]!.body)).toBe(true);
});

test('one customer’s webhooks are told in order', async () => {
  const one = await meta();
  for (let count = 0; count < 20; count++) one.say('7', `${count}`);
  await one.hooks.idle();
  expect(fromMeta().map((event) => event.type === 'message' && event.text)).toEqual(Array.from({ length: 20 }, (_, count) => `${count}`));
});

test('chance is the same at each run', async () => {
  const run = async () => {
    const one = await meta({ seed: 3 });
    one.hooks.to(null);
    one.say('7', 'Alo');
    one.faults.byChance({ error: 0.2, drop: 0.2, rate: 0.1 });
    const outcomes: string[] = [];
    for (let count = 0; count < 40; count++) outcomes.push((await viaMeta(one, '7', `${count}`)).state);
    return { outcomes, taken: one.taken('7').map(({ id, text }) => [id, text]), happened: one.faults.happened };
  };
  const first = await run();
  expect(await run()).toEqual(first);
  expect(new Set(first.outcomes)).toEqual(new Set(['sent', 'later', 'unknown']));
  // Nothing that was taken is called not taken, and nothing else is called sent.
  expect(first.outcomes.flatMap((state, count) => (state === 'later' ? [] : [`${count}`]))).toEqual(first.taken.map(([, text]) => text));
});

test('Zalo: what customers do is told, and read as what it was', async () => {
  const one = await zalo();
  const picture = one.hold(Buffer.from('ảnh'), 'image/jpeg');
  one.follow('5', true);
  const id = one.say('5', 'hộp bị móp', { kind: 'image', attachments: [{ type: 'image', payload: { url: picture } }], replyTo: 'zm1' });
  one.submitInfo('5', { name: 'Mai', phone: '84912345678' });
  one.answerElsewhere('5', 'Dạ vâng');
  await one.hooks.idle();
  expect(fromZalo()).toMatchObject([
    { type: 'follow', follows: true, from: { value: '5' } },
    { type: 'message', id, text: 'hộp bị móp', media: [{ kind: 'image', url: picture }], replyTo: 'zm1' },
    { type: 'details', name: 'Mai', phone: '84912345678' },
    { type: 'echo', text: 'Dạ vâng', outbound: null },
  ]);
});

test('Zalo: the echo of what we send, and what becomes of it', async () => {
  const one = await zalo();
  one.say('5', 'Alo');
  one.receipts = true;
  const outcome = await viaZalo(one, '5', 'một');
  await one.hooks.idle();
  one.seen('5');
  await one.hooks.idle();
  const [taken] = one.taken('5');
  expect(outcome).toEqual({ state: 'sent', id: taken!.id });
  expect(fromZalo()).toMatchObject([
    { type: 'message' },
    { type: 'echo', id: taken!.id, text: 'một' },
    { type: 'receipt', state: 'delivered', of: [taken!.id] },
    { type: 'receipt', state: 'read', of: [taken!.id] },
  ]);
});

test('Zalo: its ladder, and which step of it this is', async () => {
  const one = await zalo({ ladder: 1 / 1_000_000 });
  answers.push(500, 500, 500, 500, 500, 500);
  one.say('5', 'Alo');
  await one.hooks.idle();
  expect(told.map(({ headers }) => headers['num_retry'])).toEqual([undefined, '1', '2', '3', '4', '5']);
  expect(one.hooks.givenUp).toHaveLength(1);
  // It is switched off then.
  one.say('5', 'Alo?');
  await one.hooks.idle();
  one.hooks.to(hub);
  one.say('5', 'Alo!');
  await one.hooks.idle();
  expect(fromZalo().at(-1)).toMatchObject({ text: 'Alo!' });
  expect(told).toHaveLength(7);
});

test('Zalo: a refresh token that is used twice kills the pair', async () => {
  const one = await zalo();
  one.follower('5', { lastWroteAt: Date.now() });
  const refresh = async (token: string) => {
    const answer = await fetch(`${one.url}/v4/oa/access_token`, {
      method: 'POST',
      headers: { secret_key: 'demo-app-secret' },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, app_id: '1390045512870031188' }),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as { access_token?: string; expires_in?: string; error?: number };
  };
  expect(await refresh('demo-refresh-token')).toEqual({
    access_token: one.pair.access,
    refresh_token: one.pair.refresh,
    expires_in: '90000',
  });
  expect(await viaZalo(one, '5', 'một')).toMatchObject({ state: 'sent' });
  expect(await refresh('demo-refresh-token')).toMatchObject({ error: -14014 });
  expect(await viaZalo(one, '5', 'hai')).toMatchObject({ state: 'attention' });
  expect(await refresh(one.pair.refresh)).toMatchObject({ error: -14014 });
  one.signIn();
  expect(await viaZalo(one, '5', 'ba')).toMatchObject({ state: 'sent' });
  const health = await fetch(`${one.url}/v2.0/oa/getoa`, { headers: { access_token: one.pair.access } });
  expect(await health.json()).toMatchObject({ error: 0, data: { oa_id: '2877310045519900321' } });
});
