/** What happens to tickets in a simulated day. What returns queues names those in which there may be something to decide. */
import { classOf, type Giving, idleAfterMs } from './routing.ts';
import type { WaitingTicket } from './routing-rules.ts';
import { plan } from './simulate-clock.ts';
import { account, type Desk, update } from './simulate-desk.ts';
import type { TicketOutcome } from './simulate-figures.ts';
import type { Arrival, OpenOffer, State, Work } from './simulate-floor.ts';

export function arrive(state: State, arrival: Arrival): Iterable<string> {
  const { id, at, queueId, channel } = arrival;
  const outcome: TicketOutcome = {
    id,
    queueId,
    channel,
    workClass: classOf(channel),
    at,
    answeredAt: null,
    waitsMs: [],
    takenBy: [],
    offers: 0,
    declines: 0,
    misses: 0,
    overflows: 0,
    end: 'waiting',
    endedAt: null,
    why: null,
  };
  state.tickets.set(id, { arrival, outcome, waitsSince: at, second: false });
  state.arrived.add(id);
  const { priority, dueAt, needs, lastHandler } = arrival;
  const ticket = { id, queueId, channel, priority, dueAt, needs, lastHandler, enqueuedAt: at, ringSince: at, declined: new Set<string>() };
  return wait(state, ticket);
}

export function wait(state: State, ticket: WaitingTicket): Iterable<string> {
  const queue = state.waiting.get(ticket.queueId);
  if (!queue) throw new Error(`ticket ${ticket.id} is for queue ${ticket.queueId}, which there is not`);
  queue.set(ticket.id, ticket);
  return [ticket.queueId];
}

export function give(state: State, ticket: WaitingTicket, { userId, until }: Giving): void {
  const desk = state.agents.get(userId);
  if (!desk) throw new Error(`agent ${userId} is not known`);
  const workClass = classOf(ticket.channel);
  desk.load[workClass] += 1;
  desk.openWork += 1;
  desk.lastGivenAt = state.now;
  desk.outcome.given += 1;
  if (until === null) return take(state, ticket, desk);
  outcomeOf(state, ticket.id).offers += 1;
  const offer: OpenOffer = { ticket, userId, until };
  state.offers.set(ticket.id, offer);
  const { missChance, declineChance, answerMs } = state.input.behaviour;
  const [least, most] = answerMs;
  const chance = state.input.random();
  const at = Math.min(state.now + Math.round(least + state.input.random() * (most - least)), until - 1);
  if (chance < missChance) plan(state.clock, until, { kind: 'misses', offer });
  else plan(state.clock, at, { kind: chance < missChance + declineChance ? 'declines' : 'accepts', offer });
}

export function answer(state: State, offer: OpenOffer, how: 'accepts' | 'declines' | 'misses'): Iterable<string> {
  const { ticket, userId } = offer;
  const desk = state.agents.get(userId);
  // Withdrawn meanwhile.
  if (!desk || state.offers.get(ticket.id) !== offer) return [];
  state.offers.delete(ticket.id);
  const outcome = outcomeOf(state, ticket.id);
  if (how === 'accepts') {
    take(state, ticket, desk);
    return [];
  }
  desk.load[classOf(ticket.channel)] -= 1;
  desk.openWork -= 1;
  if (how === 'declines') {
    outcome.declines += 1;
    desk.outcome.declined += 1;
    return [...wait(state, { ...ticket, declined: new Set([...ticket.declined, userId]) }), ...desk.queues];
  }
  outcome.misses += 1;
  desk.outcome.missed += 1;
  desk.silentUntil = state.now + state.input.behaviour.notRespondingMs;
  update(desk, state.now);
  plan(state.clock, desk.silentUntil, { kind: 'ready', desk });
  return [...wait(state, ticket), ...withdraw(state, desk)];
}

/** What is offered to somebody who is not there any more goes back to its place. */
export function withdraw(state: State, desk: Desk): Iterable<string> {
  const touched = new Set(desk.queues);
  for (const [ticketId, { ticket, userId }] of state.offers) {
    if (userId !== desk.id) continue;
    state.offers.delete(ticketId);
    desk.load[classOf(ticket.channel)] -= 1;
    desk.openWork -= 1;
    for (const queueId of wait(state, ticket)) touched.add(queueId);
  }
  return touched;
}

function take(state: State, ticket: WaitingTicket, desk: Desk): void {
  const { now, clock } = state;
  const known = state.tickets.get(ticket.id);
  if (!known) throw new Error(`ticket ${ticket.id} never arrived`);
  const { arrival, outcome, second } = known;
  account(desk, now).working += 1;
  desk.outcome.taken += 1;
  state.held.set(ticket.id, desk.id);
  outcome.answeredAt ??= now;
  outcome.waitsMs.push(now - known.waitsSince);
  outcome.takenBy.push(desk.id);
  const work: Work = { ticket, desk, workClass: classOf(ticket.channel), second, holdsSlot: true };
  const { silence } = arrival;
  let until = now + (second ? (arrival.transfer?.handleMs ?? 0) : arrival.handleMs);
  if (silence && !second && work.workClass !== 'call') {
    until += silence.ms;
    if (silence.ms > idleAfterMs) {
      const from = now + Math.min(silence.afterMs, arrival.handleMs);
      plan(clock, from + idleAfterMs, { kind: 'idles', work });
      plan(clock, from + silence.ms, { kind: 'speaks', work });
    }
  }
  plan(clock, until, { kind: 'finishes', work });
}

/** A customer who speaks again takes their slot back, though there may be no room by now: the limit is for what is given. */
export function holdSlot(state: State, work: Work, holds: boolean): Iterable<string> {
  if (work.holdsSlot === holds) return [];
  work.holdsSlot = holds;
  account(work.desk, state.now).working += holds ? 1 : -1;
  work.desk.load[work.workClass] += holds ? 1 : -1;
  if (!holds) work.desk.idleSince = state.now;
  return holds ? [] : work.desk.queues;
}

export function finish(state: State, work: Work): Iterable<string> {
  const { ticket, desk, workClass } = work;
  holdSlot(state, work, false);
  desk.openWork -= 1;
  state.held.delete(ticket.id);
  const wrapUpMs = state.input.behaviour.wrapUpMs[workClass];
  if (wrapUpMs > 0) {
    account(desk, state.now).wrapUntil = Math.max(desk.wrapUntil, state.now + wrapUpMs);
    update(desk, state.now);
    plan(state.clock, desk.wrapUntil, { kind: 'ready', desk });
  }
  // In wrap-up, what is offered besides still rings: they are there.
  const touched = new Set(desk.queues);
  const known = state.tickets.get(ticket.id);
  const transfer = known?.arrival.transfer;
  if (!known || !transfer || work.second) {
    end(state, ticket.id, 'handled');
    return touched;
  }
  known.second = true;
  known.waitsSince = state.now;
  const { queueId, needs } = transfer;
  const again = { ...ticket, queueId, needs, ringSince: state.now, declined: new Set<string>(), lastHandler: null };
  for (const id of wait(state, again)) touched.add(id);
  return touched;
}

export function end(state: State, ticketId: string, how: TicketOutcome['end']): void {
  const outcome = outcomeOf(state, ticketId);
  outcome.end = how;
  outcome.endedAt = state.now;
  state.ended.add(ticketId);
}

export function outcomeOf({ tickets }: State, ticketId: string): TicketOutcome {
  const known = tickets.get(ticketId);
  if (!known) throw new Error(`ticket ${ticketId} never arrived`);
  return known.outcome;
}
