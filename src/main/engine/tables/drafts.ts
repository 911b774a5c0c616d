/** What an agent has begun to write, one text a ticket. */
import type { Draft } from '../../../shared/bridge.ts';
import { type Db, prepare } from '../database.ts';

export function getDraft(db: Db, ticketId: string): Draft | null {
  const raw = prepare(db, 'select * from draft where ticketId = ?').get(ticketId) as (Omit<Draft, 'seen'> & { seen: string }) | undefined;
  return raw ? { ...raw, seen: JSON.parse(raw.seen) as Draft['seen'] } : null;
}

export function saveDraft(db: Db, draft: Draft): void {
  prepare(
    db,
    `insert into draft (ticketId, mode, body, seen, startedAt, updatedAt) values (@ticketId, @mode, @body, @seen, @startedAt, @updatedAt)
     on conflict (ticketId) do update set mode = excluded.mode, body = excluded.body, seen = excluded.seen, startedAt = excluded.startedAt, updatedAt = excluded.updatedAt`,
  ).run({ ...draft, seen: JSON.stringify(draft.seen) });
}

export function discardDraft(db: Db, ticketId: string): void {
  prepare(db, 'delete from draft where ticketId = ?').run(ticketId);
}
