/**
 * What the events of a ticket do to its SLA clocks. Pure, and the hub's alone: a workstation shows clocks and never ends one.
 * Source: SLA and routing page, rules 3 to 12; their numbers stand beside what they say.
 */
import type { BusinessTime } from '../calendar.ts';
import type { ClockKind, Message, SlaClock, Ticket } from '../domain.ts';
import { cancelClock, consumedAt, endClock, isOpen, pauseClock, resumeClock, retargetClock, startClock, type Terms } from '../sla.ts';

/** An undone close gives the clocks back as they were; later it is a reopening. Covers the 15 s of the undo and a slow line. */
export const undoWindowMs = 60_000;

/** Rule 10: of a resolution target, what a reopened ticket has left at least. */
const leftAtLeast = 0.25;

/** What the clocks of one ticket are counted by. */
export interface Service {
  /** hub's clock, ms */
  now: number;
  newId: () => string;
  /** what is promised for the ticket as it is now */
  terms: Terms;
  timeOf: (calendarId: string | null) => BusinessTime;
}

const settled = (status: Ticket['status']) => status === 'resolved' || status === 'closed';
/** with people: no bot has it */
const isOurs = (status: Ticket['status']) => status !== 'bot' && !settled(status);
const isResponse = ({ kind }: SlaClock) => kind === 'frt' || kind === 'nrt';

/** The clocks of `ticket` after a change from `before` (undefined: it is new) that brought `said`; `known` are those it had. */
export function runClocks(
  ticket: Ticket,
  before: Ticket | undefined,
  said: readonly Message[],
  known: readonly SlaClock[],
  service: Service,
): SlaClock[] {
  const { now, terms, timeOf } = service;
  let clocks = [...known];
  const each = (change: (clock: SlaClock) => SlaClock, of: (clock: SlaClock) => boolean = () => true) => {
    clocks = clocks.map((clock) => (isOpen(clock) && of(clock) ? change(clock) : clock));
  };
  const has = (kind: ClockKind) => clocks.some((clock) => clock.kind === kind);
  const start = (kind: ClockKind, at: number, more: { waitedFrom?: number; consumedMs?: number } = {}) => {
    const target = terms.targets[kind];
    if (target === null) return;
    const of = { id: service.newId(), ticketId: ticket.id, kind, targetMs: target, at, ...more };
    clocks.push(startClock(of, terms, timeOf(terms.calendarId)));
  };

  // 1. Rule 10, and the undo: what ended with the close that is taken back runs on, exactly as it was.
  const reopened = before?.status === 'resolved' && !settled(ticket.status) && ticket.status !== 'spam';
  const undone = reopened && said.length === 0 && before.resolvedAt !== null && now - before.resolvedAt <= undoWindowMs;
  if (undone) clocks = clocks.map((clock) => (clock.endedAt === before.resolvedAt ? runOn(clock) : clock));

  // 2. Rule 11: another queue or priority, other terms.
  if (before && (before.queueId !== ticket.queueId || before.priority !== ticket.priority)) {
    each((clock) => retargetClock(clock, terms, timeOf(clock.calendarId), timeOf(terms.calendarId), now));
    // What was promised nothing before may be promised a resolution now.
    if (isOurs(ticket.status) && !settled(ticket.status) && !clocks.some((clock) => clock.kind === 'rt' && isOpen(clock)) && !reopened)
      start('rt', now);
  }

  // 3. From when on people owe something: at once, from a bot's hand-off on, or anew after a reopening.
  const fromBot = before?.status === 'bot' && isOurs(ticket.status);
  const begins = (before === undefined || fromBot) && isOurs(ticket.status) && ticket.status !== 'spam';
  if (begins && !has('rt')) start('rt', now);
  if (begins && !has('assign') && ticket.assigneeId === null) start('assign', now);
  // Rule 4: a bot's conversation is owed an answer from the moment at which people have it.
  if (fromBot && ticket.lastInboundAt !== null && !has('frt')) start('frt', now, { waitedFrom: Math.min(ticket.createdAt, now) });
  if (reopened && !undone) {
    const last = clocks.filter(({ kind }) => kind === 'rt').toSorted((a, b) => b.startedAt - a.startedAt)[0];
    const target = terms.targets.rt;
    if (last && target !== null) {
      // Rule 10: what was used up stays used up, but a quarter is left.
      const used = consumedAt(last, timeOf(last.calendarId), last.endedAt ?? now);
      start('rt', now, { consumedMs: Math.min(used, Math.floor(target * (1 - leftAtLeast))) });
    } else start('rt', now);
    if (said.length === 0 && ticket.unansweredSince !== null && !clocks.some((clock) => isOpen(clock) && isResponse(clock)))
      start('nrt', now);
  }

  // 4. What was said.
  for (const message of said) {
    const answeredCall = message.kind === 'call' && message.call?.outcome === 'answered';
    const missedCall = message.kind === 'call' && !answeredCall && message.call?.direction === 'inbound';
    const owed = message.kind === 'inbound' && message.extra?.automatic !== true && ticket.status !== 'bot';
    if (owed || missedCall) {
      // Rules 4 and 5: first response once; next response at the oldest message that nobody has answered.
      if (!has('frt')) start('frt', now);
      else if (!clocks.some((clock) => isOpen(clock) && isResponse(clock))) start('nrt', now);
    } else if ((message.kind === 'reply' && message.authorType === 'agent') || answeredCall) {
      // Rule 12: a call note written offline counts from the call, unless the breach is already recorded.
      const at = answeredCall ? Math.min(message.call?.at ?? now, now) : now;
      if (answeredCall && !has('frt')) start('frt', at);
      each((clock) => endClock(clock, at), isResponse);
    } else if (message.extra?.noReply !== undefined) {
      // Rule 5: "thanks, bye" is owed no answer, and an agent has said so.
      each(
        (clock) => endClock(clock, now),
        ({ kind }) => kind === 'nrt',
      );
    }
  }
  if (ticket.assigneeId !== null)
    each(
      (clock) => endClock(clock, now),
      ({ kind }) => kind === 'assign',
    );

  // 5. It goes on elsewhere, with what was owed on it.
  const { merged } = ticket;
  if (merged && !before?.merged) each((clock) => cancelClock(clock, merged.at));

  // 6. Rule 9: resolved.
  if (ticket.status === 'resolved' && before?.status !== 'resolved') {
    const at = ticket.resolvedAt ?? now;
    each((clock) => {
      if (clock.kind === 'rt') return endClock(clock, at);
      // What a customer has asked and nobody has answered is owed still.
      return clock.kind === 'nrt' && ticket.unansweredSince !== null ? clock : cancelClock(clock, at);
    });
  }
  if (ticket.status === 'closed' && before?.status !== 'closed') each((clock) => cancelClock(clock, now));

  // 7. Rules 4 and 6: what stands still as long as the ticket is as it is. One that has joined another has nothing left.
  each((clock) => (standsStill(clock, ticket, terms) ? pauseClock : resumeClock)(clock, timeOf(clock.calendarId), now));
  return clocks;
}

/** Whether a clock that is not late stands still while its ticket is like this. Rules 4 and 6. */
export function standsStill(
  { kind }: Pick<SlaClock, 'kind'>,
  { status }: Pick<Ticket, 'status'>,
  terms: Pick<Terms, 'thirdPartyPauses'>,
): boolean {
  if (status === 'spam') return true;
  if (kind !== 'rt') return false;
  return status === 'waiting_customer' || (status === 'waiting_third_party' && terms.thirdPartyPauses);
}

/** A clock as it was before it ended. */
function runOn(clock: SlaClock): SlaClock {
  const open = { ...clock, endedAt: null };
  if (clock.state === 'breached' && clock.breachedAt !== null) return open;
  return { ...open, state: clock.runningSince === null ? 'paused' : 'running' };
}

/** Rule 11: of the open clocks of tickets that become one, of each kind the one that ends first runs on. */
export function takeOver(own: readonly SlaClock[], theirs: readonly SlaClock[], ticketId: string, newId: () => string): SlaClock[] {
  let clocks = [...own];
  for (const same of [isResponse, ({ kind }: SlaClock) => kind === 'rt', ({ kind }: SlaClock) => kind === 'assign']) {
    const first = soonest(theirs.filter((clock) => isOpen(clock) && same(clock)));
    if (!first) continue;
    const mine = soonest(clocks.filter((clock) => isOpen(clock) && same(clock)));
    if (!mine) {
      const kind = first.kind === 'frt' && clocks.some((clock) => clock.kind === 'frt') ? 'nrt' : first.kind;
      clocks.push({ ...first, id: newId(), ticketId, kind });
    } else if ((first.dueAt ?? Infinity) < (mine.dueAt ?? Infinity)) {
      const { id, kind } = mine;
      clocks = clocks.map((clock) => (clock === mine ? { ...first, id, kind, ticketId } : clock));
    }
  }
  return clocks;
}

function soonest(clocks: readonly SlaClock[]): SlaClock | undefined {
  return clocks.toSorted((a, b) => (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity))[0];
}
