/** Search at the hub: Vietnamese as people type it, over tickets, customers and messages. */
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { around, readTyped } from '../../server/src/sync/search.ts';
import { fold } from '../../src/shared/fold.ts';
import { searchAnswer, type SearchFilter } from '../../src/shared/protocol.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { wire, type WireClient, type SignedIn } from '../harness/wire.ts';

let hub: TestHub;
let lan: WireClient & { me: SignedIn };
let ticket: { id: string; number: string; queue_id: string };
const none: SearchFilter = { channel: null, queueId: null, assignee: null, tag: null, from: null, until: null, settled: null };
beforeAll(async () => {
  hub = await startTestHub();
  lan = await wire(hub.url, 'lan');
  const call = { direction: 'inbound', phone: '+84900000000', durationSec: 1, outcome: 'answered', at: Date.now() };
  const ticketId = uuid();
  const [queue] = await hub.query<{ id: string }>(`select id from queue where purpose = 'sales'`);
  const made = await lan.push('ticket.create', {
    ticketId,
    queueId: queue!.id,
    channel: 'phone',
    subject: 'Đặt bàn phím cơ Kestra K87',
    priority: 'normal',
    tags: ['khách sỉ'],
    provisionalRef: 'LAN-7Q2',
    customer: {
      id: uuid(),
      name: 'Đỗ Thị Ánh Nguyệt',
      identity: { id: uuid(), kind: 'phone', value: '+84912007345' },
    },
    messageId: uuid(),
    body: 'Khách hỏi giá sỉ, gọi lại số 0987.111.222 hoặc +84 24 3826 1234 sau 17h. Giữ 12 chiếc ở kho Thủ Đức.',
    call,
    assignToMe: true,
  });
  if (!made.ok) throw new Error(JSON.stringify(made));
  ticket = (await hub.query<typeof ticket>('select id, number, queue_id from ticket where id = $1', [ticketId]))[0]!;
  await hub.query(
    `insert into identity (workspace_id, id, customer_id, kind, value, verified)
     select workspace_id, $1, customer_id, 'email', 'anhnguyet.do@example.com', true from ticket where id = $2`,
    [uuid(), ticketId],
  );
});
afterAll(async () => {
  lan.close();
  await hub.stop();
});

async function search(text: string, filter: Partial<SearchFilter> = {}, limit = 50) {
  const answer = await fetch(`${hub.url}/api/v1/search`, {
    method: 'POST',
    headers: { authorization: `Bearer ${lan.me.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ text, filter: { ...none, ...filter }, limit }),
  });
  expect(answer.status).toBe(200);
  return searchAnswer.parse(await answer.json());
}
const finds = async (text: string, filter: Partial<SearchFilter> = {}) =>
  (await search(text, filter)).hits.some((hit) => hit.ticketId === ticket.id);

describe('one ticket is found', () => {
  test.each([
    'đặt bàn phím',
    'dat ban phim',
    'DAT BAN PHIM',
    'ĐẶT BÀN PHÍM',
    'phím đặt',
    'bàn phím cơ k87',
    'K8',
    'kest',
    'khách sỉ',
    'khach si'.normalize('NFD'),
    'giá sỉ',
    'gia si',
    'thủ đức',
    'thu duc',
    'Thủ Đức'.normalize('NFD'),
    'kho thu d',
    '0987111222',
    '0987 111 222',
    '0987.111.222',
    '+84987111222',
    '84 987 111 222',
    'gọi lại 0987 111 222',
    '02438261234',
    '(024) 3826 1234',
    'đỗ thị ánh nguyệt',
    'do thi anh nguyet',
    'nguyet do',
    'Nguyệt 0912007345',
    '0912007345',
    '+84912007345',
    '0912 007 345',
    '0912.007',
    '7345',
    'anhnguyet.do@example.com',
    'ANHNGUYET.DO@',
    'LAN-7Q2',
    'lan 7q2',
  ])('by %s', async (text) => expect(await finds(text)).toBe(true));

  test('by its number, with or without a sign', async () => {
    expect(await finds(String(ticket.number))).toBe(true);
    expect(await finds(`#${ticket.number}`)).toBe(true);
  });

  test.each(['đặt bàn phím chuột', 'ban phi mm', 'phim khong', '0987111223', '7346', 'nguyet.do@', 'K88', '   ', '!!'])(
    'not by %s',
    async (text) => expect(await finds(text)).toBe(false),
  );
});

test('a hit tells where', async () => {
  const { hits } = await search('giữ 12 chiếc');
  const hit = hits.find(({ ticketId }) => ticketId === ticket.id)!;
  expect(hit).toMatchObject({
    number: Number(ticket.number),
    subject: 'Đặt bàn phím cơ Kestra K87',
    customerName: 'Đỗ Thị Ánh Nguyệt',
    channel: 'phone',
    queueId: ticket.queue_id,
    settled: false,
  });
  const [message] = await hub.query<{ id: string }>('select id from message where ticket_id = $1', [ticket.id]);
  expect(hit.messageId).toBe(message!.id);
  expect(hit.snippet).toContain('Giữ 12 chiếc');
});

test('notes are found, newest first, one hit a ticket, and more is said', async () => {
  const word = 'Xylophon';
  const others = await hub.query<{ id: string }>(`select id from ticket where status not in ('closed') limit 6`);
  for (const { id } of others) {
    for (let i = 0; i < 3; i += 1) await lan.push('message.note', { messageId: uuid(), ticketId: id, body: `Về cây đàn ${word} lần ${i}` });
  }
  const all = await search('xylophon đàn');
  expect(all.more).toBe(false);
  expect(all.hits.map(({ ticketId }) => ticketId)).toEqual(others.map(({ id }) => id).toReversed());
  expect(all.hits.every(({ snippet }) => snippet.endsWith('lần 2'))).toBe(true);
  const some = await search('xylophon', {}, 4);
  expect([some.hits.length, some.more]).toEqual([4, true]);
  expect(some.hits.map(({ at }) => at)).toEqual(some.hits.map(({ at }) => at).toSorted((a, b) => b - a));
});

test('filters narrow', async () => {
  const text = 'đặt bàn phím';
  for (const [filter, found] of [
    [{ channel: 'phone' }, true],
    [{ channel: 'email' }, false],
    [{ queueId: ticket.queue_id }, true],
    [{ queueId: uuid() }, false],
    [{ assignee: lan.me.userId }, true],
    [{ assignee: 'none' }, false],
    [{ tag: 'khách sỉ' }, true],
    [{ tag: 'khách' }, false],
    [{ from: Date.now() - 60_000 }, true],
    [{ from: Date.now() + 60_000 }, false],
    [{ until: Date.now() + 60_000 }, true],
    [{ until: Date.now() - 3_600_000 }, false],
    [{ settled: false }, true],
    [{ settled: true }, false],
  ] as [Partial<SearchFilter>, boolean][])
    expect([filter, await finds(text, filter)]).toEqual([filter, found]);
});

test('the words of the database are those of the workstation', async () => {
  for (const text of [
    'Đường Đi khó, không khó vì NGĂN SÔNG',
    'Tủ lạnh Sakuto 340 lít; mã SM26-118675',
    'ỨNG Ừ ỡ ỹ Ệ ặ ẳ',
    'máy.Em gọi/lại a_b c+d',
  ]) {
    for (const form of ['NFC', 'NFD'] as const) {
      const [row] = await hub.query<{ words: string[] }>('select tsvector_to_array(truc_words($1)) as words', [text.normalize(form)]);
      const expected = new Set(fold(text).match(/[\p{L}\p{N}]+/gu));
      expect(new Set(row!.words)).toEqual(expected);
    }
  }
});

test('a subject that is changed is found by its new words only', async () => {
  await lan.push('ticket.edit', { ticketId: ticket.id, subject: 'Chuột không dây' });
  expect([await finds('chuột không dây'), await finds('đặt bàn phím')]).toEqual([true, false]);
  await lan.push('ticket.tag', { ticketId: ticket.id, add: ['ưu đãi'], remove: [] });
  expect(await finds('uu dai chuot')).toBe(true);
  await lan.push('ticket.edit', { ticketId: ticket.id, subject: 'Đặt bàn phím cơ Kestra K87' });
  expect(await finds('đặt bàn phím')).toBe(true);
});

test('what takes longer than three seconds is given up, and the next search works', async () => {
  const blocker = new pg.Client({ connectionString: hub.databaseUrl });
  await blocker.connect();
  await blocker.query('begin; lock table message in access exclusive mode');
  const ask = () =>
    fetch(`${hub.url}/api/v1/search`, {
      method: 'POST',
      headers: { authorization: `Bearer ${lan.me.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'kho', filter: none, limit: 5 }),
    });
  const answers = await Promise.all([ask(), ask()]);
  for (const answer of answers) expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'UNAVAILABLE', field: 'text' }]);
  await blocker.query('rollback');
  await blocker.end();
  expect((await ask()).status).toBe(200);
});

test('words and beginnings are looked up in indexes', async () => {
  await hub.query('analyze');
  const plan = async (statement: string) => {
    const rows = await hub
      .query<{ 'QUERY PLAN': string }>(`set enable_seqscan = off; explain ${statement}`)
      .then(() => hub.query<{ 'QUERY PLAN': string }>(`explain ${statement}`));
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };
  const query = `to_tsquery('simple', 'ban & phim:*')`;
  expect(await plan(`select id from message m where words @@ ${query}`)).toContain('message_words');
  expect(await plan(`select id from ticket t where words @@ ${query}`)).toContain('ticket_words');
  expect(await plan(`select id from customer p where truc_words(p.name) @@ ${query}`)).toContain('customer_words');
  const workspace = `workspace_id = (select workspace_id from workspace_counter)`;
  expect(await plan(`select id from identity where ${workspace} and value like '+8491%'`)).toContain('identity_begins');
  expect(await plan(`select id from identity where ${workspace} and kind = 'phone' and reverse(value) like '5437%'`)).toContain(
    'identity_ends',
  );
});

describe('what was typed', () => {
  test('nothing in it is an operator', () => {
    expect(readTyped(`a & b | !c :* (d) <-> 'e' \\ %_`).query).toBe('a & b & c & d & e:*');
    expect(readTyped('x_%@host').begins).toBe('x\\_\\%@host%');
    expect(readTyped(' ?! ')).toMatchObject({ query: '' });
  });

  test('the snippet shows the place, also in a long text', () => {
    const long = `${'Mở đầu dài dòng. '.repeat(60)}Ở đây có chữ Đường cần tìm. ${'Phần cuối cũng dài. '.repeat(60)}`;
    for (const form of ['NFC', 'NFD'] as const) {
      const snippet = around(long.normalize(form), ['duong']);
      expect(snippet.length).toBeLessThanOrEqual(300);
      expect(snippet).toContain('Đường');
      expect([snippet.at(0), snippet.at(-1)]).toEqual(['…', '…']);
    }
    expect(around('ngắn', ['x'])).toBe('ngắn');
    expect(around('🙂'.repeat(400), ['x']).isWellFormed()).toBe(true);
  });
});
