/** Finding customers by how they can be reached. */
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Person } from './inbound.ts';

/** Customers who are known by this number (E.164), but for whoever `except` is. */
export async function samePhone(
  { db, workspaceId }: { db: Db; workspaceId: string },
  phone: string,
  except: Person,
): Promise<{ id: string; name: string }[]> {
  const found = await sql<{ id: string; name: string }>`
    select c.id, c.name from identity i join customer c on c.workspace_id = i.workspace_id and c.id = i.customer_id
    where i.workspace_id = ${workspaceId} and i.kind = 'phone' and i.value = ${phone} and not exists (
      select 1 from identity own where own.workspace_id = i.workspace_id and own.kind = ${except.kind} and own.value = ${except.value}
        and own.customer_id = i.customer_id)`.execute(db);
  return found.rows;
}
