/** Search over a real file: what is found, in which order, and what no longer is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Customer, Message, Ticket } from '../../../shared/domain.ts';
import type { SearchFilter } from '../../../shared/protocol.ts';
import { aMessage, aTicket } from '../../../../tests/harness/rows.ts';
import { type Db, openDatabase } from '../database.ts';
import { findCustomers } from './conversation.ts';
import { inboxWindow } from './inbox.ts';
import { deleteRow, forgetTicket, putRow } from './rows.ts';
import { search } from './search.ts';

const dir = mkdtempSync(join(tmpdir(), 'truc-search-'));
const open: Db[] = [];
let db: Db;
beforeEach(() => {
  db = openDatabase(join(dir, `${open.length}.db`), 'ab'.repeat(32));
  open.push(db);
});
afterAll(() => {
  open.forEach((one) => one.close());
  rmSync(dir, { recursive: true, force: true });
});

const id = (kind: number, n: number) => `00000000-0000-7000-8000-${String(kind * 1_000_000 + n).padStart(12, '0')}`;
const day = 86_400_000;
const at = (n: number) => 1_790_000_000_000 + n * day;
const none: SearchFilter = { channel: null, queueId: null, assignee: null, tag: null, from: null, until: null, settled: null };

function customer(n: number, name: string, phone?: string): Customer {
  const row = {
    id: id(1, n),
    name,
    segment: null,
    loyaltyTier: null,
    loyaltyPoints: null,
    proposals: [],
    merged: null,
    city: null,
    note: null,
    createdAt: at(n),
    updatedAt: at(n),
  };
  putRow(db, 'customer', row, 1);
  if (phone) putRow(db, 'identity', { id: id(2, n), customerId: row.id, kind: 'phone', value: phone, verified: true, state: 'ok' }, 1);
  return row;
}

function ticket(n: number, subject: string, over: Partial<Ticket> = {}): Ticket {
  const row = aTicket({
    id: id(3, n),
    number: 1000 + n,
    subject,
    queueId: id(8, 1),
    customerId: id(1, 1),
    createdAt: at(n),
    updatedAt: at(n),
    lastMessageAt: at(n),
    ...over,
  });
  putRow(db, 'ticket', row, 1);
  return row;
}

function message(n: number, body: string, ofTicket = 1, over: Partial<Message> = {}): Message {
  const row = aMessage({ id: id(4, n), ticketId: id(3, ofTicket), body, authoredAt: at(n), acceptedAt: at(n), ...over });
  putRow(db, 'message', row, 1);
  return row;
}

const ask = (text: string, filter: Partial<SearchFilter> = {}) =>
  search(db, { text, filter: { ...none, ...filter }, kind: null, after: null, count: 50 });
const said = (text: string, filter: Partial<SearchFilter> = {}) => ask(text, filter).messages.hits.map(({ snippet }) => snippet.text);
const subjects = (text: string, filter: Partial<SearchFilter> = {}) => ask(text, filter).tickets.hits.map(({ subject }) => subject.text);
const names = (text: string) => ask(text).customers.hits.map(({ name }) => name.text);

describe('messages', () => {
  beforeEach(() => {
    customer(1, 'Nguyễn Thị Hồng Nhung', '+84912345678');
    ticket(1, 'Máy giặt kêu to');
  });

  test('newest first; all words; the last one as a beginning', () => {
    message(1, 'Máy giặt nhà em kêu to lắm');
    message(3, 'Giặt xong thì máy lại kêu');
    message(2, 'Tủ lạnh kêu');
    expect(said('may giat')).toEqual(['Giặt xong thì máy lại kêu', 'Máy giặt nhà em kêu to lắm']);
    expect(said('kê')).toHaveLength(3);
    expect(said('giặt nh')).toEqual(['Máy giặt nhà em kêu to lắm']);
    expect(said('giặt nh ')).toEqual([]);
    expect(said('không có gì như vậy')).toEqual([]);
  });

  test('written exactly so comes first, whatever is newer', () => {
    message(1, 'Má em ở Huế');
    message(2, 'Mã đơn là gì');
    message(3, 'ma quái');
    message(4, 'Mà thôi');
    expect(said('má ')).toEqual(['Má em ở Huế', 'Mà thôi', 'ma quái', 'Mã đơn là gì']);
    expect(said('MÁ '.normalize('NFD'))[0]).toBe('Má em ở Huế');
    expect(said('ma ')).toEqual(['Mà thôi', 'ma quái', 'Mã đơn là gì', 'Má em ở Huế']);
    expect(ask('má ').messages.hits.map(({ exact }) => exact)).toEqual([true, false, false, false]);
    // Typing on: a beginning that is written exactly so.
    message(5, 'mạng chậm');
    message(6, 'mang đến');
    expect(said('mạ')[0]).toBe('mạng chậm');
  });

  test('long beginnings, rare and frequent ones, and those of one letter', () => {
    for (let n = 1; n <= 120; n += 1) message(n, `Đơn DH${4000 + n} của khách`);
    expect(said('khac')).toHaveLength(50);
    expect(said('dh4')).toHaveLength(50);
    expect(said('dh40')).toHaveLength(50);
    expect(said('dh4120')).toEqual(['Đơn DH4120 của khách']);
    expect(said('k')).toHaveLength(50);
    expect(said('z')).toEqual([]);
    expect(said('dh4120 k')).toEqual(['Đơn DH4120 của khách']);
  });

  test('phrases stand side by side', () => {
    message(1, 'máy giặt hỏng');
    message(2, 'giặt bằng máy');
    expect(said('"máy giặt"')).toEqual(['máy giặt hỏng']);
    expect(said('"máy giặt" hon')).toEqual(['máy giặt hỏng']);
    expect(said('máy giặt')).toHaveLength(2);
  });

  test('numbers however they are written', () => {
    message(1, 'gọi lại số 0987.111.222 giúp em');
    for (const typed of ['0987111222', '0987 111 222', '+84987111222', '+84 987 111 222', '098711', '0987 11', '84987111222'])
      expect([typed, said(typed)]).toEqual([typed, ['gọi lại số 0987.111.222 giúp em']]);
  });

  test('what is marked', () => {
    message(1, 'Dạ máy giặt'.normalize('NFD'));
    const [hit] = ask('giat').messages.hits;
    expect(hit?.snippet.places.map(([from, to]) => hit.snippet.text.slice(from, to).normalize('NFC'))).toEqual(['giặt']);
  });

  test('filters, alone and together with words', () => {
    customer(2, 'Trần Văn Đức');
    ticket(2, 'Đổi trả', {
      channel: 'email',
      queueId: id(8, 2),
      assigneeId: id(9, 1),
      tags: ['đổi trả'],
      status: 'closed',
      customerId: id(1, 2),
    });
    message(1, 'kêu to', 1);
    message(5, 'kêu nhỏ', 2);
    expect(said('kêu')).toHaveLength(2);
    for (const filter of [
      { channel: 'email' },
      { queueId: id(8, 2) },
      { assignee: id(9, 1) },
      { tag: 'đổi trả' },
      { settled: true },
      { from: at(4) },
    ] as const) {
      expect(said('kêu', filter)).toEqual(['kêu nhỏ']);
      if (!('from' in filter)) expect(subjects('', filter)).toEqual(['Đổi trả']);
    }
    for (const filter of [{ channel: 'chat' }, { assignee: 'none' }, { settled: false }, { until: at(4) }] as const)
      expect(said('kêu', filter)).toEqual(['kêu to']);
    expect(said('kêu', { channel: 'email', settled: false })).toEqual([]);
    expect(ask('duc', { channel: 'email' }).customers.hits.map(({ name }) => name.text)).toEqual(['Trần Văn Đức']);
    expect(ask('duc', { channel: 'chat' }).customers.hits).toEqual([]);
  });

  test('windows, one behind the other, without a gap or a repeat', () => {
    for (let n = 1; n <= 130; n += 1) message(n, n % 3 === 0 ? `má ${n}` : `ma ${n}`, 1);
    const found: string[] = [];
    let after: string | null = null;
    let windows = 0;
    do {
      const { messages } = search(db, { text: 'má ', filter: none, kind: 'message', after, count: 20 });
      expect(messages.hits.length).toBeLessThanOrEqual(20);
      found.push(...messages.hits.map(({ snippet }) => snippet.text));
      after = messages.more;
      windows += 1;
    } while (after !== null);
    expect(found).toHaveLength(130);
    expect(new Set(found).size).toBe(130);
    expect(windows).toBe(7);
    expect(found.slice(0, 43).every((text) => text.startsWith('má'))).toBe(true);
    expect(found.slice(0, 2)).toEqual(['má 129', 'má 126']);
    expect(found[43]).toBe('ma 130');
  });

  test('what has gone is not found', () => {
    const one = message(1, 'bí mật');
    message(2, 'bí mật nữa');
    deleteRow(db, 'message', one.id);
    expect(said('bi mat')).toEqual(['bí mật nữa']);
    forgetTicket(db, id(3, 1));
    expect([said('bi mat'), subjects('giat'), names('nhung')]).toEqual([[], [], []]);
  });

  test('many of one moment', () => {
    for (let n = 1; n <= 300; n += 1) message(n, `cùng lúc ${n}`, 1, { acceptedAt: 5000, authoredAt: 5000 });
    const all = new Set<string>();
    for (let after: string | null = null; ;) {
      const { messages } = search(db, { text: 'cung luc', filter: none, kind: 'message', after, count: 50 });
      messages.hits.forEach((hit) => all.add(hit.id));
      after = messages.more;
      if (after === null) break;
    }
    expect(all.size).toBe(300);
  });
});

describe('tickets, customers, articles', () => {
  test('a ticket by subject, number, the reference read to the caller, and tags; by its new name only', () => {
    customer(1, 'Lan');
    const one = ticket(1, 'Đặt bàn phím', { provisionalRef: 'T-K2345', tags: ['khách sỉ'] });
    for (const typed of ['ban phim', '1001', 'T-K2345', 'k2345', 'khach si', 'Đặt bàn'])
      expect([typed, subjects(typed)]).toEqual([typed, ['Đặt bàn phím']]);
    putRow(db, 'ticket', { ...one, subject: 'Đổi chuột' }, 2);
    expect(subjects('ban phim')).toEqual([]);
    expect(subjects('chuot')).toEqual(['Đổi chuột']);
  });

  test('a customer by name, number, the end of a number, and address', () => {
    customer(1, 'Đỗ Thị Ánh Nguyệt', '+84912007345');
    putRow(
      db,
      'identity',
      { id: id(2, 50), customerId: id(1, 1), kind: 'email', value: 'anhnguyet.do@example.com', verified: true, state: 'ok' },
      1,
    );
    ticket(1, 'Cũ');
    ticket(2, 'Mới');
    for (const typed of [
      'nguyet',
      'anh nguyệt',
      '0912007345',
      '0912 007 345',
      '+84912007345',
      '912007345',
      '7345',
      'anhnguyet',
      'example.com',
    ])
      expect([typed, names(typed)]).toEqual([typed, ['Đỗ Thị Ánh Nguyệt']]);
    expect(ask('nguyet').customers.hits[0]).toMatchObject({ ticketId: id(3, 2), openTickets: 2 });
    expect(findCustomers(db, '0912 007 345').map(({ name }) => name)).toEqual(['Đỗ Thị Ánh Nguyệt']);
    expect(findCustomers(db, 'anh ngu').map(({ name }) => name)).toEqual(['Đỗ Thị Ánh Nguyệt']);
    putRow(db, 'customer', { ...customerRow(1), name: 'Lê Mai' }, 2);
    expect([names('nguyet'), names('mai'), names('7345')]).toEqual([[], ['Lê Mai'], ['Lê Mai']]);
  });
  const customerRow = (n: number) => ({
    id: id(1, n),
    segment: null,
    loyaltyTier: null,
    loyaltyPoints: null,
    proposals: [],
    merged: null,
    city: null,
    note: null,
    createdAt: at(n),
    updatedAt: at(n),
  });

  test('an article by title and text', () => {
    putRow(
      db,
      'article',
      { id: id(5, 1), kind: 'policy', title: 'Đổi trả trong 30 ngày', body: 'Hàng còn nguyên tem.', updatedAt: at(1) },
      1,
    );
    expect(ask('nguyen tem').articles.hits.map(({ title }) => title.text)).toEqual(['Đổi trả trong 30 ngày']);
    expect(ask('doi tra 30').articles.hits[0]?.title.places).toHaveLength(3);
  });

  test('the list is narrowed by words of ticket and customer, each as a beginning', () => {
    customer(1, 'Nguyễn Thị Hồng Nhung', '+84912345678');
    customer(2, 'Trần Văn Đức');
    ticket(1, 'Máy giặt kêu to');
    ticket(2, 'Máy lạnh', { customerId: id(1, 2) });
    const list = (text: string) => {
      const filter = { channels: [], queueId: null, tag: null, text };
      const { rows, total } = inboxWindow(db, { view: 'all', sort: 'newest', filter, from: 0, count: 50 }, at(10));
      expect(total).toBe(rows.length);
      return rows.map(({ subject }) => subject);
    };
    expect(list('may')).toEqual(['Máy lạnh', 'Máy giặt kêu to']);
    expect(list('may nhung')).toEqual(['Máy giặt kêu to']);
    expect(list('đức')).toEqual(['Máy lạnh']);
    expect(list('1002')).toEqual(['Máy lạnh']);
    expect(list('0912 345')).toEqual(['Máy giặt kêu to']);
    expect(list('gì đó')).toEqual([]);
  });
});

test('nothing typed and nothing chosen finds nothing; signs alone neither', () => {
  customer(1, 'Lan');
  ticket(1, 'Máy giặt');
  for (const typed of ['', '  ', '"', '?!', '*', '"" "']) expect(subjects(typed)).toEqual([]);
  expect(subjects(`giat' OR "x`)).toEqual([]);
});
