/** What administrators see and change of channels: how they do, what feeds them, what could not be handled. */
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { z } from 'zod';
import {
  accountChange,
  type AdminChannel,
  type asideList,
  asideQuery,
  type ChannelCheck,
  channelSwitch,
} from '../../../src/shared/channel-admin.ts';
import { type AnyAccount, vendors, type Vendor } from '../channels/accounts.ts';
import type { Channels } from '../channels/channels.ts';
import { changedSecrets, countSecrets } from '../channels/secrets.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { administrator } from './administrator.ts';
import { HttpError, parse } from './server.ts';

/** characters of what came that a list shows */
const excerptLength = 300;
const pageSize = 50;

type Params = { Params: { channelId: string } };

export function channelRoutes(server: FastifyInstance, hub: SyncHub, channels: Channels): void {
  const { db, workspaceId, committer } = hub;
  const { accounts, dispatch, inbox } = channels;

  const channelOf = async (channelId: string) => {
    const channel = (await committer.reference()).rows.channel.get(channelId);
    if (!channel) throw new HttpError(404, 'NOT_FOUND', 'channelId', 'There is no such channel.');
    return channel;
  };

  server.get('/api/v1/channels', async (request): Promise<{ channels: AdminChannel[] }> => {
    await administrator(request, hub);
    const { rows } = await committer.reference();
    const waiting = await countBy(sql`select extra->'via'->>'channelId' as channel_id, count(*)::integer as n from message
      where workspace_id = ${workspaceId} and delivery in ('accepted', 'sending') and kind = 'reply' and extra->'via' is not null group by 1`);
    const aside = await countBy(sql`select channel_id, count(*)::integer as n from inbound_event
      where workspace_id = ${workspaceId} and state = 'aside' group by 1`);
    const found = await Promise.all(
      [...rows.channel.values()].map(async ({ id, kind, name, queueId, active }): Promise<AdminChannel> => {
        const account = await accounts.find(id);
        const { state, reason, stateAt, lastEventAt, lastSentAt, ...of } = await accounts.state(id);
        return {
          id,
          kind,
          name,
          queueId,
          active,
          vendor: account?.vendor ?? null,
          settings: account?.settings ?? {},
          secrets: countSecrets(account),
          state,
          reason,
          stateAt,
          lastEventAt,
          lastSentAt,
          refused:
            of.refusedAt === null || of.refusedReason === null
              ? null
              : { at: of.refusedAt, reason: of.refusedReason, count: of.refusedCount },
          waiting: waiting.get(id) ?? 0,
          aside: aside.get(id) ?? 0,
        };
      }),
    );
    return { channels: found.toSorted((a, b) => a.name.localeCompare(b.name, 'vi')) };
  });

  server.put<Params>('/api/v1/channels/:channelId/account', async (request) => {
    await administrator(request, hub);
    const { channelId } = request.params;
    const channel = await channelOf(channelId);
    const change = parse(accountChange, request.body);
    const vendor = Object.hasOwn(vendors, change.vendor) ? (change.vendor as Vendor) : null;
    if (vendor === null || vendor !== (vendorOf[channel.kind] ?? channel.kind))
      throw new HttpError(400, 'BAD_REQUEST', 'vendor', `A channel of this kind is fed by ${vendorOf[channel.kind] ?? channel.kind}.`);
    const before = await accounts.find(channelId);
    const secrets = changedSecrets(vendor, before, change.secrets);
    const settings = checked(vendors[vendor].settings, change.settings, 'settings');
    await accounts.put({ channelId, vendor, settings, secrets: checked(vendors[vendor].secrets, secrets, 'secrets') } as AnyAccount);
    await accounts.refusals.forget(channelId);
    // Whatever was the matter, it is tried anew with this.
    await accounts.setState(channelId, 'ok', null, Date.now());
    await dispatch.resume(channelId);
    return {};
  });

  server.post<Params>('/api/v1/channels/:channelId/switch', async (request) => {
    await administrator(request, hub);
    const { channelId } = request.params;
    await channelOf(channelId);
    const { on } = parse(channelSwitch, request.body);
    await accounts.setState(channelId, on ? 'ok' : 'paused', null, Date.now());
    if (on) await dispatch.resume(channelId);
    return {};
  });

  server.post<Params>('/api/v1/channels/:channelId/test', async (request): Promise<ChannelCheck> => {
    await administrator(request, hub);
    const { channelId } = request.params;
    const checked = await channels.check(channelId);
    if (checked) return checked;
    // A bot outside of the hub has an account and no channel; a channel without an account has nothing to try yet.
    await channelOf(channelId);
    return { ok: false, tookMs: 0, steps: [{ step: 'account', ok: false, detail: '', remedy: 'connect' }] };
  });

  server.get('/api/v1/channels/aside', async (request): Promise<z.infer<typeof asideList>> => {
    await administrator(request, hub);
    const { before = Number.MAX_SAFE_INTEGER } = parse(asideQuery, request.query);
    // By the request: one that could not be read has nothing but itself. Ids of requests grow with time, as those of events do.
    const found = await sql<{
      id: number;
      channelId: string;
      what: string;
      error: string | null;
      receivedAt: number;
      attempts: number;
      body: Buffer | null;
      again: boolean;
      place: number;
    }>`
      select * from (
        (select e.id, e.channel_id, e.event->>'type' as what, e.error, e.received_at, e.attempts, r.body, true as again, e.request_id as place
          from inbound_event e left join inbound_request r on r.workspace_id = e.workspace_id and r.id = e.request_id
          where e.workspace_id = ${workspaceId} and e.state = 'aside' and e.request_id < ${before} order by e.request_id desc limit ${pageSize})
        union all
        (select r.id, r.channel_id, 'request', r.error, r.received_at, 0, r.body, false, r.id from inbound_request r
          where r.workspace_id = ${workspaceId} and r.error is not null and r.id < ${before} order by r.id desc limit ${pageSize})
      ) listed order by place desc limit ${pageSize}`.execute(db);
    const items = found.rows.map(({ body, place: _place, ...row }) => ({
      ...row,
      excerpt: (body ?? Buffer.alloc(0))
        .subarray(0, excerptLength * 4)
        .toString('utf8')
        .slice(0, excerptLength),
    }));
    return { items, next: found.rows.length < pageSize ? null : (found.rows.at(-1)?.place ?? null) };
  });

  server.post('/api/v1/channels/aside/:id/retry', async (request) => {
    await administrator(request, hub);
    const { id } = parse(z.object({ id: z.coerce.number().int().positive() }), request.params);
    if (!(await inbox.retry(id))) throw new HttpError(404, 'NOT_FOUND', 'id', 'There is nothing set aside under this id.');
    return {};
  });

  async function countBy(query: ReturnType<typeof sql>): Promise<Map<string, number>> {
    const found = await (query as ReturnType<typeof sql<{ channelId: string; n: number }>>).execute(db);
    return new Map(found.rows.map(({ channelId, n }) => [channelId, n]));
  }
}

/** Where a kind of channel is fed by something of another name. */
const vendorOf: Partial<Record<string, Vendor>> = { phone: 'cti' };

function checked<S extends z.ZodType>(schema: S, value: unknown, field: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  throw new HttpError(400, 'BAD_REQUEST', path === '' ? field : `${field}.${path}`, issue?.message);
}
