/** The kept counts against counting anew, over random changes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { views } from '../../../shared/bridge.ts';
import { type Ticket, ticketStatuses } from '../../../shared/domain.ts';
import { aTicket } from '../../../../tests/harness/rows.ts';
import { openDatabase } from '../database.ts';
import { inboxCounts, inboxWindow } from './inbox.ts';
import { setMeta } from './meta.ts';
import { forgetTicket, putRow } from './rows.ts';

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const me = id(900);
const now = 1_000_000;
const base: Ticket = aTicket({ queueId: id(800), createdAt: 1, updatedAt: 1, lastMessageAt: 1 });

const step = fc.record({
  ticket: fc.integer({ min: 1, max: 6 }),
  gone: fc.boolean(),
  status: fc.constantFrom(...ticketStatuses),
  assigneeId: fc.constantFrom(null, me, id(901)),
  snoozedUntil: fc.constantFrom(null, now - 1, now + 1),
});

test('counts and windows agree with the rows, whatever comes and goes', () => {
  const dir = mkdtempSync(join(tmpdir(), 'truc-inbox-'));
  const db = openDatabase(join(dir, 'cache.db'), 'ab'.repeat(32));
  setMeta(db, 'userId', me);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      db.exec('delete from ticket');
      const rows = new Map<string, Ticket>();
      for (const { ticket, gone, ...fields } of steps) {
        const row = { ...base, ...fields, id: id(ticket) };
        if (gone) {
          forgetTicket(db, row.id);
          rows.delete(row.id);
        } else {
          putRow(db, 'ticket', row, 1);
          rows.set(row.id, row);
        }
      }
      const settled = (row: Ticket) => ['resolved', 'closed', 'spam'].includes(row.status);
      const awake = (row: Ticket) => !settled(row) && (row.snoozedUntil ?? 0) <= now;
      const holds = {
        mine: (row: Ticket) => awake(row) && row.assigneeId === me,
        unassigned: (row: Ticket) => awake(row) && row.assigneeId === null,
        all: awake,
        snoozed: (row: Ticket) => !settled(row) && !awake(row),
        closed: settled,
      };
      const counts = inboxCounts(db, now);
      for (const view of views) {
        const expected = [...rows.values()].filter(holds[view]).map((row) => row.id);
        const filter = { channels: [], queueId: null, tag: null, text: '' };
        const window = inboxWindow(db, { view, sort: 'sla', filter, from: 0, count: 50 }, now);
        expect(window.rows.map((row) => row.id).toSorted()).toEqual(expected.toSorted());
        expect([counts[view], window.total]).toEqual([expected.length, expected.length]);
      }
    }),
    { numRuns: 200 },
  );
  db.close();
  rmSync(dir, { recursive: true, force: true });
});
