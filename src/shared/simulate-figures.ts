/** What a simulated day comes to. Pure. */
import type { Refusal } from './routing-rules.ts';
import { type ChannelKind, type WorkClass, workClasses } from './words.ts';

export interface TicketOutcome {
  id: string;
  /** the one that it arrived in */
  queueId: string;
  channel: ChannelKind;
  workClass: WorkClass;
  at: number;
  /** when somebody first took it; null: nobody did */
  answeredAt: number | null;
  /** ms of each stay in a queue; the second after a transfer */
  waitsMs: number[];
  takenBy: string[];
  offers: number;
  declines: number;
  misses: number;
  /** to other queues */
  overflows: number;
  end: 'handled' | 'callback' | 'email' | 'waiting';
  endedAt: number | null;
  /** of those that still wait: how many of the agents of its queue are refused it for what, though all were there with empty hands */
  why: Partial<Record<Refusal, number>> | null;
}

export interface AgentOutcome {
  id: string;
  given: number;
  taken: number;
  declined: number;
  missed: number;
  /** on duty, breaks taken off */
  dutyMs: number;
  /** of that, with something in hand or being wrapped up */
  busyMs: number;
  /** null: never on duty */
  occupancy: number | null;
}

export interface Figures {
  arrived: number;
  answered: number;
  /** to callback or email */
  elsewhere: number;
  waiting: number;
  /** answered within target, of all that did not go elsewhere; null: there were none. Nobody abandons */
  serviceLevel: number | null;
  meanWaitMs: number;
  p90WaitMs: number;
  maxWaitMs: number;
}

export interface DayFigures {
  overall: Figures;
  queues: Map<string, Figures>;
  classes: Record<WorkClass, Figures>;
  occupancy: { mean: number; /** standard deviation: how evenly it is spread */ spread: number };
}

export function figuresOf(tickets: readonly TicketOutcome[], targetMs: Readonly<Record<WorkClass, number>>): Figures {
  const waits: number[] = [];
  let elsewhere = 0;
  let waiting = 0;
  let within = 0;
  for (const { at, answeredAt, end, workClass } of tickets) {
    if (answeredAt !== null) {
      waits.push(answeredAt - at);
      if (answeredAt - at <= targetMs[workClass]) within += 1;
    } else if (end === 'waiting') waiting += 1;
    else elsewhere += 1;
  }
  waits.sort((one, other) => one - other);
  const counted = tickets.length - elsewhere;
  return {
    arrived: tickets.length,
    answered: waits.length,
    elsewhere,
    waiting,
    serviceLevel: counted === 0 ? null : within / counted,
    meanWaitMs: mean(waits),
    // nearest rank
    p90WaitMs: waits[Math.ceil(waits.length * 0.9) - 1] ?? 0,
    maxWaitMs: waits.at(-1) ?? 0,
  };
}

export function dayFigures(
  tickets: readonly TicketOutcome[],
  agents: readonly AgentOutcome[],
  targetMs: Readonly<Record<WorkClass, number>>,
): DayFigures {
  const queues = Map.groupBy(tickets, ({ queueId }) => queueId);
  const classes = Map.groupBy(tickets, ({ workClass }) => workClass);
  const occupancies = agents.flatMap(({ occupancy }) => (occupancy === null ? [] : [occupancy]));
  const middle = mean(occupancies);
  return {
    overall: figuresOf(tickets, targetMs),
    queues: new Map([...queues].map(([queueId, ofQueue]) => [queueId, figuresOf(ofQueue, targetMs)])),
    classes: Object.fromEntries(workClasses.map((one) => [one, figuresOf(classes.get(one) ?? [], targetMs)])) as Record<WorkClass, Figures>,
    occupancy: { mean: middle, spread: Math.sqrt(mean(occupancies.map((one) => (one - middle) ** 2))) },
  };
}

function mean(numbers: readonly number[]): number {
  let sum = 0;
  for (const one of numbers) sum += one;
  return numbers.length === 0 ? 0 : sum / numbers.length;
}
