/** Entity rows in SQLite: one generated form for every entity, from the columns of its schema. */
import { columnsOf, entities, type Entity, entityNames, type Rows, type Ticket } from '../../../shared/domain.ts';
import type { Loaded, Read } from '../../../shared/mutations/define.ts';
import type { DueRow } from '../../../shared/protocol.ts';
import { type Db, prepare } from '../database.ts';
import { getMeta } from './meta.ts';
import { dropText, indexText } from './text.ts';

/** What a row belongs to: its ticket or its customer, held as that row's `pk` in `parent`. */
const parents: Partial<Record<Entity, { table: 'ticket' | 'customer'; column: string }>> = {
  message: { table: 'ticket', column: 'ticketId' },
  attachment: { table: 'ticket', column: 'ticketId' },
  slaClock: { table: 'ticket', column: 'ticketId' },
  ticket: { table: 'customer', column: 'customerId' },
  identity: { table: 'customer', column: 'customerId' },
  journey: { table: 'customer', column: 'customerId' },
};

/** When the thing came to be, ms: rows found by search come newest first by their `pk`. */
const recency: Partial<Record<Entity, string>> = {
  message: 'coalesce(@acceptedAt, @authoredAt)',
  ticket: '@createdAt',
  customer: '@createdAt',
  article: '@updatedAt',
};

/** keeps a `pk` a whole number in JavaScript, whatever a row says of its time */
const latest = 0xffff_ffff_ffff;

const specs = Object.fromEntries(
  entityNames.map((entity) => {
    const names = columnsOf(entity);
    const parent = parents[entity];
    const extra: [name: string, value: string][] = [];
    if (parent) extra.push(['parent', `(select pk from ${parent.table} where id = @${parent.column})`]);
    if (entity === 'ticket') extra.push(['kept', '@kept'], ['whose', '@whose']);
    const values = [...names.map((name): [string, string] => [name, `@${name}`]), ...extra, ['rowver', '@rowver']];
    const key: [string, string][] = recency[entity] ? [['pk', `(min(${recency[entity]}, ${latest}) << 4) + (random() & @spread)`]] : [];
    const all = [...key, ...values];
    return [
      entity,
      {
        names,
        booleans: new Set<string>(entities[entity].booleans),
        json: new Set<string>(entities[entity].json),
        insert: `insert into "${entity}" (${all.map(([name]) => name).join(', ')}) values (${all.map(([, value]) => value).join(', ')})`,
        update: `update "${entity}" set ${values
          .filter(([name]) => name !== 'id')
          .map(([name, value]) => `${name} = ${value}`)
          .join(', ')} where id = @id`,
      },
    ];
  }),
) as Record<Entity, { names: string[]; booleans: Set<string>; json: Set<string>; insert: string; update: string }>;

type Raw = Record<string, unknown>;

/** From the stored form to the row as it travels; other columns of `raw` are left out. */
export function decode<E extends Entity>(entity: E, raw: Raw): Rows[E] {
  const { names, booleans, json } = specs[entity];
  const row: Raw = {};
  for (const name of names) {
    const value = raw[name];
    row[name] = booleans.has(name) ? value === 1 : json.has(name) && typeof value === 'string' ? JSON.parse(value) : value;
  }
  return row as Rows[E];
}

function encode(db: Db, entity: Entity, row: Rows[Entity], rowver: number): Raw {
  const { names, booleans, json } = specs[entity];
  const raw: Raw = { rowver };
  for (const name of names) {
    const value = (row as Raw)[name] ?? null;
    raw[name] = booleans.has(name) ? (value ? 1 : 0) : json.has(name) && value !== null ? JSON.stringify(value) : value;
  }
  if (entity === 'ticket') {
    const { assigneeId } = row as Ticket;
    raw['kept'] = assigneeId === null ? 1 : 3;
    raw['whose'] = assigneeId === null ? 0 : assigneeId === getMeta(db, 'userId') ? 1 : 2;
  }
  return raw;
}

export function getRow<E extends Entity>(db: Db, entity: E, id: string): Rows[E] | undefined {
  const raw = prepare(db, `select * from "${entity}" where id = ?`).get(id) as Raw | undefined;
  return raw && decode(entity, raw);
}

/** The version of the stored row; -1 when there is none. */
export function rowver(db: Db, entity: Entity, id: string): number {
  return (prepare(db, `select rowver from "${entity}" where id = ?`).pluck().get(id) as number | undefined) ?? -1;
}

/** Which scopes keep a ticket here (0002-size, `kept`); null for anything else. */
export function keptBy(db: Db, entity: Entity, id: string): number | null {
  if (entity !== 'ticket') return null;
  return (prepare(db, 'select kept from ticket where id = ?').pluck().get(id) as number | undefined) ?? null;
}

export function keepBy(db: Db, ticketId: string, kept: number): void {
  prepare(db, 'update ticket set kept = ? where id = ?').run(kept, ticketId);
}

export function allRows<E extends Entity>(db: Db, entity: E): Rows[E][] {
  return (prepare(db, `select * from "${entity}"`).all() as Raw[]).map((raw) => decode(entity, raw));
}

/** Stores the row, new or known (`known`: whether it is here already, where the caller has looked). */
export function putRow<E extends Entity>(db: Db, entity: E, row: Rows[E], version: number, known = rowver(db, entity, row.id) >= 0): void {
  const raw = encode(db, entity, row, version);
  if (known) {
    indexText(db, entity, row, null);
    prepare(db, specs[entity].update).run(raw);
    return;
  }
  for (let spread = 15; ; spread = spread * 16 + 15) {
    try {
      raw['spread'] = spread;
      const { lastInsertRowid } = prepare(db, specs[entity].insert).run(raw);
      indexText(db, entity, row, lastInsertRowid);
      return;
    } catch (error) {
      // Two things of one moment drew the same random part: draw again, from more.
      const taken = error instanceof Error && 'code' in error && error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
      if (!taken || spread > 0xfff_ffff) throw error;
    }
  }
}

export function deleteRow(db: Db, entity: Entity, id: string): void {
  dropText(db, entity, id);
  prepare(db, `delete from "${entity}" where id = ?`).run(id);
}

/** Deletes what belongs to a ticket or customer, whether it has found it or not. */
function deleteOf(db: Db, entity: Entity, table: 'ticket' | 'customer', column: string, id: string): void {
  const mine = prepare(
    db,
    `select id from ${entity} where parent = (select pk from ${table} where id = @id) union all
     select id from ${entity} where parent is null and ${column} = @id`,
  );
  for (const one of mine.pluck().all({ id }) as string[]) deleteRow(db, entity, one);
}

/** Deletes a ticket with all that follows it; its customer stays. */
export function dropTicket(db: Db, ticketId: string): void {
  for (const entity of ['message', 'attachment', 'slaClock'] as const) deleteOf(db, entity, 'ticket', 'ticketId', ticketId);
  prepare(db, 'delete from loaded_range where ticketId = ?').run(ticketId);
  deleteRow(db, 'ticket', ticketId);
}

/** Forgets a ticket with all that follows it, and its customer with their last ticket. */
export function forgetTicket(db: Db, ticketId: string): void {
  const customerId = prepare(db, 'select customerId from ticket where id = ?').pluck().get(ticketId) as string | undefined;
  dropTicket(db, ticketId);
  if (customerId === undefined) return;
  if (prepare(db, 'select 1 from ticket where parent = (select pk from customer where id = ?) limit 1').get(customerId)) return;
  dropCustomer(db, customerId);
}

function dropCustomer(db: Db, customerId: string): void {
  for (const entity of ['identity', 'journey'] as const) deleteOf(db, entity, 'customer', 'customerId', customerId);
  deleteRow(db, 'customer', customerId);
}

/** After a snapshot: customers without a ticket, and rows whose ticket or customer did not come. No scope keeps them. */
export function dropOrphans(db: Db): void {
  for (const entity of ['message', 'attachment', 'slaClock', 'identity', 'journey'] as const) {
    for (const id of prepare(db, `select id from ${entity} where parent is null`).pluck().all() as string[]) deleteRow(db, entity, id);
  }
  const alone = prepare(db, 'select id from customer where not exists (select 1 from ticket where parent = customer.pk)').pluck();
  for (const id of alone.all() as string[]) dropCustomer(db, id);
}

/** Clocks of rows that are here are due at another moment, as of `version`; rows that are newer stay as they are. */
export function moveClocks(db: Db, { clocks, tickets }: DueRow, version: number): void {
  const clock = prepare(db, 'update slaClock set dueAt = @dueAt, rowver = @version where id = @id and rowver <= @version');
  for (const one of clocks) clock.run({ ...one, version });
  const ticket = prepare(
    db,
    `update ticket set slaKind = @slaKind, slaState = @slaState, slaStartedAt = @slaStartedAt, slaDueAt = @slaDueAt,
       slaTargetMs = @slaTargetMs, slaConsumedMs = @slaConsumedMs, slaRunningSince = @slaRunningSince, slaCalendarId = @slaCalendarId,
       rowver = @version
     where id = @id and rowver <= @version`,
  );
  for (const one of tickets) ticket.run({ ...one, version });
}

const ticketPk = '(select pk from ticket where id = ?)';

/** What a mutation asked for, read as it is asked. */
export function loadReads(db: Db, reads: Read[], into: Map<string, Rows[Entity]>): void {
  const keep = <E extends Entity>(entity: E, text: string, ...values: string[]) => {
    for (const raw of prepare(db, text).all(...values) as Raw[]) {
      const row = decode(entity, raw);
      into.set(`${entity}:${row.id}`, row);
    }
  };
  for (const read of reads) {
    if ('id' in read) {
      const row = getRow(db, read.entity, read.id);
      if (row) into.set(`${read.entity}:${row.id}`, row);
    } else if ('ticketId' in read) {
      // The same ones as the hub's.
      const order = `(endedAt is null) desc, (kind in ('frt', 'rt')) desc, startedAt desc`;
      keep('slaClock', `select * from slaClock where parent = ${ticketPk} order by ${order} limit 20`, read.ticketId);
    } else if ('ofCustomer' in read) {
      const order = read.entity === 'ticket' ? 'lastMessageAt desc limit 201' : 'id limit 101';
      keep(
        read.entity,
        `select * from ${read.entity} where parent = (select pk from customer where id = ?) order by ${order}`,
        read.ofCustomer,
      );
    } else if ('inQueue' in read) {
      keep('ticket', `select * from ticket where queueId = ? limit 1`, read.inQueue);
    } else if ('heldBy' in read) {
      keep('ticket', `select * from ticket where assigneeId = ? and settled = 0 limit 500`, read.heldBy);
    } else if ('ringingFor' in read) {
      keep('offer', `select * from offer where state = 'ringing' and userId = ?`, read.ringingFor);
    } else if ('ringingOf' in read) {
      keep('offer', `select * from offer where state = 'ringing' and ticketId = ?`, read.ringingOf);
    } else if ('closedOf' in read) {
      keep(
        'ticket',
        `select * from ticket where parent = (select pk from customer where id = ?) and status = 'closed' order by lastMessageAt desc limit 5`,
        read.closedOf,
      );
    } else if ('customerId' in read) {
      keep(
        'ticket',
        `select * from ticket where parent = (select pk from customer where id = ?) and status not in ('closed', 'spam')
         order by lastMessageAt desc limit 50`,
        read.customerId,
      );
    } else if ('leaseBy' in read) {
      keep('ticket', 'select * from ticket where leaseBy = ? order by leaseUntil desc limit 50', read.leaseBy);
    } else if ('queuedOf' in read) {
      keep('message', `select * from message where parent = ${ticketPk} and delivery = 'queued' order by position limit 50`, read.queuedOf);
    } else if ('pendingOf' in read) {
      keep(
        'attachment',
        `select * from attachment where parent = ${ticketPk} and state = 'pending' order by createdAt, id limit 200`,
        read.pendingOf,
      );
    } else keep('identity', 'select * from identity where value = ? and kind = ?', read.value, read.kind);
  }
}

export function loadedFrom(rows: Map<string, Rows[Entity]>): Loaded {
  return {
    get: <E extends Entity>(entity: E, id: string) => rows.get(`${entity}:${id}`) as Rows[E] | undefined,
    all: <E extends Entity>(entity: E, where: (row: Rows[E]) => boolean) =>
      [...rows].flatMap(([key, row]) => (key.startsWith(`${entity}:`) && where(row as Rows[E]) ? [row as Rows[E]] : [])),
  };
}
