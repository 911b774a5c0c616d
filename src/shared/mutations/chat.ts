/** What the hub adds to chats by itself. */
import { z } from 'zod';
import { id, limits, type Message } from '../domain.ts';
import { mutation, reject } from './define.ts';
import { said } from './said.ts';

export const chatMutations = {
  /**
   * Answers by chat that nobody has read go out once more, by mail. It is no answer of its own: no clock ends with it, and the ticket is
   * where it was.
   */
  'chat.continue': mutation({
    args: z.strictObject({
      messageId: id,
      ticketId: id,
      channelId: z.string().max(64),
      identityId: id,
      body: z.string().min(1).max(limits.messageLength),
      continues: z.array(id).min(1).max(50),
    }),
    by: 'system',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'message', id: args.messageId },
      { entity: 'channel', id: args.channelId },
      { entity: 'identity', id: args.identityId },
      { entity: 'message', queuedOf: args.ticketId },
      { entity: 'attachment', pendingOf: args.ticketId },
    ],
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      const identity = rows.get('identity', args.identityId);
      if (!ticket || identity?.customerId !== ticket.customerId) return reject('NOT_FOUND', { field: 'ticketId' });
      if (rows.get('message', args.messageId)) return { changes: [] };
      if (!rows.get('channel', args.channelId)?.active) return reject('NOT_FOUND', { field: 'channelId' });
      const message: Message = {
        id: args.messageId,
        ticketId: ticket.id,
        kind: 'reply',
        channel: 'email',
        authorType: 'system',
        authorId: null,
        authorName: ctx.actor.name,
        body: args.body,
        call: null,
        authoredAt: ctx.now,
        acceptedAt: null,
        delivery: 'queued',
        deliveryError: null,
        extra: { automatic: true, continues: args.continues, via: { channelId: args.channelId, identityId: args.identityId } },
      };
      return { changes: said(ticket, message, {}, ctx) };
    },
  }),
} as const;
