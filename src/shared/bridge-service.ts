/** What a window asks the engine about what is promised: part of the map in bridge.ts. */
import { z } from 'zod';
import type { SlaClock, Ticket } from './domain.ts';

/** A ticket as far as a policy looks at it, with answers that were owed on it: the first, and the newest after it. */
export interface SampledTicket extends Pick<Ticket, 'id' | 'number' | 'subject' | 'channel' | 'queueId' | 'priority' | 'tags'> {
  /** its customer's */
  segment: string | null;
  clocks: Pick<SlaClock, 'id' | 'kind' | 'startedAt' | 'endedAt'>[];
}

export const serviceQueries = {
  /** the newest tickets here on which an answer was owed, 500 at most */
  'sla.sample': z.null(),
} as const;

export interface ServiceQueryValues {
  'sla.sample': SampledTicket[];
}
