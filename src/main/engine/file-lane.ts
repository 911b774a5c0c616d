/**
 * Sends the files of messages to the hub, in a lane beside the outbox: one at a time, each from where the hub has it, again after a
 * break, a crash or a refusal that may pass. A message never waits here for its files; the hub holds it until they have come.
 */
import type { Db } from './database.ts';
import { FileRefused, type HubFiles } from './hub-files.ts';
import { AuthExpired, type Line, Unreachable } from './link.ts';
import type { Machine } from './machine.ts';
import type { Lane } from './sync.ts';
import { dropUpload, fileRow, noteFailure, noteSent, stageRefused, toUpload, type UploadRow, uploadRow } from './tables/files.ts';
import { getRow } from './tables/rows.ts';
import { Damaged, type Vault } from './vault.ts';

/** bytes of one request: few enough for a slow line within the hub's time, and for a bar that moves */
const pieceBytes = 256 * 1024;
const retryMs = { first: 1000, most: 60_000 };
/** the hub names another offset, or throws away what came, this often before the file rests a while */
const mostTurns = 5;

/** The hub's word for what waiting won't mend; anything else may pass. */
const final: Readonly<Record<number, string>> = { 400: 'REFUSED', 404: 'NOT_FOUND', 409: 'ID_TAKEN', 413: 'REFUSED' };

export class FileLane implements Lane {
  readonly #db: Db;
  readonly #vault: Vault;
  readonly #hub: HubFiles;
  readonly #machine: Machine;
  readonly #changed: () => void;
  /** a file is off to the hub, or given up */
  readonly #done: () => void;
  readonly #log: (text: string) => void;
  #line: Line | null = null;
  #sending: string | null = null;
  #end = new AbortController();
  /** when a file that failed is due again, on the monotonic clock */
  readonly #due = new Map<string, number>();
  #cancel: (() => void) | null = null;

  constructor(db: Db, vault: Vault, hub: HubFiles, machine: Machine, changed: () => void, done: () => void, log: (text: string) => void) {
    this.#db = db;
    this.#vault = vault;
    this.#hub = hub;
    this.#machine = machine;
    this.#changed = changed;
    this.#done = done;
    this.#log = log;
  }

  online(line: Line): void {
    this.#line = line;
    this.#due.clear();
    this.poke();
  }

  offline(): void {
    this.#line = null;
    this.#cancel?.();
    this.#cancel = null;
    this.#end.abort();
    this.#end = new AbortController();
  }

  heard(): boolean {
    return false;
  }

  /** Something has been added, taken by the hub, refused by it, or is to be tried again now (`again`: this file). */
  poke(again: string | null = null): void {
    if (!this.#db.open) return;
    if (stageRefused(this.#db)) this.#changed();
    if (again !== null) this.#due.delete(again);
    void this.#work();
  }

  async #work(): Promise<void> {
    const line = this.#line;
    if (this.#sending !== null || !line) return;
    this.#cancel?.();
    this.#cancel = null;
    for (let next = this.#next(); next; next = this.#next()) {
      this.#sending = next.id;
      try {
        await this.#send(next, this.#end.signal);
        this.#due.delete(next.id);
      } catch (error) {
        if (!this.#db.open) return;
        this.#failed(next, error);
      } finally {
        this.#sending = null;
      }
      if (!this.#db.open) return;
      this.#changed();
      // Another line by now: it began while this one was still in hand.
      if (this.#line !== line) break;
    }
    if (this.#line && this.#line !== line) void this.#work();
    else if (this.#line) this.#later();
  }

  #next(): UploadRow | undefined {
    if (!this.#db.open || !this.#line) return undefined;
    const now = this.#machine.monotonic();
    return toUpload(this.#db).find(({ id }) => (this.#due.get(id) ?? 0) <= now);
  }

  /** Wakes for the file that is due first. */
  #later(): void {
    const waiting = toUpload(this.#db).flatMap(({ id }) => this.#due.get(id) ?? []);
    if (waiting.length === 0) return;
    this.#cancel = this.#machine.after(Math.max(0, Math.min(...waiting) - this.#machine.monotonic()), () => {
      this.#cancel = null;
      void this.#work();
    });
  }

  async #send(upload: UploadRow, signal: AbortSignal): Promise<void> {
    const { id, ticketId, name, type, size, sha256 } = upload;
    const kept = fileRow(this.#db, id);
    if (!kept) throw new Damaged('the file is not here any more');
    let turns = 0;
    let { offset } = await this.#hub.announce({ id, ticketId, name: name || 'file', type, size, sha256 }, signal);
    while (offset < size) {
      if (!this.#db.open) return;
      noteSent(this.#db, id, offset);
      this.#changed();
      const piece = await this.#vault.read(id, kept.key, size, offset, pieceBytes);
      try {
        ({ offset } = await this.#hub.send(id, offset, new Uint8Array(piece), signal));
      } catch (error) {
        if (!(error instanceof FileRefused) || error.offset === null || (turns += 1) > mostTurns) throw error;
        // Another idea of how far it has come, after an answer that was lost.
        ({ offset } = error);
      }
    }
    if (this.#db.open) this.#drop(id);
  }

  #drop(id: string): void {
    dropUpload(this.#db, id);
    this.#done();
  }

  #failed(upload: UploadRow, error: unknown): void {
    const { id, ticketId } = upload;
    const code = codeOf(error);
    // The line's end is the sync's to notice, and no failure of the file.
    if (!this.#line && error instanceof Unreachable) return;
    this.#log(`file ${id}: ${error instanceof Error ? error.message : String(error)}`);
    if (code === 'NOT_FOUND' && !getRow(this.#db, 'ticket', ticketId)) {
      // The ticket has gone from here, and for the hub it is not this agent's: nothing is left to be sent.
      this.#drop(id);
      return;
    }
    noteFailure(this.#db, id, code);
    const attempts = uploadRow(this.#db, id)?.attempts ?? 1;
    const pause = Math.min(retryMs.most, retryMs.first * 2 ** Math.min(attempts - 1, 10)) * (0.5 + this.#machine.random() / 2);
    this.#due.set(id, this.#machine.monotonic() + pause);
  }
}

/** As it is kept beside the upload, and shown. */
function codeOf(error: unknown): string {
  if (error instanceof FileRefused) return error.offset === null ? (final[error.status] ?? error.code) : 'UNAVAILABLE';
  if (error instanceof Damaged) return 'DAMAGED';
  return error instanceof Unreachable || error instanceof AuthExpired ? 'UNREACHABLE' : 'INTERNAL';
}
