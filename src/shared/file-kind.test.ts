import { expect, test } from 'vitest';
import { isPicture, kindOf, plainName } from './file-kind.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

test('a file is what its bytes say', () => {
  const cases: [string, string, boolean][] = [
    ['89504e470d0a1a0a0000000d49484452', 'image/png', true],
    ['ffd8ffe000104a464946', 'image/jpeg', true],
    ['474946383961', 'image/gif', true],
    ['52494646aabbccdd57454250', 'image/webp', true],
    ['52494646aabbccdd57415645', 'application/octet-stream', false],
    ['255044462d312e37', 'application/pdf', false],
    ['3c7376672f3e', 'application/octet-stream', false],
    ['89504e47', 'application/octet-stream', false],
    ['', 'application/octet-stream', false],
  ];
  for (const [hex, kind, picture] of cases) expect([hex, kindOf(bytes(hex)), isPicture(kindOf(bytes(hex)))]).toEqual([hex, kind, picture]);
});

test('a name is a name: no folders, nothing that hides or turns its end', () => {
  const cases: [string, string][] = [
    ['hoá đơn 11.pdf', 'hoá đơn 11.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\lan\\x.txt', 'x.txt'],
    ['hoadon\u202Efdp.exe', 'hoadonfdp.exe'],
    ['a\r\nb\0c', 'abc'],
    ['..', 'file'],
    ['.bashrc', 'bashrc'],
    ['', 'file'],
    ['   ', 'file'],
    [`${'x'.repeat(300)}.pdf`, 'x'.repeat(200)],
    ['\ud800.txt', '\ufffd.txt'],
  ];
  for (const [given, plain] of cases) expect(plainName(given)).toBe(plain);
});
