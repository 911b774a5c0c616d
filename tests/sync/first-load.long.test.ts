/** The first load of a large centre over a line that breaks: it goes on where it was, and work begins long before it is whole. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';

const tickets = 4000;
const messagesEach = 10;
let hub: TestHub;
const consoles: TestConsole[] = [];
const servers: { close(): void }[] = [];

beforeAll(async () => {
  hub = await startTestHub({ TRUC_HISTORY_DAYS: '365' });
  const id = (kind: string, index: string) => `overlay(overlay(md5('${kind}' || ${index}) placing '7' from 13) placing '8' from 17)::uuid`;
  const w = '(select workspace_id from workspace_counter)';
  const queue = `(select id from queue where purpose = 'sales')`;
  const now = Date.now();
  const year = 365 * 86_400_000;
  await hub.query(`insert into customer (workspace_id, id, name, created_at, updated_at)
    select ${w}, ${id('c', 'i')}, 'Khách ' || i, ${now}, ${now} from generate_series(0, 999) i`);
  // Every tenth is settled, and from the year before last.
  const born = `(${now} - i - case when i % 10 = 0 then ${2 * year} else 0 end)`;
  await hub.query(`insert into ticket (workspace_id, id, number, subject, status, priority, channel, channel_id, queue_id, customer_id, tags,
      created_at, updated_at, last_message_at, last_message_kind, last_message_preview)
    select ${w}, ${id('t', 'i')}, 100000 + i, 'Hỏi hàng lần ' || i, case when i % 10 = 0 then 'closed' else 'open' end, 'normal', 'email', null,
      ${queue}, ${id('c', '(i % 1000)')}, '[]', ${born}, ${born}, ${born}, 'inbound', 'Còn hàng không ạ' from generate_series(1, ${tickets}) i`);
  await hub.query(`insert into message (workspace_id, id, ticket_id, kind, channel, author_type, author_name, body, authored_at, accepted_at)
    select ${w}, ${id('m', "(i || '-' || n)")}, ${id('t', 'i')}, 'inbound', 'email', 'customer', 'Khách', 'Còn hàng không ạ, lần ' || n || repeat(' xin cho biết', 20),
      ${born} + n, ${born} + n from generate_series(1, ${tickets}) i, generate_series(1, ${messagesEach}) n`);
});
afterEach(() => {
  for (const one of consoles.splice(0)) one.dispose();
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => hub.stop());

/** A line that breaks each time so many bytes have come down it, until `whole`; and what was asked for over it. */
async function weakLine(bytes: number): Promise<{ url: string; asked: string[]; broken: () => number; whole: () => void }> {
  const target = new URL(hub.url);
  const asked: string[] = [];
  let broken = 0;
  let weak = true;
  const server = createServer((near: Socket) => {
    const far = connect(Number(target.port), target.hostname);
    let down = 0;
    let snapshot = false;
    near.on('data', (chunk) => {
      const line = /GET (\/api\/v1\/snapshot\S*)/.exec(chunk.toString('latin1'))?.[1];
      if (line) {
        asked.push(line);
        snapshot = true;
      }
    });
    far.on('data', (chunk) => {
      down += chunk.length;
      if (!weak || !snapshot || down < bytes) return;
      broken += 1;
      near.destroy();
      far.destroy();
    });
    for (const socket of [near, far]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    broken: () => broken,
    whole: () => (weak = false),
  };
}

test('over a line that keeps breaking it is whole in the end, in pieces, and no piece twice', async () => {
  const line = await weakLine(6_000_000);
  const one = new TestConsole(line.url);
  consoles.push(one);
  await one.start();
  await one.execute('session.signIn', { email: 'lan@demo.truc.test', password: 'truc-demo' });
  const end = Date.now() + 60_000;
  while ((await one.query('status', null)).loading !== null || (await one.query('status', null)).connection !== 'online') {
    if (Date.now() > end) throw new Error(`not loaded: ${line.asked.join(' ')}`);
    await one.execute('sync.now', null);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(line.broken()).toBeGreaterThanOrEqual(2);
  const [first, ...next] = line.asked;
  expect(first).not.toContain('entity=');
  // All of them went on; with the same cursor, and each further than the one before.
  for (const query of next) expect(query).toContain('entity=');
  expect(new Set(next.map((query) => new URL(query, 'http://x').searchParams.get('cursor'))).size).toBe(1);
  expect(new Set(next).size).toBe(next.length);
  expect((await one.query('inbox.counts', null)).all).toBeGreaterThan(tickets * 0.8);
  const [sample] = await hub.query<{ id: string }>(`select id from ticket where subject = 'Hỏi hàng lần 3999'`);
  expect((await one.timeline(sample!.id)).length).toBe(messagesEach);
});

test('work begins with the most urgent tickets, while the rest is still coming; a change made meanwhile reaches the hub at once', async () => {
  const line = await weakLine(1e12);
  const one = new TestConsole(line.url);
  consoles.push(one);
  await one.start();
  let worked = false;
  const signingIn = one.execute('session.signIn', { email: 'lan@demo.truc.test', password: 'truc-demo' });
  await signingIn;
  await until(async () => {
    const { loading } = await one.query('status', null);
    const { phase } = await one.query('session.state', null);
    if (phase !== 'ready' || loading === null || loading.total === null || loading.done > loading.total * 0.7)
      return loading === null && phase === 'ready';
    const row = (await one.inbox()).at(0);
    if (!row) return false;
    await one.mutate('message.note', { messageId: uuid(), ticketId: row.id, body: 'Viết lúc đang tải' });
    worked = true;
    return true;
  });
  expect(worked).toBe(true);
  await until(async () => (await hub.query(`select 1 from message where body = 'Viết lúc đang tải'`)).length === 1);
  await one.online();
  await one.drained();
  const [note] = await hub.query<{ ticket_id: string }>(`select ticket_id from message where body = 'Viết lúc đang tải'`);
  await until(async () => (await one.timeline(note!.ticket_id)).filter(({ body }) => body === 'Viết lúc đang tải').length === 1);
});

test('what is older than the centre keeps at hand comes from the hub when somebody looks, and is there without a line afterwards', async () => {
  const one = await (await new TestConsole(hub.url).start()).signIn('lan');
  consoles.push(one);
  const [old] = await hub.query<{ id: string }>(`select id from ticket where subject = 'Hỏi hàng lần 4000'`);
  const before = await one.query('ticket.timeline', { ticketId: old!.id, newest: 50 });
  expect(before.messages).toEqual([]);
  expect(before.hereSince).toBeGreaterThan(0);
  await one.execute('history.load', { ticketId: old!.id });
  const after = await one.query('ticket.timeline', { ticketId: old!.id, newest: 50 });
  expect(after).toMatchObject({ hereSince: 0, more: false });
  expect(after.messages).toHaveLength(messagesEach);
  await hub.down();
  try {
    expect(await one.timeline(old!.id)).toHaveLength(messagesEach);
    const [another] = await hub.query<{ id: string }>(`select id from ticket where subject = 'Hỏi hàng lần 3990'`);
    await expect(one.execute('history.load', { ticketId: another!.id })).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  } finally {
    await hub.up();
  }
});
