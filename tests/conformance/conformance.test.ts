/** A client written from docs/protocol.md alone works with the hub, beside consoles, through all that the document tells. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Db } from '../../server/src/db/database.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { Visitor } from '../harness/visitor.ts';
import { canonical, everything, scopesNow, visible } from '../sync/property/check.ts';
import { newId, OtherClient, sumOf } from './client.ts';

let hub: TestHub;
let db: Db;
let workspaceId: string;
const others: OtherClient[] = [];
const consoles: TestConsole[] = [];
beforeAll(async () => {
  hub = await startTestHub({ TRUC_HISTORY_DAYS: '30' });
  db = openDatabase(hub.databaseUrl, { onError: () => undefined, connections: 2 });
  workspaceId = (await hub.query<{ workspace_id: string }>('select workspace_id from workspace_counter'))[0]!.workspace_id;
});
afterEach(() => {
  for (const one of others.splice(0)) one.disconnect();
  for (const one of consoles.splice(0)) one.dispose();
});
afterAll(async () => {
  await db.destroy();
  await hub.stop();
});

async function other(key: string, clientId?: string): Promise<OtherClient> {
  const one = new OtherClient(hub.url);
  if (clientId !== undefined) one.clientId = clientId;
  others.push(one);
  await one.signIn(`${key}@demo.truc.test`, 'truc-demo');
  return one;
}

async function connected(key: string): Promise<OtherClient> {
  const one = await other(key);
  await one.connect();
  return one;
}

async function console(key: string): Promise<TestConsole> {
  const one = await (await new TestConsole(hub.url).start()).signIn(key);
  consoles.push(one);
  return one;
}

/** Where the client's rows are not what the hub says for this user. */
async function differences(one: OtherClient): Promise<string[]> {
  const all = await everything({ db, workspaceId });
  const may = visible(all, scopesNow(all, one.userId));
  const wrong: string[] = [];
  for (const [entity, table] of one.cache.tables) {
    const name = entity as keyof typeof all;
    const wanted = new Map(
      [...all[name].values()].filter((row) => (may[name] as (row: unknown) => boolean)(row)).map((row) => [row.id, row]),
    );
    for (const [id, { row }] of table) {
      const there = wanted.get(id);
      if (!there) wrong.push(`${entity} ${id} is too much`);
      else if (canonical(there) !== canonical(row)) wrong.push(`${entity} ${id} differs`);
    }
    for (const [id, row] of wanted) {
      if (table.has(id)) continue;
      const ticket = 'ticketId' in row ? all.ticket.get(String(row.ticketId)) : undefined;
      const old =
        'acceptedAt' in row && Number(row.acceptedAt) < one.historyFrom && ['resolved', 'closed', 'spam'].includes(ticket?.status ?? '');
      if (!old) wrong.push(`${entity} ${id} is missing`);
    }
  }
  return wrong;
}

/** Until the client has everything that was committed when this was called. */
async function caughtUp(one: OtherClient): Promise<void> {
  const [{ seq }] = (await hub.query<{ seq: number }>('select seq from workspace_counter')) as [{ seq: number }];
  await until(() => (one.cursor ?? 0) >= Number(seq));
}

async function ticketNow(text: string): Promise<{ id: string; queue_id: string; last_inbound_id: string }> {
  const customer = await new Visitor(hub.url).open();
  await customer.say(text);
  const [row] = await hub.query<{ id: string; queue_id: string; last_inbound_id: string }>(
    'select id, queue_id, last_inbound_id from ticket where last_message_preview = $1',
    [text],
  );
  return row!;
}

test('it shares no code with console and hub', () => {
  for (const file of ['client.ts', 'cache.ts', 'lines.ts']) {
    const source = readFileSync(join(import.meta.dirname, file), 'utf8');
    const imported = [...source.matchAll(/from '([^']+)'/g)].map(([, name]) => name);
    expect(imported.filter((name) => !/^(node:|\.\/|socket\.io-client$)/.test(name!))).toEqual([]);
  }
});

/** The demo's own clocks run out meanwhile: what the hub has done a moment ago may be on its way. */
async function same(one: OtherClient): Promise<void> {
  await expect.poll(() => differences(one), { timeout: 15_000 }).toEqual([]);
}

test('the first load, for an agent, a lead and an administrator: exactly what they may see', async () => {
  for (const key of ['lan', 'hoa', 'thu', 'quan']) {
    const one = await connected(key);
    expect(one.rows('ticket').length).toBeGreaterThan(10);
    await same(one);
    expect(one.policy).toEqual({ offlineMs: 72 * 3_600_000, idleLockMs: 15 * 60_000 });
    expect(Math.abs(one.now() - Date.now())).toBeLessThan(1000);
  }
});

test('a snapshot that broke off goes on behind the last page, and is whole in the end', async () => {
  const one = await other('lan');
  for (const pages of [1, 9, 3]) expect(await one.snapshot(pages)).toBe(false);
  await ticketNow('Giữa chừng');
  await one.connect();
  await caughtUp(one);
  expect(one.asked.filter((query) => query.includes('entity=')).length).toBe(3);
  await same(one);
});

test('changes by consoles and customers come as they are made; what it does comes to the consoles', async () => {
  const [one, lan] = [await connected('minh'), await console('lan')];
  const ticket = await ticketNow('Hai loại máy cùng làm');
  await caughtUp(one);
  await until(async () => (await lan.query('ticket.get', { ticketId: ticket.id })) !== null);
  await lan.mutate('ticket.tag', { ticketId: ticket.id, add: ['từ lan'], remove: [] });
  await lan.drained();
  await caughtUp(one);
  const messageId = newId();
  one.intend('message.note', { messageId, ticketId: ticket.id, body: 'Từ máy khác' });
  one.intend('ticket.tag', { ticketId: ticket.id, add: ['từ minh'], remove: [] });
  await one.pushAll();
  await until(() => one.outbox.size === 0);
  await until(async () => (await lan.query('ticket.get', { ticketId: ticket.id }))?.tags.length === 2);
  expect((await lan.timeline(ticket.id)).map(({ id }) => id)).toContain(messageId);
  expect(one.rows('ticket').find(({ id }) => id === ticket.id)?.['tags']).toEqual(['từ lan', 'từ minh']);
  await same(one);
});

test('an edit of a calendar moves the clocks that count by it', async () => {
  const [one, quan] = [await connected('lan'), await console('quan')];
  const [calendarId, policyId] = [newId(), newId()];
  const day = [{ from: 0, to: 1440 }];
  const week = [day, day, day, day, day, day, day];
  const calendar = { calendarId, name: 'Giờ làm', zone: 'Asia/Ho_Chi_Minh', days: [] };
  await quan.execute('act', { name: 'calendar.save', args: { ...calendar, week } });
  const targets = { frt: 36_000_000, nrt: 36_000_000, rt: 72_000_000, assign: null };
  const match = { channels: ['chat'], queueIds: [], priorities: [], segments: [], tags: [] };
  const policy = { policyId, name: 'Chat', position: 0, active: true, calendarId, match, thirdPartyPauses: false, escalation: [] };
  const all = { low: targets, normal: targets, high: targets, urgent: targets };
  await quan.execute('act', { name: 'slaPolicy.save', args: { ...policy, targets: all } });
  const ticket = await ticketNow('Theo lịch làm việc');
  await caughtUp(one);
  const due = () => one.rows('ticket').find(({ id }) => id === ticket.id)?.['slaDueAt'] as number;
  const before = due();
  await quan.execute('act', { name: 'calendar.save', args: { ...calendar, week: week.map(() => [{ from: 0, to: 60 }]) } });
  await until(async () => (await caughtUp(one), due() > before + 86_400_000));
  await same(one);
  await until(async () => (await quan.query('ticket.get', { ticketId: ticket.id }))?.slaDueAt === due());
  await quan.execute('act', { name: 'slaPolicy.remove', args: { policyId } });
});

test('written while it was away, sent twice because the answer was lost: there once', async () => {
  const one = await connected('lan');
  const ticket = await ticketNow('Gửi hai lần');
  await caughtUp(one);
  one.disconnect();
  const messageId = newId();
  one.intend('message.note', { messageId, ticketId: ticket.id, body: 'Chỉ một lần' });
  await ticketNow('Trong lúc vắng mặt');
  const kept = [...one.outbox.values()];
  await one.connect();
  await until(() => one.outbox.size === 0);
  // Once more, under a new id too, as after a restored backup.
  const again = (await one.ask('push', { mutations: kept })) as { results: { ok: boolean }[] };
  const renamed = (await one.ask('push', { mutations: kept.map((wire) => ({ ...wire, id: wire.id + 500 })) })) as typeof again;
  expect([...again.results, ...renamed.results].every(({ ok }) => ok)).toBe(true);
  expect(await hub.query('select 1 from message where id = $1', [messageId])).toHaveLength(1);
  await caughtUp(one);
  await same(one);
});

test('refusals say why, and hold up nothing behind them', async () => {
  const [one, lead] = [await connected('lan'), await connected('thu')];
  const ticket = await ticketNow('Từ chối');
  await Promise.all([caughtUp(one), caughtUp(lead)]);
  const lost = one.intend('ticket.assign', { ticketId: newId(), from: null, to: one.userId });
  const wrong = one.intend('ticket.tag', { ticketId: ticket.id, add: [''], remove: [] });
  const stale = one.intend('ticket.close', { ticketId: ticket.id, seenInboundId: null, disposition: null });
  const unknown = one.intend('ticket.explode', {});
  const chat = one.intend('ticket.lease', { ticketId: ticket.id, until: one.now() + 3_600_000 });
  const fine = one.intend('message.note', { messageId: newId(), ticketId: ticket.id, body: 'Vẫn đi qua' });
  await one.pushAll();
  await until(() => one.outbox.size === 0);
  expect([lost, wrong, stale, unknown, chat].map((id) => one.refused.get(id)?.code)).toEqual([
    'NOT_FOUND',
    'INVALID',
    'NEW_INBOUND',
    'UNKNOWN_MUTATION',
    'NOT_LEASABLE',
  ]);
  expect(one.refused.get(wrong)?.field).toBe('add.0');
  expect(one.refused.has(fine)).toBe(false);
});

test('a hold for offline work keeps colleagues off until it is given back or broken', async () => {
  const [one, lead] = [await connected('lan'), await connected('thu')];
  const mail =
    one.rows('ticket').find((row) => row['channel'] === 'email' && row['assigneeId'] === null && row['status'] === 'open') ??
    one
      .rows('ticket')
      .find(
        (row) =>
          row['channel'] === 'email' && row['status'] !== 'closed' && (row['assigneeId'] === null || row['assigneeId'] === one.userId),
      );
  const ticketId = String(mail?.id);
  const until8 = one.now() + 20 * 3_600_000;
  one.intend('ticket.lease', { ticketId, until: until8 });
  await one.pushAll();
  await caughtUp(lead);
  const row = lead.rows('ticket').find(({ id }) => id === ticketId);
  expect(row).toMatchObject({ leaseBy: one.userId, assigneeId: one.userId });
  expect(Number(row?.['leaseUntil'])).toBeLessThanOrEqual(one.now() + 8 * 3_600_000);
  const taken = lead.intend('ticket.assign', { ticketId, from: one.userId, to: lead.userId });
  await lead.pushAll();
  await until(() => lead.outbox.size === 0);
  expect(lead.refused.get(taken)).toMatchObject({ code: 'LEASED', detail: { leaseBy: one.userId } });
  lead.intend('ticket.release', { ticketId });
  const now = lead.intend('ticket.assign', { ticketId, from: one.userId, to: null });
  await lead.pushAll();
  await until(() => lead.outbox.size === 0);
  expect(lead.refused.has(now)).toBe(false);
});

test('scopes that go take their rows along, scopes that come bring theirs', async () => {
  const [one, admin] = [await connected('minh'), await connected('quan')];
  const queue = admin.rows('queue').find((row) => row['purpose'] === 'sales')!;
  const serve = async (serves: boolean) => {
    admin.intend('queue.serve', { queueId: queue.id, userId: one.userId, serves });
    await admin.pushAll();
    await until(() => admin.outbox.size === 0);
    one.disconnect();
    await one.connect();
    await caughtUp(one);
  };
  await serve(false);
  expect(one.rows('ticket').filter((row) => row['queueId'] === queue.id && row['assigneeId'] !== one.userId)).toEqual([]);
  await same(one);
  await serve(true);
  expect(one.rows('ticket').some((row) => row['queueId'] === queue.id)).toBe(true);
  await same(one);
});

test('tickets that move between queues come with all that belongs to them, and go with it', async () => {
  const [hoa, admin] = [await connected('hoa'), await connected('quan')];
  const ticket = await ticketNow('Chuyển sang khiếu nại');
  await caughtUp(hoa);
  expect(hoa.rows('ticket').some(({ id }) => id === ticket.id)).toBe(false);
  const complaint = admin.rows('queue').find((row) => row['purpose'] === 'complaint')!;
  for (const queueId of [complaint.id, ticket.queue_id]) {
    admin.intend('ticket.move', { ticketId: ticket.id, queueId });
    await admin.pushAll();
    await caughtUp(hoa);
    expect(hoa.rows('message').some((row) => row['ticketId'] === ticket.id)).toBe(queueId === complaint.id);
    await same(hoa);
  }
});

test('drafts: the newest wins, what it replaced unseen comes back to its writer, and consoles take part', async () => {
  const [desk, lan] = [await connected('lan'), await console('lan')];
  const ticket = await ticketNow('Nháp chung');
  await caughtUp(desk);
  await until(async () => (await lan.query('ticket.get', { ticketId: ticket.id })) !== null);
  await desk.putDraft(ticket.id, 'Từ máy khác');
  await until(async () => (await lan.query('draft.get', { ticketId: ticket.id }))?.body === 'Từ máy khác');
  const seen = { inboundId: null, replyId: null, assigneeId: null };
  await lan.execute('draft.save', { ticketId: ticket.id, mode: 'reply', body: 'Sửa ở bàn', seen, startedAt: Date.now() });
  await until(() => desk.drafts.get(ticket.id)?.body === 'Sửa ở bàn');
  const home = await connected('lan');
  expect(home.drafts.get(ticket.id)?.body).toBe('Sửa ở bàn');
  home.drafts.delete(ticket.id);
  expect((await home.putDraft(ticket.id, 'Không biết gì')).replaced?.body).toBe('Sửa ở bàn');
});

test('what is older is at the hub: history, and search', async () => {
  const one = await connected('quan');
  const all = await everything({ db, workspaceId });
  const old = [...all.ticket.values()].find(
    (row) =>
      ['resolved', 'closed'].includes(row.status) &&
      [...all.message.values()].some((m) => m.ticketId === row.id && (m.acceptedAt ?? 0) < one.historyFrom),
  );
  if (old) {
    const pages = await one.history(old.id, 1);
    expect(pages).toBeGreaterThanOrEqual(1);
    expect(one.rows('message').filter((row) => row['ticketId'] === old.id).length).toBe(
      [...all.message.values()].filter((m) => m.ticketId === old.id).length,
    );
  }
  const ticket = await ticketNow('Bếp từ đôi bị lỗi E-Ω99, cần gấp');
  for (const text of ['bep tu doi e-ω99', 'BẾP TỪ gap']) {
    const hits = await one.search(text);
    expect(hits.map(({ ticketId }) => ticketId)).toContain(ticket.id);
  }
});

test('files: announced, sent in pieces, fetched by a colleague', async () => {
  const [one, minh] = [await connected('lan'), await connected('minh')];
  const ticket = await ticketNow('Gửi kèm tệp');
  await Promise.all([caughtUp(one), caughtUp(minh)]);
  const bytes = randomBytes(300_000);
  const file = { id: newId(), name: 'bảng giá.pdf', type: 'application/pdf', bytes };
  const attachments = [{ id: file.id, name: file.name, type: file.type, size: bytes.length, sha256: sumOf(bytes) }];
  one.intend('message.note', { messageId: newId(), ticketId: ticket.id, body: 'Xem tệp kèm', attachments });
  await one.pushAll();
  expect(await one.upload(ticket.id, file, 100_000)).toBe(3);
  await until(() => minh.rows('attachment').find(({ id }) => id === file.id)?.['state'] === 'ready');
  expect(sumOf(await minh.download(file.id))).toBe(sumOf(bytes));
});

test('an expired access token is refreshed; a client of the past is told what is spoken', async () => {
  const one = await connected('hoa');
  one.disconnect();
  await one.refresh();
  await one.connect();
  expect(one.refusal).toBeNull();
});
