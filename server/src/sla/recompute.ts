/**
 * After an edit of a calendar: running clocks that count by it are due at another moment (SLA and routing page, rule 11). Page by page, each
 * in a short transaction of its own, so that nobody waits for a hundred thousand of them; consoles are told the moments alone, for
 * whole rows took ten times as long as moving the clocks. May be run again, and by several hubs: what is right already is left alone.
 */
import { sql } from 'kysely';
import type { Calendar } from '../../../src/shared/domain.ts';
import { businessTime, dueBy } from '../../../src/shared/sla.ts';
import type { Db } from '../db/database.ts';

/** moved clocks and tickets of one entry of the log: a few kB, whichever way it is sent */
const entrySize = 40;
/** clocks of one transaction: about a tenth of a second during which commits wait */
const pageSize = 2000;

interface Running {
  id: string;
  targetMs: number;
  consumedMs: number;
  runningSince: number;
  dueAt: number;
}

/** Returns how many clocks have another moment now. `committed` is called after each page. */
export async function recompute(
  db: Db,
  workspaceId: string,
  calendar: Calendar,
  clock: () => number,
  committed: () => void,
): Promise<number> {
  const time = businessTime(calendar);
  let moved = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const page = await sql<Running>`
      select id, target_ms, consumed_ms, running_since, due_at from sla_clock
      where workspace_id = ${workspaceId} and calendar_id = ${calendar.id} and state = 'running' and ended_at is null and id > ${after}
      order by id limit ${pageSize}`.execute(db);
    const wrong = page.rows.flatMap((row) => {
      const due = dueBy(row, time);
      return due === null || due === row.dueAt ? [] : [{ ...row, due }];
    });
    if (wrong.length > 0) {
      moved += await write(db, workspaceId, wrong, clock);
      committed();
    }
    const last = page.rows.at(-1);
    if (!last || page.rows.length < pageSize) return moved;
    after = last.id;
  }
}

async function write(db: Db, workspaceId: string, wrong: (Running & { due: number })[], clock: () => number): Promise<number> {
  return db.transaction().execute(async (tx) => {
    // The counter first, as every commit does.
    const counter = await sql<{ seq: number; lastAt: number }>`
      select seq, last_at from workspace_counter where workspace_id = ${workspaceId} for update`.execute(tx);
    const { seq, lastAt } = counter.rows[0] ?? { seq: 0, lastAt: 0 };
    const now = Math.max(clock(), lastAt + 1);
    const ids = wrong.map(({ id }) => id);
    // Named twice: without the list the planner reads every running clock for each page. One that has been paused, or started anew, since it was read is right already.
    const moved = await sql<{ id: string; ticketId: string; dueAt: number }>`
      update sla_clock c set due_at = m.due, rowver = ${seq + 1}
      from unnest(${ids}::uuid[], ${wrong.map((one) => one.runningSince)}::bigint[], ${wrong.map(({ due }) => due)}::bigint[])
        as m(id, since, due)
      where c.workspace_id = ${workspaceId} and c.id = m.id and c.id = any(${ids}::uuid[]) and c.state = 'running' and c.ended_at is null and c.running_since = m.since
      returning c.id, c.ticket_id, c.due_at`.execute(tx);
    const clocks = moved.rows;
    const told = await sql<{ entries: number }>`
      with clock as (
        select * from unnest(${clocks.map(({ id }) => id)}::uuid[], ${clocks.map((one) => one.ticketId)}::uuid[],
          ${clocks.map(({ dueAt }) => dueAt)}::bigint[]) as m(id, ticket_id, due_at)),
      shown as (
        select distinct on (c.ticket_id) c.ticket_id, c.kind, c.state, c.started_at, c.target_ms, c.consumed_ms, c.running_since, c.calendar_id,
          c.due_at
        from sla_clock c where c.workspace_id = ${workspaceId} and c.ended_at is null
          and c.ticket_id = any(${[...new Set(clocks.map((one) => one.ticketId))]}::uuid[])
        order by c.ticket_id, c.due_at nulls last),
      seen as (
        update ticket t set sla_kind = s.kind, sla_state = s.state, sla_started_at = s.started_at, sla_due_at = s.due_at,
          sla_target_ms = s.target_ms, sla_consumed_ms = s.consumed_ms, sla_running_since = s.running_since, sla_calendar_id = s.calendar_id,
          rowver = ${seq + 1}
        from shown s where t.workspace_id = ${workspaceId} and t.id = s.ticket_id and t.sla_due_at is distinct from s.due_at
        returning t.id, t.queue_id, t.assignee_id, s.*),
      piece as (
        select c.ticket_id as id, h.queue_id, h.assignee_id, jsonb_build_object('id', c.id, 'dueAt', c.due_at) as clock, null::jsonb as ticket
        from clock c join ticket h on h.workspace_id = ${workspaceId} and h.id = c.ticket_id
        union all
        select t.id, t.queue_id, t.assignee_id, null, jsonb_build_object('id', t.id, 'slaKind', t.kind, 'slaState', t.state,
          'slaStartedAt', t.started_at, 'slaDueAt', t.due_at, 'slaTargetMs', t.target_ms, 'slaConsumedMs', t.consumed_ms,
          'slaRunningSince', t.running_since, 'slaCalendarId', t.calendar_id) from seen t),
      scoped as (
        select s.scope, p.clock, p.ticket, (row_number() over (partition by s.scope order by p.id) - 1) / ${entrySize} as part
        from piece p cross join lateral (
          select 'queue:' || p.queue_id as scope union all select 'user:' || p.assignee_id where p.assignee_id is not null) s),
      entry as (
        select scope, part, jsonb_build_object('clocks', coalesce(jsonb_agg(clock) filter (where clock is not null), '[]'),
          'tickets', coalesce(jsonb_agg(ticket) filter (where ticket is not null), '[]')) as row
        from scoped group by scope, part),
      log as (
        insert into change_log (workspace_id, seq, scope, op, entity, entity_id, row, at)
        select ${workspaceId}, ${seq} + row_number() over (order by e.scope, e.part), e.scope, 'due', 'slaClock', gen_random_uuid()::text, e.row, ${now}
        from entry e
        returning 1)
      select count(*) as entries from log`.execute(tx);
    const entries = told.rows[0]?.entries ?? 0;
    await sql`update workspace_counter set seq = seq + ${entries}, last_at = ${now} where workspace_id = ${workspaceId}`.execute(tx);
    return clocks.length;
  });
}
