/** Links by which people set their password, and what tickets are about and how they end. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // One for each person: a new link makes the one before it void. The token itself is nowhere.
  `create table person_link (
    workspace_id uuid not null,
    user_id uuid not null,
    token_hash bytea not null,
    until bigint not null,
    made_at bigint not null,
    primary key (workspace_id, user_id)
  )`,
  `create unique index person_link_token on person_link (token_hash)`,
  `create index session_of_user on session (workspace_id, user_id)`,
  `create table code (
    workspace_id uuid not null, id uuid not null, kind text not null, name text not null, queue_ids jsonb, position integer not null,
    active boolean not null, rowver bigint not null default 0, primary key (workspace_id, id)
  )`,
];
