/**
 * What only the hub may decide, written in the same transaction as the change it follows from:
 * ticket numbers, the moment of acceptance, SLA clocks, the journey entry. Pure; source of the clock
 * rules: SLA and routing page, numbers as given there.
 */
import { type Attachment, type Journey, type Message, settledStatuses, type SlaClock, type Ticket } from '../domain.ts';
import { businessTime, isOpen, shownClock, termsFor } from '../sla.ts';
import { handedOver, isHeld } from './attachment.ts';
import { runClocks, takeOver } from './clocks.ts';
import { type Loaded, put, type RowChange } from './define.ts';
import { waits, workOf, wrapUp } from './offer.ts';

export interface Settling {
  /** hub's clock, ms */
  now: number;
  nextNumber: () => number;
  newId: () => string;
  /** whether the bytes of this file are here already; absent: none are */
  uploaded?: (file: Attachment) => boolean;
}

/** `rows` is the state before `changes`. Returns the changes to write, in order. */
export function settle(changes: RowChange[], rows: Loaded, hub: Settling): RowChange[] {
  const messages: Message[] = [];
  const clocks = new Map<string, SlaClock>();
  const out: RowChange[] = [];
  const tickets: Ticket[] = [];
  // Files that came before their message are ready with it.
  const files = new Map<string, Attachment>();
  for (const change of changes) {
    if (change.op !== 'put' || change.entity !== 'attachment') continue;
    const { row } = change;
    files.set(row.id, row.state === 'pending' && hub.uploaded?.(row) === true ? { ...row, state: 'ready' } : row);
  }
  for (const change of changes) {
    if (change.op === 'put' && change.entity === 'ticket') tickets.push(change.row);
    else if (change.op === 'put' && change.entity === 'slaClock') clocks.set(change.row.id, change.row);
    else if (change.op === 'put' && change.entity === 'attachment') out.push(put('attachment', files.get(change.row.id) ?? change.row));
    else if (change.op === 'put' && change.entity === 'message' && change.row.acceptedAt === null) {
      const accepted = accept(change.row, rows, [...files.values()], hub.now);
      messages.push(accepted);
      out.push(put('message', accepted));
    } else out.push(change);
  }
  const policies = rows.all('slaPolicy', ({ active }) => active);
  const joining = tickets.filter((ticket) => ticket.merged && !rows.get('ticket', ticket.id)?.merged);
  for (const wanted of [...tickets, ...followers(tickets, rows)]) {
    const ticket = forSomebodyHere(wanted, rows);
    const before = rows.get('ticket', ticket.id);
    const stored = rows.all('slaClock', (clock) => clock.ticketId === ticket.id).map((clock) => clocks.get(clock.id) ?? clock);
    const made = [...clocks.values()].filter((clock) => clock.ticketId === ticket.id && !rows.get('slaClock', clock.id));
    const known = [...stored, ...made];
    const said = messages.filter((message) => message.ticketId === ticket.id);
    const taken = joining.filter(({ merged }) => merged?.into === ticket.id).map(({ id }) => id);
    const theirs = rows.all('slaClock', (clock: SlaClock) => taken.includes(clock.ticketId) && isOpen(clock));
    const next = runClocks(ticket, before, said, takeOver(known, theirs, ticket.id, hub.newId), {
      now: hub.now,
      newId: hub.newId,
      terms: termsFor(ticket, rows.get('customer', ticket.customerId)?.segment ?? null, policies),
      timeOf: (calendarId) => businessTime(calendarId === null ? undefined : rows.get('calendar', calendarId)),
    });
    for (const clock of next) {
      const old = rows.get('slaClock', clock.id);
      if (!old || JSON.stringify(old) !== JSON.stringify(clock)) out.push(put('slaClock', clock));
    }
    const queued = placed(ticket, before, hub.now);
    const settled: Ticket = { ...ticket, number: ticket.number ?? hub.nextNumber(), ...shownClock(next), ...queued };
    out.push(put('ticket', settled), ...withdrawn(ticket, queued, changes, rows, hub.now), ...rested(ticket, before, rows, hub.now));
    const journey = journeyOf(settled);
    if (!before || JSON.stringify(journeyOf(before)) !== JSON.stringify(journey)) out.push(put('journey', journey));
  }
  return out;
}

/** What comes back to life waits for nobody who has left in the meantime. */
function forSomebodyHere(ticket: Ticket, rows: Loaded): Ticket {
  const { assigneeId, status } = ticket;
  if (assigneeId === null || settledStatuses.includes(status) || rows.get('user', assigneeId)?.active !== false) return ticket;
  return { ...ticket, assigneeId: null };
}

/** Its place in the queue: taken when people first have it, kept until it is done, whoever has it meanwhile. */
function placed(ticket: Ticket, before: Ticket | undefined, now: number): Pick<Ticket, 'enqueuedAt' | 'queuedSince' | 'offeredTo'> {
  const { status, merged, enqueuedAt, queuedSince, offeredTo } = ticket;
  if (merged || status === 'bot' || settledStatuses.includes(status)) return { enqueuedAt: null, queuedSince: null, offeredTo: null };
  return {
    enqueuedAt: enqueuedAt ?? now,
    queuedSince: before?.queueId === ticket.queueId ? (queuedSince ?? now) : now,
    // An offer rings for a queue's people: in another queue it is withdrawn, and the ticket waits again.
    offeredTo: waits(ticket, now) && before?.queueId === ticket.queueId ? offeredTo : null,
  };
}

/** Offers that ring for a ticket which waits no more, or not there. */
function withdrawn(ticket: Ticket, { offeredTo }: Pick<Ticket, 'offeredTo'>, changes: RowChange[], rows: Loaded, now: number): RowChange[] {
  const told = new Set(changes.flatMap((change) => (change.op === 'put' && change.entity === 'offer' ? [change.row.id] : [])));
  const ringing = rows.all('offer', (row) => row.ticketId === ticket.id && row.state === 'ringing' && !told.has(row.id));
  return ringing.flatMap((row) =>
    offeredTo === row.userId && row.queueId === ticket.queueId ? [] : [put('offer', { ...row, state: 'withdrawn', endedAt: now })],
  );
}

/** Whoever has resolved it wraps up, where the queue gives them time for it. */
function rested(ticket: Ticket, before: Ticket | undefined, rows: Loaded, now: number): RowChange[] {
  const userId = before?.assigneeId ?? null;
  if (userId === null || ticket.status !== 'resolved' || !before || settledStatuses.includes(before.status)) return [];
  const ms = rows.get('queue', ticket.queueId)?.routing?.wrapUpMs[workOf(ticket)] ?? 0;
  return wrapUp(rows.get('presence', userId), userId, ms, now);
}

/** Tickets that go on in others are in the queue and the hands of those. */
function followers(tickets: Ticket[], rows: Loaded): Ticket[] {
  return tickets.flatMap(({ joined, queueId, assigneeId }) =>
    joined.flatMap((id) => {
      const row = rows.get('ticket', id);
      if (!row || tickets.some((one) => one.id === id)) return [];
      return row.queueId === queueId && row.assigneeId === assigneeId ? [] : [{ ...row, queueId, assigneeId }];
    }),
  );
}

/**
 * An answer goes to its channel, unless one of its files has still to come, or an earlier answer of the ticket waits for one: then the
 * hub holds it, `queued` though accepted.
 */
function accept(message: Message, rows: Loaded, files: Attachment[], now: number): Message {
  const accepted = { ...message, acceptedAt: now };
  if (message.delivery !== 'queued') return accepted;
  const incomplete = files.some((file) => file.messageId === message.id && file.state === 'pending');
  const behind = rows.all('message', (row) => row.ticketId === message.ticketId && isHeld(row)).length > 0;
  return incomplete || behind ? accepted : handedOver(accepted);
}

export function journeyOf(ticket: Ticket): Journey {
  return {
    id: ticket.id,
    customerId: ticket.customerId,
    number: ticket.number,
    subject: ticket.subject,
    channel: ticket.channel,
    queueId: ticket.queueId,
    status: ticket.status,
    createdAt: ticket.createdAt,
    lastMessageAt: ticket.lastMessageAt,
  };
}
