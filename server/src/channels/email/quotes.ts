/**
 * Where what somebody quoted begins, in Vietnamese and in English. It is folded, never cut off, so a doubt means: show everything.
 * Stock parsers know no Vietnamese (channels reference, 4.5).
 */

/** `html`: the text made of the mail's HTML, and what its marks say. */
export interface QuoteHints {
  subject: string;
  html: { text: string; quote: { at: number; end: number | null } | null } | null;
}

interface Line {
  text: string;
  at: number;
}

/** Index in `text`, or null. */
export function quotedFrom(text: string, { subject, html }: QuoteHints): number | null {
  // What somebody hands on is what they want to say.
  if (/^\s*(fwd?|wg|chuyển tiếp|ct)\s*:/iu.test(subject)) return null;
  const marked = html?.quote ? byMarks(text, html.text, html.quote) : undefined;
  if (marked !== undefined && marked !== null) return shown(text, marked);
  // The marks said that somebody answered between the lines.
  if (marked === null) return null;
  const found = byWords(linesOf(text));
  return found === null ? null : shown(text, found);
}

/** Null where nothing would be left to see, or what is folded is what was handed on. */
function shown(text: string, index: number): number | null {
  const at = withTail(text, index);
  // Its first line stands above the header of what was handed on.
  const around = text.slice(Math.max(0, at - 120), at + 300);
  if (/^[\s>*_-]*(forwarded message|begin forwarded|thư (đã )?(được )?chuyển tiếp|tin nhắn (đã )?chuyển tiếp)/imu.test(around)) return null;
  return text.slice(0, at).trim() === '' ? null : at;
}

/** undefined: the marks can't be found in this text; null: they say that nothing is to be folded. */
function byMarks(text: string, htmlText: string, { at, end }: { at: number; end: number | null }): number | null | undefined {
  if (end !== null && !isTail(htmlText.slice(end))) return null;
  if (htmlText.slice(0, at).trim() === '') return null;
  if (text === htmlText) return at;
  // The same words with other line breaks: as many signs that are no space, in the same order.
  const visible = htmlText.slice(0, at).replaceAll(/[\s*_>-]+/g, '');
  let matched = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (matched === visible.length) return index;
    const sign = text[index] ?? '';
    if (sign === visible[matched]) matched += 1;
    else if (!/[\s*_>-]/.test(sign)) return undefined;
  }
  return undefined;
}

/** What may stand below a quote without being an answer. */
function isTail(text: string): boolean {
  return linesOf(text).every((line) => line.text.trim() === '' || isSignature(line.text) || /^\s*(--|__+)\s*$/.test(line.text));
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let at = 0;
  for (const line of text.split('\n')) {
    lines.push({ text: line, at });
    at += line.length + 1;
  }
  return lines;
}

const longestAttribution = 400;
const mail = /[^\s<>@]+@[^\s<>@]+/;

/** "Vào Th 4, 11 thg 11, 2026 vào lúc 19:30 Lan <lan@khach.test> đã viết:" and its like, on one line. */
function isAttribution(line: string): boolean {
  const text = line.replace(/^[\s>]+/, '').trim();
  if (text.length < 8 || text.length > longestAttribution) return false;
  if (/^(vào|ngày|lúc|hôm|trong|thứ|th|cn|chủ nhật)[\s,.\d].*\b(đã\s+)?(viết|gửi)\s*:$/iu.test(text.replaceAll(/(đã|viết)/giu, ' $1')))
    return /\d/.test(text);
  if (/\sđã\s+viết\s*(vào|lúc|ngày)?[^:]{0,80}:$/iu.test(text)) return /\d/.test(text) || mail.test(text);
  if (/^on\s.*\d.*\swrote\s*:$/i.test(text)) return true;
  if (/^.{1,100}<[^<>\s]+@[^<>\s]+>\s+(wrote|writes|đã viết|viết)\s*:$/iu.test(text)) return true;
  return /^\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}.*<[^<>\s]+@[^<>\s]+>\s*:$/.test(text);
}

const headerNames: [RegExp, string][] = [
  [/^(from|từ|người gửi)$/iu, 'from'],
  [/^(sent|date|đã gửi|gửi|ngày|ngày gửi|gửi lúc|gửi vào|thời gian)$/iu, 'sent'],
  [/^(to|đến|tới|người nhận|gửi đến|gửi tới|cc|đồng gửi|bản sao)$/iu, 'to'],
  [/^(subject|chủ đề|tiêu đề|về việc|v\/v)$/iu, 'subject'],
];

/** Outlook's header of what it answers: who, when, to whom, about what, at least three of them together. */
function isHeaderBlock(lines: readonly Line[], from: number): boolean {
  const told = new Set<string>();
  for (const { text } of lines.slice(from, from + 9)) {
    const field = /^[\s>*]*([\p{L}/ ]{2,12}?)\s*\**\s*:\**\s*\S?/u.exec(text);
    const name = headerNames.find(([form]) => form.test(field?.[1]?.trim() ?? ''))?.[1];
    if (told.size === 0 && name !== 'from') return false;
    if (name !== undefined) told.add(name);
    else if (text.trim() === '') break;
  }
  return told.size >= 3;
}

const separator =
  /^[\s>]*[-_–—=*]{2,}\s*(original message|original appointment|thư gốc|tin nhắn gốc|tin gốc|email gốc|nội dung gốc|thư ban đầu|reply message|trả lời)\s*[-_–—=*]{2,}\s*$/iu;
const ruler = /^[\s>]*[_-]{10,}\s*$/;
const signatures = [
  /^(được )?(đã )?gửi từ (iphone|ipad|điện thoại|thiết bị|máy|samsung|galaxy|oppo|xiaomi|outlook|yahoo|thư|mail|gmail|zalo)/iu,
  /^sent (from|via|with) (my |an? |the )?(iphone|ipad|samsung|galaxy|android|oppo|xiaomi|huawei|mobile|phone|outlook|yahoo|mail|gmail|proton|windows|blackberry)/i,
  /^(get|tải|nhận|lấy|download) outlook (for|cho|dành cho) (ios|android|mac|windows)/iu,
];

function isSignature(line: string): boolean {
  const text = line.trim().replace(/^[*_]+/, '');
  return text.length <= 120 && signatures.some((form) => form.test(text));
}

/** How many lines an attribution takes that begins here: mailers break it. 0: none does. */
function attributionAt(lines: readonly Line[], index: number): number {
  let joined = '';
  for (let count = 1; count <= 3; count += 1) {
    const line = lines[index + count - 1]?.text;
    if (line === undefined || (line.trim() === '' && count > 1)) return 0;
    joined = `${joined} ${line.replace(/^[\s>]+/, '').trim()}`;
    if (isAttribution(joined)) return count;
    if (joined.length > longestAttribution) return 0;
  }
  return 0;
}

function byWords(lines: readonly Line[]): number | null {
  for (const [index, line] of lines.entries()) {
    if (separator.test(line.text)) return line.at;
    if (isHeaderBlock(lines, index)) return line.at;
    if (isSignature(line.text) && isTail(after(lines, index + 1))) return line.at;
    const quoted = /^\s?>/.test(line.text);
    const attribution = quoted ? 0 : attributionAt(lines, index);
    if (!quoted && attribution === 0) continue;
    const rest = lines.slice(index + attribution).filter((one) => one.text.trim() !== '');
    const marks = rest.filter((one) => /^\s?>/.test(one.text)).length;
    // Some mailers mark nothing: then all below the attribution is what they quote.
    if (attribution > 0 && marks === 0) return rest.length === 0 ? null : line.at;
    return onlyQuoted(lines, index + attribution) ? line.at : null;
  }
  return null;
}

const after = (lines: readonly Line[], index: number) =>
  lines
    .slice(index)
    .map((line) => line.text)
    .join('\n');

/** Whether nobody wrote anything of their own from here on. */
function onlyQuoted(lines: readonly Line[], from: number): boolean {
  for (let index = from; index < lines.length; index += 1) {
    const text = lines[index]?.text ?? '';
    if (text.trim() === '' || /^\s?>/.test(text)) continue;
    if (isSignature(text)) continue;
    if (/^(-- ?|__+)$/.test(text)) return true;
    if (separator.test(text) || isHeaderBlock(lines, index)) return true;
    const attribution = attributionAt(lines, index);
    if (attribution === 0) return false;
    index += attribution - 1;
  }
  return true;
}

/** Takes along what stands right above a quote and belongs to it: its attribution, a ruler, where it was sent from. */
function withTail(text: string, index: number): number {
  const lines = linesOf(text.slice(0, index));
  let end = lines.length;
  for (;;) {
    while (end > 0 && (lines[end - 1]?.text.trim() ?? '') === '') end -= 1;
    const last = lines[end - 1]?.text ?? '';
    if (end > 0 && (ruler.test(last) || separator.test(last) || isSignature(last))) {
      end -= 1;
      continue;
    }
    const taken = [1, 2, 3].find((count) => end - count >= 0 && attributionAt(lines, end - count) === count);
    if (taken === undefined) break;
    end -= taken;
  }
  return lines[end]?.at ?? index;
}
