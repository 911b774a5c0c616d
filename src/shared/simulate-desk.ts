/** One agent's place in a simulated day: whether they are there, and what they were busy with. */
import { type Capacity, noLoad } from './routing-capacity.ts';
import type { RoutingAgent } from './routing-rules.ts';
import type { AgentOutcome } from './simulate-figures.ts';
import type { WorkClass } from './words.ts';

/** `until` is not part of it. */
export interface Span {
  from: number;
  until: number;
}

export interface SimulatedAgent {
  id: string;
  queues: ReadonlySet<string>;
  skills: ReadonlyMap<string, number>;
  off: ReadonlySet<WorkClass>;
  capacity: Capacity;
  shifts: readonly Span[];
  breaks: readonly Span[];
}

export interface Desk extends RoutingAgent {
  onDuty: boolean;
  shifts: readonly Span[];
  breaks: readonly Span[];
  /** slots with work in them, offers not counted */
  working: number;
  wrapUntil: number;
  /** until when they count as not responding */
  silentUntil: number;
  accountedUntil: number;
  outcome: AgentOutcome;
}

export const isOn = (spans: readonly Span[], now: number): boolean => spans.some(({ from, until }) => from <= now && now < until);

export const deskOf = (agent: SimulatedAgent): Desk => ({
  ...agent,
  available: false,
  onDuty: false,
  load: noLoad(),
  openWork: 0,
  idleSince: 0,
  lastGivenAt: 0,
  working: 0,
  wrapUntil: -Infinity,
  silentUntil: -Infinity,
  accountedUntil: -Infinity,
  outcome: { id: agent.id, given: 0, taken: 0, declined: 0, missed: 0, dutyMs: 0, busyMs: 0, occupancy: null },
});

/** What they were until now is counted; to be called before any of it changes. */
export function account(desk: Desk, now: number): Desk {
  const { outcome } = desk;
  if (desk.onDuty && now > desk.accountedUntil) {
    const ms = now - desk.accountedUntil;
    outcome.dutyMs += ms;
    outcome.busyMs += desk.working > 0 ? ms : Math.max(0, Math.min(desk.wrapUntil, now) - desk.accountedUntil);
    outcome.occupancy = outcome.busyMs / outcome.dutyMs;
  }
  desk.accountedUntil = now;
  return desk;
}

/** To be called whenever something that their state follows from may have changed. */
export function update(desk: Desk, now: number): void {
  account(desk, now);
  const there = isOn(desk.shifts, now) && !isOn(desk.breaks, now);
  const available = there && now >= desk.wrapUntil && now >= desk.silentUntil;
  // Whoever comes on duty has been idle since then, not since yesterday.
  if (there && !desk.onDuty) desk.idleSince = now;
  desk.onDuty = there;
  desk.available = available;
}
