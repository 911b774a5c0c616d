/** The console's window. */
import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import type { Shell } from '../shared/bridge.ts';
import { appOrigin } from './security.ts';
import type { Settings } from './settings-store.ts';
import { background, visiblePlace, windowOptions } from './window-options.ts';

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
  if (place?.maximized) window.maximize();

  const followTheme = (): void => window.setBackgroundColor(nativeTheme.shouldUseDarkColors ? background.dark : background.light);
  nativeTheme.on('updated', followTheme);
  window.once('closed', () => nativeTheme.off('updated', followTheme));

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

  // A page that crashed is loaded again, but not in a circle.
  let crashes = 0;
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.write('error', `window: ${reason} (${exitCode})`);
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    crashes += 1;
    setTimeout(() => !window.isDestroyed() && window.reload(), Math.min(10_000, 250 * 2 ** crashes));
  });
  window.webContents.on('preload-error', (_event, path, error) => log.write('error', `preload ${path}: ${error.message}`));

  void window.loadURL(`${appOrigin}/`);
  return window;
}
