/** Figures: medians, ratios, and the table. Single times are noise on a shared machine; ratios within one run are not. */
export interface Row {
  name: string;
  value: number;
  /** the same machine, the same run, without our code */
  limit: number;
  limitName: string;
  unit: 'ms' | 's' | 'MB' | 'kB' | '/s';
  /** value / limit must not exceed this; with `atLeast`, must reach it */
  goal: number;
  /** more is better, as for a throughput */
  atLeast?: true;
  /** figures beside it, for whoever wants to know more */
  note?: string;
}

export const ratio = (row: Row): number => row.value / row.limit;
export const reached = (row: Row): boolean => (row.atLeast ? ratio(row) >= row.goal : ratio(row) <= row.goal);

export function quantile(samples: number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

export const median = (samples: number[]): number => quantile(samples, 0.5);

/** Large figures as whole numbers, small ones with two digits. */
export function figure(value: number, unit: Row['unit']): string {
  const digits = Math.abs(value) >= 1000 ? value.toLocaleString('en', { maximumFractionDigits: 0 }) : value.toFixed(2);
  return unit === '/s' ? `${digits}/s` : `${digits} ${unit}`;
}

export function table(rows: Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    figure(row.value, row.unit),
    `${figure(row.limit, row.unit)}  (${row.limitName})`,
    `${ratio(row).toFixed(2)} ×`,
    `${row.atLeast ? '≥' : '≤'} ${row.goal} ×`,
    reached(row) ? 'reached' : 'missed',
  ]);
  const head = ['row', 'measured', 'limit', 'ratio', 'goal', ''];
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((cell) => cell[column]?.length ?? 0)));
  const line = (one: string[]) =>
    one
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const notes = rows.flatMap((row) => (row.note ? [`${row.name}: ${row.note}`] : []));
  return [...[head, ...cells].map(line), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}
