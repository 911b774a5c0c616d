/** Fills an empty demo hub: the shop's people and queues, its customers, its conversations, and what its agents look up. */
import { type RawBuilder, sql } from 'kysely';
import type { Logger } from 'pino';
import { hashPassword } from '../auth/sessions.ts';
import type { Db } from '../db/database.ts';
import { storedEntities, toRecord, upsert } from '../db/rows.ts';
import { timersFor } from '../jobs/timers.ts';
import { demoPassword } from './accounts.ts';
import { articles } from './articles.ts';
import { people } from './people.ts';
import { replay } from './replay.ts';
import { scripts } from './schedule.ts';
import { buildShop } from './shop.ts';

const firstNumber = 1001;

/** Does nothing when the workspace has people already. */
export async function seedDemo(db: Db, workspaceId: string, log: Logger): Promise<void> {
  const known = await db.selectFrom('appUser').select('id').where('workspaceId', '=', workspaceId).limit(1).executeTakeFirst();
  if (known) return;
  const now = Date.now();
  const passwordHash = await hashPassword(demoPassword);
  const shop = buildShop();
  const world = replay(shop, people, scripts(now), now, firstNumber);
  const tickets = world.rows('ticket');
  await db.transaction().execute(async (tx) => {
    const write = (statement: RawBuilder<unknown>) => statement.execute(tx);
    for (const entity of storedEntities) {
      const rows = world.rows(entity);
      if (rows.length > 0)
        await write(
          upsert(
            entity,
            rows.map((row) => toRecord(entity, workspaceId, row, 0)),
          ),
        );
    }
    const knowledge = articles(now).map((row) => toRecord('article', workspaceId, row, 0));
    await write(upsert('article', knowledge));
    const credentials = Object.values(shop.agents).map(({ id: userId }) => ({ workspaceId, userId, passwordHash, changedAt: now }));
    await tx.insertInto('credential').values(credentials).execute();
    const fresh = <T>(rows: T[]) => rows.map((after) => ({ before: null, after }));
    const timers = timersFor(workspaceId, { tickets: fresh(tickets) });
    if (timers) await write(timers);
    await write(
      sql`update workspace_counter set ticket_number = ${firstNumber + tickets.length - 1}, last_at = ${now}, reference_seq = reference_seq + 1 where workspace_id = ${workspaceId}`,
    );
  });
  log.info({ tickets: tickets.length }, 'demo data written');
}
