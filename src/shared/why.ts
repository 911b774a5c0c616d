/**
 * Where the time of an SLA clock has gone: cut into pieces that follow one another without a gap, each with who had the ticket then. Pure;
 * moments are ms on the hub's clock, durations ms. Source: SLA and routing page, rules 3 to 12; product page, "Why did this breach?".
 */
import type { BusinessTime } from './calendar.ts';
import type { SlaClock, Ticket } from './domain.ts';
import { standsStill } from './mutations/clocks.ts';
import type { PresenceState } from './routing-rows.ts';
import { consumedAt } from './sla.ts';
import type { WhyKind, WhySegment, WhyTotal, WhyVerdict } from './why-answer.ts';

/** A line of the ticket's track: how it was from `at` on. Of lines at one moment the one with the greatest `id` holds. */
export interface TrackRow {
  id: number;
  at: number;
  status: Ticket['status'];
  queueId: string;
  assigneeId: string | null;
  offeredTo: string | null;
}

export interface PresenceSpan {
  userId: string;
  state: PresenceState;
  since: number;
  /** null: still so */
  until: number | null;
}

/** Something that a person has written to the customer. */
export interface Answer {
  userId: string | null;
  /** on the workstation, by the hub's clock as that knew it */
  authoredAt: number;
  /** by the hub */
  acceptedAt: number;
  /** when the channel's vendor had all of it, or it was given up; null: it is still on its way */
  sentAt: number | null;
}

export interface WhyInput {
  clock: SlaClock;
  time: BusinessTime;
  /** whether the clock stands still while a third party is waited for */
  thirdPartyPauses: boolean;
  tracks: readonly TrackRow[];
  presence: readonly PresenceSpan[];
  answers: readonly Answer[];
  now: number;
}

export interface Why {
  segments: WhySegment[];
  totals: WhyTotal[];
  verdict: WhyVerdict;
  /** what was used up before the clock's first piece: by a resolution that did not hold, or by hours that were edited since */
  carriedMs: number;
}

/** Shorter than this between writing, accepting and handing over is the way that every answer goes, ms. */
export const ordinaryWayMs = 1500;

/** At the desk, whatever they do there; everything else is time in which nobody works on what they hold. */
const onDuty: readonly PresenceState[] = ['available', 'busy', 'wrapUp'];

type State = Pick<WhySegment, 'kind' | 'userId' | 'queueId' | 'state'>;

export function whyOf(input: WhyInput): Why {
  const { clock, time } = input;
  const end = Math.max(clock.startedAt, clock.endedAt ?? input.now);
  const from = Math.min(clock.waitedFrom, clock.startedAt);
  const answers = input.answers
    .filter(({ acceptedAt, authoredAt }) => authoredAt < end + ordinaryWayMs && acceptedAt > from)
    .sort((a, b) => a.acceptedAt - b.acceptedAt || a.authoredAt - b.authoredAt || byText(a.userId, b.userId) || wayOf(a) - wayOf(b));
  const until = Math.max(end, lastStretch(clock, answers, end, input.now));
  const tracks = input.tracks.toSorted((a, b) => a.at - b.at || a.id - b.id);
  const presence = input.presence
    .filter((span) => span.since < end && (span.until ?? Infinity) > clock.startedAt)
    .sort((a, b) => b.since - a.since || byText(a.state, b.state));
  const look: Look = { ...input, answers, tracks, people: Map.groupBy(presence, ({ userId }) => userId), end };

  // 1. Every moment at which anything may have changed.
  const cuts = new Set([from, clock.startedAt, end, until]);
  const cut = (...moments: (number | null)[]) => {
    for (const at of moments) if (at !== null && at > from && at < until) cuts.add(at);
  };
  cut(clock.breachedAt, ...tracks.map(({ at }) => at));
  for (const { since, until: over } of presence) cut(since, over);
  for (const { authoredAt, acceptedAt, sentAt } of answers) cut(authoredAt, acceptedAt, sentAt);
  for (let at = time.nextChange(clock.startedAt); at !== null && at < end; at = time.nextChange(at)) cut(at);

  // 2. What it was from each to the next; what goes on alike is one piece.
  const segments: WhySegment[] = [];
  const moments = [...cuts].sort((a, b) => a - b);
  for (const [index, at] of moments.entries()) {
    const to = moments[index + 1];
    if (to === undefined) break;
    const state = stateAt(look, at);
    const late = clock.breachedAt !== null && at >= clock.breachedAt;
    const last = segments.at(-1);
    const businessMs = counts(state.kind) && at >= clock.startedAt && at < end ? to - at : 0;
    if (last && last.late === late && alike(last, state)) {
      last.until = to;
      last.businessMs += businessMs;
    } else segments.push({ ...state, from: at, until: to, businessMs, late });
  }
  const counted = segments.reduce((sum, { businessMs }) => sum + businessMs, 0);
  const carriedMs = Math.max(0, consumedAt(clock, time, end) - counted);
  return { segments, totals: totalsOf(segments), verdict: verdictOf(segments), carriedMs };
}

const byText = (a: string | null, b: string | null): number => (a === b ? 0 : (a ?? '') < (b ?? '') ? -1 : 1);
const wayOf = ({ sentAt }: Answer): number => sentAt ?? Number.MAX_SAFE_INTEGER;

const counts = (kind: WhyKind): boolean => kind !== 'paused' && kind !== 'closed';

const alike = (a: State, b: State): boolean => a.kind === b.kind && a.userId === b.userId && a.queueId === b.queueId && a.state === b.state;

/** The answer that ended the clock goes on after it: the customer has it when the vendor has. */
function lastStretch(clock: SlaClock, answers: readonly Answer[], end: number, now: number): number {
  if (clock.endedAt === null || (clock.kind !== 'frt' && clock.kind !== 'nrt')) return end;
  const last = answers.find(({ acceptedAt }) => Math.abs(acceptedAt - end) < ordinaryWayMs);
  if (!last) return end;
  const sent = last.sentAt ?? Math.max(now, end);
  return sent - last.acceptedAt > ordinaryWayMs ? sent : end;
}

interface Look extends WhyInput {
  /** oldest first */
  tracks: readonly TrackRow[];
  people: ReadonlyMap<string, readonly PresenceSpan[]>;
  end: number;
}

/** How it was from `at` until the next cut. The order settles what is named where several things held at once. */
function stateAt({ clock, time, thirdPartyPauses, tracks, people, answers, end, now }: Look, at: number): State {
  const state = (kind: WhyKind, more: Partial<State> = {}): State => ({ kind, userId: null, queueId: null, state: null, ...more });
  const track = lastUpTo(tracks, at);
  const queueId = track?.queueId ?? null;
  if (at < clock.startedAt) return state('bot', { queueId });
  if (at >= end) return state('channel', { queueId });
  // What is late is late for good, and does not stand still any more.
  const late = clock.breachedAt !== null && at >= clock.breachedAt;
  if (track && !late && standsStill(clock, track, { thirdPartyPauses })) return state('paused', { queueId });
  if (!time.isOpen(at)) return state('closed');
  const under = answers.find(
    ({ acceptedAt, sentAt }) => acceptedAt <= at && at < (sentAt ?? now) && (sentAt ?? now) - acceptedAt > ordinaryWayMs,
  );
  if (under) return state('channel', { queueId, userId: under.userId });
  const lay = answers.find(({ authoredAt, acceptedAt }) => authoredAt <= at && at < acceptedAt && acceptedAt - authoredAt > ordinaryWayMs);
  if (lay) return state('offline', { queueId, userId: lay.userId });
  if (!track) return state('queue');
  if (track.status === 'bot') return state('bot', { queueId });
  const { assigneeId: userId, offeredTo } = track;
  if (userId === null) return offeredTo === null ? state('queue', { queueId }) : state('ring', { queueId, userId: offeredTo });
  const is = people.get(userId)?.find(({ since, until }) => since <= at && at < (until ?? Infinity));
  // Nobody who never said how they are counts as away: nothing tells it.
  if (!is || onDuty.includes(is.state)) return state('agent', { queueId, userId });
  return state('away', { queueId, userId, state: is.state });
}

function lastUpTo(tracks: readonly TrackRow[], at: number): TrackRow | undefined {
  let low = 0;
  let high = tracks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tracks[middle]?.at ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return tracks[low - 1];
}

/** What a piece has cost the customer: what the clock has counted of it, and all of the way to them after the clock. */
const costOf = ({ kind, businessMs, from, until }: WhySegment): number => (kind === 'channel' ? until - from : businessMs);

/** Longest first, by what they have cost. */
function totalsOf(segments: readonly WhySegment[]): WhyTotal[] {
  const totals = new Map<WhyKind, WhyTotal>();
  for (const segment of segments) {
    const { kind, from, until, businessMs } = segment;
    const total = totals.get(kind) ?? { kind, ms: 0, businessMs: 0, costMs: 0, times: 0 };
    total.ms += until - from;
    total.businessMs += businessMs;
    total.costMs += costOf(segment);
    total.times += 1;
    totals.set(kind, total);
  }
  return [...totals.values()].sort((a, b) => b.costMs - a.costMs || b.ms - a.ms || (a.kind < b.kind ? -1 : 1));
}

/** What has cost most, and with whom or where most of that was. */
function verdictOf(segments: readonly WhySegment[]): WhyVerdict {
  const none: WhyVerdict = { kind: null, costMs: 0, share: 0, times: 0, userId: null, queueId: null, state: null };
  const [most] = totalsOf(segments);
  const all = segments.reduce((sum, segment) => sum + costOf(segment), 0);
  if (!most || most.costMs === 0) return none;
  const groups = new Map<string, { costMs: number; of: WhySegment }>();
  for (const segment of segments) {
    if (segment.kind !== most.kind) continue;
    const key = `${segment.userId} ${segment.queueId} ${segment.state}`;
    const group = groups.get(key) ?? { costMs: 0, of: segment };
    group.costMs += costOf(segment);
    groups.set(key, group);
  }
  const [first] = [...groups.values()].sort((a, b) => b.costMs - a.costMs);
  const { userId = null, queueId = null, state = null } = first?.of ?? {};
  return { kind: most.kind, costMs: most.costMs, share: most.costMs / all, times: most.times, userId, queueId, state };
}
