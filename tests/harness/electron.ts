/** The real console under Playwright: as root and as an ordinary user, on whichever Electron set-up left. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { rootArguments } from '../../scripts/console-process.mjs';
import { electronRuntime, projectRoot } from '../../scripts/electron-runtime.mjs';
import { killTree } from '../../scripts/processes.mjs';
import type { Shell } from '../../src/shared/shell.ts';

declare global {
  interface Window {
    readonly truc: Shell;
  }
}

export interface ConsoleOptions {
  hubUrl: string;
  profileDir: string;
  demoUser?: string;
  /** added to the environment */
  env?: Record<string, string>;
  /** added to the command line */
  args?: string[];
  /** the folder whose package.json names the application; the project itself unless given */
  appDir?: string;
}

export interface RunningConsole {
  app: ElectronApplication;
  page: Page;
}

/** Without Playwright's own emulation of a colour scheme, so that the console's theme is the console's. */
/** The document itself is asked: the event may have passed before Playwright listened. */
export async function loaded(page: Page): Promise<void> {
  await page.waitForFunction(() => document.readyState !== 'loading');
}

export async function launchConsole({
  hubUrl,
  profileDir,
  demoUser,
  env = {},
  args = [],
  appDir,
}: ConsoleOptions): Promise<RunningConsole> {
  mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  const app = await launchElectron({
    args: ['--hub', hubUrl, '--profile', profileDir, '--allow-weak-secrets', ...(demoUser ? ['--demo-user', demoUser] : []), ...args],
    env,
    ...(appDir && { appDir }),
  });
  const page = await app.firstWindow();
  await loaded(page);
  return { app, page };
}

/** Playwright forgets the process of an application that has ended; whoever kills wants the rest of its tree. */
const pids = new WeakMap<ElectronApplication, number>();

export interface ElectronStart {
  args: string[];
  env?: Record<string, string>;
  appDir?: string;
  /** stands in for Electron: a wrapper that becomes another user first */
  executable?: string;
  /** Playwright's loader, copied to where that user can read it */
  loader?: string;
  sandbox?: boolean;
  cwd?: string;
}

/** Holds the application back until Playwright is attached: without it a window now and then opens unseen. */
export const playwrightLoader = join(projectRoot, 'node_modules', 'playwright-core', 'lib', 'server', 'electron', 'loader.js');

export async function launchElectron(start: ElectronStart): Promise<ElectronApplication> {
  const { args, env, appDir = projectRoot, loader = playwrightLoader, sandbox = process.getuid?.() !== 0, cwd = projectRoot } = start;
  const runtime = electronRuntime();
  const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const isShared = runtime.kind === 'fallback';
  const app = await _electron.launch({
    executablePath: start.executable ?? runtime.executable,
    args: [...(isShared ? [] : ['-r', loader, appDir]), ...(sandbox ? [] : rootArguments()), ...args],
    env: { ...inherited, ...(isShared && { TRUC_APP: appDir, TRUC_REQUIRE: loader }), TRUC_NODE: process.execPath, ...env },
    cwd,
    colorScheme: null,
    // Playwright would switch the sandbox off for everybody
    chromiumSandbox: sandbox,
  });
  const { pid } = app.process();
  if (pid !== undefined) pids.set(app, pid);
  return app;
}

/** As a power cut would: the whole tree at once, nothing gets to say goodbye. */
export async function killConsole(app: ElectronApplication): Promise<void> {
  const pid = pids.get(app);
  if (pid !== undefined) await killTree(pid);
}

/** From here on the system's question whether a link may open is answered with no; what it showed comes back, asked again and again. */
export async function refusingLinks(app: ElectronApplication): Promise<() => Promise<string[]>> {
  await app.evaluate(({ dialog }) => {
    const shown: string[] = [];
    (globalThis as { shown?: string[] }).shown = shown;
    dialog.showMessageBox = ((_window: unknown, options: { detail?: string }) => {
      shown.push(options.detail ?? '');
      return Promise.resolve({ response: 1, checkboxChecked: false });
    }) as unknown as typeof dialog.showMessageBox;
  });
  return () => app.evaluate(() => (globalThis as { shown?: string[] }).shown ?? []);
}
