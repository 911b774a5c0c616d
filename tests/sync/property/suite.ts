/** The property: whatever happens, there is peace afterwards and nothing is wrong. */
import fc from 'fast-check';
import { scenario, type Scenario } from './actions.ts';
import type { Store } from './hub.ts';
import { known } from './known.ts';
import { play, type Tally } from './play.ts';

export interface Verdict {
  runs: number;
  seed: number;
  seconds: number;
  tally: Tally;
  /** null: it held */
  counterexample: {
    scenario: Scenario;
    /** options that play it again */
    again: string;
    wrong: string[];
  } | null;
}

/** Runs that share a seed. */
const chunk = 100;

/**
 * Runs the property `runs` times, or until `seconds` have passed: the first hundred with `seed`, the next with the one after it.
 * `quick`: a counterexample is not made smaller.
 */
export async function prove(
  store: Store,
  options: { runs: number; seed: number; seconds?: number; path?: string; quick?: boolean },
): Promise<Verdict> {
  const began = performance.now();
  const verdict: Verdict = {
    runs: 0,
    seed: options.seed,
    seconds: 0,
    tally: { acts: 0, refusedOnTheSpot: 0, faults: 0 },
    counterexample: null,
  };
  const passed = () => (performance.now() - began) / 1000;
  let wrong: string[] = [];
  const property = fc.asyncProperty(scenario, async (one) => {
    verdict.runs += 1;
    const found = await play(store, one, verdict.tally).catch((error: unknown) => [
      `the run broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    ]);
    if (found.length > 0) {
      wrong = found;
      throw new Error(found.join('\n'));
    }
  });
  for (const { what, scenario: one } of options.path === undefined ? known : []) {
    const found = await play(store, one, verdict.tally);
    if (found.length > 0) verdict.counterexample = { scenario: one, again: `known: ${what}`, wrong: found };
  }
  for (
    let seed = options.seed;
    verdict.counterexample === null && verdict.runs < options.runs && passed() < (options.seconds ?? Infinity);
    seed += 1
  ) {
    const details = await fc.check(property, {
      numRuns: Math.min(chunk, options.runs - verdict.runs),
      seed,
      ...(options.path === undefined ? {} : { path: options.path }),
      endOnFailure: options.quick ?? false,
    });
    const failed = details.failed ? details.counterexample?.[0] : undefined;
    if (failed) {
      verdict.counterexample = { scenario: failed, again: `--seed ${seed} --path ${details.counterexamplePath ?? ''}`, wrong };
      break;
    }
  }
  verdict.seconds = passed();
  return verdict;
}
