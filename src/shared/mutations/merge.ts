/**
 * Two that turn out to be one: tickets about one matter, customers who are one person (ADR 10). Nothing is lost by it: the row that goes
 * on in the other keeps what it was, so that it can be taken apart again.
 */
import { z } from 'zod';
import { type Customer, id, type Identity, limits, priorities, type Ticket } from '../domain.ts';
import { mayWork } from '../permissions.ts';
import { type Context, type Loaded, mutation, put, type Read, reject, type Rejection, type RowChange } from './define.ts';
import { heldOff, workable } from './ticket.ts';

/** tickets that may go on in one; rows that may go from one customer to another at once */
const most = { joined: 20, tickets: 200, identities: 100 } as const;

const settled = ({ status }: Ticket) => status === 'resolved' || status === 'closed' || status === 'spam';

/** `from` goes on in `into`; both are rows of one customer. Their clocks are the hub's to settle. */
function joinTickets(from: Ticket, into: Ticket, ctx: Context): { changes: RowChange[] } | { rejection: Rejection } {
  if (from.customerId !== into.customerId) return reject('INVALID', { field: 'intoId', detail: { reason: 'another customer' } });
  if (from.status === 'closed' || from.status === 'spam' || into.status === 'closed' || into.status === 'spam')
    return reject('TICKET_CLOSED');
  const held = heldOff(from, ctx) ?? heldOff(into, ctx);
  if (held) return held;
  const joined = [...into.joined, from.id, ...from.joined];
  if (joined.length > most.joined) return reject('TOO_LARGE', { field: 'intoId', detail: { most: most.joined } });
  const newest = <K extends 'lastMessageAt' | 'lastInboundAt' | 'lastReplyAt'>(at: K) => ((from[at] ?? 0) > (into[at] ?? 0) ? from : into);
  const said = newest('lastMessageAt');
  const heard = newest('lastInboundAt');
  const replied = newest('lastReplyAt');
  const owed = [from.unansweredSince, into.unansweredSince].filter((at) => at !== null);
  const earlier = heard === from ? into : from;
  const next: Ticket = {
    ...into,
    status: statusOf(from, into, owed.length > 0),
    resolvedAt: null,
    snoozedUntil: owed.length > 0 ? null : into.snoozedUntil,
    priority: priorities[Math.max(priorities.indexOf(from.priority), priorities.indexOf(into.priority))] ?? into.priority,
    // Whoever has the one that goes on keeps it; nobody is given a ticket of a queue that they may not serve.
    assigneeId: into.assigneeId ?? (from.queueId === into.queueId ? from.assigneeId : null),
    tags: [...new Set([...into.tags, ...from.tags])].sort().slice(0, limits.tagsPerTicket),
    contactReason: into.contactReason ?? from.contactReason,
    disposition: into.disposition ?? from.disposition,
    channel: heard.channel,
    channelId: heard.channelId,
    lastMessageAt: said.lastMessageAt,
    lastMessageKind: said.lastMessageKind,
    lastMessagePreview: said.lastMessagePreview,
    lastInboundId: heard.lastInboundId,
    lastInboundAt: heard.lastInboundAt,
    lastReplyId: replied.lastReplyId,
    lastReplyBy: replied.lastReplyBy,
    lastReplyAt: replied.lastReplyAt,
    unansweredSince: owed.length > 0 ? Math.min(...owed) : null,
    threads: [...earlier.threads.filter((one) => !heard.threads.includes(one)), ...heard.threads].slice(-20),
    hops:
      into.hops + from.hops + (from.threads.length > 0 && into.threads.length > 0 && from.threads.at(-1) !== into.threads.at(-1) ? 1 : 0),
    joined,
    updatedAt: ctx.now,
  };
  const gone: Ticket = {
    ...from,
    status: 'closed',
    merged: {
      into: into.id,
      at: ctx.now,
      status: from.status,
      queueId: from.queueId,
      assigneeId: from.assigneeId,
      unansweredSince: from.unansweredSince,
    },
    // Who may see the one may see the other.
    queueId: next.queueId,
    assigneeId: next.assigneeId,
    unansweredSince: null,
    snoozedUntil: null,
    leaseBy: null,
    leaseUntil: null,
    joined: [],
    updatedAt: ctx.now,
  };
  return { changes: [put('ticket', gone), put('ticket', next)] };
}

function statusOf(from: Ticket, into: Ticket, owed: boolean): Ticket['status'] {
  if (!owed) return into.status === 'resolved' || into.status === 'bot' ? from.status : into.status;
  const untaken = (ticket: Ticket) => ticket.status === 'new' || ticket.status === 'bot';
  if (!untaken(from) || !untaken(into)) return 'open';
  return from.status === 'bot' && into.status === 'bot' ? 'bot' : 'new';
}

/** What has become of a customer who was found to be another one. */
function standsFor(rows: Loaded, customerId: string): Customer | undefined {
  let customer = rows.get('customer', customerId);
  for (let step = 0; step < 5 && customer?.merged; step += 1) customer = rows.get('customer', customer.merged.into);
  return customer;
}

/** Everything that two customers' becoming one touches, as far as it is known by now. */
export function readBoth(rows: Loaded, customerId: string, otherId: string): Read[] {
  const reads: Read[] = [{ entity: 'customer', id: otherId }];
  const other = rows.get('customer', otherId);
  if (other?.merged) reads.push({ entity: 'customer', id: other.merged.into });
  const stands = standsFor(rows, otherId);
  for (const ofCustomer of stands ? [customerId, stands.id] : []) {
    reads.push({ entity: 'ticket', ofCustomer }, { entity: 'identity', ofCustomer });
  }
  return reads;
}

/**
 * The customer of `ticket` and `otherId` are one person: the one known longer stays, and has all that the other had. Where the ticket and
 * exactly one more of theirs are unresolved, the younger goes on in the older, as it would have done had it been known before.
 */
export function becomeOne(
  rows: Loaded,
  ticket: Ticket,
  customer: Customer,
  otherId: string,
  ctx: Context,
): { changes: RowChange[] } | { rejection: Rejection } {
  const other = standsFor(rows, otherId);
  // A workstation has only those customers whose tickets it has; the hub knows them all.
  if (!other) return ctx.side === 'workstation' ? { changes: [] } : reject('NOT_FOUND', { field: 'proposalId' });
  if (other.id === customer.id) return { changes: [put('customer', customer)] };
  const [into, from] =
    other.createdAt < customer.createdAt || (other.createdAt === customer.createdAt && other.id < customer.id)
      ? [other, customer]
      : [customer, other];
  const identities = rows.all('identity', (row) => row.customerId === from.id);
  const tickets = rows.all('ticket', (row) => row.customerId === from.id);
  if (tickets.length > most.tickets || identities.length > most.identities) {
    return reject('TOO_LARGE', { field: 'proposalId', detail: { most: most.tickets } });
  }
  const moved = new Map(tickets.map((row): [string, Ticket] => [row.id, { ...row, customerId: into.id, updatedAt: ctx.now }]));
  const theirs = new Map([
    ...rows.all('ticket', (row) => row.customerId === into.id).map((row): [string, Ticket] => [row.id, row]),
    ...moved,
  ]);
  for (const change of joinedWith(ticket.id, [...theirs.values()], ctx)) {
    if (change.op === 'put' && change.entity === 'ticket') moved.set(change.row.id, change.row);
  }
  return {
    changes: [
      put('customer', {
        ...from,
        merged: { into: into.id, at: ctx.now, identities: identities.map((row) => row.id), tickets: tickets.map((row) => row.id) },
        proposals: [],
        updatedAt: ctx.now,
      }),
      put('customer', together(from, into, [...identities, ...rows.all('identity', (row) => row.customerId === into.id)], ctx)),
      ...identities.map((row: Identity) => put('identity', { ...row, customerId: into.id })),
      ...[...moved.values()].map((row) => put('ticket', row)),
    ],
  };
}

function together(from: Customer, into: Customer, identities: Identity[], ctx: Context): Customer {
  const note = [into.note, from.note].filter((part) => part !== null && part !== '').join('\n');
  const proposals = [...into.proposals, ...from.proposals].filter(
    (one, index, all) =>
      one.customerId !== into.id &&
      one.customerId !== from.id &&
      // What was proposed for the one, the other had.
      !identities.some(({ kind, value }) => kind === one.kind && value === one.value) &&
      all.findIndex(({ kind, value }) => kind === one.kind && value === one.value) === index,
  );
  return {
    ...into,
    segment: into.segment ?? from.segment,
    loyaltyTier: into.loyaltyTier ?? from.loyaltyTier,
    loyaltyPoints: into.loyaltyPoints ?? from.loyaltyPoints,
    city: into.city ?? from.city,
    // One that would not fit stays readable on the row that it came from.
    note: note === '' || note.length > 2000 ? into.note : note,
    proposals: proposals.slice(0, 20),
    updatedAt: ctx.now,
  };
}

function joinedWith(ticketId: string, theirs: Ticket[], ctx: Context): RowChange[] {
  const unresolved = theirs.filter((row) => !settled(row));
  const [one, two] = unresolved.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  if (!one || !two || unresolved.length !== 2 || (one.id !== ticketId && two.id !== ticketId)) return [];
  if (!mayWork(ctx.actor, one) || !mayWork(ctx.actor, two)) return [];
  const done = joinTickets(two, one, ctx);
  return 'changes' in done ? done.changes : [];
}

export const mergeMutations = {
  /** A ticket goes on in another of the same customer: its messages stand in that one's timeline, and the earliest clock runs on there. */
  'ticket.join': mutation({
    args: z.strictObject({ ticketId: id, intoId: id }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'ticket', id: args.intoId },
      { entity: 'slaClock', ticketId: args.ticketId },
      { entity: 'slaClock', ticketId: args.intoId },
    ],
    apply(rows, args, ctx) {
      const from = workable(rows, args.ticketId, ctx);
      if (!from) return reject('NOT_FOUND', { field: 'ticketId' });
      const into = workable(rows, args.intoId, ctx);
      if (!into || into.id === from.id) return reject('NOT_FOUND', { field: 'intoId' });
      // Done before, by whomever.
      if (from.merged?.into === into.id) return { changes: [] };
      return joinTickets(from, into, ctx);
    },
  }),
} as const;
