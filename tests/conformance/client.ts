/**
 * A second client, written from docs/protocol.md alone. It shares no code with the console or the hub, keeps everything in memory, and
 * is meant to be read beside the document: whoever writes a third one may start here.
 */
import { createHash, randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { Cache, type Change, type Row } from './cache.ts';
import { linesOf } from './lines.ts';

export interface Rejection {
  code: string;
  field?: string;
  detail?: Record<string, unknown>;
}
interface Result {
  id: number;
  ok: boolean;
  rejection?: Rejection;
}
interface Begin {
  cursor: number;
  epoch: string;
  scopes: string[];
  historyFrom: number;
  resumed: boolean;
}
interface Tokens {
  accessToken: string;
  refreshToken: string;
}
export interface Draft {
  ticketId: string;
  rev: number;
  mode: string;
  body: string;
  device: string;
}

/** The time-ordered form of a UUID (version 7). */
export function newId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const random = randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15, 18)}-${random.slice(19)}`;
}

export class OtherClient {
  readonly url: string;
  clientId = newId();
  userId = '';
  #tokens: Tokens = { accessToken: '', refreshToken: '' };
  #socket: Socket | null = null;
  readonly cache = new Cache();
  readonly drafts = new Map<string, Draft>();
  #draftRev = 0;
  cursor: number | null = null;
  epoch: string | null = null;
  historyFrom = 0;
  policy: { offlineMs: number; idleLockMs: number } | null = null;
  /** the hub's clock minus the monotonic clock here */
  offset = 0;
  /** intents whose effects have not arrived */
  readonly outbox = new Map<number, { id: number; key: string; name: string; args: unknown; authoredAt: number; baseSeq: number }>();
  readonly refused = new Map<number, Rejection>();
  #lastId = 0;
  #needsSnapshot = true;
  refusal: string | null = null;
  /** the snapshot under way: what to ask for to go on with it */
  #under: { cursor: number; epoch: string; scopes: string[]; entity: string; after: string | null } | null = null;
  readonly asked: string[] = [];

  constructor(url: string) {
    this.url = url;
  }

  // Signing in (HTTP)

  async signIn(email: string, password: string): Promise<void> {
    const answer = await this.#http('POST', '/api/v1/auth/sign-in', {
      email,
      password,
      clientId: this.clientId,
      deviceName: 'other client',
    });
    const { tokens, user } = answer as { tokens: Tokens; user: { id: string } };
    this.#tokens = tokens;
    this.userId = user.id;
  }

  async refresh(): Promise<void> {
    const { tokens } = (await this.#http('POST', '/api/v1/auth/refresh', {
      refreshToken: this.#tokens.refreshToken,
      clientId: this.clientId,
    })) as { tokens: Tokens };
    this.#tokens = tokens;
  }

  async #http(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#tokens.accessToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const value: unknown = await answer.json();
    if (answer.ok) return value;
    throw Object.assign(new Error(`${method} ${path}: ${answer.status}`), { status: answer.status, body: value });
  }

  // Connecting

  /** Follows "Order of work" to its end: connected, complete, everything pushed. Rejects when the hub refuses. */
  async connect(): Promise<void> {
    const socket = io(`${this.url}/sync`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: { token: this.#tokens.accessToken, clientId: this.clientId, protocol: 2, cursor: this.#needsSnapshot ? null : this.cursor },
    });
    this.#socket = socket;
    socket.on('delta', (delta: { from: number; to: number; changes: Change[] }, acknowledge?: () => void) => {
      acknowledge?.();
      void this.#delta(delta);
    });
    socket.on('draft', (draft: Draft) => this.#takeDraft(draft));
    socket.onAny((name: string, _message: unknown, acknowledge?: () => void) => {
      if (!['delta', 'draft', 'welcome', 'refuse'].includes(name)) acknowledge?.();
    });
    const welcome = await new Promise<{
      serverTime: number;
      headSeq: number;
      oldestSeq: number;
      epoch: string;
      scopes: string[];
      lastMutationId: number;
      policy: { offlineMs: number; idleLockMs: number };
    }>((resolve, reject) => {
      socket.once('welcome', resolve);
      socket.once('refuse', (refusal: { code: string }) => {
        this.refusal = refusal.code;
        reject(new Error(refusal.code));
      });
      socket.once('connect_error', reject);
    });
    this.policy = welcome.policy;
    // What the welcome says: scopes that went, scopes that came, the epoch, the reach of the log.
    const before = this.cache.scopes;
    this.cache.scopes = new Set(welcome.scopes);
    if ([...before].some((scope) => !this.cache.scopes.has(scope))) this.cache.forgetUnheld();
    const came = welcome.scopes.some((scope) => !before.has(scope));
    const outOfReach = this.cursor === null || this.cursor < welcome.oldestSeq || this.cursor > welcome.headSeq;
    if (this.epoch !== welcome.epoch) {
      this.#draftRev = 0;
      if (this.epoch !== null) for (const table of this.cache.tables.values()) for (const kept of table.values()) kept.ver = 0;
    }
    if (came || outOfReach || this.epoch !== welcome.epoch) this.#needsSnapshot = true;
    this.#lastId = Math.max(this.#lastId, welcome.lastMutationId);
    await this.#measure();
    if (this.#needsSnapshot) await this.snapshot();
    await this.#pull();
    await this.pushAll();
    await this.#draftsSince();
  }

  disconnect(): void {
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    this.#socket = null;
  }

  async ask(name: string, message: unknown): Promise<unknown> {
    if (!this.#socket) throw new Error('not connected');
    const answer = (await this.#socket.timeout(15_000).emitWithAck(name, message)) as {
      value?: unknown;
      refuse?: { code: string; field?: string };
    };
    if (answer.refuse) throw Object.assign(new Error(answer.refuse.code), answer.refuse);
    return answer.value;
  }

  async #measure(): Promise<void> {
    let best = Infinity;
    for (let taken = 0; taken < 3; taken += 1) {
      const t0 = performance.now();
      const { t1, t2 } = (await this.ask('time', { t0 })) as { t1: number; t2: number };
      const t3 = performance.now();
      if (t3 - t0 >= best) continue;
      best = t3 - t0;
      this.offset = (t1 + t2) / 2 - (t0 + t3) / 2;
    }
  }

  /** ms since 1970 on the hub's clock */
  now(): number {
    return Math.round(performance.now() + this.offset);
  }

  // The snapshot (HTTP)

  /** Goes on with the snapshot under way, or begins one. `stopAfter` breaks off after so many pages, to try out how it goes on. */
  async snapshot(stopAfter = Infinity): Promise<boolean> {
    this.#needsSnapshot = true;
    const under = this.#under;
    const query = new URLSearchParams({ protocol: '2' });
    if (under) {
      query.set('cursor', String(under.cursor));
      query.set('epoch', under.epoch);
      query.set('entity', under.entity);
      if (under.after !== null) query.set('after', under.after);
    }
    this.asked.push(query.toString());
    const answer = await fetch(`${this.url}/api/v1/snapshot?${query}`, {
      headers: { authorization: `Bearer ${this.#tokens.accessToken}` },
    });
    if (!answer.ok || !answer.body) throw new Error(`snapshot: ${answer.status}`);
    let begin = null as Begin | null;
    let page: { entity: string; ver: number; row: Row }[] = [];
    let pages = 0;
    const counts: Record<string, number> = {};
    for await (const line of linesOf(answer.body)) {
      const value = JSON.parse(line) as Record<string, unknown> & { t: string };
      if (value.t === 'begin') {
        begin = value as unknown as Begin;
        const same = under && begin.scopes.length === under.scopes.length && begin.scopes.every((scope) => under.scopes.includes(scope));
        if (begin.resumed && !same) {
          // Earlier pages were made for other scopes: anew.
          this.#under = null;
          return this.snapshot();
        }
        if (!begin.resumed) this.#under = null;
        continue;
      }
      if (!begin) throw new Error('rows before the beginning');
      const { entity } = value as unknown as { entity: string };
      if (value.t === 'early') this.cache.take(entity, value['row'] as Row, value['ver'] as number);
      else if (value.t === 'row') {
        page.push({ entity, row: value['row'] as Row, ver: value['ver'] as number });
        counts[entity] = (counts[entity] ?? 0) + 1;
      } else if (value.t === 'page') {
        const { from, to } = value as unknown as { from: string | null; to: string | null };
        this.cache.storePage(entity, page, from, to, begin);
        this.#under = { cursor: begin.cursor, epoch: begin.epoch, scopes: begin.scopes, entity, after: to };
        page = [];
        pages += 1;
        if (pages >= stopAfter) {
          return false;
        }
      } else if (value.t === 'end') {
        const promised = value['counts'] as Record<string, number>;
        for (const [name, count] of Object.entries(promised))
          if ((counts[name] ?? 0) !== count) throw new Error(`${name}: ${counts[name] ?? 0} of ${count}`);
        this.cursor = begin.cursor;
        this.epoch = begin.epoch;
        this.historyFrom = begin.historyFrom;
        this.#under = null;
        this.#needsSnapshot = false;
        return true;
      }
    }
    return false;
  }

  // `pull` and `delta`

  #pulling: Promise<void> | null = null;

  #pull(): Promise<void> {
    this.#pulling ??= this.#pullAll().finally(() => (this.#pulling = null));
    return this.#pulling;
  }

  async #pullAll(): Promise<void> {
    for (let more = true; more;) {
      const answer = (await this.ask('pull', { cursor: this.cursor ?? 0, limit: 500 })) as {
        changes: Change[];
        cursor: number;
        more: boolean;
      };
      this.#apply(answer.changes, answer.cursor);
      more = answer.more;
    }
  }

  async #delta(delta: { from: number; to: number; changes: Change[] }): Promise<void> {
    if (this.#needsSnapshot || this.cursor === null || delta.to < this.cursor) return;
    if (delta.from === this.cursor) this.#apply(delta.changes, delta.to);
    else if (delta.to > this.cursor) await this.#pull().catch(() => undefined);
  }

  #apply(changes: Change[], cursor: number): void {
    for (const change of changes) {
      if (change.op !== 'ack') {
        this.cache.apply(change);
        continue;
      }
      const { lastMutationId, results } = change.row as { lastMutationId: number; results: Result[] };
      this.#results(results);
      for (const id of this.outbox.keys()) if (id <= lastMutationId) this.outbox.delete(id);
    }
    this.cursor = Math.max(this.cursor ?? 0, cursor);
  }

  // `push`

  /** Puts an intent into the outbox; `pushAll` sends it. */
  intend(name: string, args: unknown): number {
    const id = (this.#lastId += 1);
    this.outbox.set(id, { id, key: randomUUID(), name, args, authoredAt: this.now(), baseSeq: this.cursor ?? 0 });
    return id;
  }

  async pushAll(): Promise<void> {
    const waiting = [...this.outbox.values()].sort((a, b) => a.id - b.id);
    for (let from = 0; from < waiting.length; from += 50) {
      const answer = (await this.ask('push', { mutations: waiting.slice(from, from + 50) })) as { results: Result[] };
      this.#results(answer.results);
    }
  }

  #results(results: Result[]): void {
    for (const { id, ok, rejection } of results) {
      if (ok || !rejection) continue;
      this.refused.set(id, rejection);
      this.outbox.delete(id);
    }
  }

  // Drafts

  async #draftsSince(): Promise<void> {
    for (let more = true; more;) {
      const answer = (await this.ask('draft.since', { rev: this.#draftRev })) as { drafts: Draft[]; more: boolean };
      for (const draft of answer.drafts) {
        this.#takeDraft(draft);
        this.#draftRev = Math.max(this.#draftRev, draft.rev);
      }
      more = answer.more;
    }
  }

  #takeDraft(draft: Draft): void {
    if (draft.rev > (this.drafts.get(draft.ticketId)?.rev ?? 0)) this.drafts.set(draft.ticketId, draft);
  }

  async putDraft(ticketId: string, body: string): Promise<{ rev: number; replaced: Draft | null }> {
    const base = this.drafts.get(ticketId)?.rev ?? 0;
    const at = this.now();
    const seen = { inboundId: null, replyId: null, assigneeId: null };
    const draft = { ticketId, mode: 'reply', body, seen, startedAt: at, updatedAt: at };
    const answer = (await this.ask('draft.put', { draft, base })) as { rev: number; replaced: Draft | null };
    this.drafts.set(ticketId, { ticketId, rev: answer.rev, mode: 'reply', body, device: 'other client' });
    return answer;
  }

  // History, search, files (HTTP)

  /** Everything of a ticket that stays at the hub. */
  async history(ticketId: string, limit: number): Promise<number> {
    let before = '';
    for (let pages = 1; ; pages += 1) {
      const path = `/api/v1/tickets/${ticketId}/history?limit=${limit}${before}`;
      const answer = (await this.#http('GET', path)) as {
        messages: { ver: number; row: Row }[];
        attachments: { ver: number; row: Row }[];
        since: number;
      };
      for (const { ver, row } of answer.messages) this.cache.take('message', row, ver);
      for (const { ver, row } of answer.attachments) this.cache.take('attachment', row, ver);
      if (answer.since === 0) return pages;
      before = `&before=${answer.since}`;
    }
  }

  async search(text: string): Promise<{ ticketId: string; subject: string; snippet: string }[]> {
    const filter = { channel: null, queueId: null, assignee: null, tag: null, from: null, until: null, settled: null };
    return (
      (await this.#http('POST', '/api/v1/search', { text, filter, limit: 20 })) as {
        hits: { ticketId: string; subject: string; snippet: string }[];
      }
    ).hits;
  }

  /** Announces the file and sends its bytes in pieces, from wherever the hub says. */
  async upload(ticketId: string, file: { id: string; name: string; type: string; bytes: Buffer }, piece: number): Promise<number> {
    const { id, name, type, bytes } = file;
    const announced = { id, ticketId, name, type, size: bytes.length, sha256: sumOf(bytes) };
    let { offset } = (await this.#http('POST', '/api/v1/files', announced)) as { offset: number };
    let pieces = 0;
    while (offset < bytes.length) {
      const answer = await fetch(`${this.url}/api/v1/files/${id}/upload`, {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${this.#tokens.accessToken}`,
          'content-type': 'application/octet-stream',
          'upload-offset': String(offset),
        },
        body: new Uint8Array(bytes.subarray(offset, offset + piece)),
      });
      if (!answer.ok) throw new Error(`upload: ${answer.status} ${await answer.text()}`);
      ({ offset } = (await answer.json()) as { offset: number });
      pieces += 1;
    }
    return pieces;
  }

  async download(id: string): Promise<Buffer> {
    const answer = await fetch(`${this.url}/api/v1/files/${id}`, { headers: { authorization: `Bearer ${this.#tokens.accessToken}` } });
    if (!answer.ok) throw new Error(`download: ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  rows(entity: string): Row[] {
    return this.cache.rows(entity);
  }
}

export const sumOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
