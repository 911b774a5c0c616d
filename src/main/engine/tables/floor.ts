/** The floor as a team lead sees it: queues, people, and how the day goes. Aggregates over what is unresolved; nothing here walks the past. */
import type { Floor, FloorAgent, FloorQueue, FloorTicket } from '../../../shared/bridge-floor.ts';
import type { ChannelKind, Ticket } from '../../../shared/domain.ts';
import { workOf } from '../../../shared/mutations/offer.ts';
import { noLoad } from '../../../shared/routing-capacity.ts';
import { type Db, prepare } from '../database.ts';
import { allRows } from './rows.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A clock in its warning: the second half of a short target, the last quarter of a long one. */
const soon = `slaState = 'running' and slaDueAt > @now and slaDueAt - @now <= case when slaTargetMs <= 900000 then slaTargetMs / 2 else slaTargetMs / 4 end`;

export function floor(db: Db, since: number, now: number): Floor {
  return { queues: queuesOf(db, since, now), agents: agentsOf(db), ...hoursOf(db, since, now) };
}

function queuesOf(db: Db, since: number, now: number): FloorQueue[] {
  const rows = prepare(
    db,
    `select queueId, count(*) filter (where whose = 0 and status in ('new', 'open') and awakeAt <= @now) as waiting,
       min(enqueuedAt) filter (where whose = 0 and status in ('new', 'open') and awakeAt <= @now) as longestSince,
       count(*) filter (where whose <> 0) as inHand, count(*) filter (where ${soon}) as dueSoon,
       count(*) filter (where slaState = 'breached') as breached
     from ticket where settled = 0 and merged is null group by queueId`,
  ).all({ now }) as Omit<FloorQueue, 'answered' | 'inTime'>[];
  const answers = prepare(
    db,
    `select t.queueId, count(*) as answered, count(*) filter (where k.state = 'met') as inTime
     from slaClock k join ticket t on t.pk = k.parent
     where k.endedAt >= ? and k.kind in ('frt', 'nrt') and k.state in ('met', 'breached') group by t.queueId`,
  ).all(since) as { queueId: string; answered: number; inTime: number }[];
  const open = new Map(rows.map((row) => [row.queueId, row]));
  const done = new Map(answers.map((row) => [row.queueId, row]));
  return allRows(db, 'queue')
    .sort((a, b) => a.position - b.position)
    .map(({ id }) => {
      const { waiting = 0, longestSince = null, inHand = 0, dueSoon = 0, breached = 0 } = open.get(id) ?? {};
      const { answered = 0, inTime = 0 } = done.get(id) ?? {};
      return { queueId: id, waiting, longestSince, inHand, dueSoon, breached, answered, inTime };
    });
}

interface Work {
  assigneeId: string;
  channel: ChannelKind;
  n: number;
  owed: number;
  breached: number;
  lastReplyAt: number | null;
}

function agentsOf(db: Db): FloorAgent[] {
  const work = prepare(
    db,
    `select assigneeId, channel, count(*) as n, count(*) filter (where unansweredSince is not null) as owed,
       count(*) filter (where slaState = 'breached') as breached, max(lastReplyAt) filter (where lastReplyBy = assigneeId) as lastReplyAt
     from ticket where settled = 0 and assigneeId is not null group by assigneeId, channel`,
  ).all() as Work[];
  const ringing = prepare(db, 'select offeredTo, count(*) as n from ticket where settled = 0 and offeredTo is not null group by offeredTo');
  const rings = new Map((ringing.all() as { offeredTo: string; n: number }[]).map(({ offeredTo, n }) => [offeredTo, n]));
  const presences = new Map(allRows(db, 'presence').map((row) => [row.id, row]));
  const agents = new Map<string, FloorAgent>();
  for (const { id, active } of allRows(db, 'user')) {
    if (!active) continue;
    const presence = presences.get(id) ?? null;
    agents.set(id, { userId: id, presence, load: noLoad(), owed: 0, breached: 0, ringing: rings.get(id) ?? 0, lastReplyAt: null });
  }
  for (const row of work) {
    const agent = agents.get(row.assigneeId);
    if (!agent) continue;
    agent.load[workOf(row as Pick<Ticket, 'channel'>)] += row.n;
    agent.owed += row.owed;
    agent.breached += row.breached;
    if (row.lastReplyAt !== null && row.lastReplyAt > (agent.lastReplyAt ?? 0)) agent.lastReplyAt = row.lastReplyAt;
  }
  return [...agents.values()];
}

/** What a day usually brings is worked out once for a day: the week before does not change. */
const usualOf = new WeakMap<Db, { since: number; hours: number[] }>();

function hoursOf(db: Db, since: number, now: number): Pick<Floor, 'hours' | 'usual'> {
  // A ticket's key begins with the moment of its making: the day is one stretch of the table.
  const counted = prepare(
    db,
    'select ((pk >> 4) - @from) / @hour as hour, count(*) as n from ticket where pk >= @low and pk < @high group by 1',
  );
  const of = (from: number, until: number, sum: number[]) => {
    const rows = counted.all({ from, hour: hourMs, low: from * 16, high: until * 16 }) as { hour: number; n: number }[];
    for (const { hour, n } of rows) sum[hour % 24] = (sum[hour % 24] ?? 0) + n;
  };
  const hours = Array.from({ length: 24 }, () => 0);
  of(since, now + 1, hours);
  let usual = usualOf.get(db);
  if (usual?.since !== since) {
    const week = Array.from({ length: 24 }, () => 0);
    for (let day = 1; day <= 7; day += 1) of(since - day * dayMs, since - (day - 1) * dayMs, week);
    usual = { since, hours: week.map((n) => n / 7) };
    usualOf.set(db, usual);
  }
  return { hours, usual: usual.hours };
}

const shown = `t.id, t.number, t.provisionalRef, t.subject, t.channel, t.status, t.priority, t.queueId, t.assigneeId, t.offeredTo, t.enqueuedAt,
  t.lastMessageAt, t.leaseBy, t.leaseUntil, t.slaKind, t.slaState, t.slaStartedAt, t.slaDueAt, t.slaTargetMs, t.slaConsumedMs, t.slaRunningSince,
  t.slaCalendarId, coalesce(c.name, '') as customerName`;

export function floorTickets(db: Db, of: { queueId: string } | { userId: string }): FloorTicket[] {
  const [column, value] = 'queueId' in of ? ['queueId', of.queueId] : ['assigneeId', of.userId];
  return prepare(
    db,
    `select ${shown} from ticket t left join customer c on c.pk = t.parent
     where t.settled = 0 and t.merged is null and t.${column} = ? order by t.slaSort limit 200`,
  ).all(value) as FloorTicket[];
}
