/** Who is there, and for what. Source: SLA and routing page, presence. */
import { z } from 'zod';
import { id } from '../domain.ts';
import { type Presence, type PresenceState, presenceState } from '../routing-rows.ts';
import { workClass } from '../words.ts';
import { type Context, type Loaded, mutation, type Outcome, put, reject } from './define.ts';
import { notice } from './sla.ts';

const unchanged: Outcome = { changes: [] };

export const offDuty = (userId: string, now: number): Presence => ({
  id: userId,
  state: 'offline',
  reason: null,
  since: now,
  until: null,
  off: [],
  resumes: null,
  missed: 0,
});

/** In another state from now on. */
export function enters(before: Presence, state: PresenceState, now: number, more: Partial<Presence> = {}): Presence {
  return { ...before, state, reason: null, since: now, until: null, resumes: null, ...more };
}

/** States that somebody chooses; the others come about. */
const chosen = presenceState.extract(['available', 'busy', 'break', 'meal', 'meeting', 'training', 'offline']);

/** Whether the actor leads this person: an administrator everybody, a lead those of their teams. */
export function leads(rows: Loaded, userId: string, ctx: Context): boolean {
  if (ctx.actor.role === 'admin') return true;
  if (ctx.actor.role !== 'lead') return false;
  const teams = rows.all('teamMember', (row) => row.userId === ctx.actor.userId).map(({ teamId }) => teamId);
  return teams.some((teamId) => rows.get('teamMember', `${teamId}:${userId}`) !== undefined);
}

export const presenceMutations = {
  /** Somebody says how they are; a lead may say it for one of theirs, who is told. */
  'presence.set': mutation({
    args: z.strictObject({ userId: id, state: chosen, reason: z.string().trim().min(1).max(80).nullable() }),
    by: 'live',
    audited: (args, actor) => args.userId !== actor.userId,
    reads: (args) => [
      { entity: 'user', id: args.userId },
      { entity: 'presence', id: args.userId },
    ],
    apply(rows, args, ctx) {
      const forced = ctx.actor.userId !== args.userId;
      // One answer for somebody who is not there and one who is not theirs to lead.
      if (!rows.get('user', args.userId)?.active || (forced && !leads(rows, args.userId, ctx)))
        return reject('NOT_FOUND', { field: 'userId' });
      const before = rows.get('presence', args.userId) ?? offDuty(args.userId, ctx.now);
      if (before.state === args.state && before.reason === args.reason && rows.get('presence', args.userId)) return unchanged;
      const next = enters(before, args.state, ctx.now, { reason: args.reason, missed: args.state === 'available' ? 0 : before.missed });
      return { changes: [put('presence', next), ...(forced ? [notice(args.userId, 'stateForced', null, args.state, ctx)] : [])] };
    },
  }),

  /** Kinds of work that they do not want for now. */
  'presence.channels': mutation({
    args: z.strictObject({ off: z.array(workClass).max(4) }),
    by: 'live',
    reads: () => [],
    more: (_args, _rows, me) => (me === null ? [] : [{ entity: 'presence', id: me }]),
    apply(rows, args, ctx) {
      const me = ctx.actor.userId;
      if (me === null) return reject('FORBIDDEN');
      const before = rows.get('presence', me) ?? offDuty(me, ctx.now);
      return { changes: [put('presence', { ...before, off: [...new Set(args.off)].sort() })] };
    },
  }),

  /** The hub's: no console of theirs has been connected for too long. `since`: the state that this is about. */
  'presence.lost': mutation({
    args: z.strictObject({ userId: id, since: z.int() }),
    by: 'system',
    reads: (args) => [{ entity: 'presence', id: args.userId }],
    apply(rows, args, ctx) {
      const before = rows.get('presence', args.userId);
      if (!before || before.since !== args.since || before.state === 'offline' || before.state === 'disconnected') return unchanged;
      return { changes: [put('presence', enters(before, 'disconnected', ctx.now))] };
    },
  }),

  /** The hub's: what ends by itself has ended, such as a wrap-up. */
  'presence.ends': mutation({
    args: z.strictObject({ userId: id, until: z.int() }),
    by: 'system',
    reads: (args) => [{ entity: 'presence', id: args.userId }],
    apply(rows, args, ctx) {
      const before = rows.get('presence', args.userId);
      if (!before || before.until !== args.until || args.until > ctx.now) return unchanged;
      return { changes: [put('presence', enters(before, before.resumes ?? 'available', ctx.now))] };
    },
  }),
} as const;
