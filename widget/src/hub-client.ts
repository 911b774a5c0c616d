/**
 * The frame's line to the hub. What the visitor writes is kept in the browser until the hub has confirmed it, and
 * sent again with the same id; so a broken line loses nothing and doubles nothing.
 */
import type { Conversation, PublicMessage, SessionAnswer } from '../../src/shared/widget.ts';

export interface Waiting {
  id: string;
  body: string;
  name: string | null;
  authoredAt: number;
  /** the hub will not take it, whatever happens; the text stays to be copied */
  refused?: boolean;
}

export interface ChatEvents {
  message(message: PublicMessage): void;
  conversation(messages: PublicMessage[]): void;
  waiting(waiting: Waiting[]): void;
  connected(online: boolean): void;
  greeted(workspace: string, name: string | null): void;
}

const retryMs = 2000;

export class HubClient {
  readonly #channel: string;
  readonly #events: ChatEvents;
  readonly #key: string;
  #token: string | null;
  #waiting: Waiting[];
  #sending = false;
  #source: EventSource | null = null;

  constructor(channel: string, events: ChatEvents) {
    this.#channel = channel;
    this.#events = events;
    this.#key = `truc:${channel}`;
    this.#token = this.#read<string>('token');
    this.#waiting = this.#read<Waiting[]>('waiting') ?? [];
  }

  start(): void {
    this.#events.waiting(this.#waiting);
    void this.#open();
    window.addEventListener('online', () => void this.#flush());
  }

  /** Takes a text; it is safe in the browser when this returns. */
  send(body: string, name: string | null): void {
    this.#waiting.push({ id: newId(), body, name, authoredAt: Date.now() });
    this.#keepWaiting();
    void this.#flush();
  }

  forget(id: string): void {
    this.#waiting = this.#waiting.filter((one) => one.id !== id);
    this.#keepWaiting();
  }

  async receipts(delivered: string[], read: string[]): Promise<void> {
    if (delivered.length + read.length > 0)
      await this.#post('receipts', { delivered: delivered.slice(-200), read: read.slice(-200) }).catch(() => undefined);
  }

  async #open(): Promise<void> {
    try {
      const answer = await this.#post('session', { channel: this.#channel, token: this.#token });
      if (!answer.ok) throw new Error(String(answer.status));
      const session = (await answer.json()) as SessionAnswer;
      this.#token = session.token;
      this.#write('token', session.token);
      this.#events.greeted(session.workspace, session.name);
      this.#listen();
      void this.#flush();
    } catch {
      this.#events.connected(false);
      setTimeout(() => void this.#open(), retryMs);
    }
  }

  #listen(): void {
    const source = new EventSource(`/widget/api/events?token=${encodeURIComponent(this.#token ?? '')}`);
    this.#source = source;
    // After every connection the whole conversation is read: what was said in between must not be missing.
    source.addEventListener('open', () => void this.#load());
    source.addEventListener('message', (event: MessageEvent<string>) => this.#events.message(JSON.parse(event.data) as PublicMessage));
    source.addEventListener('error', () => {
      this.#events.connected(false);
      if (source.readyState !== EventSource.CLOSED || this.#source !== source) return;
      setTimeout(() => void this.#open(), retryMs);
    });
  }

  async #load(): Promise<void> {
    try {
      const answer = await fetch('/widget/api/messages', { headers: this.#headers() });
      if (!answer.ok) throw new Error(String(answer.status));
      const { messages } = (await answer.json()) as Conversation;
      this.#events.conversation(messages);
      this.#events.connected(true);
      void this.#flush();
    } catch {
      this.#events.connected(false);
    }
  }

  async #flush(): Promise<void> {
    if (this.#sending || !this.#token) return;
    this.#sending = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) {
        const { id, body, name, authoredAt } = next;
        const answer = await this.#post('messages', { id, body, name, authoredAt });
        if (answer.ok) {
          this.forget(id);
          this.#events.message({ id, from: 'customer', author: name ?? '', body, at: authoredAt, read: false });
        } else if (answer.status === 400 || answer.status === 413 || answer.status === 422) {
          next.refused = true;
          this.#keepWaiting();
        } else if (answer.status === 401) {
          // The hub does not know us any more: a new session takes the texts along.
          this.#token = null;
          this.#source?.close();
          void this.#open();
          return;
        } else throw new Error(String(answer.status));
      }
    } catch {
      setTimeout(() => void this.#flush(), retryMs);
    } finally {
      this.#sending = false;
    }
  }

  #next(): Waiting | undefined {
    return this.#waiting.find((one) => !one.refused);
  }

  #post(path: string, body: unknown): Promise<Response> {
    return fetch(`/widget/api/${path}`, {
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  #headers(): Record<string, string> {
    return this.#token ? { authorization: `Bearer ${this.#token}` } : {};
  }

  #keepWaiting(): void {
    this.#write('waiting', this.#waiting);
    this.#events.waiting(this.#waiting);
  }

  #read<T>(name: string): T | null {
    try {
      return JSON.parse(localStorage.getItem(`${this.#key}:${name}`) ?? 'null') as T | null;
    } catch {
      return null;
    }
  }

  #write(name: string, value: unknown): void {
    try {
      localStorage.setItem(`${this.#key}:${name}`, JSON.stringify(value));
    } catch {
      // A browser that keeps nothing: the chat works as long as the page is open.
    }
  }
}

/** UUIDv7: ids sort by the time at which they were made. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setBigUint64(
    0,
    (BigInt(Date.now()) << 16n) | BigInt(0x7000 | ((((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0)) & 0x0fff)),
  );
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
