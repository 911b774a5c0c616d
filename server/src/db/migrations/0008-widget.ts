/** What a widget knows of its visitors, the files that they send, and how often they begin. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  /** \`user_id\`: for whom the shop has vouched. \`details\`: what the visitor has filled in; \`consent\`: to what they have agreed, when. \`seen_at\`: a page of theirs was open */
  `alter table visitor add column user_id text, add column details jsonb, add column consent jsonb, add column answered_at bigint,
    add column seen_at bigint`,
  /** files that visitors have sent, also those whose message has not come yet; \`address\` is a digest */
  `create table visitor_file (
    workspace_id uuid not null,
    id uuid not null,
    visitor_id uuid not null,
    name text not null,
    size bigint not null,
    sha256 text not null,
    type text not null,
    address bytea not null,
    created_at bigint not null,
    primary key (workspace_id, id)
  )`,
  `create index visitor_file_visitor on visitor_file (workspace_id, visitor_id, created_at)`,
  `create index visitor_file_address on visitor_file (workspace_id, address, created_at)`,
  /** conversations that visitors have begun; \`address\` is a digest */
  `create table visitor_opening (
    workspace_id uuid not null,
    ticket_id uuid not null,
    visitor_id uuid not null,
    address bytea not null,
    at bigint not null,
    primary key (workspace_id, ticket_id)
  )`,
  `create index visitor_opening_visitor on visitor_opening (workspace_id, visitor_id, at)`,
  `create index visitor_opening_address on visitor_opening (workspace_id, address, at)`,
];
