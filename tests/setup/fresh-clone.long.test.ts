/**
 * What a newcomer types, in a bare clone of what is committed: `npm start`, twice, and `npm run hub`. With the Node and
 * npm of the machine, as whoever runs the tests; where that is root, once more as an ordinary user made for it.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { projectRoot } from '../../scripts/electron-runtime.mjs';
import { signal, waitUntil } from '../../scripts/processes.mjs';

const isRoot = process.getuid?.() === 0;
/** For an installation from an empty npm cache, a build, a first PostgreSQL cluster and a first window. */
const firstStartMs = 90_000;
const nextStartMs = 25_000;
const stopMs = 20_000;
const wholeMs = 115_000;

interface Person {
  home: string;
  /** nothing when it is ourselves */
  ids: { uid?: number; gid?: number };
}

/** One command of a newcomer, in a process group of its own, as a terminal would have it. */
class Command {
  readonly #child: ChildProcess;
  #said = '';

  constructor(args: string[], cwd: string, env: Record<string, string>, ids: Person['ids']) {
    this.#child = spawn('npm', args, { cwd, env, ...ids, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
  }

  get said(): string {
    return this.#said;
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The line, once it is there whole. */
  async line(pattern: RegExp, ms: number): Promise<RegExpExecArray> {
    const find = () => pattern.exec(this.#said);
    await waitUntil(() => find() !== null || this.#ended, ms);
    const found = find();
    if (!found) throw new Error(`${this.#ended ? 'ended' : `${ms} ms passed`} without ${pattern.source}:\n${this.#said}`);
    return found;
  }

  /** Ctrl+C reaches everyone in the foreground. */
  async interrupt(): Promise<void> {
    if (this.#child.pid !== undefined) signal(-this.#child.pid, 'SIGINT');
    if (!(await waitUntil(() => this.#ended, stopMs))) throw new Error(`did not end on Ctrl+C:\n${this.#said}`);
  }
}

/** Processes that run in, from, or on something below this folder. */
function processesOf(folder: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .flatMap((pid) => {
      try {
        if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const places = [command, readlinkSync(`/proc/${pid}/cwd`), readlinkSync(`/proc/${pid}/exe`)];
        return places.some((place) => place.includes(folder)) ? [{ pid, command }] : [];
      } catch {
        return []; // ended meanwhile, or somebody else's
      }
    });
}

/** What a newcomer's shell has: nothing of this test run, its Node or its npm; the way to the network as it is. */
function environment({ home, ids }: Person, folder: string): Record<string, string> {
  const kept =
    /^(lang|lc_\w+|tz|shell|term|xdg_cache_home|(https?|all|no)_proxy|node_extra_ca_certs|ssl_cert_(file|dir)|npm_config_registry)$/i;
  const mine = Object.entries(process.env).filter((entry): entry is [string, string] => kept.test(entry[0]) && entry[1] !== undefined);
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((place) => !place.includes('node_modules'));
  return {
    ...Object.fromEntries(ids.uid === undefined ? mine : mine.filter(([name]) => name !== 'XDG_CACHE_HOME')),
    HOME: home,
    PATH: path.join(delimiter),
    TMPDIR: join(folder, 'tmp'),
    PORT: '0',
    TRUC_DATA_DIR: join(folder, 'data'),
  };
}

const undo: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** An empty folder that everybody may enter, gone after the test with whatever still runs in it. */
function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'truc-fresh-'));
  chmodSync(folder, 0o755);
  undo.push(async () => {
    for (const { pid } of processesOf(folder)) signal(pid, 'SIGKILL');
    await waitUntil(() => processesOf(folder).length === 0, 5000);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}

function ordinaryUser(folder: string): Person {
  const name = `truc-new-${process.pid}`;
  const home = join(folder, 'home');
  const made = spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--home-dir', home, '--shell', '/bin/sh', name], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`no user could be made: ${made.stderr}`);
  // The folder's own step, which ends the user's processes, comes before this one.
  undo.unshift(() => void spawnSync('userdel', [name]));
  const id = (option: string) => Number(execFileSync('id', [option, name], { encoding: 'utf8' }));
  const ids = { uid: id('-u'), gid: id('-g') };
  mkdirSync(home);
  chownSync(home, ids.uid, ids.gid);
  return { home, ids };
}

/** What is committed, and nothing else. */
function clone(folder: string, { ids }: Person): string {
  const place = join(folder, 'truc');
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', join(projectRoot, '.git'), place], { stdio: 'pipe' });
  mkdirSync(join(folder, 'tmp'));
  mkdirSync(join(folder, 'data'));
  if (ids.uid !== undefined) execFileSync('chown', ['-R', `${ids.uid}:${ids.gid}`, place, join(folder, 'tmp'), join(folder, 'data')]);
  expect(existsSync(join(place, 'node_modules'))).toBe(false);
  return place;
}

async function expectAnswers(url: string, paths: string[]): Promise<void> {
  for (const path of paths) expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
}

/** `npm start` until the agent could work; then Ctrl+C, after which nothing of it is left. */
async function startAndStop(folder: string, place: string, person: Person, ms: number): Promise<string> {
  const start = new Command(['start'], place, environment(person, folder), person.ids);
  const [, url = ''] = await start.line(/^hub ready (http:\/\/127\.0\.0\.1:\d+)$/m, ms);
  await start.line(/^console ready$/m, nextStartMs);
  await expectAnswers(url, ['/readyz', '/widget.js', '/widget/demo']);
  const demo = (await (await fetch(`${url}/api/v1/demo`)).json()) as { accounts?: unknown[] };
  expect(JSON.stringify(demo)).toContain('lan@demo.truc.test');
  await start.interrupt();
  await waitUntil(() => processesOf(folder).length === 0, 2000);
  expect(processesOf(folder)).toEqual([]);
  return start.said;
}

async function twice(folder: string, place: string, person: Person): Promise<void> {
  const first = await startAndStop(folder, place, person, firstStartMs);
  expect(first).toMatch(/^set-up {2}npm packages +installed$/m);
  const second = await startAndStop(folder, place, person, nextStartMs);
  expect(second).toMatch(/^set-up {2}npm packages +as locked$/m);
  expect(second).not.toMatch(/installing|fetching|linked|building/);
}

describe.skipIf(process.platform !== 'linux')('in a bare clone', () => {
  test(
    `npm start and npm run hub do everything themselves, as ${isRoot ? 'root' : 'an ordinary user'}`,
    async () => {
      const folder = ownFolder();
      const person: Person = { home: process.env['HOME'] ?? folder, ids: {} };
      const place = clone(folder, person);
      await twice(folder, place, person);

      rmSync(join(place, 'widget', 'dist'), { recursive: true });
      const hub = new Command(['run', 'hub'], place, environment(person, folder), person.ids);
      const [, url = ''] = await hub.line(/^hub ready (\S+)$/m, nextStartMs);
      await expectAnswers(url, ['/readyz', '/widget.js', '/widget/frame']);
      await hub.interrupt();
      expect(processesOf(folder)).toEqual([]);
    },
    wholeMs,
  );

  test.skipIf(!isRoot)(
    'npm start does everything itself, as an ordinary user with an empty home',
    async () => {
      const folder = ownFolder();
      const person = ordinaryUser(folder);
      await twice(folder, clone(folder, person), person);
    },
    wholeMs,
  );
});
