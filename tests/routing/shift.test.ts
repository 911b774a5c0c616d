import { expect, test } from 'vitest';
import { Draw } from '../harness/draw.ts';
import { shift } from './shift.ts';

test(
  'three hubs that are killed in turn: every customer is dealt with, nobody is rung twice, nobody has too much',
  { timeout: 120_000 },
  async () => {
    const draw = new Draw(5, 'shift');
    const found = await shift({ tickets: 150, agents: 8, everyMs: 80, killEveryMs: 1000 }, () => draw.next());
    console.log(JSON.stringify(found));
    expect(found).toMatchObject({ done: 150, twice: 0, over: 0, both: 0 });
    expect(found.kills).toBeGreaterThanOrEqual(2);
    expect(found.offers).toBeGreaterThanOrEqual(150);
  },
);
