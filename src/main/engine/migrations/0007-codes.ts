/** Contact reasons and dispositions, in the centre's own words. */
export const up = `
create table code (
  id text primary key, kind text not null, name text not null, queueIds text, position integer not null, active integer not null,
  rowver integer not null default 0
) strict;
`;
