/**
 * The hub of the property suite: the real committer, fan-out, sessions and log on a real PostgreSQL, a fresh workspace for each
 * run; only sockets and wall time are the suite's own.
 */
import { Logger, runMigrations } from 'graphile-worker';
import { sql } from 'kysely';
import pino from 'pino';
import { v4, v7 as uuid } from 'uuid';
import type { Db } from '../../../server/src/db/database.ts';
import { migrate, openDatabase } from '../../../server/src/db/database.ts';
import { Sessions } from '../../../server/src/auth/sessions.ts';
import { Fanout } from '../../../server/src/realtime/fanout.ts';
import { regrant, type SyncHub } from '../../../server/src/realtime/console-session.ts';
import { Viewing } from '../../../server/src/realtime/viewing.ts';
import { compact } from '../../../server/src/sync/compaction.ts';
import { Committer } from '../../../server/src/sync/committer.ts';
import { SignJWT } from 'jose';

export const roles = ['agent', 'agent', 'agent', 'lead'] as const;

export interface People {
  id: string;
  role: (typeof roles)[number];
}

/** Who exists in a workspace of the suite. */
export interface Staff {
  people: People[];
  queues: string[];
  team: string;
}

export interface Store {
  db: Db;
  close(): Promise<void>;
}

/** Opens a database of its own for the suite. Commits fail on demand: a deferred trigger stands for a disk that gives up. */
export async function openStore(postgresUrl: string): Promise<Store> {
  const name = `property_${process.pid}_${Math.floor(performance.now())}`;
  const admin = openDatabase(postgresUrl, { onError: () => undefined, connections: 1 });
  await sql.raw(`create database ${name}`).execute(admin);
  const url = postgresUrl.replace(/\/[^/]*$/, `/${name}`);
  // The job queue's own schema; nobody works its jobs here.
  await runMigrations({ connectionString: url, logger: new Logger(() => () => undefined) });
  const db = openDatabase(url, { onError: () => undefined, connections: 4 });
  await migrate(db);
  await sql.raw(statements).execute(db);
  return {
    db,
    close: async () => {
      await db.destroy();
      await sql.raw(`drop database if exists ${name} with (force)`).execute(admin);
      await admin.destroy();
    },
  };
}

/** Tables whose rows belong to a workspace, for backups. */
const tables = [
  'workspace',
  'workspace_counter',
  'team',
  'app_user',
  'team_member',
  'queue',
  'queue_member',
  'channel',
  'customer',
  'identity',
  'ticket',
  'message',
  'attachment',
  'sla_clock',
  'article',
  'change_log',
  'client',
  'mutation_result',
  'session',
];

const statements = `
create table sim_fault (workspace_id uuid primary key);
create function sim_commit() returns trigger language plpgsql as $$ begin
  if exists (select 1 from sim_fault where workspace_id = new.workspace_id) then raise exception 'the disk is gone' using errcode = '58030'; end if;
  return null;
end $$;
create constraint trigger sim_commit after update on workspace_counter deferrable initially deferred for each row execute function sim_commit();
create table sim_backup (workspace_id uuid, name text, rows jsonb, primary key (workspace_id, name));
create function sim_save(w uuid) returns void language plpgsql as $$ declare t text; begin
  delete from sim_backup where workspace_id = w;
  foreach t in array array[${tables.map((table) => `'${table}'`).join(', ')}] loop
    execute format('insert into sim_backup select $1, %L, coalesce(jsonb_agg(to_jsonb(x)), ''[]'') from %I x where workspace_id = $1', t, t) using w;
  end loop;
end $$;
create function sim_clear(w uuid) returns void language plpgsql as $$ declare t text; begin
  foreach t in array array[${tables.map((table) => `'${table}'`).join(', ')}] loop
    execute format('delete from %I where workspace_id = $1', t) using w;
  end loop;
  delete from sim_backup where workspace_id = w;
end $$;
create function sim_restore(w uuid) returns void language plpgsql as $$ declare b record; c text; begin
  for b in select * from sim_backup where workspace_id = w loop
    execute format('delete from %I where workspace_id = $1', b.name) using w;
    select string_agg(quote_ident(column_name), ', ') into c from information_schema.columns
      where table_schema = 'public' and table_name = b.name and is_generated = 'NEVER';
    execute format('insert into %I (%s) select %s from jsonb_populate_recordset(null::%I, $1)', b.name, c, c, b.name) using b.rows;
  end loop;
end $$;`;

/** A hub process: it can die at any moment; the store stays. */
export class SimHub {
  readonly store: Store;
  readonly workspaceId = v4();
  readonly staff: Staff;
  readonly #key = new Uint8Array(32).fill(7);
  #running: { hub: SyncHub; fanout: Fanout } | null = null;
  backedUp = false;

  constructor(store: Store) {
    this.store = store;
    this.staff = { people: roles.map((role) => ({ id: v4(), role })), queues: [v4(), v4()], team: v4() };
  }

  get db(): Db {
    return this.store.db;
  }

  /** People, queues, channels. Everybody serves the first queue; the second, all but the third agent. */
  async found(): Promise<void> {
    const { people, queues, team } = this.staff;
    const w = this.workspaceId;
    const members = people.flatMap(({ id }, index) =>
      queues.filter((_, q) => q === 0 || index !== 2).map((queue) => `('${w}', '${queue}:${id}', '${queue}', '${id}')`),
    );
    await sql
      .raw(
        `with a as (insert into workspace_counter (workspace_id, seq, oldest_seq, ticket_number, last_at, reference_seq, epoch) values ('${w}', 0, 0, 1000, 0, 1, '${v4()}')),
        b as (insert into workspace (workspace_id, id, name, locale) values ('${w}', '${w}', 'Thử', 'vi')),
        c as (insert into team (workspace_id, id, name) values ('${w}', '${team}', 'Tổ')),
        d as (insert into app_user (workspace_id, id, name, email, role, locale, active) values ${people
          .map(({ id, role }, index) => `('${w}', '${id}', 'Người ${index}', '${id}@x.test', '${role}', 'vi', true)`)
          .join(', ')}),
        e as (insert into team_member (workspace_id, id, team_id, user_id) values ${people
          .filter(({ role }) => role === 'lead')
          .map(({ id }) => `('${w}', '${team}:${id}', '${team}', '${id}')`)
          .join(', ')}),
        f as (insert into queue (workspace_id, id, name, purpose, team_id, requires_disposition, position) values ${queues
          .map((id, index) => `('${w}', '${id}', 'Hàng ${index}', 'sales', '${team}', false, ${index})`)
          .join(', ')}),
        g as (insert into queue_member (workspace_id, id, queue_id, user_id) values ${members.join(', ')})
        insert into channel (workspace_id, id, kind, name, queue_id, active) values ${queues
          .map((id, index) => `('${w}', 'kenh-${index}', '${index === 0 ? 'chat' : 'email'}', 'Kênh ${index}', '${id}', true)`)
          .join(', ')}`,
      )
      .execute(this.db);
    await this.start();
  }

  /** A workstation that has signed in: its client row, its session, its token. */
  async register(clientId: string, userId: string): Promise<string> {
    const sid = uuid();
    await sql`with c as (insert into client (workspace_id, client_id, user_id, device_name, created_at, last_seen_at)
        values (${this.workspaceId}, ${clientId}, ${userId}, 'máy', 0, 0) on conflict do nothing)
      insert into session (id, workspace_id, user_id, client_id, generation, confirmed, refresh_hash, created_at, expires_at)
        values (${sid}, ${this.workspaceId}, ${userId}, ${clientId}, 1, true, decode(md5(${sid}), 'hex'), 0, 9000000000000)`.execute(
      this.db,
    );
    return new SignJWT({ cid: clientId, sid, gen: 1 })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(userId)
      .setAudience(this.workspaceId)
      .setIssuedAt()
      .setExpirationTime('900d')
      .sign(this.#key);
  }

  async start(): Promise<void> {
    const log = pino({ level: 'silent' });
    const { db, workspaceId } = this;
    const after: { hub: SyncHub | null } = { hub: null };
    const fanout = new Fanout(db, workspaceId, log, (changes) => {
      if (after.hub) this.#regranting = regrant(after.hub, changes);
    });
    const committer = new Committer(db, workspaceId, log, Date.now, (changes) => {
      if (this.#running?.fanout === fanout) fanout.committed(changes);
    });
    await fanout.start();
    const sessions = await Sessions.open(db, workspaceId, 600_000);
    // The suite signs its own tokens, with the hub's key.
    const secret = await sql<{ value: string }>`select value from hub_secret where name = 'access-token'`.execute(db);
    this.#key.set(Buffer.from(secret.rows[0]?.value ?? '', 'hex'));
    const viewing = new Viewing(async () => null);
    const hub: SyncHub = { db, workspaceId, sessions, committer, fanout, viewing, log };
    after.hub = hub;
    this.#running = { hub, fanout };
  }

  #regranting: Promise<void> = Promise.resolve();

  /** Until grants that have just changed are in force. */
  regranted(): Promise<void> {
    return this.#regranting.catch(() => undefined);
  }

  /** The process is gone; what it had committed is not. */
  kill(): void {
    this.#running?.fanout.stop();
    this.#running = null;
  }

  get up(): boolean {
    return this.#running !== null;
  }

  get hub(): SyncHub {
    if (!this.#running) throw new Error('the hub is down');
    return this.#running.hub;
  }

  async failCommits(on: boolean): Promise<void> {
    if (on) await sql`insert into sim_fault values (${this.workspaceId}) on conflict do nothing`.execute(this.db);
    else await sql`delete from sim_fault where workspace_id = ${this.workspaceId}`.execute(this.db);
  }

  /** Only what a newer form has replaced, or also what is older than so many ms. */
  async compact(logMs: number): Promise<void> {
    await compact(this.db, this.workspaceId, { logMs, supersededMs: 0, batch: 20 });
  }

  async backUp(): Promise<void> {
    await sql`select sim_save(${this.workspaceId})`.execute(this.db);
    this.backedUp = true;
  }

  /** Back to the backup; returns the keys of the mutations that this has undone. */
  async restore(): Promise<string[]> {
    const before = await this.keys();
    await this.failCommits(false);
    await sql`select sim_restore(${this.workspaceId})`.execute(this.db);
    await sql`update workspace_counter set epoch = ${v4()} where workspace_id = ${this.workspaceId}`.execute(this.db);
    const after = new Set((await this.keys()).map(({ key }) => key));
    return before.map(({ key }) => key).filter((key) => !after.has(key));
  }

  /** Takes the run's rows away. */
  async clear(): Promise<void> {
    await sql`select sim_clear(${this.workspaceId})`.execute(this.db);
  }

  async keys(): Promise<{ key: string; ok: boolean }[]> {
    const found = await sql<{ key: string; ok: boolean }>`
      select key, (result->>'ok')::boolean as ok from mutation_result where workspace_id = ${this.workspaceId}`.execute(this.db);
    return found.rows;
  }

  /** Which of these keys the disk knows. */
  async durable(keys: string[]): Promise<Set<string>> {
    const found = await sql<{ key: string }>`
      select key from mutation_result where workspace_id = ${this.workspaceId} and key = any(${keys}::uuid[])`.execute(this.db);
    return new Set(found.rows.map((row) => row.key));
  }
}
