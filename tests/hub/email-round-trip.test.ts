import { test } from 'vitest';
import { crashAfterData, roundTrip } from './email-round-trip.ts';

test('60 mails, 2 hubs that die, UIDs drawn anew: each mail once, answers in their threads', { timeout: 120_000 }, () =>
  roundTrip({ mails: 60, kills: 2, answers: 4, seed: 6 }),
);

test('a hub that dies between the last byte and its mark sends no second mail', { timeout: 120_000 }, () => crashAfterData());
