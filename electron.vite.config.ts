import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { noncePlaceholder } from './src/main/security.ts';

// The oldest runtime that the console must run on: the fallback Electron 33 (docs/adr/0001-engine-process.md).
const node = 'node20.18';
const chromium = 'chrome130';

export default defineConfig({
  main: {
    build: {
      target: node,
      // Everything is bundled, so that a package carries no node_modules but the SQLite addon.
      externalizeDeps: false,
      rollupOptions: {
        input: { index: 'src/main/index.ts', engine: 'src/main/engine/entry.ts' },
        external: ['electron', 'better-sqlite3', 'bufferutil', 'utf-8-validate'],
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target: node,
      externalizeDeps: false,
      rollupOptions: {
        input: { index: 'src/preload/index.ts' },
        external: ['electron'],
        // Chromium's sandbox runs CommonJS only.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react()],
    html: { cspNonce: noncePlaceholder },
    // The page's origin is truc://app, so its reload channel needs a full address.
    server: { port: 5173, strictPort: true, hmr: { protocol: 'ws', host: 'localhost', clientPort: 5173 } },
    build: {
      target: chromium,
      // Half the bytes to read before the first paint.
      minify: true,
      // A data: font or script is not in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: { input: join(import.meta.dirname, 'src', 'renderer', 'index.html') },
    },
  },
});
