/** The whole of what a set of scopes may see, streamed as NDJSON. The database writes the lines; here they are only passed on. */
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { columnsOf, type Entity, entityNames, settledStatuses } from '../../../src/shared/domain.ts';
import type { SnapshotLine, SnapshotQuery } from '../../../src/shared/protocol.ts';
import type { Db } from '../db/database.ts';
import { keyedByText, snake, tableOf } from '../db/rows.ts';
import { readHead } from './log.ts';
import { isReference } from './reference.ts';
import { storable } from './intent.ts';
import { knowsEntity, olderWords, unknownMembers } from './versions.ts';

/** What the snapshot is made for. */
export interface SnapshotClient {
  scopes: string[];
  lastMutationId: number;
}

/** characters of a page; a workstation stores a page in one transaction */
const pageLength = 512 * 1024;
/** rows looked at for one page: few at first, for a page may be made of long mails; more where little is in reach */
const window = { first: 400, least: 50, most: 20_000 };
const early = { tickets: 500, messages: 30 };
/** ms that a notice is of interest for */
const noticeMs = 7 * 86_400_000;
/** tickets, and customers, whose rows are counted to tell how many there are in all */
const sample = 1000;

/**
 * The lines, in pieces of whole lines. Rows go page by page, by key, so that memory stays flat and nobody is held up. The cursor is
 * taken before the first page: what changes meanwhile comes again through the log, and a row's `ver` tells the newer of the two.
 *
 * `query.protocol` 1 gets the form of version 1. `historyDays`: messages of settled tickets older than this stay at the hub; 0: none do.
 */
export async function* snapshot(
  db: Db,
  workspaceId: string,
  client: SnapshotClient,
  query: SnapshotQuery,
  historyDays: number,
): AsyncGenerator<string> {
  const { protocol } = query;
  const head = await readHead(db, workspaceId);
  const under = entityNames.find((entity) => entity === query.entity);
  const resumed =
    under !== undefined &&
    query.cursor !== undefined &&
    query.epoch === head.epoch &&
    query.cursor >= head.oldestSeq &&
    query.cursor <= head.seq;
  const historyFrom = protocol === 1 || historyDays === 0 ? 0 : Math.max(0, Date.now() - historyDays * 86_400_000);
  const reach = reachOf(workspaceId, client.scopes, historyFrom);
  const begin = {
    t: 'begin' as const,
    cursor: resumed ? (query.cursor ?? head.seq) : head.seq,
    epoch: head.epoch,
    scopes: client.scopes,
    lastMutationId: client.lastMutationId,
    total: await total(db, reach, protocol),
  };
  yield line(protocol === 1 ? begin : ({ ...begin, historyFrom, resumed } satisfies SnapshotLine));
  if (protocol > 1 && !resumed) yield* earlyLines(db, reach, protocol);

  const counts: Record<string, number> = {};
  const all = entityNames.filter((entity) => knowsEntity(protocol, entity));
  const from = resumed ? all.indexOf(under) + (query.after === undefined ? 1 : 0) : 0;
  for (const [index, entity] of all.slice(from).entries()) {
    counts[entity] = 0;
    let after = resumed && index === 0 ? (query.after ?? null) : null;
    for (let rows = window.first; ;) {
      const page = await readPage(db, reach, protocol, entity, after, rows);
      const to = page.looked < rows ? null : page.last;
      counts[entity] += page.found;
      yield page.lines + (protocol === 1 ? '' : line({ t: 'page', entity, from: after, to } satisfies SnapshotLine));
      if (to === null) break;
      after = to;
      const wanted = Math.round((rows * pageLength) / Math.max(page.lines.length, pageLength / 8));
      rows = Math.min(window.most, Math.max(window.least, wanted));
    }
  }
  yield line({ t: 'end', counts } satisfies SnapshotLine);
}

/** Whether `after` can be a key of the entity; of one that nobody knows anything can. */
export function fitsKey(entity: string, after: string): boolean {
  const known = entityNames.find((name) => name === entity);
  if (!known) return true;
  return keyedByText.includes(known) ? storable(after) : z.uuid().safeParse(after).success;
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

interface Reach {
  workspaceId: string;
  /** whether ticket `alias` may be worked */
  ticket: (alias: string) => RawBuilder<unknown>;
  /** whether row `t` of the entity belongs to it */
  row: (entity: Entity) => RawBuilder<unknown>;
}

/**
 * `offset 0` keeps each test what it is written as: one look into an index for each row of the page. Without it the planner may
 * prefer to read all tickets once a page.
 */
function reachOf(workspaceId: string, scopes: string[], historyFrom: number): Reach {
  const ids = (kind: string) => scopes.filter((scope) => scope.startsWith(kind)).map((scope) => scope.slice(kind.length));
  const [queues, users] = [ids('queue:'), ids('user:')];
  const ticket = (alias: string) => {
    const a = sql.raw(alias);
    return sql`(${a}.queue_id = any(${queues}::uuid[]) or ${a}.assignee_id = any(${users}::uuid[]))`;
  };
  const customer = (key: string) => sql`exists (select from ticket h where h.workspace_id = ${workspaceId}
    and h.customer_id = ${sql.raw(key)} and ${ticket('h')} offset 0)`;
  const ofTicket = (rest: RawBuilder<unknown>) => sql`exists (select from ticket h where h.workspace_id = ${workspaceId}
    and h.id = t.ticket_id and ${ticket('h')} and ${rest} offset 0)`;
  const unsettled = sql`h.status <> all(${[...settledStatuses]}::text[])`;
  const row = (entity: Entity) => {
    if (isReference(entity) || entity === 'article' || entity === 'presence') return sql`true`;
    if (entity === 'offer') return sql`(t.user_id = any(${users}::uuid[]) and t.state = 'ringing')`;
    if (entity === 'notice') return sql`(t.user_id = any(${users}::uuid[]) and t.at >= ${Date.now() - noticeMs})`;
    if (entity === 'customer') return customer('t.id');
    if (entity === 'identity') return customer('t.customer_id');
    if (entity === 'ticket') return ticket('t');
    // The journey of the customers in reach, over all queues: without bodies.
    if (entity === 'journey') return sql`(${ticket('t')} or ${customer('t.customer_id')})`;
    if (historyFrom === 0 || entity === 'slaClock') return ofTicket(sql`true`);
    if (entity === 'message') return ofTicket(sql`(t.accepted_at >= ${historyFrom} or ${unsettled})`);
    return ofTicket(sql`(${unsettled} or exists (select from message m where m.workspace_id = ${workspaceId} and m.id = t.message_id
      and m.accepted_at >= ${historyFrom} offset 0))`);
  };
  return { workspaceId, ticket, row };
}

/** `{"t":"row",…}` of row `t` with its line end, as text. */
function lineSql(kind: 'row' | 'early', entity: Entity, protocol: number): RawBuilder<unknown> {
  const unknown = unknownMembers(protocol, entity);
  const words = olderWords(protocol, entity);
  const value = (name: string) => {
    const older = words[name];
    const column = `t."${snake(name)}"`;
    if (!older) return column;
    const cases = Object.entries(older).map(([now, then]) => `when '${now}' then '${then}'`);
    return `case ${column} ${cases.join(' ')} else ${column} end`;
  };
  const columns = columnsOf(entity)
    .filter((name) => !unknown.includes(name))
    .map((name) => `${value(name)} as "${name}"`);
  const before = sql.lit(`{"t":"${kind}","entity":"${entity}","ver":`);
  return sql`${before} || t.rowver || ',"row":' || (select row_to_json(r) from (select ${sql.raw(columns.join(', '))}) r)::text || E'}\n'`;
}

const tableFor = (entity: Entity) => sql.raw(tableOf[entity === 'journey' ? 'ticket' : entity]);

interface Page {
  lines: string;
  /** rows in `lines` */
  found: number;
  /** rows looked at, and the last one's key */
  looked: number;
  last: string | null;
}

/** The rows in reach among the next `rows` of the entity after the key `after`, in the keys' order. */
async function readPage(db: Db, reach: Reach, protocol: number, entity: Entity, after: string | null, rows: number): Promise<Page> {
  const byText = keyedByText.includes(entity);
  // Text keys by their bytes, whatever the database's own order of words; a UUID's order is that of its text anyway.
  const key = sql.raw(byText ? 't.id collate "C"' : 't.id');
  const beyond = after === null ? sql`true` : sql`${key} > ${after}::${sql.raw(byText ? 'text' : 'uuid')}`;
  const found = await sql<Page>`
    select coalesce(string_agg(case when fits then ${lineSql('row', entity, protocol)} end, '' order by ${key}), '') as lines,
      count(*) filter (where fits) as found, count(*) as looked, max(t.id::text collate "C") as last
    from (select t.*, ${reach.row(entity)} as fits from (
        select * from ${tableFor(entity)} t where t.workspace_id = ${reach.workspaceId} and ${beyond} order by ${key} limit ${rows}
      ) t offset 0) t`.execute(db);
  return found.rows[0] ?? { lines: '', found: 0, looked: 0, last: null };
}

/** Reference data, then the tickets that wait most urgently, with all that is needed to work on them. */
async function* earlyLines(db: Db, reach: Reach, protocol: number): AsyncGenerator<string> {
  const lines = async (entity: Entity, rows: RawBuilder<unknown>) => {
    const found = await sql<{ lines: string | null }>`
      select string_agg(${lineSql('early', entity, protocol)}, '') as lines from (${rows}) t`.execute(db);
    return found.rows[0]?.lines ?? '';
  };
  const where = (entity: Entity, condition: RawBuilder<unknown>) =>
    lines(entity, sql`select t.* from ${tableFor(entity)} t where t.workspace_id = ${reach.workspaceId} and ${condition}`);
  for (const entity of entityNames.filter(isReference)) yield await where(entity, sql`true`);
  const urgent = await sql<{ id: string; customerId: string }>`
    select t.id, t.customer_id from ticket t
    where t.workspace_id = ${reach.workspaceId} and ${reach.ticket('t')} and t.status <> all(${[...settledStatuses]}::text[])
    order by t.sla_due_at nulls last, t.last_message_at desc limit ${early.tickets}`.execute(db);
  const tickets = urgent.rows.map((row) => row.id);
  const customers = [...new Set(urgent.rows.map((row) => row.customerId))];
  yield await where('customer', sql`t.id = any(${customers}::uuid[])`);
  yield await where('identity', sql`t.customer_id = any(${customers}::uuid[])`);
  yield await where('ticket', sql`t.id = any(${tickets}::uuid[])`);
  yield await where('slaClock', sql`t.ticket_id = any(${tickets}::uuid[])`);
  const newest = sql`select m.* from unnest(${tickets}::uuid[]) as wanted(id) cross join lateral (
    select * from message m where m.workspace_id = ${reach.workspaceId} and m.ticket_id = wanted.id
    order by m.accepted_at desc, m.id desc limit ${early.messages}) m`;
  yield await lines('message', newest);
  yield await lines(
    'attachment',
    sql`select a.* from (${newest}) m join attachment a
      on a.workspace_id = m.workspace_id and a.ticket_id = m.ticket_id and a.message_id = m.id`,
  );
}

/** How many rows there are, about: exactly where few tickets are in reach, by a sample of them elsewhere. */
async function total(db: Db, reach: Reach, protocol: number): Promise<number> {
  const of = (entity: Entity, parent: string, column: string, children: string) => sql`select count(*) as n from (
      select id from ${sql.raw(parent)} order by uuid_hash(id) limit ${sample}) p
    join ${tableFor(entity)} t on t.workspace_id = ${reach.workspaceId} and t.${sql.raw(column)} = p.id
    where ${children === 'history' ? reach.row(entity) : sql`true`}`;
  const counted = await sql<Record<string, number>>`
    with held as materialized (select t.id, t.customer_id from ticket t where t.workspace_id = ${reach.workspaceId} and ${reach.ticket('t')}),
      people as materialized (select distinct customer_id as id from held),
      reference as (${sql.join(
        entityNames
          .filter((entity) => (isReference(entity) || entity === 'article') && knowsEntity(protocol, entity))
          .map((entity) => sql`select count(*) as n from ${tableFor(entity)} t where t.workspace_id = ${reach.workspaceId}`),
        sql` union all `,
      )})
    select (select count(*) from held) as tickets, (select count(*) from people) as customers, (select sum(n)::bigint from reference) as reference,
      (${of('message', 'held', 'ticket_id', 'history')}) as messages, (${of('attachment', 'held', 'ticket_id', 'history')}) as attachments,
      (${of('slaClock', 'held', 'ticket_id', 'all')}) as clocks,
      (${of('identity', 'people', 'customer_id', 'all')}) as identities, (${of('journey', 'people', 'customer_id', 'all')}) as journeys`.execute(
    db,
  );
  const n = (name: string) => counted.rows[0]?.[name] ?? 0;
  const scaled = (parts: number, whole: number) => (whole > sample ? Math.round((parts * whole) / sample) : parts);
  return (
    n('reference') +
    n('tickets') +
    n('customers') +
    scaled(n('messages') + n('clocks') + (knowsEntity(protocol, 'attachment') ? n('attachments') : 0), n('tickets')) +
    scaled(n('identities') + n('journeys'), n('customers'))
  );
}
