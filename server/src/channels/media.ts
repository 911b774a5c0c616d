/** Files of customers that vendors hold for a while: fetched beside the messages, so that none waits for its pictures. */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import { limits } from '../../../src/shared/domain.ts';
import { kindBytes, kindOf, plainName } from '../../../src/shared/file-kind.ts';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import type { Db } from '../db/database.ts';
import { addJobs, type Job } from '../jobs/queue.ts';
import type { FileStore } from '../files/store.ts';
import type { Intent } from '../sync/intent.ts';
import { fetchMedia, MediaError } from './fetch-media.ts';
import type { Media } from './inbound.ts';

export interface MediaNeeds {
  db: Db;
  workspaceId: string;
  store: FileStore;
  apply(intent: Intent): Promise<Rejection | null>;
  log: Logger;
  /** `host:port` that may be fetched from though they are not public; for tests and shops whose files lie in the house */
  allowHosts: ReadonlySet<string>;
  /** ms between tries */
  steps: readonly number[];
}

interface Row {
  attachmentId: string;
  url: string;
  name: string | null;
  kind: Media['kind'];
  attempts: number;
}

/** Job that fetches one file. */
export const mediaJob = 'media';
/** as many at once, in all hubs: vendors' servers may be slow, and jobs that matter more must not wait behind them */
const lanes = 2;
/** ms that fetching one may take */
const timeoutMs = 120_000;

export class MediaFetcher {
  readonly #needs: MediaNeeds;

  constructor(needs: MediaNeeds) {
    this.#needs = needs;
  }

  /** Writes down what is to be fetched for a message. Done again it changes nothing. */
  async plan(channelId: string, messageId: string, media: readonly Media[]): Promise<void> {
    const { db, workspaceId } = this.#needs;
    const rows = media.flatMap(({ kind, url, name }, position) =>
      hasBytes({ kind, url }) ? [{ position, kind, url, name, attachmentId: uuid() }] : [],
    );
    if (rows.length === 0) return;
    await db.transaction().execute(async (tx) => {
      const added = await sql<{ position: number }>`
        insert into inbound_media (workspace_id, message_id, position, channel_id, attachment_id, url, name, kind)
        select ${workspaceId}, ${messageId}, (one->>'position')::integer, ${channelId}, (one->>'attachmentId')::uuid, one->>'url', one->>'name',
          one->>'kind' from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) as one
        on conflict (workspace_id, message_id, position) do nothing returning position`.execute(tx);
      if (added.rows.length > 0) await addJobs(added.rows.map(({ position }) => job(messageId, position, null))).execute(tx);
    });
  }

  /** Its message has been taken back: nothing of it is fetched any more, and what is here goes. */
  async drop(messageId: string): Promise<void> {
    const { db, workspaceId, store } = this.#needs;
    const dropped = await sql<{ attachmentId: string }>`update inbound_media set state = 'dropped', url = ''
      where workspace_id = ${workspaceId} and message_id = ${messageId} returning attachment_id`.execute(db);
    for (const { attachmentId } of dropped.rows) await store.remove(attachmentId);
  }

  /** Fetches one; tries again later where that may help. */
  async work(messageId: string, position: number): Promise<void> {
    const { db, workspaceId, store, apply, log, allowHosts, steps } = this.#needs;
    const found = await sql<Row>`select attachment_id, url, name, kind, attempts from inbound_media
      where workspace_id = ${workspaceId} and message_id = ${messageId} and position = ${position} and state = 'fetching'`.execute(db);
    const row = found.rows[0];
    if (!row) return;
    const settle = async (state: 'ready' | 'failed', error: string | null) => {
      await sql`update inbound_media set state = ${state}, error = ${error}, attempts = attempts + 1
        where workspace_id = ${workspaceId} and message_id = ${messageId} and position = ${position}`.execute(db);
    };
    const id = row.attachmentId;
    let file: { size: number; sha256: string };
    try {
      file = await store.take(id, async (write) => {
        await fetchMedia(row.url, write, { most: limits.attachmentBytes, timeoutMs, allowHosts });
      });
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      log.debug({ messageId, code: error.code }, 'a file of a message can not be fetched');
      const step = error.again ? steps[row.attempts] : undefined;
      if (step !== undefined) {
        await sql`update inbound_media set attempts = attempts + 1, error = ${error.code}
          where workspace_id = ${workspaceId} and message_id = ${messageId} and position = ${position}`.execute(db);
        await addJobs([job(messageId, position, Date.now() + step)]).execute(db);
        return;
      }
      await apply({ name: 'message.media', args: { messageId, index: position, file: null } });
      await settle('failed', error.code);
      return;
    }
    const type = kindOf(await store.head(id, kindBytes));
    const name = plainName(row.name ?? `${row.kind}${endings[type] ?? ''}`);
    await apply({ name: 'message.media', args: { messageId, index: position, file: { id, name, type, ...file } } });
    await settle('ready', null);
  }
}

const fetched: ReadonlySet<Media['kind']> = new Set(['image', 'audio', 'video', 'file', 'sticker']);

/** Whether the hub gets its bytes; what a customer shares by its address is never fetched. */
export const hasBytes = ({ kind, url }: Pick<Media, 'kind' | 'url'>): boolean => url !== null && url !== '' && fetched.has(kind);

const endings: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'application/pdf': '.pdf',
};

function job(messageId: string, position: number, at: number | null): Job {
  const lane = `media:${Number.parseInt(messageId.slice(-4), 16) % lanes}`;
  return { task: mediaJob, key: `media:${messageId}:${position}`, queue: lane, at, payload: { messageId, position } };
}
