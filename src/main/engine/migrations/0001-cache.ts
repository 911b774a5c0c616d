/** The workstation's tables. Times are milliseconds; booleans 0 and 1; lists and objects JSON text. */
export const up = `
create table meta (name text primary key, value text not null) strict;
create table workspace (id text primary key, name text not null, locale text not null, rowver integer not null default 0) strict;
create table team (id text primary key, name text not null, rowver integer not null default 0) strict;
create table user (
  id text primary key, name text not null, email text not null, role text not null, locale text not null,
  active integer not null, rowver integer not null default 0
) strict;
create table teamMember (id text primary key, teamId text not null, userId text not null, rowver integer not null default 0) strict;
create table queue (
  id text primary key, name text not null, purpose text not null, teamId text not null, requiresDisposition integer not null,
  position integer not null, rowver integer not null default 0
) strict;
create table queueMember (id text primary key, queueId text not null, userId text not null, rowver integer not null default 0) strict;
create table channel (
  id text primary key, kind text not null, name text not null, queueId text not null, active integer not null,
  rowver integer not null default 0
) strict;
create table customer (
  id text primary key, name text not null, segment text, loyaltyTier text, loyaltyPoints integer, city text, note text,
  createdAt integer not null, updatedAt integer not null, rowver integer not null default 0
) strict;
create table identity (
  id text primary key, customerId text not null, kind text not null, value text not null, verified integer not null,
  rowver integer not null default 0
) strict;
create index identity_customer on identity (customerId);
create index identity_value on identity (kind, value);
create table ticket (
  id text primary key, number integer, provisionalRef text, subject text not null, status text not null, priority text not null, channel text not null,
  channelId text, queueId text not null, assigneeId text, customerId text not null, tags text not null, snoozedUntil integer,
  contactReason text, disposition text, createdAt integer not null, updatedAt integer not null, resolvedAt integer,
  lastMessageAt integer not null, lastMessageKind text not null, lastMessagePreview text not null, lastInboundId text,
  lastInboundAt integer, lastReplyId text, lastReplyBy text, lastReplyAt integer, unansweredSince integer, slaKind text,
  slaState text, slaStartedAt integer, slaDueAt integer, rowver integer not null default 0,
  -- the scopes that keep the row here
  scopes text not null default '[]',
  settled integer not null generated always as (status in ('resolved', 'closed', 'spam')) virtual,
  awakeAt integer not null generated always as (coalesce(snoozedUntil, 0)) virtual,
  -- soonest due first, then what has no clock by newest message
  slaSort integer not null generated always as (coalesce(slaDueAt, 9000000000000000 - lastMessageAt)) virtual
) strict;
create index ticket_sla on ticket (settled, slaSort, id, awakeAt);
create index ticket_mine_sla on ticket (settled, assigneeId, slaSort, id, awakeAt);
create index ticket_time on ticket (settled, lastMessageAt, id, awakeAt);
create index ticket_mine_time on ticket (settled, assigneeId, lastMessageAt, id, awakeAt);
create index ticket_customer on ticket (customerId, lastMessageAt);
create index ticket_awake on ticket (awakeAt) where snoozedUntil is not null;
-- How many tickets each view has, kept with every change: counting them anew would walk the whole index.
create table ticket_count (settled integer not null, assignee text not null, n integer not null, primary key (settled, assignee)) strict, without rowid;
create trigger ticket_counted_in after insert on ticket begin
  insert into ticket_count values (new.status in ('resolved', 'closed', 'spam'), coalesce(new.assigneeId, ''), 1)
    on conflict do update set n = n + 1;
end;
create trigger ticket_counted_out after delete on ticket begin
  update ticket_count set n = n - 1
    where settled = (old.status in ('resolved', 'closed', 'spam')) and assignee = coalesce(old.assigneeId, '');
end;
create trigger ticket_counted_over after update of status, assigneeId on ticket
  when old.assigneeId is not new.assigneeId or (old.status in ('resolved', 'closed', 'spam')) <> (new.status in ('resolved', 'closed', 'spam')) begin
  update ticket_count set n = n - 1
    where settled = (old.status in ('resolved', 'closed', 'spam')) and assignee = coalesce(old.assigneeId, '');
  insert into ticket_count values (new.status in ('resolved', 'closed', 'spam'), coalesce(new.assigneeId, ''), 1)
    on conflict do update set n = n + 1;
end;
create table message (
  id text primary key, ticketId text not null, kind text not null, channel text not null, authorType text not null, authorId text,
  authorName text not null, body text not null, call text, authoredAt integer not null, acceptedAt integer, delivery text,
  deliveryError text, rowver integer not null default 0,
  -- accepted ones in the hub's order, then this workstation's own
  position integer not null generated always as (coalesce(acceptedAt, 9000000000000000)) virtual
) strict;
create index message_ticket on message (ticketId, position, id);
create table slaClock (
  id text primary key, ticketId text not null, kind text not null, targetMs integer not null, consumedMs integer not null,
  startedAt integer not null, runningSince integer, dueAt integer, state text not null, breachedAt integer, endedAt integer,
  rowver integer not null default 0
) strict;
create index slaClock_ticket on slaClock (ticketId, startedAt);
create table journey (
  id text primary key, customerId text not null, number integer, subject text not null, channel text not null, queueId text not null,
  status text not null, createdAt integer not null, lastMessageAt integer not null, rowver integer not null default 0
) strict;
create index journey_customer on journey (customerId, createdAt);

create table outbox (
  mutationId integer primary key autoincrement, key text not null unique, name text not null, args text not null, ticketId text,
  authoredAt integer not null, baseSeq integer not null, attempts integer not null default 0,
  state text not null default 'pending' check (state in ('pending', 'sending', 'accepted')),
  -- for 'accepted': dropped when the cursor has reached this
  acceptedSeq integer, error text
) strict;
create index outbox_ticket on outbox (ticketId);
create table pristine (entity text not null, id text not null, row text, primary key (entity, id)) strict, without rowid;
create table attention (
  mutationId integer primary key, name text not null, args text not null, ticketId text, rejection text not null,
  authoredAt integer not null, rejectedAt integer not null
) strict;
create index attention_ticket on attention (ticketId);
create table quarantine (seq integer not null, entity text not null, id text not null, payload text not null, primary key (seq, entity, id)) strict;
create table draft (
  ticketId text primary key, mode text not null, body text not null, seen text not null, startedAt integer not null, updatedAt integer not null
) strict;
`;
