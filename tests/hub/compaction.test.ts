/** The log is shortened, and nobody notices: whoever was away for long takes a snapshot, everybody else gets the same rows. */
import { v4, v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compact } from '../../server/src/sync/compaction.ts';
import { type Db, openDatabase } from '../../server/src/db/database.ts';
import type { Change, Welcome } from '../../src/shared/protocol.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { snapshotOf, wire, type WireClient } from '../harness/wire.ts';

let hub: TestHub;
let db: Db;
let workspaceId: string;
const hour = 3_600_000;
beforeAll(async () => {
  hub = await startTestHub();
  db = openDatabase(hub.databaseUrl, { onError: () => undefined, connections: 2 });
  workspaceId = (await hub.query<{ workspace_id: string }>('select workspace_id from workspace_counter'))[0]!.workspace_id;
});
afterAll(async () => {
  await db.destroy();
  await hub.stop();
});

type Row = { id: string } & Record<string, unknown>;

/** A cache kept by docs/protocol.md and nothing else. */
class Cache {
  readonly rows = new Map<string, { entity: string; ver: number; row: Row }>();
  cursor = 0;
  readonly scopes: Set<string>;
  /** of each ticket, the scopes that it has not left since its row was put */
  readonly #inside = new Map<string, Set<string>>();

  constructor(scopes: string[]) {
    this.scopes = new Set(scopes);
  }

  load(lines: Record<string, unknown>[]): this {
    for (const line of lines) {
      if (line['t'] === 'begin') this.cursor = line['cursor'] as number;
      if (line['t'] === 'row') this.#put(line['entity'] as string, line['ver'] as number, line['row'] as Row);
    }
    return this;
  }

  copy(): Cache {
    const copy = new Cache([...this.scopes]);
    copy.cursor = this.cursor;
    for (const [key, value] of this.rows) copy.rows.set(key, value);
    for (const [id, scopes] of this.#inside) copy.#inside.set(id, new Set(scopes));
    return copy;
  }

  apply(changes: Change[], cursor: number): void {
    for (const change of changes) {
      if (change.op === 'put') this.#put(change.entity, change.seq, change.row as Row);
      if (change.op === 'leave' && change.seq > (this.rows.get(`ticket:${change.id}`)?.ver ?? 0)) this.#leave(change.id, change.scope);
    }
    this.cursor = cursor;
  }

  #put(entity: string, ver: number, row: Row): void {
    const known = this.rows.get(`${entity}:${row.id}`);
    if (known && ver < known.ver) return;
    this.rows.set(`${entity}:${row.id}`, { entity, ver, row });
    if (entity !== 'ticket') return;
    this.#inside.set(
      row.id,
      new Set([`queue:${String(row['queueId'])}`, ...(row['assigneeId'] ? [`user:${String(row['assigneeId'])}`] : [])]),
    );
  }

  #of(entity: string, member: string, value: unknown): string[] {
    return [...this.rows].filter(([, held]) => held.entity === entity && held.row[member] === value).map(([key]) => key);
  }

  #leave(id: string, left: string): void {
    const ticket = this.rows.get(`ticket:${id}`)?.row;
    if (!ticket) return;
    const inside = this.#inside.get(id) ?? new Set();
    inside.delete(left);
    if ([...inside].some((scope) => this.scopes.has(scope))) return;
    this.rows.delete(`ticket:${id}`);
    for (const entity of ['message', 'slaClock', 'attachment']) for (const key of this.#of(entity, 'ticketId', id)) this.rows.delete(key);
    const customerId = ticket['customerId'];
    if (this.#of('ticket', 'customerId', customerId).length > 0) return;
    this.rows.delete(`customer:${String(customerId)}`);
    for (const entity of ['identity', 'journey']) for (const key of this.#of(entity, 'customerId', customerId)) this.rows.delete(key);
  }

  content(): Record<string, Row> {
    return Object.fromEntries([...this.rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, { row }]) => [key, row]));
  }
}

const pullInto = async (client: WireClient, cache: Cache) => {
  const { changes, cursor } = await client.pullAll(cache.cursor);
  cache.apply(changes, cursor);
  return changes.length;
};

/** The same numbers each time. */
function dice(seed: number) {
  let state = seed;
  return (sides: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

test.each([1, 2, 3])('after superseded forms are gone a console that was away ends with the same rows (seed %d)', async (seed) => {
  const roll = dice(seed);
  const quan = await wire(hub.url, 'quan');
  const people = await Promise.all(['lan', 'minh', 'hoa', 'thu'].map((key) => wire(hub.url, key)));
  const caches = await Promise.all(
    people.map(async (client) => {
      const { scopes } = (await client.greeting()).message as Welcome;
      return new Cache(scopes).load(await snapshotOf(hub.url, client.me));
    }),
  );
  // Left behind at several places, as far as the log goes then.
  const behind = caches.map((cache) => [cache.copy()]);

  // Few tickets and customers, so that much happens to each.
  const tickets = (
    await hub.query<{ id: string }>(
      `select t.id from ticket t where t.status not in ('closed') and customer_id in (select customer_id from ticket group by 1 order by count(*) desc limit 3)`,
    )
  ).map((row) => row.id);
  const queues = (await hub.query<{ id: string }>('select id from queue order by position')).map((row) => row.id);
  const agents = people.slice(0, 3).map((client) => client.me.userId);
  const pick = <T>(list: T[]): T => list[roll(list.length)]!;
  const state = async (id: string) =>
    (
      await hub.query<{ assignee_id: string | null; last_inbound_id: string | null }>(
        'select assignee_id, last_inbound_id from ticket where id = $1',
        [id],
      )
    )[0]!;
  let next = 0;
  const push = async (steps: { name: string; args: unknown }[]) => {
    const mutations = steps.map((step) => ({ ...step, id: (next += 1), key: v4(), authoredAt: 0, baseSeq: 0 }));
    const { value } = await quan.ask('push', { mutations });
    expect(value).toBeTruthy();
  };
  for (let round = 0; round < 120; round += 1) {
    const ticketId = pick(tickets);
    const { assignee_id: from, last_inbound_id: seenInboundId } = await state(ticketId);
    const steps = [
      { name: 'ticket.move', args: { ticketId, queueId: pick(queues) } },
      { name: 'ticket.assign', args: { ticketId, from, to: pick([...agents, null]) } },
      { name: 'ticket.tag', args: { ticketId, add: [`n${roll(9)}`], remove: [`n${roll(9)}`] } },
      { name: 'ticket.edit', args: { ticketId, subject: `Chuyện ${roll(1000)}` } },
      { name: 'message.note', args: { messageId: uuid(), ticketId, body: `Ghi ${roll(1000)}` } },
      { name: 'ticket.close', args: { ticketId, seenInboundId, disposition: 'Xong' } },
      { name: 'ticket.reopen', args: { ticketId } },
    ];
    // One in three rounds several at once, so that a commit holds more than one thing.
    await push(roll(3) === 0 ? [pick(steps), pick(steps), pick(steps)] : [pick(steps)]);
    if (round % 30 === 29) {
      for (const [index, cache] of caches.entries()) {
        await pullInto(people[index]!, cache);
        behind[index]!.push(cache.copy());
      }
    }
  }
  for (const [index, cache] of caches.entries()) await pullInto(people[index]!, cache);

  const before = Number((await hub.query<{ n: string }>('select count(*) as n from change_log'))[0]!.n);
  const gone = await compact(db, workspaceId, { logMs: 24 * hour, batch: 7 }, Date.now() + 2 * hour);
  const after = Number((await hub.query<{ n: string }>('select count(*) as n from change_log'))[0]!.n);
  expect(gone.aged).toBe(0);
  expect(gone.superseded).toBeGreaterThan(50);
  expect(after).toBe(before - gone.superseded);

  for (const [index, cache] of caches.entries()) {
    for (const old of behind[index]!) {
      await pullInto(people[index]!, old);
      expect(old.cursor).toBe(cache.cursor);
      expect(old.content()).toEqual(cache.content());
    }
    // Which is what a snapshot has.
    const { scopes } = (await people[index]!.greeting()).message as Welcome;
    expect(new Cache(scopes).load(await snapshotOf(hub.url, people[index]!.me)).content()).toEqual(cache.content());
  }
  for (const client of [quan, ...people]) client.close();
});

test('what is younger than an hour stays as it is', async () => {
  const lan = await wire(hub.url, 'lan');
  const [ticket] = await hub.query<{ id: string }>(`select id from ticket where status <> 'closed' limit 1`);
  for (let i = 0; i < 5; i += 1) await lan.push('ticket.edit', { ticketId: ticket!.id, subject: `Lần ${i}` });
  const [{ n }] = (await hub.query<{ n: string }>('select count(*) as n from change_log')) as [{ n: string }];
  expect(await compact(db, workspaceId, { logMs: 24 * hour })).toMatchObject({ aged: 0, superseded: 0 });
  expect((await hub.query<{ n: string }>('select count(*) as n from change_log'))[0]!.n).toBe(n);
  lan.close();
});

test('beyond the reach of the log: the cursor is refused, and a fresh snapshot goes on', async () => {
  const lan = await wire(hub.url, 'lan');
  const { scopes } = (await lan.greeting()).message as Welcome;
  const [ticket] = await hub.query<{ id: string }>(`select id from ticket where status <> 'closed' limit 1`);
  await lan.push('ticket.edit', { ticketId: ticket!.id, subject: 'Cũ' });
  const late = Date.now() + 15 * 24 * hour;
  // Younger than what goes.
  await lan.push('ticket.edit', { ticketId: ticket!.id, subject: 'Mới' });
  const [{ seq }] = (await hub.query<{ seq: string }>('select seq from workspace_counter')) as [{ seq: string }];
  await hub.query('update change_log set at = $1 where seq > $2', [late, Number(seq) - 2]);
  const aged = await compact(db, workspaceId, { logMs: 14 * 24 * hour, batch: 50 }, late);
  expect(aged.aged).toBeGreaterThan(50);
  const [counter] = await hub.query<{ oldest_seq: string; least: string }>(
    'select oldest_seq, (select min(seq) from change_log) as least from workspace_counter',
  );
  expect(Number(counter!.oldest_seq)).toBeLessThan(Number(counter!.least));

  expect(await lan.ask('pull', { cursor: Number(counter!.oldest_seq) - 1, limit: 10 })).toEqual({
    refuse: { code: 'CURSOR_INVALID', field: 'cursor' },
  });
  expect((await lan.ask('pull', { cursor: Number(counter!.oldest_seq), limit: 10 })).value).toBeTruthy();
  const again = await wire(hub.url, 'lan');
  expect((await again.greeting()).message).toMatchObject({ oldestSeq: Number(counter!.oldest_seq) });
  const cache = new Cache(scopes).load(await snapshotOf(hub.url, lan.me));
  await lan.push('ticket.edit', { ticketId: ticket!.id, subject: 'Sau đó' });
  await pullInto(lan, cache);
  expect(cache.rows.get(`ticket:${ticket!.id}`)!.row).toMatchObject({ subject: 'Sau đó' });
  lan.close();
  again.close();
});

test('results of mutations and empty drafts go after a month, drafts with text never', async () => {
  const lan = await wire(hub.url, 'lan');
  const [ticket] = await hub.query<{ id: string }>(`select id from ticket where status <> 'closed' limit 1`);
  const seen = { inboundId: null, replyId: null, assigneeId: null };
  const draft = (ticketId: string, body: string) =>
    lan.ask('draft.put', { draft: { ticketId, mode: 'note', body, seen, startedAt: 1, updatedAt: Date.now() }, base: 0 });
  const [other] = await hub.query<{ id: string }>(`select id from ticket where id <> $1 limit 1`, [ticket!.id]);
  await draft(ticket!.id, '');
  await draft(other!.id, 'còn đây');
  const one = { id: 50, key: v4(), name: 'ticket.edit', args: { ticketId: ticket!.id, subject: 'Một lần' }, authoredAt: 0, baseSeq: 0 };
  expect((await lan.ask('push', { mutations: [one] })).value).toMatchObject({ results: [{ ok: true }] });
  expect(await compact(db, workspaceId, { logMs: 24 * hour }, Date.now() + 29 * 24 * hour)).toMatchObject({ results: 0, drafts: 0 });
  expect(await compact(db, workspaceId, { logMs: 24 * hour }, Date.now() + 31 * 24 * hour)).toMatchObject({ drafts: 1 });
  expect(await hub.query('select from mutation_result')).toEqual([]);
  expect(await hub.query('select from draft')).toHaveLength(1);
  // Sent again after that, it is still not applied again: its number has passed.
  const later = { ...one, id: 51, key: v4(), args: { ticketId: ticket!.id, subject: 'Hai lần' } };
  expect((await lan.ask('push', { mutations: [later] })).value).toMatchObject({ results: [{ ok: true }] });
  expect((await lan.ask('push', { mutations: [one] })).value).toMatchObject({ results: [{ id: 50, ok: true }] });
  expect((await hub.query<{ subject: string }>('select subject from ticket where id = $1', [ticket!.id]))[0]!.subject).toBe('Hai lần');
  lan.close();
});
