/** Plays one scenario: the actions as they come, then peace, then the check. */
import { v7 as uuid } from 'uuid';
import { actorOf, scopesOf } from '../../../server/src/sync/reference.ts';
import type { MutationName } from '../../../src/shared/mutations/registry.ts';
import type { Action, Scenario } from './actions.ts';
import { faults, unseen } from './check.ts';
import { SimConsole, world } from './console.ts';
import { SimHub, type Store } from './hub.ts';
import { Broken } from './network.ts';

/** The hub's clock, and everybody's who has the right time. */
Date.now = () => Math.floor(world.now);

/** Consoles that the hub of a newer version tells of things they do not know. */
const disguise = (json: string) => json.replaceAll('"slaClock"', '"slaClockX"');
const reveal = (json: string) => json.replaceAll('slaClockX', 'slaClock');

const rounds = 80;

/** Promises that are due run; nothing else does. */
async function flush(consoles: SimConsole[]): Promise<void> {
  do {
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  } while (consoles.some((one) => one.link.busy));
}

/** What has been played, to tell how much a run has tried. */
export interface Tally {
  acts: number;
  refusedOnTheSpot: number;
  faults: number;
}

/** Returns what is wrong at the end, or nothing. */
export async function play(store: Store, scenario: Scenario, tally: Tally): Promise<string[]> {
  const hub = new SimHub(store);
  await hub.found();
  const lead = hub.staff.people[3];
  const consoles: SimConsole[] = [];
  // The first agent works on two machines.
  for (const [index, skew] of scenario.skews.entries()) {
    const person = hub.staff.people[[0, 1, 2, 0][index] ?? 0];
    if (person) consoles.push(await SimConsole.make(hub, person.id, skew));
  }
  const staffing = { id: uuid(), next: 0 };
  if (lead) await hub.register(staffing.id, lead.id);
  const undone = new Set<string>();
  const old = new Set<SimConsole>();
  let said = 0;

  const grantsKnown = async () => {
    const reference = await hub.hub.committer.reference();
    for (const one of consoles) {
      const actor = actorOf(reference, one.userId);
      const scopes = new Set(actor ? scopesOf(actor) : []);
      one.link.scopes = () => scopes;
    }
  };
  const settle = async (one: SimConsole, most = 300) => {
    for (let step = 0; step < most; step += 1) {
      let moved = await one.link.deliverToHub();
      moved = one.link.deliverToConsole() || moved;
      moved = one.link.deliverLines(1) || moved;
      await flush(consoles);
      if (!moved) return;
    }
  };
  const upgrade = (one: SimConsole) => {
    one.link.disguise = (json) => json;
    old.delete(one);
    one.kill(false);
    one.boot();
    one.upgrade(reveal);
  };

  const run = async (now: Action) => {
    const one = 'who' in now ? consoles[now.who % consoles.length] : undefined;
    switch (now.do) {
      case 'act':
        if (one) tally[act(one, now, hub, (said += 1)) ? 'acts' : 'refusedOnTheSpot'] += 1;
        return;
      case 'inbound':
        if (hub.up) await inbound(hub, now.customer, now.queue, (said += 1));
        return;
      case 'deliver':
        for (let n = 0; n < now.hub; n += 1) await one?.link.deliverToHub();
        for (let n = 0; n < now.console; n += 1) {
          one?.link.deliverToConsole();
          await flush(consoles);
        }
        for (let n = 0; n < now.lines; n += 1) {
          if (!one?.link.deliverLines(1)) return;
          await flush(consoles);
        }
        return;
      case 'settle':
        if (one) await settle(one, 60);
        return;
      case 'burst':
        await Promise.all(consoles.map((each) => each.link.deliverToHub()));
        return;
      case 'time':
        world.now += now.ms;
        for (const each of consoles) each.tick();
        return;
      case 'cut':
        tally.faults += 1;
        return one?.link.cut(now.late);
      case 'ghost':
        for (let n = 0; n < now.count; n += 1) await one?.link.deliverGhost();
        return;
      case 'line':
        if (!one) return;
        one.link.up = now.up;
        if (!now.up) one.link.cut(false);
        return;
      case 'trouble':
        tally.faults += 1;
        return one?.link[now.how](now.to);
      case 'power':
        return one?.arm(now.commits, now.after);
      case 'kill':
        tally.faults += 1;
        return one?.kill(now.late);
      case 'boot':
        return one?.boot();
      case 'hub':
        if (now.dies) {
          hub.kill();
          for (const each of consoles) each.link.hubGone();
        } else if (!hub.up) {
          await hub.start();
          await grantsKnown();
        }
        return;
      case 'disk':
        return hub.failCommits(now.fails);
      case 'clock':
        return one?.jump(now.ms);
      case 'grant': {
        const person = hub.staff.people[now.person];
        const queueId = hub.staff.queues[now.queue];
        if (!hub.up || !lead || !person || !queueId) return;
        for (const each of consoles) each.link.scopes = null;
        await hub.hub.committer
          .push({ id: staffing.id, userId: lead.id }, [
            {
              id: (staffing.next += 1),
              key: uuid(),
              name: 'queue.serve',
              args: { queueId, userId: person.id, serves: now.serves },
              authoredAt: Date.now(),
              baseSeq: 0,
            },
          ])
          .catch(() => undefined);
        await hub.regranted();
        return grantsKnown();
      }
      case 'compact':
        // With a disk that has given up it does nothing.
        if (hub.up) await hub.compact(now.keep > 20 ? 1e12 : now.keep * 500).catch(() => undefined);
        return;
      case 'backup':
        if (!now.restore) return hub.backUp();
        if (!hub.backedUp) return;
        hub.kill();
        for (const each of consoles) each.link.hubGone();
        for (const key of await hub.restore()) undone.add(key);
        await hub.start();
        return grantsKnown();
      case 'version':
        if (!one?.on || one.dead) return;
        if (old.has(one)) upgrade(one);
        else {
          old.add(one);
          one.link.disguise = disguise;
        }
    }
  };

  try {
    await grantsKnown();
    for (let ticket = 0; ticket < scenario.tickets; ticket += 1) await inbound(hub, ticket, ticket % 2, (said += 1));
    if (scenario.tickets > 0) for (const one of consoles) await settle(one);
    for (const now of scenario.actions) {
      await run(now);
      await flush(consoles);
      for (const one of consoles) {
        if (one.dead && one.on) one.kill(false);
        const hidden = one.on ? unseen(one) : [];
        if (hidden.length > 0) return hidden;
      }
    }

    // Peace: everything works from now on.
    await hub.failCommits(false);
    if (!hub.up) await hub.start();
    for (const one of consoles) {
      one.arm(1_000_000, true);
      one.link.up = true;
      while (await one.link.deliverGhost());
      if (old.has(one)) upgrade(one);
      one.boot();
    }
    await grantsKnown();
    const calm = () => consoles.every((one) => one.sync.connection === 'online' && one.link.quiet && one.idle);
    for (let round = 0; round < rounds && !(round > 3 && calm()); round += 1) {
      world.now += 9000;
      for (const one of consoles) {
        one.tick();
        await settle(one);
      }
    }
    const wrong = calm() ? [] : [`no peace: ${consoles.map((one) => `${one.sync.connection} ${one.link.quiet} ${one.idle}`).join(', ')}`];
    // Each console's idea of the hub's time.
    for (const [index, one] of consoles.entries()) {
      const off = (one.clock?.now() ?? 0) - world.now;
      if (Math.abs(off) > 2000) wrong.push(`console ${index}: its idea of the hub's time is ${off} ms off`);
      if (!one.clock?.confirmed) wrong.push(`console ${index}: its clock is not confirmed`);
    }
    return [...wrong, ...(await faults(hub, consoles, undone))];
  } catch (error) {
    if (error instanceof Broken) return [error.message];
    throw error;
  } finally {
    for (const one of consoles) one.dispose();
    hub.kill();
    await hub.clear();
  }
}

/** A customer writes; the hub takes it in, or its disk does not. */
async function inbound(hub: SimHub, customer: number, queue: number, said: number): Promise<void> {
  await hub.hub.committer
    .system({
      name: 'message.receive',
      args: {
        messageId: uuid(),
        ticketId: uuid(),
        channelId: `kenh-${queue}`,
        body: `Câu hỏi thứ ${said}`,
        subject: `Việc ${said}`,
        customer: { id: uuid(), name: `Khách ${customer}` },
        identity: { id: uuid(), kind: 'visitor', value: `khach-${customer}`, verified: customer % 2 === 0 },
        authoredAt: Date.now(),
      },
    })
    .catch(() => undefined);
}

interface Seen {
  id: string;
  status: string;
  queueId: string;
  assigneeId: string | null;
  customerId: string;
  lastInboundId: string | null;
  lastReplyId: string | null;
  leaseBy: string | null;
}

/** One thing that an agent does to a ticket on their screen. False when the console would not have it. */
function act(one: SimConsole, now: Extract<Action, { do: 'act' }>, hub: SimHub, said: number): boolean {
  if (!one.on || one.dead) return false;
  const tickets = one.db.prepare('select * from ticket order by subject').all() as Seen[];
  const { a, b } = now;
  const people = hub.staff.people;
  const ticket = tickets[a % Math.max(1, tickets.length)];
  const does = (name: MutationName, args: object) => one.act(name, args) !== null;
  if (now.kind === 10 || !ticket) {
    return does('ticket.create', {
      ticketId: uuid(),
      queueId: hub.staff.queues[b % 2],
      channel: 'phone',
      subject: `Cuộc gọi ${said}`,
      priority: 'normal',
      tags: [],
      provisionalRef: `T${said}`,
      customer:
        ticket && b > 4
          ? { id: ticket.customerId }
          : { id: uuid(), name: `Người gọi ${b}`, identity: { id: uuid(), kind: 'phone', value: `+8491234567${b}` } },
      messageId: uuid(),
      body: `Ghi chú cuộc gọi ${said}`,
      call: b % 2 ? { direction: 'inbound', phone: '+84912345678', durationSec: 30, outcome: 'answered', at: Date.now() } : null,
      assignToMe: b % 3 === 0,
    });
  }
  const ticketId = ticket.id;
  const tag = ['gấp', 'đổi trả', 'vip'][b % 3];
  switch (now.kind) {
    case 0:
    case 13:
      return does('message.note', { messageId: uuid(), ticketId, body: `Ghi chú ${said}` });
    case 1:
      return does('ticket.tag', { ticketId, add: [tag], remove: [] });
    case 2:
      return does('ticket.tag', { ticketId, add: [], remove: [tag] });
    case 3:
      return does('ticket.assign', { ticketId, from: ticket.assigneeId, to: one.userId });
    case 4:
      return does('ticket.assign', { ticketId, from: ticket.assigneeId, to: people[b % people.length]?.id ?? null });
    case 5:
      return does('ticket.assign', { ticketId, from: ticket.assigneeId, to: null });
    case 6:
      return does('ticket.close', { ticketId, seenInboundId: ticket.lastInboundId, disposition: null });
    case 7:
      return does('ticket.reopen', { ticketId });
    case 8: {
      const seen = { inboundId: ticket.lastInboundId, replyId: ticket.lastReplyId, assigneeId: ticket.assigneeId };
      return does('message.reply', { messageId: uuid(), ticketId, body: `Trả lời ${said}`, seen, live: b % 2 === 0 });
    }
    case 9:
      return does('ticket.move', { ticketId, queueId: hub.staff.queues[b % 2] });
    case 11:
      return does('ticket.edit', { ticketId, subject: `Việc đổi tên ${said}`, priority: b % 2 ? 'high' : 'low' });
    default:
      return ticket.leaseBy === one.userId
        ? does('ticket.release', { ticketId })
        : does('ticket.lease', { ticketId, until: world.now + 3_600_000 * (b + 1) });
  }
}
