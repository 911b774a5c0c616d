/** A suite that finds nothing proves nothing: each of these protocol bugs, put in, is found. */
import { expect, inject, test } from 'vitest';
import { hunt, mutants } from './mutants.ts';

test.each(mutants)('found: $name', async (mutant) => {
  const caught = await hunt(mutant, { runs: 1500, seed: 1, postgres: inject('postgresUrl') });
  console.log(`${mutant.name}: after ${caught.runs} runs, ${caught.seconds.toFixed(0)} s: ${caught.wrong}`);
  expect(caught.runs).not.toBeNull();
});
