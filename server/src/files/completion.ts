/** When the last byte of a file has come: the file gets its name, its message learns of it, and what waited goes out. */
import type { Logger } from 'pino';
import type { Db } from '../db/database.ts';
import type { Committer } from '../sync/committer.ts';
import { type FileStore, WrongSum } from './store.ts';
import { completeButPending, dropUnclaimed, findAttachment, heldForNothing, markComplete, type Upload } from './uploads.ts';

export interface Files {
  db: Db;
  workspaceId: string;
  committer: Committer;
  store: FileStore;
  log: Logger;
}

/** ms after which a file that no message names is thrown away */
const unclaimedMs = 7 * 24 * 3_600_000;

/**
 * How far the file has come, in bytes; completes it where all are here. May be asked any number of times: it takes up what a hub that
 * ended in between has left. Throws `WrongSum`.
 */
export async function progress(files: Files, upload: Upload): Promise<number> {
  const { db, workspaceId, store } = files;
  const { id, size, sha256 } = upload;
  if (!upload.complete) {
    if (!(await store.has(id))) {
      const received = await store.received(id);
      if (received < size) return received;
    }
    await store.finish(id, sha256);
    // Before its message is told: one that is pushed at this moment either sees this, or is told after it was taken.
    await markComplete(db, workspaceId, id);
    await tell(files, id);
  } else if ((await findAttachment(db, workspaceId, id))?.state !== 'ready') await tell(files, id);
  return size;
}

/** As `progress`, with a file whose sum is wrong as one of which nothing has come. */
export async function progressSoFar(files: Files, upload: Upload): Promise<number> {
  return progress(files, upload).catch((error: unknown) => {
    if (error instanceof WrongSum) return 0;
    throw error;
  });
}

async function tell({ db, workspaceId, committer }: Files, attachmentId: string): Promise<void> {
  do await committer.system({ name: 'attachment.ready', args: { attachmentId } });
  while (await heldForNothing(db, workspaceId, attachmentId));
}

/** At the start: what was complete when the hub ended, and its message does not know of. */
export async function takeUpComplete(files: Files): Promise<void> {
  for (const id of await completeButPending(files.db, files.workspaceId)) await tell(files, id);
}

/** Throws away what was announced long ago and belongs to no message. */
export async function dropAbandoned(
  { db, workspaceId, store }: Pick<Files, 'db' | 'workspaceId' | 'store'>,
  now = Date.now(),
): Promise<void> {
  for (const id of await dropUnclaimed(db, workspaceId, now - unclaimedMs)) await store.remove(id);
}
