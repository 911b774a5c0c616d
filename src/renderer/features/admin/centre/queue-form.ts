/** A queue as it is typed, and what is wrong with it. Pure. */
import type { Reference } from '../../../../shared/bridge.ts';
import type { Queue } from '../../../../shared/domain.ts';
import { defaultQueueRouting } from '../../../../shared/routing-rules.ts';
import { otherWays, type QueueRouting } from '../../../../shared/routing-rows.ts';
import type { WorkClass } from '../../../../shared/words.ts';
import { readSpan, showSpan } from '../service/span.ts';

type ByClass = Record<WorkClass, string>;

export interface NeedForm {
  key: string;
  /** '': not chosen yet */
  skillId: string;
  level: number;
  must: boolean;
}

export interface OverflowForm {
  after: string;
  longer: string;
  whenNobody: boolean;
  whenClosed: boolean;
  /** a queue's id, or what else there is; '': not chosen yet */
  to: string;
}

export interface RoutingForm extends Pick<QueueRouting, 'order' | 'strategy' | 'cherryPick' | 'calendarId'> {
  rings: [string, string, string];
  preferred: string;
  offer: ByClass;
  needs: NeedForm[];
  overflow: OverflowForm | null;
  wrapUp: ByClass;
}

export interface QueueForm extends Pick<Queue, 'id' | 'name' | 'purpose' | 'teamId' | 'requiresDisposition'> {
  userIds: string[];
  routed: boolean;
  /** kept while it is switched off */
  routing: RoutingForm;
}

export interface QueueProblem {
  /** as the hub would name it: `name`, `routing.ringsMs.1` */
  field: string;
  code:
    | 'NO_NAME'
    | 'SAME_NAME'
    | 'NO_TEAM'
    | 'BAD_SPAN'
    | 'FALLING'
    | 'TOO_SHORT'
    | 'TOO_LONG'
    | 'SAME_SKILL'
    | 'NO_SKILL'
    | 'NO_CAUSE'
    | 'NO_TARGET'
    | 'BAD_COUNT';
  /** ms */
  most?: number;
}

const day = 86_400_000;

const byClass = <T>(of: (one: WorkClass) => T): Record<WorkClass, T> => ({
  call: of('call'),
  chat: of('chat'),
  social: of('social'),
  email: of('email'),
});
/** Nothing at all is a span here too. */
const showMs = (ms: number) => (ms === 0 ? '0' : showSpan(ms));

export function routingForm(routing: QueueRouting | null): RoutingForm {
  const from: Omit<QueueRouting, 'overflow'> & { overflow: QueueRouting['overflow'] } = routing ?? {
    ...defaultQueueRouting,
    ringsMs: [...defaultQueueRouting.ringsMs],
    needs: [],
    overflow: null,
    cherryPick: true,
    wrapUpMs: { call: 30_000, chat: 0, social: 0, email: 0 },
    calendarId: null,
  };
  const [first, second, third] = from.ringsMs;
  const { overflow } = from;
  return {
    order: from.order,
    strategy: from.strategy,
    cherryPick: from.cherryPick,
    calendarId: from.calendarId,
    rings: [showMs(first), showMs(second), showMs(third)],
    preferred: showMs(from.preferredMs),
    offer: byClass((one) => showSpan(from.offerMs[one])),
    // The place in the list is as good a name as any for what comes from the hub: forms of the same row are the same.
    needs: from.needs.map((need, at) => ({ key: `n${at}`, ...need })),
    overflow: overflow && {
      after: showSpan(overflow.afterMs),
      longer: overflow.longerThan === null ? '' : String(overflow.longerThan),
      whenNobody: overflow.whenNobody,
      whenClosed: overflow.whenClosed,
      to: overflow.to.kind === 'queue' ? overflow.to.queueId : overflow.to.kind,
    },
    wrapUp: byClass((one) => showMs(from.wrapUpMs[one])),
  };
}

export const newOverflow = (): OverflowForm => ({ after: '5m', longer: '', whenNobody: false, whenClosed: false, to: '' });

export function newQueue(id: string, teamId: string): QueueForm {
  return { id, name: '', purpose: 'advice', teamId, requiresDisposition: false, userIds: [], routed: false, routing: routingForm(null) };
}

export function queueForm(queue: Queue, { queueMembers }: Pick<Reference, 'queueMembers'>): QueueForm {
  const { id, name, purpose, teamId, requiresDisposition, routing } = queue;
  const userIds = queueMembers.filter(({ queueId }) => queueId === id).map(({ userId }) => userId);
  return {
    id,
    name,
    purpose,
    teamId,
    requiresDisposition,
    userIds: userIds.sort(),
    routed: routing !== null,
    routing: routingForm(routing),
  };
}

/** What the hub is told, and what is wrong. With problems, `routing` is not to be used. */
export function readQueue(
  form: QueueForm,
  { queues, teams }: Pick<Reference, 'queues' | 'teams'>,
): { name: string; routing: QueueRouting | null; problems: QueueProblem[] } {
  const problems: QueueProblem[] = [];
  const name = form.name.trim();
  if (name === '') problems.push({ field: 'name', code: 'NO_NAME' });
  else if (queues.some((other) => other.id !== form.id && other.name.toLocaleLowerCase() === name.toLocaleLowerCase()))
    problems.push({ field: 'name', code: 'SAME_NAME' });
  if (!teams.some(({ id }) => id === form.teamId)) problems.push({ field: 'teamId', code: 'NO_TEAM' });
  return { name, routing: form.routed ? readRouting(form, problems) : null, problems };
}

function readRouting({ id, routing: form }: QueueForm, problems: QueueProblem[]): QueueRouting {
  const read = (field: string, text: string, least: number, most: number): number | null => {
    const ms = /^\s*0+\s*$/.test(text) ? 0 : readSpan(text);
    if (ms === 'wrong') problems.push({ field, code: 'BAD_SPAN' });
    else if (ms !== null && ms < least) problems.push({ field, code: 'TOO_SHORT' });
    else if (ms !== null && ms > most) problems.push({ field, code: 'TOO_LONG', most });
    else return ms;
    return null;
  };
  const rings = form.rings.map((text, at) => read(`routing.ringsMs.${at}`, text, 0, day) ?? 0);
  const falling = rings.findIndex((ms, at) => ms < (rings[at - 1] ?? 0));
  if (falling > 0 && !problems.some(({ field }) => field.startsWith('routing.ringsMs.')))
    problems.push({ field: `routing.ringsMs.${falling}`, code: 'FALLING' });
  form.needs.forEach(({ skillId }, at) => {
    const field = `routing.needs.${at}.skillId`;
    if (skillId === '') problems.push({ field, code: 'NO_SKILL' });
    else if (form.needs.findIndex((need) => need.skillId === skillId) < at) problems.push({ field, code: 'SAME_SKILL' });
  });
  return {
    order: form.order,
    strategy: form.strategy,
    cherryPick: form.cherryPick,
    calendarId: form.calendarId,
    ringsMs: [rings[0] ?? 0, rings[1] ?? 0, rings[2] ?? 0],
    preferredMs: read('routing.preferredMs', form.preferred, 0, day) ?? 0,
    offerMs: byClass((one) => read(`routing.offerMs.${one}`, form.offer[one], 1000, 600_000)),
    wrapUpMs: byClass((one) => read(`routing.wrapUpMs.${one}`, form.wrapUp[one], 0, 900_000) ?? 0),
    needs: form.needs.map(({ skillId, level, must }) => ({ skillId, level, must })),
    overflow: form.overflow && readOverflow(form.overflow, id, read, problems),
  };
}

function readOverflow(
  form: OverflowForm,
  queueId: string,
  read: (field: string, text: string, least: number, most: number) => number | null,
  problems: QueueProblem[],
): QueueRouting['overflow'] {
  const typed = form.longer.trim();
  const longerThan = typed === '' ? null : /^\d{1,6}$/.test(typed) ? Number(typed) : -1;
  if (longerThan !== null && (longerThan < 0 || longerThan > 100_000))
    problems.push({ field: 'routing.overflow.longerThan', code: 'BAD_COUNT' });
  const afterMs = read('routing.overflow.afterMs', form.after, 0, day);
  if (form.after.trim() === '' && typed === '' && !form.whenNobody && !form.whenClosed)
    problems.push({ field: 'routing.overflow', code: 'NO_CAUSE' });
  if (form.to === '' || form.to === queueId) problems.push({ field: 'routing.overflow.to', code: 'NO_TARGET' });
  const way = otherWays.find((one) => one === form.to);
  const { whenNobody, whenClosed } = form;
  return { afterMs, longerThan, whenNobody, whenClosed, to: way ? { kind: way } : { kind: 'queue', queueId: form.to } };
}
