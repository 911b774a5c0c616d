/** Keeps the engine running: starts it, answers what it asks, starts it again when it dies, stops it in good order. */
import type { MessagePortMain } from 'electron';
import type { FromEngine, ToEngine } from '../shared/host.ts';
import type { EngineProcess, StartEngine } from './engine-host.ts';
import type { Secrets } from './secrets.ts';

export interface RunnerLog {
  write(level: 'debug' | 'info' | 'warn' | 'error', text: string): void;
}

export interface EngineRunnerOptions {
  start: StartEngine;
  /** path of the bundled engine */
  entry: string;
  /** what a fresh engine is told first */
  begin: Extract<ToEngine, { type: 'start' }>;
  secrets: Secrets;
  log: RunnerLog;
  /** the engine is gone and every port with it; windows must ask again */
  onLost(): void;
}

const shortestWaitMs = 250;
const longestWaitMs = 10_000;
/** An engine that lived this long had no trouble starting: the next wait is the shortest again. */
const steadyMs = 60_000;
const stopMs = 5_000;

/** @param failures in a row, the one just seen included */
export function restartWait(failures: number): number {
  return Math.min(longestWaitMs, shortestWaitMs * 2 ** Math.max(0, failures - 1));
}

export class EngineRunner {
  readonly #options: EngineRunnerOptions;
  #engine: EngineProcess | null = null;
  #startedAt = 0;
  #failures = 0;
  #restart: NodeJS.Timeout | null = null;
  /** asked for while no engine was there */
  #waitingPorts: MessagePortMain[] = [];
  #stopping: (() => void) | null = null;
  #stopped = false;

  constructor(options: EngineRunnerOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#engine?.pid;
  }

  start(): void {
    const { start, entry, begin, log } = this.#options;
    this.#restart = null;
    this.#startedAt = Date.now();
    const engine = start(entry, {
      onMessage: (message) => void this.#answer(engine, message),
      onOutput: (text) => log.write('warn', `engine: ${text.trimEnd()}`),
      onExit: (code) => this.#ended(code),
    });
    this.#engine = engine;
    engine.post(begin);
    for (const port of this.#waitingPorts.splice(0)) engine.openPort(port);
  }

  openPort(port: MessagePortMain): void {
    if (this.#engine) this.#engine.openPort(port);
    else this.#waitingPorts.push(port);
  }

  idle(ms: number): void {
    this.#engine?.post({ type: 'idle', ms });
  }

  wake(): void {
    this.#engine?.post({ type: 'wake' });
  }

  /** resolves when the engine has closed its database and left, or was ended after five seconds */
  stop(): Promise<void> {
    this.#stopped = true;
    if (this.#restart) clearTimeout(this.#restart);
    const engine = this.#engine;
    if (!engine) return Promise.resolve();
    return new Promise((resolve) => {
      const patience = setTimeout(() => {
        this.#options.log.write('warn', `engine did not stop within ${stopMs} ms and is ended`);
        engine.kill();
      }, stopMs);
      this.#stopping = () => {
        clearTimeout(patience);
        resolve();
      };
      engine.post({ type: 'stop' });
    });
  }

  #ended(code: number | null): void {
    this.#engine = null;
    if (this.#stopped) {
      this.#stopping?.();
      return;
    }
    this.#failures = Date.now() - this.#startedAt >= steadyMs ? 1 : this.#failures + 1;
    const wait = restartWait(this.#failures);
    this.#options.log.write('error', `engine ended (${code ?? 'killed'}); starting it again in ${wait} ms`);
    this.#restart = setTimeout(() => this.start(), wait);
    this.#options.onLost();
  }

  async #answer(engine: EngineProcess, message: FromEngine): Promise<void> {
    const { secrets, log } = this.#options;
    if (message.type === 'log') return log.write(message.level, `engine: ${message.text}`);
    if (message.type === 'ready') return log.write('info', 'engine ready');
    if (message.type === 'port.data') return;
    const answer = { type: 'secret.answer', request: message.request, value: null, error: null } as const;
    try {
      if (message.type === 'secret.get') return engine.post({ ...answer, value: await secrets.get(message.name) });
      if (message.type === 'secret.set') await secrets.set(message.name, message.value);
      else await secrets.delete(message.name);
      engine.post(answer);
    } catch (error) {
      const text = error instanceof Error ? error.message : 'unknown fault';
      log.write('error', `${message.type} ${message.name}: ${text}`);
      engine.post({ ...answer, error: text });
    }
  }
}
