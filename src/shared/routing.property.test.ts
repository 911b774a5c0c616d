/**
 * What holds for every decision, in drawn worlds. What is allowed is said by tests/routing/checks.ts, which knows nothing of the rules
 * under test. Source: SLA and routing page.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultsOf, fits, forgottenIn, isAhead, kindOf, mayTake, type Scene, waitsForSomebody } from '../../tests/routing/checks.ts';
import {
  type Decision,
  decide,
  defaultCapacity,
  defaultQueueRouting,
  type Giving,
  nextFor,
  type RoutingAgent,
  type RoutingQueue,
  type RoutingWorld,
  type WaitingTicket,
} from './routing.ts';
import { channelKinds, priorities, workClasses } from './words.ts';

const now = 1_800_000_000_000;
const day = 86_400_000;
const runs = { numRuns: 400 };

const skillIds = ['s1', 's2', 's3'];
const queueIds = ['q1', 'q2', 'q3'];
const agentIds = Array.from({ length: 6 }, (_, index) => `a${index}`);
const subset = <T>(items: readonly T[]) => fc.subarray([...items]).map((some) => new Set(some));
const ago = (most: number) => fc.integer({ min: 0, max: most }).map((ms) => now - ms);
const needs = fc.array(fc.record({ skillId: fc.constantFrom(...skillIds), level: fc.integer({ min: 1, max: 5 }), must: fc.boolean() }), {
  maxLength: 2,
});
const counts = (most: number) =>
  fc.record({
    call: fc.integer({ min: 0, max: most }),
    chat: fc.integer({ min: 0, max: most }),
    social: fc.integer({ min: 0, max: most }),
    email: fc.integer({ min: 0, max: most }),
  });

const queueOf = (id: string, overflows: boolean): fc.Arbitrary<RoutingQueue> =>
  fc.record({
    id: fc.constant(id),
    order: fc.constantFrom('priority', 'sla'),
    strategy: fc.constantFrom('longestIdle', 'leastLoaded', 'roundRobin'),
    ringsMs: fc.constant(defaultQueueRouting.ringsMs),
    preferredMs: fc.constantFrom(0, 30_000),
    offerMs: fc.constant(defaultQueueRouting.offerMs),
    needs,
    overflow: overflows
      ? fc.option(
          fc.record({
            afterMs: fc.option(fc.constantFrom(0, 60_000)),
            longerThan: fc.option(fc.integer({ min: 0, max: 3 })),
            whenNobody: fc.boolean(),
            whenClosed: fc.boolean(),
            to: fc.oneof(
              fc.constantFrom(...queueIds).map((queueId) => ({ kind: 'queue' as const, queueId })),
              fc.constant({ kind: 'callback' as const }),
            ),
          }),
        )
      : fc.constant(null),
    open: fc.integer({ min: 0, max: 5 }).map((drawn) => drawn > 0),
  });

const agentOf = (id: string): fc.Arbitrary<RoutingAgent> =>
  fc.record({
    id: fc.constant(id),
    available: fc.integer({ min: 0, max: 4 }).map((drawn) => drawn > 0),
    queues: subset(queueIds),
    skills: fc.dictionary(fc.constantFrom(...skillIds), fc.integer({ min: 1, max: 5 })).map((levels) => new Map(Object.entries(levels))),
    off: fc.oneof({ weight: 3, arbitrary: fc.constant(new Set<never>()) }, { weight: 1, arbitrary: subset(workClasses) }),
    capacity: fc.oneof(
      fc.constant(defaultCapacity),
      fc.record({ most: counts(3), blocks: fc.constantFrom(defaultCapacity.blocks, {}, { chat: ['call'] as const }) }),
    ),
    load: counts(2),
    openWork: fc.integer({ min: 0, max: 4 }),
    idleSince: ago(5),
    lastGivenAt: ago(5),
  });

const ticketOf = (id: string): fc.Arbitrary<WaitingTicket> =>
  fc.record({
    id: fc.constant(id),
    queueId: fc.constantFrom(...queueIds),
    channel: fc.constantFrom(...channelKinds),
    priority: fc.constantFrom(...priorities),
    enqueuedAt: ago(200_000),
    ringSince: ago(150_000),
    dueAt: fc.option(ago(500_000).map((at) => at + 250_000)),
    needs,
    lastHandler: fc.option(
      fc.record({ userId: fc.constantFrom(...agentIds), at: fc.constantFrom(now - day, now - 7 * day + 5000, now - 8 * day) }),
    ),
    declined: fc.oneof({ weight: 3, arbitrary: fc.constant(new Set<string>()) }, { weight: 1, arbitrary: subset(agentIds) }),
  });

const worlds = (overflows: boolean): fc.Arbitrary<RoutingWorld> =>
  fc
    .record({
      queues: fc.tuple(...queueIds.map((id) => queueOf(id, overflows))),
      agents: fc.tuple(...agentIds.map(agentOf)),
      waiting: fc.integer({ min: 0, max: 14 }).chain((length) => fc.tuple(...Array.from({ length }, (_, index) => ticketOf(`t${index}`)))),
    })
    .map(({ queues, agents, waiting }) => ({ queues: new Map(queues.map((queue) => [queue.id, queue])), agents, waiting }));

const sceneOf = ({ queues, agents, waiting }: RoutingWorld): Scene => ({
  queue: (id) => queues.get(id),
  agent: (id) => agents.find((one) => one.id === id),
  ticket: (id) => waiting.find((one) => one.id === id),
  waiting: (queueId) => waiting.filter((one) => one.queueId === queueId),
});

const isGiving = (decision: Decision): decision is Giving => decision.do !== 'overflow';

/** As it is when the decisions have taken effect. */
function after(world: RoutingWorld, decisions: readonly Decision[], at: number): RoutingWorld {
  const agents = new Map(world.agents.map((agent) => [agent.id, { ...agent, load: { ...agent.load } }]));
  let { waiting } = world;
  for (const decision of decisions) {
    const ticket = world.waiting.find(({ id }) => id === decision.ticketId)!;
    waiting = waiting.filter(({ id }) => id !== ticket.id);
    if (isGiving(decision)) {
      const agent = agents.get(decision.userId)!;
      agent.load[kindOf(ticket)] += 1;
      agent.openWork += 1;
      agent.lastGivenAt = at;
    } else if (decision.to.kind === 'queue') waiting = [...waiting, { ...ticket, queueId: decision.to.queueId, ringSince: at }];
  }
  return { ...world, agents: [...agents.values()], waiting };
}

const known = (world: RoutingWorld) => (id: string) => {
  const agent = world.agents.find((one) => one.id === id);
  return agent && { agent, load: agent.load };
};

describe('in every world', () => {
  test('a ticket is given once, to somebody who may take it, with every must, within capacity, in order', () => {
    fc.assert(
      fc.property(fc.boolean().chain(worlds), (world) => {
        expect(faultsOf(sceneOf(world), decide(world, now).decisions, now)).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });

  test('nobody waits whom somebody could take, unless for their last handler', () => {
    fc.assert(
      fc.property(fc.boolean().chain(worlds), (world) => {
        const then = after(world, decide(world, now).decisions.filter(isGiving), now);
        for (const [queueId, queue] of then.queues) {
          const waiting = then.waiting.filter((ticket) => ticket.queueId === queueId);
          expect(forgottenIn(then.agents, queue, waiting, now)).toEqual([]);
        }
      }),
      runs,
    );
  });

  test('the order in which it is told changes nothing, and nothing is written into it', () => {
    fc.assert(
      fc.property(fc.boolean().chain(worlds), fc.infiniteStream(fc.nat()), (world, chance) => {
        const copy = structuredClone(world);
        const shuffled = <T>(items: readonly T[]) =>
          items.map((item) => ({ item, key: chance.next().value as number })).toSorted((a, b) => a.key - b.key);
        const told = {
          queues: world.queues,
          agents: shuffled(world.agents).map(({ item }) => item),
          waiting: shuffled(world.waiting).map(({ item }) => item),
        };
        expect(decide(told, now)).toEqual(decide(world, now));
        expect(world).toEqual(copy);
      }),
      runs,
    );
  });

  test('what is decided is decided: at the same moment nothing more follows, and nothing by time alone before the wake', () => {
    fc.assert(
      fc.property(worlds(false), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (world, share) => {
        const { decisions, wakeAt } = decide(world, now);
        const then = after(world, decisions, now);
        expect(decide(then, now).decisions).toEqual([]);
        if (wakeAt !== null) expect(wakeAt).toBeGreaterThan(now);
        const later = now + Math.floor(share * ((wakeAt ?? now + 10 * day) - now));
        expect(decide(then, later).decisions).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('overflow comes to rest', () => {
    fc.assert(
      fc.property(worlds(true), (world) => {
        let then = world;
        let passes = 0;
        for (let decisions = decide(then, now).decisions; decisions.length > 0; decisions = decide(then, now).decisions) {
          then = after(then, decisions, now);
          expect((passes += 1)).toBeLessThan(20);
        }
        const { wakeAt } = decide(then, now);
        if (wakeAt !== null) expect(wakeAt).toBeGreaterThan(now);
        const until = wakeAt ?? now + 10 * day;
        for (const share of [0.01, 0.5, 0.999]) expect(decide(then, now + Math.floor(share * (until - now))).decisions).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('who it is given to', () => {
  test('is the last handler, or else one of those who fit best, of whom the strategy takes the first', () => {
    fc.assert(
      fc.property(worlds(false), (world) => {
        let then = world;
        for (const decision of decide(world, now).decisions.filter(isGiving)) {
          const ticket = then.waiting.find(({ id }) => id === decision.ticketId)!;
          const queue = then.queues.get(ticket.queueId)!;
          const takers = then.agents.filter((one) => mayTake(one, ticket, queue, now) && fits(one, one.load, kindOf(ticket)));
          const chosen = takers.find(({ id }) => id === decision.userId)!;
          const { lastHandler } = ticket;
          const preferred = lastHandler && now - lastHandler.at < 7 * day && takers.some(({ id }) => id === lastHandler.userId);
          if (preferred) expect(chosen.id).toBe(lastHandler.userId);
          else {
            const asked = new Set([...ticket.needs, ...queue.needs].map(({ skillId }) => skillId));
            const fit = (one: RoutingAgent) => [...asked].reduce((sum, skillId) => sum + (one.skills.get(skillId) ?? 0), 0);
            const best = Math.max(...takers.map(fit));
            expect(fit(chosen)).toBe(best);
            const least = (of: (one: RoutingAgent) => number) => Math.min(...takers.filter((one) => fit(one) === best).map(of));
            const isIdle = (one: RoutingAgent) => Object.values(one.load).every((slots) => slots === 0);
            const idleSince = (one: RoutingAgent) => (isIdle(one) ? one.idleSince : Infinity);
            if (queue.strategy === 'leastLoaded') expect(chosen.openWork).toBe(least(({ openWork }) => openWork));
            else if (queue.strategy === 'roundRobin') expect(chosen.lastGivenAt).toBe(least(({ lastGivenAt }) => lastGivenAt));
            else expect(idleSince(chosen)).toBe(least(idleSince));
          }
          then = after(then, [decision], now);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('room for one more anywhere never takes it from the one that is first', () => {
    fc.assert(
      fc.property(worlds(false), fc.constantFrom(...agentIds), fc.constantFrom(...workClasses), (world, userId, workClass) => {
        const [first] = decide(world, now).decisions;
        // Ahead of it only what nobody could take: more room could be for that.
        const ticket = world.waiting.find(({ id }) => id === first?.ticketId);
        if (!ticket) return;
        const alone = { ...world, waiting: [ticket] };
        const agents = world.agents.map((agent) => {
          if (agent.id !== userId) return agent;
          const { most, blocks } = agent.capacity;
          return { ...agent, capacity: { blocks, most: { ...most, [workClass]: most[workClass] + 1 } } };
        });
        expect(decide(alone, now).decisions).toHaveLength(1);
        expect(decide({ ...alone, agents }, now).decisions).toHaveLength(1);
      }),
      runs,
    );
  });

  test('people who serve other queues change nothing', () => {
    fc.assert(
      fc.property(worlds(true), agentOf('stranger'), (world, stranger) => {
        const agents = [...world.agents, { ...stranger, queues: new Set(['elsewhere']) }];
        expect(decide({ ...world, agents }, now)).toEqual(decide(world, now));
      }),
      runs,
    );
  });

  test('some of the queues are decided as they are among all, where they share nobody', () => {
    fc.assert(
      fc.property(worlds(false), (world) => {
        const apart = world.agents.map((agent, index) => ({ ...agent, queues: new Set([queueIds[index % 3]!]) }));
        const all = decide({ ...world, agents: apart }, now).decisions;
        const each = queueIds.flatMap(
          (id) => decide({ queues: new Map([[id, world.queues.get(id)!]]), agents: apart, waiting: world.waiting }, now).decisions,
        );
        expect(new Set(each)).toEqual(new Set(all));
      }),
      runs,
    );
  });

  test('"next" gives the best place of all that the agent may take, and nothing only if there is none', () => {
    fc.assert(
      fc.property(worlds(false), fc.constantFrom(...agentIds), (world, userId) => {
        const agent = world.agents.find(({ id }) => id === userId)!;
        const theirs = world.waiting.filter((ticket) => {
          const queue = world.queues.get(ticket.queueId)!;
          if (!mayTake(agent, ticket, queue, now) || !fits(agent, agent.load, kindOf(ticket))) return false;
          if (ticket.lastHandler === null || ticket.lastHandler.userId === userId) return true;
          const last = known(world)(ticket.lastHandler.userId);
          // It is kept for a last handler who has room, too: they get it first.
          const room = last && mayTake(last.agent, ticket, queue, now) && fits(last.agent, last.load, kindOf(ticket));
          const early = now - ticket.enqueuedAt < queue.preferredMs && now - ticket.lastHandler.at < 7 * day;
          return !(room && early) && !waitsForSomebody(ticket, queue, known(world), now);
        });
        const given = nextFor(agent, world, now);
        expect(given === null).toBe(theirs.length === 0);
        if (given === null) return;
        const ticket = theirs.find(({ id }) => id === given)!;
        const { order } = world.queues.get(ticket.queueId)!;
        expect(theirs.filter(({ queueId }) => queueId === ticket.queueId).every((other) => !isAhead(other, ticket, order))).toBe(true);
      }),
      runs,
    );
  });
});
