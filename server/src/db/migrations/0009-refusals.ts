/** What administrators are told of requests that a channel refused, and of what receivers of webhooks answered. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  /** the last one's time and reason, and how many since the settings were changed */
  `alter table channel_account
    add column refused_at bigint,
    add column refused_reason text,
    add column refused_count integer not null default 0`,
  /** the beginning of the last answer */
  `alter table webhook_delivery add column response text`,
];
