/** A console's engine in a process of its own, as main runs it where it is a child on plain Node; to be killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BridgeError, CommandArgs, CommandName, CommandValues, QueryArgs, QueryName, QueryValues } from '../../src/shared/bridge.ts';
import type { FromEngine, ToEngine } from '../../src/shared/host.ts';
import { type Db, openDatabase } from '../../src/main/engine/database.ts';

const entry = join(import.meta.dirname, '../../src/main/engine/entry.ts');

/** The process went before it answered: the command may have been done or not. */
export class EngineGone extends Error {}
/** It lives, and does not answer. */
export class EngineSilent extends Error {}
/** The engine's own answer: no. */
export class Declined extends Error {
  readonly error: BridgeError;
  constructor(error: BridgeError) {
    super(`${error.code}${error.rejection ? ` ${error.rejection.code}` : ''}`);
    this.error = error;
  }
}

const answerWithinMs = 60_000;
const port = 1;

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

export class EngineProcess {
  readonly profileDir: string;
  /** what it said of itself at level `warn` and `error`, and outside the protocol */
  readonly complaints: string[] = [];
  /** the newest of all that it logged */
  readonly lastWords: string[] = [];
  /** ends that nobody asked for */
  readonly crashes: string[] = [];
  readonly #hubUrl: string;
  /** as the operating system's key store would keep them: outside the process */
  readonly #secrets = new Map<string, string>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #watching: (() => void)[] = [];
  #child: ChildProcess | null = null;
  #ids = 0;
  #up = Promise.withResolvers<void>();

  constructor(hubUrl: string) {
    this.#hubUrl = hubUrl;
    this.profileDir = mkdtempSync(join(tmpdir(), 'truc-console-'));
  }

  async start(): Promise<this> {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const child = fork(entry, [], { execArgv: [], env, serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => this.complaints.push(chunk.toString().trim()));
    child.on('message', (message) => {
      const said = message as FromEngine;
      if (said.type === 'ready') ready.resolve();
      else this.#heard(said);
    });
    child.once('exit', (code, signal) => {
      ready.reject(new EngineGone('at start'));
      if (this.#child === child) {
        this.crashes.push(`exit ${code ?? signal}: ${this.complaints.slice(-3).join(' | ')}`);
        this.#gone();
      }
    });
    this.#post({
      type: 'start',
      profileDir: this.profileDir,
      hubUrl: this.#hubUrl,
      appVersion: '0.0.0',
      demoUser: null,
    });
    this.#post({ type: 'port.open', port });
    await ready.promise;
    this.#up.resolve();
    return this;
  }

  /** Resolves while the process runs. */
  up(): Promise<void> {
    return this.#up.promise;
  }

  /** Resolves when a command is next on its way to the process, or after `ms`. */
  commanded(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#watching.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  kill(): Promise<void> {
    return this.#end((child) => child.kill('SIGKILL'));
  }

  /** In order: the file is closed when this resolves. */
  stop(): Promise<void> {
    return this.#end(() => this.#post({ type: 'stop' }));
  }

  query<N extends QueryName>(name: N, args: QueryArgs<N>): Promise<QueryValues[N]> {
    return this.#ask('query', name, args) as Promise<QueryValues[N]>;
  }

  execute<N extends CommandName>(name: N, args: CommandArgs<N>): Promise<CommandValues[N]> {
    return this.#ask('execute', name, args) as Promise<CommandValues[N]>;
  }

  /** The signed-in client's id, from the profile. */
  get clientId(): string {
    return this.#account().clientId;
  }

  /** The cache of a stopped engine. */
  openCache(): Db {
    const { clientId, file } = this.#account();
    return openDatabase(join(this.profileDir, file), this.#secrets.get(`databaseKey:${clientId}`) ?? '');
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.profileDir, { recursive: true, force: true });
  }

  /** The one account of this profile, at the desk or not. */
  #account(): { clientId: string; file: string } {
    const { accounts } = JSON.parse(readFileSync(join(this.profileDir, 'session.json'), 'utf8')) as {
      accounts: { clientId: string; file: string }[];
    };
    const [only] = accounts;
    if (!only || accounts.length > 1) throw new Error(`${accounts.length} accounts on this profile`);
    return only;
  }

  async #end(how: (child: ChildProcess) => void): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    how(child);
    this.#gone();
    await gone;
  }

  #gone(): void {
    this.#child = null;
    this.#up = Promise.withResolvers<void>();
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new EngineGone('the engine was ended'));
    }
    this.#waiting.clear();
  }

  #ask(kind: 'query' | 'execute', name: string, args: unknown): Promise<unknown> {
    if (!this.#child) return Promise.reject(new EngineGone('the engine is not there'));
    const id = (this.#ids += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new EngineSilent(`${name}: no answer in ${answerWithinMs} ms`)), answerWithinMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#post({ type: 'port.data', port, json: JSON.stringify({ id, do: kind, name, args }) });
      if (kind === 'execute') for (const tell of this.#watching.splice(0)) tell();
    });
  }

  #post(message: ToEngine): void {
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }

  #heard(said: FromEngine): void {
    switch (said.type) {
      case 'log':
        this.lastWords.push(`${new Date().toISOString().slice(11, 23)} ${said.text}`);
        if (this.lastWords.length > 40) this.lastWords.shift();
        if (said.level === 'warn' || said.level === 'error') this.complaints.push(`${said.level}: ${said.text}`);
        return;
      case 'port.data': {
        const answer = JSON.parse(said.json) as { id: number; value?: unknown; error?: BridgeError };
        const waiting = this.#waiting.get(answer.id);
        if (!waiting) return;
        this.#waiting.delete(answer.id);
        clearTimeout(waiting.timer);
        if (answer.error) waiting.reject(new Declined(answer.error));
        else waiting.resolve(answer.value);
        return;
      }
      case 'ready':
        return;
      default: {
        if (said.type === 'secret.set') this.#secrets.set(said.name, said.value);
        if (said.type === 'secret.delete') this.#secrets.delete(said.name);
        const value = said.type === 'secret.get' ? (this.#secrets.get(said.name) ?? null) : null;
        this.#post({ type: 'secret.answer', request: said.request, value, error: null });
      }
    }
  }
}
