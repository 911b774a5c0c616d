/** SLA clocks where they are kept: the real hub declares breaches, takes the steps after them, and counts anew after an edit. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CalendarHours } from '../../src/shared/calendar.ts';
import type { Ticket } from '../../src/shared/domain.ts';
import type { MutationArgs } from '../../src/shared/mutations/registry.ts';
import type { EscalationStep } from '../../src/shared/service-rows.ts';
import { recompute } from '../../server/src/sla/recompute.ts';
import { openDatabase } from '../../server/src/db/database.ts';
import { act } from '../harness/acts.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { ticketOf, Visitor } from '../harness/visitor.ts';
import { type SignedIn, signIn } from '../harness/wire.ts';

let hub: TestHub;
let quan: SignedIn;
let thu: SignedIn;
const lan = { console: null as TestConsole | null };
beforeAll(async () => {
  hub = await startTestHub();
  quan = await signIn(hub.url, 'quan');
  thu = await signIn(hub.url, 'thu');
  lan.console = await new TestConsole(hub.url).start();
  await lan.console.signIn('lan');
});
afterAll(async () => {
  await lan.console?.stop();
  await hub.stop();
});

const tag = 'cam kết riêng';
const policyId = uuid();
const day = [{ from: 0, to: 1440 }];
const always: CalendarHours = { zone: 'Asia/Ho_Chi_Minh', week: [day, day, day, day, day, day, day], days: [] };

/** A policy for tickets with the tag alone. */
async function promise(frt: number, more: Partial<MutationArgs<'slaPolicy.save'>> = {}): Promise<void> {
  const targets = { frt, nrt: frt, rt: null, assign: null };
  const args = {
    policyId,
    name: 'Riêng',
    position: -1,
    active: true,
    calendarId: null,
    match: { channels: [], queueIds: [], priorities: [], segments: [], tags: [tag] },
    targets: { low: targets, normal: targets, high: targets, urgent: targets },
    thirdPartyPauses: false,
    escalation: [] as EscalationStep[],
    ...more,
  };
  expect(await act(hub.url, quan, 'slaPolicy.save', args)).toBeNull();
}

/** A chat with the tag, whose clocks the policy counts from now on. */
async function chat(): Promise<string> {
  const visitor = await new Visitor(hub.url).open();
  await visitor.say(`Gấp ${uuid()}`);
  const { id } = await ticketOf(hub, visitor);
  await until(async () => (await lan.console!.query('ticket.get', { ticketId: id })) !== null);
  await lan.console!.execute('mutate', { name: 'ticket.tag', args: { ticketId: id, add: [tag], remove: [] } });
  await lan.console!.drained();
  return id;
}
const clockOf = async (ticketId: string) =>
  (
    await hub.query<Record<string, unknown> & { due_at: number; started_at: number }>('select * from sla_clock where ticket_id = $1', [
      ticketId,
    ])
  )[0]!;

test('a breach is declared by the hub, once, for the moment at which it was due; people are told, and steps follow', async () => {
  const ticketId = await chat();
  const escalation: EscalationStep[] = [
    { afterPercent: 0, tell: ['agent', 'lead'], raise: false, requeue: false },
    { afterPercent: 50, tell: ['lead'], raise: true, requeue: false },
    { afterPercent: 100, tell: ['admin'], raise: false, requeue: true },
  ];
  await lan.console!.execute('mutate', {
    name: 'ticket.assign',
    args: { ticketId, from: null, to: (await lan.console!.query('reference', null))!.me.id },
  });
  await lan.console!.drained();
  await promise(2000, { escalation });
  await until(async () => (await clockOf(ticketId))['escalated'] === 3);
  const clock = await clockOf(ticketId);
  expect(clock).toMatchObject({ state: 'breached', ended_at: null, escalate_at: null, breached_at: clock.due_at, target_ms: 2000 });
  const told = await hub.query<{ name: string; kind: string; at: number }>(
    'select u.name, n.kind, n.at from notice n join app_user u on u.id = n.user_id where n.ticket_id = $1 order by n.at, u.role',
    [ticketId],
  );
  const roles = await hub.query<{ name: string }>(`select name from app_user where role = 'lead'`);
  expect(told.filter(({ kind }) => kind === 'breach')).toHaveLength(1 + roles.length);
  expect(told.filter(({ kind }) => kind === 'escalated').length).toBeGreaterThanOrEqual(roles.length + 1);
  // The steps are as far apart as they should be, whenever they were seen.
  expect(told.at(-1)!.at).toBeGreaterThanOrEqual(clock.due_at + 2000);
  const [ticket] = await hub.query<{ priority: string; assignee_id: string | null }>('select * from ticket where id = $1', [ticketId]);
  expect(ticket).toMatchObject({ priority: 'high', assignee_id: null });
  await until(async () => (await lan.console!.query('ticket.get', { ticketId }))?.slaState === 'breached');
});

test('an edit of a calendar moves what counts by it, tells the consoles, and again changes nothing', async () => {
  const calendarId = uuid();
  expect(await act(hub.url, quan, 'calendar.save', { calendarId, name: 'Suốt ngày', ...always })).toBeNull();
  const tickets = [await chat(), await chat(), await chat()];
  await promise(36_000_000, { calendarId });
  await until(async () => (await Promise.all(tickets.map(clockOf))).every((clock) => clock['calendar_id'] === calendarId));
  const before = await Promise.all(tickets.map(clockOf));
  const running = before[0]!['running_since'] as number;
  expect(before[0]!.due_at - running).toBe(36_000_000 - (before[0]!['consumed_ms'] as number));
  // From now on only the first hour of each day.
  const hour = [{ from: 0, to: 60 }];
  const shorter = { ...always, week: [hour, hour, hour, hour, hour, hour, hour] };
  expect(await act(hub.url, thu, 'calendar.save', { calendarId, name: 'Một giờ', ...shorter })).toMatchObject({ code: 'FORBIDDEN' });
  expect(await act(hub.url, quan, 'calendar.save', { calendarId, name: 'Một giờ', ...shorter })).toBeNull();
  await until(async () => (await clockOf(tickets[2]!)).due_at !== before[2]!.due_at);
  for (const [index, ticketId] of tickets.entries()) {
    const clock = await clockOf(ticketId);
    expect(clock.due_at).toBeGreaterThan(before[index]!.due_at + 5 * 86_400_000);
    expect(clock).toMatchObject({
      state: 'running',
      running_since: before[index]!['running_since'],
      consumed_ms: before[index]!['consumed_ms'],
    });
    const shown = async () => (await lan.console!.query('ticket.get', { ticketId })) as Ticket;
    await until(async () => (await shown()).slaDueAt === clock.due_at);
    const [row] = await hub.query<{ sla_due_at: number }>('select sla_due_at from ticket where id = $1', [ticketId]);
    expect(row!.sla_due_at).toBe(clock.due_at);
  }
  const seq = async () => (await hub.query<{ seq: number; workspace_id: string }>('select seq, workspace_id from workspace_counter'))[0]!;
  const { seq: head, workspace_id: workspaceId } = await seq();
  const db = openDatabase(hub.databaseUrl, { onError: () => undefined, connections: 1 });
  const calendar = { id: calendarId, name: 'Một giờ', ...shorter, updatedAt: 0 };
  expect(await recompute(db, workspaceId, calendar, Date.now, () => undefined)).toBe(0);
  await db.destroy();
  expect((await seq()).seq).toBe(head);
});

test('a hub that was away declares what became late meanwhile, for its moment', async () => {
  const ticketId = await chat();
  await promise(3000);
  await until(async () => (await clockOf(ticketId))['target_ms'] === 3000);
  await hub.down();
  const { due_at: due } = await clockOf(ticketId);
  await until(() => Date.now() > due + 500);
  await hub.up();
  await until(async () => (await clockOf(ticketId))['state'] === 'breached');
  expect((await clockOf(ticketId))['breached_at']).toBe(due);
});
