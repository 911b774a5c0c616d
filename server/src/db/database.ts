/** The connection to PostgreSQL and the schema's migrations. */
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import pg from 'pg';
import * as initial from './migrations/0001-initial.ts';
import * as syncTables from './migrations/0002-sync.ts';
import * as searchIndexes from './migrations/0003-search.ts';
import * as channelTables from './migrations/0004-channels.ts';
import * as outboundTables from './migrations/0005-outbound.ts';
import * as mailTables from './migrations/0006-mail.ts';
import * as apiTables from './migrations/0007-api.ts';
import * as widgetTables from './migrations/0008-widget.ts';
import * as refusalColumns from './migrations/0009-refusals.ts';
import * as mergeColumns from './migrations/0010-merge.ts';
import * as serviceTables from './migrations/0011-service.ts';
import * as peopleTables from './migrations/0012-people.ts';
import * as wallboardTables from './migrations/0013-wallboard.ts';
import * as reportIndexes from './migrations/0014-reports.ts';
import type { Tables } from './schema.ts';

export type Db = Kysely<Tables>;

// Counters and times fit a double: int8 comes as a number, as the rows' schemas say.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

interface PoolOptions {
  onError: (error: Error) => void;
  connections?: number;
}

export function openPool(url: string, options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 8,
    connectionTimeoutMillis: 5_000,
    // A query that hangs must not hold the workspace's counter for ever.
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
  });
  // An idle connection that breaks (server restarted) is the pool's to replace, not a reason to die.
  pool.on('error', options.onError);
  // So is one that breaks between two statements of a transaction, which the pool itself does not listen to.
  pool.on('connect', (client) => client.on('error', options.onError));
  return pool;
}

export function openDatabase(url: string, options: PoolOptions): Db {
  const dialect = new PostgresDialect({ pool: openPool(url, options) });
  return new Kysely<Tables>({ dialect, plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })] });
}

const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-sync': syncTables,
  '0003-search': searchIndexes,
  '0004-channels': channelTables,
  '0005-outbound': outboundTables,
  '0006-mail': mailTables,
  '0007-api': apiTables,
  '0008-widget': widgetTables,
  '0009-refusals': refusalColumns,
  '0010-merge': mergeColumns,
  '0011-service': serviceTables,
  '0012-people': peopleTables,
  '0013-wallboard': wallboardTables,
  '0014-reports': reportIndexes,
};

/** Brings the schema up to date; several hubs may start at once (the migrator holds a lock). */
export async function migrate(db: Db): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error, results } = await migrator.migrateToLatest();
  const failed = results?.find((result) => result.status === 'Error');
  if (error) throw new Error(`Migration ${failed?.migrationName ?? ''} failed`, { cause: error });
}

export async function reachable(db: Db): Promise<boolean> {
  try {
    await sql`select 1`.execute(db);
    return true;
  } catch {
    return false;
  }
}
