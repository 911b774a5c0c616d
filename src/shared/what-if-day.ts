/** `GET /api/v1/what-if/day`: a past day as it can be played again. Moments are ms on the hub's clock, durations ms. */
import { z } from 'zod';
import { capacity, need, queueRouting, skillRow } from './routing-rows.ts';
import { calendarRow } from './service-rows.ts';
import { channelKind, id, priority, text, time, workClass, workClasses } from './words.ts';

export const whatIfLimits = { arrivals: 50_000, agents: 2000, spans: 200 } as const;

export const whatIfQuery = z.strictObject({ date: z.iso.date() });

const ms = z.int().nonnegative();
const span = z.strictObject({ from: time, until: time });
const spans = z.array(span).max(whatIfLimits.spans);

const arrival = z.strictObject({
  id,
  at: time,
  queueId: id,
  channel: channelKind,
  priority,
  /** when its first answer was due; null: nothing was promised */
  dueAt: time.nullable(),
  needs: z.array(need).max(20),
  /** how long it was worked on by whoever took it first */
  handleMs: ms,
  /** it went on to another queue then, and was worked on there for so long */
  transfer: z.strictObject({ queueId: id, handleMs: ms }).nullable(),
  /** how long it waited in truth until somebody had it; null: nobody took it that day */
  waitedMs: ms.nullable(),
});
export type DayArrival = z.infer<typeof arrival>;

const agent = z.strictObject({
  id,
  name: text(200),
  queues: z.array(id).max(500),
  skills: z.array(z.strictObject({ skillId: id, level: z.int().min(1).max(5) })).max(500),
  /** null: as everybody */
  capacity: capacity.nullable(),
  off: z.array(workClass).max(4),
  shifts: spans,
  breaks: spans,
});
export type DayAgent = z.infer<typeof agent>;

const byClass = z.strictObject(Object.fromEntries(workClasses.map((one) => [one, ms])) as Record<(typeof workClasses)[number], typeof ms>);

export const whatIfDay = z.strictObject({
  date: z.iso.date(),
  zone: z.string().max(60),
  from: time,
  until: time,
  /** `routing` null: its work is taken by hand; played again as if it was given out with the usual settings */
  queues: z.array(z.strictObject({ id, name: text(200), routing: queueRouting.nullable() })).max(1000),
  calendars: z.array(calendarRow),
  skills: z.array(skillRow),
  agents: z.array(agent).max(whatIfLimits.agents),
  /** in the order in which they came */
  arrivals: z.array(arrival).max(whatIfLimits.arrivals),
  /** there were more than fit */
  cut: z.boolean(),
  /** how offers were answered that day */
  behaviour: z.strictObject({
    declineChance: z.number().min(0).max(1),
    missChance: z.number().min(0).max(1),
    answerMs: z.tuple([ms, ms]),
    wrapUpMs: byClass,
    notRespondingMs: ms,
  }),
});
export type WhatIfDay = z.infer<typeof whatIfDay>;
