/**
 * Endpoints that administrators have set, and the delivery of what was written for them: in order for each, by the steps of Standard
 * Webhooks, until one is taken or the endpoint is switched off. Source: channels reference, 6.
 */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { DeliveryList, Endpoint, endpointChange, newEndpoint } from '../../../src/shared/webhook-admin.ts';
import { seal, unseal } from '../channels/sealed.ts';
import type { Db } from '../db/database.ts';
import { addJobs } from '../jobs/queue.ts';
import { webhookJob } from './events.ts';
import { type Posted, postWebhook } from './post.ts';
import { newWebhookSecret, signWebhook } from './sign.ts';

export interface WebhookNeeds {
  db: Db;
  workspaceId: string;
  /** of the secrets */
  key: Buffer;
  clock(): number;
  log: Logger;
  /** ms before each try; after the last one the endpoint is switched off */
  steps: readonly number[];
  timeoutMs: number;
  allowHosts: ReadonlySet<string>;
}

interface Waiting {
  id: string;
  body: string;
  attempts: number;
  nextAt: number | null;
}

/** ms that the log of deliveries reaches back */
const keptMs = 30 * 24 * 3_600_000;
/** UTF-16 code units of an answer that are kept */
const responseLength = 300;
const secretList = z.array(z.string()).min(1).max(2);

export class Webhooks {
  readonly #needs: WebhookNeeds;

  constructor(needs: WebhookNeeds) {
    this.#needs = needs;
  }

  async list(): Promise<Endpoint[]> {
    return this.#select(null);
  }

  /** With its secret, which nobody is told again. */
  async add({ url, events, channel_id }: z.infer<typeof newEndpoint>): Promise<{ webhook: Endpoint; secret: string }> {
    const { db, workspaceId, key, clock } = this.#needs;
    const [id, secret] = [uuid(), newWebhookSecret()];
    await db.transaction().execute(async (tx) => {
      await sql`insert into webhook_endpoint (workspace_id, id, url, secrets, events, channel_id, created_at)
        values (${workspaceId}, ${id}, ${url}, ${seal(key, id, JSON.stringify([secret]))}, ${JSON.stringify(events)}::jsonb, ${channel_id},
          ${clock()})`.execute(tx);
      await this.#changed(tx);
    });
    return { webhook: await this.#one(id), secret };
  }

  /** Null when there is none. `secret`: only where it is a new one. */
  async change(id: string, change: z.infer<typeof endpointChange>): Promise<{ webhook: Endpoint; secret: string | null } | null> {
    const { db, workspaceId, key } = this.#needs;
    const secret = change.rotate === true ? newWebhookSecret() : null;
    const found = await db.transaction().execute(async (tx) => {
      const rows = await sql<{ secrets: Buffer }>`select secrets from webhook_endpoint
        where workspace_id = ${workspaceId} and id = ${id} for update`.execute(tx);
      const row = rows.rows[0];
      if (!row) return false;
      const secrets = secret === null ? row.secrets : seal(key, id, JSON.stringify([secret, ...this.#open(id, row.secrets)].slice(0, 2)));
      await sql`update webhook_endpoint set secrets = ${secrets}, url = coalesce(${change.url ?? null}, url),
        events = coalesce(${change.events ? JSON.stringify(change.events) : null}::jsonb, events),
        channel_id = ${change.channel_id === undefined ? sql`channel_id` : change.channel_id}
        where workspace_id = ${workspaceId} and id = ${id}`.execute(tx);
      if (change.active !== undefined) {
        await sql`update webhook_endpoint set state = ${change.active ? 'active' : 'disabled'}, reason = null
          where workspace_id = ${workspaceId} and id = ${id}`.execute(tx);
      }
      // What waited for it goes out, from its first step.
      if (change.active === true) {
        await sql`update webhook_delivery set attempts = 0, next_at = null
          where workspace_id = ${workspaceId} and endpoint_id = ${id} and state = 'waiting'`.execute(tx);
        await addJobs([webhookJob(id, null)]).execute(tx);
      }
      await this.#changed(tx);
      return true;
    });
    return found ? { webhook: await this.#one(id), secret } : null;
  }

  /** With all that was to be delivered. False when there is none. */
  async remove(id: string): Promise<boolean> {
    const { db, workspaceId } = this.#needs;
    return db.transaction().execute(async (tx) => {
      const gone = await sql`delete from webhook_endpoint where workspace_id = ${workspaceId} and id = ${id} returning 1`.execute(tx);
      await sql`delete from webhook_delivery where workspace_id = ${workspaceId} and endpoint_id = ${id}`.execute(tx);
      await this.#changed(tx);
      return gone.rows.length > 0;
    });
  }

  /** Newest first. Null when there is no such endpoint. */
  async deliveries(id: string, { before, limit }: { before?: number | undefined; limit: number }): Promise<DeliveryList | null> {
    const { db, workspaceId } = this.#needs;
    if ((await this.#select(id)).length === 0) return null;
    const found = await sql<{ row: DeliveryList['items'][number]; seq: number }>`
      select seq, json_build_object('id', id, 'type', type, 'state', state, 'attempts', attempts, 'status', status, 'error', error,
        'response', response, 'created_at', created_at, 'next_at', next_at, 'settled_at', settled_at, 'body', body) as row from webhook_delivery
      where workspace_id = ${workspaceId} and endpoint_id = ${id} and seq < ${before ?? Number.MAX_SAFE_INTEGER}
      order by seq desc limit ${limit}`.execute(db);
    return { items: found.rows.map(({ row }) => row), next: found.rows.length < limit ? null : (found.rows.at(-1)?.seq ?? null) };
  }

  /** Once more, under the same id: a receiver that has had it knows it. False when there is no such delivery. */
  async replay(deliveryId: string): Promise<boolean> {
    const { db, workspaceId } = this.#needs;
    return db.transaction().execute(async (tx) => {
      const found = await sql<{ endpointId: string }>`update webhook_delivery set state = 'waiting', attempts = 0, next_at = null,
        settled_at = null where workspace_id = ${workspaceId} and id = ${deliveryId} returning endpoint_id`.execute(tx);
      const row = found.rows[0];
      if (row) await addJobs([webhookJob(row.endpointId, null)]).execute(tx);
      return row !== undefined;
    });
  }

  /** Something to see whether it arrives. Null when there is no such endpoint. */
  async test(id: string): Promise<string | null> {
    const { db, workspaceId, clock } = this.#needs;
    if ((await this.#select(id)).length === 0) return null;
    const deliveryId = uuid();
    const body = JSON.stringify({ type: 'webhook.test', timestamp: new Date(clock()).toISOString(), data: {} });
    await db.transaction().execute(async (tx) => {
      await sql`insert into webhook_delivery (workspace_id, id, endpoint_id, type, body, created_at)
        values (${workspaceId}, ${deliveryId}, ${id}, 'webhook.test', ${body}, ${clock()})`.execute(tx);
      await addJobs([webhookJob(id, null)]).execute(tx);
    });
    return deliveryId;
  }

  /** Delivers what waits for an endpoint, in order, as far as it goes now. */
  async work(id: string): Promise<void> {
    const { db, workspaceId, clock, steps, timeoutMs, allowHosts } = this.#needs;
    for (;;) {
      const endpoints = await sql<{ url: string; secrets: Buffer }>`select url, secrets from webhook_endpoint
        where workspace_id = ${workspaceId} and id = ${id} and state = 'active'`.execute(db);
      const waiting = await sql<Waiting>`select id, body, attempts, next_at from webhook_delivery
        where workspace_id = ${workspaceId} and endpoint_id = ${id} and state = 'waiting' order by seq limit 1`.execute(db);
      const [target, next] = [endpoints.rows[0], waiting.rows[0]];
      if (!target || !next) return;
      // Something new has come meanwhile: that is no reason for less patience.
      if (next.nextAt !== null && next.nextAt > clock()) {
        await addJobs([webhookJob(id, next.nextAt)]).execute(db);
        return;
      }
      const headers = signWebhook(this.#open(id, target.secrets), { id: next.id, at: clock(), body: next.body });
      const posted = await postWebhook(target.url, headers, next.body, { timeoutMs, allowHosts });
      const status = posted.state === 'answered' ? posted.status : null;
      if (status !== null && status >= 200 && status < 300) {
        await this.#settle(next.id, 'sent', status, null, saidBy(posted));
        continue;
      }
      const reason = posted.state === 'answered' ? `it answers ${posted.status}` : posted.reason;
      const step = status === 410 ? undefined : steps[next.attempts + 1];
      if (step === undefined) {
        await this.#settle(next.id, 'failed', status, reason, saidBy(posted));
        await this.#switchOff(id, status === 410 ? 'GONE: it answers 410' : `GAVE_UP: ${reason}`);
        return;
      }
      // Somewhere in the fifth after it, so that endpoints of one receiver do not come back at once.
      const wait = Math.max(step, patienceOf(posted)) * (1 + Math.random() / 5);
      const at = clock() + Math.round(wait);
      await sql`update webhook_delivery set attempts = attempts + 1, next_at = ${at}, status = ${status}, error = ${reason},
        response = ${saidBy(posted)} where workspace_id = ${workspaceId} and id = ${next.id}`.execute(db);
      await addJobs([webhookJob(id, at)]).execute(db);
      return;
    }
  }

  /** Shortens the log; once in a while. */
  async forget(): Promise<void> {
    const { db, workspaceId, clock } = this.#needs;
    await sql`delete from webhook_delivery where workspace_id = ${workspaceId} and created_at < ${clock() - keptMs}`.execute(db);
  }

  async #settle(
    deliveryId: string,
    state: 'sent' | 'failed',
    status: number | null,
    error: string | null,
    response: string | null,
  ): Promise<void> {
    const { db, workspaceId, clock } = this.#needs;
    await sql`update webhook_delivery set state = ${state}, attempts = attempts + 1, status = ${status}, error = ${error},
      response = ${response}, next_at = null, settled_at = ${clock()} where workspace_id = ${workspaceId} and id = ${deliveryId}`.execute(
      db,
    );
  }

  /** Until an administrator switches it on again; what happens meanwhile is not written down for it. */
  async #switchOff(id: string, reason: string): Promise<void> {
    const { db, workspaceId, log } = this.#needs;
    await db.transaction().execute(async (tx) => {
      await sql`update webhook_endpoint set state = 'disabled', reason = ${reason.slice(0, 500)}
        where workspace_id = ${workspaceId} and id = ${id}`.execute(tx);
      await this.#changed(tx);
    });
    log.error({ webhook: id, reason }, 'a webhook was switched off; an administrator has to look at it');
  }

  /** Commits look at the list of endpoints by the version of all reference data. */
  async #changed(tx: Db): Promise<void> {
    await sql`update workspace_counter set reference_seq = reference_seq + 1 where workspace_id = ${this.#needs.workspaceId}`.execute(tx);
  }

  async #one(id: string): Promise<Endpoint> {
    const [found] = await this.#select(id);
    if (!found) throw new Error(`webhook ${id} is gone`);
    return found;
  }

  async #select(id: string | null): Promise<Endpoint[]> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ row: Endpoint }>`
      select json_build_object('id', e.id, 'url', e.url, 'events', e.events, 'channel_id', e.channel_id, 'state', e.state, 'reason', e.reason,
        'created_at', e.created_at, 'waiting', (select count(*)::integer from webhook_delivery d where d.workspace_id = e.workspace_id
          and d.endpoint_id = e.id and d.state = 'waiting')) as row
      from webhook_endpoint e where e.workspace_id = ${workspaceId} and (${id}::uuid is null or e.id = ${id}::uuid)
      order by e.created_at, e.id`.execute(db);
    return found.rows.map(({ row }) => row);
  }

  #open(id: string, secrets: Buffer): string[] {
    return secretList.parse(JSON.parse(unseal(this.#needs.key, id, secrets)));
  }
}

/** The beginning of what a receiver answers, for whoever looks into it. */
function saidBy(posted: Posted): string | null {
  const said = posted.state === 'answered' ? posted.body.slice(0, responseLength).toWellFormed().replaceAll('\0', '').trim() : '';
  return said === '' ? null : said;
}

/** Whoever is asked too much, or is down behind its gateway, says when. */
function patienceOf(posted: Posted): number {
  const throttles = posted.state === 'answered' && [429, 502, 503, 504].includes(posted.status);
  return throttles ? (posted.retryAfterMs ?? 0) : 0;
}
