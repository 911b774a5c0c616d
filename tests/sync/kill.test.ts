/** `kill -9` of the hub and of its PostgreSQL while consoles write: what was acknowledged is there, once, and nothing is left running. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { v4, v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MutationResult } from '../../src/shared/protocol.ts';
import { until } from '../harness/engine.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { temporaryDir } from '../harness/postgres.ts';
import { Visitor } from '../harness/visitor.ts';
import { signIn, type SignedIn, WireClient } from '../harness/wire.ts';

const long = process.env['TRUC_LONG'] === '1';
const kills = long ? 24 : 6;

let dataDir: string;
let hub: HubProcess;
beforeAll(async () => {
  dataDir = temporaryDir('truc-kill-');
  hub = await new HubProcess(dataDir).start();
});
afterAll(async () => {
  await hub.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function rows<R extends pg.QueryResultRow>(text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: hub.databaseUrl });
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Writes notes one batch after the other, and sends each again until it is acknowledged, as the outbox does. */
class Writer {
  readonly acknowledged: string[] = [];
  readonly refused: MutationResult[] = [];
  #stop = false;
  #id = 0;
  readonly done: Promise<void>;
  readonly #me: SignedIn;
  readonly #ticketId: string;

  constructor(me: SignedIn, ticketId: string) {
    this.#me = me;
    this.#ticketId = ticketId;
    this.done = this.#run();
  }

  stop(): Promise<void> {
    this.#stop = true;
    return this.done;
  }

  async #run(): Promise<void> {
    let client: WireClient | null = null;
    while (!this.#stop) {
      const notes = Array.from({ length: 5 }, () => uuid());
      const mutations = notes.map((messageId) => ({
        id: (this.#id += 1),
        key: v4(),
        name: 'message.note',
        args: { messageId, ticketId: this.#ticketId, body: `ghi chú ${this.#id}` },
        authoredAt: Date.now(),
        baseSeq: 0,
      }));
      for (let sent = false; !sent;) {
        try {
          client ??= await this.#connect();
          const answer = await client.socket.timeout(3000).emitWithAck('push', { mutations });
          if (!answer.value) throw new Error('refused for now');
          this.refused.push(...(answer.value.results as MutationResult[]).filter((result) => !result.ok));
          this.acknowledged.push(...notes);
          sent = true;
        } catch {
          client?.close();
          client = null;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    }
    client?.close();
  }

  async #connect(): Promise<WireClient> {
    const client = new WireClient(hub.url, { token: this.#me.token, clientId: this.#me.clientId, protocol: 1, cursor: null });
    const greeting = await Promise.race([
      client.greeting(),
      new Promise<never>((_, reject) => client.socket.once('connect_error', reject)),
    ]).catch((error: unknown) => {
      client.close();
      throw error;
    });
    if (greeting.name !== 'welcome') {
      client.close();
      throw new Error('not welcome');
    }
    return client;
  }
}

test(`${kills} kills under load`, { timeout: 600_000 }, async () => {
  const customer = await new Visitor(hub.url).open();
  await customer.say('Chịu tải');
  const [ticket] = await rows<{ id: string }>(`select id from ticket where last_message_preview = 'Chịu tải'`);
  const writers = await Promise.all(['lan', 'minh', 'thu'].map(async (key) => new Writer(await signIn(hub.url, key), ticket!.id)));
  const count = () => writers.reduce((sum, writer) => sum + writer.acknowledged.length, 0);

  for (let kill = 0; kill < kills; kill += 1) {
    const before = count();
    await until(() => count() >= before + 60);
    // At a random moment, hub or database or both.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 80));
    const known = writers.flatMap((writer) => [...writer.acknowledged]);
    const database = hub.databasePid();
    if (kill % 3 === 0) {
      await hub.kill();
      await hub.start();
      expect(hub.databasePid()).not.toBe(database);
    } else if (kill % 3 === 1) {
      process.kill(database, 'SIGKILL');
    } else {
      await hub.kill();
      process.kill(database, 'SIGKILL');
      await hub.start();
    }
    await until(() =>
      fetch(`${hub.url}/readyz`).then(
        (answer) => answer.status === 200,
        () => false,
      ),
    );
    // The hub may answer from a connection that has not noticed yet; what counts is a new one to a new server.
    if (kill % 3 === 1) await until(() => existsSync(hub.lockFile) && hub.databasePid() !== database);
    await until(() =>
      rows('select 1').then(
        () => true,
        () => false,
      ),
    );
    const there = new Set((await rows<{ id: string }>(`select id from message where kind = 'note'`)).map((row) => row.id));
    expect(known.filter((id) => !there.has(id))).toEqual([]);
  }

  await Promise.all(writers.map((writer) => writer.stop()));
  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  expect(writers.flatMap((writer) => writer.refused)).toEqual([]);
  const there = (await rows<{ id: string }>(`select id from message where kind = 'note' and body like 'ghi chú %'`)).map((row) => row.id);
  expect(there.toSorted()).toEqual(acknowledged.toSorted());
  const twice = await rows(`select entity_id from change_log where entity = 'message' group by entity_id, scope having count(*) > 1`);
  expect(twice).toEqual([]);
  const gaps = await rows(`select count(*)::int as entries, max(seq)::int as head, min(seq)::int as first from change_log`);
  expect(gaps[0]).toMatchObject({ first: 1, entries: (gaps[0] as { head: number }).head });
});

test('a stale lock file, also one that names a living stranger, does not keep the hub from starting', async () => {
  await hub.kill();
  process.kill(hub.databasePid(), 'SIGKILL');
  await until(() => hub.processes().length === 0);
  const lock = hub.lockFile;
  writeFileSync(lock, `${process.pid}\n${dataDir}/postgres\n0\n5432\n\n127.0.0.1\n`);
  await hub.start();
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);
});

test('an orderly end leaves no process behind', async () => {
  expect(hub.processes().length).toBeGreaterThan(0);
  await hub.stop();
  await until(() => hub.processes().length === 0);
  await hub.start();
});
