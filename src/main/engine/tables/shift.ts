/** The agent's own shift: how they are, what rings for them, what they are to know, how much they have. */
import type { ClockWarning, RingingOffer, Shift } from '../../../shared/bridge-shift.ts';
import type { BusinessTime } from '../../../shared/calendar.ts';
import type { ClockKind, Ticket } from '../../../shared/domain.ts';
import { capacityFor, loadBy } from '../../../shared/mutations/offer.ts';
import type { Notice, Offer } from '../../../shared/routing-rows.ts';
import { businessTime, warningMoments } from '../../../shared/sla.ts';
import { type Db, prepare } from '../database.ts';
import { getMeta } from './meta.ts';
import { decode, getRow } from './rows.ts';

const mostNotices = 50;

type Held = Pick<Ticket, 'channel' | 'unansweredSince' | 'lastMessageAt'>;

export function shiftOf(db: Db, now: number): Shift | null {
  const me = getMeta(db, 'userId');
  if (me === undefined) return null;
  const held = prepare(
    db,
    'select channel, unansweredSince, lastMessageAt from ticket where settled = 0 and whose = 1 order by slaSort limit 500',
  ).all() as Held[];
  const ringing = (prepare(db, `select * from offer where state = 'ringing' order by until`).all() as Record<string, unknown>[])
    .map((raw) => decode('offer', raw))
    .filter(({ userId, until }) => userId === me && until > now);
  const offered = ringing.flatMap(({ ticketId }) => getRow(db, 'ticket', ticketId) ?? []);
  const notices = prepare(db, 'select * from notice order by at desc, id desc limit ?').all(mostNotices) as Record<string, unknown>[];
  const unseen = prepare(db, 'select count(*) from notice where seenAt is null').pluck().get() as number;
  return {
    presence: getRow(db, 'presence', me) ?? null,
    offers: ringing.map((offer) => withTicket(db, offer)),
    notices: notices.map((raw) => withNames(db, decode('notice', raw))),
    unseen,
    load: loadBy(held as Ticket[], offered, now),
    capacity: capacityFor(getRow(db, 'user', me)),
  };
}

function withTicket(db: Db, offer: Offer): RingingOffer {
  const ticket = getRow(db, 'ticket', offer.ticketId);
  if (!ticket) return { ...offer, ticket: null };
  const { subject, channel, number, provisionalRef, lastMessagePreview } = ticket;
  const customerName = getRow(db, 'customer', ticket.customerId)?.name ?? '';
  return { ...offer, ticket: { subject, channel, number, provisionalRef, lastMessagePreview, customerName } };
}

function withNames(db: Db, notice: Notice): Shift['notices'][number] {
  const ticket = notice.ticketId === null ? undefined : getRow(db, 'ticket', notice.ticketId);
  const from = notice.fromId === null ? undefined : getRow(db, 'user', notice.fromId);
  return {
    ...notice,
    subject: ticket?.subject ?? null,
    number: ticket?.number ?? null,
    channel: ticket?.channel ?? null,
    fromName: from?.name ?? null,
  };
}

const mostClocks = 100;

type Running = Pick<
  Ticket,
  'id' | 'number' | 'provisionalRef' | 'subject' | 'slaTargetMs' | 'slaConsumedMs' | 'slaRunningSince' | 'slaCalendarId'
> & { slaKind: ClockKind; slaStartedAt: number; slaDueAt: number };

/** My running clocks, the soonest due first. */
export function clockWarnings(db: Db): ClockWarning[] {
  const rows = prepare(
    db,
    `select id, number, provisionalRef, subject, slaKind, slaStartedAt, slaDueAt, slaTargetMs, slaConsumedMs, slaRunningSince, slaCalendarId
     from ticket where settled = 0 and whose = 1 and slaState = 'running' and slaDueAt is not null and slaKind is not null
     order by slaSort limit ?`,
  ).all(mostClocks) as Running[];
  const times = new Map<string | null, BusinessTime>();
  const timeOf = (calendarId: string | null): BusinessTime => {
    let time = times.get(calendarId);
    if (!time) {
      time = businessTime(calendarId === null ? undefined : getRow(db, 'calendar', calendarId));
      times.set(calendarId, time);
    }
    return time;
  };
  return rows.map(({ id, number, provisionalRef, subject, slaKind, slaStartedAt, slaDueAt, ...clock }) => ({
    ticketId: id,
    number,
    provisionalRef,
    subject,
    kind: slaKind,
    startedAt: slaStartedAt,
    dueAt: slaDueAt,
    moments: warningMoments(
      { state: 'running', targetMs: clock.slaTargetMs ?? 0, consumedMs: clock.slaConsumedMs ?? 0, runningSince: clock.slaRunningSince },
      timeOf(clock.slaCalendarId),
    ),
  }));
}
