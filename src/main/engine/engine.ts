/** The engine's composition root: the signed-in account, its file, its sync, and the windows it serves. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandArgs, type CommandName, type DemoAccount, type SessionState, type Status } from '../../shared/bridge.ts';
import type { FromEngine } from '../../shared/host.ts';
import { findMutation, type MutationName } from '../../shared/mutations/registry.ts';
import { HubClock } from './clock.ts';
import { type Db, DatabaseTooNew, openDatabase } from './database.ts';
import type { EnginePort } from './host-link.ts';
import type { Source } from './queries.ts';
import { execute, type Touched } from './replica.ts';
import { type Account, type Secrets, Session } from './session.ts';
import { BridgeFailure, Subscriptions } from './subscriptions.ts';
import { Sync } from './sync.ts';
import { discardDraft, saveDraft } from './tables/drafts.ts';
import { nextWake } from './tables/inbox.ts';
import { getMeta, setMeta } from './tables/meta.ts';
import { countAttention, countUnsent, dismiss } from './tables/outbox.ts';

export interface EngineOptions {
  profileDir: string;
  hubUrl: string;
  /** a demo account to sign in as when nobody is */
  demoUser: string | null;
  secrets: Secrets;
  log: (level: Extract<FromEngine, { type: 'log' }>['level'], text: string) => void;
}

/** What there is while somebody is signed in. */
interface Open {
  account: Account;
  db: Db;
  clock: HubClock;
  sync: Sync;
  progress: { done: number; total: number } | null;
  viewers: Map<string, { userId: string; name: string; typing: boolean }[]>;
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #session: Session;
  readonly #windows: Subscriptions;
  #open: Open | null = null;
  #starting = true;
  #ended: 'AUTH_EXPIRED' | 'CLIENT_REVOKED' | null = null;
  #demoAccounts: DemoAccount[] = [];
  #hubReachable: boolean | null = null;
  #tick: NodeJS.Timeout | null = null;
  #lookingForHub: NodeJS.Timeout | null = null;
  #nextWake: number | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#session = new Session(options.profileDir, options.hubUrl, options.secrets);
    this.#windows = new Subscriptions(
      () => this.#source(),
      (name, args) => this.execute(name, args),
      (error) => options.log('error', error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
  }

  async start(): Promise<void> {
    mkdirSync(this.#options.profileDir, { recursive: true, mode: 0o700 });
    const account = this.#session.account();
    const key = account ? await this.#session.databaseKey() : null;
    if (account && key && existsSync(join(this.#options.profileDir, account.file))) this.#openAccount(account, key);
    else await this.#offerSignIn(true);
    this.#starting = false;
    this.#windows.touch(['session', 'status']);
    this.#tick = setInterval(() => this.#second(), 1000);
  }

  stop(): void {
    if (this.#tick) clearInterval(this.#tick);
    if (this.#lookingForHub) clearTimeout(this.#lookingForHub);
    this.#close();
  }

  serve(port: EnginePort): void {
    this.#windows.serve(port);
  }

  wake(): void {
    this.#open?.sync.wake();
  }

  async execute(name: string, args: unknown): Promise<unknown> {
    if (!Object.hasOwn(commandArgs, name)) throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'name' });
    const command = name as CommandName;
    const parse = <N extends CommandName>(known: N) => {
      const parsed = commandArgs[known].safeParse(args ?? null);
      if (!parsed.success) throw new BridgeFailure({ code: 'BAD_REQUEST', field: `args.${parsed.error.issues[0]?.path.join('.') ?? ''}` });
      return parsed.data as never as (typeof commandArgs)[N]['_output'];
    };
    switch (command) {
      case 'session.signIn': {
        const { email, password } = parse('session.signIn');
        await this.#signIn(email, password);
        return null;
      }
      case 'session.signOut':
        await this.#signOut(parse('session.signOut').discard);
        return null;
      case 'sync.now':
        this.#open?.sync.reconnect();
        return null;
    }
    const open = this.#open;
    if (!open) throw new BridgeFailure({ code: 'NOT_SIGNED_IN' });
    switch (command) {
      case 'mutate': {
        const { name: mutation, args: given } = parse('mutate');
        if (!findMutation(mutation) || mutation === 'message.reply') throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'args.name' });
        return this.#mutate(open, mutation as MutationName, given);
      }
      case 'reply.send': {
        const { startedAt, ...reply } = parse('reply.send');
        // Live: connected and complete from before the text was begun until now.
        const { liveSince } = open.sync;
        const begun = performance.now() - Math.max(0, Date.now() - startedAt);
        const done = this.#mutate(open, 'message.reply', { ...reply, live: liveSince !== null && liveSince <= begun });
        discardDraft(open.db, reply.ticketId);
        this.#windows.touch(['draft']);
        return done;
      }
      case 'draft.save': {
        const draft = parse('draft.save');
        if (draft.body.trim() === '') discardDraft(open.db, draft.ticketId);
        else saveDraft(open.db, { ...draft, updatedAt: Date.now() });
        this.#windows.touch(['draft']);
        return null;
      }
      case 'draft.discard':
        discardDraft(open.db, parse('draft.discard').ticketId);
        this.#windows.touch(['draft']);
        return null;
      case 'attention.dismiss':
        dismiss(open.db, parse('attention.dismiss').mutationId);
        this.#windows.touch(['attention', 'status']);
        return null;
      case 'viewing': {
        const { ticketId, typing } = parse('viewing');
        open.sync.viewing(ticketId, typing);
        return null;
      }
    }
  }

  #mutate(open: Open, name: MutationName, args: unknown): { mutationId: number } {
    const touched: Touched = new Set();
    const done = execute(open.db, name, args, open.clock.now(), touched);
    if ('rejection' in done) throw new BridgeFailure({ code: 'REJECTED', rejection: done.rejection });
    this.#touch(touched);
    open.sync.poke();
    return done;
  }

  async #signIn(email: string, password: string): Promise<void> {
    if (this.#open) throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'name' });
    const result = await this.#session.signIn(email, password, !(await this.#hasUnsentWork()));
    if ('error' in result) throw new BridgeFailure({ code: result.error });
    this.#ended = null;
    this.#openAccount(result.account, result.key);
  }

  /** Whether the file of the account that was last signed in here holds work that the hub has not taken. */
  async #hasUnsentWork(): Promise<boolean> {
    const known = this.#session.account();
    const key = known ? await this.#session.databaseKey() : null;
    const file = known && join(this.#options.profileDir, known.file);
    if (!key || !file || !existsSync(file)) return false;
    const db = openDatabase(file, key);
    try {
      return countUnsent(db) > 0;
    } finally {
      db.close();
    }
  }

  async #signOut(discard: boolean): Promise<void> {
    const open = this.#open;
    if (!open) return;
    if (!discard && countUnsent(open.db) > 0) throw new BridgeFailure({ code: 'UNSENT_WORK' });
    this.#close();
    await this.#session.signOut(open.account);
    await this.#offerSignIn(false);
  }

  #openAccount(account: Account, key: string): void {
    let db: Db;
    try {
      db = openDatabase(join(this.#options.profileDir, account.file), key);
    } catch (error) {
      this.#options.log('error', `the cache can not be opened: ${error instanceof Error ? error.message : String(error)}`);
      if (error instanceof DatabaseTooNew) throw error;
      throw new BridgeFailure({ code: 'STORAGE' });
    }
    setMeta(db, 'userId', account.user.id);
    setMeta(db, 'workspaceId', account.workspace.id);
    const clock = new HubClock(getMeta(db, 'clockOffset') ?? 0);
    const viewers: Open['viewers'] = new Map();
    const sync = new Sync(db, account, this.#session, clock, {
      touched: (touched) => this.#touch(touched),
      status: () => this.#windows.touch(['status']),
      progress: (done, total) => {
        if (this.#open) this.#open.progress = { done, total };
        this.#windows.touch(['session']);
      },
      viewers: (message) => {
        viewers.set(message.ticketId, message.viewers);
        this.#windows.touch(['viewers']);
      },
      ended: (reason) => void this.#sessionEnded(reason),
      log: (level, text) => this.#options.log(level, text),
    });
    this.#open = { account, db, clock, sync, progress: null, viewers };
    this.#nextWake = nextWake(db, clock.now());
    sync.start();
    this.#windows.touch(['session', 'status', 'viewers', 'draft']);
  }

  /** The hub has ended the session. A revoked workstation keeps nothing; an expired session keeps all, for the same agent to sign in again. */
  async #sessionEnded(reason: 'AUTH_EXPIRED' | 'CLIENT_REVOKED'): Promise<void> {
    const open = this.#open;
    if (!open) return;
    this.#ended = reason;
    this.#close();
    if (reason === 'CLIENT_REVOKED') await this.#session.signOut(open.account);
    await this.#offerSignIn(false);
  }

  #close(): void {
    const open = this.#open;
    this.#open = null;
    open?.sync.stop();
    open?.db.close();
    this.#windows.touch(['session', 'status', 'viewers', 'draft']);
  }

  /** Looks for the hub and its demo accounts; at first start signs in as the demo agent who was asked for. */
  async #offerSignIn(first: boolean): Promise<void> {
    if (this.#lookingForHub) clearTimeout(this.#lookingForHub);
    const found = await this.#session.demoAccounts();
    if (this.#open) return;
    this.#hubReachable = found !== null;
    this.#demoAccounts = found ?? [];
    this.#windows.touch(['session']);
    const wanted = first ? this.#demoAccounts.find((account) => account.email === this.#options.demoUser) : undefined;
    if (wanted) {
      await this.#signIn(wanted.email, wanted.password).catch((error: unknown) =>
        this.#options.log('warn', `demo sign-in: ${String(error)}`),
      );
    } else if (found === null) {
      this.#lookingForHub = setTimeout(() => void this.#offerSignIn(first), 2000);
    }
  }

  #touch(touched: Touched): void {
    if (touched.has('ticket') && this.#open) this.#nextWake = nextWake(this.#open.db, this.#open.clock.now());
    this.#windows.touch(touched);
  }

  #second(): void {
    const open = this.#open;
    if (!open) return;
    if (open.clock.watch()) {
      this.#windows.touch(['status']);
      open.sync.measureClock(8).catch(() => open.sync.wake());
    }
    if (this.#nextWake !== null && this.#nextWake <= open.clock.now()) {
      this.#nextWake = nextWake(open.db, open.clock.now());
      this.#windows.touch(['time']);
    }
  }

  #source(): Source {
    const open = this.#open;
    return {
      db: open?.db ?? null,
      me: open?.account.user.id ?? '',
      now: open?.clock.now() ?? Date.now(),
      session: () => this.#state(),
      status: () => this.#status(),
      viewers: (ticketId) => (open?.sync.connection === 'online' ? (open.viewers.get(ticketId) ?? []) : []),
    };
  }

  #state(): SessionState {
    const open = this.#open;
    if (this.#starting && !open) return { phase: 'starting' };
    if (!open) {
      return {
        phase: 'signedOut',
        hubUrl: this.#options.hubUrl,
        hubReachable: this.#hubReachable,
        demoAccounts: this.#demoAccounts,
        reason: this.#ended,
      };
    }
    if (getMeta(open.db, 'cursor') === undefined) {
      return { phase: 'loading', user: open.account.user, done: open.progress?.done ?? 0, total: open.progress?.total ?? null };
    }
    return { phase: 'ready', user: open.account.user, workspace: open.account.workspace };
  }

  #status(): Status {
    const open = this.#open;
    if (!open) {
      return {
        connection: 'offline',
        dataAsOf: null,
        clockOffset: 0,
        clockConfirmed: false,
        queued: 0,
        attention: 0,
        refusal: null,
        retryAt: null,
      };
    }
    return {
      connection: open.sync.connection,
      dataAsOf: getMeta(open.db, 'dataAsOf') ?? null,
      clockOffset: Math.round(open.clock.offset()),
      clockConfirmed: open.clock.confirmed,
      queued: countUnsent(open.db),
      attention: countAttention(open.db),
      refusal: open.sync.refusal,
      retryAt: open.sync.retryAt,
    };
  }
}
