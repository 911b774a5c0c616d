/** What a team lead's window asks the engine about the floor: part of the map in bridge.ts. Reckoned from this workstation's copy, so it is there offline, too. */
import { z } from 'zod';
import { id, type WorkClass } from './words.ts';
import type { Ticket } from './domain.ts';
import type { Presence } from './routing-rows.ts';

export interface FloorQueue {
  queueId: string;
  /** nobody has them */
  waiting: number;
  /** since when the first of them waits; null: none does */
  longestSince: number | null;
  /** somebody has them */
  inHand: number;
  /** clocks that are in their warning, and those that have run out */
  dueSoon: number;
  breached: number;
  /** answers since the day began, and those of them in time */
  answered: number;
  inTime: number;
}

export interface FloorAgent {
  userId: string;
  presence: Presence | null;
  /** unresolved tickets by kind of work */
  load: Record<WorkClass, number>;
  /** of which the customer waits for an answer */
  owed: number;
  breached: number;
  ringing: number;
  /** when they last answered something that is still open; null: nothing known */
  lastReplyAt: number | null;
}

export interface Floor {
  queues: FloorQueue[];
  agents: FloorAgent[];
  /** tickets that came in each hour since the day began */
  hours: number[];
  /** the same on the seven days before, on average */
  usual: number[];
}

/** Tickets of a queue or an agent, as a list on the floor shows them. */
export type FloorTicket = Pick<
  Ticket,
  | 'id'
  | 'number'
  | 'provisionalRef'
  | 'subject'
  | 'channel'
  | 'status'
  | 'priority'
  | 'queueId'
  | 'assigneeId'
  | 'offeredTo'
  | 'enqueuedAt'
  | 'lastMessageAt'
  | 'leaseBy'
  | 'leaseUntil'
  | 'slaKind'
  | 'slaState'
  | 'slaStartedAt'
  | 'slaDueAt'
  | 'slaTargetMs'
  | 'slaConsumedMs'
  | 'slaRunningSince'
  | 'slaCalendarId'
> & { customerName: string };

export const floorQueries = {
  /** `since`: when the day began, ms */
  floor: z.strictObject({ since: z.int().nonnegative() }),
  /** unresolved tickets, soonest due first, 200 at most */
  'floor.tickets': z.union([z.strictObject({ queueId: id }), z.strictObject({ userId: id })]),
} as const;

export interface FloorQueryValues {
  floor: Floor;
  'floor.tickets': FloorTicket[];
}
