/** One signed-in account at work: its file, its sync, and what its agent does. Everything here ends with `close`. */
import { join } from 'node:path';
import type { CommandArgs, Status } from '../../shared/bridge.ts';
import type { MutationName } from '../../shared/mutations/registry.ts';
import { PROTOCOL_VERSION, type viewers } from '../../shared/protocol.ts';
import type { z } from 'zod';
import { Cabinet } from './cabinet.ts';
import { CallLane } from './call-lane.ts';
import { HubClock } from './clock.ts';
import { type Db, openDatabase } from './database.ts';
import { DraftLane } from './draft-lane.ts';
import { FileLane } from './file-lane.ts';
import { Guard } from './guard.ts';
import { loadHistory } from './history.ts';
import { HubFiles } from './hub-files.ts';
import { AuthExpired, Unreachable } from './link.ts';
import type { Machine } from './machine.ts';
import { purge } from './purge.ts';
import type { Topic } from './queries.ts';
import { execute, replayAside, type Touched } from './replica.ts';
import type { Account, Session } from './session.ts';
import { SocketLink } from './socket-link.ts';
import { BridgeFailure } from './subscriptions.ts';
import { Sync } from './sync.ts';
import { discardDraft, getDraft, restoreRevision, saveDraft, shiftDrafts } from './tables/drafts.ts';
import { claim, countUploads, forgetFailure, type UploadRow, uploadRow } from './tables/files.ts';
import { nextWake } from './tables/inbox.ts';
import { getMeta, setMeta } from './tables/meta.ts';
import { countAttention, countUnsent } from './tables/outbox.ts';
import { countAside } from './tables/quarantine.ts';
import { tidy } from './tidy.ts';
import { Vault } from './vault.ts';

/** ms without a write before housekeeping begins, and how much of a second it may take */
const quietMs = 2000;
const tidyMs = 25;

/** ms without a touch after which work that stops everything else may be done */
const awayMs = 60_000;

/** bytes of files that are kept for reading again */
const cacheBytes = 500_000_000;
/** ms after tickets have left in which their files go */
const sweepAfterMs = 300;

/** Where the account's file and files lie, and how they are opened. */
export interface Place {
  profileDir: string;
  key: string;
  /** bytes of files that are kept for reading again; absent: 500 MB */
  fileCacheBytes?: number | undefined;
}

export interface DeskEvents {
  touch(topics: Iterable<Topic>): void;
  /** the hub has ended the session */
  ended(reason: 'AUTH_EXPIRED' | 'CLIENT_REVOKED'): void;
  log(level: 'debug' | 'info' | 'warn' | 'error', text: string): void;
}

export class Desk {
  readonly account: Account;
  readonly db: Db;
  readonly clock: HubClock;
  readonly guard: Guard;
  readonly sync: Sync;
  readonly files: Cabinet;
  readonly #uploads: FileLane;
  readonly #session: Session;
  readonly #machine: Machine;
  readonly #events: DeskEvents;
  readonly #drafts: DraftLane;
  readonly calls: CallLane;
  readonly #viewers = new Map<string, z.infer<typeof viewers>['viewers']>();
  #nextWake: number | null;
  /** something that the floor is reckoned from has changed */
  #floorMoved = false;
  #expired = false;
  #usable = false;
  #cancelSweep: (() => void) | null = null;
  #away = false;
  /** nothing of lost scopes is left in the file, or it is being seen to */
  #wiped = true;
  /** when rows were last written, on the monotonic clock; null: all is tidy */
  #writtenAt: number | null = 0;

  /** Throws what `openDatabase` throws. */
  constructor(account: Account, place: Place, session: Session, machine: Machine, events: DeskEvents) {
    this.account = account;
    this.#session = session;
    this.#machine = machine;
    this.#events = events;
    const db = openDatabase(join(place.profileDir, account.file), place.key);
    this.db = db;
    setMeta(db, 'userId', account.user.id);
    setMeta(db, 'workspaceId', account.workspace.id);
    this.clock = new HubClock(getMeta(db, 'clockOffset') ?? 0, machine);
    this.guard = new Guard(db, this.clock);
    this.#takeUpAside();
    const log = (text: string) => events.log('warn', text);
    this.#drafts = new DraftLane(db, this.clock, machine, () => events.touch(['draft']), log);
    const vault = new Vault(join(place.profileDir, `files-${account.clientId}`));
    const hubFiles = new HubFiles(account, session);
    const filesChanged = () => events.touch(['file']);
    this.files = new Cabinet(db, vault, hubFiles, machine, place.fileCacheBytes ?? cacheBytes, filesChanged);
    this.#uploads = new FileLane(db, vault, hubFiles, machine, filesChanged, () => this.#sweepSoon(), log);
    this.calls = new CallLane(() => events.touch(['calls']));
    const link = new SocketLink(account, session);
    this.sync = new Sync(
      db,
      link,
      this.clock,
      machine,
      {
        touched: (touched) => this.#touched(touched),
        status: () => events.touch(getMeta(db, 'snapshot') || !this.#usable ? ['status', 'session'] : ['status']),
        welcomed: (policy, lost) => {
          this.guard.takePolicy(policy);
          this.guard.heard();
          if (lost) this.#purge();
        },
        viewers: (message) => {
          this.#viewers.set(message.ticketId, message.viewers);
          events.touch(['viewers']);
        },
        ended: (reason) => events.ended(reason),
        log: (level, text) => events.log(level, text),
      },
      [this.#drafts, this.#uploads, this.files, this.calls],
    );
    this.#nextWake = nextWake(db, this.clock.now());
  }

  start(): void {
    this.#purge();
    this.#sweepSoon();
    this.sync.start();
  }

  close(): void {
    this.sync.stop();
    this.#cancelSweep?.();
    this.files.close();
    this.db.close();
  }

  /** Whether windows may be shown nothing of this account now. */
  get closed(): boolean {
    return this.guard.locked || this.guard.expiredSince !== null;
  }

  /** Whether there is something to work on: the most urgent tickets are here long before the cache is whole. */
  get usable(): boolean {
    this.#usable ||= getMeta(this.db, 'cursor') !== undefined || (getMeta(this.db, 'snapshot')?.at?.page ?? null) !== null;
    return this.#usable;
  }

  /** Changes that an earlier version of the program could not read. */
  #takeUpAside(): void {
    const reader = `${PROTOCOL_VERSION}.${this.db.pragma('user_version', { simple: true }) as number}`;
    const before = getMeta(this.db, 'reader');
    if (before === reader) return;
    const { taken, left } = replayAside(this.db);
    setMeta(this.db, 'reader', reader);
    if (taken + left > 0) this.#events.log('info', `changes set aside: ${taken} taken up, ${left} left`);
  }

  /** `along`: what belongs into the same transaction, where the change is made. */
  mutate(name: MutationName, args: unknown, along?: () => void): { mutationId: number } {
    const touched: Touched = new Set();
    const done = this.db.transaction(() => {
      const made = execute(this.db, name, args, this.clock.now(), touched);
      if (!('rejection' in made)) along?.();
      return made;
    })();
    if ('rejection' in done) throw new BridgeFailure({ code: 'REJECTED', rejection: done.rejection });
    this.#touched(touched);
    this.sync.poke();
    return done;
  }

  addNote({ attachments, ...note }: CommandArgs<'note.add'>): { mutationId: number } {
    return this.#say('message.note', note, attachments);
  }

  /** A message with files that were chosen for its ticket: they become one another's, or nothing happens. */
  #say(
    name: 'message.reply' | 'message.note',
    args: { ticketId: string; messageId: string },
    files: string[] = [],
  ): { mutationId: number } {
    const attachments = files.map((fileId, index): Pick<UploadRow, 'id' | 'name' | 'type' | 'size' | 'sha256'> => {
      const upload = uploadRow(this.db, fileId);
      if (upload?.ticketId !== args.ticketId || upload.messageId !== '')
        throw new BridgeFailure({ code: 'BAD_REQUEST', field: `args.attachments.${index}` });
      const { id, name: called, type, size, sha256 } = upload;
      return { id, name: called, type, size, sha256 };
    });
    if (attachments.length === 0) return this.mutate(name, args);
    const done = this.mutate(name, { ...args, attachments }, () => claim(this.db, files, args.messageId));
    this.#events.touch(['file']);
    return done;
  }

  retryFile(id: string): void {
    if (!forgetFailure(this.db, id)) throw new BridgeFailure({ code: 'FILE_GONE', field: 'args.id' });
    this.#events.touch(['file']);
    this.#uploads.poke(id);
  }

  sendReply({ startedAt, attachments, ...reply }: CommandArgs<'reply.send'>): { mutationId: number } {
    this.#watchClock();
    // Live: connected and complete from before the text was begun until now. A stored text knows best when that was.
    const { liveSince } = this.sync;
    const stored = getDraft(this.db, reply.ticketId)?.startedAt ?? startedAt;
    const begun = this.#machine.monotonic() - Math.max(0, this.#machine.wall() - Math.min(startedAt, stored));
    const live = { live: liveSince !== null && liveSince <= begun };
    const done = this.#say('message.reply', { ...reply, ...live }, attachments);
    this.discardDraft(reply.ticketId, false);
    return done;
  }

  saveDraft(draft: CommandArgs<'draft.save'>): void {
    if (draft.body.trim() === '') return this.discardDraft(draft.ticketId, false);
    saveDraft(this.db, { ...draft, updatedAt: this.#machine.wall(), device: '' });
    this.#draftChanged();
  }

  discardDraft(ticketId: string, keep: boolean): void {
    discardDraft(this.db, ticketId, this.#machine.wall(), keep);
    this.#draftChanged();
  }

  restoreDraft(revision: number): void {
    restoreRevision(this.db, revision, this.#machine.wall(), '');
    this.#draftChanged();
  }

  #draftChanged(): void {
    this.#events.touch(['draft']);
    this.#drafts.poke();
  }

  async loadHistory(ticketId: string): Promise<void> {
    const touched: Touched = new Set();
    try {
      await loadHistory(this.db, this.#session, ticketId, touched);
    } catch (error) {
      if (error instanceof Unreachable || error instanceof AuthExpired) throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
      throw error;
    }
    this.#touched(touched);
  }

  viewersOf(ticketId: string): z.infer<typeof viewers>['viewers'] {
    return this.sync.connection === 'online' ? (this.#viewers.get(ticketId) ?? []) : [];
  }

  /** Nobody has touched the machine for so many ms. True when that locks the desk now. */
  idle(ms: number): boolean {
    const before = this.#away;
    this.#away = ms >= awayMs;
    if (this.#away && !before && !this.#wiped) this.#purge();
    return this.guard.idle(ms);
  }

  /** Called every second. */
  second(): void {
    this.#watchClock();
    this.#tidy();
    this.guard.tick();
    const expired = this.guard.expiredSince !== null;
    if (expired !== this.#expired) {
      this.#expired = expired;
      this.#events.touch(['session']);
    }
    if (this.#floorMoved) {
      this.#floorMoved = false;
      this.#events.touch(['floor']);
    }
    if (this.#nextWake !== null && this.#nextWake <= this.clock.now()) {
      this.#nextWake = nextWake(this.db, this.clock.now());
      this.#events.touch(['time']);
    }
  }

  status(): Status {
    const { db, sync, clock } = this;
    const snapshot = getMeta(db, 'snapshot');
    return {
      connection: sync.connection,
      dataAsOf: getMeta(db, 'dataAsOf') ?? null,
      clockOffset: Math.round(clock.offset()),
      clockConfirmed: clock.confirmed,
      queued: countUnsent(db),
      files: countUploads(db),
      attention: countAttention(db),
      refusal: sync.refusal,
      retryAt: sync.retryAt,
      loading: snapshot ? { done: snapshot.at?.done ?? 0, total: snapshot.at?.total ?? null } : null,
      aside: countAside(db),
    };
  }

  #touched(touched: Touched): void {
    if (!this.db.open) return;
    if (touched.size > 0) this.#writtenAt = this.#machine.monotonic();
    if (touched.has('outbox') || touched.has('attention')) this.#uploads.poke();
    // What leaves takes its files along.
    if (touched.has('ticket') && touched.has('attachment')) this.#sweepSoon();
    if (touched.has('ticket')) this.#nextWake = nextWake(this.db, this.clock.now());
    if (touched.has('ticket') || touched.has('presence') || touched.has('user') || touched.has('queue')) this.#floorMoved = true;
    this.#events.touch(touched);
  }

  /** A little housekeeping, once there has been nothing to write for a while. */
  #tidy(): void {
    const now = this.#machine.monotonic();
    if (this.#writtenAt === null || now - this.#writtenAt < quietMs || getMeta(this.db, 'snapshot')) return;
    let more = true;
    while (more && this.#machine.monotonic() - now < tidyMs) more = tidy(this.db);
    if (!more) this.#writtenAt = null;
  }

  /** Has somebody set the clock? Its own stamps move along, and the hub is asked again. */
  #watchClock(): void {
    const jump = this.clock.watch();
    if (jump === 0) return;
    shiftDrafts(this.db, jump);
    this.#events.touch(['status', 'draft']);
    this.sync.measureClock(8).catch(() => this.sync.wake());
  }

  #sweepSoon(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = this.#machine.after(sweepAfterMs, () => {
      this.#cancelSweep = null;
      this.files.sweep().catch((error: unknown) => this.#events.log('error', `files: ${String(error)}`));
    });
  }

  /** Wipes what lost scopes have left in the file; goes on after a crash, and once nobody is at the desk where that takes long. */
  #purge(): void {
    this.#wiped = true;
    purge(
      this.db,
      () => !this.db.open,
      () => this.#away,
    ).then(
      (done) => (this.#wiped = done),
      (error: unknown) => this.#events.log('error', `purge: ${String(error)}`),
    );
  }
}
