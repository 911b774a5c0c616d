/**
 * Chromium's sandbox is on for an ordinary user. As root, where Chromium can't have one, a system user is made for this
 * test and removed after it; as an ordinary user every test of the suite runs this way, and this one proves it.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ElectronApplication, expect, test } from '@playwright/test';
import { electronRuntime, projectNode, projectRoot } from '../../scripts/electron-runtime.mjs';
import { killConsole, launchConsole, launchElectron, loaded, playwrightLoader } from '../harness/electron.ts';

const isRoot = process.getuid?.() === 0;

/** What seccomp does to a process, from the kernel itself: 2 is a filter. */
async function seccomp(app: ElectronApplication): Promise<Record<string, string>> {
  const processes = await app.evaluate(({ app: console }) => console.getAppMetrics().map(({ pid, type }) => ({ pid, type })));
  return Object.fromEntries(
    processes.map(({ pid, type }) => [type, /^Seccomp:\s*(\d)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '?']),
  );
}

async function expectSandbox(app: ElectronApplication): Promise<void> {
  const page = await app.firstWindow();
  await loaded(page);
  const found = await seccomp(app);
  expect(found['Tab']).toBe('2');
  expect(await app.evaluate(() => process.argv.includes('--no-sandbox'))).toBe(false);
  expect(await page.evaluate(async () => [typeof require, (await window.truc.port()) instanceof MessagePort])).toEqual(['undefined', true]);
}

test.skip(process.platform !== 'linux', 'the sandbox of other systems needs no privileges');

test('as an ordinary user the sandbox is on', async () => {
  test.skip(isRoot, 'the test below takes its place');
  const profileDir = mkdtempSync(join(tmpdir(), 'truc-sandbox-'));
  const { app } = await launchConsole({ hubUrl: 'http://127.0.0.1:9', profileDir });
  await expectSandbox(app);
  await killConsole(app);
  rmSync(profileDir, { recursive: true, force: true });
});

test.describe('as root, through a user of its own', () => {
  test.skip(!isRoot, 'needs root to make a user');
  const user = `truc-e2e-${process.pid}`;
  let home = '';
  let app: ElectronApplication | null = null;

  function idOf(option: string): number {
    return Number(spawnSync('id', [option, user], { encoding: 'utf8' }).stdout);
  }

  test.beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'truc-e2e-'));
    chmodSync(home, 0o755);
    const made = spawnSync(
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--home-dir', home, '--shell', '/usr/sbin/nologin', user],
      { encoding: 'utf8' },
    );
    expect(made.status, made.stderr).toBe(0);
    // The clone may stand where this user may not go: it gets a copy of what runs.
    for (const name of ['out', 'resources', 'package.json']) {
      if (existsSync(join(projectRoot, name))) cpSync(join(projectRoot, name), join(home, 'app', name), { recursive: true });
    }
    const sqlite = join('node_modules', 'better-sqlite3');
    for (const name of ['package.json', 'lib', 'prebuilds'])
      cpSync(join(projectRoot, sqlite, name), join(home, 'app', sqlite, name), { recursive: true });
    copyFileSync(projectNode(), join(home, 'node'));
    copyFileSync(playwrightLoader, join(home, 'loader.js'));
    mkdirSync(join(home, 'profile'));
    const [uid, gid] = [idOf('-u'), idOf('-g')];
    chownSync(home, uid, gid);
    chownSync(join(home, 'profile'), uid, gid);
    if (process.env['XAUTHORITY'] && existsSync(process.env['XAUTHORITY'])) {
      copyFileSync(process.env['XAUTHORITY'], join(home, '.Xauthority'));
      chownSync(join(home, '.Xauthority'), uid, gid);
    }
    // Playwright starts this in Electron's place.
    const { executable } = electronRuntime();
    writeFileSync(
      join(home, 'electron'),
      `#!/bin/sh\nexec setpriv --reuid=${uid} --regid=${gid} --clear-groups -- '${executable}' "$@"\n`,
      { mode: 0o755 },
    );
  });

  test.afterAll(async () => {
    await app?.close();
    spawnSync('userdel', [user]);
    rmSync(home, { recursive: true, force: true });
  });

  test('the sandbox is on', async () => {
    app = await launchElectron({
      executable: join(home, 'electron'),
      loader: join(home, 'loader.js'),
      appDir: join(home, 'app'),
      cwd: home,
      sandbox: true,
      args: ['--hub', 'http://127.0.0.1:9', '--profile', join(home, 'profile'), '--allow-weak-secrets'],
      env: { XAUTHORITY: join(home, '.Xauthority'), HOME: home, TRUC_NODE: join(home, 'node') },
    });
    await expectSandbox(app);
  });
});
