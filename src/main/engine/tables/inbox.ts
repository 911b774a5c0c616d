/** The inbox: windows of a view, and the counts of all views. */
import type { InboxFilter, InboxRow, InboxWindow, Sort, View } from '../../../shared/bridge.ts';
import { readTyped } from '../../../shared/search.ts';
import { columnsOf } from '../../../shared/domain.ts';
import { type Db, prepare } from '../database.ts';
import { beginnings } from './match.ts';

export interface InboxQuestion {
  view: View;
  sort: Sort;
  filter: InboxFilter;
  from: number;
  count: number;
}

const condition: Record<View, string> = {
  mine: 't.settled = 0 and t.whose = 1 and t.awakeAt <= @now',
  unassigned: 't.settled = 0 and t.whose = 0 and t.awakeAt <= @now',
  all: 't.settled = 0 and t.awakeAt <= @now',
  snoozed: 't.settled = 0 and t.awakeAt > @now',
  closed: 't.settled = 1',
};

const order: Record<Sort, string> = {
  sla: 't.slaSort, t.pk',
  newest: 't.lastMessageAt desc, t.pk desc',
  oldest: 't.lastMessageAt, t.pk',
};

/** A ticket's own columns, and what a list row shows beside them. */
const shown = `${columnsOf('ticket')
  .map((name) => `t.${name}`)
  .join(', ')}, coalesce(c.name, '') as customerName`;

/**
 * `now` decides which snoozed tickets are awake. OFFSET is right here: it walks one
 * covering index on this machine, and a scroll bar may jump anywhere.
 */
export function inboxWindow(db: Db, question: InboxQuestion, now: number): InboxWindow {
  const { view, sort, filter, from, count } = question;
  const parts = [condition[view]];
  const values: Record<string, string | number> = { now };
  if (filter.queueId !== null) {
    parts.push('t.queueId = @queue');
    values['queue'] = filter.queueId;
  }
  filter.channels.forEach((channel, index) => (values[`channel${index}`] = channel));
  if (filter.channels.length > 0) parts.push(`t.channel in (${filter.channels.map((_, index) => `@channel${index}`).join(', ')})`);
  if (filter.tag !== null) {
    parts.push(`exists (select 1 from json_each(t.tags) where value = @tag)`);
    values['tag'] = filter.tag;
  }
  for (const [index, word] of readTyped(filter.text).needs.slice(0, 8).entries()) {
    // Each word is the beginning of one of the ticket's, or of its customer's name, number or address.
    parts.push(`t.pk in (select rowid from ticket_text where ticket_text match @word${index} union
      select pk from ticket where parent in (select rowid from customer_text where customer_text match @word${index}))`);
    values[`word${index}`] = beginnings(word);
  }
  const where = parts.join(' and ');
  const total =
    parts.length === 1
      ? viewTotal(db, view, now)
      : (prepare(db, `select count(*) from ticket t where ${where}`).pluck().get(values) as number);
  const rows = prepare(
    db,
    `select ${shown} from (select pk from ticket t where ${where} order by ${order[sort]} limit @count offset @from) as page
     join ticket t on t.pk = page.pk left join customer c on c.pk = t.parent order by ${order[sort]}`,
  ).all({ ...values, count, from }) as Record<string, unknown>[];
  return { total, from, rows: withOwnWork(db, rows) };
}

type Raw = Record<string, unknown>;

const lists = ['tags', 'needs', 'threads', 'joined'] as const;
type OwnWork = Pick<InboxRow, 'pending' | 'pendingAnswer' | 'attention'>;

/** The stored rows as list rows, each with what of this workstation's own waits for it. There is little of that: it is read once. */
function withOwnWork(db: Db, rows: Raw[]): InboxRow[] {
  const own = new Map<string, OwnWork>();
  const of = (ticketId: string): OwnWork => {
    let work = own.get(ticketId);
    if (!work) own.set(ticketId, (work = { ...nothingOwn }));
    return work;
  };
  const unsent = prepare(db, 'select ticketId, name, state from outbox where ticketId is not null').raw();
  for (const [ticketId, name, state] of unsent.iterate() as Iterable<[string, string, string]>) {
    if (state !== 'accepted') of(ticketId).pending += 1;
    if (name === 'message.reply' || name === 'call.log') of(ticketId).pendingAnswer = true;
  }
  const refused = prepare(db, 'select ticketId from attention where ticketId is not null').pluck();
  for (const ticketId of refused.iterate() as Iterable<string>) of(ticketId).attention += 1;
  for (const row of rows) {
    // In place: copying forty columns of each row would take as long as reading them.
    for (const name of lists) row[name] = row[name] === '[]' ? [] : JSON.parse(String(row[name]));
    row['merged'] = row['merged'] === null ? null : JSON.parse(String(row['merged']));
    const { pending, pendingAnswer, attention } = own.get(String(row['id'])) ?? nothingOwn;
    row['pending'] = pending;
    row['pendingAnswer'] = pendingAnswer;
    row['attention'] = attention;
  }
  return rows as unknown as InboxRow[];
}

const nothingOwn: OwnWork = { pending: 0, pendingAnswer: false, attention: 0 };

export function ticketRow(db: Db, ticketId: string): InboxRow | null {
  const raw = prepare(db, `select ${shown} from ticket t left join customer c on c.pk = t.parent where t.id = ?`).get(ticketId);
  return raw === undefined ? null : (withOwnWork(db, [raw as Raw])[0] ?? null);
}

export function inboxCounts(db: Db, now: number): Record<View, number> {
  const of = (view: View) => viewTotal(db, view, now);
  return { mine: of('mine'), unassigned: of('unassigned'), all: of('all'), snoozed: of('snoozed'), closed: of('closed') };
}

/** Tickets of a view: from the kept counts, less those that are asleep, of which there are few. */
function viewTotal(db: Db, view: View, now: number): number {
  const whose = view === 'mine' ? 'and whose = 1' : view === 'unassigned' ? 'and whose = 0' : '';
  const kept = prepare(db, `select coalesce(sum(n), 0) from ticket_count where settled = ? ${whose}`).pluck();
  if (view === 'closed') return kept.get(1) as number;
  const asleep = prepare(
    db,
    `select count(*) from ticket indexed by ticket_awake where snoozedUntil is not null and awakeAt > ? and settled = 0 ${whose}`,
  ).pluck();
  const sleeping = asleep.get(now) as number;
  return view === 'snoozed' ? sleeping : (kept.get(0) as number) - sleeping;
}

/** The next moment at which a snoozed ticket wakes, or null. */
export function nextWake(db: Db, now: number): number | null {
  return prepare(db, 'select min(awakeAt) from ticket where snoozedUntil is not null and awakeAt > ?').pluck().get(now) as number | null;
}
