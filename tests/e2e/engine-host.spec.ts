/** One contract, both hosts: the engine in a utility process of Electron, and as a child on plain Node. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ElectronApplication, expect, test } from '@playwright/test';
import { build } from 'esbuild';
import { isRunning, waitUntil } from '../../scripts/processes.mjs';
import type { HostUnderTest } from '../fixtures/host-main.ts';
import { killConsole, launchElectron } from '../harness/electron.ts';

declare global {
  var engineHost: HostUnderTest;
}

const fixtures = join(import.meta.dirname, '..', 'fixtures');
let appDir = '';

test.beforeAll(async () => {
  appDir = mkdtempSync(join(tmpdir(), 'truc-host-'));
  mkdirSync(join(appDir, 'app'));
  writeFileSync(join(appDir, 'app', 'package.json'), JSON.stringify({ name: 'host-contract', version: '0.0.0', main: 'host-main.mjs' }));
  await build({
    entryPoints: [join(fixtures, 'host-main.ts'), join(fixtures, 'echo-engine.ts')],
    outdir: join(appDir, 'app'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.18',
    external: ['electron'],
    logLevel: 'error',
  });
});
test.afterAll(() => rmSync(appDir, { recursive: true, force: true }));

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const links = readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(join(folder, name))];
    } catch {
      return []; // closed meanwhile
    }
  });
  return links.filter((link) => link.startsWith('socket:'));
}

for (const host of ['utility', 'child']) {
  test.describe(`engine host: ${host}`, () => {
    let app: ElectronApplication;
    let profile = '';

    test.beforeEach(async () => {
      profile = mkdtempSync(join(appDir, `${host}-`));
      app = await launchElectron({ args: [], appDir: join(appDir, 'app'), env: { TRUC_TEST_HOST: host, TRUC_TEST_PROFILE: profile } });
      await expect.poll(() => app.evaluate(() => globalThis.engineHost?.log.join())).toContain('engine ready');
    });
    test.afterEach(() => killConsole(app));

    test('carries text both ways, in order, on several ports', async () => {
      const long = 'ă'.repeat(300_000);
      expect(await app.evaluate((_electron, texts) => globalThis.engineHost.converse(texts), ['{"a":1}', '', long])).toEqual([
        '{"a":1}',
        '',
        long,
      ]);
      const many = Array.from({ length: 1000 }, (_, index) => String(index));
      const both = await app.evaluate(
        (_electron, texts) => Promise.all([globalThis.engineHost.burst(texts), globalThis.engineHost.burst(texts)]),
        many,
      );
      expect(both).toEqual([many, many]);
    });

    test('tells the engine when a port closes, and passes a wake on', async () => {
      await app.evaluate(() => globalThis.engineHost.openAndClose());
      await app.evaluate(() => globalThis.engineHost.wake());
      await expect
        .poll(() => app.evaluate(() => globalThis.engineHost.log))
        .toEqual(expect.arrayContaining(['info engine: port closed', 'info engine: woken']));
    });

    test('keeps secrets sealed, over restarts of the engine', async () => {
      const canary = 'canary-7f3a9c52e1';
      expect(await app.evaluate((_electron, texts) => globalThis.engineHost.converse(texts), [`keep ${canary}`, 'recall'])).toEqual([
        'kept: null',
        `recalled: ${canary}`,
      ]);
      await app.evaluate(() => globalThis.engineHost.closedBy('die'));
      await expect.poll(() => app.evaluate(() => globalThis.engineHost.lost)).toBe(1);
      expect(await app.evaluate(() => globalThis.engineHost.converse(['recall']))).toEqual([`recalled: ${canary}`]);
      const files = filesOf(profile);
      expect(files).toContain(join(profile, 'secrets.json'));
      for (const file of files) expect(readFileSync(file, 'latin1').includes(canary), file).toBe(false);
      expect(await app.evaluate(() => globalThis.engineHost.log.join())).not.toContain(canary);
    });

    test('closes the ports of an engine that dies, starts another, and serves again', async () => {
      const before = await app.evaluate(() => globalThis.engineHost.pid());
      expect(await app.evaluate(() => globalThis.engineHost.closedBy('die'))).toBe('closed');
      // A port opened between the death and its notice is lost with the engine; windows hear `onLost` and ask again.
      await expect.poll(() => app.evaluate(() => globalThis.engineHost.lost)).toBe(1);
      expect(await app.evaluate(() => globalThis.engineHost.converse(['again']))).toEqual(['again']);
      expect(await app.evaluate(() => globalThis.engineHost.pid())).not.toBe(before);
    });

    test('stops when told to, and is not started again', async () => {
      const pid = (await app.evaluate(() => globalThis.engineHost.pid()))!;
      await app.evaluate(() => globalThis.engineHost.stop());
      expect(await waitUntil(() => !isRunning(pid), 2000)).toBe(true);
      expect(await app.evaluate(() => globalThis.engineHost.lost)).toBe(0);
    });

    // Chromium hears of a dead process by the end of its channel; a copy of it here would keep that from coming.
    test("holds no copy of main's sockets", async () => {
      const main = socketsOf(await app.evaluate(() => process.pid));
      const engine = socketsOf((await app.evaluate(() => globalThis.engineHost.pid()))!);
      expect(main.length).toBeGreaterThan(0);
      expect(engine.filter((socket) => main.includes(socket))).toEqual([]);
    });

    test('leaves when main is killed', async () => {
      const pid = (await app.evaluate(() => globalThis.engineHost.pid()))!;
      process.kill(await app.evaluate(() => process.pid), 'SIGKILL');
      expect(await waitUntil(() => !isRunning(pid), 8000)).toBe(true);
    });
  });
}
