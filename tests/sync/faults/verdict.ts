/** What must hold when the dust has settled: asked of PostgreSQL and of every console's file, by none of the code under test. */
import type pg from 'pg';
import type { AttentionItem } from '../../../src/shared/bridge.ts';
import { type Entity, entityNames, type Rows } from '../../../src/shared/domain.ts';
import { queuesOf, scopesHeld, scopesOfTicket } from '../../../src/shared/permissions.ts';
import { asJson, type Stored, storedEntities, tableOf } from '../../../server/src/db/rows.ts';
import { journeyOf } from '../../../src/shared/mutations/settle.ts';
import { getMeta } from '../../../src/main/engine/tables/meta.ts';
import { allRows } from '../../../src/main/engine/tables/rows.ts';
import type { Customer } from './customers.ts';
import type { Desk } from './desk.ts';
import type { Operation } from './operations.ts';

export interface Invariant {
  name: string;
  checked: number;
  /** what breaks it; empty: it holds */
  broken: string[];
}

type HubRows = { [E in Entity]: Map<string, Rows[E]> };

interface Result {
  clientId: string;
  mutationId: number;
  ok: boolean;
}

/** Everything the hub has, read in one snapshot of the database. */
export class HubState {
  readonly rows: HubRows;
  readonly results: Result[];
  readonly head: number;
  readonly #client: pg.Client;

  private constructor(client: pg.Client, rows: HubRows, results: Result[], head: number) {
    this.#client = client;
    this.rows = rows;
    this.results = results;
    this.head = head;
  }

  static async read(client: pg.Client): Promise<HubState> {
    await client.query('begin isolation level repeatable read');
    const rows = Object.fromEntries(entityNames.map((entity) => [entity, new Map()])) as unknown as HubRows;
    const load = async <E extends Stored>(entity: E) => {
      const found = await client.query<{ row: Rows[E] }>(`select ${asJson(entity, 't')} as row from ${tableOf[entity]} t`);
      const into = rows[entity] as Map<string, Rows[E]>;
      for (const { row } of found.rows) into.set(row.id, row);
    };
    for (const entity of storedEntities) await load(entity);
    for (const ticket of rows.ticket.values()) rows.journey.set(ticket.id, journeyOf(ticket));
    const results = await client.query<Result>(
      `select client_id as "clientId", mutation_id::int as "mutationId", (result->>'ok')::boolean as ok from mutation_result`,
    );
    const head = await client.query<{ seq: string }>('select seq from workspace_counter');
    return new HubState(client, rows, results.rows, Number(head.rows[0]?.seq));
  }

  /** Ids that a query about the log or the tables finds fault with. */
  async finds(text: string): Promise<string[]> {
    return (await this.#client.query<Record<string, unknown>>(text)).rows.map((row) => JSON.stringify(row));
  }

  /** What a console of this user must hold, and nothing else. */
  visibleTo(email: string): Map<Entity, Map<string, unknown>> {
    const { rows } = this;
    const user = [...rows.user.values()].find((one) => one.email === email)!;
    const queues = queuesOf(user, {
      queues: [...rows.queue.values()],
      queueMembers: [...rows.queueMember.values()],
      teamMembers: [...rows.teamMember.values()],
    });
    const scopes = new Set(scopesHeld(user.id, queues));
    const tickets = new Map([...rows.ticket].filter(([, row]) => scopesOfTicket(row).some((scope) => scopes.has(scope))));
    const customers = new Set([...tickets.values()].map((row) => row.customerId));
    const visible: { [E in Entity]?: (row: Rows[E]) => boolean } = {
      ticket: (row) => tickets.has(row.id),
      customer: (row) => customers.has(row.id),
      identity: (row) => customers.has(row.customerId),
      journey: (row) => customers.has(row.customerId),
      message: (row) => tickets.has(row.ticketId),
      attachment: (row) => tickets.has(row.ticketId),
      slaClock: (row) => tickets.has(row.ticketId),
      offer: (row) => row.userId === user.id,
      notice: (row) => row.userId === user.id,
    };
    const held = new Map<Entity, Map<string, unknown>>();
    for (const entity of entityNames) {
      const sees = (visible[entity] ?? (() => true)) as (row: unknown) => boolean;
      held.set(entity, new Map([...(rows[entity] as Map<string, unknown>)].filter(([, row]) => sees(row))));
    }
    return held;
  }
}

/** Keys in order, so that two equal rows have one text. */
function text(row: unknown): string {
  return JSON.stringify(row, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** Old messages and files may stay at the hub until somebody looks at them; these are younger. An offer that is over is nobody's concern. */
function mustBeHere(entity: Entity, row: unknown, since: number): boolean {
  if (entity === 'offer') return (row as Rows['offer']).state === 'ringing';
  if (entity === 'message') return ((row as Rows['message']).acceptedAt ?? since) >= since;
  return entity !== 'attachment' || (row as Rows['attachment']).createdAt >= since;
}

/**
 * Where a console's file differs from what the hub says it should be. Null when it has not reached the hub's head yet.
 * `since`: when the run began, on the hub's clock.
 */
export function compareCache(desk: Desk, hub: HubState, since: number): { compared: number; differences: string[] } | null {
  const db = desk.engine.openCache();
  try {
    if (getMeta(db, 'cursor') !== hub.head) return null;
    const differences: string[] = [];
    let compared = 0;
    for (const [entity, expected] of hub.visibleTo(`${desk.account}@demo.truc.test`)) {
      const here = new Map(allRows(db, entity).map((row) => [row.id, row as unknown]));
      for (const [id, row] of expected) {
        compared += 1;
        const mine = here.get(id);
        if (mine === undefined && !mustBeHere(entity, row, since)) continue;
        if (mine === undefined) differences.push(`${desk.name} lacks ${entity} ${id}`);
        else if (text(mine) !== text(row)) differences.push(`${desk.name} has ${entity} ${id} as ${text(mine)}, the hub as ${text(row)}`);
      }
      for (const id of here.keys()) if (!expected.has(id)) differences.push(`${desk.name} should not have ${entity} ${id}`);
    }
    for (const table of ['outbox', 'pristine', 'quarantine']) {
      const left = db.prepare(`select count(*) from ${table}`).pluck().get() as number;
      if (left > 0) differences.push(`${desk.name}: ${left} rows left in ${table}`);
    }
    return { compared, differences };
  } finally {
    db.close();
  }
}

/** Each operation at the hub: once, or in the list of the console that wrote it, or (when nobody was told) not at all. */
export async function judgeOperations(
  desks: { desk: Desk; clientId: string; attention: AttentionItem[] }[],
  hub: HubState,
): Promise<Invariant[]> {
  const lost: string[] = [];
  const strays: string[] = [];
  const attentionBroken: string[] = [];
  const traces: string[] = [];
  let acknowledged = 0;
  let unanswered = 0;
  let refused = 0;
  const tagged = new Set([...hub.rows.ticket.values()].flatMap((row) => row.tags.map((tag) => `${row.id}/${tag}`)));
  const there = ({ trace }: Operation): boolean | null => {
    if (trace.messageId !== undefined) return hub.rows.message.get(trace.messageId)?.ticketId === trace.ticketId;
    if (trace.tag !== undefined) return tagged.has(`${trace.ticketId}/${trace.tag}`);
    return null;
  };
  for (const { desk, clientId, attention } of desks) {
    const results = new Map(hub.results.filter((result) => result.clientId === clientId).map((result) => [result.mutationId, result.ok]));
    const listed = new Set(attention.map((item) => item.mutationId));
    const spoken = new Set<number>();
    let open = 0;
    for (const operation of desk.operations) {
      const what = `${desk.name} ${operation.kind} ${operation.mutationId ?? '?'} ${text(operation.trace)}`;
      if (operation.outcome === 'acknowledged' && operation.mutationId !== null) {
        acknowledged += 1;
        if (spoken.has(operation.mutationId)) strays.push(`${what}: the id was given twice`);
        spoken.add(operation.mutationId);
        const ok = results.get(operation.mutationId);
        if (ok === undefined) lost.push(`${what}: the hub has never seen it`);
        else if (ok && there(operation) === false) lost.push(`${what}: accepted, and not there`);
        else if (!ok && there(operation) === true) traces.push(`${what}: refused, and there`);
        else if (!ok && !listed.has(operation.mutationId)) lost.push(`${what}: refused, and the agent is not told`);
      } else {
        if (operation.outcome === 'unanswered') unanswered += 1;
        if (operation.outcome === 'unanswered') open += 1;
        if (operation.outcome === 'declined' && there(operation) === true) traces.push(`${what}: declined, and there`);
      }
    }
    const unknown = [...results.keys()].filter((id) => !spoken.has(id));
    if (unknown.length > open) strays.push(`${desk.name}: ${unknown.length} results that nobody was told of, ${open} could be`);
    for (const id of listed) {
      refused += 1;
      if (results.get(id) !== false) attentionBroken.push(`${desk.name} lists ${id}, which the hub has not refused`);
    }
    for (const [id, ok] of results)
      if (!ok && !listed.has(id)) attentionBroken.push(`${desk.name} does not list ${id}, which the hub refused`);
  }
  const foreign = hub.results.filter((result) => !desks.some(({ clientId }) => clientId === result.clientId));
  if (foreign.length > 0) strays.push(`${foreign.length} results of clients that do not exist`);
  return [
    { name: 'nothing acknowledged is lost: applied at the hub, or in the attention list', checked: acknowledged, broken: lost },
    { name: 'what was never acknowledged exists at most once', checked: unanswered, broken: strays },
    { name: 'what was refused has left no trace', checked: acknowledged, broken: traces },
    { name: 'the attention lists are what the hub refused, no more and no less', checked: refused, broken: attentionBroken },
  ];
}

/** The hub's own books: nothing twice, no hole, everything that is in the tables is in the log. */
export async function judgeLog(hub: HubState, customers: Customer[], since: number): Promise<Invariant[]> {
  const said = customers.flatMap((customer) => customer.acknowledged);
  return [
    {
      name: 'the log has no gap, and ends at the counter',
      checked: hub.head,
      broken: await hub.finds(
        // What is older than the run may have been compacted.
        `select count(*), min(seq), max(seq) from change_log where at >= ${since}
         having count(*) <> max(seq) - min(seq) + 1 or max(seq) <> ${hub.head}`,
      ),
    },
    {
      name: 'each mutation is acknowledged once in the log, and has its one result',
      checked: hub.results.length,
      broken: await hub.finds(`
        with said as (
          select substr(scope, 8)::uuid as client, (one->>'id')::bigint as id, count(*) as times
          from change_log, jsonb_array_elements(row->'results') as one where op = 'ack' group by 1, 2)
        select coalesce(said.client, r.client_id) as client, coalesce(said.id, r.mutation_id) as id, said.times from said
        full join mutation_result r on r.client_id = said.client and r.mutation_id = said.id
        where said.times is distinct from 1 or r.key is null`),
    },
    {
      name: 'each message was accepted once: one moment of acceptance in all its entries',
      checked: hub.rows.message.size,
      broken: await hub.finds(`
        select entity_id, count(distinct row->>'acceptedAt') from change_log where entity = 'message' and op = 'put'
        group by 1 having count(distinct row->>'acceptedAt') <> 1`),
    },
    {
      // In the log of its queue a ticket gets each tag and subject at one place only: a second time would be a second run.
      name: 'each tag and each subject was set once',
      checked: hub.rows.ticket.size,
      broken: await hub.finds(`
        with steps as (
          select entity_id, scope, seq, tag, row->'tags' as tags,
            lag(row->'tags') over (partition by entity_id order by seq) as before
          from (select distinct on (entity_id, row->>'updatedAt', row->'tags', row->>'subject') * from change_log
                where entity = 'ticket' and op = 'put' and scope like 'queue:%' order by entity_id, row->>'updatedAt', row->'tags', row->>'subject', seq) as log
          cross join lateral jsonb_array_elements_text(row->'tags' || '[]'::jsonb) as tag where tag like 'k%.%')
        select entity_id, tag, count(*) from steps where before is null or not before ? tag group by 1, 2 having count(*) > 1
        union all
        select entity_id, subject, count(*) from (
          select entity_id, row->>'subject' as subject, lag(row->>'subject') over (partition by entity_id order by seq) as before
          from change_log where entity = 'ticket' and op = 'put' and scope like 'queue:%') as runs
        where subject like 'chủ đề %' and before is distinct from subject group by 1, 2 having count(*) > 1`),
    },
    {
      name: 'ticket numbers have no gap: no accepted ticket was made twice',
      checked: hub.rows.ticket.size,
      broken: await hub.finds(
        `select count(*), count(distinct number), min(number), max(number), min(ticket_number) from ticket, workspace_counter
         having count(distinct number) <> count(*) or max(number) <> min(ticket_number) or max(number) - min(number) + 1 <> count(*)`,
      ),
    },
    {
      name: 'each row of the tables stands in the log as it is',
      ...(await lastEntries(hub)),
    },
    {
      name: "customers' messages: all of them, once",
      checked: said.length,
      broken: said.filter((id) => hub.rows.message.get(id)?.kind !== 'inbound'),
    },
  ];
}

/** Rows whose last entry in the log is not what the table has. Rows that the demo began with have none before they change. */
async function lastEntries(hub: HubState): Promise<Pick<Invariant, 'checked' | 'broken'>> {
  const last = await hub.finds(`
    select distinct on (entity, entity_id) entity, entity_id as id, row from change_log
    where op = 'put' and entity in ('ticket', 'message', 'slaClock', 'customer', 'identity') order by entity, entity_id, seq desc`);
  const broken = last.filter((json) => {
    const { entity, id, row } = JSON.parse(json) as { entity: Entity; id: string; row: unknown };
    return text(hub.rows[entity].get(id)) !== text(row);
  });
  return { checked: last.length, broken };
}
