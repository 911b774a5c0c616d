/** People of the centre: who they are, what they may do, when they come and when they leave. By administrators. */
import { z } from 'zod';
import { id, type Ticket, type User, userRow } from '../domain.ts';
import { type Context, type Loaded, mutation, put, reject, type RowChange } from './define.ts';
import { enters } from './presence.ts';
import { notice } from './sla.ts';
import { handedBack } from './ticket.ts';

const isAdmin = (ctx: Context) => ctx.actor.role === 'admin';

/** Everything that is laid down of a person at once. */
export const userFields = z.strictObject({
  name: z.string().trim().min(1).max(200),
  email: z.string().trim().toLowerCase().pipe(z.email().max(320)),
  ...userRow.pick({ role: true, locale: true }).shape,
  teamIds: z.array(id).max(200),
  queueIds: z.array(id).max(200),
});

/** Somebody has to be left who can let others in. */
const isLastAdmin = (rows: Loaded, user: User) =>
  user.role === 'admin' && user.active && rows.all('user', (row) => row.role === 'admin' && row.active && row.id !== user.id).length === 0;

/** The most that is handed over in one commit; who has more gives some away first. */
const mostHeld = 500;

export const userMutations = {
  /** Somebody new can do nothing yet: they are active once they have chosen a password (`user.join`). */
  'user.save': mutation({
    args: z.strictObject({ userId: id, ...userFields.shape }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'user', id: args.userId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const { userId, teamIds, queueIds, ...fields } = args;
      if (rows.all('user', (row) => row.id !== userId && row.email.toLowerCase() === fields.email)[0])
        return reject('DUPLICATE', { field: 'email' });
      const noTeam = teamIds.findIndex((teamId) => !rows.get('team', teamId));
      if (noTeam >= 0) return reject('NOT_FOUND', { field: `teamIds.${noTeam}` });
      const noQueue = queueIds.findIndex((queueId) => !rows.get('queue', queueId));
      if (noQueue >= 0) return reject('NOT_FOUND', { field: `queueIds.${noQueue}` });
      const before = rows.get('user', userId);
      if (before && fields.role !== 'admin' && isLastAdmin(rows, before))
        return reject('INVALID', { field: 'role', detail: { reason: 'last administrator' } });
      const user: User = { id: userId, ...fields, active: before?.active ?? false, capacity: before?.capacity ?? null };
      const teams = rows.all('teamMember', (row) => row.userId === userId);
      const queues = rows.all('queueMember', (row) => row.userId === userId);
      const changes: RowChange[] = [put('user', user)];
      for (const row of teams) if (!teamIds.includes(row.teamId)) changes.push({ op: 'del', entity: 'teamMember', id: row.id });
      for (const row of queues) if (!queueIds.includes(row.queueId)) changes.push({ op: 'del', entity: 'queueMember', id: row.id });
      for (const teamId of new Set(teamIds))
        if (!teams.some((row) => row.teamId === teamId)) changes.push(put('teamMember', { id: `${teamId}:${userId}`, teamId, userId }));
      for (const queueId of new Set(queueIds))
        if (!queues.some((row) => row.queueId === queueId))
          changes.push(put('queueMember', { id: `${queueId}:${userId}`, queueId, userId }));
      return { changes };
    },
  }),

  /**
   * Somebody leaves. What they have in hand goes to a colleague, as far as that one serves its queue, and back to its place in the queue
   * otherwise; nothing rings for them any more and nothing is held by them. In the same commit the hub ends what they could come in by.
   */
  'user.deactivate': mutation({
    args: z.strictObject({ userId: id, to: id.nullable() }),
    by: 'live',
    audited: true,
    reads: (args) => [
      { entity: 'user', id: args.userId },
      { entity: 'presence', id: args.userId },
      { entity: 'ticket', heldBy: args.userId },
      { entity: 'ticket', leaseBy: args.userId },
      { entity: 'offer', ringingFor: args.userId },
    ],
    more: (args, rows) =>
      rows
        .all('offer', (row) => row.userId === args.userId && row.state === 'ringing')
        .map(({ ticketId }) => ({ entity: 'ticket' as const, id: ticketId })),
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const user = rows.get('user', args.userId);
      if (!user) return reject('NOT_FOUND', { field: 'userId' });
      if (user.id === ctx.actor.userId) return reject('INVALID', { field: 'userId', detail: { reason: 'yourself' } });
      if (isLastAdmin(rows, user)) return reject('INVALID', { field: 'userId', detail: { reason: 'last administrator' } });
      const heir = args.to === null ? undefined : rows.get('user', args.to);
      if (args.to !== null && (!heir?.active || heir.id === user.id)) return reject('INVALID_ASSIGNEE', { field: 'to' });
      const held = rows.all('ticket', (row) => row.assigneeId === user.id && !settled(row));
      if (held.length >= mostHeld) return reject('TOO_LARGE', { field: 'userId', detail: { most: mostHeld - 1 } });
      const offers = rows.all('offer', (row) => row.userId === user.id && row.state === 'ringing');
      const presence = rows.get('presence', user.id);
      return {
        changes: [
          put('user', { ...user, active: false }),
          ...offers.map((row) => put('offer', { ...row, state: 'withdrawn', endedAt: ctx.now })),
          ...left(rows, user, heir, ctx),
          ...(presence && presence.state !== 'offline' ? [put('presence', enters(presence, 'offline', ctx.now))] : []),
        ],
      };
    },
  }),

  /** They are back, with what they served and could do before. They sign in anew. */
  'user.activate': mutation({
    args: z.strictObject({ userId: id }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'user', id: args.userId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const user = rows.get('user', args.userId);
      if (!user) return reject('NOT_FOUND', { field: 'userId' });
      return { changes: user.active ? [] : [put('user', { ...user, active: true })] };
    },
  }),

  /** That their access was reset is on record, and every hub looks at whose consoles may stay. The ways in are the hub's to close. */
  'user.reset': mutation({
    args: z.strictObject({ userId: id }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'user', id: args.userId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const user = rows.get('user', args.userId);
      return user ? { changes: [put('user', user)] } : reject('NOT_FOUND', { field: 'userId' });
    },
  }),

  /** The hub's: somebody who was invited has chosen their password; or somebody who was here has chosen another one. */
  'user.join': mutation({
    args: z.strictObject({ userId: id }),
    by: 'system',
    reads: (args) => [{ entity: 'user', id: args.userId }],
    apply(rows, args) {
      const user = rows.get('user', args.userId);
      return { changes: user ? [put('user', { ...user, active: true })] : [] };
    },
  }),
} as const;

const settled = ({ status }: Ticket) => status === 'resolved' || status === 'closed' || status === 'spam';

/** The tickets of somebody who leaves, as they are from then on. */
function left(rows: Loaded, user: User, heir: User | undefined, ctx: Context): RowChange[] {
  const touched = rows.all(
    'ticket',
    (row) => (row.assigneeId === user.id && !settled(row)) || row.leaseBy === user.id || row.offeredTo === user.id,
  );
  const told: RowChange[] = [];
  const tickets = touched.map((ticket) => {
    const theirs = ticket.assigneeId === user.id && !settled(ticket);
    const serves = heir !== undefined && (heir.role !== 'agent' || rows.get('queueMember', `${ticket.queueId}:${heir.id}`) !== undefined);
    if (theirs && serves) told.push(notice(heir.id, 'transfer', ticket.id, user.name, ctx));
    return put('ticket', {
      ...ticket,
      ...(!theirs ? {} : serves ? { assigneeId: heir.id } : handedBack(ticket)),
      offeredTo: ticket.offeredTo === user.id ? null : ticket.offeredTo,
      ...(ticket.leaseBy === user.id ? { leaseBy: null, leaseUntil: null } : {}),
      updatedAt: ctx.now,
    });
  });
  return [...told, ...tickets];
}
