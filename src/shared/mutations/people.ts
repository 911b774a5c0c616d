/** Who serves which queue. */
import { z } from 'zod';
import { id } from '../domain.ts';
import { mutation, put, reject } from './define.ts';

export const peopleMutations = {
  /** An administrator, or a lead of the queue's team, lets a person serve a queue, or takes it from them. Idempotent. */
  'queue.serve': mutation({
    args: z.strictObject({ queueId: id, userId: id, serves: z.boolean() }),
    by: 'person',
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
} as const;
