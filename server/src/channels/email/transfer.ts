/** Transfer encodings of parts (RFC 2045), read as far as can be, in pieces of any length. */

export interface TransferDecoder {
  push(chunk: Buffer): Buffer;
  end(): Buffer;
  /** something was not of this encoding, and was left out or kept as it stood */
  readonly damaged: boolean;
}

/** For what `Content-Transfer-Encoding` says. Unknown ones are taken as they stand. */
export function transferDecoder(encoding: string): TransferDecoder {
  switch (encoding) {
    case 'base64':
      return new Base64();
    case 'quoted-printable':
      return new QuotedPrintable();
    default:
      return { push: (chunk) => chunk, end: () => nothing, damaged: !['', '7bit', '8bit', 'binary'].includes(encoding) };
  }
}

const nothing = Buffer.alloc(0);
/** one that has no line breaks is taken in pieces of this length */
const longestLine = 64 * 1024;

class Base64 implements TransferDecoder {
  damaged = false;
  #line = '';
  #digits = '';

  push(chunk: Buffer): Buffer {
    const text = chunk.toString('latin1');
    // Nearly everything that ever comes.
    if (this.#line === '' && !/[^A-Za-z0-9+/\r\n]/.test(text)) return this.#decode(text.replaceAll(/[\r\n]+/g, ''));
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() ?? '';
    const parts = lines.map((line) => this.#read(line));
    if (this.#line.length > longestLine) {
      parts.push(this.#read(this.#line));
      this.#line = '';
    }
    return Buffer.concat(parts);
  }

  end(): Buffer {
    const last = [this.#read(this.#line), this.#flush()];
    this.#line = '';
    return Buffer.concat(last);
  }

  #read(line: string): Buffer {
    // Mailing lists and virus scanners add words of theirs below: those are no base64, though made of its letters.
    // eslint-disable-next-line no-control-regex
    if (/[^\u0000-\u007f]/.test(line) || /\S\s+\S+\s+\S/.test(line)) {
      this.damaged = true;
      return nothing;
    }
    const digits = line.replaceAll(/[^A-Za-z0-9+/=]/g, '');
    if (digits.length !== line.replaceAll(/\s/g, '').length) this.damaged = true;
    const [first = '', ...rest] = digits.split(/=+/);
    // Padding ends a run; what follows it is another that somebody put together with it.
    const parts = [this.#decode(first)];
    for (const run of rest) parts.push(this.#flush(), this.#decode(run));
    return Buffer.concat(parts);
  }

  #decode(digits: string): Buffer {
    const all = this.#digits + digits;
    const whole = all.length - (all.length % 4);
    this.#digits = all.slice(whole);
    return Buffer.from(all.slice(0, whole), 'base64');
  }

  #flush(): Buffer {
    if (this.#digits.length === 1) this.damaged = true;
    const last = Buffer.from(this.#digits, 'base64');
    this.#digits = '';
    return last;
  }
}

class QuotedPrintable implements TransferDecoder {
  damaged = false;
  #carry = '';

  push(chunk: Buffer): Buffer {
    const text = this.#carry + chunk.toString('latin1');
    // An escape, or a line's end that was escaped, may go on in the next piece.
    const open = /=[ \t\r]{0,80}$|=[0-9A-Fa-f]$/.exec(text);
    const whole = open ? text.slice(0, open.index) : text;
    this.#carry = open ? text.slice(open.index) : '';
    return this.#decode(whole);
  }

  end(): Buffer {
    const last = /^=[ \t\r]*$/.test(this.#carry) ? nothing : this.#decode(this.#carry);
    this.#carry = '';
    return last;
  }

  #decode(text: string): Buffer {
    const plain = text.replaceAll(/=(?:([0-9A-Fa-f]{2})|[ \t]{0,80}\r?\n)?/g, (found, code: string | undefined) => {
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      if (found !== '=') return '';
      this.damaged = true;
      return found;
    });
    return Buffer.from(plain, 'latin1');
  }
}
