/**
 * Plays the demo's conversations through the very mutations that live work runs through, each on a clock of its own.
 * A conversation sees the shop and its customer, and no other conversation: nothing that one does depends on another.
 */
import { v7 as uuid } from 'uuid';
import type { Entity, Rows, Ticket } from '../../../src/shared/domain.ts';
import { type Loaded, type Outcome, put, type RowChange } from '../../../src/shared/mutations/define.ts';
import { type MutationArgs, type MutationName, mutations } from '../../../src/shared/mutations/registry.ts';
import { settle } from '../../../src/shared/mutations/settle.ts';
import { type Actor, systemActor } from '../../../src/shared/permissions.ts';
import type { Person, Script, Turn } from './script.ts';
import { type CustomerRows, customerRows, type Shop } from './shop.ts';

const minute = 60_000;
const finalAfter = 72 * 60 * minute;

/** Rows in memory. */
export class Memory implements Loaded {
  readonly #rows = new Map<Entity, Map<string, Rows[Entity]>>();

  constructor(changes: RowChange[]) {
    this.write(changes);
  }

  write(changes: RowChange[]): void {
    for (const change of changes) {
      if (change.op === 'del') this.#rows.get(change.entity)?.delete(change.id);
      else this.#rows.set(change.entity, (this.#rows.get(change.entity) ?? new Map()).set(change.row.id, change.row));
    }
  }

  rows<E extends Entity>(entity: E): Rows[E][] {
    return [...(this.#rows.get(entity)?.values() ?? [])] as Rows[E][];
  }

  get<E extends Entity>(entity: E, id: string): Rows[E] | undefined {
    return this.#rows.get(entity)?.get(id) as Rows[E] | undefined;
  }

  all<E extends Entity>(entity: E, where: (row: Rows[E]) => boolean): Rows[E][] {
    return this.rows(entity).filter(where);
  }
}

/** All rows of the shop after its conversations up to `now`. Their tickets are numbered from `firstNumber`, oldest first. */
export function replay(shop: Shop, people: Person[], scripts: Script[], now: number, firstNumber: number): Memory {
  const customers = people.map((person, index) => customerRows(person, index, now));
  const result = new Memory([
    ...shop.reference,
    ...Object.values(shop.channels).map((row) => put('channel', row)),
    ...customers.flatMap(changesOf),
  ]);
  const oldestFirst = scripts.toSorted((a, b) => b.startedAgo - a.startedAgo);
  for (const [index, script] of oldestFirst.entries()) {
    const customer = customers[script.person];
    if (!customer) throw new Error(`demo: there is no person ${script.person}`);
    const conversation = new Conversation(shop, script, customer, firstNumber + index);
    conversation.play(now);
    for (const entity of ['ticket', 'message', 'slaClock'] as const) {
      result.write(conversation.rows.rows(entity).map((row) => put(entity, row)));
    }
  }
  return result;
}

function changesOf({ customer, identities }: CustomerRows): RowChange[] {
  return [put('customer', customer), ...Object.values(identities).map((row) => put('identity', row))];
}

class Conversation {
  readonly rows: Memory;
  readonly #shop: Shop;
  readonly #script: Script;
  readonly #customer: CustomerRows;
  readonly #number: number;
  readonly #queueId: string;
  #ticketId = '';

  constructor(shop: Shop, script: Script, customer: CustomerRows, number: number) {
    this.#shop = shop;
    this.#script = script;
    this.#customer = customer;
    this.#number = number;
    this.#queueId = shop.queues[script.queue].id;
    // The channel leads into the conversation's queue, as if a colleague had moved it at once.
    const channel = { ...shop.channels[script.channel], queueId: this.#queueId };
    this.rows = new Memory([...shop.reference, ...changesOf(customer), put('channel', channel)]);
  }

  play(now: number): void {
    const { turns, startedAgo, end } = this.#script;
    let at = Math.round(now - startedAgo * minute);
    this.#ticketId = uuid({ msecs: at });
    for (const [index, turn] of turns.entries()) {
      at = Math.min(now - 1000, Math.round(at + turn.after * minute));
      this.#breach(at);
      this.#say(turn, index === 0, at);
      if (index === 0) this.#sort(turn, at);
    }
    this.#breach(now);
    if (end) this.#end(end, Math.min(now - 500, at + minute), now);
  }

  #run<N extends MutationName>(name: N, args: MutationArgs<N>, actor: Actor, at: number): void {
    const apply = mutations[name].apply as (rows: Loaded, args: MutationArgs<N>, ctx: object) => Outcome;
    const outcome = apply(this.rows, args, { now: at, actor, side: 'hub', newId: () => uuid({ msecs: at }) });
    if ('rejection' in outcome) throw new Error(`demo: ${name} was refused: ${outcome.rejection.code} (${this.#script.subject})`);
    this.rows.write(settle(outcome.changes, this.rows, { now: at, nextNumber: () => this.#number, newId: () => uuid({ msecs: at }) }));
  }

  #ticket(): Ticket {
    const ticket = this.rows.get('ticket', this.#ticketId);
    if (!ticket) throw new Error('demo: the conversation has not begun');
    return ticket;
  }

  #say(turn: Turn, first: boolean, at: number): void {
    const { customer, identities } = this.#customer;
    const { channel, subject, priority = 'normal', tags = [], assignee } = this.#script;
    const ticketId = this.#ticketId;
    const messageId = uuid({ msecs: at });
    const body = turn.text;
    if (turn.by === 'customer') {
      const { id, kind, value, verified } = identities[channel];
      const from = { customer: { id: customer.id, name: customer.name }, identity: { id, kind, value, verified } };
      this.#run('message.receive', { messageId, ticketId, channelId: channel, body, subject, ...from, authoredAt: at }, systemActor, at);
      return;
    }
    const actor = this.#shop.actors[turn.by];
    if ('call' in turn) {
      const call = { ...turn.call, phone: identities['demo-cti'].value, at };
      if (first) {
        const made = { queueId: this.#queueId, channel: 'phone' as const, subject, priority, tags, provisionalRef: '' };
        const assignToMe = assignee === turn.by;
        this.#run('ticket.create', { ticketId, ...made, customer: { id: customer.id }, messageId, body, call, assignToMe }, actor, at);
      } else this.#run('call.log', { messageId, ticketId, body, call }, actor, at);
    } else if (turn.note) {
      this.#run('message.note', { messageId, ticketId, body }, actor, at);
    } else {
      const { lastInboundId: inboundId, lastReplyId: replyId, assigneeId } = this.#ticket();
      this.#run('message.reply', { messageId, ticketId, body, seen: { inboundId, replyId, assigneeId }, live: true }, actor, at);
      this.#run(
        'message.delivery',
        { messageIds: [messageId], state: channel === 'demo-mail' ? 'delivered' : 'read', error: null },
        systemActor,
        at,
      );
    }
  }

  /** What the team lead does with a ticket when it has come in. */
  #sort(turn: Turn, at: number): void {
    const { priority, tags, assignee } = this.#script;
    const { agents, actors } = this.#shop;
    const ticketId = this.#ticketId;
    if (turn.by === 'customer') {
      if (tags) this.#run('ticket.tag', { ticketId, add: tags, remove: [] }, actors.thu, at);
      if (priority) this.#run('ticket.edit', { ticketId, priority }, actors.thu, at);
    }
    const from = this.#ticket().assigneeId;
    if (assignee && from === null) this.#run('ticket.assign', { ticketId, from, to: agents[assignee].id }, actors.thu, at);
  }

  /** The hub's timer, for every clock that has run out by then. */
  #breach(at: number): void {
    for (const clock of this.rows.all('slaClock', ({ state, endedAt }) => state === 'running' && endedAt === null)) {
      if (clock.dueAt === null || clock.dueAt > at) continue;
      this.#run('sla.breach', { ticketId: this.#ticketId, clockId: clock.id, dueAt: clock.dueAt }, systemActor, clock.dueAt);
    }
  }

  #end(end: NonNullable<Script['end']>, at: number, now: number): void {
    const { assignee, disposition = null } = this.#script;
    const ticketId = this.#ticketId;
    const actor = this.#shop.actors[assignee ?? 'thu'];
    if (end === 'resolved') {
      this.#run('ticket.close', { ticketId, seenInboundId: this.#ticket().lastInboundId, disposition }, actor, at);
      if (at + finalAfter <= now) this.#run('ticket.finalise', { ticketId, resolvedAt: at }, systemActor, at + finalAfter);
    } else {
      this.#run('ticket.snooze', { ticketId, until: now + Math.round(end.snoozeMinutes * minute) }, actor, at);
    }
  }
}
