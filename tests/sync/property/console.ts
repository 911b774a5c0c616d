/** A workstation of the property suite: the real cache, outbox and sync; its disk, clock and power are the suite's to handle. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 } from 'uuid';
import { HubClock } from '../../../src/main/engine/clock.ts';
import { type Db, openDatabase } from '../../../src/main/engine/database.ts';
import type { Machine } from '../../../src/main/engine/machine.ts';
import { execute, replayAside } from '../../../src/main/engine/replica.ts';
import { Sync } from '../../../src/main/engine/sync.ts';
import { setMeta } from '../../../src/main/engine/tables/meta.ts';
import type { MutationName } from '../../../src/shared/mutations/registry.ts';
import type { SimHub } from './hub.ts';
import { mortal, PowerCut, SimLink } from './network.ts';

const key = '5a'.repeat(32);
const dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'truc-property-'));
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
const template = join(dir, 'template.db');
let files = 0;

/** An intent that the agent was told is kept. */
export interface Authored {
  mutationId: number;
  key: string;
}

/** Time as it really passes, for everybody; a console's own clock is set off from it. */
export const world = { now: 1_790_000_000_000 };

interface Timer {
  at: number;
  run: () => void;
}

export class SimConsole {
  readonly clientId = v4();
  readonly userId: string;
  readonly #file: string;
  readonly link: SimLink;
  #db: Db | null = null;
  #sync: Sync | null = null;
  clock: HubClock | null = null;
  #timers: Timer[] = [];
  #skew: number;
  #bootedAt = world.now;
  /** transactions until the power goes; null: it stays. `after`: the last of them is on disk. */
  #power: { commits: number; after: boolean } | null = null;
  dead = false;
  readonly authored: Authored[] = [];
  ended: string | null = null;
  readonly warnings: string[] = [];

  private constructor(hub: SimHub, userId: string, skew: number, token: string, clientId: string) {
    this.userId = userId;
    this.clientId = clientId;
    this.#skew = skew;
    this.#file = join(dir, `cache-${(files += 1)}.db`);
    if (!existsSync(template)) {
      const db = openDatabase(template, key);
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.close();
    }
    copyFileSync(template, this.#file);
    this.link = new SimLink(hub, { clientId, userId, token });
  }

  static async make(hub: SimHub, userId: string, skew: number): Promise<SimConsole> {
    const clientId = v4();
    const one = new SimConsole(hub, userId, skew, await hub.register(clientId, userId), clientId);
    one.boot();
    return one;
  }

  get db(): Db {
    if (!this.#db) throw new Error('switched off');
    return this.#db;
  }

  get sync(): Sync {
    if (!this.#sync) throw new Error('switched off');
    return this.#sync;
  }

  /** Nothing waits to be sent, and nothing to be confirmed. */
  get idle(): boolean {
    return (this.db.prepare('select count(*) from outbox').pluck().get() as number) === 0;
  }

  get on(): boolean {
    return this.#sync !== null;
  }

  #machine(): Machine {
    return {
      wall: () => world.now + this.#skew,
      monotonic: () => world.now - this.#bootedAt,
      after: (ms, run) => {
        const timer = { at: world.now + ms, run };
        this.#timers.push(timer);
        return () => (this.#timers = this.#timers.filter((one) => one !== timer));
      },
      random: () => 0.5,
    };
  }

  boot(): void {
    if (this.#sync) return;
    this.dead = false;
    this.#power = null;
    this.#bootedAt = world.now;
    const db = this.#fragile(openDatabase(this.#file, key));
    this.#db = db;
    setMeta(db, 'userId', this.userId);
    // What was on disk when the power went, though nobody was told.
    for (const intent of db.prepare('select mutationId, key from outbox').all() as Authored[]) {
      if (!this.authored.some(({ key: known }) => known === intent.key)) this.authored.push(intent);
    }
    const machine = this.#machine();
    this.clock = new HubClock(0, machine);
    this.#sync = new Sync(db, this.link, this.clock, machine, {
      touched: () => undefined,
      status: () => undefined,
      viewers: () => undefined,
      welcomed: () => undefined,
      ended: (reason) => (this.ended = reason),
      log: (level, text) => {
        if (level !== 'info') this.warnings.push(text);
      },
    });
    this.#sync.start();
  }

  /** The database, watched: the power may go after any transaction, or just before one is on disk. */
  #fragile(db: Db): Db {
    const commit = () => {
      if (this.dead) throw new PowerCut();
      if (!this.#power || (this.#power.commits -= 1) > 0) return;
      this.dead = true;
      this.#sync?.stop();
      throw new PowerCut();
    };
    const statement = (text: string) => {
      const inner = db.prepare(text);
      if (inner.readonly) return inner;
      const run = inner.run.bind(inner);
      inner.run = ((...values: unknown[]) => {
        if (this.dead) throw new PowerCut();
        const alone = !db.inTransaction;
        if (alone && this.#power && !this.#power.after) commit();
        const done = run(...(values as []));
        if (alone && this.#power?.after) commit();
        return done;
      }) as typeof inner.run;
      return inner;
    };
    return new Proxy(db, {
      get: (target, name) => {
        if (name === 'prepare') return statement;
        if (name === 'transaction') {
          return (body: (...values: unknown[]) => unknown) => {
            const whole = target.transaction((...values: unknown[]) => {
              const done = body(...values);
              if (this.#power && !this.#power.after && !nested) commit();
              return done;
            });
            let nested = false;
            return (...values: unknown[]) => {
              if (this.dead) throw new PowerCut();
              nested = target.inTransaction;
              const done = whole(...values);
              if (this.#power?.after && !target.inTransaction) commit();
              return done;
            };
          };
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** What an agent does. Null when the console refuses it on the spot, or dies over it. */
  act(name: MutationName, args: unknown): Authored | null {
    if (!this.#sync || this.dead) return null;
    try {
      const done = execute(this.db, name, args, this.clock?.now() ?? 0, new Set());
      if ('rejection' in done) return null;
      const stored = this.db.prepare('select key from outbox where mutationId = ?').pluck().get(done.mutationId) as string;
      const intent = { mutationId: done.mutationId, key: stored };
      this.authored.push(intent);
      this.#sync.poke();
      return intent;
    } catch (error) {
      if (error instanceof PowerCut) return null;
      throw error;
    }
  }

  /** Arms the power cut: at the end of the n-th transaction from now. */
  arm(commits: number, after: boolean): void {
    if (this.#sync) this.#power = { commits: Math.max(1, commits), after };
  }

  /** Gone, without a word. What was sent may still arrive at the hub. */
  kill(late: boolean): void {
    if (!this.#sync) return;
    this.dead = true;
    // The line first: a console that dies does not say good-bye.
    this.link.vanish(late);
    this.#sync.stop();
    this.#sync = null;
    this.#timers = [];
    this.#db?.close();
    this.#db = null;
  }

  jump(ms: number): void {
    this.#skew += ms;
    this.watch();
  }

  /** What the engine does every second. */
  watch(): void {
    if (!this.#sync || this.dead) return;
    if (this.clock?.watch() !== 0) this.#sync.measureClock(8).catch(() => this.#sync?.wake());
  }

  /** Runs the timers that are due. */
  tick(): void {
    this.watch();
    for (const timer of this.#timers.filter(({ at }) => at <= world.now)) {
      this.#timers = this.#timers.filter((one) => one !== timer);
      if (!this.dead) mortal(timer.run);
    }
  }

  /** The next version of the program starts: it reads what the one before had to put aside. */
  upgrade(rewrite: (json: string) => string): void {
    const kept = this.db.prepare('select rowid, entity, payload from quarantine').all() as {
      rowid: number;
      entity: string;
      payload: string;
    }[];
    for (const { rowid, entity, payload } of kept) {
      this.db.prepare('update quarantine set entity = ?, payload = ? where rowid = ?').run(rewrite(entity), rewrite(payload), rowid);
    }
    replayAside(this.db);
  }

  dispose(): void {
    this.kill(false);
    for (const suffix of ['', '-wal', '-shm']) rmSync(this.#file + suffix, { force: true });
  }
}
