/** What messages, people and channels say beside what they said before. */
export const up = `
alter table message add column extra text;
alter table identity add column state text not null default 'ok';
alter table customer add column proposals text not null default '[]';
alter table channel add column rules text;
alter table channel add column health text not null default 'ok';
`;
