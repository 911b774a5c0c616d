/** What bots do on tickets, and how people take over from them. A bot holds a ticket while its status says so, and never gets it back. */
import { z } from 'zod';
import { id, limits, type Message, priority, type Ticket } from '../domain.ts';
import { type Context, mutation, type Read, reject } from './define.ts';
import { authored, said } from './said.ts';
import { changed, heldOff, workable } from './ticket.ts';

const botName = z.string().trim().min(1).max(200);

export const handOffReasons = ['user_request', 'low_confidence', 'error', 'policy', 'timeout'] as const;
const handOffReason = z.enum(handOffReasons);

const reasonWords: Record<z.infer<typeof handOffReason>, string> = {
  user_request: 'khách muốn gặp nhân viên',
  low_confidence: 'bot chưa hiểu khách',
  error: 'bot gặp lỗi',
  policy: 'theo quy định',
  timeout: 'bot không trả lời kịp',
};

const readTicket = ({ ticketId, messageId }: { ticketId: string; messageId: string }): Read[] => [
  { entity: 'ticket', id: ticketId },
  { entity: 'message', id: messageId },
  { entity: 'slaClock', ticketId },
];

function byBot(ctx: Context, ticket: Ticket, message: Pick<Message, 'id' | 'kind' | 'body'>, name: string): Message {
  return {
    ...authored(ctx, { ...message, ticketId: ticket.id, channel: ticket.channel }),
    authorType: 'bot',
    authorId: null,
    authorName: name,
  };
}

export const botMutations = {
  /**
   * A bot's answer. Marked as automatic, and no clock is met by it. One that comes after the bot has given the ticket away, or somebody
   * has taken it, is refused and never sent.
   */
  'bot.say': mutation({
    args: z.strictObject({ messageId: id, ticketId: id, botName, body: z.string().trim().min(1).max(limits.messageLength) }),
    by: 'system',
    reads: (args) => [
      ...readTicket(args),
      { entity: 'message', queuedOf: args.ticketId },
      { entity: 'attachment', pendingOf: args.ticketId },
    ],
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (rows.get('message', args.messageId)) return { changes: [] };
      if (ticket.status !== 'bot') return reject('STALE_REPLY', { field: 'ticketId' });
      const message: Message = {
        ...byBot(ctx, ticket, { id: args.messageId, kind: 'reply', body: args.body }, args.botName),
        extra: { automatic: true, ...(ticket.channelId === null ? {} : { via: { channelId: ticket.channelId, identityId: null } }) },
      };
      return { changes: said(ticket, message, { unansweredSince: null }, ctx) };
    },
  }),

  /** From here on people answer, and the clocks run. What the bot has learnt stands on the ticket. Of a second one nothing is left. */
  'bot.handOff': mutation({
    args: z.strictObject({
      messageId: id,
      ticketId: id,
      botName,
      reason: handOffReason,
      summary: z.string().max(2000),
      collected: z.record(z.string().min(1).max(60), z.string().max(500)),
      /** what whoever takes it should know of; a tag, as long as nothing routes by it */
      skill: z.string().trim().min(1).max(limits.tagLength).nullable(),
      priority: priority.nullable(),
      /** only if the bot still owes the answer that it owed then */
      owedSince: z.int().nonnegative().optional(),
    }),
    by: 'system',
    reads: (args) => readTicket(args),
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (rows.get('message', args.messageId) || ticket.status !== 'bot') return { changes: [] };
      if (args.owedSince !== undefined && ticket.unansweredSince !== args.owedSince) return { changes: [] };
      const body = [`${args.botName} chuyển cho nhân viên: ${reasonWords[args.reason]}.`, args.summary.trim()].join('\n').trim();
      const message: Message = {
        ...byBot(ctx, ticket, { id: args.messageId, kind: 'system', body }, args.botName),
        extra: { automatic: true, collected: { ...args.collected, reason: args.reason } },
      };
      const tags = args.skill === null ? ticket.tags : [...new Set([...ticket.tags, args.skill])].sort().slice(0, limits.tagsPerTicket);
      const fields: Partial<Ticket> = { ...handedOver(ticket, ctx), status: 'new', tags, priority: args.priority ?? ticket.priority };
      return { changes: said(ticket, message, fields, ctx) };
    },
  }),

  /** An agent answers from here on. Where nobody else has it, it is theirs. */
  'bot.takeOver': mutation({
    args: z.strictObject({ ticketId: id }),
    by: 'person',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'slaClock', ticketId: args.ticketId },
    ],
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (ticket.status !== 'bot') return { changes: [] };
      const held = heldOff(ticket, ctx);
      if (held) return held;
      return changed(ticket, { ...handedOver(ticket, ctx), status: 'open', assigneeId: ticket.assigneeId ?? ctx.actor.userId }, ctx);
    },
  }),
} as const;

/** A customer who has spoken to nobody but a bot waits for a person from now on. */
function handedOver(ticket: Ticket, ctx: Context): Partial<Ticket> {
  return { unansweredSince: ticket.lastInboundAt === null ? null : ctx.now };
}
