/** What makes the sync sound at size: offline leases, files, drafts, knowledge; and the indexes that reading by scope needs. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table ticket add lease_by uuid, add lease_until bigint`,
  `create index ticket_lease on ticket (workspace_id, lease_by) where lease_by is not null`,
  `create index message_queued on message (workspace_id, ticket_id, accepted_at) where delivery = 'queued'`,
  `create table attachment (
    workspace_id uuid not null,
    id uuid not null,
    message_id uuid not null,
    ticket_id uuid not null,
    name text not null,
    type text not null,
    size bigint not null,
    sha256 text not null,
    state text not null,
    created_at bigint not null,
    rowver bigint not null default 0,
    primary key (workspace_id, id)
  )`,
  `create index attachment_ticket on attachment (workspace_id, ticket_id)`,
  `create index attachment_pending on attachment (workspace_id, ticket_id) where state = 'pending'`,
  `create table article (
    workspace_id uuid not null,
    id uuid not null,
    kind text not null,
    title text not null,
    body text not null,
    updated_at bigint not null,
    rowver bigint not null default 0,
    primary key (workspace_id, id)
  )`,
  /** bytes that have come of a file; the file itself lies in the blob folder under its id */
  `create table upload (
    workspace_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    ticket_id uuid not null,
    name text not null,
    type text not null,
    size bigint not null,
    sha256 text not null,
    complete boolean not null default false,
    created_at bigint not null,
    primary key (workspace_id, id)
  )`,
  /** \`rev\` counts the lane of each user; the newest of a ticket is the draft */
  `create table draft (
    workspace_id uuid not null,
    user_id uuid not null,
    ticket_id uuid not null,
    rev bigint not null,
    mode text not null,
    body text not null,
    seen jsonb not null,
    started_at bigint not null,
    updated_at bigint not null,
    client_id uuid not null,
    device text not null,
    primary key (workspace_id, user_id, ticket_id)
  )`,
  `create unique index draft_rev on draft (workspace_id, user_id, rev)`,
  /** for the compaction of the log: what has left a scope, and results by age */
  `create index change_log_leave on change_log (workspace_id, entity_id, seq) where op = 'leave'`,
  `create index mutation_result_at on mutation_result (workspace_id, at)`,
  `create table draft_lane (workspace_id uuid not null, user_id uuid not null, rev bigint not null, primary key (workspace_id, user_id))`,
];
