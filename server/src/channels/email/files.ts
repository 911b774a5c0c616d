/** Where the bytes of a mail's files go while it is read. */
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import type { FileStore } from '../../files/store.ts';

export interface FileWriter {
  readonly id: string;
  write(chunk: Buffer): Promise<void>;
  /** durable when this resolves */
  finish(sha256: string): Promise<void>;
  /** nothing of it stays */
  discard(): Promise<void>;
}

/** What a mail's files are written to: `place` counts them, so that reading the same mail again may give the same ids. */
export interface FileSink {
  open(place: number): Promise<FileWriter>;
}

/**
 * Files of a mail in the hub's own store. `idOf` gives the same id for the same place of the same mail; one that is whole already is
 * left as it is. `limit`: bytes that a file may have.
 */
export function storeSink(store: FileStore, idOf: (place: number) => string, limit: number): FileSink {
  return {
    async open(place) {
      const id = idOf(place);
      if (await store.has(id)) return { id, write: async () => undefined, finish: async () => undefined, discard: async () => undefined };
      // What an earlier try has left.
      await store.remove(id);
      const bytes = new PassThrough();
      let fault: unknown = null;
      const appended = store.append(id, 0, limit, bytes).catch((error: unknown) => {
        fault = error;
        bytes.destroy();
      });
      return {
        id,
        async write(chunk) {
          if (fault !== null) throw fault;
          if (!bytes.write(chunk)) await Promise.race([once(bytes, 'drain'), appended]);
        },
        async finish(sha256) {
          bytes.end();
          await appended;
          if (fault !== null) throw fault;
          await store.finish(id, sha256);
        },
        async discard() {
          bytes.end();
          await appended;
          await store.remove(id);
        },
      };
    },
  };
}

/** For reading a mail's words alone. */
export const noFiles: FileSink = {
  open: async () => ({ id: '', write: async () => undefined, finish: async () => undefined, discard: async () => undefined }),
};
