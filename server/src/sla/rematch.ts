/** After a change of the policies: the open clocks of every ticket that people work on count by what holds now (rule 11). */
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Committer } from '../sync/committer.ts';

const pageSize = 50;

/** May be run again: tickets whose clocks are right are left alone. */
export async function rematch(db: Db, workspaceId: string, committer: Committer): Promise<void> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const page = await sql<{ id: string }>`
      select id from ticket where workspace_id = ${workspaceId} and id > ${after} and status not in ('bot', 'resolved', 'closed')
      order by id limit ${pageSize}`.execute(db);
    const ticketIds = page.rows.map(({ id }) => id);
    if (ticketIds.length > 0) await committer.system({ name: 'sla.rematch', args: { ticketIds } });
    const last = ticketIds.at(-1);
    if (!last || ticketIds.length < pageSize) return;
    after = last;
  }
}
