/**
 * Where work goes that waits in vain. Source: SLA and routing page, overflow: waiting over X, longer than N, nobody eligible, closed
 * hours.
 */
import {
  askedOf,
  couldTake,
  eligible,
  type OverflowTo,
  preferredFor,
  preferredUntil,
  refusalOf,
  type RoutingAgent,
  type RoutingQueue,
  type WaitingTicket,
} from './routing-rules.ts';

export const overflowReasons = ['waited', 'length', 'nobody', 'closed'] as const;
export type OverflowWhy = (typeof overflowReasons)[number];

export interface Overflowing {
  ticketId: string;
  do: 'overflow';
  to: OverflowTo;
  why: OverflowWhy;
}

/** What is left when everything that could be given is given. */
export interface Remainder {
  queues: ReadonlyMap<string, RoutingQueue>;
  agents: readonly RoutingAgent[];
  /** by queue, best place first */
  left: ReadonlyMap<string, readonly WaitingTicket[]>;
}

/** `wakeAt`: when the next of those that stay has waited too long; null: none. */
export function overflow({ queues, agents, left }: Remainder, now: number): { moves: Overflowing[]; wakeAt: number | null } {
  const moves: Overflowing[] = [];
  let wakeAt: number | null = null;
  const lengths = new Map([...left].map(([queueId, tickets]) => [queueId, tickets.length]));
  for (const [queueId, tickets] of left) {
    const queue = queues.get(queueId);
    if (!queue?.overflow) continue;
    const { longerThan, afterMs } = queue.overflow;
    let staying = 0;
    for (const ticket of tickets) {
      let why: OverflowWhy | null = whyAtOnce(ticket, queue, agents);
      if (why === null && queue.open) {
        if (afterMs !== null && now - ticket.ringSince >= afterMs) why = 'waited';
        // The last ones go: whoever has waited is not sent away because others came.
        else if (longerThan !== null && staying >= longerThan) why = 'length';
      }
      const { to, again } = why === null ? stays : destination(ticket, queue, { queues, agents, lengths }, now);
      if (why === null || to === null) {
        staying += 1;
        const until = queue.open && afterMs !== null ? ticket.ringSince + afterMs : 0;
        for (const at of [until, again]) if (at > now && at < (wakeAt ?? Infinity)) wakeAt = at;
        continue;
      }
      moves.push({ ticketId: ticket.id, do: 'overflow', to, why });
      lengths.set(queueId, (lengths.get(queueId) ?? 1) - 1);
      if (to.kind === 'queue') lengths.set(to.queueId, (lengths.get(to.queueId) ?? 0) + 1);
    }
  }
  return { moves, wakeAt };
}

/** Closed hours hold everything but themselves back: what may wait until the morning is neither late nor too much before that. */
function whyAtOnce(ticket: WaitingTicket, queue: RoutingQueue, agents: readonly RoutingAgent[]): 'closed' | 'nobody' | null {
  if (!queue.open) return queue.overflow?.whenClosed === true ? 'closed' : null;
  if (queue.overflow?.whenNobody !== true) return null;
  const asked = askedOf(ticket, queue);
  return agents.some((agent) => couldTake(agent, ticket, queue, asked)) ? null : 'nobody';
}

/** `again`: when that may be otherwise by time alone; 0: it will not be */
interface Destination {
  to: OverflowTo | null;
  again: number;
}

const stays: Destination = { to: null, again: 0 };

/**
 * Where it ends up: a queue that would pass it on at once is passed by. Where that comes back to a queue that it has been in, it stays, for
 * otherwise two closed queues that overflow into each other would pass it to and fro for ever.
 */
function destination(
  ticket: WaitingTicket,
  from: RoutingQueue,
  { queues, agents, lengths }: Omit<Remainder, 'left'> & { lengths: ReadonlyMap<string, number> },
  now: number,
): Destination {
  const been = new Set([from.id]);
  let again = 0;
  for (let to = from.overflow?.to; to;) {
    if (to.kind !== 'queue') return { to, again };
    const queue = queues.get(to.queueId);
    // It comes round, or to a queue that there is not any more.
    if (!queue || been.has(queue.id)) return { to: null, again };
    been.add(queue.id);
    if (!queue.overflow) return { to, again };
    const there: WaitingTicket = { ...ticket, queueId: queue.id, ringSince: now };
    const { afterMs, longerThan } = queue.overflow;
    const passesOn =
      whyAtOnce(there, queue, agents) !== null ||
      (queue.open &&
        (afterMs === 0 || (longerThan !== null && (lengths.get(queue.id) ?? 0) >= longerThan)) &&
        !isGivenAtOnce(there, queue, agents, now));
    if (!passesOn) return { to, again };
    const kept = preferredUntil(there, queue);
    if (kept > now && (again === 0 || kept < again)) again = kept;
    to = queue.overflow.to;
  }
  return stays;
}

/** To somebody who is free, unless it waits for its last handler: passed on while it does, it would come back to where it set out. */
function isGivenAtOnce(ticket: WaitingTicket, queue: RoutingQueue, agents: readonly RoutingAgent[], now: number): boolean {
  const userId = preferredFor(ticket, now);
  const last = userId === null ? undefined : agents.find(({ id }) => id === userId);
  if (last && now < preferredUntil(ticket, queue) && refusalOf(last, ticket, queue, now) === 'capacity') return false;
  return agents.some((agent) => eligible(agent, ticket, queue, now));
}

/**
 * These queues, and all that their work may end up in: what a decision about them has to know. Deciding with less, two closed queues
 * that overflow into each other would not be seen to.
 */
export function withOverflow(queueIds: Iterable<string>, queues: ReadonlyMap<string, RoutingQueue>): Set<string> {
  const reached = new Set(queueIds);
  // A set that grows while it is walked through is walked through to its new end.
  for (const queueId of reached) {
    const to = queues.get(queueId)?.overflow?.to;
    if (to?.kind === 'queue' && queues.has(to.queueId)) reached.add(to.queueId);
  }
  return reached;
}
