/** Changes to 1,000 consoles: as the hub does it, with sessions and scopes, against a bare socket.io broadcast of the same. */
import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { v7 as uuid } from 'uuid';
import { migrate, openDatabase } from '../../server/src/db/database.ts';
import { startEmbedded } from '../../server/src/db/embedded.ts';
import type { Change } from '../../src/shared/protocol.ts';
import { openCentre, signInWorkstations } from '../centre.ts';
import { median, quantile, type Row } from '../figures.ts';
import type { FromHub, ToHub } from '../fixtures/fan-out-hub.ts';
import type { FromConsoles, ToConsoles } from '../fixtures/wire-consoles.ts';
import { naiveNote } from '../naive-note.ts';

const consoles = 1000;
/** connected before memory is first looked at: what the first connections set up is not theirs alone */
const first = 100;
const rounds = 2;
const events = 240;
/** tickets that they are about, in turn: those that a busy queue works on */
const tickets = 20;
/** Events on their way before the first has reached everybody. The first: hardly any waits for another. */
const windows = [2, 8, 16, 32, 48] as const;
/** ms in which 99 of 100 deliveries must be there; a throughput with longer queues is none */
const inTime = 100;

export async function fanOut(): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'truc-bench-'));
  chmodSync(dir, 0o755);
  const server = await startEmbedded(dir, pino({ level: 'silent' }));
  const sql = new pg.Client({ connectionString: server.url });
  try {
    const db = openDatabase(server.url, { onError: () => undefined });
    await migrate(db);
    await db.destroy();
    await sql.connect();
    const centre = await openCentre(sql, null, { queues: 1, agentsPerQueue: consoles, ticketsPerQueue: 10 });
    const stations = await signInWorkstations(sql, centre, consoles);
    const queueId = centre.queues[0] ?? '';
    const notes = Array.from({ length: tickets }, () => noteIn(centre.workspaceId, queueId));

    const hub = await Line.open([server.url, centre.workspaceId], stations);
    const bare = await Line.open(
      ['bare'],
      stations.map(() => ({ token: '', clientId: '' })),
    );
    const runs = { hub: new Map<number, Sent[]>(), bare: new Map<number, Sent[]>() };
    // In turn, so that both meet the same machine; the first round only warms up.
    for (let round = 0; round <= rounds; round += 1) {
      for (const window of windows) {
        for (const [name, line] of [['hub', hub] as const, ['bare', bare] as const]) {
          const sent = await line.send(notes, window);
          if (round > 0) runs[name].set(window, [...(runs[name].get(window) ?? []), sent]);
        }
      }
    }
    const apart = (sent: Map<number, Sent[]>) => sent.get(windows[0]) ?? [];
    /** the most events in a second, among the windows whose deliveries came in time */
    const best = (sent: Map<number, Sent[]>) =>
      [...sent.values()]
        .map((of) => ({ events: median(of.map((one) => one.eventsPerSecond)), p99: median(of.map((one) => one.p99)) }))
        .filter(({ p99 }) => p99 < inTime)
        .sort((a, b) => b.events - a.events)[0] ?? { events: NaN, p99: NaN };
    const most = { hub: best(runs.hub), bare: best(runs.bare) };
    const perSecond = (sent: Sent[]) => median(sent.map((one) => one.framesPerSecond));
    await hub.close();
    await bare.close();
    return [
      {
        name: 'fan-out to 1,000 consoles: deliveries',
        value: perSecond(apart(runs.hub)),
        limit: perSecond(apart(runs.bare)),
        limitName: 'bare socket.io broadcast of the same payload',
        unit: '/s',
        goal: 0.6,
        atLeast: true,
        note: `one event in each, ${JSON.stringify(notes[0]).length} characters; p99 ${Math.round(median(apart(runs.hub).map((one) => one.p99)))} ms`,
      },
      {
        name: `fan-out to 1,000 consoles: events, coalesced, p99 < ${inTime} ms`,
        value: most.hub.events,
        limit: most.bare.events,
        limitName: 'bare broadcast of each',
        unit: '/s',
        goal: 2,
        atLeast: true,
        note: `on ${tickets} tickets in turn; p99 ${Math.round(most.hub.p99)} ms, bare ${Math.round(most.bare.p99)} ms`,
      },
      {
        name: 'fan-out to 1,000 consoles: memory of a connection',
        value: hub.perConnection.used / 1024,
        limit: bare.perConnection.used / 1024,
        limitName: 'bare socket.io',
        unit: 'kB',
        goal: 1.5,
        note: `in use after a collection; the process grew by ${Math.round(hub.perConnection.resident / 1024)} kB a connection, bare ${Math.round(bare.perConnection.resident / 1024)} kB`,
      },
    ];
  } finally {
    await sql.end();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Sent {
  framesPerSecond: number;
  eventsPerSecond: number;
  /** ms from the making of an event to its arrival */
  p99: number;
}

/** A server and the consoles that are connected to it, each in a process. */
class Line {
  readonly #hub: ChildProcess;
  readonly #consoles: ChildProcess;
  perConnection = { used: 0, resident: 0 };

  private constructor(hub: ChildProcess, clients: ChildProcess) {
    this.#hub = hub;
    this.#consoles = clients;
  }

  static async open(args: string[], stations: { token: string; clientId: string }[]): Promise<Line> {
    const fixture = (name: string) => join(import.meta.dirname, '../fixtures', name);
    const line = new Line(fork(fixture('fan-out-hub.ts'), args, { execArgv: ['--expose-gc'] }), fork(fixture('wire-consoles.ts')));
    const { url } = await heard<FromHub, 'ready'>(line.#hub, 'ready');
    const connect = async (some: typeof stations) => {
      const connected = heard<FromConsoles, 'connected'>(line.#consoles, 'connected');
      line.#tellConsoles({ do: 'connect', url, stations: some.map(({ token, clientId }) => ({ token, clientId })) });
      await connected;
      const memory = heard<FromHub, 'memory'>(line.#hub, 'memory');
      line.#tellHub({ do: 'memory' });
      return memory;
    };
    const few = await connect(stations.slice(0, first));
    const all = await connect(stations.slice(first));
    const each = (more: number, less: number) => (more - less) / (consoles - first);
    line.perConnection = { used: each(all.used, few.used), resident: each(all.resident, few.resident) };
    line.#consoles.on('message', (message: FromConsoles) => {
      if (message.did === 'got') line.#tellHub({ do: 'got', mark: message.mark });
    });
    return line;
  }

  /** All events to everybody, `window` of them at a time. */
  async send(notes: Change[][], window: number): Promise<Sent> {
    this.#tellConsoles({ do: 'count', marks: events });
    const counted = heard<FromConsoles, 'counted'>(this.#consoles, 'counted');
    const started = performance.now();
    this.#tellHub({ do: 'send', count: events, window, events: notes });
    const { frames, ms } = await counted;
    const seconds = (performance.now() - started) / 1000;
    return { framesPerSecond: frames / seconds, eventsPerSecond: (events * consoles) / seconds, p99: quantile(ms, 0.99) };
  }

  async close(): Promise<void> {
    this.#tellConsoles({ do: 'close' });
    await new Promise((resolve) => this.#consoles.once('exit', resolve));
    this.#hub.kill();
  }

  #tellHub(message: ToHub): void {
    this.#hub.send(message);
  }

  #tellConsoles(message: ToConsoles): void {
    this.#consoles.send(message);
  }
}

/** The next message of this kind. */
function heard<M extends { did: string }, D extends M['did']>(child: ChildProcess, did: D): Promise<Extract<M, { did: D }>> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`));
    const listen = (message: M) => {
      if (message.did !== did) return;
      child.off('message', listen);
      child.off('exit', ended);
      resolve(message as Extract<M, { did: D }>);
    };
    child.on('message', listen);
    child.once('exit', ended);
  });
}

/** What a note changes, as the log has it: ticket, message, journey. */
function noteIn(workspaceId: string, queueId: string): Change[] {
  const station = { clientId: uuid(), userId: uuid(), queue: 0, token: '' };
  const wire = { id: 1, key: uuid(), name: 'message.note', authoredAt: Date.now(), baseSeq: 0 };
  const args = { messageId: uuid(), ticketId: uuid(), body: '' };
  const [, values] = naiveNote({ workspaceId, station, queueId, wire: { ...wire, args } });
  const entries = JSON.parse(String(values[6])) as (Change & { n: number })[];
  return entries.filter((entry) => entry.op === 'put').map(({ n: _n, ...entry }) => ({ ...entry, seq: 0 }));
}
