/** What an act does to the ways in which somebody could come in: written in the commit of the act itself. */
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';

const ofUser = z.object({ userId: z.uuid() });

/**
 * Whoever is deactivated has no link left to come in by; their consoles are refused by that alone, and told to keep nothing. Whoever is
 * activated again signs in anew: what was open then stays shut.
 */
export function waysIn(workspaceId: string, acts: readonly { name: string; args: unknown }[], now: number): RawBuilder<unknown>[] {
  const of = (name: string) => acts.filter((act) => act.name === name).map(({ args }) => ofUser.parse(args).userId);
  const [left, back] = [of('user.deactivate'), of('user.activate')];
  return [
    ...(left.length === 0 ? [] : [sql`delete from person_link where workspace_id = ${workspaceId} and user_id = any(${left}::uuid[])`]),
    ...(back.length === 0
      ? []
      : [
          sql`update session set revoked_at = ${now}
            where workspace_id = ${workspaceId} and user_id = any(${back}::uuid[]) and revoked_at is null`,
        ]),
  ];
}
