/** "Why was it late": what the hub has written down of a ticket, made into the pieces of each of its clocks. */
import { sql } from 'kysely';
import type { SlaClock, Ticket } from '../../../src/shared/domain.ts';
import { businessTime, consumedAt } from '../../../src/shared/sla.ts';
import { type WhyAnswer, type WhyClock, whyLimits } from '../../../src/shared/why-answer.ts';
import { type Answer, type PresenceSpan, type TrackRow, whyOf } from '../../../src/shared/why.ts';
import type { Db } from '../db/database.ts';
import { asJson } from '../db/rows.ts';
import type { Reference } from '../sync/reference.ts';

/** Tickets that go on in one another, at most. */
const mergesFollowed = 5;
/** rows that are read of one ticket; the newest, where there are more */
const most = { tracks: 2000, presence: 2000, answers: 200 } as const;

/** The ticket, or the one that it goes on in; undefined: there is none. */
export async function lastOf(db: Db, workspaceId: string, ticketId: string): Promise<Ticket | undefined> {
  let id = ticketId;
  for (let step = 0; ; step += 1) {
    const found = await sql<{ row: Ticket }>`select ${sql.raw(asJson('ticket', 't'))} as row from ticket t
      where t.workspace_id = ${workspaceId} and t.id = ${id}`.execute(db);
    const ticket = found.rows[0]?.row;
    if (!ticket?.merged || step === mergesFollowed) return ticket;
    id = ticket.merged.into;
  }
}

/** Each clock of the ticket, newest first; `now`: the hub's clock, ms. */
export async function why(
  db: Db,
  workspaceId: string,
  ticket: Pick<Ticket, 'id' | 'joined' | 'status' | 'queueId' | 'assigneeId' | 'offeredTo'>,
  reference: Pick<Reference, 'rows'>,
  now: number,
): Promise<WhyAnswer> {
  const ids = [ticket.id, ...ticket.joined];
  const found = await sql<{ row: SlaClock }>`select ${sql.raw(asJson('slaClock', 'c'))} as row from sla_clock c
    where c.workspace_id = ${workspaceId} and c.ticket_id = any(${ids}::uuid[]) order by c.started_at desc, c.id desc limit 200`.execute(
    db,
  );
  const known = found.rows.map(({ row }) => row);
  const clocks = known.filter(({ ticketId }) => ticketId === ticket.id).slice(0, whyLimits.clocks);
  const since = Math.min(now, ...clocks.map(({ startedAt, waitedFrom }) => Math.min(startedAt, waitedFrom)));
  const [tracks, answers] = await Promise.all([tracksOf(db, workspaceId, ids), answersOf(db, workspaceId, ids, since)]);
  const people = [...new Set(tracks.flatMap(({ assigneeId }) => (assigneeId === null ? [] : [assigneeId])))];
  const presence = await presenceOf(db, workspaceId, people, since);
  return {
    ticketId: ticket.id,
    at: now,
    clocks: clocks.map((clock): WhyClock => {
      const { calendar, slaPolicy } = reference.rows;
      const time = businessTime(clock.calendarId === null ? undefined : calendar.get(clock.calendarId));
      const thirdPartyPauses = clock.policyId !== null && slaPolicy.get(clock.policyId)?.thirdPartyPauses === true;
      const written = tracksFor(clock, known, tracks, ticket.id);
      const own = written.length > 0 ? written : [unchanged(clock, ticket)];
      const { segments, totals, verdict, carriedMs } = whyOf({ clock, time, thirdPartyPauses, tracks: own, presence, answers, now });
      const { id, kind, state, startedAt, endedAt, breachedAt, dueAt, targetMs } = clock;
      return {
        id,
        kind,
        state,
        startedAt,
        endedAt,
        breachedAt,
        dueAt,
        targetMs,
        usedMs: consumedAt(clock, time, Math.max(startedAt, endedAt ?? now)),
        carriedMs,
        segments: segments.slice(0, whyLimits.segments),
        left: Math.max(0, segments.length - whyLimits.segments),
        totals,
        verdict,
      };
    }),
  };
}

/**
 * Of a ticket that has not changed since tracks are written: as it is. Who had it when a clock ended before that nobody knows, so nobody
 * is named.
 */
function unchanged(clock: SlaClock, { status, queueId, assigneeId, offeredTo }: Parameters<typeof why>[2]): TrackRow {
  const open = clock.endedAt === null;
  return { id: 0, at: 0, status: open ? status : 'new', queueId, assigneeId: open ? assigneeId : null, offeredTo: open ? offeredTo : null };
}

type OwnTrack = TrackRow & { ticketId: string };

/** A clock that was taken over from a ticket that goes on here: until then that one's track tells of it. */
function tracksFor(clock: SlaClock, known: readonly SlaClock[], tracks: readonly OwnTrack[], ticketId: string): OwnTrack[] {
  const own = tracks.filter((track) => track.ticketId === ticketId);
  const origin = known.find((one) => one.ticketId !== ticketId && one.startedAt === clock.startedAt && one.state === 'cancelled');
  const at = origin?.endedAt ?? null;
  if (!origin || at === null) return own;
  // How this one was when the other came to it holds from then on.
  const here = own.filter((track) => track.at <= at).at(-1);
  return [
    ...tracks.filter((track) => track.ticketId === origin.ticketId && track.at < at),
    ...(here ? [{ ...here, at }] : []),
    ...own.filter((track) => track.at > at),
  ];
}

async function tracksOf(db: Db, workspaceId: string, ids: readonly string[]): Promise<OwnTrack[]> {
  const found = await sql<OwnTrack>`select id, ticket_id, at, status, queue_id, assignee_id, offered_to from ticket_track
    where workspace_id = ${workspaceId} and ticket_id = any(${ids}::uuid[]) order by at desc, id desc limit ${most.tracks}`.execute(db);
  return found.rows.reverse();
}

async function presenceOf(db: Db, workspaceId: string, people: readonly string[], since: number): Promise<PresenceSpan[]> {
  if (people.length === 0) return [];
  const found = await sql<PresenceSpan>`select user_id, state, since, until from presence_interval
    where workspace_id = ${workspaceId} and user_id = any(${people}::uuid[]) and (until is null or until > ${since})
    order by since desc limit ${most.presence}`.execute(db);
  return found.rows;
}

/** What people have written to the customer since then. Where nothing was handed to a vendor, the hub's own delivery was at once. */
async function answersOf(db: Db, workspaceId: string, ids: readonly string[], since: number): Promise<Answer[]> {
  const found = await sql<Answer>`select m.author_id as user_id, m.authored_at, m.accepted_at,
      case when m.delivery in ('queued', 'accepted', 'sending') then null
        else greatest(m.accepted_at, coalesce((select max(p.settled_at) from outbound_part p
          where p.workspace_id = m.workspace_id and p.message_id = m.id), m.accepted_at)) end as sent_at
    from message m
    where m.workspace_id = ${workspaceId} and m.ticket_id = any(${ids}::uuid[]) and m.accepted_at >= ${since}
      and m.kind = 'reply' and m.author_type = 'agent'
    order by m.accepted_at desc, m.id desc limit ${most.answers}`.execute(db);
  return found.rows.reverse();
}
