/**
 * What an older protocol version does not know. Clients parse strictly, so to one of version 1 everything goes in the form that
 * version 1 had; a client of the present version gets what there is.
 */
import type { Entity } from '../../../src/shared/domain.ts';
import type { RejectionCode } from '../../../src/shared/mutations/define.ts';
import type { Change, Delta, MutationResult, PushAnswer, Welcome } from '../../../src/shared/protocol.ts';

/** Entities that came with version 2. */
const newEntities: ReadonlySet<string> = new Set<Entity>([
  'attachment',
  'article',
  'calendar',
  'slaPolicy',
  'skill',
  'userSkill',
  'code',
  'presence',
  'offer',
  'notice',
]);
/** Members that rows got with version 2. */
const newMembers: { readonly [E in Entity]?: readonly string[] } = {
  ticket: [
    'leaseBy',
    'leaseUntil',
    'threads',
    'hops',
    'joined',
    'merged',
    'slaTargetMs',
    'slaConsumedMs',
    'slaRunningSince',
    'slaCalendarId',
    'enqueuedAt',
    'queuedSince',
    'offeredTo',
    'needs',
    'followUpOf',
  ],
  slaClock: ['policyId', 'policyVersion', 'calendarId', 'waitedFrom', 'escalated', 'escalateAt'],
  user: ['capacity'],
  queue: ['routing'],
  message: ['extra'],
  customer: ['proposals', 'merged'],
  identity: ['state'],
  channel: ['rules', 'health'],
};
type OlderWords = Readonly<Record<string, Readonly<Record<string, string>>>>;
const channels = { instagram: 'messenger', api: 'other' };
/** The first version's clocks are for answers only. */
const clocks = { rt: 'nrt', assign: 'frt' };
/** Words that came with version 2, by member, and the nearest that version 1 has. */
const newWords: { readonly [E in Entity]?: OlderWords } = {
  channel: { kind: channels },
  ticket: { channel: channels, slaKind: clocks },
  slaClock: { kind: clocks },
  message: { channel: channels },
  journey: { channel: channels },
  // An id from elsewhere is nothing that one could write to: as a visitor's.
  identity: { kind: { instagram: 'messenger', external: 'visitor' } },
};
/** Rejections that came with version 2; the nearest that version 1 knew is "not yours to do". */
const newCodes: ReadonlySet<string> = new Set<RejectionCode>(['LEASED', 'TOO_MANY_LEASES', 'NOT_LEASABLE', 'NO_PICKING']);

/** Whether clients of this version know the entity. */
export function knowsEntity(protocol: number, entity: string): boolean {
  return protocol > 1 || !newEntities.has(entity);
}

/** Whether clients of this version know the event `draft`. */
export function knowsDrafts(protocol: number): boolean {
  return protocol > 1;
}

/** Whether clients of this version know the event `calls`. */
export function knowsCalls(protocol: number): boolean {
  return protocol > 1;
}

/** Members of an entity's rows that clients of this version do not know. */
export function unknownMembers(protocol: number, entity: Entity): readonly string[] {
  return protocol > 1 ? [] : (newMembers[entity] ?? []);
}

/** Words of an entity's rows that clients of this version do not know, by member, and what to say instead. */
export function olderWords(protocol: number, entity: Entity): OlderWords {
  return protocol > 1 ? {} : (newWords[entity] ?? {});
}

/** The change as a client of this version may see it: one or none. */
export function changeFor(protocol: number, change: Change): Change[] {
  if (protocol > 1) return [change];
  // It keeps the moment that it knows until the ticket changes otherwise.
  if (newEntities.has(change.entity) || change.op === 'due') return [];
  if (change.op === 'ack') {
    const row = change.row as { lastMutationId: number; results: MutationResult[] };
    return [{ ...change, row: { ...row, results: row.results.map(resultFor1) } }];
  }
  const unknown = newMembers[change.entity as Entity] ?? [];
  const words = newWords[change.entity as Entity] ?? {};
  if ((unknown.length === 0 && Object.keys(words).length === 0) || typeof change.row !== 'object' || change.row === null) return [change];
  const row = Object.entries(change.row)
    .filter(([name]) => !unknown.includes(name))
    .map(([name, value]) => [name, words[name]?.[String(value)] ?? value]);
  return [{ ...change, row: Object.fromEntries(row) }];
}

/** Many consoles get the same delta: each version's form of it is made once. */
const olderForms = new WeakMap<Delta, Delta>();

export function deltaFor(protocol: number, delta: Delta): Delta {
  if (protocol > 1) return delta;
  const known = olderForms.get(delta);
  if (known) return known;
  const form = { ...delta, changes: delta.changes.flatMap((change) => changeFor(protocol, change)) };
  olderForms.set(delta, form);
  return form;
}

export function pushAnswerFor(protocol: number, answer: PushAnswer): PushAnswer {
  return protocol > 1 ? answer : { ...answer, results: answer.results.map(resultFor1) };
}

function resultFor1(result: MutationResult): MutationResult {
  const { rejection } = result;
  return rejection && newCodes.has(rejection.code) ? { ...result, rejection: { ...rejection, code: 'FORBIDDEN' } } : result;
}

export function welcomeFor(protocol: number, welcome: Welcome): unknown {
  if (protocol > 1) return welcome;
  const { policy: _policy, ...rest } = welcome;
  return rest;
}
