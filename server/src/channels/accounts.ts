/** Accounts that channels are fed by: whose, with which secrets. Secrets come out for the hub's own use and for nothing else. */
import { z } from 'zod';
import type { Db } from '../db/database.ts';
import { seal, unseal } from './sealed.ts';

const secret = z.string().min(1).max(4000);

/** What each vendor's account consists of. */
export const vendors = {
  messenger: {
    settings: z.strictObject({}),
    secrets: z.strictObject({ appSecret: secret, verifyToken: secret }),
  },
  zalo: {
    settings: z.strictObject({
      appId: z.string().regex(/^\d{1,30}$/),
      oaId: z
        .string()
        .regex(/^\d{1,30}$/)
        .nullable(),
    }),
    secrets: z.strictObject({ secretKey: secret }),
  },
} as const;

export type Vendor = keyof typeof vendors;

export interface Account<V extends Vendor> {
  channelId: string;
  settings: z.infer<(typeof vendors)[V]['settings']>;
  secrets: z.infer<(typeof vendors)[V]['secrets']>;
}

export class Accounts {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #key: Buffer;

  constructor(db: Db, workspaceId: string, key: Buffer) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#key = key;
  }

  /** Null when there is no such channel, or it is another vendor's. */
  async get<V extends Vendor>(channelId: string, vendor: V): Promise<Account<V> | null> {
    const row = await this.#db
      .selectFrom('channelAccount')
      .select(['settings', 'secrets'])
      .where('workspaceId', '=', this.#workspaceId)
      .where('channelId', '=', channelId)
      .where('vendor', '=', vendor)
      .executeTakeFirst();
    if (!row) return null;
    const { settings, secrets } = vendors[vendor];
    return {
      channelId,
      settings: settings.parse(row.settings) as Account<V>['settings'],
      secrets: secrets.parse(JSON.parse(unseal(this.#key, channelId, row.secrets))) as Account<V>['secrets'],
    };
  }

  async put<V extends Vendor>(vendor: V, account: Account<V>): Promise<void> {
    const { channelId } = account;
    const values = {
      vendor,
      settings: JSON.stringify(vendors[vendor].settings.parse(account.settings)),
      secrets: seal(this.#key, channelId, JSON.stringify(vendors[vendor].secrets.parse(account.secrets))),
      updatedAt: Date.now(),
    };
    await this.#db
      .insertInto('channelAccount')
      .values({ workspaceId: this.#workspaceId, channelId, ...values })
      .onConflict((conflict) => conflict.columns(['workspaceId', 'channelId']).doUpdateSet(values))
      .execute();
  }
}
