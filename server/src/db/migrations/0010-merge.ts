/** Tickets that go on in others, customers who turned out to be one, and the places from which customers came. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table customer add column merged jsonb`,
  `alter table ticket add column threads jsonb not null default '[]', add column hops integer not null default 0,
    add column joined jsonb not null default '[]', add column merged jsonb`,
];
