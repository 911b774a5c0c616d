/** Who serves which queue, and what is known of customers. */
import { z } from 'zod';
import { id } from '../domain.ts';
import { mutation, put, reject } from './define.ts';
import { becomeOne, readBoth } from './merge.ts';
import { workable } from './ticket.ts';

export const peopleMutations = {
  /** An administrator, or a lead of the queue's team, lets a person serve a queue, or takes it from them. Idempotent. */
  'queue.serve': mutation({
    args: z.strictObject({ queueId: id, userId: id, serves: z.boolean() }),
    by: 'person',
    audited: true,
    reads: (args) => [
      { entity: 'queue', id: args.queueId },
      { entity: 'user', id: args.userId },
      { entity: 'queueMember', id: `${args.queueId}:${args.userId}` },
    ],
    apply(rows, args, ctx) {
      const { actor } = ctx;
      // One answer for a queue that is not there and one that is not theirs to staff.
      const staffs = (actor.role === 'lead' || actor.role === 'admin') && actor.queues.has(args.queueId);
      if (!staffs || !rows.get('queue', args.queueId)) return reject('NOT_FOUND', { field: 'queueId' });
      if (!rows.get('user', args.userId)) return reject('NOT_FOUND', { field: 'userId' });
      const memberId = `${args.queueId}:${args.userId}`;
      if ((rows.get('queueMember', memberId) !== undefined) === args.serves) return { changes: [] };
      return {
        changes: [
          args.serves
            ? put('queueMember', { id: memberId, queueId: args.queueId, userId: args.userId })
            : { op: 'del', entity: 'queueMember', id: memberId },
        ],
      };
    },
  }),

  /**
   * What a channel has learnt of a customer is taken over, or turned down. A number or an address that somebody else has is not taken
   * from them: whether the two are one is another question. Where that is the question, the two become one.
   */
  'customer.settle': mutation({
    args: z.strictObject({ ticketId: id, proposalId: id, accept: z.boolean(), identityId: id }),
    by: 'person',
    reads: (args) => [{ entity: 'ticket', id: args.ticketId }],
    more: (args, rows) => {
      const ticket = rows.get('ticket', args.ticketId);
      const customer = ticket && rows.get('customer', ticket.customerId);
      const one = customer?.proposals.find((proposal) => proposal.id === args.proposalId);
      return [
        ...(ticket ? [{ entity: 'customer' as const, id: ticket.customerId }] : []),
        ...(customer && one?.kind === 'same' && one.customerId !== null && args.accept ? readBoth(rows, customer.id, one.customerId) : []),
        ...(one?.kind === 'phone' || one?.kind === 'email' ? [{ entity: 'identity' as const, kind: one.kind, value: one.value }] : []),
      ];
    },
    apply(rows, args, ctx) {
      const ticket = workable(rows, args.ticketId, ctx);
      const customer = ticket && rows.get('customer', ticket.customerId);
      if (!customer) return reject('NOT_FOUND', { field: 'ticketId' });
      const one = customer.proposals.find((proposal) => proposal.id === args.proposalId);
      // Settled by a colleague, or here before.
      if (!one) return { changes: [] };
      const next = { ...customer, proposals: customer.proposals.filter((proposal) => proposal !== one), updatedAt: ctx.now };
      if (!args.accept) return { changes: [put('customer', next)] };
      if (one.kind === 'name') return { changes: [put('customer', { ...next, name: one.value.slice(0, 200) })] };
      if (one.kind === 'address') {
        const note = [customer.note, one.value].filter((part) => part !== null && part !== '').join('\n');
        if (note.length > 2000) return reject('TOO_LARGE', { field: 'proposalId', detail: { most: 2000 } });
        return { changes: [put('customer', { ...next, note })] };
      }
      if (one.kind === 'same') {
        return one.customerId === null ? { changes: [put('customer', next)] } : becomeOne(rows, ticket, next, one.customerId, ctx);
      }
      const { kind, value } = one;
      const known = rows.all('identity', (row) => row.kind === kind && row.value === value)[0];
      if (known && known.customerId !== customer.id) return reject('DUPLICATE', { field: 'proposalId' });
      const identity = { id: args.identityId, customerId: customer.id, kind, value, verified: false, state: 'ok' as const };
      return { changes: [put('customer', next), ...(known ? [] : [put('identity', identity)])] };
    },
  }),
} as const;
