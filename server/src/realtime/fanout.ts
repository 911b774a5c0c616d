/**
 * Brings what has been committed to the consoles that may see it. The log is the truth: a poke only says that
 * there is something new, and a session that missed one is put right by the next.
 *
 *  1. the first commit in a turn of the event loop goes out at once; what else is committed in that turn goes out together
 *  2. only the consoles that hold a scope of it hear of it; to the others it is as if nothing had been
 *  3. of a row that has changed several times meanwhile they get the last form
 *  4. consoles that are to get the same get the very same object, so that whoever sends it may encode it once
 */
import type { Logger } from 'pino';
import type { Change, Delta } from '../../../src/shared/protocol.ts';
import type { Db } from '../db/database.ts';
import { readAll, readHead } from '../sync/log.ts';

/** A console as the fan-out sees it. */
export interface Listener {
  readonly scopes: ReadonlySet<string>;
  /** up to where the console is complete; null while it is still pulling. What follows and does not concern it leaves this as it is. */
  cursor: number | null;
  /** The object is shared with other listeners: it must not be changed. */
  send(delta: Delta): void;
}

const heartbeatMs = 5_000;

export class Fanout {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #log: Logger;
  readonly #listeners = new Set<Listener>();
  readonly #holders = new Map<string, Set<Listener>>();
  readonly #onChanges: (changes: Change[]) => void;
  readonly #heartbeat: NodeJS.Timeout;
  /** everything up to here has been given to the listeners */
  #seq = 0;
  /** committed, and to be given to them before the next turn of the event loop */
  #held: Change[] = [];
  #turn: NodeJS.Immediate | null = null;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(db: Db, workspaceId: string, log: Logger, onChanges: (changes: Change[]) => void) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#log = log;
    this.#onChanges = onChanges;
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
    this.#heartbeat.unref();
  }

  async start(): Promise<void> {
    this.#seq = (await readHead(this.#db, this.#workspaceId)).seq;
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    if (this.#turn) clearImmediate(this.#turn);
    this.#turn = null;
  }

  get seq(): number {
    return this.#seq;
  }

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    for (const scope of listener.scopes) this.#holders.set(scope, (this.#holders.get(scope) ?? new Set()).add(listener));
    return () => {
      this.#listeners.delete(listener);
      for (const scope of listener.scopes) {
        const holders = this.#holders.get(scope);
        holders?.delete(listener);
        if (holders?.size === 0) this.#holders.delete(scope);
      }
    };
  }

  get listeners(): Iterable<Listener> {
    return this.#listeners;
  }

  /** New changes from this process's own commit; they are used as they are when nothing lies between. */
  committed(changes: Change[]): void {
    const first = changes[0];
    const last = changes.at(-1);
    const taken = this.#held.at(-1)?.seq ?? this.#seq;
    if (!first || !last || last.seq <= taken) return;
    if (first.seq === taken + 1 && !this.#reading) this.#hold(changes);
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
      this.#flush();
      const changes = await readAll(this.#db, this.#workspaceId, this.#seq, 2000);
      if (changes.length === 0) return;
      this.#hold(changes);
    }
  }

  #hold(changes: Change[]): void {
    this.#held.push(...changes);
    if (this.#turn) return;
    this.#turn = setImmediate(() => {
      this.#turn = null;
      this.#flush();
    });
    this.#flush();
  }

  #flush(): void {
    const changes = this.#held;
    const to = changes.at(-1)?.seq;
    if (to === undefined) return;
    this.#held = [];
    this.#seq = to;
    this.#distribute(changes, to);
    this.#onChanges(changes);
  }

  #distribute(changes: Change[], to: number): void {
    const serverTime = Date.now();
    // 1. Who holds which of the scopes that have something new.
    const scopes = [...new Set(changes.map((change) => change.scope))];
    const held = new Map<Listener, number[]>();
    scopes.forEach((scope, index) => {
      for (const listener of this.#holders.get(scope) ?? []) {
        const mine = held.get(listener);
        if (mine) mine.push(index);
        else held.set(listener, [index]);
      }
    });
    // 2. One delta for all who hold the same of them and are at the same place.
    const deltas = new Map<string, Delta>();
    for (const [listener, indices] of held) {
      const from = listener.cursor;
      if (from === null || from >= to) continue;
      const key = `${from} ${indices.join()}`;
      let delta = deltas.get(key);
      if (!delta) {
        const wanted = new Set(indices.map((index) => scopes[index]));
        const mine = changes.filter((change) => change.seq > from && wanted.has(change.scope));
        delta = { from, to, changes: lastForms(mine), serverTime };
        deltas.set(key, delta);
      }
      listener.cursor = to;
      listener.send(delta);
    }
  }

  /** Tells everybody that they are complete. */
  #beat(): void {
    this.#flush();
    const to = this.#seq;
    const serverTime = Date.now();
    const deltas = new Map<number, Delta>();
    for (const listener of this.#listeners) {
      const from = listener.cursor;
      if (from === null || from > to) continue;
      const delta = deltas.get(from) ?? { from, to, changes: [], serverTime };
      deltas.set(from, delta);
      listener.cursor = to;
      listener.send(delta);
    }
  }
}

/** Without the puts that a later put of the same row, in whichever scope, makes void. Order is kept. */
function lastForms(changes: Change[]): Change[] {
  // What a row was when its ticket left a scope decides what goes with it: nothing is taken from such a story.
  if (changes.length < 2 || changes.some((change) => change.op === 'leave' || change.op === 'del')) return changes;
  const last = new Map<string, Change>();
  for (const change of changes) if (change.op === 'put') last.set(`${change.entity} ${change.id}`, change);
  return changes.filter((change) => change.op !== 'put' || last.get(`${change.entity} ${change.id}`) === change);
}
