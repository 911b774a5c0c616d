/** A smaller draw of the fault suite; `node tests/sync/faults/run.ts` has the full size. The seed is printed: it draws the same again. */
import { expect, test } from 'vitest';
import { runFaults } from './faults/suite.ts';

const seed = Number(process.env['TRUC_SEED'] ?? Date.now() % 1_000_000);

test(`25 kills, 600 operations from 8 consoles, seed ${seed}`, { timeout: 240_000 }, async () => {
  const say = (line: string) => console.log(line);
  const report = await runFaults({ seed, kills: 25, operations: 600, consoles: 8, pauseMs: 700, say });
  const { kills, lineFaults, operations, seconds } = report;
  say(JSON.stringify({ seed, kills, lineFaults, operations, seconds }));
  expect(operations.acknowledged).toBeGreaterThanOrEqual(600);
  expect(Object.values(kills).reduce((sum, count) => sum + count, 0)).toBe(25);
  expect(report.invariants.filter(({ broken }) => broken.length > 0)).toEqual([]);
});
