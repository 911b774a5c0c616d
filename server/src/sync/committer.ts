/**
 * Takes changes to a workspace one group after the other: whatever has come in while a commit was under way
 * goes into the next one. An answer is given only after the commit.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Logger } from 'pino';
import type { Mutation, Rejection } from '../../../src/shared/mutations/define.ts';
import { type Actor, systemActor } from '../../../src/shared/permissions.ts';
import type { Change, MutationResult, PushAnswer, RefusalCode, WireMutation } from '../../../src/shared/protocol.ts';
import type { Db } from '../db/database.ts';
import { actorOf, loadReference, type Reference } from './reference.ts';
import { type Intent, parseIntent } from './intent.ts';
import { Unit } from './unit.ts';

/** The whole job can't be taken; nothing of it was applied. */
export class Refused extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode) {
    super(code);
    this.code = code;
  }
}

interface Job {
  client: { id: string; userId: string } | null;
  /** whoever acts without an outbox, and waits for the verdict; null: the hub itself, unless there is a client */
  userId: string | null;
  mutations: WireMutation[];
  resolve: (answer: PushAnswer) => void;
  reject: (error: unknown) => void;
}

/** Mutations in one transaction: enough to drain an outage, few enough to keep others waiting briefly. */
const largestGroup = 200;

export class Committer {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #log: Logger;
  readonly #clock: () => number;
  readonly #committed: (changes: Change[]) => void;
  #waiting: Job[] = [];
  #running = false;
  #reference: Reference | null = null;
  #loading: { version: number; loaded: Promise<Reference> } | null = null;

  constructor(db: Db, workspaceId: string, log: Logger, clock: () => number, committed: (changes: Change[]) => void) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#log = log;
    this.#clock = clock;
    this.#committed = committed;
  }

  /** A workstation's queued mutations. Rejects with `Refused`. */
  push(client: { id: string; userId: string }, mutations: WireMutation[]): Promise<PushAnswer> {
    return new Promise((resolve, reject) => this.#enqueue({ client, userId: null, mutations, resolve, reject }));
  }

  /** A change by the hub itself (channels, timers). Returns why it was refused, or null. */
  system(intent: Intent): Promise<Rejection | null> {
    return this.#alone(intent, null);
  }

  /** A change by a person who waits for the verdict. Returns why it was refused, or null; rejects with `Refused`. */
  act(userId: string, intent: Intent): Promise<Rejection | null> {
    return this.#alone(intent, userId);
  }

  async #alone(intent: Intent, userId: string | null): Promise<Rejection | null> {
    const mutation: WireMutation = { ...intent, id: 1, key: '', authoredAt: 0, baseSeq: 0 };
    const answer = await new Promise<PushAnswer>((resolve, reject) =>
      this.#enqueue({ client: null, userId, mutations: [mutation], resolve, reject }),
    );
    return answer.results[0]?.rejection ?? null;
  }

  /** The reference data as of the last commit or, at first, as stored. */
  async reference(): Promise<Reference> {
    const counter = await sql<{
      referenceSeq: number;
    }>`select reference_seq from workspace_counter where workspace_id = ${this.#workspaceId}`.execute(this.#db);
    const version = counter.rows[0]?.referenceSeq ?? 0;
    if (this.#reference?.version === version) return this.#reference;
    // Loaded once for all who ask meanwhile: after a restart every console does.
    if (this.#loading?.version !== version) {
      this.#loading = { version, loaded: loadReference(this.#db, this.#workspaceId, version) };
    }
    const loading = this.#loading;
    try {
      const reference = await loading.loaded;
      if (reference.version > (this.#reference?.version ?? -1)) this.#reference = reference;
      return reference;
    } finally {
      if (this.#loading === loading) this.#loading = null;
    }
  }

  #enqueue(job: Job): void {
    this.#waiting.push(job);
    if (!this.#running) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      try {
        // One connection for as long as there is work: a commit must not wait behind a thousand consoles that come back.
        await this.#db.connection().execute(async (connection) => {
          for (let sound = true; sound && this.#waiting.length > 0;) sound = await this.#group(connection, this.#nextGroup());
        });
      } catch (error) {
        this.#log.error({ error }, 'no connection to commit on');
        for (const job of this.#nextGroup()) job.reject(new Refused('UNAVAILABLE'));
      }
    }
    this.#running = false;
  }

  #nextGroup(): Job[] {
    let count = 0;
    let size = 0;
    while (count < this.#waiting.length && (count === 0 || size + (this.#waiting[count]?.mutations.length ?? 0) <= largestGroup)) {
      size += this.#waiting[count]?.mutations.length ?? 0;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /**
   * Commits the jobs together; when the database refuses the data, finds the one at fault by taking them apart.
   * False when the connection may be at fault.
   */
  async #group(connection: Db, jobs: Job[]): Promise<boolean> {
    try {
      const answers = await this.#commit(connection, jobs, null);
      jobs.forEach((job, index) => {
        const answer = answers[index];
        if (answer instanceof Error) job.reject(answer);
        else if (answer) job.resolve(answer);
      });
      return true;
    } catch (error) {
      if (!isDataError(error)) {
        this.#log.error({ error }, 'commit failed');
        for (const job of jobs) job.reject(new Refused('UNAVAILABLE'));
        return false;
      }
      let sound = true;
      if (jobs.length > 1) for (const job of jobs) sound = (await this.#group(connection, [job])) && sound;
      else if (jobs[0]) sound = await this.#apart(connection, jobs[0]);
      return sound;
    }
  }

  /** One job that the database refuses: each mutation alone, and the poisonous one is refused and passed by. */
  async #apart(connection: Db, job: Job): Promise<boolean> {
    const all: MutationResult[] = [];
    let last = 0;
    let seq = 0;
    for (const mutation of job.mutations) {
      const one = { ...job, mutations: [mutation] };
      try {
        let answers: (PushAnswer | Error)[];
        try {
          answers = await this.#commit(connection, [one], null);
        } catch (error) {
          if (!isDataError(error)) throw error;
          this.#log.error({ error, mutation: mutation.name }, 'a mutation that the database refuses');
          answers = await this.#commit(connection, [one], { code: 'INTERNAL' });
        }
        const answer = answers[0];
        if (!answer || answer instanceof Error) throw answer ?? new Error('no answer');
        all.push(...answer.results);
        last = answer.lastMutationId;
        seq = answer.seq;
      } catch (error) {
        job.reject(error instanceof Refused ? error : new Refused('UNAVAILABLE'));
        return error instanceof Refused;
      }
    }
    job.resolve({ lastMutationId: last, results: all, seq });
    return true;
  }

  async #commit(connection: Db, jobs: Job[], poison: Rejection | null): Promise<(PushAnswer | Error)[]> {
    let changes: Change[] = [];
    const answers = await connection.transaction().execute(async (tx) => {
      // 1. The counter first: commits follow one another, and the log has no holes that fill later.
      const locked = await sql<{ seq: number; ticketNumber: number; lastAt: number; referenceSeq: number }>`
        select seq, ticket_number, last_at, reference_seq from workspace_counter where workspace_id = ${this.#workspaceId} for update`.execute(
        tx,
      );
      const counter = locked.rows[0];
      if (!counter) throw new Error(`workspace ${this.#workspaceId} has no counter`);
      if (this.#reference?.version !== counter.referenceSeq) {
        this.#reference = await loadReference(tx, this.#workspaceId, counter.referenceSeq);
      }
      const reference = this.#reference;
      const unit = new Unit(tx, this.#workspaceId, reference, counter, this.#clock);
      const known = await this.#known(tx, jobs);

      // 2. What has been processed before is answered from its stored result and not run again.
      const plans = jobs.map((job) => this.#plan(job, reference, known));
      await unit.prepare(
        plans.flatMap((plan) =>
          plan instanceof Error ? [] : plan.steps.flatMap((step) => ('mutation' in step ? [{ ...step, me: plan.actor.userId }] : [])),
        ),
      );

      // 3. Apply in order.
      const results: RawBuilder<unknown>[] = [];
      const stored: Record<string, unknown>[] = [];
      const acks: Omit<Change, 'seq'>[] = [];
      const marks: { id: string; last: number }[] = [];
      const out = plans.map((plan, index) => {
        const job = jobs[index];
        if (plan instanceof Error || !job) return plan instanceof Error ? plan : new Error('no job');
        const done: MutationResult[] = [];
        const news: MutationResult[] = [];
        for (const step of plan.steps) {
          if ('result' in step) {
            done.push(step.result);
            continue;
          }
          const rejection = poison ?? ('rejection' in step ? step.rejection : this.#run(unit, step, plan.actor));
          const result: MutationResult = rejection ? { id: step.wire.id, ok: false, rejection } : { id: step.wire.id, ok: true };
          done.push(result);
          news.push(result);
          if (job.client) {
            stored.push({
              workspace_id: this.#workspaceId,
              client_id: job.client.id,
              mutation_id: step.wire.id,
              key: step.wire.key,
              result,
              at: unit.now,
            });
          }
        }
        const last = Math.max(plan.last, ...done.map((result) => result.id));
        if (job.client && news.length > 0) {
          marks.push({ id: job.client.id, last });
          acks.push({
            scope: `client:${job.client.id}`,
            op: 'ack',
            entity: 'client',
            id: job.client.id,
            row: { lastMutationId: last, results: news },
          });
        }
        return { lastMutationId: last, results: done };
      });
      if (stored.length > 0) {
        results.push(
          sql`insert into mutation_result select * from jsonb_populate_recordset(null::mutation_result, ${JSON.stringify(stored)}::jsonb)`,
        );
      }
      if (marks.length > 0) {
        results.push(sql`update client set last_mutation_id = mark.last, last_seen_at = ${unit.now}
          from jsonb_to_recordset(${JSON.stringify(marks)}::jsonb) as mark(id uuid, last bigint)
          where client.workspace_id = ${this.#workspaceId} and client.client_id = mark.id`);
      }
      // 4. Write.
      if (unit.changed || acks.length > 0) changes = await unit.flush(acks, results);
      const seq = changes.at(-1)?.seq ?? counter.seq;
      return out.map((answer) => (answer instanceof Error ? answer : { ...answer, seq }));
    });
    if (changes.length > 0) this.#committed(changes);
    return answers;
  }

  #run(unit: Unit, { wire, mutation, args }: Extract<Step, { mutation: Mutation }>, actor: Actor): Rejection | null {
    try {
      return unit.run(mutation, args, actor, wire.name, wire.authoredAt);
    } catch (error) {
      this.#log.error({ error }, 'a mutation failed');
      return { code: 'INTERNAL' };
    }
  }

  async #known(tx: Db, jobs: Job[]): Promise<Known> {
    const pushed = jobs.flatMap((job) => (job.client ? [{ id: job.client.id, mutations: job.mutations }] : []));
    const clients = new Map<string, { userId: string; last: number; revoked: boolean }>();
    const results = new Map<string, MutationResult>();
    if (pushed.length === 0) return { clients, results };
    const found = await sql<{ clientId: string; userId: string; lastMutationId: number; revokedAt: number | null }>`
      select client_id, user_id, last_mutation_id, revoked_at from client
      where workspace_id = ${this.#workspaceId} and client_id = any(${pushed.map((push) => push.id)}::uuid[])`.execute(tx);
    for (const row of found.rows)
      clients.set(row.clientId, { userId: row.userId, last: row.lastMutationId, revoked: row.revokedAt !== null });
    const keys = pushed.flatMap((push) => push.mutations.map((mutation) => mutation.key));
    const seen = await sql<{ key: string; result: MutationResult }>`
      select key, result from mutation_result where workspace_id = ${this.#workspaceId} and key = any(${keys}::uuid[])`.execute(tx);
    for (const row of seen.rows) results.set(row.key, row.result);
    return { clients, results };
  }

  #plan(job: Job, reference: Reference, known: Known): Plan | Refused {
    const client = job.client && known.clients.get(job.client.id);
    if (job.client && (!client || client.userId !== job.client.userId)) return new Refused('CLIENT_STATE_NOT_FOUND');
    if (client?.revoked) return new Refused('CLIENT_REVOKED');
    const person = job.client?.userId ?? job.userId;
    const actor = person === null ? systemActor : actorOf(reference, person);
    if (!actor) return new Refused('CLIENT_REVOKED');
    const last = client?.last ?? 0;
    const inThisPush = new Set<string>();
    const steps = job.mutations.map((wire): Step => {
      const before = known.results.get(wire.key);
      if (before) return { result: { ...before, id: wire.id } };
      // Processed, but its result is no longer kept; or the same intent twice in one push.
      if (job.client && (wire.id <= last || inThisPush.has(wire.key))) return { result: { id: wire.id, ok: true } };
      inThisPush.add(wire.key);
      return { wire, ...parseIntent(wire, job.client ? 'person' : person === null ? 'system' : 'live') };
    });
    return { actor, last, steps };
  }
}

/** What the hub remembers of the clients and intents in a group. */
interface Known {
  clients: Map<string, { userId: string; last: number; revoked: boolean }>;
  results: Map<string, MutationResult>;
}

interface Plan {
  actor: Actor;
  last: number;
  steps: Step[];
}
type Step = { result: MutationResult } | ({ wire: WireMutation } & ({ mutation: Mutation; args: unknown } | { rejection: Rejection }));

/** Errors that the data causes and a second try would repeat: SQLSTATE classes 22 (data) and 23 (constraints). */
function isDataError(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return code.startsWith('22') || code.startsWith('23');
}
