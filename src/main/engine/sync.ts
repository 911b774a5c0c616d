/**
 * Keeps the cache and the hub in step: connect, snapshot where needed, pull, then deltas; and push what waits.
 * Everything that comes from the hub is parsed before it is believed.
 */
import type { z } from 'zod';
import {
  type Change,
  delta,
  type Policy,
  pullAnswer,
  type Refusal,
  refusal,
  timeAnswer,
  viewers,
  welcome,
  wireLimits,
} from '../../shared/protocol.ts';
import type { HubClock } from './clock.ts';
import type { Db } from './database.ts';
import { AccountClosed, AuthExpired, type HubLink, type Line, Refused, Unreachable } from './link.ts';
import type { Machine } from './machine.ts';
import { Outgoing } from './outgoing.ts';
import { applyChanges, SnapshotMismatch, type Touched } from './replica.ts';
import { holdScopes } from './scopes.ts';
import { SnapshotBroken, snapshotQueryHere, takeSnapshot } from './snapshot.ts';
import { applyInSteps } from './steps.ts';
import { getMeta, setMeta } from './tables/meta.ts';
import { forgetAnswers, resetSending } from './tables/outbox.ts';

export interface SyncEvents {
  /** rows changed */
  touched(touched: Touched): void;
  /** connection, freshness, clock or the progress of a snapshot changed */
  status(): void;
  viewers(message: z.infer<typeof viewers>): void;
  /** the hub has spoken: what the centre has decided about workstations, and whether scopes were lost */
  welcomed(policy: Policy, lost: boolean): void;
  ended(reason: 'AUTH_EXPIRED' | 'CLIENT_REVOKED'): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
}

/** Something that travels beside the log on the same line: drafts, files. */
export interface Lane {
  /** the line is there and the cache complete */
  online(line: Line): void;
  offline(): void;
  /** a message of the hub's that is not the log's; true: it was this lane's */
  heard(name: string, message: unknown): boolean;
}

const retryMs = { first: 500, most: 8000 };
/** The clock is taken again from time to time, sooner while the best round trip (ms) leaves it in doubt. */
const clockMs = { every: 60_000, doubtful: 5000, roundTrip: 300 };
/** ms in which a hub that can be reached says something */
const welcomeMs = 20_000;
/** changes of a delta that are taken as they come */
const mostAtOnce = 200;

export class Sync {
  readonly #db: Db;
  readonly #link: HubLink;
  readonly #clock: HubClock;
  readonly #machine: Machine;
  readonly #events: SyncEvents;
  readonly #lanes: readonly Lane[];
  #line: Line | null = null;
  /** counts connections, so that what belongs to an old one is known as such */
  #generation = 0;
  #welcome = false;
  readonly #outgoing: Outgoing;
  #stopped = false;
  #attempt = 0;
  #cancelRetry: (() => void) | null = null;
  #cancelClock: (() => void) | null = null;
  #cancelWelcome: (() => void) | null = null;
  #working = false;
  /** an attempt came due while one was under way */
  #again = false;
  #pulling: { line: Line; done: Promise<void> } | null = null;
  #pullAgain = false;
  #loading: AbortController | null = null;
  connection: 'online' | 'connecting' | 'offline' = 'connecting';
  refusal: 'VERSION_NOT_SUPPORTED' | null = null;
  /** next attempt, on this machine's clock */
  retryAt: number | null = null;
  /** since when, on the monotonic clock, the console has been connected and complete without a break; null while it is not */
  liveSince: number | null = null;

  constructor(db: Db, link: HubLink, clock: HubClock, machine: Machine, events: SyncEvents, lanes: readonly Lane[] = []) {
    this.#db = db;
    this.#link = link;
    this.#clock = clock;
    this.#machine = machine;
    this.#events = events;
    this.#lanes = lanes;
    this.#outgoing = new Outgoing(
      db,
      clock,
      events,
      () => (this.#welcome && !this.#stopped ? this.#line : null),
      (error) => this.#failed(error),
    );
    resetSending(db, null);
    forgetAnswers(db);
  }

  start(): void {
    void this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry?.();
    this.#drop();
  }

  /** Now, not when the next attempt is due. */
  reconnect(): void {
    if (this.#stopped || this.#line) return;
    this.#attempt = 0;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    void this.#connect();
  }

  /** The machine woke up: the line is not what it was. */
  wake(): void {
    if (this.#line) this.#lost('wake');
    this.reconnect();
  }

  /** There is something in the outbox. */
  poke(): void {
    void this.#outgoing.send();
  }

  viewing(ticketId: string | null, typing: boolean): void {
    if (this.connection === 'online') this.#line?.tell('viewing', { ticketId, typing });
  }

  async measureClock(samples: number): Promise<void> {
    for (let taken = 0; taken < samples; taken += 1) {
      const line = this.#line;
      if (!line) return;
      const t0 = this.#machine.monotonic();
      const answer = timeAnswer.parse(await line.ask('time', { t0 }));
      this.#clock.sample(t0, answer.t1, answer.t2, this.#machine.monotonic());
    }
    if (this.#stopped) return;
    setMeta(this.#db, 'clockOffset', this.#clock.offset());
    this.#events.status();
  }

  #keepTime(line: Line): void {
    const due = this.#clock.roundTrip > clockMs.roundTrip ? clockMs.doubtful : clockMs.every;
    this.#cancelClock = this.#machine.after(due, () => {
      this.#cancelClock = null;
      if (this.#line !== line) return;
      this.measureClock(1).then(
        () => this.#line === line && this.#keepTime(line),
        (error: unknown) => this.#line === line && this.#failed(error),
      );
    });
  }

  async #connect(): Promise<void> {
    if (this.#stopped || this.#line) return;
    if (this.#working) {
      this.#again = true;
      return;
    }
    this.#working = true;
    this.#again = false;
    this.retryAt = null;
    const generation = (this.#generation += 1);
    try {
      const cursor = getMeta(this.#db, 'snapshot') ? null : (getMeta(this.#db, 'cursor') ?? null);
      const line = await this.#link.open(cursor, {
        heard: (name, message) => {
          if (this.#generation === generation && !this.#stopped) this.#heard(name, message);
        },
        lost: (reason) => {
          if (this.#generation === generation) this.#lost(reason);
        },
      });
      // Stopped, or broken again, before it was there.
      if (this.#stopped || this.#generation !== generation) line.close();
      else {
        this.#line = line;
        this.#cancelWelcome = this.#machine.after(welcomeMs, () => this.#line === line && !this.#welcome && this.#lost('no welcome'));
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#working = false;
      if (this.#again) void this.#connect();
    }
  }

  #heard(name: string, message: unknown): void {
    switch (name) {
      case 'welcome':
        void this.#welcomed(message);
        return;
      case 'refuse': {
        const said = refusal.safeParse(message);
        return said.success ? this.#refused(said.data) : this.#lost('a refusal that can not be read');
      }
      case 'delta':
        return this.#delta(message);
      case 'viewers': {
        const said = viewers.safeParse(message);
        if (said.success) this.#events.viewers(said.data);
        return;
      }
      default:
        this.#lanes.some((lane) => lane.heard(name, message));
    }
  }

  async #welcomed(message: unknown): Promise<void> {
    // The welcome may come before the promise of the line has been taken up.
    await Promise.resolve();
    const line = this.#line;
    if (!line) return;
    try {
      const said = welcome.parse(message);
      const touched: Touched = new Set();
      const { snapshot, lost } = holdScopes(this.#db, said, this.#clock.now(), touched);
      this.#events.touched(touched);
      this.#events.welcomed(said.policy, lost);
      this.refusal = null;
      this.#welcome = true;
      await this.measureClock(3);
      // What waits goes out at once; it does not have to wait for a long load.
      void this.#outgoing.send();
      if (snapshot) await this.#snapshot(line);
      if (this.#line !== line) return;
      await this.#pull(line);
      if (this.#line !== line) return;
      this.#attempt = 0;
      this.connection = 'online';
      this.#events.log('info', 'online');
      this.liveSince = this.#machine.monotonic();
      this.#events.status();
      for (const lane of this.#lanes) lane.online(line);
      this.#keepTime(line);
      void this.#outgoing.send();
    } catch (error) {
      if (this.#line === line) this.#failed(error);
    }
  }

  async #snapshot(line: Line): Promise<void> {
    const loading = new AbortController();
    this.#loading = loading;
    try {
      const lines = await this.#link.snapshot(snapshotQueryHere(this.#db), loading.signal);
      await takeSnapshot(this.#db, this.#while(line, lines), (touched) => {
        this.#events.touched(touched);
        this.#events.status();
      });
      this.#events.log('info', 'snapshot complete');
    } finally {
      this.#loading = null;
    }
  }

  /** Lines for as long as the connection they belong to stands: nothing is written for one that is gone. */
  async *#while(line: Line, lines: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const text of lines) {
      if (this.#line !== line) throw new Unreachable('the connection has gone');
      yield text;
    }
  }

  /** Asks for what is missing, once at a time; whoever asks meanwhile on the same line is served by one more question. */
  #pull(line: Line): Promise<void> {
    this.#pullAgain = true;
    const before = this.#pulling;
    if (before?.line === line) return before.done;
    // What an earlier line brought may still be on its way into the cache.
    const done = (before ? before.done.catch(() => undefined) : Promise.resolve())
      .then(() => this.#pullAll(line))
      .finally(() => {
        if (this.#pulling?.line === line) this.#pulling = null;
      });
    this.#pulling = { line, done };
    return done;
  }

  async #pullAll(line: Line): Promise<void> {
    while (this.#line === line) {
      this.#pullAgain = false;
      const cursor = getMeta(this.#db, 'cursor') ?? 0;
      const answer = pullAnswer.parse(await line.ask('pull', { cursor, limit: wireLimits.changesPerPull }));
      if (this.#line !== line) return;
      // A late answer to an earlier question: what it brings is here already.
      if (answer.cursor >= (getMeta(this.#db, 'cursor') ?? 0)) {
        await this.#apply(line, answer.changes, answer.cursor, answer.serverTime);
      }
      if (!answer.more && !this.#pullAgain) return;
    }
  }

  /** In short transactions: windows ask in between. */
  async #apply(line: Line, changes: Change[], cursor: number, asOf: number): Promise<void> {
    const touched: Touched = new Set();
    const going = (): boolean => {
      if (this.#line !== line || this.#stopped) return false;
      this.#events.touched(touched);
      touched.clear();
      return true;
    };
    await applyInSteps(this.#db, { changes, cursor, asOf }, touched, { going, now: () => this.#machine.monotonic() });
    if (!this.#stopped) this.#events.touched(touched);
  }

  #delta(message: unknown): void {
    const line = this.#line;
    if (!line || getMeta(this.#db, 'snapshot')) return;
    const parsed = delta.safeParse(message);
    if (!parsed.success) return this.#lost('a delta that can not be read');
    const { from, to, changes, serverTime } = parsed.data;
    const cursor = getMeta(this.#db, 'cursor') ?? 0;
    if (to < cursor || (to === cursor && changes.length > 0)) return;
    if (from !== cursor || this.#pulling || changes.length > mostAtOnce) {
      // A gap: something between was missed, so it is asked for. So is what comes while earlier changes are being taken, or is too
      // much to be taken in one go.
      this.#pull(line).catch((error: unknown) => {
        if (this.#line === line) this.#failed(error);
      });
      return;
    }
    const touched: Touched = new Set();
    applyChanges(this.#db, changes, to, serverTime, touched);
    this.#events.touched(touched);
    this.#events.status();
  }

  #refused(said: Refusal): void {
    switch (said.code) {
      case 'AUTH_EXPIRED':
        this.#link.forgetToken();
        return this.#lost('the token has expired');
      case 'CURSOR_INVALID':
        setMeta(this.#db, 'snapshot', { at: null });
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
      return this.#events.ended(error instanceof AccountClosed ? 'CLIENT_REVOKED' : 'AUTH_EXPIRED');
    }
    const known = error instanceof Unreachable || error instanceof SnapshotBroken || error instanceof SnapshotMismatch;
    if (!known) this.#events.log('warn', `sync: ${error instanceof Error ? error.message : String(error)}`);
    this.#lost(error instanceof Error ? error.message : 'failed');
  }

  /** Not connected any more (or never was): say so, and try again with growing pauses. */
  #lost(reason: string, atOnce = false): void {
    this.#drop();
    // Stopped while something was under way: the file is closed, and the next start puts right what was being sent.
    if (this.#stopped) return;
    resetSending(this.#db, reason);
    this.#events.log('info', `offline: ${reason}`);
    this.connection = 'offline';
    this.liveSince = null;
    this.#clock.confirmed = false;
    this.#attempt += 1;
    const growing = retryMs.first * 2 ** Math.min(this.#attempt - 1, 8);
    const pause = atOnce ? 0 : Math.min(retryMs.most, growing) * (0.5 + this.#machine.random() / 2);
    this.retryAt = this.#machine.wall() + pause;
    this.#cancelRetry?.();
    this.#cancelRetry = this.#machine.after(pause, () => {
      this.#cancelRetry = null;
      void this.#connect();
    });
    this.#events.status();
  }

  #drop(): void {
    const line = this.#line;
    this.#generation += 1;
    this.#line = null;
    this.#welcome = false;
    this.#cancelClock?.();
    this.#cancelClock = null;
    this.#cancelWelcome?.();
    this.#cancelWelcome = null;
    this.#loading?.abort();
    line?.close();
    if (line) for (const lane of this.#lanes) lane.offline();
  }
}
