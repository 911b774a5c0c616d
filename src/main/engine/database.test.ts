import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { columnsOf, entityNames } from '../../shared/domain.ts';
import { DatabaseTooNew, openDatabase, WrongKey } from './database.ts';
import { up as cache } from './migrations/0001-cache.ts';
import { up as size } from './migrations/0002-size.ts';

const key = 'ab'.repeat(32);
let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'truc-db-'));
  file = join(dir, 'cache.db');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('every entity has a table with its columns', () => {
  const db = openDatabase(file, key);
  for (const entity of entityNames) {
    const columns = (db.pragma(`table_info("${entity}")`) as { name: string }[]).map((column) => column.name);
    expect(columns).toEqual(expect.arrayContaining([...columnsOf(entity), 'rowver']));
  }
  expect(db.pragma('synchronous', { simple: true })).toBe(2);
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
  db.close();
});

test('the file shows nothing of what is in it, and opens with its key only', () => {
  const db = openDatabase(file, key);
  db.prepare(`insert into meta values ('secret', 'Nguyễn Thị Hồng Nhung 0912345678')`).run();
  copyFileSync(`${file}-wal`, join(dir, 'copy-wal'));
  db.close();
  for (const name of ['cache.db', 'copy-wal']) {
    const bytes = readFileSync(join(dir, name));
    expect(bytes.includes('SQLite format 3')).toBe(false);
    expect(bytes.includes('0912345678')).toBe(false);
    expect(bytes.includes('create table')).toBe(false);
  }
  expect(() => openDatabase(file, 'cd'.repeat(32))).toThrow(WrongKey);
  expect(() => openDatabase(file, 'short')).toThrow(WrongKey);
  const again = openDatabase(file, key);
  expect(again.prepare(`select value from meta where name = 'secret'`).pluck().get()).toContain('Hồng Nhung');
  again.close();
});

test('a file of a newer version is refused and left as it is', () => {
  openDatabase(file, key).close();
  const db = new Database(file);
  db.pragma(`cipher='sqlcipher'`);
  db.pragma(`key="x'${key}'"`);
  db.pragma('user_version=999');
  db.close();
  const before = readFileSync(file);
  expect(() => openDatabase(file, key)).toThrow(DatabaseTooNew);
  expect(readFileSync(file).equals(before)).toBe(true);
});

/** A file as the first version of the program left it, with work in it. */
function firstVersion(): void {
  const db = new Database(file);
  db.pragma(`cipher='sqlcipher'`);
  db.pragma(`key="x'${key}'"`);
  db.exec(cache);
  db.pragma('user_version=1');
  db.exec(`
    insert into meta values ('cursor', '42'), ('scopes', '["workspace"]'), ('epoch', '"e"'), ('userId', '"u"');
    insert into customer (id, name, createdAt, updatedAt) values ('c', 'Khách', 1, 1);
    insert into outbox (key, name, args, authoredAt, baseSeq) values ('k', 'message.note', '{"body":"chưa gửi"}', 1, 42);
    insert into pristine values ('ticket', 't', null);
    insert into attention (mutationId, name, args, rejection, authoredAt, rejectedAt) values (7, 'message.reply', '{}', '{"code":"STALE_REPLY"}', 1, 2);
    insert into draft values ('t', 'reply', 'đang viết', '{}', 1, 2);
    insert into quarantine values (3, 'sau-nay', 'x', '{}');`);
  db.close();
}

test('from the first version on: the cache is fetched anew; outbox, refused changes, drafts and what was set aside stay', () => {
  firstVersion();
  const db = openDatabase(file, key);
  const all = (table: string) => db.prepare(`select * from ${table}`).all();
  expect(all('outbox')).toMatchObject([{ mutationId: 1, key: 'k', args: '{"body":"chưa gửi"}', state: 'pending' }]);
  expect(all('attention')).toMatchObject([{ mutationId: 7, name: 'message.reply' }]);
  expect(all('draft')).toMatchObject([{ ticketId: 't', body: 'đang viết', rev: 0, dirty: 1 }]);
  expect(all('quarantine')).toHaveLength(1);
  expect(all('customer')).toEqual([]);
  expect(all('pristine')).toEqual([]);
  expect(all('meta')).toEqual([{ name: 'userId', value: '"u"' }]);
  // Ids go on where they were: the hub remembers the last.
  db.prepare(`insert into outbox (key, name, args, authoredAt, baseSeq) values ('k2', 'message.note', '{}', 1, 0)`).run();
  expect(db.prepare('select max(mutationId) from outbox').pluck().get()).toBe(2);
  db.close();
});

test('an upgrade that is cut off half-way is made whole the next time', () => {
  firstVersion();
  const db = new Database(file);
  db.pragma(`cipher='sqlcipher'`);
  db.pragma(`key="x'${key}'"`);
  db.exec('begin');
  db.exec(size);
  // The power goes before the commit.
  db.close();
  const again = openDatabase(file, key);
  expect(again.prepare('select count(*) from outbox').pluck().get()).toBe(1);
  expect(again.prepare('select count(*) from ticket').pluck().get()).toBe(0);
  again.close();
});
