/** Outgoing webhooks: what happens is told to the endpoints that asked, once each, in order, whatever the receiver does. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifyWebhook } from '../../server/src/webhooks/sign.ts';
import { outgoing } from '../../server/src/webhooks/schema.ts';
import { until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { Receiver } from '../harness/receiver.ts';
import { Visitor } from '../harness/visitor.ts';
import { signIn, wire } from '../harness/wire.ts';

let hub: TestHub;
let receiver: Receiver;
let lan: Awaited<ReturnType<typeof wire>>;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  receiver = await Receiver.start();
  hub = await startTestHub({ TRUC_WEBHOOK_HOSTS: receiver.host, TRUC_WEBHOOK_STEPS: '0,0.05,0.05,0.05' });
  lan = await wire(hub.url, 'lan');
  for (const key of ['lan', 'thu', 'quan']) tokens[key] = (await signIn(hub.url, key)).token;
  // The demo's own clocks run out and escalate while this is tested, which is told as well.
  await hub.query('delete from sla_clock');
});
afterAll(async () => {
  lan.close();
  await hub.stop();
  await receiver.stop();
});

const call = async (method: string, path: string, body?: object, who = 'quan') => {
  const answer = await fetch(`${hub.url}/api/v1/webhooks${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${tokens[who]}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  });
  return { status: answer.status, value: (await answer.json()) as Record<string, unknown> };
};
interface Endpoint {
  id: string;
  state: string;
  reason: string | null;
  waiting: number;
}
const all = ['message.created', 'message.updated', 'ticket.created', 'ticket.updated', 'ticket.resolved'];
async function add(more: object = {}): Promise<{ id: string; secret: string }> {
  const { status, value } = await call('POST', '', { url: receiver.url, events: all, ...more });
  expect(status).toBe(201);
  return { id: (value['webhook'] as Endpoint).id, secret: value['secret'] as string };
}
const endpoint = async (id: string) => ((await call('GET', '')).value['webhooks'] as Endpoint[]).find((one) => one.id === id)!;
const delivered = (id: string) => until(async () => (await endpoint(id)).waiting === 0);
interface Delivery {
  id: string;
  type: string;
  state: string;
  attempts: number;
  status: number | null;
  error: string | null;
}
const log = async (id: string) => (await call('GET', `/${id}/deliveries?limit=100`)).value['items'] as Delivery[];

beforeEach(async () => {
  for (const { id } of (await call('GET', '')).value['webhooks'] as Endpoint[]) await call('DELETE', `/${id}`);
  receiver.told.length = 0;
  receiver.answers.length = 0;
});
async function chat(text = `Webhook ${uuid()}`): Promise<string> {
  await (await new Visitor(hub.url).open()).say(text);
  const [row] = await hub.query<{ ticket_id: string }>('select ticket_id from message where body = $1', [text]);
  return row!.ticket_id;
}
const types = () => receiver.told.map(({ body }) => body.type);

test('what happens to a ticket is told in order, each once, in the form that is published', async () => {
  const { id, secret } = await add();
  const ticketId = await chat();
  const [ticket] = await hub.query<{ last_inbound_id: string }>('select last_inbound_id from ticket where id = $1', [ticketId]);
  const seen = { inboundId: ticket!.last_inbound_id, replyId: null, assigneeId: null };
  expect(await lan.push('message.reply', { messageId: uuid(), ticketId, body: 'Dạ', seen, live: true })).toMatchObject({ ok: true });
  expect(await lan.push('ticket.close', { ticketId, seenInboundId: ticket!.last_inbound_id, disposition: 'Xong' })).toMatchObject({
    ok: true,
  });
  await delivered(id);
  expect(types()).toEqual(['ticket.created', 'message.created', 'ticket.updated', 'message.created', 'ticket.updated', 'ticket.resolved']);
  for (const { body } of receiver.told) {
    const form = outgoing[body.type as keyof typeof outgoing];
    expect(form.safeParse(body).error?.issues).toBeUndefined();
    expect(body.data['ticket_id']).toBe(ticketId);
  }
  expect(new Set(receiver.told.map((one) => one.id)).size).toBe(6);
  // Signed with the endpoint's own secret, over the bytes that came.
  expect(receiver.told.every(({ raw, headers }) => verifyWebhook([secret], headers, raw, Date.now()).ok)).toBe(true);
  const deliveries = await log(id);
  expect(deliveries.map(({ state, attempts, status }) => [state, attempts, status])).toEqual(deliveries.map(() => ['sent', 1, 200]));
  expect(deliveries.map((one) => one.id).toReversed()).toEqual(receiver.told.map((one) => one.id));
});

test('a fault is tried again under the same id, and what comes after it waits', async () => {
  const { id } = await add({ events: ['message.created'] });
  receiver.answers.push({ status: 500 }, 'cut', { status: 302, headers: { location: receiver.url } });
  const first = await chat();
  const second = await chat();
  await delivered(id);
  expect(receiver.told.map(({ body }) => body.data['ticket_id'])).toEqual([first, first, first, first, second]);
  expect(new Set(receiver.told.slice(0, 4).map((one) => one.id)).size).toBe(1);
  expect((await log(id)).map(({ state, attempts }) => [state, attempts])).toEqual([
    ['sent', 1],
    ['sent', 4],
  ]);
});

test('after the last try it is switched off; switched on again, what waited goes out', async () => {
  const { id } = await add({ events: ['message.created'] });
  receiver.answers.push(...Array.from({ length: 4 }, () => ({ status: 500 })));
  await chat();
  await until(async () => (await endpoint(id)).state === 'disabled');
  expect((await endpoint(id)).reason).toContain('GAVE_UP');
  const [failed] = await log(id);
  expect(failed).toMatchObject({ state: 'failed', attempts: 4, status: 500 });
  // Nothing is written down for it now.
  await chat();
  expect(await log(id)).toHaveLength(1);
  expect((await call('PATCH', `/${id}`, { active: true })).value['webhook']).toMatchObject({ state: 'active', reason: null });
  expect((await call('POST', `/deliveries/${failed!.id}/replay`)).status).toBe(200);
  await until(async () => (await log(id))[0]?.state === 'sent');
  expect(receiver.told.at(-1)!.id).toBe(failed!.id);
});

test('410 switches it off at once; 429 is given its time', async () => {
  const gone = await add({ events: ['message.created'] });
  receiver.answers.push({ status: 410 });
  await chat();
  await until(async () => (await endpoint(gone.id)).state === 'disabled');
  expect((await endpoint(gone.id)).reason).toContain('GONE');
  const busy = await add({ events: ['message.created'] });
  receiver.answers.push({ status: 429, headers: { 'retry-after': '3600' } });
  await chat();
  await until(async () => (await log(busy.id))[0]?.status === 429);
  const [row] = await hub.query<{ wait: string }>(
    `select next_at - (extract(epoch from now()) * 1000)::bigint as wait from webhook_delivery where endpoint_id = $1`,
    [busy.id],
  );
  expect(Number(row!.wait)).toBeGreaterThan(3_500_000);
  // Something new is no reason for less patience.
  const before = receiver.told.length;
  await chat();
  await until(
    async () =>
      (await hub.query(`select 1 from graphile_worker.jobs where key = $1 and run_at > now()`, [`webhook:${busy.id}`])).length === 1,
  );
  expect(receiver.told).toHaveLength(before);
  expect((await endpoint(busy.id)).waiting).toBe(2);
});

test('only what was asked for, only of its channel', async () => {
  const tickets = await add({ events: ['ticket.created'], channel_id: 'demo-widget' });
  const elsewhere = await add({ events: all, channel_id: 'demo-api' });
  await chat();
  await delivered(tickets.id);
  expect(types()).toEqual(['ticket.created']);
  expect(await log(elsewhere.id)).toEqual([]);
});

test('a new secret signs beside the old one', async () => {
  const { id, secret } = await add({ events: ['message.created'] });
  const { value } = await call('PATCH', `/${id}`, { rotate: true });
  const fresh = value['secret'] as string;
  expect(fresh).not.toBe(secret);
  await chat();
  await delivered(id);
  const [told] = receiver.told;
  for (const one of [secret, fresh]) expect(verifyWebhook([one], told!.headers, told!.raw, Date.now()).ok).toBe(true);
});

test('nothing but the public internet is asked', async () => {
  for (const url of ['http://127.0.0.1:9/x', 'http://169.254.169.254/latest/meta-data', 'http://[::1]:9/', 'http://0x7f000001:9/']) {
    const { id } = await add({ url, events: ['message.created'] });
    const { value } = await call('POST', `/${id}/test`);
    expect(value['id']).toEqual(expect.any(String));
    await until(async () => (await endpoint(id)).state === 'disabled');
    const [one] = await log(id);
    expect([url, one?.type, one?.status, one?.error?.includes('public')]).toEqual([url, 'webhook.test', null, true]);
  }
});

test('a change that is not made tells nothing; what is told survives a restart', async () => {
  const { id } = await add({ events: ['message.created', 'ticket.updated'] });
  receiver.answers.push({ status: 503, headers: { 'retry-after': '1' } });
  const ticketId = await chat();
  expect(await lan.push('ticket.assign', { ticketId, from: uuid(), to: lan.me.userId })).toMatchObject({ ok: false });
  await until(() => receiver.told.length === 1);
  await hub.restart();
  await until(async () => (await hub.query(`select 1 from webhook_delivery where endpoint_id = $1 and state = 'sent'`, [id])).length === 1);
  expect(new Set(receiver.told.map((one) => one.id)).size).toBe(1);
  expect(types()).toEqual(['message.created', 'message.created']);
});

test('administrators only, and what is wrong is named', async () => {
  const { id } = await add();
  for (const who of ['lan', 'thu']) {
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['POST', '', { url: receiver.url, events: all }],
      ['PATCH', `/${id}`, { active: false }],
      ['DELETE', `/${id}`, undefined],
      ['GET', `/${id}/deliveries`, undefined],
      ['POST', `/deliveries/${id}/replay`, undefined],
      ['POST', `/${id}/test`, undefined],
    ] as const) {
      expect([who, method, path, (await call(method, path, body, who)).status]).toEqual([who, method, path, 403]);
    }
  }
  for (const [body, field] of [
    [{ url: 'ftp://x', events: all }, 'url'],
    [{ url: receiver.url, events: ['ticket.eaten'] }, 'events.0'],
    [{ url: receiver.url, events: all, channel_id: 'none' }, 'channel_id'],
  ] as const) {
    expect(await call('POST', '', body)).toMatchObject({ status: 400, value: { field } });
  }
  expect((await call('GET', `/${id}/deliveries?limit=0`)).status).toBe(400);
  expect((await call('GET', '/x/deliveries')).status).toBe(400);
  // The secret stays where it is.
  expect(JSON.stringify((await call('GET', '')).value)).not.toContain('whsec_');
});

test('a page of the log goes on where the one before it ended', async () => {
  const { id } = await add({ events: ['message.created'] });
  for (let n = 0; n < 5; n += 1) await chat();
  await delivered(id);
  const ids: string[] = [];
  for (let next: unknown = '', pages = 0; next !== null && pages < 9; pages += 1) {
    const { value } = await call('GET', `/${id}/deliveries?limit=2${next === '' ? '' : `&before=${next as number}`}`);
    ids.push(...(value['items'] as Delivery[]).map((one) => one.id));
    next = value['next'];
  }
  expect(ids).toEqual((await log(id)).map((one) => one.id));
});
