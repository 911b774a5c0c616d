/** Rows of what a centre promises, and when: calendars, SLA policies. Source: SLA and routing page. */
import { z } from 'zod';
import { calendarHours } from './calendar.ts';
import { channelKind, type ClockKind, clockKind, id, priority, role, text, time } from './words.ts';

export const calendarRow = z.strictObject({ id, name: text(200), ...calendarHours.shape, updatedAt: time });

/** ms of the policy's business time; null: nothing is promised */
const target = z
  .int()
  .min(1000)
  .max(366 * 86_400_000)
  .nullable();
export const slaTargets = z.strictObject({ frt: target, nrt: target, rt: target, assign: target } satisfies Record<ClockKind, z.ZodType>);
export type SlaTargets = z.infer<typeof slaTargets>;

/** Empty lists ask nothing; of a list that asks, one has to fit. */
export const slaMatch = z.strictObject({
  channels: z.array(channelKind).max(20),
  queueIds: z.array(id).max(200),
  priorities: z.array(priority).max(4),
  segments: z.array(text(60)).max(50),
  tags: z.array(text(40)).max(50),
});

/** One step after a breach; each is taken once for a clock. */
export const escalationStep = z.strictObject({
  /** of the target, in business time after the breach; 0: at the breach itself */
  afterPercent: z.int().min(0).max(1000),
  /** who is told: `agent` whoever has it, `lead` those of the queue's team, `admin` the administrators */
  tell: z.array(role).max(3),
  /** one priority higher */
  raise: z.boolean(),
  /** back to its queue, unless somebody holds it offline */
  requeue: z.boolean(),
});
export type EscalationStep = z.infer<typeof escalationStep>;

export const slaPolicyRow = z.strictObject({
  id,
  name: text(200),
  /** the first that fits counts */
  position: z.int(),
  active: z.boolean(),
  /** grows with every change of what it says; a clock names the one it was started under */
  version: z.int().positive(),
  /** null: around the clock */
  calendarId: id.nullable(),
  match: slaMatch,
  targets: z.strictObject({ low: slaTargets, normal: slaTargets, high: slaTargets, urgent: slaTargets }),
  /** the resolution clock stands still while a third party is waited for */
  thirdPartyPauses: z.boolean(),
  /** ascending by `afterPercent` */
  escalation: z.array(escalationStep).max(5),
  updatedAt: time,
});
/** `breached` with `endedAt` empty still counts up: the breach is recorded, the answer is still owed. */
export const clockState = z.enum(['running', 'paused', 'met', 'breached', 'cancelled']);

export const slaClockRow = z.strictObject({
  id,
  ticketId: id,
  kind: clockKind,
  targetMs: z.int().positive(),
  consumedMs: z.int().nonnegative(),
  startedAt: time,
  runningSince: time.nullable(),
  dueAt: time.nullable(),
  state: clockState,
  breachedAt: time.nullable(),
  endedAt: time.nullable(),
  /** the policy it was started or last matched under; null: the product's own targets */
  policyId: id.nullable(),
  policyVersion: z.int().nullable(),
  /** null: around the clock */
  calendarId: id.nullable(),
  /** since when the customer has waited in truth: a bot may have come first */
  waitedFrom: time,
  /** steps after the breach that were taken, and when the next is due */
  escalated: z.int().nonnegative(),
  escalateAt: time.nullable(),
});

export type SlaPolicy = z.infer<typeof slaPolicyRow>;
