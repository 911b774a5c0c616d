/** Starting and ending processes with everything they started, by id only. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** @returns {Map<number, number>} process id -> its parent's */
function parents() {
  const found = new Map();
  if (process.platform === 'linux') {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      try {
        // The command stands in brackets and may hold anything: read what follows the last one.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        found.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      } catch {
        // ended meanwhile
      }
    }
    return found;
  }
  for (const line of spawnSync('ps', ['-Ao', 'pid=,ppid='], { encoding: 'utf8' }).stdout.split('\n')) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    if (pid && parent !== undefined) found.set(pid, parent);
  }
  return found;
}

/** The process and all that descend from it, parents before children. @param {number} root @returns {number[]} */
export function processTree(root) {
  const all = parents();
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of all) if (parent === pid && !tree.includes(child)) tree.push(child);
  return tree;
}

/** @param {number} pid */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    // A zombie waits for its parent only; nothing of it runs.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

/** @param {number} pid @param {NodeJS.Signals} signal */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // ended meanwhile
  }
}

/** @param {() => boolean} condition @param {number} ms @returns {Promise<boolean>} whether it came true in time */
export async function waitUntil(condition, ms) {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return true;
}

/** Ends a process and all that descend from it at once, as a power cut would. @param {number} pid */
export async function killTree(pid) {
  const tree = processTree(pid);
  for (const one of tree) signal(one, 'SIGKILL');
  await waitUntil(() => !tree.some(isRunning), 5000);
}

/**
 * Asks politely, then insists. @param {number} pid @param {number} patienceMs @param {number} [asked] who gets the
 * signal, when it is not the process itself (a wrapper that does not pass it on)
 */
export async function stopTree(pid, patienceMs, asked = pid) {
  const tree = processTree(pid);
  signal(asked, 'SIGTERM');
  await waitUntil(() => !isRunning(pid), patienceMs);
  for (const one of tree) if (isRunning(one)) signal(one, 'SIGKILL');
}

/**
 * A child in a process group of its own, so that Ctrl+C reaches us alone and we end things in order.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} options
 */
export function spawnApart(command, args, options) {
  return spawn(command, args, { detached: process.platform !== 'win32', ...options });
}
