/**
 * Calls as they go on: what exchanges tell of legs is put together, kept, shown to those whose phones ring, and taken away from them
 * when somebody else has answered. A call that nobody took becomes a callback on a ticket. Source: channels reference, 3.2.
 */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { Rejection } from '../../../../src/shared/mutations/define.ts';
import type { Ticket } from '../../../../src/shared/domain.ts';
import { type Actor, mayWork } from '../../../../src/shared/permissions.ts';
import { readDialled } from '../../../../src/shared/phone.ts';
import type { LiveCall } from '../../../../src/shared/protocol.ts';
import type { Db } from '../../db/database.ts';
import type { Intent } from '../../sync/intent.ts';
import type { Reference } from '../../sync/reference.ts';
import { type Call, callOf, follow, givenUpAfterMs, type Leg, rootOf } from './calls.ts';
import type { CallEvent } from './read.ts';
import { type Ringing, whoRings } from './ringing.ts';

/** ms after the end of a call in which its id, told again, is that call; later it is another one */
const reuseAfterMs = 6 * 3_600_000;
/** ms for which an answered call waits on the screen of whoever took it to be written down */
const noteWithinMs = 8 * 3_600_000;

export interface SwitchboardNeeds {
  db: Db;
  workspaceId: string;
  reference(): Promise<Reference>;
  apply(intent: Intent): Promise<Rejection | null>;
  clock(): number;
  log: Logger;
}

/** What an exchange is told by: whom its names mean, and which numbers belong to which queue. */
export interface ExchangeSettings {
  /** the exchange's names or extensions, and our users' ids */
  users: Readonly<Record<string, string>>;
  /** our own numbers, or the exchange's queues, and our queues' ids */
  queues: Readonly<Record<string, string>>;
}

interface Stored {
  id: string;
  channelId: string;
  direction: 'in' | 'out';
  phone: string | null;
  shown: string | null;
  state: Call['state'];
  outcome: Call['outcome'];
  answeredBy: string | null;
  ringing: Ringing;
  queueId: string;
  startedAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  talkMs: number;
  messageId: string;
  noted: boolean;
}

type OpenTicket = Pick<Ticket, 'id' | 'queueId' | 'assigneeId'>;

export class Switchboard {
  readonly #needs: SwitchboardNeeds;
  readonly #consoles = new Map<string, { actor: Actor; tell: (calls: LiveCall[]) => void; told: string }>();

  constructor(needs: SwitchboardNeeds) {
    this.#needs = needs;
  }

  /** Takes what an exchange tells. Durable when it resolves; told again it changes nothing. */
  async take(channelId: string, exchange: ExchangeSettings, told: CallEvent): Promise<Stored> {
    const call = await this.#store(channelId, exchange, told);
    await this.#follow(call);
    return call;
  }

  /** Gives up calls of which nothing more is heard, and does what a hub that ended in between has left undone. */
  async sweep(): Promise<void> {
    const { db, workspaceId, clock } = this.#needs;
    const silent =
      await sql<Stored>`update phone_call set state = 'ended', outcome = coalesce(outcome, case when state = 'talking' then 'answered' else 'unknown' end),
        ended_at = ${clock()}, ringing = '[]'::jsonb
      where workspace_id = ${workspaceId} and state <> 'ended' and heard_at < ${clock() - givenUpAfterMs} returning ${columns}`.execute(db);
    const undone = await sql<Stored>`select ${columns} from phone_call where workspace_id = ${workspaceId} and state = 'ended' and not noted
      and direction = 'in' and outcome in ('missed', 'voicemail') limit 100`.execute(db);
    for (const call of [...silent.rows, ...undone.rows]) await this.#follow(call);
  }

  /** A console that is shown its calls: now, and whenever they change. */
  async add(sessionId: string, actor: Actor, tell: (calls: LiveCall[]) => void): Promise<void> {
    this.#consoles.set(sessionId, { actor, tell, told: '[]' });
    await this.#tellAll();
  }

  remove(sessionId: string): void {
    this.#consoles.delete(sessionId);
  }

  /** The agent has written it down, or does not want to. */
  async dismiss(callId: string, actor: Actor): Promise<boolean> {
    const { db, workspaceId } = this.#needs;
    const found = await sql`update phone_call set noted = true where workspace_id = ${workspaceId} and id = ${callId}
      and answered_by = ${actor.userId} and state = 'ended' returning 1`.execute(db);
    await this.#tellAll();
    return found.rows.length > 0;
  }

  async #store(channelId: string, exchange: ExchangeSettings, told: CallEvent): Promise<Stored> {
    const { db, workspaceId, clock, reference } = this.#needs;
    const now = clock();
    const { rows } = await reference();
    const channel = rows.channel.get(channelId);
    return db.transaction().execute(async (tx) => {
      // One after another for each exchange: legs of a call are told at once, and in any order.
      await sql`select pg_advisory_xact_lock(hashtextextended(${`cti:${channelId}`}, 2))`.execute(tx);
      const { take, legs } = await this.#legs(tx, channelId, told, now);
      const leg = follow(legs.get(told.callId) ?? null, told, now);
      legs.set(told.callId, leg);
      await sql`insert into phone_leg (workspace_id, channel_id, call_id, take, orig_call_id, leg, heard_at)
        values (${workspaceId}, ${channelId}, ${told.callId}, ${take}, ${leg.origCallId}, ${JSON.stringify(leg)}::jsonb, ${now})
        on conflict (workspace_id, channel_id, call_id, take) do update set orig_call_id = excluded.orig_call_id, leg = excluded.leg,
          heard_at = excluded.heard_at`.execute(tx);
      const root = rootOf(legs, told.callId);
      const mine = [...legs.values()].filter((one) => rootOf(legs, one.callId) === root);
      const call = callOf(root, mine, now);
      const theirs = call.direction === 'in' ? call.from : call.to;
      const ours = call.direction === 'in' ? call.to : call.from;
      const dialled = theirs === null ? null : readDialled(theirs);
      const queueId =
        [call.queue, ours, ours === null ? null : ((n) => (n?.kind === 'number' ? n.e164 : null))(readDialled(ours))]
          .map((name) => (name === null ? undefined : exchange.queues[name]))
          .find((id) => id !== undefined && rows.queue.has(id)) ?? channel?.queueId;
      if (queueId === undefined) throw new Error(`channel ${channelId} has no queue`);
      const people = whoRings(rows, exchange.users, queueId);
      const answeredBy = call.answeredBy === null ? null : people.one(call.answeredBy);
      const answeredAt =
        mine
          .map((one) => one.answeredAt)
          .filter((at) => at !== null)
          .toSorted((a, b) => a - b)[0] ?? null;
      const ringing = call.state === 'ringing' && call.direction === 'in' ? people.all(call.ringing) : [];
      // A leg that is found to belong to another call was one of its own until now.
      const others = mine.map((one) => one.callId).filter((id) => id !== root);
      await sql`delete from phone_call where workspace_id = ${workspaceId} and channel_id = ${channelId} and take = ${take}
        and root = any(${others}::text[]) and not noted`.execute(tx);
      const stored = await sql<Stored>`
        insert into phone_call (workspace_id, id, channel_id, root, take, direction, phone, shown, state, outcome, answered_by, ringing, queue_id,
          started_at, answered_at, ended_at, talk_ms, heard_at, message_id)
        values (${workspaceId}, ${uuid()}, ${channelId}, ${root}, ${take}, ${call.direction},
          ${dialled?.kind === 'number' ? dialled.e164 : (dialled?.digits ?? null)}, ${theirs}, ${call.state}, ${call.outcome}, ${answeredBy},
          ${JSON.stringify(ringing)}::jsonb, ${queueId}, ${call.startedAt}, ${answeredAt}, ${call.endedAt}, ${call.talkMs}, ${now}, ${uuid()})
        on conflict (workspace_id, channel_id, root, take) do update set direction = excluded.direction, phone = excluded.phone,
          shown = excluded.shown, state = excluded.state, outcome = excluded.outcome, answered_by = coalesce(excluded.answered_by, phone_call.answered_by),
          ringing = excluded.ringing, started_at = excluded.started_at, answered_at = excluded.answered_at, ended_at = excluded.ended_at,
          talk_ms = excluded.talk_ms, heard_at = excluded.heard_at
        returning ${columns}`.execute(tx);
      const row = stored.rows[0];
      if (!row) throw new Error('a call is not stored');
      return row;
    });
  }

  /** The legs that hang together with the one that is told of, and which use of its id this is. */
  async #legs(tx: Db, channelId: string, told: CallEvent, now: number): Promise<{ take: number; legs: Map<string, Leg> }> {
    const { workspaceId } = this.#needs;
    const last = await sql<{ take: number; endedAt: number | null }>`
      select take, (leg->>'endedAt')::bigint as ended_at from phone_leg
      where workspace_id = ${workspaceId} and channel_id = ${channelId} and call_id = ${told.callId} order by take desc limit 1`.execute(
      tx,
    );
    const before = last.rows[0];
    const parent =
      told.origCallId === null
        ? undefined
        : (
            await sql<{
              take: number;
            }>`select max(take) as take from phone_leg where workspace_id = ${workspaceId} and channel_id = ${channelId}
              and call_id = ${told.origCallId}`.execute(tx)
          ).rows[0]?.take;
    const again = before && told.event === 'ring' && before.endedAt !== null && now - before.endedAt > reuseAfterMs;
    const take = parent ?? (before ? before.take + (again ? 1 : 0) : 0);
    // Up and down the chain; the number of steps is bounded, whatever an exchange tells.
    const found = await sql<{ leg: Leg }>`
      with recursive hang(call_id, orig, depth) as (
        select ${told.callId}::text, ${told.origCallId}::text, 0
        union
        select l.call_id, l.orig_call_id, h.depth + 1 from hang h join phone_leg l on l.workspace_id = ${workspaceId}
          and l.channel_id = ${channelId} and l.take = ${take}
          and (l.call_id = h.call_id or l.call_id = h.orig or l.orig_call_id = h.call_id) where h.depth < 20
      )
      select distinct on (l.call_id) l.leg from phone_leg l where l.workspace_id = ${workspaceId} and l.channel_id = ${channelId} and l.take = ${take}
        and l.call_id in (select call_id from hang)`.execute(tx);
    return { take, legs: new Map(found.rows.map(({ leg }) => [leg.callId, leg])) };
  }

  /** What follows from where the call stands now. */
  async #follow(call: Stored): Promise<void> {
    const { db, workspaceId, apply, log } = this.#needs;
    const missed = call.direction === 'in' && (call.outcome === 'missed' || call.outcome === 'voicemail');
    if (call.state === 'ended' && missed && !call.noted && call.phone !== null) {
      const rejection = await apply({
        name: 'call.missed',
        args: {
          messageId: call.messageId,
          ticketId: uuid(),
          channelId: call.channelId,
          queueId: call.queueId,
          customer: { id: uuid(), name: call.shown ?? call.phone },
          identity: { id: uuid(), kind: 'phone', value: call.phone },
          call: { direction: 'inbound', phone: call.phone, durationSec: 0, outcome: call.outcome, at: call.startedAt },
        },
      });
      if (rejection) log.error({ rejection, callId: call.id }, 'a missed call finds no ticket');
      else await sql`update phone_call set noted = true where workspace_id = ${workspaceId} and id = ${call.id}`.execute(db);
    }
    await this.#tellAll();
  }

  /** Each console hears of its own calls, and only when they are others than it knows. */
  async #tellAll(): Promise<void> {
    if (this.#consoles.size === 0) return;
    const { db, workspaceId, clock } = this.#needs;
    const live = await sql<Stored & { customerId: string | null; customerName: string | null; open: OpenTicket[] | null }>`
      select ${columns}, c.id as customer_id, c.name as customer_name, t.open from phone_call
      left join identity i on i.workspace_id = phone_call.workspace_id and i.kind = 'phone' and i.value = phone_call.phone
      left join customer c on c.workspace_id = phone_call.workspace_id and c.id = i.customer_id
      left join lateral (select jsonb_agg(jsonb_build_object('id', id, 'queueId', queue_id, 'assigneeId', assignee_id) order by last_message_at desc)
          as open from (select * from ticket where workspace_id = phone_call.workspace_id and customer_id = c.id
          and status not in ('resolved', 'closed', 'spam') order by last_message_at desc limit 10) newest) t on true
      where phone_call.workspace_id = ${workspaceId} and (phone_call.state <> 'ended' or not phone_call.noted) and phone_call.heard_at > ${clock() - noteWithinMs}
      order by phone_call.started_at`.execute(db);
    for (const console of this.#consoles.values()) {
      const me = console.actor.userId;
      const calls = live.rows
        .filter(
          (call) =>
            me !== null &&
            (call.ringing.includes(me) || (call.answeredBy === me && (call.state !== 'ended' || call.outcome === 'answered'))),
        )
        .map((call): LiveCall => ({
          id: call.id,
          direction: call.direction === 'in' ? 'inbound' : 'outbound',
          phone: call.phone,
          shown: call.shown,
          state: call.state,
          startedAt: call.startedAt,
          answeredAt: call.answeredAt,
          endedAt: call.endedAt,
          talkMs: call.talkMs,
          queueId: call.queueId,
          customerId: call.customerId,
          customerName: call.customerName,
          // What they have open, as far as this agent may work it.
          ticketId: call.open?.find((ticket) => mayWork(console.actor, ticket))?.id ?? null,
        }));
      const told = JSON.stringify(calls);
      if (told === console.told) continue;
      console.told = told;
      console.tell(calls);
    }
  }
}

const columns = sql.raw(
  `id, channel_id, direction, phone, shown, state, outcome, answered_by, ringing, queue_id, started_at, answered_at, ended_at,
  talk_ms, message_id, noted`.replaceAll(/(\w+)(,|$)/g, 'phone_call.$1$2'),
);
