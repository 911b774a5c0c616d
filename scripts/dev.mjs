/**
 * The console with reload: electron-vite's development server, on the Electron that set-up left.
 *   npm run dev -- --hub URL --profile DIR   (a hub runs beside: npm run hub)
 */
import { join } from 'node:path';
import { rootArguments } from './console-process.mjs';
import { electronRuntime, projectNode, projectRoot } from './electron-runtime.mjs';
import { spawnApart, stopTree } from './processes.mjs';

const runtime = electronRuntime();
const cli = join(projectRoot, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
const given = process.argv.slice(2);
const profile = given.includes('--profile') ? [] : ['--profile', join(projectRoot, '.truc', 'dev')];
const child = spawnApart(projectNode(), [cli, 'dev', '--watch', '--', ...rootArguments(), ...profile, ...given], {
  cwd: projectRoot,
  stdio: 'inherit',
  env: { ...process.env, ...runtime.env, ELECTRON_EXEC_PATH: runtime.executable },
});
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => void stopTree(child.pid, 3000));
child.once('exit', (code) => (process.exitCode = code ?? 1));
