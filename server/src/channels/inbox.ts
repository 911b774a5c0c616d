/**
 * What comes in through channels. A request is stored, cut into its things, before it is answered; a job then hands them, one thread
 * in order, to the same committer that every other change goes through. One that fails is set aside with its reason, and what comes
 * after it goes on. Handling a thing again changes nothing: its rows' ids were drawn when it was stored.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import type { Db } from '../db/database.ts';
import type { Intent } from '../sync/unit.ts';
import type { Inbound, Item } from './inbound.ts';

export interface InboxNeeds {
  db: Db;
  workspaceId: string;
  apply(intent: Intent): Promise<Rejection | null>;
  clock(): number;
}

interface Stored {
  id: number;
  event: Inbound;
  at: number | null;
  messageId: string;
}

/** Job of a thread that has something new. */
export const inboundJob = 'inbound';

export class Inbox {
  readonly #needs: InboxNeeds;

  constructor(needs: InboxNeeds) {
    this.#needs = needs;
  }

  /** Durable when this returns. How many things were new; told again, a thing is known by its key. */
  async store(channelId: string, request: { headers: Record<string, string>; body: Buffer }, items: Item[]): Promise<number> {
    const { db, workspaceId, clock } = this.#needs;
    const first = new Map(items.map((item) => [item.key, item]));
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
        return 0;
      }
      for (const thread of new Set(added.rows.map((row) => row.thread))) {
        const job = `in:${channelId}:${createHash('sha256').update(thread).digest('base64url').slice(0, 22)}`;
        const payload = JSON.stringify({ channelId, thread });
        // A queue of its own: one worker at a time, in whichever hub.
        await sql`select graphile_worker.add_job(${inboundJob}, ${payload}::json, queue_name := ${job}, job_key := ${job})`.execute(tx);
      }
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
    const { db, workspaceId } = this.#needs;
    for (;;) {
      const next = await sql<Stored>`
        select id, event, at, message_id from inbound_event
        where workspace_id = ${workspaceId} and channel_id = ${channelId} and thread = ${thread} and state = 'new' order by id limit 1`.execute(
        db,
      );
      const stored = next.rows[0];
      if (!stored) return;
      const outcome = await this.#handle(channelId, stored);
      await sql`update inbound_event set state = ${outcome.state}, error = ${outcome.error}, attempts = attempts + 1
        where workspace_id = ${workspaceId} and id = ${stored.id}`.execute(db);
    }
  }

  async #handle(channelId: string, { event, at, messageId }: Stored): Promise<{ state: 'done' | 'kept' | 'aside'; error: string | null }> {
    switch (event.type) {
      case 'message': {
        const rejection = await this.#needs.apply({
          name: 'message.receive',
          args: {
            messageId,
            ticketId: uuid(),
            channelId,
            body: clean(event.text),
            subject: null,
            customer: {
              id: uuid(),
              name: clean(event.from.name ?? '') || `${names[event.from.kind] ?? 'Khách'} ${event.from.value.slice(-4)}`,
            },
            // The vendor vouches for its own ids.
            identity: { id: uuid(), kind: event.from.kind, value: event.from.value, verified: true },
            authoredAt: at ?? this.#needs.clock(),
          },
        });
        return rejection ? { state: 'aside', error: `${rejection.code}${rejection.field ? ` (${rejection.field})` : ''}` } : done;
      }
      case 'test':
        return done;
      default:
        return { state: 'kept', error: null };
    }
  }
}

const done = { state: 'done', error: null } as const;

/** How somebody is called until they have said their name. */
const names: Partial<Record<string, string>> = { messenger: 'Khách Messenger', zalo: 'Khách Zalo' };

/** What the database can't keep is taken out of what strangers send: NUL and halves of surrogate pairs. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}
