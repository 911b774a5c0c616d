/** The engine's composition root: who is at the desk, and the windows that are served. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandArgs, type CommandName, type DemoAccount, type SessionState, type Status } from '../../shared/bridge.ts';
import type { AdminCommand } from '../../shared/bridge-admin.ts';
import type { FromEngine } from '../../shared/host.ts';
import { findMutation, type MutationName } from '../../shared/mutations/registry.ts';
import { HubClock } from './clock.ts';
import { DatabaseTooNew, openDatabase } from './database.ts';
import { Desk } from './desk.ts';
import { Guard } from './guard.ts';
import type { EnginePort } from './host-link.ts';
import { HubAdmin, isAdminCommand } from './hub-admin.ts';
import { dial, mailHtml, mailImage, mailTextAs } from './hub-ask.ts';
import { searchHub } from './hub-search.ts';
import { type Machine, thisMachine } from './machine.ts';
import type { Source } from './queries.ts';
import { type Account, type Secrets, Session } from './session.ts';
import { BridgeFailure, Subscriptions } from './subscriptions.ts';
import { getMeta } from './tables/meta.ts';
import { countUploads } from './tables/files.ts';
import { countUnsent, dismiss } from './tables/outbox.ts';

export interface EngineOptions {
  profileDir: string;
  hubUrl: string;
  /** a demo account to sign in as when nobody is */
  demoUser: string | null;
  secrets: Secrets;
  /** clocks and timers; absent: this machine's */
  machine?: Machine;
  /** bytes of files that are kept for reading again; absent: 500 MB */
  fileCacheBytes?: number;
  log: (level: Extract<FromEngine, { type: 'log' }>['level'], text: string) => void;
}

/** Commands for whoever is at the desk. */
type DeskCommand = Exclude<CommandName, `session.${string}` | 'sync.now' | AdminCommand>;

const nothing: Status = {
  connection: 'offline',
  dataAsOf: null,
  clockOffset: 0,
  clockConfirmed: false,
  queued: 0,
  files: 0,
  attention: 0,
  refusal: null,
  retryAt: null,
  loading: null,
  aside: 0,
};

export class Engine {
  readonly #options: EngineOptions;
  readonly #machine: Machine;
  readonly #session: Session;
  readonly #windows: Subscriptions;
  #desk: Desk | null = null;
  #starting = true;
  #ended: 'AUTH_EXPIRED' | 'CLIENT_REVOKED' | null = null;
  #demoAccounts: DemoAccount[] = [];
  #hubReachable: boolean | null = null;
  #tick: NodeJS.Timeout | null = null;
  #lookingForHub: NodeJS.Timeout | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#machine = options.machine ?? thisMachine;
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
    const key = account ? await this.#session.databaseKey(account) : null;
    if (account && key && existsSync(this.#fileOf(account))) this.#sit(account, key);
    else await this.#offerSignIn(true);
    this.#starting = false;
    this.#windows.touch(['session', 'status']);
    this.#tick = setInterval(() => this.#desk?.second(), 1000);
  }

  stop(): void {
    if (this.#tick) clearInterval(this.#tick);
    if (this.#lookingForHub) clearTimeout(this.#lookingForHub);
    this.#rise();
  }

  serve(port: EnginePort): void {
    this.#windows.serve(port);
  }

  wake(): void {
    this.#desk?.sync.wake();
  }

  /** Nobody has touched the machine for so many ms. */
  idle(ms: number): void {
    if (this.#desk?.idle(ms)) this.#windows.touch(['session']);
  }

  async execute(name: string, args: unknown): Promise<unknown> {
    if (!Object.hasOwn(commandArgs, name)) throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'name' });
    const command = name as CommandName;
    switch (command) {
      case 'session.signIn': {
        const { email, password } = parse(command, args);
        await this.#signIn(email, password);
        return null;
      }
      case 'session.signOut':
        await this.#signOut(parse(command, args).discard);
        return null;
      case 'session.switch':
        this.#leave();
        await this.#offerSignIn(false);
        return null;
      case 'session.lock':
        this.#desk?.guard.lock();
        this.#windows.touch(['session']);
        return null;
      case 'session.unlock':
        await this.#unlock(parse(command, args).password);
        return null;
      case 'sync.now':
        this.#desk?.sync.reconnect();
        return null;
      default:
        if (!this.#desk) throw new BridgeFailure({ code: 'NOT_SIGNED_IN' });
        // What was being typed when the screen was locked is kept; nothing else is done behind a lock.
        if (command !== 'draft.save' && this.#desk.closed) throw new BridgeFailure({ code: 'LOCKED' });
        if (isAdminCommand(command)) return new HubAdmin(this.#session).run(command, parse(command, args));
        return this.#work(this.#desk, command, args);
    }
  }

  async #work(desk: Desk, command: DeskCommand, args: unknown): Promise<unknown> {
    switch (command) {
      case 'mutate': {
        const { name, args: given } = parse(command, args);
        if (!findMutation(name) || name === 'message.reply') throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'args.name' });
        // Files become a message's by the commands that know of them.
        if (typeof given === 'object' && given !== null && 'attachments' in given)
          throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'args.args.attachments' });
        return desk.mutate(name as MutationName, given);
      }
      case 'reply.send':
        return desk.sendReply(parse(command, args));
      case 'note.add':
        return desk.addNote(parse(command, args));
      case 'file.add':
        return desk.files.add(parse(command, args));
      case 'file.remove':
        await desk.files.remove(parse(command, args).id);
        return null;
      case 'file.open':
        return desk.files.open(parse(command, args).id);
      case 'file.read': {
        const { id, offset } = parse(command, args);
        return desk.files.read(id, offset);
      }
      case 'file.retry':
        desk.retryFile(parse(command, args).id);
        return null;
      case 'draft.save':
        desk.saveDraft(parse(command, args));
        return null;
      case 'draft.discard': {
        const { ticketId, keep } = parse(command, args);
        desk.discardDraft(ticketId, keep);
        return null;
      }
      case 'draft.restore':
        desk.restoreDraft(parse(command, args).id);
        return null;
      case 'history.load':
        await desk.loadHistory(parse(command, args).ticketId);
        return null;
      case 'search.hub':
        return searchHub(desk.db, this.#session, parse(command, args));
      case 'attention.dismiss':
        dismiss(desk.db, parse(command, args).mutationId);
        this.#windows.touch(['attention', 'status']);
        return null;
      case 'call.dial':
        return dial(this.#session, parse(command, args));
      case 'mail.html':
        return mailHtml(this.#session, parse(command, args));
      case 'mail.text':
        return mailTextAs(this.#session, parse(command, args));
      case 'mail.image':
        return mailImage(this.#session, parse(command, args));
      case 'call.dismiss':
        desk.calls.dismiss(parse(command, args).callId);
        return null;
      case 'viewing': {
        const { ticketId, typing } = parse(command, args);
        desk.sync.viewing(ticketId, typing);
        return null;
      }
    }
  }

  #fileOf(account: Account): string {
    return join(this.#options.profileDir, account.file);
  }

  async #signIn(email: string, password: string): Promise<void> {
    if (this.#desk) throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'name' });
    const result = await this.#session.signIn(email, password);
    if ('account' in result) {
      const desk = this.#sit(result.account, result.key);
      await desk.guard.remember(password);
    } else if (result.error !== 'HUB_UNREACHABLE' || !(await this.#signInHere(email, password))) {
      throw new BridgeFailure({ code: result.error });
    }
    this.#windows.touch(['session']);
  }

  /** Without the hub: whoever has a file on this workstation is known by their password. False when nobody can tell. */
  async #signInHere(email: string, password: string): Promise<boolean> {
    const known = this.#session.accounts().find(({ user }) => user.email.toLowerCase() === email.trim().toLowerCase());
    const key = known ? await this.#session.databaseKey(known) : null;
    if (!known || !key || !existsSync(this.#fileOf(known))) return false;
    const db = openDatabase(this.#fileOf(known), key);
    try {
      const guard = new Guard(db, new HubClock(getMeta(db, 'clockOffset') ?? 0, this.#machine));
      if (guard.triesLeft === 0) return false;
      if (!(await guard.tryHere(password))) throw new BridgeFailure({ code: 'WRONG_CREDENTIALS' });
    } finally {
      db.close();
    }
    this.#session.enter(known);
    this.#sit(known, key);
    return true;
  }

  /** Lets the agent back in: by the password as it is known here, after too many wrong ones only by the hub. */
  async #unlock(password: string): Promise<void> {
    const desk = this.#desk;
    if (!desk) throw new BridgeFailure({ code: 'NOT_SIGNED_IN' });
    if (!desk.guard.locked) return;
    if (desk.guard.triesLeft > 0) {
      const right = await desk.guard.tryHere(password);
      this.#windows.touch(['session']);
      if (!right) throw new BridgeFailure({ code: 'WRONG_CREDENTIALS' });
      return;
    }
    const result = await this.#session.signIn(desk.account.user.email, password);
    if ('error' in result) throw new BridgeFailure({ code: result.error });
    await desk.guard.remember(password);
    this.#windows.touch(['session']);
  }

  async #signOut(discard: boolean): Promise<void> {
    const desk = this.#desk;
    if (!desk) return;
    if (!discard && countUnsent(desk.db) + countUploads(desk.db) > 0) throw new BridgeFailure({ code: 'UNSENT_WORK' });
    this.#rise();
    await this.#session.signOut(desk.account);
    await this.#offerSignIn(false);
  }

  /** Opens the account's file and starts to work with it. */
  #sit(account: Account, key: string): Desk {
    try {
      const { profileDir, fileCacheBytes } = this.#options;
      const desk = new Desk(account, { profileDir, key, fileCacheBytes }, this.#session, this.#machine, {
        touch: (topics) => this.#windows.touch(topics),
        ended: (reason) => void this.#sessionEnded(reason),
        log: (level, text) => this.#options.log(level, text),
      });
      this.#desk = desk;
      this.#ended = null;
      desk.start();
      this.#windows.touch(['session', 'status', 'viewers', 'draft']);
      return desk;
    } catch (error) {
      this.#options.log('error', `the cache can not be opened: ${error instanceof Error ? error.message : String(error)}`);
      if (error instanceof DatabaseTooNew) throw error;
      throw new BridgeFailure({ code: 'STORAGE' });
    }
  }

  #rise(): void {
    const desk = this.#desk;
    this.#desk = null;
    desk?.close();
    this.#windows.touch(['session', 'status', 'viewers', 'draft']);
  }

  /** Somebody else sits down: the file is closed and stays, with what waits in it. */
  #leave(): void {
    const desk = this.#desk;
    if (!desk) return;
    const unsent = countUnsent(desk.db) + countUploads(desk.db);
    this.#rise();
    this.#session.leave(desk.account, unsent);
  }

  /** The hub has ended the session. A revoked workstation keeps nothing; an expired session keeps all, for the same agent to sign in again. */
  async #sessionEnded(reason: 'AUTH_EXPIRED' | 'CLIENT_REVOKED'): Promise<void> {
    const desk = this.#desk;
    if (!desk) return;
    this.#ended = reason;
    if (reason === 'CLIENT_REVOKED') {
      this.#rise();
      await this.#session.signOut(desk.account);
    } else this.#leave();
    await this.#offerSignIn(false);
  }

  /** Looks for the hub and its demo accounts; at first start signs in as the demo agent who was asked for. */
  async #offerSignIn(first: boolean): Promise<void> {
    if (this.#lookingForHub) clearTimeout(this.#lookingForHub);
    const found = await this.#session.demoAccounts();
    if (this.#desk) return;
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

  #source(): Source {
    const desk = this.#desk;
    return {
      db: desk && !desk.closed ? desk.db : null,
      now: desk?.clock.now() ?? this.#machine.wall(),
      session: () => this.#state(),
      status: () => desk?.status() ?? nothing,
      viewers: (ticketId) => desk?.viewersOf(ticketId) ?? [],
      calls: () => desk?.calls.live ?? [],
      fetching: () => desk?.files.fetching ?? new Map(),
    };
  }

  #state(): SessionState {
    const desk = this.#desk;
    if (!desk) {
      if (this.#starting) return { phase: 'starting' };
      return {
        phase: 'signedOut',
        hubUrl: this.#options.hubUrl,
        hubReachable: this.#hubReachable,
        demoAccounts: this.#demoAccounts,
        reason: this.#ended,
        accounts: this.#session.accounts().map(({ user, unsent }) => ({ name: user.name, email: user.email, unsent })),
      };
    }
    const { user, workspace } = desk.account;
    const unsent = () => countUnsent(desk.db) + countUploads(desk.db);
    if (desk.guard.locked) return { phase: 'locked', user, triesLeft: desk.guard.triesLeft, queued: unsent() };
    const since = desk.guard.expiredSince;
    if (since !== null) return { phase: 'expired', user, since, queued: unsent() };
    if (desk.usable) return { phase: 'ready', user, workspace };
    const { loading } = desk.status();
    return { phase: 'loading', user, done: loading?.done ?? 0, total: loading?.total ?? null };
  }
}

/** The arguments of a command, or a failure that names the one at fault. */
function parse<N extends CommandName>(command: N, args: unknown): (typeof commandArgs)[N]['_output'] {
  const parsed = commandArgs[command].safeParse(args ?? null);
  if (parsed.success) return parsed.data as (typeof commandArgs)[N]['_output'];
  throw new BridgeFailure({ code: 'BAD_REQUEST', field: `args.${parsed.error.issues[0]?.path.join('.') ?? ''}` });
}
