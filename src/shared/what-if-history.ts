/** What was written down of a day, as what came and who was there. Pure; moments are ms on the hub's clock. */
import { Temporal } from 'temporal-polyfill';
import type { PresenceState } from './routing-rows.ts';
import type { Span } from './simulate-desk.ts';
import type { DayArrival } from './what-if-day.ts';
import type { PresenceSpan, TrackRow } from './why.ts';

/** Work is not counted for longer at a stretch: somebody has gone home and left it open. */
const longestHandlingMs = 4 * 3_600_000;

/** What is known of a ticket that came that day. `tracks` begin with the line of its coming, oldest first. */
export interface CameIn extends Pick<DayArrival, 'id' | 'channel' | 'priority' | 'dueAt' | 'needs'> {
  tracks: readonly TrackRow[];
}

/** Null where nothing says how long work on it took; `until`: the end of the day. */
export type Came = Omit<DayArrival, 'handleMs'> & { handleMs: number | null };

export function cameIn({ tracks, ...ticket }: CameIn, until: number): Came | null {
  const first = tracks[0];
  if (!first) return null;
  const taken = tracks.findIndex(({ assigneeId }) => assigneeId !== null);
  const row = tracks[taken];
  const came = { ...ticket, at: first.at, queueId: first.queueId, transfer: null };
  if (!row || row.at >= until) return { ...came, handleMs: null, waitedMs: null };
  const waitedMs = row.at - first.at;
  const end = stretchEnd(tracks, taken);
  const handleMs = worked(tracks, taken, end, until);
  // Whoever had it passed it on to another queue, and somebody took it there.
  const next = tracks[end];
  const again = next && next.queueId !== row.queueId ? tracks.findIndex((one, index) => index >= end && one.assigneeId !== null) : -1;
  const second = tracks[again];
  if (!second || second.at >= until || second.queueId === row.queueId) return { ...came, handleMs, waitedMs };
  const transfer = { queueId: second.queueId, handleMs: worked(tracks, again, stretchEnd(tracks, again), until) };
  return { ...came, handleMs, waitedMs, transfer };
}

/** Index of the first line after `from` by which they did not have it any more, or there was nothing to be done on it. */
function stretchEnd(tracks: readonly TrackRow[], from: number): number {
  const row = tracks[from];
  const end = tracks.findIndex(
    (one, index) => index > from && (one.assigneeId !== row?.assigneeId || one.queueId !== row?.queueId || one.status !== 'open'),
  );
  return end < 0 ? tracks.length : end;
}

function worked(tracks: readonly TrackRow[], from: number, end: number, until: number): number {
  const at = tracks[from]?.at ?? until;
  return Math.max(0, Math.min((tracks[end]?.at ?? until) - at, longestHandlingMs));
}

/** The first moment of a date (2027-04-30) in a zone, and that of the next. Throws a RangeError when it is none. */
export function dayBounds(date: string, zone: string): { from: number; until: number } {
  const day = Temporal.PlainDate.from(date);
  const first = (of: Temporal.PlainDate) => of.toZonedDateTime(zone).epochMilliseconds;
  return { from: first(day), until: first(day.add({ days: 1 })) };
}

const away: readonly PresenceState[] = ['break', 'meal', 'meeting', 'training'];
const gone: readonly PresenceState[] = ['offline', 'disconnected'];

/** Somebody's day by how they were: on duty, and of that away from their desk. */
export function dutyOf(presence: readonly PresenceSpan[], from: number, until: number): { shifts: Span[]; breaks: Span[] } {
  const within = presence
    .map(({ state, since, until: over }) => ({ state, from: Math.max(since, from), until: Math.min(over ?? until, until) }))
    .filter((one) => one.until > one.from)
    .sort((a, b) => a.from - b.from);
  const joined = (spans: readonly Span[]): Span[] => {
    const out: Span[] = [];
    for (const { from: start, until: end } of spans) {
      const last = out.at(-1);
      if (last && last.until >= start) last.until = Math.max(last.until, end);
      else out.push({ from: start, until: end });
    }
    return out;
  };
  return {
    shifts: joined(within.filter(({ state }) => !gone.includes(state))),
    breaks: joined(within.filter(({ state }) => away.includes(state))),
  };
}

/** The middle one; `otherwise` of none. */
export function median(numbers: readonly number[], otherwise = 0): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? otherwise;
}
