/** What vendors send, through the real endpoints: what becomes of it in the database and on a console. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/shared/domain.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { headersOf, sample, secrets } from '../harness/samples.ts';
import { signIn } from '../harness/wire.ts';

let hub: TestHub;
let lan: TestConsole;
beforeAll(async () => {
  hub = await startTestHub();
  lan = await (await new TestConsole(hub.url).start()).signIn('lan');
});
afterAll(async () => {
  lan.dispose();
  await hub.stop();
});

const post = (path: string, body: Buffer | string, headers: Record<string, string>) =>
  fetch(`${hub.url}${path}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'content-type': 'application/json', ...headers },
  });
const postSample = (path: string, name: string, headers: Record<string, string> = headersOf(name)) => post(path, sample(name), headers);
const meta = '/hooks/messenger/demo-messenger';
const zalo = '/hooks/zalo/demo-zalo';
/** One of our own, signed as Meta would. */
const tell = (events: object[]) => {
  const body = JSON.stringify({
    object: 'page',
    entry: [{ id: '1', messaging: events.map((event) => ({ recipient: { id: '1' }, ...event })) }],
  });
  return post(meta, body, {
    'x-hub-signature-256': `sha256=${createHmac('sha256', secrets.facebook_app_secret).update(body).digest('hex')}`,
  });
};
const text = (from: string, mid: string, said: string) => ({ sender: { id: from }, timestamp: Date.now(), message: { mid, text: said } });

const count = async (what: string, ...values: unknown[]) =>
  Number((await hub.query<{ n: string }>(`select count(*) as n from ${what}`, values))[0]!.n);
const settled = () => until(async () => (await count(`inbound_event where state = 'new'`)) === 0);
const messages = (kind: string, value: string) =>
  hub.query<{ id: string; body: string; ticket_id: string }>(
    `select m.id, m.body, m.ticket_id from message m join ticket t on t.id = m.ticket_id join identity i on i.customer_id = t.customer_id
     where i.kind = $1 and i.value = $2 order by m.accepted_at, m.id`,
    [kind, value],
  );

test('a text of Messenger is there once, as it was written, and on the screen', async () => {
  const before = await count('ticket');
  expect((await postSample(meta, 'fb_01_text.json')).status).toBe(200);
  await settled();
  const said = 'Shop ơi, áo khoác màu be còn size M không ạ? 🙏';
  const [message] = await messages('messenger', '7711220099883345');
  expect(message?.body).toBe(said);
  await until(async () => (await lan.timeline(message!.ticket_id)).length > 0);
  expect((await lan.timeline(message!.ticket_id)).map(({ body, kind, channel }) => [body, kind, channel])).toEqual([
    [said, 'inbound', 'messenger'],
  ]);
  const clocks = await count('sla_clock where ticket_id = $1', message!.ticket_id);
  // The same again, by another request.
  expect((await postSample(meta, 'fb_16_duplicate_mid.json')).status).toBe(200);
  expect((await postSample(meta, 'fb_01_text.json')).status).toBe(200);
  await settled();
  expect(await messages('messenger', '7711220099883345')).toHaveLength(1);
  expect(await count('ticket')).toBe(before + 1);
  expect(await count('sla_clock where ticket_id = $1', message!.ticket_id)).toBe(clocks);
  expect(await count(`inbound_request where channel_id = 'demo-messenger'`)).toBe(1);
});

test('a text of Zalo; the retry with its own header is the same text', async () => {
  for (const name of ['zalo_01_text.json', 'zalo_16_retry_duplicate.json']) expect((await postSample(zalo, name)).status).toBe(200);
  await settled();
  const found = await messages('zalo', '5120044719930042217');
  expect(found.map(({ body }) => body)).toEqual(['Em muốn đổi lịch giao sang chiều mai']);
});

test('what nobody knows is kept, and the text after it is there', async () => {
  expect((await postSample(meta, 'fb_17_unknown_event.json')).status).toBe(200);
  await settled();
  expect((await messages('messenger', '7711220099883345')).map(({ body }) => body)).toContain('vẫn phải nhận');
  const [unknown] = await hub.query<{ state: string }>(`select state from inbound_event where event->>'name' = 'message_superpoll'`);
  expect(unknown?.state).toBe('kept');
});

test('a try from the dashboard opens no conversation', async () => {
  const before = await count('message');
  expect((await postSample(meta, 'fb_22_ig_dashboard_test.json')).status).toBe(200);
  await settled();
  expect(await count('message')).toBe(before);
  expect(await count(`inbound_event where event->>'type' = 'test' and state = 'done'`)).toBe(1);
});

test('a forged request leaves nothing; so does one without a signature, and one for a channel of another vendor', async () => {
  const before = await count('inbound_request');
  const forged = sample('fb_19_bad_signature.txt').toString('utf8').split('\n\n').at(-1)!;
  expect((await post(meta, forged, { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` })).status).toBe(401);
  expect((await post(meta, sample('fb_01_text.json'), {})).status).toBe(401);
  expect((await postSample(zalo, 'zalo_15_bad_signature.json')).status).toBe(401);
  expect((await postSample('/hooks/messenger/demo-zalo', 'fb_01_text.json')).status).toBe(404);
  expect((await postSample('/hooks/messenger/demo-widget', 'fb_01_text.json')).status).toBe(404);
  expect(await count('inbound_request')).toBe(before);
  expect(await count(`message where body like '%giả%mạo%'`)).toBe(0);
});

test('a signed body that was cut off: refused, kept once to be looked into', async () => {
  for (let again = 0; again < 2; again += 1) expect((await postSample(meta, 'fb_23_truncated.json')).status).toBe(400);
  const kept = await hub.query<{ body: Buffer; error: string }>('select body, error from inbound_request where error is not null');
  expect(kept).toHaveLength(1);
  expect(kept[0]!.body.equals(sample('fb_23_truncated.json'))).toBe(true);
});

test('the vendor proves itself when it subscribes; nothing but digits comes back', async () => {
  const ask = (query: string) => fetch(`${hub.url}${meta}?${query}`);
  const [right, script, wrong, twice] = sample('fb_20_verify_get.txt')
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').slice(1, -1).join(' ').split('?').slice(1).join('?'));
  const answer = await ask(right!);
  expect([answer.status, await answer.text()]).toEqual([200, '1158201444']);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect([(await ask(script!)).status, (await ask(wrong!)).status, (await ask(twice!)).status]).toEqual([400, 403, 403]);
});

test('fifty of one customer at once, in many requests: one customer, one ticket, in the order in which they came', async () => {
  const said = Array.from({ length: 50 }, (_, index) => `thứ ${index}`);
  // The first ten at the same time, before anybody knows them.
  await Promise.all(said.slice(0, 10).map((one, index) => tell([text('new-1', `order-${index}`, one)])));
  for (let from = 10; from < 50; from += 20)
    await tell(said.slice(from, from + 20).map((one, index) => text('new-1', `order-${from + index}`, one)));
  await settled();
  const found = await messages('messenger', 'new-1');
  expect(found.map(({ body }) => body).toSorted()).toEqual(said.toSorted());
  expect(found.slice(10).map(({ body }) => body)).toEqual(said.slice(10));
  expect(new Set(found.map(({ ticket_id: ticket }) => ticket)).size).toBe(1);
  expect(await count(`identity where kind = 'messenger' and value = 'new-1'`)).toBe(1);
});

test('one that can not be taken is set aside with its reason; what comes after it goes on', async () => {
  await tell([
    text('long-1', 'long-a', 'trước'),
    text('long-1', 'long-b', 'x'.repeat(limits.messageLength + 1)),
    text('long-1', 'long-c', 'sau'),
  ]);
  await settled();
  expect((await messages('messenger', 'long-1')).map(({ body }) => body)).toEqual(['trước', 'sau']);
  const aside = await hub.query<{ key: string; error: string }>(`select key, error from inbound_event where state = 'aside'`);
  expect(aside).toEqual([{ key: 'message:long-b', error: 'INVALID (body)' }]);
});

test('an administrator sees what was set aside, and tries it again when its cause is mended', async () => {
  const as = async (key: string) => {
    const { token } = await signIn(hub.url, key);
    return (path: string, method = 'GET') =>
      fetch(`${hub.url}/api/v1/channels/aside${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  };
  const [quan, agent] = [await as('quan'), await as('lan')];
  expect((await agent('')).status).toBe(403);
  const { items } = (await (await quan('')).json()) as {
    items: { id: number; channelId: string; error: string; again: boolean; what: string }[];
  };
  const one = items.find(({ what }) => what === 'message');
  expect(one).toMatchObject({ channelId: 'demo-messenger', again: true, error: expect.stringContaining('body') });
  // The request that could not be read at all stands there as well, with nothing to try.
  expect(items.some(({ again, what }) => !again && what === 'request')).toBe(true);
  await hub.query(`update inbound_event set event = jsonb_set(event, '{text}', '"ngắn lại"') where id = $1`, [one!.id]);
  expect((await quan(`/${one!.id}/retry`, 'POST')).status).toBe(200);
  await settled();
  await until(async () => (await messages('messenger', 'long-1')).some(({ body }) => body === 'ngắn lại'));
  expect((await quan(`/${one!.id}/retry`, 'POST')).status).toBe(404);
});

test('handled twice, after a crash between the message and its mark, it is there once', async () => {
  await tell([text('crash-1', 'crash-a', 'một lần')]);
  await settled();
  await hub.query(`update inbound_event set state = 'new' where key = 'message:crash-a'`);
  await tell([text('crash-1', 'crash-b', 'hai')]);
  await settled();
  expect((await messages('messenger', 'crash-1')).map(({ body }) => body)).toEqual(['một lần', 'hai']);
});

test('secrets lie sealed in the database', async () => {
  const [account] = await hub.query<{ secrets: Buffer }>(`select secrets from channel_account where channel_id = 'demo-messenger'`);
  expect(account!.secrets.includes(secrets.facebook_app_secret)).toBe(false);
  expect(account!.secrets.length).toBeGreaterThan(40);
});
