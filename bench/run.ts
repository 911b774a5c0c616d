/**
 * `npm run bench [-- row …]`: every row with its limit in the same run; prints a table and writes bench/results.json.
 * Rows: delta, page, screen, start.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { buildWidget } from '../widget/build.mjs';
import { type Row, table } from './figures.ts';
import { deltaApply } from './rows/delta-apply.ts';
import { largeConsole } from './rows/large-console.ts';
import { messageToScreen } from './rows/message-to-screen.ts';

await buildWidget();

const wanted = process.argv.slice(2);
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);

const rows: Row[] = [];
const take = async (what: string, measure: () => Promise<Row | Row[]>) => {
  console.log(`measuring ${what} …`);
  rows.push(...[await measure()].flat());
};
if (isWanted('delta')) await take('delta', deltaApply);
if (isWanted('page') || isWanted('start')) await take('inbox page and start with 100,000 tickets', largeConsole);
if (isWanted('screen')) await take('message to screen', messageToScreen);

console.log(`\n${table(rows)}\n`);
if (wanted.length === 0) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? ''}, Linux ${release()}, Node ${process.version}`;
  const results = rows.map((row) => ({
    ...row,
    ratio: Number((row.value / row.limit).toFixed(3)),
    reached: row.value / row.limit <= row.goal,
  }));
  writeFileSync(join(import.meta.dirname, 'results.json'), `${JSON.stringify({ commit, machine, rows: results }, null, 2)}\n`);
}
