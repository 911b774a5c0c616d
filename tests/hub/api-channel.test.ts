/** The generic API: what programs hand in, once whatever is repeated, and the answers that go to their own address. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { postSigned, Receiver } from '../harness/receiver.ts';
import { sample } from '../harness/samples.ts';
import { wire, type WireClient } from '../harness/wire.ts';

let hub: TestHub;
let receiver: Receiver;
let quan: WireClient;
beforeAll(async () => {
  receiver = await Receiver.start();
  hub = await startTestHub({
    TRUC_WEBHOOK_HOSTS: receiver.host,
    TRUC_MEDIA_HOSTS: receiver.host,
    TRUC_MEDIA_STEPS: '0.05',
    TRUC_SEND_STEPS: '0.05,0.05,0.05,0.05',
  });
  quan = await wire(hub.url, 'quan');
});
afterAll(async () => {
  quan.close();
  await hub.stop();
  await receiver.stop();
});

const path = '/api/v1/channels/demo-api/messages';
const key = { authorization: 'Bearer demo-api-key' };
const post = (body: object | string | Buffer, headers: Record<string, string> = key) =>
  fetch(hub.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : body instanceof Buffer ? new Uint8Array(body) : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
let made = 0;
const fresh = (more: { text?: string; thread?: string; contact?: object; attachments?: object[] } = {}) => ({
  id: `m-${(made += 1)}`,
  contact: { external_id: `c-${made}`, name: 'Vũ Hà', ...more.contact },
  conversation: { external_id: more.thread ?? `t-${made}` },
  message: { text: more.text ?? `tin ${made}`, attachments: more.attachments ?? [] },
});
const idOf = async (answer: Response) => ((await answer.json()) as { message_id: string }).message_id;
const refusal = async (answer: Response) => {
  const { code, field } = (await answer.json()) as { code: string; field?: string };
  return [answer.status, code, field];
};

interface Row {
  id: string;
  body: string;
  ticket_id: string;
  delivery: string | null;
  delivery_error: string | null;
  extra: { media?: { state: string; kind: string; name: string; attachmentId: string | null }[] } | null;
}
async function arrived(messageId: string): Promise<Row> {
  const find = () => hub.query<Row>('select id, body, ticket_id, delivery, delivery_error, extra from message where id = $1', [messageId]);
  await until(async () => (await find()).length === 1);
  return (await find())[0]!;
}
async function pointAt(webhookUrl: string | null): Promise<void> {
  await hub.query(`update channel_account set settings = $1, state = 'ok', resume_at = null where channel_id = 'demo-api'`, [
    JSON.stringify({ webhookUrl }),
  ]);
}
async function reply(ticketId: string, body: string): Promise<string> {
  const [ticket] = await hub.query<{ last_inbound_id: string; last_reply_id: string | null; assignee_id: string | null }>(
    'select last_inbound_id, last_reply_id, assignee_id from ticket where id = $1',
    [ticketId],
  );
  const messageId = uuid();
  const seen = { inboundId: ticket!.last_inbound_id, replyId: ticket!.last_reply_id, assigneeId: ticket!.assignee_id };
  expect(await quan.push('message.reply', { messageId, ticketId, body, seen, live: true })).toMatchObject({ ok: true });
  return messageId;
}
const reaches = (messageId: string, state: string) =>
  until(async () => (await hub.query<Row>('select delivery from message where id = $1', [messageId]))[0]?.delivery === state);

test('the sample: there once, under the same id when it is told again; whose number it may be stands before an agent', async () => {
  const first = await post(sample('api_01_inbound.json'));
  expect(first.status).toBe(201);
  const messageId = await idOf(first);
  for (let again = 0; again < 2; again += 1) {
    const answer = await post(sample('api_01_inbound.json'));
    expect([answer.status, await idOf(answer)]).toEqual([200, messageId]);
  }
  const message = await arrived(messageId);
  expect(message.body).toBe('Xin báo giá');
  expect(await hub.query('select count(*)::integer as n from message where body = $1', ['Xin báo giá'])).toEqual([{ n: 1 }]);
  const proposals = () =>
    hub.query<{ name: string; proposals: { kind: string; value: string }[]; kind: string; value: string }>(
      `select c.name, c.proposals, i.kind, i.value from customer c join identity i on i.customer_id = c.id
       join ticket t on t.customer_id = c.id where t.id = $1`,
      [message.ticket_id],
    );
  await until(async () => ((await proposals())[0]?.proposals.length ?? 0) > 0);
  expect(await proposals()).toMatchObject([
    // Somebody of the demo has this number.
    { name: 'Phạm An', kind: 'external', value: 'demo-api:cust-9', proposals: [{ kind: 'same' }] },
  ]);
  // The file's address leads nowhere: that is said in the end, and the message stays.
  await until(async () => (await arrived(messageId)).extra?.media?.[0]?.state === 'failed');
});

test('an id or a key that comes with another body is refused, and says which of the two', async () => {
  const body = fresh();
  const withKey = { ...key, 'idempotency-key': 'k-1' };
  const first = await post(body, withKey);
  expect(first.status).toBe(201);
  const messageId = await idOf(first);
  expect(await refusal(await post({ ...body, message: { text: 'khác' } }))).toEqual([409, 'KEY_REUSED', 'id']);
  expect(await refusal(await post({ ...body, id: 'm-other' }, withKey))).toEqual([409, 'KEY_REUSED', 'idempotency-key']);
  // Another key with the same body is the same message.
  const again = await post(body, { ...key, 'idempotency-key': 'k-2' });
  expect([again.status, await idOf(again)]).toEqual([200, messageId]);
  // A key alone will do; neither will not.
  const { id: _id, ...nameless } = fresh();
  const alone = await post(nameless, { ...key, 'idempotency-key': 'k-3' });
  const twice = await post(nameless, { ...key, 'idempotency-key': 'k-3' });
  expect([alone.status, twice.status, (await idOf(alone)) === (await idOf(twice))]).toEqual([201, 200, true]);
  expect(await refusal(await post(nameless))).toEqual([400, 'BAD_REQUEST', 'id']);
});

test('the same at once is one message', async () => {
  const body = fresh();
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
  expect(new Set(await Promise.all(answers.map(idOf))).size).toBe(1);
});

test('a conversation is a ticket; another one of the same customer is another ticket; a closed one begins anew', async () => {
  const who = { external_id: 'c-threads' };
  const send = async (thread: string, text: string) =>
    (await arrived(await idOf(await post(fresh({ thread, text, contact: who }))))).ticket_id;
  const [one, two, three] = [await send('th-a', 'một'), await send('th-b', 'hai'), await send('th-a', 'ba')];
  expect([three, two === one]).toEqual([one, false]);
  await hub.query(`update ticket set status = 'closed' where id = $1`, [one]);
  const four = await send('th-a', 'bốn');
  expect([four === one, four === two]).toEqual([false, false]);
  expect(await send('th-a', 'năm')).toBe(four);
  const people = await hub.query('select distinct customer_id from ticket where id = any($1)', [[one, two, four]]);
  expect(people).toHaveLength(1);
});

test('a number that somebody else has: an agent is asked whether they are the same', async () => {
  const [known] = await hub.query<{ value: string; customer_id: string }>(
    `select value, customer_id from identity where kind = 'phone' limit 1`,
  );
  const { ticket_id } = await arrived(await idOf(await post(fresh({ contact: { phone: known!.value, email: 'Ha.Vu@Example.test' } }))));
  const proposals = async () =>
    (
      await hub.query<{ proposals: { kind: string; value: string; customerId: string | null }[] }>(
        'select c.proposals from customer c join ticket t on t.customer_id = c.id where t.id = $1',
        [ticket_id],
      )
    )[0]!.proposals;
  await until(async () => (await proposals()).length === 2);
  expect(await proposals()).toMatchObject([
    { kind: 'same', customerId: known!.customer_id },
    { kind: 'email', value: 'ha.vu@example.test', customerId: null },
  ]);
  // Nobody's: it is proposed itself, and belongs to nobody until an agent has said so.
  await post(fresh({ contact: { phone: '0987 000 111' } }));
  const proposed = () => hub.query(`select 1 from customer where proposals @> '[{"kind":"phone","value":"+84987000111"}]'`);
  await until(async () => (await proposed()).length === 1);
  expect(await hub.query(`select 1 from identity where value = '+84987000111'`)).toEqual([]);
});

test('files are fetched beside the message', async () => {
  receiver.files.set('/a.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
  const url = `http://${receiver.host}/a.png`;
  const messageId = await idOf(await post(fresh({ attachments: [{ url, name: 'hộp.png' }] })));
  await until(async () => (await arrived(messageId)).extra?.media?.[0]?.state === 'ready');
  expect((await arrived(messageId)).extra?.media).toMatchObject([{ kind: 'image', name: 'hộp.png' }]);
});

test('bad input is named; strangers and forgers leave nothing', async () => {
  const before = await hub.query('select count(*)::integer as n from inbound_event');
  const good = fresh();
  const bad: [unknown, string][] = [
    [{ ...good, contact: {} }, 'contact.external_id'],
    [{ ...good, contact: { ...good.contact, phone: 'không' } }, 'contact.phone'],
    [{ ...good, contact: { ...good.contact, email: 'a@' } }, 'contact.email'],
    [{ ...good, conversation: undefined }, 'conversation'],
    [{ ...good, message: { text: ' ' } }, 'message.text'],
    [{ ...good, message: { text: 'x'.repeat(20_001) } }, 'message.text'],
    [{ ...good, message: { text: 'a\u0000b' } }, 'message.text'],
    [{ ...good, message: { text: 'x', attachments: [{ url: 'file:///etc/passwd' }] } }, 'message.attachments.0.url'],
    [{ ...good, message: { text: 'x', attachments: [{ url: 'http://me:pw@files.example.test/' }] } }, 'message.attachments.0.url'],
    [{ ...good, message: { text: 'x', sent_at: 'hôm qua' } }, 'message.sent_at'],
    [{ ...good, surprise: 1 }, ''],
    [[], ''],
  ];
  for (const [body, field] of bad)
    expect([field, await refusal(await post(JSON.stringify(body)))]).toEqual([field, [400, 'BAD_REQUEST', field]]);
  expect((await post('{"id":')).status).toBe(400);
  expect((await post({ ...good, message: { text: 'x'.repeat(200_000) } })).status).toBe(413);
  expect(await refusal(await post(good, {}))).toEqual([401, 'WRONG_KEY', 'authorization']);
  for (const wrong of ['Bearer x', 'Bearer ', 'Basic demo-api-key', 'Bearer demo-api-keyx'])
    expect((await post(good, { authorization: wrong })).status).toBe(401);
  expect((await fetch(`${hub.url}/api/v1/channels/demo-zalo/messages`, { method: 'POST', body: '{}', headers: key })).status).toBe(404);
  expect(await hub.query('select count(*)::integer as n from inbound_event')).toEqual(before);
  // Signed instead of with the key; not when it is old, or changed.
  const text = JSON.stringify(good);
  expect(await refusal(await postSigned(hub.url + path, text, 'x', { at: Date.now() - 3_600_000 }))).toEqual([
    401,
    'BAD_SIGNATURE',
    'webhook-timestamp',
  ]);
  expect((await postSigned(hub.url + path, text, 'x')).status).toBe(201);
  // Caught on its way, and sent again with a key that nobody has signed: still the same one.
  const { id: _id, ...nameless } = fresh();
  expect((await postSigned(hub.url + path, JSON.stringify(nameless), 'y')).status).toBe(201);
  expect((await postSigned(hub.url + path, JSON.stringify(nameless), 'y', { headers: { 'idempotency-key': 'other' } })).status).toBe(200);
});

test('an answer goes to the program, signed; after a fault once more under the same id, and in order', async () => {
  await pointAt(receiver.url);
  const body = fresh({ thread: 'th-out', contact: { external_id: 'c-out' } });
  const { ticket_id: ticketId } = await arrived(await idOf(await post(body)));
  receiver.told.length = 0;
  receiver.answers.push({ status: 502 }, 'cut', { status: 429, headers: { 'retry-after': '0' } });
  const first = await reply(ticketId, 'Dạ có ạ');
  const second = await reply(ticketId, 'Áo be còn size M');
  await reaches(second, 'sent');
  await reaches(first, 'sent');
  expect(receiver.told.map(({ body: { data } }) => data['text'])).toEqual(['Dạ có ạ', 'Dạ có ạ', 'Dạ có ạ', 'Dạ có ạ', 'Áo be còn size M']);
  expect(new Set(receiver.told.slice(0, 4).map(({ id }) => id)).size).toBe(1);
  expect(receiver.told.every(({ signed }) => signed)).toBe(true);
  expect(receiver.told[0]!.body).toMatchObject({
    type: 'message.created',
    data: {
      channel_id: 'demo-api',
      conversation_id: 'th-out',
      contact_id: 'c-out',
      message_id: first,
      author: { type: 'agent' },
      attachment: null,
    },
  });
});

test('a long answer comes in parts, each of them small', async () => {
  await pointAt(receiver.url);
  const { ticket_id: ticketId } = await arrived(await idOf(await post(fresh())));
  receiver.told.length = 0;
  const text = 'Chính sách đổi trả của cửa hàng. '.repeat(500).trim();
  await reaches(await reply(ticketId, text), 'sent');
  const told = receiver.told.filter(({ body }) => body.data['ticket_id'] === ticketId);
  expect(told.length).toBeGreaterThan(1);
  expect(told.map(({ body }) => body.data['text']).join('')).toBe(text);
  expect(Math.max(...told.map(({ body }) => Buffer.byteLength(JSON.stringify(body))))).toBeLessThan(20_000);
});

test('what can not be said there: refused is said to the agent, a wrong address holds the channel', async () => {
  await pointAt(receiver.url);
  const { ticket_id: ticketId } = await arrived(await idOf(await post(fresh())));
  receiver.answers.push({ status: 422 });
  const refused = await reply(ticketId, 'không nhận được');
  await reaches(refused, 'failed');
  expect((await arrived(refused)).delivery_error).toBe('NOT_ALLOWED');
  for (const [url, answer] of [
    [receiver.url, { status: 410 }],
    [receiver.url, { status: 302, headers: { location: 'http://127.0.0.1/' } }],
    ['http://127.0.0.1:1/hook', null],
    ['http://169.254.169.254/latest', null],
    [null, null],
  ] as const) {
    await pointAt(url);
    if (answer) receiver.answers.push(answer);
    const message = await reply(ticketId, `tới ${url}`);
    const state = async () =>
      (
        await hub.query<{ state: string; state_reason: string }>(
          `select state, state_reason from channel_account where channel_id = 'demo-api'`,
        )
      )[0]!;
    await until(async () => (await state()).state === 'attention');
    expect((await state()).state_reason).toContain('SETTINGS');
    await reaches(message, 'accepted');
    // Mended: what waited goes out.
    await pointAt(receiver.url);
    await hub.query(`select graphile_worker.add_job('outbound', $1)`, [JSON.stringify({ ticketId })]);
    await reaches(message, 'sent');
  }
});

test('the file of an answer is fetched with the channel’s key, and no other file is', async () => {
  const [other] = await hub.query<{ id: string }>(`select id from attachment where state = 'ready' limit 1`);
  const get = (id: string, headers: Record<string, string> = key) => fetch(`${hub.url}/api/v1/channels/demo-api/files/${id}`, { headers });
  expect((await get(other!.id)).status).toBe(404);
  expect((await get(uuid(), {})).status).toBe(401);
  expect((await get('x')).status).toBe(400);
  // As if it had gone out there.
  await hub.query(
    `update message set kind = 'reply', extra = '{"via":{"channelId":"demo-api","identityId":null}}'
     where id = (select message_id from attachment where id = $1)`,
    [other!.id],
  );
  const file = await get(other!.id);
  expect(file.status).toBe(200);
  const [{ size }] = (await hub.query<{ size: number }>('select size from attachment where id = $1', [other!.id])) as [{ size: number }];
  expect((await file.arrayBuffer()).byteLength).toBe(Number(size));
});
