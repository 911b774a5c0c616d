/**
 * What must never happen, told in its own words: nothing here is taken from the rules that it watches over. Source: SLA and routing page.
 */
import type { Decision, RoutingAgent, RoutingQueue, WaitingTicket } from '../../src/shared/routing.ts';
import type { Floor, Watch } from '../../src/shared/simulate.ts';

export type Load = RoutingAgent['load'];
type WorkClass = keyof Load;

const kinds: Record<WaitingTicket['channel'], WorkClass> = {
  phone: 'call',
  chat: 'chat',
  messenger: 'social',
  instagram: 'social',
  zalo: 'social',
  api: 'social',
  email: 'email',
  counter: 'email',
  other: 'email',
};
export const kindOf = (ticket: Pick<WaitingTicket, 'channel'>): WorkClass => kinds[ticket.channel];

export function fits(agent: RoutingAgent, load: Load, kind: WorkClass): boolean {
  const held = (Object.keys(load) as WorkClass[]).filter((one) => load[one] > 0);
  return load[kind] + 1 <= agent.capacity.most[kind] && held.every((one) => !(agent.capacity.blocks[one] ?? []).includes(kind));
}

export const meetsMusts = (agent: RoutingAgent, ticket: WaitingTicket, queue: RoutingQueue): boolean =>
  [...ticket.needs, ...queue.needs].every(({ skillId, level, must }) => !must || (agent.skills.get(skillId) ?? 0) >= level);

function meetsWishes(agent: RoutingAgent, ticket: WaitingTicket, queue: RoutingQueue, now: number): boolean {
  const waited = now - ticket.ringSince;
  return [...ticket.needs, ...queue.needs].every(({ skillId, level }) => {
    const has = agent.skills.get(skillId) ?? 0;
    if (waited >= queue.ringsMs[2]) return true;
    if (waited >= queue.ringsMs[1]) return has >= 1;
    if (waited >= queue.ringsMs[0]) return has >= 1 && has >= level - 1;
    return has >= level;
  });
}

/** All but room. */
export const mayTake = (agent: RoutingAgent, ticket: WaitingTicket, queue: RoutingQueue, now: number): boolean =>
  queue.open &&
  agent.available &&
  agent.queues.has(queue.id) &&
  !agent.off.has(kindOf(ticket)) &&
  !ticket.declined.has(agent.id) &&
  meetsMusts(agent, ticket, queue) &&
  meetsWishes(agent, ticket, queue, now);

/** Its last handler is there, may take it, and has their hands full. */
export function waitsForSomebody(
  ticket: WaitingTicket,
  queue: RoutingQueue,
  known: (id: string) => { agent: RoutingAgent; load: Load } | undefined,
  now: number,
): boolean {
  const { lastHandler, enqueuedAt } = ticket;
  if (!lastHandler || now - lastHandler.at >= 7 * 24 * 3_600_000 || now - enqueuedAt >= queue.preferredMs) return false;
  const last = known(lastHandler.userId);
  return last !== undefined && mayTake(last.agent, ticket, queue, now) && !fits(last.agent, last.load, kindOf(ticket));
}

const steps = ['low', 'normal', 'high', 'urgent'];

export function isAhead(one: WaitingTicket, other: WaitingTicket, order: RoutingQueue['order']): boolean {
  if (order === 'priority') {
    const moment = (ticket: WaitingTicket) => ticket.enqueuedAt - 60_000 * steps.indexOf(ticket.priority);
    return moment(one) < moment(other);
  }
  if (one.dueAt !== null && other.dueAt !== null) return one.dueAt < other.dueAt;
  if (one.dueAt === null && other.dueAt === null) return one.enqueuedAt < other.enqueuedAt;
  return one.dueAt !== null;
}

export type Fault = 'twice' | 'capacity' | 'must' | 'refused' | 'order' | 'forgotten' | 'lost';
export interface Found {
  fault: Fault;
  what: string;
}

export interface Scene {
  queue: (id: string) => RoutingQueue | undefined;
  agent: (id: string) => RoutingAgent | undefined;
  ticket: (id: string) => WaitingTicket | undefined;
  /** by queue */
  waiting: (queueId: string) => Iterable<WaitingTicket>;
}

/** Faults of decisions, each taken to happen before the next. */
export function faultsOf(scene: Scene, decisions: readonly Decision[], now: number): Found[] {
  const found: Found[] = [];
  const loads = new Map<string, Load>();
  const loadOf = (agent: RoutingAgent): Load => loads.get(agent.id) ?? agent.load;
  const given = new Set(decisions.flatMap((one) => (one.do === 'overflow' ? [] : [one.ticketId])));
  const decided = new Set<string>();
  for (const decision of decisions) {
    const { ticketId } = decision;
    const ticket = scene.ticket(ticketId);
    if (!ticket || decided.has(ticketId)) found.push({ fault: 'twice', what: `${ticketId} at ${now}` });
    decided.add(ticketId);
    if (decision.do === 'overflow' || !ticket) continue;
    const agent = scene.agent(decision.userId);
    const queue = scene.queue(ticket.queueId);
    if (!agent || !queue) {
      found.push({ fault: 'refused', what: `${ticketId} to ${decision.userId}: nobody known` });
      continue;
    }
    const load = loadOf(agent);
    const what = `${ticketId} to ${agent.id} at ${now}`;
    if (!fits(agent, load, kindOf(ticket))) found.push({ fault: 'capacity', what });
    if (!meetsMusts(agent, ticket, queue)) found.push({ fault: 'must', what });
    else if (!mayTake(agent, ticket, queue, now)) found.push({ fault: 'refused', what });
    const known = (id: string) => {
      const one = scene.agent(id);
      return one && { agent: one, load: loadOf(one) };
    };
    for (const other of scene.waiting(queue.id)) {
      if (given.has(other.id) || !isAhead(other, ticket, queue.order)) continue;
      if (!mayTake(agent, other, queue, now) || !fits(agent, load, kindOf(other))) continue;
      if (!waitsForSomebody(other, queue, known, now)) found.push({ fault: 'order', what: `${what}, before ${other.id}` });
    }
    loads.set(agent.id, { ...load, [kindOf(ticket)]: load[kindOf(ticket)] + 1 });
  }
  return found;
}

/** Tickets that somebody could be given now and is not. */
export function forgottenIn(agents: Iterable<RoutingAgent>, queue: RoutingQueue, waiting: Iterable<WaitingTicket>, now: number): string[] {
  const forgotten: string[] = [];
  let free: RoutingAgent[] | null = null;
  let byId: Map<string, RoutingAgent> | null = null;
  for (const ticket of waiting) {
    free ??= [...agents].filter((agent) => agent.available && agent.queues.has(queue.id));
    const taker = free.find((agent) => fits(agent, agent.load, kindOf(ticket)) && mayTake(agent, ticket, queue, now));
    if (!taker) continue;
    byId ??= new Map(free.map((agent) => [agent.id, agent]));
    const known = (id: string) => {
      const agent = byId?.get(id);
      return agent && { agent, load: agent.load };
    };
    if (!waitsForSomebody(ticket, queue, known, now)) forgotten.push(ticket.id);
  }
  return forgotten;
}

/** How often everything is looked at, and not only what an event may have touched. */
const wholeEvery = 1000;

/** Collects what goes wrong on a simulated day. `most`: then it stops collecting, not counting. */
export function watching(most = 20): { watch: Watch; found: Found[]; counts: Map<Fault, number>; events: () => number } {
  const found: Found[] = [];
  const counts = new Map<Fault, number>();
  let events = 0;
  const add = (faults: Found[]) => {
    for (const one of faults) {
      counts.set(one.fault, (counts.get(one.fault) ?? 0) + 1);
      if (found.length < most) found.push(one);
    }
  };
  const idle = (floor: Floor, queueId: string, now: number) => {
    const queue = floor.queues.get(queueId)!;
    const ids = forgottenIn(floor.agents.values(), queue, floor.waiting.get(queueId)!.values(), now);
    add(ids.map((id) => ({ fault: 'forgotten', what: `${id} in ${queueId} at ${now}` })));
  };
  return {
    found,
    counts,
    events: () => events,
    watch: {
      decided: (floor, decisions, now) => {
        const tickets = new Map<string, WaitingTicket>();
        for (const { ticketId } of decisions)
          for (const waiting of floor.waiting.values()) {
            const ticket = waiting.get(ticketId);
            if (ticket) tickets.set(ticketId, ticket);
          }
        const scene: Scene = {
          queue: (id) => floor.queues.get(id),
          agent: (id) => floor.agents.get(id),
          ticket: (id) => tickets.get(id),
          waiting: (queueId) => floor.waiting.get(queueId)!.values(),
        };
        add(faultsOf(scene, decisions, now));
      },
      settled: (floor, touched, now) => {
        events += 1;
        let waiting = 0;
        for (const tickets of floor.waiting.values()) waiting += tickets.size;
        const somewhere = waiting + floor.offers.size + floor.held.size + floor.ended.size;
        if (somewhere !== floor.arrived.size) add([{ fault: 'lost', what: `${floor.arrived.size - somewhere} at ${now}` }]);
        for (const queueId of touched) idle(floor, queueId, now);
        if (events % wholeEvery === 0) add(whole(floor, now));
        if (events % wholeEvery === 0) for (const queueId of floor.queues.keys()) idle(floor, queueId, now);
      },
    },
  };
}

/** Every ticket is in just one place, and what agents count as having is what they have. */
function whole(floor: Floor, now: number): Found[] {
  const found: Found[] = [];
  const places = [...[...floor.waiting.values()].map((tickets) => tickets.keys()), floor.offers.keys(), floor.held.keys(), floor.ended];
  const seen = new Set<string>();
  for (const place of places)
    for (const id of place) {
      if (seen.has(id)) found.push({ fault: 'twice', what: `${id} is in two places at ${now}` });
      seen.add(id);
    }
  for (const id of floor.arrived) if (!seen.has(id)) found.push({ fault: 'lost', what: `${id} at ${now}` });
  const has = new Map<string, number>();
  for (const { userId } of floor.offers.values()) has.set(userId, (has.get(userId) ?? 0) + 1);
  for (const userId of floor.held.values()) has.set(userId, (has.get(userId) ?? 0) + 1);
  for (const { id, load, openWork } of floor.agents.values()) {
    const slots = load.call + load.chat + load.social + load.email;
    if (openWork !== (has.get(id) ?? 0) || slots > openWork || Math.min(...Object.values(load)) < 0)
      found.push({ fault: 'capacity', what: `${id} counts ${openWork} open and ${slots} slots at ${now}, and has ${has.get(id) ?? 0}` });
  }
  return found;
}
