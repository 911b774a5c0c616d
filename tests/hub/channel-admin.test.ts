/** What administrators do with channels: enter what feeds them, try them out, see what was refused, and change secrets without a gap. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyWebhook } from '../../server/src/webhooks/sign.ts';
import type { AdminChannel, ChannelCheck } from '../../src/shared/channel-admin.ts';
import { until } from '../harness/engine.ts';
import { mailChannel, MailDesk, shopAddress } from '../harness/mail-desk.ts';
import { postSigned, Receiver } from '../harness/receiver.ts';
import { secrets } from '../harness/samples.ts';
import { openShop, type Shop } from '../harness/vendors.ts';
import { signIn } from '../harness/wire.ts';

let shop: Shop;
let receiver: Receiver;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  receiver = await Receiver.start();
  shop = await openShop({ TRUC_WEBHOOK_HOSTS: receiver.host, TRUC_CHECK_TIMEOUT: '2' });
  for (const key of ['lan', 'thu', 'quan']) tokens[key] = (await signIn(shop.hub.url, key)).token;
});
afterAll(async () => {
  await shop.stop();
  await receiver.stop();
});

const call = async (method: string, path: string, body?: object, who = 'quan') => {
  const answer = await fetch(`${shop.hub.url}/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${tokens[who]}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  });
  const text = await answer.text();
  return { status: answer.status, text, value: JSON.parse(text) as Record<string, unknown> };
};
const channel = async (id: string) => ((await call('GET', '/channels')).value['channels'] as AdminChannel[]).find((one) => one.id === id)!;
const account = (id: string, vendor: string, settings: object, more: object) =>
  call('PUT', `/channels/${id}/account`, { vendor, settings, secrets: more });
const tried = async (id: string) => (await call('POST', `/channels/${id}/test`, {})).value as unknown as ChannelCheck;
const signed = (body: string, secret = secrets.facebook_app_secret) => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
});

describe('a test really asks the other side', () => {
  test('Messenger: whose the token is; and why not', async () => {
    expect(await tried('demo-messenger')).toMatchObject({
      ok: true,
      steps: [{ step: 'token', ok: true, detail: 'Sao Mai', remedy: null }],
    });
    shop.meta.tokenWorks = false;
    const refused = await tried('demo-messenger');
    expect(refused).toMatchObject({ ok: false, steps: [{ step: 'token', ok: false, remedy: 'signIn' }] });
    // Meta repeats what it was given.
    expect(JSON.stringify(refused)).not.toContain('demo-page-token');
    shop.meta.tokenWorks = true;
    await account('demo-instagram', 'instagram', {}, { pageToken: null });
    expect(await tried('demo-instagram')).toMatchObject({ ok: false, steps: [{ remedy: 'connect' }] });
    expect((await channel('demo-instagram')).secrets).toEqual({ appSecret: 1, verifyToken: 1, pageToken: 0 });
  });

  test('Zalo: by the token that is renewed under its lock; a token of another account is none', async () => {
    expect(await tried('demo-zalo')).toMatchObject({ ok: true, steps: [{ step: 'token', detail: 'Sao Mai' }] });
    expect((await account('demo-zalo', 'zalo', { appId: '1390045512870031188', oaId: '999' }, {})).status).toBe(200);
    expect(await tried('demo-zalo')).toMatchObject({ ok: false, steps: [{ remedy: 'settings' }] });
    await account('demo-zalo', 'zalo', { appId: '1390045512870031188', oaId: '2877310045519900321' }, {});
    // One that nobody handed out: an administrator has to sign in again.
    await account('demo-zalo', 'zalo', { appId: '1390045512870031188', oaId: null }, { refreshToken: 'not-a-token' });
    expect(await tried('demo-zalo')).toMatchObject({ ok: false, steps: [{ step: 'token', remedy: 'signIn' }] });
  });

  test('a program and a bot: a signed webhook.test, and what they answer', async () => {
    expect(await tried('demo-api')).toMatchObject({ ok: false, steps: [{ step: 'webhook', remedy: 'connect' }] });
    await account('demo-api', 'api', { webhookUrl: receiver.url }, {});
    expect(await tried('demo-api')).toMatchObject({ ok: true, steps: [{ step: 'webhook', detail: 'HTTP 200' }] });
    expect(receiver.told.at(-1)).toMatchObject({ signed: true, body: { type: 'webhook.test', data: { channel_id: 'demo-api' } } });
    receiver.answers.push({ status: 503 });
    expect(await tried('demo-api')).toMatchObject({ ok: false, steps: [{ detail: 'HTTP 503: {}', remedy: 'receiver' }] });
    receiver.answers.push('hang');
    const slow = await tried('demo-api');
    expect(slow).toMatchObject({ ok: false, steps: [{ remedy: 'receiver' }] });
    expect(slow.tookMs).toBeLessThan(2500);
    // An address of the house is not asked.
    await account('demo-api', 'api', { webhookUrl: 'http://127.0.0.1:9/hook' }, {});
    expect(await tried('demo-api')).toMatchObject({ ok: false, steps: [{ step: 'webhook', remedy: 'settings' }] });

    const settings = { name: 'Bot ngoài', channelIds: ['demo-api'], webhookUrl: receiver.url, timeoutMs: 5000 };
    const made = (await call('PUT', '/bots/helper/account', { settings })).value as { secret: string };
    expect(await tried('helper')).toMatchObject({ ok: true, steps: [{ step: 'webhook' }] });
    const told = receiver.told.at(-1)!;
    expect(verifyWebhook([made.secret], told.headers, told.raw, Date.now()).ok).toBe(true);
    const listed = (await call('GET', '/bots')).value as { rules: { id: string }[]; outside: { id: string; secrets: number }[] };
    expect(listed.rules.map(({ id }) => id)).toEqual(['demo-bot']);
    expect(listed.outside).toContainEqual({ id: 'helper', settings, secrets: 1, refused: null });
  });

  test('who calls us is not called; what has nothing connected says so; nothing else is tested', async () => {
    expect(await tried('demo-cti')).toMatchObject({ ok: true, steps: [{ step: 'listen', ok: true }] });
    expect(await tried('demo-mail')).toMatchObject({ ok: false, steps: [{ step: 'account', remedy: 'connect' }] });
    expect((await call('POST', '/channels/nowhere/test', {})).status).toBe(404);
    for (const who of ['lan', 'thu']) {
      expect((await call('POST', '/channels/demo-cti/test', {}, who)).status).toBe(403);
      expect((await call('GET', '/bots', undefined, who)).status).toBe(403);
    }
  });

  test('a mailbox: read, opened, and a mail to itself that becomes no ticket', async () => {
    const desk = await MailDesk.open({ TRUC_CHECK_TIMEOUT: '8' });
    try {
      const mailbox = async () =>
        (await (await desk.ask('quan', `channels/${mailChannel}/test`, { method: 'POST', body: {} })).json()) as ChannelCheck;
      const tickets = await desk.count('ticket');
      expect(await mailbox()).toMatchObject({
        ok: true,
        steps: [
          { step: 'imap', ok: true, detail: shopAddress },
          { step: 'folder', ok: true },
          { step: 'smtp', ok: true, detail: shopAddress },
        ],
      });
      const sent = desk.peer.heard.at(-1)!;
      expect(sent).toContain('Auto-Submitted');
      await desk.deliver(sent);
      expect(await desk.count('ticket')).toBe(tickets);
      await desk.enter(mailChannel, shopAddress, {}, 'wrong');
      const wrong = await mailbox();
      expect(wrong).toMatchObject({ ok: false, steps: [{ step: 'imap', ok: false, remedy: 'signIn' }, { step: 'smtp' }] });
      expect(JSON.stringify(wrong)).not.toContain('wrong');
      await desk.enter(mailChannel, shopAddress, { imap: { host: '127.0.0.1', port: 9, security: 'none', user: shopAddress } });
      expect((await mailbox()).steps).toMatchObject([
        { step: 'imap', ok: false, remedy: 'line' },
        { step: 'smtp', ok: true },
      ]);
    } finally {
      await desk.stop();
    }
  });
});

describe('what is refused is counted, and shown with its reason', () => {
  const refused = async (id: string) => (await channel(id)).refused;
  const body = '{"object":"page","entry":[]}';

  test('a wrong signature, once a second at most; new settings begin anew', async () => {
    expect(await refused('demo-messenger')).toBeNull();
    const before = Date.now();
    for (let count = 0; count < 12; count += 1)
      expect((await shop.post('/hooks/messenger/demo-messenger', body, signed(body, 'other'))).status).toBe(401);
    await until(async () => (await refused('demo-messenger'))?.count === 12);
    expect(await refused('demo-messenger')).toMatchObject({ reason: 'SIGNATURE', count: 12 });
    expect((await refused('demo-messenger'))!.at).toBeGreaterThanOrEqual(before);
    expect((await shop.post('/hooks/messenger/demo-messenger', body, signed(body))).status).toBe(200);
    expect(await refused('demo-messenger')).toMatchObject({ count: 12 });
    await account('demo-messenger', 'messenger', {}, {});
    expect(await refused('demo-messenger')).toBeNull();
  });

  test('every door of a channel', async () => {
    await shop.post('/hooks/zalo/demo-zalo', '{}', { 'x-zevent-signature': 'mac=0' });
    await until(async () => (await refused('demo-zalo'))?.reason === 'SIGNATURE');
    const subscribe = 'hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1';
    await fetch(`${shop.hub.url}/hooks/messenger/demo-instagram?${subscribe}`);
    await until(async () => (await refused('demo-instagram'))?.reason === 'VERIFY_TOKEN');
    await shop.post('/hooks/cti/another-token', 'event=newCall');
    await until(async () => (await refused('demo-cti'))?.reason === 'TOKEN');
    const path = '/api/v1/channels/demo-api/messages';
    await shop.post(path, '{}', { authorization: 'Bearer wrong' });
    await until(async () => (await refused('demo-api'))?.reason === 'KEY');
    await postSigned(`${shop.hub.url}${path}`, '{}', 'late-1', { at: Date.now() - 3_600_000 });
    await until(async () => (await refused('demo-api'))?.reason === 'TOO_OLD');
    await shop.post('/api/v1/bots/demo-bot/events', '{}');
    await until(async () =>
      ((await call('GET', '/bots')).value['outside'] as { id: string; refused: object | null }[]).some(
        (one) => one.id === 'demo-bot' && one.refused !== null,
      ),
    );
  });
});

describe('secrets go in, are changed without a gap, and never come out', () => {
  const send = (key: string) =>
    shop.post(
      '/api/v1/channels/demo-api/messages',
      JSON.stringify({ id: `k-${key}`, contact: { external_id: 'c' }, conversation: { external_id: 'v' }, message: { text: 'x' } }),
      { authorization: `Bearer ${key}` },
    );

  test('a new key beside the old one, and the old one taken away', async () => {
    const settings = { webhookUrl: null };
    expect((await account('demo-api', 'api', settings, { apiKeys: { add: 'key-number-two', keep: 1 } })).status).toBe(200);
    expect((await channel('demo-api')).secrets).toEqual({ apiKeys: 2, webhookSecrets: 1 });
    expect([(await send('key-number-two')).status, (await send('demo-api-key')).status]).toEqual([201, 201]);
    await account('demo-api', 'api', settings, { apiKeys: { keep: 1 } });
    expect([(await send('key-number-two')).status, (await send('demo-api-key')).status]).toEqual([200, 401]);
  });

  test('a new secret of the chat leaves the one before it good, until it is taken away', async () => {
    const settings = { allowedDomains: [], preChat: null, consent: null, continueByMail: null };
    const set = (more: object) => account('demo-widget', 'chat', settings, more);
    const keys = async () => (await channel('demo-widget')).secrets;
    expect((await set({ identitySecret: 'a'.repeat(48), identitySecretBefore: null })).status).toBe(200);
    expect(await keys()).toEqual({ identitySecret: 1, identitySecretBefore: 0 });
    expect((await set({ identitySecret: 'b'.repeat(48) })).status).toBe(200);
    expect(await keys()).toEqual({ identitySecret: 1, identitySecretBefore: 1 });
    await set({});
    expect(await keys()).toEqual({ identitySecret: 1, identitySecretBefore: 1 });
    await set({ identitySecretBefore: null });
    expect(await keys()).toEqual({ identitySecret: 1, identitySecretBefore: 0 });
    expect((await set({ identitySecret: 'short' })).value).toMatchObject({ field: 'secrets.identitySecret' });
    expect(await tried('demo-widget')).toMatchObject({ ok: true, steps: [{ step: 'listen' }] });
  });

  test('what is wrong is named, and nothing is changed', async () => {
    for (const [secretsGiven, field] of [
      [{ webhookSecrets: { add: 'short', keep: 1 } }, 'secrets.webhookSecrets.0'],
      [{ unknown: 'x' }, 'secrets'],
      [{ apiKeys: { add: 'x', keep: 9 } }, 'secrets.apiKeys.keep'],
      [{ apiKeys: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'secrets.apiKeys'],
    ] as const) {
      const answer = await account('demo-api', 'api', { webhookUrl: null }, secretsGiven);
      expect([answer.status, answer.value['field']]).toEqual([400, field]);
    }
    expect((await account('demo-api', 'api', { webhookUrl: 'ftp://x' }, {})).value).toMatchObject({ field: 'settings.webhookUrl' });
    expect((await send('key-number-two')).status).toBe(200);
  });

  test('no answer holds one', async () => {
    const all = [await call('GET', '/channels'), await call('GET', '/bots'), await call('POST', '/channels/demo-messenger/test', {})];
    for (const { text } of all)
      for (const secret of [secrets.facebook_app_secret, 'vt_cs_console', 'demo-page-token', 'key-number-two', 'whsec_', 'demo-app-secret'])
        expect(text).not.toContain(secret);
  });
});

test('questions of a bot come in pages, each once', async () => {
  await shop.hub.query(
    `insert into bot_question (workspace_id, bot_id, folded, text, times, last_at)
     select id, 'demo-bot', 'q' || n, 'Q' || n, 1 + n % 3, 1000 + n % 2 from workspace, generate_series(1, 25) as n`,
  );
  const found: string[] = [];
  for (let after: string | null = ''; after !== null;) {
    const page = (await call('GET', `/bots/demo-bot/questions?limit=10${after === '' ? '' : `&after=${after}`}`)).value as {
      questions: { text: string; times: number }[];
      next: string | null;
    };
    found.push(...page.questions.map(({ text }) => text));
    after = page.next;
  }
  expect(found).toHaveLength(25);
  expect(new Set(found).size).toBe(25);
  expect((await call('GET', '/bots/demo-bot/questions?after=zzz')).value).toMatchObject({ field: 'after' });
});
