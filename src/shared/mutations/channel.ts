/** The channels themselves: what they are called, whom they feed, whether they work. */
import { z } from 'zod';
import { channelKind, channelRow, channelRules, id } from '../domain.ts';
import { mutation, put, reject } from './define.ts';

const name = z.string().trim().min(1).max(200);

export const channelMutations = {
  /** Set up by an administrator, or changed. What kind it is stays as it is: its tickets are of that kind. */
  'channel.save': mutation({
    args: z.strictObject({
      channelId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
      kind: channelKind,
      name,
      queueId: id,
      active: z.boolean(),
      rules: channelRules.nullable(),
    }),
    by: 'person',
    reads: (args) => [
      { entity: 'channel', id: args.channelId },
      { entity: 'queue', id: args.queueId },
    ],
    apply(rows, args, ctx) {
      if (ctx.actor.role !== 'admin') return reject('FORBIDDEN');
      if (!rows.get('queue', args.queueId)) return reject('NOT_FOUND', { field: 'queueId' });
      const known = rows.get('channel', args.channelId);
      if (known && known.kind !== args.kind) return reject('INVALID', { field: 'kind' });
      const { channelId, ...fields } = args;
      return { changes: [put('channel', { ...fields, id: channelId, health: known?.health ?? 'ok' })] };
    },
  }),

  /** Channels that came with a newer version, for an older demo; one that is there stays as it is. */
  'channel.offer': mutation({
    args: z.strictObject({ channels: z.array(channelRow).max(20) }),
    by: 'system',
    reads: (args) => args.channels.map((one) => ({ entity: 'channel' as const, id: one.id })),
    apply(rows, args) {
      return {
        changes: args.channels.flatMap((row) => {
          const known = rows.get('channel', row.id);
          if (!known) return [put('channel', row)];
          // One from before there were rules.
          return known.rules === null && row.rules !== null ? [put('channel', { ...known, rules: row.rules })] : [];
        }),
      };
    },
  }),

  /** Whether it works, as far as the hub can tell. */
  'channel.health': mutation({
    args: z.strictObject({ channelId: z.string().max(64), health: channelRow.shape.health }),
    by: 'system',
    reads: (args) => [{ entity: 'channel', id: args.channelId }],
    apply(rows, args) {
      const channel = rows.get('channel', args.channelId);
      if (!channel || channel.health === args.health) return { changes: [] };
      return { changes: [put('channel', { ...channel, health: args.health })] };
    },
  }),
} as const;
