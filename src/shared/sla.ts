/**
 * Service-level clocks as pure functions: what is promised, how a clock counts, when somebody is warned. `now` is always an argument, ms
 * on the hub's clock. Source: SLA and routing page; the numbers of its rules stand beside what they say.
 */
import { type BusinessTime, compileCalendar, roundTheClock } from './calendar.ts';
import type { Calendar, ChannelKind, ClockKind, Priority, SlaClock, Ticket } from './domain.ts';
import type { EscalationStep, SlaPolicy, SlaTargets } from './service-rows.ts';

const minute = 60_000;
const hour = 60 * minute;

const live: readonly ChannelKind[] = ['chat', 'messenger', 'instagram', 'zalo'];

/** Where no policy says otherwise, to the first and to each next response: chat and social 5 min; mail and all else 4 h, urgent 15 min. */
export function targetMs(channel: ChannelKind, priority: Priority): number {
  if (live.includes(channel)) return 5 * minute;
  return priority === 'urgent' ? 15 * minute : 4 * hour;
}

/** Rule 8, where no policy says otherwise. */
export const defaultEscalation: readonly EscalationStep[] = [
  { afterPercent: 0, tell: ['agent', 'lead'], raise: false, requeue: false },
  { afterPercent: 50, tell: ['lead'], raise: true, requeue: false },
  { afterPercent: 100, tell: ['admin'], raise: false, requeue: true },
];

/** What is promised for a ticket, and by which policy. */
export interface Terms {
  policyId: string | null;
  policyVersion: number | null;
  calendarId: string | null;
  targets: SlaTargets;
  thirdPartyPauses: boolean;
}

type Matched = Pick<Ticket, 'channel' | 'queueId' | 'priority' | 'tags'>;

/** Rule 1: the first active policy, by position, all of whose lists fit. */
export function policyFor(ticket: Matched, segment: string | null, policies: readonly SlaPolicy[]): SlaPolicy | null {
  const ordered = policies.filter(({ active }) => active).toSorted((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
  return ordered.find(({ match }) => fits(ticket, segment, match)) ?? null;
}

function fits(ticket: Matched, segment: string | null, match: SlaPolicy['match']): boolean {
  const asks = <T>(list: readonly T[], has: (one: T) => boolean) => list.length === 0 || list.some(has);
  return (
    asks(match.channels, (one) => one === ticket.channel) &&
    asks(match.queueIds, (one) => one === ticket.queueId) &&
    asks(match.priorities, (one) => one === ticket.priority) &&
    asks(match.segments, (one) => one === segment) &&
    asks(match.tags, (one) => ticket.tags.includes(one))
  );
}

export function termsFor(ticket: Matched, segment: string | null, policies: readonly SlaPolicy[]): Terms {
  const policy = policyFor(ticket, segment, policies);
  if (policy) {
    const { id: policyId, version: policyVersion, calendarId, thirdPartyPauses } = policy;
    return { policyId, policyVersion, calendarId, thirdPartyPauses, targets: policy.targets[ticket.priority] };
  }
  const answer = targetMs(ticket.channel, ticket.priority);
  const targets = { frt: answer, nrt: answer, rt: null, assign: null };
  return { policyId: null, policyVersion: null, calendarId: null, thirdPartyPauses: false, targets };
}

const compiled = new WeakMap<Calendar, BusinessTime>();

/** The business time of a calendar's row, worked out once for each row object; around the clock where there is none. */
export function businessTime(calendar: Calendar | undefined): BusinessTime {
  if (!calendar) return roundTheClock;
  const known = compiled.get(calendar);
  if (known) return known;
  const { zone, week, days } = calendar;
  const time = compileCalendar({ zone, week, days });
  compiled.set(calendar, time);
  return time;
}

/** Open: counts, waits, or counts up after its breach. */
export function isOpen(clock: SlaClock): boolean {
  return clock.endedAt === null;
}

type Counting = Pick<SlaClock, 'consumedMs' | 'runningSince'>;

/** Business time that has been used up at `now`, ms. */
export function consumedAt({ consumedMs, runningSince }: Counting, time: BusinessTime, now: number): number {
  return consumedMs + (runningSince === null ? 0 : time.between(runningSince, now));
}

/** Rule 3, start: due when what is left of the target has passed. */
export function startClock(
  of: { id: string; ticketId: string; kind: ClockKind; targetMs: number; at: number; waitedFrom?: number; consumedMs?: number },
  terms: Pick<Terms, 'policyId' | 'policyVersion' | 'calendarId'>,
  time: BusinessTime,
): SlaClock {
  const { id, ticketId, kind, at, consumedMs = 0, waitedFrom = at } = of;
  const { policyId, policyVersion, calendarId } = terms;
  return {
    id,
    ticketId,
    kind,
    targetMs: of.targetMs,
    consumedMs,
    startedAt: at,
    runningSince: at,
    dueAt: dueFrom(at, of.targetMs - consumedMs, time),
    state: 'running',
    breachedAt: null,
    endedAt: null,
    policyId,
    policyVersion,
    calendarId,
    waitedFrom,
    escalated: 0,
    escalateAt: null,
  };
}

const dueFrom = (at: number, left: number, time: BusinessTime): number => time.add(at, Math.max(0, left));

/** Rule 3, pause: what was used up is added, and nothing is due. One that is late by then is late for good. */
export function pauseClock(clock: SlaClock, time: BusinessTime, now: number): SlaClock {
  if (clock.state !== 'running' || isLate(clock, now)) return clock;
  return { ...clock, state: 'paused', consumedMs: consumedAt(clock, time, now), runningSince: null, dueAt: null };
}

/** Rule 3, resume: as start. */
export function resumeClock(clock: SlaClock, time: BusinessTime, now: number): SlaClock {
  if (clock.state !== 'paused') return clock;
  return { ...clock, state: 'running', runningSince: now, dueAt: dueFrom(now, clock.targetMs - clock.consumedMs, time) };
}

const isLate = (clock: SlaClock, at: number): boolean => clock.dueAt !== null && at > clock.dueAt;

/** Done: met, or breached where it is late. Its counting stays as it was, so that an undone close can give it back exactly. */
export function endClock(clock: SlaClock, at: number): SlaClock {
  const endedAt = Math.max(at, clock.startedAt);
  if (clock.state === 'breached' || (clock.state === 'running' && isLate(clock, at)))
    return { ...clock, state: 'breached', breachedAt: clock.breachedAt ?? clock.dueAt, endedAt };
  return { ...clock, state: 'met', endedAt };
}

/** Owed no more. What was late stays on record. */
export function cancelClock(clock: SlaClock, at: number): SlaClock {
  return clock.state === 'breached' ? endClock(clock, at) : { ...clock, state: 'cancelled', endedAt: at };
}

/**
 * Rule 11: other terms hold from now on. What was consumed is kept, and a breach too; one whose new target is used up already is due now,
 * not before.
 */
export function retargetClock(clock: SlaClock, terms: Terms, before: BusinessTime, after: BusinessTime, now: number): SlaClock {
  const target = terms.targets[clock.kind];
  if (target === null) return cancelClock(clock, now);
  const { policyId, policyVersion, calendarId } = terms;
  const named = { policyId, policyVersion, calendarId, targetMs: target };
  if (clock.state === 'breached') return { ...clock, policyId, policyVersion };
  if (clock.state === 'paused') return { ...clock, ...named };
  if (isLate(clock, now)) return clock;
  const consumedMs = consumedAt(clock, before, now);
  return { ...clock, ...named, consumedMs, runningSince: now, dueAt: dueFrom(now, target - consumedMs, after) };
}

/** Rule 11, a calendar was edited: a running clock is due when its hours now say so. Again gives the same. */
export function dueBy(clock: Pick<SlaClock, 'targetMs' | 'consumedMs' | 'runningSince'>, time: BusinessTime): number | null {
  return clock.runningSince === null ? null : dueFrom(clock.runningSince, clock.targetMs - clock.consumedMs, time);
}

/** Rule 8: recorded once, by the hub; the clock stays open and shows how late the answer is. */
export function breachClock(clock: SlaClock): SlaClock {
  return { ...clock, state: 'breached', breachedAt: clock.dueAt };
}

/** Rule 8: when the step of this index is due, `percent` of the target after the breach in business time; null: there is no such step. */
export function escalationAt(clock: SlaClock, steps: readonly EscalationStep[], index: number, time: BusinessTime): number | null {
  const step = steps[index];
  if (!step || clock.breachedAt === null) return null;
  return time.add(clock.breachedAt, Math.round((clock.targetMs * step.afterPercent) / 100));
}

/** Rule 7: what is used up when somebody is warned, ms: up to 15 minutes half and four fifths, above three quarters and 15 min before. */
export function warningsFor(target: number): [first: number, second: number] {
  if (target <= 15 * minute) return [target * 0.5, target * 0.8];
  const [quarter, last] = [target * 0.75, target - 15 * minute];
  return [Math.min(quarter, last), Math.max(quarter, last)];
}

/** The moments at which a running clock warns, those that have passed too; none of one that does not run. */
export function warningMoments(clock: Pick<SlaClock, 'state' | 'targetMs' | 'consumedMs' | 'runningSince'>, time: BusinessTime): number[] {
  const { runningSince, consumedMs } = clock;
  if (clock.state !== 'running' || runningSince === null) return [];
  return warningsFor(clock.targetMs).map((used) => time.add(runningSince, Math.max(0, Math.round(used) - consumedMs)));
}

/** The one clock that a list shows: the open one that ends first, else the one that was met last. */
export function shownClock(clocks: readonly SlaClock[]): ShownClock {
  const open = clocks.filter(isOpen).sort((a, b) => (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity))[0];
  const last = open ?? clocks.toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))[0];
  if (!last || (!open && last.state !== 'met')) return noClock;
  return {
    slaKind: last.kind,
    slaState: last.state,
    slaStartedAt: last.startedAt,
    slaDueAt: open ? last.dueAt : null,
    slaTargetMs: last.targetMs,
    slaConsumedMs: last.consumedMs,
    slaRunningSince: open ? last.runningSince : null,
    slaCalendarId: last.calendarId,
  };
}

export type ShownClock = Pick<
  Ticket,
  'slaKind' | 'slaState' | 'slaStartedAt' | 'slaDueAt' | 'slaTargetMs' | 'slaConsumedMs' | 'slaRunningSince' | 'slaCalendarId'
>;

export const noClock: ShownClock = {
  slaKind: null,
  slaState: null,
  slaStartedAt: null,
  slaDueAt: null,
  slaTargetMs: null,
  slaConsumedMs: null,
  slaRunningSince: null,
  slaCalendarId: null,
};

export type SlaStep = 'calm' | 'warning' | 'danger' | 'overdue' | 'paused' | 'met' | 'none';

/**
 * How a ticket's clock looks at `now`; `leftMs` is business time, below 0 once it is late.
 * Warning from the policy's first warning on (rule 7), danger in the last tenth.
 */
export function slaAt(
  ticket: ShownClock,
  now: number,
  time: BusinessTime,
): { step: SlaStep; leftMs: number; fraction: number; kind: ClockKind | null } {
  const { slaKind: kind, slaState: state, slaTargetMs: target, slaConsumedMs: consumedMs, slaRunningSince: runningSince } = ticket;
  if (state === 'met') return { step: 'met', leftMs: 0, fraction: 0, kind };
  if (kind === null || state === null || state === 'cancelled' || target === null || consumedMs === null)
    return { step: 'none', leftMs: 0, fraction: 0, kind };
  const leftMs = target - consumedAt({ consumedMs, runningSince }, time, now);
  const fraction = Math.min(1, Math.max(0, leftMs / target));
  if (state === 'paused') return { step: 'paused', leftMs, fraction, kind };
  if (leftMs <= 0) return { step: 'overdue', leftMs, fraction: 0, kind };
  if (fraction <= 0.1) return { step: 'danger', leftMs, fraction, kind };
  return { step: target - leftMs >= warningsFor(target)[0] ? 'warning' : 'calm', leftMs, fraction, kind };
}

/** ms without an answer after which a customer may well try another channel. Source: SLA page, defaults. */
const switchMs = 60 * minute;

/** Whether somebody who writes where answers are expected at once has waited so long that they may go elsewhere. */
export function mayGoElsewhere({ channel, unansweredSince }: Pick<Ticket, 'channel' | 'unansweredSince'>, now: number): boolean {
  return channel !== 'email' && channel !== 'phone' && unansweredSince !== null && now - unansweredSince >= switchMs;
}
