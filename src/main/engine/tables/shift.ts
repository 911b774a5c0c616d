/** The agent's own shift: how they are, what rings for them, what they are to know, how much they have. */
import type { RingingOffer, Shift } from '../../../shared/bridge-shift.ts';
import type { Ticket } from '../../../shared/domain.ts';
import { capacityFor, loadBy } from '../../../shared/mutations/offer.ts';
import type { Notice, Offer } from '../../../shared/routing-rows.ts';
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
