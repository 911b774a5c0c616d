/** A form with one file (RFC 7578), which is read while it is sent. */
import { randomBytes } from 'node:crypto';
import { type Body, BodyFault } from './call.ts';
import type { OutgoingFile } from './outbound.ts';

/**
 * @param field of the file
 * @param name that the vendor is told
 * @returns a body that fails with `BodyFault` when the file is not as long as it says
 */
export function formWithFile(fields: Record<string, string>, field: string, file: OutgoingFile, name: string): Body {
  const boundary = `truc-${randomBytes(18).toString('hex')}`;
  const texts = Object.entries(fields).map(
    ([key, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(key)}"\r\n\r\n${value}\r\n`,
  );
  const head = Buffer.from(
    `${texts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="${quoted(field)}"; filename="${quoted(name)}"\r\n` +
      `Content-Type: ${file.type.replace(/[^\w.+/-]/g, '')}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    let left = file.size;
    try {
      for await (const piece of file.open() as AsyncIterable<Buffer>) {
        left -= piece.length;
        if (left < 0) break;
        yield piece;
      }
    } catch {
      throw new BodyFault('the file could not be read');
    }
    if (left !== 0) throw new BodyFault('the file is not as long as it was said to be');
    yield tail;
  };
  return { type: `multipart/form-data; boundary=${boundary}`, length: head.length + file.size + tail.length, pieces: pieces() };
}

/** As browsers write it: https://html.spec.whatwg.org/#multipart-form-data */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
