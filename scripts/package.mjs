/**
 * Packages the console into dist/ (a folder, no installer) and reads the fuses of what came out.
 * From the fallback Electron the result is for checking contents and fuses only: it can't open the local database.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { buildConsole } from './build.mjs';
import { electronRuntime, projectNode, projectRoot } from './electron-runtime.mjs';

const expected = {
  RunAsNode: false,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableCookieEncryption: true,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  GrantFileProtocolExtraPrivileges: false,
};

const runtime = electronRuntime();
buildConsole();
const cli = join(projectRoot, 'node_modules', 'electron-builder', 'cli.js');
const done = spawnSync(
  projectNode(),
  [cli, '--dir', '--publish', 'never', `-c.electronDist=${runtime.dist}`, `-c.electronVersion=${runtime.version}`],
  {
    cwd: projectRoot,
    stdio: 'inherit',
  },
);
if (done.status !== 0) process.exit(done.status ?? 1);

const dist = join(projectRoot, 'dist');
const folder = readdirSync(dist).find((name) => name.endsWith('-unpacked') || name.startsWith('mac'));
const executable = folder && ['truc', 'truc.exe', 'Trực.app'].map((name) => join(dist, folder, name)).find((file) => existsSync(file));
if (!executable) {
  console.error(`electron-builder left no executable in ${dist}`);
  process.exit(1);
}
// What made the fallback a shared runtime has no place in a package.
for (const name of ['resources/app', 'truc-runtime.json', 'version']) rmSync(join(dist, folder, name), { recursive: true, force: true });

const wire = await getCurrentFuseWire(executable);
const wrong = Object.entries(expected).filter(([name, on]) => wire[FuseV1Options[name]] !== (on ? FuseState.ENABLE : FuseState.DISABLE));
for (const [name, on] of wrong) console.error(`fuse ${name} should be ${on ? 'on' : 'off'}`);
console.log(
  `packaged: ${executable}, ${Object.keys(expected).length - wrong.length} of ${Object.keys(expected).length} fuses as they should be`,
);
if (runtime.kind === 'fallback')
  console.log(
    `made from the fallback Electron ${runtime.version}: good for checking contents and fuses, not for use (the local database needs Electron 35 or later)`,
  );
process.exitCode = wrong.length > 0 ? 1 : 0;
