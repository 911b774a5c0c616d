/** Accounts of channels, and what vendors have told: whole requests, and the things in them, each to be handled once. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  /** \`secrets\` is sealed with the hub's key */
  `create table channel_account (
    workspace_id uuid not null,
    channel_id text not null,
    vendor text not null,
    settings jsonb not null,
    secrets bytea not null,
    updated_at bigint not null,
    primary key (workspace_id, channel_id)
  )`,
  /** as it came; \`error\`: why nothing in it can be read */
  `create table inbound_request (
    workspace_id uuid not null,
    id bigint generated always as identity,
    channel_id text not null,
    headers jsonb not null,
    body bytea not null,
    received_at bigint not null,
    error text,
    primary key (workspace_id, id)
  )`,
  `create index inbound_request_error on inbound_request (workspace_id, id) where error is not null`,
  /**
   * \`state\`: new, done, kept (of no use yet), aside (it failed for the reason in \`error\`). What belongs to a thread is handled by id.
   * The ids of the rows that it becomes are drawn once, so that handling it again changes nothing.
   */
  `create table inbound_event (
    workspace_id uuid not null,
    id bigint generated always as identity,
    channel_id text not null,
    key text not null,
    thread text not null,
    request_id bigint not null,
    event jsonb not null,
    at bigint,
    received_at bigint not null,
    message_id uuid not null,
    state text not null default 'new',
    error text,
    attempts integer not null default 0,
    primary key (workspace_id, id),
    unique (workspace_id, channel_id, key)
  )`,
  `create index inbound_event_new on inbound_event (workspace_id, channel_id, thread, id) where state = 'new'`,
  `create index inbound_event_aside on inbound_event (workspace_id, id) where state = 'aside'`,
];
