/** A person as they are typed, and what is wrong. Pure. */
import type { Reference } from '../../../../shared/bridge.ts';
import type { User } from '../../../../shared/domain.ts';
import type { Access } from '../../../../shared/people-admin.ts';
import type { MutationArgs } from '../../../../shared/mutations/registry.ts';
import { defaultCapacity } from '../../../../shared/routing-capacity.ts';
import { workClasses, type WorkClass } from '../../../../shared/words.ts';

export interface PersonForm extends Pick<User, 'id' | 'name' | 'email' | 'role' | 'locale'> {
  teamIds: string[];
  queueIds: string[];
  /** null: as everybody */
  most: Record<WorkClass, string> | null;
}

export interface PersonProblem {
  field: string;
  code: 'NO_NAME' | 'BAD_EMAIL' | 'SAME_EMAIL' | 'LAST_ADMIN' | 'BAD_COUNT';
  /** whose address it is */
  name?: string;
}

export const usualMost = (): Record<WorkClass, string> => ({
  call: String(defaultCapacity.most.call),
  chat: String(defaultCapacity.most.chat),
  social: String(defaultCapacity.most.social),
  email: String(defaultCapacity.most.email),
});

export function newPerson(id: string, locale: User['locale'], teamIds: string[]): PersonForm {
  return { id, name: '', email: '', role: 'agent', locale, teamIds, queueIds: [], most: null };
}

export function personForm(user: User, { teamMembers, queueMembers }: Pick<Reference, 'teamMembers' | 'queueMembers'>): PersonForm {
  const { id, name, email, role, locale, capacity } = user;
  const count = (one: WorkClass) => String(capacity?.most[one] ?? 0);
  return {
    id,
    name,
    email,
    role,
    locale,
    teamIds: teamMembers.flatMap(({ userId, teamId }) => (userId === id ? [teamId] : [])).sort(),
    queueIds: queueMembers.flatMap(({ userId, queueId }) => (userId === id ? [queueId] : [])).sort(),
    most: capacity && { call: count('call'), chat: count('chat'), social: count('social'), email: count('email') },
  };
}

/** Whether nobody else could let people in. */
export const isLastAdmin = (userId: string, users: readonly User[]): boolean =>
  users.some(({ id, role, active }) => id === userId && role === 'admin' && active) &&
  !users.some(({ id, role, active }) => id !== userId && role === 'admin' && active);

const address = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** What the hub is told, and what is wrong. With problems the rest is not to be used. */
export function readPerson(
  form: PersonForm,
  { users }: Pick<Reference, 'users'>,
): { fields: MutationArgs<'user.save'>; capacity: User['capacity']; problems: PersonProblem[] } {
  const problems: PersonProblem[] = [];
  const { id: userId, role, locale, teamIds, queueIds, most } = form;
  const name = form.name.trim();
  const email = form.email.trim().toLowerCase();
  if (name === '') problems.push({ field: 'name', code: 'NO_NAME' });
  const same = users.find((other) => other.id !== userId && other.email.toLowerCase() === email);
  if (!address.test(email)) problems.push({ field: 'email', code: 'BAD_EMAIL' });
  else if (same) problems.push({ field: 'email', code: 'SAME_EMAIL', name: same.name });
  if (role !== 'admin' && isLastAdmin(userId, users)) problems.push({ field: 'role', code: 'LAST_ADMIN' });
  const before = users.find(({ id }) => id === userId)?.capacity ?? null;
  const count = (one: WorkClass): number => {
    const typed = most?.[one].trim() ?? '';
    if (/^\d{1,3}$/.test(typed) && Number(typed) <= 100) return Number(typed);
    problems.push({ field: `most.${one}`, code: 'BAD_COUNT' });
    return 0;
  };
  const blocks: NonNullable<User['capacity']>['blocks'] =
    before?.blocks ??
    workClasses.flatMap((one) => (defaultCapacity.blocks[one] ?? []).map((other): [WorkClass, WorkClass] => [one, other]));
  const capacity = most && { most: { call: count('call'), chat: count('chat'), social: count('social'), email: count('email') }, blocks };
  return { fields: { userId, name, email, role, locale, teamIds, queueIds }, capacity, problems };
}

export type Part = 'here' | 'invited' | 'left';

/** Where somebody stands: who was only invited is known to the hub alone, and taken for one who left without it. */
export function partOf(user: User, access: readonly Access[] | null): Part {
  if (user.active) return 'here';
  return access?.find(({ userId }) => userId === user.id)?.joined === false ? 'invited' : 'left';
}
