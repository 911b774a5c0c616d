/** Accounts that channels are fed by: whose, with which secrets, in which state. Secrets come out for the hub's own use and for nothing else. */
import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { botSettings } from '../../../src/shared/bot-admin.ts';
import type { RefusalReason } from '../../../src/shared/channel-admin.ts';
import type { Db } from '../db/database.ts';
import { chatAccount } from './chat/account.ts';
import { emailAccount } from './email/account.ts';
import { isWebhookSecret } from '../webhooks/sign.ts';
import { Refusals } from './refusals.ts';
import { seal, unseal } from './sealed.ts';

const secret = z.string().min(1).max(4000);
const vendorId = z.string().regex(/^\d{1,30}$/);

/** `expiresAt`: ms. `previous`: the pair before, for whoever has to find out what went wrong. */
const tokenPair = z.strictObject({ access: secret, refresh: secret, expiresAt: z.int().nonnegative() });

/** Those of Standard Webhooks; more than one while a receiver changes over. */
const webhookSecrets = z.array(z.string().refine(isWebhookSecret, 'whsec_ and 24 to 64 bytes in base64')).max(4);
const webhookUrl = z.url({ protocol: /^https?$/ }).max(2000);

const meta = {
  settings: z.strictObject({}),
  secrets: z.strictObject({ appSecret: secret, verifyToken: secret, pageToken: secret.nullable() }),
};

/** What each vendor's account consists of. */
export const vendors = {
  messenger: meta,
  instagram: meta,
  zalo: {
    settings: z.strictObject({ appId: vendorId, oaId: vendorId.nullable() }),
    secrets: z.strictObject({
      secretKey: secret,
      /** the app's, for its tokens */
      appSecret: secret.nullable(),
      tokens: tokenPair.nullable(),
      previous: tokenPair.nullable(),
    }),
  },
  cti: {
    settings: z.strictObject({
      /** what the exchange is answered in: sipgate and Placetel want XML */
      answers: z.enum(['json', 'xml']),
      users: z.record(z.string().max(200), z.uuid()),
      queues: z.record(z.string().max(200), z.uuid()),
      /** outgoing calls of these users, or of all (`*`), show this number */
      callerIds: z.record(z.string().max(200), z.string().max(40)),
      /** asked to ring an agent and put them through: POST `{ user, number, caller_id }`; null: agents dial by themselves */
      dialUrl: webhookUrl.nullable().default(null),
    }),
    /** `dialToken`: sent along as a bearer's */
    secrets: z.strictObject({ token: secret, dialToken: secret.nullable().default(null) }),
  },
  /** a program; `webhookUrl`: where answers go */
  api: {
    settings: z.strictObject({ webhookUrl: webhookUrl.nullable() }),
    secrets: z.strictObject({ apiKeys: z.array(secret).max(5), webhookSecrets }),
  },
  /** a bot outside of the hub, which answers on `channelIds` and is told by `webhookUrl` */
  bot: {
    settings: botSettings,
    secrets: z.strictObject({ webhookSecrets }),
  },
  email: emailAccount,
  /** a chat widget, and the shop that vouches for its visitors */
  chat: chatAccount,
} as const;

export type Vendor = keyof typeof vendors;

export interface Account<V extends Vendor> {
  channelId: string;
  vendor: V;
  settings: z.infer<(typeof vendors)[V]['settings']>;
  secrets: z.infer<(typeof vendors)[V]['secrets']>;
}
export type AnyAccount = { [V in Vendor]: Account<V> }[Vendor];

export interface AccountState {
  state: 'ok' | 'attention' | 'paused';
  reason: string | null;
  /** ms; the vendor asked for patience until then */
  resumeAt: number | null;
  stateAt: number | null;
  /** something came in, something went out, ms */
  lastEventAt: number | null;
  lastSentAt: number | null;
  /** requests that came for it and were let in by nobody: the last one's time and reason, and how many since its settings were changed */
  refusedAt: number | null;
  refusedReason: RefusalReason | null;
  refusedCount: number;
}

const nothingKnown: AccountState = {
  state: 'ok',
  reason: null,
  resumeAt: null,
  stateAt: null,
  lastEventAt: null,
  lastSentAt: null,
  refusedAt: null,
  refusedReason: null,
  refusedCount: 0,
};

export interface AccountsNeeds {
  db: Db;
  workspaceId: string;
  /** of the secrets */
  key: Buffer;
  /** tells everybody who shows the channel */
  healthChanged(channelId: string, state: AccountState['state']): Promise<void>;
}

export class Accounts {
  readonly #needs: AccountsNeeds;
  /** requests for them that were not let in */
  readonly refusals: Refusals;

  constructor(needs: AccountsNeeds) {
    this.#needs = needs;
    this.refusals = new Refusals(needs.db, needs.workspaceId);
  }

  /** Null when there is no such account. */
  async find(channelId: string): Promise<AnyAccount | null> {
    const row = await this.#row(channelId, this.#needs.db, false);
    return row ? this.#open(channelId, row) : null;
  }

  /** Null when there is no such account, or it is another vendor's. */
  async get<V extends Vendor>(channelId: string, vendor: V): Promise<Account<V> | null> {
    const account = await this.find(channelId);
    return account?.vendor === vendor ? (account as Account<V>) : null;
  }

  /** All of one vendor's. */
  async all<V extends Vendor>(vendor: V): Promise<Account<V>[]> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<Row & { channelId: string }>`select channel_id, vendor, settings, secrets from channel_account
      where workspace_id = ${workspaceId} and vendor = ${vendor} order by channel_id`.execute(db);
    return found.rows.map((row) => this.#open(row.channelId, row) as Account<V>);
  }

  async put(account: AnyAccount): Promise<void> {
    const { db, workspaceId, key } = this.#needs;
    const { channelId, vendor } = account;
    const form = vendors[vendor];
    const values = {
      vendor,
      settings: JSON.stringify(form.settings.parse(account.settings)),
      secrets: seal(key, channelId, JSON.stringify(form.secrets.parse(account.secrets))),
      updatedAt: Date.now(),
    };
    await db
      .insertInto('channelAccount')
      .values({ workspaceId, channelId, ...values })
      .onConflict((conflict) => conflict.columns(['workspaceId', 'channelId']).doUpdateSet(values))
      .execute();
  }

  /**
   * Runs with the account's row locked, in whichever hub, so that nobody else changes its secrets meanwhile. `save` is durable when it
   * resolves: it commits by itself, for what a vendor has handed out must not be lost with whatever fails afterwards.
   */
  async locked<T>(
    channelId: string,
    run: (account: AnyAccount, save: (next: AnyAccount['secrets']) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const { db, workspaceId, key } = this.#needs;
    return db.connection().execute(async (connection) => {
      await sql`begin`.execute(connection);
      try {
        const row = await this.#row(channelId, connection, true);
        if (!row) throw new Error(`no account for ${channelId}`);
        const account = this.#open(channelId, row);
        const done = await run(account, async (next) => {
          const secrets = seal(key, channelId, JSON.stringify(vendors[account.vendor].secrets.parse(next)));
          await sql`update channel_account set secrets = ${secrets}, updated_at = ${Date.now()}
            where workspace_id = ${workspaceId} and channel_id = ${channelId}`.execute(connection);
          // Durable now; the lock is taken again for what is left to do.
          await sql`commit`.execute(connection);
          await sql`begin`.execute(connection);
        });
        await sql`commit`.execute(connection);
        return done;
      } catch (error) {
        await sql`rollback`.execute(connection).catch(() => undefined);
        throw error;
      }
    });
  }

  /** A key for one purpose, the same in every hub that opens these secrets. It lies nowhere. */
  keyFor(purpose: string): Buffer {
    return createHmac('sha256', this.#needs.key).update(purpose).digest();
  }

  async state(channelId: string): Promise<AccountState> {
    const { db, workspaceId } = this.#needs;
    const found =
      await sql<AccountState>`select state, state_reason as reason, resume_at, state_at, last_event_at, last_sent_at, refused_at,
      refused_reason, refused_count from channel_account where workspace_id = ${workspaceId} and channel_id = ${channelId}`.execute(db);
    return found.rows[0] ?? nothingKnown;
  }

  /** The same state again changes nothing; only a change is told. */
  async setState(channelId: string, state: AccountState['state'], reason: string | null, now: number): Promise<boolean> {
    const { db, workspaceId, healthChanged } = this.#needs;
    const changed = await sql`update channel_account set state = ${state}, state_reason = ${reason}, state_at = ${now}, resume_at = null
      where workspace_id = ${workspaceId} and channel_id = ${channelId} and state <> ${state} returning 1`.execute(db);
    if (changed.rows.length > 0) await healthChanged(channelId, state);
    return changed.rows.length > 0;
  }

  needsAttention(channelId: string, reason: string, now: number): Promise<boolean> {
    return this.setState(channelId, 'attention', reason.slice(0, 500), now);
  }

  async waitUntil(channelId: string, at: number): Promise<void> {
    const { db, workspaceId } = this.#needs;
    await sql`update channel_account set resume_at = greatest(coalesce(resume_at, 0), ${at})
      where workspace_id = ${workspaceId} and channel_id = ${channelId}`.execute(db);
  }

  async sent(channelId: string, now: number): Promise<void> {
    await this.#stamp(sql`last_sent_at`, channelId, now);
  }

  async heard(channelId: string, now: number): Promise<void> {
    await this.#stamp(sql`last_event_at`, channelId, now);
  }

  /** To the second: a busy channel need not write its row at each message. */
  async #stamp(column: ReturnType<typeof sql>, channelId: string, now: number): Promise<void> {
    const { db, workspaceId } = this.#needs;
    await sql`update channel_account set ${column} = ${now}
      where workspace_id = ${workspaceId} and channel_id = ${channelId} and coalesce(${column}, 0) < ${now - 1000}`.execute(db);
  }

  async #row(channelId: string, db: Db, lock: boolean): Promise<Row | undefined> {
    const found = await sql<Row>`select vendor, settings, secrets from channel_account
      where workspace_id = ${this.#needs.workspaceId} and channel_id = ${channelId} ${lock ? sql`for update` : sql``}`.execute(db);
    return found.rows[0];
  }

  #open(channelId: string, row: Row): AnyAccount {
    const form = vendors[row.vendor];
    return {
      channelId,
      vendor: row.vendor,
      settings: form.settings.parse(row.settings),
      secrets: form.secrets.parse(JSON.parse(unseal(this.#needs.key, channelId, row.secrets))),
    } as AnyAccount;
  }
}

interface Row {
  vendor: Vendor;
  settings: unknown;
  secrets: Buffer;
}
