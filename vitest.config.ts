import { defineConfig } from 'vitest/config';

const beside = ['src/**/*.test.ts', 'src/**/*.test.tsx', 'server/src/**/*.test.ts', 'widget/**/*.test.ts', 'scripts/**/*.test.ts'];
const never = ['**/node_modules/**', 'tests/e2e/**', 'tests/output/**'];

export default defineConfig({
  test: {
    environment: 'node',
    testTimeout: 20_000,
    // The smallest machine that runs this has two cores; left to itself vitest would use one of them.
    maxWorkers: 2,
    globalSetup: ['tests/harness/postgres.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: beside, exclude: [...never, '**/*.long.test.ts'] } },
      // Real SQLite, real PostgreSQL, real hubs.
      {
        extends: true,
        test: {
          name: 'integration',
          globalSetup: ['tests/harness/postgres.ts'],
          include: ['tests/**/*.test.ts'],
          exclude: [...never, '**/*.long.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      // Larger sizes (TRUC_LONG=1): tests written for it, and the sync suites once more.
      {
        extends: true,
        test: {
          name: 'long',
          globalSetup: ['tests/harness/postgres.ts'],
          include: ['**/*.long.test.ts', 'tests/sync/**/*.test.ts'],
          exclude: never,
          testTimeout: 20 * 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
