/** Spans of time as they are typed and shown in a field: 15m, 4h, 1d 2h. A day is 24 hours of the policy's own time. Pure. */
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** What the hub takes: see slaTargets. */
const longest = 366 * day;

/** In both languages, without diacritics too: "15 phút", "15p", "15m" are the same. */
const units: [names: RegExp, ms: number][] = [
  [/^(s|sec|seconds?|giây|giay)$/, second],
  [/^(m|min|minutes?|p|ph|phút|phut)$/, minute],
  [/^(h|hours?|g|giờ|gio)$/, hour],
  [/^(d|days?|n|ngày|ngay)$/, day],
];

/** ms; null for nothing at all; 'wrong' where it can't be read, is nothing, or is longer than can be promised. */
export function readSpan(text: string): number | null | 'wrong' {
  const typed = text.trim().toLowerCase().normalize('NFC');
  if (typed === '') return null;
  const parts = [...typed.matchAll(/\s*(\d+(?:[.,]\d+)?)\s*(\p{L}+)\s*/guy)];
  if (parts.map(([whole]) => whole).join('') !== typed) return 'wrong';
  let ms = 0;
  let last = Infinity;
  for (const [, amount = '', name = ''] of parts) {
    const unit = units.find(([names]) => names.test(name))?.[1];
    // From large to small, each once: "2h 1d" and "1h 1h" are slips.
    if (unit === undefined || unit >= last) return 'wrong';
    last = unit;
    ms += Number(amount.replace(',', '.')) * unit;
  }
  return Number.isInteger(ms) && ms >= second && ms <= longest ? ms : 'wrong';
}

/** Its parts from large to small, none of them 0. */
export function spanParts(ms: number): { unit: 'd' | 'h' | 'm' | 's'; n: number }[] {
  let rest = ms;
  return (
    [
      ['d', day],
      ['h', hour],
      ['m', minute],
      ['s', second],
    ] as const
  ).flatMap(([unit, size]) => {
    const n = Math.floor(rest / size);
    rest -= n * size;
    return n === 0 ? [] : [{ unit, n }];
  });
}

/** As `readSpan` reads it; '' for null. */
export const showSpan = (ms: number | null): string =>
  ms === null
    ? ''
    : spanParts(ms)
        .map(({ unit, n }) => `${n}${unit}`)
        .join(' ');
