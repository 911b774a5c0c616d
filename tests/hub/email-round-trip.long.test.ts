import { test } from 'vitest';
import { roundTrip } from './email-round-trip.ts';

test('1,000 mails, 10 hubs that die, UIDs drawn anew: each mail once, answers in their threads', { timeout: 900_000 }, () =>
  roundTrip({ mails: 1000, kills: 10, answers: 20, seed: 7 }),
);
