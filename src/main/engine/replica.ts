/**
 * The local copy: confirmed rows, the agent's own changes on top of them, and the way back (sync page,
 * "Workstation tables"). Every public function is one transaction.
 */
import { v4 as randomKey } from 'uuid';
import { type Entity, entities, entityNames, type Rows } from '../../shared/domain.ts';
import type { Context, Mutation, Rejection, RowChange } from '../../shared/mutations/define.ts';
import { findMutation, type MutationName } from '../../shared/mutations/registry.ts';
import { type Actor, queuesOf } from '../../shared/permissions.ts';
import { ackRow, type Change, type MutationResult, type SnapshotLine } from '../../shared/protocol.ts';
import { type Db, prepare } from './database.ts';
import { getMeta, setMeta } from './tables/meta.ts';
import { addIntent, dropAccepted, dropThrough, intents, markAccepted, setAside } from './tables/outbox.ts';
import { allRows, deleteRow, forgetTicket, getRow, loadedFrom, loadReads, putRow, rowver } from './tables/rows.ts';

/** What a transaction touched, for the queries that watch it. */
export type Touched = Set<Entity | 'outbox' | 'attention' | 'draft'>;

/** The signed-in agent as the cache knows them; what they may do is the hub's to decide. */
export function actorHere(db: Db): Actor | null {
  const userId = getMeta(db, 'userId');
  const user = userId === undefined ? undefined : getRow(db, 'user', userId);
  if (!user) return null;
  const queues = queuesOf(user, {
    queues: allRows(db, 'queue'),
    queueMembers: allRows(db, 'queueMember'),
    teamMembers: allRows(db, 'teamMember'),
  });
  return { userId: user.id, name: user.name, role: user.role, queues };
}

/** Applies a change here and puts it on its way, in one transaction. `now` is the hub's clock as known here. */
export function execute(
  db: Db,
  name: MutationName,
  args: unknown,
  now: number,
  touched: Touched,
): { mutationId: number } | { rejection: Rejection } {
  const mutation = findMutation(name);
  if (!mutation || mutation.by !== 'person') return { rejection: { code: 'UNKNOWN_MUTATION', field: 'name' } };
  const parsed = mutation.args.safeParse(args);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      rejection: { code: 'INVALID', field: issue?.path.join('.') || 'args', detail: { reason: (issue?.message ?? '').slice(0, 300) } },
    };
  }
  return db.transaction(() => {
    const actor = actorHere(db);
    if (!actor) return { rejection: { code: 'FORBIDDEN' as const } };
    const outcome = run(db, mutation, parsed.data, { now, actor, side: 'workstation' });
    if ('rejection' in outcome) return outcome;
    for (const change of outcome.changes) applyOwn(db, change, touched);
    const ticketId = ticketOf(parsed.data);
    const baseSeq = getMeta(db, 'cursor') ?? 0;
    const mutationId = addIntent(db, { key: randomKey(), name, args: parsed.data, ticketId, authoredAt: now, baseSeq });
    touched.add('outbox');
    return { mutationId };
  })();
}

function ticketOf(args: unknown): string | null {
  const id = typeof args === 'object' && args !== null && 'ticketId' in args ? args.ticketId : null;
  return typeof id === 'string' ? id : null;
}

function run(db: Db, mutation: Mutation, args: unknown, ctx: Context) {
  const rows = new Map<string, Rows[Entity]>();
  const loaded = loadedFrom(rows);
  loadReads(db, mutation.reads(args), rows);
  if (mutation.more) loadReads(db, mutation.more(args, loaded), rows);
  return mutation.apply(loaded, args, ctx);
}

/** An own change: the confirmed form of the row is kept until the hub has spoken. */
function applyOwn(db: Db, change: RowChange, touched: Touched): void {
  const id = change.op === 'put' ? change.row.id : change.id;
  const before = getRow(db, change.entity, id);
  prepare(db, 'insert or ignore into pristine (entity, id, row) values (?, ?, ?)').run(
    change.entity,
    id,
    before === undefined ? null : JSON.stringify({ row: before, ver: rowver(db, change.entity, id) }),
  );
  if (change.op === 'put') putRow(db, change.entity, change.row as Rows[Entity], Math.max(0, rowver(db, change.entity, id)));
  else deleteRow(db, change.entity, id);
  touched.add(change.entity);
}

/** 1. Takes all own changes back: the tables are as the hub last told. */
function restorePristine(db: Db, touched: Touched): void {
  const kept = prepare(db, 'select entity, id, row from pristine').all() as { entity: Entity; id: string; row: string | null }[];
  for (const { entity, id, row } of kept) {
    if (row === null) deleteRow(db, entity, id);
    else {
      const { row: before, ver } = JSON.parse(row) as { row: Rows[Entity]; ver: number };
      putRow(db, entity, before, ver);
    }
    touched.add(entity);
  }
  prepare(db, 'delete from pristine').run();
}

/**
 * 4. Runs what is still on its way again, on the new state. One that no longer fits shows no effect here; it
 * stays in the outbox, for the verdict is the hub's: it may have accepted it in a change that is yet to come.
 */
function rerun(db: Db, touched: Touched): void {
  const actor = actorHere(db);
  if (!actor) return;
  for (const intent of intents(db)) {
    const mutation = findMutation(intent.name);
    if (!mutation) continue;
    const outcome = run(db, mutation, intent.args, { now: intent.authoredAt, actor, side: 'workstation' });
    if ('changes' in outcome) for (const change of outcome.changes) applyOwn(db, change, touched);
  }
}

/** Changes from the hub, up to `cursor`, which the hub says was complete at `asOf` (hub's clock). */
export function applyChanges(db: Db, changes: Change[], cursor: number, asOf: number, touched: Touched): void {
  db.transaction(() => {
    if (changes.length > 0) {
      const pending = prepare(db, 'select 1 from outbox limit 1').get() !== undefined;
      if (pending) restorePristine(db, touched);
      for (const change of changes) applyChange(db, change, asOf, touched);
      dropAccepted(db, cursor);
      if (pending) rerun(db, touched);
    } else dropAccepted(db, cursor);
    setMeta(db, 'cursor', cursor);
    setMeta(db, 'dataAsOf', asOf);
  })();
}

function applyChange(db: Db, change: Change, now: number, touched: Touched): void {
  if (change.op === 'ack') {
    const ack = ackRow.parse(change.row);
    for (const result of ack.results) takeResult(db, result, now, touched);
    dropThrough(db, ack.lastMutationId);
    touched.add('outbox');
    return;
  }
  const entity = entityNames.find((name) => name === change.entity);
  const row = entity && change.op === 'put' ? entities[entity].schema.safeParse(change.row) : null;
  if (!entity || row?.success === false) {
    // From a newer hub, or damaged: kept for after the upgrade, and in nobody's way.
    prepare(db, 'insert or replace into quarantine (seq, entity, id, payload) values (?, ?, ?, ?)').run(
      change.seq,
      change.entity,
      change.id,
      JSON.stringify(change),
    );
    return;
  }
  // A snapshot may be newer than this part of the log.
  if (change.seq < rowver(db, entity, change.id)) return;
  touched.add(entity);
  if (row?.success) putRow(db, entity, row.data as Rows[Entity], change.seq);
  else if (change.op === 'del') deleteRow(db, entity, change.id);
  else if (change.op === 'leave' && entity === 'ticket') leaveScope(db, change.id, change.scope, touched);
}

function leaveScope(db: Db, ticketId: string, scope: string, touched: Touched): void {
  const stored = prepare(db, 'select scopes from ticket where id = ?').pluck().get(ticketId) as string | undefined;
  if (stored === undefined) return;
  const scopes = (JSON.parse(stored) as string[]).filter((one) => one !== scope);
  const held = new Set(getMeta(db, 'scopes') ?? []);
  if (scopes.some((one) => held.has(one))) prepare(db, 'update ticket set scopes = ? where id = ?').run(JSON.stringify(scopes), ticketId);
  else forget(db, ticketId, touched);
}

function forget(db: Db, ticketId: string, touched: Touched): void {
  forgetTicket(db, ticketId);
  for (const entity of ['ticket', 'message', 'slaClock', 'customer', 'identity', 'journey'] as const) touched.add(entity);
}

function takeResult(db: Db, result: MutationResult, now: number, touched: Touched): void {
  if (result.ok || !result.rejection) return;
  if (setAside(db, result.id, result.rejection, now)) touched.add('attention');
}

/** The hub's answer to a push. The effects of what it accepted come through the log; what it refused is set aside now. */
export function takeAnswer(db: Db, results: MutationResult[], seq: number, now: number, touched: Touched): void {
  db.transaction(() => {
    let refused = false;
    const cursor = getMeta(db, 'cursor') ?? 0;
    for (const result of results) {
      if (result.ok) markAccepted(db, result.id, seq);
      else {
        refused = true;
        takeResult(db, result, now, touched);
      }
    }
    const complete = prepare(db, `select 1 from outbox where state = 'accepted' and acceptedSeq <= ? limit 1`).get(cursor) !== undefined;
    if (refused || complete) {
      restorePristine(db, touched);
      dropAccepted(db, cursor);
      rerun(db, touched);
    }
    touched.add('outbox');
  })();
}

/** Scopes that this user no longer holds: what only they kept here goes. */
export function holdScopes(db: Db, scopes: string[], touched: Touched): { gained: boolean } {
  return db.transaction(() => {
    const before = getMeta(db, 'scopes');
    setMeta(db, 'scopes', scopes);
    if (!before) return { gained: true };
    const held = new Set(scopes);
    if (before.some((scope) => !held.has(scope))) {
      restorePristine(db, touched);
      const stored = prepare(db, 'select id, scopes from ticket').all() as { id: string; scopes: string }[];
      for (const ticket of stored) {
        if (!(JSON.parse(ticket.scopes) as string[]).some((scope) => held.has(scope))) forget(db, ticket.id, touched);
      }
      rerun(db, touched);
    }
    return { gained: scopes.some((scope) => !before.includes(scope)) };
  })();
}

export type SnapshotRow = Extract<SnapshotLine, { t: 'row' }>;

/** Makes ready for a snapshot: what it does not name will be gone at its end. */
export function beginSnapshot(db: Db): void {
  db.exec('create temp table if not exists seen (entity text not null, id text not null, primary key (entity, id)) without rowid');
  db.exec('delete from temp.seen');
}

export function takeSnapshotRows(db: Db, rows: SnapshotRow[], touched: Touched): void {
  db.transaction(() => {
    const pending = prepare(db, 'select 1 from pristine limit 1').get() !== undefined;
    if (pending) restorePristine(db, touched);
    for (const { entity, row, ver } of rows) {
      const parsed = entities[entity].schema.safeParse(row);
      if (!parsed.success) {
        const id = typeof row === 'object' && row !== null && 'id' in row ? String(row.id) : '';
        prepare(db, 'insert or replace into quarantine (seq, entity, id, payload) values (?, ?, ?, ?)').run(
          ver,
          entity,
          id,
          JSON.stringify(row),
        );
        continue;
      }
      const value = parsed.data as Rows[Entity];
      prepare(db, 'insert or ignore into temp.seen (entity, id) values (?, ?)').run(entity, value.id);
      if (ver >= rowver(db, entity, value.id)) putRow(db, entity, value, ver);
      touched.add(entity);
    }
    if (pending) rerun(db, touched);
  })();
}

/** The snapshot is whole: its cursor counts, and what it did not name is gone. Outbox and drafts stay. */
export function endSnapshot(db: Db, begin: Extract<SnapshotLine, { t: 'begin' }>, touched: Touched): void {
  db.transaction(() => {
    restorePristine(db, touched);
    for (const entity of entityNames) {
      const gone = prepare(db, `delete from "${entity}" where rowver <= ? and id not in (select id from temp.seen where entity = ?)`).run(
        begin.cursor,
        entity,
      );
      if (gone.changes > 0) touched.add(entity);
    }
    setMeta(db, 'cursor', begin.cursor);
    setMeta(db, 'epoch', begin.epoch);
    setMeta(db, 'scopes', begin.scopes);
    rerun(db, touched);
    touched.add('outbox');
  })();
  db.exec('delete from temp.seen');
}
