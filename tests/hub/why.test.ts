/** "Why was it late": told by the real hub from what it has written down, to those who may see the ticket. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type WhyAnswer, whyAnswer, type WhyClock } from '../../src/shared/why-answer.ts';
import { act } from '../harness/acts.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { Floor, routing } from '../harness/floor.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { type Line, lineTo } from '../harness/line.ts';
import { ticketOf, Visitor } from '../harness/visitor.ts';
import { type SignedIn, signIn, wire } from '../harness/wire.ts';

let hub: TestHub;
let floor: Floor;
let line: Line;
let minh: TestConsole;
beforeAll(async () => {
  // Disconnected after a second; what somebody has stays with them.
  hub = await startTestHub({ TRUC_ROUTING_SWEEP: '0.2', TRUC_PRESENCE_STEPS: '1,300,600' });
  floor = await Floor.open(hub);
  line = await lineTo(hub.url);
  minh = await new TestConsole(line.url).start();
});
afterAll(async () => {
  minh.dispose();
  floor.close();
  await line.close();
  await hub.stop();
});

const ask = async (who: SignedIn, ticketId: string): Promise<Response> =>
  fetch(`${hub.url}/api/v1/tickets/${ticketId}/why`, { headers: { authorization: `Bearer ${who.token}` } });
const told = async (who: SignedIn, ticketId: string): Promise<WhyAnswer> => whyAnswer.parse(await (await ask(who, ticketId)).json());
const kinds = ({ segments }: WhyClock) => segments.map(({ kind }) => kind);

function soundly({ segments, totals, carriedMs, usedMs }: WhyClock): void {
  for (const [index, one] of segments.entries()) if (index > 0) expect(one.from).toBe(segments[index - 1]!.until);
  expect(segments.reduce((sum, { businessMs }) => sum + businessMs, 0) + carriedMs).toBe(usedMs);
  expect(totals.reduce((sum, { ms }) => sum + ms, 0)).toBe(segments.at(-1)!.until - segments[0]!.from);
}

test('it waited, rang twice, was held by somebody whose line broke, and the answer lay on their workstation', async () => {
  const me = await signIn(hub.url, 'minh');
  await minh.signIn('minh');
  await floor.route('sales', routing({ offerMs: { call: null, chat: 1500, social: null, email: null }, preferredMs: 0 }));
  const ticketId = await floor.chat();
  // Nobody is there; then somebody who does not answer; then somebody who does.
  const lan = await floor.comes('lan');
  await until(async () => (await floor.offers(ticketId))[0]?.state === 'missed');
  await floor.route('sales', routing({ offerMs: { call: null, chat: 60_000, social: null, email: null }, preferredMs: 0 }));
  expect(await floor.is(me, 'available')).toBeNull();
  await until(async () => (await floor.offers(ticketId)).some(({ user_id: who, state }) => who === me.userId && state === 'ringing'));
  const offer = (await floor.offers(ticketId)).at(-1)!;
  expect(await act(hub.url, me, 'offer.answer', { offerId: offer.id, accept: true })).toBeNull();
  await until(async () => (await minh.query('ticket.get', { ticketId }))?.assigneeId === me.userId);
  // An hour, of which two seconds were left at the beginning: late, and far from any step that follows a breach.
  await hub.query(
    `update sla_clock set target_ms = 3600000, consumed_ms = 3598000, due_at = started_at + 2000 where ticket_id = $1 and kind = 'frt'`,
    [ticketId],
  );
  line.cut();
  await minh.offline();
  await until(async () => (await floor.presence(me))[0]?.state === 'disconnected');
  await minh.reply(ticketId, 'Dạ còn hàng ạ, em giữ máy cho anh chị nhé');
  await until(async () => (await hub.query(`select 1 from sla_clock where ticket_id = $1 and state = 'breached'`, [ticketId])).length > 0);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await line.mend();
  await minh.drained();

  const answer = await told(lan.me, ticketId);
  expect(answer.ticketId).toBe(ticketId);
  const first = answer.clocks.find(({ kind }) => kind === 'frt')!;
  expect(first).toMatchObject({ state: 'breached', carriedMs: 3_598_000 });
  expect(first.endedAt).not.toBeNull();
  soundly(first);
  const shape = first.segments.filter((one, index) => one.kind !== first.segments[index - 1]?.kind);
  expect(shape.map(({ kind }) => kind)).toEqual(['queue', 'ring', 'queue', 'ring', 'agent', 'away', 'offline']);
  expect(shape[0]).toMatchObject({ queueId: floor.queues.sales, userId: null });
  expect(shape[1]).toMatchObject({ userId: lan.me.userId });
  expect(shape[3]).toMatchObject({ userId: me.userId });
  expect(first.segments.find(({ kind }) => kind === 'away')).toMatchObject({ userId: me.userId, state: 'disconnected' });
  const lay = first.totals.find(({ kind }) => kind === 'offline')!;
  expect(lay.ms).toBeGreaterThanOrEqual(2500);
  expect(first.totals.find(({ kind }) => kind === 'ring')!.ms).toBeGreaterThanOrEqual(1500);
  expect(first.segments.filter(({ late }) => late).every(({ from }) => from >= first.breachedAt!)).toBe(true);
  expect(first.segments.at(-1)).toMatchObject({ kind: 'offline', late: true });

  // The console asks the same of its hub; without a line it says so.
  expect((await minh.execute('why', { ticketId })).clocks.find(({ kind }) => kind === 'frt')!.segments).toEqual(first.segments);
  line.cut();
  await minh.offline();
  await expect(minh.execute('why', { ticketId })).rejects.toEqual({ code: 'HUB_UNREACHABLE' });
  await line.mend();
});

test('it is told to those who may see the ticket, and to nobody else', async () => {
  const ticketId = await floor.chat();
  const answers: [string, number][] = [];
  for (const key of ['hoa', 'lan', 'thu', 'quan']) answers.push([key, (await ask(await signIn(hub.url, key), ticketId)).status]);
  expect(answers).toEqual([
    ['hoa', 404],
    ['lan', 200],
    ['thu', 200],
    ['quan', 200],
  ]);
  expect((await ask(floor.admin, uuid())).status).toBe(404);
  expect((await ask(floor.admin, 'x')).status).toBe(400);
  expect((await fetch(`${hub.url}/api/v1/tickets/${ticketId}/why`)).status).toBe(401);
});

test('a clock that stood still, and the way to a vendor who has not taken the answer yet', async () => {
  await floor.route('sales', null);
  const ticketId = await floor.chat();
  const lan = await wire(hub.url, 'lan');
  const [ticket] = await hub.query<{ last_inbound_id: string }>('select last_inbound_id from ticket where id = $1', [ticketId]);
  const seen = { inboundId: ticket!.last_inbound_id, replyId: null, assigneeId: null };
  const messageId = uuid();
  expect(await lan.push('ticket.setStatus', { ticketId, status: 'spam' })).toMatchObject({ ok: true });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await lan.push('ticket.setStatus', { ticketId, status: 'open' })).toMatchObject({ ok: true });
  expect(await lan.push('message.reply', { ticketId, messageId, body: 'Dạ em nghe', seen, live: true })).toMatchObject({ ok: true });
  lan.close();
  // Taken by the hub, by nobody after it.
  await hub.query(`update message set delivery = 'sending', accepted_at = accepted_at - 3 where id = $1`, [messageId]);
  await new Promise((resolve) => setTimeout(resolve, 1700));
  const first = (await told(lan.me, ticketId)).clocks.find(({ kind }) => kind === 'frt')!;
  soundly(first);
  expect(kinds(first).filter((kind) => kind === 'paused')).toHaveLength(1);
  expect(first.totals.find(({ kind }) => kind === 'paused')).toMatchObject({ businessMs: 0 });
  expect(kinds(first).at(-1)).toBe('channel');
  expect(first.verdict).toMatchObject({ kind: 'channel' });
});

test('a ticket that goes on in another one is told of there, with the time that it brought along', async () => {
  const visitor = await new Visitor(hub.url).open();
  await visitor.say('Máy giặt kêu to');
  const one = await ticketOf(hub, visitor);
  const other = uuid();
  await hub.query(
    `insert into ticket select (jsonb_populate_record(t, jsonb_build_object('id', $2::uuid, 'number', 900000 + t.number))).* from ticket t where id = $1`,
    [one.id, other],
  );
  const lan = await wire(hub.url, 'lan');
  expect(await lan.push('ticket.join', { ticketId: one.id, intoId: other })).toMatchObject({ ok: true });
  lan.close();
  const answer = await told(lan.me, one.id);
  expect(answer.ticketId).toBe(other);
  expect(answer.clocks.map(({ kind }) => kind)).toContain('frt');
  for (const clock of answer.clocks) soundly(clock);
  expect(answer.clocks[0]!.segments[0]).toMatchObject({ kind: 'queue', queueId: floor.queues.sales });
  expect(await told(lan.me, other)).toMatchObject({ ticketId: other });
});
