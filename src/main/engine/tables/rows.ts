/** Entity rows in SQLite: one generated form for every entity, from the columns of its schema. */
import { columnsOf, entities, type Entity, entityNames, type Rows, type Ticket } from '../../../shared/domain.ts';
import type { Loaded, Read } from '../../../shared/mutations/define.ts';
import { scopesOfTicket } from '../../../shared/permissions.ts';
import { type Db, prepare } from '../database.ts';

const specs = Object.fromEntries(
  entityNames.map((entity) => {
    const names = columnsOf(entity);
    return [
      entity,
      {
        names,
        booleans: new Set<string>(entities[entity].booleans),
        json: new Set<string>(entities[entity].json),
        upsert: `insert into "${entity}" (${names.join(', ')}, rowver) values (${names.map((name) => `@${name}`).join(', ')}, @rowver)
          on conflict (id) do update set ${names
            .filter((name) => name !== 'id')
            .map((name) => `${name} = excluded.${name}`)
            .join(', ')}, rowver = excluded.rowver`,
      },
    ];
  }),
) as Record<Entity, { names: string[]; booleans: Set<string>; json: Set<string>; upsert: string }>;

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

function encode(entity: Entity, row: Rows[Entity], rowver: number): Raw {
  const { names, booleans, json } = specs[entity];
  const raw: Raw = { rowver };
  for (const name of names) {
    const value = (row as Raw)[name] ?? null;
    raw[name] = booleans.has(name) ? (value ? 1 : 0) : json.has(name) && value !== null ? JSON.stringify(value) : value;
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

export function allRows<E extends Entity>(db: Db, entity: E): Rows[E][] {
  return (prepare(db, `select * from "${entity}"`).all() as Raw[]).map((raw) => decode(entity, raw));
}

export function putRow<E extends Entity>(db: Db, entity: E, row: Rows[E], version: number): void {
  prepare(db, specs[entity].upsert).run(encode(entity, row, version));
  if (entity === 'ticket') {
    const ticket = row as Ticket;
    prepare(db, 'update ticket set scopes = ? where id = ?').run(JSON.stringify(scopesOfTicket(ticket)), ticket.id);
  }
}

export function deleteRow(db: Db, entity: Entity, id: string): void {
  prepare(db, `delete from "${entity}" where id = ?`).run(id);
}

/** Forgets a ticket with all that follows it, and its customer with their last ticket. */
export function forgetTicket(db: Db, ticketId: string): void {
  const customerId = prepare(db, 'select customerId from ticket where id = ?').pluck().get(ticketId) as string | undefined;
  prepare(db, 'delete from message where ticketId = ?').run(ticketId);
  prepare(db, 'delete from slaClock where ticketId = ?').run(ticketId);
  deleteRow(db, 'ticket', ticketId);
  if (customerId === undefined || prepare(db, 'select 1 from ticket where customerId = ? limit 1').get(customerId)) return;
  prepare(db, 'delete from identity where customerId = ?').run(customerId);
  prepare(db, 'delete from journey where customerId = ?').run(customerId);
  deleteRow(db, 'customer', customerId);
}

/** What a mutation asked for, read as it is asked. */
export function loadReads(db: Db, reads: Read[], into: Map<string, Rows[Entity]>): void {
  const keep = <E extends Entity>(entity: E, raws: Raw[]) => {
    for (const raw of raws) {
      const row = decode(entity, raw);
      into.set(`${entity}:${row.id}`, row);
    }
  };
  for (const read of reads) {
    if ('id' in read) {
      const row = getRow(db, read.entity, read.id);
      if (row) into.set(`${read.entity}:${row.id}`, row);
    } else if ('ticketId' in read) {
      keep(
        'slaClock',
        prepare(db, 'select * from slaClock where ticketId = ? order by startedAt desc limit 20').all(read.ticketId) as Raw[],
      );
    } else if ('customerId' in read) {
      const text = `select * from ticket where customerId = ? and status not in ('closed', 'spam') order by lastMessageAt desc limit 50`;
      keep('ticket', prepare(db, text).all(read.customerId) as Raw[]);
    } else keep('identity', prepare(db, 'select * from identity where kind = ? and value = ?').all(read.kind, read.value) as Raw[]);
  }
}

export function loadedFrom(rows: Map<string, Rows[Entity]>): Loaded {
  return {
    get: <E extends Entity>(entity: E, id: string) => rows.get(`${entity}:${id}`) as Rows[E] | undefined,
    all: <E extends Entity>(entity: E, where: (row: Rows[E]) => boolean) =>
      [...rows].flatMap(([key, row]) => (key.startsWith(`${entity}:`) && where(row as Rows[E]) ? [row as Rows[E]] : [])),
  };
}
