/**
 * Where work goes that waits in vain. Source: SLA and routing page, overflow: waiting over X, longer than N, nobody eligible, closed
 * hours.
 */
import {
  askedOf,
  couldTake,
  eligible,
  type OverflowTo,
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
      const to = why === null ? null : destination(ticket, queue, { queues, agents, lengths }, now);
      if (why === null || to === null) {
        staying += 1;
        const until = queue.open && afterMs !== null ? ticket.ringSince + afterMs : 0;
        if (until > now && until < (wakeAt ?? Infinity)) wakeAt = until;
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

/**
 * Where it ends up: a queue that would pass it on at once is passed by. Null where that comes back to a queue that it has been in: then it
 * stays, for otherwise two closed queues that overflow into each other would pass it to and fro for ever.
 */
function destination(
  ticket: WaitingTicket,
  from: RoutingQueue,
  { queues, agents, lengths }: Omit<Remainder, 'left'> & { lengths: ReadonlyMap<string, number> },
  now: number,
): OverflowTo | null {
  const been = new Set([from.id]);
  for (let to = from.overflow?.to; to;) {
    if (to.kind !== 'queue') return to;
    if (been.has(to.queueId)) return null;
    been.add(to.queueId);
    const queue = queues.get(to.queueId);
    // A queue that there is not any more is no place to go to.
    if (!queue) return null;
    if (!queue.overflow) return to;
    const there: WaitingTicket = { ...ticket, queueId: queue.id, ringSince: now };
    const { afterMs, longerThan } = queue.overflow;
    const passesOn =
      whyAtOnce(there, queue, agents) !== null ||
      (queue.open &&
        (afterMs === 0 || (longerThan !== null && (lengths.get(queue.id) ?? 0) >= longerThan)) &&
        !agents.some((agent) => eligible(agent, there, queue, now)));
    if (!passesOn) return to;
    to = queue.overflow.to;
  }
  return null;
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
