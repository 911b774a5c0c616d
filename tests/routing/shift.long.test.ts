import { expect, test } from 'vitest';
import { Draw } from '../harness/draw.ts';
import { shift } from './shift.ts';

test('2,000 tickets through three hubs that are killed in turn, and a Redis that is', { timeout: 600_000 }, async () => {
  const draw = new Draw(7, 'shift');
  const found = await shift({ tickets: 2000, agents: 24, everyMs: 60, killEveryMs: 8000 }, () => draw.next());
  console.log(JSON.stringify(found));
  expect(found).toMatchObject({ done: 2000, twice: 0, over: 0, both: 0 });
  expect(found.kills).toBeGreaterThanOrEqual(6);
});
