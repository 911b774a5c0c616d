/**
 * Brings what has been committed to the consoles that may see it. The log is the truth: a poke only says that
 * there is something new, and a session that missed one is put right by the next.
 */
import type { Logger } from 'pino';
import type { Change, Delta } from '../../../src/shared/protocol.ts';
import type { Db } from '../db/database.ts';
import { readAll, readHead } from '../sync/log.ts';

/** A console as the fan-out sees it. */
export interface Listener {
  scopes: ReadonlySet<string>;
  /** up to where the console is complete; null while it is still pulling */
  cursor: number | null;
  send(delta: Delta): void;
}

const heartbeatMs = 5_000;

export class Fanout {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #log: Logger;
  readonly #listeners = new Set<Listener>();
  readonly #onChanges: (changes: Change[]) => void;
  readonly #heartbeat: NodeJS.Timeout;
  /** everything up to here has been given to the listeners */
  #seq = 0;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(db: Db, workspaceId: string, log: Logger, onChanges: (changes: Change[]) => void) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#log = log;
    this.#onChanges = onChanges;
    this.#heartbeat = setInterval(() => this.#distribute([], this.#seq), heartbeatMs);
    this.#heartbeat.unref();
  }

  async start(): Promise<void> {
    this.#seq = (await readHead(this.#db, this.#workspaceId)).seq;
  }

  stop(): void {
    clearInterval(this.#heartbeat);
  }

  get seq(): number {
    return this.#seq;
  }

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): Iterable<Listener> {
    return this.#listeners;
  }

  /** New changes from this process's own commit; they are used as they are when nothing lies between. */
  committed(changes: Change[]): void {
    const first = changes[0];
    const last = changes.at(-1);
    if (!first || !last || last.seq <= this.#seq) return;
    if (first.seq === this.#seq + 1 && !this.#reading) this.#distribute(changes, last.seq);
    else this.poke();
  }

  /** Somebody has committed something: read on from where we are. */
  poke(): void {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = this.#read()
      .catch((error: unknown) => this.#log.error({ error }, 'fan-out can not read the log'))
      .finally(() => {
        this.#reading = null;
        if (this.#again) {
          this.#again = false;
          this.poke();
        }
      });
  }

  async #read(): Promise<void> {
    for (;;) {
      const changes = await readAll(this.#db, this.#workspaceId, this.#seq, 2000);
      const last = changes.at(-1);
      if (!last) return;
      this.#distribute(changes, last.seq);
    }
  }

  #distribute(changes: Change[], to: number): void {
    this.#seq = to;
    const serverTime = Date.now();
    for (const listener of this.#listeners) {
      const from = listener.cursor;
      if (from === null || from > to) continue;
      const mine = changes.filter((change) => change.seq > from && listener.scopes.has(change.scope));
      listener.cursor = to;
      listener.send({ from, to, changes: mine, serverTime });
    }
    if (changes.length > 0) this.#onChanges(changes);
  }
}
