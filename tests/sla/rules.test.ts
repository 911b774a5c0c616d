/** Rules of the SLA and routing page that are about more than one ticket or one policy: matching, edits, merging, escalation, warnings. */
import { v7 as uuid } from 'uuid';
import { describe, expect, test } from 'vitest';
import { roundTheClock } from '../../src/shared/calendar.ts';
import { put } from '../../src/shared/mutations/define.ts';
import { businessTime, dueBy, policyFor, warningMoments } from '../../src/shared/sla.ts';
import { hours, ids, minute, moment, office, World } from './world.ts';

const start = moment('2026-11-23 08:00');
const hour = 60 * minute;

function begun(...args: ConstructorParameters<typeof World>): World {
  const world = new World(...args);
  world.until(start);
  world.act('customer');
  return world;
}

describe('matching (rule 1)', () => {
  const policy = (id: string, position: number, match: object, active = true) => {
    const world = new World({ targets: { frt: '1h' } });
    world.policy({ targets: { frt: '1h' } }, { id, position, active });
    const row = world.get('slaPolicy', id)!;
    return { ...row, match: { ...row.match, ...match } };
  };
  const ticket = { channel: 'email' as const, queueId: ids.sales, priority: 'high' as const, tags: ['bảo hành', 'gấp'] };
  const [a, b, c] = [uuid(), uuid(), uuid()];

  test('the first by its position that fits, whatever the order in which they are stored', () => {
    const found = policyFor(ticket, null, [policy(a, 3, {}), policy(b, 1, { channels: ['chat'] }), policy(c, 2, {})]);
    expect(found?.id).toBe(c);
  });
  test.each([
    ['channel', { channels: ['chat', 'email'] }, true],
    ['another channel', { channels: ['chat'] }, false],
    ['queue', { queueIds: [ids.sales] }, true],
    ['another queue', { queueIds: [ids.warranty] }, false],
    ['priority', { priorities: ['high', 'urgent'] }, true],
    ['another priority', { priorities: ['low'] }, false],
    ['segment', { segments: ['VIP'] }, true],
    ['another segment', { segments: ['Khách sỉ'] }, false],
    ['one of the tags', { tags: ['gấp', 'khác'] }, true],
    ['no such tag', { tags: ['khác'] }, false],
    ['everything together', { channels: ['email'], queueIds: [ids.sales], priorities: ['high'], segments: ['VIP'], tags: ['gấp'] }, true],
    ['all but one', { channels: ['email'], queueIds: [ids.sales], priorities: ['low'], segments: ['VIP'], tags: ['gấp'] }, false],
  ])('%s', (_what, match, fits) => {
    expect(policyFor(ticket, 'VIP', [policy(a, 1, match)]) !== null).toBe(fits);
  });
  test('one that is switched off never fits, and nobody without a segment has one', () => {
    expect(policyFor(ticket, null, [policy(a, 1, {}, false)])).toBeNull();
    expect(policyFor(ticket, null, [policy(a, 1, { segments: ['VIP'] })])).toBeNull();
  });
});

describe('edits (rule 11)', () => {
  test('a policy’s new version holds for what is open, and for nothing that is over', () => {
    const world = begun({ targets: { frt: '4h', nrt: '2h' } });
    world.until(start + hour);
    world.act('reply');
    world.act('customer');
    const over = world.clock('frt');
    world.policy({ targets: { frt: '1h', nrt: '1h' } });
    world.until(start + hour + 10 * minute);
    world.act('rematch');
    expect(world.clock('frt')).toEqual(over);
    expect(over).toMatchObject({ policyVersion: 1, state: 'met' });
    expect(world.clock('nrt')).toMatchObject({ policyVersion: 2, dueAt: start + 2 * hour, state: 'running' });
    expect(world.ticket.slaDueAt).toBe(start + 2 * hour);
    const once = world.clock('nrt');
    world.act('rematch');
    expect(world.clock('nrt')).toEqual(once);
  });

  test('a policy that gets a resolution target starts it, one that loses it ends it', () => {
    const world = begun({ targets: { frt: '4h' } });
    world.policy({ targets: { frt: '4h', rt: '8h' } });
    world.until(start + hour);
    world.act('rematch');
    expect(world.clock('rt')).toMatchObject({ state: 'running', dueAt: start + 9 * hour });
    world.policy({ targets: { frt: '4h' } });
    world.act('rematch');
    expect(world.clock('rt')).toMatchObject({ state: 'cancelled' });
  });

  test('an edited calendar moves what runs, the same when asked twice, and leaves what stands still or is late', () => {
    const world = begun({ calendar: office, targets: { frt: '6h' } });
    const clock = world.clock('frt')!;
    expect(clock.dueAt).toBe(moment('2026-11-23 15:00'));
    world.calendar(
      hours(
        'Asia/Ho_Chi_Minh',
        office.week.map(() => '8:00-17:30'),
        { '2026-11-23': '8:00-10:00' },
      ),
    );
    const time = businessTime(world.get('calendar', ids.calendar));
    const due = dueBy(clock, time);
    expect(due).toBe(moment('2026-11-24 12:00'));
    expect(dueBy({ ...clock }, time)).toBe(due);
    world.act('status:spam');
    expect(dueBy(world.clock('frt')!, time)).toBeNull();
  });
});

describe('merging (rule 11): the earliest running clock survives', () => {
  test('of the same kind the one that is due first', () => {
    const world = begun({ targets: { frt: '4h', rt: '9h' } });
    world.until(start + hour);
    const from = { ...world.ticket, id: uuid(), status: 'new' as const };
    world.write([put('ticket', from)]);
    for (const kind of ['frt', 'rt'] as const) {
      const clock = world.clock(kind)!;
      world.write([
        put('slaClock', { ...clock, id: uuid(), ticketId: from.id, dueAt: clock.dueAt! - (kind === 'frt' ? 30 : -30) * minute }),
      ]);
    }
    const own = { frt: world.clock('frt')!, rt: world.clock('rt')! };
    world.run('ticket.join', { ticketId: from.id, intoId: world.ticketId }, 'thu');
    expect(world.clock('frt')).toMatchObject({ id: own.frt.id, dueAt: own.frt.dueAt! - 30 * minute, state: 'running' });
    expect(world.clock('rt')).toEqual(own.rt);
    expect(world.clock('frt', from.id)).toMatchObject({ state: 'cancelled' });
    expect(world.ticket.slaDueAt).toBe(own.frt.dueAt! - 30 * minute);
  });
});

describe('breach and escalation (rule 8)', () => {
  const told = (world: World) =>
    world.all('notice').map(({ userId, kind }) => [Object.entries(ids).find(([, id]) => id === userId)?.[0], kind]);

  test('each step once: agent and lead; lead and priority; administrator and back to the queue', () => {
    const world = begun({ targets: { frt: '4h' } });
    world.act('assign:lan');
    world.until(start + 4 * hour);
    expect(world.clock('frt')).toMatchObject({ state: 'breached', breachedAt: start + 4 * hour, endedAt: null, escalated: 1 });
    expect(told(world)).toEqual([
      ['lan', 'breach'],
      ['thu', 'breach'],
    ]);
    world.until(start + 6 * hour);
    expect(world.ticket).toMatchObject({ priority: 'high', assigneeId: ids.lan });
    expect(told(world).slice(2)).toEqual([['thu', 'escalated']]);
    world.until(start + 8 * hour);
    expect(world.ticket).toMatchObject({ priority: 'high', assigneeId: null });
    expect(told(world).slice(3)).toEqual([['quan', 'escalated']]);
    world.until(start + 40 * hour);
    expect(told(world)).toHaveLength(4);
  });

  test('made again it changes nothing', () => {
    const world = begun({ targets: { frt: '4h' } });
    world.until(start + 6 * hour);
    const before = structuredClone([...world.rows]);
    const clock = world.clock('frt')!;
    world.run('sla.breach', { ticketId: world.ticketId, clockId: clock.id, dueAt: clock.dueAt! });
    world.run('sla.escalate', { ticketId: world.ticketId, clockId: clock.id, step: 0 });
    world.run('sla.escalate', { ticketId: world.ticketId, clockId: clock.id, step: clock.escalated });
    expect([...world.rows]).toEqual(before);
  });

  test('a step waits for the business time of its calendar', () => {
    const world = new World({ calendar: office, targets: { frt: '1h' } });
    world.until(moment('2026-11-23 16:20'));
    world.act('customer');
    world.until(moment('2026-11-24 07:59'));
    expect(world.clock('frt')).toMatchObject({ breachedAt: moment('2026-11-23 17:20'), escalated: 1 });
    expect(world.clock('frt')!.escalateAt).toBe(moment('2026-11-24 08:20'));
    world.until(moment('2026-11-24 08:20'));
    expect(world.clock('frt')!.escalated).toBe(2);
  });

  test('while somebody holds it offline it is theirs: the steps only tell', () => {
    const world = begun({ targets: { frt: '1h' } });
    world.act('lease:8h');
    world.until(start + 3 * hour);
    expect(world.clock('frt')!.escalated).toBe(3);
    expect(world.ticket.assigneeId).toBe(ids.lan);
  });

  test('an answer ends it, and no step follows', () => {
    const world = begun({ targets: { frt: '1h' } });
    world.until(start + 70 * minute);
    world.act('reply');
    world.until(start + 9 * hour);
    expect(world.clock('frt')).toMatchObject({ state: 'breached', escalated: 1, endedAt: start + 70 * minute });
  });

  test('a policy’s own steps', () => {
    const escalation = [{ afterPercent: 20, tell: ['admin' as const], raise: true, requeue: false }];
    const world = begun({ targets: { frt: '1h' }, escalation });
    world.until(start + hour);
    expect(world.all('notice')).toEqual([]);
    world.until(start + 72 * minute);
    expect(told(world)).toEqual([['quan', 'escalated']]);
    expect(world.ticket.priority).toBe('high');
  });
});

describe('warnings (rule 7)', () => {
  test.each([
    ['of five minutes at half and four fifths', '5m', [2.5, 4]],
    ['of fifteen minutes too', '15m', [7.5, 12]],
    ['of forty minutes 15 minutes before and at three quarters', '40m', [25, 30]],
    ['of four hours at three quarters and 15 minutes before', '4h', [180, 225]],
    ['of an hour both at once', '1h', [45, 45]],
  ])('a target %s', (_what, target, at) => {
    const world = begun({ targets: { frt: target } });
    expect(warningMoments(world.clock('frt')!, roundTheClock)).toEqual(at.map((minutes) => start + minutes * minute));
  });

  test('by the calendar, less what was used before a pause; none while it stands still', () => {
    const world = new World({ calendar: office, targets: { frt: '1h', rt: '4h' } });
    world.until(moment('2026-11-23 16:00'));
    world.act('customer');
    world.until(moment('2026-11-23 17:00'));
    world.act('status:spam');
    const time = businessTime(world.get('calendar', ids.calendar));
    expect(warningMoments(world.clock('rt')!, time)).toEqual([]);
    world.until(moment('2026-11-24 11:00'));
    world.act('status:open');
    expect(warningMoments(world.clock('rt')!, time)).toEqual([moment('2026-11-24 14:00'), moment('2026-11-24 14:45')]);
  });
});

test('the wall time of a first response counts from the customer, not from the bot’s hand-off', () => {
  const world = new World({ targets: { frt: '1h' } });
  world.until(start);
  world.act('toBot');
  world.until(start + 20 * minute);
  world.act('handOff');
  expect(world.clock('frt')).toMatchObject({ startedAt: start + 20 * minute, waitedFrom: start });
});

test('after 72 hours a message opens a ticket that follows the first, with clocks of its own (rule 10)', () => {
  const world = begun({ targets: { frt: '1h', rt: '8h' } });
  const first = world.ticketId;
  world.act('reply');
  world.act('close');
  world.until(start + 72 * hour);
  world.act('final');
  const next = uuid();
  const from = {
    customer: { id: ids.customer, name: 'Khách' },
    identity: { id: ids.identity, kind: 'email' as const, value: 'khach@x.test', verified: true },
  };
  const said = { messageId: uuid(), ticketId: next, channelId: 'in', body: 'Vẫn hỏng', subject: null, joins: first, authoredAt: world.now };
  world.run('message.receive', { ...said, ...from });
  expect(world.get('ticket', next)).toMatchObject({ followUpOf: first, status: 'new' });
  expect(world.clock('rt', next)).toMatchObject({ consumedMs: 0, dueAt: start + 80 * hour });
  expect(world.clock('frt', next)).toMatchObject({ state: 'running' });
});
