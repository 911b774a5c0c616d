/** The chat widget's side of the hub: what is asked first, files, who may read what, and how much of it. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestConsole, until } from '../harness/engine.ts';
import { answer, choose } from '../harness/files.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { desk } from '../harness/vendors.ts';
import { customerOf, setUpWidget, ticketOf, Visitor } from '../harness/visitor.ts';

let hub: TestHub;
let lan: TestConsole;
beforeAll(async () => {
  hub = await startTestHub();
  lan = await desk(hub, 'lan');
});
afterAll(async () => {
  lan.dispose();
  await hub.stop();
});

const count = async (what: string, ...values: unknown[]) =>
  Number((await hub.query<{ n: string }>(`select count(*) as n from ${what}`, values))[0]!.n);

test('who is vouched for by nobody sees what was said in their own browser, and answers to that', async () => {
  const [one, two] = [await new Visitor(hub.url).open(), await new Visitor(hub.url).open()];
  await one.say('Tôi là người thứ nhất');
  const { id: ticketId, customer_id: customerId } = await ticketOf(hub, one);
  await lan.reply(ticketId, 'Chào anh thứ nhất');
  await two.say('Tôi là người thứ hai');
  // An agent, rightly or not, has made them one.
  const theirs = (await customerOf(hub, 'visitor', two.id))!.customer_id;
  await hub.query('update ticket set customer_id = $1 where customer_id = $2', [customerId, theirs]);
  await hub.query('update identity set customer_id = $1 where customer_id = $2', [customerId, theirs]);
  await until(async () => (await one.messages()).length === 2);
  expect((await one.messages()).map(({ body }) => body)).toEqual(['Tôi là người thứ nhất', 'Chào anh thứ nhất']);
  expect((await two.messages()).map(({ body }) => body)).toEqual(['Tôi là người thứ hai']);
  const [said] = (await one.messages()).filter(({ from }) => from === 'agent');
  await two.post('receipts', { delivered: [], read: [said!.id] });
  expect(await count(`message where id = $1 and delivery = 'read'`, said!.id)).toBe(0);
  await one.post('receipts', { delivered: [], read: [said!.id] });
  expect(await count(`message where id = $1 and delivery = 'read'`, said!.id)).toBe(1);
  // Nor does an open page of the second hear what the first is told.
  const [first, second] = [await listen(one), await listen(two)];
  const asked = await one.say('Thứ nhất hỏi tiếp');
  const [went] = await hub.query<{ ticket_id: string }>('select ticket_id from message where id = $1', [asked]);
  await until(async () => (await lan.timeline(went!.ticket_id)).some(({ id }) => id === asked));
  await lan.reply(went!.ticket_id, 'Chỉ anh thứ nhất nghe');
  await two.say('Thứ hai hỏi tiếp');
  await until(async () => first.heard().includes('Chỉ anh thứ nhất nghe') && second.heard().includes('Thứ hai hỏi tiếp'));
  expect(first.heard()).not.toContain('Thứ hai');
  expect(second.heard()).not.toContain('hứ nhất');
  first.stop();
  second.stop();
});

/** A page that stays open. */
async function listen(visitor: Visitor): Promise<{ heard(): string; stop(): void }> {
  const end = new AbortController();
  const events = await fetch(`${hub.url}/widget/api/events?token=${visitor.token}`, { signal: end.signal });
  let heard = '';
  void (async () => {
    for await (const piece of events.body!.pipeThrough(new TextDecoderStream())) heard += piece;
  })().catch(() => undefined);
  await until(async () => heard.includes('event: open'));
  return { heard: () => heard, stop: () => end.abort() };
}

describe('files', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  test('go up before their message, come down to whoever may see it, and to nobody else', async () => {
    const visitor = await new Visitor(hub.url).open();
    const given = uuid();
    const first = await visitor.send(png, '../../../etc/pass\u202ewd.png', given);
    expect(first).toMatchObject({ picture: true, size: png.length });
    expect(first.name).not.toMatch(/[/\\\u202e]|^\./);
    expect(await visitor.send(png, 'again.png', given)).toEqual(first);
    const messageId = await visitor.say('', uuid(), [given]);
    const [message] = await visitor.messages();
    expect(message).toMatchObject({ id: messageId, body: '', files: [first] });
    const got = await visitor.ask(`files/${first.id}`);
    expect(Buffer.from(await got.arrayBuffer())).toEqual(png);
    expect(got.headers.get('content-type')).toBe('image/png');
    expect(got.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(got.headers.get('x-content-type-options')).toBe('nosniff');
    // The agent sees it as any other file.
    const { id: ticketId } = await ticketOf(hub, visitor);
    await until(async () => (await lan.query('ticket.files', { ticketId })).some((file) => file.id === first.id && file.state === 'ready'));
    // Several stand in the order in which they were sent, whatever their ids.
    const several = Array.from({ length: 5 }, () => uuid());
    for (const [at, one] of several.entries()) await visitor.send(png, `${at}.png`, one);
    const withAll = await visitor.say('', uuid(), several);
    const inOrder = ['0.png', '1.png', '2.png', '3.png', '4.png'];
    expect((await visitor.messages()).find(({ id }) => id === withAll)?.files.map(({ name }) => name)).toEqual(inOrder);
    const stranger = await new Visitor(hub.url).open();
    expect((await stranger.ask(`files/${first.id}`)).status).toBe(404);
    expect(await stranger.refusal('messages', { id: uuid(), body: 'x', name: null, authoredAt: 1, files: [given] })).toEqual([
      422,
      'NOT_FOUND',
      'files',
    ]);
  });

  test('those of an agent come once they are there, and those of a note never', async () => {
    const visitor = await new Visitor(hub.url).open();
    await visitor.say('Cho tôi xin báo giá');
    const { id: ticketId } = await ticketOf(hub, visitor);
    await until(async () => (await lan.query('ticket.get', { ticketId })) !== null);
    const quote = Buffer.from('%PDF-1.4 12.000.000');
    const fileId = await choose(lan, ticketId, quote, 'báo giá.pdf');
    await answer(lan, ticketId, 'Dạ báo giá đây ạ', [fileId]);
    await until(async () => (await visitor.messages()).length === 2);
    const [file] = (await visitor.messages())[1]!.files;
    expect(file).toEqual({ id: fileId, name: 'báo giá.pdf', size: quote.length, picture: false });
    const got = await visitor.ask(`files/${fileId}`);
    expect(Buffer.from(await got.arrayBuffer())).toEqual(quote);
    expect(got.headers.get('content-security-policy')).toContain('sandbox');
    const stranger = await new Visitor(hub.url).open();
    expect((await stranger.ask(`files/${fileId}`)).status).toBe(404);
    expect((await fetch(`${hub.url}/widget/api/files/${fileId}`)).status).toBe(401);
    // What colleagues keep to themselves is not the customer's.
    await hub.query(`update message set kind = 'note' where id = (select message_id from attachment where id = $1)`, [fileId]);
    expect((await visitor.ask(`files/${fileId}`)).status).toBe(404);
    expect(await visitor.messages()).toHaveLength(1);
  });

  test('too large, empty, no file at all', async () => {
    const visitor = await new Visitor(hub.url).open();
    await expect(visitor.send(Buffer.alloc(10 * 1024 * 1024 + 1), 'to.bin')).rejects.toThrow('413');
    await expect(visitor.send(Buffer.alloc(0), 'khong.bin')).rejects.toThrow('422');
    expect(
      (await visitor.ask('files/../../session?name=x', { method: 'PUT', headers: { 'content-type': 'application/octet-stream' } })).ok,
    ).toBe(false);
    expect(
      (await visitor.ask('files/not-an-id?name=x', { method: 'PUT', headers: { 'content-type': 'application/octet-stream' } })).status,
    ).toBe(400);
  });
});

describe('what is asked before the first message', () => {
  const consent = { vi: 'Tôi đồng ý để cửa hàng lưu thông tin này', en: 'I agree that the shop keeps this' };
  const filled = { name: 'Anh Bình', phone: '0908 777 000', email: 'Binh@Khach.test', consent: true, language: 'vi' };
  beforeAll(() => setUpWidget(hub, { preChat: { name: 'required', phone: 'optional', email: 'optional' }, consent }));
  afterAll(() => setUpWidget(hub, {}));

  test('comes first; what is wrong is named; what was filled in is put before an agent, and proves nothing', async () => {
    const known = (
      await hub.query<{ id: string; workspace_id: string }>('select id, workspace_id from customer order by created_at limit 1')
    )[0]!;
    await hub.query(
      `insert into identity (workspace_id, id, customer_id, kind, value, verified) values ($1, gen_random_uuid(), $2, 'phone', '+84908777000', true)`,
      [known.workspace_id, known.id],
    );
    const visitor = new Visitor(hub.url);
    expect((await visitor.session()).form).toEqual({ fields: { name: 'required', phone: 'optional', email: 'optional' }, consent });
    expect((await visitor.refusal('messages', { id: uuid(), body: 'x', name: null, authoredAt: 1 })).slice(0, 3)).toEqual([
      403,
      'FORBIDDEN',
      'form',
    ]);
    for (const [change, field] of [
      [{ name: ' ' }, 'name'],
      [{ phone: '12' }, 'phone'],
      [{ email: 'binh@' }, 'email'],
      [{ consent: false }, 'consent'],
    ] as const) {
      expect(await visitor.refusal('details', { ...filled, ...change })).toEqual([400, 'BAD_REQUEST', field]);
    }
    await visitor.post('details', filled);
    expect((await visitor.session()).form).toBeNull();
    await visitor.say('Cho tôi hỏi giá');
    const { customer_id: customerId } = await ticketOf(hub, visitor);
    expect(customerId).not.toBe(known.id);
    const [row] = await hub.query<{ name: string; proposals: { kind: string; value: string; customerId: string | null }[] }>(
      'select name, proposals from customer where id = $1',
      [customerId],
    );
    expect(row!.name).toBe('Anh Bình');
    expect(row!.proposals.map(({ kind, customerId: id }) => [kind, id]).sort()).toEqual([
      ['email', null],
      ['same', known.id],
    ]);
    expect(await count(`identity where customer_id = $1 and kind <> 'visitor'`, customerId)).toBe(0);
    // Whoever is here already under another name is asked about, and not renamed.
    const before = await new Visitor(hub.url).open();
    await setUpWidget(hub);
    await before.say('Tôi chưa nói tên');
    const { customer_id: nameless } = await ticketOf(hub, before);
    await setUpWidget(hub, { preChat: { name: 'required', phone: 'off', email: 'off' } });
    await before.post('details', { ...filled, name: 'Chị Lụa' });
    await before.say('Giờ thì có tên');
    const [asked] = await hub.query<{ name: string; proposals: object[] }>('select name, proposals from customer where id = $1', [
      nameless,
    ]);
    expect(asked!.name).not.toBe('Chị Lụa');
    expect(asked!.proposals).toEqual([expect.objectContaining({ kind: 'name', value: 'Chị Lụa', customerId: null })]);
    const [agreed] = await hub.query<{ consent: { text: string; at: number } }>('select consent from visitor where id = $1', [visitor.id]);
    expect(agreed!.consent).toMatchObject({ text: consent.vi, language: 'vi' });
  });
});

describe('pages that may show it', () => {
  beforeAll(() => setUpWidget(hub, { allowedDomains: ['shop.example', '*.shop.example:8443'] }));
  afterAll(() => setUpWidget(hub, {}));
  test('are named to the browser, and held to', async () => {
    const frame = await fetch(`${hub.url}/widget/frame?channel=demo-widget`);
    expect(frame.headers.get('content-security-policy')).toMatch(/frame-ancestors ('self' )?shop\.example \*\.shop\.example:8443$/);
    const visitor = new Visitor(hub.url);
    for (const page of ['https://shop.example', 'https://www.shop.example:8443', hub.url, null]) await visitor.session(page);
    for (const page of [
      'https://evil.example',
      'https://shop.example.evil.test',
      'https://www.shop.example',
      'https://xshop.example:8443',
      'null',
    ]) {
      expect(await visitor.refusal('session', { channel: 'demo-widget', token: null, page })).toEqual([403, 'FORBIDDEN', 'page']);
    }
  });
});

test('hostile bodies are refused by name, and the hub goes on', async () => {
  const visitor = await new Visitor(hub.url).open();
  const before = await count('message');
  const good = { id: uuid(), body: 'x', name: null, authoredAt: 1 };
  const bodies = [
    '',
    '{',
    '[]',
    'null',
    '"x"',
    `${'['.repeat(60_000)}${']'.repeat(60_000)}`,
    JSON.stringify({ ...good, body: 'x'.repeat(10_001) }),
    JSON.stringify({ ...good, body: 'x'.repeat(200_000) }),
    JSON.stringify({ ...good, id: '../../x' }),
    JSON.stringify({ ...good, name: { toString: 'x' } }),
    JSON.stringify({ ...good, authoredAt: -1 }),
    JSON.stringify({ ...good, authoredAt: 1e300 }),
    JSON.stringify({ ...good, files: ['x'] }),
    JSON.stringify({ ...good, files: Array.from({ length: 6 }, () => uuid()) }),
    JSON.stringify({ ...good, admin: true }),
    `{"__proto__":{"isAdmin":true},"id":"${uuid()}","body":"x","name":null,"authoredAt":1}`,
    `{"constructor":{"prototype":{"isAdmin":true}},"id":"${uuid()}","body":"x","name":null,"authoredAt":1}`,
  ];
  for (const body of bodies) {
    const [status] = await visitor.refusal('messages', body);
    expect([body.slice(0, 60), status >= 400 && status < 500]).toEqual([body.slice(0, 60), true]);
  }
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  expect(await count('message')).toBe(before);
  // What no database can keep is taken out.
  const id = await visitor.say('a\0b\ud800c');
  expect((await visitor.messages()).find((one) => one.id === id)?.body).toBe('ab\ufffdc');
});

test('agents are seen writing, and visitors are', async () => {
  const visitor = await new Visitor(hub.url).open();
  await visitor.say('Có ai không?');
  const { id: ticketId } = await ticketOf(hub, visitor);
  await until(async () => (await lan.query('ticket.get', { ticketId })) !== null);
  const page = await listen(visitor);
  await lan.execute('viewing', { ticketId, typing: true });
  await until(async () => page.heard().includes('event: typing'));
  expect(page.heard()).toContain('Lan');
  await visitor.post('typing', {});
  await until(async () => (await lan.query('ticket.viewers', { ticketId })).some(({ userId, typing }) => userId === visitor.id && typing));
  page.stop();
});

describe('how much', () => {
  let strict: TestHub;
  beforeAll(async () => {
    strict = await startTestHub({ TRUC_VISITOR_LIMIT: '8', TRUC_VISITOR_OPENINGS: '2', TRUC_VISITOR_FILES: '2' });
  });
  afterAll(() => strict.stop());

  test('messages in a minute, conversations and files in an hour', async () => {
    const visitor = await new Visitor(strict.url).open();
    for (let at = 0; at < 2; at += 1) {
      await visitor.say(`Cuộc ${at}`);
      await strict.query(`update ticket set status = 'closed'`);
    }
    const third = { id: uuid(), body: 'Cuộc nữa', name: null, authoredAt: 1 };
    expect(await visitor.refusal('messages', third)).toEqual([429, 'TOO_MANY_REQUESTS', 'conversations']);
    for (let at = 0; at < 2; at += 1) await visitor.send(Buffer.from('x'), 'x.txt');
    await expect(visitor.send(Buffer.from('x'), 'x.txt')).rejects.toThrow('429');
    const statuses = new Set<number>();
    for (let at = 0; at < 12; at += 1) statuses.add((await visitor.refusal('messages', third))[0]);
    const answer = await visitor.ask('messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(third),
    });
    expect([...statuses]).toEqual([429]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    // Somebody else is not kept waiting for it.
    await (await new Visitor(strict.url).open()).say('Tôi mới tới');
  });
});
