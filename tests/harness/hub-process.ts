/** A hub in a process of its own with its embedded PostgreSQL, to be killed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../server/src/main.ts');

export class HubProcess {
  readonly #dataDir: string;
  readonly #env: Record<string, string>;
  #child: ChildProcess | null = null;
  #said = '';
  url = '';

  constructor(dataDir: string, env: Record<string, string> = {}) {
    this.#dataDir = dataDir;
    this.#env = env;
  }

  /** Starts, or starts again on the same port. */
  async start(): Promise<this> {
    const child = spawn(process.execPath, [main], {
      env: {
        ...process.env,
        PORT: this.url ? new URL(this.url).port : '0',
        TRUC_DEMO: '1',
        TRUC_DATA_DIR: this.#dataDir,
        TRUC_SIGN_IN_LIMIT: '1000',
        TRUC_VISITOR_LIMIT: '100000',
        TRUC_VISITOR_OPENINGS: '100000',
        TRUC_VISITOR_FILES: '1000',
        ...this.#env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#said = '';
    child.stderr.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    this.url = await new Promise<string>((resolve, reject) => {
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        const ready = /hub ready (\S+)/.exec(out);
        if (ready?.[1]) resolve(ready[1]);
      });
      child.once('exit', (code) => reject(new Error(`the hub ended with ${code}: ${this.#said}`)));
    });
    return this;
  }

  /** What it said on standard error. */
  get said(): string {
    return this.#said;
  }

  /** The hub's own process, without its database. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  stop(): Promise<void> {
    return this.kill('SIGTERM');
  }

  /** The PostgreSQL that works on this data folder, from its lock file. */
  databasePid(): number {
    return Number(readFileSync(join(this.#dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  get lockFile(): string {
    return join(this.#dataDir, 'postgres', 'postmaster.pid');
  }

  /** Every living process whose command line names this data folder. */
  processes(): string[] {
    return execFileSync('ps', ['-eo', 'pid=,stat=,command='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(this.#dataDir) && !/^\s*\d+\s+Z/.test(line));
  }

  /** A statement on the embedded database, by its own password and port. */
  get databaseUrl(): string {
    const lock = readFileSync(this.lockFile, 'utf8').split('\n');
    const password = readFileSync(join(this.#dataDir, 'postgres.password'), 'utf8').trim();
    return `postgres://truc:${password}@127.0.0.1:${lock[3]}/postgres`;
  }
}
