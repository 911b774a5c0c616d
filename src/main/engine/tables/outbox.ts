/** Intents on their way to the hub, and those it refused. */
import type { Rejection } from '../../../shared/mutations/define.ts';
import type { MutationName } from '../../../shared/mutations/registry.ts';
import { type Db, prepare } from '../database.ts';

export interface OutboxRow {
  mutationId: number;
  key: string;
  name: MutationName;
  args: unknown;
  ticketId: string | null;
  authoredAt: number;
  baseSeq: number;
  attempts: number;
  state: 'pending' | 'sending' | 'accepted';
  error: string | null;
}

const decode = (raw: unknown): OutboxRow => {
  const row = raw as Omit<OutboxRow, 'args'> & { args: string };
  return { ...row, args: JSON.parse(row.args) as unknown };
};

export function addIntent(db: Db, intent: Pick<OutboxRow, 'key' | 'name' | 'args' | 'ticketId' | 'authoredAt' | 'baseSeq'>): number {
  const added = prepare(
    db,
    'insert into outbox (key, name, args, ticketId, authoredAt, baseSeq) values (@key, @name, @args, @ticketId, @authoredAt, @baseSeq)',
  ).run({ ...intent, args: JSON.stringify(intent.args) });
  return Number(added.lastInsertRowid);
}

/** All intents whose effects are not in the confirmed rows yet, in order. */
export function intents(db: Db): OutboxRow[] {
  return prepare(db, 'select * from outbox order by mutationId').all().map(decode);
}

export function nextToSend(db: Db, most: number): OutboxRow[] {
  return prepare(db, `select * from outbox where state = 'pending' order by mutationId limit ?`).all(most).map(decode);
}

export function countUnsent(db: Db): number {
  return prepare(db, `select count(*) from outbox where state <> 'accepted'`).pluck().get() as number;
}

export function markSending(db: Db, ids: number[]): void {
  for (const id of ids) prepare(db, `update outbox set state = 'sending', attempts = attempts + 1 where mutationId = ?`).run(id);
}

/** What was under way when the process died, or the line broke, is sent again; the hub knows what it has. */
export function resetSending(db: Db, error: string | null): void {
  prepare(db, `update outbox set state = 'pending', error = ? where state = 'sending'`).run(error);
}

export function markAccepted(db: Db, id: number, seq: number): void {
  prepare(db, `update outbox set state = 'accepted', acceptedSeq = ?, error = null where mutationId = ?`).run(seq, id);
}

/** Intents that were answered are asked about again: their effects may have come while nobody looked. */
export function forgetAnswers(db: Db): void {
  prepare(db, `update outbox set state = 'pending', acceptedSeq = null where state = 'accepted'`).run();
}

/** Whether the effects of an intent that the hub has answered are in the rows up to this cursor. */
export function hasArrived(db: Db, cursor: number): boolean {
  return prepare(db, `select 1 from outbox where state = 'accepted' and acceptedSeq <= ? limit 1`).get(cursor) !== undefined;
}

/** Intents that the hub has processed and whose effects have arrived. */
export function dropAccepted(db: Db, cursor: number): void {
  prepare(db, `delete from outbox where state = 'accepted' and acceptedSeq <= ?`).run(cursor);
}

export function dropThrough(db: Db, lastMutationId: number): void {
  prepare(db, 'delete from outbox where mutationId <= ?').run(lastMutationId);
}

/** Takes a refused intent out of the queue and keeps it, whole, for the agent. */
export function setAside(db: Db, id: number, rejection: Rejection, now: number): boolean {
  const moved = prepare(
    db,
    `insert or ignore into attention (mutationId, name, args, ticketId, rejection, authoredAt, rejectedAt)
     select mutationId, name, args, ticketId, ?, authoredAt, ? from outbox where mutationId = ?`,
  ).run(JSON.stringify(rejection), now, id);
  prepare(db, 'delete from outbox where mutationId = ?').run(id);
  return moved.changes > 0;
}

/**
 * Texts on tickets that are out of reach now: as if the hub had refused them. They never were in the queue, so their ids are
 * below zero. True when there was any.
 */
export function setAsideDrafts(db: Db, ticketIds: string[], now: number): boolean {
  let any = false;
  for (const ticketId of ticketIds) {
    const draft = prepare(db, `select mode, body, startedAt from draft where ticketId = ? and body <> ''`).get(ticketId) as
      | { mode: 'reply' | 'note'; body: string; startedAt: number }
      | undefined;
    if (!draft) continue;
    any = true;
    prepare(
      db,
      `insert into attention (mutationId, name, args, ticketId, rejection, authoredAt, rejectedAt)
       values ((select min(0, coalesce(min(mutationId), 0)) - 1 from attention), @name, @args, @ticketId, @rejection, @at, @now)`,
    ).run({
      name: draft.mode === 'note' ? 'message.note' : 'message.reply',
      args: JSON.stringify({ ticketId, body: draft.body }),
      ticketId,
      rejection: JSON.stringify({ code: 'NOT_FOUND' } satisfies Rejection),
      at: draft.startedAt,
      now,
    });
    prepare(db, 'delete from draft where ticketId = ?').run(ticketId);
  }
  return any;
}

export interface AttentionRow {
  mutationId: number;
  name: MutationName;
  args: unknown;
  ticketId: string | null;
  rejection: Rejection;
  authoredAt: number;
  rejectedAt: number;
}

export function attentionRows(db: Db): AttentionRow[] {
  const rows = prepare(db, 'select * from attention order by rejectedAt, mutationId').all() as (Omit<AttentionRow, 'args' | 'rejection'> & {
    args: string;
    rejection: string;
  })[];
  return rows.map((row) => ({ ...row, args: JSON.parse(row.args) as unknown, rejection: JSON.parse(row.rejection) as Rejection }));
}

export function countAttention(db: Db): number {
  return prepare(db, 'select count(*) from attention').pluck().get() as number;
}

export function dismiss(db: Db, id: number): void {
  prepare(db, 'delete from attention where mutationId = ?').run(id);
}
