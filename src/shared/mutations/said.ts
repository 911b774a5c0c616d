/** What a message does to its ticket, and what a first message brings along. */
import type { z } from 'zod';
import { type CallDetails, type ChannelKind, type identityKind, limits, type Message, type Ticket } from '../domain.ts';
import { noClock } from '../sla.ts';
import { type Context, put, type RowChange } from './define.ts';

export function preview(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, limits.previewLength);
}

export function authored(
  ctx: Context,
  fields: Pick<Message, 'id' | 'ticketId' | 'kind' | 'channel' | 'body'> & { call?: CallDetails | null },
): Message {
  return {
    ...fields,
    call: fields.call ?? null,
    authorType: ctx.actor.role === 'system' ? 'system' : 'agent',
    authorId: ctx.actor.userId,
    authorName: ctx.actor.name,
    authoredAt: ctx.authoredAt ?? ctx.now,
    acceptedAt: null,
    delivery: fields.kind === 'reply' ? 'queued' : null,
    deliveryError: null,
    extra: null,
  };
}

export function said(ticket: Ticket, message: Message, fields: Partial<Ticket>, ctx: Context): RowChange[] {
  return [
    put('message', message),
    put('ticket', {
      ...ticket,
      lastMessageAt: ctx.now,
      lastMessageKind: message.kind,
      lastMessagePreview: preview(message.body),
      updatedAt: ctx.now,
      ...fields,
    }),
  ];
}

/** of a ticket's `threads`: by telephone, whichever the line */
export const byPhone = 'phone';
const mostThreads = 20;

/** The customer has been in contact at this place: a channel by its id, or `byPhone`. From another place than the time before, it is a hop. */
export function contacted({ threads, hops }: Pick<Ticket, 'threads' | 'hops'>, place: string): Pick<Ticket, 'threads' | 'hops'> {
  const last = threads.at(-1);
  return {
    threads: [...threads.filter((one) => one !== place), place].slice(-mostThreads),
    hops: last === undefined || last === place ? hops : hops + 1,
  };
}

/** Whether what comes through this channel goes on with the ticket. */
export const inThread = (ticket: Ticket, channelId: string): boolean =>
  ticket.channelId === channelId || ticket.threads.includes(channelId);

export function callChanges(ticket: Ticket, args: { messageId: string; body: string; call: CallDetails }, ctx: Context): RowChange[] {
  const message = authored(ctx, {
    id: args.messageId,
    ticketId: ticket.id,
    kind: 'call',
    channel: 'phone',
    body: args.body,
    call: args.call,
  });
  const answered = args.call.outcome === 'answered';
  const theirs = args.call.direction === 'inbound';
  return said(
    ticket,
    message,
    {
      ...(theirs ? contacted(ticket, byPhone) : {}),
      ...(answered
        ? { unansweredSince: null, ...(ticket.status === 'new' ? { status: 'open' as const } : {}) }
        : theirs
          ? { unansweredSince: ticket.unansweredSince ?? ctx.now }
          : {}),
    },
    ctx,
  );
}

export function customerChanges(
  customerId: string,
  name: string,
  identity: { id: string; kind: z.infer<typeof identityKind>; value: string; verified: boolean } | null,
  ctx: Context,
): RowChange[] {
  const customer = put('customer', {
    id: customerId,
    name,
    segment: null,
    loyaltyTier: null,
    loyaltyPoints: null,
    city: null,
    note: null,
    proposals: [],
    merged: null,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  });
  return identity ? [customer, put('identity', { ...identity, customerId, state: 'ok' })] : [customer];
}

export function freshTicket(
  fields: Pick<Ticket, 'id' | 'subject' | 'channelId' | 'queueId' | 'customerId'> & { channel: ChannelKind },
  ctx: Context,
): Ticket {
  return {
    ...fields,
    number: null,
    provisionalRef: null,
    status: 'new',
    priority: 'normal',
    assigneeId: null,
    tags: [],
    snoozedUntil: null,
    contactReason: null,
    disposition: null,
    createdAt: ctx.now,
    updatedAt: ctx.now,
    resolvedAt: null,
    lastMessageAt: ctx.now,
    lastMessageKind: 'system',
    lastMessagePreview: '',
    lastInboundId: null,
    lastInboundAt: null,
    lastReplyId: null,
    lastReplyBy: null,
    lastReplyAt: null,
    unansweredSince: null,
    ...noClock,
    enqueuedAt: null,
    queuedSince: null,
    offeredTo: null,
    needs: [],
    followUpOf: null,
    leaseBy: null,
    leaseUntil: null,
    threads: [],
    hops: 0,
    joined: [],
    merged: null,
  };
}
