/**
 * Routing what-if: a past day played again as it is set up today, and as it might be, and the two put side by side. Both are simulated, so
 * that like is compared with like; how near the first comes to what has happened is said as well. Pure. Source: product page.
 */
import type { BusinessTime } from './calendar.ts';
import { capacityOf, classOf, defaultCapacity } from './routing-capacity.ts';
import type { QueueRouting } from './routing-rows.ts';
import { defaultQueueRouting, hasSkills, askedOf, type RoutingQueue } from './routing-rules.ts';
import { businessTime } from './sla.ts';
import { type AgentOutcome, simulate, type SimulatedDay, type Simulation, type Span, type TicketOutcome } from './simulate.ts';
import type { DayAgent, WhatIfDay } from './what-if-day.ts';
import { median } from './what-if-history.ts';
import type { WorkClass } from './words.ts';

export interface WhatIfChanges {
  /** by queue */
  queues: Readonly<Record<string, Partial<Pick<QueueRouting, 'strategy' | 'order' | 'ringsMs' | 'calendarId'>>>>;
  /** of everybody */
  most: Partial<Record<WorkClass, number>>;
  people: readonly { userId: string; queueId: string; serves: boolean }[];
  /** `level` 0: they do not have it any more */
  skills: readonly { userId: string; skillId: string; level: number }[];
}

export const noChanges: WhatIfChanges = { queues: {}, most: {}, people: [], skills: [] };

/** How a queue gives out its work that is taken by hand so far. */
export const usualRouting: QueueRouting = {
  ...defaultQueueRouting,
  ringsMs: [...defaultQueueRouting.ringsMs],
  needs: [],
  cherryPick: true,
  wrapUpMs: { call: 30_000, chat: 15_000, social: 0, email: 0 },
  calendarId: null,
};

/** The same day, set up otherwise. What names something that is not there changes nothing. */
export function applyChanges(day: WhatIfDay, changes: WhatIfChanges): WhatIfDay {
  const queues = day.queues.map((queue) => {
    const change = changes.queues[queue.id];
    return change && Object.keys(change).length > 0 ? { ...queue, routing: { ...(queue.routing ?? usualRouting), ...change } } : queue;
  });
  const known = new Set(queues.map(({ id }) => id));
  const agents = day.agents.map((agent): DayAgent => {
    const serves = new Set(agent.queues);
    for (const { userId, queueId, serves: from } of changes.people)
      if (userId === agent.id && known.has(queueId)) serves[from ? 'add' : 'delete'](queueId);
    const levels = new Map(agent.skills.map(({ skillId, level }) => [skillId, level]));
    for (const { userId, skillId, level } of changes.skills) {
      if (userId !== agent.id) continue;
      if (level === 0) levels.delete(skillId);
      else levels.set(skillId, level);
    }
    const capacity = Object.keys(changes.most).length === 0 ? agent.capacity : withMost(agent.capacity, changes.most);
    return { ...agent, capacity, queues: [...serves], skills: [...levels].map(([skillId, level]) => ({ skillId, level })) };
  });
  return { ...day, queues, agents };
}

function withMost(capacity: DayAgent['capacity'], most: WhatIfChanges['most']): DayAgent['capacity'] {
  const blocks = capacity?.blocks ?? (['chat', 'social', 'email'] as const).map((one): [WorkClass, WorkClass] => ['call', one]);
  return { most: { ...(capacity?.most ?? defaultCapacity.most), ...most }, blocks };
}

/** What the simulation takes. `seed`: the same for runs that are compared. */
export function simulationOf(day: WhatIfDay, seed = 1): Simulation {
  const routingOf = new Map(day.queues.map(({ id, routing }) => [id, routing ?? usualRouting]));
  const hours = new Map<string, readonly Span[]>();
  for (const [id, { calendarId }] of routingOf) {
    const calendar = calendarId === null ? undefined : day.calendars.find((one) => one.id === calendarId);
    if (calendar) hours.set(id, openOn(businessTime(calendar), day.from, day.until));
  }
  return {
    agents: day.agents.map(({ id, queues, skills, capacity, off, shifts, breaks }) => ({
      id,
      queues: new Set(queues),
      skills: new Map(skills.map(({ skillId, level }) => [skillId, level])),
      off: new Set(off),
      capacity: capacity ? capacityOf(capacity) : defaultCapacity,
      shifts,
      breaks,
    })),
    queues: [...routingOf].map(([id, { order, strategy, ringsMs, preferredMs, offerMs, needs, overflow }]): RoutingQueue => {
      // Work can't go on to a queue that is not part of the day.
      const leads = overflow?.to.kind === 'queue' && !routingOf.has(overflow.to.queueId);
      return { id, order, strategy, ringsMs, preferredMs, offerMs, needs, overflow: leads ? null : overflow, open: true };
    }),
    hours,
    arrivals: day.arrivals.map(({ id, at, queueId, channel, priority, dueAt, needs, handleMs, transfer }) => ({
      id,
      at,
      queueId,
      channel,
      priority,
      dueAt,
      needs,
      handleMs,
      // Who had a customer last on a past day is not known any more.
      lastHandler: null,
      ...(transfer && routingOf.has(transfer.queueId) ? { transfer: { ...transfer, needs: needs.filter(({ must }) => must) } } : {}),
    })),
    behaviour: day.behaviour,
    random: generator(seed),
    // Whether an answer is late is seen by when it was due, ticket by ticket.
    targetMs: { call: 0, chat: 0, social: 0, email: 0 },
  };
}

function openOn(time: BusinessTime, from: number, until: number): Span[] {
  const spans: Span[] = [];
  let at: number | null = from;
  while (at !== null && at < until) {
    const next: number = Math.min(time.nextChange(at) ?? until, until);
    if (time.isOpen(at)) spans.push({ from: at, until: next });
    at = next;
  }
  return spans;
}

/** In [0, 1), the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `progress`: how much of the day has gone by, 0 to 1, now and then. */
export function play(day: WhatIfDay, progress: (share: number) => void = () => undefined): SimulatedDay {
  const length = Math.max(1, day.until - day.from);
  let told = 0;
  const settled = (_floor: unknown, _touched: unknown, now: number) => {
    const share = Math.min(1, (now - day.from) / length);
    if (share - told < 0.02) return;
    told = share;
    progress(share);
  };
  return simulate({ ...simulationOf(day), watch: { settled } });
}

export interface WhatIfFigures {
  arrived: number;
  answered: number;
  /** to callback, bot or email */
  elsewhere: number;
  /** nobody took them that day */
  waiting: number;
  /** taken before their answer was due, of all that were promised one and did not go elsewhere; null: there were none */
  serviceLevel: number | null;
  breaches: number;
  meanWaitMs: number;
  medianWaitMs: number;
  p90WaitMs: number;
  maxWaitMs: number;
  /** taken by somebody with all that was asked at its full level, of those that asked for anything; null: none did */
  needsMet: number | null;
}

export interface WhatIfSide {
  overall: WhatIfFigures;
  queues: Record<string, WhatIfFigures>;
  agents: (Pick<AgentOutcome, 'id' | 'taken' | 'occupancy'> & { name: string })[];
}

export interface WhatIfComparison {
  before: WhatIfSide;
  after: WhatIfSide;
  /** how near the day played as it is set up today comes to what happened; over tickets that were taken in both */
  agreement: { tickets: number; realMeanMs: number; replayedMeanMs: number; realTaken: number; replayedTaken: number };
}

export function compare(before: WhatIfDay, played: SimulatedDay, after: WhatIfDay, would: SimulatedDay): WhatIfComparison {
  const waited = new Map(before.arrivals.flatMap(({ id, waitedMs }) => (waitedMs === null ? [] : [[id, waitedMs]])));
  const both = played.tickets.flatMap((ticket) => {
    const real = waited.get(ticket.id);
    return real === undefined || ticket.answeredAt === null ? [] : [{ real, replayed: ticket.answeredAt - ticket.at }];
  });
  return {
    before: sideOf(before, played),
    after: sideOf(after, would),
    agreement: {
      tickets: both.length,
      realMeanMs: mean(both.map(({ real }) => real)),
      replayedMeanMs: mean(both.map(({ replayed }) => replayed)),
      realTaken: waited.size,
      replayedTaken: played.overall.answered,
    },
  };
}

function sideOf(day: WhatIfDay, { tickets, agents }: SimulatedDay): WhatIfSide {
  const names = new Map(day.agents.map(({ id, name }) => [id, name]));
  const look = lookAt(day);
  return {
    overall: figuresOf(tickets, look),
    queues: Object.fromEntries([...Map.groupBy(tickets, ({ queueId }) => queueId)].map(([id, of]) => [id, figuresOf(of, look)])),
    agents: agents.map(({ id, taken, occupancy }) => ({ id, name: names.get(id) ?? '', taken, occupancy })),
  };
}

interface Look {
  dueAt(ticketId: string): number | null;
  /** null: nothing was asked */
  fits(ticket: TicketOutcome): boolean | null;
}

function lookAt(day: WhatIfDay): Look {
  const arrivals = new Map(day.arrivals.map((one) => [one.id, one]));
  const queues = new Map(day.queues.map(({ id, routing }) => [id, routing ?? usualRouting]));
  const skills = new Map(day.agents.map(({ id, skills: has }) => [id, new Map(has.map(({ skillId, level }) => [skillId, level]))]));
  return {
    dueAt: (ticketId) => arrivals.get(ticketId)?.dueAt ?? null,
    fits: ({ id, queueId, takenBy: [userId] }) => {
      const asked = askedOf({ needs: arrivals.get(id)?.needs ?? [] }, queues.get(queueId) ?? usualRouting);
      if (asked.length === 0 || userId === undefined) return null;
      return hasSkills({ skills: skills.get(userId) ?? new Map() }, asked, 0);
    },
  };
}

function figuresOf(tickets: readonly TicketOutcome[], look: Look): WhatIfFigures {
  const waits: number[] = [];
  let [elsewhere, waiting, promised, breaches, asked, met] = [0, 0, 0, 0, 0, 0];
  for (const ticket of tickets) {
    const { answeredAt, at, end } = ticket;
    if (answeredAt !== null) waits.push(answeredAt - at);
    else if (end === 'waiting') waiting += 1;
    else {
      elsewhere += 1;
      continue;
    }
    const dueAt = look.dueAt(ticket.id);
    if (dueAt !== null) {
      promised += 1;
      if (answeredAt === null || answeredAt > dueAt) breaches += 1;
    }
    const fits = look.fits(ticket);
    if (fits !== null) asked += 1;
    if (fits === true) met += 1;
  }
  waits.sort((a, b) => a - b);
  return {
    arrived: tickets.length,
    answered: waits.length,
    elsewhere,
    waiting,
    serviceLevel: promised === 0 ? null : (promised - breaches) / promised,
    breaches,
    meanWaitMs: mean(waits),
    medianWaitMs: median(waits),
    // nearest rank
    p90WaitMs: waits[Math.ceil(waits.length * 0.9) - 1] ?? 0,
    maxWaitMs: waits.at(-1) ?? 0,
    needsMet: asked === 0 ? null : met / asked,
  };
}

const mean = (numbers: readonly number[]): number =>
  numbers.length === 0 ? 0 : numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** Work classes that come on this day: of others there is nothing to be said. */
export function classesOf(day: Pick<WhatIfDay, 'arrivals'>): Set<WorkClass> {
  return new Set(day.arrivals.map(({ channel }) => classOf(channel)));
}
