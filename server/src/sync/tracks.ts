/** How tickets and people have come to where they are: written with each change, in its commit. For "why was it late", the floor, reports. */
import { type RawBuilder, sql } from 'kysely';
import type { Ticket } from '../../../src/shared/domain.ts';
import type { Presence } from '../../../src/shared/routing-rows.ts';

interface Pair<T> {
  before: T | null;
  after: T;
}

export function tracks(workspaceId: string, tickets: Pair<Ticket>[], people: Pair<Presence>[], now: number): RawBuilder<unknown>[] {
  const moved = tickets.filter(
    ({ before, after }) =>
      before?.status !== after.status ||
      before.queueId !== after.queueId ||
      before.assigneeId !== after.assigneeId ||
      before.offeredTo !== after.offeredTo,
  );
  const writes: RawBuilder<unknown>[] = [];
  if (moved.length > 0) {
    const rows = moved.map(({ after: { id, status, queueId, assigneeId, offeredTo } }) => ({
      ticket_id: id,
      status,
      queue_id: queueId,
      assignee_id: assigneeId,
      offered_to: offeredTo,
    }));
    writes.push(sql`insert into ticket_track (workspace_id, ticket_id, at, status, queue_id, assignee_id, offered_to)
      select ${workspaceId}, ticket_id, ${now}, status, queue_id, assignee_id, offered_to
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(ticket_id uuid, status text, queue_id uuid, assignee_id uuid, offered_to uuid)`);
  }
  const changed = people.filter(({ before, after }) => before?.since !== after.since);
  if (changed.length > 0) {
    const rows = changed.map(({ after: { id, state, reason, since } }) => ({ user_id: id, state, reason, since }));
    writes.push(sql`update presence_interval set until = ${now} where workspace_id = ${workspaceId} and until is null
      and user_id = any(${rows.map((row) => row.user_id)}::uuid[])`);
    writes.push(sql`insert into presence_interval (workspace_id, user_id, state, reason, since)
      select ${workspaceId}, user_id, state, reason, since
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(user_id uuid, state text, reason text, since bigint)`);
  }
  return writes;
}
