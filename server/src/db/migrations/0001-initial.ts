/** Tables of the hub. Times are milliseconds since the epoch; `rowver` is the log's sequence of a row's last change. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const entity = (name: string, columns: string, keyType = 'uuid') => `
create table ${name} (
  workspace_id uuid not null,
  id ${keyType} not null,
  ${columns},
  rowver bigint not null default 0,
  primary key (workspace_id, id)
)`;

const statements = [
  entity('workspace', `name text not null, locale text not null`),
  /** one row a workspace: locking it puts the workspace's commits in a row */
  `create table workspace_counter (
    workspace_id uuid primary key,
    seq bigint not null,
    oldest_seq bigint not null,
    ticket_number bigint not null,
    last_at bigint not null,
    reference_seq bigint not null,
    epoch text not null
  )`,
  entity('team', `name text not null`),
  entity(
    'app_user',
    `name text not null, email text not null, role text not null check (role in ('agent', 'lead', 'admin')), locale text not null, active boolean not null`,
  ),
  `create unique index app_user_email on app_user (lower(email))`,
  entity('team_member', `team_id uuid not null, user_id uuid not null`, 'text'),
  entity(
    'queue',
    `name text not null, purpose text not null, team_id uuid not null, requires_disposition boolean not null, position integer not null`,
  ),
  entity('queue_member', `queue_id uuid not null, user_id uuid not null`, 'text'),
  entity('channel', `kind text not null, name text not null, queue_id uuid not null, active boolean not null`, 'text'),
  entity(
    'customer',
    `name text not null, segment text, loyalty_tier text, loyalty_points integer, city text, note text, created_at bigint not null, updated_at bigint not null`,
  ),
  entity('identity', `customer_id uuid not null, kind text not null, value text not null, verified boolean not null`),
  `create unique index identity_value on identity (workspace_id, kind, value)`,
  `create index identity_customer on identity (workspace_id, customer_id)`,
  entity(
    'ticket',
    `number bigint not null, provisional_ref text, subject text not null, status text not null, priority text not null, channel text not null, channel_id text,
    queue_id uuid not null, assignee_id uuid, customer_id uuid not null, tags jsonb not null, snoozed_until bigint, contact_reason text,
    disposition text, created_at bigint not null, updated_at bigint not null, resolved_at bigint, last_message_at bigint not null,
    last_message_kind text not null, last_message_preview text not null, last_inbound_id uuid, last_inbound_at bigint, last_reply_id uuid,
    last_reply_by uuid, last_reply_at bigint, unanswered_since bigint, sla_kind text, sla_state text, sla_started_at bigint, sla_due_at bigint`,
  ),
  `create unique index ticket_number on ticket (workspace_id, number)`,
  `create index ticket_queue on ticket (workspace_id, queue_id)`,
  `create index ticket_assignee on ticket (workspace_id, assignee_id) where assignee_id is not null`,
  `create index ticket_customer on ticket (workspace_id, customer_id, last_message_at)`,
  entity(
    'message',
    `ticket_id uuid not null, kind text not null, channel text not null, author_type text not null, author_id uuid, author_name text not null,
    body text not null, call jsonb, authored_at bigint not null, accepted_at bigint not null, delivery text, delivery_error text`,
  ),
  `create index message_ticket on message (workspace_id, ticket_id, accepted_at, id)`,
  entity(
    'sla_clock',
    `ticket_id uuid not null, kind text not null, target_ms bigint not null, consumed_ms bigint not null, started_at bigint not null,
    running_since bigint, due_at bigint, state text not null, breached_at bigint, ended_at bigint`,
  ),
  `create index sla_clock_ticket on sla_clock (workspace_id, ticket_id, started_at)`,

  `create table change_log (
    workspace_id uuid not null,
    seq bigint not null,
    scope text not null,
    op text not null,
    entity text not null,
    entity_id text not null,
    row jsonb,
    at bigint not null,
    primary key (workspace_id, seq)
  )`,
  `create index change_log_scope on change_log (workspace_id, scope, seq)`,
  `create table client (
    workspace_id uuid not null,
    client_id uuid not null,
    user_id uuid not null,
    device_name text not null,
    last_mutation_id bigint not null default 0,
    created_at bigint not null,
    last_seen_at bigint not null,
    revoked_at bigint,
    primary key (workspace_id, client_id)
  )`,
  `create table mutation_result (
    workspace_id uuid not null,
    client_id uuid not null,
    mutation_id bigint not null,
    key uuid not null,
    result jsonb not null,
    at bigint not null,
    primary key (workspace_id, client_id, mutation_id)
  )`,
  `create unique index mutation_result_key on mutation_result (workspace_id, key)`,

  `create table credential (
    workspace_id uuid not null,
    user_id uuid not null,
    password_hash text not null,
    changed_at bigint not null,
    primary key (workspace_id, user_id)
  )`,
  `create table session (
    id uuid primary key,
    workspace_id uuid not null,
    user_id uuid not null,
    client_id uuid not null,
    generation integer not null,
    confirmed boolean not null,
    refresh_hash bytea not null,
    previous_hash bytea,
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
  )`,
  `create unique index session_refresh on session (refresh_hash)`,
  `create index session_previous on session (previous_hash) where previous_hash is not null`,
  `create index session_client on session (workspace_id, client_id)`,
  `create table visitor (
    workspace_id uuid not null,
    id uuid not null,
    token_hash bytea not null,
    channel_id text not null,
    name text,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, id)
  )`,
  `create unique index visitor_token on visitor (token_hash)`,
  `create table hub_secret (name text primary key, value text not null)`,
];
