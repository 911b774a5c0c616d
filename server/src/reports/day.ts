/** A past day out of what the hub has written down of it, for "what if": who came, who was there, how offers were answered. */
import { sql } from 'kysely';
import { classOf } from '../../../src/shared/routing-capacity.ts';
import type { Actor } from '../../../src/shared/permissions.ts';
import { usualRouting } from '../../../src/shared/what-if.ts';
import { type DayAgent, type DayArrival, type WhatIfDay, whatIfLimits } from '../../../src/shared/what-if-day.ts';
import { type Came, cameIn, type CameIn, dayBounds, dutyOf, median } from '../../../src/shared/what-if-history.ts';
import type { PresenceSpan } from '../../../src/shared/why.ts';
import { type WorkClass, workClasses } from '../../../src/shared/words.ts';
import type { Db } from '../db/database.ts';
import type { Reference } from '../sync/reference.ts';

const pageSize = 1000;
/** lines of one ticket that are looked at; a day does not need more */
const tracksOfTicket = 60;
const usualZone = 'Asia/Ho_Chi_Minh';
/** where a day says nothing of how long work of a class takes */
const usualHandlingMs: Record<WorkClass, number> = { call: 300_000, chat: 600_000, social: 600_000, email: 480_000 };

/** Of the actor's queues, and of those who serve them. */
export async function loadDay(db: Db, workspaceId: string, reference: Reference, actor: Actor, date: string): Promise<WhatIfDay> {
  const { rows } = reference;
  // The workspace's hours say in which zone its days begin.
  const zone = [...rows.calendar.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))[0]?.zone ?? usualZone;
  const { from, until } = dayBounds(date, zone);
  const queues = [...rows.queue.values()].filter(({ id }) => actor.queues.has(id)).toSorted((a, b) => a.position - b.position);
  const { came, cut } = await loadArrivals(db, workspaceId, [...actor.queues], from, until);
  const handled = Map.groupBy(came, ({ channel }) => classOf(channel));
  const usual = new Map(
    workClasses.map((one) => [
      one,
      median(
        (handled.get(one) ?? []).flatMap(({ handleMs }) => handleMs ?? []),
        usualHandlingMs[one],
      ),
    ]),
  );
  const arrivals = came
    .map((one): DayArrival => ({ ...one, handleMs: one.handleMs ?? usual.get(classOf(one.channel)) ?? 0 }))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  return {
    date,
    zone,
    from,
    until,
    queues: queues.map(({ id, name, routing }) => ({ id, name, routing })),
    calendars: [...rows.calendar.values()],
    skills: [...rows.skill.values()],
    agents: await loadAgents(db, workspaceId, reference, new Set(actor.queues), from, until),
    arrivals,
    cut,
    behaviour: { ...(await loadAnswers(db, workspaceId, from, until)), wrapUpMs: wrapUpOf(queues, arrivals) },
  };
}

/** Tickets that people owed something for the first time that day: by keyset, each page with its tracks. */
async function loadArrivals(
  db: Db,
  workspaceId: string,
  queues: readonly string[],
  from: number,
  until: number,
): Promise<{ came: Came[]; cut: boolean }> {
  const came: Came[] = [];
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const page = await sql<CameIn & { status: string }>`
      with came as (
        select distinct on (k.ticket_id) k.ticket_id, k.at, k.id from ticket_track k
        where k.workspace_id = ${workspaceId} and k.at >= ${from} and k.at < ${until} and k.ticket_id > ${after}
          and k.queue_id = any(${queues}::uuid[]) and k.status in ('new', 'open') and k.assignee_id is null
          and not exists (select from ticket_track e where e.workspace_id = k.workspace_id and e.ticket_id = k.ticket_id
            and e.id < k.id and e.status not in ('bot', 'spam'))
        order by k.ticket_id, k.at, k.id limit ${pageSize})
      select t.id, t.status, t.channel, t.priority, t.needs, clock.due_at,
        (select jsonb_agg(jsonb_build_object('id', l.id, 'at', l.at, 'status', l.status, 'queueId', l.queue_id, 'assigneeId', l.assignee_id,
            'offeredTo', l.offered_to) order by l.at, l.id)
          from (select * from ticket_track l where l.workspace_id = ${workspaceId} and l.ticket_id = c.ticket_id and l.id >= c.id
            order by l.at, l.id limit ${tracksOfTicket}) l) as tracks
      from came c join ticket t on t.workspace_id = ${workspaceId} and t.id = c.ticket_id
      left join lateral (select s.due_at from sla_clock s where s.workspace_id = ${workspaceId} and s.ticket_id = c.ticket_id and s.kind = 'frt'
        order by s.started_at limit 1) clock on true
      order by c.ticket_id`.execute(db);
    for (const { status, ...ticket } of page.rows) {
      const one = status === 'spam' ? null : cameIn(ticket, until);
      if (one) came.push(one);
      if (came.length === whatIfLimits.arrivals) return { came, cut: true };
    }
    const last = page.rows.at(-1);
    if (!last || page.rows.length < pageSize) return { came, cut: false };
    after = last.id;
  }
}

/** Everybody who serves one of the queues, or was there that day. Who never says how they are was there as long as they had work. */
async function loadAgents(
  db: Db,
  workspaceId: string,
  { rows }: Reference,
  queues: ReadonlySet<string>,
  from: number,
  until: number,
): Promise<DayAgent[]> {
  const served = Map.groupBy(
    [...rows.queueMember.values()].filter(({ queueId }) => queues.has(queueId)),
    ({ userId }) => userId,
  );
  const skills = Map.groupBy(rows.userSkill.values(), ({ userId }) => userId);
  const people = [...served.keys()].flatMap((userId) => rows.user.get(userId) ?? []).slice(0, whatIfLimits.agents);
  const ids = people.map(({ id }) => id);
  const presence = await sql<PresenceSpan>`select user_id, state, since, until from presence_interval
    where workspace_id = ${workspaceId} and user_id = any(${ids}::uuid[]) and since < ${until} and (until is null or until > ${from})
    order by user_id, since`.execute(db);
  const worked = await sql<{ userId: string; first: number; last: number }>`
    select assignee_id as user_id, min(at) as first, max(at) as last from ticket_track
    where workspace_id = ${workspaceId} and assignee_id = any(${ids}::uuid[]) and at >= ${from} and at < ${until} group by assignee_id`.execute(
    db,
  );
  const off = await sql<{ id: string; off: WorkClass[] }>`select id, "off" from presence
    where workspace_id = ${workspaceId} and id = any(${ids}::uuid[])`.execute(db);
  const states = Map.groupBy(presence.rows, ({ userId }) => userId);
  const work = new Map(worked.rows.map((one) => [one.userId, one]));
  const switched = new Map(off.rows.map((one) => [one.id, one.off]));
  return people.map(({ id, name, capacity }): DayAgent => {
    const duty = dutyOf(states.get(id) ?? [], from, until);
    const busy = work.get(id);
    const shifts = duty.shifts.length > 0 || !busy ? duty.shifts : [{ from: busy.first, until: Math.min(busy.last + 3_600_000, until) }];
    return {
      id,
      name,
      queues: (served.get(id) ?? []).map(({ queueId }) => queueId),
      skills: (skills.get(id) ?? []).map(({ skillId, level }) => ({ skillId, level })),
      capacity,
      off: switched.get(id) ?? [],
      shifts: shifts.slice(0, whatIfLimits.spans),
      breaks: duty.breaks.slice(0, whatIfLimits.spans),
    };
  });
}

/** How offers of the day ended; as nobody declines or misses any, where there were none. */
async function loadAnswers(db: Db, workspaceId: string, from: number, until: number): Promise<Omit<WhatIfDay['behaviour'], 'wrapUpMs'>> {
  const found = await sql<{ all: number; declined: number; missed: number; quick: number | null; slow: number | null }>`
    select count(*)::int as all, (count(*) filter (where state = 'declined'))::int as declined,
      (count(*) filter (where state = 'missed'))::int as missed,
      percentile_disc(0.1) within group (order by ended_at - at) filter (where state = 'accepted') as quick,
      percentile_disc(0.9) within group (order by ended_at - at) filter (where state = 'accepted') as slow
    from offer where workspace_id = ${workspaceId} and at >= ${from} and at < ${until} and state in ('accepted', 'declined', 'missed')`.execute(
    db,
  );
  const { all = 0, declined = 0, missed = 0, quick = null, slow = null } = found.rows[0] ?? {};
  const share = (count: number) => (all === 0 ? 0 : count / all);
  const answerMs: [number, number] = [Math.max(0, quick ?? 1000), Math.max(0, slow ?? 8000)];
  return { declineChance: share(declined), missChance: share(missed), answerMs, notRespondingMs: 180_000 };
}

/** Of each class, the wrap-up of the queue that gets most of it: the simulation knows one for all queues. */
function wrapUpOf(
  queues: readonly { id: string; routing: WhatIfDay['queues'][number]['routing'] }[],
  arrivals: readonly DayArrival[],
): Record<WorkClass, number> {
  const routing = new Map(queues.map((queue) => [queue.id, queue.routing ?? usualRouting]));
  const of = (one: WorkClass): number => {
    const counts = Map.groupBy(
      arrivals.filter(({ channel }) => classOf(channel) === one),
      ({ queueId }) => queueId,
    );
    const [most] = [...counts].sort(([, a], [, b]) => b.length - a.length);
    return (most ? routing.get(most[0]) : undefined)?.wrapUpMs[one] ?? usualRouting.wrapUpMs[one];
  };
  return { call: of('call'), chat: of('chat'), social: of('social'), email: of('email') };
}
