/** The main job through engine, hub and widget interface, without a window. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { Visitor } from '../harness/visitor.ts';

let hub: TestHub;
const consoles: TestConsole[] = [];
const open = async (key: string) => {
  const console = await new TestConsole(hub.url).start();
  consoles.push(console);
  return console.signIn(key);
};

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(async () => {
  for (const console of consoles) console.dispose();
  await hub.stop();
});

describe('a customer writes in the widget', () => {
  test('the ticket reaches two consoles with a countdown, is answered, and both see all of it', async () => {
    const lan = await open('lan');
    const minh = await open('minh');
    const customer = await new Visitor(hub.url).open();
    await customer.say('Máy giặt nhà tôi kêu to quá');
    const find = async (console: TestConsole) =>
      (await console.inbox()).find((row) => row.lastMessagePreview === 'Máy giặt nhà tôi kêu to quá');
    await until(async () => (await find(lan)) !== undefined && (await find(minh)) !== undefined);
    const ticket = (await find(lan))!;
    expect(ticket).toMatchObject({ channel: 'chat', status: 'new', slaKind: 'frt', slaState: 'running', assigneeId: null });
    expect(ticket.number).toBeGreaterThan(1000);
    expect(ticket.slaDueAt! - ticket.slaStartedAt!).toBe(300_000);

    await lan.reply(ticket.id, 'Dạ em chào anh/chị, máy dùng được bao lâu rồi ạ?');
    expect((await lan.timeline(ticket.id)).at(-1)).toMatchObject({ kind: 'reply', delivery: 'queued', pending: true });
    await lan.drained();
    await until(async () => (await customer.messages()).length === 2);
    expect((await customer.messages()).at(-1)).toMatchObject({ from: 'agent', body: 'Dạ em chào anh/chị, máy dùng được bao lâu rồi ạ?' });
    await until(async () => (await find(minh)) === undefined && (await minh.timeline(ticket.id)).length === 2);
    const answered = (await minh.query('ticket.get', { ticketId: ticket.id }))!;
    expect(answered).toMatchObject({ status: 'waiting_customer', slaState: 'met', slaDueAt: null });
    expect(answered.assigneeId).toBe((await lan.query('reference', null))!.me.id);

    const [, reply] = await customer.messages();
    await customer.post('receipts', { delivered: [reply!.id], read: [reply!.id] });
    await until(async () => (await minh.timeline(ticket.id)).at(-1)!.delivery === 'read');

    await customer.say('Hai năm rồi em');
    await until(async () => (await minh.timeline(ticket.id)).length === 3);
    expect(await minh.query('ticket.get', { ticketId: ticket.id })).toMatchObject({ status: 'open', slaKind: 'nrt', slaState: 'running' });
  });

  test('a restart of the hub loses nothing and the consoles come back by themselves', async () => {
    const [lan] = consoles as [TestConsole];
    await hub.restart();
    await lan.online();
    const customer = await new Visitor(hub.url).open();
    await customer.say('Còn hàng không shop?');
    await until(async () => (await lan.inbox()).some((row) => row.lastMessagePreview === 'Còn hàng không shop?'));
  });
});
