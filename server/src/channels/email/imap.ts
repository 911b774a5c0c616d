/**
 * Follows a mailbox: hands over each new mail once it lies on the disk, in the order of the mailbox, and never goes on before it was
 * taken. IDLE brings new mail at once; as some servers let it die in silence, the mailbox is also looked at in steps. A mail that
 * can't be taken is set aside, and the ones after it go on. Sources: channels reference, 4.1.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImapFlow } from 'imapflow';
import { type ImapServer, openMailbox, type Trouble, troubleOf } from './imap-client.ts';
import { type FetchedMail, fetchMail } from './imap-fetch.ts';

/** How far the mailbox was read. Stored together with what was read. */
export interface Cursor {
  /** as text: it may exceed 2^53 */
  uidValidity: string;
  lastUid: number;
}

/** Thrown by `take` when the mail is not to blame: it is handed over again after a while. */
export class TakeLater extends Error {}

export interface Follow {
  /** asked anew for each connection: tokens run out */
  server(): Promise<ImapServer>;
  folder: string;
  /** null: never read before */
  cursor: Cursor | null;
  /** for a mailbox that was never read, and for one whose UIDs were drawn anew: mail since then is handed over (ms); null: none */
  since(now: number): number | null;
  /** of this mailbox alone: raw mail lies there until it was taken */
  dir: string;
  /** larger ones come without their files */
  maxBytes: number;
  /** Keeps the mail and the cursor in one transaction. A mail may come twice: its UID may be another then. */
  take(mail: FetchedMail, cursor: Cursor): Promise<void>;
  /** Keeps the cursor and that this mail could not be taken. `path`: the raw mail; null: it could not even be fetched. */
  aside(uid: number, error: Error, cursor: Cursor, path: string | null): Promise<void>;
  /** Keeps a cursor that no mail came with. */
  moved(cursor: Cursor): Promise<void>;
  /** null: it works; told at each change */
  trouble(trouble: Trouble | null): void;
  clock(): number;
  /** ms between two looks, whatever IDLE says */
  pollMs?: number;
  /** ms before it is tried again, and at most */
  retryMs?: { first: number; most: number };
}

export interface Follower {
  /** Looks at once. */
  poke(): void;
  /** Resolves when nothing runs any more; a mail that is being taken is waited for. */
  stop(): Promise<void>;
}

const defaultPoll = 60_000;
const defaultRetry = { first: 1000, most: 5 * 60_000 };
/** failed fetches of one mail before it is set aside */
const fetchTries = 5;

export function follow(settings: Follow): Follower {
  const mailbox = new MailboxFollower(settings);
  const ended = mailbox.run();
  return {
    poke: () => mailbox.wake(),
    stop: () => {
      mailbox.end();
      return ended;
    },
  };
}

class MailboxFollower {
  readonly #settings: Follow;
  #cursor: Cursor | null;
  #stopped = false;
  #client: ImapFlow | null = null;
  /** something may be new */
  #due = true;
  #awake: (() => void) | null = null;
  #failures = 0;
  #told: string | null = 'not yet';
  /** failed fetches, by UID */
  readonly #tries = new Map<number, number>();

  constructor(settings: Follow) {
    this.#settings = settings;
    this.#cursor = settings.cursor;
  }

  wake(): void {
    this.#due = true;
    this.#awake?.();
  }

  end(): void {
    this.#stopped = true;
    this.#client?.close();
    this.#awake?.();
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      let trouble: Trouble;
      try {
        trouble = await this.#session();
      } catch (error) {
        trouble = troubleOf(error);
      }
      if (this.#stopped) return;
      // Servers end connections as they like: only one that can't be had again is worth a word.
      if (trouble.attention !== null || this.#failures > 0) this.#tell(trouble);
      this.#due = false;
      await this.#sleep(this.#pause(trouble));
    }
  }

  /** One connection, until it ends. */
  async #session(): Promise<Trouble> {
    const server = await this.#settings.server();
    if (this.#stopped) return ended;
    const client = await openMailbox(server);
    this.#client = client;
    try {
      // Stopped while it connected.
      if (this.#stopped) return ended;
      client.on('close', () => this.#awake?.());
      client.on('exists', () => this.wake());
      const opened = await client.mailboxOpen(this.#settings.folder, { readOnly: true });
      await this.#begin(client, String(opened.uidValidity), opened.uidNext);
      this.#due = true;
      while (!this.#stopped && client.usable) {
        if (this.#due) {
          this.#due = false;
          await this.#catchUp(client);
          this.#failures = 0;
          this.#tell(null);
        }
        if (!this.#due && client.usable) {
          await this.#sleep(this.#settings.pollMs ?? defaultPoll);
          this.#due = true;
        }
      }
      return ended;
    } finally {
      this.#client = null;
      client.close();
    }
  }

  /** Settles where to read on from. */
  async #begin(client: ImapFlow, uidValidity: string, uidNext: number): Promise<void> {
    const { since, clock, moved } = this.#settings;
    if (this.#cursor?.uidValidity === uidValidity) return;
    // Never read, or its UIDs were drawn anew and say nothing: by date then. What was taken before is known by its content.
    this.#tries.clear();
    const from = since(clock());
    const last = Math.max(0, uidNext - 1);
    if (from !== null) {
      // Servers compare days, in a time zone of their own.
      const uids = await found(client, { since: new Date(from - 24 * 3_600_000) });
      await this.#takeAll(
        client,
        uids.filter((uid) => uid <= last),
        uidValidity,
      );
    }
    if (this.#stopped || !client.usable) return;
    this.#cursor = { uidValidity, lastUid: Math.max(last, this.#cursor?.uidValidity === uidValidity ? this.#cursor.lastUid : 0) };
    await moved(this.#cursor);
  }

  async #catchUp(client: ImapFlow): Promise<void> {
    const cursor = this.#cursor;
    // Interrupted before it began; the next session does it.
    if (!cursor) return;
    if (client.mailbox && String(client.mailbox.uidValidity) !== cursor.uidValidity) {
      // Drawn anew while it was open; the next session settles it.
      client.close();
      return;
    }
    // `n:*` has the last mail even when none is newer.
    const uids = await found(client, { uid: `${cursor.lastUid + 1}:*` });
    await this.#takeAll(
      client,
      uids.filter((uid) => uid > cursor.lastUid),
      cursor.uidValidity,
    );
  }

  async #takeAll(client: ImapFlow, uids: number[], uidValidity: string): Promise<void> {
    // UIDs first, then one by one: a command within the loop of another never ends.
    for (const uid of uids.sort((a, b) => a - b)) {
      if (this.#stopped) return;
      await this.#takeOne(client, uid, { uidValidity, lastUid: uid });
      this.#cursor = { uidValidity, lastUid: uid };
      this.#tries.delete(uid);
    }
  }

  async #takeOne(client: ImapFlow, uid: number, cursor: Cursor): Promise<void> {
    const { dir, maxBytes, take, aside, moved } = this.#settings;
    const path = join(dir, `${cursor.uidValidity}-${uid}.eml`);
    try {
      let mail: FetchedMail | null;
      try {
        mail = await fetchMail(client, uid, path, maxBytes);
      } catch (error) {
        if (this.#stopped) throw error;
        const tries = (this.#tries.get(uid) ?? 0) + 1;
        this.#tries.set(uid, tries);
        if (tries < fetchTries) throw error;
        // It breaks every time: whatever it is, the ones behind it must not wait.
        await aside(uid, asError(error), cursor, null);
        return;
      }
      if (!mail) {
        // Deleted since it was listed? A connection that is ending has nothing for any mail: only a server that looks and finds none
        // may be believed, or this mail is passed over for ever.
        if ((await found(client, { uid: String(uid) })).includes(uid)) throw new Error('the server gave nothing for a mail that is there');
        await moved(cursor);
        return;
      }
      try {
        await take(mail, cursor);
      } catch (error) {
        if (error instanceof TakeLater) throw error;
        await aside(uid, asError(error), cursor, path);
      }
    } finally {
      await rm(path, { force: true });
    }
  }

  #tell(trouble: Trouble | null): void {
    const told = trouble === null ? null : `${trouble.attention} ${trouble.reason}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#settings.trouble(trouble);
  }

  #pause(trouble: Trouble): number {
    const { first, most } = this.#settings.retryMs ?? defaultRetry;
    const step = trouble.attention === null ? Math.min(most, first * 2 ** this.#failures) : most;
    this.#failures = Math.min(this.#failures + 1, 30);
    // Not all mailboxes of a server that was away at the same moment.
    return trouble.afterMs ?? step * (0.5 + Math.random() / 2);
  }

  /** Until it is woken, stopped, or so many ms have passed. */
  async #sleep(ms: number): Promise<void> {
    if (this.#stopped || this.#due) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#awake = resolve;
    await promise;
    clearTimeout(timer);
    this.#awake = null;
  }
}

const ended: Trouble = { attention: null, reason: 'the connection ended', afterMs: null };
const asError = (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown)));

async function found(client: ImapFlow, query: { uid: string } | { since: Date }): Promise<number[]> {
  const uids = await client.search(query, { uid: true });
  if (!Array.isArray(uids)) throw new Error('the server refused to search');
  return uids;
}
