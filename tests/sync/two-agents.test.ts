/** Two people at the same ticket: the table of the sync page, against a real hub. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { InboxRow } from '../../src/shared/bridge.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { type Line, lineTo } from '../harness/line.ts';
import { Visitor } from '../harness/visitor.ts';

let hub: TestHub;
let line: Line;
let lan: TestConsole;
let minh: TestConsole;
let customer: Visitor;
let ticket: InboxRow;

beforeAll(async () => {
  hub = await startTestHub();
  line = await lineTo(hub.url);
  lan = await (await new TestConsole(line.url).start()).signIn('lan');
  minh = await (await new TestConsole(hub.url).start()).signIn('minh');
});
afterAll(async () => {
  lan.dispose();
  minh.dispose();
  await line.close();
  await hub.stop();
});
beforeEach(async () => {
  customer = await new Visitor(hub.url).open();
  const text = `Câu hỏi ${uuid()}`;
  await customer.say(text);
  for (const console of [lan, minh]) await until(async () => (await console.inbox()).some((row) => row.lastMessagePreview === text));
  ticket = (await lan.inbox()).find((row) => row.lastMessagePreview === text)!;
});
const cut = async () => {
  line.cut();
  await lan.offline();
};
const mend = async () => {
  await line.mend();
  await lan.online();
  await lan.drained();
};
const clearAttention = async () => {
  for (const item of await lan.query('attention.list', null)) await lan.execute('attention.dismiss', { mutationId: item.mutationId });
};

test('a colleague answered while one was offline: the late answer is held with its text and what changed', async () => {
  await cut();
  await lan.reply(ticket.id, 'Câu trả lời viết lúc mất mạng');
  await minh.reply(ticket.id, 'Câu trả lời của Minh');
  await minh.drained();
  await mend();
  await until(async () => (await lan.query('attention.list', null)).length === 1);
  const [held] = await lan.query('attention.list', null);
  expect(held).toMatchObject({
    name: 'message.reply',
    ticketId: ticket.id,
    args: { body: 'Câu trả lời viết lúc mất mạng' },
    rejection: { code: 'STALE_REPLY', detail: { colleagueReplied: true } },
  });
  expect(held!.since.map((message) => message.body)).toEqual(['Câu trả lời của Minh']);
  expect((await lan.timeline(ticket.id)).map((message) => message.body)).not.toContain('Câu trả lời viết lúc mất mạng');
  expect((await customer.messages()).map((message) => message.body)).not.toContain('Câu trả lời viết lúc mất mạng');
  // Sent again on what is there now, it goes out.
  await lan.execute('attention.dismiss', { mutationId: held!.mutationId });
  await lan.reply(ticket.id, 'Bổ sung thêm ạ');
  await lan.drained();
  await until(async () => (await customer.messages()).some((message) => message.body === 'Bổ sung thêm ạ'));
});

test('the customer wrote while the console was offline: held; a live answer that crosses a message goes out', async () => {
  await cut();
  await lan.reply(ticket.id, 'Trả lời câu cũ');
  await customer.say('À thôi, em hỏi chuyện khác');
  await mend();
  await until(async () => (await lan.query('attention.list', null)).length === 1);
  expect((await lan.query('attention.list', null))[0]).toMatchObject({
    rejection: { code: 'STALE_REPLY', detail: { customerWrote: true, colleagueReplied: false } },
  });
  await clearAttention();

  const before = (await lan.query('ticket.get', { ticketId: ticket.id }))!;
  await customer.say('Tin nhắn đi ngang');
  await until(async () => (await lan.query('ticket.get', { ticketId: ticket.id }))!.lastInboundId !== before.lastInboundId);
  await lan.execute('reply.send', {
    ticketId: ticket.id,
    messageId: uuid(),
    body: 'Trả lời trực tiếp',
    seen: { inboundId: before.lastInboundId, replyId: before.lastReplyId, assigneeId: before.assigneeId },
    startedAt: Date.now(),
  });
  await lan.drained();
  await until(async () => (await customer.messages()).some((message) => message.body === 'Trả lời trực tiếp'));
});

test('a text begun before the line broke counts as written offline', async () => {
  const before = (await lan.query('ticket.get', { ticketId: ticket.id }))!;
  const startedAt = Date.now();
  await cut();
  await customer.say('Thêm một câu nữa');
  await line.mend();
  await lan.online();
  await until(async () => (await lan.query('ticket.get', { ticketId: ticket.id }))!.lastInboundId !== before.lastInboundId);
  await expect(
    lan.execute('reply.send', {
      ticketId: ticket.id,
      messageId: uuid(),
      body: 'Viết từ trước khi mất mạng',
      seen: { inboundId: before.lastInboundId, replyId: null, assigneeId: before.assigneeId },
      startedAt,
    }),
  ).rejects.toMatchObject({ code: 'REJECTED', rejection: { code: 'STALE_REPLY' } });
});

test('two assign at once: one wins, the other is told who has it', async () => {
  const me = (await lan.query('reference', null))!.me.id;
  const other = (await minh.query('reference', null))!.me.id;
  await cut();
  await lan.mutate('ticket.assign', { ticketId: ticket.id, from: null, to: me });
  await minh.mutate('ticket.assign', { ticketId: ticket.id, from: null, to: other });
  await minh.drained();
  await mend();
  await until(async () => (await lan.query('attention.list', null)).length === 1);
  expect((await lan.query('attention.list', null))[0]).toMatchObject({
    name: 'ticket.assign',
    rejection: { code: 'ALREADY_ASSIGNED', detail: { assigneeId: other } },
  });
  for (const console of [lan, minh]) expect((await console.query('ticket.get', { ticketId: ticket.id }))!.assigneeId).toBe(other);
  await clearAttention();
});

test('closing is refused when the customer wrote meanwhile, and idempotent otherwise', async () => {
  await cut();
  await lan.mutate('ticket.close', { ticketId: ticket.id, seenInboundId: ticket.lastInboundId, disposition: 'Xong' });
  await customer.say('Khoan đã');
  await mend();
  await until(async () => (await lan.query('attention.list', null)).length === 1);
  expect((await lan.query('attention.list', null))[0]).toMatchObject({ rejection: { code: 'NEW_INBOUND' } });
  await clearAttention();
  const now = (await lan.query('ticket.get', { ticketId: ticket.id }))!;
  expect(now.status).not.toBe('resolved');
  await Promise.all(
    [lan, minh].map((console) =>
      console.mutate('ticket.close', { ticketId: ticket.id, seenInboundId: now.lastInboundId, disposition: 'Xong' }),
    ),
  );
  await lan.drained();
  await minh.drained();
  for (const console of [lan, minh]) {
    await until(async () => (await console.query('ticket.get', { ticketId: ticket.id }))!.status === 'resolved');
    expect(await console.query('attention.list', null)).toEqual([]);
  }
});

test('tags commute, and an undone close gives the clock back as it was', async () => {
  const before = (await minh.query('ticket.get', { ticketId: ticket.id }))!;
  await cut();
  await lan.mutate('ticket.tag', { ticketId: ticket.id, add: ['gấp'], remove: [] });
  await minh.mutate('ticket.tag', { ticketId: ticket.id, add: ['vip'], remove: [] });
  await minh.drained();
  await mend();
  await until(async () => (await minh.query('ticket.get', { ticketId: ticket.id }))!.tags.length === 2);
  await minh.mutate('ticket.close', { ticketId: ticket.id, seenInboundId: ticket.lastInboundId, disposition: 'Xong' });
  await minh.drained();
  await until(async () => (await minh.query('ticket.get', { ticketId: ticket.id }))!.slaState === null);
  await minh.mutate('ticket.reopen', { ticketId: ticket.id });
  await minh.drained();
  await until(async () => (await minh.query('ticket.get', { ticketId: ticket.id }))!.slaState === 'running');
  expect((await minh.query('ticket.get', { ticketId: ticket.id }))!.slaDueAt).toBe(before.slaDueAt);
});
