import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appFile, contentSecurityPolicy, contentType, isOwnDownload, isPermitted, mayNavigate, originOf, outsideLink } from './security.ts';

const root = join('/', 'opt', 'truc', 'renderer');

describe('content security policy', () => {
  test('is the one of the security table', () => {
    expect(contentSecurityPolicy('abc', null)).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-abc'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; frame-src truc-mail:; object-src 'none'; base-uri 'none'; form-action 'none'",
    );
  });
  test('opens up for the development server only', () => {
    expect(contentSecurityPolicy('abc', 'http://localhost:5173')).toContain("connect-src 'self' ws://localhost:5173;");
    expect(contentSecurityPolicy('abc', null)).not.toMatch(/unsafe|http|ws:/);
  });
});

describe('permissions', () => {
  const names = [
    'notifications',
    'clipboard-sanitized-write',
    'clipboard-read',
    'media',
    'geolocation',
    'midi',
    'openExternal',
    'fullscreen',
    'hid',
    'usb',
    'serial',
    'window-management',
    'storage-access',
    'a-later-one',
  ];
  test.each(names)('%s', (name) => {
    const allowed = name === 'notifications' || name === 'clipboard-sanitized-write';
    expect(isPermitted(name, 'truc://app', true)).toBe(allowed);
    expect(isPermitted(name, 'truc://app', false)).toBe(false);
    for (const origin of ['https://app', 'truc-mail://app', 'null', null]) expect(isPermitted(name, origin, true)).toBe(false);
  });
});

describe('truc://app/', () => {
  test.each([
    ['truc://app/', 'index.html'],
    ['truc://app/tickets/1', 'index.html'],
    ['truc://app/index.html', 'index.html'],
    ['truc://app/assets/main-x1.js?v=2#top', 'assets/main-x1.js'],
    ['truc://app/assets/../index.html', 'index.html'],
    ['truc://app/../../../etc/pass.txt', 'etc/pass.txt'],
  ])('%s', (url, file) => {
    expect(appFile(url, root)).toBe(join(root, file));
  });

  test.each([
    'truc://app/%2e%2e%2f%2e%2e%2fetc%2fpasswd.txt',
    'truc://app/..%2f..%2fetc%2fpasswd.txt',
    'truc://app/..%5c..%5cwindows%5cwin.ini',
    'truc://app/..\\..\\windows\\win.ini',
    'truc://app/%252e%252e%252fsecrets.json',
    'truc://app/assets/%00.js',
    'truc://app/C:/windows/win.ini',
    'truc://app/index.html:stream.js',
    'truc://app//etc/hosts.txt',
    'truc://app/assets//x.js',
    'truc://app/%',
    'truc://app/%ff%fe.js',
    'truc://other/index.html',
    'truc://app.evil.test/index.html',
    'truc://user@app/index.html',
    'truc-mail://app/index.html',
    'file:///etc/passwd',
    'https://app/index.html',
    '',
    'index.html',
  ])('%s is nothing', (url) => {
    expect(appFile(url, root)).toBeNull();
  });

  test('never leaves its folder, whatever it is asked', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '\\', '/', 'a', 'x.js', '%00', ':', '~', '%c0%af'),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const file = appFile(`truc://app/${pieces.join('/')}`, root);
        expect(file === null || file.startsWith(join(root, '/'))).toBe(true);
        expect(file ?? '').not.toMatch(/(^|[\\/])\.\.([\\/]|$)/);
      }),
      { numRuns: 2000 },
    );
  });

  test('serves known kinds only', () => {
    expect(contentType('/a/index.html')).toMatch(/^text\/html/);
    expect(contentType('/a/main.js.map')).toBeNull();
    expect(contentType('/a/main.ts')).toBeNull();
    expect(contentType('/a/noextension')).toBeNull();
  });
});

test('origins, of our scheme too', () => {
  expect(originOf('truc://app/tickets?x')).toBe('truc://app');
  expect(originOf('truc://evil/')).toBe('truc://evil');
  expect(originOf('https://a.test:8/x')).toBe('https://a.test:8');
  expect(originOf('nonsense')).toBeNull();
});

describe('navigation', () => {
  test('a window stays where it is', () => {
    for (const url of ['https://a.test', 'truc://app/', 'truc-mail://1/', 'file:///etc/passwd', 'javascript:alert(1)', 'about:blank']) {
      expect(mayNavigate({ url, isMainFrame: true, frameUrl: 'truc://app/' })).toBe(false);
    }
  });
  test('the frame of a mail loads once', () => {
    expect(mayNavigate({ url: 'truc-mail://1/', isMainFrame: false, frameUrl: '' })).toBe(true);
    expect(mayNavigate({ url: 'truc-mail://2/', isMainFrame: false, frameUrl: 'truc-mail://1/' })).toBe(false);
    expect(mayNavigate({ url: 'https://a.test', isMainFrame: false, frameUrl: '' })).toBe(false);
  });
});

test.each([
  ['https://shop.example.vn/don-hang?id=1', 'shop.example.vn'],
  ['https://xn--80ak6aa92e.com/', 'xn--80ak6aa92e.com'],
  ['https://аррle.com/', 'xn--le-6kc8da.com'],
  ['mailto:lan@example.vn?subject=x', 'lan@example.vn'],
  ['tel:+84912345678', '+84912345678'],
  ['tel:+84912345678;phone-context=x', null],
  ['tel:*21*0900#', null],
  ['https://paypal.com@evil.test/', null],
  ['http://shop.example.vn/', null],
  ['javascript:alert(1)', null],
  ['file:///etc/passwd', null],
  ['ms-settings:', null],
  ['smb://share/x', null],
  [`https://a.test/${'x'.repeat(9000)}`, null],
  ['nonsense', null],
])('outside: %s', (url, shown) => {
  expect(outsideLink(url)?.shown ?? null).toBe(shown);
});

test('only what the window itself holds is saved', () => {
  expect(isOwnDownload('blob:truc://app/6e9c0f5e')).toBe(true);
  for (const url of [
    'https://example.com/x',
    'truc://app/index.html',
    'blob:https://app/1',
    'blob:truc://app.evil/1',
    'data:,x',
    'file:///etc/passwd',
    '',
  ])
    expect([url, isOwnDownload(url)]).toEqual([url, false]);
});
