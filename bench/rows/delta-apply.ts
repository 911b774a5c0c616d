/** Applying 10,000 changes from the hub to the full cache, against the bare upserts of the same rows without the search tables. */
import { openDatabase, prepare } from '../../src/main/engine/database.ts';
import { applyChanges } from '../../src/main/engine/replica.ts';
import { getMeta } from '../../src/main/engine/tables/meta.ts';
import { tidy } from '../../src/main/engine/tidy.ts';
import { columnsOf } from '../../src/shared/domain.ts';
import { cacheChanges } from '../cache-changes.ts';
import { median, type Row } from '../figures.ts';
import type { Loaded } from './bootstrap.ts';
import { stored } from './bootstrap.ts';

const changes = 10_000;
const pageSize = 1000;
const rounds = 5;

export function deltaApply({ file, key, cache }: Loaded): Row[] {
  const db = openDatabase(file, key);
  const upsert = (entity: 'ticket' | 'message') => {
    const names = [...columnsOf(entity), 'parent', 'rowver'];
    return `insert into ${entity} (pk, ${names.join(', ')}) values (@pk, ${names.map((name) => `@${name}`).join(', ')})
      on conflict (id) do update set ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`;
  };
  const bare = { ticket: upsert('ticket'), message: upsert('message') };
  const ours: number[] = [];
  const raw: number[] = [];
  const worst: number[] = [];
  const usual: number[] = [];
  let seq = (getMeta(db, 'cursor') ?? 0) + 1_000_000;
  const parents = db.prepare('select pk, parent from ticket where id = ?');
  // In turn, so that both meet the same machine; the first round warms the caches.
  for (let round = 0; round <= rounds; round += 1) {
    while (tidy(db));
    const theirs = cacheChanges(cache, changes, seq, round * 2);
    seq += changes;
    const pages: number[] = [];
    for (let from = 0; from < changes; from += pageSize) {
      const page = theirs.slice(from, from + pageSize);
      const started = performance.now();
      applyChanges(db, page, page.at(-1)?.seq ?? seq, seq, new Set());
      pages.push(performance.now() - started);
    }
    while (tidy(db));
    const rows = cacheChanges(cache, changes, seq, round * 2 + 1).map(({ entity, row, seq: rowver }) => {
      const named = stored(entity as 'ticket', row as never);
      const ticketId = entity === 'ticket' ? named['id'] : named['ticketId'];
      const ticket = parents.get(ticketId) as { pk: number; parent: number };
      const pk = entity === 'ticket' ? ticket.pk : Number(named['acceptedAt']) * 16 + (rowver % 16);
      return {
        entity: entity as 'ticket' | 'message',
        raw: { ...named, pk, rowver, parent: entity === 'ticket' ? ticket.parent : ticket.pk },
      };
    });
    seq += changes;
    const started = performance.now();
    for (let from = 0; from < changes; from += pageSize) {
      db.transaction(() => {
        for (const one of rows.slice(from, from + pageSize)) prepare(db, bare[one.entity]).run(one.raw);
      })();
    }
    const took = performance.now() - started;
    if (round === 0) continue;
    raw.push(took);
    ours.push(pages.reduce((sum, ms) => sum + ms, 0));
    worst.push(Math.max(...pages));
    usual.push(median(pages));
  }
  db.close();
  return [
    {
      name: 'delta of 10,000 changes',
      value: median(ours),
      limit: median(raw),
      limitName: 'bare upserts of the same rows, nothing searched',
      unit: 'ms',
      goal: 2,
    },
    {
      name: 'delta: the worst of its transactions',
      value: median(worst),
      limit: median(usual),
      limitName: 'median of them',
      unit: 'ms',
      goal: 1.5,
    },
  ];
}
