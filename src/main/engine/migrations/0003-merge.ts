/**
 * The search tables' segments are merged by fours, no longer by sixteens: a search looks into each of them, and with twenty-one of them
 * finding the words that begin as typed took four times as long as with one.
 */
export const up = `
insert into message_text (message_text, rank) values ('usermerge', 4);
insert into ticket_text (ticket_text, rank) values ('usermerge', 4);
insert into customer_text (customer_text, rank) values ('usermerge', 4);
insert into article_text (article_text, rank) values ('usermerge', 4);
`;
