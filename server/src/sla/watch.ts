/**
 * Declares breaches and takes the steps that follow them. What is due stands in the database alone, so it does not matter which hub looks,
 * or how many do: each change checks that it is still meant, and is made once.
 */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Db } from '../db/database.ts';
import type { Committer } from '../sync/committer.ts';
import type { Intent } from '../sync/intent.ts';

/** ms between two looks; a breach is recorded for the moment at which it was due, however late it is seen */
const everyMs = 1000;
/** changes of one look; more follow at once */
const most = 200;

export class SlaWatch {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #committer: Committer;
  readonly #log: Logger;
  readonly #clock: () => number;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(db: Db, workspaceId: string, committer: Committer, log: Logger, clock: () => number = Date.now) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#committer = committer;
    this.#log = log;
    this.#clock = clock;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.look().catch((error: unknown) => this.#log.warn({ error }, 'clocks that have run out can not be read'));
    }, everyMs);
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.#looking?.catch(() => undefined);
  }

  /** Whatever is due by now is done when this resolves. */
  look(): Promise<void> {
    this.#looking ??= this.#all().finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #all(): Promise<void> {
    for (let before = ''; ;) {
      const due = await this.#due();
      const these = JSON.stringify(due);
      const refused = await Promise.all(due.map((intent) => this.#committer.system(intent)));
      // One that the rules refuse, or that turns out not to be meant, would be found again and again: it waits for the next look.
      if (due.length < most || these === before || refused.every((rejection) => rejection !== null)) return;
      before = these;
    }
  }

  async #due(): Promise<Intent[]> {
    const now = this.#clock();
    const late = await sql<{ id: string; ticketId: string; dueAt: number }>`
      select id, ticket_id, due_at from sla_clock
      where workspace_id = ${this.#workspaceId} and state = 'running' and ended_at is null and due_at <= ${now}
      order by due_at limit ${most}`.execute(this.#db);
    const next = await sql<{ id: string; ticketId: string; escalated: number }>`
      select id, ticket_id, escalated from sla_clock
      where workspace_id = ${this.#workspaceId} and escalate_at is not null and ended_at is null and escalate_at <= ${now}
      order by escalate_at limit ${most}`.execute(this.#db);
    return [
      ...late.rows.map(({ id, ticketId, dueAt }) => ({ name: 'sla.breach', args: { ticketId, clockId: id, dueAt } })),
      ...next.rows.map(({ id, ticketId, escalated }) => ({ name: 'sla.escalate', args: { ticketId, clockId: id, step: escalated } })),
    ];
  }
}
