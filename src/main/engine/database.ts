/** The encrypted SQLite file of one hub, workspace and user. */
import Database from 'better-sqlite3';
import { fold } from '../../shared/fold.ts';
import { up as cache } from './migrations/0001-cache.ts';
import { up as size } from './migrations/0002-size.ts';
import { up as merge } from './migrations/0003-merge.ts';
import { up as channels } from './migrations/0004-channels.ts';
import { up as joining } from './migrations/0005-merge.ts';
import { up as service } from './migrations/0006-service.ts';
import { up as codes } from './migrations/0007-codes.ts';

export type Db = Database.Database;

const migrations = [cache, size, merge, channels, joining, service, codes];

export class DatabaseTooNew extends Error {}
export class WrongKey extends Error {}

/** `key`: 64 hexadecimal digits. Refuses a file of a newer version and a wrong key; damages neither. */
export function openDatabase(file: string, key: string): Db {
  if (!/^[0-9a-f]{64}$/.test(key)) throw new WrongKey('the key is not 32 bytes in hexadecimal');
  const db = new Database(file);
  try {
    db.pragma(`cipher='sqlcipher'`);
    db.pragma(`key="x'${key}'"`);
    try {
      db.pragma('user_version');
    } catch (error) {
      throw new WrongKey('the file does not open with this key', { cause: error });
    }
    // Each commit is on disk before it is acknowledged; what is deleted leaves no trace in the file.
    db.pragma('journal_mode=WAL');
    db.pragma('synchronous=FULL');
    db.pragma('foreign_keys=ON');
    db.pragma('secure_delete=ON');
    db.pragma('cache_size=-32000');
    db.pragma('temp_store=MEMORY');
    // Moving the log of writes into the file is for idle moments (tidy.ts); only a very long one is moved by whoever writes.
    db.pragma('wal_autocheckpoint=32000');
    db.function('fold', { deterministic: true }, (text: unknown) => fold(String(text ?? '')));
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: Db): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length) throw new DatabaseTooNew(`the file has version ${version}, this program knows ${migrations.length}`);
  for (let next = version; next < migrations.length; next += 1) {
    const script = migrations[next];
    if (script === undefined) continue;
    db.transaction(() => {
      db.exec(script);
      db.pragma(`user_version=${next + 1}`);
    })();
  }
}

const statements = new WeakMap<Db, Map<string, Database.Statement>>();

/** A prepared statement, kept for as long as its database is open. */
export function prepare(db: Db, text: string): Database.Statement {
  let kept = statements.get(db);
  if (!kept) statements.set(db, (kept = new Map()));
  let statement = kept.get(text);
  if (!statement) kept.set(text, (statement = db.prepare(text)));
  return statement;
}
