/** What a wallboard shows: figures only, no customer and no agent by name, since whoever walks past reads it. */
import { z } from 'zod';
import { id } from './words.ts';
import { presenceStates } from './routing-rows.ts';

const count = z.int().nonnegative();

export const wallboardQueue = z.strictObject({
  id,
  name: z.string(),
  /** nobody has them */
  waiting: count,
  /** since when the first of them waits, ms; null: none does */
  longestSince: z.int().nullable(),
  /** somebody has them */
  inHand: count,
  /** clocks in their warning, and those that have run out */
  dueSoon: count,
  breached: count,
  /** answers since the day began, and those of them in time */
  answered: count,
  inTime: count,
});
export type WallboardQueue = z.infer<typeof wallboardQueue>;

export const wallboard = z.strictObject({
  centre: z.string(),
  /** the hub's time, ms */
  at: z.int(),
  queues: z.array(wallboardQueue),
  /** people by state; a state that nobody is in is left out */
  people: z.partialRecord(z.enum(presenceStates), count),
});
export type Wallboard = z.infer<typeof wallboard>;

/** `since`: when the day of whoever looks began, ms */
export const wallboardQuery = z.object({ since: z.coerce.number().int().nonnegative().max(8.64e15) });

/** A link that opens a wallboard without signing in. */
export const wallboardLink = z.strictObject({
  id,
  name: z.string(),
  madeBy: z.string(),
  at: z.int(),
  /** when it was last opened or asked, ms, to the minute; null: never */
  seenAt: z.int().nullable(),
});
export type WallboardLink = z.infer<typeof wallboardLink>;
export const wallboardLinks = z.strictObject({ links: z.array(wallboardLink) });
export const newWallboardLink = z.strictObject({ name: z.string().trim().min(1).max(80) });
/** `token`: told once, and never again */
export const wallboardLinkMade = z.strictObject({ link: wallboardLink, token: z.string() });
