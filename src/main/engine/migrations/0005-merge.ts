/** Tickets that go on in others, customers who turned out to be one, and the places from which customers came. */
export const up = `
alter table customer add column merged text;
alter table ticket add column threads text not null default '[]';
alter table ticket add column hops integer not null default 0;
alter table ticket add column joined text not null default '[]';
alter table ticket add column merged text;
`;
