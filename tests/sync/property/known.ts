/** Counterexamples of the past, each the smallest there was. They are played before anything random. */
import type { Scenario } from './actions.ts';

const calm: Scenario['skews'] = [0, 0, 0, 0];

export const known: { what: string; scenario: Scenario }[] = [
  {
    what: 'a snapshot that goes on after the scopes have changed begins anew',
    scenario: {
      skews: calm,
      tickets: 0,
      actions: [
        { do: 'inbound', customer: 0, queue: 0 },
        { do: 'settle', who: 2 },
        { do: 'grant', person: 2, queue: 0, serves: false },
        { do: 'trouble', who: 0, how: 'drop', to: 'hub' },
      ],
    },
  },
  {
    what: 'an intent whose effects came with a snapshot leaves no confirmed form behind',
    scenario: {
      skews: calm,
      tickets: 0,
      actions: [
        { do: 'inbound', customer: 0, queue: 1 },
        { do: 'settle', who: 1 },
        { do: 'grant', person: 1, queue: 0, serves: false },
        { do: 'act', who: 1, kind: 11, a: 0, b: 0 },
        { do: 'power', who: 0, commits: 0, after: false },
      ],
    },
  },
  {
    what: 'rows of an unfinished snapshot count for nothing after a backup was restored',
    scenario: {
      skews: calm,
      tickets: 0,
      actions: [
        { do: 'backup', restore: false },
        { do: 'inbound', customer: 0, queue: 0 },
        { do: 'settle', who: 0 },
        { do: 'backup', restore: true },
        { do: 'settle', who: 0 },
      ],
    },
  },
  {
    what: 'a clock that was measured over a slow line is measured again',
    scenario: {
      skews: calm,
      tickets: 0,
      actions: [
        { do: 'deliver', who: 1, hub: 1, console: 1, lines: 0 },
        { do: 'time', ms: 9000 },
        { do: 'deliver', who: 1, hub: 1, console: 1, lines: 0 },
        { do: 'time', ms: 9000 },
        { do: 'deliver', who: 1, hub: 1, console: 1, lines: 0 },
        { do: 'power', who: 0, commits: 0, after: false },
      ],
    },
  },
  {
    what: 'a customer whose one ticket leaves in the commit that makes them another stays',
    scenario: {
      skews: [0, 0, 0],
      tickets: 4,
      actions: [
        { do: 'act', who: 2, kind: 0, a: 0, b: 0 },
        { do: 'act', who: 2, kind: 9, a: 3, b: 3 },
        { do: 'act', who: 2, kind: 10, a: 7, b: 6 },
        { do: 'burst' },
      ],
    },
  },
];
