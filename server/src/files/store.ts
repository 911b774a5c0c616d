/**
 * The bytes of files, under TRUC_DATA_DIR/blobs. What is still coming lies under `<id>.part`; its length is how far it has come.
 * A whole file is synced to the disk before it gets its name. Paths are made of ids alone, never of anything a sender has named.
 */
import { createHash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** More bytes came than were announced. */
export class TooMany extends Error {}
/** The bytes are not those that were announced; they have been thrown away. */
export class WrongSum extends Error {}

const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class FileStore {
  readonly #dir: string;
  /** whoever writes a file now; the next one to come takes over, for its line is the younger */
  readonly #writing = new Map<string, { end: AbortController; ended: Promise<void> }>();

  constructor(dataDir: string) {
    this.#dir = join(dataDir, 'blobs');
  }

  /** Ids begin with their time, so folders go by the last digits: the first are the same for years. */
  #path(id: string): string {
    if (!isId.test(id)) throw new Error('not the id of a file');
    return join(this.#dir, id.slice(-2), id);
  }

  /** Bytes of an unfinished file that are here. */
  async received(id: string): Promise<number> {
    return (await stat(`${this.#path(id)}.part`).catch(() => null))?.size ?? 0;
  }

  /** Whether the whole file is here. */
  async has(id: string): Promise<boolean> {
    return (await stat(this.#path(id)).catch(() => null)) !== null;
  }

  /**
   * Appends from `offset` on, straight to the disk. Resolves to how far the file has come; `offset` itself when it is the wrong one is
   * the caller's to see: then nothing is written. What came before the line broke stays. Throws `TooMany`; then nothing of it stays.
   */
  async append(id: string, offset: number, size: number, body: Readable): Promise<{ offset: number; wrong: boolean }> {
    return this.#alone(id, async (signal) => {
      const path = `${this.#path(id)}.part`;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(path, 'a', 0o600);
      try {
        const before = (await file.stat()).size;
        if (before !== offset) return { offset: before, wrong: true };
        let fault: unknown = null;
        let room = size - offset;
        const take = async (chunk: Buffer) => {
          room -= chunk.length;
          if (room < 0) throw new TooMany();
          await file.appendFile(chunk);
        };
        const takeAll = async (chunks: AsyncIterable<Buffer>) => {
          for await (const chunk of chunks) await take(chunk).catch((error: unknown) => Promise.reject((fault = error)));
        };
        await pipeline(body, takeAll, { signal }).catch(() => undefined);
        // What is wrong on this side is told. Else the line broke, or a younger one took over: what has come is kept.
        if (fault instanceof TooMany) await file.truncate(offset);
        if (fault !== null) throw fault;
        await file.datasync();
        return { offset: (await file.stat()).size, wrong: false };
      } finally {
        await file.close();
      }
    });
  }

  /** Checks the sum and gives the file its name. Does nothing when that has happened. Throws `WrongSum`. */
  async finish(id: string, sha256: string): Promise<void> {
    await this.#alone(id, async () => {
      const path = this.#path(id);
      if (await this.has(id)) return;
      const sum = createHash('sha256');
      await pipeline(createReadStream(`${path}.part`), sum);
      if (sum.digest('hex') !== sha256) {
        await rm(`${path}.part`, { force: true });
        throw new WrongSum();
      }
      await synced(`${path}.part`);
      await rename(`${path}.part`, path);
      await synced(dirname(path));
    });
  }

  /**
   * Takes a file whose size and sum nobody has announced: `fill` hands its bytes to what it is given, one piece after another. The file
   * has its name when this resolves; when `fill` fails nothing of it stays.
   */
  async take(id: string, fill: (write: (piece: Uint8Array) => Promise<void>) => Promise<void>): Promise<{ size: number; sha256: string }> {
    return this.#alone(id, async () => {
      const path = this.#path(id);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const sum = createHash('sha256');
      let size = 0;
      const file = await open(`${path}.part`, 'w', 0o600);
      try {
        await fill(async (piece) => {
          await file.appendFile(piece);
          sum.update(piece);
          size += piece.length;
        });
        await file.sync();
      } catch (error) {
        await rm(`${path}.part`, { force: true });
        throw error;
      } finally {
        await file.close();
      }
      await rename(`${path}.part`, path);
      await synced(dirname(path));
      return { size, sha256: sum.digest('hex') };
    });
  }

  /** The first bytes of a whole file. */
  async head(id: string, bytes: number): Promise<Uint8Array> {
    const file = await open(this.#path(id), 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** Bytes `from` up to and with `to` of a whole file. */
  read(id: string, from: number, to: number): ReadStream {
    return createReadStream(this.#path(id), { start: from, end: to });
  }

  async remove(id: string): Promise<void> {
    await this.#alone(id, async () => {
      for (const path of [this.#path(id), `${this.#path(id)}.part`]) await rm(path, { force: true });
    });
  }

  async #alone<T>(id: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const end = new AbortController();
    const before = this.#writing.get(id);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const mine = { end, ended };
    this.#writing.set(id, mine);
    try {
      before?.end.abort();
      await before?.ended;
      return await run(end.signal);
    } finally {
      resolve();
      if (this.#writing.get(id) === mine) this.#writing.delete(id);
    }
  }
}

async function synced(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
