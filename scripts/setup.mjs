/**
 * Makes a bare clone able to start and to test. Runs before every `npm start` and `npm test`; needs Node 20 and npm.
 *   node scripts/setup.mjs [--tests]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './electron-runtime.mjs';
import { installDependencies, linkPostgres } from './setup-dependencies.mjs';
import { installElectron } from './setup-electron.mjs';
import { installSystemPackages } from './setup-packages.mjs';
import { SetupError, takingTurns } from './setup-run.mjs';

const oldestNode = 20;

async function main() {
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    throw new SetupError(`This is Node ${process.versions.node}.`, `Install Node ${oldestNode} or later.`);
  }
  const known = ['--tests'];
  const strange = process.argv.slice(2).find((argument) => !known.includes(argument));
  if (strange) throw new SetupError(`"${strange}" is not an option.`, 'Use: node scripts/setup.mjs [--tests]');
  readFileSync(join(projectRoot, 'package-lock.json'));

  await takingTurns(projectRoot, async () => {
    // System packages first: unpacking Electron needs one of them.
    installSystemPackages({ tests: process.argv.includes('--tests') });
    installDependencies(projectRoot);
    linkPostgres(projectRoot);
    await installElectron(projectRoot);
  });
}

main().catch((error) => {
  if (error instanceof SetupError) console.error(`\nset-up stopped: ${error.message}\nWhat to do: ${error.remedy}\n`);
  else console.error('\nset-up stopped by a fault of its own:', error);
  process.exitCode = 1;
});
