/** What channels tell of: messages of customers, answers given elsewhere, and what becomes of either later. By the hub alone. */
import { z } from 'zod';
import { attachmentRow, callDetails, id, identityKind, limits, type Message, messageExtra, type Rows, type Ticket } from '../domain.ts';
import { type Context, type Loaded, mutation, put, type Read, reject, type RowChange } from './define.ts';
import { current, followed } from './follow.ts';
import { callChanges, contacted, customerChanges, freshTicket, inThread, preview, said } from './said.ts';

/** of tickets on which somebody is owed a call */
export const callbackTag = 'gọi lại';

const body = z.string().max(limits.messageLength);
const somebody = {
  customer: z.strictObject({ id, name: z.string().min(1).max(200) }),
  identity: z.strictObject({ id, kind: identityKind, value: z.string().min(1).max(320), verified: z.boolean() }),
};
interface Somebody {
  customer: { id: string; name: string };
  identity: { id: string; kind: Rows['identity']['kind']; value: string; verified: boolean };
}

const readSomebody = ({ identity }: Somebody): Read => ({ entity: 'identity', kind: identity.kind, value: identity.value });
const known = (rows: Loaded, { identity }: Somebody) =>
  rows.all('identity', (row) => row.kind === identity.kind && row.value === identity.value)[0];

/** Everything of the customer that a message of theirs may touch. */
function readTheirs(args: Somebody, rows: Loaded): Read[] {
  const identity = known(rows, args);
  if (!identity) return [];
  return [
    { entity: 'customer', id: identity.customerId },
    { entity: 'ticket', customerId: identity.customerId },
    { entity: 'ticket', closedOf: identity.customerId },
    ...rows
      .all('ticket', (row) => row.customerId === identity.customerId)
      .map((ticket): Read => ({ entity: 'slaClock', ticketId: ticket.id })),
  ];
}

/** Who it is, made where nobody knew them. */
function meet(rows: Loaded, args: Somebody, ctx: Context): { customerId: string; identityId: string; name: string; changes: RowChange[] } {
  const identity = known(rows, args);
  const customerId = identity?.customerId ?? args.customer.id;
  const name = (identity && rows.get('customer', customerId)?.name) ?? args.customer.name;
  const changes = identity ? [] : customerChanges(customerId, name, args.identity, ctx);
  return { customerId, identityId: identity?.id ?? args.identity.id, name, changes };
}

/** Rule 10: the ticket, final by now, with which a message that opens a new one goes on. */
function finishedThread(rows: Loaded, args: { channelId: string; joins?: string | undefined }, customerId: string): string | null {
  const named = args.joins === undefined ? undefined : current(rows, args.joins);
  if (named?.status === 'closed' && named.customerId === customerId) return named.id;
  const before = rows.all('ticket', (row) => row.customerId === customerId && row.status === 'closed' && inThread(row, args.channelId));
  return before.toSorted((a, b) => b.lastMessageAt - a.lastMessageAt)[0]?.id ?? null;
}

const unfinished = (rows: Loaded, customerId: string) =>
  rows
    .all('ticket', (row) => row.customerId === customerId && row.status !== 'closed' && row.status !== 'spam')
    .sort((a, b) => b.lastMessageAt - a.lastMessageAt);

/** Mail and programs name the thread that they go on with; elsewhere an account has one with each customer. */
const namesThreads = (kind: Rows['channel']['kind']) => kind === 'email' || kind === 'api';

export const incomingMutations = {
  /**
   * A customer's message, from any channel. It joins
   * 1. the newest ticket of its own thread (same channel account, or as the message names it) that is not final;
   * 2. else, for a verified identity, the customer's only unresolved ticket;
   * 3. else it opens a ticket. Source: product page, "Tickets".
   *
   * An automatic one reopens nothing, is owed no answer and starts no clock; it joins what it names, be that final.
   */
  'message.receive': mutation({
    args: z.strictObject({
      messageId: id,
      ticketId: id,
      channelId: z.string().max(64),
      body,
      subject: z.string().max(limits.subjectLength).nullable(),
      ...somebody,
      authoredAt: z.int().nonnegative(),
      extra: messageExtra.optional(),
      /** the ticket that it says it goes on with */
      joins: id.optional(),
      /** a bot begins fresh tickets there */
      bot: z.literal(true).optional(),
      /** its files, whose bytes are here already */
      files: z
        .array(attachmentRow.pick({ id: true, name: true, type: true, size: true, sha256: true }))
        .max(50)
        .optional(),
    }),
    by: 'system',
    reads: (args) => [
      { entity: 'message', id: args.messageId },
      { entity: 'channel', id: args.channelId },
      readSomebody(args),
      ...(args.files ?? []).map((file): Read => ({ entity: 'attachment', id: file.id })),
      ...(args.joins === undefined
        ? []
        : [
            { entity: 'ticket' as const, id: args.joins },
            { entity: 'slaClock' as const, ticketId: args.joins },
          ]),
    ],
    more: (args, rows) => [...readTheirs(args, rows), ...(args.joins === undefined ? [] : followed(rows, args.joins))],
    apply(rows, args, ctx) {
      const channel = rows.get('channel', args.channelId);
      if (!channel?.active) return reject('NOT_FOUND', { field: 'channelId' });
      if (rows.get('message', args.messageId)) return { changes: [] };
      const { customerId, identityId, name, changes } = meet(rows, args, ctx);
      const automatic = args.extra?.automatic === true;

      const named = args.joins === undefined ? undefined : current(rows, args.joins);
      const candidates = unfinished(rows, customerId);
      const unresolved = candidates.filter((row) => row.status !== 'resolved');
      const thread = namesThreads(channel.kind)
        ? named && (automatic || (named.status !== 'closed' && named.status !== 'spam'))
          ? named
          : undefined
        : candidates.find((row) => inThread(row, args.channelId));
      const joined = thread ?? (args.identity.verified && !automatic && unresolved.length === 1 ? unresolved[0] : undefined);
      const opened = freshTicket(
        {
          id: args.ticketId,
          subject: args.subject ?? preview(args.body).slice(0, 80),
          channel: channel.kind,
          channelId: channel.id,
          queueId: channel.queueId,
          customerId,
        },
        ctx,
      );
      const ticket = joined ?? { ...opened, followUpOf: finishedThread(rows, args, customerId) };
      const message: Message = {
        id: args.messageId,
        ticketId: ticket.id,
        kind: 'inbound',
        channel: channel.kind,
        authorType: 'customer',
        authorId: customerId,
        authorName: name,
        body: args.body,
        call: null,
        authoredAt: args.authoredAt,
        acceptedAt: null,
        delivery: null,
        deliveryError: null,
        extra: { ...args.extra, via: { channelId: channel.id, identityId } },
      };
      const untouched = ticket.status === 'new' || ticket.status === 'bot';
      const begins = !joined && args.bot === true && !automatic;
      const owed: Partial<Ticket> = {
        status: begins ? 'bot' : untouched ? ticket.status : 'open',
        resolvedAt: null,
        snoozedUntil: null,
        channel: channel.kind,
        channelId: channel.id,
        lastInboundId: message.id,
        lastInboundAt: ctx.now,
        unansweredSince: ticket.unansweredSince ?? ctx.now,
        ...contacted(ticket, channel.id),
      };
      changes.push(...said(ticket, message, automatic ? {} : owed, ctx));
      for (const [place, file] of (args.files ?? []).entries()) {
        if (rows.get('attachment', file.id)) continue;
        // They are shown by this: in the order in which they were sent.
        const createdAt = ctx.now + place;
        changes.push(put('attachment', { ...file, messageId: message.id, ticketId: ticket.id, state: 'ready', createdAt }));
      }
      return { changes };
    },
  }),

  /** Our side has answered past this product: in the vendor's own inbox, by another program. Whoever it was, the customer has an answer. */
  'message.answeredElsewhere': mutation({
    args: z.strictObject({
      messageId: id,
      ticketId: id,
      channelId: z.string().max(64),
      body,
      ...somebody,
      authorName: z.string().min(1).max(200),
      authoredAt: z.int().nonnegative(),
      extra: messageExtra.optional(),
    }),
    by: 'system',
    reads: (args) => [{ entity: 'message', id: args.messageId }, { entity: 'channel', id: args.channelId }, readSomebody(args)],
    more: (args, rows) => readTheirs(args, rows),
    apply(rows, args, ctx) {
      const channel = rows.get('channel', args.channelId);
      if (!channel?.active) return reject('NOT_FOUND', { field: 'channelId' });
      if (rows.get('message', args.messageId)) return { changes: [] };
      const { customerId, identityId, changes } = meet(rows, args, ctx);
      const ticket =
        unfinished(rows, customerId).find((row) => inThread(row, args.channelId)) ??
        freshTicket(
          {
            id: args.ticketId,
            subject: preview(args.body).slice(0, 80),
            channel: channel.kind,
            channelId: channel.id,
            queueId: channel.queueId,
            customerId,
          },
          ctx,
        );
      const message: Message = {
        id: args.messageId,
        ticketId: ticket.id,
        kind: 'reply',
        channel: channel.kind,
        authorType: 'agent',
        authorId: null,
        authorName: args.authorName,
        body: args.body,
        call: null,
        authoredAt: args.authoredAt,
        acceptedAt: null,
        delivery: 'sent',
        deliveryError: null,
        extra: { ...args.extra, external: true, via: { channelId: channel.id, identityId } },
      };
      changes.push(
        ...said(
          ticket,
          message,
          {
            status: ticket.status === 'resolved' ? 'resolved' : 'waiting_customer',
            lastReplyId: message.id,
            lastReplyBy: null,
            lastReplyAt: ctx.now,
            unansweredSince: null,
          },
          ctx,
        ),
      );
      return { changes };
    },
  }),

  /** A call that nobody took is owed a call back: on the customer's open ticket of this hotline, else on a new one. */
  'call.missed': mutation({
    args: z.strictObject({
      messageId: id,
      ticketId: id,
      channelId: z.string().max(64),
      queueId: id,
      customer: z.strictObject({ id, name: z.string().min(1).max(200) }),
      identity: z.strictObject({ id, kind: z.literal('phone'), value: z.string().min(1).max(40) }),
      call: callDetails,
    }),
    by: 'system',
    reads: (args) => [
      { entity: 'message', id: args.messageId },
      { entity: 'channel', id: args.channelId },
      { entity: 'queue', id: args.queueId },
      readSomebody({ ...args, identity: { ...args.identity, verified: false } }),
    ],
    more: (args, rows) => readTheirs({ ...args, identity: { ...args.identity, verified: false } }, rows),
    apply(rows, args, ctx) {
      if (rows.get('message', args.messageId)) return { changes: [] };
      if (!rows.get('channel', args.channelId) || !rows.get('queue', args.queueId)) return reject('NOT_FOUND', { field: 'channelId' });
      // A number that is shown proves nothing.
      const { customerId, changes } = meet(rows, { ...args, identity: { ...args.identity, verified: false } }, ctx);
      const candidates = unfinished(rows, customerId);
      const unresolved = candidates.filter((row) => row.status !== 'resolved');
      const joined = candidates.find((row) => inThread(row, args.channelId)) ?? (unresolved.length === 1 ? unresolved[0] : undefined);
      const ticket =
        joined ??
        freshTicket(
          {
            id: args.ticketId,
            subject: `Gọi lại ${args.customer.name}`,
            channel: 'phone',
            channelId: args.channelId,
            queueId: args.queueId,
            customerId,
          },
          ctx,
        );
      const owed: Ticket = {
        ...ticket,
        status: ticket.status === 'resolved' || ticket.status === 'waiting_customer' ? 'open' : ticket.status,
        resolvedAt: null,
        snoozedUntil: null,
        tags: [...new Set([...ticket.tags, callbackTag])].sort(),
        // By this line before by telephone at all: the next call on it goes on here.
        threads: [...new Set([args.channelId, ...ticket.threads])].slice(-20),
      };
      changes.push(...callChanges(owed, { messageId: args.messageId, body: '', call: args.call }, ctx));
      return { changes };
    },
  }),
} as const;
