/** How a queue gives out its work, and who can do what: laid down by administrators, and by leads for their teams. */
import { z } from 'zod';
import { id } from '../domain.ts';
import { capacity, queueRouting } from '../routing-rows.ts';
import { type Context, type Loaded, mutation, put, reject } from './define.ts';
import { leads } from './presence.ts';

const isAdmin = (ctx: Context) => ctx.actor.role === 'admin';
const level = z.int().min(1).max(5).nullable();

/** The first need that names a skill that is not there. */
const unknownSkill = (rows: Loaded, needs: readonly { skillId: string }[]) => needs.findIndex(({ skillId }) => !rows.get('skill', skillId));

export const staffMutations = {
  /** null: its work is taken by hand. */
  'queue.route': mutation({
    args: z.strictObject({ queueId: id, routing: queueRouting.nullable() }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'queue', id: args.queueId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const queue = rows.get('queue', args.queueId);
      if (!queue) return reject('NOT_FOUND', { field: 'queueId' });
      const { routing } = args;
      if (routing) {
        const [first, second, third] = routing.ringsMs;
        if (first > second || second > third) return reject('INVALID', { field: 'routing.ringsMs', detail: { reason: 'not ascending' } });
        const unknown = unknownSkill(rows, routing.needs);
        if (unknown >= 0) return reject('NOT_FOUND', { field: `routing.needs.${unknown}.skillId` });
        if (routing.calendarId !== null && !rows.get('calendar', routing.calendarId))
          return reject('NOT_FOUND', { field: 'routing.calendarId' });
        const to = routing.overflow?.to;
        if (to?.kind === 'queue' && (to.queueId === queue.id || !rows.get('queue', to.queueId)))
          return reject('INVALID', { field: 'routing.overflow.to.queueId', detail: { reason: 'another queue' } });
      }
      return { changes: [put('queue', { ...queue, routing })] };
    },
  }),

  'skill.save': mutation({
    args: z.strictObject({ skillId: id, name: z.string().trim().min(1).max(120) }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'skill', id: args.skillId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const same = rows.all('skill', (row) => row.id !== args.skillId && row.name.toLowerCase() === args.name.toLowerCase())[0];
      if (same) return reject('DUPLICATE', { field: 'name' });
      return { changes: [put('skill', { id: args.skillId, name: args.name })] };
    },
  }),

  /** One that a queue asks for stays; whoever has it has it no more. */
  'skill.remove': mutation({
    args: z.strictObject({ skillId: id }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'skill', id: args.skillId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      if (!rows.get('skill', args.skillId)) return { changes: [] };
      const queue = rows.all('queue', ({ routing }) => routing?.needs.some(({ skillId }) => skillId === args.skillId) === true)[0];
      if (queue) return reject('INVALID', { field: 'skillId', detail: { reason: 'in use', by: queue.name } });
      const held = rows.all('userSkill', ({ skillId }) => skillId === args.skillId);
      return {
        changes: [
          ...held.map((row) => ({ op: 'del' as const, entity: 'userSkill' as const, id: row.id })),
          { op: 'del', entity: 'skill', id: args.skillId },
        ],
      };
    },
  }),

  /** null: they have it no more. By an administrator, or a lead for theirs. */
  'userSkill.set': mutation({
    args: z.strictObject({ userId: id, skillId: id, level }),
    by: 'live',
    audited: true,
    reads: (args) => [
      { entity: 'user', id: args.userId },
      { entity: 'skill', id: args.skillId },
    ],
    apply(rows, args, ctx) {
      if (!rows.get('user', args.userId) || !leads(rows, args.userId, ctx)) return reject('NOT_FOUND', { field: 'userId' });
      if (!rows.get('skill', args.skillId)) return reject('NOT_FOUND', { field: 'skillId' });
      const key = `${args.userId}:${args.skillId}`;
      if (args.level === null) return { changes: rows.get('userSkill', key) ? [{ op: 'del', entity: 'userSkill', id: key }] : [] };
      return { changes: [put('userSkill', { id: key, userId: args.userId, skillId: args.skillId, level: args.level })] };
    },
  }),

  /** How much they can have at once; null: as everybody. */
  'user.capacity': mutation({
    args: z.strictObject({ userId: id, capacity: capacity.nullable() }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'user', id: args.userId }],
    apply(rows, args, ctx) {
      const user = rows.get('user', args.userId);
      if (!user || !leads(rows, args.userId, ctx)) return reject('NOT_FOUND', { field: 'userId' });
      return { changes: [put('user', { ...user, capacity: args.capacity })] };
    },
  }),
} as const;
