/** What a centre promises and who can do what: calendars, SLA policies, skills, presence, offers, notices; what clocks count by. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const table = (name: string, columns: string) =>
  `create table ${name} (workspace_id uuid not null, ${columns}, rowver bigint not null default 0, primary key (workspace_id, id))`;

const statements = [
  table(
    'calendar',
    'id uuid not null, name text not null, zone text not null, week jsonb not null, days jsonb not null, updated_at bigint not null',
  ),
  table(
    'sla_policy',
    `id uuid not null, name text not null, position integer not null, active boolean not null, version integer not null, calendar_id uuid,
     match jsonb not null, targets jsonb not null, third_party_pauses boolean not null, escalation jsonb not null, updated_at bigint not null`,
  ),
  table('skill', 'id uuid not null, name text not null'),
  table('user_skill', 'id text not null, user_id uuid not null, skill_id uuid not null, level integer not null'),
  table(
    'presence',
    `id uuid not null, state text not null, reason text, since bigint not null, until bigint, "off" jsonb not null default '[]', resumes text,
     missed integer not null default 0`,
  ),
  table(
    'offer',
    `id uuid not null, ticket_id uuid not null, queue_id uuid not null, user_id uuid not null, at bigint not null, until bigint not null,
     state text not null, ended_at bigint`,
  ),
  `create index offer_user on offer (workspace_id, user_id, at)`,
  `create index offer_ticket on offer (workspace_id, ticket_id, at)`,
  `create index offer_ringing on offer (workspace_id, until) where state = 'ringing'`,
  `create index offer_ringing_user on offer (workspace_id, user_id) where state = 'ringing'`,
  table(
    'notice',
    `id uuid not null, user_id uuid not null, kind text not null, ticket_id uuid, from_id uuid, text text not null, at bigint not null,
     seen_at bigint`,
  ),
  `create index notice_user on notice (workspace_id, user_id, at)`,
  `alter table app_user add column capacity jsonb`,
  `alter table queue add column routing jsonb`,
  `alter table sla_clock add column policy_id uuid, add column policy_version integer, add column calendar_id uuid,
    add column waited_from bigint not null default 0, add column escalated integer not null default 0, add column escalate_at bigint`,
  `update sla_clock set waited_from = started_at`,
  // What the hub looks for once a second: clocks that have run out, and breaches whose next step is due.
  `create index sla_clock_due on sla_clock (workspace_id, due_at) where state = 'running' and ended_at is null`,
  `create index sla_clock_escalate on sla_clock (workspace_id, escalate_at) where escalate_at is not null and ended_at is null`,
  // What an edit of a calendar goes through.
  `create index sla_clock_calendar on sla_clock (workspace_id, calendar_id, id) where state = 'running' and ended_at is null`,
  `alter table ticket add column sla_target_ms bigint, add column sla_consumed_ms bigint, add column sla_running_since bigint,
    add column sla_calendar_id uuid, add column enqueued_at bigint, add column queued_since bigint, add column offered_to uuid, add column needs jsonb not null default '[]',
    add column follow_up_of uuid`,
  `update ticket set sla_target_ms = sla_due_at - sla_started_at, sla_consumed_ms = 0, sla_running_since = sla_started_at
    where sla_due_at > sla_started_at`,
  // Append only: the rules below hold for everybody who writes through the hub's connection.
  `create table audit (
    workspace_id uuid not null, id uuid not null, at bigint not null, actor_id uuid, actor_name text not null, actor_role text not null,
    act text not null, ticket_id uuid, args jsonb not null, primary key (workspace_id, id)
  )`,
  `create index audit_at on audit (workspace_id, at, id)`,
  `create index audit_ticket on audit (workspace_id, ticket_id, at) where ticket_id is not null`,
  `create function audit_stays() returns trigger language plpgsql as $$ begin raise exception 'the audit log is append only'; end $$`,
  `create trigger audit_stays before update or delete or truncate on audit for each statement execute function audit_stays()`,
  // Nobody has it, and nobody has been told when it came: it comes now.
  `update ticket set enqueued_at = coalesce(unanswered_since, last_message_at), queued_since = coalesce(unanswered_since, last_message_at)
    where status in ('new', 'open', 'waiting_customer', 'waiting_third_party') and merged is null`,
  `create index ticket_waiting on ticket (workspace_id, queue_id, enqueued_at) where assignee_id is null and status in ('new', 'open')`,
  `create index ticket_held on ticket (workspace_id, assignee_id) where assignee_id is not null and status not in ('resolved', 'closed', 'spam')`,
  // How a ticket has come to where it is: a line for each change of what it names, in the commit of the change.
  `create table ticket_track (
    workspace_id uuid not null, id bigint generated always as identity primary key, ticket_id uuid not null, at bigint not null, status text not null,
    queue_id uuid not null, assignee_id uuid, offered_to uuid
  )`,
  `create index ticket_track_ticket on ticket_track (workspace_id, ticket_id, at)`,
  `create index ticket_track_assignee on ticket_track (workspace_id, assignee_id, at) where assignee_id is not null`,
  `create table presence_interval (
    workspace_id uuid not null, user_id uuid not null, state text not null, reason text, since bigint not null, until bigint,
    primary key (workspace_id, user_id, since)
  )`,
  `create index presence_interval_open on presence_interval (workspace_id, user_id) where until is null`,
  // Consoles that are connected, to whichever hub; and since when somebody has none. They may be lost with the machine.
  `create unlogged table console_line (workspace_id uuid not null, id uuid primary key, user_id uuid not null, seen_at bigint not null)`,
  `create index console_line_user on console_line (workspace_id, user_id)`,
  `create unlogged table console_gone (workspace_id uuid not null, user_id uuid not null, at bigint not null, primary key (workspace_id, user_id))`,
];
