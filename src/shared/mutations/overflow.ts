/** What becomes of work that has waited in vain. The router proposes it; whether it still waits is decided here, in the commit. */
import { z } from 'zod';
import { id, type Message } from '../domain.ts';
import { otherWays } from '../routing-rows.ts';
import { mutation, type Outcome } from './define.ts';
import { waits } from './offer.ts';
import { authored, said } from './said.ts';
import { changed, quiet } from './ticket.ts';

const unchanged: Outcome = { changes: [] };

/** Who says yes to it leaves what is needed; agents read it on the ticket. */
const wayWords = {
  callback: {
    vi: 'Hiện các tư vấn viên đều đang bận. Nếu anh/chị muốn được gọi lại, vui lòng nhắn số điện thoại và giờ thuận tiện. Anh/chị vẫn giữ lượt chờ tại đây.',
    en: 'All of our agents are busy. If you would rather be called back, please leave your phone number and a good time. You keep your place here.',
  },
  email: {
    vi: 'Hiện các tư vấn viên đều đang bận. Nếu anh/chị đồng ý nhận trả lời qua email, vui lòng nhắn địa chỉ email. Anh/chị vẫn giữ lượt chờ tại đây.',
    en: 'All of our agents are busy. If you agree to an answer by e-mail, please leave your address. You keep your place here.',
  },
} as const;

export const overflowMutations = {
  /** The router's: it has waited in vain, and goes on in another queue. It keeps its place in time. */
  'ticket.overflow': mutation({
    args: z.strictObject({ ticketId: id, from: id, to: id, why: z.enum(['waited', 'length', 'nobody', 'closed']), messageId: id }),
    by: 'system',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'queue', id: args.to },
    ],
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      if (ticket?.queueId !== args.from || !waits(ticket, ctx.now) || ticket.offeredTo !== null || !rows.get('queue', args.to))
        return unchanged;
      return changed(ticket, { queueId: args.to }, ctx);
    },
  }),

  /**
   * The router's: it has waited in vain, and the customer is asked whether they would rather be called, or written to. An automatic
   * message: no clock is met by it, and the ticket keeps its place until somebody has it. Once for each wait: the message's id says which.
   */
  'ticket.offerWay': mutation({
    args: z.strictObject({ ticketId: id, from: id, way: z.enum(otherWays), messageId: id }),
    by: 'system',
    reads: (args) => [
      { entity: 'ticket', id: args.ticketId },
      { entity: 'message', id: args.messageId },
    ],
    apply(rows, args, ctx) {
      const ticket = rows.get('ticket', args.ticketId);
      if (ticket?.queueId !== args.from || !waits(ticket, ctx.now) || ticket.offeredTo !== null || ticket.channel === 'phone')
        return unchanged;
      if (rows.get('message', args.messageId)) return unchanged;
      const locale = rows.all('workspace', () => true)[0]?.locale ?? 'vi';
      const body = wayWords[args.way][locale];
      const line: Message = {
        ...authored(ctx, { id: args.messageId, ticketId: ticket.id, kind: 'reply', channel: ticket.channel, body }),
        extra: { automatic: true, ...(ticket.channelId === null ? {} : { via: { channelId: ticket.channelId, identityId: null } }) },
      };
      return { changes: said(ticket, line, quiet(ticket), ctx) };
    },
  }),
} as const;
