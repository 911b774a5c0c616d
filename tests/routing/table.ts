/** The same day under our routing and under simpler ones, row by row; `npm run bench` may ask for it too. */
import { type RoutingWorld } from '../../src/shared/routing.ts';
import { simulate, type SimulatedDay, type Watch } from '../../src/shared/simulate.ts';
import { drawDay, type Size } from './centre.ts';
import { meetsMusts } from './checks.ts';
import { type Decider, plainLeastLoaded, plainRoundRobin } from './naive.ts';

export interface Row {
  name: string;
  /** answered within target, of all */
  serviceLevel: number;
  meanWaitMs: number;
  p90WaitMs: number;
  /** standard deviation over agents */
  occupancySpread: number;
  /** work given to somebody without a skill that it must have */
  mustViolations: number;
  /** of what was given to anybody, the share whose needs were met at their full level */
  skilled: number;
  day: SimulatedDay;
}

export const strategies: Record<string, Decider | null> = {
  'our routing': null,
  'plain round robin': plainRoundRobin,
  'plain least loaded': plainLeastLoaded,
};

export function rowOf(name: string, size: Size, watch: Watch = {}): Row {
  let mustViolations = 0;
  let given = 0;
  let skilled = 0;
  const decide = strategies[name] ?? null;
  const day = simulate({
    ...drawDay(size),
    ...(decide ? { decide: (world: RoutingWorld, now: number) => decide(world, now) } : {}),
    watch: {
      ...watch,
      decided: (floor, decisions, now) => {
        watch.decided?.(floor, decisions, now);
        for (const decision of decisions) {
          if (decision.do === 'overflow') continue;
          const agent = floor.agents.get(decision.userId);
          for (const [queueId, waiting] of floor.waiting) {
            const ticket = waiting.get(decision.ticketId);
            const queue = floor.queues.get(queueId);
            if (!ticket || !queue || !agent) continue;
            given += 1;
            if (!meetsMusts(agent, ticket, queue)) mustViolations += 1;
            if ([...ticket.needs, ...queue.needs].every(({ skillId, level }) => (agent.skills.get(skillId) ?? 0) >= level)) skilled += 1;
          }
        }
      },
    },
  });
  const { serviceLevel, meanWaitMs, p90WaitMs } = day.overall;
  return {
    name,
    meanWaitMs,
    p90WaitMs,
    mustViolations,
    day,
    serviceLevel: serviceLevel ?? 0,
    occupancySpread: day.occupancy.spread,
    skilled: skilled / Math.max(1, given),
  };
}

export function tableText(rows: readonly Row[]): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const head = ['routing', 'service level', 'mean wait', 'p90 wait', 'occupancy (spread)', 'needs met', 'musts violated'];
  const lines = rows.map((row) => [
    row.name,
    percent(row.serviceLevel),
    seconds(row.meanWaitMs),
    seconds(row.p90WaitMs),
    `${percent(row.day.occupancy.mean)} (${percent(row.occupancySpread)})`,
    percent(row.skilled),
    String(row.mustViolations),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)));
  return [head, ...lines].map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')).join('\n');
}
