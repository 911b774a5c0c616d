/** Workstations whose clocks are wrong, or are set while they work: countdowns, order and times are the hub's all the same. */
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { roundTheClock } from '../../src/shared/calendar.ts';
import { slaAt } from '../../src/shared/sla.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { type Line, lineTo } from '../harness/line.ts';
import { Visitor } from '../harness/visitor.ts';

const hour = 3_600_000;
let hub: TestHub;
const consoles: TestConsole[] = [];
const lines: Line[] = [];
beforeAll(async () => {
  hub = await startTestHub();
});
afterEach(async () => {
  for (const one of consoles.splice(0)) one.dispose();
  for (const line of lines.splice(0)) await line.close();
});
afterAll(() => hub.stop());

async function workstation(key: string, clockOff: number): Promise<TestConsole & { line: Line }> {
  const line = await lineTo(hub.url);
  lines.push(line);
  const one = new TestConsole(line.url);
  one.clockOff = clockOff;
  consoles.push(one);
  await (await one.start()).signIn(key);
  return Object.assign(one, { line });
}

async function freshTicket(one: TestConsole, text: string): Promise<string> {
  const customer = await new Visitor(hub.url).open();
  await customer.say(text);
  let id = '';
  await until(async () => {
    id = (await one.inbox()).find(({ lastMessagePreview }) => lastMessagePreview === text)?.id ?? '';
    return id !== '';
  });
  return id;
}

/** The time as a window shows it: its own clock, put right by what the engine says. */
async function shown(one: TestConsole): Promise<number> {
  return Date.now() + one.clockOff + (await one.query('status', null)).clockOffset;
}

/** Milliseconds that the countdown of a fresh chat shows. */
async function left(one: TestConsole, ticketId: string): Promise<number> {
  const ticket = (await one.query('ticket.get', { ticketId }))!;
  expect(slaAt(ticket, await shown(one), roundTheClock).step).not.toBe('overdue');
  return ticket.slaDueAt! - (await shown(one));
}

const rightlyLeft = async (ticketId: string): Promise<number> => {
  const [row] = await hub.query<{ sla_due_at: string }>('select sla_due_at from ticket where id = $1', [ticketId]);
  return Number(row!.sla_due_at) - Date.now();
};

test('an hour fast and an hour slow: both show the same countdown, and it is the right one', async () => {
  const [fast, slow] = [await workstation('lan', hour), await workstation('minh', -hour)];
  const ticketId = await freshTicket(fast, 'Đồng hồ sai');
  await until(async () => (await slow.query('ticket.get', { ticketId })) !== null);
  for (const one of [fast, slow]) {
    expect((await one.query('status', null)).clockConfirmed).toBe(true);
    expect(Math.abs((await left(one, ticketId)) - (await rightlyLeft(ticketId)))).toBeLessThan(1000);
  }
});

test('what is written on them stands in the order in which it was written, with the right times', async () => {
  const [fast, slow] = [await workstation('lan', hour), await workstation('minh', -hour)];
  const ticketId = await freshTicket(fast, 'Thứ tự');
  await until(async () => (await slow.query('ticket.get', { ticketId })) !== null);
  for (const [one, body] of [
    [fast, 'một'],
    [slow, 'hai'],
    [fast, 'ba'],
  ] as const) {
    await one.mutate('message.note', { messageId: uuid(), ticketId, body });
    await one.drained();
    await until(async () => (await fast.timeline(ticketId)).some((message) => message.body === body && message.acceptedAt !== null));
    await until(async () => (await slow.timeline(ticketId)).some((message) => message.body === body));
  }
  for (const one of [fast, slow]) {
    const notes = (await one.timeline(ticketId)).filter(({ kind }) => kind === 'note');
    expect(notes.map(({ body }) => body)).toEqual(['một', 'hai', 'ba']);
    for (const note of notes) expect(Math.abs(note.authoredAt - note.acceptedAt!)).toBeLessThan(5000);
  }
});

test.each([
  ['forward', 2 * hour],
  ['back', -2 * hour],
])('set %s in mid-flight, with a line: right again at once, and confirmed', async (_how, by) => {
  const one = await workstation('lan', 0);
  const ticketId = await freshTicket(one, `Chỉnh đồng hồ ${by}`);
  one.clockOff = by;
  await until(async () => Math.abs((await shown(one)) - Date.now()) < 1000);
  await until(async () => (await one.query('status', null)).clockConfirmed);
  expect(Math.abs((await left(one, ticketId)) - (await rightlyLeft(ticketId)))).toBeLessThan(1000);
  await one.mutate('message.note', { messageId: uuid(), ticketId, body: `sau khi chỉnh ${by}` });
  await one.drained();
  const [row] = await hub.query<{ off: string }>(`select abs(authored_at - accepted_at) as off from message where body = $1`, [
    `sau khi chỉnh ${by}`,
  ]);
  expect(Number(row!.off)).toBeLessThan(5000);
});

test('set back without a line: the countdown goes on as before, is marked as unconfirmed, and right when the line is back', async () => {
  const one = await workstation('lan', 0);
  const ticketId = await freshTicket(one, 'Chỉnh khi mất mạng');
  one.line.cut();
  await one.offline();
  one.clockOff = -hour;
  await until(async () => Math.abs((await shown(one)) - Date.now()) < 1000);
  expect((await one.query('status', null)).clockConfirmed).toBe(false);
  await one.mutate('message.note', { messageId: uuid(), ticketId, body: 'lúc mất mạng' });
  await one.line.mend();
  await one.execute('sync.now', null);
  await one.online();
  await one.drained();
  await until(async () => (await one.query('status', null)).clockConfirmed);
  expect(Math.abs((await left(one, ticketId)) - (await rightlyLeft(ticketId)))).toBeLessThan(1000);
  const [row] = await hub.query<{ authored_at: string }>(`select authored_at from message where body = 'lúc mất mạng'`);
  expect(Math.abs(Number(row!.authored_at) - Date.now())).toBeLessThan(30_000);
});

test('a text begun before the clock was set back still counts as written without a line', async () => {
  const one = await workstation('lan', 0);
  const customer = await new Visitor(hub.url).open();
  await customer.say('Chờ trả lời');
  let ticketId = '';
  await until(async () => {
    ticketId = (await one.inbox()).find(({ lastMessagePreview }) => lastMessagePreview === 'Chờ trả lời')?.id ?? '';
    return ticketId !== '';
  });
  const ticket = (await one.query('ticket.get', { ticketId }))!;
  const seen = { inboundId: ticket.lastInboundId, replyId: null, assigneeId: null };
  one.line.cut();
  await one.offline();
  const startedAt = Date.now() + one.clockOff;
  await one.execute('draft.save', { ticketId, mode: 'reply', body: 'Dạ', seen, startedAt });
  await customer.say('Thôi khỏi ạ');
  one.clockOff = -hour;
  await until(async () => Math.abs((await shown(one)) - Date.now()) < 1000);
  await one.line.mend();
  await one.execute('sync.now', null);
  await one.online();
  await until(async () => (await one.query('ticket.get', { ticketId }))!.lastMessagePreview === 'Thôi khỏi ạ');
  // On the spot: the customer has written since, and the text was begun without a line.
  await expect(
    one.execute('reply.send', { ticketId, messageId: uuid(), body: 'Dạ', seen, startedAt: Date.now() + one.clockOff }),
  ).rejects.toMatchObject({ code: 'REJECTED', rejection: { code: 'STALE_REPLY' } });
});
