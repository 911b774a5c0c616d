/** Work without the hub, through a restart of the console, and what becomes of it. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { Visitor } from '../harness/visitor.ts';

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

test('what is written offline survives a restart of the console and arrives once, in order', async () => {
  const customers: Visitor[] = [];
  for (const text of ['Câu hỏi một', 'Câu hỏi hai', 'Câu hỏi ba']) {
    const customer = await new Visitor(hub.url).open();
    await customer.say(text);
    customers.push(customer);
  }
  const byText = async (text: string) => (await lan.inbox()).find((row) => row.lastMessagePreview === text)!;
  await until(async () => (await byText('Câu hỏi ba')) !== undefined);
  const [one, two, three] = [await byText('Câu hỏi một'), await byText('Câu hỏi hai'), await byText('Câu hỏi ba')];

  await hub.down();
  await lan.offline();
  for (const [index, ticket] of [one, two, three].entries()) await lan.reply(ticket.id, `Trả lời ${index + 1}`);
  const reference = (await lan.query('reference', null))!;
  const phoneTicket = uuid();
  await lan.mutate('ticket.create', {
    ticketId: phoneTicket,
    queueId: reference.myQueues[0]!,
    channel: 'phone',
    subject: 'Gọi hỏi lịch giao hàng',
    priority: 'normal',
    tags: [],
    provisionalRef: 'T-4821',
    customer: { id: uuid(), name: 'Chị Hạnh', identity: { id: uuid(), kind: 'phone', value: '+84909000111' } },
    messageId: uuid(),
    body: 'Khách hẹn giao chiều mai',
    call: { direction: 'inbound', phone: '+84909000111', durationSec: 95, outcome: 'answered', at: Date.now() },
    assignToMe: true,
  });
  await lan.mutate('ticket.close', { ticketId: three.id, seenInboundId: three.lastInboundId, disposition: 'Đã trả lời' });
  expect((await lan.query('status', null)).queued).toBe(5);

  // The process dies and comes back, still without a hub.
  lan.stop();
  await lan.start();
  expect((await lan.query('session.state', null)).phase).toBe('ready');
  expect((await lan.query('status', null)).queued).toBe(5);
  expect((await lan.timeline(one.id)).at(-1)).toMatchObject({ body: 'Trả lời 1', delivery: 'queued', pending: true });
  expect(await lan.query('ticket.get', { ticketId: phoneTicket })).toMatchObject({
    number: null,
    provisionalRef: 'T-4821',
    pending: 1,
    customerName: 'Chị Hạnh',
  });
  expect((await lan.inbox('closed')).some((row) => row.id === three.id)).toBe(true);

  await hub.up();
  await lan.online();
  await lan.drained();
  for (const [index, customer] of customers.entries()) {
    await until(async () => (await customer.messages()).length === 2);
    expect((await customer.messages()).map((message) => message.body)).toEqual([
      `Câu hỏi ${['một', 'hai', 'ba'][index]}`,
      `Trả lời ${index + 1}`,
    ]);
  }
  await until(async () => (await lan.query('ticket.get', { ticketId: phoneTicket }))?.number !== null);
  expect(await lan.query('ticket.get', { ticketId: three.id })).toMatchObject({ status: 'resolved', pending: 0 });
  // Rule 12 of the SLA page: an answered call counts from the call.
  expect(await lan.query('ticket.get', { ticketId: phoneTicket })).toMatchObject({ slaState: 'met' });
  const accepted = await hub.query<{ body: string }>(
    `select body from message where body like 'Trả lời %' or body = 'Khách hẹn giao chiều mai' order by accepted_at, id`,
  );
  expect(accepted.map((row) => row.body)).toEqual(['Trả lời 1', 'Trả lời 2', 'Trả lời 3', 'Khách hẹn giao chiều mai']);
  expect(await lan.query('outbox.list', null)).toEqual([]);
  expect(await lan.query('attention.list', null)).toEqual([]);
});

test('a call note finds the customer that the hub already knows by the number', async () => {
  const [known] = await hub.query<{ customer_id: string; value: string; name: string }>(
    `select i.customer_id, i.value, c.name from identity i join customer c on c.id = i.customer_id where i.kind = 'phone' and i.value = '+84909000111'`,
  );
  const ticketId = uuid();
  const reference = (await lan.query('reference', null))!;
  await lan.mutate('ticket.create', {
    ticketId,
    queueId: reference.myQueues[0]!,
    channel: 'phone',
    subject: 'Gọi lại',
    priority: 'normal',
    tags: [],
    provisionalRef: 'T-1',
    customer: { id: uuid(), name: 'Hạnh?', identity: { id: uuid(), kind: 'phone', value: '+84909000111' } },
    messageId: uuid(),
    body: 'Hỏi thêm',
    call: null,
    assignToMe: false,
  });
  await lan.drained();
  await until(async () => (await lan.query('ticket.get', { ticketId }))?.number !== null);
  expect(await lan.query('ticket.get', { ticketId })).toMatchObject({ customerId: known!.customer_id, customerName: known!.name });
});

test('unsent work keeps the agent from signing out by accident, and the file is gone after a real sign-out', async () => {
  await hub.down();
  await lan.offline();
  const ticket = (await lan.inbox())[0]!;
  await lan.mutate('message.note', { messageId: uuid(), ticketId: ticket.id, body: 'Ghi chú' });
  await expect(lan.execute('session.signOut', { discard: false })).rejects.toMatchObject({ code: 'UNSENT_WORK' });
  await hub.up();
  await lan.online();
  await lan.drained();
  await lan.execute('session.signOut', { discard: false });
  expect((await lan.query('session.state', null)).phase).toBe('signedOut');
  const { readdirSync } = await import('node:fs');
  expect(readdirSync(lan.profileDir).filter((name) => name.includes('.db'))).toEqual([]);
});

test('a hub that has moved finds the work again; another account does not take its place', async () => {
  const console = await (await new TestConsole(hub.url).start()).signIn('minh');
  const ticket = (await console.inbox())[0]!;
  console.stop();
  // The hub answers at another address from now on; before it can be reached, a note is written.
  const nowhere = 'http://127.0.0.1:9';
  console.hubUrl = nowhere;
  await console.start();
  await console.mutate('message.note', { messageId: uuid(), ticketId: ticket.id, body: 'Viết lúc trung tâm chuyển nhà' });
  console.stop();
  await hub.query('update session set revoked_at = 1');
  console.hubUrl = hub.url;
  await console.start();
  await until(async () => (await console.query('session.state', null)).phase === 'signedOut');
  const signIn = (key: string) => console.execute('session.signIn', { email: `${key}@demo.truc.test`, password: 'truc-demo' });
  await signIn('lan');
  await console.online();
  expect((await console.query('status', null)).queued).toBe(0);
  await console.execute('session.switch', null);
  await signIn('minh');
  await console.online();
  await console.drained();
  expect(await hub.query(`select 1 from message where body = 'Viết lúc trung tâm chuyển nhà'`)).toHaveLength(1);
  console.dispose();
});
