/** The first load of a whole cache from the hub's lines, against the bare inserts of the same rows into the same tables. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { openDatabase, prepare } from '../../src/main/engine/database.ts';
import { takeSnapshot } from '../../src/main/engine/snapshot.ts';
import { setMeta } from '../../src/main/engine/tables/meta.ts';
import { textTables } from '../../src/main/engine/tables/text.ts';
import { tidy } from '../../src/main/engine/tidy.ts';
import { columnsOf, type Entity, entities, type Rows } from '../../src/shared/domain.ts';
import { searchable } from '../../src/shared/search.ts';
import type { Row } from '../figures.ts';
import { FullCache, me, snapshotLines } from '../full-cache.ts';

export interface Loaded {
  file: string;
  key: string;
  cache: FullCache;
}

/** Loads the cache into `file` and measures how fast its messages came. */
export async function bootstrap(file: string, compared: boolean): Promise<{ rows: Row[]; loaded: Loaded }> {
  const key = randomBytes(32).toString('hex');
  const cache = new FullCache();
  const raw = compared ? bareLoad(`${file}.bare`, cache) : NaN;

  const db = openDatabase(file, key);
  setMeta(db, 'userId', me);
  let busySince = performance.now();
  let spent = 0;
  let before = 0;
  let taken = 0;
  const tenths: number[] = [];
  let tenth = 0;
  // Making the rows is the sender's time: it is not counted.
  const lines = snapshotLines(cache, {
    begin: () => (spent += performance.now() - busySince),
    end: (entity, rows) => {
      busySince = performance.now();
      if (entity === 'message') {
        if (taken === 0) before = spent;
        taken += rows;
      }
      if (taken >= ((tenths.length + 1) * cache.messages) / 10 && tenths.length < 10) {
        tenths.push(spent - (tenth || before));
        tenth = spent;
      }
    },
  });
  await takeSnapshot(db, lines, () => undefined);
  spent += performance.now() - busySince;
  const tidying = performance.now();
  while (tidy(db));
  const tidied = performance.now() - tidying;
  db.close();
  const all = cache.messages / (spent / 1000);
  const mean = tenths.reduce((sum, ms) => sum + ms, 0) / tenths.length;
  const perTenth = cache.messages / 10;
  const last = perTenth / ((tenths.at(-1) ?? NaN) / 1000);
  const loaded = { file, key, cache };
  if (!compared) return { loaded, rows: [] };
  return {
    loaded,
    rows: [
      {
        name: 'bootstrap: 100,000 tickets, 1,000,000 messages, indexed and folded',
        value: all,
        limit: raw,
        limitName: 'bare inserts of the same rows, text folded beforehand',
        unit: '/s',
        goal: 0.6,
        atLeast: true,
        note: `messages a second; ${(spent / 1000).toFixed(0)} s in all, and ${(tidied / 1000).toFixed(1)} s of merging afterwards, when idle`,
      },
      {
        name: 'bootstrap: the last tenth of the messages',
        value: last,
        limit: perTenth / (mean / 1000),
        limitName: 'mean of all tenths',
        unit: '/s',
        goal: 0.7,
        atLeast: true,
      },
    ],
  };
}

/** Rows of one transaction: about what a page of the hub's has. */
const batch = 1000;

/** Messages a second. Nothing is parsed, checked or looked up. */
function bareLoad(file: string, cache: FullCache): number {
  const db = openDatabase(file, randomBytes(32).toString('hex'));
  // Ends as ours does: with few segments to look into.
  for (const table of textTables) db.exec(`insert into ${table}_text (${table}_text, rank) values ('automerge', 16)`);
  let spent = 0;
  const pks = new Map<string, number>();
  for (const { entity, count, row } of cache.kinds()) {
    const { columns, parent } = shape[entity] ?? {};
    const names = [...columnsOf(entity), 'rowver', ...(columns ?? [])];
    const text = textOf[entity as (typeof textTables)[number]];
    const insert = prepare(db, `insert into "${entity}" (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`);
    const index = text && prepare(db, `insert into ${entity}_text (rowid, text) values (?, ?)`);
    for (let from = 0; from < count; from += batch) {
      const made = Array.from({ length: Math.min(batch, count - from) }, (_, offset) => {
        const one = row(from + offset);
        const at = 'acceptedAt' in one ? one.acceptedAt : 'createdAt' in one ? one.createdAt : 0;
        const pk = (at ?? 0) * 16 + ((from + offset) % 16);
        if (entity === 'ticket' || entity === 'customer') pks.set(one.id, pk);
        return {
          pk,
          text: text ? searchable(text(one as never)) : '',
          raw: { ...stored(entity, one), pk, rowver: 1, kept: 3, whose: 2, parent: parent ? pks.get(parent(one as never)) : null },
        };
      });
      const started = performance.now();
      db.transaction(() => {
        for (const { pk, text: folded, raw } of made) {
          insert.run(raw);
          index?.run(pk, folded);
        }
      })();
      spent += performance.now() - started;
    }
  }
  db.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  return cache.messages / (spent / 1000);
}

const ofTicket = (row: { ticketId: string }) => row.ticketId;
const ofCustomer = (row: { customerId: string }) => row.customerId;
const shape: Partial<Record<Entity, { columns: string[]; parent?: (row: never) => string }>> = {
  customer: { columns: ['pk'] },
  identity: { columns: ['parent'], parent: ofCustomer },
  ticket: { columns: ['pk', 'kept', 'whose', 'parent'], parent: ofCustomer },
  message: { columns: ['pk', 'parent'], parent: ofTicket },
  slaClock: { columns: ['parent'], parent: ofTicket },
  journey: { columns: ['parent'], parent: ofCustomer },
};
const textOf: Partial<Record<(typeof textTables)[number], (row: never) => string>> = {
  customer: (row: Rows['customer']) => row.name,
  ticket: (row: Rows['ticket']) => `${row.subject} ${row.number} ${row.tags.join(' ')}`,
  message: (row: Rows['message']) => row.body,
};

export function stored(entity: Entity, row: Rows[Entity]): Record<string, unknown> {
  const json: readonly string[] = entities[entity].json;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'boolean' ? Number(value) : json.includes(name) && value !== null ? JSON.stringify(value) : value,
    ]),
  );
}
