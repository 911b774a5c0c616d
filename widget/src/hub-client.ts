/** The frame's line to the hub: opens the session, hears what is said, and sends what it is given. What waits is the outbox's business. */
import type { Conversation, PublicFile, PublicMessage, SessionAnswer } from '../../src/shared/widget.ts';
import type { Store } from './store.ts';

export interface HubEvents {
  session(session: SessionAnswer): void;
  conversation(messages: PublicMessage[]): void;
  message(message: PublicMessage): void;
  typing(name: string): void;
  connected(online: boolean): void;
  /** the hub does not know this browser any more: whoever it speaks to from now on is somebody new */
  forgotten(): void;
  /** this page may not show the chat, or there is none */
  barred(): void;
  /** whether the hub believed the page's word for who this is */
  identity(verified: boolean): void;
}

/** What the hub has answered instead of what was asked for. */
export class Refusal extends Error {
  readonly status: number;
  readonly field: string | null;
  /** ms after which it may be tried again */
  readonly waitMs: number;

  constructor(status: number, field: string | null, retryAfter: string | null) {
    super(`refused: ${status}`);
    this.status = status;
    this.field = field;
    this.waitMs = Math.max(1, Number(retryAfter) || 5) * 1000;
  }
}

/** The same thing will be refused again, whatever happens. */
export const isFinal = (error: unknown): boolean => error instanceof Refusal && [400, 413, 422].includes(error.status);

const firstRetryMs = 1000;
const lastRetryMs = 15_000;

export class HubClient {
  readonly #channel: string;
  readonly #page: string | null;
  readonly #store: Store;
  readonly #events: HubEvents;
  #token: string | null;
  #identity: string | null = null;
  #source: EventSource | null = null;
  #timer = 0;
  #tries = 0;
  /** counts openings: what an earlier one still hears is not for this one */
  #era = 0;
  #opening = false;

  constructor(channel: string, page: string | null, store: Store, events: HubEvents) {
    this.#channel = channel;
    this.#page = page;
    this.#store = store;
    this.#events = events;
    this.#token = store.get<string>('token');
  }

  start(): void {
    void this.open();
    window.addEventListener('online', () => void (this.#source?.readyState === EventSource.OPEN ? this.#load() : this.open()));
    window.addEventListener('offline', () => this.#events.connected(false));
    // In another tab the visitor has become somebody else.
    this.#store.changedElsewhere('token', () => location.reload());
  }

  get isOpen(): boolean {
    return this.#token !== null && this.#source !== null;
  }

  /** Says who the visitor is, by a token that the page's own server has signed. It is said again to every session until `reset`. */
  identify(identity: string): void {
    this.#identity = identity;
    if (!this.#opening) void this.open();
  }

  reset(): void {
    this.#identity = null;
    this.#forget();
    void this.open();
  }

  /** The hub does not know the token any more. */
  renew(): void {
    this.#forget();
    this.#events.forgotten();
    void this.open();
  }

  async open(): Promise<void> {
    const era = (this.#era += 1);
    this.#opening = true;
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    try {
      let session = await this.#session(era);
      for (let told: string | null = null; session && this.#identity !== null && this.#identity !== told;) {
        told = this.#identity;
        if (await this.#vouch(told, era)) session = await this.#session(era);
      }
      if (!session || era !== this.#era) return;
      this.#opening = false;
      this.#listen(era);
      this.#events.session(session);
    } catch (error) {
      if (era !== this.#era) return;
      this.#opening = false;
      if (error instanceof Refusal && error.status === 401) this.renew();
      else if (error instanceof Refusal && (error.status === 403 || error.status === 404)) this.#events.barred();
      else {
        this.#events.connected(false);
        this.#again(error);
      }
    }
  }

  /** Throws a `Refusal`, or whatever `fetch` throws when the line is broken. */
  async post(path: string, body: unknown): Promise<unknown> {
    return JSON.parse(
      await (
        await this.#fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      ).text(),
    );
  }

  /** By XMLHttpRequest, which alone tells how far it has come. */
  upload(id: string, name: string, bytes: Blob, progress: (part: number) => void): Promise<PublicFile> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('PUT', `/widget/api/files/${id}?name=${encodeURIComponent(name)}`);
      request.setRequestHeader('authorization', `Bearer ${this.#token ?? ''}`);
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.upload.addEventListener('progress', ({ loaded, total }) => progress(total > 0 ? loaded / total : 0));
      request.addEventListener('error', () => reject(new Error('the line is broken')));
      request.addEventListener('load', () => {
        const answer = parsed(request.responseText);
        if (request.status >= 200 && request.status < 300) resolve(answer as PublicFile);
        else reject(new Refusal(request.status, fieldOf(answer), request.getResponseHeader('retry-after')));
      });
      request.send(bytes);
    });
  }

  async file(id: string): Promise<Blob> {
    return (await this.#fetch(`files/${id}`, {})).blob();
  }

  receipts(delivered: string[], read: string[]): void {
    if (delivered.length + read.length === 0) return;
    this.post('receipts', { delivered: delivered.slice(-200), read: read.slice(-200) }).catch(() => undefined);
  }

  typing(): void {
    if (this.isOpen) this.post('typing', {}).catch(() => undefined);
  }

  async #session(era: number): Promise<SessionAnswer | null> {
    // A tab that was opened at the same moment may have been given one meanwhile.
    this.#token ??= this.#store.get<string>('token');
    const session = (await this.post('session', { channel: this.#channel, token: this.#token, page: this.#page })) as SessionAnswer;
    if (era !== this.#era) return null;
    this.#token = session.token;
    this.#store.set('token', session.token);
    return session;
  }

  async #vouch(identity: string, era: number): Promise<boolean> {
    try {
      await this.post('identify', { identity });
      this.#events.identity(true);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status === 401) throw error;
      if (isFinal(error)) {
        if (era === this.#era && this.#identity === identity) this.#identity = null;
        this.#events.identity(false);
      } else setTimeout(() => era === this.#era && void this.open(), error.waitMs);
      return false;
    }
  }

  #listen(era: number): void {
    const source = new EventSource(`/widget/api/events?token=${encodeURIComponent(this.#token ?? '')}`);
    this.#source = source;
    // After every connection the whole conversation is read: what was said in between must not be missing.
    source.addEventListener('open', () => void this.#load());
    source.addEventListener('message', (event: MessageEvent<string>) => this.#events.message(JSON.parse(event.data) as PublicMessage));
    source.addEventListener('typing', (event: MessageEvent<string>) =>
      this.#events.typing(String((JSON.parse(event.data) as { name?: unknown }).name ?? '')),
    );
    source.addEventListener('error', () => {
      if (era !== this.#era) return;
      this.#events.connected(false);
      if (source.readyState === EventSource.CLOSED) this.#again(null);
    });
  }

  async #load(): Promise<void> {
    const era = this.#era;
    try {
      const { messages } = (await (await this.#fetch('messages', {})).json()) as Conversation;
      if (era !== this.#era) return;
      this.#tries = 0;
      this.#events.conversation(messages);
      this.#events.connected(true);
    } catch (error) {
      if (era !== this.#era) return;
      this.#events.connected(false);
      if (error instanceof Refusal && error.status === 401) this.renew();
      else this.#again(error);
    }
  }

  /** Opens anew after a while that grows, and is never the same for all who wait. */
  #again(error: unknown): void {
    clearTimeout(this.#timer);
    const wait = error instanceof Refusal && error.status === 429 ? error.waitMs : Math.min(lastRetryMs, firstRetryMs * 1.6 ** this.#tries);
    this.#tries += 1;
    this.#timer = setTimeout(() => void this.open(), wait * (0.75 + Math.random() / 2));
  }

  #forget(): void {
    this.#token = null;
    this.#store.remove('token');
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      ...(this.#token && { authorization: `Bearer ${this.#token}` }),
    };
    const answer = await fetch(`/widget/api/${path}`, { ...init, headers });
    if (!answer.ok) throw new Refusal(answer.status, fieldOf(parsed(await answer.text())), answer.headers.get('retry-after'));
    return answer;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fieldOf(answer: unknown): string | null {
  return typeof answer === 'object' && answer !== null && 'field' in answer && typeof answer.field === 'string' ? answer.field : null;
}
