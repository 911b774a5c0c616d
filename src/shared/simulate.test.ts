import { describe, expect, test } from 'vitest';
import { defaultCapacity, defaultQueueRouting, type RoutingQueue } from './routing.ts';
import { type Arrival, type Behaviour, type SimulatedAgent, simulate, type Simulation } from './simulate.ts';
import { newClock, next, plan } from './simulate-clock.ts';

const start = 1_000_000_000;
const second = 1000;
const minute = 60 * second;

const queue = (over: Partial<RoutingQueue> = {}): RoutingQueue => ({ ...defaultQueueRouting, id: 'q', open: true, ...over });
const agent = (id: string, over: Partial<SimulatedAgent> = {}): SimulatedAgent => ({
  id,
  queues: new Set(['q']),
  skills: new Map(),
  off: new Set(),
  capacity: defaultCapacity,
  shifts: [{ from: start, until: start + 480 * minute }],
  breaks: [],
  ...over,
});
const arrival = (id: string, after: number, over: Partial<Arrival> = {}): Arrival => ({
  id,
  at: start + after,
  queueId: 'q',
  channel: 'phone',
  priority: 'normal',
  dueAt: null,
  needs: [],
  handleMs: 5 * minute,
  lastHandler: null,
  ...over,
});
const noWrapUp = { call: 0, chat: 0, social: 0, email: 0 };
const prompt: Behaviour = { declineChance: 0, missChance: 0, answerMs: [0, 0], wrapUpMs: noWrapUp, notRespondingMs: minute };
const day = (over: Partial<Simulation>) =>
  simulate({
    agents: [agent('a')],
    queues: [queue()],
    arrivals: [],
    behaviour: prompt,
    random: () => 0.5,
    targetMs: { call: 20 * second, chat: 60 * second, social: 60 * second, email: 60 * second },
    ...over,
  });

test('a virtual clock gives what was planned, soonest first, and in the order of planning at one moment', () => {
  const clock = newClock<string>();
  for (const [index, at] of [5, 3, 9, 3, 1, 5, 7, 1].entries()) plan(clock, at, `${at}.${index}`);
  const given: string[] = [];
  for (let one = next(clock); one; one = next(clock)) given.push(one.event);
  expect(given).toEqual(['1.4', '1.7', '3.1', '3.3', '5.0', '5.5', '7.6', '9.2']);
});

describe('a simulated day', () => {
  test('one call after another: waits, service level, occupancy', () => {
    const { tickets, overall, agents } = day({ arrivals: [arrival('1', 0), arrival('2', minute), arrival('3', 2 * minute)] });
    expect(tickets.map(({ id, waitsMs, takenBy, end }) => [id, waitsMs, takenBy, end])).toEqual([
      ['1', [0], ['a'], 'handled'],
      ['2', [4 * minute], ['a'], 'handled'],
      ['3', [8 * minute], ['a'], 'handled'],
    ]);
    expect(overall).toMatchObject({ arrived: 3, answered: 3, meanWaitMs: 4 * minute, p90WaitMs: 8 * minute, maxWaitMs: 8 * minute });
    expect(overall.serviceLevel).toBeCloseTo(1 / 3);
    expect(agents[0]).toMatchObject({ given: 3, taken: 3, dutyMs: 480 * minute, busyMs: 15 * minute, occupancy: 15 / 480 });
  });

  test('nobody is given anything in a break, a wrap-up, or before they come', () => {
    const at = (from: number, minutes: number) => ({ from: start + from * minute, until: start + (from + minutes) * minute });
    const agents = [agent('a', { shifts: [at(1, 60)], breaks: [at(10, 20)] })];
    const arrivals = [arrival('1', 0), arrival('2', 2 * minute), arrival('3', 12 * minute)];
    const { tickets } = day({ agents, arrivals, behaviour: { ...prompt, wrapUpMs: { ...noWrapUp, call: minute } } });
    expect(tickets.map(({ answeredAt }) => (answeredAt! - start) / minute)).toEqual([1, 7, 30]);
  });

  test('who lets an offer pass is "not responding", and the call is back in its place', () => {
    const chances = [0, 0.9];
    const { tickets, agents } = day({
      arrivals: [arrival('1', 0), arrival('2', second)],
      behaviour: { ...prompt, missChance: 0.5 },
      random: () => chances.shift() ?? 0.9,
    });
    expect(tickets.map(({ answeredAt, misses }) => [answeredAt! - start, misses])).toEqual([
      [80 * second, 1],
      [80 * second + 5 * minute, 0],
    ]);
    expect(agents[0]).toMatchObject({ missed: 1, taken: 2 });
  });

  test('what somebody declines is not offered to them again; declined by all, it waits, and says why', () => {
    const { tickets } = day({ arrivals: [arrival('1', 0)], behaviour: { ...prompt, declineChance: 1 } });
    expect(tickets[0]).toMatchObject({ declines: 1, offers: 1, end: 'waiting', answeredAt: null, why: { declined: 1 } });
  });

  test('what rings when somebody goes rings for others', () => {
    const agents = [agent('a', { shifts: [{ from: start, until: start + 5 * second }] }), agent('b', { queues: new Set(['r']) })];
    const slow = { ...prompt, answerMs: [10 * second, 10 * second] as const };
    const changes = [{ at: start + 8 * second, agentId: 'b', queues: new Set(['q']), skills: new Map() }];
    const { tickets, agents: outcomes } = day({ agents, arrivals: [arrival('1', 0)], behaviour: slow, changes });
    expect(tickets[0]).toMatchObject({ takenBy: ['b'], waitsMs: [18 * second], offers: 2 });
    expect(outcomes[0]).toMatchObject({ given: 1, taken: 0 });
  });

  test('a conversation that falls silent frees its slot after ten minutes', () => {
    const capacity = { ...defaultCapacity, most: { ...defaultCapacity.most, chat: 1 } };
    const silence = { afterMs: minute, ms: 30 * minute };
    const arrivals = [arrival('1', 0, { channel: 'chat', silence }), arrival('2', minute, { channel: 'chat', handleMs: minute })];
    const { tickets } = day({ agents: [agent('a', { capacity })], arrivals });
    expect(tickets.map(({ answeredAt, endedAt }) => [answeredAt! - start, endedAt! - start])).toEqual([
      [0, 35 * minute],
      [11 * minute, 12 * minute],
    ]);
  });

  test('what is handed on keeps its time, and is ahead of what came since', () => {
    const queues = [queue(), queue({ id: 'r' })];
    const agents = [agent('a'), agent('b', { queues: new Set(['r']) })];
    const arrivals = [
      arrival('1', 0, { transfer: { queueId: 'r', needs: [], handleMs: minute } }),
      arrival('2', minute, { queueId: 'r', handleMs: 9 * minute }),
      arrival('3', 2 * minute, { queueId: 'r' }),
    ];
    const { tickets } = day({ queues, agents, arrivals });
    expect(tickets.map(({ takenBy, waitsMs }) => [takenBy, waitsMs])).toEqual([
      [
        ['a', 'b'],
        [0, 5 * minute],
      ],
      [['b'], [0]],
      [['b'], [9 * minute]],
    ]);
  });

  test('closed hours and overflow', () => {
    const none = { afterMs: null, longerThan: null, whenNobody: false, whenClosed: false };
    const queues = [
      queue({ overflow: { ...none, whenClosed: true, to: { kind: 'queue', queueId: 'night' } } }),
      queue({ id: 'night', overflow: { ...none, afterMs: 10 * minute, to: { kind: 'callback' } } }),
    ];
    const hours = new Map([['q', [{ from: start + 10 * minute, until: start + 60 * minute }]]]);
    const { tickets, overall } = day({ queues, hours, arrivals: [arrival('1', minute), arrival('2', 20 * minute)] });
    expect(tickets.map(({ end, overflows, endedAt }) => [end, overflows, endedAt! - start])).toEqual([
      ['callback', 1, 11 * minute],
      ['handled', 0, 25 * minute],
    ]);
    expect(overall).toMatchObject({ arrived: 2, answered: 1, elsewhere: 1, serviceLevel: 1 });
  });

  test('ends, though two queues pass on to each other what nobody takes', () => {
    const overflow = (queueId: string): RoutingQueue['overflow'] => ({
      afterMs: minute,
      longerThan: null,
      whenNobody: true,
      whenClosed: true,
      to: { kind: 'queue', queueId },
    });
    const queues = [queue({ overflow: overflow('r') }), queue({ id: 'r', overflow: overflow('q') })];
    const must = [{ skillId: 'refund', level: 1, must: true }];
    expect(day({ queues, arrivals: [arrival('1', 0, { needs: must })] }).tickets[0]).toMatchObject({ end: 'waiting', why: { skill: 1 } });
  });
});
