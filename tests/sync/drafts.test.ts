/** Drafts: kept at once, back after a crash, and with the agent on whichever workstation they sit. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { type Line, lineTo } from '../harness/line.ts';
import { Visitor } from '../harness/visitor.ts';

let hub: TestHub;
const consoles: TestConsole[] = [];
const lines: Line[] = [];
beforeAll(async () => {
  hub = await startTestHub();
});
afterEach(async () => {
  for (const one of consoles.splice(0)) one.dispose();
  for (const line of lines.splice(0)) await line.close();
});
afterAll(() => hub.stop());

async function workstation(key = 'lan'): Promise<TestConsole & { line: Line }> {
  const line = await lineTo(hub.url);
  lines.push(line);
  const one = await (await new TestConsole(line.url).start()).signIn(key);
  consoles.push(one);
  return Object.assign(one, { line });
}

async function freshTicket(one: TestConsole, text: string): Promise<string> {
  const customer = await new Visitor(hub.url).open();
  await customer.say(text);
  let id = '';
  await until(async () => {
    const row = (await one.inbox()).find(({ lastMessagePreview }) => lastMessagePreview === text);
    id = row?.id ?? '';
    return row !== undefined;
  });
  return id;
}

const seen = { inboundId: null, replyId: null, assigneeId: null };
const write = (one: TestConsole, ticketId: string, body: string, mode: 'reply' | 'note' = 'reply') =>
  one.execute('draft.save', { ticketId, mode, body, seen, startedAt: Date.now() });
const textOn = async (one: TestConsole, ticketId: string) => (await one.query('draft.get', { ticketId }))?.body ?? null;
const earlier = async (one: TestConsole, ticketId: string) => (await one.query('draft.revisions', { ticketId })).map(({ body }) => body);

test('a draft follows the agent to another workstation, with its changes and its end', async () => {
  const [desk, home] = [await workstation(), await workstation()];
  const ticketId = await freshTicket(desk, 'Theo tôi về nhà');
  await until(async () => (await home.query('ticket.get', { ticketId })) !== null);
  await write(desk, ticketId, 'Dạ em chào');
  await until(async () => (await textOn(home, ticketId)) === 'Dạ em chào');
  await write(home, ticketId, 'Dạ em chào anh ạ');
  await until(async () => (await textOn(desk, ticketId)) === 'Dạ em chào anh ạ');
  // One text that grew: nothing was replaced unseen.
  expect(await earlier(desk, ticketId)).toEqual([]);
  await home.reply(ticketId, 'Dạ em chào anh ạ');
  await until(async () => (await textOn(desk, ticketId)) === null);
  const [row] = await hub.query<{ body: string }>('select body from draft where ticket_id = $1', [ticketId]);
  expect(row?.body).toBe('');
});

test("it is the agent's own: a colleague on the same queue sees nothing of it", async () => {
  const [lan, minh] = [await workstation('lan'), await workstation('minh')];
  const ticketId = await freshTicket(minh, 'Bản nháp riêng');
  await write(lan, ticketId, 'Của riêng Lan');
  await until(async () => (await hub.query('select 1 from draft where ticket_id = $1', [ticketId])).length === 1);
  expect(await textOn(minh, ticketId)).toBeNull();
  await write(minh, ticketId, 'Của riêng Minh');
  await until(async () => (await hub.query('select 1 from draft where ticket_id = $1', [ticketId])).length === 2);
  expect(await textOn(lan, ticketId)).toBe('Của riêng Lan');
});

test('written on two workstations without a line: the newest wins, the other text is kept on both', async () => {
  const [desk, home] = [await workstation(), await workstation()];
  const ticketId = await freshTicket(desk, 'Hai nơi cùng viết');
  await until(async () => (await home.query('ticket.get', { ticketId })) !== null);
  desk.line.cut();
  home.line.cut();
  await Promise.all([desk.offline(), home.offline()]);
  await write(desk, ticketId, 'Viết ở bàn làm việc');
  await write(home, ticketId, 'Viết ở nhà');
  await desk.line.mend();
  await desk.execute('sync.now', null);
  await desk.online();
  await until(async () => (await hub.query(`select 1 from draft where body = 'Viết ở bàn làm việc'`)).length === 1);
  await home.line.mend();
  await home.execute('sync.now', null);
  await home.online();
  await until(async () => (await textOn(desk, ticketId)) === 'Viết ở nhà');
  expect(await textOn(home, ticketId)).toBe('Viết ở nhà');
  expect(await earlier(home, ticketId)).toEqual(['Viết ở bàn làm việc']);
  // The desk's own text was at the hub when it was replaced: whoever replaced it keeps it, and it can be had back there.
  const [kept] = await home.query('draft.revisions', { ticketId });
  await home.execute('draft.restore', { id: kept!.id });
  expect(await textOn(home, ticketId)).toBe('Viết ở bàn làm việc');
  expect(await earlier(home, ticketId)).toEqual(['Viết ở nhà']);
  await until(async () => (await textOn(desk, ticketId)) === 'Viết ở bàn làm việc');
});

test('a text that was thrown away can be had back; one that was kept survives the power cut', async () => {
  const desk = await workstation();
  const ticketId = await freshTicket(desk, 'Mất điện');
  await write(desk, ticketId, 'Đang viết dở');
  desk.stop();
  await desk.start();
  await desk.online();
  expect(await textOn(desk, ticketId)).toBe('Đang viết dở');
  await desk.execute('draft.discard', { ticketId, keep: true });
  expect(await textOn(desk, ticketId)).toBeNull();
  const [kept] = await desk.query('draft.revisions', { ticketId });
  await desk.execute('draft.restore', { id: kept!.id });
  expect(await textOn(desk, ticketId)).toBe('Đang viết dở');
});

test('a draft outlives a new epoch of the hub and a cache that is fetched anew', async () => {
  const desk = await workstation();
  const ticketId = await freshTicket(desk, 'Khôi phục từ bản sao lưu');
  desk.line.cut();
  await desk.offline();
  await write(desk, ticketId, 'Vẫn còn đây');
  // As restored: the hub has lost every draft since, and counts its lane from the beginning again.
  await hub.query('delete from draft');
  await hub.query('delete from draft_lane');
  await hub.query(`update workspace_counter set epoch = 'sau-khoi-phuc'`);
  await desk.line.mend();
  await desk.execute('sync.now', null);
  await desk.online();
  expect(await textOn(desk, ticketId)).toBe('Vẫn còn đây');
  await until(async () => (await hub.query(`select 1 from draft where body = 'Vẫn còn đây'`)).length === 1);
});
