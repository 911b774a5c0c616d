/** What bears on the SLA clocks beside messages: the state of a ticket, an answer that is not owed, and breaches with what follows. */
import { z } from 'zod';
import { id, priorities, type SlaClock, type Ticket } from '../domain.ts';
import type { Notice } from '../routing-rows.ts';
import { breachClock, businessTime, defaultEscalation, escalationAt, isOpen } from '../sla.ts';
import { type Context, type Loaded, mutation, type Outcome, put, reject, type RowChange } from './define.ts';
import { said } from './said.ts';
import { changed, handedBack, heldOff, isHeldOffline, noReplyNeeded, noReplyWords, quiet, workable } from './ticket.ts';

const unchanged: Outcome = { changes: [] };

/** Who is told of a ticket: whoever has it, the leads of its queue's team, the administrators. Each once. */
export function concerned(rows: Loaded, ticket: Ticket, told: readonly ('agent' | 'lead' | 'admin')[]): string[] {
  const teamId = rows.get('queue', ticket.queueId)?.teamId;
  const people = rows.all('user', (user) => {
    if (!user.active) return false;
    if (user.role === 'lead') return told.includes('lead') && rows.get('teamMember', `${teamId}:${user.id}`) !== undefined;
    return user.role === 'admin' && told.includes('admin');
  });
  const mine = told.includes('agent') && ticket.assigneeId !== null ? [ticket.assigneeId] : [];
  return [...new Set([...mine, ...people.map((user) => user.id)])];
}

export function notice(userId: string, kind: Notice['kind'], ticketId: string | null, text: string, ctx: Context): RowChange {
  return put('notice', { id: ctx.newId(), userId, kind, ticketId, fromId: ctx.actor.userId, text, at: ctx.now, seenAt: null });
}

/** Rule 8: takes every step that is due by now, each once: the clock remembers how many were. */
function escalate(rows: Loaded, before: Ticket, late: SlaClock, ctx: Context): Outcome {
  const steps = (late.policyId === null ? undefined : rows.get('slaPolicy', late.policyId))?.escalation ?? defaultEscalation;
  const time = businessTime(late.calendarId === null ? undefined : rows.get('calendar', late.calendarId));
  const changes: RowChange[] = [];
  let ticket = before;
  let clock = late;
  for (;;) {
    const step = steps[clock.escalated];
    const at = escalationAt(clock, steps, clock.escalated, time);
    clock = { ...clock, escalateAt: at };
    if (!step || at === null || at > ctx.now) break;
    const kind = step.afterPercent === 0 ? 'breach' : 'escalated';
    for (const userId of concerned(rows, ticket, step.tell)) changes.push(notice(userId, kind, ticket.id, clock.kind, ctx));
    const settled = ticket.status === 'resolved' || ticket.status === 'closed' || ticket.status === 'spam';
    if (step.raise && !settled) ticket = { ...ticket, priority: priorities[priorities.indexOf(ticket.priority) + 1] ?? ticket.priority };
    // While somebody holds it offline it is theirs: the step only tells.
    if (step.requeue && !settled && !isHeldOffline(ticket, ctx)) ticket = { ...ticket, ...handedBack(ticket) };
    clock = { ...clock, escalated: clock.escalated + 1 };
  }
  return { changes: [...changes, put('slaClock', clock), put('ticket', { ...ticket, updatedAt: ctx.now })] };
}

const clockOf = (args: { ticketId: string; clockId: string }) => [
  { entity: 'ticket' as const, id: args.ticketId },
  { entity: 'slaClock' as const, ticketId: args.ticketId },
];

export const slaMutations = {
  /** The hub's: a clock ran out. Recorded once; the clock stays open to show how late the answer is. */
  'sla.breach': mutation({
    args: z.strictObject({ ticketId: id, clockId: id, dueAt: z.int() }),
    by: 'system',
    reads: clockOf,
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      const clock = rows.get('slaClock', args.clockId);
      if (!ticket || clock?.state !== 'running' || !isOpen(clock) || clock.dueAt !== args.dueAt || clock.dueAt > ctx.now) return unchanged;
      return escalate(rows, ticket, breachClock(clock), ctx);
    },
  }),

  /** The hub's: more time has gone by since a breach. */
  'sla.escalate': mutation({
    args: z.strictObject({ ticketId: id, clockId: id, step: z.int().nonnegative() }),
    by: 'system',
    reads: clockOf,
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      const clock = rows.get('slaClock', args.clockId);
      if (!ticket || clock?.state !== 'breached' || !isOpen(clock) || clock.escalated !== args.step) return unchanged;
      if (clock.escalateAt === null || clock.escalateAt > ctx.now) return unchanged;
      return escalate(rows, ticket, clock, ctx);
    },
  }),

  /** Rule 5: what the customer said last is owed no answer ("thanks, bye"), and why. It is no first response. */
  'ticket.noReply': mutation({
    args: z.strictObject({ ticketId: id, seenInboundId: id.nullable(), ...noReplyWords.shape }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'message', id: args.messageId },
    ],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (rows.get('message', args.messageId)) return unchanged;
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      const held = heldOff(ticket, ctx);
      if (held) return held;
      if (ticket.lastInboundId !== args.seenInboundId) return reject('NEW_INBOUND', { detail: { lastInboundId: ticket.lastInboundId } });
      return { changes: said(ticket, noReplyNeeded(ticket, args, ctx), { ...quiet(ticket), unansweredSince: null }, ctx) };
    },
  }),

  /** Whom the ticket waits for, and whether it is spam. Out of spam it is open. */
  'ticket.setStatus': mutation({
    args: z.strictObject({ ticketId: id, status: z.enum(['open', 'waiting_customer', 'waiting_third_party', 'spam']) }),
    by: 'person',
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      if (ticket.status === args.status) return unchanged;
      const held = heldOff(ticket, ctx);
      if (held) return held;
      if (ticket.status === 'resolved') return reject('INVALID', { field: 'status', detail: { reason: 'reopen it first' } });
      return changed(ticket, { status: args.status, ...(args.status === 'spam' ? { snoozedUntil: null } : {}) }, ctx);
    },
  }),
} as const;
