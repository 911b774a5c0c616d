/** The words of a mail: one text out of its parts, one HTML, and where what was quoted begins. */
import { type Decoded, decodeText } from './charset.ts';
import { roughText, safeHtml, type SafeHtml } from './html.ts';
import type { MailWarning } from './mail.ts';
import type { Part } from './part.ts';
import { quotedFrom } from './quotes.ts';

export interface Words {
  text: string;
  quotedFrom: number | null;
  html: string | null;
  warnings: MailWarning[];
}

interface Segment {
  alternative: number | null;
  plain: string[];
  html: SafeHtml[];
}

export function readWords(parts: Part[], subject: string, readAs: string | null): Words {
  const warnings = new Set<MailWarning>();
  const segments = segmentsOf(parts, readAs, warnings);
  const texts = segments.map(({ plain, html }) => {
    const written = plain.join('\n').trim();
    return written === '' ? html.map((one) => one.text).join('\n') : written;
  });
  const text = tidy(texts.filter((one) => one.trim() !== '').join('\n\n'));
  const safe = segments.flatMap((segment) => segment.html);
  // Several HTML parts stand in no order to each other that their marks could tell.
  const [only] = safe.length === 1 ? safe : [];
  const shown = only ? placed(only) : null;
  return {
    text,
    quotedFrom: quotedFrom(text, { subject, html: shown }),
    html: safe.length === 0 ? null : htmlOf(segments),
    warnings: [...warnings],
  };
}

function segmentsOf(parts: Part[], readAs: string | null, warnings: Set<MailWarning>): Segment[] {
  const segments: Segment[] = [];
  for (const part of parts) {
    if (part.kind !== 'plain' && part.kind !== 'html') continue;
    const last = segments.at(-1);
    const joins = last !== undefined && part.alternative !== null && last.alternative === part.alternative;
    const segment: Segment = joins ? last : { alternative: part.alternative, plain: [], html: [] };
    if (!joins) segments.push(segment);
    const decoded = decoded8(part, readAs);
    if (decoded.warning) warnings.add(decoded.warning);
    if (part.kind === 'plain') segment.plain.push(part.flowed ? unflowed(lines(decoded.text), part.flowed.delSp) : lines(decoded.text));
    else {
      try {
        segment.html.push(safeHtml(decoded.text));
      } catch {
        warnings.add('html-dropped');
        if (part.alternative === null || segment.plain.length === 0) segment.plain.push(roughText(decoded.text));
      }
    }
  }
  return segments;
}

function decoded8(part: Part, readAs: string | null): Decoded {
  if (part.kind === 'plain' || part.charset !== null) return decodeText(part.bytes, part.charset, readAs);
  // HTML may say it itself.
  const head = part.bytes.subarray(0, 2048).toString('latin1');
  return decodeText(part.bytes, /<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(head)?.[1] ?? null, readAs);
}

const lines = (text: string) => text.replaceAll(/\r\n?/g, '\n');

function tidy(text: string): string {
  return text
    .replaceAll(/[^\S\n]+(?=\n|$)/g, '')
    .replace(/^\n+/, '')
    .trimEnd();
}

/** Text and mark of HTML as they stand once the text was tidied. */
function placed({ text, quote }: SafeHtml): { text: string; quote: SafeHtml['quote'] } {
  if (!quote) return { text: tidy(text), quote };
  const index = (at: number) => tidy(`${text.slice(0, at)}\u0001`).length - 1;
  return { text: tidy(text), quote: { at: index(quote.at), end: quote.end === null ? null : index(quote.end) } };
}

/** Lines that a mailer broke, put together again (RFC 3676). */
function unflowed(text: string, delSp: boolean): string {
  const out: string[] = [];
  // how deep the quote is whose last line goes on; -1: it ended
  let open = -1;
  for (const line of text.split('\n')) {
    const depth = /^>*/.exec(line)?.[0].length ?? 0;
    const stuffed = line.slice(depth);
    const content = stuffed.startsWith(' ') ? stuffed.slice(1) : stuffed;
    if (open === depth && content !== '-- ') out[out.length - 1] += content;
    else out.push(depth > 0 ? `${'>'.repeat(depth)} ${content}` : content);
    const flows = content.endsWith(' ') && content !== '-- ';
    if (flows && delSp) out[out.length - 1] = (out.at(-1) ?? '').slice(0, -1);
    open = flows ? depth : -1;
  }
  return out.join('\n');
}

function htmlOf(segments: Segment[]): string {
  return segments
    .map(({ plain, html }) => (html.length > 0 ? html.map((one) => one.html).join('\n') : `<pre>${escaped(plain.join('\n'))}</pre>`))
    .join('\n');
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
