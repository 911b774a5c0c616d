/**
 * Follows every mailbox that feeds a channel, each in one hub: whoever holds its lock in the database. A hub that ends lets go of it, and
 * another one goes on from the cursor, which lies there too.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import pg from 'pg';
import type { Db } from '../../db/database.ts';
import type { FileStore } from '../../files/store.ts';
import type { Account, Accounts } from '../accounts.ts';
import type { Inbox } from '../inbox.ts';
import { AccountWrong, imapOf } from './account.ts';
import { type Cursor, follow, type Follower } from './imap.ts';
import type { ImapServer, Trouble } from './imap-client.ts';
import { asideMail, cursorOf, largestMail, moveCursor, sourceOf, takeMail, type TakeNeeds } from './intake.ts';
import type { MailTokens } from './oauth.ts';

export interface MailboxesNeeds {
  db: Db;
  databaseUrl: string;
  workspaceId: string;
  accounts: Accounts;
  inbox: Inbox;
  store: FileStore;
  tokens: MailTokens;
  /** channels that are in use */
  isActive(channelId: string): Promise<boolean>;
  /** what waits to go out through a channel that works again */
  resume(channelId: string): Promise<void>;
  log: Logger;
  clock(): number;
  /** raw mail lies there until it was taken */
  dir: string;
}

interface Followed {
  follower: Follower;
  /** what it was begun with */
  settings: string;
  /** it has told that somebody must mend it */
  attention: boolean;
}

/** ms between two looks at the accounts */
const lookMs = 1000;
/** before the cursor's last move: a server that draws UIDs anew is read again from there */
const overlapMs = 3 * 24 * 3_600_000;
const dayMs = 24 * 3_600_000;
/** told in the reason, so that a mailbox that can be read again takes back only what reading has told */
const readingMark = 'IMAP: ';

export class Mailboxes {
  readonly #needs: MailboxesNeeds;
  readonly #followed = new Map<string, Followed>();
  #client: pg.Client | null = null;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  #wake: (() => void) | null = null;

  constructor(needs: MailboxesNeeds) {
    this.#needs = needs;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when nothing is followed any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#running;
    await this.#letAllGo();
    await this.#client?.end().catch(() => undefined);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#look();
      } catch (error) {
        this.#needs.log.warn({ error }, 'mailboxes can not be looked after at the moment');
      }
      if (this.#stopped) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, lookMs);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
      this.#wake = null;
    }
  }

  /** Begins what is new, ends what is gone, and begins anew what has changed. */
  async #look(): Promise<void> {
    const { accounts, isActive } = this.#needs;
    // The locks are gone, and what was followed under them has been stopped.
    if (this.#client === null) await this.#letAllGo();
    const wanted = new Map<string, Account<'email'>>();
    const states = new Map<string, string>();
    for (const account of await accounts.all('email')) {
      const { state } = await accounts.state(account.channelId);
      if (state === 'paused' || !(await isActive(account.channelId))) continue;
      wanted.set(account.channelId, account);
      states.set(account.channelId, state);
    }
    for (const [channelId, followed] of this.#followed) {
      const account = wanted.get(channelId);
      // Somebody has said that it works now: it is tried at once.
      const mended = followed.attention && states.get(channelId) === 'ok';
      if (account && followed.settings === settingsOf(account) && !mended) continue;
      await this.#letGo(channelId, followed);
    }
    if (wanted.size === 0 && this.#client === null) return;
    for (const [channelId, account] of wanted) {
      if (this.#stopped || this.#followed.has(channelId)) continue;
      if (await this.#lock(channelId)) await this.#follow(account);
    }
  }

  async #follow(account: Account<'email'>): Promise<void> {
    const { db, workspaceId, inbox, store, log, clock, dir } = this.#needs;
    const { channelId, settings } = account;
    const source = sourceOf(settings);
    const needs: TakeNeeds = { db, workspaceId, inbox, store, clock, channelId, source, settings };
    const known = await cursorOf(needs);
    let movedAt = known?.movedAt ?? null;
    const own = join(dir, channelId.replaceAll(/[^\w-]/g, '_'));
    await mkdir(own, { recursive: true, mode: 0o700 });
    const kept = async (run: Promise<void>) => {
      await run;
      movedAt = clock();
    };
    const followed: Followed = {
      settings: settingsOf(account),
      attention: false,
      follower: follow({
        server: () => this.#server(channelId),
        folder: settings.imap.folder,
        cursor: known?.cursor ?? null,
        since: (now) => (movedAt === null ? (settings.sinceDays === 0 ? null : now - settings.sinceDays * dayMs) : movedAt - overlapMs),
        dir: own,
        maxBytes: largestMail,
        take: (mail, cursor) => kept(takeMail(needs, mail, cursor)),
        aside: (uid, error, cursor, path) => {
          log.warn({ channelId, uid, reason: error.message.slice(0, 300) }, 'a mail could not be taken and is set aside');
          return kept(asideMail(needs, { uid, error, cursor, path }));
        },
        moved: (cursor: Cursor) => kept(moveCursor(needs, cursor)),
        trouble: (trouble) => {
          this.#trouble(channelId, followed, trouble).catch((error: unknown) => log.error({ error, channelId }, 'trouble of a mailbox'));
        },
        clock,
        pollMs: settings.pollSeconds * 1000,
      }),
    };
    this.#followed.set(channelId, followed);
  }

  /** Asked anew for each connection. @throws what is told as trouble */
  async #server(channelId: string): Promise<ImapServer> {
    const { accounts, tokens } = this.#needs;
    const account = await accounts.get(channelId, 'email');
    if (!account) throw new Error('the account is gone');
    const token = await tokens.current(account);
    if (token.state === 'sign-in-again') throw signInAgain(token.reason);
    if (token.state === 'later') throw new Error(token.reason);
    try {
      return imapOf(account, token.access);
    } catch (error) {
      throw error instanceof AccountWrong ? signInAgain(error.message) : error;
    }
  }

  async #trouble(channelId: string, followed: Followed, trouble: Trouble | null): Promise<void> {
    const { accounts, resume, log, clock } = this.#needs;
    if (trouble === null) {
      const { state, reason } = await accounts.state(channelId);
      followed.attention = false;
      if (state !== 'attention' || reason?.includes(readingMark) !== true) return;
      if (await accounts.setState(channelId, 'ok', null, clock())) await resume(channelId);
      return;
    }
    log.warn({ channelId, code: trouble.attention, reason: trouble.reason }, 'a mailbox can not be read');
    if (trouble.attention === null) return;
    await accounts.needsAttention(channelId, `${trouble.attention}: ${readingMark}${trouble.reason}`, clock());
    followed.attention = true;
  }

  async #letGo(channelId: string, followed: Followed): Promise<void> {
    await followed.follower.stop();
    this.#followed.delete(channelId);
    await this.#client?.query('select pg_advisory_unlock(hashtextextended($1, 2))', [this.#lockName(channelId)]).catch(() => undefined);
  }

  async #letAllGo(): Promise<void> {
    await Promise.all([...this.#followed].map(([channelId, followed]) => this.#letGo(channelId, followed)));
  }

  #lockName(channelId: string): string {
    return `mailbox:${this.#needs.workspaceId}:${channelId}`;
  }

  async #lock(channelId: string): Promise<boolean> {
    const client = await this.#connected();
    const taken = await client.query<{ taken: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 2)) as taken', [
      this.#lockName(channelId),
    ]);
    return taken.rows[0]?.taken === true;
  }

  /** The connection that holds the locks. When it breaks another hub may begin at once, so everything here ends. */
  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    await this.#letAllGo();
    const client = new pg.Client({ connectionString: this.#needs.databaseUrl, keepAlive: true, statement_timeout: 30_000 });
    const broke = () => {
      if (this.#client !== client) return;
      this.#client = null;
      for (const { follower } of this.#followed.values()) void follower.stop();
      this.#wake?.();
    };
    client.on('error', broke);
    client.on('end', broke);
    await client.connect();
    this.#client = client;
    return client;
  }
}

/** What a follower is begun with; tokens that providers hand out are asked for at each connection. */
function settingsOf({ settings, secrets: { imapPassword, oauthClientSecret } }: Account<'email'>): string {
  return JSON.stringify([settings, imapPassword, oauthClientSecret]);
}

const signInAgain = (reason: string) => Object.assign(new Error(reason), { authenticationFailed: true });
