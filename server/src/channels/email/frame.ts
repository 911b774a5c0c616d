/** A mail as its sender laid it out, kept beside its text: made safe, with pictures of its own by the addresses of their files. */
import { v5 as uuidOf } from 'uuid';
import type { MailFile } from './mail.ts';

/** Where it lies in the file store. */
export const htmlId = (messageId: string): string => uuidOf(`${messageId}:html`, uuidOf.URL);

/** `html` was made safe before: attributes stand in double quotes. */
export function framed(html: string, files: readonly MailFile[]): string {
  const byContent = new Map(files.flatMap(({ contentId, id }) => (contentId === null || id === null ? [] : [[contentId, id]])));
  const shown = html.replaceAll(/\bsrc="cid:([^"]{0,1000})"/gi, (_all, written: string) => {
    const id = byContent.get(decoded(written));
    return id === undefined ? 'data-missing="1"' : `src="/api/v1/files/${id}"`;
  });
  return `<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n${shown}\n</body></html>\n`;
}

/** Whether this frame has a picture at that address. */
export function pointsTo(frame: string, url: string): boolean {
  const written = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return frame.includes(`data-remote-src="${written}"`);
}

function decoded(written: string): string {
  const plain = written.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  try {
    return decodeURIComponent(plain).replace(/^<|>$/g, '');
  } catch {
    return plain;
  }
}
