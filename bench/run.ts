/**
 * `npm run bench [-- row …]`: every row with its limit in the same run; prints a table and, when all rows were measured,
 * writes bench/results.json. The names of the rows are the first words below.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { killTree } from '../scripts/processes.mjs';
import { buildWidget } from '../widget/build.mjs';
import { ratio, reached, type Row, table } from './figures.ts';
import { fullCacheRows } from './rows/cache.ts';
import { fanOut } from './rows/fan-out.ts';
import { liveFloor } from './rows/floor.ts';
import { hubWrites } from './rows/hub-writes.ts';
import { largeConsole } from './rows/large-console.ts';
import { messageToScreen } from './rows/message-to-screen.ts';
import { calendarEdit } from './rows/recompute.ts';
import { reconnect } from './rows/reconnect.ts';

/** Names for the command line, what is measured, and how. One function may measure several rows. */
const measures: [names: string, what: string, measure: () => Promise<Row | Row[]>][] = [
  ['bootstrap search during memory delta', 'a cache of a million messages', () => fullCacheRows(wanted)],
  ['writes', "the hub's writes", hubWrites],
  ['calendar', 'an edit of a calendar with 100,000 tickets', calendarEdit],
  ['fan-out', 'fan-out to 1,000 consoles', fanOut],
  ['reconnect', '1,000 consoles that come back', reconnect],
  ['page start', 'inbox page and start with 100,000 tickets', largeConsole],
  ['floor', 'a lead’s live floor', liveFloor],
  ['screen', 'message to screen', messageToScreen],
];

/** ms for one of them */
const longestMs = 480_000;

const wanted = process.argv.slice(2);
const known = measures.flatMap(([names]) => names.split(' '));
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}: there are ${known.join(', ')}`);

await buildWidget();
const rows: Row[] = [];
for (const [names, what, measure] of measures) {
  if (wanted.length > 0 && !names.split(' ').some((name) => wanted.includes(name))) continue;
  console.log(`measuring ${what} …`);
  const began = performance.now();
  // One that hangs holds processes of its own: they end with this one.
  const tooLong = setTimeout(() => {
    console.error(`${what}: not within ${longestMs / 60_000} minutes`);
    void killTree(process.pid);
  }, longestMs);
  try {
    rows.push(...[await measure()].flat());
  } catch (error) {
    console.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exitCode = 1;
  }
  clearTimeout(tooLong);
  console.log(`  ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

console.log(`\n${table(rows)}\n`);
if (wanted.length === 0 && process.exitCode === undefined) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? ''}, Linux ${release()}, Node ${process.version}`;
  const results = rows.map((row) => ({ ...row, ratio: Number(ratio(row).toFixed(3)), reached: reached(row) }));
  writeFileSync(join(import.meta.dirname, 'results.json'), `${JSON.stringify({ commit, machine, rows: results }, null, 2)}\n`);
}
