/** `GET /api/v1/tickets/:id/why`: where the time of a ticket's SLA clocks has gone. Moments are ms on the hub's clock, durations ms. */
import { z } from 'zod';
import { presenceState } from './routing-rows.ts';
import { clockState } from './service-rows.ts';
import { clockKind, id, time } from './words.ts';

/**
 * - `queue`: nobody had it; `ring`: it was offered to `userId`
 * - `agent`: `userId` had it and was at work; `away`: had it and was not (`state` says how they were instead)
 * - `offline`: the answer of `userId` was written and lay on their workstation until the hub had it
 * - `channel`: the hub had the answer, and the channel's vendor did not yet
 * - `paused`: the clock stood still; `closed`: outside of the business hours that it counts by
 * - `bot`: a bot had the conversation
 */
export const whyKinds = ['bot', 'queue', 'ring', 'agent', 'away', 'offline', 'channel', 'paused', 'closed'] as const;
export const whyKind = z.enum(whyKinds);
export type WhyKind = z.infer<typeof whyKind>;

const where = { userId: id.nullable(), queueId: id.nullable(), state: presenceState.nullable() };
const span = z.int().nonnegative();

const whySegment = z.strictObject({
  kind: whyKind,
  ...where,
  from: time,
  until: time,
  /** what the clock has counted of it */
  businessMs: span,
  /** after the breach */
  late: z.boolean(),
});
export type WhySegment = z.infer<typeof whySegment>;

const whyTotal = z.strictObject({
  kind: whyKind,
  /** on the wall */
  ms: span,
  businessMs: span,
  /** what it has cost the customer: what the clock has counted, and all of the way to them after it */
  costMs: span,
  times: span,
});
export type WhyTotal = z.infer<typeof whyTotal>;

/** What has cost most, and with whom or where most of that was; `kind` null: nothing has cost anything. `share`: of all that has. */
const whyVerdict = z.strictObject({ kind: whyKind.nullable(), costMs: span, share: z.number().min(0).max(1), times: span, ...where });
export type WhyVerdict = z.infer<typeof whyVerdict>;

export const whyLimits = { clocks: 20, segments: 400 } as const;

const whyClock = z.strictObject({
  id,
  kind: clockKind,
  state: clockState,
  startedAt: time,
  endedAt: time.nullable(),
  breachedAt: time.nullable(),
  dueAt: time.nullable(),
  targetMs: span,
  /** business time that it had used up in the end, or has by now */
  usedMs: span,
  /** of that, what its pieces do not show: from before it was started */
  carriedMs: span,
  /** they follow one another without a gap, oldest first */
  segments: z.array(whySegment).max(whyLimits.segments),
  /** pieces after those, of which the totals know */
  left: span,
  totals: z.array(whyTotal).max(whyKinds.length),
  verdict: whyVerdict,
});
export type WhyClock = z.infer<typeof whyClock>;

export const whyAnswer = z.strictObject({
  /** the ticket that is told of: the one that a merged one goes on in */
  ticketId: id,
  /** when this was so */
  at: time,
  /** newest first */
  clocks: z.array(whyClock).max(whyLimits.clocks),
});
export type WhyAnswer = z.infer<typeof whyAnswer>;
