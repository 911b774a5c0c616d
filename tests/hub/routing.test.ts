/** Work given out by the real hub: offers that ring, are taken, declined, missed; people who go; queues that overflow; two hubs at once. */
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { act } from '../harness/acts.ts';
import { until } from '../harness/engine.ts';
import { Floor, routing } from '../harness/floor.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { ticketOf, Visitor } from '../harness/visitor.ts';

let hub: TestHub;
let floor: Floor;
beforeEach(async () => {
  hub = await startTestHub({ TRUC_ROUTING_SWEEP: '0.2', TRUC_PRESENCE_STEPS: '1,2,4' });
  floor = await Floor.open(hub);
});
afterEach(async () => {
  floor.close();
  await hub.stop();
});

const offered = async (ticketId: string, userId?: string) => {
  let found: Awaited<ReturnType<Floor['offers']>>[number] | undefined;
  await until(async () => {
    found = (await floor.offers(ticketId)).find((one) => one.state === 'ringing' && (userId === undefined || one.user_id === userId));
    return found !== undefined;
  });
  return found!;
};

test('an offer rings for one, is declined and goes on to the next, who takes it', async () => {
  await floor.route('sales', routing());
  const [lan, minh] = [await floor.comes('lan'), await floor.comes('minh')];
  const ticketId = await floor.chat();
  const first = await offered(ticketId);
  const [one, other] = first.user_id === lan.me.userId ? [lan.me, minh.me] : [minh.me, lan.me];
  expect(await floor.ticket(ticketId)).toMatchObject({ offered_to: one.userId, assignee_id: null });
  // Only whoever it rings for may answer.
  expect(await act(hub.url, other, 'offer.answer', { offerId: first.id, accept: true })).toMatchObject({ code: 'NOT_FOUND' });
  expect(await act(hub.url, one, 'offer.answer', { offerId: first.id, accept: false })).toBeNull();
  const second = await offered(ticketId, other.userId);
  expect(await act(hub.url, other, 'offer.answer', { offerId: second.id, accept: true })).toBeNull();
  expect(await floor.ticket(ticketId)).toMatchObject({ assignee_id: other.userId, offered_to: null, status: 'open' });
  // Again it changes nothing; too late it is told what has become of it.
  expect(await act(hub.url, other, 'offer.answer', { offerId: second.id, accept: true })).toBeNull();
  expect(await act(hub.url, one, 'offer.answer', { offerId: first.id, accept: true })).toMatchObject({ code: 'ALREADY_ASSIGNED' });
  // To their own consoles alone they are told.
  const told = (userId: string) =>
    hub.query(`select 1 from change_log where entity = 'offer' and scope <> 'user:' || $1 and row->>'userId' = $1`, [userId]);
  expect([...(await told(one.userId)), ...(await told(other.userId))]).toEqual([]);
});

test('nobody answers: it goes back to its place, they get nothing more until they say that they are there', async () => {
  await floor.route('sales', routing({ offerMs: { call: 20_000, chat: 1000, social: 1000, email: null } }));
  const lan = await floor.comes('lan');
  const ticketId = await floor.chat();
  const { enqueued_at: place } = await floor.ticket(ticketId);
  await offered(ticketId, lan.me.userId);
  await until(async () => (await floor.offers(ticketId))[0]!.state === 'missed');
  expect(await floor.presence(lan.me)).toMatchObject([{ state: 'notResponding', missed: 1 }]);
  expect(await floor.ticket(ticketId)).toMatchObject({ offered_to: null, assignee_id: null, enqueued_at: place });
  const minh = await floor.comes('minh');
  await offered(ticketId, minh.me.userId);
  await floor.is(minh.me, 'break');
  await until(async () => (await floor.offers(ticketId)).every(({ state }) => state === 'missed'));
  // Back again, they get it in its place: nobody else is there, and it is not forgotten.
  expect(await floor.is(lan.me, 'available')).toBeNull();
  const again = await offered(ticketId, lan.me.userId);
  expect((await floor.offers(ticketId)).filter(({ user_id: userId }) => userId === lan.me.userId)).toHaveLength(2);
  expect(await act(hub.url, lan.me, 'offer.answer', { offerId: again.id, accept: true })).toBeNull();
});

test('nobody gets more than they can have, offers included; what is too much waits in order', async () => {
  await floor.route('sales', routing());
  const lan = await floor.comes('lan');
  const tickets: string[] = [];
  for (let n = 0; n < 6; n += 1) tickets.push(await floor.chat());
  await until(async () => (await hub.query(`select 1 from offer where state = 'ringing'`)).length === 4);
  expect(
    (await hub.query(`select ticket_id from offer where user_id = $1`, [lan.me.userId])).map((row) => row['ticket_id']).sort(),
  ).toEqual(tickets.slice(0, 4).sort());
  const [first] = await floor.offers(tickets[0]!);
  await act(hub.url, lan.me, 'offer.answer', { offerId: first!.id, accept: true });
  expect(await hub.query(`select 1 from offer where ticket_id = $1`, [tickets[4]])).toEqual([]);
  const closed = await lan.push('ticket.close', {
    ticketId: tickets[0],
    seenInboundId: (await floor.ticket(tickets[0]!))['last_inbound_id'],
    disposition: null,
  });
  expect(closed).toMatchObject({ ok: true });
  await offered(tickets[4]!, lan.me.userId);
  expect(await floor.offers(tickets[5]!)).toEqual([]);
});

test('work without an offer is assigned; "next" gives the head of the queue, to one of two who ask at once', async () => {
  const none = { call: null, chat: null, social: null, email: null };
  await floor.route('sales', routing({ offerMs: none }));
  const lan = await floor.comes('lan');
  const given = await floor.chat();
  await until(async () => (await floor.ticket(given))['assignee_id'] === lan.me.userId);
  await floor.is(lan.me, 'break');
  const waiting = [await floor.chat(), await floor.chat()];
  const ask = async (token: string) => {
    const answer = await fetch(`${hub.url}/api/v1/next`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    return ((await answer.json()) as { ticketId: string | null }).ticketId;
  };
  expect(await ask(lan.me.token)).toBeNull();
  // Given by hand: the router must not be quicker.
  await floor.route('sales', routing({ offerMs: { ...none, chat: 30_000 } }));
  const minh = await floor.comes('minh');
  await until(async () => (await hub.query(`select 1 from offer where state = 'ringing'`)).length === 2);
  for (const ticketId of waiting) await act(hub.url, minh.me, 'offer.answer', { offerId: (await offered(ticketId)).id, accept: false });
  await floor.is(lan.me, 'available');
  await until(async () => (await hub.query(`select 1 from offer where state = 'ringing' and user_id = $1`, [lan.me.userId])).length === 2);
  expect(await act(hub.url, lan.me, 'ticket.take', { ticketId: waiting[0]! })).toBeNull();
  expect(await floor.ticket(waiting[0]!)).toMatchObject({ assignee_id: lan.me.userId, offered_to: null });
  expect((await floor.offers(waiting[0]!)).at(-1)).toMatchObject({ state: 'withdrawn' });
  expect(await act(hub.url, minh.me, 'ticket.take', { ticketId: waiting[1]! })).toMatchObject({ code: 'ALREADY_ASSIGNED' });
});

test('a workstation that dies: after a while nothing more comes, then its chats go back with their place, what is held offline stays', async () => {
  await floor.route('sales', routing({ offerMs: { call: null, chat: null, social: null, email: null } }));
  const lan = await floor.comes('lan');
  const chat = await floor.chat();
  await until(async () => (await floor.ticket(chat))['assignee_id'] === lan.me.userId);
  const { enqueued_at: place } = await floor.ticket(chat);
  const mails = [await floor.chat(), await floor.chat()];
  for (const id of mails) {
    await until(async () => (await floor.ticket(id))['assignee_id'] === lan.me.userId);
    await hub.query(`update ticket set channel = 'email' where id = $1`, [id]);
  }
  expect(await lan.push('ticket.lease', { ticketId: mails[0], until: Date.now() + 3_600_000 })).toMatchObject({ ok: true });
  lan.close();
  await until(async () => (await floor.presence(lan.me))[0]!.state === 'disconnected');
  expect((await floor.ticket(chat))['assignee_id']).toBe(lan.me.userId);
  await until(async () => (await floor.ticket(chat))['assignee_id'] === null);
  expect(await floor.ticket(chat)).toMatchObject({ enqueued_at: place });
  await until(async () => (await floor.ticket(mails[1]!))['assignee_id'] === null);
  expect((await floor.ticket(mails[0]!))['assignee_id']).toBe(lan.me.userId);
  const history = await hub.query<{ state: string; until: number | null }>(
    'select state, until from presence_interval where user_id = $1 order by since',
    [lan.me.userId],
  );
  expect(history.map(({ state }) => state)).toEqual(['available', 'disconnected']);
  expect(history.map((one) => one.until === null)).toEqual([false, true]);
});

test('a line that breaks for a moment changes nothing', async () => {
  const lan = await floor.comes('lan');
  lan.close();
  const again = await floor.comes('lan');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await floor.presence(again.me)).toMatchObject([{ state: 'available' }]);
});

test('a skill that is a must is never relaxed; others are, ring by ring', async () => {
  const [refund, english] = [uuid(), uuid()];
  for (const [skillId, name] of [
    [refund, 'Được hoàn tiền'],
    [english, 'Tiếng Anh'],
  ] as const)
    expect(await act(hub.url, floor.admin, 'skill.save', { skillId, name })).toBeNull();
  const needs = [
    { skillId: refund, level: 2, must: true },
    { skillId: english, level: 3, must: false },
  ];
  await floor.route('sales', routing({ needs, ringsMs: [300, 600, 900] }));
  const [lan, minh] = [await floor.comes('lan'), await floor.comes('minh')];
  const ticketId = await floor.chat();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await floor.offers(ticketId)).toEqual([]);
  expect(await act(hub.url, floor.admin, 'userSkill.set', { userId: minh.me.userId, skillId: refund, level: 2 })).toBeNull();
  await offered(ticketId, minh.me.userId);
  expect((await floor.offers(ticketId)).some(({ user_id: userId }) => userId === lan.me.userId)).toBe(false);
});

test('what has waited too long goes to another queue, and keeps its place', async () => {
  const to = { kind: 'queue' as const, queueId: floor.queues.warranty };
  await floor.route('sales', routing({ overflow: { afterMs: 500, longerThan: null, whenNobody: false, whenClosed: false, to } }));
  await floor.route('warranty', routing());
  const ticketId = await floor.chat();
  const { enqueued_at: place } = await floor.ticket(ticketId);
  await until(async () => (await floor.ticket(ticketId))['queue_id'] === floor.queues.warranty);
  expect(await floor.ticket(ticketId)).toMatchObject({ enqueued_at: place });
});

test('who waits in vain is asked once whether they would rather be called, and keeps their place', async () => {
  const overflow = { afterMs: 300, longerThan: null, whenNobody: false, whenClosed: false, to: { kind: 'callback' as const } };
  await floor.route('sales', routing({ overflow }));
  const visitor = await new Visitor(hub.url).open();
  await visitor.say(`Cho em hỏi ${uuid()}`);
  const { id: ticketId } = await ticketOf(hub, visitor);
  const { enqueued_at: place } = await floor.ticket(ticketId);
  const asked = async () => (await visitor.messages()).filter(({ body }) => body.includes('được gọi lại'));
  await until(async () => (await asked()).length === 1);
  // It is no answer: the clock runs on, and whoever comes is given it in its place.
  expect(await floor.ticket(ticketId)).toMatchObject({ status: 'new', assignee_id: null, enqueued_at: place, sla_state: 'running' });
  await visitor.say('Dạ gọi em số 0912 345 678 sau 5 giờ');
  const lan = await floor.comes('lan');
  await act(hub.url, lan.me, 'offer.answer', { offerId: (await offered(ticketId, lan.me.userId)).id, accept: true });
  expect(await asked()).toHaveLength(1);
});

test('a transfer says why, keeps the place, and whoever gets it is told; wrap-up follows the end', async () => {
  await floor.route('sales', routing({ wrapUpMs: { call: 0, chat: 800, social: 0, email: 0 } }));
  const [lan, minh] = [await floor.comes('lan'), await floor.comes('minh')];
  const ticketId = await floor.chat();
  const offer = await offered(ticketId);
  const [one, other] = offer.user_id === lan.me.userId ? [lan, minh] : [minh, lan];
  await act(hub.url, one.me, 'offer.answer', { offerId: offer.id, accept: true });
  const { enqueued_at: place } = await floor.ticket(ticketId);
  const args = {
    ticketId,
    messageId: uuid(),
    to: { userId: other.me.userId },
    reason: 'Cần người rành trả góp',
    summary: 'Khách đã gửi CCCD',
  };
  expect(await one.push('ticket.transfer', args)).toMatchObject({ ok: true });
  expect(await floor.ticket(ticketId)).toMatchObject({ assignee_id: other.me.userId, enqueued_at: place, status: 'open' });
  expect(await hub.query('select user_id, kind from notice where ticket_id = $1', [ticketId])).toMatchObject([
    { user_id: other.me.userId, kind: 'transfer' },
  ]);
  const { last_inbound_id: seenInboundId } = await floor.ticket(ticketId);
  await other.push('ticket.close', { ticketId, seenInboundId, disposition: null });
  expect(await floor.presence(other.me)).toMatchObject([{ state: 'wrapUp' }]);
  await until(async () => (await floor.presence(other.me))[0]!.state === 'available');
});

test('a ticket that rings and is moved to another queue rings no more, and waits there', async () => {
  await floor.route('sales', routing());
  await floor.route('warranty', routing());
  const lan = await floor.comes('lan');
  const ticketId = await floor.chat();
  const offer = await offered(ticketId, lan.me.userId);
  const thu = await floor.comes('thu');
  expect(await thu.push('ticket.move', { ticketId, queueId: floor.queues.warranty })).toMatchObject({ ok: true });
  expect((await floor.offers(ticketId)).find(({ id }) => id === offer.id)).toMatchObject({ state: 'withdrawn' });
  // It is given out there.
  await until(async () => (await floor.offers(ticketId)).some(({ id, state }) => id !== offer.id && state === 'ringing'));
});

test('what overflows into a queue that is worked by hand waits there for a hand', async () => {
  const overflow = {
    afterMs: 300,
    longerThan: null,
    whenNobody: false,
    whenClosed: false,
    to: { kind: 'queue' as const, queueId: floor.queues.warranty },
  };
  await floor.route('warranty', null);
  await floor.route('sales', routing({ overflow }));
  const ticketId = await floor.chat();
  await until(async () => (await floor.ticket(ticketId))['queue_id'] === floor.queues.warranty);
  expect(await floor.ticket(ticketId)).toMatchObject({ assignee_id: null, offered_to: null, status: 'new' });
});

test('where the queue says so, nobody takes what they like: not by assigning, not by answering; the next is theirs', async () => {
  await floor.route('sales', routing({ cherryPick: false }));
  const lan = await floor.comes('lan');
  await floor.is(lan.me, 'break');
  const [first, second] = [await floor.chat(), await floor.chat()];
  const pick = { ticketId: second, from: null, to: lan.me.userId };
  expect(await lan.push('ticket.assign', pick)).toMatchObject({ ok: false, rejection: { code: 'NO_PICKING', field: 'ticketId' } });
  const { last_inbound_id: inboundId } = await floor.ticket(second);
  const reply = {
    messageId: uuid(),
    ticketId: second,
    body: 'Dạ em đây',
    seen: { inboundId, replyId: null, assigneeId: null },
    live: true,
  };
  expect(await lan.push('message.reply', { ...reply, attachments: [] })).toMatchObject({ ok: false, rejection: { code: 'NO_PICKING' } });
  // Nor by asking for it by name, by handing it to themselves, or by holding it for offline work.
  expect(await act(hub.url, lan.me, 'ticket.take', { ticketId: second })).toMatchObject({ code: 'NO_PICKING' });
  const toMe = { ticketId: second, messageId: uuid(), to: { userId: lan.me.userId }, reason: 'Của em', summary: '' };
  expect(await lan.push('ticket.transfer', toMe)).toMatchObject({ ok: false, rejection: { code: 'NO_PICKING' } });
  expect(await floor.ticket(second)).toMatchObject({ assignee_id: null });
  await floor.is(lan.me, 'available');
  // What rings for them is theirs to take; what they hold they may answer.
  await act(hub.url, lan.me, 'offer.answer', { offerId: (await offered(first, lan.me.userId)).id, accept: true });
  await act(hub.url, lan.me, 'offer.answer', { offerId: (await offered(second, lan.me.userId)).id, accept: true });
  const seen = { inboundId, replyId: null, assigneeId: lan.me.userId };
  expect(await lan.push('message.reply', { ...reply, messageId: uuid(), seen, attachments: [] })).toMatchObject({ ok: true });
  // A lead decides who has what.
  const thu = await floor.comes('thu');
  const third = await floor.chat();
  expect(await thu.push('ticket.assign', { ticketId: third, from: null, to: lan.me.userId })).toMatchObject({ ok: true });
});

test('a colleague is asked for advice: they are told, it is a note, and the ticket stays where it is', async () => {
  const [lan, minh] = [await floor.comes('lan'), await floor.comes('minh')];
  const ticketId = await floor.chat();
  await lan.push('ticket.assign', { ticketId, from: null, to: lan.me.userId });
  const args = { ticketId, messageId: uuid(), userId: minh.me.userId, text: 'Máy này còn bảo hành không?' };
  expect(await lan.push('ticket.consult', args)).toMatchObject({ ok: true });
  expect(await floor.ticket(ticketId)).toMatchObject({ assignee_id: lan.me.userId });
  expect(await hub.query('select user_id, kind, text from notice where ticket_id = $1', [ticketId])).toEqual([
    { user_id: minh.me.userId, kind: 'consult', text: args.text },
  ]);
  const [note] = await hub.query<{ kind: string; body: string }>('select kind, body from message where id = $1', [args.messageId]);
  expect(note).toEqual({ kind: 'note', body: `@Trần Quang Minh ${args.text}` });
  // Once more it tells nobody again; somebody who does not serve the queue is not asked, and nobody asks themself.
  expect(await lan.push('ticket.consult', args)).toMatchObject({ ok: true });
  expect(await hub.query('select 1 from notice where ticket_id = $1', [ticketId])).toHaveLength(1);
  const hoa = (await hub.query<{ id: string }>(`select id from app_user where email = 'hoa@demo.truc.test'`))[0]!.id;
  for (const userId of [hoa, lan.me.userId])
    expect(await lan.push('ticket.consult', { ...args, messageId: uuid(), userId })).toMatchObject({
      ok: false,
      rejection: { code: 'INVALID_ASSIGNEE', field: 'userId' },
    });
});

test('a lead takes over, coaches, forces a state: it is done, told, and on record', async () => {
  await floor.route('sales', routing());
  const [lan, thu] = [await floor.comes('lan'), await floor.comes('thu')];
  await floor.is(thu.me, 'break');
  const ticketId = await floor.chat();
  await act(hub.url, lan.me, 'offer.answer', { offerId: (await offered(ticketId, lan.me.userId)).id, accept: true });
  expect(await act(hub.url, lan.me, 'ticket.takeOver', { ticketId })).toMatchObject({ code: 'NOT_FOUND' });
  expect(await act(hub.url, thu.me, 'ticket.coach', { ticketId, userId: lan.me.userId, text: 'Nhắc khách gửi hóa đơn' })).toBeNull();
  expect(await act(hub.url, thu.me, 'ticket.takeOver', { ticketId })).toBeNull();
  expect(await act(hub.url, thu.me, 'presence.set', { userId: lan.me.userId, state: 'meeting', reason: 'Họp nhanh' })).toBeNull();
  expect(await floor.ticket(ticketId)).toMatchObject({ assignee_id: thu.me.userId });
  const told = await hub.query<{ kind: string; text: string }>('select kind, text from notice where user_id = $1 order by at', [
    lan.me.userId,
  ]);
  expect(told).toMatchObject([
    { kind: 'coach', text: 'Nhắc khách gửi hóa đơn' },
    { kind: 'takenOver' },
    { kind: 'stateForced', text: 'meeting' },
  ]);
  const acts = await hub.query<{ act: string; actor_id: string }>('select act, actor_id from audit where actor_id = $1 order by at', [
    thu.me.userId,
  ]);
  expect(acts.map((row) => row.act)).toEqual(['ticket.coach', 'ticket.takeOver', 'presence.set']);
});
