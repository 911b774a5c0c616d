/** The way to the hub over the network: socket.io for what is live, HTTP for what is long. */
import { io } from 'socket.io-client';
import { PROTOCOL_VERSION, refusal, type SnapshotQuery, wireLimits } from '../../shared/protocol.ts';
import { type HubLink, type Line, type LineEvents, Refused, Unreachable } from './link.ts';
import type { Account, Session } from './session.ts';

/** ms without a byte after which a long answer counts as broken */
const stalledMs = 30_000;

export class SocketLink implements HubLink {
  readonly #account: Account;
  readonly #session: Session;

  constructor(account: Account, session: Session) {
    this.#account = account;
    this.#session = session;
  }

  async open(cursor: number | null, events: LineEvents): Promise<Line> {
    const token = await this.#session.token();
    const socket = io(new URL('/sync', this.#account.hubUrl).href, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      timeout: 10_000,
      auth: { token, clientId: this.#account.clientId, protocol: PROTOCOL_VERSION, cursor },
    });
    socket.on('connect_error', (error) => events.lost(error.message));
    socket.on('disconnect', (reason) => events.lost(reason));
    socket.onAny((name: string, message: unknown, acknowledge?: () => void) => {
      events.heard(name, message);
      acknowledge?.();
    });
    return {
      ask: async (name, message) => {
        let answer: unknown;
        try {
          answer = await socket.timeout(wireLimits.ackMs).emitWithAck(name, message);
        } catch (error) {
          throw new Unreachable(`${name}: no answer`, { cause: error });
        }
        if (typeof answer === 'object' && answer !== null && 'refuse' in answer) throw new Refused(refusal.parse(answer.refuse));
        if (typeof answer === 'object' && answer !== null && 'value' in answer) return answer.value;
        throw new Error(`${name}: an answer without a value`);
      },
      tell: (name, message) => socket.emit(name, message, () => undefined),
      close: () => {
        socket.removeAllListeners();
        socket.offAny();
        socket.disconnect();
      },
    };
  }

  async snapshot(query: Omit<SnapshotQuery, 'protocol'>, signal: AbortSignal): Promise<AsyncIterable<string>> {
    const token = await this.#session.token();
    const given = Object.entries({ protocol: PROTOCOL_VERSION, ...query }).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
    const stalled = new AbortController();
    let timer = setTimeout(() => stalled.abort(), stalledMs);
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), stalledMs);
    };
    const answer = await this.#session
      .request(`/api/v1/snapshot?${search}`, { token, signal: AbortSignal.any([signal, stalled.signal]) })
      .catch((error: unknown) => {
        clearTimeout(timer);
        throw error;
      });
    const { body } = answer;
    if (!answer.ok || !body) {
      clearTimeout(timer);
      if (answer.status === 401) this.#session.forgetToken();
      if (answer.status === 403) throw new Refused({ code: 'CLIENT_REVOKED' });
      throw new Unreachable(`snapshot answered ${answer.status}`);
    }
    return lines(body, alive, () => clearTimeout(timer));
  }

  forgetToken(): void {
    this.#session.forgetToken();
  }
}

async function* lines(body: ReadableStream<Uint8Array>, alive: () => void, ended: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of body) {
      alive();
      rest += decoder.decode(chunk, { stream: true });
      const parts = rest.split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) if (part !== '') yield part;
    }
    if (rest !== '') yield rest;
  } catch (error) {
    throw new Unreachable('the answer broke off', { cause: error });
  } finally {
    ended();
  }
}
