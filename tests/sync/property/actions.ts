/** What may happen in a run, as plain data: small numbers, read against the state at hand, so that any shrunken list still makes sense. */
import fc from 'fast-check';

const who = fc.nat(3);
const pick = fc.nat(9);

export const action = fc.oneof(
  { weight: 14, arbitrary: fc.record({ do: fc.constant('act' as const), who, kind: fc.nat(13), a: pick, b: pick }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('inbound' as const), customer: fc.nat(4), queue: fc.nat(1) }) },
  { weight: 14, arbitrary: fc.record({ do: fc.constant('deliver' as const), who, hub: fc.nat(4), console: fc.nat(4), lines: fc.nat(12) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('settle' as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('burst' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.constantFrom(10, 1000, 9000, 400_000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), who, late: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ghost' as const), who, count: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('line' as const), who, up: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('trouble' as const),
      who,
      how: fc.constantFrom('drop' as const, 'double' as const, 'swap' as const),
      to: fc.constantFrom('hub' as const, 'console' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('power' as const), who, commits: fc.nat(4), after: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), who, late: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('boot' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hub' as const), dies: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disk' as const), fails: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clock' as const), who, ms: fc.constantFrom(-3_600_000, -5000, 3000, 7_200_000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('grant' as const), person: fc.nat(2), queue: fc.nat(1), serves: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const), keep: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('backup' as const), restore: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('version' as const), who }) },
);

export type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** A whole run: the consoles, by how far off each one's clock is at first, and what happens. */
export const scenario = fc.record({
  skews: fc.array(fc.constantFrom(0, 0, 3_600_000, -3_600_000, 1500), { minLength: 2, maxLength: 4 }),
  /** tickets that are there, and on every screen, before anything happens; 0: all begin with nothing */
  tickets: fc.constantFrom(0, 2, 4, 6),
  actions: fc.array(action, { minLength: 1, maxLength: 45, size: 'max' }),
});
export type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;
