/** Other ways to give work out: simple ones to compare with, and broken ones that the checks must catch. */
import { decide, type Decision, type RoutingAgent, type RoutingWorld } from '../../src/shared/routing.ts';
import type { Simulation } from '../../src/shared/simulate.ts';
import { fits, isAhead, kindOf, type Load } from './checks.ts';

export type Decider = NonNullable<Simulation['decide']>;

/** First come, first served, to whoever `first` says; no look at skills, last handlers or overflow. */
function plain(first: (one: RoutingAgent & { given: number }, other: RoutingAgent & { given: number }) => number): Decider {
  return ({ queues, agents, waiting }, now) => {
    const decisions: Decision[] = [];
    const desks = agents.filter(({ available }) => available).map((agent) => ({ ...agent, given: 0 }));
    const loads = new Map<string, Load>(desks.map(({ id, load }) => [id, { ...load }]));
    for (const ticket of waiting.toSorted((one, other) => one.enqueuedAt - other.enqueuedAt)) {
      const queue = queues.get(ticket.queueId);
      const kind = kindOf(ticket);
      if (!queue?.open) continue;
      let best: (typeof desks)[number] | null = null;
      for (const desk of desks) {
        if (!desk.queues.has(queue.id) || desk.off.has(kind) || ticket.declined.has(desk.id)) continue;
        if (fits(desk, loads.get(desk.id)!, kind) && (best === null || first(desk, best) < 0)) best = desk;
      }
      if (!best) continue;
      loads.get(best.id)![kind] += 1;
      best.openWork += 1;
      best.lastGivenAt = now;
      best.given = decisions.length + 1;
      const ms = queue.offerMs[kind];
      const what = { ticketId: ticket.id, userId: best.id };
      decisions.push(ms === null ? { ...what, do: 'assign', until: null } : { ...what, do: 'offer', until: now + ms });
    }
    return { decisions, wakeAt: null };
  };
}

export const plainRoundRobin = plain((one, other) => one.lastGivenAt - other.lastGivenAt || one.given - other.given);
export const plainLeastLoaded = plain((one, other) => one.openWork - other.openWork);

const roomy = { most: { call: 99, chat: 99, social: 99, email: 99 }, blocks: {} };
const without = (world: RoutingWorld, change: (ticket: RoutingWorld['waiting'][number]) => RoutingWorld['waiting'][number]) => ({
  ...world,
  waiting: world.waiting.map(change),
});

/** Each breaks one rule, and should be found out by the check of that name. */
export const broken = {
  twice: (world, now) => {
    const decided = decide(world, now);
    const again = decided.decisions.flatMap((decision): Decision[] => {
      if (decision.do !== 'offer') return [];
      const other = world.agents.find(({ id, available }) => available && id !== decision.userId);
      return other ? [{ ...decision, userId: other.id }] : [];
    });
    return { ...decided, decisions: [...decided.decisions, ...again] };
  },
  capacity: (world, now) => decide({ ...world, agents: world.agents.map((agent) => ({ ...agent, capacity: roomy })) }, now),
  must: (world, now) =>
    decide(
      without(world, (ticket) => ({ ...ticket, needs: ticket.needs.map((need) => ({ ...need, must: false })) })),
      now,
    ),
  order: (world, now) => {
    // The one that came last is given what the first should have been given.
    const { decisions, wakeAt } = decide(world, now);
    const given = new Set(decisions.map(({ ticketId }) => ticketId));
    const passed = decisions.map((decision): Decision => {
      const ticket = world.waiting.find(({ id }) => id === decision.ticketId);
      const queue = ticket && world.queues.get(ticket.queueId);
      if (!ticket || !queue || decision.do === 'overflow') return decision;
      const later = world.waiting.find(
        (other) =>
          other.queueId === ticket.queueId &&
          other.channel === ticket.channel &&
          isAhead(ticket, other, queue.order) &&
          !given.has(other.id),
      );
      if (!later) return decision;
      given.add(later.id);
      return { ...decision, ticketId: later.id };
    });
    return { decisions: passed, wakeAt };
  },
  forgotten: (world, now) => decide({ ...world, waiting: world.waiting.filter(({ id }) => !id.endsWith('7')) }, now),
} satisfies Record<string, Decider>;
