import { expect, test } from 'vitest';
import { transferDecoder } from './transfer.ts';

/** Decoded in pieces of every length. */
function decoded(encoding: string, text: string): { texts: Set<string>; damaged: boolean } {
  const bytes = Buffer.from(text, 'latin1');
  const texts = new Set<string>();
  let damaged = false;
  for (let length = 1; length <= bytes.length + 1; length += 1) {
    const decoder = transferDecoder(encoding);
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += length) parts.push(decoder.push(bytes.subarray(at, at + length)));
    texts.add(Buffer.concat([...parts, decoder.end()]).toString('utf8'));
    damaged ||= decoder.damaged;
  }
  return { texts, damaged };
}

test.each([
  ['base64', 'eGluIGNow6Bv', 'xin chào', false],
  ['base64', 'eGlu\r\nIGNo\r\nw6Bv\r\n', 'xin chào', false],
  ['base64', 'eGl1\r\n\r\n', 'xiu', false],
  ['base64', 'eA==', 'x', false],
  ['base64', 'eA==eQ==', 'xy', false],
  ['base64', 'eA', 'x', false],
  ['base64', 'eGlu IGNow6Bv!!', 'xin chào', true],
  ['base64', 'eGlu\r\n-- a list adds this --\r\n', 'xin', true],
  ['quoted-printable', 'ch=C3=A0o', 'chào', false],
  ['quoted-printable', 'a=\r\nb= \t\r\nc=\nd', 'abcd', false],
  ['quoted-printable', 'a=', 'a', false],
  ['quoted-printable', 'a=ZZ =4', 'a=ZZ =4', true],
  ['7bit', 'a=20', 'a=20', false],
  ['x-own', 'a', 'a', true],
])('%s %j', (encoding, text, expected, damaged) => {
  expect(decoded(encoding, text)).toEqual({ texts: new Set([expected]), damaged });
});

test('lines without an end', () => {
  const decoder = transferDecoder('base64');
  const text = Buffer.alloc(300_000, 'x').toString('base64');
  const out = Buffer.concat([decoder.push(Buffer.from(`!${text}`)), decoder.end()]);
  expect(out.toString()).toBe('x'.repeat(300_000));
});
