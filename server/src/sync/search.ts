/** Search over everything that a user may work, also what their workstation does not keep. All words must be found, the last one as a beginning. */
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { z } from 'zod';
import { settledStatuses } from '../../../src/shared/domain.ts';
import { fold } from '../../../src/shared/fold.ts';
import type { Actor } from '../../../src/shared/permissions.ts';
import type { SearchAnswer, SearchFilter, searchRequest } from '../../../src/shared/protocol.ts';
import type { Db } from '../db/database.ts';
import type { Tables } from '../db/schema.ts';

/** The search took longer than it may. */
export class TooSlow extends Error {}

const longestMs = 3_000;
/** messages that are looked through one by one, newest first: there a frequent word is found at once */
const newest = 20_000;
/** messages with a rarer word that are looked at, newest first */
const candidates = 5_000;
const most = { words: 12, snippet: 300 };

/** What was typed, read for each place that is searched. */
export interface Typed {
  /** for `to_tsquery`, all words; empty when there are none */
  query: string;
  /** words that a name may have */
  names: string;
  /** `like` patterns of an address or number: how it begins, how it ends written backwards */
  begins: string | null;
  ends: string | null;
  /** the folded words, for the snippet */
  words: string[];
}

/** A number as people write it in Vietnam, in folded text. */
const phone = /(?:\+\s?84|\b84|\(?\b0)(?:[\s.\-()]{0,2}\d){8,10}\b/g;

export function readTyped(text: string): Typed {
  const national = (digits: string) => digits.replace(/\D/g, '').replace(/^84/, '0');
  const folded = fold(text.replaceAll('\0', ' ').toWellFormed()).replace(phone, (number) => ` ${national(number)} `);
  const words = folded.match(/[\p{L}\p{N}]+/gu)?.slice(0, most.words) ?? [];
  // Words of letters and digits alone: nothing in them means anything to `to_tsquery`.
  const query = (list: string[]) => list.map((word, index) => (index === list.length - 1 ? `${word}:*` : word)).join(' & ');
  const address = folded.split(' ').find((part) => part.includes('@'));
  const numeric = words.filter((word) => /^\d+$/.test(word));
  const digits = numeric.join('');
  const like = (part: string) => `${part.replace(/[\\%_]/g, '\\$&')}%`;
  if (address) {
    const rest = folded.replace(address, ' ').match(/[\p{L}\p{N}]+/gu) ?? [];
    return { query: query(words), names: query(rest), begins: like(address), ends: null, words };
  }
  if (digits.length >= 4) {
    const international = digits.startsWith('0') ? `+84${digits.slice(1)}` : `+${digits}`;
    return {
      query: query(words),
      names: query(words.filter((word) => !numeric.includes(word))),
      begins: like(international),
      ends: like([...digits.replace(/^0/, '')].reverse().join('')),
      words,
    };
  }
  return { query: query(words), names: query(words), begins: null, ends: null, words };
}

interface Found {
  ticketId: string;
  number: number | null;
  subject: string;
  customerName: string;
  channel: SearchAnswer['hits'][number]['channel'];
  queueId: string;
  settled: boolean;
  messageId: string | null;
  text: string;
  at: number;
}

const shown = sql.raw(`t.id as ticket_id, t.number, t.subject, c.name as customer_name, t.channel, t.queue_id,
  t.status = any(array[${settledStatuses.map((status) => `'${status}'`).join(', ')}]) as settled`);

/** Newest first. Rejects with `TooSlow` after three seconds. */
export async function search(db: Db, workspaceId: string, actor: Actor, request: z.infer<typeof searchRequest>): Promise<SearchAnswer> {
  const typed = readTyped(request.text);
  if (typed.query === '') return { hits: [], more: false };
  const within = conditions(actor, request.filter);
  const wanted = request.limit + 1;
  const found = await inTurn(() =>
    db
      .transaction()
      .execute(async (tx) => {
        await sql`set local statement_timeout = ${sql.lit(longestMs)}`.execute(tx);
        const tickets = await ticketHits(tx, workspaceId, typed, within, wanted);
        return [...(await messageHits(tx, workspaceId, typed, within, request.filter, wanted)), ...tickets];
      })
      .catch((error: unknown) => {
        const timedOut = typeof error === 'object' && error !== null && 'code' in error && error.code === '57014';
        throw timedOut ? new TooSlow('search') : error;
      }),
  );
  // A ticket once: by its newest message that was found, rather than by its subject.
  const best = new Map<string, Found>();
  for (const hit of found) if (!best.has(hit.ticketId)) best.set(hit.ticketId, hit);
  const hits = [...best.values()].toSorted((a, b) => b.at - a.at);
  return {
    hits: hits.slice(0, request.limit).map(({ text, ...hit }) => ({ ...hit, snippet: around(text, typed.words) })),
    more: hits.length > request.limit,
  };
}

/** What the actor may work and the filter leaves, of ticket `t`. */
function conditions(actor: Actor, filter: SearchFilter): RawBuilder<unknown> {
  const parts: RawBuilder<unknown>[] = [sql`(t.queue_id = any(${[...actor.queues]}::uuid[]) or t.assignee_id = ${actor.userId})`];
  if (filter.channel !== null) parts.push(sql`t.channel = ${filter.channel}`);
  if (filter.queueId !== null) parts.push(sql`t.queue_id = ${filter.queueId}`);
  if (filter.assignee !== null)
    parts.push(filter.assignee === 'none' ? sql`t.assignee_id is null` : sql`t.assignee_id = ${filter.assignee}`);
  if (filter.tag !== null) parts.push(sql`t.tags @> ${JSON.stringify([filter.tag])}::jsonb`);
  if (filter.from !== null) parts.push(sql`t.last_message_at >= ${filter.from}`);
  if (filter.until !== null) parts.push(sql`t.created_at < ${filter.until}`);
  if (filter.settled !== null) parts.push(sql`(t.status = any(${[...settledStatuses]}::text[])) = ${filter.settled}`);
  return sql`${sql.join(parts, sql` and `)}`;
}

type Tx = Transaction<Tables>;

/** Tickets by themselves and by their customers. */
async function ticketHits(tx: Tx, workspaceId: string, typed: Typed, within: RawBuilder<unknown>, wanted: number): Promise<Found[]> {
  const named = typed.names === '' ? sql`true` : sql`truc_words(p.name) @@ to_tsquery('simple', ${typed.names})`;
  const people: RawBuilder<unknown>[] = [];
  const reached = (pattern: RawBuilder<unknown>) =>
    people.push(sql`select p.id from identity i join customer p on p.workspace_id = i.workspace_id and p.id = i.customer_id
      where i.workspace_id = ${workspaceId} and ${pattern} and ${named}`);
  if (typed.begins !== null) reached(sql`i.value like ${typed.begins}`);
  if (typed.ends !== null) reached(sql`i.kind = 'phone' and reverse(i.value) like ${typed.ends}`);
  if (people.length === 0) people.push(sql`select p.id from customer p where p.workspace_id = ${workspaceId} and ${named}`);
  const found = await sql<Found>`
    select ${shown}, null as message_id, t.last_message_preview as text, t.last_message_at as at
    from (
      (select t.id from ticket t where t.workspace_id = ${workspaceId} and ${within}
          and t.words @@ to_tsquery('simple', ${typed.query})
        order by t.last_message_at desc limit ${wanted})
      union
      (select t.id from (${sql.join(people, sql` union `)}) p
          join ticket t on t.workspace_id = ${workspaceId} and t.customer_id = p.id
        where ${within} order by t.last_message_at desc limit ${wanted})
    ) hit
    join ticket t on t.workspace_id = ${workspaceId} and t.id = hit.id
    join customer c on c.workspace_id = t.workspace_id and c.id = t.customer_id
    order by t.last_message_at desc limit ${wanted}`.execute(tx);
  return found.rows;
}

/**
 * Messages, newest first, one of each ticket.
 *  1. Among the newest messages of all: a frequent word is found there before the index would have listed where else it is.
 *  2. If that does not do, by the index; then the words are rare.
 */
async function messageHits(
  tx: Tx,
  workspaceId: string,
  typed: Typed,
  within: RawBuilder<unknown>,
  filter: SearchFilter,
  wanted: number,
): Promise<Found[]> {
  const query = sql`to_tsquery('simple', ${typed.query})`;
  const span = sql`${filter.from === null ? sql`true` : sql`m.accepted_at >= ${filter.from}`}
    and ${filter.until === null ? sql`true` : sql`m.accepted_at < ${filter.until}`}`;
  const among = async (messages: RawBuilder<unknown>) => {
    const found = await sql<Found>`select * from (
        select distinct on (t.id) ${shown}, m.id as message_id, m.body as text, m.accepted_at as at
        from (${messages}) m
        join ticket t on t.workspace_id = ${workspaceId} and t.id = m.ticket_id and ${within}
        join customer c on c.workspace_id = t.workspace_id and c.id = t.customer_id
        order by t.id, m.accepted_at desc
      ) hit order by at desc limit ${wanted}`.execute(tx);
    return found.rows;
  };
  const recent = await among(sql`select * from (
      select * from message m where m.workspace_id = ${workspaceId} and ${span} order by m.accepted_at desc limit ${newest}
    ) m where m.words @@ ${query} limit ${candidates}`);
  if (recent.length >= wanted) return recent;
  return among(sql`select * from (
      select * from message m where m.words @@ ${query} and m.workspace_id = ${workspaceId} and ${span} offset 0
    ) m order by m.accepted_at desc limit ${candidates}`);
}

/** Text around the first place where one of the words begins. */
export function around(text: string, words: string[]): string {
  const plain = text.normalize('NFC').replace(/\s+/g, ' ').trim();
  if (plain.length <= most.snippet) return plain;
  // Folded letter by letter, so that a place in the folded text is one in the text.
  let folded = '';
  const places: number[] = [];
  let at = 0;
  for (const letter of plain) {
    for (const part of letter === ' ' ? ' ' : fold(letter)) {
      folded += part;
      for (let unit = 0; unit < part.length; unit += 1) places.push(at);
    }
    at += letter.length;
  }
  const hits = words.map((word) => folded.search(new RegExp(`(?<![\\p{L}\\p{N}])${word}`, 'u'))).filter((place) => place >= 0);
  const start = Math.max(0, (places[Math.min(...hits, folded.length)] ?? 0) - most.snippet / 4);
  const from = start === 0 ? 0 : plain.indexOf(' ', start) + 1;
  const piece = plain.slice(from, from + most.snippet - 2).toWellFormed();
  return `${from > 0 ? '…' : ''}${piece.trim()}${from + piece.length < plain.length ? '…' : ''}`;
}

/** Two at a time: a search must not keep the database's connections from those who commit. */
const turns = { free: 2, waiting: [] as (() => void)[] };

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (turns.free > 0) turns.free -= 1;
  else await new Promise<void>((resolve) => turns.waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = turns.waiting.shift();
    if (next) next();
    else turns.free += 1;
  }
}
