/** What a window asks the engine about the agent's own shift: part of the map in bridge.ts. */
import { z } from 'zod';
import type { Capacity, Load } from './routing-capacity.ts';
import type { ChannelKind, ClockKind, Ticket } from './domain.ts';
import type { Notice, Offer, Presence, PresenceState } from './routing-rows.ts';

export interface RingingOffer extends Offer {
  /** null: not here yet */
  ticket: (Pick<Ticket, 'subject' | 'channel' | 'number' | 'provisionalRef' | 'lastMessagePreview'> & { customerName: string }) | null;
}

export interface Shift {
  /** null: never on duty so far */
  presence: Presence | null;
  /** work that waits for a yes or a no, the one that ends first first */
  offers: RingingOffer[];
  /** newest first, 50 at most */
  notices: (Notice & { subject: string | null; number: number | null; fromName: string | null; channel: ChannelKind | null })[];
  unseen: number;
  load: Load;
  capacity: Capacity;
}

/** A running clock of a ticket of mine. Source of the moments: SLA page, rule 7. */
export interface ClockWarning {
  ticketId: string;
  number: number | null;
  provisionalRef: string | null;
  subject: string;
  kind: ClockKind;
  /** tells this run of the clock from another one of the same ticket, ms */
  startedAt: number;
  dueAt: number;
  /** ms, the earlier first; those that have passed, too */
  moments: number[];
}

export const shiftQueries = {
  shift: z.null(),
  /** how everybody is, by their id; who has never been on duty is left out */
  colleagues: z.null(),
  /** my running clocks, soonest due first, 100 at most, with the moments at which each warns */
  'sla.warnings': z.null(),
} as const;
export interface ShiftQueryValues {
  shift: Shift | null;
  colleagues: Record<string, PresenceState>;
  'sla.warnings': ClockWarning[];
}
