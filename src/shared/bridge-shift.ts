/** What a window asks the engine about the agent's own shift: part of the map in bridge.ts. */
import { z } from 'zod';
import type { Capacity, Load } from './routing-capacity.ts';
import type { ChannelKind, Ticket } from './domain.ts';
import type { Notice, Offer, Presence } from './routing-rows.ts';

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

export const shiftQueries = { shift: z.null() } as const;
export interface ShiftQueryValues {
  shift: Shift | null;
}
