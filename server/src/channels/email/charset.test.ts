import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { decodeText, decodeWords } from './charset.ts';

const said = 'Chào shop, tôi muốn đổi trả sản phẩm vì bị lỗi đường may. Cảm ơn!'.normalize('NFC');

/** As mailers write it: base letters whole, tones apart. */
function windows1258(text: string): Buffer {
  const apart = Array.from(text.normalize('NFC'), (letter) => {
    const [base = '', ...tones] = letter
      .normalize('NFD')
      .replaceAll(/([aeiouy])([\u0302\u0306\u031b])/giu, (whole) => whole.normalize('NFC'));
    const marks =
      letter
        .normalize('NFD')
        .match(/[\u0300\u0301\u0303\u0309\u0323]/gu)
        ?.join('') ?? '';
    const plain = letter
      .normalize('NFD')
      .replaceAll(/[\u0300\u0301\u0303\u0309\u0323]/gu, '')
      .normalize('NFC');
    return plain === '' ? base + tones.join('') : plain + marks;
  }).join('');
  return iconv.encode(apart, 'windows-1258');
}

describe('Vietnamese charsets', () => {
  test('by their label', () => {
    expect(decodeText(windows1258(said), 'windows-1258')).toEqual({ text: said, charset: 'windows-1258', warning: null });
    expect(decodeText(iconv.encode(said, 'viscii'), 'VISCII').text).toBe(said);
    expect(decodeText(iconv.encode(said, 'tcvn'), '"x-viet-tcvn5712"').text).toBe(said);
    expect(decodeText(iconv.encode(said, 'tcvn'), 'TCVN3').text).toBe(said);
  });

  test.each(['windows-1258', 'viscii', 'tcvn'])('%s without a label', (charset) => {
    const bytes = charset === 'windows-1258' ? windows1258(said) : iconv.encode(said, charset);
    expect(decodeText(bytes, null)).toEqual({ text: said, charset, warning: 'charset-guessed' });
  });

  test.each(['iso-8859-1', 'windows-1252', 'us-ascii'])('what was labelled %s', (label) => {
    expect(decodeText(windows1258(said), label).text).toBe(said);
    expect(decodeText(iconv.encode(said, 'tcvn'), label).text).toBe(said);
    expect(decodeText(Buffer.from(said), label).text).toBe(said);
  });

  test('UTF-8 that is none', () => {
    expect(decodeText(windows1258(said), 'utf-8').text).toBe(said);
    expect(decodeText(Buffer.from(said).subarray(0, -3), 'utf-8').text.slice(0, 40)).toBe(said.slice(0, 40));
  });
});

test('other languages are left as they were labelled', () => {
  const french = 'Le café est déjà très établi à Paris, où l’été';
  expect(decodeText(iconv.encode(french, 'windows-1252'), 'iso-8859-1')).toMatchObject({ text: french, warning: null });
  const german = 'Grüße aus München, schöne Straße';
  expect(decodeText(iconv.encode(german, 'windows-1252'), null).text).toBe(german);
  const japanese = Buffer.from('\u001b$B$3$s$K$A$O\u001b(B', 'latin1');
  expect(decodeText(japanese, 'ISO-2022-JP').text).toBe('こんにちは');
  expect(decodeText(japanese, null).text).toBe('こんにちは');
  expect(decodeText(iconv.encode('안녕하세요', 'euc-kr'), 'ks_c_5601-1987').text).toBe('안녕하세요');
});

test('any bytes and any label give some text', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  for (const label of ['', 'utf-8', 'utf-16', 'utf-7', 'x-unknown', 'iso-2022-kr', 'no such thing', 'tcvn', '__proto__', 'constructor']) {
    const { text } = decodeText(bytes, label);
    expect(text).not.toBe('');
    expect(text).not.toContain('\0');
    expect(text).toBe(text.normalize('NFC'));
  }
  expect(decodeText(Buffer.from([0xef, 0xbb, 0xbf, 0x61]), 'iso-8859-1').text).toBe('a');
  expect(decodeText(Buffer.from('\ufeffxin chào', 'utf16le'), null).text).toBe('xin chào');
});

describe('words of headers', () => {
  test('letters that were cut in two between words', () => {
    const bytes = Buffer.from('Đổi hàng');
    const word = (part: Buffer) => `=?UTF-8?B?${part.toString('base64')}?=`;
    expect(decodeWords(`${word(bytes.subarray(0, 1))}\t ${word(bytes.subarray(1))} x`).text).toBe('Đổi hàng x');
  });

  test('several charsets, underscores, and what is none', () => {
    expect(decodeWords('=?windows-1258?Q?=D0=F4=D2i_tra=D2?= =?utf-8?q?_h=C3=A0ng?=').text).toBe('Đổi trả hàng');
    expect(decodeWords('a =?utf-8?x?b?= =?utf-8?B').text).toBe('a =?utf-8?x?b?= =?utf-8?B');
    expect(decodeWords('=?utf-8*vi?Q?ch=C3=A0o?=').text).toBe('chào');
    expect(decodeWords('=?no-such?Q?ch=C3=A0o?=').text).toBe('chào');
  });

  test('a long row of beginnings takes no time', () => {
    expect(decodeWords('=?'.repeat(16_000)).text.length).toBe(32_000);
    expect(decodeWords('=?a?b?'.repeat(5000)).text.length).toBe(30_000);
  });
});
