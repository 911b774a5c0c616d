/** What an administrator lays down: calendars and SLA policies. Source: SLA and routing page, rules 1, 2 and 11. */
import { z } from 'zod';
import { calendarHours, checkCalendar } from '../calendar.ts';
import { id, type SlaClock } from '../domain.ts';
import { slaPolicyRow } from '../service-rows.ts';
import { businessTime, isOpen, retargetClock, startClock, termsFor } from '../sla.ts';
import { type Context, type Loaded, mutation, put, reject, type RowChange } from './define.ts';

const name = z.string().trim().min(1).max(200);

/** The policy without what the hub keeps of it. */
const policyFields = slaPolicyRow.omit({ id: true, version: true, updatedAt: true }).extend({ name });

const isAdmin = (ctx: Context) => ctx.actor.role === 'admin';

const promised = slaPolicyRow.pick({
  match: true,
  targets: true,
  calendarId: true,
  thirdPartyPauses: true,
  escalation: true,
  active: true,
});
/** The same text for two that promise the same: a new name or place is no new version. Read anew, for a database orders members its own way. */
const promise = (policy: z.infer<typeof promised>): string => {
  const { match, targets, calendarId, thirdPartyPauses, escalation, active } = policy;
  return JSON.stringify(promised.parse({ match, targets, calendarId, thirdPartyPauses, escalation, active }));
};

export const serviceMutations = {
  /** Refused as INVALID with the field and, in `detail.reason`, what is the matter with it (`checkCalendar`). */
  'calendar.save': mutation({
    args: z.strictObject({ calendarId: id, name, ...calendarHours.shape }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'calendar', id: args.calendarId }],
    apply(_rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const { calendarId, name, zone, week, days } = args;
      const problem = checkCalendar({ zone, week, days })[0];
      if (problem) return reject('INVALID', { field: problem.field, detail: { reason: problem.code } });
      const ordered = days.toSorted((a, b) => (a.date < b.date ? -1 : 1));
      return { changes: [put('calendar', { id: calendarId, name, zone, week, days: ordered, updatedAt: ctx.now })] };
    },
  }),

  /** One that something counts by stays. */
  'calendar.remove': mutation({
    args: z.strictObject({ calendarId: id }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'calendar', id: args.calendarId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      if (!rows.get('calendar', args.calendarId)) return { changes: [] };
      const policy = rows.all('slaPolicy', ({ calendarId }) => calendarId === args.calendarId)[0];
      const queue = rows.all('queue', ({ routing }) => routing?.calendarId === args.calendarId)[0];
      const user = policy ?? queue;
      if (user) return reject('INVALID', { field: 'calendarId', detail: { reason: 'in use', by: user.name } });
      return { changes: [{ op: 'del', entity: 'calendar', id: args.calendarId }] };
    },
  }),

  'slaPolicy.save': mutation({
    args: z.strictObject({ policyId: id, ...policyFields.shape }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'slaPolicy', id: args.policyId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const { policyId, ...fields } = args;
      if (fields.calendarId !== null && !rows.get('calendar', fields.calendarId)) return reject('NOT_FOUND', { field: 'calendarId' });
      const unknown = fields.match.queueIds.findIndex((queueId) => !rows.get('queue', queueId));
      if (unknown >= 0) return reject('NOT_FOUND', { field: `match.queueIds.${unknown}` });
      const something = Object.values(fields.targets).some((targets) => Object.values(targets).some((target) => target !== null));
      if (!something) return reject('INVALID', { field: 'targets', detail: { reason: 'nothing is promised' } });
      const falling = fields.escalation.findIndex((step, index) => step.afterPercent < (fields.escalation[index - 1]?.afterPercent ?? 0));
      if (falling >= 0) return reject('INVALID', { field: `escalation.${falling}.afterPercent`, detail: { reason: 'not ascending' } });
      const before = rows.get('slaPolicy', policyId);
      const version = before ? before.version + (promise(before) === promise(fields) ? 0 : 1) : 1;
      return { changes: [put('slaPolicy', { id: policyId, ...fields, version, updatedAt: ctx.now })] };
    },
  }),

  /** The first that fits counts: `policyIds` in their new order. Those that are not named come after them, as they were. */
  'slaPolicy.order': mutation({
    args: z.strictObject({ policyIds: z.array(id).max(500) }),
    by: 'live',
    audited: true,
    reads: (args) => args.policyIds.map((policyId) => ({ entity: 'slaPolicy' as const, id: policyId })),
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      const named = [...new Set(args.policyIds)].flatMap((policyId) => rows.get('slaPolicy', policyId) ?? []);
      const others = rows.all('slaPolicy', (row) => !args.policyIds.includes(row.id)).toSorted((a, b) => a.position - b.position);
      const changes = [...named, ...others].flatMap((row, position) =>
        row.position === position ? [] : [put('slaPolicy', { ...row, position, updatedAt: ctx.now })],
      );
      return { changes };
    },
  }),

  'slaPolicy.remove': mutation({
    args: z.strictObject({ policyId: id }),
    by: 'live',
    audited: true,
    reads: (args) => [{ entity: 'slaPolicy', id: args.policyId }],
    apply(rows, args, ctx) {
      if (!isAdmin(ctx)) return reject('FORBIDDEN');
      return { changes: rows.get('slaPolicy', args.policyId) ? [{ op: 'del', entity: 'slaPolicy', id: args.policyId }] : [] };
    },
  }),

  /** The hub's, after the policies have changed: the open clocks of these tickets count by what holds now (rule 11). */
  'sla.rematch': mutation({
    args: z.strictObject({ ticketIds: z.array(id).max(100) }),
    by: 'system',
    reads: (args) =>
      args.ticketIds.flatMap((ticketId) => [
        { entity: 'ticket' as const, id: ticketId },
        { entity: 'slaClock' as const, ticketId },
      ]),
    apply: (rows, args, ctx) => ({ changes: args.ticketIds.flatMap((ticketId) => rematch(rows, ticketId, ctx)) }),
  }),
} as const;

function rematch(rows: Loaded, ticketId: string, ctx: Context): RowChange[] {
  const ticket = rows.get('ticket', ticketId);
  if (!ticket || ticket.status === 'bot' || ticket.status === 'resolved' || ticket.status === 'closed') return [];
  const segment = rows.get('customer', ticket.customerId)?.segment ?? null;
  const terms = termsFor(
    ticket,
    segment,
    rows.all('slaPolicy', ({ active }) => active),
  );
  const timeOf = (calendarId: string | null) => businessTime(calendarId === null ? undefined : rows.get('calendar', calendarId));
  const known = rows.all('slaClock', (clock) => clock.ticketId === ticketId);
  const fresh: SlaClock[] = known.flatMap((clock) => {
    if (!isOpen(clock) || (clock.policyId === terms.policyId && clock.policyVersion === terms.policyVersion)) return [];
    return [retargetClock(clock, terms, timeOf(clock.calendarId), timeOf(terms.calendarId), ctx.now)];
  });
  const target = terms.targets.rt;
  // What nobody had promised until now counts from now.
  if (target !== null && !known.some(({ kind }) => kind === 'rt'))
    fresh.push(startClock({ id: ctx.newId(), ticketId, kind: 'rt', targetMs: target, at: ctx.now }, terms, timeOf(terms.calendarId)));
  return fresh.length === 0 ? [] : [...fresh.map((clock) => put('slaClock', clock)), put('ticket', { ...ticket, updatedAt: ctx.now })];
}
