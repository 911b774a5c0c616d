/**
 * The local copy: confirmed rows, the agent's own changes on top of them, and the way back (sync page,
 * "Workstation tables"). Every public function is one transaction.
 */
import { v4 as randomKey } from 'uuid';
import { type Entity, entities, entityNames, type Rows } from '../../shared/domain.ts';
import type { Context, Mutation, Rejection, RowChange } from '../../shared/mutations/define.ts';
import { findMutation, type MutationName } from '../../shared/mutations/registry.ts';
import { type Actor, queuesOf } from '../../shared/permissions.ts';
import { ackRow, type Change, dueRow, type HistoryAnswer, type MutationResult, type SnapshotLine } from '../../shared/protocol.ts';
import { type Db, prepare } from './database.ts';
import { hereSince } from './tables/conversation.ts';
import { sendDraftsAgain } from './tables/drafts.ts';
import { clearMeta, getMeta, setMeta } from './tables/meta.ts';
import { dropChange, keepChange, keptAside } from './tables/quarantine.ts';
import { addIntent, dropAccepted, dropThrough, hasArrived, intents, markAccepted, setAside } from './tables/outbox.ts';
import {
  allRows,
  deleteRow,
  dropOrphans,
  dropTicket,
  forgetTicket,
  getRow,
  keepBy,
  keptBy,
  loadedFrom,
  loadReads,
  moveClocks,
  putRow,
  rowver,
} from './tables/rows.ts';

/** What a transaction touched, for the queries that watch it. */
export type Touched = Set<Entity | 'outbox' | 'attention' | 'draft' | 'quarantine'>;

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

const noNewIds = (): never => {
  throw new Error("rows that nobody has named are the hub's to make");
};

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
    const outcome = run(db, mutation, parsed.data, { now, actor, side: 'workstation', newId: noNewIds });
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
  // Reads may follow from one another, as on the hub; each is made once.
  const asked = new Set<string>();
  for (let round = 0; mutation.more && round < 6; round += 1) {
    const fresh = mutation.more(args, loaded, ctx.actor.userId).filter((read) => {
      const key = JSON.stringify(read);
      return !asked.has(key) && asked.add(key);
    });
    if (fresh.length === 0) break;
    loadReads(db, fresh, rows);
  }
  return mutation.apply(loaded, args, ctx);
}

/** An own change: the confirmed form of the row is kept until the hub has spoken. */
function applyOwn(db: Db, change: RowChange, touched: Touched): void {
  const id = change.op === 'put' ? change.row.id : change.id;
  const before = getRow(db, change.entity, id);
  prepare(db, 'insert or ignore into pristine (entity, id, row) values (?, ?, ?)').run(
    change.entity,
    id,
    before === undefined ? null : JSON.stringify({ row: before, ver: rowver(db, change.entity, id), kept: keptBy(db, change.entity, id) }),
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
      const { row: before, ver, kept: scopes } = JSON.parse(row) as { row: Rows[Entity]; ver: number; kept?: number | null };
      putRow(db, entity, before, ver);
      // Which scopes still keep it: one that it has left may have been told before the other.
      if (entity === 'ticket' && typeof scopes === 'number') keepBy(db, id, scopes);
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
  const waiting = intents(db);
  const actor = waiting.length > 0 ? actorHere(db) : null;
  if (!actor) return;
  for (const intent of waiting) {
    const mutation = findMutation(intent.name);
    if (!mutation) continue;
    const outcome = run(db, mutation, intent.args, { now: intent.authoredAt, actor, side: 'workstation', newId: noNewIds });
    if ('changes' in outcome) for (const change of outcome.changes) applyOwn(db, change, touched);
  }
}

/**
 * Changes from the hub, up to `cursor`, which the hub says was complete at `asOf` (hub's clock). Returns how long it took (ms, by `now`)
 * to take the agent's own work off and to put it on again.
 */
export function applyChanges(
  db: Db,
  changes: Change[],
  cursor: number,
  asOf: number,
  touched: Touched,
  now: () => number = () => performance.now(),
): number {
  let own = 0;
  db.transaction(() => {
    if (changes.length > 0 || hasArrived(db, cursor)) {
      own -= now();
      withoutOwn(db, touched, () => {
        own += now();
        for (const change of changes) applyChange(db, change, asOf, touched);
        dropAccepted(db, cursor);
        own -= now();
      });
      own += now();
    }
    setMeta(db, 'cursor', cursor);
    setMeta(db, 'dataAsOf', asOf);
  })();
  return own;
}

function applyChange(db: Db, change: Change, now: number, touched: Touched): void {
  if (change.op === 'ack') {
    const ack = ackRow.parse(change.row);
    for (const result of ack.results) takeResult(db, result, now, touched);
    dropThrough(db, ack.lastMutationId);
    touched.add('outbox');
    return;
  }
  if (change.op === 'due') {
    moveClocks(db, dueRow.parse(change.row), change.seq);
    touched.add('slaClock').add('ticket');
    return;
  }
  if (!takeChange(db, change, touched)) keepAside(db, change, touched);
}

/** False when this version does not know the entity, or the row's form. */
function takeChange(db: Db, change: Change, touched: Touched): boolean {
  const entity = entityNames.find((name) => name === change.entity);
  if (!entity) return false;
  const row = change.op === 'put' ? entities[entity].schema.safeParse(change.row) : null;
  if (row?.success === false) return false;
  // A snapshot may be newer than this part of the log.
  const here = rowver(db, entity, change.id);
  if (change.seq < here) return true;
  touched.add(entity);
  if (row?.success) putRow(db, entity, row.data as Rows[Entity], change.seq, here >= 0);
  else if (change.op === 'del') deleteRow(db, entity, change.id);
  else if (change.op === 'leave' && entity === 'ticket') leaveScope(db, change.id, change.scope, touched);
  return true;
}

/** The ticket is in `scope` no more; it stays while another scope that is held here keeps it. */
function leaveScope(db: Db, ticketId: string, scope: string, touched: Touched): void {
  const stored = prepare(db, 'select queueId, assigneeId, kept from ticket where id = ?').get(ticketId) as
    | { queueId: string; assigneeId: string | null; kept: number }
    | undefined;
  if (!stored) {
    // What came ahead of it goes with it.
    forget(db, ticketId, touched);
    return;
  }
  const kept = stored.kept & (scope === `queue:${stored.queueId}` ? ~1 : ~0) & (scope === `user:${stored.assigneeId}` ? ~2 : ~0);
  const held = new Set(getMeta(db, 'scopes') ?? []);
  const stays = ((kept & 1) !== 0 && held.has(`queue:${stored.queueId}`)) || ((kept & 2) !== 0 && held.has(`user:${stored.assigneeId}`));
  if (stays) keepBy(db, ticketId, kept);
  else forget(db, ticketId, touched);
}

function forget(db: Db, ticketId: string, touched: Touched): void {
  forgetTicket(db, ticketId);
  for (const entity of ['ticket', 'message', 'attachment', 'slaClock', 'customer', 'identity', 'journey'] as const) touched.add(entity);
}

function takeResult(db: Db, result: MutationResult, now: number, touched: Touched): void {
  if (result.ok || !result.rejection) return;
  if (setAside(db, result.id, result.rejection, now)) touched.add('attention');
}

/** The hub's answer to a push. The effects of what it accepted come through the log; what it refused is set aside now. */
export function takeAnswer(db: Db, results: MutationResult[], seq: number, now: number, touched: Touched): void {
  db.transaction(() => {
    const cursor = getMeta(db, 'cursor') ?? 0;
    for (const result of results) if (result.ok) markAccepted(db, result.id, seq);
    const refused = results.filter((result) => !result.ok);
    if (refused.length > 0 || hasArrived(db, cursor)) {
      withoutOwn(db, touched, () => {
        for (const result of refused) takeResult(db, result, now, touched);
        dropAccepted(db, cursor);
      });
    }
    touched.add('outbox');
  })();
}

/** Forgets tickets that no scope keeps here any more. */
export function forgetAll(db: Db, ticketIds: string[], touched: Touched): void {
  for (const id of ticketIds) forget(db, id, touched);
}

/** Runs with the agent's own changes taken back, and puts them on again. Inside a transaction. */
export function withoutOwn(db: Db, touched: Touched, run: () => void): void {
  restorePristine(db, touched);
  run();
  rerun(db, touched);
}

/** Keeps a change that can't be read for after an upgrade. */
function keepAside(db: Db, change: Change, touched: Touched): void {
  keepChange(db, change);
  touched.add('quarantine');
}

/** After an upgrade: takes what this version can read now. What it still can't stays. */
export function replayAside(db: Db): { taken: number; left: number } {
  return db.transaction(() => {
    const kept = keptAside(db);
    let taken = 0;
    withoutOwn(db, new Set(), () => {
      for (const change of kept) {
        if (!takeChange(db, change, new Set())) continue;
        dropChange(db, change);
        taken += 1;
      }
    });
    // What hangs on a row that was set aside may have been let go: the whole once more, when there is a line.
    if (kept.length > 0 && !getMeta(db, 'snapshot')) setMeta(db, 'snapshot', { at: null });
    return { taken, left: kept.length - taken };
  })();
}

export type SnapshotRow = Extract<SnapshotLine, { t: 'row' | 'early' }>;
type Begin = Extract<SnapshotLine, { t: 'begin' }>;
type Page = Extract<SnapshotLine, { t: 'page' }>;

/** Starts a snapshot, or goes on with the one that is under way if the hub does. */
export function beginSnapshot(db: Db, begin: Begin, touched: Touched): void {
  const mismatch = db.transaction(() => {
    const at = getMeta(db, 'snapshot')?.at;
    const sameScopes = at && at.scopes.length === begin.scopes.length && at.scopes.every((scope) => begin.scopes.includes(scope));
    if (begin.resumed) {
      if (at?.cursor === begin.cursor && at.epoch === begin.epoch && sameScopes) return false;
      setMeta(db, 'snapshot', { at: null });
      return true;
    }
    // Also of a snapshot that was never finished.
    const epoch = getMeta(db, 'rowsEpoch');
    if (epoch !== undefined && epoch !== begin.epoch) {
      // Restored from a backup: the versions of the time before mean nothing any more.
      withoutOwn(db, touched, () => {
        for (const entity of entityNames) db.exec(`update "${entity}" set rowver = 0`);
      });
      clearMeta(db, 'draftRev');
      sendDraftsAgain(db);
    }
    setMeta(db, 'rowsEpoch', begin.epoch);
    const { cursor, scopes, historyFrom, total } = begin;
    setMeta(db, 'snapshot', { at: { cursor, epoch: begin.epoch, scopes, historyFrom, total, page: null, done: 0 } });
    return false;
  })();
  if (mismatch) throw new SnapshotMismatch();
}

/** The hub goes on with a snapshot that is not the one under way here. The next attempt starts anew. */
export class SnapshotMismatch extends Error {}

/** Rows sent ahead, so that work can begin. */
export function takeEarlyRows(db: Db, rows: SnapshotRow[], touched: Touched): void {
  db.transaction(() => withoutOwn(db, touched, () => rows.forEach((row) => takeSnapshotRow(db, row, touched))))();
}

/** One page: its rows, and nothing else, are in that range; what the cache has there beside them, and not from later, goes. */
export function takePage(db: Db, page: Page, rows: SnapshotRow[], touched: Touched): void {
  db.transaction(() => {
    const progress = getMeta(db, 'snapshot')?.at;
    if (!progress) throw new SnapshotMismatch();
    const { from, to } = page;
    const entity = entityNames.find((name) => name === page.entity);
    withoutOwn(db, touched, () => {
      const named = new Set(rows.map((row) => takeSnapshotRow(db, row, touched)));
      if (!entity) return;
      const here = prepare(db, `select id from "${entity}" where id > ? and id <= ? and rowver <= ?`).pluck();
      for (const id of here.all(from ?? '', to ?? '\u{10ffff}', progress.cursor) as string[]) {
        if (named.has(id)) continue;
        if (entity === 'ticket') dropTicket(db, id);
        else deleteRow(db, entity, id);
        touched.add(entity);
      }
      if (entity === 'ticket') markHistory(db, rows, progress.historyFrom);
    });
    setMeta(db, 'snapshot', { at: { ...progress, page: { entity: page.entity, after: to }, done: progress.done + rows.length } });
  })();
}

/** Settled tickets that are older than the history that a snapshot brings: their beginning is at the hub. */
function markHistory(db: Db, rows: SnapshotRow[], historyFrom: number): void {
  const beyond = prepare(
    db,
    'insert into loaded_range (ticketId, since) select id, ? from ticket where id = ? and settled = 1 and createdAt < ? on conflict do update set since = excluded.since',
  );
  const whole = prepare(db, 'delete from loaded_range where ticketId = ?');
  for (const { row } of rows) {
    const id = idOf(row);
    whole.run(id);
    if (historyFrom > 0) beyond.run(historyFrom, id, historyFrom);
  }
}

/** Takes the row if it is not older than the one here; returns its id. */
function takeSnapshotRow(db: Db, line: SnapshotRow, touched: Touched): string {
  const { entity, row, ver } = line;
  const id = idOf(row);
  if (!takeChange(db, { seq: ver, scope: '', op: 'put', entity, id, row }, touched)) {
    keepAside(db, { seq: ver, scope: '', op: 'put', entity, id, row }, touched);
  }
  return id;
}

const idOf = (row: unknown): string => (typeof row === 'object' && row !== null && 'id' in row ? String(row.id) : '');

/** The snapshot is whole: its cursor counts from now on. Outbox and drafts stay. */
export function endSnapshot(db: Db, touched: Touched): void {
  db.transaction(() => {
    const progress = getMeta(db, 'snapshot')?.at;
    if (!progress) throw new SnapshotMismatch();
    withoutOwn(db, touched, () => dropOrphans(db));
    setMeta(db, 'cursor', progress.cursor);
    setMeta(db, 'epoch', progress.epoch);
    setMeta(db, 'historyFrom', progress.historyFrom);
    clearMeta(db, 'snapshot');
    touched.add('outbox');
  })();
}

/** Older messages of a ticket, and how far back they reach now. Nothing is taken for a ticket that has left meanwhile. */
export function takeHistory(db: Db, ticketId: string, answer: HistoryAnswer, before: number, touched: Touched): void {
  db.transaction(() => {
    // Another page, or a snapshot, may have come first.
    if (hereSince(db, ticketId) !== before) return;
    withoutOwn(db, touched, () => {
      const take = (entity: Entity) => (one: { ver: number; row: unknown }) =>
        takeSnapshotRow(db, { t: 'row', entity, ver: one.ver, row: one.row }, touched);
      answer.messages.forEach(take('message'));
      answer.attachments.forEach(take('attachment'));
    });
    if (answer.since === 0) prepare(db, 'delete from loaded_range where ticketId = ?').run(ticketId);
    else prepare(db, 'update loaded_range set since = ? where ticketId = ?').run(answer.since, ticketId);
    touched.add('message');
  })();
}
