/** What goes into a simulated day, and the floor on which it happens. */
import type { Decided, Decision, RoutingWorld } from './routing.ts';
import type { Need } from './routing-rows.ts';
import type { RoutingAgent, RoutingQueue, WaitingTicket } from './routing-rules.ts';
import type { VirtualClock } from './simulate-clock.ts';
import type { Desk, SimulatedAgent, Span } from './simulate-desk.ts';
import type { TicketOutcome } from './simulate-figures.ts';
import type { ChannelKind, Priority, WorkClass } from './words.ts';

export interface Arrival {
  id: string;
  at: number;
  queueId: string;
  channel: ChannelKind;
  priority: Priority;
  dueAt: number | null;
  needs: readonly Need[];
  handleMs: number;
  lastHandler: { userId: string; at: number } | null;
  /** the customer says nothing for so long, after so much of the handling */
  silence?: { afterMs: number; ms: number };
  /** whoever took it hands it on, after `handleMs`; it keeps its time */
  transfer?: { queueId: string; needs: readonly Need[]; handleMs: number };
}

/** How agents answer offers, and what they do after work. */
export interface Behaviour {
  declineChance: number;
  missChance: number;
  /** ms until an offer is accepted or declined, anything in between being as likely; never longer than the offer */
  answerMs: readonly [least: number, most: number];
  /** ms in which nothing is given after work of each class */
  wrapUpMs: Record<WorkClass, number>;
  /** ms that somebody stays "not responding" */
  notRespondingMs: number;
}

export interface Simulation {
  agents: readonly SimulatedAgent[];
  /** `open` is taken from `hours` */
  queues: readonly RoutingQueue[];
  /** when a queue is open; always, if it is not named */
  hours?: ReadonlyMap<string, readonly Span[]>;
  arrivals: readonly Arrival[];
  /** agents who serve other queues, or count as having other skills, from then on */
  changes?: readonly { at: number; agentId: string; queues: ReadonlySet<string>; skills: ReadonlyMap<string, number> }[];
  behaviour: Behaviour;
  /** in [0, 1), seeded */
  random: () => number;
  /** ms in which work is to be answered, for the service level */
  targetMs: Record<WorkClass, number>;
  /** another way to give work out, for comparison */
  decide?: (world: RoutingWorld, now: number) => Decided;
  watch?: Watch;
}

export interface OpenOffer {
  ticket: WaitingTicket;
  userId: string;
  until: number;
}

export interface Floor {
  queues: ReadonlyMap<string, RoutingQueue>;
  agents: ReadonlyMap<string, RoutingAgent>;
  /** by queue, then ticket */
  waiting: ReadonlyMap<string, ReadonlyMap<string, WaitingTicket>>;
  /** by ticket */
  offers: ReadonlyMap<string, OpenOffer>;
  /** ticket to who has it */
  held: ReadonlyMap<string, string>;
  ended: ReadonlySet<string>;
  arrived: ReadonlySet<string>;
}

/** For checks of what must never happen. */
export interface Watch {
  /** before decisions take effect */
  decided?: (floor: Floor, decisions: readonly Decision[], now: number) => void;
  /** when all that follows from an event is done; `touched`: queues in which that may be something */
  settled?: (floor: Floor, touched: ReadonlySet<string>, now: number) => void;
}

export type Event =
  | { kind: 'arrives'; arrival: Arrival }
  | { kind: 'duty' | 'ready'; desk: Desk }
  | { kind: 'hours'; queue: RoutingQueue }
  | { kind: 'changes'; desk: Desk; queues: ReadonlySet<string>; skills: ReadonlyMap<string, number> }
  | { kind: 'accepts' | 'declines' | 'misses'; offer: OpenOffer }
  | { kind: 'idles' | 'speaks' | 'finishes'; work: Work }
  | { kind: 'wakes'; queues: readonly string[] };

export interface Work {
  ticket: WaitingTicket;
  desk: Desk;
  workClass: WorkClass;
  /** of the handling, whether the one after a transfer */
  second: boolean;
  holdsSlot: boolean;
}

/** The floor, with what moves it on. */
export interface State extends Floor {
  input: Simulation;
  clock: VirtualClock<Event>;
  now: number;
  queues: Map<string, RoutingQueue>;
  agents: Map<string, Desk>;
  waiting: Map<string, Map<string, WaitingTicket>>;
  offers: Map<string, OpenOffer>;
  held: Map<string, string>;
  ended: Set<string>;
  arrived: Set<string>;
  tickets: Map<string, { arrival: Arrival; outcome: TicketOutcome; waitsSince: number; second: boolean }>;
  /** who serves some queues, by the names of those */
  teams: Map<string, Desk[]>;
  /** by queue, when it is looked at again */
  wakes: Map<string, number>;
  /** how much of what is planned is only that */
  sleeping: number;
}
