/** The morning after: a hub is killed under 1,000 consoles, and they all come back at once with what was written meanwhile. */
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { Committer } from '../../server/src/sync/committer.ts';
import { HubProcess } from '../../tests/harness/hub-process.ts';
import { type Centre, openCentre, signInWorkstations, type Workstation } from '../centre.ts';
import { figure, quantile, type Row } from '../figures.ts';
import type { Returned, Returning, ToReturning } from '../fixtures/returning-consoles.ts';
import { Author } from '../notes.ts';
import { peakOf } from '../processes.ts';
import { openRecorded, replay } from '../recorder.ts';

const consoles = 1000;
const queued = 20;
const operations = consoles * queued;

export async function reconnect(): Promise<Row> {
  const dir = mkdtempSync(join(tmpdir(), 'truc-bench-'));
  chmodSync(dir, 0o755);
  const hub = await new HubProcess(join(dir, 'hub'), { TRUC_DEMO: '0' }).start();
  const clients = fork(join(import.meta.dirname, '../fixtures/returning-consoles.ts'), { serialization: 'advanced' });
  const tell = (message: ToReturning): Promise<unknown> =>
    new Promise((resolve, reject) => {
      clients.once('message', (answer: { value: unknown }) => resolve(answer.value));
      clients.once('error', reject);
      clients.send(message);
    });
  try {
    const { centre, stations } = await withDatabase(hub.databaseUrl, async (sql) => {
      const known = await sql.query<{ id: string }>('select workspace_id as id from workspace_counter');
      const made = await openCentre(sql, known.rows[0]?.id ?? null, { queues: 100, agentsPerQueue: 10, ticketsPerQueue: 20 });
      return { centre: made, stations: await signInWorkstations(sql, made, consoles) };
    });
    const returning = stations.map((station): Returning => {
      const { token, clientId, queue } = station;
      return { token, clientId, queue, queued: new Author(clientId, centre.tickets[queue] ?? []).notes(queued) };
    });
    await tell({ do: 'prepare', url: hub.url, consoles: returning });
    await tell({ do: 'connect' });
    await hub.kill();
    const limit = await withoutApply(hub.databaseUrl, centre, stations, returning);

    await hub.start();
    const returned = (await tell({ do: 'return' })) as Returned;
    const peak = peakOf(hub.pid);
    await check(hub.databaseUrl);
    const at = (q: number) => Math.round(quantile(returned.pushes, q));
    return {
      name: `${consoles.toLocaleString('en')} consoles come back with ${queued} operations each`,
      value: (operations / returned.ms) * 1000,
      limit,
      limitName: 'the same loads and writes without apply, and without consoles',
      unit: '/s',
      goal: 0.5,
      atLeast: true,
      note:
        `all pushed and caught up after ${figure(returned.ms / 1000, 's')}; push answers p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms; ` +
        `longest stall ${Math.round(returned.stall)} ms; ${returned.retries} retries; ${returned.changes.toLocaleString('en')} changes delivered; ` +
        `hub at most ${Math.round(peak)} MB`,
    };
  } finally {
    clients.kill();
    await hub.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function withDatabase<T>(url: string, act: (sql: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

/** Operations a second of the same pushes, all given at once, as statements alone: on copies of the database that the killed hub has left. */
async function withoutApply(url: string, centre: Centre, stations: Workstation[], returning: Returning[]): Promise<number> {
  const named = (name: string) => url.replace(/\/postgres$/, `/${name}`);
  await withDatabase(named('template1'), async (sql) => {
    await sql.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'postgres'`);
    for (const name of ['first', 'second']) await sql.query(`create database ${name} template postgres`);
  });
  const recorded = await openRecorded(named('first'), 8);
  const committer = new Committer(recorded.db, centre.workspaceId, pino({ level: 'silent' }), Date.now, () => undefined);
  await Promise.all(
    stations.map(({ clientId, userId }, index) => committer.push({ id: clientId, userId }, returning[index]?.queued ?? [])),
  );
  await recorded.close();
  const ms = await replay(named('second'), 8, [recorded.transactions]);
  await withDatabase(named('template1'), async (sql) => {
    for (const name of ['first', 'second']) await sql.query(`drop database ${name} with (force)`);
  });
  return (operations / ms) * 1000;
}

/** Everything is there, once. */
async function check(url: string): Promise<void> {
  await withDatabase(url, async (sql) => {
    const found = await sql.query<{ messages: number; results: number; log: number; head: number }>(`
      select (select count(*)::int from message) as messages, (select count(*)::int from mutation_result where (result->>'ok')::boolean) as results,
        (select count(*)::int from change_log) as log, (select seq::int from workspace_counter) as head`);
    const { messages, results, log, head } = found.rows[0] ?? {};
    if (messages !== operations || results !== operations || log !== head) {
      throw new Error(
        `of ${operations} operations ${messages} messages and ${results} results are there; ${log} log entries up to ${head}`,
      );
    }
  });
}
