/** The first start: a workspace, and outside the demo an administrator to sign in as. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { hashPassword } from './auth/sessions.ts';
import type { Config } from './config.ts';
import type { Db } from './db/database.ts';

/** The hub's workspace, made when there is none. */
export async function ensureWorkspace(db: Db, config: Config): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const known = await tx.selectFrom('workspaceCounter').select('workspaceId').limit(1).executeTakeFirst();
    if (known) return known.workspaceId;
    const workspaceId = uuid();
    await tx
      .insertInto('workspaceCounter')
      .values({ workspaceId, seq: 0, oldestSeq: 0, ticketNumber: 1000, lastAt: 0, referenceSeq: 1, epoch: uuid() })
      .execute();
    await tx
      .insertInto('workspace')
      .values({ workspaceId, id: workspaceId, name: config.demo ? 'Điện máy Sao Mai' : 'Trực', locale: 'vi' })
      .execute();
    return workspaceId;
  });
}

/**
 * After a backup was put back: what workstations know may be newer than what the hub knows. A new epoch tells them to load everything
 * anew and to send again what they still hold.
 */
export async function renewEpoch(db: Db, workspaceId: string): Promise<void> {
  await db.updateTable('workspaceCounter').set({ epoch: uuid() }).where('workspaceId', '=', workspaceId).execute();
}

/** Makes the first administrator when there are no people yet. Returns what the operator must know, or null. */
export async function ensureAdministrator(db: Db, workspaceId: string, config: Config): Promise<string | null> {
  const known = await db.selectFrom('appUser').select('id').where('workspaceId', '=', workspaceId).limit(1).executeTakeFirst();
  if (known) return null;
  if (!config.adminEmail)
    return 'nobody can sign in yet: start once with TRUC_ADMIN_EMAIL=you@example.com, or with TRUC_DEMO=1 to try it out';
  const id = uuid();
  const password = randomBytes(12).toString('base64url');
  const file = join(config.dataDir, 'first-password.txt');
  const { adminEmail: email } = config;
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('appUser')
      .values({ workspaceId, id, name: 'Administrator', email, role: 'admin', locale: 'vi', active: true })
      .execute();
    await tx
      .insertInto('credential')
      .values({ workspaceId, userId: id, passwordHash: await hashPassword(password), changedAt: Date.now() })
      .execute();
    await tx
      .updateTable('workspaceCounter')
      .set((counter) => ({ referenceSeq: counter('referenceSeq', '+', 1) }))
      .where('workspaceId', '=', workspaceId)
      .execute();
    // Written before the commit: an administrator whose password nobody knows would be worse than a useless file.
    writeFileSync(file, `${email}\n${password}\n`, { mode: 0o600 });
  });
  return `first administrator: ${email}, password in ${file}`;
}
