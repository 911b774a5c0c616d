/**
 * What the visitor has written is kept in the browser until the hub has confirmed it, and sent again under the same id: a broken line
 * loses nothing and doubles nothing. One after the other, so that the order stays.
 */
import type { PublicMessage } from '../../src/shared/widget.ts';
import { newId } from './dom.ts';
import type { Files, OutgoingFile } from './files.ts';
import { type HubClient, isFinal, Refusal } from './hub-client.ts';
import type { ByteStore, Store } from './store.ts';

export interface Waiting {
  id: string;
  body: string;
  authoredAt: number;
  files: OutgoingFile[];
  /** the hub will not take it, whatever happens; the text stays to be copied */
  refused?: boolean;
}

export interface OutboxEvents {
  changed(): void;
  /** our own guess at what the hub now has */
  sent(message: PublicMessage): void;
  /** the hub asks for patience: seconds; null: no more */
  slow(seconds: number | null): void;
}

const retryMs = 2000;

export class Outbox {
  readonly #store: Store;
  readonly #bytes: ByteStore;
  readonly #client: HubClient;
  readonly #files: Files;
  readonly #events: OutboxEvents;
  #waiting: Waiting[];
  #held = true;
  #sending = false;
  #timer = 0;
  /** ms; the hub has asked for patience until then */
  #notBefore = 0;

  constructor(store: Store, bytes: ByteStore, client: HubClient, files: Files, events: OutboxEvents) {
    this.#store = store;
    this.#bytes = bytes;
    this.#client = client;
    this.#files = files;
    this.#events = events;
    this.#waiting = store.all<Waiting>('waiting:');
    void bytes.tidy(new Set(this.#waiting.flatMap((one) => one.files.map((file) => file.id))));
  }

  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  /** Takes a message; it is safe in the browser when this returns, if its files are. */
  add(body: string, files: OutgoingFile[]): void {
    const one: Waiting = { id: newId(), body, authoredAt: Date.now(), files };
    this.#waiting.push(one);
    this.#keep(one);
    void this.flush();
  }

  discard(one: Waiting): void {
    this.#gone(one);
    this.#events.changed();
  }

  /** Nothing goes out while `held`: the form comes first, or there is no session. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) void this.flush();
  }

  /** A new session has none of the files that an earlier one was sent. */
  renewed(): void {
    for (const one of this.#waiting) {
      for (const file of one.files) file.sent = null;
      this.#keep(one);
    }
  }

  clear(): void {
    for (const one of this.#waiting) this.#gone(one);
    void this.#bytes.clear();
    this.#events.changed();
  }

  async flush(): Promise<void> {
    if (this.#sending || this.#held || !this.#client.isOpen || Date.now() < this.#notBefore) return;
    clearTimeout(this.#timer);
    this.#sending = true;
    try {
      for (let next = this.#next(); next && !this.#held; next = this.#next()) await this.#send(next);
      this.#events.slow(null);
    } catch (error) {
      this.#wait(error);
    } finally {
      this.#sending = false;
    }
  }

  async #send(one: Waiting): Promise<void> {
    try {
      const sent = [];
      for (const file of one.files) {
        const there = await this.#files.send(file);
        // Its bytes are gone: the browser has cleared them away.
        if (!there) throw new Refusal(422, 'files', null);
        sent.push(there);
        this.#keep(one);
      }
      const { id, body, authoredAt, files } = one;
      await this.#client.post('messages', { id, body, name: null, authoredAt, files: files.map((file) => file.id) });
      if (!this.#waiting.includes(one)) return;
      this.#gone(one);
      this.#events.sent({ id, from: 'customer', author: '', body, at: authoredAt, read: false, files: sent });
    } catch (error) {
      if (!isFinal(error)) throw error;
      one.refused = true;
      this.#keep(one);
    }
  }

  #wait(error: unknown): void {
    if (error instanceof Refusal && error.status === 401) return this.#client.renew();
    if (error instanceof Refusal && error.status === 403) {
      // The form is wanted after all, or the page has lost its chat: a new opening tells which.
      this.#held = true;
      void this.#client.open();
      return;
    }
    const slow = error instanceof Refusal && error.status === 429;
    if (slow) {
      this.#notBefore = Date.now() + error.waitMs;
      this.#events.slow(Math.ceil(error.waitMs / 1000));
    }
    this.#timer = setTimeout(() => void this.flush(), slow ? error.waitMs : retryMs);
  }

  #next(): Waiting | undefined {
    return this.#waiting.find((one) => !one.refused);
  }

  #keep(one: Waiting): void {
    if (!this.#waiting.includes(one)) return;
    // Each under a name of its own: two tabs don't write over each other, and a message that goes out twice is taken once.
    this.#store.set(`waiting:${one.id}`, one);
    this.#events.changed();
  }

  #gone(one: Waiting): void {
    this.#waiting = this.#waiting.filter((other) => other !== one);
    this.#store.remove(`waiting:${one.id}`);
    for (const file of one.files) this.#files.drop(file);
  }
}
