/** What reports of a whole day look for. Tracks are written in the order of their moments, so a few bytes for each block find a day. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create index ticket_track_at on ticket_track using brin (at) with (pages_per_range = 16)`,
  `create index offer_at on offer (workspace_id, at)`,
];
