/** The security table (docs/security.md), proved on the real window. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ElectronApplication, expect, type Page, test } from '@playwright/test';
import fc from 'fast-check';
import { isRunning, processTree } from '../../scripts/processes.mjs';
import { channels } from '../../src/preload/channels.ts';
import { defaultPrefs, prefs } from '../../src/shared/prefs.ts';
import { killConsole, launchConsole, loaded } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';

interface Asked {
  dialogs: string[];
  opened: string[];
  answer: number;
}
interface PageProbe {
  ran?: string[];
  raw: { invoke(channel: string, ...args: unknown[]): Promise<string> };
}
declare global {
  var asked: Asked;
}

let app: ElectronApplication;
let page: Page;
let hub: HubProcess;
let dir = '';
let profileDir = '';

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'truc-security-'));
  // The hub's own database server runs as another user, where we are root.
  chmodSync(dir, 0o755);
  profileDir = join(dir, 'profile');
  hub = await new HubProcess(join(dir, 'hub')).start();
  ({ app, page } = await launchConsole({ hubUrl: hub.url, profileDir, demoUser: 'lan@demo.truc.test' }));
});
test.afterAll(async () => {
  await killConsole(app);
  await hub.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('the window has no Node, its own world, and the sandbox', async () => {
  expect(await page.evaluate(() => [typeof require, typeof process, typeof module, typeof Buffer, typeof global])).toEqual(
    Array(5).fill('undefined'),
  );
  const options = await app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const contents = window?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> } | undefined;
    return contents?.getLastWebPreferences();
  });
  expect(options).toMatchObject({ sandbox: true, contextIsolation: true, webSecurity: true, nodeIntegration: false, webviewTag: false });
  expect(page.url()).toBe('truc://app/');
});

test('window.truc is frozen and holds nothing but what is known', async () => {
  const shape = await page.evaluate(async () => ({
    keys: Object.keys(window.truc).sort(),
    prefs: Object.keys(window.truc.prefs).sort(),
    info: Object.keys(window.truc.info).sort(),
    frozen: [window.truc, window.truc.prefs, window.truc.info].map(Object.isFrozen),
    stays: (() => {
      const before = window.truc;
      try {
        Object.assign(window, { truc: null });
      } catch {
        // refused loudly
      }
      return window.truc === before;
    })(),
    port: (await window.truc.port()) instanceof MessagePort,
    ours: Object.keys(window).filter((key) => /^(truc|electron|ipc)|preload/i.test(key)),
  }));
  expect(shape).toEqual({
    keys: ['info', 'port', 'prefs', 'shown', 'wallboard'],
    prefs: ['all', 'set'],
    info: ['demo', 'platform', 'version', 'weakSecrets'],
    frozen: [true, true, true],
    stays: true,
    port: true,
    ours: ['truc'],
  });
});

test('the policy stops scripts, styles, evaluation and connections that are not ours', async () => {
  const found = await page.evaluate(async () => {
    const probe = window as unknown as PageProbe;
    const violated: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => violated.push(event.effectiveDirective));
    probe.ran = [];
    const add = (tag: string, fill: (element: HTMLElement) => void): HTMLElement => {
      const element = document.createElement(tag);
      fill(element);
      document.body.append(element);
      return element;
    };
    add('script', (script) => (script.textContent = 'window.ran.push("inline")'));
    add('script', (script) => script.setAttribute('src', 'data:text/javascript,window.ran.push("data")'));
    add('script', (script) => script.setAttribute('src', 'https://127.0.0.1:9/x.js'));
    add('img', (image) => {
      image.setAttribute('onerror', 'window.ran.push("handler")');
      image.setAttribute('src', 'data:,');
    });
    const box = add('div', (div) => (div.className = 'probe-box'));
    add('style', (style) => (style.textContent = '.probe-box { width: 123px; position: fixed }'));
    add('object', (object) => object.setAttribute('data', 'data:text/html,x'));
    add('iframe', (frame) => frame.setAttribute('src', 'https://127.0.0.1:9/'));
    // through a timer: the debugger that carries this function may evaluate, the page may not
    const evaluated = await new Promise<string>((resolve) =>
      setTimeout(() => {
        try {
          resolve(String((0, eval)('1 + 1')));
        } catch (error) {
          resolve((error as Error).name);
        }
      }, 0),
    );
    const fetched = await fetch('https://127.0.0.1:9/').then(
      () => 'answered',
      () => 'refused',
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    const width = getComputedStyle(box).width;
    return { ran: probe.ran, violated: [...new Set(violated)].sort(), evaluated, fetched, styled: width === '123px' };
  });
  expect(found).toMatchObject({ ran: [], evaluated: 'EvalError', fetched: 'refused', styled: false });
  expect(found.violated).toEqual(
    expect.arrayContaining([
      'connect-src',
      'frame-src',
      'object-src',
      'script-src',
      'script-src-attr',
      'script-src-elem',
      'style-src-elem',
    ]),
  );
});

test('truc://app/ answers GET only, and only from its own folder', async () => {
  const statuses = await page.evaluate(async () => {
    const status = (url: string, init?: RequestInit): Promise<number | string> =>
      fetch(url, init).then(
        (answer) => answer.status,
        () => 'refused',
      );
    return {
      page: await status('/index.html'),
      post: await status('/index.html', { method: 'POST', body: 'x' }),
      put: await status('/index.html', { method: 'PUT' }),
      encoded: await status('/%2e%2e%2fmain%2findex.js'),
      twice: await status('/%252e%252e%252fmain%252findex.js'),
      backslash: await status('/..%5cmain%5cindex.js'),
      up: await status('/../main/index.js'),
      absolute: await status('//etc/passwd.txt'),
      other: await status('truc://other/index.html'),
      file: await status('file:///etc/hostname'),
      map: await status('/assets/index.js.map'),
    };
  });
  expect(statuses).toEqual({
    page: 200,
    post: 405,
    put: 405,
    encoded: 404,
    twice: 404,
    backslash: 404,
    up: 404,
    absolute: 'refused',
    other: 'refused',
    file: 'refused',
    map: 404,
  });
});

test('the window goes nowhere; https and mail open outside, after the host was shown', async () => {
  await app.evaluate(({ dialog, shell }) => {
    globalThis.asked = { dialogs: [], opened: [], answer: 1 };
    dialog.showMessageBox = ((_window: unknown, options: { detail: string }) => {
      globalThis.asked.dialogs.push(options.detail);
      return Promise.resolve({ response: globalThis.asked.answer, checkboxChecked: false });
    }) as unknown as typeof dialog.showMessageBox;
    shell.openExternal = (url) => {
      globalThis.asked.opened.push(url);
      return Promise.resolve();
    };
  });
  const go = async (url: string, how: 'open' | 'assign' | 'link'): Promise<void> => {
    await page.evaluate(
      ([target, way]) => {
        if (way === 'open') window.open(target);
        else if (way === 'assign') location.href = target!;
        else {
          const link = document.createElement('a');
          link.href = target!;
          document.body.append(link);
          link.click();
          link.remove();
        }
      },
      [url, how],
    );
    await page.waitForTimeout(50);
  };
  for (const how of ['open', 'assign', 'link'] as const) {
    for (const url of [
      'http://127.0.0.1:9/',
      'file:///etc/passwd',
      'javascript:void 0',
      'data:text/html,x',
      'truc-mail://1/',
      'chrome://gpu',
      'https://a@127.0.0.1:9/',
    ])
      await go(url, how);
  }
  expect(await app.evaluate(() => globalThis.asked)).toEqual({ dialogs: [], opened: [], answer: 1 });

  for (const how of ['open', 'assign', 'link'] as const) await go('https://shop.example.vn/don-hang', how);
  await expect.poll(() => app.evaluate(() => globalThis.asked.dialogs.length)).toBe(3);
  const refused = await app.evaluate(() => globalThis.asked);
  expect(refused.dialogs[0]).toMatch(/^shop\.example\.vn\n/);
  expect(refused.opened).toEqual([]);

  await app.evaluate(() => (globalThis.asked.answer = 0));
  await go('mailto:lan@example.vn', 'link');
  await expect.poll(() => app.evaluate(() => globalThis.asked.opened)).toEqual(['mailto:lan@example.vn']);

  expect(page.url()).toBe('truc://app/');
  expect(await page.evaluate(() => typeof window.truc)).toBe('object');
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('permissions: notifications and writing the clipboard, nothing else', async () => {
  const states = await page.evaluate(async () => {
    const names = ['notifications', 'geolocation', 'camera', 'microphone', 'clipboard-read', 'midi'] as PermissionName[];
    const entries = await Promise.all(names.map(async (name) => [name, (await navigator.permissions.query({ name })).state] as const));
    const media = await navigator.mediaDevices.getUserMedia({ audio: true }).then(
      () => 'granted',
      () => 'denied',
    );
    return { ...Object.fromEntries(entries), media };
  });
  expect(states).toEqual({
    notifications: 'granted',
    geolocation: 'denied',
    camera: 'denied',
    microphone: 'denied',
    'clipboard-read': 'denied',
    midi: 'denied',
    media: 'denied',
  });
});

/** A second window with a preload script of the test's own, at `url`. */
async function hostileWindow(url: string): Promise<Page> {
  const preload = join(import.meta.dirname, '..', 'fixtures', 'raw-ipc.cjs');
  const opened = app.waitForEvent('window');
  await app.evaluate(
    ({ BrowserWindow }, [script, address]) =>
      void new BrowserWindow({ show: false, webPreferences: { preload: script!, sandbox: true } }).loadURL(address!),
    [preload, url],
  );
  const window = await opened;
  await loaded(window);
  return window;
}

test('every channel of main refuses what its schema does not say', async () => {
  // Two go from main to the window only.
  const known = Object.values(channels).filter((channel) => channel !== channels.engineLost && channel !== channels.pop);
  const answered = await app.evaluate(({ ipcMain }) => [
    ...(ipcMain as unknown as { _invokeHandlers: Map<string, unknown> })._invokeHandlers.keys(),
  ]);
  expect(answered.sort()).toEqual([...known].sort());
  // Electron's own, which does nothing
  expect(await app.evaluate(({ ipcMain }) => ipcMain.eventNames())).toEqual(['error']);

  const hostile = await hostileWindow('truc://app/');
  const say = (channel: string, args: unknown[]) =>
    hostile.evaluate(([name, values]) => (window as unknown as PageProbe).raw.invoke(name, ...values), [channel, args] as [
      string,
      unknown[],
    ]);
  const bad = [
    ['x'.repeat(10_000)],
    ['x'.repeat(2_000_000)],
    [{ theme: 'pink' }],
    [{ theme: 'dark', language: 'en' }],
    [{ theme: 'dark', __proto__: { a: 1 }, constructor: 1 }],
    [{ inboxWidth: 1e9 }],
    [{ inboxWidth: '360' }],
    [{ stranger: 1 }],
    [{}],
    ['../../etc'],
    [null],
    [[]],
    [1, 2, 3],
    [{ theme: 'dark' }, 'more'],
  ];
  for (const channel of known)
    for (const args of bad) expect(await say(channel, args), `${channel} ${JSON.stringify(args).slice(0, 80)}`).toContain('BAD_REQUEST');

  // and what nobody thought of
  const strange = fc.sample(fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 3 }), { numRuns: 150, seed: 20 });
  for (const channel of known) {
    const answers = await hostile.evaluate(
      ([name, all]) => Promise.all(all.map((args) => (window as unknown as PageProbe).raw.invoke(name, ...args))),
      [channel, strange] as [string, unknown[][]],
    );
    for (const [index, answer] of answers.entries()) {
      const args = strange[index]!;
      const isValid =
        channel === channels.port ? args.length === 1 && /^[a-z0-9-]{1,40}$/.test(String(args[0])) && typeof args[0] === 'string' : false;
      expect(answer, JSON.stringify(args)).toContain(isValid ? 'accepted' : 'BAD_REQUEST');
    }
  }
  const kept = await page.evaluate(() => window.truc.prefs.all());
  expect(prefs.parse(kept)).toEqual(defaultPrefs);
  await hostile.close();
});

test('main answers the top frame of our page and nobody else', async () => {
  for (const url of ['about:blank', 'data:text/html,<title>x</title>', 'truc://other/']) {
    const hostile = await hostileWindow(url);
    for (const channel of [channels.port, channels.prefsAll, channels.prefsSet]) {
      const answer = await hostile.evaluate((name) => (window as unknown as PageProbe).raw?.invoke(name) ?? 'FORBIDDEN', channel);
      expect(answer, url).toContain('FORBIDDEN');
    }
    await hostile.close();
  }
});

test('preferences are kept, for this window and the next start', async () => {
  await page.evaluate(() => window.truc.prefs.set('density', 'compact'));
  expect(await page.evaluate(() => window.truc.prefs.all())).toEqual({ ...defaultPrefs, density: 'compact' });
  await expect.poll(() => readFileSync(join(profileDir, 'settings.json'), 'utf8')).toContain('"compact"');
});

test('secrets are sealed: no file of the profile, no log holds one', async () => {
  const file = join(profileDir, 'secrets.json');
  await expect.poll(() => existsSync(file), { timeout: 15_000 }).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const sealed = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>);
  // the database's key, and the session that came from the demo account
  expect(sealed).toHaveLength(2);
  const plain = await app.evaluate(
    ({ safeStorage }, all) => all.map((text) => safeStorage.decryptString(Buffer.from(text, 'base64'))),
    sealed,
  );
  const files = readdirSync(profileDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const entry of files) {
    const content = readFileSync(join(entry.parentPath, entry.name), 'latin1');
    for (const secret of plain) expect(content.includes(secret), entry.name).toBe(false);
  }
});

test('a second console with the same profile gives way to the first', async () => {
  const second = await launchConsole({ hubUrl: hub.url, profileDir }).catch(() => null);
  expect(second).toBeNull();
  expect(await page.evaluate(() => typeof window.truc)).toBe('object');
});

test('killing the console leaves no process behind', async () => {
  const tree = processTree(app.process().pid!);
  expect(tree.length).toBeGreaterThan(3);
  await killConsole(app);
  expect(tree.filter(isRunning)).toEqual([]);
});
