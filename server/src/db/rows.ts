/** Entity rows in PostgreSQL: one generated form for every entity, from the columns of its schema. */
import { type RawBuilder, sql } from 'kysely';
import { columnsOf, type Entity, type Rows } from '../../../src/shared/domain.ts';
import type { Read } from '../../../src/shared/mutations/define.ts';

/** `journey` has no table: it is a projection of `ticket`. */
export type Stored = Exclude<Entity, 'journey'>;

export const tableOf: Record<Stored, string> = {
  workspace: 'workspace',
  team: 'team',
  user: 'app_user',
  teamMember: 'team_member',
  queue: 'queue',
  queueMember: 'queue_member',
  channel: 'channel',
  customer: 'customer',
  identity: 'identity',
  ticket: 'ticket',
  message: 'message',
  attachment: 'attachment',
  slaClock: 'sla_clock',
  article: 'article',
  calendar: 'calendar',
  slaPolicy: 'sla_policy',
  skill: 'skill',
  userSkill: 'user_skill',
  code: 'code',
  presence: 'presence',
  offer: 'offer',
  notice: 'notice',
};

/** whose ids are text and no UUIDs */
export const keyedByText: readonly Entity[] = ['channel', 'queueMember', 'teamMember', 'userSkill'];

/** What a mutation may delete: lists that an administrator keeps. */
export const deletable = [
  'queueMember',
  'teamMember',
  'userSkill',
  'skill',
  'calendar',
  'slaPolicy',
  'queue',
  'team',
  'code',
] as const satisfies readonly Stored[];

export const storedEntities = Object.keys(tableOf) as Stored[];

export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const columns = Object.fromEntries(
  storedEntities.map((entity) => [entity, columnsOf(entity).map((name) => ({ name, column: snake(name) }))]),
) as Record<Stored, { name: string; column: string }[]>;

/** `jsonb_build_object('id', t.id, …)`: the row as it travels. */
export function asJson(entity: Stored, alias: string): string {
  return `jsonb_build_object(${columns[entity].map(({ name, column }) => `'${name}', ${alias}.${column}`).join(', ')})`;
}

/** The form in which rows are handed to `jsonb_populate_recordset`. */
export function toRecord(entity: Stored, workspaceId: string, row: Rows[Entity], rowver: number): Record<string, unknown> {
  const record: Record<string, unknown> = { workspace_id: workspaceId, rowver };
  for (const { name, column } of columns[entity]) record[column] = (row as Record<string, unknown>)[name];
  return record;
}

/** `insert … on conflict update` for any number of rows in one statement. */
export function upsert(entity: Stored, records: Record<string, unknown>[]): RawBuilder<unknown> {
  const table = sql.raw(tableOf[entity]);
  const names = ['workspace_id', ...columns[entity].map(({ column }) => column), 'rowver'];
  const set = names.filter((name) => name !== 'workspace_id' && name !== 'id').map((name) => `${name} = excluded.${name}`);
  return sql`insert into ${table} (${sql.raw(names.join(', '))})
    select ${sql.raw(names.join(', '))} from jsonb_populate_recordset(null::${table}, ${JSON.stringify(records)}::jsonb)
    on conflict (workspace_id, id) do update set ${sql.raw(set.join(', '))}`;
}

/** One statement that answers any number of reads: rows `{ entity, row }`. Null when there is nothing to ask. */
export function select(workspaceId: string, reads: Read[]): RawBuilder<{ entity: Stored; row: Rows[Stored] }> | null {
  const parts: RawBuilder<unknown>[] = [];
  const from = (entity: Stored, rest: RawBuilder<unknown>) =>
    parts.push(
      sql`(select ${sql.lit(entity)} as entity, ${sql.raw(asJson(entity, 't'))} as row from ${sql.raw(tableOf[entity])} t
        where t.workspace_id = ${workspaceId} and ${rest})`,
    );
  const byId = new Map<Stored, string[]>();
  const clocksOf: string[] = [];
  for (const read of reads) {
    if ('id' in read) {
      if (read.entity !== 'journey') byId.set(read.entity, [...(byId.get(read.entity) ?? []), read.id]);
    } else if ('ticketId' in read) clocksOf.push(read.ticketId);
    else if ('leaseBy' in read) from('ticket', sql`t.lease_by = ${read.leaseBy} order by t.lease_until desc limit 50`);
    else if ('queuedOf' in read) {
      from('message', sql`t.ticket_id = ${read.queuedOf} and t.delivery = 'queued' order by t.accepted_at, t.id limit 50`);
    } else if ('pendingOf' in read) {
      from('attachment', sql`t.ticket_id = ${read.pendingOf} and t.state = 'pending' order by t.created_at, t.id limit 200`);
    } else if ('ofCustomer' in read) {
      if (read.entity === 'ticket') from('ticket', sql`t.customer_id = ${read.ofCustomer} order by t.last_message_at desc limit 201`);
      else from('identity', sql`t.customer_id = ${read.ofCustomer} order by t.id limit 101`);
    } else if ('heldBy' in read) {
      from('ticket', sql`t.assignee_id = ${read.heldBy} and t.status not in ('resolved', 'closed', 'spam') limit 500`);
    } else if ('inQueue' in read) {
      from('ticket', sql`t.queue_id = ${read.inQueue} limit 1`);
    } else if ('ringingFor' in read) {
      from('offer', sql`t.user_id = ${read.ringingFor} and t.state = 'ringing'`);
    } else if ('ringingOf' in read) {
      from('offer', sql`t.ticket_id = ${read.ringingOf} and t.state = 'ringing'`);
    } else if ('closedOf' in read) {
      from('ticket', sql`t.customer_id = ${read.closedOf} and t.status = 'closed' order by t.last_message_at desc limit 5`);
    } else if ('customerId' in read) {
      from(
        'ticket',
        sql`t.customer_id = ${read.customerId} and t.status not in ('closed', 'spam') order by t.last_message_at desc limit 50`,
      );
    } else from('identity', sql`t.kind = ${read.kind} and t.value = ${read.value}`);
  }
  for (const [entity, ids] of byId) {
    const type = sql.raw(keyedByText.includes(entity) ? 'text[]' : 'uuid[]');
    from(entity, sql`t.id = any(${[...new Set(ids)]}::${type})`);
  }
  if (clocksOf.length > 0) {
    // The 20 that matter of each ticket: what runs, its first response and its resolution, then the newest.
    parts.push(sql`(select 'slaClock' as entity, ${sql.raw(asJson('slaClock', 't'))} as row
      from unnest(${[...new Set(clocksOf)]}::uuid[]) as wanted(id)
      cross join lateral (select * from sla_clock c where c.workspace_id = ${workspaceId} and c.ticket_id = wanted.id
        order by (c.ended_at is null) desc, (c.kind in ('frt', 'rt')) desc, c.started_at desc limit 20) t)`);
  }
  return parts.length === 0 ? null : sql`${sql.join(parts, sql` union all `)}`;
}
