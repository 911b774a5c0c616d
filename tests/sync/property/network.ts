/**
 * A network that does what the suite says, and only that: each connection is two queues of envelopes, delivered, dropped, doubled,
 * swapped or cut off one by one.
 */
import { greet, type ConsoleSession } from '../../../server/src/realtime/console-session.ts';
import { snapshot } from '../../../server/src/sync/snapshot.ts';
import { actorOf, scopesOf } from '../../../server/src/sync/reference.ts';
import { type HubLink, type Line, type LineEvents, Refused, Unreachable } from '../../../src/main/engine/link.ts';
import { type Change, PROTOCOL_VERSION, type Refusal, type SnapshotQuery } from '../../../src/shared/protocol.ts';
import type { SimHub } from './hub.ts';

type Answered = { value?: unknown; refuse?: Refusal };

/** One message on its way. */
export type Envelope =
  | { to: 'hub'; kind: 'open'; cursor: number | null }
  | { to: 'hub'; kind: 'ask'; id: number; name: string; message: unknown }
  | { to: 'console'; kind: 'event'; name: string; message: unknown }
  | { to: 'console'; kind: 'answer'; id: number; answer: Answered };

export interface Connection {
  toHub: Envelope[];
  toConsole: Envelope[];
  session: ConsoleSession | null;
  /** the console's side is still there */
  open: boolean;
  events: LineEvents;
  asked: Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>;
  ids: number;
}

/** The power of a console went. */
export class PowerCut extends Error {}

/** Runs what a dying console does not get to finish. */
export function mortal(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
}
process.on('unhandledRejection', (error) => {
  if (!(error instanceof PowerCut)) throw error;
});

/** What the suite finds wrong with a message at the moment it is sent. */
export class Broken extends Error {}

export interface LoadingSnapshot {
  lines: string[];
  waiting: { resolve: (value: IteratorResult<string>) => void; reject: (error: unknown) => void } | null;
  failed: boolean;
}

/** The way of one console to the hub. */
export class SimLink implements HubLink {
  readonly #hub: SimHub;
  readonly #who: { clientId: string; userId: string; token: string };
  up = true;
  connection: Connection | null = null;
  /** connections whose console has gone, with what it had sent */
  readonly ghosts: Connection[] = [];
  loading: LoadingSnapshot | null = null;
  /** envelopes to the console pass through this: a hub of a newer version */
  disguise: (json: string) => string = (json) => json;

  constructor(hub: SimHub, who: { clientId: string; userId: string; token: string }) {
    this.#hub = hub;
    this.#who = who;
  }

  async open(cursor: number | null, events: LineEvents): Promise<Line> {
    if (!this.up || !this.#hub.up) throw new Unreachable('no way to the hub');
    const connection: Connection = {
      toHub: [{ to: 'hub', kind: 'open', cursor }],
      toConsole: [],
      session: null,
      open: true,
      events,
      asked: new Map(),
      ids: 0,
    };
    this.connection = connection;
    return {
      ask: (name, message) =>
        new Promise((resolve, reject) => {
          if (!connection.open) return reject(new Unreachable('closed'));
          const id = (connection.ids += 1);
          connection.asked.set(id, { resolve, reject });
          connection.toHub.push({ to: 'hub', kind: 'ask', id, name, message: copy(message) });
        }),
      tell: () => undefined,
      close: () => this.#leave(connection, false),
    };
  }

  async snapshot(query: Omit<SnapshotQuery, 'protocol'>, signal: AbortSignal): Promise<AsyncIterable<string>> {
    this.busy = true;
    try {
      return await this.#load(query, signal);
    } finally {
      this.busy = false;
    }
  }

  /** the hub is reading a snapshot */
  busy = false;

  async #load(query: Omit<SnapshotQuery, 'protocol'>, signal: AbortSignal): Promise<AsyncIterable<string>> {
    if (!this.up || !this.#hub.up) throw new Unreachable('no way to the hub');
    const { hub, workspaceId, db } = this.#hub;
    const client = await hub.sessions.client(this.#who.clientId);
    const actor = actorOf(await hub.committer.reference(), this.#who.userId);
    if (!client || !actor) throw new Refused({ code: 'CLIENT_REVOKED' });
    const loading: LoadingSnapshot = { lines: [], waiting: null, failed: false };
    const about = { scopes: scopesOf(actor), lastMutationId: client.lastMutationId };
    for await (const text of snapshot(db, workspaceId, about, { ...query, protocol: PROTOCOL_VERSION }, 0)) {
      for (const line of text.split('\n')) if (line !== '') loading.lines.push(this.disguise(line));
    }
    this.loading = loading;
    signal.addEventListener('abort', () => this.breakLoading());
    return {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise<IteratorResult<string>>((resolve, reject) => {
            if (loading.failed) reject(new Unreachable('broken off'));
            else loading.waiting = { resolve, reject };
          }),
      }),
    };
  }

  forgetToken(): void {}

  /** Lets some lines of a snapshot through. */
  deliverLines(count: number): boolean {
    const { loading } = this;
    if (!loading?.waiting || count === 0) return false;
    const { resolve } = loading.waiting;
    loading.waiting = null;
    const value = loading.lines.shift();
    if (value === undefined) {
      this.loading = null;
      resolve({ done: true, value: undefined });
    } else resolve({ done: false, value });
    return true;
  }

  breakLoading(): void {
    const { loading } = this;
    this.loading = null;
    if (!loading) return;
    loading.failed = true;
    loading.waiting?.reject(new Unreachable('broken off'));
  }

  /** Both sides lose the connection. With `late`, what the console had sent still reaches the hub some day. */
  cut(late: boolean): void {
    const { connection } = this;
    if (!connection) return;
    this.#leave(connection, late);
    mortal(() => connection.events.lost('cut'));
  }

  /** The console is gone without a word. */
  vanish(late: boolean): void {
    if (this.connection) this.#leave(this.connection, late);
  }

  #leave(connection: Connection, late: boolean): void {
    if (!connection.open) return;
    connection.open = false;
    if (this.connection === connection) this.connection = null;
    this.breakLoading();
    connection.toConsole.length = 0;
    for (const { reject } of connection.asked.values()) reject(new Unreachable('cut'));
    connection.asked.clear();
    if (late && connection.toHub.length > 0) this.ghosts.push(connection);
    else this.#endSession(connection);
  }

  #endSession(connection: Connection): void {
    connection.session?.end();
    connection.session = null;
  }

  /** The hub has died: nothing of it is left. */
  hubGone(): void {
    this.ghosts.length = 0;
    const { connection } = this;
    this.breakLoading();
    if (connection) {
      connection.session = null;
      this.cut(false);
    }
  }

  /** What a dead or cut-off console had sent arrives after all. */
  async deliverGhost(): Promise<boolean> {
    const ghost = this.ghosts[0];
    if (!ghost) return false;
    if (!(await this.#atHub(ghost))) {
      this.ghosts.shift();
      this.#endSession(ghost);
    }
    return true;
  }

  /** The hub takes the next envelope, if there is one. */
  async deliverToHub(): Promise<boolean> {
    return this.connection ? this.#atHub(this.connection) : false;
  }

  async #atHub(connection: Connection): Promise<boolean> {
    const envelope = connection.toHub.shift();
    if (!envelope || !this.#hub.up) return false;
    if (envelope.kind === 'open') {
      const greeting = await greet(
        this.#hub.hub,
        { token: this.#who.token, clientId: this.#who.clientId, protocol: PROTOCOL_VERSION, cursor: envelope.cursor },
        {
          emit: (name, message) => this.#send(connection, { to: 'console', kind: 'event', name, message }),
          deliver: (delta) => {
            this.#inspect(delta.changes, connection);
            this.#send(connection, { to: 'console', kind: 'event', name: 'delta', message: delta });
          },
          close: () => {
            if (this.connection === connection) this.cut(false);
          },
        },
      );
      if ('refuse' in greeting) this.#send(connection, { to: 'console', kind: 'event', name: 'refuse', message: greeting.refuse });
      else {
        connection.session = greeting.session;
        this.#send(connection, { to: 'console', kind: 'event', name: 'welcome', message: greeting.welcome });
      }
      return true;
    }
    if (envelope.kind !== 'ask' || !connection.session) return true;
    const answer = copy(await connection.session.handle(envelope.name, copy(envelope.message))) as Answered;
    if (envelope.name === 'push' && answer.value) await this.#durable(envelope.message as { mutations: { key: string }[] });
    if (envelope.name === 'pull' && answer.value) this.#inspect((answer.value as { changes: Change[] }).changes, connection);
    this.#send(connection, { to: 'console', kind: 'answer', id: envelope.id, answer });
    return true;
  }

  /** Nothing is acknowledged that the disk does not have. */
  async #durable(push: { mutations: { key: string }[] }): Promise<void> {
    const keys = push.mutations.map(({ key }) => key);
    const known = await this.#hub.durable(keys);
    const missing = keys.filter((key) => !known.has(key));
    if (missing.length > 0) throw new Broken(`acknowledged before it was durable: ${missing.join(', ')}`);
  }

  /** Set while grants are as everybody knows them. */
  scopes: (() => Set<string>) | null = null;
  leaked: string | null = null;

  /** No row goes to somebody who does not hold its scope. */
  #inspect(changes: Change[], connection: Connection): void {
    if (!connection.open || !this.scopes) return;
    const held = this.scopes();
    const foreign = changes.find(({ scope }) => !held.has(scope) && scope !== `client:${this.#who.clientId}`);
    if (foreign) this.leaked = `${foreign.entity} ${foreign.id} of ${foreign.scope} was sent to somebody who does not hold it`;
  }

  #send(connection: Connection, envelope: Envelope): void {
    if (connection.open) connection.toConsole.push(JSON.parse(this.disguise(JSON.stringify(envelope))) as Envelope);
  }

  /** The console takes the next envelope, if there is one. */
  deliverToConsole(): boolean {
    const { connection } = this;
    const envelope = connection?.toConsole.shift();
    if (!connection || !envelope) return false;
    if (envelope.kind === 'event') mortal(() => connection.events.heard(envelope.name, envelope.message));
    if (envelope.kind === 'answer') {
      const asked = connection.asked.get(envelope.id);
      connection.asked.delete(envelope.id);
      const { value, refuse } = envelope.answer;
      if (refuse) asked?.reject(new Refused(refuse));
      else asked?.resolve(value);
    }
    return true;
  }

  /** The next envelope is lost. An answer that is lost is given up by whoever waits for it. */
  drop(to: 'hub' | 'console'): void {
    const queue = to === 'hub' ? this.connection?.toHub : this.connection?.toConsole;
    const lost = queue?.shift();
    if (!lost || !this.connection) return;
    if (lost.kind === 'open') return this.cut(false);
    if (lost.kind === 'event') {
      // The hub waits for the acknowledgement of a delta in vain, and lets the console go; other events are not missed.
      if (lost.name !== 'viewers') this.cut(false);
      return;
    }
    const asked = this.connection.asked.get(lost.id);
    this.connection.asked.delete(lost.id);
    asked?.reject(new Unreachable('no answer'));
  }

  double(to: 'hub' | 'console'): void {
    const queue = to === 'hub' ? this.connection?.toHub : this.connection?.toConsole;
    const first = queue?.[0];
    if (first && first.kind !== 'open') queue?.splice(Math.min(queue.length, 2), 0, copy(first) as Envelope);
  }

  swap(to: 'hub' | 'console'): void {
    const queue = to === 'hub' ? this.connection?.toHub : this.connection?.toConsole;
    const [first, second] = queue ?? [];
    if (!queue || !first || !second || first.kind === 'open' || (first.kind === 'event' && first.name === 'welcome')) return;
    queue.splice(0, 2, second, first);
  }

  get quiet(): boolean {
    return (
      (this.connection === null || (this.connection.toHub.length === 0 && this.connection.toConsole.length === 0)) &&
      this.ghosts.length === 0 &&
      !this.loading?.waiting
    );
  }
}

function copy(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
