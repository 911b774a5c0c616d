/** What a workstation's agent has written: notes on tickets of their queue, as they travel. */
import { v7 as uuid } from 'uuid';
import type { WireMutation } from '../src/shared/protocol.ts';
import { keyFor } from './centre.ts';

export class Author {
  readonly #clientId: string;
  readonly #tickets: readonly string[];
  #id = 0;

  constructor(clientId: string, tickets: readonly string[]) {
    this.#clientId = clientId;
    this.#tickets = tickets;
  }

  notes(count: number): WireMutation[] {
    return Array.from({ length: count }, () => {
      const id = (this.#id += 1);
      const ticketId = this.#tickets[Math.floor(Math.random() * this.#tickets.length)] ?? '';
      return {
        id,
        key: keyFor(`${this.#clientId} ${id}`),
        name: 'message.note',
        args: { messageId: uuid(), ticketId, body: `Đã gọi lại cho khách, hẹn chiều nay kỹ thuật qua kiểm tra dàn lạnh. Lần ${id}.` },
        authoredAt: Date.now(),
        baseSeq: 0,
      };
    });
  }
}
