/** One check per runtime, each with only the libraries that the runtime has (tsconfig/*.json). */
import { spawn } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { projectNode, projectRoot } from './electron-runtime.mjs';

const cache = join(projectRoot, 'node_modules', '.cache', 'typecheck');
mkdirSync(cache, { recursive: true });
const folder = join(projectRoot, 'tsconfig');

/** A runtime that has no source yet (the widget, at first) is passed over. */
function hasSources(name) {
  const { include, exclude = [] } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  return include.some((pattern) => globSync(pattern, { cwd: folder, exclude }).length > 0);
}

const waiting = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''))
  .filter(hasSources);
const failed = [];

async function check(name) {
  const args = [
    join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    join(folder, `${name}.json`),
    '--pretty',
    'false',
    '--tsBuildInfoFile',
    join(cache, `${name}.tsbuildinfo`),
  ];
  const child = spawn(projectNode(), args, { cwd: projectRoot });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) failed.push(name);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}${output && `\n${output.trimEnd()}`}`);
}

async function worker() {
  for (let name = waiting.shift(); name; name = waiting.shift()) await check(name);
}

await Promise.all(Array.from({ length: availableParallelism() }, worker));
process.exitCode = failed.length > 0 ? 1 : 0;
