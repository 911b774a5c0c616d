/** How set-up says things, runs things and stops: one line per step, and an error that names the remedy. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class SetupError extends Error {
  /** @param {string} message what went wrong @param {string} remedy what to type or change */
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/** @param {string} step @param {string} outcome */
export function say(step, outcome) {
  console.log(`set-up  ${step.padEnd(16)} ${outcome}`);
}

/**
 * Runs to the end and keeps what was printed, so that a failing step can show it.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  const output = `${done.stdout ?? ''}${done.stderr ?? ''}`.trim();
  return { ok: done.status === 0, stdout: String(done.stdout ?? ''), output: done.error ? `${done.error.message}\n${output}` : output };
}

/** npm names the fault first and its manual last. @param {string} text */
export function firstLines(text, count = 8) {
  return text.split('\n').slice(0, count).join('\n');
}

/** @param {string} text */
export function lastLines(text, count = 12) {
  return text.split('\n').slice(-count).join('\n');
}

/**
 * The npm that started us, on the Node that it runs on: never the Node inside node_modules, which `npm ci` deletes.
 * @param {string[]} args @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function npm(args, options = {}) {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli)) return run(process.env.npm_node_execpath ?? process.execPath, [cli, ...args], options);
  return run('npm', args, { shell: process.platform === 'win32', ...options });
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** A lock whose owner died, or that never got an owner, is nobody's. @param {string} folder */
function isAbandoned(folder) {
  try {
    return !isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8')));
  } catch {
    try {
      return Date.now() - statSync(folder).mtimeMs > 10_000;
    } catch {
      return false;
    }
  }
}

/**
 * Two set-ups of one clone take turns (`npm ci` empties node_modules under the other's feet).
 * @template T @param {string} root @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function takingTurns(root, work) {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `truc-setup-${process.getuid?.() ?? 0}-${name}`);
  for (let announced = false; ;) {
    try {
      mkdirSync(folder);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned(folder)) {
      rmSync(folder, { recursive: true, force: true });
      continue;
    }
    if (!announced) say('waiting', 'another set-up of this clone is running');
    announced = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    writeFileSync(join(folder, 'pid'), String(process.pid));
    return await work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
