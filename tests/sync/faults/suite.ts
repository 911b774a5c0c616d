/** The fault suite: real consoles, a real hub, real PostgreSQL, all of which are killed at random while agents work. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { AttentionItem } from '../../../src/shared/bridge.ts';
import { Draw } from '../../harness/draw.ts';
import { HubProcess } from '../../harness/hub-process.ts';
import { temporaryDir } from '../../harness/postgres.ts';
import { Centre, killAtRandom, type Kills, spoil } from './chaos.ts';
import { Customer } from './customers.ts';
import { type Desk, openDesk, signInAgain, work } from './desk.ts';
import type { Operation } from './operations.ts';
import { compareCache, HubState, type Invariant, judgeLog, judgeOperations } from './verdict.ts';

export interface Faults {
  seed: number;
  kills: number;
  /** acknowledged operations of all consoles together */
  operations: number;
  consoles: number;
  /** mean time between two bursts of one agent, ms */
  pauseMs: number;
  say: (line: string) => void;
}

export interface Report {
  kills: Kills;
  lineFaults: Record<string, number>;
  operations: Record<Operation['outcome'], number> & { offline: number; refusedByHub: number };
  byKind: Record<string, number>;
  customerMessages: number;
  signInsAgain: number;
  seconds: { chaos: number; settling: number };
  invariants: Invariant[];
}

const accounts = ['lan', 'minh', 'hoa', 'thu', 'quan', 'lan', 'minh', 'hoa'];
const settleMs = 180_000;

export async function runFaults(options: Faults): Promise<Report> {
  const { seed, say } = options;
  const dataDir = temporaryDir('truc-faults-');
  const hub = await new HubProcess(dataDir).start();
  const centre = new Centre(hub);
  const desks: Desk[] = [];
  try {
    for (let index = 0; index < options.consoles; index += 1) {
      desks.push(await openDesk(hub.url, `k${index}`, accounts[index % accounts.length]!));
    }
    const customers = Array.from({ length: 4 }, () => new Customer(hub.url));
    say(`seed ${seed}: ${desks.length} consoles signed in`);

    const since = Date.now();
    const started = performance.now();
    const acknowledged = () => desks.reduce((sum, desk) => sum + told(desk), 0);
    const wanted = () => acknowledged() < options.operations;
    const watching = setInterval(() => say(progress(desks, acknowledged(), options.operations)), 15_000);
    const customersTalk = customers.map((customer, index) => customer.talk(new Draw(seed, `customer ${index}`), 2500, wanted));
    const linesBreak = desks.map((desk) => spoil(desk, new Draw(seed, `line ${desk.name}`), 4000, wanted));
    const agentsWork = desks.map((desk) => work(desk, new Draw(seed, `agent ${desk.name}`), options.pauseMs, wanted));
    const killing = killAtRandom(new Draw(seed, 'kills'), desks, centre, { ...options, done: acknowledged });
    const [kills] = await Promise.all([killing, ...agentsWork]);
    clearInterval(watching);
    await Promise.all(desks.map((desk) => desk.busy));
    await centre.starting;
    const chaos = performance.now() - started;

    // Now everything stays up, and must find together.
    const lineFaults: Record<string, number> = {};
    await Promise.all(linesBreak);
    for (const { line } of desks) {
      for (const [kind, count] of Object.entries(line.happened)) lineFaults[kind] = (lineFaults[kind] ?? 0) + count;
      line.heal();
    }
    await Promise.all(customersTalk);
    const settling = performance.now();
    const stuck = await settle(desks, settleMs);
    say(`settled after ${((performance.now() - settling) / 1000).toFixed(1)} s${stuck.length > 0 ? `; not: ${stuck.join('; ')}` : ''}`);

    for (const desk of desks) {
      if (!stuck.some((one) => one.startsWith(`${desk.name} `))) continue;
      say(
        `${desk.name}, ${new Date().toISOString()}: ${JSON.stringify(await desk.engine.query('status', null))}\n  ${desk.engine.lastWords.join('\n  ')}`,
      );
    }
    const attention = new Map<Desk, AttentionItem[]>();
    for (const desk of desks) attention.set(desk, await desk.engine.query('attention.list', null));
    const { state, compared, differences, client } = await converged(desks, centre, since);
    try {
      const listed = desks.map((desk) => ({ desk, clientId: desk.engine.clientId, attention: attention.get(desk) ?? [] }));
      const ends = [
        ...centre.faults,
        ...desks.flatMap((desk) => [...desk.faults, ...desk.engine.crashes].map((fault) => `${desk.name}: ${fault}`)),
      ];
      const operations = desks.flatMap((desk) => desk.operations);
      const count = (outcome: Operation['outcome']) => operations.filter((operation) => operation.outcome === outcome).length;
      const byKind: Record<string, number> = {};
      for (const { kind } of operations) byKind[kind] = (byKind[kind] ?? 0) + 1;
      return {
        kills,
        lineFaults,
        operations: {
          acknowledged: count('acknowledged'),
          declined: count('declined'),
          unanswered: count('unanswered'),
          offline: operations.filter((operation) => operation.offline).length,
          refusedByHub: state.results.filter((result) => !result.ok).length,
        },
        byKind,
        customerMessages: customers.reduce((sum, customer) => sum + customer.acknowledged.length, 0),
        signInsAgain: desks.reduce((sum, desk) => sum + desk.signInsAgain, 0),
        seconds: { chaos: chaos / 1000, settling: (performance.now() - settling) / 1000 },
        invariants: [
          ...(await judgeOperations(listed, state)),
          ...(await judgeLog(state, customers, since)),
          {
            name: 'every console holds what the hub says for its user, row by row, and nothing else',
            checked: compared,
            broken: differences,
          },
          { name: 'every outbox is empty within the time given', checked: desks.length, broken: stuck },
          { name: 'no process ended, hung or failed that was not killed', checked: desks.length + 1, broken: ends },
        ],
      };
    } finally {
      await client.end();
    }
  } finally {
    for (const desk of desks) {
      await desk.engine.dispose();
      await desk.line.close();
    }
    await hub.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const told = (desk: Desk) => desk.operations.filter((operation) => operation.outcome === 'acknowledged').length;

function progress(desks: Desk[], done: number, all: number): string {
  return `${done} of ${all} operations; by console ${desks.map(told).join(' ')}`;
}

/** Waits until nothing is queued anywhere; names who is not done in time. */
async function settle(desks: Desk[], ms: number): Promise<string[]> {
  const end = performance.now() + ms;
  for (;;) {
    const open: string[] = [];
    for (const desk of desks) {
      const status = await desk.engine.query('status', null);
      if (status.connection === 'online' && status.queued === 0) continue;
      open.push(`${desk.name} is ${status.connection} with ${status.queued} queued`);
      await signInAgain(desk);
    }
    if (open.length === 0 || performance.now() > end) return open;
    await sleep(100);
  }
}

/** Compares every console's file with the hub, at a moment when the log stood still: timers may still write. */
async function converged(desks: Desk[], centre: Centre, since: number) {
  for (let attempt = 1; ; attempt += 1) {
    // A heartbeat brings every cursor to the head.
    await sleep(6000);
    for (const desk of desks) await desk.engine.stop();
    const client = new pg.Client({ connectionString: centre.hub.databaseUrl });
    await client.connect();
    const state = await HubState.read(client);
    const found = desks.map((desk) => ({ desk, result: compareCache(desk, state, since) }));
    const behind = found.filter(({ result }) => result === null);
    if (behind.length === 0 || attempt === 8) {
      return {
        client,
        state,
        compared: found.reduce((sum, { result }) => sum + (result?.compared ?? 0), 0),
        differences: [
          ...found.flatMap(({ result }) => result?.differences ?? []),
          ...behind.map(({ desk }) => `${desk.name} has not reached the head of the log`),
        ],
      };
    }
    await client.end();
    for (const desk of desks) await desk.engine.start();
    await settle(desks, 30_000);
  }
}
