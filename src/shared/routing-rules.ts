/**
 * Who may be given what, and what comes first: the rules by themselves, before anything is decided. Pure; `now` is the hub's clock.
 * Source: SLA and routing page.
 */
import { type Capacity, classOf, hasRoom, type Load } from './routing-capacity.ts';
import type { Need } from './routing-rows.ts';
import type { ChannelKind, Priority, WorkClass } from './words.ts';

export interface RoutingAgent {
  id: string;
  /** on duty and free to be given work; other states get nothing */
  available: boolean;
  /** at work, though given nothing now, as in a wrap-up: work that only they can do waits for them. Absent: as `available` */
  onDuty?: boolean;
  queues: ReadonlySet<string>;
  skills: ReadonlyMap<string, number>;
  off: ReadonlySet<WorkClass>;
  capacity: Capacity;
  /** slots in use, offers included */
  load: Load;
  /** all assigned and unresolved, idle ones too */
  openWork: number;
  /** since when nothing is in hand; counts only while nothing is */
  idleSince: number;
  lastGivenAt: number;
}

export interface WaitingTicket {
  id: string;
  queueId: string;
  channel: ChannelKind;
  priority: Priority;
  /** kept by a transfer, and by an offer that nobody took */
  enqueuedAt: number;
  /** when it came into this queue */
  ringSince: number;
  dueAt: number | null;
  needs: readonly Need[];
  lastHandler: { userId: string; at: number } | null;
  declined: ReadonlySet<string>;
}

export type OverflowTo = { kind: 'queue'; queueId: string } | { kind: 'callback' } | { kind: 'email' };

export interface RoutingQueue {
  id: string;
  order: 'priority' | 'sla';
  strategy: 'longestIdle' | 'leastLoaded' | 'roundRobin';
  ringsMs: readonly [number, number, number];
  preferredMs: number;
  /** ms in which an offer is to be answered; null: assigned without one */
  offerMs: Record<WorkClass, number | null>;
  /** asked of every ticket of the queue, besides its own */
  needs: readonly Need[];
  overflow: { afterMs: number | null; longerThan: number | null; whenNobody: boolean; whenClosed: boolean; to: OverflowTo } | null;
  open: boolean;
}

export const defaultQueueRouting: Omit<RoutingQueue, 'id' | 'open'> = {
  order: 'priority',
  strategy: 'longestIdle',
  ringsMs: [30_000, 60_000, 120_000],
  preferredMs: 30_000,
  offerMs: { call: 20_000, chat: 30_000, social: 30_000, email: null },
  needs: [],
  overflow: null,
};

/** What one step of priority is worth, in ms of waiting: priority and ageing in one number. */
const priorityMs = 60_000;
const weights: Readonly<Record<Priority, number>> = { low: 0, normal: 1, high: 2, urgent: 3 };
/** Later than any due time, and small enough for a moment to be added exactly. */
const undated = 2 ** 52;

/**
 * Lower is sooner. `sla`: by when it is due; those that are not due at all come last, in the order in which they came. Both are moments,
 * which is what lets queues of either order share agents: across them a ticket that is due at noon stands behind all that came in the
 * morning.
 */
export function place(ticket: Pick<WaitingTicket, 'enqueuedAt' | 'priority' | 'dueAt'>, order: RoutingQueue['order']): number {
  if (order === 'sla') return ticket.dueAt ?? undated + ticket.enqueuedAt;
  return ticket.enqueuedAt - weights[ticket.priority] * priorityMs;
}

export type Ring = 0 | 1 | 2 | 3;

/**
 * How far needs that are no musts are relaxed: 0 not at all; 1 one level lower, the first at least; 2 the skill at any level; 3 not asked
 * for any more. Counted from when the ticket came into this queue: an offer that was missed does not start it anew.
 */
export function ring({ ringSince }: Pick<WaitingTicket, 'ringSince'>, { ringsMs }: Pick<RoutingQueue, 'ringsMs'>, now: number): Ring {
  const waited = now - ringSince;
  if (waited >= ringsMs[2]) return 3;
  if (waited >= ringsMs[1]) return 2;
  return waited >= ringsMs[0] ? 1 : 0;
}

/** The moment of the next ring; null: it is in the last. */
export function nextRingAt({ ringSince }: Pick<WaitingTicket, 'ringSince'>, { ringsMs }: RoutingQueue, now: number): number | null {
  let next: number | null = null;
  for (const ms of ringsMs) if (ringSince + ms > now && ringSince + ms < (next ?? Infinity)) next = ringSince + ms;
  return next;
}

/** All that ticket and queue ask of one skill: `firm` whatever happens, `wished` until it is relaxed; 0: nothing. */
export interface Asked {
  skillId: string;
  firm: number;
  wished: number;
}

const nothingAsked: readonly Asked[] = [];

export function askedOf({ needs }: Pick<WaitingTicket, 'needs'>, queue: Pick<RoutingQueue, 'needs'>): readonly Asked[] {
  if (needs.length === 0 && queue.needs.length === 0) return nothingAsked;
  const asked: Asked[] = [];
  for (const { skillId, level, must } of [...queue.needs, ...needs]) {
    let one = asked.find((known) => known.skillId === skillId);
    if (!one) asked.push((one = { skillId, firm: 0, wished: 0 }));
    if (must) one.firm = Math.max(one.firm, level);
    else one.wished = Math.max(one.wished, level);
  }
  return asked;
}

function levelAt({ firm, wished }: Asked, at: Ring): number {
  const relaxed = at === 0 ? wished : at === 1 ? Math.max(wished - 1, 1) : at === 2 ? 1 : 0;
  return Math.max(firm, Math.min(relaxed, wished));
}

export function hasSkills({ skills }: Pick<RoutingAgent, 'skills'>, asked: readonly Asked[], at: Ring): boolean {
  for (const one of asked) if ((skills.get(one.skillId) ?? 0) < levelAt(one, at)) return false;
  return true;
}

/** The higher, the better somebody fits: their levels in what is asked for, relaxed or not. */
export function fitOf({ skills }: Pick<RoutingAgent, 'skills'>, asked: readonly Asked[]): number {
  let sum = 0;
  for (const { skillId } of asked) sum += skills.get(skillId) ?? 0;
  return sum;
}

/** Why somebody is not given a ticket. `closed`: nobody is. */
export const refusals = ['closed', 'queue', 'state', 'channel', 'declined', 'skill', 'capacity'] as const;
export type Refusal = (typeof refusals)[number];

/** Null: they may be given it. Capacity is asked last: who is refused for that alone has only to finish something. */
export function refusalOf(agent: RoutingAgent, ticket: WaitingTicket, queue: RoutingQueue, now: number): Refusal | null {
  const wanted = classOf(ticket.channel);
  if (!queue.open) return 'closed';
  if (!agent.queues.has(queue.id)) return 'queue';
  if (!agent.available) return 'state';
  if (agent.off.has(wanted)) return 'channel';
  if (ticket.declined.has(agent.id)) return 'declined';
  if (!hasSkills(agent, askedOf(ticket, queue), ring(ticket, queue, now))) return 'skill';
  return hasRoom(agent.capacity, agent.load, wanted) ? null : 'capacity';
}

export function eligible(agent: RoutingAgent, ticket: WaitingTicket, queue: RoutingQueue, now: number): boolean {
  return refusalOf(agent, ticket, queue, now) === null;
}

/** Why a ticket still waits: how many of those who serve its queue are refused it for what. */
export function whyWaiting(
  ticket: WaitingTicket,
  queue: RoutingQueue,
  agents: Iterable<RoutingAgent>,
  now: number,
): Partial<Record<Refusal, number>> {
  const counts: Partial<Record<Refusal, number>> = {};
  for (const agent of agents) {
    const refusal = agent.queues.has(queue.id) ? refusalOf(agent, ticket, queue, now) : null;
    if (refusal !== null) counts[refusal] = (counts[refusal] ?? 0) + 1;
  }
  return counts;
}

/** Whether somebody at work could take it if their hands were free and nothing was asked but musts. */
export function couldTake(agent: RoutingAgent, ticket: WaitingTicket, queue: RoutingQueue, asked: readonly Asked[]): boolean {
  const wanted = classOf(ticket.channel);
  return (
    (agent.onDuty ?? agent.available) &&
    agent.queues.has(queue.id) &&
    !agent.off.has(wanted) &&
    agent.capacity.most[wanted] > 0 &&
    !ticket.declined.has(agent.id) &&
    hasSkills(agent, asked, 3)
  );
}

/** ms for which a customer's last handler is who they are given to first */
export const preferredWithinMs = 7 * 86_400_000;

/** Who is asked first; null: nobody, or it was too long ago. */
export function preferredFor({ lastHandler }: Pick<WaitingTicket, 'lastHandler'>, now: number): string | null {
  return lastHandler !== null && now < lastHandler.at + preferredWithinMs ? lastHandler.userId : null;
}

/** Until when a ticket waits for its last handler who has their hands full. */
export function preferredUntil({ lastHandler, enqueuedAt }: WaitingTicket, { preferredMs }: RoutingQueue): number {
  return lastHandler === null ? enqueuedAt : Math.min(enqueuedAt + preferredMs, lastHandler.at + preferredWithinMs);
}
