/** What people and the hub's timers do to a ticket. */
import { z } from 'zod';
import { id, limits, type Message, priority, type Ticket } from '../domain.ts';
import { mayWork } from '../permissions.ts';
import { type Context, type Loaded, mutation, type Outcome, overOthers, put, reject, type Rejection } from './define.ts';
import { authored, said } from './said.ts';

const tag = z.string().trim().min(1).max(limits.tagLength);

/** The ticket if the actor may work it. One answer for "is not there" and "is not yours", so that nothing leaks. */
export function workable(rows: Loaded, ticketId: string, ctx: Context): Ticket | undefined {
  const ticket = rows.get('ticket', ticketId);
  return ticket && mayWork(ctx.actor, ticket) ? ticket : undefined;
}

export function changed(ticket: Ticket, fields: Partial<Ticket>, ctx: Context): Outcome {
  return { changes: [put('ticket', { ...ticket, ...fields, updatedAt: ctx.now })] };
}

/** Whether somebody holds it for offline work at this moment. */
export function isHeldOffline({ leaseBy, leaseUntil }: Ticket, ctx: Context): boolean {
  return leaseBy !== null && leaseUntil !== null && leaseUntil > ctx.now;
}

/**
 * Why the actor may not decide about this ticket: a colleague holds it for offline work. An expired hold holds nobody
 * off, and the hub itself is never held off. Notes and tags stay free.
 */
export function heldOff(ticket: Ticket, ctx: Context): { rejection: Rejection } | null {
  const { leaseBy, leaseUntil } = ticket;
  if (!isHeldOffline(ticket, ctx)) return null;
  if (ctx.actor.role === 'system' || ctx.actor.userId === leaseBy) return null;
  return reject('LEASED', { detail: { leaseBy, leaseUntil } });
}

/** Why a customer is owed no answer, and the id of the line that says so in the conversation. */
export const noReplyWords = z.strictObject({ messageId: id, reason: z.string().trim().min(1).max(200) });

export function noReplyNeeded(ticket: Ticket, { messageId, reason }: z.infer<typeof noReplyWords>, ctx: Context): Message {
  const line = authored(ctx, { id: messageId, ticketId: ticket.id, kind: 'system', channel: ticket.channel, body: reason });
  return { ...line, extra: { noReply: reason } };
}

/** A line of our own that the list does not show as news. */
export const quiet = ({ lastMessageAt, lastMessageKind, lastMessagePreview }: Ticket): Partial<Ticket> => ({
  lastMessageAt,
  lastMessageKind,
  lastMessagePreview,
});

/** Where the queue says so, an agent takes what they are given, not what they like. `offeredTo`: it rings for them. */
export function picks(rows: Loaded, ticket: Ticket, ctx: Context): Outcome | null {
  const { actor } = ctx;
  if (actor.role !== 'agent' || ticket.assigneeId !== null || ticket.offeredTo === actor.userId) return null;
  const free = rows.get('queue', ticket.queueId)?.routing?.cherryPick ?? true;
  return free ? null : reject('NO_PICKING', { field: 'ticketId' });
}

/** Nobody has it any more. Whoever gets it next has to look again at what was waited for: it waits for a person now. */
export const handedBack = ({ status }: Ticket): Partial<Ticket> => ({
  assigneeId: null,
  ...(status === 'waiting_third_party' ? { status: 'open' } : {}),
});

const unchanged: Outcome = { changes: [] };

/** Nobody works it yet; a bot that does is silent from then on. */
const untaken = ({ status }: Ticket) => status === 'new' || status === 'bot';

export const ticketMutations = {
  /** Compare-and-set on the previous assignee: the second of two who assign at once is told. */
  'ticket.assign': mutation({
    args: z.strictObject({ ticketId: id, from: id.nullable(), to: id.nullable() }),
    by: 'person',
    audited: overOthers,
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }, ...(args.to === null ? [] : [{ entity: 'user' as const, id: args.to }])],
    more: (args, rows) => {
      const ticket = rows.get('ticket', args.ticketId);
      if (!ticket || args.to === null) return [];
      return [
        { entity: 'queue', id: ticket.queueId },
        { entity: 'queueMember', id: `${ticket.queueId}:${args.to}` },
      ];
    },
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      if (ticket.assigneeId === args.to) return unchanged;
      const held = heldOff(ticket, ctx);
      if (held) return held;
      if (ticket.assigneeId !== args.from) {
        return reject('ALREADY_ASSIGNED', { detail: { assigneeId: ticket.assigneeId } });
      }
      if (args.to !== null) {
        const user = rows.get('user', args.to);
        const serves = user?.role !== 'agent' || rows.get('queueMember', `${ticket.queueId}:${args.to}`) !== undefined;
        if (!user?.active || !serves) return reject('INVALID_ASSIGNEE', { field: 'to' });
      }
      const picked = args.to === null ? null : picks(rows, ticket, ctx);
      if (picked) return picked;
      return changed(ticket, { assigneeId: args.to, ...(untaken(ticket) && args.to !== null ? { status: 'open' } : {}) }, ctx);
    },
  }),

  /** Resolves. Idempotent; refused when the customer has written something the agent has not seen. */
  'ticket.close': mutation({
    args: z.strictObject({
      ticketId: id,
      seenInboundId: id.nullable(),
      disposition: z.string().trim().min(1).max(80).nullable(),
      /** why the customer's last words are owed no answer; absent: what is unanswered stays owed */
      noReply: noReplyWords.optional(),
    }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      ...(args.noReply === undefined ? [] : [{ entity: 'message' as const, id: args.noReply.messageId }]),
    ],
    more: (args, rows) => {
      const ticket = rows.get('ticket', args.ticketId);
      return ticket ? [{ entity: 'queue', id: ticket.queueId }] : [];
    },
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.status === 'resolved' || ticket.status === 'closed') return unchanged;
      const held = heldOff(ticket, ctx);
      if (held) return held;
      if (ticket.lastInboundId !== args.seenInboundId) {
        return reject('NEW_INBOUND', { detail: { lastInboundId: ticket.lastInboundId } });
      }
      const disposition = args.disposition ?? ticket.disposition;
      if (rows.get('queue', ticket.queueId)?.requiresDisposition && disposition === null) {
        return reject('DISPOSITION_REQUIRED', { field: 'disposition' });
      }
      // Rule 9: a first response that is still owed ends with the ticket; what was asked after it does not.
      const owed = args.noReply === undefined && ticket.lastReplyAt !== null ? ticket.unansweredSince : null;
      const fields: Partial<Ticket> = {
        status: 'resolved',
        disposition,
        resolvedAt: ctx.now,
        snoozedUntil: null,
        unansweredSince: owed,
      };
      const words = args.noReply && !rows.get('message', args.noReply.messageId) ? noReplyNeeded(ticket, args.noReply, ctx) : null;
      return words ? { changes: said(ticket, words, { ...quiet(ticket), ...fields }, ctx) } : changed(ticket, fields, ctx);
    },
  }),

  'ticket.reopen': mutation({
    args: z.strictObject({ ticketId: id }),
    by: 'person',
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      if (ticket.status !== 'resolved' && ticket.status !== 'spam') return unchanged;
      return changed(ticket, { status: 'open', resolvedAt: null, unansweredSince: owedSince(ticket) }, ctx);
    },
  }),

  'ticket.snooze': mutation({
    args: z.strictObject({ ticketId: id, until: z.int().positive().nullable() }),
    by: 'person',
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      // A snooze that was queued so long that its moment has passed wakes at once.
      const until = args.until !== null && args.until > ctx.now ? args.until : null;
      return until === ticket.snoozedUntil ? unchanged : changed(ticket, { snoozedUntil: until }, ctx);
    },
  }),

  /** Adding and removing commute, so two agents who tag at once both keep their tag. */
  'ticket.tag': mutation({
    args: z.strictObject({ ticketId: id, add: z.array(tag).max(20), remove: z.array(tag).max(20) }),
    by: 'person',
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      const tags = new Set(ticket.tags);
      for (const name of args.remove) tags.delete(name);
      for (const name of args.add) tags.add(name);
      if (tags.size > limits.tagsPerTicket) return reject('INVALID', { field: 'add', detail: { most: limits.tagsPerTicket } });
      return changed(ticket, { tags: [...tags].sort() }, ctx);
    },
  }),

  /** Fields without a rule of their own: the hub's order wins, field by field. */
  'ticket.edit': mutation({
    args: z.strictObject({
      ticketId: id,
      subject: z.string().trim().min(1).max(limits.subjectLength).optional(),
      priority: priority.optional(),
      contactReason: z.string().trim().min(1).max(80).nullable().optional(),
    }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'slaClock', ticketId: args.ticketId },
    ],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      const fields: Partial<Ticket> = {};
      if (args.subject !== undefined) fields.subject = args.subject;
      if (args.priority !== undefined) fields.priority = args.priority;
      if (args.contactReason !== undefined) fields.contactReason = args.contactReason;
      return changed(ticket, fields, ctx);
    },
  }),

  /** To another queue. Whoever holds it keeps it only if they serve the new queue. */
  'ticket.move': mutation({
    args: z.strictObject({ ticketId: id, queueId: id }),
    by: 'person',
    audited: overOthers,
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'queue', id: args.queueId },
    ],
    more: (args, rows) => {
      const assignee = rows.get('ticket', args.ticketId)?.assigneeId;
      return assignee ? [{ entity: 'queueMember', id: `${args.queueId}:${assignee}` }] : [];
    },
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      if (!rows.get('queue', args.queueId)) return reject('INVALID', { field: 'queueId' });
      if (ticket.queueId === args.queueId) return unchanged;
      const held = heldOff(ticket, ctx);
      if (held) return held;
      const serves = ticket.assigneeId !== null && rows.get('queueMember', `${args.queueId}:${ticket.assigneeId}`) !== undefined;
      return changed(ticket, { queueId: args.queueId, assigneeId: serves ? ticket.assigneeId : null }, ctx);
    },
  }),

  /**
   * Holds a ticket for offline work (sync page, "Leases"): at most 20 at a time for at most 8 hours, never a live chat. Whoever
   * holds it has it assigned. Held again by the same agent: the new end counts.
   */
  'ticket.lease': mutation({
    args: z.strictObject({ ticketId: id, until: z.int().positive() }),
    by: 'person',
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    more: (_args, _rows, me) => (me === null ? [] : [{ entity: 'ticket', leaseBy: me }]),
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      const me = ctx.actor.userId;
      if (!ticket || me === null) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      if (ticket.channel === 'chat') return reject('NOT_LEASABLE', { field: 'ticketId' });
      const held = heldOff(ticket, ctx);
      if (held) return held;
      if (ticket.assigneeId !== null && ticket.assigneeId !== me) {
        return reject('ALREADY_ASSIGNED', { detail: { assigneeId: ticket.assigneeId } });
      }
      const picked = picks(rows, ticket, ctx);
      if (picked) return picked;
      if (args.until <= ctx.now) return reject('INVALID', { field: 'until', detail: { reason: 'in the past' } });
      const others = rows.all('ticket', (row) => row.id !== ticket.id && row.leaseBy === me && (row.leaseUntil ?? 0) > ctx.now);
      if (others.length >= limits.leases) return reject('TOO_MANY_LEASES', { detail: { most: limits.leases } });
      return changed(
        ticket,
        {
          leaseBy: me,
          leaseUntil: Math.min(args.until, ctx.now + limits.leaseMs),
          assigneeId: me,
          ...(untaken(ticket) ? { status: 'open' } : {}),
        },
        ctx,
      );
    },
  }),

  /** Gives a held ticket back; a lead or an administrator may break a colleague's hold. */
  'ticket.release': mutation({
    args: z.strictObject({ ticketId: id }),
    by: 'person',
    audited: overOthers,
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.leaseBy === null) return unchanged;
      if (ctx.actor.role === 'agent') {
        const held = heldOff(ticket, ctx);
        if (held) return held;
      }
      return changed(ticket, { leaseBy: null, leaseUntil: null }, ctx);
    },
  }),

  /** The hub's timer: a snooze is over. `until` guards against a timer that a later snooze has overtaken. */
  'ticket.wake': mutation({
    args: z.strictObject({ ticketId: id, until: z.int() }),
    by: 'system',
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      if (ticket?.snoozedUntil !== args.until) return unchanged;
      return changed(ticket, { snoozedUntil: null }, ctx);
    },
  }),

  /** The hub's timer: 72 h after resolving a ticket is final. */
  'ticket.finalise': mutation({
    args: z.strictObject({ ticketId: id, resolvedAt: z.int() }),
    by: 'system',
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      if (ticket?.status !== 'resolved' || ticket.resolvedAt !== args.resolvedAt) return unchanged;
      return changed(ticket, { status: 'closed' }, ctx);
    },
  }),
} as const;

/** After an undone close: the customer's message that was still unanswered, if there was one. */
function owedSince(ticket: Ticket): number | null {
  if (ticket.lastInboundAt === null) return null;
  return ticket.lastReplyAt === null || ticket.lastReplyAt < ticket.lastInboundAt ? ticket.lastInboundAt : null;
}
