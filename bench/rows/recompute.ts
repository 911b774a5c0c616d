/**
 * An edit of a calendar with 100,000 tickets: every running clock is due at another moment, and every console is told. The limit is the
 * bare UPDATE of the same rows, clocks and tickets, page by page as well. Which rows are left alone is checked, too.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { v7 as uuid } from 'uuid';
import { migrate, openDatabase } from '../../server/src/db/database.ts';
import { startEmbedded } from '../../server/src/db/embedded.ts';
import { recompute } from '../../server/src/sla/recompute.ts';
import type { Calendar } from '../../src/shared/domain.ts';
import { businessTime, dueBy } from '../../src/shared/sla.ts';
import { openCentre } from '../centre.ts';
import { median, type Row } from '../figures.ts';

const rounds = 3;
const tickets = 100_000;
const queues = 50;
const pageSize = 2000;
/** on every one of them clocks that stand still, and clocks that have ended, too */
const hour = 3_600_000;
const at = Date.UTC(2026, 10, 23, 1);

const hours = (to: number): Calendar['week'] => Array.from({ length: 7 }, (_, day) => (day < 6 ? [{ from: 480, to }] : []));
const calendar = (to: number): Calendar => ({
  id: calendarId,
  name: 'Giờ làm',
  zone: 'Asia/Ho_Chi_Minh',
  week: hours(to),
  days: [{ date: '2026-11-25', name: 'Nghỉ', hours: [] }],
  updatedAt: to,
});
const calendarId = uuid();

export async function calendarEdit(): Promise<Row> {
  const dir = mkdtempSync(join(tmpdir(), 'truc-bench-'));
  chmodSync(dir, 0o755);
  const server = await startEmbedded(dir, pino({ level: 'silent' }));
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const urlOf = (name: string) => server.url.replace(/\/postgres$/, `/${name}`);
  try {
    await admin.query('create database full_desk');
    const workspaceId = await fill(urlOf('full_desk'));
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      for (const [into, run] of [
        [ours, edit],
        [bare, update],
      ] as const) {
        await admin.query('create database copy template full_desk');
        await admin.query('checkpoint');
        const ms = await run(urlOf('copy'), workspaceId);
        // The first round only warms up.
        if (round > 0) into.push(ms);
        await admin.query('drop database copy with (force)');
      }
    }
    return {
      name: 'an edit of a calendar, 100,000 tickets',
      unit: 'ms',
      value: median(ours),
      limit: median(bare),
      limitName: 'the bare UPDATE of the same clocks and tickets',
      goal: 3,
      note: `${tickets.toLocaleString('en')} running clocks moved and told to the consoles, as many that stand still and that are over left alone`,
    };
  } finally {
    await admin.end();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A desk on which every ticket has a running first response, a resolution that stands still, and an answer that is over. */
async function fill(url: string): Promise<string> {
  const db = openDatabase(url, { onError: () => undefined });
  await migrate(db);
  await db.destroy();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { workspaceId } = await openCentre(client, null, { queues, agentsPerQueue: 10, ticketsPerQueue: tickets / queues });
  const time = businessTime(calendar(1050));
  const all = await client.query<{ id: string }>('select id from ticket where workspace_id = $1 order by id', [workspaceId]);
  const since = all.rows.map((_, index) => at + index * 37);
  const due = since.map((from) => time.add(from, 10 * hour));
  const ids = all.rows.map(({ id }) => id);
  const fresh = () => ids.map(() => uuid());
  const insert = (kind: string, state: string, ended: string, running: string, dueAt: string) =>
    client.query(
      `insert into sla_clock (workspace_id, id, ticket_id, kind, target_ms, consumed_ms, started_at, running_since, due_at, state, ended_at, calendar_id, waited_from)
       select $1, c, t, '${kind}', $2, 0, s, ${running}, ${dueAt}, '${state}', ${ended}, $3, s
       from unnest($4::uuid[], $5::uuid[], $6::bigint[], $7::bigint[]) as of(c, t, s, d)`,
      [workspaceId, 10 * hour, calendarId, fresh(), ids, since, due],
    );
  await insert('nrt', 'running', 'null::bigint', 's', 'd');
  await insert('rt', 'paused', 'null::bigint', 'null::bigint', 'null::bigint');
  await insert('frt', 'met', 's + 1000', 's', 'd');
  await client.query(
    `update ticket t set sla_kind = c.kind, sla_state = c.state, sla_started_at = c.started_at, sla_due_at = c.due_at, sla_target_ms = c.target_ms,
       sla_consumed_ms = 0, sla_running_since = c.running_since, sla_calendar_id = c.calendar_id
     from sla_clock c where c.ticket_id = t.id and c.kind = 'nrt'`,
  );
  await client.query('vacuum analyze');
  await client.end();
  return workspaceId;
}

async function edit(url: string, workspaceId: string): Promise<number> {
  const db = openDatabase(url, { onError: () => undefined });
  const began = performance.now();
  const moved = await recompute(
    db,
    workspaceId,
    calendar(1020),
    () => at + hour,
    () => undefined,
  );
  const ms = performance.now() - began;
  await db.destroy();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ kind: string; told: string }>(
    `select c.kind, count(*) as told from change_log l cross join lateral jsonb_array_elements(l.row->'clocks') as one
     join sla_clock c on c.id = (one->>'id')::uuid and c.due_at = (one->>'dueAt')::bigint where l.op = 'due' and l.scope like 'queue:%' group by 1`,
  );
  await client.end();
  if (moved !== tickets || rows.length !== 1 || rows[0]?.kind !== 'nrt' || Number(rows[0].told) !== tickets)
    throw new Error(`moved ${moved}, told ${JSON.stringify(rows)}`);
  return ms;
}

async function update(url: string, workspaceId: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const time = businessTime(calendar(1020));
  const found = await client.query<{ id: string; ticket_id: string; running_since: string }>(
    `select id, ticket_id, running_since from sla_clock where workspace_id = $1 and state = 'running' order by id`,
    [workspaceId],
  );
  const pages = Array.from({ length: Math.ceil(found.rows.length / pageSize) }, (_, page) =>
    found.rows.slice(page * pageSize, (page + 1) * pageSize).map((row) => ({
      ...row,
      due: dueBy({ targetMs: 10 * hour, consumedMs: 0, runningSince: Number(row.running_since) }, time),
    })),
  );
  const began = performance.now();
  for (const page of pages) {
    await client.query('begin');
    const dues = page.map(({ due }) => due);
    await client.query(
      'update sla_clock c set due_at = m.due from unnest($2::uuid[], $3::bigint[]) as m(id, due) where c.workspace_id = $1 and c.id = m.id',
      [workspaceId, page.map(({ id }) => id), dues],
    );
    await client.query(
      'update ticket t set sla_due_at = m.due from unnest($2::uuid[], $3::bigint[]) as m(id, due) where t.workspace_id = $1 and t.id = m.id',
      [workspaceId, page.map((row) => row.ticket_id), dues],
    );
    await client.query('commit');
  }
  const ms = performance.now() - began;
  await client.end();
  return ms;
}
