/** Boot: what the console is made of, in the order in which it comes to life. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme, powerMonitor } from 'electron';
import { z } from 'zod';
import type { UsableScreen } from '../shared/shell.ts';
import { declareSchemes, serveApp } from './app-protocol.ts';
import { serveMailFrame } from './mail-frame.ts';
import { popOf, popScheme } from '../shared/pop.ts';
import { channels } from '../preload/channels.ts';
import { CommandLineError, parseCommandLine, refusedSwitch, type CommandLine } from './command-line.ts';
import { chooseEngineHost } from './engine-host.ts';
import { EngineRunner } from './engine-runner.ts';
import { guardContents, guardSession, type Guard } from './guards.ts';
import { answerWindows } from './ipc.ts';
import { openLog, type Log } from './log.ts';
import { setMenu } from './menu.ts';
import { isWeak, openSealer } from './sealer.ts';
import { openSecrets } from './secrets.ts';
import { openSettings, type Settings } from './settings-store.ts';
import { openWallboard, openWindow } from './window.ts';
import { words } from './words.ts';

const developmentHub = 'http://127.0.0.1:4600';

/** Whether a weak key store may be used: the agent agreed, now or earlier. */
async function acceptsWeakSecrets(line: CommandLine, settings: Settings): Promise<boolean> {
  if (!isWeak() || line.allowWeakSecrets || settings.weakSecretsAccepted()) return true;
  const text = words(settings.prefs().language);
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    message: text.weakTitle,
    detail: text.weakDetail,
    buttons: [text.weakContinue, text.quit],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  if (response === 0) settings.acceptWeakSecrets();
  return response === 0;
}

async function run(line: CommandLine, profileDir: string, log: Log): Promise<void> {
  const settings = openSettings(profileDir, (text) => log.write('warn', text));
  if (line.hubUrl) settings.setHubUrl(line.hubUrl);
  nativeTheme.themeSource = settings.prefs().theme;

  const devServer = app.isPackaged ? null : (process.env['ELECTRON_RENDERER_URL'] ?? null);
  const guard: Guard = { words: () => words(settings.prefs().language), warn: (text) => log.write('warn', text), devServer };
  guardContents(guard);

  // Loads what answers the page's requests while Chromium gets ready.
  void new Response(null);
  await app.whenReady();
  guardSession(guard);
  setMenu(!app.isPackaged);
  serveApp(join(import.meta.dirname, '..', 'renderer'), devServer);
  serveMailFrame();

  if (!(await acceptsWeakSecrets(line, settings))) return app.quit();
  const engine = new EngineRunner({
    start: chooseEngineHost(app.getAppPath(), app.isPackaged),
    entry: join(import.meta.dirname, 'engine.js'),
    begin: {
      type: 'start',
      profileDir,
      hubUrl: line.hubUrl ?? settings.hubUrl() ?? developmentHub,
      appVersion: app.getVersion(),
      demoUser: line.demoUser,
    },
    secrets: openSecrets(profileDir, await openSealer(true)),
    log,
    onLost() {
      for (const window of BrowserWindow.getAllWindows()) window.webContents.mainFrame.send(channels.engineLost);
    },
  });

  const info = { version: app.getVersion(), platform: process.platform, weakSecrets: isWeak(), demo: line.demoUser !== null };
  let console: BrowserWindow | null = null;
  let wallboard: BrowserWindow | null = null;
  const open = (): BrowserWindow => {
    const window = openWindow({ settings, info, log });
    console = window;
    window.once('closed', () => (console = null));
    return window;
  };
  const told = new Set<UsableScreen>();
  answerWindows({
    openPort: (port) => engine.openPort(port),
    prefs: () => settings.prefs(),
    setPref(key, value) {
      settings.setPref(key, value);
      if (key === 'theme') nativeTheme.themeSource = settings.prefs().theme;
    },
    // For whoever started it from a terminal: said of what the agent can use, not of a window that is still empty.
    shown(screen) {
      if (app.isPackaged || told.has(screen)) return;
      told.add(screen);
      process.stdout.write(screen === 'inbox' ? 'console ready\n' : 'console ready, waiting for sign-in\n');
    },
    openWallboard() {
      if (!console) return;
      wallboard ??= openWallboard({ info, log }, console).once('closed', () => (wallboard = null));
      wallboard.focus();
    },
    warn: (text) => log.write('warn', text),
  });

  powerMonitor.on('resume', () => engine.wake());
  powerMonitor.on('unlock-screen', () => engine.wake());
  // The engine decides when that is long enough to lock.
  setInterval(() => engine.idle(powerMonitor.getSystemIdleTime() * 1000), idleEveryMs).unref();

  open();
  // The page takes longer to come to life than the engine does.
  engine.start();

  const comeForward = (): BrowserWindow => {
    const window = console ?? open();
    if (window.isMinimized()) window.restore();
    window.focus();
    return window;
  };
  // A soft phone has opened its "contact" link.
  const pop = (links: readonly string[]): void => {
    const window = comeForward();
    const phone = links.map(popOf).find((found) => found !== null);
    if (phone !== undefined) window.webContents.mainFrame.send(channels.pop, phone);
  };
  if (app.isPackaged) app.setAsDefaultProtocolClient(popScheme);
  app.on('second-instance', (_event, argv) => pop(argv));
  app.on('open-url', (event, url) => {
    event.preventDefault();
    pop([url]);
  });
  app.on('activate', () => {
    if (!console) open();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  // The engine closes its database before the process leaves.
  let leaving: 'no' | 'stopping' | 'yes' = 'no';
  app.on('will-quit', (event) => {
    if (leaving === 'yes') return;
    event.preventDefault();
    if (leaving === 'stopping') return;
    leaving = 'stopping';
    void engine.stop().finally(() => {
      leaving = 'yes';
      app.quit();
    });
  });
}

/** how often the engine hears how long nobody has touched the machine */
const idleEveryMs = 5000;

function refuseToStart(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

function boot(): void {
  // Compiling a schema pays after thousands of messages; main reads a few dozen, the first of them while a window waits.
  z.config({ jitless: true });
  const refused = refusedSwitch((name) => app.commandLine.hasSwitch(name), app.isPackaged);
  if (refused) refuseToStart(`Trực does not run with --${refused}: it would take away the protection of what customers write.`);
  let line: CommandLine;
  try {
    line = parseCommandLine(process.argv.slice(1), process.cwd());
  } catch (error) {
    if (error instanceof CommandLineError) refuseToStart(error.message);
    throw error;
  }
  // As root, where only --no-sandbox works at all, this call would make every child process crash.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();

  const profileDir = line.profileDir ?? app.getPath('userData');
  mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  app.setPath('userData', profileDir);
  app.setPath('sessionData', join(profileDir, 'chromium'));
  const log = openLog(profileDir, app.isPackaged);
  if (!app.requestSingleInstanceLock()) {
    process.stderr.write(`Trực is already open with this profile: ${profileDir}\n`);
    app.exit(0);
    return;
  }
  process.on('uncaughtException', (error) => log.write('error', `main: ${error.stack ?? error.message}`));
  process.on('unhandledRejection', (reason) =>
    log.write('error', `main: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`),
  );
  declareSchemes();
  run(line, profileDir, log).catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    log.write('error', `main: ${text}`);
    dialog.showErrorBox('Trực', text);
    app.exit(1);
  });
}

boot();
