/** What waits at the hub for its files: answers, in their order, and what becomes of those whose files never come. */
import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../harness/engine.ts';
import { FileWire, json, sample, shown } from '../harness/file-wire.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';

let hub: TestHub;
let files: FileWire;
beforeAll(async () => {
  hub = await startTestHub();
  files = await FileWire.to(hub);
});
afterAll(async () => {
  files.lan.close();
  await hub.stop();
});

test('an answer with a file, and those behind it, until it is there; in order', async () => {
  const talk = await files.conversation();
  const [one, two] = [sample(1000), sample(2000)];
  const first = await files.reply(talk, 'Tệp thứ nhất', [one]);
  const second = await files.reply(talk, 'Không tệp');
  const third = await files.reply(talk, 'Tệp thứ hai', [two]);
  const fourth = await files.reply(talk, 'Cuối cùng');
  const [held] = await hub.query<{ accepted_at: string | null }>('select accepted_at from message where id = $1', [first]);
  expect(held!.accepted_at).not.toBeNull();
  expect(await shown(talk.customer)).toEqual([]);
  // The later file first: nothing goes out before what stands before it.
  await files.whole(talk.ticketId, two);
  expect([await files.stateOf(two.id), await files.deliveryOf(third)]).toEqual(['ready', 'queued']);
  expect(await shown(talk.customer)).toEqual([]);
  await files.whole(talk.ticketId, one);
  expect(await shown(talk.customer)).toEqual(['Tệp thứ nhất', 'Không tệp', 'Tệp thứ hai', 'Cuối cùng']);
  for (const id of [first, second, third, fourth]) expect(await files.deliveryOf(id)).toBe('sent');
  expect(await files.deliveryOf(await files.reply(talk, 'Như thường'))).toBe('sent');
});

test('a file that is here before its message; one of two; a note holds nothing', async () => {
  const talk = await files.conversation();
  const [early, late, noted] = [sample(500), sample(600), sample(700)];
  await files.whole(talk.ticketId, early);
  expect(await files.deliveryOf(await files.reply(talk, 'Có sẵn', [early]))).toBe('sent');
  expect(await files.stateOf(early.id)).toBe('ready');
  await files.lan.push('message.note', { messageId: uuid(), ticketId: talk.ticketId, body: 'Ghi chú', attachments: [noted.named] });
  expect(await files.stateOf(noted.id)).toBe('pending');
  const again = sample(800);
  await files.whole(talk.ticketId, again);
  const both = await files.reply(talk, 'Hai tệp', [again, late]);
  expect([await files.stateOf(again.id), await files.stateOf(late.id), await files.deliveryOf(both)]).toEqual([
    'ready',
    'pending',
    'queued',
  ]);
  await files.whole(talk.ticketId, late);
  expect(await files.deliveryOf(both)).toBe('sent');
  // The same id with other bytes than the message names is not its file.
  const swapped = sample(100);
  await files.whole(talk.ticketId, swapped);
  const lying = { ...swapped, named: { ...swapped.named, sha256: createHash('sha256').update('khác').digest('hex') } };
  expect(await files.deliveryOf(await files.reply(talk, 'Tráo', [lying]))).toBe('queued');
});

test('while one waits the customer sees nothing of it, live neither, and cannot mark it as read', async () => {
  const talk = await files.conversation();
  const file = sample(1000);
  const heard: string[] = [];
  const events = await fetch(`${hub.url}/widget/api/events?token=${talk.customer.token}`);
  const reading = (async () => {
    for await (const chunk of events.body!) heard.push(Buffer.from(chunk).toString());
  })().catch(() => undefined);
  const messageId = await files.reply(talk, 'Đợi tệp đã', [file]);
  await talk.customer.post('receipts', { delivered: [messageId], read: [messageId] });
  expect(await files.deliveryOf(messageId)).toBe('queued');
  await talk.customer.say('Alo?');
  await until(() => heard.join('').includes('Alo?'));
  expect(heard.join('')).not.toContain('Đợi tệp đã');
  await files.whole(talk.ticketId, file);
  await until(() => heard.join('').includes('Đợi tệp đã'));
  await events.body?.cancel().catch(() => undefined);
  void reading;
});

test('a file that never comes: after a day the message has failed, and what stood behind it goes out', async () => {
  const talk = await files.conversation();
  const file = sample(1000);
  const first = await files.reply(talk, 'Chờ mãi', [file]);
  const second = await files.reply(talk, 'Đi tiếp');
  const [job] = await hub.query<{ due: string; id: string }>(
    `select extract(epoch from run_at) * 1000 as due, id from graphile_worker._private_jobs where key = $1`,
    [`file:${file.id}`],
  );
  expect(Number(job!.due) - Date.now()).toBeGreaterThan(23 * 3_600_000);
  expect(Number(job!.due) - Date.now()).toBeLessThan(25 * 3_600_000);
  await hub.query('update graphile_worker._private_jobs set run_at = now() where id = $1', [job!.id]);
  await until(async () => (await files.deliveryOf(first)) === 'failed');
  const [row] = await hub.query<{ delivery_error: string }>('select delivery_error from message where id = $1', [first]);
  expect(row!.delivery_error).toBe('FILE_MISSING');
  expect(await files.stateOf(file.id)).toBe('failed');
  expect(await files.deliveryOf(second)).toBe('sent');
  expect(await shown(talk.customer)).toEqual(['Đi tiếp']);
  // Late bytes are kept for the colleagues; the answer is not sent behind everybody's back.
  await files.whole(talk.ticketId, file);
  expect([await files.stateOf(file.id), await files.deliveryOf(first)]).toEqual(['ready', 'failed']);
});

test('more waits than is released at once: all of it goes out', async () => {
  const talk = await files.conversation();
  const file = sample(1000);
  await files.reply(talk, 'Đầu', [file]);
  for (let count = 0; count < 60; count += 1) await files.reply(talk, `Sau ${count}`);
  await files.whole(talk.ticketId, file);
  expect(await shown(talk.customer)).toEqual(['Đầu', ...Array.from({ length: 60 }, (_, count) => `Sau ${count}`)]);
});

test('a hub that ended between the last byte and its message takes it up at the start', async () => {
  const talk = await files.conversation();
  const [done, near] = [sample(1000), sample(1000)];
  await files.whole(talk.ticketId, done);
  const first = await files.reply(talk, 'Tệp đã tới', [done]);
  const second = await files.reply(talk, 'Tệp gần tới', [near]);
  await files.announce(talk.ticketId, near);
  await files.patch(near.id, 0, near.bytes.subarray(0, 999));
  // As it stands when the hub dies right after a file got its name.
  await hub.query(`update attachment set state = 'pending' where id = $1`, [done.id]);
  await hub.query(`update message set delivery = 'queued' where id = $1`, [first]);
  await hub.restart();
  await until(async () => (await files.stateOf(done.id)) === 'ready');
  expect(await files.deliveryOf(first)).toBe('sent');
  expect(await files.deliveryOf(second)).toBe('queued');
  await files.again();
  expect(await json(await files.announce(talk.ticketId, near))).toEqual([200, { offset: 999, size: 1000 }]);
  await files.patch(near.id, 999, near.bytes.subarray(999));
  expect(await files.deliveryOf(second)).toBe('sent');
});
