/**
 * The property suite's share of a test run, in a process of its own (it has its own time). More by hand:
 *   node tests/sync/property/run.ts --runs 20000
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';

const long = process.env['TRUC_LONG'] === '1';
const seconds = long ? 240 : 15;

test(`whatever happens to ${seconds} seconds' worth of centres, there is peace afterwards and nothing is wrong`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const said = await new Promise<string>((resolve) => {
    const child = spawn(
      process.execPath,
      [
        join(import.meta.dirname, 'run.ts'),
        '--runs',
        '1000000',
        '--seconds',
        String(seconds),
        '--seed',
        String(seed),
        '--postgres',
        inject('postgresUrl'),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.once('exit', () => resolve(out));
  });
  console.log(said.trim());
  // With the seed in it: a counterexample is played again by it.
  expect(said).toContain(`seed ${seed},`);
  expect(said).toContain('\n  held');
  expect(Number(/(\d+) runs/.exec(said)?.[1])).toBeGreaterThan(10);
}, 600_000);
