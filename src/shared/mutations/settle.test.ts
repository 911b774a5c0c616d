/** The clock rules, on the very functions that hub and demo run. */
import { describe, expect, test } from 'vitest';
import type { Entity, Rows, SlaClock, Ticket } from '../domain.ts';
import { type Actor, systemActor } from '../permissions.ts';
import { type Loaded, put } from './define.ts';
import { type MutationArgs, type MutationName, mutations } from './registry.ts';
import { settle } from './settle.ts';

const minute = 60_000;
const ids = () => {
  let last = 0;
  return () => `00000000-0000-7000-8000-${String((last += 1)).padStart(12, '0')}`;
};
const newId = ids();
const queueId = newId();
const lan: Actor = { userId: newId(), name: 'Lan', role: 'agent', queues: new Set([queueId]) };
const minh: Actor = { userId: newId(), name: 'Minh', role: 'agent', queues: new Set([queueId]) };

/** A hub in memory: rows, and mutations run on a clock of the test's own. */
class World implements Loaded {
  readonly rows = new Map<string, Rows[Entity]>();
  #number = 0;

  constructor(channel: 'chat' | 'email' = 'chat') {
    for (const change of [
      put('queue', {
        id: queueId,
        name: 'Bán hàng',
        purpose: 'sales',
        teamId: newId(),
        requiresDisposition: false,
        position: 1,
        routing: null,
      }),
      put('channel', { id: 'site', kind: channel, name: 'Chat', queueId, active: true, rules: null, health: 'ok' }),
    ]) {
      if (change.op === 'put') this.rows.set(`${change.entity}:${change.row.id}`, change.row);
    }
  }

  get<E extends Entity>(entity: E, id: string): Rows[E] | undefined {
    return this.rows.get(`${entity}:${id}`) as Rows[E] | undefined;
  }

  all<E extends Entity>(entity: E, where: (row: Rows[E]) => boolean): Rows[E][] {
    return [...this.rows].flatMap(([key, row]) => (key.startsWith(`${entity}:`) && where(row as Rows[E]) ? [row as Rows[E]] : []));
  }

  run<N extends MutationName>(name: N, args: MutationArgs<N>, actor: Actor, now: number): string | null {
    const outcome = (mutations[name].apply as (rows: Loaded, args: unknown, ctx: unknown) => ReturnType<(typeof mutations)[N]['apply']>)(
      this,
      args,
      {
        now,
        actor,
        side: 'hub',
        newId: () => crypto.randomUUID(),
      },
    );
    if ('rejection' in outcome) return outcome.rejection.code;
    for (const change of settle(outcome.changes, this, { now, nextNumber: () => (this.#number += 1), newId })) {
      if (change.op === 'put') this.rows.set(`${change.entity}:${change.row.id}`, change.row);
    }
    return null;
  }

  receive(text: string, now: number): Ticket {
    this.run(
      'message.receive',
      {
        messageId: newId(),
        ticketId: newId(),
        channelId: 'site',
        body: text,
        subject: null,
        customer: { id: newId(), name: 'Khách' },
        identity: { id: newId(), kind: 'visitor', value: 'v1', verified: false },
        authoredAt: now,
      },
      systemActor,
      now,
    );
    return this.ticket();
  }

  reply(now: number, actor: Actor = lan, seen?: Partial<MutationArgs<'message.reply'>>): string | null {
    const ticket = this.ticket();
    return this.run(
      'message.reply',
      {
        messageId: newId(),
        ticketId: ticket.id,
        body: 'Dạ',
        seen: { inboundId: ticket.lastInboundId, replyId: ticket.lastReplyId, assigneeId: ticket.assigneeId },
        live: true,
        ...seen,
      },
      actor,
      now,
    );
  }

  ticket(): Ticket {
    return this.all('ticket', () => true).at(-1)!;
  }

  clocks(): SlaClock[] {
    return this.all('slaClock', () => true);
  }
}

describe('first and next response', () => {
  test('starts at the first message, is met by a public answer, and the next one starts at the oldest unanswered message', () => {
    const world = new World();
    expect(world.receive('a', 1000)).toMatchObject({ number: 1, slaKind: 'frt', slaState: 'running', slaDueAt: 1000 + 5 * minute });
    world.receive('b', 2 * minute);
    expect(world.clocks()).toHaveLength(1);
    world.reply(3 * minute);
    expect(world.ticket()).toMatchObject({ slaState: 'met', slaDueAt: null, status: 'waiting_customer' });
    world.receive('c', 10 * minute);
    world.receive('d', 11 * minute);
    expect(world.clocks()).toHaveLength(2);
    expect(world.ticket()).toMatchObject({ slaKind: 'nrt', slaDueAt: 15 * minute });
  });

  test('a note does not meet it; a breach is recorded once and stays, however late the answer', () => {
    const world = new World();
    const ticket = world.receive('a', 0);
    world.run('message.note', { messageId: newId(), ticketId: ticket.id, body: 'nội bộ' }, lan, minute);
    expect(world.ticket().slaState).toBe('running');
    const [clock] = world.clocks();
    world.run('sla.breach', { ticketId: ticket.id, clockId: clock!.id, dueAt: clock!.dueAt! }, systemActor, 5 * minute - 1);
    expect(world.clocks()[0]!.state).toBe('running');
    world.run('sla.breach', { ticketId: ticket.id, clockId: clock!.id, dueAt: clock!.dueAt! }, systemActor, 5 * minute);
    expect(world.ticket()).toMatchObject({ slaState: 'breached', slaDueAt: 5 * minute });
    world.reply(9 * minute);
    expect(world.clocks()[0]).toMatchObject({ state: 'breached', breachedAt: 5 * minute, endedAt: 9 * minute });
  });

  test('an answer after the time is a breach also when the timer has not spoken', () => {
    const world = new World();
    world.receive('a', 0);
    world.reply(6 * minute);
    expect(world.clocks()[0]).toMatchObject({ state: 'breached', breachedAt: 5 * minute, endedAt: 6 * minute });
  });

  test('a call note written late counts from the call; one after a recorded breach does not heal it', () => {
    for (const [breach, state] of [
      [false, 'met'],
      [true, 'breached'],
    ] as const) {
      const world = new World();
      const ticket = world.receive('a', 0);
      const [clock] = world.clocks();
      if (breach) world.run('sla.breach', { ticketId: ticket.id, clockId: clock!.id, dueAt: clock!.dueAt! }, systemActor, 6 * minute);
      const call = { direction: 'outbound' as const, phone: '0912', durationSec: 60, outcome: 'answered' as const, at: 4 * minute };
      world.run('call.log', { messageId: newId(), ticketId: ticket.id, body: 'đã gọi', call }, lan, 60 * minute);
      expect(world.clocks()[0]).toMatchObject({ state, endedAt: 4 * minute });
    }
  });

  test('priority re-matches the target and keeps the start', () => {
    const world = new World('email');
    const ticket = world.receive('a', 0);
    world.run('ticket.edit', { ticketId: ticket.id, priority: 'urgent' }, lan, minute);
    expect(world.ticket().slaDueAt).toBe(15 * minute);
  });
});

describe('resolving', () => {
  test('ends the open clock; the undo gives it back exactly; a late reopening starts a new one only for what is unanswered', () => {
    const world = new World();
    const ticket = world.receive('a', 0);
    const due = ticket.slaDueAt;
    const close = (now: number) =>
      world.run('ticket.close', { ticketId: ticket.id, seenInboundId: world.ticket().lastInboundId, disposition: null }, lan, now);
    close(minute);
    expect(world.ticket()).toMatchObject({ status: 'resolved', slaState: null });
    world.run('ticket.reopen', { ticketId: ticket.id }, lan, minute + 10_000);
    expect(world.ticket()).toMatchObject({ status: 'open', slaState: 'running', slaDueAt: due });
    close(2 * minute);
    world.run('ticket.reopen', { ticketId: ticket.id }, lan, 90 * minute);
    expect(world.ticket()).toMatchObject({ slaKind: 'nrt', slaDueAt: 95 * minute });
  });

  test('a customer who writes reopens; after it is final they get a new ticket', () => {
    const world = new World();
    const first = world.receive('a', 0);
    world.reply(minute);
    world.run('ticket.close', { ticketId: first.id, seenInboundId: first.lastInboundId, disposition: null }, lan, 2 * minute);
    expect(world.receive('b', 3 * minute)).toMatchObject({ id: first.id, status: 'open' });
    world.run('ticket.close', { ticketId: first.id, seenInboundId: world.ticket().lastInboundId, disposition: null }, lan, 4 * minute);
    world.run('ticket.finalise', { ticketId: first.id, resolvedAt: 4 * minute }, systemActor, 80 * 60 * minute);
    expect(world.get('ticket', first.id)!.status).toBe('closed');
    expect(world.receive('c', 81 * 60 * minute).id).not.toBe(first.id);
  });
});

describe('the stale-reply guard', () => {
  test('live answers that cross the customer go out; a colleague or a new owner always holds', () => {
    const world = new World();
    const before = world.receive('a', 0);
    const seen = { inboundId: before.lastInboundId, replyId: before.lastReplyId, assigneeId: before.assigneeId };
    world.receive('b', 1000);
    expect(world.reply(2000, lan, { seen, live: false })).toBe('STALE_REPLY');
    expect(world.reply(2000, lan, { seen, live: true })).toBeNull();
    expect(world.reply(3000, minh, { seen, live: true })).toBe('STALE_REPLY');
    // One's own second text, queued behind the first, is not stale.
    expect(world.reply(4000, lan)).toBeNull();
    world.run('ticket.assign', { ticketId: before.id, from: lan.userId, to: null }, lan, 5000);
    expect(world.reply(6000, lan, { seen: { ...seen, replyId: world.ticket().lastReplyId, assigneeId: lan.userId }, live: true })).toBe(
      'STALE_REPLY',
    );
  });
});

describe('a bot’s conversation', () => {
  const begun = (world: World, now = 0) => {
    world.run(
      'message.receive',
      {
        messageId: newId(),
        ticketId: newId(),
        channelId: 'site',
        body: 'a',
        subject: null,
        customer: { id: newId(), name: 'Khách' },
        identity: { id: newId(), kind: 'visitor', value: 'v1', verified: false },
        authoredAt: now,
        bot: true,
      },
      systemActor,
      now,
    );
    return world.ticket();
  };
  const says = (world: World, now: number, body = 'Chào', messageId = newId()) =>
    world.run('bot.say', { messageId, ticketId: world.ticket().id, botName: 'Bot', body }, systemActor, now);
  const handsOff = (world: World, now: number, owedSince?: number) =>
    world.run(
      'bot.handOff',
      {
        messageId: newId(),
        ticketId: world.ticket().id,
        botName: 'Bot',
        reason: 'timeout',
        summary: '',
        collected: {},
        skill: 'cskh',
        priority: 'high',
        ...(owedSince === undefined ? {} : { owedSince }),
      },
      systemActor,
      now,
    );

  test('no clock runs with it, and none is met by it; the first response is owed from the hand-off on', () => {
    const world = new World();
    expect(begun(world)).toMatchObject({ status: 'bot', unansweredSince: 0, slaKind: null });
    expect(says(world, minute)).toBeNull();
    expect(world.ticket()).toMatchObject({ status: 'bot', unansweredSince: null, lastReplyId: null });
    expect(world.receive('b', 2 * minute)).toMatchObject({ status: 'bot', slaKind: null });
    expect(handsOff(world, 3 * minute)).toBeNull();
    expect(world.ticket()).toMatchObject({ status: 'new', tags: ['cskh'], priority: 'high', unansweredSince: 3 * minute, slaKind: 'frt' });
    expect(world.clocks()).toMatchObject([{ kind: 'frt', state: 'running', startedAt: 3 * minute }]);
    // A second one, and a late answer, leave nothing.
    const before = world.rows.size;
    expect(handsOff(world, 4 * minute)).toBeNull();
    expect(says(world, 4 * minute)).toBe('STALE_REPLY');
    expect(world.rows.size).toBe(before);
    world.reply(5 * minute);
    expect(world.clocks()).toMatchObject([{ state: 'met', endedAt: 5 * minute }]);
  });

  test('its time is up only while it owes the answer that it owed then', () => {
    const world = new World();
    begun(world, 1000);
    says(world, 2000);
    handsOff(world, 11_000, 1000);
    expect(world.ticket().status).toBe('bot');
    world.receive('b', 20_000);
    handsOff(world, 21_000, 1000);
    expect(world.ticket().status).toBe('bot');
    handsOff(world, 30_000, 20_000);
    expect(world.ticket().status).toBe('new');
  });

  test('said again it says nothing; whoever takes over has the ticket, and a reply takes it over too', () => {
    const world = new World();
    begun(world);
    const again = newId();
    says(world, 1, 'Chào', again);
    const before = world.rows.size;
    expect(says(world, 2, 'Chào', again)).toBeNull();
    expect(world.rows.size).toBe(before);
    expect(world.run('bot.takeOver', { ticketId: world.ticket().id }, lan, 3)).toBeNull();
    expect(world.ticket()).toMatchObject({ status: 'open', assigneeId: lan.userId, slaState: 'running' });
    expect(says(world, 4)).toBe('STALE_REPLY');
    expect(says(world, 5, 'Chào', again)).toBeNull();
    const other = new World();
    begun(other);
    expect(other.reply(minute)).toBeNull();
    expect(other.ticket()).toMatchObject({ status: 'waiting_customer', slaState: 'met' });
    expect(other.clocks()).toHaveLength(1);
  });
});
