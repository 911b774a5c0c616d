import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Customer, SlaClock } from '../../../shared/domain.ts';
import { startClock } from '../../../shared/sla.ts';
import { roundTheClock } from '../../../shared/calendar.ts';
import { aTicket } from '../../../../tests/harness/rows.ts';
import { type Db, openDatabase } from '../database.ts';
import { setMeta } from './meta.ts';
import { putRow } from './rows.ts';
import { slaSample } from './service.ts';

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const minute = 60_000;
const dir = mkdtempSync(join(tmpdir(), 'truc-service-'));
let db: Db;

const clock = (n: number, ticket: number, startedAt: number, change: Partial<SlaClock> = {}): SlaClock => ({
  ...startClock(
    { id: id(1000 + n), ticketId: id(ticket), kind: 'frt', targetMs: 5 * minute, at: startedAt },
    { policyId: null, policyVersion: null, calendarId: null },
    roundTheClock,
  ),
  ...change,
});

beforeAll(() => {
  db = openDatabase(join(dir, 'cache.db'), 'ab'.repeat(32));
  setMeta(db, 'userId', id(900));
  const customer: Customer = {
    id: id(700),
    name: 'Hoa',
    segment: 'VIP',
    loyaltyTier: null,
    loyaltyPoints: null,
    proposals: [],
    merged: null,
    city: null,
    note: null,
    createdAt: 1,
    updatedAt: 1,
  };
  putRow(db, 'customer', customer, 1);
  const ticket = (n: number, customerId: string) =>
    putRow(db, 'ticket', { ...aTicket({ queueId: id(800), createdAt: n * minute }), id: id(n), number: n, customerId, tags: ['vip'] }, 1);
  ticket(1, id(700));
  ticket(2, id(701));
  ticket(3, id(700));
  ticket(4, id(700));
});
afterAll(() => {
  db.close();
  rmSync(dir, { recursive: true, force: true });
});

test('the newest tickets on which an answer was owed, with those answers and who the customer is', () => {
  putRow(db, 'slaClock', clock(1, 1, 10, { endedAt: 20, state: 'met' }), 1);
  putRow(db, 'slaClock', clock(2, 2, 10), 1);
  // Neither says anything of an answer: one was taken back, the other is of another kind.
  putRow(db, 'slaClock', clock(3, 3, 10, { endedAt: 11, state: 'cancelled' }), 1);
  putRow(db, 'slaClock', clock(4, 4, 10, { kind: 'rt' }), 1);
  for (let n = 0; n < 12; n += 1) putRow(db, 'slaClock', clock(10 + n, 1, 100 + n, { kind: 'nrt' }), 1);
  const [second, first, ...more] = slaSample(db);
  expect(more).toEqual([]);
  expect(second).toEqual({
    id: id(2),
    number: 2,
    subject: expect.any(String),
    channel: expect.any(String),
    queueId: id(800),
    priority: 'normal',
    tags: ['vip'],
    segment: null,
    clocks: [{ id: id(1002), kind: 'frt', startedAt: 10, endedAt: null }],
  });
  expect(first).toMatchObject({ id: id(1), segment: 'VIP' });
  // A long conversation does not outweigh the others: its first answer and the newest ones count.
  expect(first!.clocks.map(({ startedAt }) => startedAt)).toEqual([10, 111, 110, 109, 108, 107, 106, 105]);
});
