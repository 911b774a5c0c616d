/** What must hold at the end of a run: every console shows what the hub has, every intent came to exactly one end, nothing leaked. */
import { sql } from 'kysely';
import type { Db } from '../../../server/src/db/database.ts';
import { asJson, storedEntities, tableOf } from '../../../server/src/db/rows.ts';
import { type Entity, entityNames, type Rows, type Ticket } from '../../../src/shared/domain.ts';
import { journeyOf } from '../../../src/shared/mutations/settle.ts';
import { mayWork, queuesOf, scopesHeld, scopesOfTicket } from '../../../src/shared/permissions.ts';
import { textTables } from '../../../src/main/engine/tables/text.ts';
import { allRows, getRow } from '../../../src/main/engine/tables/rows.ts';
import { actorHere } from '../../../src/main/engine/replica.ts';
import { attentionRows, intents } from '../../../src/main/engine/tables/outbox.ts';
import { searchable } from '../../../src/shared/search.ts';
import type { SimConsole } from './console.ts';
import type { SimHub } from './hub.ts';

type Everything = { [E in Entity]: Map<string, Rows[E]> };

/** All rows of a workspace, as they travel. */
export async function everything(hub: { db: Db; workspaceId: string }): Promise<Everything> {
  const parts = storedEntities.map(
    (entity) =>
      sql`select ${sql.lit(entity)} as entity, ${sql.raw(asJson(entity, 't'))} as row from ${sql.raw(tableOf[entity])} t where workspace_id = ${hub.workspaceId}`,
  );
  const found = await sql<{ entity: Entity; row: { id: string } }>`${sql.join(parts, sql` union all `)}`.execute(hub.db);
  const all = Object.fromEntries(entityNames.map((entity) => [entity, new Map()])) as unknown as Everything;
  for (const { entity, row } of found.rows) (all[entity] as Map<string, unknown>).set(row.id, row);
  for (const ticket of all.ticket.values()) all.journey.set(ticket.id, journeyOf(ticket));
  return all;
}

/** The scopes that a user holds by what the hub has stored. */
export function scopesNow(all: Pick<Everything, 'user' | 'queue' | 'queueMember' | 'teamMember'>, userId: string): Set<string> {
  const user = all.user.get(userId);
  if (!user) return new Set();
  const reference = {
    queues: [...all.queue.values()],
    queueMembers: [...all.queueMember.values()],
    teamMembers: [...all.teamMember.values()],
  };
  return new Set(scopesHeld(userId, queuesOf(user, reference)));
}

/** Which rows this user may keep. */
export function visible(all: Everything, scopes: Set<string>): { [E in Entity]: (row: Rows[E]) => boolean } {
  const tickets = new Set(
    [...all.ticket.values()].filter((ticket) => scopesOfTicket(ticket).some((scope) => scopes.has(scope))).map(({ id }) => id),
  );
  const customers = new Set([...tickets].map((id) => (all.ticket.get(id) as Ticket).customerId));
  const always = () => true;
  const byTicket = (row: { ticketId: string }) => tickets.has(row.ticketId);
  const byCustomer = (row: { customerId: string }) => customers.has(row.customerId);
  return {
    workspace: always,
    team: always,
    user: always,
    teamMember: always,
    queue: always,
    queueMember: always,
    channel: always,
    article: always,
    calendar: always,
    slaPolicy: always,
    skill: always,
    userSkill: always,
    code: always,
    presence: always,
    offer: ({ userId }) => scopes.has(`user:${userId}`),
    notice: ({ userId }) => scopes.has(`user:${userId}`),
    ticket: (row) => tickets.has(row.id),
    customer: (row) => customers.has(row.id),
    message: byTicket,
    attachment: byTicket,
    slaClock: byTicket,
    identity: byCustomer,
    journey: byCustomer,
  };
}

/** The same text for the same row, whatever the order of its members. */
export function canonical(row: object): string {
  return JSON.stringify(row, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** Everything that is wrong; empty when all is well. */
export async function faults(hub: SimHub, consoles: SimConsole[], undone: Set<string>): Promise<string[]> {
  const wrong: string[] = [];
  const all = await everything(hub);
  const results = new Map((await hub.keys()).map(({ key, ok }) => [key, ok]));
  for (const [index, one] of consoles.entries()) {
    const say = (text: string) => wrong.push(`console ${index}: ${text}`);
    const may = visible(all, scopesNow(all, one.userId));
    for (const entity of entityNames) {
      const wanted = new Map<string, object>();
      for (const row of all[entity].values()) if ((may[entity] as (row: unknown) => boolean)(row)) wanted.set(row.id, row);
      const here = new Map(allRows(one.db, entity).map((row) => [row.id, row as object]));
      for (const [id, row] of here) {
        const at = wanted.get(id);
        if (!at) say(`${entity} ${id} is here and should not be`);
        else if (canonical(at) !== canonical(row)) say(`${entity} ${id} differs: here ${canonical(row)}, at the hub ${canonical(at)}`);
      }
      for (const id of wanted.keys()) if (!here.has(id)) say(`${entity} ${id} is missing`);
    }
    ownTables(one, say);

    // Every intent came to one end: applied at the hub, or refused and shown.
    const attention = new Map(attentionRows(one.db).map((row) => [row.mutationId, row]));
    const waiting = new Set(one.db.prepare('select key from outbox').pluck().all() as string[]);
    if (waiting.size > 0) say(`${waiting.size} intents still wait`);
    for (const { key, mutationId } of one.authored) {
      const ok = results.get(key);
      const shown = attention.has(mutationId);
      if (ok === true && shown)
        say(`intent ${mutationId} was applied, and is shown as refused: ${JSON.stringify(attention.get(mutationId)?.rejection)}`);
      if (ok === undefined && !shown && !undone.has(key)) say(`intent ${mutationId} is lost`);
      if (ok === false && !shown) say(`intent ${mutationId} was refused, and nobody is told`);
    }
    const known = new Set(one.authored.map(({ mutationId }) => mutationId));
    for (const id of attention.keys()) if (!known.has(id)) say(`attention shows intent ${id}, which nobody had`);
    if (one.ended !== null) say(`the session has ended: ${one.ended}`);
    if (one.warnings.length > 0) say(`warned: ${one.warnings.join(' | ')}`);
    if (one.link.leaked !== null) say(one.link.leaked);
  }
  return wrong;
}

/** At any moment: an agent sees their own notes, sent or not. */
export function unseen(one: SimConsole): string[] {
  const actor = actorHere(one.db);
  if (!actor) return [];
  const waiting = intents(one.db).filter(({ name }) => name === 'message.note');
  return waiting.flatMap(({ args, mutationId }) => {
    const { messageId, ticketId } = args as { messageId: string; ticketId: string };
    const ticket = getRow(one.db, 'ticket', ticketId);
    const shown = !ticket || !mayWork(actor, ticket) || getRow(one.db, 'message', messageId) !== undefined;
    return shown ? [] : [`intent ${mutationId}: its author does not see their own note`];
  });
}

/** What the cache derives for itself agrees with its rows. */
function ownTables(one: SimConsole, say: (text: string) => void): void {
  const { db } = one;
  const counted = db.prepare(`select settled, whose, count(*) as n from ticket group by 1, 2 order by 1, 2`).all();
  const kept = db.prepare(`select settled, whose, n from ticket_count where n <> 0 order by 1, 2`).all();
  if (JSON.stringify(counted) !== JSON.stringify(kept)) say('the kept counts are wrong');
  for (const table of textTables) {
    const off = db.prepare(`select count(*) from (select pk from ${table} except select rowid from ${table}_text)`).pluck().get() as number;
    const left = db
      .prepare(`select count(*) from (select rowid from ${table}_text except select pk from ${table})`)
      .pluck()
      .get() as number;
    if (off + left > 0) say(`search of ${table}: ${off} rows are not in it, ${left} are too many`);
  }
  for (const { id, subject } of db.prepare('select id, subject from ticket').all() as { id: string; subject: string }[]) {
    const word = searchable(subject).split(' ').at(-1) ?? '';
    const found = db
      .prepare('select 1 from ticket_text where ticket_text match ? and rowid = (select pk from ticket where id = ?)')
      .get(`"${word}"`, id);
    if (!found) say(`ticket ${id} is not found by "${word}"`);
  }
  for (const [table, parent, column] of [
    ['message', 'ticket', 'ticketId'],
    ['slaClock', 'ticket', 'ticketId'],
    ['ticket', 'customer', 'customerId'],
    ['identity', 'customer', 'customerId'],
    ['journey', 'customer', 'customerId'],
  ]) {
    const loose = db
      .prepare(`select count(*) from ${table} c where c.parent is not (select pk from ${parent} p where p.id = c.${column})`)
      .pluck()
      .get() as number;
    if (loose > 0) say(`${loose} rows of ${table} hang on nothing`);
  }
  if ((db.prepare('select count(*) from pristine').pluck().get() as number) > 0) say('confirmed forms are left over');
  if ((db.prepare('select count(*) from quarantine').pluck().get() as number) > 0) say('changes are still set aside');
}
