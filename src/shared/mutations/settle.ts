/**
 * What only the hub may decide, written in the same transaction as the change it follows from:
 * ticket numbers, the moment of acceptance, SLA clocks, the journey entry. Pure; source of the clock
 * rules: SLA and routing page, numbers as given there.
 */
import type { Attachment, Journey, Message, SlaClock, Ticket } from '../domain.ts';
import { isOpen, targetMs } from '../sla.ts';
import { handedOver, isHeld } from './attachment.ts';
import { type Loaded, put, type RowChange } from './define.ts';

export interface Settling {
  /** hub's clock, ms */
  now: number;
  nextNumber: () => number;
  newId: () => string;
  /** whether the bytes of this file are here already; absent: none are */
  uploaded?: (file: Attachment) => boolean;
}

/** An undone close gives the clocks back as they were; later it is a reopening. Covers the 15 s of the undo and a slow line. */
export const undoWindowMs = 60_000;

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
  const joining = tickets.filter((ticket) => ticket.merged && !rows.get('ticket', ticket.id)?.merged);
  for (const ticket of [...tickets, ...followers(tickets, rows)]) {
    const before = rows.get('ticket', ticket.id);
    const known = rows.all('slaClock', (clock) => clock.ticketId === ticket.id).map((clock) => clocks.get(clock.id) ?? clock);
    const said = messages.filter((message) => message.ticketId === ticket.id);
    const taken = joining.filter(({ merged }) => merged?.into === ticket.id).map(({ id }) => id);
    const theirs = rows.all('slaClock', (clock) => taken.includes(clock.ticketId) && isOpen(clock));
    const next = runClocks(ticket, before, said, takeOver(known, theirs, ticket.id, hub), hub);
    for (const clock of next) {
      const old = rows.get('slaClock', clock.id);
      if (!old || JSON.stringify(old) !== JSON.stringify(clock)) out.push(put('slaClock', clock));
    }
    const settled: Ticket = { ...ticket, number: ticket.number ?? hub.nextNumber(), ...shown(next) };
    out.push(put('ticket', settled));
    const journey = journeyOf(settled);
    if (!before || JSON.stringify(journeyOf(before)) !== JSON.stringify(journey)) out.push(put('journey', journey));
  }
  return out;
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

/** Rule 11: of the open clocks of tickets that become one, the one that ends first runs on. */
function takeOver(own: SlaClock[], theirs: SlaClock[], ticketId: string, hub: Settling): SlaClock[] {
  const soonest = (clocks: SlaClock[]) => clocks.toSorted((a, b) => (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity))[0];
  const first = soonest(theirs);
  if (!first) return own;
  const mine = soonest(own.filter(isOpen));
  if (!mine) {
    const kind = own.some((clock) => clock.kind === 'frt') ? 'nrt' : first.kind;
    return [...own, { ...first, id: hub.newId(), ticketId, kind }];
  }
  if ((mine.dueAt ?? Infinity) <= (first.dueAt ?? Infinity)) return own;
  const { id, kind } = mine;
  return own.map((clock) => (clock === mine ? { ...first, id, kind, ticketId } : clock));
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

function runClocks(ticket: Ticket, before: Ticket | undefined, said: Message[], known: SlaClock[], hub: Settling): SlaClock[] {
  let clocks = known;
  const start = (kind: SlaClock['kind'], at: number) => {
    const target = targetMs(ticket.channel, ticket.priority);
    clocks = [
      ...clocks,
      {
        id: hub.newId(),
        ticketId: ticket.id,
        kind,
        targetMs: target,
        consumedMs: 0,
        startedAt: at,
        runningSince: at,
        dueAt: at + target,
        state: 'running',
        breachedAt: null,
        endedAt: null,
      },
    ];
  };
  // Rule 10, and the undo: what was cancelled by the close that is taken back runs on, exactly as it was.
  const reopened = before?.status === 'resolved' && ticket.status !== 'resolved' && ticket.status !== 'closed';
  if (reopened && said.length === 0 && before.resolvedAt !== null) {
    const closedAt = before.resolvedAt;
    if (hub.now - closedAt <= undoWindowMs) {
      clocks = clocks.map((clock) =>
        clock.endedAt !== closedAt
          ? clock
          : { ...clock, endedAt: null, ...(clock.state === 'cancelled' ? { state: 'running' as const } : {}) },
      );
    } else if (ticket.unansweredSince !== null) start('nrt', hub.now);
  }
  // Priority re-matches the targets, keeps the start, never un-breaches (rule 11).
  if (before && before.priority !== ticket.priority) {
    const target = targetMs(ticket.channel, ticket.priority);
    clocks = clocks.map((clock) =>
      isOpen(clock) && clock.state === 'running' ? { ...clock, targetMs: target, dueAt: clock.startedAt + target } : clock,
    );
  }
  // Rule 4: a bot's conversation is owed an answer from the moment at which people have it.
  const fromBot = before?.status === 'bot' && !['bot', 'resolved', 'closed', 'spam'].includes(ticket.status);
  if (fromBot && ticket.lastInboundAt !== null && !clocks.some((clock) => clock.kind === 'frt')) start('frt', hub.now);
  for (const message of said) {
    const answeredCall = message.kind === 'call' && message.call?.outcome === 'answered';
    const missedCall = message.kind === 'call' && !answeredCall && message.call?.direction === 'inbound';
    const owed = message.kind === 'inbound' && message.extra?.automatic !== true && ticket.status !== 'bot';
    if (owed || missedCall) {
      // Rules 4 and 5: first response once, next response at the oldest unanswered message.
      if (!clocks.some((clock) => clock.kind === 'frt')) start('frt', hub.now);
      else if (!clocks.some(isOpen)) start('nrt', hub.now);
    } else if ((message.kind === 'reply' && message.authorType === 'agent') || answeredCall) {
      // Rule 12: a call note written offline counts from the call, unless the breach is already recorded.
      const at = answeredCall ? Math.min(message.call?.at ?? hub.now, hub.now) : hub.now;
      if (answeredCall && !clocks.some((clock) => clock.kind === 'frt')) start('frt', at);
      clocks = clocks.map((clock) => (isOpen(clock) ? answered(clock, at) : clock));
    }
  }
  // It goes on elsewhere, with what was owed on it.
  const { merged } = ticket;
  if (merged && !before?.merged) {
    clocks = clocks.map((clock) =>
      isOpen(clock)
        ? { ...clock, endedAt: merged.at, state: clock.state === 'breached' ? ('breached' as const) : ('cancelled' as const) }
        : clock,
    );
  }
  // Rule 9: what is open when the ticket is resolved ends with it.
  if (ticket.status === 'resolved' && before?.status !== 'resolved') {
    const at = ticket.resolvedAt ?? hub.now;
    clocks = clocks.map((clock) =>
      isOpen(clock) ? { ...clock, endedAt: at, state: clock.state === 'breached' ? ('breached' as const) : ('cancelled' as const) } : clock,
    );
  }
  return clocks;
}

function answered(clock: SlaClock, at: number): SlaClock {
  const late = clock.state === 'breached' || (clock.dueAt !== null && at > clock.dueAt);
  return late
    ? { ...clock, state: 'breached', breachedAt: clock.breachedAt ?? clock.dueAt, endedAt: at }
    : { ...clock, state: 'met', endedAt: Math.max(at, clock.startedAt) };
}

/** The one clock that the list shows: the open one that ends first, else the one that was met last. */
function shown(clocks: SlaClock[]): Pick<Ticket, 'slaKind' | 'slaState' | 'slaStartedAt' | 'slaDueAt'> {
  const open = clocks.filter(isOpen).sort((a, b) => (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity))[0];
  if (open) return { slaKind: open.kind, slaState: open.state, slaStartedAt: open.startedAt, slaDueAt: open.dueAt };
  const last = [...clocks].sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))[0];
  if (last?.state === 'met') return { slaKind: last.kind, slaState: 'met', slaStartedAt: last.startedAt, slaDueAt: null };
  return { slaKind: null, slaState: null, slaStartedAt: null, slaDueAt: null };
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
