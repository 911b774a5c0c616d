/** The figures of a wallboard, and the links that open one without signing in. */
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import type { PresenceState } from '../../../src/shared/routing-rows.ts';
import type { Wallboard, WallboardLink, WallboardQueue } from '../../../src/shared/wallboard.ts';
import type { Actor } from '../../../src/shared/permissions.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { actorOf } from '../sync/reference.ts';

/** Somebody asks every few seconds; one screen more costs no more. */
const freshMs = 2000;
/** a link is not noted as seen more often */
const seenEveryMs = 60_000;
const dayMs = 24 * 3_600_000;
const quarterMs = 15 * 60_000;

type Figures = Omit<WallboardQueue, 'name'>;

export class Wallboards {
  readonly #hub: Pick<SyncHub, 'db' | 'workspaceId' | 'committer'>;
  readonly #clock: () => number;
  /** by whose queues and since when they are counted */
  readonly #known = new Map<string, { at: number; board: Promise<Wallboard> }>();

  constructor(hub: Pick<SyncHub, 'db' | 'workspaceId' | 'committer'>, clock: () => number) {
    this.#hub = hub;
    this.#clock = clock;
  }

  /** What a link shows; null: there is none, or its maker may not lead any more. `since`: when the day began where it hangs, ms. */
  async board(token: string, since: number): Promise<Wallboard | null> {
    const { db, workspaceId } = this.#hub;
    const now = this.#clock();
    const found = await sql<{ id: string; madeBy: string }>`
      select id, made_by from wallboard_link where workspace_id = ${workspaceId} and token_hash = ${hashOf(token)}`.execute(db);
    const link = found.rows[0];
    if (!link) return null;
    const actor = actorOf(await this.#hub.committer.reference(), link.madeBy);
    if (!actor || actor.role === 'agent') return null;
    await sql`update wallboard_link set seen_at = ${now} where workspace_id = ${workspaceId} and id = ${link.id}
      and coalesce(seen_at, 0) < ${now - seenEveryMs}`.execute(db);
    // A day and its neighbours, whatever zone the screen is in: nobody has the whole history counted.
    const from = Math.min(now, Math.max(since, now - 2 * dayMs));
    // A day begins on a quarter of an hour wherever somebody lives: more is not told apart.
    const key = `${actor.userId} ${Math.floor(from / quarterMs)}`;
    const known = this.#known.get(key);
    if (known && now - known.at <= freshMs) return known.board;
    for (const [other, { at }] of this.#known) if (now - at > freshMs) this.#known.delete(other);
    const board = this.#read(actor, Math.floor(from / quarterMs) * quarterMs, now);
    this.#known.set(key, { at: now, board });
    board.catch(() => this.#known.delete(key));
    return board;
  }

  async links(): Promise<WallboardLink[]> {
    const { db, workspaceId } = this.#hub;
    const found = await sql<WallboardLink>`
      select l.id, l.name, coalesce(u.name, '') as "madeBy", l.at, l.seen_at as "seenAt" from wallboard_link l
      left join app_user u on u.workspace_id = l.workspace_id and u.id = l.made_by
      where l.workspace_id = ${workspaceId} order by l.at desc, l.id desc limit 200`.execute(db);
    return found.rows;
  }

  async make(actor: Actor & { userId: string }, name: string): Promise<{ link: WallboardLink; token: string }> {
    const token = randomBytes(32).toString('base64url');
    const link = { id: uuid(), name, madeBy: actor.name, at: this.#clock(), seenAt: null };
    await sql`insert into wallboard_link (workspace_id, id, name, made_by, token_hash, at)
      values (${this.#hub.workspaceId}, ${link.id}, ${name}, ${actor.userId}, ${hashOf(token)}, ${link.at})`.execute(this.#hub.db);
    return { link, token };
  }

  /** A lead takes back their own; an administrator any. Returns whether there was one. */
  async remove(actor: Actor, linkId: string): Promise<boolean> {
    const gone = await sql`delete from wallboard_link where workspace_id = ${this.#hub.workspaceId} and id = ${linkId}
      and (${actor.role === 'admin'} or made_by = ${actor.userId}::uuid) returning id`.execute(this.#hub.db);
    return gone.rows.length > 0;
  }

  async #read(actor: Actor, since: number, now: number): Promise<Wallboard> {
    const { db, workspaceId } = this.#hub;
    const { rows } = await this.#hub.committer.reference();
    const queues = [...rows.queue.values()].filter(({ id }) => actor.queues.has(id)).sort((a, b) => a.position - b.position);
    const ids = queues.map(({ id }) => id);
    const open = await sql<Omit<Figures, 'answered' | 'inTime'>>`
      select queue_id as id,
        count(*) filter (where waits)::int as waiting, min(enqueued_at) filter (where waits) as "longestSince",
        count(*) filter (where assignee_id is not null)::int as "inHand",
        count(*) filter (where sla_state = 'running' and sla_due_at > ${now}
          and sla_due_at - ${now} <= case when sla_target_ms <= 900000 then sla_target_ms / 2 else sla_target_ms / 4 end)::int as "dueSoon",
        count(*) filter (where sla_state = 'breached')::int as breached
      from (
        select *, assignee_id is null and status in ('new', 'open') and coalesce(snoozed_until, 0) <= ${now} as waits from ticket
        where workspace_id = ${workspaceId} and queue_id = any(${ids}::uuid[]) and status not in ('resolved', 'closed', 'spam') and merged is null
      ) t group by queue_id`.execute(db);
    const done = await sql<Pick<Figures, 'id' | 'answered' | 'inTime'>>`
      select t.queue_id as id, count(*)::int as answered, count(*) filter (where k.state = 'met')::int as "inTime"
      from sla_clock k join ticket t on t.workspace_id = k.workspace_id and t.id = k.ticket_id
      where k.workspace_id = ${workspaceId} and k.ended_at >= ${since} and k.kind in ('frt', 'nrt') and k.state in ('met', 'breached')
        and t.queue_id = any(${ids}::uuid[])
      group by t.queue_id`.execute(db);
    const members = [...rows.queueMember.values()].filter(({ queueId }) => ids.includes(queueId)).map(({ userId }) => userId);
    const people = await sql<{ state: PresenceState; n: number }>`
      select state, count(*)::int as n from presence where workspace_id = ${workspaceId} and id = any(${[...new Set(members)]}::uuid[])
      group by state`.execute(db);
    const figures = new Map(open.rows.map((row) => [row.id, row]));
    const answers = new Map(done.rows.map((row) => [row.id, row]));
    return {
      centre: [...rows.workspace.values()][0]?.name ?? '',
      at: now,
      queues: queues.map(({ id, name }) => {
        const { waiting = 0, longestSince = null, inHand = 0, dueSoon = 0, breached = 0 } = figures.get(id) ?? {};
        const { answered = 0, inTime = 0 } = answers.get(id) ?? {};
        return { id, name, waiting, longestSince, inHand, dueSoon, breached, answered, inTime };
      }),
      people: Object.fromEntries(people.rows.map(({ state, n }) => [state, n])),
    };
  }
}

const hashOf = (token: string) => createHash('sha256').update(token).digest();
