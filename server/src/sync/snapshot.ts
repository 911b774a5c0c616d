/** The whole of what a set of scopes may see, streamed as NDJSON lines. */
import { sql } from 'kysely';
import type { SnapshotLine } from '../../../src/shared/protocol.ts';
import type { Entity } from '../../../src/shared/domain.ts';
import type { Db } from '../db/database.ts';
import { asJson, type Stored, storedEntities, tableOf } from '../db/rows.ts';
import { isReference } from './reference.ts';
import { readHead } from './log.ts';

const pageSize = 1000;

/**
 * Rows page by page, by key, so that memory stays flat. The cursor is taken before the first page: what changes
 * meanwhile comes again through the log, and a row's `ver` tells the newer of the two.
 */
export async function* snapshot(
  db: Db,
  workspaceId: string,
  client: { scopes: string[]; lastMutationId: number },
): AsyncGenerator<SnapshotLine> {
  const head = await readHead(db, workspaceId);
  const queues = client.scopes.filter((scope) => scope.startsWith('queue:')).map((scope) => scope.slice('queue:'.length));
  const users = client.scopes.filter((scope) => scope.startsWith('user:')).map((scope) => scope.slice('user:'.length));
  const tickets = sql`select t.id, t.customer_id from ticket t where t.workspace_id = ${workspaceId}
    and (t.queue_id = any(${queues}::uuid[]) or t.assignee_id = any(${users}::uuid[]))`;
  const customers = sql`select customer_id from (${tickets}) as held`;

  const condition = (entity: Stored) => {
    if (isReference(entity)) return sql`true`;
    if (entity === 'customer') return sql`t.id in (${customers})`;
    if (entity === 'identity') return sql`t.customer_id in (${customers})`;
    if (entity === 'ticket') return sql`(t.queue_id = any(${queues}::uuid[]) or t.assignee_id = any(${users}::uuid[]))`;
    return sql`t.ticket_id in (select id from (${tickets}) as held)`;
  };
  const counting = await sql<{ total: number }>`select ${sql.join(
    [
      ...storedEntities.map(
        (entity) =>
          sql`(select count(*) from ${sql.raw(tableOf[entity])} t where t.workspace_id = ${workspaceId} and ${condition(entity)})`,
      ),
      sql`(select count(*) from ticket t where t.workspace_id = ${workspaceId} and t.customer_id in (${customers}))`,
    ],
    sql` + `,
  )} as total`.execute(db);
  yield {
    t: 'begin',
    cursor: head.seq,
    epoch: head.epoch,
    scopes: client.scopes,
    lastMutationId: client.lastMutationId,
    total: counting.rows[0]?.total ?? 0,
  };
  const counts: Record<string, number> = {};
  const pages = async function* (
    entity: Entity,
    from: Stored,
    json: string,
    where: ReturnType<typeof condition>,
  ): AsyncGenerator<SnapshotLine> {
    counts[entity] = 0;
    const keyType = sql.raw(['channel', 'queueMember', 'teamMember'].includes(from) ? 'text' : 'uuid');
    for (let after: string | null = null; ;) {
      const page: { rows: { id: string; row: unknown; ver: number }[] } = await sql<{ id: string; row: unknown; ver: number }>`
        select t.id::text as id, ${sql.raw(json)} as row, t.rowver as ver from ${sql.raw(tableOf[from])} t
        where t.workspace_id = ${workspaceId} and ${where} and (${after}::${keyType} is null or t.id > ${after}::${keyType})
        order by t.id limit ${pageSize}`.execute(db);
      for (const { row, ver } of page.rows) yield { t: 'row', entity, ver, row };
      counts[entity] = (counts[entity] ?? 0) + page.rows.length;
      after = page.rows.at(-1)?.id ?? null;
      if (page.rows.length < pageSize) return;
    }
  };
  for (const entity of storedEntities) yield* pages(entity, entity, asJson(entity, 't'), condition(entity));
  // The journey of the customers in reach, over all queues: without bodies.
  yield* pages('journey', 'ticket', journeyJson, sql`t.customer_id in (${customers})`);
  yield { t: 'end', counts };
}

const journeyJson = `jsonb_build_object('id', t.id, 'customerId', t.customer_id, 'number', t.number, 'subject', t.subject, 'channel', t.channel,
  'queueId', t.queue_id, 'status', t.status, 'createdAt', t.created_at, 'lastMessageAt', t.last_message_at)`;
