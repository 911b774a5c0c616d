/** What an administrator's window asks of the hub. Nothing of it is kept here: it is shown as it is at this moment, or not at all. */
import type { z } from 'zod';
import { botAccountAnswer, botList, botQuestions, ruleBot } from '../../shared/bot-admin.ts';
import { type AdminCommand, adminCommands, type AdminCommandValues } from '../../shared/bridge-admin.ts';
import { adminChannels, asideList, channelCheck } from '../../shared/channel-admin.ts';
import { actAnswer, auditAnswer, httpError, nextAnswer } from '../../shared/protocol.ts';
import { accessList, wayIn, type WayIn } from '../../shared/people-admin.ts';
import { whatIfDay } from '../../shared/what-if-day.ts';
import { whyAnswer } from '../../shared/why-answer.ts';
import { wallboardLinkMade, wallboardLinks } from '../../shared/wallboard.ts';
import { deliveryList, endpointList, endpointMade } from '../../shared/webhook-admin.ts';
import { AuthExpired, Unreachable } from './link.ts';
import type { Session } from './session.ts';
import { BridgeFailure } from './subscriptions.ts';

const patienceMs = 10_000;
/** a test of a channel waits for somebody else's servers */
const testPatienceMs = 30_000;
/** a whole day is much to read */
const dayPatienceMs = 60_000;

type Handlers = { [N in AdminCommand]: (args: z.infer<(typeof adminCommands)[N]>) => Promise<AdminCommandValues[N]> };

export const isAdminCommand = (name: string): name is AdminCommand => Object.hasOwn(adminCommands, name);

export class HubAdmin {
  readonly #session: Session;
  readonly #handlers: Handlers = {
    'channels.list': async () => {
      const { channels } = await this.#read('/channels', adminChannels);
      return { hubUrl: this.#hubUrl(), channels };
    },
    'channels.connect': ({ channelId, ...change }) => this.#do(`/channels/${part(channelId)}/account`, 'PUT', change),
    'channels.switch': ({ channelId, on }) => this.#do(`/channels/${part(channelId)}/switch`, 'POST', { on }),
    'channels.test': ({ channelId }) => this.#tell(`/channels/${part(channelId)}/test`, 'POST', {}, channelCheck, testPatienceMs),
    'channels.aside': ({ before }) => this.#read(`/channels/aside${before === null ? '' : `?before=${before}`}`, asideList),
    'channels.retry': ({ id }) => this.#do(`/channels/aside/${id}/retry`, 'POST', {}),
    'bots.list': async () => ({ ...(await this.#read('/bots', botList)), hubUrl: this.#hubUrl() }),
    'bots.get': ({ id }) => this.#read(`/bots/${part(id)}`, ruleBot),
    'bots.save': ({ id, bot }) => this.#tell(`/bots/${part(id)}`, 'PUT', bot, ruleBot),
    'bots.connect': ({ id, settings, rotate }) =>
      this.#tell(`/bots/${part(id)}/account`, 'PUT', { settings, ...(rotate ? { rotate } : {}) }, botAccountAnswer),
    'bots.questions': ({ id, after }) =>
      this.#read(`/bots/${part(id)}/questions?limit=50${after === null ? '' : `&after=${part(after)}`}`, botQuestions),
    'webhooks.list': async () => (await this.#read('/webhooks', endpointList)).webhooks,
    'webhooks.add': (wanted) => this.#tell('/webhooks', 'POST', wanted, endpointMade),
    'webhooks.change': ({ id, change }) => this.#tell(`/webhooks/${id}`, 'PATCH', change, endpointMade),
    'webhooks.remove': ({ id }) => this.#do(`/webhooks/${id}`, 'DELETE', null),
    'webhooks.deliveries': ({ id, before }) =>
      this.#read(`/webhooks/${id}/deliveries?limit=20${before === null ? '' : `&before=${before}`}`, deliveryList),
    'webhooks.replay': ({ deliveryId }) => this.#do(`/webhooks/deliveries/${deliveryId}/replay`, 'POST', {}),
    'people.access': async () => (await this.#read('/people', accessList)).people,
    'people.invite': async (wanted) => this.#whole(await this.#tell('/people/invite', 'POST', wanted, wayIn)),
    'people.reset': async ({ userId }) => this.#whole(await this.#tell(`/people/${userId}/reset`, 'POST', {}, wayIn)),
    act: async (wanted) => {
      const { rejection } = await this.#tell('/acts', 'POST', wanted, actAnswer);
      if (rejection) throw new BridgeFailure({ code: 'REJECTED', rejection });
      return null;
    },
    next: () => this.#tell('/next', 'POST', {}, nextAnswer),
    audit: ({ before, ticketId }) => {
      const query = new URLSearchParams({ ...(before === null ? {} : { before }), ...(ticketId === null ? {} : { ticketId }) });
      return this.#read(`/audit?${query}`, auditAnswer);
    },
    'wallboard.links': async () => (await this.#read('/wallboard/links', wallboardLinks)).links,
    'wallboard.link': async (wanted) => {
      const { link, token } = await this.#tell('/wallboard/links', 'POST', wanted, wallboardLinkMade);
      return { link, url: `${this.#hubUrl()}/wallboard#${token}` };
    },
    'wallboard.unlink': ({ id }) => this.#do(`/wallboard/links/${id}`, 'DELETE', null),
    why: ({ ticketId }) => this.#read(`/tickets/${ticketId}/why`, whyAnswer),
    'whatIf.day': ({ date }) => this.#tell(`/what-if/day?date=${date}`, 'GET', null, whatIfDay, dayPatienceMs),
    'webhooks.test': ({ id }) => this.#do(`/webhooks/${id}/test`, 'POST', {}),
  };

  constructor(session: Session) {
    this.#session = session;
  }

  /** Throws a `BridgeFailure`: what is wrong with the request names its field. */
  run<N extends AdminCommand>(command: N, args: z.infer<(typeof adminCommands)[N]>): Promise<AdminCommandValues[N]> {
    return this.#handlers[command](args);
  }

  /** As this workstation knows it, without a slash at its end. */
  #hubUrl(): string {
    return this.#session.account()?.hubUrl.replace(/\/$/, '') ?? '';
  }

  /** The hub knows the path; where it stands on the network is what this workstation knows. */
  #whole({ link, until }: WayIn): WayIn {
    return { link: `${this.#hubUrl()}${link}`, until };
  }

  #read<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
    return this.#tell(path, 'GET', null, schema);
  }

  async #do(path: string, method: Method, body: unknown): Promise<null> {
    await this.#ask(path, method, body, patienceMs);
    return null;
  }

  async #tell<S extends z.ZodType>(path: string, method: Method, body: unknown, schema: S, patience = patienceMs): Promise<z.infer<S>> {
    const parsed = schema.safeParse(await this.#ask(path, method, body, patience));
    if (!parsed.success) throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
    return parsed.data;
  }

  async #ask(path: string, method: Method, body: unknown, patience: number): Promise<unknown> {
    try {
      for (let attempt = 1; ; attempt += 1) {
        const token = await this.#session.token();
        const answer = await this.#session.request(`/api/v1${path}`, {
          method,
          token,
          signal: AbortSignal.timeout(patience),
          ...(body === null ? {} : { body: JSON.stringify(body) }),
        });
        if (answer.status === 401 && attempt === 1) {
          this.#session.forgetToken();
          continue;
        }
        const said: unknown = await answer.json().catch(() => null);
        if (answer.ok) return said;
        const why = httpError.safeParse(said).data;
        // 409: a name that somebody else has.
        if (answer.status === 400 || answer.status === 409)
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

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
const part = encodeURIComponent;
