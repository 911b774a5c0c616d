/** The generic API's conversations and the names its messages came under; conversations that bots hold; outgoing webhooks. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  /** which ticket a program's conversation goes on with */
  `create table api_conversation (
    workspace_id uuid not null,
    channel_id text not null,
    external_id text not null,
    ticket_id uuid not null,
    primary key (workspace_id, channel_id, external_id)
  )`,
  `create index api_conversation_ticket on api_conversation (workspace_id, ticket_id)`,
  /** ids and idempotency keys, each with what its body was */
  `create table api_name (
    workspace_id uuid not null,
    channel_id text not null,
    name text not null,
    digest bytea not null,
    at bigint not null,
    primary key (workspace_id, channel_id, name)
  )`,
  /**
   * \`epoch\` goes up when the bot gives the conversation away, or somebody takes it. \`transcript_until\`: what it had read by then.
   * \`told_id\`: the newest message that it knows of; \`state\`: where the hub's own bot is with it.
   */
  `create table bot_conversation (
    workspace_id uuid not null,
    ticket_id uuid not null,
    bot_id text not null,
    epoch integer not null default 1,
    transcript_until text,
    reason text,
    told_id uuid,
    state jsonb,
    primary key (workspace_id, ticket_id)
  )`,
  /** the hub's own bots; what they had no answer to, folded so that the same question is one */
  `create table bot (
    workspace_id uuid not null,
    id text not null,
    name text not null,
    channels jsonb not null,
    active boolean not null,
    config jsonb not null,
    updated_at bigint not null,
    primary key (workspace_id, id)
  )`,
  `create table bot_question (
    workspace_id uuid not null,
    bot_id text not null,
    folded text not null,
    text text not null,
    times integer not null,
    last_at bigint not null,
    primary key (workspace_id, bot_id, folded)
  )`,
  /** \`secrets\` is sealed with the hub's key; \`state\`: active, disabled (for the \`reason\`) */
  `create table webhook_endpoint (
    workspace_id uuid not null,
    id uuid not null,
    url text not null,
    secrets bytea not null,
    events jsonb not null,
    channel_id text,
    state text not null default 'active',
    reason text,
    created_at bigint not null,
    primary key (workspace_id, id)
  )`,
  /** what is to be delivered, in the order of \`seq\`, and what became of it; \`state\`: waiting, sent, failed */
  `create table webhook_delivery (
    workspace_id uuid not null,
    id uuid not null,
    seq bigint generated always as identity,
    endpoint_id uuid not null,
    type text not null,
    body text not null,
    created_at bigint not null,
    state text not null default 'waiting',
    attempts integer not null default 0,
    next_at bigint,
    status integer,
    error text,
    settled_at bigint,
    primary key (workspace_id, id)
  )`,
  `create index webhook_delivery_waiting on webhook_delivery (workspace_id, endpoint_id, seq) where state = 'waiting'`,
  `create index webhook_delivery_log on webhook_delivery (workspace_id, endpoint_id, seq desc)`,
  `create index webhook_delivery_created on webhook_delivery (workspace_id, created_at)`,
];
