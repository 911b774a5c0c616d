/**
 * Gives out what waits. Any number of hubs may run it side by side: each looks at the database, decides by the same rules, and proposes;
 * the commit of a proposal decides whether it still holds (mutations/offer.ts). It runs after every change that may matter, when time alone
 * may have changed the answer, and every few seconds in any case, so that nothing is forgotten.
 */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { v5 as uuidOf, v7 as uuid } from 'uuid';
import { type Decision, decide, nextFor, type WaitingTicket } from '../../../src/shared/routing.ts';
import type { Change } from '../../../src/shared/protocol.ts';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import type { Db } from '../db/database.ts';
import type { Committer } from '../sync/committer.ts';
import type { Intent } from '../sync/intent.ts';
import { readWorld, routedQueues } from './world.ts';

export interface RouterOptions {
  /** ms between two looks in any case */
  sweepMs: number;
  clock?: () => number;
}

/** ms in which further changes join the look that the first of them calls for */
const gatherMs = 20;
/** what is decided anew at once when others were quicker */
const mostRounds = 20;

const watched: ReadonlySet<string> = new Set(['ticket', 'presence', 'offer', 'queue', 'queueMember', 'user', 'userSkill', 'calendar']);

export class Router {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #committer: Committer;
  readonly #log: Logger;
  readonly #sweepMs: number;
  readonly #clock: () => number;
  #sweep: NodeJS.Timeout | null = null;
  #soon: NodeJS.Timeout | null = null;
  #wake: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(db: Db, workspaceId: string, committer: Committer, log: Logger, { sweepMs, clock = Date.now }: RouterOptions) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#committer = committer;
    this.#log = log;
    this.#sweepMs = sweepMs;
    this.#clock = clock;
  }

  start(): void {
    this.#sweep = setInterval(() => this.look(), this.#sweepMs);
    this.look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of [this.#sweep, this.#soon, this.#wake]) if (timer) clearTimeout(timer);
    await this.#looking;
  }

  /** Something was committed, here or by another hub. */
  changed(changes: readonly Change[]): void {
    if (this.#soon || !changes.some(({ entity }) => watched.has(entity))) return;
    this.#soon = setTimeout(() => {
      this.#soon = null;
      this.look();
    }, gatherMs);
  }

  /** Looks now, or once more when the look that is under way has ended. */
  look(): void {
    if (this.#stopped) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = this.#pass()
      .catch((error: unknown) => this.#log.warn({ error }, 'work can not be given out'))
      .finally(() => {
        this.#looking = null;
        if (!this.#again) return;
        this.#again = false;
        this.look();
      });
  }

  /** The head of this agent's queues, theirs from now on; null: nothing waits that they may have. */
  async next(userId: string): Promise<{ ticketId: string } | { rejection: Rejection | null }> {
    for (let round = 0; round < mostRounds; round += 1) {
      const reference = await this.#committer.reference();
      const now = this.#clock();
      const queues = routedQueues(reference, now);
      const world = await readWorld(this.#db, this.#workspaceId, reference, queues, now);
      const agent = world.agents.find(({ id }) => id === userId);
      const ticketId = agent ? nextFor(agent, world, now) : null;
      if (ticketId === null) return { rejection: null };
      const rejection = await this.#committer.act(userId, { name: 'ticket.take', args: { ticketId } });
      if (!rejection) return { ticketId };
      if (rejection.code !== 'ALREADY_ASSIGNED') return { rejection };
    }
    return { rejection: null };
  }

  async #pass(): Promise<void> {
    await this.#lapse();
    for (let round = 0; round < mostRounds && !this.#stopped; round += 1) {
      const reference = await this.#committer.reference();
      const now = this.#clock();
      const queues = routedQueues(reference, now);
      if (queues.size === 0) return this.#wakeAt(null, now);
      const world = await readWorld(this.#db, this.#workspaceId, reference, queues, now);
      const { decisions, wakeAt } = decide(world, now);
      this.#wakeAt(wakeAt, now);
      if (decisions.length === 0) return;
      const waiting = new Map(world.waiting.map((ticket) => [ticket.id, ticket]));
      const intents = await this.#unsaid(decisions.flatMap((decision) => proposalOf(decision, waiting.get(decision.ticketId)) ?? []));
      if (intents.length === 0) return;
      await Promise.all(intents.map((intent) => this.#committer.system(intent)));
    }
  }

  /** Without what has been said before: a customer who goes on waiting is asked once. */
  async #unsaid(proposals: Proposal[]): Promise<Intent[]> {
    const ids = proposals.flatMap(({ saidAs }) => saidAs ?? []);
    const found =
      ids.length === 0
        ? []
        : (
            await sql<{ id: string }>`
              select id from message where workspace_id = ${this.#workspaceId} and id = any(${ids}::uuid[])`.execute(this.#db)
          ).rows;
    const said = new Set(found.map(({ id }) => id));
    return proposals.filter(({ saidAs }) => saidAs === undefined || !said.has(saidAs)).map(({ intent }) => intent);
  }

  /** Offers that nobody has answered, and wrap-ups that are over. */
  async #lapse(): Promise<void> {
    const now = this.#clock();
    const offers = await sql<{ id: string }>`
      select id from offer where workspace_id = ${this.#workspaceId} and state = 'ringing' and until <= ${now} limit 500`.execute(this.#db);
    const ended = await sql<{ id: string; until: number }>`
      select id, until from presence where workspace_id = ${this.#workspaceId} and until <= ${now} limit 500`.execute(this.#db);
    await Promise.all([
      ...offers.rows.map(({ id }) => this.#committer.system({ name: 'offer.lapse', args: { offerId: id } })),
      ...ended.rows.map(({ id, until }) => this.#committer.system({ name: 'presence.ends', args: { userId: id, until } })),
    ]);
    const next = await sql<{ at: number | null }>`
      select least((select min(until) from offer where workspace_id = ${this.#workspaceId} and state = 'ringing'),
        (select min(until) from presence where workspace_id = ${this.#workspaceId})) as at`.execute(this.#db);
    this.#lapseAt = next.rows[0]?.at ?? null;
  }

  #lapseAt: number | null = null;

  #wakeAt(at: number | null, now: number): void {
    if (this.#wake) clearTimeout(this.#wake);
    this.#wake = null;
    const next = Math.min(at ?? Infinity, this.#lapseAt ?? Infinity);
    if (next - now < this.#sweepMs) this.#wake = setTimeout(() => this.look(), Math.max(5, next - now));
  }
}

interface Proposal {
  intent: Intent;
  /** the message that it would be; where that is there already, it has been done */
  saidAs?: string;
}

function proposalOf(decision: Decision, ticket: WaitingTicket | undefined): Proposal | null {
  const { ticketId } = decision;
  switch (decision.do) {
    case 'offer': {
      const { userId, until } = decision;
      return { intent: { name: 'offer.make', args: { offerId: uuid(), ticketId, userId, until } } };
    }
    case 'assign':
      return { intent: { name: 'ticket.give', args: { ticketId, userId: decision.userId } } };
    case 'overflow': {
      if (!ticket) return null;
      const { queueId: from, enqueuedAt, channel } = ticket;
      const { to, why } = decision;
      if (to.kind === 'queue')
        return { intent: { name: 'ticket.overflow', args: { ticketId, from, to: to.queueId, why, messageId: uuid() } } };
      // Nothing can be said to somebody who has hung up, and whoever writes mails need not be asked for an address.
      if (channel === 'phone' || channel === 'other' || channel === to.kind) return null;
      const messageId = uuidOf(`${to.kind} ${enqueuedAt}`, ticketId);
      return { intent: { name: 'ticket.offerWay', args: { ticketId, from, way: to.kind, messageId } }, saidAs: messageId };
    }
  }
}
