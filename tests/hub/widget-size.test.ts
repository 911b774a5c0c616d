/** What the chat widget costs a shop's page: gzipped, as it travels. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { buildWidget } from '../../widget/build.mjs';

const dist = join(import.meta.dirname, '../../widget/dist');
const size = (...files: string[]) => files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);

beforeAll(buildWidget);

test('the loader is under 10 kB, the chat under 60 kB', () => {
  expect(size('loader.js')).toBeLessThan(10_000);
  expect(size('chat.js', 'chat.css', 'frame.html')).toBeLessThan(60_000);
});

test('no schema library comes along', () => {
  for (const file of ['loader.js', 'chat.js']) expect(readFileSync(join(dist, file), 'utf8')).not.toMatch(/zod/i);
});
