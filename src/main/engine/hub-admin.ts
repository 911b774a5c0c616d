/** What an administrator's window asks of the hub. Nothing of it is kept here: it is shown as it is at this moment, or not at all. */
import type { z } from 'zod';
import type { CommandArgs } from '../../shared/bridge.ts';
import { type AdminChannel, adminChannels, asideList } from '../../shared/channel-admin.ts';
import { httpError } from '../../shared/protocol.ts';
import { AuthExpired, Unreachable } from './link.ts';
import type { Session } from './session.ts';
import { BridgeFailure } from './subscriptions.ts';

const patienceMs = 10_000;

export class HubAdmin {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async channels(): Promise<AdminChannel[]> {
    return (await this.#read('/api/v1/channels', adminChannels)).channels;
  }

  async aside({ before }: CommandArgs<'channels.aside'>): Promise<z.infer<typeof asideList>> {
    return this.#read(`/api/v1/channels/aside${before === null ? '' : `?before=${before}`}`, asideList);
  }

  async connect({ channelId, ...change }: CommandArgs<'channels.connect'>): Promise<void> {
    await this.#ask(`/api/v1/channels/${encodeURIComponent(channelId)}/account`, 'PUT', change);
  }

  async turn({ channelId, on }: CommandArgs<'channels.switch'>): Promise<void> {
    await this.#ask(`/api/v1/channels/${encodeURIComponent(channelId)}/switch`, 'POST', { on });
  }

  async retry({ id }: CommandArgs<'channels.retry'>): Promise<void> {
    await this.#ask(`/api/v1/channels/aside/${id}/retry`, 'POST', {});
  }

  async #read<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
    const parsed = schema.safeParse(await this.#ask(path, 'GET', null));
    if (!parsed.success) throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
    return parsed.data;
  }

  /** Throws a `BridgeFailure`: what is wrong with the request names its field. */
  async #ask(path: string, method: 'GET' | 'PUT' | 'POST', body: unknown): Promise<unknown> {
    try {
      for (let attempt = 1; ; attempt += 1) {
        const token = await this.#session.token();
        const answer = await this.#session.request(path, {
          method,
          token,
          signal: AbortSignal.timeout(patienceMs),
          ...(body === null ? {} : { body: JSON.stringify(body) }),
        });
        if (answer.status === 401 && attempt === 1) {
          this.#session.forgetToken();
          continue;
        }
        const said: unknown = await answer.json().catch(() => null);
        if (answer.ok) return said;
        const why = httpError.safeParse(said).data;
        if (answer.status === 400)
          throw new BridgeFailure({ code: 'BAD_REQUEST', ...(why?.field === undefined ? {} : { field: why.field }) });
        if (answer.status === 403) throw new BridgeFailure({ code: 'REJECTED', rejection: { code: 'FORBIDDEN' } });
        if (answer.status === 404) throw new BridgeFailure({ code: 'REJECTED', rejection: { code: 'NOT_FOUND' } });
        throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
      }
    } catch (error) {
      if (error instanceof Unreachable || error instanceof AuthExpired) throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
      throw error;
    }
  }
}
