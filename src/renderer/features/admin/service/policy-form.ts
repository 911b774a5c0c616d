/** A policy as it is typed, and what is wrong with it. Pure. */
import { clockKinds, type ClockKind, priorities, type Priority, type Role } from '../../../../shared/words.ts';
import type { SlaPolicy, SlaTargets } from '../../../../shared/service-rows.ts';
import { defaultEscalation } from '../../../../shared/sla.ts';
import { readSpan, showSpan } from './span.ts';

export interface StepForm {
  key: string;
  /** percent of the target after the breach */
  after: string;
  tell: Role[];
  raise: boolean;
  requeue: boolean;
}

export interface PolicyForm extends Pick<SlaPolicy, 'id' | 'name' | 'position' | 'active' | 'calendarId' | 'match' | 'thirdPartyPauses'> {
  targets: Record<Priority, Record<ClockKind, string>>;
  escalation: StepForm[];
}

export type PolicyFields = Omit<SlaPolicy, 'id' | 'version' | 'updatedAt'>;

export interface PolicyProblem {
  /** as the hub would name it: `targets.high.frt`, `escalation.1.afterPercent` */
  field: string;
  code: 'NO_NAME' | 'BAD_SPAN' | 'NOTHING' | 'BAD_PERCENT' | 'FALLING' | 'NO_ACTION';
}

export const mostSteps = 5;
/** urgent first, as somebody reads it who wants to know the worst */
export const shownPriorities = priorities.toReversed();

export const emptyMatch = (): SlaPolicy['match'] => ({ channels: [], queueIds: [], priorities: [], segments: [], tags: [] });

export function newPolicy(id: string, position: number): PolicyForm {
  const row = () => ({ frt: '', nrt: '', rt: '', assign: '' });
  return {
    id,
    name: '',
    position,
    active: true,
    calendarId: null,
    match: emptyMatch(),
    targets: { low: row(), normal: row(), high: row(), urgent: row() },
    thirdPartyPauses: true,
    escalation: defaultEscalation.map(stepForm),
  };
}

const stepForm = ({ afterPercent, tell, raise, requeue }: SlaPolicy['escalation'][number]): StepForm => ({
  key: crypto.randomUUID(),
  after: String(afterPercent),
  tell: [...tell],
  raise,
  requeue,
});

export function policyForm({
  id,
  name,
  position,
  active,
  calendarId,
  match,
  targets,
  thirdPartyPauses,
  escalation,
}: SlaPolicy): PolicyForm {
  const row = (promised: SlaTargets) =>
    Object.fromEntries(clockKinds.map((kind) => [kind, showSpan(promised[kind])])) as Record<ClockKind, string>;
  return {
    id,
    name,
    position,
    active,
    calendarId,
    match,
    targets: { low: row(targets.low), normal: row(targets.normal), high: row(targets.high), urgent: row(targets.urgent) },
    thirdPartyPauses,
    escalation: escalation.map(stepForm),
  };
}

/** What the form says, as far as it can be read, and all that is wrong with it in the order of its fields. */
export function readPolicy(form: PolicyForm): { fields: PolicyFields; problems: PolicyProblem[] } {
  const { name, position, active, calendarId, match, thirdPartyPauses } = form;
  const problems: PolicyProblem[] = name.trim() === '' ? [{ field: 'name', code: 'NO_NAME' }] : [];
  let promised = false;
  const row = (priority: Priority): SlaTargets => {
    const read = (kind: ClockKind): number | null => {
      const span = readSpan(form.targets[priority][kind]);
      if (span !== null) promised = true;
      if (span !== 'wrong') return span;
      problems.push({ field: `targets.${priority}.${kind}`, code: 'BAD_SPAN' });
      return null;
    };
    return { frt: read('frt'), nrt: read('nrt'), rt: read('rt'), assign: read('assign') };
  };
  const [urgent, high, normal, low] = [row('urgent'), row('high'), row('normal'), row('low')];
  if (!promised) problems.push({ field: 'targets', code: 'NOTHING' });
  let before = 0;
  const escalation = form.escalation.map(({ after, tell, raise, requeue }, at) => {
    const percent = /^\d{1,4}$/.test(after.trim()) ? Number(after) : -1;
    const field = `escalation.${at}.afterPercent`;
    if (percent < 0 || percent > 1000) problems.push({ field, code: 'BAD_PERCENT' });
    else if (percent < before) problems.push({ field, code: 'FALLING' });
    if (tell.length === 0 && !raise && !requeue) problems.push({ field: `escalation.${at}.tell`, code: 'NO_ACTION' });
    before = Math.max(before, percent);
    return { afterPercent: Math.max(0, percent), tell, raise, requeue };
  });
  return {
    fields: {
      name: name.trim(),
      position,
      active,
      calendarId,
      match,
      targets: { low, normal, high, urgent },
      thirdPartyPauses,
      escalation,
    },
    problems,
  };
}

/** One kind of promise over the priorities that it is for (none named: all): from the shortest to the longest, and whether some have none. */
export function promiseOf(
  { targets, match }: Pick<SlaPolicy, 'targets' | 'match'>,
  kind: ClockKind,
): { least: number; most: number; some: boolean } | null {
  const meant = match.priorities.length === 0 ? priorities : match.priorities;
  const spans = meant.map((priority) => targets[priority][kind]);
  const made = spans.filter((span) => span !== null);
  return made.length === 0 ? null : { least: Math.min(...made), most: Math.max(...made), some: made.length < spans.length };
}

/** The list with one of it a place further up or down; the same list where it can't go. */
export function moved<T>(list: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...list];
  const [one] = next.splice(at, 1);
  if (one === undefined || at + by < 0 || at + by >= list.length) return [...list];
  next.splice(at + by, 0, one);
  return next;
}
