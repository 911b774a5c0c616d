/** How large a file is, as people say it. */
const steps = [
  ['gigabyte', 1_000_000_000],
  ['megabyte', 1_000_000],
  ['kilobyte', 1000],
] as const;

/** "1,2 MB"; below a kilobyte in bytes. */
export function sizeText(bytes: number, language: string): string {
  const [unit, one] = steps.find(([, least]) => bytes >= least) ?? (['byte', 1] as const);
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    unitDisplay: unit === 'byte' ? 'narrow' : 'short',
    maximumFractionDigits: bytes >= one * 10 ? 0 : 1,
  }).format(bytes / one);
}

export function percent(done: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(100, Math.floor((done / whole) * 100));
}
