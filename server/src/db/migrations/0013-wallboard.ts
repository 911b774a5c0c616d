/** Links to wallboards, and what the figures of a wallboard are read by. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // It shows what its maker may see at the time; when they may not any more, nothing.
  `create table wallboard_link (
    workspace_id uuid not null, id uuid not null, name text not null, made_by uuid not null, token_hash bytea not null unique, at bigint not null,
    seen_at bigint, primary key (workspace_id, id)
  )`,
  `create index ticket_unsettled on ticket (workspace_id, queue_id) where status not in ('resolved', 'closed', 'spam') and merged is null`,
  `create index sla_clock_answers on sla_clock (workspace_id, ended_at) where kind in ('frt', 'nrt') and state in ('met', 'breached') and ended_at is not null`,
];
