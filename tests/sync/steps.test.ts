/** A run of the hub's changes may be cut anywhere, and the agent's own work lies on top of it at every cut: the end is the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Db, openDatabase } from '../../src/main/engine/database.ts';
import { applyChanges, execute } from '../../src/main/engine/replica.ts';
import { holdScopes } from '../../src/main/engine/scopes.ts';
import { applyInSteps } from '../../src/main/engine/steps.ts';
import { setMeta } from '../../src/main/engine/tables/meta.ts';
import type { Change } from '../../src/shared/protocol.ts';
import { aMessage, aTicket, someTime } from '../harness/rows.ts';

const [me, mine, other] = [uuid(), uuid(), uuid()];
const held = ['workspace', `user:${me}`, `queue:${mine}`];
let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'truc-steps-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

let seq = 0;
const put = <R extends { id: string }>(scope: string, entity: string, row: R): Change => ({
  seq: (seq += 1),
  scope,
  op: 'put',
  entity,
  id: row.id,
  row,
});
const leave = (scope: string, id: string): Change => ({ seq: (seq += 1), scope, op: 'leave', entity: 'ticket', id });

const customerId = uuid();
const ticket = aTicket({ queueId: mine, assigneeId: me, customerId });
const message = aMessage({ ticketId: ticket.id });
const customer = {
  id: customerId,
  name: 'Khách',
  segment: null,
  loyaltyTier: null,
  loyaltyPoints: null,
  proposals: [],
  merged: null,
  city: null,
  note: null,
  createdAt: someTime,
  updatedAt: someTime,
};
const here: Change[] = [
  put('workspace', 'user', { id: me, name: 'Lan', email: 'lan@x.test', role: 'agent', locale: 'vi', active: true, capacity: null }),
  ...[mine, other].map((id, position) =>
    put('workspace', 'queue', {
      id,
      name: `Hàng ${position}`,
      purpose: 'sales',
      teamId: me,
      requiresDisposition: false,
      position,
      routing: null,
    } as {
      id: string;
    }),
  ),
  put('workspace', 'queueMember', { id: `${mine}:${me}`, queueId: mine, userId: me }),
  put(`queue:${mine}`, 'customer', customer),
  put(`queue:${mine}`, 'ticket', ticket),
  put(`queue:${mine}`, 'message', message),
];

/** A cache with the ticket in it, and two changes by the agent on their way. */
function cache(name: string): Db {
  const db = openDatabase(join(dir, name), 'ab'.repeat(32));
  setMeta(db, 'userId', me);
  setMeta(db, 'epoch', 'e');
  holdScopes(db, { scopes: held, epoch: 'e', oldestSeq: 0, headSeq: 1e9 }, someTime, new Set());
  applyChanges(db, here, seq, 1, new Set());
  for (const [mutation, args] of [
    ['ticket.tag', { ticketId: ticket.id, add: ['gấp'], remove: [] }],
    ['message.note', { ticketId: ticket.id, messageId: uuid(), body: 'Đã gọi' }],
  ] as const)
    expect(execute(db, mutation, args, someTime + 1000, new Set())).toHaveProperty('mutationId');
  return db;
}

const left = (db: Db) =>
  (['ticket', 'message', 'customer', 'journey', 'slaClock'] as const).map((table) =>
    db.prepare(`select count(*) from ${table}`).pluck().get(),
  );

const stories: [string, () => Change[], number[]][] = [
  ['it leaves the queue and its agent at once', () => [leave(`queue:${mine}`, ticket.id), leave(`user:${me}`, ticket.id)], [0, 0, 0, 0, 0]],
  ['the other way round', () => [leave(`user:${me}`, ticket.id), leave(`queue:${mine}`, ticket.id)], [0, 0, 0, 0, 0]],
  [
    'to another queue, still the same agent; then away',
    () => [
      put(`user:${me}`, 'ticket', { ...ticket, queueId: other }),
      put(`user:${me}`, 'message', message),
      leave(`queue:${mine}`, ticket.id),
      put(`user:${me}`, 'message', aMessage({ ticketId: ticket.id, body: 'Còn đó không ạ' })),
      leave(`user:${me}`, ticket.id),
    ],
    [0, 0, 0, 0, 0],
  ],
  [
    'its agent gives it up, and takes it again',
    () => [
      put(`queue:${mine}`, 'ticket', { ...ticket, assigneeId: null }),
      leave(`user:${me}`, ticket.id),
      put(`queue:${mine}`, 'ticket', ticket),
      put(`user:${me}`, 'ticket', ticket),
      put(`user:${me}`, 'message', message),
    ],
    // The note that waits is there as well.
    [1, 2, 1, 0, 0],
  ],
];

test.each(stories)('%s: cut anywhere', (_name, story, expected) => {
  const changes = story();
  for (let cuts = 0; cuts < 2 ** (changes.length - 1); cuts += 1) {
    const db = cache(`${cuts}.db`);
    let from = 0;
    for (let to = 1; to <= changes.length; to += 1) {
      if (to < changes.length && (cuts & (1 << (to - 1))) === 0) continue;
      applyChanges(db, changes.slice(from, to), changes[to - 1]!.seq, 1, new Set());
      from = to;
    }
    expect([cuts, left(db)]).toEqual([cuts, expected]);
    db.close();
  }
});

test('taken in steps it is the same, cursor included; broken off it goes on', async () => {
  const [, story, expected] = stories[2]!;
  const changes = story();
  const end = changes.at(-1)!.seq;
  for (const patience of [0, 1, 2, 99]) {
    const db = cache(`steps-${patience}.db`);
    let steps = 0;
    await applyInSteps(db, { changes, cursor: end, asOf: 2 }, new Set(), { going: () => (steps += 1) <= patience, now: () => 0 });
    const cursor = Number(db.prepare(`select value from meta where name = 'cursor'`).pluck().get());
    // One change, then as many as seem to fit.
    expect(cursor).toBe(patience === 0 ? changes[0]!.seq : end);
    await applyInSteps(db, { changes: changes.filter((change) => change.seq > cursor), cursor: end, asOf: 2 }, new Set(), {
      going: () => true,
      now: () => 0,
    });
    expect(left(db)).toEqual(expected);
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    db.close();
  }
});
