/** The inbox: windows of a view, and the counts of all views. */
import type { InboxFilter, InboxRow, InboxWindow, Sort, View } from '../../../shared/bridge.ts';
import { fold } from '../../../shared/fold.ts';
import { type Db, prepare } from '../database.ts';
import { decode } from './rows.ts';

export interface InboxQuestion {
  view: View;
  sort: Sort;
  filter: InboxFilter;
  from: number;
  count: number;
}

const condition: Record<View, string> = {
  mine: 't.settled = 0 and t.assigneeId = @me and t.awakeAt <= @now',
  unassigned: 't.settled = 0 and t.assigneeId is null and t.awakeAt <= @now',
  all: 't.settled = 0 and t.awakeAt <= @now',
  snoozed: 't.settled = 0 and t.awakeAt > @now',
  closed: 't.settled = 1',
};

const order: Record<Sort, string> = {
  sla: 't.slaSort, t.id',
  newest: 't.lastMessageAt desc, t.id desc',
  oldest: 't.lastMessageAt, t.id',
};

/** What a list row shows beside the ticket itself. */
const shown = `t.*, coalesce(c.name, '') as customerName,
  (select count(*) from outbox o where o.ticketId = t.id and o.state <> 'accepted') as pending,
  (select count(*) from outbox o where o.ticketId = t.id and o.name in ('message.reply', 'call.log')) as pendingAnswer,
  (select count(*) from attention a where a.ticketId = t.id) as attention`;

/**
 * `now` decides which snoozed tickets are awake; `me` is the agent's id. OFFSET is right here: it walks one
 * covering index on this machine, and a scroll bar may jump anywhere.
 */
export function inboxWindow(db: Db, question: InboxQuestion, me: string, now: number): InboxWindow {
  const { view, sort, filter, from, count } = question;
  const parts = [condition[view]];
  const values: Record<string, string | number> = { me, now };
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
  const words = fold(filter.text).split(' ').filter(Boolean).slice(0, 8);
  words.forEach((word, index) => {
    parts.push(
      `fold(t.subject || ' ' || t.lastMessagePreview || ' ' || coalesce(t.number, '') || ' ' || coalesce(t.provisionalRef, '') || ' ' || (select name from customer where id = t.customerId)) like @word${index} escape '\\'`,
    );
    values[`word${index}`] = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
  });
  const where = parts.join(' and ');
  const total =
    parts.length === 1
      ? viewTotal(db, view, me, now)
      : (prepare(db, `select count(*) from ticket t where ${where}`).pluck().get(values) as number);
  const rows = prepare(
    db,
    `select ${shown} from (select id from ticket t where ${where} order by ${order[sort]} limit @count offset @from) as page
     join ticket t on t.id = page.id left join customer c on c.id = t.customerId order by ${order[sort]}`,
  ).all({ ...values, count, from }) as Record<string, unknown>[];
  return { total, from, rows: rows.map(inboxRow) };
}

export function inboxRow(raw: Record<string, unknown>): InboxRow {
  return {
    ...decode('ticket', raw),
    customerName: String(raw['customerName']),
    pending: Number(raw['pending']),
    pendingAnswer: Number(raw['pendingAnswer']) > 0,
    attention: Number(raw['attention']),
  };
}

export function ticketRow(db: Db, ticketId: string): InboxRow | null {
  const raw = prepare(db, `select ${shown} from ticket t left join customer c on c.id = t.customerId where t.id = ?`).get(ticketId);
  return raw ? inboxRow(raw as Record<string, unknown>) : null;
}

export function inboxCounts(db: Db, me: string, now: number): Record<View, number> {
  const of = (view: View) => viewTotal(db, view, me, now);
  return { mine: of('mine'), unassigned: of('unassigned'), all: of('all'), snoozed: of('snoozed'), closed: of('closed') };
}

/** Tickets of a view: from the kept counts, less those that are asleep, of which there are few. */
function viewTotal(db: Db, view: View, me: string, now: number): number {
  const whose = view === 'mine' ? { kept: 'and assignee = @me', asleep: 'and assigneeId = @me' } : whoseDefault(view);
  const kept = prepare(db, `select coalesce(sum(n), 0) from ticket_count where settled = @settled ${whose.kept}`).pluck();
  const asleep = prepare(
    db,
    `select count(*) from ticket indexed by ticket_awake where snoozedUntil is not null and awakeAt > @now and settled = 0 ${whose.asleep}`,
  ).pluck();
  if (view === 'closed') return kept.get({ settled: 1 }) as number;
  const sleeping = asleep.get({ now, ...(view === 'mine' ? { me } : {}) }) as number;
  if (view === 'snoozed') return sleeping;
  return (kept.get({ settled: 0, ...(view === 'mine' ? { me } : {}) }) as number) - sleeping;
}

function whoseDefault(view: View): { kept: string; asleep: string } {
  return view === 'unassigned' ? { kept: "and assignee = ''", asleep: 'and assigneeId is null' } : { kept: '', asleep: '' };
}

/** The next moment at which a snoozed ticket wakes, or null. */
export function nextWake(db: Db, now: number): number | null {
  return prepare(db, 'select min(awakeAt) from ticket where snoozedUntil is not null and awakeAt > ?').pluck().get(now) as number | null;
}
