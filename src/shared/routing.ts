/**
 * Who is given what waits. The rules are in routing-rules.ts, capacity in routing-capacity.ts, overflow in routing-overflow.ts; here they
 * come to decisions. Pure: the same world at the same moment is decided in the same way, in whatever order it is told. Source: SLA and
 * routing page.
 */
import { classOf, hasRoom } from './routing-capacity.ts';
import { overflow, type Overflowing } from './routing-overflow.ts';
import {
  askedOf,
  fitOf,
  hasSkills,
  eligible,
  nextRingAt,
  place,
  preferredFor,
  preferredUntil,
  refusalOf,
  ring,
  type RoutingAgent,
  type RoutingQueue,
  type WaitingTicket,
} from './routing-rules.ts';
import type { WorkClass } from './words.ts';

export { type Capacity, capacityOf, classOf, defaultCapacity, idleAfterMs, loadOf, noLoad } from './routing-capacity.ts';
export { withOverflow } from './routing-overflow.ts';
export type { Need } from './routing-rows.ts';
export {
  defaultQueueRouting,
  eligible,
  place,
  refusalOf,
  ring,
  type RoutingAgent,
  type RoutingQueue,
  type WaitingTicket,
  whyWaiting,
} from './routing-rules.ts';

export interface RoutingWorld {
  /** all, or some `withOverflow`; waiting tickets of others are left alone */
  queues: ReadonlyMap<string, RoutingQueue>;
  /** all that serve these queues, those that are given nothing now too */
  agents: readonly RoutingAgent[];
  waiting: readonly WaitingTicket[];
}

/** `until`: when the offer ends */
export type Giving =
  | { ticketId: string; do: 'offer'; userId: string; until: number }
  | { ticketId: string; do: 'assign'; userId: string; until: null };
export type Decision = Giving | Overflowing;

/** What has overflowed into another queue has still to be decided there: that queue is to be decided again once it is moved. */
export interface Decided {
  decisions: Decision[];
  /** the next moment at which time alone could change the answer: a ring, a preferred wait, an overflow; null: none */
  wakeAt: number | null;
}

/** One decision in the making: as the world becomes by it. */
interface Pass {
  agents: readonly RoutingAgent[];
  now: number;
  /** as they are by what they were given in this pass */
  given: Map<string, RoutingAgent>;
  /** in which order: in one pass all are given something at the same moment */
  turn: number;
  turns: Map<string, number>;
  /** who had room at first, by queue and class */
  free: Map<string, Partial<Record<WorkClass, RoutingAgent[]>>>;
  byId: Map<string, RoutingAgent> | null;
}

const emptyPass = (agents: Pass['agents'], now: number): Pass => ({
  agents,
  now,
  given: new Map(),
  turn: 0,
  turns: new Map(),
  free: new Map(),
  byId: null,
});

/**
 * Decides for the waiting tickets, best place first over all queues; each decision counts against the next. So a ticket is never passed
 * over for a later one of its queue by somebody who may take either, unless it waits for its last handler.
 */
export function decide({ queues, agents, waiting }: RoutingWorld, now: number): Decided {
  const pass = emptyPass(agents, now);
  const decisions: Decision[] = [];
  const left = new Map<string, WaitingTicket[]>();
  let wakeAt: number | null = null;
  for (const { ticket, queue } of inOrder(queues, waiting)) {
    const { to, again } = queue.open ? choose(pass, ticket, queue) : nobody;
    if (to === null) {
      const others = left.get(queue.id);
      if (others) others.push(ticket);
      else left.set(queue.id, [ticket]);
      wakeAt = sooner(wakeAt, again);
      continue;
    }
    const workClass = classOf(ticket.channel);
    give(pass, to, queue, workClass);
    const ms = queue.offerMs[workClass];
    const what = { ticketId: ticket.id, userId: to.id };
    decisions.push(ms === null ? { ...what, do: 'assign', until: null } : { ...what, do: 'offer', until: now + ms });
  }
  const after = pass.given.size === 0 ? agents : agents.map((agent) => pass.given.get(agent.id) ?? agent);
  const over = overflow({ queues, agents: after, left }, now);
  return { decisions: [...decisions, ...over.moves], wakeAt: sooner(wakeAt, over.wakeAt) };
}

const sooner = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

interface Placed {
  ticket: WaitingTicket;
  queue: RoutingQueue;
  place: number;
}

function inOrder(queues: RoutingWorld['queues'], waiting: readonly WaitingTicket[]): Placed[] {
  const placed: Placed[] = [];
  for (const ticket of waiting) {
    const queue = queues.get(ticket.queueId);
    if (queue) placed.push({ ticket, queue, place: place(ticket, queue.order) });
  }
  return placed.sort(before);
}

const before = (one: Placed, other: Placed): number =>
  one.place - other.place || one.ticket.enqueuedAt - other.ticket.enqueuedAt || (one.ticket.id < other.ticket.id ? -1 : 1);

interface Choice {
  to: RoutingAgent | null;
  /** nobody yet; when that may be otherwise by time alone */
  again: number | null;
}

const nobody: Choice = { to: null, again: null };

/** Last handler, then best skill fit, then the queue's strategy, then longest since the last assignment. */
function choose(pass: Pass, ticket: WaitingTicket, queue: RoutingQueue): Choice {
  const workClass = classOf(ticket.channel);
  const free = freeFor(pass, queue, workClass);
  // The common case of a busy day; neither a ring nor the end of a wait for somebody changes it.
  if (free.length === 0) return nobody;
  const last = lastHandler(pass, ticket);
  if (last) {
    const refusal = refusalOf(last, ticket, queue, pass.now);
    if (refusal === null) return { to: last, again: null };
    const until = preferredUntil(ticket, queue);
    if (refusal === 'capacity' && pass.now < until) return { to: null, again: until };
  }
  const asked = askedOf(ticket, queue);
  const at = ring(ticket, queue, pass.now);
  let best: RoutingAgent | null = null;
  let bestFit = 0;
  for (const one of free) {
    const agent = pass.given.get(one.id) ?? one;
    if (agent !== one && !hasRoom(agent.capacity, agent.load, workClass)) continue;
    if (ticket.declined.has(agent.id) || !hasSkills(agent, asked, at)) continue;
    const fit = fitOf(agent, asked);
    if (best === null || fit > bestFit || (fit === bestFit && goesFirst(pass, agent, best, queue.strategy))) {
      best = agent;
      bestFit = fit;
    }
  }
  if (best) return { to: best, again: null };
  // Somebody is free who may take it in a later ring, or never.
  const relaxing = asked.some(({ firm, wished }) => wished > firm);
  return { to: null, again: relaxing ? nextRingAt(ticket, queue, pass.now) : null };
}

function goesFirst({ turns }: Pass, one: RoutingAgent, other: RoutingAgent, strategy: RoutingQueue['strategy']): boolean {
  if (strategy === 'leastLoaded' && one.openWork !== other.openWork) return one.openWork < other.openWork;
  if (strategy === 'longestIdle' && idle(one) !== idle(other)) return idle(one) < idle(other);
  // Round robin is just this: whose turn was longest ago.
  if (one.lastGivenAt !== other.lastGivenAt) return one.lastGivenAt < other.lastGivenAt;
  const turn = (turns.get(one.id) ?? 0) - (turns.get(other.id) ?? 0);
  return turn === 0 ? one.id < other.id : turn < 0;
}

/** Whoever has something in hand is not idle, however long ago they were given it. */
const idle = ({ load, idleSince }: RoutingAgent): number => (load.call + load.chat + load.social + load.email > 0 ? Infinity : idleSince);

function freeFor({ agents, free, given }: Pass, queue: RoutingQueue, workClass: WorkClass): readonly RoutingAgent[] {
  let ofQueue = free.get(queue.id);
  if (!ofQueue) free.set(queue.id, (ofQueue = {}));
  let list = ofQueue[workClass];
  if (!list) {
    list = [];
    for (const one of agents) {
      if (!one.available || !one.queues.has(queue.id) || one.off.has(workClass)) continue;
      const { capacity, load } = given.get(one.id) ?? one;
      if (hasRoom(capacity, load, workClass)) list.push(one);
    }
    ofQueue[workClass] = list;
  }
  return list;
}

function lastHandler(pass: Pass, ticket: WaitingTicket): RoutingAgent | null {
  const userId = preferredFor(ticket, pass.now);
  if (userId === null) return null;
  pass.byId ??= new Map(pass.agents.map((agent) => [agent.id, agent]));
  return pass.given.get(userId) ?? pass.byId.get(userId) ?? null;
}

function give(pass: Pass, agent: RoutingAgent, queue: RoutingQueue, workClass: WorkClass): void {
  const load = { ...agent.load, [workClass]: agent.load[workClass] + 1 };
  pass.given.set(agent.id, { ...agent, load, openWork: agent.openWork + 1, lastGivenAt: pass.now });
  pass.turn += 1;
  pass.turns.set(agent.id, pass.turn);
  const list = pass.free.get(queue.id)?.[workClass];
  if (!list || hasRoom(agent.capacity, load, workClass)) return;
  // Full: not to be looked at again for the hundreds that wait behind.
  const index = list.findIndex(({ id }) => id === agent.id);
  const last = list.pop();
  if (last && index < list.length && index >= 0) list[index] = last;
}

/**
 * What "next" gives: the head of the agent's queues; null: nothing for them. Asked for by themselves, but within their limit too, and a
 * ticket that waits for its last handler is left to them.
 */
export function nextFor(agent: RoutingAgent, { queues, agents, waiting }: RoutingWorld, now: number): string | null {
  const pass = emptyPass(agents, now);
  for (const { ticket, queue } of inOrder(queues, waiting)) {
    if (!eligible(agent, ticket, queue, now)) continue;
    const last = lastHandler(pass, ticket);
    if (!last || last.id === agent.id || now >= preferredUntil(ticket, queue)) return ticket.id;
    const refusal = refusalOf(last, ticket, queue, now);
    if (refusal !== null && refusal !== 'capacity') return ticket.id;
  }
  return null;
}
