/**
 * Keeps the cache and the hub in step: connect, snapshot where needed, pull, then deltas; and push what waits.
 * Everything that comes from the hub is parsed before it is believed.
 */
import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import {
  delta,
  pullAnswer,
  PROTOCOL_VERSION,
  pushAnswer,
  type Refusal,
  refusal,
  timeAnswer,
  viewers,
  welcome,
  wireLimits,
} from '../../shared/protocol.ts';
import type { HubClock } from './clock.ts';
import type { Db } from './database.ts';
import { applyChanges, holdScopes, takeAnswer, type Touched } from './replica.ts';
import { type Account, AuthExpired, type Session, Unreachable } from './session.ts';
import { SnapshotBroken, takeSnapshot } from './snapshot.ts';
import { getMeta, setMeta } from './tables/meta.ts';
import { markSending, nextToSend, type OutboxRow, resetSending, setAside } from './tables/outbox.ts';

export interface SyncEvents {
  /** rows changed */
  touched(touched: Touched): void;
  /** connection, freshness or clock changed */
  status(): void;
  progress(done: number, total: number): void;
  viewers(message: z.infer<typeof viewers>): void;
  ended(reason: 'AUTH_EXPIRED' | 'CLIENT_REVOKED'): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
}

/** A message that the hub refused as a whole. */
class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

const retryMs = { first: 500, most: 8000 };
/** characters of JSON in one push */
const pushLength = 512 * 1024;

export class Sync {
  readonly #db: Db;
  readonly #account: Account;
  readonly #session: Session;
  readonly #clock: HubClock;
  readonly #events: SyncEvents;
  #socket: Socket | null = null;
  #stopped = false;
  #attempt = 0;
  #timer: NodeJS.Timeout | null = null;
  #working = false;
  #pushing = false;
  #needsSnapshot = false;
  #batch: number = wireLimits.mutationsPerPush;
  connection: 'online' | 'connecting' | 'offline' = 'connecting';
  refusal: 'VERSION_NOT_SUPPORTED' | null = null;
  retryAt: number | null = null;
  /** since when, on the monotonic clock, the console has been connected and complete without a break; null while it is not */
  liveSince: number | null = null;

  constructor(db: Db, account: Account, session: Session, clock: HubClock, events: SyncEvents) {
    this.#db = db;
    this.#account = account;
    this.#session = session;
    this.#clock = clock;
    this.#events = events;
    resetSending(db, null);
    // 'accepted' intents are asked about again: their effects may have come while nobody looked.
    db.prepare(`update outbox set state = 'pending', acceptedSeq = null where state = 'accepted'`).run();
  }

  start(): void {
    void this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#drop();
  }

  /** Now, not when the next attempt is due. */
  reconnect(): void {
    if (this.#stopped || this.connection === 'online') return;
    this.#attempt = 0;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#working) void this.#connect();
  }

  /** The machine woke up: the line is not what it was. */
  wake(): void {
    if (this.#socket) this.#lost('wake');
    this.reconnect();
  }

  /** There is something in the outbox. */
  poke(): void {
    void this.#push();
  }

  viewing(ticketId: string | null, typing: boolean): void {
    if (this.connection === 'online') this.#socket?.emit('viewing', { ticketId, typing }, () => undefined);
  }

  async measureClock(samples: number): Promise<void> {
    for (let taken = 0; taken < samples; taken += 1) {
      const socket = this.#socket;
      if (!socket) return;
      const t0 = performance.now();
      const answer = timeAnswer.parse(await this.#ask(socket, 'time', { t0 }));
      this.#clock.sample(t0, answer.t1, answer.t2, performance.now());
    }
    setMeta(this.#db, 'clockOffset', this.#clock.offset());
    this.#events.status();
  }

  async #connect(): Promise<void> {
    if (this.#stopped || this.#working) return;
    this.#working = true;
    this.retryAt = null;
    try {
      if (this.#needsSnapshot || getMeta(this.#db, 'cursor') === undefined) await this.#snapshot();
      const token = await this.#session.token();
      if (this.#stopped) return;
      this.#open(token);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#working = false;
    }
  }

  #open(token: string): void {
    this.#drop();
    const cursor = getMeta(this.#db, 'cursor') ?? null;
    const socket = io(new URL('/sync', this.#account.hubUrl).href, {
      transports: ['websocket'],
      reconnection: false,
      timeout: 10_000,
      auth: { token, clientId: this.#account.clientId, protocol: PROTOCOL_VERSION, cursor },
    });
    this.#socket = socket;
    const mine = (handle: (message: unknown, acknowledge: () => void) => void) => (message: unknown, acknowledge?: () => void) => {
      if (this.#socket === socket) handle(message, acknowledge ?? (() => undefined));
    };
    socket.on('connect_error', (error) => {
      if (this.#socket === socket) this.#lost(error.message);
    });
    socket.on('disconnect', (reason) => {
      if (this.#socket === socket) this.#lost(reason);
    });
    socket.on(
      'refuse',
      mine((message) => this.#refused(refusal.parse(message))),
    );
    socket.on(
      'welcome',
      mine((message) => void this.#welcomed(socket, message)),
    );
    socket.on(
      'delta',
      mine((message, acknowledge) => {
        this.#delta(socket, message);
        acknowledge();
      }),
    );
    socket.on(
      'viewers',
      mine((message) => {
        const parsed = viewers.safeParse(message);
        if (parsed.success) this.#events.viewers(parsed.data);
      }),
    );
  }

  async #welcomed(socket: Socket, message: unknown): Promise<void> {
    try {
      const said = welcome.parse(message);
      const touched: Touched = new Set();
      const { gained } = holdScopes(this.#db, said.scopes, touched);
      this.#events.touched(touched);
      if (gained || getMeta(this.#db, 'epoch') !== said.epoch) {
        this.#needsSnapshot = true;
        this.#lost('new scopes or epoch', true);
        return;
      }
      await this.measureClock(3);
      await this.#pull(socket);
      if (this.#socket !== socket) return;
      this.#attempt = 0;
      this.connection = 'online';
      this.refusal = null;
      this.liveSince = performance.now();
      this.#events.status();
      void this.#push();
    } catch (error) {
      if (this.#socket === socket) this.#failed(error);
    }
  }

  async #pull(socket: Socket): Promise<void> {
    for (let more = true; more && this.#socket === socket;) {
      const cursor = getMeta(this.#db, 'cursor') ?? 0;
      const answer = pullAnswer.parse(await this.#ask(socket, 'pull', { cursor, limit: wireLimits.changesPerPull }));
      if (this.#socket !== socket) return;
      const touched: Touched = new Set();
      applyChanges(this.#db, answer.changes, answer.cursor, answer.serverTime, touched);
      this.#events.touched(touched);
      more = answer.more;
    }
  }

  #delta(socket: Socket, message: unknown): void {
    const parsed = delta.safeParse(message);
    if (!parsed.success) {
      this.#lost('a delta that can not be read');
      return;
    }
    const { from, to, changes, serverTime } = parsed.data;
    const cursor = getMeta(this.#db, 'cursor') ?? 0;
    if (to <= cursor && changes.length > 0) return;
    if (from !== cursor) {
      // A gap: something between was missed, so it is asked for.
      this.#pull(socket).catch((error: unknown) => this.#failed(error));
      return;
    }
    const touched: Touched = new Set();
    applyChanges(this.#db, changes, to, serverTime, touched);
    this.#events.touched(touched);
    this.#events.status();
  }

  /** Sends what waits, in order, one batch at a time. */
  async #push(): Promise<void> {
    const socket = this.#socket;
    if (this.#pushing || !socket || this.connection !== 'online') return;
    this.#pushing = true;
    try {
      for (let batch = this.#nextBatch(); batch.length > 0 && this.#socket === socket; batch = this.#nextBatch()) {
        markSending(
          this.#db,
          batch.map((row) => row.mutationId),
        );
        const mutations = batch.map(({ mutationId, key, name, args, authoredAt, baseSeq }) => ({
          id: mutationId,
          key,
          name,
          args,
          authoredAt,
          baseSeq,
        }));
        try {
          const answer = pushAnswer.parse(await this.#ask(socket, 'push', { mutations }));
          if (this.#stopped) return;
          const touched: Touched = new Set();
          takeAnswer(this.#db, answer.results, answer.seq, this.#clock.now(), touched);
          this.#events.touched(touched);
          this.#events.status();
          this.#batch = wireLimits.mutationsPerPush;
        } catch (error) {
          if (this.#stopped) return;
          resetSending(this.#db, error instanceof Error ? error.message : null);
          if (!(error instanceof Refused) || error.refusal.code !== 'BAD_MESSAGE') throw error;
          this.#narrow(batch, error.refusal);
        }
      }
    } catch (error) {
      if (this.#socket === socket) this.#failed(error);
    } finally {
      this.#pushing = false;
    }
  }

  #nextBatch(): OutboxRow[] {
    const waiting = nextToSend(this.#db, this.#batch);
    let length = 0;
    const fits = waiting.filter((row, index) => (length += JSON.stringify(row.args).length) <= pushLength || index === 0);
    return fits.slice(0, fits.length);
  }

  /** A push that the hub can't read: smaller ones, until the one at fault stands alone and is set aside. */
  #narrow(batch: OutboxRow[], refused: Refusal): void {
    const first = batch[0];
    if (batch.length > 1 || !first) {
      this.#batch = Math.max(1, Math.floor(batch.length / 2));
      return;
    }
    setAside(this.#db, first.mutationId, { code: 'INVALID', field: refused.field ?? 'args' }, this.#clock.now());
    this.#batch = wireLimits.mutationsPerPush;
    this.#events.touched(new Set(['outbox', 'attention']));
  }

  async #snapshot(): Promise<void> {
    const token = await this.#session.token();
    const answer = await this.#session.request('/api/v1/snapshot', { token, signal: AbortSignal.timeout(600_000) });
    if (answer.status === 401) {
      this.#session.forgetToken();
      throw new Unreachable('the token was refused');
    }
    if (answer.status === 403) throw new Refused({ code: 'CLIENT_REVOKED' });
    if (!answer.ok || !answer.body) throw new Unreachable(`snapshot answered ${answer.status}`);
    await takeSnapshot(this.#db, answer.body, (done, total, touched) => {
      this.#events.progress(done, total);
      this.#events.touched(touched);
    });
    this.#needsSnapshot = false;
    this.#events.log('info', 'snapshot complete');
  }

  /** One question, one answer, within the time that the protocol gives. */
  async #ask(socket: Socket, name: string, message: unknown): Promise<unknown> {
    const answer: unknown = await socket.timeout(wireLimits.ackMs).emitWithAck(name, message);
    if (typeof answer === 'object' && answer !== null && 'refuse' in answer) throw new Refused(refusal.parse(answer.refuse));
    if (typeof answer === 'object' && answer !== null && 'value' in answer) return answer.value;
    throw new Error(`${name}: an answer without a value`);
  }

  #refused(said: Refusal): void {
    switch (said.code) {
      case 'AUTH_EXPIRED':
        this.#session.forgetToken();
        return this.#lost('the token has expired');
      case 'CURSOR_INVALID':
        this.#needsSnapshot = true;
        return this.#lost('the log does not reach back', true);
      case 'CLIENT_REVOKED':
      case 'CLIENT_STATE_NOT_FOUND':
        this.stop();
        return this.#events.ended(said.code === 'CLIENT_REVOKED' ? 'CLIENT_REVOKED' : 'AUTH_EXPIRED');
      case 'VERSION_NOT_SUPPORTED':
        this.refusal = 'VERSION_NOT_SUPPORTED';
        this.#attempt = 10;
        return this.#lost('the hub speaks another version');
      default:
        return this.#lost(said.code);
    }
  }

  #failed(error: unknown): void {
    if (this.#stopped) return;
    if (error instanceof Refused) return this.#refused(error.refusal);
    if (error instanceof AuthExpired) {
      this.stop();
      return this.#events.ended('AUTH_EXPIRED');
    }
    if (!(error instanceof Unreachable) && !(error instanceof SnapshotBroken)) {
      this.#events.log('warn', `sync: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#lost(error instanceof Error ? error.message : 'failed');
  }

  /** Not connected any more (or never was): say so, and try again with growing pauses. */
  #lost(reason: string, atOnce = false): void {
    this.#drop();
    // Stopped while something was under way: the file is closed, and the next start puts right what was being sent.
    if (this.#stopped) return;
    resetSending(this.#db, reason);
    this.connection = 'offline';
    this.liveSince = null;
    this.#clock.confirmed = false;
    this.#attempt += 1;
    const pause = atOnce ? 0 : Math.min(retryMs.most, retryMs.first * 2 ** Math.min(this.#attempt - 1, 8)) * (0.5 + Math.random() / 2);
    this.retryAt = Date.now() + pause;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#connect();
    }, pause);
    this.#events.status();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.removeAllListeners();
    socket?.disconnect();
  }
}
