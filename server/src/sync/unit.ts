/**
 * One transaction's worth of changes to a workspace.
 *
 *  1. lock the counter row: commits of a workspace follow one another
 *  2. load what the mutations read, all of them at once
 *  3. apply and settle each in memory; a refused or failing one leaves nothing behind
 *  4. work out who may see what changed, and write rows, log, results and counter in one statement
 */
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { v7 as uuid } from 'uuid';
import {
  type Attachment,
  type Customer,
  type Entity,
  type Identity,
  type Message,
  type Rows,
  type SlaClock,
  type Ticket,
} from '../../../src/shared/domain.ts';
import type { Loaded, Mutation, Read, Rejection, RowChange } from '../../../src/shared/mutations/define.ts';
import { journeyOf, settle } from '../../../src/shared/mutations/settle.ts';
import { type Actor, scopesOfTicket } from '../../../src/shared/permissions.ts';
import type { Change } from '../../../src/shared/protocol.ts';
import { asJson, deletable, select, type Stored, tableOf, toRecord, upsert } from '../db/rows.ts';
import type { Tables } from '../db/schema.ts';
import { type Uploaded, uploadedFiles } from '../files/uploads.ts';
import type { Job } from '../jobs/queue.ts';
import { timersFor } from '../jobs/timers.ts';
import { recomputeJob, rematchJob } from '../sla/jobs.ts';
import { outboxFor } from '../webhooks/events.ts';
import { waysIn } from '../auth/ways-in.ts';
import { auditEntries } from './audit.ts';
import { tracks } from './tracks.ts';
import { isReference, type Reference } from './reference.ts';

const longestAwayMs = 30 * 86_400_000;

export interface Counter {
  seq: number;
  ticketNumber: number;
  lastAt: number;
}

type Entry = Omit<Change, 'seq'>;
interface Act {
  name: string;
  args: unknown;
  actor: Actor;
}

export class Unit implements Loaded {
  readonly now: number;
  readonly #tx: Transaction<Tables>;
  readonly #workspaceId: string;
  readonly #reference: Reference;
  readonly #counter: Counter;
  /** the state that the mutations see; `null`: looked for and not there */
  readonly #rows = new Map<string, Rows[Entity] | null>();
  /** as the database has them, for what has changed since */
  readonly #before = new Map<string, Rows[Entity] | null>();
  readonly #dirty = new Map<string, { entity: Entity; id: string }>();
  readonly #asked = new Set<string>();
  /** files whose bytes are here, of those that this group of mutations brings along */
  readonly #uploaded = new Map<string, Uploaded>();
  /** for the audit log */
  readonly #acts: Act[] = [];
  #ticketNumber: number;

  constructor(tx: Transaction<Tables>, workspaceId: string, reference: Reference, counter: Counter, clock: () => number) {
    this.#tx = tx;
    this.#workspaceId = workspaceId;
    this.#reference = reference;
    this.#counter = counter;
    this.#ticketNumber = counter.ticketNumber;
    // The order of acceptance is the order of the log, also when the machine's clock steps back.
    this.now = Math.max(clock(), counter.lastAt + 1);
  }

  get<E extends Entity>(entity: E, id: string): Rows[E] | undefined {
    const key = `${entity}:${id}`;
    if (isReference(entity) && !this.#dirty.has(key)) return this.#reference.rows[entity].get(id) as Rows[E] | undefined;
    return (this.#rows.get(key) ?? undefined) as Rows[E] | undefined;
  }

  all<E extends Entity>(entity: E, where: (row: Rows[E]) => boolean): Rows[E][] {
    const found: Rows[E][] = [];
    if (isReference(entity)) {
      for (const [id, row] of this.#reference.rows[entity] as Map<string, Rows[E]>) {
        if (!this.#dirty.has(`${entity}:${id}`) && where(row)) found.push(row);
      }
    }
    for (const [key, row] of this.#rows) {
      if (row !== null && key.startsWith(`${entity}:`) && where(row as Rows[E])) found.push(row as Rows[E]);
    }
    return found;
  }

  /** Loads what these intents read, in as few round trips as their dependent reads allow. */
  async prepare(intents: { mutation: Mutation; args: unknown; me: string | null }[]): Promise<void> {
    const reads = intents.flatMap(({ mutation, args }) => mutation.reads(args));
    await this.#load(reads);
    const files = reads.flatMap((read) => (read.entity === 'attachment' && 'id' in read ? [read.id] : []));
    if (files.length > 0) {
      for (const file of await uploadedFiles(this.#tx, this.#workspaceId, files)) this.#uploaded.set(file.id, file);
    }
    // What is promised may hang on who the customer is.
    const segments = this.all('slaPolicy', ({ active, match }) => active && match.segments.length > 0).length > 0;
    // Dependent reads may follow from one another; most end after the second round.
    for (let round = 0; round < 6; round += 1) {
      const further = intents.flatMap(({ mutation, args, me }) => mutation.more?.(args, this, me) ?? []);
      // Clocks follow every ticket that may change: settling needs them.
      for (const { id, joined, customerId, queueId, assigneeId, offeredTo } of this.all('ticket', () => true)) {
        further.push({ entity: 'slaClock', ticketId: id }, ...joined.map((one): Read => ({ entity: 'ticket', id: one })));
        if (offeredTo !== null) further.push({ entity: 'offer', ringingOf: id });
        if (assigneeId !== null && this.get('queue', queueId)?.routing) further.push({ entity: 'presence', id: assigneeId });
        if (segments) further.push({ entity: 'customer', id: customerId });
      }
      if (!(await this.#load(further))) return;
    }
  }

  /** Runs one prepared intent. Nothing of a refused one stays. */
  run(mutation: Mutation, args: unknown, actor: Actor, name: string | null = null, saidAt = 0): Rejection | null {
    // What a workstation says of when its agent did it: never to come, nor longer ago than any of them works without the hub.
    const authoredAt = saidAt > this.now - longestAwayMs ? Math.min(saidAt, this.now) : this.now;
    const outcome = mutation.apply(this, args, { now: this.now, authoredAt, actor, side: 'hub', newId: () => uuid() });
    if ('rejection' in outcome) return outcome.rejection;
    const taken = this.#ticketNumber;
    let settled: RowChange[];
    try {
      settled = settle(outcome.changes, this, {
        now: this.now,
        nextNumber: () => (this.#ticketNumber += 1),
        newId: () => uuid(),
        uploaded: (file) => {
          const here = this.#uploaded.get(file.id);
          return here?.ticketId === file.ticketId && here.size === file.size && here.sha256 === file.sha256;
        },
      });
    } catch (error) {
      this.#ticketNumber = taken;
      throw error;
    }
    const { audited } = mutation;
    if (name !== null && settled.length > 0 && (audited === true || audited?.(args, actor))) this.#acts.push({ name, args, actor });
    for (const change of settled) {
      const { entity } = change;
      const id: string = change.op === 'put' ? change.row.id : change.id;
      if (change.op === 'del' && !deletable.some((one) => one === entity)) throw new Error(`nothing deletes a ${entity} yet`);
      const key = `${entity}:${id}`;
      if (!this.#before.has(key)) this.#before.set(key, this.get(entity, id) ?? null);
      this.#rows.set(key, change.op === 'put' ? change.row : null);
      this.#dirty.set(key, { entity, id });
    }
    return null;
  }

  get changed(): boolean {
    return this.#dirty.size > 0;
  }

  /** Writes everything; returns the log entries in order. `extra` are statements that belong to the same commit. */
  async flush(acks: Entry[], extra: RawBuilder<unknown>[]): Promise<Change[]> {
    const entries = this.changed ? await this.#entries() : [];
    entries.push(...acks);
    const changes = entries.map((entry, index) => ({ ...entry, seq: this.#counter.seq + 1 + index }));
    const head = this.#counter.seq + changes.length;

    const writes: RawBuilder<unknown>[] = [...extra];
    const records = new Map<Stored, Record<string, unknown>[]>();
    for (const { entity, id } of this.#dirty.values()) {
      const row = this.#rows.get(`${entity}:${id}`);
      if (entity === 'journey' || !row) continue;
      const list = records.get(entity) ?? [];
      list.push(toRecord(entity, this.#workspaceId, row, head));
      records.set(entity, list);
    }
    for (const [entity, list] of records) writes.push(upsert(entity, list));
    for (const entity of deletable) {
      const gone = [...this.#dirty].flatMap(([key, one]) => (one.entity === entity && this.#rows.get(key) === null ? [one.id] : []));
      if (gone.length === 0) continue;
      writes.push(
        sql`delete from ${sql.raw(tableOf[entity])} where workspace_id = ${this.#workspaceId} and id::text = any(${gone}::text[])`,
      );
    }
    if (changes.length > 0) {
      const log = changes.map((change) => ({
        workspace_id: this.#workspaceId,
        seq: change.seq,
        scope: change.scope,
        op: change.op,
        entity: change.entity,
        entity_id: change.id,
        row: change.row ?? null,
        at: this.now,
      }));
      writes.push(sql`insert into change_log select * from jsonb_populate_recordset(null::change_log, ${JSON.stringify(log)}::jsonb)`);
    }
    writes.push(
      sql`update workspace_counter set seq = ${head}, ticket_number = ${this.#ticketNumber}, last_at = ${this.now},
        reference_seq = reference_seq + ${this.#changesReference() ? 1 : 0} where workspace_id = ${this.#workspaceId}`,
    );
    if (this.#acts.length > 0) writes.push(auditEntries(this.#workspaceId, this.#acts, this.now));
    writes.push(...waysIn(this.#workspaceId, this.#acts, this.now));
    writes.push(...tracks(this.#workspaceId, this.#changedPairs('ticket'), this.#changedPairs('presence'), this.now));
    const changed = {
      tickets: this.#changedPairs('ticket'),
      files: this.#changedPairs('attachment'),
      messages: this.#changedPairs('message'),
    };
    const outbox = outboxFor(this.#workspaceId, this.#reference.listeners, changed, this.now);
    if (outbox) writes.push(outbox.write);
    // Writable parts of one statement: one round trip however many tables are touched. The timers hang on its end.
    const parts = writes.map((write, index) => sql`${sql.raw(`w${index}`)} as (${write})`);
    const timers = timersFor(this.#workspaceId, changed, [...(outbox?.jobs ?? []), ...this.#afterEdits()]);
    await sql`with ${sql.join(parts)} ${timers ?? sql`select 1`}`.execute(this.#tx);
    return changes;
  }

  /** What follows from other promises, or other hours. */
  #afterEdits(): Job[] {
    const dirty = [...this.#dirty.values()];
    const calendars = dirty.filter(({ entity }) => entity === 'calendar').map(({ id }) => recomputeJob(id));
    return dirty.some(({ entity }) => entity === 'slaPolicy') ? [...calendars, rematchJob()] : calendars;
  }

  #changesReference(): boolean {
    return [...this.#dirty.values()].some(({ entity }) => isReference(entity));
  }

  #changedPairs<E extends Entity>(entity: E): { before: Rows[E] | null; after: Rows[E] }[] {
    const pairs: { before: Rows[E] | null; after: Rows[E] }[] = [];
    for (const [key, dirty] of this.#dirty) {
      if (dirty.entity !== entity) continue;
      pairs.push({ before: (this.#before.get(key) ?? null) as Rows[E] | null, after: this.#rows.get(key) as Rows[E] });
    }
    return pairs;
  }

  async #load(reads: Read[]): Promise<boolean> {
    const fresh = reads.filter((read) => {
      if ('id' in read && (isReference(read.entity) || this.#rows.has(`${read.entity}:${read.id}`))) return false;
      const key = JSON.stringify(read);
      if (this.#asked.has(key)) return false;
      this.#asked.add(key);
      return true;
    });
    const query = select(this.#workspaceId, fresh);
    if (!query) return false;
    const found = await query.execute(this.#tx);
    for (const read of fresh) if ('id' in read) this.#rows.set(`${read.entity}:${read.id}`, null);
    for (const { entity, row } of found.rows) {
      const key = `${entity}:${row.id}`;
      if (!this.#dirty.has(key)) this.#rows.set(key, row);
    }
    return true;
  }

  /** Who sees what: one entry for each scope of each changed row, and for every scope that a ticket or customer entered or left. */
  async #entries(): Promise<Entry[]> {
    const entries: Entry[] = [];
    const emit = (op: Entry['op'], entity: Entity, id: string, row: unknown, scopes: Iterable<string>) => {
      for (const scope of scopes) entries.push({ scope, op, entity, id, ...(op === 'put' ? { row } : {}) });
    };
    const tickets = this.#changedPairs('ticket');
    const moved = tickets.filter(
      ({ before, after }) =>
        before === null ||
        before.queueId !== after.queueId ||
        before.assigneeId !== after.assigneeId ||
        before.customerId !== after.customerId,
    );
    const people = this.#changedPairs('customer').map(({ after }) => after.id);
    const customers = await this.#customerScopes([
      ...moved.flatMap(({ before, after }) => [after.customerId, ...(before ? [before.customerId] : [])]),
      ...people,
      ...tickets.map(({ after }) => after.customerId),
      ...this.#changedPairs('identity').map(({ after }) => after.customerId),
    ]);

    for (const [key, { entity, id }] of this.#dirty) {
      if (isReference(entity)) emit(this.#rows.get(key) === null ? 'del' : 'put', entity, id, this.#rows.get(key), ['workspace']);
    }
    // A customer comes before the tickets that name them.
    for (const customer of this.#changedPairs('customer')) {
      emit('put', 'customer', customer.after.id, customer.after, customers.get(customer.after.id)?.after ?? []);
    }
    for (const { after } of this.#changedPairs('identity'))
      emit('put', 'identity', after.id, after, customers.get(after.customerId)?.after ?? []);
    for (const [customerId, scopes] of customers) {
      const isNew = this.#before.get(`customer:${customerId}`) === null && this.#dirty.has(`customer:${customerId}`);
      const entered = isNew ? [] : scopes.after.filter((scope) => !scopes.before.includes(scope));
      if (entered.length > 0) {
        const { customer, identities, journeys } = await this.#customerWhole(customerId);
        if (customer) emit('put', 'customer', customerId, customer, entered);
        for (const row of identities) emit('put', 'identity', row.id, row, entered);
        for (const row of journeys) if (!this.#dirty.has(`journey:${row.id}`)) emit('put', 'journey', row.id, journeyOf(row), entered);
      }
    }
    for (const { before, after } of tickets) {
      const now = scopesOfTicket(after);
      const then = before === null ? [] : scopesOfTicket(before);
      emit('put', 'ticket', after.id, after, now);
      const entered = before === null ? [] : now.filter((scope) => !then.includes(scope));
      if (entered.length > 0) await this.#followTicket(after.id, entered, emit);
    }
    for (const entity of ['message', 'attachment', 'slaClock'] as const) {
      for (const { after } of this.#changedPairs(entity)) {
        const ticket = this.get('ticket', after.ticketId) ?? (await this.#ticketOf(after.ticketId));
        emit('put', entity, after.id, after, ticket ? scopesOfTicket(ticket) : []);
      }
    }
    for (const { after } of this.#changedPairs('journey'))
      emit('put', 'journey', after.id, after, customers.get(after.customerId)?.after ?? []);
    for (const { after } of this.#changedPairs('presence')) emit('put', 'presence', after.id, after, ['workspace']);
    for (const entity of ['offer', 'notice'] as const) {
      for (const { after } of this.#changedPairs(entity)) emit('put', entity, after.id, after, [`user:${after.userId}`]);
    }
    // Last: whoever forgets a ticket forgets its customer with the last one, and the next one may be in this commit.
    for (const { before, after } of tickets) {
      const now = scopesOfTicket(after);
      const left = before === null ? [] : scopesOfTicket(before).filter((scope) => !now.includes(scope));
      emit('leave', 'ticket', after.id, undefined, left);
    }
    // Somebody who has turned out to be another has no ticket left, and is nobody's to keep.
    for (const [customerId, { before, after }] of customers) {
      if (after.length === 0) emit('del', 'customer', customerId, undefined, before);
    }
    return entries;
  }

  async #ticketOf(ticketId: string): Promise<Ticket | undefined> {
    await this.#load([{ entity: 'ticket', id: ticketId }]);
    return this.get('ticket', ticketId);
  }

  /** A ticket that enters a scope brings its messages and clocks along, but for those that are in this commit anyway. */
  async #followTicket(
    ticketId: string,
    entered: string[],
    emit: (op: 'put', entity: Entity, id: string, row: unknown, scopes: string[]) => void,
  ) {
    const followers = await sql<{ entity: 'message' | 'attachment' | 'slaClock'; row: Message | Attachment | SlaClock }>`
      (select 'message' as entity, ${sql.raw(asJson('message', 't'))} as row from message t
        where t.workspace_id = ${this.#workspaceId} and t.ticket_id = ${ticketId} order by t.accepted_at, t.id)
      union all
      (select 'attachment' as entity, ${sql.raw(asJson('attachment', 't'))} as row from attachment t
        where t.workspace_id = ${this.#workspaceId} and t.ticket_id = ${ticketId})
      union all
      (select 'slaClock' as entity, ${sql.raw(asJson('slaClock', 't'))} as row from sla_clock t
        where t.workspace_id = ${this.#workspaceId} and t.ticket_id = ${ticketId} order by t.started_at)`.execute(this.#tx);
    for (const { entity, row } of followers.rows) {
      if (!this.#dirty.has(`${entity}:${row.id}`)) emit('put', entity, row.id, row, entered);
    }
  }

  /** A customer has the scopes of their tickets, before this commit and after it. */
  async #customerScopes(ids: string[]): Promise<Map<string, { before: string[]; after: string[] }>> {
    const wanted = [...new Set(ids)];
    const scopes = new Map<string, { before: string[]; after: string[] }>();
    if (wanted.length === 0) return scopes;
    const stored = await sql<{ id: string; customerId: string; queueId: string; assigneeId: string | null }>`
      select id, customer_id, queue_id, assignee_id from ticket
      where workspace_id = ${this.#workspaceId} and customer_id = any(${wanted}::uuid[])`.execute(this.#tx);
    for (const customerId of wanted) {
      const before = stored.rows.filter((row) => row.customerId === customerId);
      const after = new Map<string, Pick<Ticket, 'queueId' | 'assigneeId'>>(before.map((row) => [row.id, row]));
      for (const pair of this.#changedPairs('ticket')) {
        if (pair.after.customerId === customerId) after.set(pair.after.id, pair.after);
        else after.delete(pair.after.id);
      }
      const union = (rows: Iterable<Pick<Ticket, 'queueId' | 'assigneeId'>>) => [...new Set([...rows].flatMap(scopesOfTicket))].sort();
      scopes.set(customerId, { before: union(before), after: union(after.values()) });
    }
    return scopes;
  }

  async #customerWhole(customerId: string): Promise<{ customer: Customer | undefined; identities: Identity[]; journeys: Ticket[] }> {
    const found = await sql<{ entity: Stored; row: unknown }>`
      (select 'customer' as entity, ${sql.raw(asJson('customer', 't'))} as row from customer t where t.workspace_id = ${this.#workspaceId} and t.id = ${customerId})
      union all
      (select 'identity' as entity, ${sql.raw(asJson('identity', 't'))} as row from identity t where t.workspace_id = ${this.#workspaceId} and t.customer_id = ${customerId})
      union all
      (select 'ticket' as entity, ${sql.raw(asJson('ticket', 't'))} as row from ticket t where t.workspace_id = ${this.#workspaceId} and t.customer_id = ${customerId})`.execute(
      this.#tx,
    );
    const of = (entity: Stored) => found.rows.filter((row) => row.entity === entity).map((row) => row.row);
    return {
      customer: of('customer')[0] as Customer | undefined,
      identities: of('identity') as Identity[],
      journeys: of('ticket') as Ticket[],
    };
  }
}
