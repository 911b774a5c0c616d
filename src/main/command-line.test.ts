import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseCommandLine, refusedSwitch } from './command-line.ts';

test('reads its own options among those of Chromium', () => {
  const argv = [
    '--inspect=0',
    '--no-sandbox',
    '--hub',
    'https://hub.example.vn/path',
    '--profile=p/one',
    '--demo-user',
    'lan@demo.truc.test',
    '--allow-weak-secrets',
  ];
  expect(parseCommandLine(argv, '/home/lan')).toEqual({
    hubUrl: 'https://hub.example.vn',
    profileDir: resolve('/home/lan', 'p/one'),
    demoUser: 'lan@demo.truc.test',
    allowWeakSecrets: true,
  });
  expect(parseCommandLine([], '/')).toEqual({ hubUrl: null, profileDir: null, demoUser: null, allowWeakSecrets: false });
});

test.each([
  ['--hub'],
  ['--hub', '--profile'],
  ['--hub', 'hub.example.vn'],
  ['--hub', 'file:///x'],
  ['--hub', 'https://a:b@c.test'],
  ['--hub='],
])('%s is refused with a reason', (...argv) => {
  expect(() => parseCommandLine(argv, '/')).toThrow(/--hub/);
});

test('a packaged console refuses to lose its protection', () => {
  const has = (name: string) => name === 'no-sandbox';
  expect(refusedSwitch(has, true)).toBe('no-sandbox');
  expect(refusedSwitch(has, false)).toBeNull();
  expect(refusedSwitch(() => false, true)).toBeNull();
});
