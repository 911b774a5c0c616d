/**
 * Signing in and staying so. Passwords are argon2id; access tokens are short-lived JWTs; refresh tokens are
 * random, stored hashed, and replaced at each use.
 *
 * A refresh answer can be lost with the line, so the previous token stays good until the new pair has been seen
 * in use (`confirmed`). Once it has, the old one can only come from somebody who copied it: the session ends.
 */
import { createHash, randomBytes } from 'node:crypto';
import { hash, verify as verifyHash } from '@node-rs/argon2';
import { jwtVerify, SignJWT } from 'jose';
import { v7 as uuid } from 'uuid';
import type { Workspace } from '../../../src/shared/domain.ts';
import type { Tokens, SignedInUser } from '../../../src/shared/protocol.ts';
import type { Db } from '../db/database.ts';

const refreshTtlMs = 30 * 24 * 3_600_000;

export interface Access {
  userId: string;
  clientId: string;
  sessionId: string;
}

export type SignIn = { tokens: Tokens; user: SignedInUser; workspace: Workspace } | { error: 'WRONG_CREDENTIALS' | 'CLIENT_TAKEN' };

/** A hash to verify against when there is no such account, so that the answer takes as long. */
let decoy: Promise<string> | null = null;

export function hashPassword(password: string): Promise<string> {
  // OWASP's argon2id parameters: 19 MiB, two passes.
  return hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
}

export class Sessions {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #key: Uint8Array;
  readonly #accessTtlMs: number;

  private constructor(db: Db, workspaceId: string, key: Uint8Array, accessTtlMs: number) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#key = key;
    this.#accessTtlMs = accessTtlMs;
  }

  static async open(db: Db, workspaceId: string, accessTtlMs: number): Promise<Sessions> {
    await db
      .insertInto('hubSecret')
      .values({ name: 'access-token', value: randomBytes(32).toString('hex') })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const secret = await db.selectFrom('hubSecret').select('value').where('name', '=', 'access-token').executeTakeFirstOrThrow();
    return new Sessions(db, workspaceId, Buffer.from(secret.value, 'hex'), accessTtlMs);
  }

  async signIn(request: { email: string; password: string; clientId: string; deviceName: string }): Promise<SignIn> {
    const user = await this.#db
      .selectFrom('appUser')
      .innerJoin('credential', (join) =>
        join.onRef('credential.userId', '=', 'appUser.id').onRef('credential.workspaceId', '=', 'appUser.workspaceId'),
      )
      .select(['appUser.id', 'name', 'email', 'role', 'locale', 'active', 'passwordHash'])
      .where('appUser.workspaceId', '=', this.#workspaceId)
      .where((where) => where.fn<boolean>('lower', ['email']), '=', request.email.toLowerCase() as never)
      .executeTakeFirst();
    decoy ??= hashPassword(randomBytes(16).toString('hex'));
    const right = await verifyHash(user?.passwordHash ?? (await decoy), request.password);
    if (!user || !right || !user.active) return { error: 'WRONG_CREDENTIALS' };

    const now = Date.now();
    await this.#db
      .insertInto('client')
      .values({
        workspaceId: this.#workspaceId,
        clientId: request.clientId,
        userId: user.id,
        deviceName: request.deviceName,
        createdAt: now,
        lastSeenAt: now,
        revokedAt: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const client = await this.client(request.clientId);
    if (!client || client.userId !== user.id || client.revokedAt !== null) return { error: 'CLIENT_TAKEN' };

    const refreshToken = randomBytes(32).toString('base64url');
    const sessionId = uuid();
    await this.#db
      .insertInto('session')
      .values({
        id: sessionId,
        workspaceId: this.#workspaceId,
        userId: user.id,
        clientId: request.clientId,
        generation: 1,
        confirmed: false,
        refreshHash: digest(refreshToken),
        previousHash: null,
        createdAt: now,
        expiresAt: now + refreshTtlMs,
        revokedAt: null,
      })
      .execute();
    const workspace = await this.#db
      .selectFrom('workspace')
      .select(['id', 'name', 'locale'])
      .where('workspaceId', '=', this.#workspaceId)
      .executeTakeFirstOrThrow();
    const { passwordHash: _secret, ...row } = user;
    return {
      tokens: await this.#tokens({ userId: user.id, clientId: request.clientId, sessionId }, 1, refreshToken),
      user: row,
      workspace,
    };
  }

  /** A new pair for a refresh token; `EXPIRED` when it is not good any more, `REVOKED` when whose it is may not come back. */
  async refresh(refreshToken: string, clientId: string): Promise<Tokens | 'EXPIRED' | 'REVOKED'> {
    const presented = digest(refreshToken);
    const now = Date.now();
    return this.#db.transaction().execute(async (tx) => {
      const session = await tx
        .selectFrom('session')
        .selectAll()
        .where((where) => where.or([where('refreshHash', '=', presented), where('previousHash', '=', presented)]))
        .where('workspaceId', '=', this.#workspaceId)
        .forUpdate()
        .executeTakeFirst();
      if (!session || session.clientId !== clientId || session.revokedAt !== null || session.expiresAt < now) return 'EXPIRED';
      const user = await tx
        .selectFrom('appUser')
        .select('active')
        .where('workspaceId', '=', this.#workspaceId)
        .where('id', '=', session.userId)
        .executeTakeFirst();
      if (!user?.active) return 'REVOKED';
      const current = presented.equals(session.refreshHash);
      if (!current && session.confirmed) {
        await tx.updateTable('session').set({ revokedAt: now }).where('id', '=', session.id).execute();
        return 'EXPIRED';
      }
      const next = randomBytes(32).toString('base64url');
      const generation = session.generation + 1;
      await tx
        .updateTable('session')
        .set({ refreshHash: digest(next), previousHash: presented, generation, confirmed: false, expiresAt: now + refreshTtlMs })
        .where('id', '=', session.id)
        .execute();
      return this.#tokens({ userId: session.userId, clientId, sessionId: session.id }, generation, next);
    });
  }

  async signOut(access: Access): Promise<void> {
    const now = Date.now();
    await this.#db.updateTable('session').set({ revokedAt: now }).where('id', '=', access.sessionId).execute();
  }

  /** Whom an access token speaks for; null when it is wrong, expired, or its session has ended. */
  async verify(token: string): Promise<Access | null> {
    try {
      const { payload } = await jwtVerify(token, this.#key, { algorithms: ['HS256'], audience: this.#workspaceId });
      const { sub, cid, sid, gen } = payload as { sub?: string; cid?: string; sid?: string; gen?: number };
      if (!sub || !cid || !sid || typeof gen !== 'number') return null;
      const session = await this.#db
        .selectFrom('session')
        .select(['generation', 'confirmed', 'revokedAt'])
        .where('id', '=', sid)
        .where('userId', '=', sub)
        .executeTakeFirst();
      if (!session || session.revokedAt !== null) return null;
      if (!session.confirmed && gen === session.generation) {
        await this.#db.updateTable('session').set({ confirmed: true }).where('id', '=', sid).where('generation', '=', gen).execute();
      }
      return { userId: sub, clientId: cid, sessionId: sid };
    } catch (error) {
      // A token that does not verify is refused; a database that can't be asked is not the token's fault.
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_J')) return null;
      throw error;
    }
  }

  /** Whether the session has not been ended. */
  async lives(sessionId: string): Promise<boolean> {
    const found = await this.#db.selectFrom('session').select('revokedAt').where('id', '=', sessionId).executeTakeFirst();
    return found?.revokedAt === null;
  }

  client(clientId: string) {
    return this.#db
      .selectFrom('client')
      .select(['userId', 'lastMutationId', 'revokedAt'])
      .where('workspaceId', '=', this.#workspaceId)
      .where('clientId', '=', clientId)
      .executeTakeFirst();
  }

  async #tokens(access: Access, generation: number, refreshToken: string): Promise<Tokens> {
    const accessToken = await new SignJWT({ cid: access.clientId, sid: access.sessionId, gen: generation })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(access.userId)
      .setAudience(this.#workspaceId)
      .setIssuedAt()
      .setExpirationTime(Math.floor((Date.now() + this.#accessTtlMs) / 1000))
      .sign(this.#key);
    return { accessToken, accessTtl: this.#accessTtlMs, refreshToken };
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
