/**
 * What other policies or calendars would have made of tickets that are known: a preview, not a verdict. Answers are looked at, whose clocks
 * never stand still; priority and tags are taken as they are today. Pure.
 */
import type { SampledTicket } from './bridge-service.ts';
import type { Calendar, ClockKind } from './domain.ts';
import type { SlaPolicy } from './service-rows.ts';
import { businessTime, termsFor } from './sla.ts';

/** What is laid down at a time. */
export interface Service {
  policies: readonly SlaPolicy[];
  calendars: readonly Calendar[];
}

/** `open`: still owed and still in time; `none`: nothing was promised. */
export type Verdict = 'met' | 'breached' | 'open' | 'none';
export type Tally = Record<Verdict, number>;

/** One answer by one set of rules. */
export interface Judged {
  verdict: Verdict;
  /** null: nothing was promised */
  targetMs: number | null;
  /** business time from the question to the answer, or to now */
  usedMs: number;
}

export interface ChangedVerdict {
  clockId: string;
  kind: ClockKind;
  ticket: SampledTicket;
  before: Judged;
  after: Judged;
}

export interface SlaPreview {
  tickets: number;
  kinds: { kind: ClockKind; before: Tally; after: Tally }[];
  /** those that would end otherwise, what gets worse first, in each the newest first */
  changes: ChangedVerdict[];
}

export const previewedKinds = ['frt', 'nrt'] as const;

export function previewSla(sample: readonly SampledTicket[], before: Service, after: Service, now: number): SlaPreview {
  const kinds = previewedKinds.map((kind) => ({ kind, before: noTally(), after: noTally() }));
  const changes: ChangedVerdict[] = [];
  const [judgeBefore, judgeAfter] = [judgeBy(before, now), judgeBy(after, now)];
  for (const ticket of sample) {
    for (const clock of ticket.clocks) {
      const counted = kinds.find(({ kind }) => kind === clock.kind);
      if (!counted) continue;
      const [was, would] = [judgeBefore(ticket, clock), judgeAfter(ticket, clock)];
      counted.before[was.verdict] += 1;
      counted.after[would.verdict] += 1;
      if (was.verdict !== would.verdict) changes.push({ clockId: clock.id, kind: clock.kind, ticket, before: was, after: would });
    }
  }
  const worse = ({ after: { verdict } }: ChangedVerdict) => (verdict === 'breached' ? 0 : 1);
  return { tickets: sample.length, kinds, changes: changes.sort((a, b) => worse(a) - worse(b)) };
}

const noTally = (): Tally => ({ met: 0, breached: 0, open: 0, none: 0 });

type SampledClock = SampledTicket['clocks'][number];

function judgeBy({ policies, calendars }: Service, now: number): (ticket: SampledTicket, clock: SampledClock) => Judged {
  const byId = new Map(calendars.map((calendar) => [calendar.id, calendar]));
  return (ticket, { kind, startedAt, endedAt }) => {
    const { targets, calendarId } = termsFor(ticket, ticket.segment, policies);
    const time = businessTime(calendarId === null ? undefined : byId.get(calendarId));
    const usedMs = time.between(startedAt, endedAt ?? now);
    const targetMs = targets[kind];
    if (targetMs === null) return { verdict: 'none', targetMs, usedMs };
    if (usedMs > targetMs) return { verdict: 'breached', targetMs, usedMs };
    return { verdict: endedAt === null ? 'open' : 'met', targetMs, usedMs };
  };
}
