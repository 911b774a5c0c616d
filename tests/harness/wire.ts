/** A bare client on the wire: sends what it is told, well-formed or not. */
import { io, type Socket } from 'socket.io-client';
import { v4, v7 as uuid } from 'uuid';
import { demoPassword } from '../../server/src/demo/accounts.ts';
import { type Change, type MutationResult, PROTOCOL_VERSION, type Refusal } from '../../src/shared/protocol.ts';

export interface SignedIn {
  token: string;
  refreshToken: string;
  clientId: string;
  userId: string;
}

export async function signIn(hubUrl: string, key: string, clientId: string = uuid()): Promise<SignedIn> {
  const answer = await fetch(`${hubUrl}/api/v1/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${key}@demo.truc.test`, password: demoPassword, clientId, deviceName: 'test' }),
  });
  if (!answer.ok) throw new Error(`sign-in: ${answer.status}`);
  const { tokens, user } = (await answer.json()) as { tokens: { accessToken: string; refreshToken: string }; user: { id: string } };
  return { token: tokens.accessToken, refreshToken: tokens.refreshToken, clientId, userId: user.id };
}

export class WireClient {
  readonly socket: Socket;
  readonly heard: { name: string; message: unknown }[] = [];
  #next = 0;

  constructor(hubUrl: string, auth: Record<string, unknown>) {
    this.socket = io(`${hubUrl}/sync`, { transports: ['websocket'], reconnection: false, auth, forceNew: true });
    this.socket.onAny((name: string, message: unknown, acknowledge?: () => void) => {
      this.heard.push({ name, message });
      acknowledge?.();
    });
  }

  /** The first `welcome` or `refuse`. */
  async greeting(): Promise<{ name: string; message: unknown }> {
    for (let waited = 0; waited < 10_000; waited += 10) {
      const found = this.heard.find(({ name }) => name === 'welcome' || name === 'refuse');
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('neither welcome nor refuse');
  }

  ask(name: string, message: unknown): Promise<{ value?: unknown; refuse?: Refusal }> {
    return this.socket.timeout(10_000).emitWithAck(name, message);
  }

  async push(name: string, args: unknown): Promise<MutationResult> {
    const id = (this.#next += 1);
    const answer = await this.ask('push', { mutations: [{ id, key: v4(), name, args, authoredAt: Date.now(), baseSeq: 0 }] });
    if (!answer.value) throw new Error(`push refused: ${JSON.stringify(answer.refuse)}`);
    return (answer.value as { results: MutationResult[] }).results[0]!;
  }

  /** Everything in the log after `cursor`, as one who pulls to the end gets it. */
  async pullAll(cursor: number): Promise<{ changes: Change[]; cursor: number }> {
    const changes: Change[] = [];
    for (let at = cursor; ;) {
      const { value, refuse } = await this.ask('pull', { cursor: at, limit: 1000 });
      if (refuse) throw new Error(`pull refused: ${JSON.stringify(refuse)}`);
      const page = value as { changes: Change[]; cursor: number; more: boolean };
      changes.push(...page.changes);
      at = page.cursor;
      if (!page.more) return { changes, cursor: at };
    }
  }

  close(): void {
    this.socket.disconnect();
  }
}

/** A console that has been welcomed, of any protocol version that the hub serves. */
export async function wire(hubUrl: string, key: string, protocol: number = PROTOCOL_VERSION): Promise<WireClient & { me: SignedIn }> {
  const me = await signIn(hubUrl, key);
  const client = new WireClient(hubUrl, { token: me.token, clientId: me.clientId, protocol, cursor: null });
  const { name, message } = await client.greeting();
  if (name !== 'welcome') throw new Error(`refused: ${JSON.stringify(message)}`);
  return Object.assign(client, { me });
}

/** The lines of a snapshot, parsed from JSON and no further. */
export async function snapshotOf(hubUrl: string, me: SignedIn, query: Record<string, string | number> = { protocol: PROTOCOL_VERSION }) {
  const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const answer = await fetch(`${hubUrl}/api/v1/snapshot?${parameters}`, { headers: { authorization: `Bearer ${me.token}` } });
  if (!answer.ok) throw new Error(`snapshot: ${answer.status} ${await answer.text()}`);
  const lines = (await answer.text()).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
