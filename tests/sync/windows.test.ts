/** A window never gets more than it can show: every query of the bridge, asked for all it may be asked for, over a large cache. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 as randomKey } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type QueryArgs, type QueryName, queryArgs } from '../../src/shared/bridge.ts';
import { type Db, openDatabase } from '../../src/main/engine/database.ts';
import { queries, type Source } from '../../src/main/engine/queries.ts';
import { addIntent, setAside } from '../../src/main/engine/tables/outbox.ts';
import { sampleClocksSql, sampleSql } from '../../src/main/engine/tables/service.ts';
import { setMeta } from '../../src/main/engine/tables/meta.ts';
import { putRow } from '../../src/main/engine/tables/rows.ts';
import { FullCache, me } from '../../bench/full-cache.ts';

const cache = new FullCache({ tickets: 2500, messagesPerTicket: 1, customers: 1500 });
const busy = cache.ticketId(0);
const dir = mkdtempSync(join(tmpdir(), 'truc-windows-'));
let db: Db;

beforeAll(() => {
  db = openDatabase(join(dir, 'cache.db'), 'ab'.repeat(32));
  setMeta(db, 'userId', me);
  db.transaction(() => {
    for (const { entity, count, row } of cache.kinds()) {
      for (let index = 0; index < count; index += 1) {
        const made = row(index);
        // Everything of one customer and one ticket: the most there can be of them.
        const customerId = cache.ticket(0).customerId;
        if (entity === 'message') putRow(db, entity, { ...(made as ReturnType<FullCache['message']>), ticketId: busy }, 1);
        else if (entity === 'journey' || entity === 'identity') putRow(db, entity, { ...made, customerId } as never, 1);
        else putRow(db, entity, made as never, 1);
      }
    }
    for (let index = 0; index < 600; index += 1) {
      const args = { ticketId: busy, messageId: cache.message(index).id, body: 'x' };
      const id = addIntent(db, { key: randomKey(), name: 'message.note', args, ticketId: busy, authoredAt: index, baseSeq: 0 });
      if (index % 2 === 0) setAside(db, id, { code: 'FORBIDDEN' }, index);
    }
  })();
});
afterAll(() => {
  db.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The most that each may be asked for. A new query has to be named here. */
const filter = { channels: [], queueId: null, tag: null, text: '' };
const noFilter = { channel: null, queueId: null, assignee: null, tag: null, from: null, until: null, settled: null };
const ticket = { ticketId: busy };
const asked: { [N in QueryName]: QueryArgs<N> } = {
  'session.state': null,
  status: null,
  reference: null,
  'inbox.counts': null,
  'inbox.window': { view: 'closed', sort: 'newest', filter, from: 0, count: 200 },
  'ticket.get': ticket,
  'ticket.timeline': { ...ticket, newest: 500 },
  'ticket.viewers': ticket,
  'calls.live': null,
  'customer.view': { customerId: cache.ticket(0).customerId },
  'customer.find': { text: 'nguyen' },
  'attention.list': null,
  'outbox.list': null,
  search: { text: 'em', filter: noFilter, kind: null, after: null, count: 50 },
  'article.get': { articleId: busy },
  'ticket.files': ticket,
  'file.staged': ticket,
  'file.unsent': null,
  'draft.get': ticket,
  'draft.revisions': ticket,
  'sla.sample': null,
  shift: null,
  colleagues: null,
  'sla.warnings': null,
  floor: { since: 0 },
  'floor.tickets': { userId: busy },
};
const most: Partial<Record<QueryName, number>> = {
  'inbox.window': 200,
  'ticket.timeline': 500,
  search: 50,
  'customer.find': 10,
  'sla.sample': 500,
};

function longest(value: unknown): number {
  if (Array.isArray(value)) return Math.max(value.length, ...value.map(longest));
  return typeof value === 'object' && value !== null ? Math.max(0, ...Object.values(value).map(longest)) : 0;
}

test.each(Object.keys(queryArgs) as QueryName[])('%s', (name) => {
  const args = queryArgs[name].parse(asked[name]);
  const source = {
    db,
    now: 2e12,
    session: () => null,
    status: () => null,
    viewers: () => [],
    calls: () => [],
    fetching: () => new Map(),
  } as never as Source;
  const value = (queries[name].run as (source: Source, args: unknown) => unknown)(source, args);
  expect(longest(value)).toBeLessThanOrEqual(most[name] ?? 200);
  expect(JSON.stringify(value ?? null).length).toBeLessThan(1_500_000);
  // The bound was reached: there is more than a window of it.
  if (most[name] !== undefined || ['attention.list', 'outbox.list', 'customer.view'].includes(name))
    expect(longest(value)).toBeGreaterThanOrEqual(most[name] ?? 100);
});

test('no query takes a larger window than that', () => {
  const refused = (name: QueryName, args: object) =>
    expect(queryArgs[name].safeParse({ ...(asked[name] as object), ...args }).success).toBe(false);
  refused('inbox.window', { count: 201 });
  refused('ticket.timeline', { newest: 501 });
  refused('search', { count: 51 });
});

test('the sample of answers is found by keys and indexes, sorts nothing, and is as large as a preview needs', () => {
  const planOf = (sql: string, ...values: unknown[]) =>
    (db.prepare(`explain query plan ${sql}`).all(...values) as { detail: string }[]).map(({ detail }) => detail);
  expect(planOf(sampleSql)).toEqual([
    'SCAN t',
    expect.stringMatching(/^SEARCH k EXISTS USING INDEX slaClock_parent/),
    expect.stringMatching(/^SEARCH c USING INTEGER PRIMARY KEY/),
  ]);
  expect(planOf(sampleClocksSql, 1, 'frt')).toEqual([expect.stringMatching(/^SEARCH slaClock USING INDEX slaClock_parent/)]);
});
