/**
 * What the browser keeps for this chat: small values in localStorage, the bytes of files in IndexedDB. A browser that keeps nothing (a
 * private window, blocked third-party storage) has both in memory instead: the chat works as long as the page is open.
 */
export class Store {
  readonly #prefix: string;
  readonly #memory = new Map<string, string>();

  constructor(channel: string) {
    this.#prefix = `truc:${channel}:`;
  }

  get<T>(name: string): T | null {
    try {
      return JSON.parse(this.#read(this.#prefix + name) ?? 'null') as T | null;
    } catch {
      return null;
    }
  }

  set(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    this.#memory.set(this.#prefix + name, text);
    try {
      localStorage.setItem(this.#prefix + name, text);
    } catch {
      // full or blocked: memory has it
    }
  }

  remove(name: string): void {
    this.#memory.delete(this.#prefix + name);
    try {
      localStorage.removeItem(this.#prefix + name);
    } catch {
      // blocked
    }
  }

  /** What is kept under names that begin with this, in the order of the names. */
  all<T>(start: string): T[] {
    const names = new Set(this.#memory.keys());
    try {
      for (let at = 0; at < localStorage.length; at += 1) names.add(localStorage.key(at) ?? '');
    } catch {
      // blocked
    }
    return [...names]
      .filter((name) => name.startsWith(this.#prefix + start))
      .sort()
      .flatMap((name) => this.get<T>(name.slice(this.#prefix.length)) ?? []);
  }

  /** Another page of this browser has put something else under this name. */
  changedElsewhere(name: string, act: () => void): void {
    window.addEventListener('storage', ({ key, newValue }) => {
      if (key === this.#prefix + name && newValue !== null && newValue !== this.#memory.get(key)) act();
    });
  }

  #read(name: string): string | null {
    try {
      return localStorage.getItem(name) ?? this.#memory.get(name) ?? null;
    } catch {
      return this.#memory.get(name) ?? null;
    }
  }
}

const maxAgeMs = 7 * 86_400_000;

/** Bytes of files that wait, by id (UUIDv7). */
export class ByteStore {
  readonly #memory = new Map<string, Blob>();
  readonly #name: string;
  #database: Promise<IDBDatabase> | null = null;

  constructor(channel: string) {
    this.#name = `truc:${channel}`;
  }

  /** They are safe in the browser, if it keeps anything, when this resolves. */
  async put(id: string, bytes: Blob): Promise<void> {
    this.#memory.set(id, bytes);
    await this.#ask('readwrite', (files) => files.put(bytes, id));
  }

  async get(id: string): Promise<Blob | null> {
    const found = this.#memory.get(id) ?? (await this.#ask<unknown>('readonly', (files) => files.get(id)));
    return found instanceof Blob ? found : null;
  }

  async drop(id: string): Promise<void> {
    this.#memory.delete(id);
    await this.#ask('readwrite', (files) => files.delete(id));
  }

  /** `kept`: ids that are still needed. Others are of pages that were left, and go when they are old: another tab may be using them. */
  async tidy(kept: ReadonlySet<string>): Promise<void> {
    const ids = (await this.#ask('readonly', (files) => files.getAllKeys())) ?? [];
    for (const id of ids) {
      if (typeof id !== 'string' || kept.has(id)) continue;
      const madeAt = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
      if (!(madeAt > Date.now() - maxAgeMs)) await this.drop(id);
    }
  }

  async clear(): Promise<void> {
    this.#memory.clear();
    await this.#ask('readwrite', (files) => files.clear());
  }

  async #ask<T>(mode: IDBTransactionMode, request: (files: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
    try {
      this.#database ??= openDatabase(this.#name);
      const database = await this.#database;
      return await new Promise<T>((resolve, reject) => {
        const transaction = database.transaction('files', mode);
        const asked = request(transaction.objectStore('files'));
        // A write is safe once its transaction is, not before.
        transaction.addEventListener('complete', () => resolve(asked.result));
        transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('aborted')));
      });
    } catch {
      return null;
    }
  }
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, 1);
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('files'));
    opening.addEventListener('success', () => resolve(opening.result));
    opening.addEventListener('error', () => reject(opening.error ?? new Error('blocked')));
  });
}
