/** Who looks at which ticket, and who is writing: volatile, in memory, told only to those who may work the ticket. */
import type { z } from 'zod';
import type { Ticket } from '../../../src/shared/domain.ts';
import { type Actor, mayWork } from '../../../src/shared/permissions.ts';
import type { viewers } from '../../../src/shared/protocol.ts';

type TicketKey = Pick<Ticket, 'id' | 'queueId' | 'assigneeId'>;

interface Eye {
  actor: Actor;
  ticket: TicketKey | null;
  typing: boolean;
  tell: (message: z.infer<typeof viewers>) => void;
}

export class Viewing {
  readonly #eyes = new Map<string, Eye>();
  readonly #look: (ticketId: string) => Promise<TicketKey | null>;

  constructor(look: (ticketId: string) => Promise<TicketKey | null>) {
    this.#look = look;
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
      eye.tell({ ticketId, viewers: [...others.values()].slice(0, 100) });
    }
  }
}
