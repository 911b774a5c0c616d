/** What was promised to customers and how it went, for an administrator who thinks of promising something else. */
import type { SampledTicket } from '../../../shared/bridge-service.ts';
import { type Db, prepare } from '../database.ts';

const mostTickets = 500;
/** of one kind on one ticket: a long conversation would outweigh all others */
const mostAnswers = 7;

/** By the tables' own keys: a ticket's `pk` follows the time at which it came. */
export const sampleSql = `select t.pk, t.id, t.number, t.subject, t.channel, t.queueId, t.priority, t.tags, c.segment
  from ticket t left join customer c on c.pk = t.parent
  where exists (select 1 from slaClock k where k.parent = t.pk and kind in ('frt', 'nrt') and state <> 'cancelled')
  order by t.pk desc limit ${mostTickets}`;
/** Answers that were owed; how each is judged does not depend on what its clock said. */
export const sampleClocksSql = `select id, kind, startedAt, endedAt from slaClock
  where parent = ? and kind = ? and state <> 'cancelled' order by startedAt desc limit ${mostAnswers}`;

export function slaSample(db: Db): SampledTicket[] {
  const tickets = prepare(db, sampleSql).all() as (Omit<SampledTicket, 'clocks' | 'tags'> & { pk: number; tags: string })[];
  const clocks = prepare(db, sampleClocksSql);
  return tickets.map(({ pk, tags, ...ticket }) => ({
    ...ticket,
    tags: JSON.parse(tags) as string[],
    clocks: [...clocks.all(pk, 'frt'), ...clocks.all(pk, 'nrt')] as SampledTicket['clocks'],
  }));
}
