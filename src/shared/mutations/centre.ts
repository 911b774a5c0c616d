/** How a centre is made up: its teams, its queues and who serves them, and its words for what tickets were about. By administrators. */
import { z } from 'zod';
import { codeRow } from '../codes.ts';
import { id, type Queue, queueRow } from '../domain.ts';
import { type Context, type Loaded, mutation, put, reject, type RowChange } from './define.ts';

const name = z.string().trim().min(1).max(200);
const isAdmin = (ctx: Context) => ctx.actor.role === 'admin';
const inUse = (field: string, by: string) => reject('INVALID', { field, detail: { reason: 'in use', by } });

/** For people the same name: they tell two apart by nothing else. */
const sameName = (a: string, b: string) => a.toLocaleLowerCase() === b.toLocaleLowerCase();

/** Rows in another order: those that are named first, then the others as they were. */
function placed<R extends { id: string; position: number }>(ids: readonly string[], rows: readonly R[]): R[] {
  const named = [...new Set(ids)].flatMap((one) => rows.find((row) => row.id === one) ?? []);
  const others = rows.filter((row) => !ids.includes(row.id)).toSorted((a, b) => a.position - b.position);
  return [...named, ...others].flatMap((row, position) => (row.position === position ? [] : [{ ...row, position }]));
}

const last = (rows: readonly { position: number }[]) => Math.max(-1, ...rows.map(({ position }) => position));

/** What names this queue and would be left with nothing. */
function holderOf(rows: Loaded, queueId: string): { name: string } | undefined {
  return (
    rows.all('channel', (row) => row.queueId === queueId)[0] ??
    rows.all('queue', ({ id: other, routing }) => {
      const to = routing?.overflow?.to;
      return other !== queueId && to?.kind === 'queue' && to.queueId === queueId;
    })[0] ??
    rows.all('slaPolicy', ({ match }) => match.queueIds.includes(queueId))[0] ??
    rows.all('code', ({ queueIds }) => queueIds?.includes(queueId) === true)[0]
  );
}

export const centreMutations = {
  'team.save': mutation({
    args: z.strictObject({ teamId: id, name }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'team', id: args.teamId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      if (rows.all('team', (row) => row.id !== args.teamId && sameName(row.name, args.name))[0])
        return reject('DUPLICATE', { field: 'name' });
      return { changes: [put('team', { id: args.teamId, name: args.name })] };
    },
  }),

  /** One that has a queue stays; whoever was in it is in it no more. */
  'team.remove': mutation({
    args: z.strictObject({ teamId: id }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'team', id: args.teamId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      if (!rows.get('team', args.teamId)) return { changes: [] };
      const queue = rows.all('queue', ({ teamId }) => teamId === args.teamId)[0];
      if (queue) return inUse('teamId', queue.name);
      const members = rows.all('teamMember', ({ teamId }) => teamId === args.teamId);
      return {
        changes: [
          ...members.map((row) => ({ op: 'del' as const, entity: 'teamMember' as const, id: row.id })),
          { op: 'del', entity: 'team', id: args.teamId },
        ],
      };
    },
  }),

  /** A queue and who serves it. How it gives out its work is `queue.route`'s, where it stands `queue.order`'s. */
  'queue.save': mutation({
    args: z.strictObject({
      queueId: id,
      ...queueRow.pick({ purpose: true, teamId: true, requiresDisposition: true }).shape,
      name,
      userIds: z.array(id).max(2000),
    }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'queue', id: args.queueId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const { queueId, userIds, ...fields } = args;
      if (!rows.get('team', args.teamId)) return reject('NOT_FOUND', { field: 'teamId' });
      if (rows.all('queue', (row) => row.id !== queueId && sameName(row.name, args.name))[0]) return reject('DUPLICATE', { field: 'name' });
      const unknown = userIds.findIndex((userId) => !rows.get('user', userId));
      if (unknown >= 0) return reject('NOT_FOUND', { field: `userIds.${unknown}` });
      const before = rows.get('queue', queueId);
      const queues = rows.all('queue', () => true);
      const queue: Queue = {
        id: queueId,
        ...fields,
        position: before?.position ?? last(queues) + 1,
        routing: before?.routing ?? null,
      };
      const members = rows.all('queueMember', (row) => row.queueId === queueId);
      const left = members.filter(({ userId }) => !userIds.includes(userId));
      const fresh = [...new Set(userIds)].filter((userId) => !members.some((row) => row.userId === userId));
      return {
        changes: [
          put('queue', queue),
          ...left.map((row): RowChange => ({ op: 'del', entity: 'queueMember', id: row.id })),
          ...fresh.map((userId) => put('queueMember', { id: `${queueId}:${userId}`, queueId, userId })),
        ],
      };
    },
  }),

  'queue.order': mutation({
    args: z.strictObject({ queueIds: z.array(id).max(500) }),
    by: 'live',
    audited: true,
    reads: (args) => args.queueIds.map((queueId) => ({ entity: 'queue' as const, id: queueId })),
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const queues = rows.all('queue', () => true);
      return { changes: placed(args.queueIds, queues).map((row) => put('queue', row)) };
    },
  }),

  /** One that ever had a ticket stays, for its tickets are told by it; so does one that something names. */
  'queue.remove': mutation({
    args: z.strictObject({ queueId: id }),
    by: 'live',
    audited: true,
    reads: (args) => [
      { entity: 'queue', id: args.queueId },
      { entity: 'ticket', inQueue: args.queueId },
    ],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const { queueId } = args;
      if (!rows.get('queue', queueId)) return { changes: [] };
      if (rows.all('ticket', (row) => row.queueId === queueId)[0])
        return reject('INVALID', { field: 'queueId', detail: { reason: 'has tickets' } });
      const holder = holderOf(rows, queueId);
      if (holder) return inUse('queueId', holder.name);
      const members = rows.all('queueMember', (row) => row.queueId === queueId);
      return {
        changes: [
          ...members.map((row) => ({ op: 'del' as const, entity: 'queueMember' as const, id: row.id })),
          { op: 'del', entity: 'queue', id: queueId },
        ],
      };
    },
  }),

  'code.save': mutation({
    args: z.strictObject({
      codeId: id,
      ...codeRow.pick({ kind: true, active: true }).shape,
      name: z.string().trim().min(1).max(80),
      queueIds: z.array(id).min(1).max(200).nullable(),
    }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'code', id: args.codeId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const { codeId, ...fields } = args;
      const others = rows.all('code', (row) => row.id !== codeId && row.kind === args.kind);
      if (others.some((row) => sameName(row.name, args.name))) return reject('DUPLICATE', { field: 'name' });
      const unknown = (args.queueIds ?? []).findIndex((queueId) => !rows.get('queue', queueId));
      if (unknown >= 0) return reject('NOT_FOUND', { field: `queueIds.${unknown}` });
      const before = rows.get('code', codeId);
      if (before && before.kind !== args.kind) return reject('INVALID', { field: 'kind', detail: { reason: 'another kind' } });
      return { changes: [put('code', { id: codeId, ...fields, position: before?.position ?? last(others) + 1 })] };
    },
  }),

  /** All of one kind in their new order. */
  'code.order': mutation({
    args: z.strictObject({ kind: codeRow.shape.kind, codeIds: z.array(id).max(500) }),
    by: 'live',
    audited: true,
    reads: (args) => args.codeIds.map((codeId) => ({ entity: 'code' as const, id: codeId })),
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const codes = rows.all('code', ({ kind }) => kind === args.kind);
      return { changes: placed(args.codeIds, codes).map((row) => put('code', row)) };
    },
  }),

  /** Tickets keep the word. */
  'code.remove': mutation({
    args: z.strictObject({ codeId: id }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'code', id: args.codeId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      return { changes: rows.get('code', args.codeId) ? [{ op: 'del', entity: 'code', id: args.codeId }] : [] };
    },
  }),
} as const;
