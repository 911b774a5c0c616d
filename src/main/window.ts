/** The console's window. */
import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import type { Shell } from '../shared/shell.ts';
import { appOrigin } from './security.ts';
import type { Settings } from './settings-store.ts';
import { background, visiblePlace, type WindowPlace, windowOptions } from './window-options.ts';

export interface WindowNeeds {
  settings: Settings;
  info: Shell['info'];
  log: { write(level: 'warn' | 'error', text: string): void };
}

const rememberAfterMs = 500;

export function openWindow({ settings, info, log }: WindowNeeds): BrowserWindow {
  const place = visiblePlace(
    settings.window(),
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = makeWindow({ info, log }, place);
  if (place?.maximized) window.maximize();

  window.once('ready-to-show', () => window.show());

  let remember: NodeJS.Timeout | null = null;
  const moved = (): void => {
    if (remember) clearTimeout(remember);
    remember = setTimeout(keepPlace, rememberAfterMs);
  };
  const keepPlace = (): void => {
    if (!window.isDestroyed()) settings.setWindow({ ...window.getNormalBounds(), maximized: window.isMaximized() });
  };
  window.on('resize', moved);
  window.on('move', moved);
  window.on('close', keepPlace);

  void window.loadURL(`${appOrigin}/`);
  return window;
}

/** A window for a big screen: on another display than the console where there is one, and then as large as that is. */
export function openWallboard(needs: Omit<WindowNeeds, 'settings'>, console: BrowserWindow): BrowserWindow {
  const own = screen.getDisplayMatching(console.getBounds());
  const other = screen.getAllDisplays().find(({ id }) => id !== own.id);
  const window = makeWindow(needs, other ? { ...other.workArea, maximized: false } : null);
  if (other) window.setFullScreen(true);
  window.once('ready-to-show', () => window.show());
  window.webContents.on('before-input-event', (event, { type, key }) => {
    if (type !== 'keyDown') return;
    if (key === 'F11') window.setFullScreen(!window.isFullScreen());
    else if (key === 'Escape' && window.isFullScreen()) {
      // One step at a time: the page closes on the next one.
      event.preventDefault();
      window.setFullScreen(false);
    }
  });
  // It shows what the console knows: without one it has nothing to show.
  const end = (): void => void (window.isDestroyed() || window.close());
  console.once('closed', end);
  window.once('closed', () => console.off('closed', end));
  void window.loadURL(`${appOrigin}/wallboard`);
  return window;
}

/** What all of our windows have in common. */
function makeWindow({ info, log }: Omit<WindowNeeds, 'settings'>, place: WindowPlace | null): BrowserWindow {
  const window = new BrowserWindow(
    windowOptions({
      place,
      dark: nativeTheme.shouldUseDarkColors,
      preload: join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      icon: join(app.getAppPath(), 'resources', 'icon.png'),
      info: JSON.stringify(info),
      devTools: !app.isPackaged,
    }),
  );
  window.setMenuBarVisibility(false);
  const followTheme = (): void => window.setBackgroundColor(nativeTheme.shouldUseDarkColors ? background.dark : background.light);
  nativeTheme.on('updated', followTheme);
  window.once('closed', () => nativeTheme.off('updated', followTheme));

  // A page that crashed is loaded again, but not in a circle.
  let crashes = 0;
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.write('error', `window: ${reason} (${exitCode})`);
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    crashes += 1;
    setTimeout(() => !window.isDestroyed() && window.reload(), Math.min(10_000, 250 * 2 ** crashes));
  });
  window.webContents.on('preload-error', (_event, path, error) => log.write('error', `preload ${path}: ${error.message}`));

  return window;
}
