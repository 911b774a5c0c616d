/** Whose phone an exchange means: by what an administrator has written down, else by name or address, else whoever serves the queue. */
import { fold } from '../../../../src/shared/fold.ts';
import type { Reference } from '../../sync/reference.ts';

/** ids of users */
export type Ringing = string[];

export function whoRings(
  rows: Reference['rows'],
  users: Readonly<Record<string, string>>,
  queueId: string,
): { one(name: string): string | null; all(names: readonly string[]): Ringing } {
  const active = [...rows.user.values()].filter((user) => user.active);
  const one = (name: string): string | null => {
    const known = Object.hasOwn(users, name) ? users[name] : undefined;
    if (known !== undefined) return rows.user.get(known)?.active === true ? known : null;
    const wanted = fold(name);
    const found = active.filter((user) => user.email.split('@')[0] === wanted || fold(user.name) === wanted);
    // Two of one name are nobody.
    return found.length === 1 ? (found[0]?.id ?? null) : null;
  };
  return {
    one,
    all(names) {
      const found = [...new Set(names.map(one))].filter((id) => id !== null);
      if (found.length > 0) return found;
      return [...rows.queueMember.values()]
        .filter((member) => member.queueId === queueId && rows.user.get(member.userId)?.active === true)
        .map(({ userId }) => userId);
    },
  };
}
