/**
 * Whose consoles are connected, to whichever hub, and what happens when somebody's are gone: for a while nothing, then they are
 * "disconnected" and get nothing more, then their live chats go back to where they stood, in the end the rest too. A hub that dies takes its
 * consoles with it: what it has not confirmed for a while does not count. Source: SLA and routing page, presence.
 */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Db } from '../db/database.ts';
import type { Committer } from '../sync/committer.ts';

export interface AttendanceOptions {
  /** ms without a console until somebody counts as disconnected */
  lostMs: number;
  /** ms until live chats go back */
  chatsMs: number;
  /** ms until everything else does, unless it is held for offline work */
  restMs: number;
  /** ms between two looks */
  sweepMs: number;
  clock?: () => number;
}

export class Attendance {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #committer: Committer;
  readonly #log: Logger;
  readonly #options: AttendanceOptions;
  readonly #clock: () => number;
  /** consoles of this hub */
  readonly #mine = new Map<string, string>();
  /** since when this hub looks: consoles need a moment to come back to one that was away */
  #since = 0;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();

  constructor(db: Db, workspaceId: string, committer: Committer, log: Logger, options: AttendanceOptions) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#committer = committer;
    this.#log = log;
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  start(): void {
    this.#since = this.#clock();
    this.#timer = setInterval(() => {
      this.#looking = this.#look().catch((error: unknown) => this.#log.warn({ error }, 'nobody can tell who is there'));
    }, this.#options.sweepMs);
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#looking;
    // A hub that ends in order says so: its consoles come back to another one.
    await this.#leave([...this.#mine.keys()]).catch(() => undefined);
  }

  /** A console has connected. */
  came(lineId: string, userId: string): void {
    this.#mine.set(lineId, userId);
    sql`insert into console_line (workspace_id, id, user_id, seen_at) values (${this.#workspaceId}, ${lineId}, ${userId}, ${this.#clock()})
      on conflict (id) do update set seen_at = excluded.seen_at`
      .execute(this.#db)
      .catch((error: unknown) => this.#log.warn({ error }, 'a console is not written down'));
  }

  /** It is gone. */
  went(lineId: string): void {
    if (!this.#mine.delete(lineId)) return;
    this.#leave([lineId]).catch((error: unknown) => this.#log.warn({ error }, 'a console that left stays written down'));
  }

  async #leave(lineIds: string[]): Promise<void> {
    if (lineIds.length === 0) return;
    await sql`with gone as (delete from console_line where id = any(${lineIds}::uuid[]) returning user_id)
      insert into console_gone (workspace_id, user_id, at) select distinct ${this.#workspaceId}::uuid, user_id, ${this.#clock()}::bigint from gone
      on conflict (workspace_id, user_id) do update set at = excluded.at`.execute(this.#db);
  }

  async #look(): Promise<void> {
    const now = this.#clock();
    const { lostMs, chatsMs, restMs, sweepMs } = this.#options;
    const mine = [...this.#mine.entries()];
    if (mine.length > 0) {
      await sql`insert into console_line (workspace_id, id, user_id, seen_at)
        select ${this.#workspaceId}::uuid, id, user_id, ${now}::bigint
        from unnest(${mine.map(([id]) => id)}::uuid[], ${mine.map(([, userId]) => userId)}::uuid[]) as of(id, user_id)
        on conflict (id) do update set seen_at = excluded.seen_at`.execute(this.#db);
    }
    // What a hub that died has left behind.
    await sql`with gone as (delete from console_line where workspace_id = ${this.#workspaceId} and seen_at < ${now - 4 * sweepMs}
        returning user_id, seen_at)
      insert into console_gone (workspace_id, user_id, at) select ${this.#workspaceId}::uuid, user_id, max(seen_at) from gone group by user_id
      on conflict (workspace_id, user_id) do update set at = greatest(console_gone.at, excluded.at)`.execute(this.#db);
    // Nobody has written down since when: since now. The tables may have been lost with the machine.
    await sql`insert into console_gone (workspace_id, user_id, at)
      select p.workspace_id, p.id, ${now}::bigint from presence p where p.workspace_id = ${this.#workspaceId} and p.state <> 'offline'
        and not exists (select from console_line l where l.workspace_id = p.workspace_id and l.user_id = p.id)
      on conflict (workspace_id, user_id) do nothing`.execute(this.#db);
    const lost = await sql<{ id: string; state: string; since: number; gone: number }>`
      select p.id, p.state, p.since, greatest(g.at, ${this.#since}) as gone from presence p
      join console_gone g on g.workspace_id = p.workspace_id and g.user_id = p.id
      where p.workspace_id = ${this.#workspaceId} and p.state <> 'offline' and greatest(g.at, ${this.#since}) <= ${now - lostMs}
        and not exists (select from console_line l where l.workspace_id = p.workspace_id and l.user_id = p.id)`.execute(this.#db);
    for (const { id, state, since, gone } of lost.rows) {
      if (state !== 'disconnected') await this.#committer.system({ name: 'presence.lost', args: { userId: id, since } });
      if (now - gone >= chatsMs) await this.#giveBack(id, now - gone >= restMs);
    }
  }

  /** Live chats only, or everything; what is held offline stays. */
  async #giveBack(userId: string, everything: boolean): Promise<void> {
    const held = await sql<{ id: string }>`
      select id from ticket where workspace_id = ${this.#workspaceId} and assignee_id = ${userId} and status not in ('resolved', 'closed', 'spam')
        and (${everything} or channel = 'chat') and (lease_by is null or lease_until <= ${this.#clock()})`.execute(this.#db);
    await Promise.all(held.rows.map(({ id }) => this.#committer.system({ name: 'ticket.requeue', args: { ticketId: id, userId } })));
  }
}
