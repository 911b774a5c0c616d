/**
 * The fault suite at the size one asks for:
 *   node tests/sync/faults/run.ts [--kills 200] [--operations 5000] [--consoles 8] [--seed N] [--pause ms] [--log file]
 * Prints the seed; the same seed draws the same kills, faults and operations. Ends with 1 when an invariant is broken.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { buildWidget } from '../../../widget/build.mjs';
import { runFaults } from './suite.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    operations: { type: 'string', default: '5000' },
    consoles: { type: 'string', default: '8' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    pause: { type: 'string', default: '900' },
    log: { type: 'string' },
  },
});
const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  console.log(line);
};
const git = (...args: string[]) => {
  try {
    return execFileSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
};

await buildWidget();
const { kills, operations, consoles, seed, pause } = values;
say(`node tests/sync/faults/run.ts --kills ${kills} --operations ${operations} --consoles ${consoles} --seed ${seed} --pause ${pause}`);
say(
  `${new Date().toISOString()}, commit ${git('rev-parse', '--short', 'HEAD') || 'unknown'}${git('--no-optional-locks', 'status', '--porcelain') ? ' with changes' : ''}`,
);
say(`${cpus().length} × ${cpus()[0]?.model ?? ''}, Linux ${release()}, Node ${process.version}, PostgreSQL embedded with fsync on\n`);

const report = await runFaults({
  seed: Number(seed),
  kills: Number(kills),
  operations: Number(operations),
  consoles: Number(consoles),
  pauseMs: Number(pause),
  say: (line) => console.log(line),
});
const list = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
say(`kills: ${list(report.kills)}`);
say(`faults on the lines: ${list(report.lineFaults)}`);
say(`operations: ${list(report.operations)}`);
say(`by kind: ${list(report.byKind)}`);
say(`customers' messages: ${report.customerMessages}; sessions that the hub ended and the agent opened again: ${report.signInsAgain}`);
say(`${report.seconds.chaos.toFixed(0)} s under faults, ${report.seconds.settling.toFixed(0)} s until everything was compared\n`);
for (const { name, checked, broken } of report.invariants) {
  say(`${broken.length === 0 ? 'holds ' : 'BROKEN'}  ${name} (${checked} checked)`);
  for (const one of broken.slice(0, 20)) say(`        ${one.slice(0, 2000)}`);
  if (broken.length > 20) say(`        and ${broken.length - 20} more`);
}
const bad = report.invariants.filter(({ broken }) => broken.length > 0).length;
say(`\n${report.invariants.length - bad} of ${report.invariants.length} invariants hold`);
if (values.log) writeFileSync(values.log, `${lines.join('\n')}\n`);
process.exitCode = bad > 0 ? 1 : 0;
