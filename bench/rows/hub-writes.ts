/**
 * What the hub takes in: through its committer, on embedded PostgreSQL that waits for the disk.
 *
 * The limit of a row that says "without apply": the very statements that the run before sent, sent again to a copy of the
 * database as it was before. What is missing is what the hub adds: parsing, rules, settling, scopes.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { v7 as uuid } from 'uuid';
import { migrate, openDatabase } from '../../server/src/db/database.ts';
import { startEmbedded } from '../../server/src/db/embedded.ts';
import { Committer } from '../../server/src/sync/committer.ts';
import { type Centre, openCentre, signInWorkstations, type Workstation } from '../centre.ts';
import { median, quantile, type Row } from '../figures.ts';
import { naiveNote, type NaiveNote } from '../naive-note.ts';
import { Author } from '../notes.ts';
import { openRecorded, replay, type Transaction } from '../recorder.ts';

const rounds = 3;
const connections = 8;
const workspaces = 16;

const log = pino({ level: 'silent' });

interface Prepared {
  centre: Centre;
  stations: Workstation[];
}

export async function hubWrites(): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'truc-bench-'));
  chmodSync(dir, 0o755);
  const server = await startEmbedded(dir, log);
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const urlOf = (name: string) => server.url.replace(/\/postgres$/, `/${name}`);
  let copies = 0;
  /** Does something on a fresh copy of a database. */
  const onCopy = async <T>(base: string, act: (url: string) => Promise<T>): Promise<T> => {
    const name = `copy_${(copies += 1)}`;
    await admin.query(`create database ${name} template ${base}`);
    await admin.query('checkpoint');
    const result = await act(urlOf(name));
    await admin.query(`drop database ${name} with (force)`);
    return result;
  };
  const prepare = async (name: string, count: number, size: Parameters<typeof openCentre>[2], stations: number): Promise<Prepared[]> => {
    await admin.query(`create database ${name}`);
    const db = openDatabase(urlOf(name), { onError: () => undefined });
    await migrate(db);
    await db.destroy();
    const client = new pg.Client({ connectionString: urlOf(name) });
    await client.connect();
    const made: Prepared[] = [];
    for (let index = 0; index < count; index += 1) {
      const centre = await openCentre(client, null, size);
      made.push({ centre, stations: await signInWorkstations(client, centre, stations) });
    }
    await client.end();
    return made;
  };
  try {
    const many = await prepare('many', workspaces, { queues: 2, agentsPerQueue: 4, ticketsPerQueue: 200 }, 8);
    const one = await prepare('one', 1, { queues: 10, agentsPerQueue: 20, ticketsPerQueue: 500 }, 256);
    const [alone] = one;
    if (!alone) throw new Error('nothing was prepared');

    const spread = { ours: [] as number[], bare: [] as number[], raw: [] as number[] };
    const drained = { ours: [] as number[], bare: [] as number[] };
    const grouped = { ours: [] as number[], naive: [] as number[] };
    const waits = { ours: [] as number[], naive: [] as number[] };
    const consoles = alone.stations.slice(0, 32);
    // In turn, so that all meet the same machine; the first round only warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const keep = (into: number[], value: number) => void (round > 0 && into.push(value));
      const run = await onCopy('many', (url) => pushAll(url, many, { perStation: 60, perPush: 1 }));
      keep(spread.ours, run.perSecond);
      keep(spread.bare, (run.count / (await onCopy('many', (url) => replay(url, connections, run.sequences)))) * 1000);
      keep(spread.raw, (await onCopy('many', (url) => naive(url, many, connections, 4000))).perSecond);

      const batches = await onCopy('one', (url) =>
        pushAll(url, [{ ...alone, stations: alone.stations.slice(0, 1) }], { perStation: 5000, perPush: 50 }),
      );
      keep(drained.ours, batches.perSecond);
      keep(drained.bare, (batches.count / (await onCopy('one', (url) => replay(url, 1, batches.sequences)))) * 1000);

      keep(grouped.ours, (await onCopy('one', (url) => pushAll(url, one, { perStation: 40, perPush: 1 }))).perSecond);
      keep(grouped.naive, (await onCopy('one', (url) => naive(url, one, 1, 2000))).perSecond);
      keep(
        waits.ours,
        quantile(
          (await onCopy('one', (url) => pushAll(url, [{ ...alone, stations: consoles }], { perStation: 120, perPush: 1 }))).ms,
          0.99,
        ),
      );
      keep(waits.naive, quantile((await onCopy('one', (url) => naive(url, one, 32, 4000))).ms, 0.99));
    }
    const without = 'the same loads and writes without apply';
    return [
      {
        name: `accepted mutations, ${workspaces} workspaces, ${connections} connections`,
        value: median(spread.ours),
        limit: median(spread.bare),
        limitName: without,
        unit: '/s',
        goal: 0.7,
        atLeast: true,
        note: `raw, one statement for each mutation: ${Math.round(median(spread.raw)).toLocaleString('en')}/s`,
      },
      {
        name: 'accepted mutations, one workspace, 256 consoles',
        value: median(grouped.ours),
        limit: median(grouped.naive),
        limitName: 'one statement for each, one connection',
        unit: '/s',
        goal: 2,
        atLeast: true,
      },
      {
        name: 'p99 of a push, one workspace, 32 consoles',
        value: median(waits.ours),
        limit: median(waits.naive),
        limitName: 'one statement for each, 32 connections',
        unit: 'ms',
        goal: 0.5,
      },
      {
        name: 'draining an offline queue in batches of 50',
        value: median(drained.ours),
        limit: median(drained.bare),
        limitName: without,
        unit: '/s',
        goal: 0.7,
        atLeast: true,
      },
    ];
  } finally {
    await admin.end();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Run {
  count: number;
  perSecond: number;
  /** of each push, from giving it to the hub to its answer */
  ms: number[];
  /** what each workspace asked of the database, in order */
  sequences: Transaction[][];
}

/** Every workstation pushes one push after the other, all at once. */
async function pushAll(url: string, prepared: Prepared[], size: { perStation: number; perPush: number }): Promise<Run> {
  const recorded = await openRecorded(url, connections);
  const ms: number[] = [];
  const pushes = prepared.flatMap(({ centre, stations }) => {
    const committer = new Committer(recorded.db, centre.workspaceId, log, Date.now, () => undefined);
    return stations.map((station) => {
      const author = new Author(station.clientId, centre.tickets[station.queue] ?? []);
      const batches = Array.from({ length: size.perStation / size.perPush }, () => author.notes(size.perPush));
      return async () => {
        for (const batch of batches) {
          const given = performance.now();
          const answer = await committer.push({ id: station.clientId, userId: station.userId }, batch);
          ms.push(performance.now() - given);
          const refused = answer.results.find((result) => !result.ok);
          if (refused) throw new Error(`the hub refused: ${JSON.stringify(refused)}`);
        }
      };
    });
  });
  const started = performance.now();
  await Promise.all(pushes.map((push) => push()));
  const took = performance.now() - started;
  await recorded.close();
  const count = pushes.length * size.perStation;
  const sequences = prepared.map(({ centre }) =>
    recorded.transactions.filter((one) => one.some(({ values }) => values.includes(centre.workspaceId))),
  );
  return { count, perSecond: (count / took) * 1000, ms, sequences };
}

/** One statement for each note on each connection, one after the other: no rules, nothing read, what is written is at hand. */
async function naive(url: string, prepared: Prepared[], at: number, count: number): Promise<Pick<Run, 'perSecond' | 'ms'>> {
  const pool = new pg.Pool({ connectionString: url, max: at });
  pool.on('error', () => undefined);
  const clients = await Promise.all(Array.from({ length: at }, () => pool.connect()));
  const ms: number[] = [];
  const todo: NaiveNote[][] = clients.map((_, index) =>
    Array.from({ length: Math.ceil(count / at) }, (_unused, turn) => {
      const { centre, stations } = prepared[(index + turn) % prepared.length] ?? { centre: null, stations: [] };
      const station = stations[(index * 7 + turn) % stations.length];
      if (!centre || !station) throw new Error('nothing was prepared');
      const [wire] = new Author(station.clientId, centre.tickets[station.queue] ?? []).notes(1);
      if (!wire) throw new Error('no note');
      return {
        workspaceId: centre.workspaceId,
        station,
        queueId: centre.queues[station.queue] ?? '',
        wire: { ...wire, id: index * count + turn + 1, key: uuid() },
      };
    }),
  );
  const started = performance.now();
  await Promise.all(
    clients.map(async (client, index) => {
      for (const note of todo[index] ?? []) {
        const given = performance.now();
        await client.query(...naiveNote(note));
        ms.push(performance.now() - given);
      }
    }),
  );
  const took = performance.now() - started;
  for (const client of clients) client.release();
  await pool.end();
  return { perSecond: (ms.length / took) * 1000, ms };
}
