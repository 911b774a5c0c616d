/** Conversations that bots hold, and what in them a bot has not heard yet. */
import { sql } from 'kysely';
import type { Message } from '../../../src/shared/domain.ts';
import type { Db } from '../db/database.ts';
import { asJson } from '../db/rows.ts';

export interface Held {
  epoch: number;
  /** the newest message that it knows of */
  toldId: string | null;
  /** the hub's own bot's; null: it begins */
  state: unknown;
}

interface Where {
  db: Db;
  workspaceId: string;
}

/** From now on this bot's, unless another one has it. */
export async function holdConversation({ db, workspaceId }: Where, ticketId: string, botId: string): Promise<Held> {
  const found =
    await sql<Held>`insert into bot_conversation (workspace_id, ticket_id, bot_id) values (${workspaceId}, ${ticketId}, ${botId})
    on conflict (workspace_id, ticket_id) do update set bot_id = bot_conversation.bot_id returning epoch, told_id, state`.execute(db);
  return found.rows[0] ?? { epoch: 1, toldId: null, state: null };
}

/** In their order. */
export async function unheardIn({ db, workspaceId }: Where, ticketId: string, toldId: string | null): Promise<Message[]> {
  const found = await sql<{ row: Message }>`select ${sql.raw(asJson('message', 'm'))} as row from message m
    where m.workspace_id = ${workspaceId} and m.ticket_id = ${ticketId} and m.kind = 'inbound'
      and (m.accepted_at, m.id) > (select coalesce(max(t.accepted_at), 0), coalesce(max(t.id::text), ${nobody})::uuid from message t
        where t.workspace_id = ${workspaceId} and t.id = ${toldId}::uuid)
    order by m.accepted_at, m.id limit 100`.execute(db);
  return found.rows.map(({ row }) => row);
}

const nobody = '00000000-0000-0000-0000-000000000000';
