import { describe, expect, test } from 'vitest';
import {
  capacityOf,
  classOf,
  type Decided,
  decide,
  defaultCapacity,
  defaultQueueRouting,
  eligible,
  loadOf,
  nextFor,
  noLoad,
  place,
  refusalOf,
  ring,
  type RoutingAgent,
  type RoutingQueue,
  type WaitingTicket,
  whyWaiting,
  withOverflow,
} from './routing.ts';

const now = 1_800_000_000_000;
const second = 1000;
const day = 86_400_000;

const queue = (over: Partial<RoutingQueue> = {}): RoutingQueue => ({ ...defaultQueueRouting, id: 'q', open: true, ...over });
const agent = (id: string, over: Partial<RoutingAgent> & { levels?: Record<string, number> } = {}): RoutingAgent => ({
  id,
  available: true,
  queues: new Set(['q']),
  skills: new Map(Object.entries(over.levels ?? {})),
  off: new Set(),
  capacity: defaultCapacity,
  load: noLoad(),
  openWork: 0,
  idleSince: now,
  lastGivenAt: now,
  ...over,
});
const ticket = (id: string, over: Partial<WaitingTicket> = {}): WaitingTicket => ({
  id,
  queueId: 'q',
  channel: 'chat',
  priority: 'normal',
  enqueuedAt: now,
  ringSince: over.enqueuedAt ?? now,
  dueAt: null,
  needs: [],
  lastHandler: null,
  declined: new Set(),
  ...over,
});
const decided = (agents: RoutingAgent[], waiting: WaitingTicket[], queues: RoutingQueue[] = [queue()], at = now): Decided =>
  decide({ queues: new Map(queues.map((one) => [one.id, one])), agents, waiting }, at);
const pairs = ({ decisions }: Decided): string[] =>
  decisions.map((one) =>
    one.do === 'overflow'
      ? `${one.ticketId}: ${one.why} to ${one.to.kind === 'queue' ? one.to.queueId : one.to.kind}`
      : `${one.ticketId} ${one.userId}`,
  );

describe('capacity', () => {
  test('each channel counts as one class of work', () => {
    expect((['phone', 'chat', 'messenger', 'instagram', 'zalo', 'api', 'email', 'counter', 'other'] as const).map(classOf)).toEqual([
      'call',
      'chat',
      'social',
      'social',
      'social',
      'social',
      'email',
      'email',
      'email',
    ]);
  });

  test('is 1 call, 4 chats, 6 social conversations, 10 emails', () => {
    for (const [channel, most] of [
      ['phone', 1],
      ['chat', 4],
      ['zalo', 6],
      ['email', 10],
    ] as const) {
      const waiting = Array.from({ length: 12 }, (_, index) => ticket(`t${index}`, { channel }));
      expect(decided([agent('a')], waiting).decisions).toHaveLength(most);
    }
  });

  test('a call blocks the others, and they do not block a call', () => {
    const onCall = agent('a', { load: { ...noLoad(), call: 1 } });
    const chatting = agent('a', { load: { ...noLoad(), chat: 4 } });
    expect(refusalOf(onCall, ticket('t'), queue(), now)).toBe('capacity');
    expect(eligible(chatting, ticket('t', { channel: 'phone' }), queue(), now)).toBe(true);
    expect(refusalOf(chatting, ticket('t'), queue(), now)).toBe('capacity');
  });

  test('the matrix is what the centre says it is', () => {
    const most = { call: 1, chat: 4, social: 6, email: 10 };
    const capacity = capacityOf({ most, blocks: [['chat', 'call'] as const, ['chat', 'email'] as const] });
    const chatting = agent('a', { capacity, load: { ...noLoad(), chat: 1 } });
    expect(
      (['phone', 'chat', 'zalo', 'email'] as const).map((channel) => refusalOf(chatting, ticket('t', { channel }), queue(), now)),
    ).toEqual(['capacity', null, null, 'capacity']);
  });

  test('a conversation frees its slot after ten idle minutes, a call never; an offer reserves one', () => {
    const quiet = (workClass: 'call' | 'chat' | 'email', ms: number) => ({ workClass, lastActivityAt: now - ms });
    const work = [quiet('call', day), quiet('chat', 599_999), quiet('chat', 600_000), quiet('email', day)];
    expect(loadOf(work, ['chat', 'social'], now)).toEqual({ call: 1, chat: 2, social: 1, email: 0 });
  });

  test('who has taken more by hand is given nothing until there is room again', () => {
    expect(refusalOf(agent('a', { load: { ...noLoad(), chat: 6 } }), ticket('t'), queue(), now)).toBe('capacity');
  });
});

describe('the order of a queue', () => {
  test('a step of priority is worth a minute of waiting', () => {
    expect(place(ticket('t', { priority: 'low' }), 'priority')).toBe(now);
    expect(place(ticket('t', { priority: 'urgent' }), 'priority')).toBe(now - 180 * second);
    const waiting = [ticket('urgent', { priority: 'urgent' }), ticket('old', { enqueuedAt: now - 121 * second })];
    expect(pairs(decided([agent('a', { load: { ...noLoad(), chat: 3 } })], waiting))).toEqual(['old a']);
    waiting[1] = ticket('old', { enqueuedAt: now - 119 * second });
    expect(pairs(decided([agent('a', { load: { ...noLoad(), chat: 3 } })], waiting))).toEqual(['urgent a']);
  });

  test('or what is due soonest, and last what is not due at all', () => {
    const waiting = [
      ticket('late', { dueAt: null, enqueuedAt: now - day }),
      ticket('b', { dueAt: now + 2 }),
      ticket('a', { dueAt: now + 1 }),
    ];
    expect(pairs(decided([agent('x')], waiting, [queue({ order: 'sla' })]))).toEqual(['a x', 'b x', 'late x']);
  });

  test('a transfer that kept its time is ahead of those that came in between', () => {
    const waiting = [ticket('later', { enqueuedAt: now - 60_000 }), ticket('handed on', { enqueuedAt: now - 90_000, ringSince: now })];
    expect(pairs(decided([agent('a')], waiting))[0]).toBe('handed on a');
  });
});

describe('who may be given it', () => {
  const english = { skillId: 'english', level: 4, must: false };
  const refund = { skillId: 'refund', level: 2, must: true };

  test.each([
    ['closed', agent('a'), ticket('t'), queue({ open: false })],
    ['queue', agent('a', { queues: new Set() }), ticket('t'), queue()],
    ['state', agent('a', { available: false }), ticket('t'), queue()],
    ['channel', agent('a', { off: new Set(['chat'] as const) }), ticket('t'), queue()],
    ['declined', agent('a'), ticket('t', { declined: new Set(['a']) }), queue()],
    ['skill', agent('a', { levels: { english: 3 } }), ticket('t', { needs: [english] }), queue()],
    ['skill', agent('a'), ticket('t'), queue({ needs: [english] })],
    ['capacity', agent('a', { load: { ...noLoad(), chat: 4 } }), ticket('t'), queue()],
    [null, agent('a', { levels: { english: 4 } }), ticket('t', { needs: [english] }), queue()],
  ] as const)('refused for %s', (why, who, what, where) => {
    expect(refusalOf(who, what, where, now)).toBe(why);
    expect(pairs(decided([who], [what], [where]))).toEqual(why === null ? ['t a'] : []);
  });

  test('skills are relaxed by rings at 30, 60 and 120 s: a level, any level, none', () => {
    const level = (least: number) => (waited: number) => {
      const who = agent('a', least === 0 ? {} : { levels: { english: least } });
      return eligible(who, ticket('t', { needs: [english], enqueuedAt: now - waited * second }), queue(), now);
    };
    const from = (least: number) => [0, 29.999, 30, 59.999, 60, 119.999, 120].find((waited) => level(least)(waited));
    expect([4, 3, 2, 1, 0].map(from)).toEqual([0, 30, 60, 60, 120]);
    expect([0, 30, 60, 120].map((waited) => ring({ ringSince: now - waited * second }, queue(), now))).toEqual([0, 1, 2, 3]);
  });

  test('musts never are, however long it waits', () => {
    const who = agent('a', { levels: { refund: 1 } });
    expect(refusalOf(who, ticket('t', { needs: [refund], enqueuedAt: now - 30 * day }), queue(), now)).toBe('skill');
  });

  test('a skill asked for twice is asked for at both levels, each as it is meant', () => {
    const needs = [{ ...refund }, { skillId: 'refund', level: 5, must: false }];
    const may = (level: number, waited: number) =>
      eligible(agent('a', { levels: { refund: level } }), ticket('t', { needs, enqueuedAt: now - waited * second }), queue(), now);
    expect([may(4, 0), may(5, 0), may(4, 30), may(2, 60), may(1, 500)]).toEqual([false, true, true, true, false]);
  });

  test('a screen is told what all of the queue are refused it for', () => {
    const agents = [agent('a', { available: false }), agent('b', { available: false }), agent('c'), agent('d', { queues: new Set() })];
    expect(whyWaiting(ticket('t', { needs: [refund] }), queue(), agents, now)).toEqual({ state: 2, skill: 1 });
  });
});

describe('who of them', () => {
  test('the last handler of seven days, before all who fit better', () => {
    const needs = [{ skillId: 'english', level: 1, must: false }];
    const agents = [agent('a', { levels: { english: 1 } }), agent('b', { levels: { english: 5 } })];
    const asked = (ago: number) => pairs(decided(agents, [ticket('t', { needs, lastHandler: { userId: 'a', at: now - ago } })]));
    expect(asked(7 * day - 1)).toEqual(['t a']);
    expect(asked(7 * day)).toEqual(['t b']);
  });

  test('it waits 30 s for one whose hands are full, and not for one who is away', () => {
    const full = agent('a', { load: { ...noLoad(), chat: 4 } });
    const waiting = [ticket('t', { lastHandler: { userId: 'a', at: now - day } }), ticket('behind')];
    expect(decided([full, agent('b')], waiting)).toMatchObject({ decisions: [{ ticketId: 'behind' }], wakeAt: now + 30 * second });
    expect(pairs(decided([full, agent('b')], waiting, [queue()], now + 30 * second))).toContain('t b');
    expect(pairs(decided([agent('a', { available: false }), agent('b')], waiting))).toContain('t b');
  });

  test('the sum of levels in what is asked for, then the strategy', () => {
    const needs = [
      { skillId: 'english', level: 1, must: false },
      { skillId: 'refund', level: 1, must: true },
    ];
    const agents = [
      agent('a', { levels: { english: 5, refund: 1 } }),
      agent('b', { levels: { english: 3, refund: 4, french: 5 }, idleSince: now }),
      agent('c', { levels: { english: 4, refund: 3 }, idleSince: now - 1 }),
    ];
    expect(pairs(decided(agents, [ticket('t', { needs })]))).toEqual(['t c']);
  });

  test('longest idle, where nobody is idle who has something in hand', () => {
    const agents = [
      agent('a', { idleSince: now - 10 * second }),
      agent('b', { idleSince: now - 20 * second }),
      agent('c', { idleSince: now - 30 * second, load: { ...noLoad(), chat: 1 } }),
    ];
    const waiting = ['1', '2', '3'].map((id) => ticket(id));
    expect(pairs(decided(agents, waiting))).toEqual(['1 b', '2 a', '3 c']);
  });

  test('least loaded by open work, idle conversations too', () => {
    const agents = [agent('a', { openWork: 9 }), agent('b', { openWork: 8, load: { ...noLoad(), chat: 3 } })];
    expect(pairs(decided(agents, [ticket('t')], [queue({ strategy: 'leastLoaded' })]))).toEqual(['t b']);
  });

  test('round robin goes on round in one decision, too', () => {
    const agents = ['c', 'a', 'b'].map((id, index) => agent(id, { lastGivenAt: now - 30 + index * 10 }));
    const waiting = Array.from({ length: 7 }, (_, index) => ticket(String(index)));
    expect(pairs(decided(agents, waiting, [queue({ strategy: 'roundRobin' })]))).toEqual(['0 c', '1 a', '2 b', '3 c', '4 a', '5 b', '6 c']);
  });

  test('an offer lasts 30 s, a call 20 s; an email is assigned', () => {
    const agents = ['a', 'b', 'c'].map((id) => agent(id));
    const waiting = [ticket('1'), ticket('2', { channel: 'phone' }), ticket('3', { channel: 'email' })];
    expect(decided(agents, waiting).decisions).toEqual([
      { ticketId: '1', do: 'offer', userId: 'a', until: now + 30 * second },
      { ticketId: '2', do: 'offer', userId: 'b', until: now + 20 * second },
      { ticketId: '3', do: 'assign', userId: 'c', until: null },
    ]);
  });
});

describe('"next"', () => {
  const world = (agents: RoutingAgent[], waiting: WaitingTicket[]) => ({
    queues: new Map([
      ['q', queue()],
      ['r', queue({ id: 'r' })],
    ]),
    agents,
    waiting,
  });

  test('gives the head of all queues of the agent, and no more than fits', () => {
    const waiting = [
      ticket('late'),
      ticket('not theirs', { queueId: 'x', enqueuedAt: now - day }),
      ticket('head', { queueId: 'r', enqueuedAt: now - 1 }),
    ];
    const who = agent('a', { queues: new Set(['q', 'r']) });
    expect(nextFor(who, world([who], waiting), now)).toBe('head');
    const full = { ...who, load: { ...noLoad(), chat: 4 } };
    expect(nextFor(full, world([full], waiting), now)).toBeNull();
  });

  test('leaves what waits for its last handler to them', () => {
    const who = agent('a');
    const other = agent('b', { load: { ...noLoad(), chat: 4 } });
    const waiting = [ticket('kept', { lastHandler: { userId: 'b', at: now - day } })];
    expect(nextFor(who, world([who, other], waiting), now)).toBeNull();
    expect(nextFor(who, world([who, other], waiting), now + 30 * second)).toBe('kept');
    expect(nextFor(who, world([who, { ...other, available: false }], waiting), now)).toBe('kept');
  });
});

describe('overflow', () => {
  const none = { afterMs: null, longerThan: null, whenNobody: false, whenClosed: false };
  const busy = agent('a', { load: { ...noLoad(), chat: 4 } });

  test('of what has waited too long, unless somebody can take it just then', () => {
    const over = queue({ overflow: { ...none, afterMs: 300 * second, to: { kind: 'callback' } } });
    const waiting = [ticket('t', { enqueuedAt: now - 900 * second, ringSince: now - 299 * second })];
    expect(decided([busy], waiting, [over])).toEqual({ decisions: [], wakeAt: now + second });
    expect(pairs(decided([busy], waiting, [over], now + second))).toEqual(['t: waited to callback']);
    expect(pairs(decided([agent('a')], waiting, [over], now + second))).toEqual(['t a']);
  });

  test('of the last ones of a queue that is too long', () => {
    const over = queue({ overflow: { ...none, longerThan: 2, to: { kind: 'email' } } });
    const waiting = [3, 1, 4, 2].map((ago) => ticket(`t${ago}`, { enqueuedAt: now - ago }));
    expect(pairs(decided([busy], waiting, [over]))).toEqual(['t2: length to email', 't1: length to email']);
  });

  test('where nobody at work could take it even with nothing asked but musts', () => {
    const over = queue({ overflow: { ...none, whenNobody: true, to: { kind: 'email' } } });
    const wish = ticket('t', { needs: [{ skillId: 'english', level: 5, must: false }] });
    const must = ticket('t', { needs: [{ skillId: 'refund', level: 5, must: true }] });
    expect(pairs(decided([busy], [wish], [over]))).toEqual([]);
    expect(pairs(decided([busy], [must], [over]))).toEqual(['t: nobody to email']);
    expect(pairs(decided([{ ...busy, available: false }], [wish], [over]))).toEqual(['t: nobody to email']);
    // Wrapping up: back in a moment.
    expect(pairs(decided([{ ...busy, available: false, onDuty: true }], [wish], [over]))).toEqual([]);
  });

  test('in closed hours; else what is closed only waits', () => {
    const over = { ...none, longerThan: 0, afterMs: 0, to: { kind: 'callback' } } as const;
    expect(pairs(decided([agent('a')], [ticket('t')], [queue({ open: false, overflow: { ...over, whenClosed: true } })]))).toEqual([
      't: closed to callback',
    ]);
    expect(pairs(decided([agent('a')], [ticket('t')], [queue({ open: false, overflow: over })]))).toEqual([]);
  });

  test('passes by queues that would pass it on, and stays where that comes round', () => {
    const closed = (id: string, to: string) =>
      queue({ id, open: false, overflow: { ...none, whenClosed: true, to: { kind: 'queue', queueId: to } } });
    expect(pairs(decided([], [ticket('t')], [closed('q', 'r'), closed('r', 's'), queue({ id: 's' })]))).toEqual(['t: closed to s']);
    expect(pairs(decided([], [ticket('t')], [closed('q', 'r'), closed('r', 'q')]))).toEqual([]);
    expect(pairs(decided([], [ticket('t')], [closed('q', 'gone')]))).toEqual([]);
  });

  test('what is kept for somebody is not passed to and fro meanwhile', () => {
    const over = (id: string, queueId: string) => queue({ id, overflow: { ...none, afterMs: 0, to: { kind: 'queue', queueId } } });
    const both = { queues: new Set(['q', 'r']) };
    const kept = ticket('t', { lastHandler: { userId: 'a', at: now - day } });
    expect(pairs(decided([{ ...busy, ...both }, agent('b', both)], [kept], [over('q', 'r'), over('r', 'q')]))).toEqual([]);
  });

  test('what has to be known for a decision goes as far as the overflow', () => {
    const to = (id: string, queueId: string) => queue({ id, overflow: { ...none, to: { kind: 'queue', queueId } } });
    const queues = new Map([to('a', 'b'), to('b', 'c'), to('c', 'a'), to('d', 'a')].map((one) => [one.id, one]));
    expect([...withOverflow(['b'], queues)]).toEqual(['b', 'c', 'a']);
  });
});
