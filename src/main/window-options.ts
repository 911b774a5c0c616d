/** How a window is made: options only, without Electron, so that a test can hold them to the security table. */
import type { BrowserWindowConstructorOptions, Rectangle } from 'electron';
import { z } from 'zod';
import { infoArgument } from '../preload/channels.ts';

export const smallest = { width: 1024, height: 640 } as const;
export const usual = { width: 1280, height: 800 } as const;

/** The page's own background in each theme (--frame in ui/tokens.css), so that no white flashes before it paints. */
export const background = { light: '#f0f1f4', dark: '#0e1014' } as const;

export const windowPlace = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int().min(smallest.width),
  height: z.int().min(smallest.height),
  maximized: z.boolean(),
});
export type WindowPlace = z.infer<typeof windowPlace>;

/** A remembered place counts only while some display still shows a good part of it. */
export function visiblePlace(place: WindowPlace | null, displays: readonly Rectangle[]): WindowPlace | null {
  if (!place) return null;
  const margin = 100;
  const isSeen = displays.some(
    (display) =>
      place.x + place.width > display.x + margin &&
      place.x < display.x + display.width - margin &&
      place.y >= display.y - 1 &&
      place.y < display.y + display.height - margin,
  );
  return isSeen ? place : null;
}

export interface WindowLook {
  place: WindowPlace | null;
  dark: boolean;
  preload: string;
  icon: string;
  /** for the preload script, as JSON */
  info: string;
  /** development tools; never in a packaged console */
  devTools: boolean;
}

export function windowOptions({ place, dark, preload, icon, info, devTools }: WindowLook): BrowserWindowConstructorOptions {
  return {
    ...usual,
    ...(place && { x: place.x, y: place.y, width: place.width, height: place.height }),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Trực',
    icon,
    backgroundColor: dark ? background.dark : background.light,
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      // Chromium would fetch its dictionaries from a stranger's server.
      spellcheck: false,
      devTools,
      additionalArguments: [infoArgument + info],
    },
  };
}
