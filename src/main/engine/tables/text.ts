/**
 * What search reads: one full-text table for each kind of thing, by the `pk` of its row. The tables keep folded words only;
 * the text itself stays with the row. Written in the transaction that writes the row.
 */
import type { Article, Customer, Entity, Identity, Message, Rows, Ticket } from '../../../shared/domain.ts';
import { searchable } from '../../../shared/search.ts';
import { type Db, prepare } from '../database.ts';

/** Entities with a full-text table of their own. */
export const textTables = ['message', 'ticket', 'customer', 'article'] as const;
type Texted = (typeof textTables)[number];

const isTexted = (entity: Entity): entity is Texted => (textTables as readonly string[]).includes(entity);

/** Brings the search tables up to date with a row that was just inserted as `pk`, or (null) is about to be updated. */
export function indexText(db: Db, entity: Entity, row: Rows[Entity], pk: number | bigint | null): void {
  if (entity === 'identity') {
    indexCustomer(db, (row as Identity).customerId, row as Identity);
    return;
  }
  if (!isTexted(entity)) return;
  switch (entity) {
    case 'message':
      // What was said does not change.
      if (pk !== null) write(db, entity, pk, (row as Message).body);
      return;
    case 'article': {
      const { title, body } = row as Article;
      if (pk === null) rewrite(db, entity, row.id, `${title} ${body}`);
      else write(db, entity, pk, `${title} ${body}`);
      return;
    }
    case 'ticket': {
      const text = ticketText(row as Ticket);
      if (pk === null) {
        const stored = prepare(db, 'select subject, number, provisionalRef, tags from ticket where id = ?').get(row.id) as
          | (Pick<Ticket, 'subject' | 'number' | 'provisionalRef'> & { tags: string })
          | undefined;
        if (stored && ticketText({ ...stored, tags: JSON.parse(stored.tags) as string[] }) === text) return;
        rewrite(db, entity, row.id, text);
      } else write(db, entity, pk, text);
      return;
    }
    case 'customer':
      if (pk !== null) return indexCustomer(db, row.id, null);
      if (nameOf(db, row.id) === (row as Customer).name) return;
      rewrite(db, entity, row.id, customerText((row as Customer).name, identitiesOf(db, row.id)));
  }
}

/** Takes a row that is about to be deleted out of the search tables. */
export function dropText(db: Db, entity: Entity, id: string): void {
  if (entity === 'identity') {
    const customerId = prepare(db, 'select customerId from identity where id = ?').pluck().get(id) as string | undefined;
    const name = customerId === undefined ? undefined : nameOf(db, customerId);
    if (customerId === undefined || name === undefined) return;
    const left = identitiesOf(db, customerId).filter((one) => one.id !== id);
    rewrite(db, 'customer', customerId, customerText(name, left));
  } else if (isTexted(entity)) {
    prepare(db, `delete from ${entity}_text where rowid = (select pk from ${entity} where id = ?)`).run(id);
  }
}

function indexCustomer(db: Db, customerId: string, changed: Identity | null): void {
  const name = nameOf(db, customerId);
  if (name === undefined) return;
  const identities = identitiesOf(db, customerId).filter((one) => one.id !== changed?.id);
  rewrite(db, 'customer', customerId, customerText(name, changed ? [...identities, changed] : identities));
}

const nameOf = (db: Db, customerId: string) =>
  prepare(db, 'select name from customer where id = ?').pluck().get(customerId) as string | undefined;

function identitiesOf(db: Db, customerId: string): Pick<Identity, 'id' | 'kind' | 'value'>[] {
  return prepare(db, 'select id, kind, value from identity where parent = (select pk from customer where id = ?)').all(customerId) as Pick<
    Identity,
    'id' | 'kind' | 'value'
  >[];
}

function write(db: Db, entity: Texted, pk: number | bigint, text: string): void {
  prepare(db, `insert into ${entity}_text (rowid, text) values (?, ?)`).run(pk, searchable(text));
}

function rewrite(db: Db, entity: Texted, id: string, text: string): void {
  prepare(db, `insert or replace into ${entity}_text (rowid, text) values ((select pk from ${entity} where id = ?), ?)`).run(
    id,
    searchable(text),
  );
}

function ticketText(ticket: Pick<Ticket, 'subject' | 'number' | 'provisionalRef' | 'tags'>): string {
  return `${ticket.subject} ${ticket.number ?? ''} ${ticket.provisionalRef ?? ''} ${ticket.tags.join(' ')}`;
}

/** A name, how it can be reached, and a number by how it ends: what callers say of an old one. */
function customerText(name: string, identities: Pick<Identity, 'kind' | 'value'>[]): string {
  const parts = [name];
  for (const { kind, value } of identities) {
    if (kind === 'phone') parts.push(value, ...[9, 6, 4].map((length) => value.slice(-length)));
    else if (kind === 'email') parts.push(value);
  }
  return parts.join(' ');
}
