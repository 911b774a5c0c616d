/** The one electron-store of a profile: preferences, and what the console remembers for itself. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import Store from 'electron-store';
import type { Prefs } from '../shared/prefs.ts';
import { keepCorrupt, readPrefs } from './prefs.ts';
import { windowPlace, type WindowPlace } from './window-options.ts';

interface Remembered {
  prefs: unknown;
  window: unknown;
  hubUrl: unknown;
  weakSecretsAccepted: unknown;
}

export interface Settings {
  prefs(): Prefs;
  setPref<K extends keyof Prefs>(key: K, value: Prefs[K]): void;
  window(): WindowPlace | null;
  setWindow(place: WindowPlace): void;
  hubUrl(): string | null;
  setHubUrl(url: string): void;
  weakSecretsAccepted(): boolean;
  acceptWeakSecrets(): void;
}

export function openSettings(profileDir: string, warn: (text: string) => void): Settings {
  const kept = keepCorrupt(join(profileDir, 'settings.json'), Date.now());
  if (kept) {
    warn(`settings.json could not be read and starts again from the defaults; what was there is kept in ${kept}`);
    writeFileSync(join(profileDir, 'settings.json'), '{}');
  }
  const store = new Store<Remembered>({ cwd: profileDir, name: 'settings', clearInvalidConfig: true });
  let current = readPrefs(store.get('prefs'));
  return {
    prefs: () => current,
    setPref(key, value) {
      current = { ...current, [key]: value };
      store.set('prefs', current);
    },
    window() {
      const place = windowPlace.safeParse(store.get('window'));
      return place.success ? place.data : null;
    },
    setWindow: (place) => store.set('window', place),
    hubUrl() {
      const url = store.get('hubUrl');
      return typeof url === 'string' ? url : null;
    },
    setHubUrl: (url) => store.set('hubUrl', url),
    weakSecretsAccepted: () => store.get('weakSecretsAccepted') === true,
    acceptWeakSecrets: () => store.set('weakSecretsAccepted', true),
  };
}
