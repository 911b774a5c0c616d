/** What a centre promises and who can do what: calendars, SLA policies, skills, presence, offers, notices; what clocks count by. */
export const up = `
create table calendar (
  id text primary key, name text not null, zone text not null, week text not null, days text not null, updatedAt integer not null,
  rowver integer not null default 0
) strict;
create table slaPolicy (
  id text primary key, name text not null, position integer not null, active integer not null, version integer not null, calendarId text,
  match text not null, targets text not null, thirdPartyPauses integer not null, escalation text not null, updatedAt integer not null,
  rowver integer not null default 0
) strict;
create table skill (id text primary key, name text not null, rowver integer not null default 0) strict;
create table userSkill (
  id text primary key, userId text not null, skillId text not null, level integer not null, rowver integer not null default 0
) strict;
create table presence (
  id text primary key, state text not null, reason text, since integer not null, until integer, off text not null, resumes text,
  missed integer not null default 0, rowver integer not null default 0
) strict;
create table offer (
  id text primary key, ticketId text not null, queueId text not null, userId text not null, at integer not null, until integer not null,
  state text not null, endedAt integer, rowver integer not null default 0
) strict;
create index offer_state on offer (state, until);
create table notice (
  id text primary key, userId text not null, kind text not null, ticketId text, fromId text, text text not null, at integer not null,
  seenAt integer, rowver integer not null default 0
) strict;
create index notice_at on notice (at);
alter table user add column capacity text;
alter table queue add column routing text;
alter table slaClock add column policyId text;
alter table slaClock add column policyVersion integer;
alter table slaClock add column calendarId text;
alter table slaClock add column waitedFrom integer not null default 0;
alter table slaClock add column escalated integer not null default 0;
alter table slaClock add column escalateAt integer;
update slaClock set waitedFrom = startedAt;
create index slaClock_ended on slaClock (endedAt) where endedAt is not null;
create index slaClock_running on slaClock (dueAt) where state = 'running' and endedAt is null;
alter table ticket add column slaTargetMs integer;
alter table ticket add column slaConsumedMs integer;
alter table ticket add column slaRunningSince integer;
alter table ticket add column slaCalendarId text;
alter table ticket add column enqueuedAt integer;
alter table ticket add column queuedSince integer;
alter table ticket add column offeredTo text;
alter table ticket add column needs text not null default '[]';
alter table ticket add column followUpOf text;
update ticket set slaTargetMs = slaDueAt - slaStartedAt, slaConsumedMs = 0, slaRunningSince = slaStartedAt where slaDueAt > slaStartedAt;
`;
