/** A scope that was taken away leaves no trace in the file, not in free pages, not in the search tables, not in the log of writes. */
import { noClock } from '../../src/shared/sla.ts';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase, WrongKey } from '../../src/main/engine/database.ts';
import { purge } from '../../src/main/engine/purge.ts';
import { applyChanges, execute } from '../../src/main/engine/replica.ts';
import { holdScopes } from '../../src/main/engine/scopes.ts';
import { saveDraft } from '../../src/main/engine/tables/drafts.ts';
import { getMeta, setMeta } from '../../src/main/engine/tables/meta.ts';
import { attentionRows } from '../../src/main/engine/tables/outbox.ts';
import type { Change } from '../../src/shared/protocol.ts';
import { decryptedBytes } from '../harness/pages.ts';

const key = '3c'.repeat(32);
const [mine, lost, me] = [uuid(), uuid(), uuid()];
let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'truc-revoked-'));
  file = join(dir, 'cache.db');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

let seq = 0;
const change = (queue: string, entity: string, row: { id: string }): Change => ({
  seq: (seq += 1),
  scope: entity === 'user' || entity === 'queue' || entity === 'queueMember' ? 'workspace' : `queue:${queue}`,
  op: 'put',
  entity,
  id: row.id,
  row,
});

/** A customer with a ticket and its messages, full of a word that nobody else uses. */
function conversation(queue: string, word: string, n: number, messages: number): Change[] {
  const [customerId, ticketId] = [uuid(), uuid()];
  const at = 1_790_000_000_000 + n * 1000;
  const ticket = {
    id: ticketId,
    number: n,
    provisionalRef: null,
    subject: `Hỏi về ${word} đời ${n}`,
    status: 'open',
    priority: 'normal',
    channel: 'email',
    channelId: null,
    queueId: queue,
    assigneeId: null,
    customerId,
    tags: [`thẻ ${word}`],
    snoozedUntil: null,
    contactReason: null,
    disposition: null,
    createdAt: at,
    updatedAt: at,
    resolvedAt: null,
    lastMessageAt: at,
    lastMessageKind: 'inbound',
    lastMessagePreview: `Xem giúp ${word}`,
    lastInboundId: null,
    lastInboundAt: null,
    lastReplyId: null,
    lastReplyBy: null,
    lastReplyAt: null,
    unansweredSince: null,
    ...noClock,
    enqueuedAt: null,
    queuedSince: null,
    offeredTo: null,
    needs: [],
    followUpOf: null,
    leaseBy: null,
    leaseUntil: null,
    threads: [],
    hops: 0,
    joined: [],
    merged: null,
  };
  return [
    change(queue, 'customer', {
      id: customerId,
      name: `Khách ${word} ${n}`,
      segment: null,
      loyaltyTier: null,
      loyaltyPoints: null,
      proposals: [],
      merged: null,
      city: null,
      note: null,
      createdAt: at,
      updatedAt: at,
    } as { id: string }),
    change(queue, 'identity', {
      id: uuid(),
      customerId,
      kind: 'email',
      value: `${word.toLowerCase()}${n}@kho.test`,
      verified: true,
      state: 'ok',
    } as {
      id: string;
    }),
    change(queue, 'ticket', ticket),
    ...Array.from({ length: messages }, (_, index) =>
      change(queue, 'message', {
        id: uuid(),
        ticketId,
        kind: 'inbound',
        channel: 'email',
        authorType: 'customer',
        authorId: customerId,
        authorName: `Khách ${word}`,
        body: `Cho em hỏi ${word} số ${index}, ${'máy chạy êm, giao tận nhà, '.repeat(1 + ((n + index) % 9))} gọi ${word} nhé`,
        call: null,
        authoredAt: at + index,
        acceptedAt: at + index,
        delivery: null,
        deliveryError: null,
        extra: null,
      } as { id: string }),
    ),
    change(queue, 'journey', {
      id: ticketId,
      customerId,
      number: n,
      subject: `Hành trình ${word}`,
      channel: 'email',
      queueId: queue,
      status: 'open',
      createdAt: at,
      lastMessageAt: at,
    } as { id: string }),
  ];
}

const atDesk = () => false;

function fill(db: ReturnType<typeof openDatabase>): void {
  setMeta(db, 'userId', me);
  setMeta(db, 'epoch', 'e');
  const held = ['workspace', `user:${me}`, `queue:${mine}`, `queue:${lost}`];
  holdScopes(db, { scopes: held, epoch: 'e', oldestSeq: 0, headSeq: 1e9 }, 1_790_000_600_000, new Set());
  const people = [
    change('', 'user', { id: me, name: 'Lan', email: 'lan@x.test', role: 'agent', locale: 'vi', active: true, capacity: null } as {
      id: string;
    }),
    ...[mine, lost].map((id, position) =>
      change('', 'queue', {
        id,
        name: `Hàng ${position}`,
        purpose: 'sales',
        teamId: uuid(),
        requiresDisposition: false,
        position,
        routing: null,
      } as {
        id: string;
      }),
    ),
    ...[mine, lost].map((id) => change('', 'queueMember', { id: `${id}:${me}`, queueId: id, userId: me } as { id: string })),
  ];
  applyChanges(db, people, seq, 1, new Set());
  // Mixed, so that pages hold both, in transactions of all sizes.
  for (let n = 0; n < 400; n += 1) {
    const changes = conversation(n % 2 ? lost : mine, n % 2 ? 'Bimatzq' : 'Congkhai', n, 1 + (n % 23));
    applyChanges(db, changes, seq, 1, new Set());
  }
  // Rows that were changed before they went: their earlier forms have to go, too.
  const tickets = db.prepare('select id from ticket where queueId = ?').pluck().all(lost) as string[];
  for (const ticketId of tickets.slice(0, 40)) {
    const done = execute(
      db,
      'ticket.edit',
      { ticketId, subject: `Bimatzq đổi tên ${'rất '.repeat(30)} dài` },
      1_790_000_500_000,
      new Set(),
    );
    expect(done).toHaveProperty('mutationId');
  }
}

test('neither the text nor its folded words stay behind, also in the log of writes', async () => {
  const db = openDatabase(file, key);
  fill(db);
  expect(decryptedBytes(file, key).toString('latin1').toLowerCase()).toContain('bimatzq');
  // What an agent wrote stays theirs; here they wrote none of it down for good.
  db.prepare('delete from outbox').run();
  const [one, two] = db.prepare('select id from ticket where queueId = ? order by id limit 2').pluck().all(lost) as string[];
  const stays = db.prepare('select id from ticket where queueId = ? limit 1').pluck().get(mine) as string;
  const seen = { inboundId: null, replyId: null, assigneeId: null };
  const text = { seen, startedAt: 1, updatedAt: 1, device: '' };
  saveDraft(db, { ...text, ticketId: one!, mode: 'reply', body: 'Đang viết cho khách' });
  saveDraft(db, { ...text, ticketId: two!, mode: 'note', body: 'Ghi chú dở' });
  saveDraft(db, { ...text, ticketId: stays, mode: 'reply', body: 'Vẫn của hàng mình' });
  const told = holdScopes(
    db,
    { scopes: ['workspace', `user:${me}`, `queue:${mine}`], epoch: 'e', oldestSeq: 0, headSeq: 1e9 },
    1_790_000_600_000,
    new Set(),
  );
  expect(told.lost).toBe(true);
  expect(db.prepare('select count(*) from ticket where queueId = ?').pluck().get(lost)).toBe(0);
  expect(db.prepare('select count(*) from ticket').pluck().get()).toBe(200);
  expect(attentionRows(db).toSorted((a, b) => b.mutationId - a.mutationId)).toMatchObject([
    { mutationId: -1, name: 'message.reply', args: { body: 'Đang viết cho khách' }, rejection: { code: 'NOT_FOUND' } },
    { mutationId: -2, name: 'message.note', args: { body: 'Ghi chú dở' } },
  ]);
  expect(db.prepare('select count(*) from draft').pluck().get()).toBe(1);
  expect(await purge(db, () => false, atDesk)).toBe(true);
  const bytes = decryptedBytes(file, key).toString('latin1').toLowerCase();
  expect(existsSync(`${file}-wal`)).toBe(true);
  expect(bytes).toContain('congkhai');
  expect(bytes).not.toContain('bimatzq');
  expect(db.prepare(`select count(*) from message_text where message_text match 'congkhai'`).pluck().get()).toBeGreaterThan(100);
  db.close();
  expect(decryptedBytes(file, key).toString('latin1').toLowerCase()).not.toContain('bimatzq');
});

test('a crash between the loss and the wiping does not forget to wipe', async () => {
  const db = openDatabase(file, key);
  fill(db);
  db.prepare('delete from outbox').run();
  holdScopes(
    db,
    { scopes: ['workspace', `user:${me}`, `queue:${mine}`], epoch: 'e', oldestSeq: 0, headSeq: 1e9 },
    1_790_000_600_000,
    new Set(),
  );
  let steps = 0;
  expect(await purge(db, () => (steps += 1) > 1, atDesk)).toBe(false);
  db.close();
  const again = openDatabase(file, key);
  expect(await purge(again, () => false, atDesk)).toBe(true);
  expect(decryptedBytes(file, key).toString('latin1').toLowerCase()).not.toContain('bimatzq');
  again.close();
});

test('a large file is written anew only when nobody is at the desk; it is not forgotten meanwhile', async () => {
  const db = openDatabase(file, key);
  fill(db);
  db.prepare('delete from outbox').run();
  holdScopes(
    db,
    { scopes: ['workspace', `user:${me}`, `queue:${mine}`], epoch: 'e', oldestSeq: 0, headSeq: 1e9 },
    1_790_000_600_000,
    new Set(),
  );
  // What else an agent may have cached.
  db.exec('create table much (bytes blob)');
  for (let mb = 0; mb < 64; mb += 1) db.prepare('insert into much values (randomblob(1000000))').run();
  expect(await purge(db, () => false, atDesk)).toBe(false);
  expect(getMeta(db, 'purge')).toBe(true);
  expect(
    await purge(
      db,
      () => false,
      () => true,
    ),
  ).toBe(true);
  expect(getMeta(db, 'purge')).toBeUndefined();
  expect(decryptedBytes(file, key).toString('latin1').toLowerCase()).not.toContain('bimatzq');
  db.close();
});

test('the encrypted files show nothing, and another key opens nothing', () => {
  const db = openDatabase(file, key);
  fill(db);
  for (const name of [file, `${file}-wal`]) {
    const bytes = readFileSync(name);
    for (const known of ['SQLite format 3', 'Bimatzq', 'bimatzq', 'Congkhai', 'create table', 'kho.test'])
      expect(bytes.includes(known)).toBe(false);
  }
  db.close();
  expect(() => openDatabase(file, 'c3'.repeat(32))).toThrow(WrongKey);
});
