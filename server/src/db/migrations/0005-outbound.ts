/** What goes out through channels and what is told of it afterwards; files that vendors hold; what rows say beside their text. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table message add extra jsonb`,
  `alter table identity add state text not null default 'ok'`,
  `alter table customer add proposals jsonb not null default '[]'`,
  `alter table channel add rules jsonb, add health text not null default 'ok'`,
  `create index message_outbound on message (workspace_id, ticket_id, accepted_at, id) where delivery in ('accepted', 'sending')`,
  /** \`resume_at\`: the vendor asked for patience; \`last_…\`: for whoever looks whether the channel works */
  `alter table channel_account add state text not null default 'ok', add state_reason text, add state_at bigint, add resume_at bigint,
    add last_event_at bigint, add last_sent_at bigint`,
  /**
   * What vendors call our messages. \`mine\`: it went out; \`thread\`: with whom; \`at\`: the vendor's moment, or the last one before it.
   * \`message_id\` is empty where its author took it back before it came.
   */
  `create table external_id (
    workspace_id uuid not null,
    channel_id text not null,
    value text not null,
    message_id uuid,
    thread text not null,
    mine boolean not null,
    at bigint not null,
    withdrawn boolean not null default false,
    primary key (workspace_id, channel_id, value)
  )`,
  `create index external_id_thread on external_id (workspace_id, channel_id, thread, at) where mine`,
  `create index external_id_message on external_id (workspace_id, message_id)`,
  /**
   * A message's parts, each handed to the vendor once. \`state\`: waiting, sending, sent, failed, unknown. One that is found \`sending\`
   * by whoever takes up the thread was being handed over when its hub ended.
   */
  `create table outbound_part (
    workspace_id uuid not null,
    id uuid not null,
    message_id uuid not null,
    position integer not null,
    channel_id text not null,
    thread text not null,
    piece jsonb not null,
    state text not null default 'waiting',
    attempts integer not null default 0,
    started_at bigint,
    settled_at bigint,
    reason text,
    primary key (workspace_id, id),
    unique (workspace_id, message_id, position)
  )`,
  `create index outbound_part_open on outbound_part (workspace_id, channel_id, thread) where state in ('sending', 'unknown')`,
  /** \`waits_for\`: what it speaks of has not come yet */
  `alter table inbound_event add waits_for text`,
  `create index inbound_event_waits on inbound_event (workspace_id, channel_id, waits_for) where state = 'kept' and waits_for is not null`,
  /** files that vendors hold for a while */
  `create table inbound_media (
    workspace_id uuid not null,
    message_id uuid not null,
    position integer not null,
    channel_id text not null,
    attachment_id uuid not null,
    url text not null,
    name text,
    kind text not null,
    state text not null default 'fetching',
    attempts integer not null default 0,
    error text,
    primary key (workspace_id, message_id, position)
  )`,
  /**
   * Legs of telephone calls as exchanges tell of them. \`take\`: an exchange may use an id again, hours later. \`call_id\` is an
   * opaque text; \`root\` the first leg of its call.
   */
  `create table phone_leg (
    workspace_id uuid not null,
    channel_id text not null,
    call_id text not null,
    take integer not null,
    orig_call_id text,
    leg jsonb not null,
    heard_at bigint not null,
    primary key (workspace_id, channel_id, call_id, take)
  )`,
  `create index phone_leg_orig on phone_leg (workspace_id, channel_id, orig_call_id) where orig_call_id is not null`,
  /** \`state\`: ringing, talking, ended; \`phone\`: the customer's number, E.164 where it is one; \`noted\`: it stands on a ticket */
  `create table phone_call (
    workspace_id uuid not null,
    id uuid not null,
    channel_id text not null,
    root text not null,
    take integer not null,
    direction text not null,
    phone text,
    shown text,
    state text not null,
    outcome text,
    answered_by text,
    ringing jsonb not null,
    queue_id uuid not null,
    started_at bigint not null,
    answered_at bigint,
    ended_at bigint,
    talk_ms bigint not null,
    heard_at bigint not null,
    message_id uuid not null,
    noted boolean not null default false,
    primary key (workspace_id, id),
    unique (workspace_id, channel_id, root, take)
  )`,
  `create index phone_call_live on phone_call (workspace_id, heard_at) where state <> 'ended' or not noted`,
  /** which hub runs which worker: the locks of one that has ended are let go */
  `create table hub_worker (worker_id text primary key, instance uuid not null, started_at bigint not null)`,
];
