import { test } from 'vitest';
import { underLoad } from './vendor-load.ts';

test('5,000 messages in and out with faults: none lost, none twice, in order', { timeout: 600_000 }, () =>
  underLoad({ people: 50, each: 25, seed: 5 }),
);
