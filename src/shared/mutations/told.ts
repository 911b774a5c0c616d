/** What channels tell afterwards: of messages that are here, of how far answers have come, of the people themselves. By the hub alone. */
import { z } from 'zod';
import {
  attachmentRow,
  deliveryState,
  deliveryStates,
  id,
  identityKind,
  identityStates,
  limits,
  type Message,
  type MessageExtra,
  type MessageMedia,
  proposal,
} from '../domain.ts';
import { type Context, type Loaded, mutation, put, type Read, reject, type RowChange } from './define.ts';
import { authored, preview, said } from './said.ts';

const body = z.string().max(limits.messageLength);

export const toldMutations = {
  /** The customer's sign on a message; null takes it away. */
  'message.react': mutation({
    args: z.strictObject({ messageId: id, emoji: z.string().min(1).max(40).nullable() }),
    by: 'system',
    reads: (args) => [{ entity: 'message', id: args.messageId }],
    apply(rows, args) {
      const message = rows.get('message', args.messageId);
      if (!message) return reject('NOT_FOUND', { field: 'messageId' });
      const { reactions: before = [], ...extra } = message.extra ?? {};
      const ours = before.filter((one) => one.by === 'us');
      const reactions = args.emoji === null ? ours : [...ours, { emoji: args.emoji, by: 'customer' as const }];
      return { changes: amended(message, reactions.length > 0 ? { ...extra, reactions } : extra) };
    },
  }),

  /** The customer has written it anew. What was taken back stays so. */
  'message.edit': mutation({
    args: z.strictObject({ messageId: id, body, at: z.int().nonnegative() }),
    by: 'system',
    reads: (args) => [{ entity: 'message', id: args.messageId }],
    more: (args, rows) => ticketOf(rows, args.messageId),
    apply(rows, args, ctx) {
      const message = rows.get('message', args.messageId);
      if (!message) return reject('NOT_FOUND', { field: 'messageId' });
      if (message.extra?.deletedAt !== undefined || (message.extra?.editedAt ?? 0) > args.at) return { changes: [] };
      return { changes: rewritten(rows, message, args.body, { ...message.extra, editedAt: args.at }, ctx) };
    },
  }),

  /** The customer has taken it back: its text and its files are not shown any more. */
  'message.withdraw': mutation({
    args: z.strictObject({ messageId: id, at: z.int().nonnegative() }),
    by: 'system',
    reads: (args) => [{ entity: 'message', id: args.messageId }],
    more: (args, rows) => [
      ...ticketOf(rows, args.messageId),
      ...(rows.get('message', args.messageId)?.extra?.media ?? []).flatMap((one): Read[] =>
        one.attachmentId === null ? [] : [{ entity: 'attachment', id: one.attachmentId }],
      ),
    ],
    apply(rows, args, ctx) {
      const message = rows.get('message', args.messageId);
      if (!message) return reject('NOT_FOUND', { field: 'messageId' });
      if (message.extra?.deletedAt !== undefined) return { changes: [] };
      const { media: _media, reactions: _reactions, ...extra } = message.extra ?? {};
      return {
        changes: [
          ...rewritten(rows, message, '', { ...extra, deletedAt: args.at }, ctx),
          ...rows
            .all('attachment', (row) => row.messageId === message.id)
            .map((row) => put('attachment', { ...row, state: 'failed' as const })),
        ],
      };
    },
  }),

  /** What has become of fetching a message's file. `file`: its bytes are here. */
  'message.media': mutation({
    args: z.strictObject({
      messageId: id,
      index: z.int().min(0).max(49),
      file: attachmentRow.pick({ id: true, name: true, type: true, size: true, sha256: true }).nullable(),
    }),
    by: 'system',
    reads: (args) => [
      { entity: 'message', id: args.messageId },
      ...(args.file ? [{ entity: 'attachment' as const, id: args.file.id }] : []),
    ],
    apply(rows, { messageId, index, file }, ctx) {
      const message = rows.get('message', messageId);
      const media = message?.extra?.media;
      const one = media?.[index];
      if (!message || !media || !one || one.state !== 'fetching') return { changes: [] };
      const next: MessageMedia = file ? { ...one, state: 'ready', attachmentId: file.id } : { ...one, state: 'failed' };
      const changes = amended(message, { ...message.extra, media: media.with(index, next) });
      if (file && !rows.get('attachment', file.id)) {
        changes.push(put('attachment', { ...file, messageId, ticketId: message.ticketId, state: 'ready', createdAt: ctx.now }));
      }
      return { changes };
    },
  }),

  /** What became of an answer on its way out. States go up only; a late or repeated report changes nothing. */
  'message.delivery': mutation({
    args: z.strictObject({ messageIds: z.array(id).min(1).max(200), state: deliveryState, error: z.string().max(500).nullable() }),
    by: 'system',
    reads: (args) => args.messageIds.map((messageId) => ({ entity: 'message' as const, id: messageId })),
    apply(rows, args) {
      const changes: RowChange[] = [];
      for (const messageId of args.messageIds) {
        const message = rows.get('message', messageId);
        if (!message || message.delivery === null || !followsOn(message.delivery, args.state)) continue;
        changes.push(put('message', { ...message, delivery: args.state, deliveryError: args.error }));
      }
      return { changes };
    },
  }),

  /** Something that the hub has to say about a ticket: nobody is owed anything for it, and it changes no state. */
  'message.systemNote': mutation({
    args: z.strictObject({ messageId: id, ticketId: id, body }),
    by: 'system',
    reads: (args) => [
      { entity: 'message', id: args.messageId },
      { entity: 'ticket', id: args.ticketId },
    ],
    apply(rows, { messageId, ticketId, body: text }, ctx) {
      const ticket = rows.get('ticket', ticketId);
      if (!ticket) return reject('NOT_FOUND', { field: 'ticketId' });
      if (rows.get('message', messageId)) return { changes: [] };
      const note = authored(ctx, { id: messageId, ticketId, kind: 'system', channel: ticket.channel, body: text });
      return { changes: said(ticket, note, {}, ctx) };
    },
  }),

  /** Whether a customer can be reached there. Of somebody unknown there is nothing to keep. */
  'identity.mark': mutation({
    args: z.strictObject({ kind: identityKind, value: z.string().min(1).max(320), state: z.enum(identityStates) }),
    by: 'system',
    reads: (args) => [{ entity: 'identity', kind: args.kind, value: args.value }],
    more: (args, rows) => customerOf(rows, args),
    apply(rows, args) {
      const identity = rows.all('identity', (row) => row.kind === args.kind && row.value === args.value)[0];
      if (!identity || identity.state === args.state) return { changes: [] };
      return { changes: [put('identity', { ...identity, state: args.state })] };
    },
  }),

  /** How somebody calls themselves, in the place of a name that the hub made up; whatever else they are called stays. */
  'customer.named': mutation({
    args: z.strictObject({
      of: z.strictObject({ kind: identityKind, value: z.string().min(1).max(320) }),
      from: z.string().max(200),
      to: z.string().trim().min(1).max(200),
    }),
    by: 'system',
    reads: (args) => [{ entity: 'identity', ...args.of }],
    more: (args, rows) => customerOf(rows, args.of),
    apply(rows, args, ctx) {
      const identity = rows.all('identity', (row) => row.kind === args.of.kind && row.value === args.of.value)[0];
      const customer = identity && rows.get('customer', identity.customerId);
      if (customer?.name !== args.from) return { changes: [] };
      return { changes: [put('customer', { ...customer, name: args.to, updatedAt: ctx.now })] };
    },
  }),

  /** Something that a channel has learnt of a customer, put before whoever serves them. The same is put once. */
  'customer.propose': mutation({
    args: z.strictObject({
      of: z.strictObject({ kind: identityKind, value: z.string().min(1).max(320) }),
      proposals: z.array(proposal).min(1).max(10),
    }),
    by: 'system',
    reads: (args) => [{ entity: 'identity', kind: args.of.kind, value: args.of.value }],
    more: (args, rows) => customerOf(rows, args.of),
    apply(rows, args, ctx) {
      const identity = rows.all('identity', (row) => row.kind === args.of.kind && row.value === args.of.value)[0];
      const customer = identity && rows.get('customer', identity.customerId);
      if (!customer) return { changes: [] };
      const same = (a: (typeof args.proposals)[number], b: (typeof args.proposals)[number]) =>
        a.kind === b.kind && a.value === b.value && a.customerId === b.customerId;
      const fresh = args.proposals.filter(
        (one) =>
          !customer.proposals.some((old) => same(old, one)) &&
          one.customerId !== customer.id &&
          !(one.kind === 'name' && one.value === customer.name),
      );
      if (fresh.length === 0) return { changes: [] };
      return { changes: [put('customer', { ...customer, proposals: [...customer.proposals, ...fresh].slice(-20), updatedAt: ctx.now })] };
    },
  }),
} as const;

/** `failed` and `unknown` may still turn out to have arrived; nothing else goes back. */
function followsOn(from: (typeof deliveryStates)[number], to: (typeof deliveryStates)[number]): boolean {
  const rank = (state: string) => deliveryStates.indexOf(state as (typeof deliveryStates)[number]);
  // Nothing was taken after all, or not all of it: it is on its way again.
  if (to === 'accepted') return from === 'queued' || from === 'sending' || from === 'unknown';
  const arrived = to === 'sent' || to === 'delivered' || to === 'read';
  if (from === 'failed' || from === 'unknown') return arrived || (from === 'unknown' && to === 'failed');
  if (to === 'failed' || to === 'unknown') return from !== 'delivered' && from !== 'read';
  return rank(from) < rank(to);
}

const customerOf = (rows: Loaded, of: { kind: string; value: string }): Read[] =>
  rows
    .all('identity', (row) => row.kind === of.kind && row.value === of.value)
    .map(({ customerId }): Read => ({ entity: 'customer', id: customerId }));

const ticketOf = (rows: Loaded, messageId: string): Read[] => {
  const message = rows.get('message', messageId);
  return message ? [{ entity: 'ticket', id: message.ticketId }] : [];
};

const amended = (message: Message, extra: MessageExtra): RowChange[] => [put('message', { ...message, extra })];

function rewritten(rows: Loaded, message: Message, text: string, extra: MessageExtra, ctx: Context): RowChange[] {
  const ticket = rows.get('ticket', message.ticketId);
  const shown = ticket && ticket.lastMessageKind === message.kind && ticket.lastMessagePreview === preview(message.body);
  return [
    put('message', { ...message, body: text, extra }),
    ...(ticket && shown ? [put('ticket', { ...ticket, lastMessagePreview: preview(text), updatedAt: ctx.now })] : []),
  ];
}
