/** A drawn day of a large centre: calls that come at eleven, chats from eleven to three, two shifts, skills, people who change over. */
import { type Capacity, defaultCapacity, defaultQueueRouting, type Need, type RoutingQueue } from '../../src/shared/routing.ts';
import type { Arrival, SimulatedAgent, Simulation, Span } from '../../src/shared/simulate.ts';
import { Draw } from '../harness/draw.ts';

export const minute = 60_000;
export const hour = 60 * minute;
/** midnight of the day */
export const midnight = 20_000 * 24 * hour;
const at = (clock: number): number => midnight + Math.round(clock * hour);

export interface Size {
  seed: number;
  agents: number;
  queues: number;
  tickets: number;
}
export const wholeDay: Size = { seed: 7, agents: 500, queues: 50, tickets: 20_000 };

type Line = 'calls' | 'chats' | 'social' | 'mail';
/** of ten queues */
const lines: readonly Line[] = ['calls', 'chats', 'calls', 'social', 'chats', 'calls', 'mail', 'chats', 'calls', 'mail'];
const lineOf = (index: number): Line => lines[index % lines.length]!;

/** How much comes in each hour, from seven to half past eight in the evening. */
const curves: Record<Line, readonly number[]> = {
  calls: [2, 5, 9, 12, 16, 10, 8, 9, 10, 8, 6, 4, 3, 1],
  chats: [1, 3, 5, 8, 14, 14, 13, 14, 9, 6, 5, 4, 3, 1],
  social: [2, 4, 6, 8, 8, 8, 8, 8, 8, 8, 8, 7, 5, 2],
  mail: [6, 10, 12, 10, 8, 7, 7, 8, 8, 7, 5, 4, 2, 1],
};
const shares: Record<Line, number> = { calls: 0.42, chats: 0.32, social: 0.14, mail: 0.12 };
const handling: Record<Line, number> = { calls: 9 * minute, chats: 20 * minute, social: 22 * minute, mail: 12 * minute };

export const targetMs = { call: 20_000, chat: 60_000, social: 5 * minute, email: 4 * hour };
export const refund = 'refund';
/** nobody has it */
export const notary = 'notary';

export function drawDay(size: Size): Omit<Simulation, 'decide' | 'watch'> {
  const draw = new Draw(size.seed, 'behaviour');
  const queues = drawQueues(size);
  const agents = drawAgents(size, queues);
  const changing = new Draw(size.seed, 'changes');
  return {
    queues,
    agents,
    hours: new Map(queues.flatMap(({ id, overflow }) => (overflow?.whenClosed ? [[id, [{ from: at(8), until: at(20) }]]] : []))),
    arrivals: drawArrivals(size, queues, agents),
    changes: agents.flatMap((agent) => {
      if (!changing.chance(0.1)) return [];
      const other = agents[changing.between(0, agents.length - 1)]!;
      return [{ at: at(12.5), agentId: agent.id, queues: other.queues, skills: other.skills }];
    }),
    behaviour: {
      declineChance: 0.03,
      missChance: 0.02,
      answerMs: [1000, 9000],
      wrapUpMs: { call: 45_000, chat: 0, social: 0, email: 0 },
      notRespondingMs: 3 * minute,
    },
    random: () => draw.next(),
    targetMs,
  };
}

function drawQueues({ seed, queues }: Size): RoutingQueue[] {
  const draw = new Draw(seed, 'queues');
  return Array.from({ length: queues }, (_, index): RoutingQueue => {
    const id = `q${index}`;
    // The same line again, ten queues on.
    const next = `q${(index + lines.length) % queues}`;
    const none = { afterMs: null, longerThan: null, whenNobody: false, whenClosed: false };
    const overflow: RoutingQueue['overflow'][] = [
      null,
      { ...none, afterMs: 5 * minute, to: { kind: 'queue', queueId: next } },
      null,
      { ...none, whenClosed: true, to: { kind: 'email' } },
      { ...none, whenNobody: true, longerThan: 30, to: { kind: 'callback' } },
    ];
    return {
      ...defaultQueueRouting,
      id,
      open: true,
      order: index % 5 === 3 ? 'sla' : 'priority',
      strategy: (['longestIdle', 'longestIdle', 'leastLoaded', 'roundRobin'] as const)[index % 4]!,
      needs: [{ skillId: `of ${id}`, level: draw.between(1, 3), must: false }],
      overflow: overflow[(index * 7) % 5]!,
    };
  });
}

function drawAgents({ seed, agents, queues }: Size, known: readonly RoutingQueue[]): SimulatedAgent[] {
  const draw = new Draw(seed, 'agents');
  const ofLine = (...wanted: Line[]) => known.filter((_, index) => wanted.includes(lineOf(index))).map(({ id }) => id);
  const [calls, chats, slow] = [ofLine('calls'), ofLine('chats'), ofLine('social', 'mail')];
  const small: Capacity = { ...defaultCapacity, most: { call: 1, chat: 2, social: 3, email: 4 } };
  return Array.from({ length: agents }, (_, index): SimulatedAgent => {
    // In turn, so that no queue is without people.
    const own = [calls, chats, slow].flatMap((ids, kind) => (ids.length > 0 ? [ids[(index + kind * 3) % ids.length]!] : []));
    if (draw.chance(0.2)) own.push(known[draw.between(0, queues - 1)]!.id);
    const skills = new Map<string, number>();
    for (const id of own) if (draw.chance(0.9)) skills.set(`of ${id}`, draw.between(1, 5));
    if (draw.chance(0.5)) skills.set(refund, draw.between(1, 4));
    if (draw.chance(0.4)) skills.set('english', draw.between(1, 5));
    const begin = draw.chance(0.5) ? 7 : 13;
    const shift: Span = { from: at(begin), until: at(begin + (begin === 7 ? 8.5 : 9.5)) };
    const rest = (clock: number, minutes: number): Span => ({ from: at(clock), until: at(clock) + minutes * minute });
    return {
      id: `a${index}`,
      queues: new Set(own),
      skills,
      off: new Set(draw.chance(0.03) ? ['social'] : []),
      capacity: draw.chance(0.2) ? small : defaultCapacity,
      shifts: [shift],
      breaks: [rest(begin + 3 + draw.next() * 2, 30), rest(begin + 1 + draw.next(), 10), rest(begin + 6 + draw.next(), 10)],
    };
  });
}

function drawArrivals({ seed, tickets }: Size, queues: readonly RoutingQueue[], agents: readonly SimulatedAgent[]): Arrival[] {
  const draw = new Draw(seed, 'arrivals');
  const servers = new Map(queues.map(({ id }) => [id, agents.filter((agent) => agent.queues.has(id))]));
  const arrivals = Array.from({ length: tickets }, (_, index): Arrival => {
    const line = draw.weighted(shares);
    const own = queues.filter((__, place) => lineOf(place) === line);
    const queue = own[draw.between(0, own.length - 1)]!;
    const clock = 7 + Number(draw.weighted(Object.fromEntries(curves[line].map((weight, slot) => [slot, weight])))) + draw.next();
    const arrivesAt = at(clock);
    const needs: Need[] = [];
    if (draw.chance(0.12)) needs.push({ skillId: refund, level: draw.between(1, 3), must: true });
    if (draw.chance(0.08)) needs.push({ skillId: 'english', level: draw.between(2, 4), must: draw.chance(0.3) });
    if (index % 4000 === 1234) needs.push({ skillId: notary, level: 1, must: true });
    const last = draw.chance(0.3) ? draw.pick(servers.get(queue.id)!) : undefined;
    const handleMs = Math.round(10_000 + draw.after(handling[line]) * 0.5 + handling[line] * 0.5);
    const channel =
      line === 'calls' ? 'phone' : line === 'chats' ? 'chat' : line === 'mail' ? 'email' : draw.pick(['messenger', 'zalo'] as const)!;
    return {
      id: `t${index}`,
      at: arrivesAt,
      queueId: queue.id,
      channel,
      priority: draw.weighted({ low: 1, normal: 7, high: 2, urgent: 1 }),
      dueAt: draw.chance(0.9) ? arrivesAt + draw.between(5, 120) * minute : null,
      needs,
      handleMs,
      lastHandler: last ? { userId: last.id, at: arrivesAt - draw.between(1, 10 * 24) * hour } : null,
      ...(line !== 'calls' && draw.chance(0.15) ? { silence: { afterMs: handleMs >> 1, ms: draw.between(5, 25) * minute } } : {}),
      ...(draw.chance(0.05)
        ? { transfer: { queueId: own[draw.between(0, own.length - 1)]!.id, needs: needs.filter(({ must }) => must), handleMs: 5 * minute } }
        : {}),
    };
  });
  return arrivals.toSorted((one, other) => one.at - other.at);
}
