/** What was promised to customers and how it went, for an administrator who thinks of promising something else. */
import type { SampledTicket } from '../../../shared/bridge-service.ts';
import { type Db, prepare } from '../database.ts';

const mostTickets = 500;
/** of one ticket: a long conversation would outweigh all others */
const mostClocks = 8;

/** An answer that was owed; whether it is judged so or so does not depend on what the clock said. */
const answers = `kind in ('frt', 'nrt') and state <> 'cancelled'`;

/** By the tables' own keys: a ticket's `pk` follows the time at which it came. */
export const sampleSql = `select t.pk, t.id, t.number, t.subject, t.channel, t.queueId, t.priority, t.tags, c.segment
  from ticket t left join customer c on c.pk = t.parent
  where exists (select 1 from slaClock k where k.parent = t.pk and ${answers})
  order by t.pk desc limit ${mostTickets}`;
export const sampleClocksSql = `select id, kind, startedAt, endedAt from slaClock
  where parent = ? and ${answers} order by startedAt desc limit ${mostClocks}`;

export function slaSample(db: Db): SampledTicket[] {
  const tickets = prepare(db, sampleSql).all() as (Omit<SampledTicket, 'clocks' | 'tags'> & { pk: number; tags: string })[];
  const clocksOf = prepare(db, sampleClocksSql);
  return tickets.map(({ pk, tags, ...ticket }) => ({
    ...ticket,
    tags: JSON.parse(tags) as string[],
    clocks: clocksOf.all(pk) as SampledTicket['clocks'],
  }));
}
