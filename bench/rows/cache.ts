/** A cache of 100,000 tickets and a million messages, built once: its first load, a delta, search, and the engine's memory over it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../figures.ts';
import { bootstrap } from './bootstrap.ts';
import { deltaApply } from './delta-apply.ts';
import { engineRows } from './engine.ts';

/** `names`: of the rows that are wanted; the load is measured in any case, for it makes the file. */
export async function fullCacheRows(names: string[]): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'truc-bench-'));
  chmodSync(dir, 0o755);
  const wanted = (name: string) => names.length === 0 || names.includes(name);
  try {
    const { rows, loaded } = await bootstrap(join(dir, 'cache.db'), wanted('bootstrap'));
    if (wanted('search') || wanted('during') || wanted('memory')) rows.push(...(await engineRows(loaded, dir, wanted)));
    if (wanted('delta')) rows.push(...deltaApply(loaded));
    return rows;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
