/** An engine in this process, asked and told as a window would. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import type {
  CommandArgs,
  CommandName,
  CommandValues,
  InboxRow,
  QueryArgs,
  QueryName,
  QueryValues,
  Timeline,
} from '../../src/shared/bridge.ts';
import type { MutationArgs, MutationName } from '../../src/shared/mutations/registry.ts';
import { Engine } from '../../src/main/engine/engine.ts';
import { thisMachine } from '../../src/main/engine/machine.ts';
import type { EnginePort } from '../../src/main/engine/host-link.ts';
import { demoPassword } from '../../server/src/demo/accounts.ts';

export class TestConsole {
  readonly profileDir: string;
  /** may be changed between a stop and a start */
  hubUrl: string;
  readonly #secrets = new Map<string, string>();
  readonly logged: string[] = [];
  /** what this machine's wall clock is off by, ms; may be changed at any time */
  clockOff = 0;
  /** bytes of files kept for reading again, from the next start on; undefined: as in the product */
  fileCacheBytes: number | undefined;
  #engine: Engine | null = null;
  #toEngine: ((json: string) => void) | null = null;
  #close: (() => void) | null = null;
  #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  #ids = 0;

  constructor(hubUrl: string) {
    this.hubUrl = hubUrl;
    this.profileDir = mkdtempSync(join(tmpdir(), 'truc-console-'));
  }

  async start(): Promise<this> {
    const engine = new Engine({
      profileDir: this.profileDir,
      hubUrl: this.hubUrl,
      demoUser: null,
      ...(this.fileCacheBytes === undefined ? {} : { fileCacheBytes: this.fileCacheBytes }),
      machine: { ...thisMachine, wall: () => Date.now() + this.clockOff },
      secrets: {
        get: async (name) => this.#secrets.get(name) ?? null,
        set: async (name, value) => void this.#secrets.set(name, value),
        delete: async (name) => void this.#secrets.delete(name),
      },
      log: (_level, text) => this.logged.push(text),
    });
    const port: EnginePort = {
      send: (json) => {
        const message = JSON.parse(json) as { id: number; value?: unknown; error?: unknown };
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.error) waiting?.reject(message.error);
        else waiting?.resolve(message.value);
      },
      onMessage: (fn) => (this.#toEngine = fn),
      onClose: (fn) => (this.#close = fn),
    };
    engine.serve(port);
    await engine.start();
    this.#engine = engine;
    return this;
  }

  stop(): void {
    this.#close?.();
    this.#engine?.stop();
    this.#engine = null;
  }

  /** Secrets that main keeps for this profile. */
  secretNames(): string[] {
    return [...this.#secrets.keys()];
  }

  /** Nobody has touched the machine for so long. */
  idle(ms: number): void {
    this.#engine?.idle(ms);
  }

  dispose(): void {
    this.stop();
    rmSync(this.profileDir, { recursive: true, force: true });
  }

  query<N extends QueryName>(name: N, args: QueryArgs<N>): Promise<QueryValues[N]> {
    return this.#ask('query', name, args) as Promise<QueryValues[N]>;
  }

  execute<N extends CommandName>(name: N, args: CommandArgs<N>): Promise<CommandValues[N]> {
    return this.#ask('execute', name, args) as Promise<CommandValues[N]>;
  }

  mutate<N extends MutationName>(name: N, args: MutationArgs<N>): Promise<{ mutationId: number }> {
    return this.execute('mutate', { name, args } as CommandArgs<'mutate'>);
  }

  #ask(kind: 'query' | 'execute', name: string, args: unknown): Promise<unknown> {
    const id = (this.#ids += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#toEngine?.(JSON.stringify({ id, do: kind, name, args }));
    });
  }

  /** Signs in as one of the demo's people and waits until the cache is complete. */
  async signIn(key: string): Promise<this> {
    await this.execute('session.signIn', { email: `${key}@demo.truc.test`, password: demoPassword });
    await this.online();
    return this;
  }

  online(): Promise<void> {
    return until(async () => (await this.query('status', null)).connection === 'online');
  }

  offline(): Promise<void> {
    return until(async () => (await this.query('status', null)).connection === 'offline');
  }

  /** Until nothing waits to be sent. */
  drained(): Promise<void> {
    return until(async () => (await this.query('status', null)).queued === 0);
  }

  async inbox(view: 'mine' | 'unassigned' | 'all' | 'snoozed' | 'closed' = 'all'): Promise<InboxRow[]> {
    const filter = { channels: [], queueId: null, tag: null, text: '' };
    const rows: InboxRow[] = [];
    for (;;) {
      const window = await this.query('inbox.window', { view, sort: 'sla', filter, from: rows.length, count: 200 });
      rows.push(...window.rows);
      if (window.rows.length === 0 || rows.length >= window.total) return rows;
    }
  }

  async timeline(ticketId: string): Promise<Timeline['messages']> {
    return (await this.query('ticket.timeline', { ticketId, newest: 200 })).messages;
  }

  /** Sends an answer on what the console shows now. */
  async reply(ticketId: string, body: string, options: { startedAt?: number } = {}): Promise<string> {
    const ticket = await this.query('ticket.get', { ticketId });
    if (!ticket) throw new Error('no such ticket here');
    const messageId = uuid();
    const seen = { inboundId: ticket.lastInboundId, replyId: ticket.lastReplyId, assigneeId: ticket.assigneeId };
    await this.execute('reply.send', { ticketId, messageId, body, seen, startedAt: options.startedAt ?? Date.now() });
    return messageId;
  }
}

/** Waits for a condition; a bounded wait on an outcome, not a pause. */
export async function until(condition: () => Promise<boolean> | boolean, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
