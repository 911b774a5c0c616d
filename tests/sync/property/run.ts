/**
 * The property suite on its own:
 *   node tests/sync/property/run.ts [--runs 20000] [--seed N] [--seconds N] [--path P] [--quick] [--scenario JSON] [--log FILE] [--postgres URL]
 */
import { appendFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { startEmbedded } from '../../../server/src/db/embedded.ts';
import { temporaryDir } from '../../harness/postgres.ts';
import type { Scenario } from './actions.ts';
import { openStore } from './hub.ts';
import { play } from './play.ts';
import { prove } from './suite.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    seconds: { type: 'string' },
    path: { type: 'string' },
    /** plays this one, as printed, and nothing else */
    scenario: { type: 'string' },
    log: { type: 'string' },
    quick: { type: 'boolean', default: false },
    postgres: { type: 'string' },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const dir = values.postgres === undefined ? temporaryDir('truc-property-pg-') : null;
const server =
  dir === null
    ? null
    : await startEmbedded(dir, pino({ level: 'silent' }), { flags: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] });
const store = await openStore(values.postgres ?? server?.url ?? '');
let held = false;
try {
  if (values.scenario !== undefined) {
    console.log(await play(store, JSON.parse(values.scenario) as Scenario, { acts: 0, refusedOnTheSpot: 0, faults: 0 }));
    process.exit(0);
  }
  const verdict = await prove(store, {
    runs: Number(values.runs),
    seed,
    quick: values.quick,
    ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
    ...(values.path === undefined ? {} : { path: values.path }),
  });
  held = verdict.counterexample === null;
  const { acts, refusedOnTheSpot, faults } = verdict.tally;
  const lines = [
    `property suite: ${verdict.runs} runs, seed ${seed}, ${verdict.seconds.toFixed(0)} s, ${cpus().length} cores, Node ${process.version}`,
    `  ${acts} changes by agents, ${refusedOnTheSpot} refused on the spot, ${faults} faults of line and power`,
    held ? '  held' : `  COUNTEREXAMPLE (${verdict.counterexample?.again}): ${JSON.stringify(verdict.counterexample?.scenario)}`,
    ...(verdict.counterexample?.wrong.map((text) => `    ${text}`) ?? []),
  ];
  console.log(lines.join('\n'));
  if (values.log !== undefined) appendFileSync(values.log, `${lines.join('\n')}\n`);
} finally {
  await store.close();
  await server?.stop();
  if (dir !== null) rmSync(dir, { recursive: true, force: true });
}
process.exit(held ? 0 : 1);
