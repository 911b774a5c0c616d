/** Builds the widget's files into widget/dist: `node widget/build.mjs`. A few tens of milliseconds, so it is simply done anew. */
import { cpSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

export async function buildWidget() {
  mkdirSync(`${here}dist`, { recursive: true });
  await build({
    entryPoints: { loader: `${here}src/loader.ts`, chat: `${here}src/chat.ts` },
    outdir: `${here}dist`,
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['es2022'],
    logLevel: 'warning',
  });
  cpSync(`${here}public`, `${here}dist`, { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWidget();
