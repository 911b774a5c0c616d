/** Preferences of this workstation: kept by electron-store, mirrored here, applied to the document. */
import { create } from 'zustand';
import type { Prefs } from '../../shared/prefs.ts';
import { i18n } from '../i18n/i18n.ts';
import { shell } from './shell.ts';

const initial: Prefs = {
  theme: 'system',
  language: 'vi',
  density: 'comfortable',
  inboxWidth: 360,
  customerWidth: 320,
  customerOpen: true,
};

export const usePrefs = create<Prefs>(() => initial);

export function setPref<K extends keyof Prefs>(key: K, value: Prefs[K]): void {
  usePrefs.setState({ [key]: value } as Pick<Prefs, K>);
  void shell.prefs.set(key, value).catch(() => undefined);
}

const dark = window.matchMedia('(prefers-color-scheme: dark)');

function apply(prefs: Prefs): void {
  const root = document.documentElement;
  root.dataset['theme'] = prefs.theme === 'system' ? (dark.matches ? 'dark' : 'light') : prefs.theme;
  root.dataset['density'] = prefs.density;
  root.lang = prefs.language;
  if (i18n.language !== prefs.language) void i18n.changeLanguage(prefs.language);
}

export async function loadPrefs(): Promise<void> {
  usePrefs.subscribe(apply);
  dark.addEventListener('change', () => apply(usePrefs.getState()));
  try {
    usePrefs.setState(await shell.prefs.all());
  } finally {
    apply(usePrefs.getState());
  }
}
