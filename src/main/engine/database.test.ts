import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { columnsOf, entityNames } from '../../shared/domain.ts';
import { DatabaseTooNew, openDatabase, WrongKey } from './database.ts';

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
