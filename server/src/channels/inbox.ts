/**
 * What comes in through channels. A request is stored, cut into its things, before it is answered; a job then hands them, one thread
 * in order, to the same committer that every other change goes through. One that fails is set aside with its reason, and what comes
 * after it goes on. Handling a thing again changes nothing: its rows' ids were drawn when it was stored.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import type { Db } from '../db/database.ts';
import { addJobs } from '../jobs/queue.ts';
import { type Inbound, type Item, storableItem } from './inbound.ts';

/** What has become of a thing. `kept`: of no use now; `waitsFor`: until that comes; `aside`: it failed for the reason in `error`. */
export interface Handled {
  state: 'done' | 'kept' | 'aside';
  error?: string;
  waitsFor?: string;
}

export interface InboxNeeds {
  db: Db;
  workspaceId: string;
  /** does what a thing calls for; doing it again changes nothing. Throws when trying again later may help */
  handle(channelId: string, stored: StoredEvent): Promise<Handled>;
  /** something has come through this channel */
  heard(channelId: string, now: number): Promise<void>;
  clock(): number;
}

export interface StoredEvent {
  id: number;
  thread: string;
  event: Inbound;
  /** the vendor's moment, ms */
  at: number | null;
  receivedAt: number;
  attempts: number;
  /** drawn when it was stored: of the message that it becomes */
  messageId: string;
}

/** tries after which a thing that fails is set aside */
const mostAttempts = 6;

/** Job of a thread that has something new. */
export const inboundJob = 'inbound';

export class Inbox {
  readonly #needs: InboxNeeds;

  constructor(needs: InboxNeeds) {
    this.#needs = needs;
  }

  /**
   * Durable when this returns. How many things were new; told again, a thing is known by its key. `also`: what has to be written in the
   * same transaction, new or not.
   */
  async store(
    channelId: string,
    request: { headers: Record<string, string>; body: Buffer },
    items: Item[],
    also?: (tx: Db, added: number) => Promise<void>,
  ): Promise<number> {
    const { db, workspaceId, clock } = this.#needs;
    const first = new Map(items.map(storableItem).map((item) => [item.key, item]));
    const things = [...first.values()].map((item) => ({ ...item, messageId: uuid() }));
    return db.transaction().execute(async (tx) => {
      const { id: requestId } = await tx
        .insertInto('inboundRequest')
        .values({ workspaceId, channelId, headers: JSON.stringify(request.headers), body: request.body, receivedAt: clock(), error: null })
        .returning('id')
        .executeTakeFirstOrThrow();
      const added = await sql<{ thread: string }>`
        insert into inbound_event (workspace_id, channel_id, key, thread, request_id, event, at, received_at, message_id)
        select ${workspaceId}, ${channelId}, thing->>'key', thing->>'thread', ${requestId}, thing->'event', (thing->>'at')::bigint, ${clock()},
          (thing->>'messageId')::uuid
        from jsonb_array_elements(${JSON.stringify(things)}::jsonb) with ordinality as told(thing, place) order by place
        on conflict (workspace_id, channel_id, key) do nothing returning thread`.execute(tx);
      if (added.rows.length === 0) {
        // Nothing but what is here already.
        await tx.deleteFrom('inboundRequest').where('workspaceId', '=', workspaceId).where('id', '=', requestId).execute();
        await also?.(tx, 0);
        return 0;
      }
      await queueThreads(
        tx,
        added.rows.map(({ thread }) => ({ channelId, thread })),
      );
      await also?.(tx, added.rows.length);
      return added.rows.length;
    });
  }

  /** A request that carries the vendor's signature and can't be read: kept for whoever looks into it. The same one is kept once. */
  async storeUnreadable(channelId: string, request: { headers: Record<string, string>; body: Buffer }, error: string): Promise<void> {
    const { db, workspaceId, clock } = this.#needs;
    await sql`insert into inbound_request (workspace_id, channel_id, headers, body, received_at, error)
      select ${workspaceId}, ${channelId}, ${JSON.stringify(request.headers)}::jsonb, ${request.body}, ${clock()}, ${error}
      where not exists (select 1 from inbound_request where workspace_id = ${workspaceId} and channel_id = ${channelId}
        and error is not null and body = ${request.body})`.execute(db);
  }

  /** Handles what is new in a thread, in order. Throws only when trying again later may help; what is done stays done. */
  async work(channelId: string, thread: string): Promise<void> {
    const { db, workspaceId, handle, clock } = this.#needs;
    for (;;) {
      const next = await sql<StoredEvent>`
        select id, thread, event, at, received_at, message_id, attempts from inbound_event
        where workspace_id = ${workspaceId} and channel_id = ${channelId} and thread = ${thread} and state = 'new' order by id limit 1`.execute(
        db,
      );
      const stored = next.rows[0];
      if (!stored) return;
      const outcome = await handle(channelId, stored).catch(async (error: unknown): Promise<Handled> => {
        // It may be the moment (a database that restarts), or the thing itself: then it must not hold up what comes after it.
        if (stored.attempts + 1 < mostAttempts) {
          await sql`update inbound_event set attempts = attempts + 1 where workspace_id = ${workspaceId} and id = ${stored.id}`.execute(db);
          throw error;
        }
        return { state: 'aside', error: error instanceof Error ? error.message.slice(0, 500) : 'it failed' };
      });
      await sql`update inbound_event set state = ${outcome.state}, error = ${outcome.error ?? null}, waits_for = ${outcome.waitsFor ?? null},
        attempts = attempts + 1 where workspace_id = ${workspaceId} and id = ${stored.id}`.execute(db);
      // What it waits for may have come in the meantime.
      if (outcome.waitsFor !== undefined && (await isHere(this.#needs, channelId, outcome.waitsFor))) {
        await wakeWaiting(this.#needs, channelId, [outcome.waitsFor]);
      }
      await this.#needs.heard(channelId, clock());
    }
  }

  /** What was set aside, or is kept, is tried once more. @returns false when there is no such thing */
  async retry(id: number): Promise<boolean> {
    const { db, workspaceId } = this.#needs;
    return db.transaction().execute(async (tx) => {
      const woken = await sql<Thread>`update inbound_event set state = 'new', error = null, waits_for = null
        where workspace_id = ${workspaceId} and id = ${id} and state in ('aside', 'kept') returning channel_id, thread`.execute(tx);
      await queueThreads(tx, woken.rows);
      return woken.rows.length > 0;
    });
  }
}

interface Thread {
  channelId: string;
  thread: string;
}

/** A queue of its own for each thread: one worker at a time, in whichever hub. */
async function queueThreads(tx: Db, threads: readonly Thread[]): Promise<void> {
  const keys = new Map(threads.map((one) => [JSON.stringify([one.channelId, one.thread]), one]));
  const jobs = [...keys.values()].map(({ channelId, thread }) => {
    const queue = `in:${channelId}:${createHash('sha256').update(thread).digest('base64url').slice(0, 22)}`;
    // A job of its own: with a key, one that is begun at this very moment would swallow this one, and it does not see what is stored here
    // until this commits. One that finds nothing to do is cheap.
    return { task: inboundJob, key: null, queue, at: null, payload: { channelId, thread } };
  });
  if (jobs.length > 0) await addJobs(jobs).execute(tx);
}

/** What was told of something before it came is taken up again. `keys`: vendors' ids, or what else it waits for. */
export async function wakeWaiting(
  { db, workspaceId }: Pick<InboxNeeds, 'db' | 'workspaceId'>,
  channelId: string,
  keys: string[],
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const woken = await sql<Thread>`update inbound_event set state = 'new', waits_for = null
      where workspace_id = ${workspaceId} and channel_id = ${channelId} and state = 'kept' and waits_for = any(${keys}::text[])
      returning channel_id, thread`.execute(tx);
    await queueThreads(tx, woken.rows);
  });
}

const sendingPrefix = 'sending:';
/** What an echo waits for that came while something was being handed over in its thread. */
export const sendingTo = (thread: string) => `${sendingPrefix}${thread}`;

async function isHere({ db, workspaceId }: InboxNeeds, channelId: string, key: string): Promise<boolean> {
  const found = key.startsWith(sendingPrefix)
    ? await sql`select 1 where not exists (select 1 from outbound_part where workspace_id = ${workspaceId} and channel_id = ${channelId}
        and thread = ${key.slice(sendingPrefix.length)} and state = 'sending')`.execute(db)
    : await sql`select 1 from external_id where workspace_id = ${workspaceId} and channel_id = ${channelId} and value = ${key}
        and message_id is not null`.execute(db);
  return found.rows.length > 0;
}
