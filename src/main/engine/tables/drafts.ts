/** What an agent has begun to write, one text a ticket, and the texts that it took the place of. */
import type { Draft, DraftRevision } from '../../../shared/bridge.ts';
import { type Db, prepare } from '../database.ts';

/** A draft as it is stored. An empty body: it is gone, and the hub may not know yet. */
export interface StoredDraft extends Draft {
  /** the hub's count when this text was last the same there as here; 0: never */
  rev: number;
  /** changed here since it was last sent */
  dirty: boolean;
}

/** Texts kept of one ticket. */
const revisionsKept = 20;

const decode = (raw: unknown): StoredDraft => {
  const row = raw as Omit<StoredDraft, 'seen' | 'dirty'> & { seen: string; dirty: number };
  return { ...row, seen: JSON.parse(row.seen) as Draft['seen'], dirty: row.dirty === 1 };
};

export function storedDraft(db: Db, ticketId: string): StoredDraft | null {
  const raw = prepare(db, 'select * from draft where ticketId = ?').get(ticketId);
  return raw === undefined ? null : decode(raw);
}

export function getDraft(db: Db, ticketId: string): Draft | null {
  const stored = storedDraft(db, ticketId);
  if (!stored || stored.body === '') return null;
  const { rev: _rev, dirty: _dirty, ...draft } = stored;
  return draft;
}

/** Drafts that the hub does not have as they are here, oldest first. */
export function dirtyDrafts(db: Db): StoredDraft[] {
  return prepare(db, 'select * from draft where dirty = 1 order by updatedAt').all().map(decode);
}

/** Keeps what the agent has typed; it goes to the hub from here. */
export function saveDraft(db: Db, draft: Draft): void {
  put(db, { ...draft, rev: storedDraft(db, draft.ticketId)?.rev ?? 0, dirty: true });
}

/** The text is gone: sent, or thrown away (`keep`: it can be had back). */
export function discardDraft(db: Db, ticketId: string, now: number, keep: boolean): void {
  db.transaction(() => {
    const stored = storedDraft(db, ticketId);
    if (!stored) return;
    if (keep) keepRevision(db, stored, now);
    put(db, { ...stored, body: '', updatedAt: now, dirty: true });
  })();
}

/** A text as the hub has it. Nothing of it is to be sent. */
export function takeDraft(db: Db, draft: Omit<StoredDraft, 'dirty'>): void {
  put(db, { ...draft, dirty: false });
}

/** The hub has this text now, as `rev`; what was typed meanwhile is still to be sent. */
export function markSent(db: Db, sent: StoredDraft, rev: number): void {
  prepare(
    db,
    'update draft set rev = @rev, dirty = case when updatedAt = @updatedAt and body = @body and mode = @mode then 0 else dirty end where ticketId = @ticketId',
  ).run({ rev, ticketId: sent.ticketId, updatedAt: sent.updatedAt, body: sent.body, mode: sent.mode });
}

/** The text here was written without knowing of `rev`; from now on it takes that one's place. */
export function rebase(db: Db, ticketId: string, rev: number): void {
  prepare(db, 'update draft set rev = ? where ticketId = ?').run(rev, ticketId);
}

function put(db: Db, draft: StoredDraft): void {
  prepare(
    db,
    `insert into draft (ticketId, mode, body, seen, startedAt, updatedAt, rev, dirty, device)
     values (@ticketId, @mode, @body, @seen, @startedAt, @updatedAt, @rev, @dirty, @device)
     on conflict (ticketId) do update set mode = excluded.mode, body = excluded.body, seen = excluded.seen, startedAt = excluded.startedAt,
       updatedAt = excluded.updatedAt, rev = excluded.rev, dirty = excluded.dirty, device = excluded.device`,
  ).run({ ...draft, seen: JSON.stringify(draft.seen), dirty: draft.dirty ? 1 : 0 });
}

/** Keeps a text that is about to be replaced, unless it is empty or kept already. */
export function keepRevision(db: Db, draft: Draft, now: number): void {
  if (draft.body.trim() === '') return;
  const known = prepare(db, 'select 1 from draft_revision where ticketId = ? and body = ? and mode = ?');
  if (known.get(draft.ticketId, draft.body, draft.mode)) return;
  prepare(
    db,
    `insert into draft_revision (ticketId, mode, body, seen, startedAt, updatedAt, device, keptAt)
     values (@ticketId, @mode, @body, @seen, @startedAt, @updatedAt, @device, @now)`,
  ).run({
    ticketId: draft.ticketId,
    mode: draft.mode,
    body: draft.body,
    seen: JSON.stringify(draft.seen),
    startedAt: draft.startedAt,
    updatedAt: draft.updatedAt,
    device: draft.device,
    now,
  });
  prepare(
    db,
    `delete from draft_revision where ticketId = @ticketId and id not in
       (select id from draft_revision where ticketId = @ticketId order by id desc limit @most)`,
  ).run({ ticketId: draft.ticketId, most: revisionsKept });
}

/** Newest first. */
export function revisions(db: Db, ticketId: string): DraftRevision[] {
  const rows = prepare(
    db,
    'select id, ticketId, mode, body, device, updatedAt, keptAt from draft_revision where ticketId = ? order by id desc',
  ).all(ticketId);
  return rows as DraftRevision[];
}

/** An earlier text becomes the draft again; the one it replaces is kept. Null when there is no such text. */
export function restoreRevision(db: Db, id: number, now: number, device: string): Draft | null {
  return db.transaction(() => {
    const raw = prepare(db, 'select ticketId, mode, body, seen, startedAt from draft_revision where id = ?').get(id) as
      | (Pick<Draft, 'ticketId' | 'mode' | 'body' | 'startedAt'> & { seen: string })
      | undefined;
    if (!raw) return null;
    const before = storedDraft(db, raw.ticketId);
    prepare(db, 'delete from draft_revision where id = ?').run(id);
    if (before) keepRevision(db, before, now);
    saveDraft(db, { ...raw, seen: JSON.parse(raw.seen) as Draft['seen'], updatedAt: now, device });
    return getDraft(db, raw.ticketId);
  })();
}

/** The hub was restored from a backup: what it knew of these texts counts for nothing. */
export function sendDraftsAgain(db: Db): void {
  prepare(db, 'update draft set rev = 0, dirty = 1').run();
}

/** The wall clock was set: what it had stamped is moved along. */
export function shiftDrafts(db: Db, ms: number): void {
  prepare(db, 'update draft set startedAt = startedAt + ?, updatedAt = updatedAt + ?').run(ms, ms);
}
