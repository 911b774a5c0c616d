/** Builds the widget's files into widget/dist: `node widget/build.mjs`. A few tens of milliseconds, so it is simply done anew. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, 'dist');

/** Leaves alone what is there already, and swaps the rest in whole: a hub may be serving the file. */
function put(name, content) {
  const file = join(dist, name);
  try {
    if (readFileSync(file).equals(content)) return;
  } catch {
    // not there yet
  }
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, content);
  renameSync(fresh, file);
}

export async function buildWidget() {
  const { outputFiles } = await build({
    entryPoints: {
      loader: join(here, 'src', 'loader.ts'),
      chat: join(here, 'src', 'chat.ts'),
      wallboard: join(here, 'src', 'wallboard.ts'),
      join: join(here, 'src', 'join.ts'),
    },
    outdir: dist,
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['es2022'],
    logLevel: 'warning',
  });
  mkdirSync(dist, { recursive: true });
  for (const { path, contents } of outputFiles) put(path.slice(dist.length + 1), Buffer.from(contents));
  // The console's own window and a television look the same.
  put(
    'wallboard.css',
    Buffer.concat([readFileSync(join(here, '../src/renderer/features/wallboard/wallboard.css')), Buffer.from('body { margin: 0; }\n')]),
  );
  for (const name of readdirSync(join(here, 'public'))) put(name, readFileSync(join(here, 'public', name)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWidget();
