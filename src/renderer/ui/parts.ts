/** Splits a message into text, links and numbers worth copying. Pure; what it finds is drawn as elements, never as HTML. */
import { toE164 } from './phone.ts';

export interface Part {
  kind: 'text' | 'url' | 'phone' | 'code';
  text: string;
}

const pattern = /(https?:\/\/[^\s<>"']+)|((?:\+|\b)\d[\d .-]{7,15}\d\b)|(\b(?:DH|HD|BH|SO|PO)[-#]?\d{4,12}\b)/gi;

export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const [whole, url, phone] = match;
    const found = url === undefined ? whole : whole.replace(/[.,;:!?)\]]+$/, '');
    if (phone !== undefined && toE164(phone) === null) continue;
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
    parts.push({ kind: url !== undefined ? 'url' : phone !== undefined ? 'phone' : 'code', text: found });
    end = match.index + found.length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

/** Two letters for an avatar. A Vietnamese name's own part comes last: "Nguyễn Thị Hoa" is "NH". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0]?.charAt(0) ?? '?';
  const last = words.length > 1 ? (words.at(-1)?.charAt(0) ?? '') : '';
  return (first + last).toLocaleUpperCase('vi');
}

/** Short form of a name in tight places: "Thị Hoa" stays findable as "Hoa N." would not; so the last two words. */
export function shortName(name: string): string {
  return name.trim().split(/\s+/).slice(-2).join(' ');
}

const letters = 'ACDHKLMPRTX';
const digits = '23456789';

/** A number to read to a caller before the hub has given one: a letter and four figures that can't be mistaken when spoken. */
export function provisionalRef(random: () => number): string {
  const pick = (from: string) => from.charAt(Math.floor(random() * from.length));
  return `T-${pick(letters)}${pick(digits)}${pick(digits)}${pick(digits)}${pick(digits)}`;
}
