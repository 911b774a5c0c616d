/** Tickets that go on in others: from the one that somebody names to the one that stands for it now. */
import type { Ticket } from '../domain.ts';
import type { Loaded, Read } from './define.ts';

/** A joined ticket may be joined again; that the pointers make no ring is for whoever sets them. */
const longest = 5;

/** The ticket itself, or the one in which it goes on. Undefined where that one is not here. */
export function current(rows: Loaded, ticketId: string): Ticket | undefined {
  let ticket = rows.get('ticket', ticketId);
  for (let step = 0; step < longest && ticket?.merged; step += 1) ticket = rows.get('ticket', ticket.merged.into);
  return ticket;
}

/** What `current` and a message on it need, as far as it is known by now. */
export function followed(rows: Loaded, ticketId: string): Read[] {
  const reads: Read[] = [];
  let ticket = rows.get('ticket', ticketId);
  for (let step = 0; step < longest && ticket?.merged; step += 1) {
    const { into } = ticket.merged;
    reads.push(
      { entity: 'ticket', id: into },
      { entity: 'slaClock', ticketId: into },
      { entity: 'message', queuedOf: into },
      { entity: 'attachment', pendingOf: into },
    );
    ticket = rows.get('ticket', into);
  }
  return reads;
}
