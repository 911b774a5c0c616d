import { expect, test } from 'vitest';
import { compareCatalogues, flatten } from './check-translations.ts';
import { cacheFolders } from './electron-runtime.mjs';
import { isCovered } from './setup-dependencies.mjs';
import { saidNoLately } from './setup-electron.mjs';
import { candidatesFrom, installedFrom, missingPackages, systemPackages } from './setup-packages.mjs';

test('the cache of root can be entered by all, an ordinary user has an own one and looks there too', () => {
  expect(cacheFolders({ uid: 0, home: '/root', xdg: '/root/x' })).toEqual(['/var/cache/truc']);
  expect(cacheFolders({ uid: 1000, home: '/home/lan', xdg: undefined })).toEqual(['/home/lan/.cache/truc', '/var/cache/truc']);
  expect(cacheFolders({ uid: 1000, home: '/home/lan', xdg: '/x' })[0]).toBe('/x/truc');
  expect(cacheFolders({ uid: 1000, home: '/home/lan', xdg: 'relative' })[0]).toBe('/home/lan/.cache/truc');
});

test('what npm installed by hand needs no second installation', () => {
  const one = { version: '1.0.0', integrity: 'sha512-a' };
  const locked = { '': {}, server: {}, 'node_modules/a': one, 'node_modules/b': { ...one, optional: true }, 'server/node_modules/c': one };
  expect(isCovered(locked, { 'node_modules/a': one, 'server/node_modules/c': one })).toBe(true);
  expect(isCovered(locked, { 'node_modules/a': one })).toBe(false);
  expect(isCovered(locked, { 'node_modules/a': { ...one, version: '2.0.0' }, 'server/node_modules/c': one })).toBe(false);
  expect(isCovered(locked, { 'node_modules/a': { ...one, integrity: 'sha512-z' }, 'server/node_modules/c': one })).toBe(false);
});

test('a library is there under either of its names', () => {
  const packages = systemPackages({ tests: true, display: true });
  const debian = installedFrom('libgtk-3-0 installed\nlibasound2 config-files\nxvfb installed\n');
  expect(debian).toEqual(new Set(['libgtk-3-0', 'xvfb']));
  const ubuntu = new Set(['libgtk-3-0t64', 'libasound2t64', 'libatk-bridge2.0-0t64']);
  expect(missingPackages(packages, ubuntu).flatMap((one) => one.names)).not.toContain('libasound2');
  expect(missingPackages(packages, debian).map((one) => one.names[0])).toContain('libasound2');
});

test('a display of one’s own needs no virtual one, tests always do', () => {
  const names = (purpose: { tests: boolean; display: boolean }) => systemPackages(purpose).flatMap((one) => one.names);
  expect(names({ tests: false, display: true })).not.toContain('xvfb');
  expect(names({ tests: false, display: false })).toContain('xvfb');
  expect(names({ tests: true, display: true })).toContain('xvfb');
  expect(names({ tests: false, display: false })).not.toContain('chromium');
});

test('reads which packages can be had', () => {
  const text = 'libasound2:\n  Installed: (none)\n  Candidate: (none)\nlibasound2t64:\n  Installed: (none)\n  Candidate: 1.2.11\n';
  expect(candidatesFrom(text)).toEqual(new Set(['libasound2t64']));
});

test('an unreachable release host is remembered for a day, and for that version', () => {
  const day = 86_400_000;
  expect(saidNoLately({ version: '45.0.0', at: 1000 }, '45.0.0', 1000 + day - 1)).toBe(true);
  expect(saidNoLately({ version: '45.0.0', at: 1000 }, '45.0.0', 1000 + day)).toBe(false);
  expect(saidNoLately({ version: '44.0.0', at: 1000 }, '45.0.0', 1001)).toBe(false);
  expect(saidNoLately({ version: '45.0.0', at: 5000 }, '45.0.0', 1000)).toBe(false);
  expect(saidNoLately(null, '45.0.0', 0)).toBe(false);
});

test('translations: keys, empty texts and placeholders', () => {
  const vi = flatten({ a: { b: 'Chào {{name}}' }, n_other: '{{count}} phiếu', only: 'x', blank: 'y' });
  const en = flatten({ a: { b: 'Hello {{nam}}' }, n_one: '{{count}} ticket', n_other: '{{count}} tickets', blank: ' ' });
  expect(compareCatalogues(vi, en)).toEqual(['only: in vi, not in en', 'blank: empty in en', 'a.b: vi has "{{name}}", en has "{{nam}}"']);
});
