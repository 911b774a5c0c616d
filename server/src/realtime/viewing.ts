/** Who looks at which ticket, and who is writing: volatile, in memory, told only to those who may work the ticket. */
import type { z } from 'zod';
import type { Ticket } from '../../../src/shared/domain.ts';
import { type Actor, mayWork } from '../../../src/shared/permissions.ts';
import type { viewers } from '../../../src/shared/protocol.ts';

type TicketKey = Pick<Ticket, 'id' | 'queueId' | 'assigneeId'>;

/** ms after the last sign of it that somebody counts as writing */
const writingHoldsMs = 6000;
const repeatMs = 4000;

interface Eye {
  actor: Actor;
  ticket: TicketKey | null;
  typing: boolean;
  tell: (message: z.infer<typeof viewers>) => void;
}

export class Viewing {
  readonly #eyes = new Map<string, Eye>();
  readonly #look: (ticketId: string) => Promise<TicketKey | null>;

  /** visitors who are writing, by their ticket, until they have stopped */
  readonly #writing = new Map<string, { userId: string; name: string; ends: NodeJS.Timeout }>();
  /** called when an agent begins to write, and now and then while they do */
  onWriting: (ticketId: string, name: string) => void = () => undefined;

  constructor(look: (ticketId: string) => Promise<TicketKey | null>) {
    this.#look = look;
    // A console says when somebody begins and when they end; a visitor's page forgets it in between.
    setInterval(() => {
      for (const { ticket, typing, actor } of this.#eyes.values()) if (ticket && typing) this.onWriting(ticket.id, actor.name);
    }, repeatMs).unref();
  }

  async ticketInReach(ticketId: string, actor: Actor): Promise<TicketKey | null> {
    const ticket = await this.#look(ticketId);
    return ticket && mayWork(actor, ticket) ? ticket : null;
  }

  add(socketId: string, actor: Actor, tell: Eye['tell']): void {
    this.#eyes.set(socketId, { actor, ticket: null, typing: false, tell });
  }

  remove(socketId: string): void {
    const eye = this.#eyes.get(socketId);
    this.#eyes.delete(socketId);
    if (eye?.ticket) this.#announce(eye.ticket.id);
  }

  set(socketId: string, ticket: TicketKey | null, typing: boolean): void {
    const eye = this.#eyes.get(socketId);
    if (!eye) return;
    const left = eye.ticket;
    eye.ticket = ticket;
    eye.typing = ticket !== null && typing;
    if (left && left.id !== ticket?.id) this.#announce(left.id);
    if (ticket) this.#announce(ticket.id);
    if (ticket && typing) this.onWriting(ticket.id, eye.actor.name);
  }

  /** They have sent it. */
  visitorSent(ticketId: string): void {
    const known = this.#writing.get(ticketId);
    if (!known) return;
    clearTimeout(known.ends);
    this.#writing.delete(ticketId);
    this.#announce(ticketId);
  }

  /** A customer is writing on this ticket: those who look at it see it for as long as it holds. */
  visitorWrites(ticketId: string, visitor: { id: string; name: string }): void {
    clearTimeout(this.#writing.get(ticketId)?.ends);
    const ends = setTimeout(() => {
      this.#writing.delete(ticketId);
      this.#announce(ticketId);
    }, writingHoldsMs);
    ends.unref();
    this.#writing.set(ticketId, { userId: visitor.id, name: visitor.name, ends });
    this.#announce(ticketId);
  }

  /** Each of those who look at the ticket hears of the others. */
  #announce(ticketId: string): void {
    const here = [...this.#eyes.values()].filter((eye) => eye.ticket?.id === ticketId);
    for (const eye of here) {
      const others = new Map<string, { userId: string; name: string; typing: boolean }>();
      for (const { actor, typing } of here) {
        if (actor.userId === null || actor.userId === eye.actor.userId) continue;
        others.set(actor.userId, { userId: actor.userId, name: actor.name, typing: typing || (others.get(actor.userId)?.typing ?? false) });
      }
      const visitor = this.#writing.get(ticketId);
      if (visitor) others.set(visitor.userId, { userId: visitor.userId, name: visitor.name, typing: true });
      eye.tell({ ticketId, viewers: [...others.values()].slice(0, 100) });
    }
  }
}
