/** Figures: medians, ratios, and the table. Single times are noise on a shared machine; ratios within one run are not. */
export interface Row {
  name: string;
  /** what was measured, in ms unless the unit says otherwise */
  value: number;
  /** the same machine, the same run, without our code */
  limit: number;
  limitName: string;
  unit: 'ms' | 'MB';
  /** value / limit must not exceed this */
  goal: number;
  note?: string;
}

export function quantile(samples: number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

export const median = (samples: number[]): number => quantile(samples, 0.5);

export function table(rows: Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${row.value.toFixed(2)} ${row.unit}`,
    `${row.limit.toFixed(2)} ${row.unit}  (${row.limitName})`,
    `${(row.value / row.limit).toFixed(2)} ×`,
    `≤ ${row.goal} ×`,
    row.value / row.limit <= row.goal ? 'reached' : 'missed',
    row.note ?? '',
  ]);
  const head = ['row', 'measured', 'limit', 'ratio', 'goal', '', ''];
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((cell) => cell[column]?.length ?? 0)));
  return [head, ...cells]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
