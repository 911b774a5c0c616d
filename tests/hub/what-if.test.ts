/** A past day out of what a real hub has written down of it, played again under other rules. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyChanges, compare, noChanges, play } from '../../src/shared/what-if.ts';
import { type WhatIfDay, whatIfDay } from '../../src/shared/what-if-day.ts';
import { act } from '../harness/acts.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { Floor, routing } from '../harness/floor.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { type SignedIn, signIn } from '../harness/wire.ts';

let hub: TestHub;
let floor: Floor;
const tickets: string[] = [];
let lan: SignedIn;

const dayMs = 86_400_000;
/** Noon of a day in the shop's zone, three days ago. */
const noon = Math.floor(Date.now() / dayMs) * dayMs - 3 * dayMs + 5 * 3_600_000;
const date = new Date(noon).toISOString().slice(0, 10);

beforeAll(async () => {
  hub = await startTestHub({ TRUC_ROUTING_SWEEP: '0.2' });
  floor = await Floor.open(hub);
  await floor.route('sales', routing({ offerMs: { call: null, chat: null, social: null, email: null } }));
  const one = await floor.comes('lan');
  lan = one.me;
  const most = { call: 1, chat: 1, social: 1, email: 1 };
  await act(hub.url, floor.admin, 'user.capacity', { userId: lan.userId, capacity: { most, blocks: [] } });
  for (let n = 0; n < 4; n += 1) tickets.push(await floor.chat());
  // One at a time, as each is closed.
  for (const ticketId of tickets) {
    await until(async () => (await floor.ticket(ticketId))['assignee_id'] === lan.userId);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { last_inbound_id: seenInboundId } = await floor.ticket(ticketId);
    await one.push('ticket.close', { ticketId, seenInboundId, disposition: null });
  }
  await floor.is(lan, 'offline');
  // It was three days ago, at noon.
  const [first] = await hub.query<{ at: number }>('select min(at) as at from ticket_track where ticket_id = $1', [tickets[0]]);
  const back = Number(first!.at) - noon;
  await hub.query('update ticket_track set at = at - $1', [back]);
  await hub.query('update presence_interval set since = since - $1, until = until - $1', [back]);
  await hub.query('update offer set at = at - $1, ended_at = ended_at - $1', [back]);
  await hub.query('update sla_clock set due_at = due_at - $1 where ticket_id = any($2)', [back, tickets]);
});
afterAll(async () => {
  floor.close();
  await hub.stop();
});

const ask = (who: SignedIn, of = date) =>
  fetch(`${hub.url}/api/v1/what-if/day?date=${of}`, { headers: { authorization: `Bearer ${who.token}` } });
const told = async (who: SignedIn, of = date): Promise<WhatIfDay> => whatIfDay.parse(await (await ask(who, of)).json());

test('what came, how long it waited and was worked on, and who was there', async () => {
  const day = await told(floor.admin);
  expect(day).toMatchObject({ date, zone: 'Asia/Ho_Chi_Minh', cut: false });
  expect(day.until - day.from).toBe(dayMs);
  expect(day.arrivals.map(({ id }) => id).toSorted()).toEqual(tickets.toSorted());
  expect(day.arrivals.map(({ at }) => at)).toEqual(day.arrivals.map(({ at }) => at).toSorted((a, b) => a - b));
  for (const one of day.arrivals) {
    expect(one).toMatchObject({ queueId: floor.queues.sales, channel: 'chat', transfer: null });
    expect(one.handleMs).toBeGreaterThanOrEqual(290);
    expect(one.dueAt! - one.at).toBe(300_000);
  }
  const waits = day.arrivals.map(({ waitedMs }) => waitedMs!);
  expect(waits.at(-1)).toBeGreaterThan(waits[0]! + 600);
  const agent = day.agents.find(({ id }) => id === lan.userId)!;
  expect(agent).toMatchObject({ capacity: { most: { chat: 1 } }, breaks: [] });
  expect(agent.queues).toContain(floor.queues.sales);
  expect(agent.shifts).toHaveLength(1);
  expect(agent.shifts[0]!.from).toBeLessThanOrEqual(day.arrivals[0]!.at + 1000);
  expect(day.queues.find(({ id }) => id === floor.queues.sales)!.routing).not.toBeNull();
});

test('played again it comes near to what happened; with more hands, nobody waits', async () => {
  const day = await told(floor.admin);
  const other = applyChanges(day, { ...noChanges, most: { chat: 4 } });
  const { before, after, agreement } = compare(day, play(day), other, play(other));
  expect(before.overall).toMatchObject({ arrived: 4, answered: 4, waiting: 0, serviceLevel: 1 });
  expect(agreement).toMatchObject({ tickets: 4, realTaken: 4, replayedTaken: 4 });
  expect(Math.abs(agreement.replayedMeanMs - agreement.realMeanMs)).toBeLessThan(1000);
  expect(after.overall.meanWaitMs).toBeLessThan(before.overall.meanWaitMs);
  expect(after.queues[floor.queues.sales]!.arrived).toBe(4);
});

test('leads get what they lead, agents nothing, and another day is empty', async () => {
  const thu = await signIn(hub.url, 'thu');
  const led = await hub.query<{ id: string }>(`select q.id from queue q join team_member m on m.team_id = q.team_id where m.user_id = $1`, [
    thu.userId,
  ]);
  const day = await told(thu);
  expect(day.queues.map(({ id }) => id).toSorted()).toEqual(led.map(({ id }) => id).toSorted());
  expect((await ask(lan)).status).toBe(403);
  expect((await fetch(`${hub.url}/api/v1/what-if/day?date=${date}`)).status).toBe(401);
  for (const wrong of ['', '2026-13-01', 'hôm qua']) expect((await ask(floor.admin, wrong)).status).toBe(400);
  expect(await told(floor.admin, '2020-01-01')).toMatchObject({ arrivals: [], cut: false });
});

test('a console asks for it, and says when there is no hub', async () => {
  const console = await (await new TestConsole(hub.url).start()).signIn('quan');
  const day = await console.execute('whatIf.day', { date });
  expect(day.arrivals).toHaveLength(4);
  await hub.down();
  await console.offline();
  await expect(console.execute('whatIf.day', { date })).rejects.toEqual({ code: 'HUB_UNREACHABLE' });
  console.dispose();
  await hub.up();
});
