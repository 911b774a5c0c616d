/** One ticket's messages, and the customer behind it. */
import type { CustomerHit, CustomerView, Timeline } from '../../../shared/bridge.ts';
import type { Message } from '../../../shared/domain.ts';
import { normalisePhone } from '../../../shared/phone.ts';
import { readTyped } from '../../../shared/search.ts';
import { type Db, prepare } from '../database.ts';
import { beginnings } from './match.ts';
import { decode, getRow } from './rows.ts';

type Raw = Record<string, unknown>;

/** The ticket, and those that go on in it. */
export function withJoined(db: Db, ticketId: string): string[] {
  const joined = prepare(db, `select joined from ticket where id = ? and joined <> '[]'`).pluck().get(ticketId) as string | undefined;
  return joined === undefined ? [ticketId] : [ticketId, ...(JSON.parse(joined) as string[])];
}

/** The newest messages of a ticket and of those that go on in it, oldest first. */
export function timeline(db: Db, ticketId: string, newest: number): Timeline {
  const of = prepare(
    db,
    'select * from message where parent = (select pk from ticket where id = ?) order by position desc, id desc limit ?',
  );
  const tickets = withJoined(db, ticketId);
  const raws = tickets.flatMap((id) => of.all(id, newest + 1) as Raw[]);
  if (tickets.length > 1)
    raws.sort((a, b) => Number(b['position']) - Number(a['position']) || (String(b['id']) < String(a['id']) ? -1 : 1));
  const messages = raws
    .slice(0, newest)
    .reverse()
    .map((raw) => decode('message', raw));
  return {
    messages: messages.map((message) => ({ ...message, pending: message.acceptedAt === null })),
    more: raws.length > newest,
    hereSince: Math.max(...tickets.map((id) => hereSince(db, id))),
  };
}

/** From which moment on (ms, the hub's time) the ticket's messages are here; 0: all of them. */
export function hereSince(db: Db, ticketId: string): number {
  return (prepare(db, 'select since from loaded_range where ticketId = ?').pluck().get(ticketId) as number | undefined) ?? 0;
}

/** What customer and colleagues have said in public after the two messages an agent had seen. */
export function saidSince(db: Db, ticketId: string, seen: { inboundId: string | null; replyId: string | null }): Message[] {
  const known = [seen.inboundId, seen.replyId].flatMap((id) => (id === null ? [] : [getRow(db, 'message', id)?.acceptedAt ?? 0]));
  const since = Math.max(0, ...known);
  const raws = prepare(
    db,
    `select * from message where parent in (select pk from ticket where id in (select value from json_each(?))) and position > ? and acceptedAt is not null and kind in ('inbound', 'reply', 'call') order by position, id limit 50`,
  ).all(JSON.stringify(withJoined(db, ticketId)), since) as Raw[];
  return raws.map((raw) => decode('message', raw));
}

export function customerView(db: Db, customerId: string): CustomerView | null {
  const customer = getRow(db, 'customer', customerId);
  if (!customer) return null;
  const identities = (
    prepare(db, 'select * from identity where parent = (select pk from customer where id = ?) order by kind, value limit 100').all(
      customerId,
    ) as Raw[]
  ).map((raw) => decode('identity', raw));
  const journey = (
    prepare(
      db,
      'select j.*, exists (select 1 from ticket t where t.id = j.id) as inReach from journey j where parent = (select pk from customer where id = ?) order by createdAt desc limit 200',
    ).all(customerId) as Raw[]
  ).map((raw) => ({ ...decode('journey', raw), inReach: raw['inReach'] === 1 }));
  return { customer, identities, journey };
}

const best = 10;

/** By phone number when the text is one, then by the beginnings of name and address, newest first; best 10. */
export function findCustomers(db: Db, text: string): CustomerHit[] {
  const { needs } = readTyped(text);
  if (needs.flat(2).reduce((letters, { folded }) => letters + folded.length, 0) < 2) return [];
  const called = prepare(
    db,
    `select c.id from identity i join customer c on c.pk = i.parent where i.value = ? and i.kind = 'phone' limit ${best}`,
  ).pluck();
  const named = prepare(
    db,
    `select id from customer where pk in (select rowid from customer_text where customer_text match ? order by rowid desc limit ${best})
     order by pk desc`,
  ).pluck();
  const numbered = called.all(normalisePhone(text) ?? '') as string[];
  const ids = [...new Set([...numbered, ...(named.all(needs.map((need) => `(${beginnings(need)})`).join(' AND ')) as string[])])].slice(
    0,
    best,
  );
  return ids.flatMap((id) => {
    const customer = getRow(db, 'customer', id);
    if (!customer) return [];
    const identities = prepare(
      db,
      `select kind, value from identity where parent = (select pk from customer where id = ?) and kind in ('phone', 'email') limit 20`,
    ).all(id) as CustomerHit['identities'];
    const openTickets = prepare(db, 'select count(*) from ticket where parent = (select pk from customer where id = ?) and settled = 0')
      .pluck()
      .get(id) as number;
    return [{ id, name: customer.name, identities, openTickets }];
  });
}

const tagsKeptMs = 30_000;
const tagsKnown = new WeakMap<Db, { at: number; tags: string[] }>();

/** Tags of the newest open tickets, most used first: suggestions, so half a minute old is young enough. */
export function tagsInUse(db: Db): string[] {
  const known = tagsKnown.get(db);
  if (known && performance.now() - known.at < tagsKeptMs) return known.tags;
  const tags = prepare(
    db,
    `select value from (select tags from ticket where settled = 0 order by lastMessageAt desc limit 1000) as newest, json_each(newest.tags)
     group by value order by count(*) desc, value limit 200`,
  )
    .pluck()
    .all() as string[];
  tagsKnown.set(db, { at: performance.now(), tags });
  return tags;
}
