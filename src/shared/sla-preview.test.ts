import { expect, test } from 'vitest';
import type { SampledTicket } from './bridge-service.ts';
import type { Calendar } from './domain.ts';
import type { SlaPolicy } from './service-rows.ts';
import { previewSla, type Service } from './sla-preview.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Monday, 16:00 in Vietnam */
const monday = Date.UTC(2027, 2, 1, 9);

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const office: Calendar = {
  id: id(1),
  name: 'Hành chính',
  zone: 'Asia/Ho_Chi_Minh',
  week: [0, 1, 2, 3, 4].map(() => [{ from: 480, to: 1020 }]).concat([[], []]),
  days: [],
  updatedAt: 1,
};
const policy = (fields: Partial<SlaPolicy>, frt: number | null): SlaPolicy => {
  const targets = { frt, nrt: null, rt: null, assign: null };
  return {
    id: id(2),
    name: 'Riêng',
    position: 0,
    active: true,
    version: 1,
    calendarId: null,
    match: { channels: [], queueIds: [], priorities: [], segments: [], tags: [] },
    targets: { low: targets, normal: targets, high: targets, urgent: targets },
    thirdPartyPauses: false,
    escalation: [],
    updatedAt: 1,
    ...fields,
  };
};
const ticket = (n: number, clocks: SampledTicket['clocks'], fields: Partial<SampledTicket> = {}): SampledTicket => ({
  id: id(100 + n),
  number: n,
  subject: `Phiếu ${n}`,
  channel: 'chat',
  queueId: id(3),
  priority: 'normal',
  tags: [],
  segment: null,
  clocks,
  ...fields,
});
const frt = (n: number, startedAt: number, endedAt: number | null) => ({ id: id(200 + n), kind: 'frt' as const, startedAt, endedAt });
const nothing: Service = { policies: [], calendars: [] };

test('without policies the product promises: five minutes in a chat, around the clock', () => {
  const sample = [ticket(1, [frt(1, monday, monday + 5 * minute)]), ticket(2, [frt(2, monday, monday + 5 * minute + 1)])];
  const { tickets, kinds, changes } = previewSla(sample, nothing, nothing, monday + hour);
  expect(tickets).toBe(2);
  expect(kinds[0]).toEqual({
    kind: 'frt',
    before: { met: 1, breached: 1, open: 0, none: 0 },
    after: { met: 1, breached: 1, open: 0, none: 0 },
  });
  expect(kinds[1]).toMatchObject({ kind: 'nrt', before: { met: 0, breached: 0, open: 0, none: 0 } });
  expect(changes).toEqual([]);
});

test('a calendar that is closed overnight gives back what the night had taken', () => {
  // Asked at 16:00, answered at 8:30 the next morning: an hour and a half of business time.
  const sample = [ticket(1, [frt(1, monday, monday + 16.5 * hour)])];
  const after: Service = { policies: [policy({ calendarId: office.id }, 2 * hour)], calendars: [office] };
  const { kinds, changes } = previewSla(sample, nothing, after, monday + 24 * hour);
  expect(kinds[0]!.after).toEqual({ met: 1, breached: 0, open: 0, none: 0 });
  expect(changes).toEqual([
    expect.objectContaining({
      clockId: id(201),
      before: { verdict: 'breached', targetMs: 5 * minute, usedMs: 16.5 * hour },
      after: { verdict: 'met', targetMs: 2 * hour, usedMs: 1.5 * hour },
    }),
  ]);
});

test('what is still owed is looked at as of now; what gets worse comes first', () => {
  const now = monday + 10 * minute;
  const sample = [
    ticket(1, [frt(1, monday, null)], { segment: 'VIP' }),
    ticket(2, [frt(2, monday, monday + 3 * minute)]),
    ticket(3, [frt(3, now - minute, null)], { channel: 'email' }),
  ];
  const vip = policy({ match: { channels: [], queueIds: [], priorities: [], segments: ['VIP'], tags: [] } }, hour);
  const strict = policy({ id: id(9), position: 1, match: { ...vip.match, segments: [], channels: ['chat'] } }, minute);
  const { kinds, changes } = previewSla(sample, nothing, { policies: [strict, vip], calendars: [] }, now);
  expect(kinds[0]!.before).toEqual({ met: 1, breached: 1, open: 1, none: 0 });
  expect(kinds[0]!.after).toEqual({ met: 0, breached: 1, open: 2, none: 0 });
  expect(changes.map((one) => [one.ticket.number, one.before.verdict, one.after.verdict])).toEqual([
    [2, 'met', 'breached'],
    [1, 'breached', 'open'],
  ]);
});

test('where nothing is promised any more nothing is met or missed; clocks of other kinds are left out', () => {
  const sample = [ticket(1, [frt(1, monday, monday + minute), { ...frt(2, monday, monday + minute), kind: 'rt' }])];
  const { kinds } = previewSla(sample, nothing, { policies: [policy({}, null)], calendars: [] }, monday);
  expect(kinds[0]!.after).toEqual({ met: 0, breached: 0, open: 0, none: 1 });
  expect(kinds.map(({ kind }) => kind)).toEqual(['frt', 'nrt']);
});
