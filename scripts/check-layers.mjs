/** Holds every import to the dependency rules, and fails when it saw no sources: a check of nothing proves nothing. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { projectRoot } from './electron-runtime.mjs';

const leastSources = 20;
process.chdir(projectRoot);
const { forbidden, options } = createRequire(import.meta.url)(join(projectRoot, '.dependency-cruiser.cjs'));
const folders = ['src', 'server/src', 'widget/src'].filter((folder) => existsSync(folder));
const { output } = await cruise(folders, { ...options, validate: true, ruleSet: { forbidden } });
const { violations } = output.summary;
const sources = output.modules.filter((module) => /^(src|server|widget)\/.*\.tsx?$/.test(module.source));
const imports = sources.reduce((sum, module) => sum + module.dependencies.length, 0);

for (const { rule, from, to } of violations) console.error(`${rule.severity} ${rule.name}: ${from} -> ${to}`);
if (sources.length < leastSources || imports < leastSources) {
  console.error(
    `only ${sources.length} sources with ${imports} imports were seen: the check itself is broken (TypeScript 7? a wrong folder?)`,
  );
  process.exitCode = 1;
}
if (violations.length > 0) process.exitCode = 1;
console.log(`layers: ${sources.length} sources, ${imports} imports, ${violations.length} violations`);
