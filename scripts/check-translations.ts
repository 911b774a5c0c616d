/** Vietnamese and English say the same things: the same keys, none empty, the same placeholders. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from './electron-runtime.mjs';

type Catalogue = Map<string, string>;

export function flatten(value: unknown, prefix = '', into: Catalogue = new Map()): Catalogue {
  if (typeof value === 'string') into.set(prefix, value);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) flatten(inner, prefix ? `${prefix}.${key}` : key, into);
  }
  return into;
}

function placeholders(text: string): string {
  return [...new Set(text.match(/\{\{?\s*\w+[^}]*\}?\}|<\/?\w+\/?>/g) ?? [])].sort().join(' ');
}

/** Vietnamese has one plural form, English two: `_one` has no counterpart. */
function plain(key: string): string {
  return key.replace(/_(zero|one|two|few|many|other)$/, '');
}

export function compareCatalogues(vi: Catalogue, en: Catalogue): string[] {
  const faults: string[] = [];
  const compare = (name: string, here: Catalogue, otherName: string, there: Catalogue): void => {
    const known = new Set([...there.keys()].map(plain));
    for (const [key, text] of here) {
      if (!known.has(plain(key))) faults.push(`${key}: in ${name}, not in ${otherName}`);
      if (text.trim() === '') faults.push(`${key}: empty in ${name}`);
    }
  };
  compare('vi', vi, 'en', en);
  compare('en', en, 'vi', vi);
  for (const [key, text] of vi) {
    const other = en.get(key);
    if (other !== undefined && placeholders(text) !== placeholders(other))
      faults.push(`${key}: vi has "${placeholders(text)}", en has "${placeholders(other)}"`);
  }
  return faults;
}

/** The catalogues stand in src/renderer/i18n, as vi.ts and en.ts or as folders vi/ and en/ of several. */
async function load(language: string): Promise<Catalogue> {
  const folder = join(projectRoot, 'src', 'renderer', 'i18n');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => (file === `${language}.ts` || file.startsWith(join(language, '/'))) && file.endsWith('.ts') && !file.includes('.test.'),
  );
  if (files.length === 0) throw new Error(`There is no catalogue for ${language} in ${folder}`);
  const catalogue: Catalogue = new Map();
  for (const file of files) {
    const exported: unknown = await import(pathToFileURL(join(folder, file)).href);
    const prefix = files.length > 1 ? file : '';
    for (const value of Object.values(exported as Record<string, unknown>))
      flatten(value, prefix && prefix.slice(language.length + 1, -3), catalogue);
  }
  return catalogue;
}

if (process.argv[1] === import.meta.filename) {
  const [vi, en] = [await load('vi'), await load('en')];
  const faults = compareCatalogues(vi, en);
  for (const fault of faults) console.error(fault);
  if (vi.size === 0) console.error('no text was found: the check itself is broken');
  console.log(`translations: ${vi.size} texts in vi, ${en.size} in en, ${faults.length} faults`);
  process.exitCode = faults.length > 0 || vi.size === 0 ? 1 : 0;
}
