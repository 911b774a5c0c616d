/** What a window and the main process have to say to each other; everything else goes through the port to the engine (bridge.ts). */
import { z } from 'zod';
import type { Prefs } from './prefs.ts';

export const usableScreen = z.enum(['inbox', 'sign-in']);
export type UsableScreen = z.infer<typeof usableScreen>;

/** What the preload script puts on `window.truc`, frozen. */
export interface Shell {
  /** resolves once, with the port to the engine */
  port(): Promise<MessagePort>;
  prefs: {
    all(): Promise<Prefs>;
    set<K extends keyof Prefs>(key: K, value: Prefs[K]): Promise<void>;
  };
  /** tells main that this screen can be used from now on; whoever started the console waits for it */
  shown(screen: UsableScreen): void;
  /** opens a window for a big screen, or brings it forward */
  wallboard(): Promise<void>;
  info: { version: string; platform: string; weakSecrets: boolean; demo: boolean };
}
