/**
 * The files of this workstation: taken from a window, fetched from the hub, shown again, and let go. On the disk they are only ever
 * encrypted (vault.ts). First the file is durable under its name, then its row and key are: a crash in between leaves a file that
 * nobody can read, and `sweep` removes it.
 */
import type { CommandArgs, CommandValues } from '../../shared/bridge.ts';
import { limits } from '../../shared/domain.ts';
import { kindBytes, kindOf } from '../../shared/file-kind.ts';
import type { Db } from './database.ts';
import { FileRefused, type HubFiles } from './hub-files.ts';
import { AuthExpired, Unreachable } from './link.ts';
import type { Machine } from './machine.ts';
import type { Lane } from './sync.ts';
import { BridgeFailure } from './subscriptions.ts';
import {
  dropFile,
  dropUpload,
  type Fetching,
  fileIds,
  fileRow,
  keepFile,
  noteFailure,
  stage,
  staged,
  toEvict,
  touchFile,
  uploadRow,
  withoutTicket,
} from './tables/files.ts';
import { getRow } from './tables/rows.ts';
import { Damaged, type Vault, type VaultWriter } from './vault.ts';

/** files that windows are handing over at once; a window that vanished half-way makes room for others */
const mostAdding = 32;
/** broken downloads that are gone on with */
const mostBroken = 4;
/** ms before a download that broke while there is a line goes on; doubled each time */
const resumeMs = 300;
const mostResumes = 5;
/** bytes that a window is given at once */
const readBytes = 128 * 1024;

interface Adding {
  writer: VaultWriter;
  file: Pick<CommandArgs<'file.add'>, 'ticketId' | 'name' | 'type' | 'size'>;
  working: boolean;
}

interface Download extends Fetching {
  done: Promise<void>;
}

export class Cabinet implements Lane {
  readonly #db: Db;
  readonly #vault: Vault;
  readonly #hub: HubFiles;
  readonly #machine: Machine;
  readonly #cacheBytes: number;
  readonly #changed: () => void;
  readonly #adding = new Map<string, Adding>();
  readonly #downloads = new Map<string, Download>();
  /** what came before a line broke, by file */
  readonly #broken = new Map<string, VaultWriter>();
  /** between their name on the disk and their row */
  readonly #sealing = new Set<string>();
  #end = new AbortController();
  #online = false;

  constructor(db: Db, vault: Vault, hub: HubFiles, machine: Machine, cacheBytes: number, changed: () => void) {
    this.#db = db;
    this.#vault = vault;
    this.#hub = hub;
    this.#machine = machine;
    this.#cacheBytes = cacheBytes;
    this.#changed = changed;
  }

  /** Downloads under way. */
  get fetching(): ReadonlyMap<string, Fetching> {
    return this.#downloads;
  }

  online(): void {
    this.#online = true;
  }

  offline(): void {
    this.#online = false;
    this.#end.abort();
    this.#end = new AbortController();
  }

  heard(): boolean {
    return false;
  }

  close(): void {
    this.offline();
    for (const { writer } of this.#adding.values()) void writer.discard();
    for (const writer of this.#broken.values()) void writer.discard();
    this.#adding.clear();
    this.#broken.clear();
  }

  /** Takes the next bytes of a file that the agent has chosen. `offset` 0 begins it, also anew. */
  async add(part: CommandArgs<'file.add'>): Promise<CommandValues['file.add']> {
    const bytes = Buffer.from(part.bytes, 'base64');
    const { id, offset, size } = part;
    if (size > limits.attachmentBytes) throw new BridgeFailure({ code: 'FILE_TOO_LARGE', field: 'args.size' });
    if (size === 0) throw new BridgeFailure({ code: 'FILE_EMPTY', field: 'args.size' });
    if (bytes.length === 0 || offset + bytes.length > size) throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'args.bytes' });
    if (offset === 0) await this.#begin(part);
    const adding = this.#adding.get(id);
    if (!adding || adding.working || adding.writer.length !== offset || adding.file.size !== size)
      throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'args.offset' });
    adding.working = true;
    try {
      await adding.writer.append(bytes);
      const received = adding.writer.length;
      if (received === size) await this.#keep(id, adding);
      return { received, done: received === size };
    } catch (error) {
      await this.#abandon(id);
      if (error instanceof BridgeFailure) throw error;
      throw new BridgeFailure({ code: 'STORAGE' });
    } finally {
      adding.working = false;
    }
  }

  async #begin({ id, ticketId, name, type, size }: CommandArgs<'file.add'>): Promise<void> {
    if (uploadRow(this.#db, id) || fileRow(this.#db, id) || getRow(this.#db, 'attachment', id))
      throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'args.id' });
    if (!getRow(this.#db, 'ticket', ticketId)) throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'args.ticketId' });
    const others = [...this.#adding].filter(([other, { file }]) => other !== id && file.ticketId === ticketId).length;
    if (staged(this.#db, ticketId).length + others >= limits.attachmentsPerMessage)
      throw new BridgeFailure({ code: 'TOO_MANY_FILES', field: 'args.id' });
    await this.#abandon(id);
    const oldest = this.#adding.keys().next();
    if (this.#adding.size >= mostAdding && !oldest.done) await this.#abandon(oldest.value);
    this.#adding.set(id, { writer: await this.#vault.begin(id), file: { ticketId, name, type, size }, working: false });
  }

  async #keep(id: string, { writer, file }: Adding): Promise<void> {
    this.#sealing.add(id);
    try {
      const sha256 = await writer.seal(null);
      this.#adding.delete(id);
      if (sha256 === null || !this.#db.open) throw new BridgeFailure({ code: 'NOT_SIGNED_IN' });
      stage(this.#db, { id, sha256, ...file }, writer.key, this.#machine.wall());
    } finally {
      this.#sealing.delete(id);
    }
    this.#changed();
    await this.#evict();
  }

  async #abandon(id: string): Promise<void> {
    const adding = this.#adding.get(id);
    this.#adding.delete(id);
    await adding?.writer.discard();
  }

  /** Takes a chosen file back, before it belongs to a message. */
  async remove(id: string): Promise<void> {
    await this.#abandon(id);
    const upload = uploadRow(this.#db, id);
    if (!upload) return;
    if (upload.messageId !== '') throw new BridgeFailure({ code: 'BAD_REQUEST', field: 'args.id' });
    await this.#let([id]);
  }

  /** Brings the file here unless it is. Throws a `BridgeFailure` that says why it can't be shown. */
  async open(id: string): Promise<CommandValues['file.open']> {
    const known = getRow(this.#db, 'attachment', id) ?? uploadRow(this.#db, id);
    if (!known) throw new BridgeFailure({ code: 'FILE_GONE', field: 'args.id' });
    const kept = fileRow(this.#db, id);
    if (!kept || !(await this.#vault.has(id))) await this.#fetched(id);
    const head = await this.#bytes(id, 0, kindBytes);
    touchFile(this.#db, id, this.#machine.wall());
    return { name: known.name, size: known.size, kind: kindOf(head) };
  }

  async read(id: string, offset: number): Promise<CommandValues['file.read']> {
    return { bytes: (await this.#bytes(id, offset, readBytes)).toString('base64') };
  }

  async #bytes(id: string, offset: number, length: number): Promise<Buffer> {
    const kept = this.#db.open ? fileRow(this.#db, id) : undefined;
    if (!kept) throw new BridgeFailure({ code: 'FILE_GONE', field: 'args.id' });
    try {
      return await this.#vault.read(id, kept.key, kept.size, offset, length);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      // The hub has it still, unless it is waiting to be sent.
      if (this.#db.open) {
        if (uploadRow(this.#db, id)) noteFailure(this.#db, id, 'DAMAGED');
        else await this.#let([id]);
        this.#changed();
      }
      throw new BridgeFailure({ code: 'FILE_DAMAGED' });
    }
  }

  /** One download of a file, however many windows want it. */
  async #fetched(id: string): Promise<void> {
    const under = this.#downloads.get(id);
    if (under) return under.done;
    const download: Download = { received: 0, done: Promise.resolve() };
    download.done = this.#download(id, download).finally(() => {
      this.#downloads.delete(id);
      this.#changed();
    });
    this.#downloads.set(id, download);
    this.#changed();
    return download.done;
  }

  async #download(id: string, download: Download): Promise<void> {
    const file = getRow(this.#db, 'attachment', id);
    if (!file || file.state === 'failed') throw new BridgeFailure({ code: 'FILE_GONE', field: 'args.id' });
    if (!this.#online) throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
    const { signal } = this.#end;
    const writer = this.#broken.get(id) ?? (await this.#vault.begin(id));
    this.#broken.delete(id);
    download.received = writer.length;
    for (let resumes = 0; writer.length < file.size; resumes += 1) {
      try {
        for await (const bytes of this.#hub.fetch(id, writer.length, signal)) {
          if (writer.length + bytes.length > file.size) throw new FileRefused(200, 'TOO_LONG');
          await writer.append(bytes);
          download.received = writer.length;
          this.#changed();
        }
        // An answer that ended early, without a word.
        if (writer.length < file.size) throw new Unreachable('short');
      } catch (error) {
        if (error instanceof FileRefused || !(error instanceof Unreachable || error instanceof AuthExpired)) {
          await writer.discard();
          throw new BridgeFailure({ code: error instanceof FileRefused && error.status !== 503 ? 'FILE_GONE' : 'STORAGE' });
        }
        if (signal.aborted || error instanceof AuthExpired || resumes >= mostResumes) {
          await this.#setAside(writer);
          throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
        }
        await new Promise<void>((resolve) => this.#machine.after(resumeMs * 2 ** resumes, resolve));
      }
    }
    this.#sealing.add(id);
    try {
      // Checked before anybody sees it.
      if ((await writer.seal(file.sha256)) === null) throw new BridgeFailure({ code: 'FILE_DAMAGED' });
      if (!this.#db.open || !getRow(this.#db, 'attachment', id)) {
        // Its ticket has left meanwhile, or the agent has.
        await this.#vault.remove(id);
        throw new BridgeFailure({ code: 'FILE_GONE', field: 'args.id' });
      }
      keepFile(this.#db, { id, ticketId: file.ticketId, key: writer.key, size: file.size, usedAt: this.#machine.wall() });
    } finally {
      this.#sealing.delete(id);
    }
    await this.#evict();
  }

  /** Keeps what has come of a download for the next time it is asked for. */
  async #setAside(writer: VaultWriter): Promise<void> {
    if (!this.#db.open) return writer.discard();
    this.#broken.set(writer.id, writer);
    const oldest = this.#broken.entries().next();
    if (this.#broken.size <= mostBroken || oldest.done) return;
    this.#broken.delete(oldest.value[0]);
    await oldest.value[1].discard();
  }

  async #evict(): Promise<void> {
    if (this.#db.open) await this.#let(toEvict(this.#db, this.#cacheBytes));
  }

  /** Rows and keys first: then there is nothing to be read any more, whatever becomes of the bytes. */
  async #let(ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    this.#db.transaction(() => {
      for (const id of ids) {
        dropFile(this.#db, id);
        dropUpload(this.#db, id);
      }
    })();
    this.#changed();
    for (const id of ids) await this.#vault.remove(id);
  }

  /** Removes files of tickets that have gone, what a crash has left behind, and rows whose file is lost. */
  async sweep(): Promise<void> {
    if (!this.#db.open) return;
    for (const [id, { file }] of this.#adding) if (!getRow(this.#db, 'ticket', file.ticketId)) await this.#abandon(id);
    for (const [id, writer] of this.#broken) {
      if (this.#db.open && getRow(this.#db, 'attachment', id)) continue;
      this.#broken.delete(id);
      await writer.discard();
    }
    if (!this.#db.open) return;
    await this.#let(withoutTicket(this.#db));
    const names = await this.#vault.list();
    if (!this.#db.open) return;
    const known = new Set(fileIds(this.#db));
    const inUse = (id: string) => this.#adding.has(id) || this.#downloads.has(id) || this.#broken.has(id) || this.#sealing.has(id);
    for (const name of names) {
      const id = name.replace(/\.part$/, '');
      if (!inUse(id) && !(known.has(id) && name === id)) await this.#vault.drop(name);
    }
    const there = new Set(names);
    for (const id of known) {
      if (there.has(id) || inUse(id) || !this.#db.open) continue;
      dropFile(this.#db, id);
      if (uploadRow(this.#db, id)) noteFailure(this.#db, id, 'DAMAGED');
    }
  }
}
