/**
 * Bytes to text, in NFC. What is labelled is believed unless it can't be; what is not, or is labelled with a charset that mailers put
 * on everything, is read as whichever of the Vietnamese charsets gives syllables of that language. Sources: channels reference, 4.4.
 */
import iconv from 'iconv-lite';

export interface Decoded {
  text: string;
  charset: string;
  warning: 'decode' | 'charset-guessed' | null;
}

/** Names that are met, and what they mean to the decoders. */
const aliases: Readonly<Record<string, string>> = {
  utf8: 'utf-8',
  'unicode-1-1-utf-8': 'utf-8',
  tcvn3: 'tcvn',
  'tcvn-5712': 'tcvn',
  tcvn5712: 'tcvn',
  'tcvn5712-1': 'tcvn',
  'tcvn-5712:1993': 'tcvn',
  'x-viet-tcvn5712': 'tcvn',
  'tcvn-abc': 'tcvn',
  abc: 'tcvn',
  'viscii1.1-1': 'viscii',
  csviscii: 'viscii',
  'x-viet-viscii': 'viscii',
  cp1258: 'windows-1258',
  'x-cp1258': 'windows-1258',
  'ms-viet': 'windows-1258',
  latin1: 'iso-8859-1',
  'iso8859-1': 'iso-8859-1',
  'iso_8859-1': 'iso-8859-1',
  cp1252: 'windows-1252',
  'shift-jis': 'shift_jis',
  sjis: 'shift_jis',
  ks_c_5601: 'euc-kr',
  'ks_c_5601-1987': 'euc-kr',
  gb2312: 'gb18030',
  gbk: 'gb18030',
};

const silent: ReadonlySet<string> = new Set([
  '',
  'us-ascii',
  'ascii',
  'ansi_x3.4-1968',
  'unknown-8bit',
  'x-unknown',
  'unknown',
  '8bit',
  '7bit',
  'default',
  'none',
]);
/** labels that mailers put on whatever they have */
const careless: ReadonlySet<string> = new Set(['iso-8859-1', 'windows-1252', 'iso-8859-15']);
/** charsets that say something else with bytes of ASCII */
const shifting = /^(iso-2022-|utf-7|utf-16|ucs-|utf-32|hz-)/;
const vietnamese = ['windows-1258', 'tcvn', 'viscii'] as const;
/** share of words with other letters than ASCII's that must be syllables */
const enough = 0.7;
const clearlyBetter = 0.2;
const judgedBytes = 64 * 1024;

/** Never throws. `label`: what the mail says; `readAs`: what somebody chose instead. */
export function decodeText(bytes: Buffer, label: string | null, readAs: string | null = null): Decoded {
  const told = canonical(label ?? '');
  if (readAs !== null)
    return plain(bytes, canonical(readAs)) ?? { text: nfc(bytes.toString('latin1')), charset: 'windows-1252', warning: 'decode' };
  const marked = byMark(bytes);
  if (marked) return marked;
  if (shifting.test(told)) return plain(bytes, told) ?? guess(bytes, null);
  if (!bytes.some((byte) => byte >= 0x80)) {
    if (silent.has(told) && bytes.includes('\u001b$')) return plain(bytes, 'iso-2022-jp') ?? guess(bytes, null);
    return { text: nfc(bytes.toString('latin1')), charset: 'us-ascii', warning: null };
  }
  if (silent.has(told)) return guess(bytes, null);
  if (careless.has(told)) return guess(bytes, told);
  const text = plain(bytes, told);
  if (!text) return { ...guess(bytes, null), warning: 'decode' };
  if (told === 'utf-8' && text.warning) {
    const better = bestVietnamese(bytes);
    if (better && better.share >= enough && better.share > share(text.text) + clearlyBetter)
      return { ...better.decoded, warning: 'charset-guessed' };
  }
  return text;
}

/** Words of headers as RFC 2047 encodes them, those next to each other together: some cut letters in two. */
export function decodeWords(value: string, readAs: string | null = null): Decoded {
  const pieces: (string | { charset: string; bytes: Buffer })[] = [];
  let end = 0;
  for (const word of value.matchAll(/=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bq])\?([^?]*)\?=/gi)) {
    const [whole, label = '', form = '', content = ''] = word;
    const between = value.slice(end, word.index);
    end = word.index + whole.length;
    const last = pieces.at(-1);
    const joins = typeof last === 'object' && /^\s*$/.test(between);
    if (!joins) pieces.push(between);
    const charset = label.toLowerCase();
    const bytes = wordBytes(form, content);
    if (joins && last.charset === charset) last.bytes = Buffer.concat([last.bytes, bytes]);
    else pieces.push({ charset, bytes });
  }
  pieces.push(value.slice(end));
  const read = pieces.map((piece) =>
    typeof piece === 'string' ? { text: piece, warning: null } : decodeText(piece.bytes, piece.charset, readAs),
  );
  return {
    text: nfc(read.map((piece) => piece.text).join('')),
    charset: 'utf-8',
    warning: read.find((piece) => piece.warning !== null)?.warning ?? null,
  };
}

function wordBytes(form: string, content: string): Buffer {
  if (form.toLowerCase() === 'b') return Buffer.from(content, 'base64');
  const plain = content
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(plain, 'latin1');
}

/** Letters as one sign each, and nothing that the database can't keep. */
export function nfc(text: string): string {
  return text.toWellFormed().replaceAll('\0', '').normalize('NFC');
}

function canonical(label: string): string {
  const name = label
    .trim()
    .replaceAll(/^["']|["']$/g, '')
    .toLowerCase();
  return aliases[name] ?? name;
}

function byMark(bytes: Buffer): Decoded | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return plain(bytes.subarray(3), 'utf-8');
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return plain(bytes.subarray(2), 'utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return plain(bytes.subarray(2), 'utf-16be');
  return null;
}

function plain(bytes: Buffer, charset: string): Decoded | null {
  let text: string;
  // Vietnamese ones first by iconv-lite: the platform's decoder has no VISCII and no TCVN.
  if (charset !== 'utf-8' && iconv.encodingExists(charset)) text = iconv.decode(bytes, charset);
  else {
    try {
      text = new TextDecoder(charset).decode(bytes);
    } catch {
      return null;
    }
  }
  return { text: nfc(text), charset, warning: text.includes('\ufffd') ? 'decode' : null };
}

function guess(bytes: Buffer, told: string | null): Decoded {
  const utf8 = plain(bytes, 'utf-8');
  if (utf8 && !utf8.warning) return { ...utf8, warning: told === null ? null : 'charset-guessed' };
  const asTold = plain(bytes, told === null || told === 'iso-8859-1' ? 'windows-1252' : told);
  const best = bestVietnamese(bytes);
  if (best && best.share >= enough && best.share >= share(asTold?.text ?? '') + clearlyBetter)
    return { ...best.decoded, warning: 'charset-guessed' };
  // A text of UTF-8 that was cut within a letter, or has a few bad bytes.
  if (utf8 && share(utf8.text) >= enough) return { ...utf8, warning: 'decode' };
  if (!asTold) return { text: nfc(bytes.toString('latin1')), charset: 'windows-1252', warning: 'decode' };
  return told === null ? { ...asTold, warning: 'charset-guessed' } : asTold;
}

function bestVietnamese(bytes: Buffer): { decoded: Decoded; share: number } | null {
  let best: { decoded: Decoded; share: number } | null = null;
  for (const charset of vietnamese) {
    const judged = share(plain(bytes.subarray(0, judgedBytes), charset)?.text ?? '');
    if (best && judged <= best.share) continue;
    const decoded = plain(bytes, charset);
    if (decoded) best = { decoded, share: judged };
  }
  return best;
}

const syllable = /^(?:ngh|[ckgnpt]h|ng|gi|qu|tr|[bcdđghklmnpqrstvx])?[aăâeêioôơuưy]{1,3}(?:ch|ng|nh|[cmnpt])?$/;
const tones = /[\u0300\u0301\u0303\u0309\u0323]/g;

/** Of the words with other letters than ASCII's, the share that could be Vietnamese: 0 to 1. */
function share(text: string): number {
  const words = text
    .slice(0, judgedBytes)
    .split(/[\s!-@[-`{-~\u2010-\u203a\u00a0]+/)
    // eslint-disable-next-line no-control-regex
    .filter((word) => /[^\u0000-\u007f]/.test(word));
  if (words.length === 0) return 0;
  const known = words.filter((word) => {
    const apart = word.toLowerCase().normalize('NFD');
    if ((apart.match(tones)?.length ?? 0) > 1) return false;
    return syllable.test(apart.replaceAll(tones, '').normalize('NFC'));
  });
  return known.length / words.length;
}
