/**
 * Files beside the database, each encrypted with a key of its own that only the database knows. They come in chunks that can be read
 * one by one: nonce (12 bytes) | AES-256-GCM of up to 64 KiB | tag (16 bytes); the place of a chunk and the file's id are
 * authenticated with it. What is being written has the ending `.part`; it is synced to the disk before it gets its name.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const chunkBytes = 65_536;
const nonceBytes = 12;
const tagBytes = 16;
const stride = nonceBytes + chunkBytes + tagBytes;

/** The bytes on the disk are not those that were written. */
export class Damaged extends Error {}

export class Vault {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  #path(id: string): string {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new Error('not the id of a file');
    return join(this.#dir, id);
  }

  /** Begins a file, with a new key; whatever was begun under this id before goes. */
  async begin(id: string): Promise<VaultWriter> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const path = this.#path(id);
    return new VaultWriter(id, path, this.#dir, await open(`${path}.part`, 'w', 0o600));
  }

  async has(id: string): Promise<boolean> {
    return (await stat(this.#path(id)).catch(() => null)) !== null;
  }

  /** At most `length` bytes of a file of `size` bytes from `from` on, in the clear. Throws `Damaged`. */
  async read(id: string, key: Buffer, size: number, from: number, length: number): Promise<Buffer> {
    const until = Math.min(size, from + length);
    const file = await open(this.#path(id), 'r').catch(() => {
      throw new Damaged('the file is not there');
    });
    try {
      const parts: Buffer[] = [];
      for (let index = Math.floor(from / chunkBytes); index * chunkBytes < until; index += 1) {
        const start = index * chunkBytes;
        const plain = await readChunk(file, id, key, index, Math.min(chunkBytes, size - start));
        parts.push(plain.subarray(Math.max(0, from - start), until - start));
      }
      return Buffer.concat(parts);
    } finally {
      await file.close();
    }
  }

  async remove(id: string): Promise<void> {
    for (const path of [this.#path(id), `${this.#path(id)}.part`]) await rm(path, { force: true });
  }

  /** Names of all files of the folder. */
  async list(): Promise<string[]> {
    return readdir(this.#dir).catch(() => []);
  }

  /** Removes one of them, whatever it is called. */
  async drop(name: string): Promise<void> {
    await rm(join(this.#dir, name), { force: true, recursive: true });
  }
}

const placeOf = (id: string, index: number) => Buffer.from(`${id}:${index}`);

async function readChunk(file: FileHandle, id: string, key: Buffer, index: number, plainBytes: number): Promise<Buffer> {
  const wanted = nonceBytes + plainBytes + tagBytes;
  const { bytesRead, buffer } = await file.read(Buffer.alloc(wanted), 0, wanted, index * stride);
  if (bytesRead < wanted) throw new Damaged('the file is shorter than it was');
  const decipher = createDecipheriv('aes-256-gcm', key, buffer.subarray(0, nonceBytes));
  decipher.setAAD(placeOf(id, index));
  decipher.setAuthTag(buffer.subarray(wanted - tagBytes));
  try {
    return Buffer.concat([decipher.update(buffer.subarray(nonceBytes, wanted - tagBytes)), decipher.final()]);
  } catch (error) {
    throw new Damaged('the file was changed', { cause: error });
  }
}

/** A file that is being written. One call at a time. */
export class VaultWriter {
  readonly id: string;
  readonly key = randomBytes(32);
  /** bytes taken so far */
  length = 0;
  readonly #path: string;
  readonly #dir: string;
  readonly #file: FileHandle;
  readonly #sum = createHash('sha256');
  #rest = Buffer.alloc(0);
  #chunks = 0;

  constructor(id: string, path: string, dir: string, file: FileHandle) {
    this.id = id;
    this.#path = path;
    this.#dir = dir;
    this.#file = file;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#sum.update(bytes);
    this.length += bytes.length;
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= chunkBytes) {
      const chunk = this.#rest.subarray(0, chunkBytes);
      this.#rest = this.#rest.subarray(chunkBytes);
      await this.#write(chunk);
    }
  }

  /** Makes it durable under its name. Answers its SHA-256; null when it is not `sha256`: then nothing stays. */
  async seal(sha256: string | null): Promise<string | null> {
    const sum = this.#sum.digest('hex');
    if (sha256 !== null && sum !== sha256) {
      await this.discard();
      return null;
    }
    if (this.#rest.length > 0) await this.#write(this.#rest);
    await this.#file.sync();
    await this.#file.close();
    await rename(`${this.#path}.part`, this.#path);
    await syncFolder(this.#dir);
    return sum;
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(`${this.#path}.part`, { force: true });
  }

  async #write(plain: Buffer): Promise<void> {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce);
    cipher.setAAD(placeOf(this.id, this.#chunks));
    const record = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    await this.#file.appendFile(record);
    this.#chunks += 1;
  }
}

/** The name too is on the disk. Windows has no such call, and does not need it. */
async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
