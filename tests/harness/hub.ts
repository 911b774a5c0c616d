/** A hub in this process, on a database of its own. */
import { rmSync } from 'node:fs';
import pg from 'pg';
import pino from 'pino';
import { inject } from 'vitest';
import { readConfig } from '../../server/src/config.ts';
import { type Hub, startHub } from '../../server/src/hub.ts';
import { temporaryDir } from './postgres.ts';

export interface TestHub extends Hub {
  databaseUrl: string;
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
  /** the same hub again on the same database and port, as after a restart */
  restart(): Promise<void>;
  down(): Promise<void>;
  /** `env`: settings for this start only */
  up(env?: Record<string, string>): Promise<void>;
}

let made = 0;

/** A demo hub on a fresh database. `env` overrides settings. */
export async function startTestHub(env: Record<string, string> = {}): Promise<TestHub> {
  const server = inject('postgresUrl');
  const name = `t${process.pid}_${(made += 1)}`;
  await once(server, `create database ${name}`);
  const databaseUrl = server.replace(/\/postgres$/, `/${name}`);
  const dataDir = temporaryDir('truc-hub-');
  const settings = {
    PORT: '0',
    TRUC_DEMO: '1',
    TRUC_DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    TRUC_SIGN_IN_LIMIT: '1000',
    TRUC_VISITOR_LIMIT: '10000',
    TRUC_VISITOR_OPENINGS: '10000',
    TRUC_VISITOR_FILES: '1000',
    ...env,
  };
  const log = pino({ level: process.env['TRUC_LOG_LEVEL'] ?? 'silent' }, pino.destination(2));
  let hub = await startHub(readConfig(settings), log);
  const { url } = hub;
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  // One that is still closing when its database is dropped is told so, and nobody need know.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const test: TestHub = {
    url,
    databaseUrl,
    databasePid: () => hub.databasePid(),
    routes: hub.routes,
    notice: hub.notice,
    query: async (text, values) => (await pool.query(text, values)).rows,
    async restart() {
      await test.down();
      await test.up();
    },
    down: () => hub.stop(),
    async up(once = {}) {
      hub = await startHub(readConfig({ ...settings, ...once, PORT: new URL(url).port }), log);
    },
    async stop() {
      await hub.stop();
      await pool.end();
      await once(server, `drop database if exists ${name} with (force)`);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return test;
}

async function once(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
