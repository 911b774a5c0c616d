/** What telephone exchanges push, through the real endpoint: who is shown which call, what becomes of one that nobody took. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestConsole, until } from '../harness/engine.ts';
import { sample } from '../harness/samples.ts';
import { startTestHub } from '../harness/hub.ts';
import { Receiver } from '../harness/receiver.ts';
import { signIn } from '../harness/wire.ts';
import { desk, openShop, type Shop } from '../harness/vendors.ts';

let shop: Shop;
let hoa: TestConsole;
let thu: TestConsole;
beforeAll(async () => {
  shop = await openShop();
  [hoa, thu] = [await desk(shop.hub, 'hoa'), await desk(shop.hub, 'minh')];
});
afterAll(async () => {
  hoa.dispose();
  thu.dispose();
  await shop.stop();
});

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const push = (body: string) => shop.post('/hooks/cti/demo-cti', body, form);
const told = async (name: string) => {
  for (const line of sample(name).toString('utf8').trim().split('\n')) expect((await push(line)).status).toBe(200);
};
const call = (event: string, callId: string, more: Record<string, string> = {}) =>
  push(String(new URLSearchParams({ event, callId, from: '84987654321', to: '842873001234', direction: 'in', ...more })));
const live = (one: TestConsole) => one.query('calls.live', null);
const calls = async (root: string) =>
  shop.hub.query<{ state: string; outcome: string | null; talk_ms: string; answered_by: string | null }>(
    'select state, outcome, talk_ms, answered_by from phone_call where root = $1',
    [root],
  );
const callbacks = (phone: string) =>
  shop.hub.query<{ id: string; customer_id: string; tags: string[]; sla_kind: string | null; unanswered_since: string | null }>(
    `select t.* from ticket t join identity i on i.customer_id = t.customer_id where i.kind = 'phone' and i.value = $1 and t.tags ? 'gọi lại'`,
    [phone],
  );

test('a call rings for those who serve the queue, is gone for all when it is taken, and its talk is counted', async () => {
  await told('cti_01_newcall_in.txt');
  await until(async () => (await live(hoa)).length === 1);
  expect(await live(hoa)).toMatchObject([{ direction: 'inbound', phone: '+84912345678', state: 'ringing' }]);
  // Who serves another queue is shown nothing.
  expect(await live(thu)).toEqual([]);
  await told('cti_02_answer.txt');
  await until(async () => (await live(hoa)).length === 0);
  expect(await calls('9f1c2a7e-01')).toMatchObject([{ state: 'talking' }]);
  await told('cti_03_hangup.txt');
  const [ended] = await calls('9f1c2a7e-01');
  expect(ended).toMatchObject({ state: 'ended', outcome: 'answered' });
  expect(Number(ended!.talk_ms)).toBeGreaterThanOrEqual(0);
  expect(await callbacks('+84912345678')).toEqual([]);
});

test('whoever took it keeps it until it is written down', async () => {
  await call('newCall', 'k-1', { user: 'hoa' });
  await until(async () => (await live(hoa))[0]?.state === 'ringing');
  await call('answer', 'k-1', { user: 'hoa' });
  await until(async () => (await live(hoa))[0]?.state === 'talking');
  await call('hangup', 'k-1', { cause: 'normalClearing' });
  await until(async () => (await live(hoa))[0]?.state === 'ended');
  const [one] = await live(hoa);
  await hoa.execute('call.dismiss', { callId: one!.id });
  await until(async () => (await live(hoa)).length === 0);
  await until(async () => (await shop.count('phone_call where id = $1 and noted', one!.id)) === 1);
});

test('a missed call is a call back on a ticket, the same customer however the number is written; told again it is one', async () => {
  await told('cti_04_missed.txt');
  await until(async () => (await callbacks('+84912345678')).length === 1);
  const [ticket] = await callbacks('+84912345678');
  expect(ticket).toMatchObject({ sla_kind: 'frt' });
  expect(ticket!.unanswered_since).not.toBeNull();
  await told('cti_04_missed.txt');
  // Forwarded to a machine: missed with voicemail, on the same ticket.
  await told('cti_06_forward_voicemail.txt');
  await until(async () => (await shop.count(`message where ticket_id = $1 and kind = 'call'`, ticket!.id)) === 2);
  expect(await callbacks('+84912345678')).toHaveLength(1);
  expect(await calls('v1')).toMatchObject([{ state: 'ended', outcome: 'voicemail' }]);
  expect(await shop.count(`message where ticket_id = $1 and call->>'outcome' = 'voicemail'`, ticket!.id)).toBe(1);
  await until(async () => (await hoa.timeline(ticket!.id)).length === 2);
});

test('out of order, by several phones at once, with another leg first: one call', async () => {
  await call('answer', 'o-2', { origCallId: 'o-1', user: 'hoa' });
  await call('newCall', 'o-1', { user: 'hoa' });
  await call('hangup', 'o-1', { cause: 'forwarded' });
  await call('newCall', 'o-2', { origCallId: 'o-1', user: 'hoa' });
  await call('hangup', 'o-2', { origCallId: 'o-1', cause: 'normalClearing' });
  expect(await calls('o-1')).toMatchObject([{ state: 'ended', outcome: 'answered' }]);
  expect(await calls('o-2')).toEqual([]);
  expect(await callbacks('+84987654321')).toEqual([]);
});

test('one that goes out is logged and answered in its own words; what is no call is refused', async () => {
  const json = { 'content-type': 'application/json' };
  const answer = await shop.post('/hooks/cti/demo-cti', sample('cti_10_zammad_json.json'), json);
  expect([answer.status, await answer.json()]).toEqual([200, {}]);
  expect(await shop.count(`phone_call where direction = 'out' and phone = '+842873001234'`)).toBe(1);
  expect((await shop.post('/hooks/cti/wrong', 'event=newCall&callId=x', form)).status).toBe(404);
  expect((await push('event=newCall')).status).toBe(400);
  expect((await push(`event=newCall&callId=${'x'.repeat(300)}`)).status).toBe(400);
  expect((await shop.post('/hooks/cti/demo-cti', '[[[', json)).status).toBe(400);
});

test('an exchange that wants XML is told where to send what comes next', async () => {
  await shop.hub.query(`update channel_account set settings = jsonb_set(settings, '{answers}', '"xml"') where channel_id = 'demo-cti'`);
  const answer = await call('newCall', 'x-1');
  expect(answer.headers.get('content-type')).toMatch(/^application\/xml/);
  const here = `${shop.hub.url}/hooks/cti/demo-cti`;
  const wanted = sample('cti_12_sipgate_response.xml').toString('utf8').replaceAll('https://cs.example.test/hooks/cti/TOKEN', here);
  const flat = (text: string) => text.replaceAll(/\s+/g, ' ').replace('></Response>', '/>').trim();
  expect(flat(await answer.text())).toBe(flat(wanted));
});

test('the link of a soft phone leads to the console on its machine, with a number and nothing else', async () => {
  const page = await fetch(`${shop.hub.url}/cti/pop?phone=${encodeURIComponent('0912 345 678')}`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('truc-desk://call?phone=%2B84912345678');
  for (const phone of ['', 'abc', '<script>', '0912345678"><script>']) {
    const refused = await fetch(`${shop.hub.url}/cti/pop?phone=${encodeURIComponent(phone)}`);
    expect([refused.status, ((await refused.json()) as { field: string }).field]).toEqual([400, 'phone']);
  }
});

test('a call by a click: the exchange rings whoever asked; where none dials for them they are told', async () => {
  const exchange = await Receiver.start();
  const own = await startTestHub({ TRUC_WEBHOOK_HOSTS: exchange.host });
  const minh = await desk(own, 'minh');
  try {
    expect(await minh.execute('call.dial', { phone: '0912345678' })).toEqual({ dialled: false });
    const me = (await minh.query('reference', null))!.me.id;
    const quan = await signIn(own.url, 'quan');
    const settings = { answers: 'json', users: { 'phong-201': me }, queues: {}, callerIds: { '*': '19001234' }, dialUrl: exchange.url };
    const put = (more: object) =>
      fetch(`${own.url}/api/v1/channels/demo-cti/account`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${quan.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ vendor: 'cti', settings: { ...settings, ...more }, secrets: { dialToken: 'goi-di' } }),
      });
    expect((await put({})).status).toBe(200);
    expect(await minh.execute('call.dial', { phone: '0912 345 678' })).toEqual({ dialled: true });
    const [asked] = exchange.told;
    expect(asked?.body).toEqual({ user: 'phong-201', number: '+84912345678', caller_id: '19001234' });
    expect(asked?.headers['authorization']).toBe('Bearer goi-di');
    exchange.answers.push({ status: 500 });
    expect(await minh.execute('call.dial', { phone: '0912345678' })).toEqual({ dialled: false });
    // An address inside the house that nobody has allowed is not asked.
    await put({ dialUrl: 'http://169.254.169.254/dial' });
    expect(await minh.execute('call.dial', { phone: '0912345678' })).toEqual({ dialled: false });
    await expect(minh.execute('call.dial', { phone: 'abc' })).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  } finally {
    minh.dispose();
    await own.stop();
    await exchange.stop();
  }
});
