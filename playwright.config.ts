import { defineConfig } from '@playwright/test';

const long = process.env['TRUC_LONG'] === '1';

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'tests/output/e2e',
  // Two consoles at a time are what two cores carry; a test that fails now and then is a bug, not a retry.
  workers: 2,
  retries: 0,
  timeout: long ? 300_000 : 60_000,
  forbidOnly: process.env['CI'] !== undefined,
  ...(long ? { grep: /@long/ } : { grepInvert: /@long/ }),
  reporter: [['list'], ['json', { outputFile: 'tests/output/playwright.json' }]],
  use: { screenshot: 'off', trace: 'off', actionTimeout: 15_000 },
});
