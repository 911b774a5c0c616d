/** Which events each endpoint has asked for, as every commit looks at it. */
import { sql } from 'kysely';
import type { EventType } from '../../../src/shared/webhook-admin.ts';
import type { Db } from '../db/database.ts';

/** An endpoint that is switched on. */
export interface Listener {
  id: string;
  events: readonly EventType[];
  channelId: string | null;
}

export async function loadListeners(db: Db, workspaceId: string): Promise<Listener[]> {
  const found = await sql<Listener>`select id, events, channel_id from webhook_endpoint
    where workspace_id = ${workspaceId} and state = 'active' order by id`.execute(db);
  return found.rows;
}
