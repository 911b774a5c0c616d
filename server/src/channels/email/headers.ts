/** Headers of a mail or of a part of it: what is asked of them, from whatever stands there. */
import parseAddresses from 'nodemailer/lib/addressparser';
import { decodeText, decodeWords } from './charset.ts';
import type { MailAddress } from './mail.ts';

/** longer ones are cut: nothing that is read here is that long */
const longestHeader = 32 * 1024;
const mostAddresses = 100;
const mostReferences = 200;
const longestId = 900;
const longestAddress = 320;

export class Headers {
  readonly #values = new Map<string, string[]>();
  readonly #readAs: string | null;
  /** some header had bytes that had to be guessed or could not be read */
  warning: 'decode' | 'charset-guessed' | null = null;

  /** `lines`: each with its name and whatever was folded under it, one sign per byte. */
  constructor(lines: { key: string; line: string }[], readAs: string | null = null) {
    this.#readAs = readAs;
    for (const { key, line } of lines) {
      if (key === '') continue;
      const value = line
        .slice(line.indexOf(':') + 1, longestHeader)
        .replaceAll(/\r?\n(?=[ \t])/g, '')
        .trim();
      const known = this.#values.get(key);
      if (known) known.push(value);
      else this.#values.set(key, [value]);
    }
  }

  /** From the bytes of a header block. */
  static from(block: Buffer, readAs: string | null = null): Headers {
    const lines = block
      .toString('latin1')
      .split(/\r?\n(?![ \t])/)
      .filter((line) => /^[!-9;-~]+[ \t]*:/.test(line))
      .map((line) => ({ key: line.slice(0, line.indexOf(':')).trim().toLowerCase(), line }));
    return new Headers(lines, readAs);
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Every header of that name as it stands, one sign per byte. */
  raw(name: string): string[] {
    return this.#values.get(name) ?? [];
  }

  /** The first one of that name, in lower case and without comments: for headers whose value is a word. */
  word(name: string): string {
    return (this.raw(name)[0] ?? '')
      .replaceAll(/\([^()]*\)/g, '')
      .trim()
      .toLowerCase();
  }

  /** The first one of that name, as people read it. */
  text(name: string): string {
    const decoded = this.#decode(this.raw(name)[0] ?? '');
    // eslint-disable-next-line no-control-regex
    return decoded.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  }

  /** Of all headers of that name; groups are taken apart. */
  addresses(name: string): MailAddress[] {
    const found = this.raw(name).flatMap((value) => parseAddresses(this.#eightBit(value), { flatten: true }));
    return found.slice(0, mostAddresses).flatMap(({ address, name: called }) => {
      const plain = address.trim().toLowerCase();
      if (!/^[^\s@<>"]+@[^\s@<>"]+$/.test(plain) || plain.length > longestAddress) return [];
      const shown = plainText(this.#decode(called));
      return [{ address: plain, name: shown === '' || shown.toLowerCase() === plain ? null : shown }];
    });
  }

  /** Message-IDs in their order, without brackets. */
  ids(name: string): string[] {
    const ids = this.raw(name).flatMap((value) => {
      const bracketed = [...value.matchAll(/<([^<>\s]+)>/g)].map((match) => match[1] ?? '');
      // Some write them bare.
      return bracketed.length > 0 ? bracketed : value.split(/[\s,]+/).filter((word) => /^[^@\s]+@[^@\s]+$/.test(word));
    });
    const once = [...new Set(ids.filter((id) => id.length <= longestId))];
    // The first is where it began, the last are where it is now.
    return once.length <= mostReferences ? once : [...once.slice(0, 20), ...once.slice(20 - mostReferences)];
  }

  /** ms; null: none, or none that can be */
  date(): number | null {
    const at = Date.parse(this.word('date').replaceAll(/\s+/g, ' ').slice(0, 60));
    return at > 0 && at < Date.UTC(2200, 0) ? at : null;
  }

  #decode(value: string): string {
    const { text, warning } = decodeWords(this.#eightBit(value), this.#readAs);
    this.warning ??= warning;
    return text;
  }

  /** Headers may hold letters as they are (RFC 6532), and old mailers put any charset there. */
  #eightBit(value: string): string {
    // eslint-disable-next-line no-control-regex
    if (!/[^\u0000-\u007f]/.test(value)) return value;
    // Some values went through this before: their letters are no bytes.
    // eslint-disable-next-line no-control-regex
    if (/[^\u0000-\u00ff]/.test(value)) return value;
    const { text, warning } = decodeText(Buffer.from(value, 'latin1'), null, this.#readAs);
    this.warning ??= warning;
    return text;
  }
}

/** One line without signs that control or turn the direction of writing. */
function plainText(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
  return plain.trim().slice(0, 200);
}
