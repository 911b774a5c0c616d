/** Requests that were not let in: wrong signatures, keys, tokens. Counted for administrators, so that they know which secret to look at. */
import { sql } from 'kysely';
import type { RefusalReason } from '../../../src/shared/channel-admin.ts';
import type { Db } from '../db/database.ts';

/** ms between two writes for one channel: whoever sends rubbish must not make the hub write all day */
const everyMs = 1000;

export class Refusals {
  readonly #db: Db;
  readonly #workspaceId: string;
  /** counted, and not written yet */
  readonly #waiting = new Map<string, { count: number; reason: RefusalReason; at: number }>();
  /** channels that were written less than a moment ago */
  readonly #resting = new Set<string>();

  constructor(db: Db, workspaceId: string) {
    this.#db = db;
    this.#workspaceId = workspaceId;
  }

  /** Counts one; the first is written at once, those of the second that follows together. Never fails the request that it is about. */
  note(channelId: string, reason: RefusalReason): void {
    const known = this.#waiting.get(channelId);
    this.#waiting.set(channelId, { count: (known?.count ?? 0) + 1, reason, at: Date.now() });
    if (!this.#resting.has(channelId)) void this.#write(channelId);
  }

  /** The settings are others now: what was refused before says nothing of them. */
  async forget(channelId: string): Promise<void> {
    this.#waiting.delete(channelId);
    await sql`update channel_account set refused_at = null, refused_reason = null, refused_count = 0
      where workspace_id = ${this.#workspaceId} and channel_id = ${channelId} and refused_count > 0`.execute(this.#db);
  }

  async #write(channelId: string): Promise<void> {
    const some = this.#waiting.get(channelId);
    if (!some) {
      this.#resting.delete(channelId);
      return;
    }
    this.#waiting.delete(channelId);
    this.#resting.add(channelId);
    const { count, reason, at } = some;
    await sql`update channel_account set refused_at = ${at}, refused_reason = ${reason}, refused_count = refused_count + ${count}
      where workspace_id = ${this.#workspaceId} and channel_id = ${channelId}`
      .execute(this.#db)
      // A count is not worth more than this.
      .catch(() => undefined);
    setTimeout(() => void this.#write(channelId), everyMs).unref();
  }
}
