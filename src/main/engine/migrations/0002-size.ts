/**
 * Tables for a hundred thousand tickets and a million messages: whole numbers inside, UUIDs at the edge. The cache is
 * dropped and fetched again; outbox, refused changes and drafts stay.
 *
 * - `parent` is the row's ticket or customer by its `pk`; null until that one is here.
 * - The `pk` of what is searched follows recency (ms << 4 | random), so that the newest hits come first; it stays below 2^53. More
 *   random bits would make every entry of the search tables longer: they hold the differences between one row and the next.
 * - Text for search is folded, and words with diacritics stand there as they were written too; the tables keep no text of their own.
 *   Their segments are merged when there is nothing else to do (tidy.ts): merging inside a transaction makes some of them ten times longer.
 */
export const up = `
drop table ticket; drop table message; drop table slaClock; drop table customer; drop table identity; drop table journey;
drop table ticket_count;
delete from pristine;
delete from meta where name in ('cursor', 'epoch', 'scopes', 'dataAsOf');

create table customer (
  pk integer primary key, id text not null unique, name text not null, segment text, loyaltyTier text, loyaltyPoints integer, city text,
  note text, createdAt integer not null, updatedAt integer not null, rowver integer not null default 0
) strict;
create table identity (
  pk integer primary key, id text not null unique, customerId text not null, kind text not null, value text not null,
  verified integer not null, parent integer, rowver integer not null default 0
) strict;
create index identity_parent on identity (parent);
create index identity_value on identity (value, kind);
create table ticket (
  pk integer primary key, id text not null unique, number integer, provisionalRef text, subject text not null, status text not null,
  priority text not null, channel text not null, channelId text, queueId text not null, assigneeId text, customerId text not null,
  tags text not null, snoozedUntil integer, contactReason text, disposition text, createdAt integer not null, updatedAt integer not null,
  resolvedAt integer, lastMessageAt integer not null, lastMessageKind text not null, lastMessagePreview text not null,
  lastInboundId text, lastInboundAt integer, lastReplyId text, lastReplyBy text, lastReplyAt integer, unansweredSince integer,
  slaKind text, slaState text, slaStartedAt integer, slaDueAt integer, leaseBy text, leaseUntil integer,
  parent integer, rowver integer not null default 0,
  -- which scopes keep the row here: 1 its queue's, 2 its assignee's
  kept integer not null default 0,
  -- 0 nobody's, 1 mine, 2 a colleague's
  whose integer not null default 0,
  settled integer not null generated always as (status in ('resolved', 'closed', 'spam')) virtual,
  awakeAt integer not null generated always as (coalesce(snoozedUntil, 0)) virtual,
  -- soonest due first, then what has no clock by newest message
  slaSort integer not null generated always as (coalesce(slaDueAt, 9000000000000000 - lastMessageAt)) virtual
) strict;
create index ticket_sla on ticket (settled, slaSort, awakeAt);
create index ticket_whose_sla on ticket (settled, whose, slaSort, awakeAt);
create index ticket_time on ticket (settled, lastMessageAt, awakeAt);
create index ticket_whose_time on ticket (settled, whose, lastMessageAt, awakeAt);
create index ticket_parent on ticket (parent, lastMessageAt);
create index ticket_awake on ticket (awakeAt) where snoozedUntil is not null;
create index ticket_lease on ticket (leaseBy) where leaseBy is not null;
create index ticket_number on ticket (number) where number is not null;
-- How many tickets each view has, kept with every change: counting them anew would walk the whole index.
create table ticket_count (settled integer not null, whose integer not null, n integer not null, primary key (settled, whose)) strict, without rowid;
create trigger ticket_counted_in after insert on ticket begin
  insert into ticket_count values (new.status in ('resolved', 'closed', 'spam'), new.whose, 1) on conflict do update set n = n + 1;
end;
create trigger ticket_counted_out after delete on ticket begin
  update ticket_count set n = n - 1 where settled = (old.status in ('resolved', 'closed', 'spam')) and whose = old.whose;
end;
create trigger ticket_counted_over after update of status, whose on ticket
  when old.whose <> new.whose or (old.status in ('resolved', 'closed', 'spam')) <> (new.status in ('resolved', 'closed', 'spam')) begin
  update ticket_count set n = n - 1 where settled = (old.status in ('resolved', 'closed', 'spam')) and whose = old.whose;
  insert into ticket_count values (new.status in ('resolved', 'closed', 'spam'), new.whose, 1) on conflict do update set n = n + 1;
end;
create table message (
  pk integer primary key, id text not null unique, ticketId text not null, kind text not null, channel text not null,
  authorType text not null, authorId text, authorName text not null, body text not null, call text, authoredAt integer not null,
  acceptedAt integer, delivery text, deliveryError text, parent integer, rowver integer not null default 0,
  -- accepted ones in the hub's order, then this workstation's own
  position integer not null generated always as (coalesce(acceptedAt, 9000000000000000)) virtual
) strict;
create index message_parent on message (parent, position);
create index message_queued on message (parent) where delivery = 'queued';
create table attachment (
  pk integer primary key, id text not null unique, messageId text not null, ticketId text not null, name text not null, type text not null,
  size integer not null, sha256 text not null, state text not null, createdAt integer not null, parent integer,
  rowver integer not null default 0
) strict;
create index attachment_parent on attachment (parent);
create table slaClock (
  pk integer primary key, id text not null unique, ticketId text not null, kind text not null, targetMs integer not null,
  consumedMs integer not null, startedAt integer not null, runningSince integer, dueAt integer, state text not null, breachedAt integer,
  endedAt integer, parent integer, rowver integer not null default 0
) strict;
create index slaClock_parent on slaClock (parent, startedAt);
create table journey (
  pk integer primary key, id text not null unique, customerId text not null, number integer, subject text not null, channel text not null,
  queueId text not null, status text not null, createdAt integer not null, lastMessageAt integer not null, parent integer,
  rowver integer not null default 0
) strict;
create index journey_parent on journey (parent, createdAt);
create table article (
  pk integer primary key, id text not null unique, kind text not null, title text not null, body text not null, updatedAt integer not null,
  rowver integer not null default 0
) strict;

-- What came before its ticket or customer finds it when it comes.
create index message_orphan on message (ticketId) where parent is null;
create index attachment_orphan on attachment (ticketId) where parent is null;
create index slaClock_orphan on slaClock (ticketId) where parent is null;
create index ticket_orphan on ticket (customerId) where parent is null;
create index identity_orphan on identity (customerId) where parent is null;
create index journey_orphan on journey (customerId) where parent is null;
create trigger ticket_adopts after insert on ticket begin
  update message set parent = new.pk where parent is null and ticketId = new.id;
  update attachment set parent = new.pk where parent is null and ticketId = new.id;
  update slaClock set parent = new.pk where parent is null and ticketId = new.id;
end;
create trigger customer_adopts after insert on customer begin
  update ticket set parent = new.pk where parent is null and customerId = new.id;
  update identity set parent = new.pk where parent is null and customerId = new.id;
  update journey set parent = new.pk where parent is null and customerId = new.id;
end;
create trigger ticket_leaves before delete on ticket begin
  update message set parent = null where parent = old.pk;
  update attachment set parent = null where parent = old.pk;
  update slaClock set parent = null where parent = old.pk;
end;
create trigger customer_leaves before delete on customer begin
  update ticket set parent = null where parent = old.pk;
  update identity set parent = null where parent = old.pk;
  update journey set parent = null where parent = old.pk;
end;

-- Tickets whose messages before \`since\` (ms, the hub's time of acceptance) are at the hub; without a row the ticket is whole.
create table loaded_range (ticketId text primary key, since integer not null) strict, without rowid;

create virtual table message_text using fts5 (text, content='', contentless_delete=1, detail=none, prefix='2', tokenize="unicode61 remove_diacritics 0");
create virtual table ticket_text using fts5 (text, content='', contentless_delete=1, detail=none, prefix='2', tokenize="unicode61 remove_diacritics 0");
create virtual table customer_text using fts5 (text, content='', contentless_delete=1, detail=none, prefix='2', tokenize="unicode61 remove_diacritics 0");
create virtual table article_text using fts5 (text, content='', contentless_delete=1, detail=none, prefix='2', tokenize="unicode61 remove_diacritics 0");
create virtual table message_word using fts5vocab (message_text, instance);
create virtual table ticket_word using fts5vocab (ticket_text, instance);
create virtual table customer_word using fts5vocab (customer_text, instance);
create virtual table article_word using fts5vocab (article_text, instance);
insert into message_text (message_text, rank) values ('automerge', 0), ('usermerge', 16), ('crisismerge', 500);
insert into ticket_text (ticket_text, rank) values ('automerge', 0), ('usermerge', 16), ('crisismerge', 500);
insert into customer_text (customer_text, rank) values ('automerge', 0), ('usermerge', 16), ('crisismerge', 500);
insert into article_text (article_text, rank) values ('automerge', 0), ('usermerge', 16), ('crisismerge', 500);

-- \`rev\`: the hub's count of this user's drafts, 0 while it has none; \`dirty\`: changed here since it was last sent.
alter table draft add column rev integer not null default 0;
alter table draft add column dirty integer not null default 1;
alter table draft add column device text not null default '';
-- Texts that another workstation's newer one has replaced, or that were discarded.
create table draft_revision (
  id integer primary key, ticketId text not null, mode text not null, body text not null, seen text not null, startedAt integer not null,
  updatedAt integer not null, device text not null, keptAt integer not null
) strict;
create index draft_revision_ticket on draft_revision (ticketId, id);

-- Files on their way to the hub, and files kept here. The bytes lie beside this file, encrypted with \`key\`.
create table upload (
  id text primary key, ticketId text not null, messageId text not null, name text not null, type text not null, size integer not null,
  sha256 text not null, sent integer not null default 0, attempts integer not null default 0, error text
) strict;
create table file (id text primary key, ticketId text not null, key blob not null, size integer not null, usedAt integer not null) strict;
create index file_used on file (usedAt);
`;
