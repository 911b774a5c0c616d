/** Mailboxes: how far each was read, the raw mails, and which ids their headers speak of. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  /** \`source\`: which mailbox the channel was fed by then; another one has UIDs of its own. \`moved_at\`: when the cursor last moved */
  `create table mailbox (
    workspace_id uuid not null,
    channel_id text not null,
    source text not null,
    uid_validity text not null,
    last_uid bigint not null,
    moved_at bigint not null,
    primary key (workspace_id, channel_id)
  )`,
  /**
   * Mails as they came; the bytes lie in the file store under \`id\`. \`omitted\`: parts that were left at the server. \`message_id\`: what
   * it has become.
   */
  `create table mail_raw (
    workspace_id uuid not null,
    id uuid not null,
    channel_id text not null,
    source text not null,
    uid_validity text not null,
    uid bigint not null,
    size bigint not null,
    omitted jsonb not null,
    received_at bigint,
    taken_at bigint not null,
    message_id uuid,
    primary key (workspace_id, id),
    unique (workspace_id, channel_id, source, uid_validity, uid)
  )`,
  `create index mail_raw_message on mail_raw (workspace_id, message_id) where message_id is not null`,
  /** ids of other mails that a mail names, oldest first: those who answer a mail that never came here belong together */
  `create table mail_reference (
    workspace_id uuid not null,
    message_id uuid not null,
    position integer not null,
    channel_id text not null,
    value text not null,
    primary key (workspace_id, message_id, position)
  )`,
  `create index mail_reference_value on mail_reference (workspace_id, channel_id, value)`,
];
