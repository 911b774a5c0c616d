/**
 * Becomes `resources/app/main.mjs` of the fallback Electron, which several clones and users share: it loads the
 * application whose folder TRUC_APP names, as Electron's own default application does with a path argument.
 */
import { app } from 'electron';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Electron's default application understands `-r file`, which Playwright needs to hold the application back until it
// has attached itself (without it a window now and then opens unseen). Here it comes by environment.
if (process.env.TRUC_REQUIRE) createRequire(import.meta.url)(process.env.TRUC_REQUIRE);

const folder = process.env.TRUC_APP;
if (!folder) {
  console.error('This Electron is a shared runtime. Set TRUC_APP to the folder of the application to run.');
  process.exit(2);
}
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
app.setName(manifest.productName ?? manifest.name);
app.setVersion(manifest.version);
app.setAppPath(folder);
// Top-level await: Electron holds `ready` back until the application's main module has been evaluated.
await import(pathToFileURL(join(folder, manifest.main)).href);
