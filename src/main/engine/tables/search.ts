/**
 * Search over everything that is cached: tickets, messages and notes, customers, articles. Newest first, those written exactly as typed
 * before the others. Every answer is a window: it looks only as far back as it must, and for a bounded time, and says where to go on.
 */
import type {
  CustomerFound,
  Found,
  MessageFound,
  SearchAnswerHere,
  SearchQuestion,
  TicketFound,
  ArticleFound,
} from '../../../shared/found.ts';
import type { SearchFilter } from '../../../shared/protocol.ts';
import { fitsRest, mark, readTyped, snippet, type Typed } from '../../../shared/search.ts';
import { type Db, prepare } from '../database.ts';
import { matchOf, type Match, type Texted } from './match.ts';

/** ms that one kind may take; then what was found so far is the answer */
const longestMs = 30;
/** rows looked at in one step where some of them may not fit: more each time */
const steps = { first: 200, most: 1000 };
const snippetLength = 180;

type Raw = Record<string, unknown>;

/** Where a window ends: among those that are written exactly so or among the others, and the last row looked at. */
interface Place {
  exact: boolean;
  before: number;
}

interface Kind<T> {
  table: Texted;
  /** of rows `pks`, given as a JSON list: their columns, and `text`, in which what the table can't answer is looked for */
  select: string;
  /** further conditions on the rows */
  where: string;
  values: Record<string, string | number>;
  /** bounds of `pk`, both within */
  from: number;
  to: number;
  read: (raw: Raw, exact: boolean) => T;
}

const none = { hits: [], more: null };
export const nothingFound: SearchAnswerHere = { tickets: none, messages: none, customers: none, articles: none };

export function search(db: Db, question: SearchQuestion): SearchAnswerHere {
  const { text, filter, kind, count } = question;
  const typed = readTyped(text);
  const narrowed = Object.values(filter).some((value) => value !== null);
  const answer: SearchAnswerHere = { ...nothingFound };
  if (typed.needs.length === 0 && !narrowed) return answer;
  const wanted = (one: Texted) => kind === null || kind === one;
  const after = kind === null ? null : question.after;
  if (wanted('ticket')) answer.tickets = find(db, tickets(filter, typed), typed, count, after);
  // Without a word there is nothing to find in what was said.
  if (typed.needs.length === 0) return answer;
  if (wanted('message')) answer.messages = find(db, messages(filter, typed), typed, count, after);
  if (wanted('customer')) answer.customers = find(db, customers(filter, typed), typed, count, after);
  if (wanted('article') && !narrowed) answer.articles = find(db, articles(typed), typed, count, after);
  return answer;
}

function find<T>(db: Db, kind: Kind<T>, typed: Typed, count: number, after: string | null): Found<T> {
  const until = performance.now() + longestMs;
  const match = matchOf(db, kind.table, typed);
  const place = readPlace(after) ?? { exact: match.exact !== null, before: kind.to + 1 };
  const hits: T[] = [];
  if (place.exact) {
    const end = scan(db, kind, typed, match, { question: match.exact, before: place.before, count, until, exact: true }, hits);
    if (end !== null) return { hits, more: `e${end}` };
    place.before = kind.to + 1;
  }
  // What came with its diacritics has come already. Where nothing did, there is nothing to leave out, which is the longer part of the work.
  const rest =
    match.exact === null || (place.exact && after === null && hits.length === 0) ? match.folded : `(${match.folded}) NOT (${match.exact})`;
  const end = scan(db, kind, typed, match, { question: rest, before: place.before, count, until, exact: false }, hits);
  return { hits, more: end === null ? null : `f${end}` };
}

function readPlace(after: string | null): Place | null {
  const parts = after === null ? null : /^([ef])(\d{1,16})$/.exec(after);
  return parts ? { exact: parts[1] === 'e', before: Number(parts[2]) } : null;
}

interface Scan {
  question: string | null;
  before: number;
  count: number;
  until: number;
  exact: boolean;
}

/** Adds to `hits` until there are enough. Returns the row to go on behind, or null when all were looked at. */
function scan<T>(
  db: Db,
  kind: Kind<T>,
  typed: Typed,
  match: Match,
  { question, before, count, until, exact }: Scan,
  hits: T[],
): number | null {
  const { table, from } = kind;
  const pks = prepare(
    db,
    question === null
      ? `select pk from ${table} where pk >= @from and pk < @before order by pk desc limit @limit`
      : `select rowid from ${table}_text where ${table}_text match @question and rowid >= @from and rowid < @before order by rowid desc limit @limit`,
  ).pluck();
  const rows = prepare(
    db,
    `select ${kind.select} and ${kind.where} order by pk desc`.replace('@pks', '(select value from json_each(@pks))'),
  );
  const open = kind.where !== 'true' || typed.phrases.length > 0 || match.single !== null || question === null;
  for (let limit = open ? steps.first : count - hits.length + 1; ; limit = Math.min(limit * 4, steps.most)) {
    if (hits.length >= count) limit = 1;
    const found = pks.all({ from, before, limit, ...(question === null ? {} : { question }) }) as number[];
    const last = found.at(-1);
    if (last === undefined) return null;
    // Enough, and there is one more.
    if (hits.length >= count) return before;
    for (const raw of rows.iterate({ ...kind.values, pks: JSON.stringify(found) }) as Iterable<Raw>) {
      if (!fitsRest(String(raw['text']), typed, match.single)) continue;
      hits.push(kind.read(raw, exact));
      if (hits.length < count) continue;
      before = Number(raw['pk']);
      break;
    }
    if (hits.length >= count) {
      if (before > last) return before;
      continue;
    }
    before = last;
    if (found.length < limit) return null;
    if (performance.now() > until) return before;
  }
}

/** Conditions on ticket `t`, and what they are to be compared with. */
function conditions(filter: SearchFilter): { where: string; values: Record<string, string | number> } {
  const parts: string[] = [];
  const values: Record<string, string | number> = {};
  const add = (name: string, condition: string, value: string | number | null) => {
    if (value === null) return;
    parts.push(condition);
    values[name] = value;
  };
  add('channel', 't.channel = @channel', filter.channel);
  add('queue', 't.queueId = @queue', filter.queueId);
  if (filter.assignee === 'none') parts.push('t.assigneeId is null');
  else add('assignee', 't.assigneeId = @assignee', filter.assignee);
  add('tag', 'exists (select 1 from json_each(t.tags) where value = @tag)', filter.tag);
  if (filter.settled !== null) parts.push(`t.settled = ${filter.settled ? 1 : 0}`);
  return { where: parts.length === 0 ? 'true' : parts.join(' and '), values };
}

const lastPk = Number.MAX_SAFE_INTEGER;
/** A day to either side: a row whose moment was taken by many others lies a little beside it. */
const slack = 86_400_000 * 16;
const pkAt = (at: number) => Math.min(at, 0xffff_ffff_ffff) * 16;

function tickets(filter: SearchFilter, typed: Typed): Kind<TicketFound> {
  const { where, values } = conditions(filter);
  const parts = [where];
  // Tickets with a message in that time: about, for a quiet while in between is not looked at.
  if (filter.from !== null) parts.push(`t.lastMessageAt >= ${filter.from}`);
  if (filter.until !== null) parts.push(`t.createdAt < ${filter.until}`);
  return {
    table: 'ticket',
    select: `t.pk as pk, t.id, t.number, t.provisionalRef, t.subject, t.status, t.channel, t.queueId, t.assigneeId, t.lastMessageAt,
      coalesce(c.name, '') as customerName, ${ticketText} as text
      from ticket t left join customer c on c.pk = t.parent where t.pk in @pks`,
    where: parts.filter((part) => part !== 'true').join(' and ') || 'true',
    values,
    from: 0,
    to: filter.until === null ? lastPk : pkAt(filter.until) + slack,
    read: (raw, exact) => ({
      id: String(raw['id']),
      number: raw['number'] as number | null,
      provisionalRef: raw['provisionalRef'] as string | null,
      subject: mark(String(raw['subject']), typed),
      status: raw['status'] as TicketFound['status'],
      channel: raw['channel'] as TicketFound['channel'],
      queueId: String(raw['queueId']),
      assigneeId: raw['assigneeId'] as string | null,
      customerName: String(raw['customerName']),
      at: Number(raw['lastMessageAt']),
      exact,
    }),
  };
}

const ticketText = `t.subject || ' ' || coalesce(t.number, '') || ' ' || coalesce(t.provisionalRef, '') || ' ' || t.tags`;

function messages(filter: SearchFilter, typed: Typed): Kind<MessageFound> {
  const { where, values } = conditions(filter);
  const parts = [where];
  if (filter.from !== null) parts.push(`coalesce(m.acceptedAt, m.authoredAt) >= ${filter.from}`);
  if (filter.until !== null) parts.push(`coalesce(m.acceptedAt, m.authoredAt) < ${filter.until}`);
  return {
    table: 'message',
    select: `m.pk as pk, m.id, t.id as ticketId, t.number, t.provisionalRef, t.subject, t.settled, m.channel, m.kind, m.authorName, m.body as text,
      coalesce(m.acceptedAt, m.authoredAt) as at, coalesce(c.name, '') as customerName
      from message m cross join ticket t on t.pk = m.parent left join customer c on c.pk = t.parent where m.pk in @pks`,
    where: parts.filter((part) => part !== 'true').join(' and ') || 'true',
    values,
    from: filter.from === null ? 0 : Math.max(0, pkAt(filter.from) - slack),
    to: filter.until === null ? lastPk : pkAt(filter.until) + slack,
    read: (raw, exact) => ({
      id: String(raw['id']),
      ticketId: String(raw['ticketId']),
      number: raw['number'] as number | null,
      provisionalRef: raw['provisionalRef'] as string | null,
      subject: String(raw['subject']),
      customerName: String(raw['customerName']),
      settled: raw['settled'] === 1,
      channel: raw['channel'] as MessageFound['channel'],
      kind: raw['kind'] as MessageFound['kind'],
      authorName: String(raw['authorName']),
      at: Number(raw['at']),
      snippet: snippet(String(raw['text']), typed, snippetLength),
      exact,
    }),
  };
}

function customers(filter: SearchFilter, typed: Typed): Kind<CustomerFound> {
  const { where, values } = conditions(filter);
  const parts = [where];
  if (filter.from !== null) parts.push(`t.lastMessageAt >= ${filter.from}`);
  if (filter.until !== null) parts.push(`t.createdAt < ${filter.until}`);
  const narrowed = parts.filter((part) => part !== 'true');
  return {
    table: 'customer',
    select: `c.pk as pk, c.id, c.name, c.city,
      coalesce((select group_concat(value, char(10)) from (select value from identity where parent = c.pk and kind in ('phone', 'email') order by kind desc, pk limit 4)), '') as reach,
      (select id from ticket where parent = c.pk order by lastMessageAt desc limit 1) as ticketId,
      (select count(*) from ticket where parent = c.pk and settled = 0) as openTickets,
      c.name || ' ' || coalesce((select group_concat(value, ' ') from identity where parent = c.pk), '') as text
      from customer c where c.pk in @pks`,
    where: narrowed.length === 0 ? 'true' : `exists (select 1 from ticket t where t.parent = c.pk and ${narrowed.join(' and ')})`,
    values,
    from: 0,
    to: lastPk,
    read: (raw, exact) => ({
      id: String(raw['id']),
      name: mark(String(raw['name']), typed),
      city: raw['city'] as string | null,
      reach: String(raw['reach'])
        .split('\n')
        .filter(Boolean)
        .map((value) => mark(value, typed)),
      ticketId: raw['ticketId'] as string | null,
      openTickets: Number(raw['openTickets']),
      exact,
    }),
  };
}

function articles(typed: Typed): Kind<ArticleFound> {
  return {
    table: 'article',
    select: `a.pk as pk, a.id, a.kind, a.title, a.body, a.updatedAt, a.title || ' ' || a.body as text from article a where a.pk in @pks`,
    where: 'true',
    values: {},
    from: 0,
    to: lastPk,
    read: (raw, exact) => ({
      id: String(raw['id']),
      kind: raw['kind'] as ArticleFound['kind'],
      title: mark(String(raw['title']), typed),
      snippet: snippet(String(raw['body']), typed, snippetLength),
      at: Number(raw['updatedAt']),
      exact,
    }),
  };
}
