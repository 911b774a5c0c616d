/** One PostgreSQL for a whole test run; each test file takes databases of its own from it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../server/src/db/embedded.ts';
import { buildWidget } from '../../widget/build.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** Vitest's global set-up. Durability is what other tests are about: here the disk is not waited for. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildWidget();
  const dir = temporaryDir('truc-pg-');
  const server = await startEmbedded(dir, pino({ level: 'silent' }), {
    flags: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'],
  });
  project.provide('postgresUrl', server.url);
  return async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}

/** A folder that PostgreSQL's own user can reach, also when the tests run as root. */
export function temporaryDir(prefix: string): string {
  const dir = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(dir, 0o755);
  return dir;
}
