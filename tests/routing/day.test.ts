/**
 * The routing rules over a whole day on a virtual clock: 500 agents, 50 queues, 20,000 tickets, looked at after every event. And whether
 * the looking sees anything: deciders that break one rule each are found out by the check for it. Source: SLA and routing page.
 */
import { describe, expect, test } from 'vitest';
import { defaultCapacity, defaultQueueRouting } from '../../src/shared/routing.ts';
import { type Arrival, type SimulatedAgent, simulate } from '../../src/shared/simulate.ts';
import { Draw } from '../harness/draw.ts';
import { drawDay, hour, midnight, minute, notary, type Size, targetMs, wholeDay } from './centre.ts';
import { watching } from './checks.ts';
import { erlangC } from './erlang.ts';
import { broken } from './naive.ts';
import { rowOf, strategies, tableText } from './table.ts';

const smallDay: Size = { seed: 11, agents: 100, queues: 10, tickets: 4000 };

describe('a day of 500 agents, 50 queues and 20,000 tickets', () => {
  const checks = watching();
  const ours = rowOf('our routing', wholeDay, checks.watch);
  const { tickets, agents } = ours.day;

  test('breaks no rule at any moment', () => {
    expect(checks.found).toEqual([]);
    expect(checks.events()).toBeGreaterThan(3 * wholeDay.tickets);
    expect(ours.mustViolations).toBe(0);
  });

  test('has everything in it that the rules are about', () => {
    const sum = (of: (one: (typeof tickets)[number]) => number) => tickets.reduce((total, one) => total + of(one), 0);
    expect(tickets).toHaveLength(wholeDay.tickets);
    expect(sum(({ declines }) => declines)).toBeGreaterThan(100);
    expect(sum(({ misses }) => misses)).toBeGreaterThan(100);
    expect(sum(({ overflows }) => overflows)).toBeGreaterThan(100);
    expect(tickets.filter(({ waitsMs }) => waitsMs.length === 2).length).toBeGreaterThan(500);
    expect(new Set(tickets.map(({ end }) => end))).toEqual(new Set(['handled', 'callback', 'email', 'waiting']));
    expect(agents.filter(({ given }) => given > 0).length).toBeGreaterThan(0.95 * wholeDay.agents);
    // Busy enough for an order to matter.
    expect(ours.p90WaitMs).toBeGreaterThan(minute);
  });

  test('forgets nobody: who is not answered waits for what nobody can do', () => {
    const day = drawDay(wholeDay);
    const asked = new Map(day.arrivals.map(({ id, needs }) => [id, needs]));
    const left = tickets.filter(({ end }) => end === 'waiting');
    for (const { id, why } of left) {
      expect(asked.get(id)!.some(({ must }) => must)).toBe(true);
      // All who serve the queue are refused it, though they had empty hands: they lack a must, declined, or keep the channel off.
      expect(Object.keys(why!).every((refusal) => ['skill', 'declined', 'channel'].includes(refusal))).toBe(true);
      const { queueId } = day.arrivals.find((arrival) => arrival.id === id)!;
      expect(queueId).toMatch(/^q/);
      expect(Object.keys(why!)).toContain('skill');
    }
    expect(left.length).toBeLessThan(wholeDay.tickets / 500);
    const impossible = day.arrivals.filter(({ needs }) => needs.some(({ skillId }) => skillId === notary));
    expect(impossible.length).toBeGreaterThan(0);
    for (const { id } of impossible) expect(['waiting', 'callback', 'email']).toContain(tickets.find((one) => one.id === id)!.end);
  });

  test('beside simpler routing of the same arrivals', () => {
    const rows = Object.keys(strategies).map((name) => (name === ours.name ? ours : rowOf(name, wholeDay)));
    console.log(`\n${tableText(rows)}\n`);
    for (const row of rows) expect(row.day.tickets).toHaveLength(wholeDay.tickets);
    for (const row of rows.slice(1)) {
      expect(row.mustViolations).toBeGreaterThan(500);
      expect(row.skilled).toBeLessThan(ours.skilled);
    }
  });

  test('is the same when it is drawn again', () => {
    expect(simulate(drawDay(smallDay))).toEqual(simulate(drawDay(smallDay)));
  });
});

describe('the checks find out', () => {
  test('nothing, where nothing is broken', () => {
    const { watch, found } = watching();
    simulate({ ...drawDay(smallDay), watch });
    expect(found).toEqual([]);
  });

  test.each(Object.entries(broken))('a decider that breaks the rule "%s"', (fault, decide) => {
    const { watch, counts } = watching();
    simulate({ ...drawDay(smallDay), decide, watch });
    expect([...counts.keys()]).toContain(fault);
  });
});

describe('one queue of calls that come by chance', () => {
  test('the formula gives the figures that are known for it', () => {
    // 200 calls an hour of three minutes, 14 people: the example of most textbooks.
    const { waitChance, meanWaitMs, within } = erlangC(14, 18_000, 180_000);
    expect(waitChance).toBeCloseTo(0.1741, 4);
    expect(within(20_000)).toBeCloseTo(0.8884, 4);
    expect(meanWaitMs / 1000).toBeCloseTo(7.84, 2);
  });

  test.each([
    { servers: 14, betweenMs: 18_000, handleMs: 180_000, calls: 200_000 },
    { servers: 40, betweenMs: 5000, handleMs: 180_000, calls: 200_000 },
  ])('$servers people wait as Erlang C says', ({ servers, betweenMs, handleMs, calls }) => {
    const draw = new Draw(5, `calls of ${servers}`);
    let at = midnight;
    const arrivals = Array.from({ length: calls }, (_, index): Arrival => {
      at += draw.after(betweenMs);
      const none = { priority: 'normal', dueAt: null, needs: [], lastHandler: null } as const;
      return { ...none, id: `t${index}`, at, queueId: 'calls', channel: 'phone', handleMs: draw.after(handleMs) };
    });
    const agents = Array.from({ length: servers }, (_, index): SimulatedAgent => ({
      id: `a${index}`,
      queues: new Set(['calls']),
      skills: new Map(),
      off: new Set(),
      capacity: defaultCapacity,
      shifts: [{ from: midnight - 1, until: at + 10 * hour }],
      breaks: [],
    }));
    const offerMs = { call: null, chat: null, social: null, email: null };
    const { tickets } = simulate({
      agents,
      queues: [{ ...defaultQueueRouting, id: 'calls', open: true, offerMs }],
      arrivals,
      behaviour: {
        declineChance: 0,
        missChance: 0,
        answerMs: [0, 0],
        wrapUpMs: { call: 0, chat: 0, social: 0, email: 0 },
        notRespondingMs: 0,
      },
      random: () => 0,
      targetMs,
    });
    const expected = erlangC(servers, betweenMs, handleMs);
    // It begins empty: the first of them do not count.
    const waits = tickets.slice(calls / 20).map(({ at: arrived, answeredAt }) => answeredAt! - arrived);
    for (const [measured, wanted] of [
      [waits, expected.meanWaitMs],
      [waits.map((wait) => (wait > 0 ? 1 : 0)), expected.waitChance],
      [waits.map((wait) => (wait <= targetMs.call ? 1 : 0)), expected.within(targetMs.call)],
    ] as const) {
      const { mean, error } = batchMeans(measured);
      // As far off as chance takes it once in 10,000 times, for so many calls; and that is close.
      expect(Math.abs(mean - wanted)).toBeLessThan(3.9 * error);
      expect(error).toBeLessThan(0.08 * wanted);
    }
  });
});

/** Waits that follow one another are alike; the means of long stretches of them hardly are, so their spread gives the standard error. */
function batchMeans(values: readonly number[]): { mean: number; error: number } {
  const batches = 38;
  const size = Math.floor(values.length / batches);
  const means = Array.from(
    { length: batches },
    (_, index) => values.slice(index * size, (index + 1) * size).reduce((sum, one) => sum + one, 0) / size,
  );
  const mean = means.reduce((sum, one) => sum + one, 0) / batches;
  const variance = means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (batches - 1);
  return { mean, error: Math.sqrt(variance / batches) };
}
