/** Rows of who can do what, who is there, and who is offered what. Source: SLA and routing page. */
import { z } from 'zod';
import { id, text, time, workClass, workClasses } from './words.ts';

export const skillRow = z.strictObject({ id, name: text(120) });
export type Skill = z.infer<typeof skillRow>;
const level = z.int().min(1).max(5);
/** `id`: `userId:skillId` */
export const userSkillRow = z.strictObject({ id: z.string(), userId: id, skillId: id, level });
export type UserSkill = z.infer<typeof userSkillRow>;

/** A skill that work asks for. `must`: never relaxed, such as the authority to refund. */
export const need = z.strictObject({ skillId: id, level, must: z.boolean() });
export type Need = z.infer<typeof need>;

const byClass = <T extends z.ZodType>(value: T) =>
  z.strictObject(Object.fromEntries(workClasses.map((one) => [one, value])) as Record<(typeof workClasses)[number], T>);

const span = z.int().min(0).max(86_400_000);

/** What a customer who waits in vain is asked: whether they would rather be called, or written to. They keep their place meanwhile. */
export const otherWays = ['callback', 'email'] as const;
/** Where work goes that waits in vain. */
const overflowTo = z.union([z.strictObject({ kind: z.literal('queue'), queueId: id }), z.strictObject({ kind: z.enum(otherWays) })]);

/** How a queue gives out its work. */
export const queueRouting = z.strictObject({
  order: z.enum(['priority', 'sla']),
  strategy: z.enum(['longestIdle', 'leastLoaded', 'roundRobin']),
  /** ms of waiting after which needs that are no musts are relaxed, step by step */
  ringsMs: z.tuple([span, span, span]),
  /** ms that a ticket waits for whoever had this customer last */
  preferredMs: span,
  /** ms in which an offer is to be answered; null: assigned without one */
  offerMs: byClass(z.int().min(1000).max(600_000).nullable()),
  /** asked of everything in the queue */
  needs: z.array(need).max(20),
  overflow: z
    .strictObject({
      /** ms of waiting; null: however long */
      afterMs: span.nullable(),
      /** more waiting than this; null: however many */
      longerThan: z.int().min(0).max(100_000).nullable(),
      whenNobody: z.boolean(),
      whenClosed: z.boolean(),
      to: overflowTo,
    })
    .nullable(),
  /** whether agents may take what they like; else they ask for the next */
  cherryPick: z.boolean(),
  /** ms to wrap up in after work of each kind */
  wrapUpMs: byClass(z.int().min(0).max(900_000)),
  /** when it is open; null: always */
  calendarId: id.nullable(),
});

export type QueueRouting = z.infer<typeof queueRouting>;

export const capacity = z.strictObject({
  most: byClass(z.int().min(0).max(100)),
  /** while any work of the first is in hand, none of the second is given */
  blocks: z.array(z.tuple([workClass, workClass])).max(16),
});

export const presenceStates = [
  'available',
  'busy',
  'break',
  'meal',
  'meeting',
  'training',
  'wrapUp',
  'notResponding',
  'disconnected',
  'offline',
] as const;
export const presenceState = z.enum(presenceStates);

export type PresenceState = z.infer<typeof presenceState>;

/** How somebody is at this moment. `id` is the user's. */
export const presenceRow = z.strictObject({
  id,
  state: presenceState,
  /** the centre's own word for it */
  reason: text(80).nullable(),
  since: time,
  /** of a wrap-up: when it ends by itself */
  until: time.nullable(),
  /** kinds of work that they have switched off */
  off: z.array(workClass).max(4),
  /** what they go back to when `state` ends by itself */
  resumes: presenceState.nullable(),
  /** offers that they have let pass since they were last available */
  missed: z.int().nonnegative(),
});

export type Presence = z.infer<typeof presenceRow>;

export const offerStates = ['ringing', 'accepted', 'declined', 'missed', 'withdrawn'] as const;
export const offerRow = z.strictObject({
  id,
  ticketId: id,
  queueId: id,
  userId: id,
  at: time,
  until: time,
  state: z.enum(offerStates),
  endedAt: time.nullable(),
});

export type Offer = z.infer<typeof offerRow>;

export const noticeKinds = [
  'breach',
  'escalated',
  'coach',
  'message',
  'transfer',
  'consult',
  'takenOver',
  'missedOffer',
  'stateForced',
] as const;
/** Something that one person is to know. */
export const noticeRow = z.strictObject({
  id,
  userId: id,
  kind: z.enum(noticeKinds),
  ticketId: id.nullable(),
  /** who says so; null: the hub */
  fromId: id.nullable(),
  text: text(2000),
  at: time,
  seenAt: time.nullable(),
});
export type Notice = z.infer<typeof noticeRow>;
