import { test } from 'vitest';
import { underLoad } from './vendor-load.ts';

test('300 messages in and out with faults: none lost, none twice, in order', { timeout: 120_000 }, () =>
  underLoad({ people: 5, each: 15, seed: 4 }),
);
