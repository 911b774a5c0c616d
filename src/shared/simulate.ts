/**
 * A day of a centre on a virtual clock, event by event: who comes and goes, what arrives, what is offered, taken, let pass, handed on. It
 * proves the routing rules, and answers "what if": the same arrivals under other skills, another capacity, another strategy. Pure:
 * chance comes in as a generator, and the same input with the same generator gives the same day.
 */
import { decide, noLoad, type RoutingQueue, type RoutingWorld, type WaitingTicket, whyWaiting, withOverflow } from './routing.ts';
import { newClock, next, plan } from './simulate-clock.ts';
import { account, type Desk, deskOf, isOn, update } from './simulate-desk.ts';
import { type AgentOutcome, type DayFigures, dayFigures, type TicketOutcome } from './simulate-figures.ts';
import type { Event, Simulation, State } from './simulate-floor.ts';
import { answer, arrive, end, finish, give, holdSlot, outcomeOf, wait, withdraw } from './simulate-work.ts';

export type { SimulatedAgent, Span } from './simulate-desk.ts';
export type { AgentOutcome, DayFigures, TicketOutcome } from './simulate-figures.ts';
export type { Arrival, Behaviour, Floor, Simulation, Watch } from './simulate-floor.ts';

export interface SimulatedDay extends DayFigures {
  tickets: TicketOutcome[];
  agents: AgentOutcome[];
  events: number;
}

export function simulate(input: Simulation): SimulatedDay {
  const state = opening(input);
  let events = 0;
  // With nobody to come and nothing in hand the day is over, though what waits may go from queue to queue for ever.
  for (let planned = next(state.clock); planned && state.clock.heap.length >= state.sleeping; planned = next(state.clock)) {
    events += 1;
    state.now = planned.at;
    if (planned.event.kind === 'wakes') state.sleeping -= 1;
    settle(state, happen(state, planned.event));
  }
  const tickets = [...state.tickets.values()].map(({ outcome }) => outcome);
  for (const outcome of tickets) if (outcome.end === 'waiting') outcome.why = whyLeft(state, outcome.id);
  const agents = [...state.agents.values()].map((desk) => account(desk, state.now).outcome);
  return { tickets, agents, events, ...dayFigures(tickets, agents, input.targetMs) };
}

function opening(input: Simulation): State {
  const state: State = {
    input,
    clock: newClock(),
    now: 0,
    queues: new Map(input.queues.map((queue) => [queue.id, { ...queue, open: input.hours?.has(queue.id) !== true }])),
    agents: new Map(input.agents.map((agent) => [agent.id, deskOf(agent)])),
    waiting: new Map(input.queues.map(({ id }) => [id, new Map()])),
    offers: new Map(),
    held: new Map(),
    ended: new Set(),
    arrived: new Set(),
    tickets: new Map(),
    teams: new Map(),
    wakes: new Map(),
    sleeping: 0,
  };
  for (const desk of state.agents.values())
    for (const { from, until } of [...desk.shifts, ...desk.breaks])
      for (const at of [from, until]) plan(state.clock, at, { kind: 'duty', desk });
  for (const queue of state.queues.values())
    for (const { from, until } of input.hours?.get(queue.id) ?? [])
      for (const at of [from, until]) plan(state.clock, at, { kind: 'hours', queue });
  for (const { at, agentId, queues, skills } of input.changes ?? []) {
    const desk = state.agents.get(agentId);
    if (desk) plan(state.clock, at, { kind: 'changes', desk, queues, skills });
  }
  for (const arrival of input.arrivals) plan(state.clock, arrival.at, { kind: 'arrives', arrival });
  return state;
}

/** Returns the queues in which there may be something to decide. */
function happen(state: State, event: Event): Iterable<string> {
  switch (event.kind) {
    case 'arrives':
      return arrive(state, event.arrival);
    case 'duty':
      update(event.desk, state.now);
      return event.desk.onDuty ? event.desk.queues : withdraw(state, event.desk);
    case 'ready':
      update(event.desk, state.now);
      return event.desk.queues;
    case 'hours': {
      const { queue } = event;
      const open = isOn(state.input.hours?.get(queue.id) ?? [], state.now);
      state.queues.set(queue.id, { ...queue, open });
      return [queue.id];
    }
    case 'changes': {
      const { desk, queues, skills } = event;
      const touched = new Set([...desk.queues, ...queues]);
      desk.queues = queues;
      desk.skills = skills;
      state.teams.clear();
      return touched;
    }
    case 'accepts':
    case 'declines':
    case 'misses':
      return answer(state, event.offer, event.kind);
    case 'idles':
    case 'speaks':
      return holdSlot(state, event.work, event.kind === 'speaks');
    case 'finishes':
      return finish(state, event.work);
    case 'wakes':
      return event.queues;
  }
}

/** Decides wherever something may have changed, until nothing more follows from it. */
function settle(state: State, queues: Iterable<string>): void {
  const touched = new Set(queues);
  let open: ReadonlySet<string> = touched;
  // Each pass but the first is for what has overflowed into other queues, and ends further on than the one before.
  for (let passes = 0; open.size > 0; passes += 1) {
    if (passes > 100) throw new Error('what overflows comes to no rest');
    open = decideIn(state, open);
    for (const queueId of open) touched.add(queueId);
  }
  state.input.watch?.settled?.(state, touched, state.now);
}

function decideIn(state: State, queueIds: ReadonlySet<string>): ReadonlySet<string> {
  const queues = new Map<string, RoutingQueue>();
  const waiting: WaitingTicket[] = [];
  for (const queueId of withOverflow(queueIds, state.queues)) {
    const queue = state.queues.get(queueId);
    if (!queue) continue;
    queues.set(queueId, queue);
    for (const ticket of state.waiting.get(queueId)?.values() ?? []) waiting.push(ticket);
  }
  const overflowed = new Set<string>();
  if (waiting.length === 0) return overflowed;
  const world: RoutingWorld = { queues, agents: teamOf(state, [...queues.keys()]), waiting };
  const { decisions, wakeAt } = (state.input.decide ?? decide)(world, state.now);
  if (decisions.length > 0) state.input.watch?.decided?.(state, decisions, state.now);
  for (const decision of decisions) {
    const ticket = waiting.find(({ id }) => id === decision.ticketId);
    // Given twice, or not there to be given: a fault of whoever decides, which `watch` has been told of.
    if (!ticket || state.waiting.get(ticket.queueId)?.delete(ticket.id) !== true) continue;
    if (decision.do !== 'overflow') give(state, ticket, decision);
    else if (decision.to.kind === 'queue') {
      const moved = { ...ticket, queueId: decision.to.queueId, ringSince: state.now };
      for (const queueId of wait(state, moved)) overflowed.add(queueId);
      outcomeOf(state, ticket.id).overflows += 1;
    } else end(state, ticket.id, decision.to.kind);
  }
  if (wakeAt !== null) wakeIn(state, [...queues.keys()], wakeAt);
  return overflowed;
}

function teamOf(state: State, queueIds: readonly string[]): readonly Desk[] {
  const key = queueIds.join(' ');
  let team = state.teams.get(key);
  if (!team) {
    team = [...state.agents.values()].filter(({ queues }) => queueIds.some((queueId) => queues.has(queueId)));
    state.teams.set(key, team);
  }
  return team;
}

/** Sooner is no harm: then it is looked at twice. */
function wakeIn(state: State, queues: readonly string[], at: number): void {
  const planned = (queueId: string) => {
    const known = state.wakes.get(queueId);
    return known !== undefined && known > state.now && known <= at;
  };
  if (queues.every(planned)) return;
  for (const queueId of queues) if (!planned(queueId)) state.wakes.set(queueId, at);
  state.sleeping += 1;
  plan(state.clock, at, { kind: 'wakes', queues });
}

function whyLeft(state: State, ticketId: string): TicketOutcome['why'] {
  for (const [queueId, tickets] of state.waiting) {
    const ticket = tickets.get(ticketId);
    const queue = state.queues.get(queueId);
    if (!ticket || !queue) continue;
    const rested = [...state.agents.values()].map((desk) => ({
      ...desk,
      available: true,
      load: noLoad(),
    }));
    return whyWaiting(ticket, queue, rested, state.now);
  }
  return null;
}
