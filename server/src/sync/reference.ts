/** Reference data of a workspace (people, teams, queues, channels), kept in memory and checked against the counter row's version. */
import { sql } from 'kysely';
import type { Rows } from '../../../src/shared/domain.ts';
import { type Actor, queuesOf, scopesHeld } from '../../../src/shared/permissions.ts';
import type { Db } from '../db/database.ts';
import { asJson, type Stored, tableOf } from '../db/rows.ts';
import { type Listener, loadListeners } from '../webhooks/listeners.ts';

export const referenceEntities = [
  'workspace',
  'team',
  'user',
  'teamMember',
  'queue',
  'queueMember',
  'channel',
  'calendar',
  'slaPolicy',
  'skill',
  'userSkill',
  'code',
] as const satisfies readonly Stored[];
type ReferenceEntity = (typeof referenceEntities)[number];

export interface Reference {
  /** `reference_seq` of the counter row at the time of reading */
  version: number;
  rows: { [E in ReferenceEntity]: Map<string, Rows[E]> };
  /** the endpoints that events are written for */
  listeners: readonly Listener[];
}

export function isReference(entity: string): entity is ReferenceEntity {
  return (referenceEntities as readonly string[]).includes(entity);
}

export async function loadReference(db: Db, workspaceId: string, version: number): Promise<Reference> {
  const parts = referenceEntities.map(
    (entity) =>
      sql`select ${sql.lit(entity)} as entity, ${sql.raw(asJson(entity, 't'))} as row from ${sql.raw(tableOf[entity])} t where t.workspace_id = ${workspaceId}`,
  );
  const found = await sql<{ entity: ReferenceEntity; row: { id: string } }>`${sql.join(parts, sql` union all `)}`.execute(db);
  const rows = Object.fromEntries(referenceEntities.map((entity) => [entity, new Map()])) as unknown as Reference['rows'];
  for (const { entity, row } of found.rows) (rows[entity] as Map<string, unknown>).set(row.id, row);
  return { version, rows, listeners: await loadListeners(db, workspaceId) };
}

/** The actor a user is at this moment, or null when they may not act any more. */
export function actorOf(reference: Reference, userId: string): Actor | null {
  const user = reference.rows.user.get(userId);
  if (!user?.active) return null;
  const queues = queuesOf(user, {
    queues: [...reference.rows.queue.values()],
    queueMembers: [...reference.rows.queueMember.values()],
    teamMembers: [...reference.rows.teamMember.values()],
  });
  return { userId, name: user.name, role: user.role, queues };
}

export function scopesOf(actor: Actor): string[] {
  return actor.userId === null ? [] : scopesHeld(actor.userId, actor.queues);
}
