/**
 * Links by which somebody chooses their password: when they are invited, and when theirs was reset. Only the token's hash is kept; a link
 * lets in once, for 72 hours, and a new one makes the one before it void.
 */
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Access } from '../../../src/shared/people-admin.ts';
import type { Db } from '../db/database.ts';
import { hashPassword } from './sessions.ts';

export const linkMs = 72 * 3_600_000;

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

export class Links {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #clock: () => number;

  constructor(db: Db, workspaceId: string, clock: () => number = Date.now) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#clock = clock;
  }

  /** The token of a new link, told this once. */
  async make(userId: string): Promise<{ token: string; until: number }> {
    const token = randomBytes(32).toString('base64url');
    const now = this.#clock();
    const until = now + linkMs;
    const values = { tokenHash: digest(token), until, madeAt: now };
    await this.#db
      .insertInto('personLink')
      .values({ workspaceId: this.#workspaceId, userId, ...values })
      .onConflict((conflict) => conflict.columns(['workspaceId', 'userId']).doUpdateSet(values))
      .execute();
    return { token, until };
  }

  /** Whose link this is; null: nobody's, or not any more. */
  async holder(token: string): Promise<string | null> {
    const found = await this.#db
      .selectFrom('personLink')
      .select('userId')
      .where('workspaceId', '=', this.#workspaceId)
      .where('tokenHash', '=', digest(token))
      .where('until', '>', this.#clock())
      .executeTakeFirst();
    return found?.userId ?? null;
  }

  /** Uses the link up. Null: somebody was quicker, or it is void. Whatever was signed in until now has to sign in anew. */
  async redeem(token: string, password: string): Promise<{ email: string } | null> {
    const passwordHash = await hashPassword(password);
    const now = this.#clock();
    return this.#db.transaction().execute(async (tx) => {
      const used = await tx
        .deleteFrom('personLink')
        .where('workspaceId', '=', this.#workspaceId)
        .where('tokenHash', '=', digest(token))
        .where('until', '>', now)
        .returning('userId')
        .executeTakeFirst();
      if (!used) return null;
      const { userId } = used;
      await this.#setPassword(tx, userId, passwordHash, now);
      await this.#endSessions(tx, userId, now);
      return tx
        .selectFrom('appUser')
        .select('email')
        .where('workspaceId', '=', this.#workspaceId)
        .where('id', '=', userId)
        .executeTakeFirstOrThrow();
    });
  }

  /** Nobody gets in as this person any more but by a new link. */
  async shut(userId: string): Promise<void> {
    const now = this.#clock();
    const nobodyKnows = await hashPassword(randomBytes(32).toString('base64url'));
    await this.#db.transaction().execute(async (tx) => {
      await this.#setPassword(tx, userId, nobodyKnows, now);
      await this.#endSessions(tx, userId, now);
    });
  }

  async hasPassword(userId: string): Promise<boolean> {
    const found = await this.#db
      .selectFrom('credential')
      .select('userId')
      .where('workspaceId', '=', this.#workspaceId)
      .where('userId', '=', userId)
      .executeTakeFirst();
    return found !== undefined;
  }

  /** Of everybody: whether they were ever in, and by what they could come in. */
  async list(): Promise<Access[]> {
    const found = await sql<Access>`
      select u.id as user_id, c.user_id is not null as joined, l.until as link_until, s.seen_at
      from app_user u
      left join credential c on c.workspace_id = u.workspace_id and c.user_id = u.id
      left join person_link l on l.workspace_id = u.workspace_id and l.user_id = u.id and l.until > ${this.#clock()}
      left join (select user_id, max(last_seen_at) as seen_at from client where workspace_id = ${this.#workspaceId} group by user_id) s
        on s.user_id = u.id
      where u.workspace_id = ${this.#workspaceId}`.execute(this.#db);
    return found.rows;
  }

  async #setPassword(tx: Db, userId: string, passwordHash: string, changedAt: number): Promise<void> {
    await tx
      .insertInto('credential')
      .values({ workspaceId: this.#workspaceId, userId, passwordHash, changedAt })
      .onConflict((conflict) => conflict.columns(['workspaceId', 'userId']).doUpdateSet({ passwordHash, changedAt }))
      .execute();
  }

  async #endSessions(tx: Db, userId: string, now: number): Promise<void> {
    await tx
      .updateTable('session')
      .set({ revokedAt: now })
      .where('workspaceId', '=', this.#workspaceId)
      .where('userId', '=', userId)
      .where('revokedAt', 'is', null)
      .execute();
  }
}
