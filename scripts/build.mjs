/**
 * Bundles the console into out/, only when a source is newer than what is there.
 *   node scripts/build.mjs [--force]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectNode, projectRoot } from './electron-runtime.mjs';

const stampFile = join(projectRoot, 'out', '.stamp');
const products = ['out/main/index.js', 'out/main/engine.js', 'out/preload/index.cjs', 'out/renderer/index.html'];

/** Names, sizes and times of all that goes in: quick, and a checkout or an edit changes it. */
function fingerprint() {
  const hash = createHash('sha256');
  const visit = (path) => {
    const stat = statSync(path);
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else if (!path.includes('.test.')) hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
  };
  for (const name of ['src', 'electron.vite.config.ts', 'package.json', 'package-lock.json']) visit(join(projectRoot, name));
  return hash.digest('hex');
}

/** @param {{ force?: boolean }} [options] @throws {Error} when the sources don't build */
export function buildConsole({ force = false } = {}) {
  const now = fingerprint();
  const isCurrent =
    products.every((file) => existsSync(join(projectRoot, file))) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === now;
  if (isCurrent && !force) return;
  console.log('building the console');
  const cli = join(projectRoot, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const done = spawnSync(projectNode(), [cli, 'build', '--logLevel', 'warn'], { cwd: projectRoot, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`The console could not be built:\n${done.stdout ?? ''}${done.stderr ?? ''}`);
  mkdirSync(join(projectRoot, 'out'), { recursive: true });
  writeFileSync(stampFile, now);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    buildConsole({ force: process.argv.includes('--force') });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
