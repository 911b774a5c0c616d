/** What the router decides on, read from the database: who waits, who is there, and how much they have. */
import { sql } from 'kysely';
import type { Ticket } from '../../../src/shared/domain.ts';
import { capacityFor, loadBy } from '../../../src/shared/mutations/offer.ts';
import type { Presence } from '../../../src/shared/routing-rows.ts';
import { defaultQueueRouting } from '../../../src/shared/routing-rules.ts';
import type { RoutingAgent, RoutingQueue, RoutingWorld, WaitingTicket } from '../../../src/shared/routing.ts';
import { businessTime } from '../../../src/shared/sla.ts';
import type { WorkClass } from '../../../src/shared/words.ts';
import type { Db } from '../db/database.ts';
import type { Reference } from '../sync/reference.ts';

/** waiting tickets that are looked at, of each queue; the others wait longer in any case */
const mostWaiting = 1000;
/** ms that a handler is remembered */
const handlerMs = 7 * 86_400_000;

type Waiting = Pick<Ticket, 'id' | 'queueId' | 'channel' | 'priority' | 'slaDueAt' | 'needs'> & {
  enqueuedAt: number;
  queuedSince: number;
  handlerId: string | null;
  handledAt: number | null;
  declined: string[];
};
type Held = Pick<Ticket, 'id' | 'channel' | 'unansweredSince' | 'lastMessageAt'> & { userId: string; offered: boolean };

/** Queues that give their work out by themselves. */
export function routedQueues(reference: Reference, now: number): Map<string, RoutingQueue> {
  const queues = new Map<string, RoutingQueue>();
  for (const { id, routing } of reference.rows.queue.values()) {
    if (!routing) continue;
    const { order, strategy, ringsMs, preferredMs, offerMs, needs, overflow, calendarId } = routing;
    const open = calendarId === null || businessTime(reference.rows.calendar.get(calendarId)).isOpen(now);
    queues.set(id, { id, order, strategy, ringsMs, preferredMs, offerMs, needs, overflow, open });
  }
  return queues;
}

/** Queues that are worked by hand: work may overflow into them, and stays there. */
function byHand(reference: Reference): [string, RoutingQueue][] {
  return [...reference.rows.queue.values()].flatMap(({ id, routing }) =>
    routing ? [] : [[id, { id, ...defaultQueueRouting, overflow: null, open: true }]],
  );
}

/** `queues`: those that give their work out. */
export async function readWorld(
  db: Db,
  workspaceId: string,
  reference: Reference,
  queues: ReadonlyMap<string, RoutingQueue>,
  now: number,
): Promise<RoutingWorld> {
  const ids = [...queues.keys()];
  // What a colleague holds offline, and what rings already, waits for nobody else. Who let it pass and has come back since may have it.
  const waiting = await sql<Waiting>`
    select t.id, t.queue_id, t.channel, t.priority, t.enqueued_at, t.queued_since, t.sla_due_at, t.needs, h.last_reply_by as handler_id,
      h.last_reply_at as handled_at, array(select o.user_id::text from offer o where o.workspace_id = t.workspace_id and o.ticket_id = t.id
        and o.queue_id = t.queue_id and o.at >= t.queued_since and (o.state = 'declined'
          or (o.state = 'missed' and o.at >= (select p.since from presence p where p.workspace_id = o.workspace_id and p.id = o.user_id)))
        ) as declined
    from unnest(${ids}::uuid[]) as wanted(queue_id)
    cross join lateral (
      select * from ticket w where w.workspace_id = ${workspaceId} and w.queue_id = wanted.queue_id and w.assignee_id is null
        and w.status in ('new', 'open') and w.enqueued_at is not null and w.offered_to is null
        and (w.snoozed_until is null or w.snoozed_until <= ${now}) and (w.lease_until is null or w.lease_until <= ${now})
      order by w.enqueued_at limit ${mostWaiting}) t
    left join lateral (
      select b.last_reply_by, b.last_reply_at from ticket b
      where b.workspace_id = t.workspace_id and b.customer_id = t.customer_id and b.last_reply_by is not null
        and b.last_reply_at > ${now - handlerMs}
      order by b.last_reply_at desc limit 1) h on true`.execute(db);
  const serving = [...new Set([...reference.rows.queueMember.values()].flatMap((row) => (queues.has(row.queueId) ? [row.userId] : [])))];
  const presences = await sql<Pick<Presence, 'id' | 'state' | 'off' | 'since'>>`
    select id, state, "off", since from presence where workspace_id = ${workspaceId} and id = any(${serving}::uuid[])
      and state in ('available', 'wrapUp', 'busy')`.execute(db);
  const present = presences.rows.map(({ id }) => id);
  const held = await sql<Held>`
    select id, channel, unanswered_since, last_message_at, assignee_id as user_id, false as offered from ticket
      where workspace_id = ${workspaceId} and assignee_id = any(${present}::uuid[]) and status not in ('resolved', 'closed', 'spam')
    union all
    select t.id, t.channel, t.unanswered_since, t.last_message_at, o.user_id, true from offer o
      join ticket t on t.workspace_id = o.workspace_id and t.id = o.ticket_id
      where o.workspace_id = ${workspaceId} and o.state = 'ringing' and o.user_id = any(${present}::uuid[])`.execute(db);
  const given = await sql<{ userId: string; at: number }>`
    select u.id as user_id, (select max(at) from ticket_track k where k.workspace_id = ${workspaceId} and k.assignee_id = u.id) as at
    from unnest(${present}::uuid[]) as u(id)`.execute(db);
  const talking = await sql<{ answeredBy: string }>`
    select answered_by from phone_call where workspace_id = ${workspaceId} and state = 'talking' and answered_by = any(${present}::text[])`.execute(
    db,
  );
  const inCall = new Set(talking.rows.map((row) => row.answeredBy));
  const lastGiven = new Map(given.rows.map(({ userId, at }) => [userId, at ?? 0]));
  const work = Map.groupBy(held.rows, ({ userId }) => userId);
  const queuesOf = Map.groupBy(reference.rows.queueMember.values(), ({ userId }) => userId);
  const skillsOf = Map.groupBy(reference.rows.userSkill.values(), ({ userId }) => userId);

  const agents = presences.rows.flatMap(({ id, state, off, since }): RoutingAgent[] => {
    const user = reference.rows.user.get(id);
    if (!user?.active) return [];
    const mine = work.get(id) ?? [];
    const part = (offered: boolean) => mine.filter((one) => one.offered === offered) as unknown as Ticket[];
    const load = loadBy(part(false), part(true), now);
    if (inCall.has(id)) load.call += 1;
    const lastGivenAt = lastGiven.get(id) ?? 0;
    return [
      {
        id,
        available: state === 'available',
        onDuty: true,
        queues: new Set((queuesOf.get(id) ?? []).map(({ queueId }) => queueId)),
        skills: new Map((skillsOf.get(id) ?? []).map(({ skillId, level }) => [skillId, level])),
        off: new Set<WorkClass>(off),
        capacity: capacityFor(user),
        load,
        openWork: part(false).length,
        idleSince: Math.max(since, lastGivenAt),
        lastGivenAt,
      },
    ];
  });
  return { queues: new Map([...byHand(reference), ...queues]), agents, waiting: waiting.rows.map(asWaiting) };
}

function asWaiting(row: Waiting): WaitingTicket {
  const { id, queueId, channel, priority, enqueuedAt, queuedSince, slaDueAt, needs, handlerId, handledAt, declined } = row;
  return {
    id,
    queueId,
    // The call itself is the exchange's to give: what is left of it is work at a desk.
    channel: channel === 'phone' ? 'other' : channel,
    priority,
    enqueuedAt,
    ringSince: queuedSince ?? enqueuedAt,
    dueAt: slaDueAt,
    needs,
    lastHandler: handlerId === null || handledAt === null ? null : { userId: handlerId, at: handledAt },
    declined: new Set(declined),
  };
}
