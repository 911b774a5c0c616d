/** Preferences of this workstation: read with care (an old or edited file never stops the console), written whole. */
import { copyFileSync, readFileSync } from 'node:fs';
import { defaultPrefs, prefs, type Prefs } from '../shared/prefs.ts';

/** What is valid stays, the rest gets its default; what we do not know is left out. */
export function readPrefs(raw: unknown): Prefs {
  const given: Record<string, unknown> = typeof raw === 'object' && raw !== null ? { ...raw } : {};
  const kept = Object.entries(prefs.shape).flatMap(([key, schema]) => {
    const value = schema.safeParse(given[key]);
    return value.success ? [[key, value.data]] : [];
  });
  return { ...defaultPrefs, ...Object.fromEntries(kept) };
}

/**
 * electron-store starts again from nothing when its file can't be read: keep what was there beside it first.
 * @returns the copy's path when there was something to keep
 */
export function keepCorrupt(file: string, now: number): string | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return null;
  } catch {
    // kept below
  }
  const copy = file.replace(/\.json$/, '') + `.corrupt-${now}.json`;
  copyFileSync(file, copy);
  return copy;
}
