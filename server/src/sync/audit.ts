/** Who did what: written in the commit of the act itself, never changed afterwards. */
import { type RawBuilder, sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import type { Actor } from '../../../src/shared/permissions.ts';

export function auditEntries(
  workspaceId: string,
  acts: readonly { name: string; args: unknown; actor: Actor }[],
  now: number,
): RawBuilder<unknown> {
  const rows = acts.map(({ name, args, actor }) => ({
    workspace_id: workspaceId,
    id: uuid(),
    at: now,
    actor_id: actor.userId,
    actor_name: actor.name,
    actor_role: actor.role,
    act: name,
    ticket_id: ticketOf(args),
    args,
  }));
  return sql`insert into audit select * from jsonb_populate_recordset(null::audit, ${JSON.stringify(rows)}::jsonb)`;
}

function ticketOf(args: unknown): string | null {
  const id = typeof args === 'object' && args !== null && 'ticketId' in args ? args.ticketId : null;
  return typeof id === 'string' ? id : null;
}
