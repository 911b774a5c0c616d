import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { defaultPrefs } from '../shared/prefs.ts';
import { keepCorrupt, readPrefs } from './prefs.ts';

const folder = mkdtempSync(join(tmpdir(), 'truc-prefs-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what is valid stays, the rest gets its default', () => {
  expect(readPrefs({ theme: 'dark', inboxWidth: 9, density: 'compact', stranger: 1 })).toEqual({
    ...defaultPrefs,
    theme: 'dark',
    density: 'compact',
  });
});

test.each([null, undefined, 'text', 3, [], { theme: null }])('%s gives the defaults', (raw) => {
  expect(readPrefs(raw)).toEqual(defaultPrefs);
});

test.each(['{"prefs":', '', '"text"', '[]', 'null'])('a file with %s is kept beside', (text) => {
  const file = join(folder, 'settings.json');
  writeFileSync(file, text);
  const copy = keepCorrupt(file, 17);
  expect(copy).toBe(join(folder, 'settings.corrupt-17.json'));
  expect(readFileSync(copy!, 'utf8')).toBe(text);
});

test('a sound file and a missing one are left alone', () => {
  const file = join(folder, 'settings.json');
  writeFileSync(file, '{}');
  expect(keepCorrupt(file, 18)).toBeNull();
  expect(keepCorrupt(join(folder, 'none.json'), 18)).toBeNull();
});
