/** What agents say on a ticket: replies, notes, calls. */
import { z } from 'zod';
import { attachmentRow, callDetails, type ChannelKind, id, identityKind, limits, type Message, priority, type Ticket } from '../domain.ts';
import { mayWork } from '../permissions.ts';
import { reaches } from '../rules.ts';
import { fileMissing } from './attachment.ts';
import { current, followed } from './follow.ts';
import { type Context, type Loaded, mutation, put, reject, type Rejection, type RowChange } from './define.ts';
import { authored, callChanges, customerChanges, freshTicket, said } from './said.ts';
import { heldOff, picks, workable } from './ticket.ts';

const body = z.string().trim().min(1).max(limits.messageLength);

/** The state of the conversation that was on the agent's screen when the text was written. */
export const seen = z.strictObject({ inboundId: id.nullable(), replyId: id.nullable(), assigneeId: id.nullable() });

const newCustomer = z.strictObject({
  id,
  name: z.string().trim().min(1).max(200),
  identity: z.strictObject({ id, kind: identityKind, value: z.string().min(1).max(320) }).nullable(),
});

/** Files of a message; their bytes go by a lane of their own. Absent: none. */
const attachments = z
  .array(attachmentRow.pick({ id: true, name: true, type: true, size: true, sha256: true }))
  .max(limits.attachmentsPerMessage)
  .optional();

/** Rows of the files that a new message brings along. An id that is taken is somebody else's. */
function attached(
  message: Message,
  files: z.infer<typeof attachments>,
  rows: Loaded,
  ctx: Context,
): { changes: RowChange[] } | { rejection: Rejection } {
  const changes: RowChange[] = [];
  for (const [index, file] of (files ?? []).entries()) {
    if (rows.get('attachment', file.id)) return reject('DUPLICATE', { field: `attachments.${index}.id` });
    if (file.size > limits.attachmentBytes)
      return reject('TOO_LARGE', { field: `attachments.${index}.size`, detail: { most: limits.attachmentBytes } });
    changes.push(put('attachment', { ...file, messageId: message.id, ticketId: message.ticketId, state: 'pending', createdAt: ctx.now }));
  }
  return { changes };
}

const attachmentReads = (files: z.infer<typeof attachments>) =>
  (files ?? []).map((file) => ({ entity: 'attachment' as const, id: file.id }));

/** Where an answer is to go: a channel that is in use, and somebody who is this ticket's customer. */
function destination(
  rows: Loaded,
  ticket: Ticket,
  to: { channelId: string; identityId: string },
): { kind: ChannelKind } | { rejection: Rejection } {
  const channel = rows.get('channel', to.channelId);
  if (!channel?.active) return reject('NOT_FOUND', { field: 'to.channelId' });
  const identity = rows.get('identity', to.identityId);
  if (identity?.customerId !== ticket.customerId || !reaches(channel.kind, identity.kind)) {
    return reject('NOT_FOUND', { field: 'to.identityId' });
  }
  return { kind: channel.kind };
}

/** The ticket if the actor may work it; what is said on one that goes on in another is said there. */
function sayable(rows: Loaded, ticketId: string, ctx: Context): Ticket | undefined {
  const ticket = current(rows, ticketId);
  return ticket && mayWork(ctx.actor, ticket) ? ticket : undefined;
}

export const messageMutations = {
  /**
   * A public answer: on the channel the customer wrote last, or where the agent says (`to`).
   *
   * Held as STALE_REPLY (sync page, "Two people at once") when
   * 1. a colleague has replied, or the ticket has changed hands, since what the agent saw: always;
   * 2. the customer has written since, and the console was offline or behind while the text was written.
   * A live console's answer that crosses a customer's message goes out.
   */
  'message.reply': mutation({
    args: z.strictObject({
      messageId: id,
      ticketId: id,
      body,
      seen,
      live: z.boolean(),
      attachments,
      to: z.strictObject({ channelId: z.string().max(64), identityId: id }).optional(),
      /** the message that it answers */
      replyToId: id.optional(),
    }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      ...(args.to
        ? [
            { entity: 'channel' as const, id: args.to.channelId },
            { entity: 'identity' as const, id: args.to.identityId },
          ]
        : []),
      { entity: 'message', id: args.messageId },
      { entity: 'slaClock', ticketId: args.ticketId },
      // Whoever settles it, or a file that comes in the same commit, has to know what is held, and for which files.
      { entity: 'message', queuedOf: args.ticketId },
      { entity: 'attachment', pendingOf: args.ticketId },
      ...attachmentReads(args.attachments),
    ],
    more: (args, rows) => followed(rows, args.ticketId),
    apply(rows, args, ctx) {
      const ticket = sayable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (rows.get('message', args.messageId)) return reject('DUPLICATE', { field: 'messageId' });
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      const held = heldOff(ticket, ctx);
      if (held) return held;
      const picked = picks(rows, ticket, ctx);
      if (picked) return picked;
      const me = ctx.actor.userId;
      const colleagueReplied = ticket.lastReplyId !== args.seen.replyId && ticket.lastReplyBy !== me;
      const changedHands = ticket.assigneeId !== args.seen.assigneeId && ticket.assigneeId !== me;
      const customerWrote = ticket.lastInboundId !== args.seen.inboundId;
      if (colleagueReplied || changedHands || (customerWrote && !args.live)) {
        return reject('STALE_REPLY', {
          detail: { colleagueReplied, changedHands, customerWrote, assigneeId: ticket.assigneeId, lastReplyBy: ticket.lastReplyBy },
        });
      }
      const to = args.to && destination(rows, ticket, args.to);
      if (to && 'rejection' in to) return to;
      const channelId = args.to?.channelId ?? ticket.channelId;
      const message: Message = {
        ...authored(ctx, { id: args.messageId, ticketId: ticket.id, kind: 'reply', channel: to?.kind ?? ticket.channel, body: args.body }),
        extra:
          channelId === null
            ? null
            : {
                via: { channelId, identityId: args.to?.identityId ?? null },
                ...(args.replyToId === undefined ? {} : { replyToId: args.replyToId }),
              },
      };
      const files = attached(message, args.attachments, rows, ctx);
      if ('rejection' in files) return files;
      return {
        changes: [
          ...said(
            ticket,
            message,
            {
              status: 'waiting_customer',
              resolvedAt: null,
              assigneeId: ticket.assigneeId ?? me,
              lastReplyId: message.id,
              lastReplyBy: me,
              lastReplyAt: ctx.now,
              unansweredSince: null,
            },
            ctx,
          ),
          ...files.changes,
        ],
      };
    },
  }),

  /**
   * An answer that has failed, or of which nobody knows whether it has arrived, goes out once more, on the agent's word. One whose
   * file never came can't: its file has to be attached anew.
   */
  'message.sendAgain': mutation({
    args: z.strictObject({ messageId: id, ticketId: id }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'message', id: args.messageId },
    ],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      const message = rows.get('message', args.messageId);
      if (!ticket || message?.ticketId !== ticket.id) return reject('NOT_FOUND', { field: 'messageId' });
      if (message.delivery !== 'failed' && message.delivery !== 'unknown') return { changes: [] };
      if (message.deliveryError === fileMissing) return reject('INVALID', { field: 'messageId', detail: { reason: fileMissing } });
      return { changes: [put('message', { ...message, delivery: 'accepted', deliveryError: null })] };
    },
  }),

  /** The agent has looked elsewhere: an answer of which nobody knew has arrived. */
  'message.hasArrived': mutation({
    args: z.strictObject({ messageId: id, ticketId: id }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'message', id: args.messageId },
    ],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      const message = rows.get('message', args.messageId);
      if (!ticket || message?.ticketId !== ticket.id) return reject('NOT_FOUND', { field: 'messageId' });
      if (message.delivery !== 'unknown') return { changes: [] };
      return { changes: [put('message', { ...message, delivery: 'sent', deliveryError: null })] };
    },
  }),

  /** Internal: never leaves the house, never meets an SLA. */
  'message.note': mutation({
    args: z.strictObject({ messageId: id, ticketId: id, body, attachments }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'message', id: args.messageId },
      ...attachmentReads(args.attachments),
    ],
    more: (args, rows) => followed(rows, args.ticketId),
    apply(rows, args, ctx) {
      const ticket = sayable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (rows.get('message', args.messageId)) return reject('DUPLICATE', { field: 'messageId' });
      const message = authored(ctx, { id: args.messageId, ticketId: ticket.id, kind: 'note', channel: ticket.channel, body: args.body });
      const files = attached(message, args.attachments, rows, ctx);
      if ('rejection' in files) return files;
      return { changes: [...said(ticket, message, {}, ctx), ...files.changes] };
    },
  }),

  /** A call written onto a ticket. An answered one is a public answer. */
  'call.log': mutation({
    args: z.strictObject({ messageId: id, ticketId: id, body, call: callDetails }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'message', id: args.messageId },
      { entity: 'slaClock', ticketId: args.ticketId },
    ],
    more: (args, rows) => followed(rows, args.ticketId),
    apply(rows, args, ctx) {
      const ticket = sayable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (rows.get('message', args.messageId)) return reject('DUPLICATE', { field: 'messageId' });
      if (ticket.status === 'closed') return reject('TICKET_CLOSED');
      return { changes: callChanges(ticket, args, ctx) };
    },
  }),

  /** A ticket by hand: a call, somebody at the counter. The customer is found by number or address, or made. */
  'ticket.create': mutation({
    args: z.strictObject({
      ticketId: id,
      queueId: id,
      channel: z.enum(['phone', 'counter', 'other']),
      subject: z.string().trim().min(1).max(limits.subjectLength),
      priority,
      tags: z.array(z.string().trim().min(1).max(limits.tagLength)).max(20),
      /** a number to read to the caller before the hub has given one */
      provisionalRef: z.string().trim().max(20),
      customer: z.union([z.strictObject({ id }), newCustomer]),
      messageId: id,
      body,
      call: callDetails.nullable(),
      assignToMe: z.boolean(),
    }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'message', id: args.messageId },
      { entity: 'queue', id: args.queueId },
      { entity: 'customer', id: args.customer.id },
      ...('identity' in args.customer && args.customer.identity
        ? [{ entity: 'identity' as const, kind: args.customer.identity.kind, value: args.customer.identity.value }]
        : []),
    ],
    apply(rows, args, ctx) {
      if (rows.get('ticket', args.ticketId)) return reject('DUPLICATE', { field: 'ticketId' });
      if (rows.get('message', args.messageId)) return reject('DUPLICATE', { field: 'messageId' });
      if (!ctx.actor.queues.has(args.queueId) || !rows.get('queue', args.queueId)) return reject('NOT_FOUND', { field: 'queueId' });
      const changes: RowChange[] = [];
      let customerId = args.customer.id;
      if ('name' in args.customer) {
        const { identity, name } = args.customer;
        const known = identity && rows.all('identity', (row) => row.kind === identity.kind && row.value === identity.value)[0];
        if (known) customerId = known.customerId;
        else if (rows.get('customer', customerId)) return reject('DUPLICATE', { field: 'customer.id' });
        else changes.push(...customerChanges(customerId, name, identity && { ...identity, verified: false }, ctx));
      } else if (!rows.get('customer', customerId)) {
        return reject('NOT_FOUND', { field: 'customer.id' });
      }
      const ticket = freshTicket(
        {
          id: args.ticketId,
          subject: args.subject,
          channel: args.channel,
          channelId: null,
          queueId: args.queueId,
          customerId,
        },
        ctx,
      );
      ticket.status = 'open';
      ticket.provisionalRef = args.provisionalRef === '' ? null : args.provisionalRef;
      ticket.priority = args.priority;
      ticket.tags = [...new Set(args.tags)].sort();
      ticket.assigneeId = args.assignToMe ? ctx.actor.userId : null;
      return {
        changes: [
          ...changes,
          ...(args.call
            ? callChanges(ticket, { messageId: args.messageId, body: args.body, call: args.call }, ctx)
            : said(
                ticket,
                authored(ctx, { id: args.messageId, ticketId: ticket.id, kind: 'note', channel: args.channel, body: args.body }),
                {},
                ctx,
              )),
        ],
      };
    },
  }),
} as const;
