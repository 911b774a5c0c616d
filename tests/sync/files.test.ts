/** Files of messages, from one desk over the hub to another: they resume, arrive once and whole, hold their message, and leave no trace. */
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestConsole, until } from '../harness/engine.ts';
import { answer, type Asked, choose, content, contentMark, fileOf, kept, onDisk, openWhole, sumOf } from '../harness/files.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { type Line, lineTo } from '../harness/line.ts';
import { temporaryDir } from '../harness/postgres.ts';
import { Visitor } from '../harness/visitor.ts';
import { wire } from '../harness/wire.ts';

const dataDir = temporaryDir('truc-hub-files-');
let hub: TestHub;
const endings: (() => unknown)[] = [];
beforeAll(async () => {
  hub = await startTestHub({ TRUC_DATA_DIR: dataDir });
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => hub.stop());

async function workstation(key = 'lan', prepare?: (one: TestConsole) => void): Promise<TestConsole & { line: Line }> {
  const line = await lineTo(hub.url);
  endings.push(() => line.close());
  const made = new TestConsole(line.url);
  prepare?.(made);
  const one = await (await made.start()).signIn(key);
  endings.push(() => one.dispose());
  return Object.assign(one, { line });
}

async function conversation(...desks: Asked[]): Promise<{ customer: Visitor; ticketId: string; inboundId: string }> {
  const customer = await new Visitor(hub.url).open();
  const text = `Cho tôi xin hoá đơn ${uuid()}`;
  const inboundId = await customer.say(text);
  const [row] = await hub.query<{ id: string }>('select id from ticket where last_message_preview = $1', [text]);
  const ticketId = row!.id;
  for (const desk of desks) await until(async () => (await desk.query('ticket.get', { ticketId })) !== null);
  return { customer, ticketId, inboundId };
}

const shown = async (customer: Visitor) => (await customer.messages()).filter(({ from }) => from === 'agent').map(({ body }) => body);
const blob = (id: string) => join(dataDir, 'blobs', id.slice(-2), id);
const arrived = (id: string) =>
  until(async () => (await hub.query(`select 1 from attachment where id = $1 and state = 'ready'`, [id])).length === 1);
/** The hub has a file a moment before its sender knows that it has. */
const sentAllBut = (one: TestConsole, left: number) => until(async () => (await one.query('status', null)).files === left);
const partSize = (id: string) => {
  try {
    return statSync(`${blob(id)}.part`).size;
  } catch {
    return 0;
  }
};
async function back(one: TestConsole & { line: Line }): Promise<void> {
  await one.line.mend();
  await one.execute('sync.now', null);
  await one.online();
}

test('from one desk to another, whole, typed by its bytes; on neither disk in the clear', async () => {
  const [lan, minh] = [await workstation('lan'), await workstation('minh')];
  const { customer, ticketId } = await conversation(lan, minh);
  const bytes = content(700_000);
  bytes.write('%PDF-1.7');
  const id = await choose(lan, ticketId, bytes, 'phiếu bảo hành.pdf');
  expect(await lan.query('file.staged', { ticketId })).toEqual([
    { id, name: 'phiếu bảo hành.pdf', type: 'application/pdf', size: 700_000 },
  ]);
  await answer(lan, ticketId, 'Phiếu đây ạ', [id]);
  expect(await lan.query('file.staged', { ticketId })).toEqual([]);
  await until(async () => (await shown(customer)).includes('Phiếu đây ạ'));
  await until(async () => (await fileOf(lan, ticketId, id))?.upload === null);
  await until(async () => (await fileOf(minh, ticketId, id))?.state === 'ready');
  expect(await fileOf(minh, ticketId, id)).toMatchObject({ here: false, name: 'phiếu bảo hành.pdf', received: null });
  expect(await minh.execute('file.open', { id })).toEqual({ name: 'phiếu bảo hành.pdf', size: 700_000, kind: 'application/pdf' });
  expect((await openWhole(minh, id)).equals(bytes)).toBe(true);
  expect((await openWhole(lan, id)).equals(bytes)).toBe(true);
  expect((await fileOf(minh, ticketId, id))?.here).toBe(true);
  for (const one of [lan, minh]) {
    expect(kept(one)).toEqual([id]);
    expect(onDisk(one).includes(contentMark)).toBe(false);
    expect(onDisk(one).includes('%PDF')).toBe(false);
  }
  // Without a line what is here opens all the same.
  minh.line.cut();
  await minh.offline();
  expect(sumOf(await openWhole(minh, id))).toBe(sumOf(bytes));
  minh.stop();
  await minh.start();
  expect(sumOf(await openWhole(minh, id))).toBe(sumOf(bytes));
});

test('cut off in the middle: goes on where the hub has it, arrives once; its message and those behind it wait for it, in order', async () => {
  const lan = await workstation();
  const { customer, ticketId } = await conversation(lan);
  const bytes = content(20 * 1024 * 1024);
  const id = await choose(lan, ticketId, bytes);
  await answer(lan, ticketId, 'Tệp lớn đây ạ', [id]);
  await until(() => partSize(id) > 1_000_000);
  lan.line.cut();
  await lan.offline();
  const had = partSize(id);
  expect(had).toBeGreaterThan(0);
  expect(had).toBeLessThan(bytes.length);
  // Pushed before its file: the hub has it, and the customer does not.
  const [held] = await hub.query<{ delivery: string }>(`select delivery from message where body = 'Tệp lớn đây ạ'`);
  expect(held!.delivery).toBe('queued');
  expect((await fileOf(lan, ticketId, id))?.upload).toMatchObject({ lasting: false });
  await answer(lan, ticketId, 'Viết khi mất mạng');
  expect(await shown(customer)).toEqual([]);
  // The outbox goes ahead of the file.
  await back(lan);
  await lan.drained();
  await answer(lan, ticketId, 'Viết khi có mạng lại');
  // What the hub had before the cut is not sent again: it only grows.
  let least = bytes.length;
  await until(async () => {
    const size = partSize(id);
    if (size > 0) least = Math.min(least, size);
    return (await fileOf(lan, ticketId, id))?.upload === null;
  });
  expect(least).toBeGreaterThanOrEqual(had);
  await arrived(id);
  expect(partSize(id)).toBe(0);
  expect(sumOf(readFileSync(blob(id)))).toBe(sumOf(bytes));
  await until(async () => (await shown(customer)).length === 3);
  expect(await shown(customer)).toEqual(['Tệp lớn đây ạ', 'Viết khi mất mạng', 'Viết khi có mạng lại']);
  expect((await hub.query('select 1 from attachment where ticket_id = $1', [ticketId])).length).toBe(1);
});

test('a hub that restarts meanwhile loses nothing of it', async () => {
  const lan = await workstation();
  const { customer, ticketId } = await conversation(lan);
  const bytes = content(16 * 1024 * 1024);
  const id = await choose(lan, ticketId, bytes);
  await answer(lan, ticketId, 'Qua lần khởi động lại', [id]);
  await until(() => partSize(id) > 500_000);
  await hub.restart();
  await arrived(id);
  expect(sumOf(readFileSync(blob(id)))).toBe(sumOf(bytes));
  await until(async () => (await shown(customer)).length === 1);
  await until(async () => (await fileOf(lan, ticketId, id))?.upload === null);
});

test('chosen without a line, kept over a restart, sent later; a note has files too; taken back they are gone', async () => {
  const lan = await workstation();
  const { customer, ticketId } = await conversation(lan);
  lan.line.cut();
  await lan.offline();
  const [one, two, three] = [content(10_000), content(20_000), content(30_000)];
  const first = await choose(lan, ticketId, one, 'một.txt');
  const second = await choose(lan, ticketId, two, 'hai.txt');
  const third = await choose(lan, ticketId, three, 'ba.txt');
  lan.stop();
  await lan.start();
  expect((await lan.query('file.staged', { ticketId })).map(({ name }) => name)).toEqual(['một.txt', 'hai.txt', 'ba.txt']);
  expect(sumOf(await openWhole(lan, second))).toBe(sumOf(two));
  await lan.execute('file.remove', { id: second });
  await until(() => !kept(lan).includes(second));
  await lan.execute('note.add', { ticketId, messageId: uuid(), body: 'Ảnh chụp máy', attachments: [third] });
  await answer(lan, ticketId, 'Một tệp', [first]);
  expect(await lan.query('ticket.files', { ticketId })).toMatchObject([
    { id: third, state: 'pending', here: true, upload: { sent: 0, attempts: 0, error: null, lasting: false } },
    { id: first, state: 'pending' },
  ]);
  // What is only chosen waits for nothing but the agent.
  expect(await lan.query('status', null)).toMatchObject({ queued: 2, files: 2 });
  expect((await lan.query('file.unsent', null)).map(({ name, size, lasting }) => ({ name, size, lasting }))).toEqual([
    { name: 'một.txt', size: 10_000, lasting: false },
    { name: 'ba.txt', size: 30_000, lasting: false },
  ]);
  await back(lan);
  for (const id of [first, third]) await arrived(id);
  await until(async () => (await lan.query('status', null)).files === 0);
  expect(await lan.query('file.unsent', null)).toEqual([]);
  expect(await shown(customer)).toEqual(['Một tệp']);
  await expect(lan.execute('file.open', { id: second })).rejects.toMatchObject({ code: 'FILE_GONE' });
});

test('signing out asks first while a file is still to be sent', async () => {
  const lan = await workstation();
  const { ticketId } = await conversation(lan);
  await hub.query(
    `insert into upload select workspace_id, $1::uuid, id, $2::uuid, 'x', '', 5, repeat('0', 64), false, 1 from app_user limit 1`,
    [uuid(), ticketId],
  );
  const id = await choose(lan, ticketId, content(1000));
  // Somebody else's file has this id at the hub: nothing that waiting helps.
  await hub.query(
    `insert into upload select workspace_id, $1::uuid, id, $2::uuid, 'x', '', 5, repeat('0', 64), false, 1 from app_user limit 1`,
    [id, ticketId],
  );
  const other = await choose(lan, ticketId, content(2000));
  await answer(lan, ticketId, 'Một tệp hỏng, một tệp tốt', [id, other]);
  await until(async () => (await fileOf(lan, ticketId, id))?.upload?.lasting === true);
  expect((await fileOf(lan, ticketId, id))?.upload).toMatchObject({ attempts: 1, error: 'ID_TAKEN' });
  // Neither what is pushed nor the other file waits for it.
  await arrived(other);
  await answer(lan, ticketId, 'Vẫn gửi được');
  await lan.drained();
  await sentAllBut(lan, 1);
  expect(await lan.query('status', null)).toMatchObject({ queued: 0, files: 1 });
  expect(await lan.query('file.unsent', null)).toMatchObject([{ id, lasting: true }]);
  await expect(lan.execute('session.signOut', { discard: false })).rejects.toMatchObject({ code: 'UNSENT_WORK' });
  await hub.query('delete from upload where id = $1', [id]);
  await lan.execute('file.retry', { id });
  await arrived(id);
  await sentAllBut(lan, 0);
  await lan.execute('session.signOut', { discard: false });
  expect(kept(lan)).toEqual([]);
});

test('a message that the hub refuses gives its files back, for the next one', async () => {
  const [lan, minh] = [await workstation('lan'), await workstation('minh')];
  const { customer, ticketId } = await conversation(lan, minh);
  lan.line.cut();
  await lan.offline();
  const bytes = content(50_000);
  const id = await choose(lan, ticketId, bytes);
  await answer(lan, ticketId, 'Quá muộn', [id]);
  await minh.reply(ticketId, 'Em đã gửi rồi ạ');
  await minh.drained();
  await back(lan);
  await until(async () => (await lan.query('file.staged', { ticketId })).length === 1);
  expect(await lan.query('ticket.files', { ticketId })).toEqual([]);
  await until(async () => (await lan.timeline(ticketId)).some(({ body }) => body === 'Em đã gửi rồi ạ'));
  await answer(lan, ticketId, 'Kèm thêm tệp này', [id]);
  await arrived(id);
  await until(async () => (await shown(customer)).length === 2);
  expect(await shown(customer)).toEqual(['Em đã gửi rồi ạ', 'Kèm thêm tệp này']);
});

test('what is wrong with a file is said on the spot', async () => {
  const lan = await workstation();
  const { ticketId } = await conversation(lan);
  const part = (fields: Record<string, unknown>) =>
    lan.execute('file.add', {
      id: uuid(),
      ticketId,
      name: 'x',
      type: '',
      size: 10,
      offset: 0,
      bytes: Buffer.alloc(10).toString('base64'),
      ...fields,
    });
  const wrong: [Record<string, unknown>, string, string][] = [
    [{ size: 25 * 1024 * 1024 + 1 }, 'FILE_TOO_LARGE', 'args.size'],
    [{ size: 0, bytes: '' }, 'FILE_EMPTY', 'args.size'],
    [{ size: 9 }, 'BAD_REQUEST', 'args.bytes'],
    [{ bytes: '' }, 'BAD_REQUEST', 'args.bytes'],
    [{ bytes: Buffer.alloc(140_000).toString('base64') }, 'BAD_REQUEST', 'args.bytes'],
    [{ offset: 5, bytes: Buffer.alloc(5).toString('base64') }, 'BAD_REQUEST', 'args.offset'],
    [{ id: '../../owned' }, 'BAD_REQUEST', 'args.id'],
    [{ ticketId: uuid() }, 'BAD_REQUEST', 'args.ticketId'],
  ];
  for (const [fields, code, field] of wrong) {
    expect([fields, await part(fields).catch((error: unknown) => error)]).toMatchObject([fields, { code, field }]);
  }
  for (let count = 0; count < 10; count += 1) await part({});
  await expect(part({})).rejects.toMatchObject({ code: 'TOO_MANY_FILES' });
  const args = { messageId: uuid(), ticketId, body: 'x' };
  await expect(lan.execute('note.add', { ...args, attachments: [uuid()] })).rejects.toMatchObject({ field: 'args.attachments.0' });
  const other = await conversation(lan);
  const [staged] = await lan.query('file.staged', { ticketId });
  await expect(lan.execute('note.add', { ...args, ticketId: other.ticketId, attachments: [staged!.id] })).rejects.toMatchObject({
    field: 'args.attachments.0',
  });
  await expect(lan.execute('file.open', { id: uuid() })).rejects.toMatchObject({ code: 'FILE_GONE' });
});

test('downloads: without a line a clear word, broken off they go on, and a wrong sum is never shown', async () => {
  const [lan, minh] = [await workstation('lan'), await workstation('minh')];
  const { ticketId } = await conversation(lan, minh);
  const bytes = content(24 * 1024 * 1024);
  const id = await choose(lan, ticketId, bytes);
  const small = await choose(lan, ticketId, content(5000));
  await answer(lan, ticketId, 'Hai tệp', [id, small]);
  await arrived(id);
  await arrived(small);
  await until(async () => (await minh.query('ticket.files', { ticketId })).filter(({ state }) => state === 'ready').length === 2);
  const opening = minh.execute('file.open', { id }).catch((error: unknown) => error);
  await until(async () => ((await fileOf(minh, ticketId, id))?.received ?? 0) > 0);
  minh.line.cut();
  expect(await opening).toMatchObject({ code: 'HUB_UNREACHABLE' });
  await minh.offline();
  await expect(minh.execute('file.open', { id: small })).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  const had = statSync(
    join(
      minh.profileDir,
      readdirSync(minh.profileDir).find((name) => name.startsWith('files-'))!,
      `${id}.part`,
    ),
  ).size;
  expect(had).toBeGreaterThan(0);
  await back(minh);
  expect(sumOf(await openWhole(minh, id))).toBe(sumOf(bytes));
  // The hub's disk has lost a bit.
  const file = openSync(blob(small), 'r+');
  writeSync(file, Buffer.from([1, 2, 3]), 0, 3, 100);
  closeSync(file);
  await expect(minh.execute('file.open', { id: small })).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  expect(kept(minh)).toEqual([id]);
  // And so has this one: found out, and fetched anew.
  const mine = join(
    minh.profileDir,
    readdirSync(minh.profileDir).find((name) => name.startsWith('files-'))!,
    id,
  );
  const hurt = openSync(mine, 'r+');
  writeSync(hurt, Buffer.from([1, 2, 3]), 0, 3, 70_000);
  closeSync(hurt);
  await expect(openWhole(minh, id)).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  expect(sumOf(await openWhole(minh, id))).toBe(sumOf(bytes));
});

test('the cache keeps to its size: what was used longest ago goes, what waits to be sent never', async () => {
  const lan = await workstation('lan');
  const minh = await workstation('minh', (one) => (one.fileCacheBytes = 3_000_000));
  const { ticketId } = await conversation(lan, minh);
  const ids: string[] = [];
  for (let count = 0; count < 4; count += 1) ids.push(await choose(lan, ticketId, content(900_000)));
  await answer(lan, ticketId, 'Bốn tệp', ids);
  for (const id of ids) await arrived(id);
  await until(async () => (await minh.query('ticket.files', { ticketId })).filter(({ state }) => state === 'ready').length === 4);
  for (const id of ids.slice(0, 3)) await openWhole(minh, id);
  await openWhole(minh, ids[0]!);
  await openWhole(minh, ids[3]!);
  await until(() => kept(minh).length === 3);
  expect(kept(minh).toSorted()).toEqual([ids[0], ids[2], ids[3]].toSorted());
  minh.line.cut();
  await minh.offline();
  const waiting = await choose(minh, ticketId, content(2_900_000));
  await answer(minh, ticketId, 'Đợi mạng', [waiting]);
  const another = await choose(minh, ticketId, content(2_900_000));
  await until(() => kept(minh).length === 2);
  expect(kept(minh).toSorted()).toEqual([waiting, another].toSorted());
  await back(minh);
  await arrived(waiting);
});

test('a queue that is taken away takes its files along; a ticket that moves on takes what was read, and leaves what is to be sent', async () => {
  const [minh, quan] = [await workstation('minh'), await wire(hub.url, 'quan')];
  endings.push(() => quan.close());
  const { customer, ticketId } = await conversation(minh);
  const [row] = await hub.query<{ queue_id: string }>('select queue_id from ticket where id = $1', [ticketId]);
  const [{ id: complaint }] = (await hub.query<{ id: string }>(`select id from queue where purpose = 'complaint'`)) as [{ id: string }];
  const read = await choose(minh, ticketId, content(100_000));
  await answer(minh, ticketId, 'Đã gửi', [read]);
  await arrived(read);
  await until(async () => (await fileOf(minh, ticketId, read))?.upload === null);
  // Without a line: an answer with a file, then the ticket goes to another queue.
  minh.line.cut();
  await minh.offline();
  const bytes = content(6 * 1024 * 1024);
  const late = await choose(minh, ticketId, bytes);
  await answer(minh, ticketId, 'Em chuyển tổ khiếu nại, tệp kèm đây ạ', [late]);
  await minh.mutate('ticket.move', { ticketId, queueId: complaint });
  await back(minh);
  await arrived(late);
  expect(sumOf(readFileSync(blob(late)))).toBe(sumOf(bytes));
  await until(async () => (await shown(customer)).length === 2);
  await until(async () => (await minh.query('ticket.get', { ticketId })) === null);
  await until(() => kept(minh).length === 0);
  // Another ticket of the sales queue, with a file that was read and one that was only chosen; then the queue goes.
  const next = await conversation(minh);
  const [one, two] = [await choose(minh, next.ticketId, content(70_000)), await choose(minh, next.ticketId, content(80_000))];
  await answer(minh, next.ticketId, 'Của tổ bán hàng', [one]);
  await arrived(one);
  await minh.mutate('ticket.assign', {
    ticketId: next.ticketId,
    from: (await minh.query('ticket.get', { ticketId: next.ticketId }))!.assigneeId,
    to: null,
  });
  await minh.drained();
  expect(kept(minh).toSorted()).toEqual([one, two].toSorted());
  const [{ id: minhId }] = (await hub.query<{ id: string }>(`select id from app_user where email like 'minh@%'`)) as [{ id: string }];
  expect(await quan.push('queue.serve', { queueId: row!.queue_id, userId: minhId, serves: false })).toMatchObject({ ok: true });
  await until(async () => (await minh.query('ticket.get', { ticketId: next.ticketId })) === null);
  await until(() => kept(minh).length === 0);
  expect(await minh.query('file.staged', { ticketId: next.ticketId })).toEqual([]);
  expect(await quan.push('queue.serve', { queueId: row!.queue_id, userId: minhId, serves: true })).toMatchObject({ ok: true });
});
