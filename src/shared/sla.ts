/** Service-level clocks as pure functions. `now` is always an argument. Source: SLA and routing page. */
import type { ChannelKind, ClockKind, Priority, SlaClock, Ticket } from './domain.ts';

const minute = 60_000;
const hour = 60 * minute;

const live: readonly ChannelKind[] = ['chat', 'messenger', 'instagram', 'zalo'];

/** Time to the first, and to each next, response. Chat and social: 5 min; mail: 4 h, urgent 15 min; a missed call or a counter: as mail. */
export function targetMs(channel: ChannelKind, priority: Priority): number {
  if (live.includes(channel)) return 5 * minute;
  return priority === 'urgent' ? 15 * minute : 4 * hour;
}

/** Open: counts, waits, or counts up after its breach. */
export function isOpen(clock: SlaClock): boolean {
  return clock.endedAt === null;
}

export type SlaStep = 'calm' | 'warning' | 'danger' | 'overdue' | 'paused' | 'met' | 'none';

/**
 * How a ticket's clock looks at `now` (hub's clock, ms).
 * Warning from half the target up to 15 minutes, from three quarters or the last 15 minutes above;
 * danger in the last tenth.
 */
export function slaAt(
  ticket: Pick<Ticket, 'slaKind' | 'slaState' | 'slaStartedAt' | 'slaDueAt'>,
  now: number,
): { step: SlaStep; leftMs: number; fraction: number; kind: ClockKind | null } {
  const { slaKind: kind, slaState: state, slaStartedAt: start, slaDueAt: due } = ticket;
  if (state === 'met') return { step: 'met', leftMs: 0, fraction: 0, kind };
  if (state === 'paused') return { step: 'paused', leftMs: 0, fraction: 1, kind };
  if (kind === null || start === null || due === null || state === 'cancelled') return { step: 'none', leftMs: 0, fraction: 0, kind };
  const total = Math.max(1, due - start);
  const leftMs = due - now;
  const fraction = Math.min(1, Math.max(0, leftMs / total));
  if (leftMs <= 0) return { step: 'overdue', leftMs, fraction: 0, kind };
  if (fraction <= 0.1) return { step: 'danger', leftMs, fraction, kind };
  const warnAt = total <= 15 * minute ? total / 2 : Math.max(total / 4, 15 * minute);
  return { step: leftMs <= warnAt ? 'warning' : 'calm', leftMs, fraction, kind };
}
