/**
 * From legs to calls. A transfer or a forward is a new leg of the same call; each phone of a group that rings may report for itself.
 * What was told in another order comes to the same. Sources: channels reference, 3.2.
 */
import type { CallEvent, Cause } from './read.ts';

/** Times in ms, the hub's. */
export interface Leg {
  callId: string;
  origCallId: string | null;
  direction: 'in' | 'out' | null;
  from: string | null;
  to: string | null;
  /** who was rung */
  users: string[];
  queue: string | null;
  rangAt: number | null;
  answeredAt: number | null;
  answeredBy: string | null;
  endedAt: number | null;
  cause: Cause | null;
}

export interface Call {
  /** the first leg's */
  callId: string;
  direction: 'in' | 'out';
  from: string | null;
  to: string | null;
  startedAt: number;
  state: 'ringing' | 'talking' | 'ended';
  /** null while it goes on. `unknown`: it was given up, for nothing more was heard of it */
  outcome: 'answered' | 'missed' | 'voicemail' | 'blocked' | 'unknown' | null;
  /** who took it, the last of them */
  answeredBy: string | null;
  /** ms of talk with people, over all legs */
  talkMs: number;
  endedAt: number | null;
  /** rung and not yet told otherwise: to them the call is shown */
  ringing: string[];
  queue: string | null;
}

/** ms without an event after which an open call is given up */
export const givenUpAfterMs = 4 * 3_600_000;
/** A machine, by how exchanges name it. */
const machine = /^voicemail\b/i;

const earlier = (a: number | null, b: number): number => (a === null ? b : Math.min(a, b));

/** The leg after an event of its own. Told again, it stays as it is. */
export function follow(leg: Leg | null, told: CallEvent, at: number): Leg {
  const next: Leg = leg
    ? { ...leg }
    : {
        callId: told.callId,
        origCallId: null,
        direction: null,
        from: null,
        to: null,
        users: [],
        queue: null,
        rangAt: null,
        answeredAt: null,
        answeredBy: null,
        endedAt: null,
        cause: null,
      };
  next.origCallId ??= told.origCallId === told.callId ? null : told.origCallId;
  next.direction ??= told.direction;
  next.from ??= told.from;
  next.to ??= told.to;
  next.queue ??= told.queue;
  if (told.event === 'ring') {
    next.rangAt = earlier(next.rangAt, at);
    next.users = [...new Set([...next.users, ...told.users])];
  } else if (told.event === 'answer') {
    next.answeredAt ??= at;
    next.answeredBy ??= told.users[0] ?? null;
  } else {
    next.endedAt ??= at;
    next.cause ??= told.cause;
  }
  return next;
}

const byMachine = (leg: Leg): boolean => leg.cause === 'voicemail' || machine.test(leg.answeredBy ?? '');
const begun = (leg: Leg): number => leg.rangAt ?? leg.answeredAt ?? leg.endedAt ?? 0;

/** The first leg of a leg's call, among those that are known; a circle ends where it began. */
export function rootOf(legs: ReadonlyMap<string, Pick<Leg, 'origCallId'>>, callId: string): string {
  const passed = new Set<string>();
  let at = callId;
  for (;;) {
    passed.add(at);
    const before = legs.get(at)?.origCallId ?? null;
    if (before === null || passed.has(before)) return at;
    at = before;
  }
}

/** The call that these legs make up. `legs`: at least one. */
export function callOf(root: string, legs: readonly Leg[], now: number): Call {
  const inOrder = legs.toSorted((a, b) => begun(a) - begun(b));
  const first = inOrder.find(({ callId }) => callId === root) ?? inOrder[0];
  if (!first) throw new Error('a call without legs');
  const people = inOrder.filter((leg) => leg.answeredAt !== null && !byMachine(leg));
  const continued = new Set(inOrder.map(({ origCallId }) => origCallId));
  // One that was forwarded goes on in a leg that is still to be told of.
  const open = inOrder.filter((leg) => leg.endedAt === null || (leg.cause === 'forwarded' && !continued.has(leg.callId)));
  const heardAt = Math.max(...inOrder.flatMap((leg) => [leg.rangAt ?? 0, leg.answeredAt ?? 0, leg.endedAt ?? 0]));
  const givenUp = open.length > 0 && now - heardAt >= givenUpAfterMs;
  const ended = open.length === 0 || givenUp;
  const talking = open.some((leg) => leg.answeredAt !== null && leg.endedAt === null);
  const outcome = (): Call['outcome'] => {
    if (!ended) return null;
    if (people.length > 0) return 'answered';
    if (inOrder.some(byMachine)) return 'voicemail';
    if (inOrder.some(({ cause }) => cause === 'blocked')) return 'blocked';
    return givenUp ? 'unknown' : 'missed';
  };
  return {
    callId: root,
    direction: first.direction ?? 'in',
    from: first.from,
    to: first.to,
    startedAt: begun(first),
    state: ended ? 'ended' : talking ? 'talking' : 'ringing',
    outcome: outcome(),
    answeredBy: people.at(-1)?.answeredBy ?? null,
    talkMs: people.reduce((sum, leg) => sum + Math.max(0, (leg.endedAt ?? (ended ? heardAt : now)) - (leg.answeredAt ?? 0)), 0),
    endedAt: ended ? (givenUp ? now : Math.max(...inOrder.map((leg) => leg.endedAt ?? 0))) : null,
    ringing:
      ended || talking
        ? []
        : [...new Set(open.filter((leg) => leg.endedAt === null).flatMap(({ users }) => users))].filter((user) => !machine.test(user)),
    queue: first.queue,
  };
}
