/** Live queries of the windows: recomputed when what they watch was touched, once a frame; only differences travel. */
import {
  type BridgeError,
  type FromWindow,
  fromWindow,
  type InboxRow,
  type InboxWindow,
  largestRequest,
  queryArgs,
  type QueryName,
  type ToWindow,
} from '../../shared/bridge.ts';
import type { EnginePort } from './host-link.ts';
import { queries, type Source, type Topic } from './queries.ts';

const frameMs = 16;

interface Subscription {
  port: EnginePort;
  id: number;
  name: QueryName;
  args: unknown;
  /** last value sent, as JSON, or for a window of rows each row's JSON */
  sent: string;
  rows: Map<string, string>;
}

/** A command's failure, as it is told to the window. */
export class BridgeFailure extends Error {
  readonly error: BridgeError;
  constructor(error: BridgeError) {
    super(error.code);
    this.error = error;
  }
}

export class Subscriptions {
  readonly #source: () => Source;
  readonly #execute: (name: string, args: unknown) => Promise<unknown>;
  readonly #fault: (error: unknown) => void;
  readonly #all = new Map<EnginePort, Map<number, Subscription>>();
  readonly #touched = new Set<Topic>();
  #timer: NodeJS.Timeout | null = null;
  #refreshed = 0;

  constructor(source: () => Source, execute: (name: string, args: unknown) => Promise<unknown>, fault: (error: unknown) => void) {
    this.#source = source;
    this.#execute = execute;
    this.#fault = fault;
  }

  /** Serves one window until its port closes. */
  serve(port: EnginePort): void {
    const mine = new Map<number, Subscription>();
    this.#all.set(port, mine);
    port.onClose(() => this.#all.delete(port));
    port.onMessage((json) => {
      const message = this.#read(json);
      if (!message) return port.send(JSON.stringify({ id: 0, error: { code: 'BAD_REQUEST' } } satisfies ToWindow));
      if (message.do === 'unsubscribe') {
        mine.delete(message.id);
        return;
      }
      this.#answer(port, mine, message).catch((error: unknown) => {
        const told: BridgeError = error instanceof BridgeFailure ? error.error : { code: 'INTERNAL' };
        if (!(error instanceof BridgeFailure)) this.#fault(error);
        port.send(JSON.stringify({ id: message.id, error: told } satisfies ToWindow));
      });
    });
  }

  /** Something has changed; whoever watches it hears within a frame. */
  touch(topics: Iterable<Topic>): void {
    for (const topic of topics) this.#touched.add(topic);
    // The first change after a pause goes out at once; those that follow it share a frame.
    const due = Math.max(0, this.#refreshed + frameMs - performance.now());
    if (this.#touched.size > 0 && this.#timer === null) this.#timer = setTimeout(() => this.#refresh(), due);
  }

  #read(json: string): FromWindow | null {
    if (json.length > largestRequest) return null;
    try {
      const parsed = fromWindow.safeParse(JSON.parse(json));
      return parsed.success ? parsed.data : null;
    } catch {
      return null;
    }
  }

  async #answer(port: EnginePort, mine: Map<number, Subscription>, message: Exclude<FromWindow, { do: 'unsubscribe' }>): Promise<void> {
    if (message.do === 'execute') {
      const value = await this.#execute(message.name, message.args);
      port.send(JSON.stringify({ id: message.id, value } satisfies ToWindow));
      return;
    }
    if (!Object.hasOwn(queries, message.name)) throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'name' });
    const name = message.name as QueryName;
    const parsed = queryArgs[name].safeParse(message.args ?? null);
    if (!parsed.success) throw new BridgeFailure({ code: 'BAD_REQUEST', field: `args.${parsed.error.issues[0]?.path.join('.') ?? ''}` });
    const value = run(name, this.#source(), parsed.data);
    if (message.do === 'subscribe') {
      mine.set(message.id, { port, id: message.id, name, args: parsed.data, sent: JSON.stringify(value), rows: rowsOf(name, value) });
    }
    port.send(JSON.stringify({ id: message.id, value } satisfies ToWindow));
  }

  #refresh(): void {
    this.#timer = null;
    this.#refreshed = performance.now();
    const touched = new Set(this.#touched);
    this.#touched.clear();
    const source = this.#source();
    for (const subscriptions of this.#all.values()) {
      for (const subscription of subscriptions.values()) {
        if (!queries[subscription.name].watches.some((topic) => touched.has(topic))) continue;
        try {
          this.#send(subscription, run(subscription.name, source, subscription.args));
        } catch (error) {
          this.#fault(error);
        }
      }
    }
  }

  #send(subscription: Subscription, value: unknown): void {
    const json = JSON.stringify(value);
    if (json === subscription.sent) return;
    subscription.sent = json;
    const { port, id, name } = subscription;
    if (name !== 'inbox.window') return port.send(JSON.stringify({ id, value } satisfies ToWindow));
    const window = value as InboxWindow;
    const rows = rowsOf(name, value);
    const changed: InboxRow[] = window.rows.filter((row) => subscription.rows.get(row.id) !== rows.get(row.id));
    subscription.rows = rows;
    const patch = { total: window.total, from: window.from, order: window.rows.map((row) => row.id), rows: changed };
    port.send(JSON.stringify({ id, patch } satisfies ToWindow));
  }
}

function rowsOf(name: QueryName, value: unknown): Map<string, string> {
  return name === 'inbox.window' ? new Map((value as InboxWindow).rows.map((row) => [row.id, JSON.stringify(row)])) : new Map();
}

function run(name: QueryName, source: Source, args: unknown): unknown {
  return (queries[name].run as (source: Source, args: unknown) => unknown)(source, args);
}
