/** The engine over the full cache, in a process of its own and asked through its port: search, the inbox meanwhile, memory. */
import { type ChildProcess, fork } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Db, openDatabase, prepare } from '../../src/main/engine/database.ts';
import { matchOf } from '../../src/main/engine/tables/match.ts';
import { readTyped } from '../../src/shared/search.ts';
import { projectRoot } from '../../scripts/electron-runtime.mjs';
import { cacheChanges } from '../cache-changes.ts';
import { quantile, type Row } from '../figures.ts';
import { pssOfTree } from '../processes.ts';
import type { Loaded } from './bootstrap.ts';

/** one to three words, frequent and rare, with accents and without, the last one whole or a beginning */
const typed = [
  'máy', 'may ', 'máy giặt', 'giao hang', 'bảo hành', 'bao hanh may', 'khách', 'khac', 'nhanh', 'em anh', 'đổi trả', 'tủ lạnh kêu',
  'giá bao nhiêu', 'hen thu hai', 'kỹ thuật', 'ky thuat vien', 'DH400007', 'dh41', '0931 076 258', '0931', 'trả góp 0', 'hoa don', 'đơn hàng hôm',
  'ng', 'tr', 'mai', 'không ạ', 'xin lỗi', 'chị ơi', 'lap dat', 'thu duc', 'hà nội ', 'quay lại', 'zalo',
]; // prettier-ignore
/** after those in which caches fill and the program's code is compiled */
const rounds = { warm: 4, counted: 16 };
const filter = { channel: null, queueId: null, assignee: null, tag: null, from: null, until: null, settled: null };
const inbox = (from: number) => ({
  view: 'all',
  sort: 'sla',
  filter: { channels: [], queueId: null, tag: null, text: '' },
  from,
  count: 50,
});

export async function engineRows({ file, key, cache }: Loaded, dir: string, wanted: (name: string) => boolean): Promise<Row[]> {
  const rows: Row[] = [];
  const program = await bundled(dir);
  const raw = rawSearch(file, key);
  const engine = new EngineChild(program, file, key);
  await engine.started();
  const page = () => engine.ask('inbox.window', inbox(50 * Math.floor(Math.random() * 20)));
  const found: number[] = [];
  const echoes: number[] = [];
  const idle: number[] = [];
  await engine.echoed(JSON.stringify(await page()));
  for (let round = 0; round < rounds.warm + rounds.counted; round += 1) {
    for (const text of typed) {
      const took = await timed(() => engine.ask('search', { text, filter, kind: 'message', after: null, count: 50 }));
      const echo = await timed(() => engine.echoed(''));
      const shown = await timed(page);
      if (round >= rounds.warm) {
        found.push(took);
        echoes.push(echo);
        idle.push(shown);
      }
    }
  }
  for (let at = 0; at < 200; at += 1) await engine.ask('ticket.timeline', { ticketId: cache.ticketId(at * 400), newest: 50 });
  if (wanted('search')) {
    rows.push({
      name: 'search 1 to 3 terms, newest first, end to end: p95',
      value: quantile(found, 0.95),
      limit: 3 * quantile(raw, 0.95) + quantile(echoes, 0.95),
      limitName: '3 × raw FTS5 + one 50-row echo',
      unit: 'ms',
      goal: 1,
      note: `p50 ${quantile(found, 0.5).toFixed(2)} ms; raw p50 ${quantile(raw, 0.5).toFixed(2)}, p95 ${quantile(raw, 0.95).toFixed(2)} ms; echo p95 ${quantile(echoes, 0.95).toFixed(2)} ms`,
    });
  }
  const during: number[] = [];
  const under = { way: true };
  const cursor = (await engine.tell('cursor', null)) as number;
  const changes = cacheChanges(cache, 10_000, cursor, cursor);
  // Page by page, as they are pulled.
  const delta = (async () => {
    for (let from = 0; from < changes.length; from += 1000) await engine.tell('delta', changes.slice(from, from + 1000));
    under.way = false;
  })();
  while (under.way) during.push(await timed(page));
  await delta;
  if (wanted('during')) {
    rows.push({
      name: 'inbox page while a delta is applied: p95',
      value: quantile(during, 0.95),
      limit: quantile(idle, 0.95),
      limitName: 'the same page when idle',
      unit: 'ms',
      goal: 3,
      note: `p50 ${quantile(during, 0.5).toFixed(2)} ms against ${quantile(idle, 0.5).toFixed(2)} ms; worst ${Math.max(...during).toFixed(1)} ms, ${during.length} pages`,
    });
  }
  await engine.tell('tidy', null);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const ours = pssOfTree(engine.pid);
  await engine.stop();
  if (wanted('memory')) {
    const bare = fork(program, [file, key, 'bare'], { execArgv: [] });
    await said(bare, 'open');
    bare.send({ words: words(file, key) });
    await said(bare, 'warm');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    rows.push({
      name: 'engine memory with the full data set (PSS)',
      value: ours,
      limit: pssOfTree(bare.pid ?? 0),
      limitName: 'SQLite with a 32 MB cache and an idle Node',
      unit: 'MB',
      goal: 1.5,
    });
    bare.send('stop');
  }
  return rows;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function bundled(dir: string): Promise<string> {
  const outfile = join(dir, 'cache-engine.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, '../fixtures/cache-engine.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.18',
    external: ['better-sqlite3', 'bufferutil', 'utf-8-validate'],
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
    logLevel: 'error',
  });
  // The addon is found from where the program lies.
  const place = join(projectRoot, 'node_modules/.cache/bench-cache-engine.mjs');
  copyFileSync(outfile, place);
  if (!existsSync(place)) throw new Error('the program was not built');
  return place;
}

function words(file: string, key: string): string[] {
  const db = openDatabase(file, key);
  const questions = rawQuestions(db).map(({ rest }) => rest);
  db.close();
  return questions;
}

/** The same words on the same table: the questions that give what is written exactly so, and the rest. */
function rawQuestions(db: Db): { exact: string | null; rest: string }[] {
  return typed.flatMap((text) => {
    const { exact, folded } = matchOf(db, 'message', readTyped(text));
    return folded === null ? [] : [{ exact, rest: exact === null ? folded : `(${folded}) NOT (${exact})` }];
  });
}

/** The plainest statements that give the same answer: the newest 50 with their texts, those written exactly so before the others. */
function rawSearch(file: string, key: string): number[] {
  const db = openDatabase(file, key);
  const questions = rawQuestions(db);
  const find = prepare(
    db,
    `select m.id, m.body, m.acceptedAt from (select rowid from message_text where message_text match ? order by rowid desc limit ?) f
     cross join message m on m.pk = f.rowid`,
  );
  const times: number[] = [];
  for (let round = 0; round < rounds.warm + rounds.counted; round += 1) {
    for (const { exact, rest } of questions) {
      const started = performance.now();
      const found = exact === null ? 0 : find.all(exact, 50).length;
      if (found < 50) find.all(rest, 50 - found);
      if (round >= rounds.warm) times.push(performance.now() - started);
    }
  }
  db.close();
  return times;
}

function said(child: ChildProcess, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => message === what && resolve());
    child.on('exit', () => reject(new Error(`it ended before it was ${what}`)));
  });
}

const ports = { queries: 1, echo: 2, control: 3 } as const;

class EngineChild {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, (json: string) => void>();
  #ids = 0;

  constructor(program: string, file: string, key: string) {
    this.#child = fork(program, [file, key, 'ours'], { execArgv: [] });
    this.#child.on('message', (message: { type: string; port?: number; json?: string }) => {
      if (message.type !== 'port.data' || message.json === undefined) return;
      const id = message.port === ports.echo ? 'echo' : String((JSON.parse(message.json) as { id: number }).id);
      this.#waiting.get(id)?.(message.json);
      this.#waiting.delete(id);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async started(): Promise<void> {
    await new Promise<void>((resolve) => this.#child.once('message', () => resolve()));
    for (const port of Object.values(ports)) this.#child.send({ type: 'port.open', port });
  }

  ask(name: string, args: unknown): Promise<unknown> {
    const id = (this.#ids += 1);
    return this.#answer(id, ports.queries, { id, do: 'query', name, args });
  }

  /** What comes from elsewhere than a window: a page of changes, an idle moment. */
  tell(name: 'cursor' | 'delta' | 'tidy', args: unknown): Promise<unknown> {
    const id = (this.#ids += 1);
    return this.#answer(id, ports.control, { id, name, args });
  }

  async #answer(id: number, port: number, message: object): Promise<unknown> {
    const { name } = message as { name: string };
    const json = await this.#post(String(id), port, JSON.stringify(message));
    const { value, error } = JSON.parse(json) as { value?: unknown; error?: unknown };
    if (error) throw new Error(`${name}: ${JSON.stringify(error)}`);
    return value;
  }

  /** The first text that was sent comes back, whatever is sent; parsed, as an answer would be. */
  async echoed(json: string): Promise<unknown> {
    return JSON.parse(await this.#post('echo', ports.echo, json)) as unknown;
  }

  #post(id: string, port: number, json: string): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ type: 'port.data', port, json });
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.send({ type: 'stop' });
    });
  }
}
