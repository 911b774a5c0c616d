/** Tickets held for offline work: what the holder may, what others may not, and how a hold ends. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../src/shared/domain.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { type SignedIn, wire, type WireClient } from '../harness/wire.ts';

type Client = WireClient & { me: SignedIn };
let hub: TestHub;
let lan: Client;
let minh: Client;
let thu: Client;
let tickets: { id: string; last_inbound_id: string; queue_id: string }[];
let at = 0;
beforeAll(async () => {
  hub = await startTestHub();
  [lan, minh, thu] = [await wire(hub.url, 'lan'), await wire(hub.url, 'minh'), await wire(hub.url, 'thu')];
  // Mails of a queue that both serve, nobody's yet.
  await hub.query(`update ticket set status = 'open', assignee_id = null, channel = 'email', queue_id = (select id from queue where purpose = 'warranty')
    where id in (select id from ticket where last_inbound_id is not null limit 150)`);
  tickets =
    await hub.query(`select id, last_inbound_id, queue_id from ticket where status = 'open' and assignee_id is null and channel = 'email'
    and last_inbound_id is not null and queue_id = (select id from queue where purpose = 'warranty')`);
});
afterAll(async () => {
  for (const client of [lan, minh, thu]) client.close();
  await hub.stop();
});
beforeEach(() => hub.query('update ticket set lease_by = null, lease_until = null'));

const fresh = () => tickets[(at += 1)]!;
const hour = 3_600_000;
const hold = (client: Client, ticketId: string, until = Date.now() + hour) => client.push('ticket.lease', { ticketId, until });
const row = async (id: string) =>
  (
    await hub.query<{ lease_by: string | null; lease_until: string | null; assignee_id: string | null }>(
      'select lease_by, lease_until, assignee_id from ticket where id = $1',
      [id],
    )
  )[0]!;

test('a claim assigns the ticket and ends after eight hours at the latest', async () => {
  const ticket = fresh();
  const before = Date.now();
  expect(await hold(lan, ticket.id, before + 100 * hour)).toMatchObject({ ok: true });
  const held = await row(ticket.id);
  expect(held).toMatchObject({ lease_by: lan.me.userId, assignee_id: lan.me.userId });
  expect(Number(held.lease_until)).toBeGreaterThanOrEqual(before + limits.leaseMs);
  expect(Number(held.lease_until)).toBeLessThan(before + limits.leaseMs + 60_000);
  // Again by the same agent: the new end counts.
  expect(await hold(lan, ticket.id, before + hour)).toMatchObject({ ok: true });
  expect(Number((await row(ticket.id)).lease_until)).toBe(before + hour);
  expect(await hold(lan, ticket.id, before - 1)).toMatchObject({ ok: false, rejection: { code: 'INVALID', field: 'until' } });
});

test(`${limits.leases} tickets at a time, and no more`, async () => {
  const many = Array.from({ length: limits.leases + 1 }, fresh);
  for (const ticket of many.slice(0, -1)) expect(await hold(lan, ticket.id)).toMatchObject({ ok: true });
  const last = many.at(-1)!;
  expect(await hold(lan, last.id)).toMatchObject({ ok: false, rejection: { code: 'TOO_MANY_LEASES', detail: { most: limits.leases } } });
  expect(await lan.push('ticket.release', { ticketId: many[0]!.id })).toMatchObject({ ok: true });
  expect(await hold(lan, last.id)).toMatchObject({ ok: true });
});

test('all in one push are counted, too', async () => {
  const many = Array.from({ length: limits.leases + 1 }, fresh);
  const mutations = many.map((ticket, index) => ({
    id: 1000 + index,
    key: uuid(),
    name: 'ticket.lease',
    args: { ticketId: ticket.id, until: Date.now() + hour },
    authoredAt: Date.now(),
    baseSeq: 0,
  }));
  const another = await wire(hub.url, 'minh');
  const { value } = await another.ask('push', { mutations });
  another.close();
  const { results } = value as { results: { ok: boolean }[] };
  expect(results.map((result) => result.ok)).toEqual(many.map((_, index) => index < limits.leases));
});

test('a live chat is not held', async () => {
  const ticket = fresh();
  await hub.query(`update ticket set channel = 'chat' where id = $1`, [ticket.id]);
  expect(await hold(lan, ticket.id)).toMatchObject({ ok: false, rejection: { code: 'NOT_LEASABLE' } });
});

describe('while a colleague holds it', () => {
  const tries: [string, (ticket: { id: string; last_inbound_id: string }) => Record<string, unknown>][] = [
    ['ticket.assign', () => ({ from: lan.me.userId, to: minh.me.userId })],
    ['ticket.close', (ticket) => ({ seenInboundId: ticket.last_inbound_id, disposition: 'Xong' })],
    ['ticket.move', () => ({ queueId: '' })],
    ['ticket.lease', () => ({ until: Date.now() + hour })],
    ['ticket.release', () => ({})],
    [
      'message.reply',
      (ticket) => ({
        messageId: uuid(),
        body: 'Dạ',
        seen: { inboundId: ticket.last_inbound_id, replyId: null, assigneeId: lan.me.userId },
        live: true,
      }),
    ],
  ];
  test.each(tries)('%s is held off', async (name, args) => {
    const ticket = fresh();
    expect(await hold(lan, ticket.id)).toMatchObject({ ok: true });
    const [queue] = await hub.query<{ id: string }>(`select id from queue where purpose = 'sales'`);
    const given = { ticketId: ticket.id, ...args(ticket), ...(name === 'ticket.move' ? { queueId: queue!.id } : {}) };
    const held = await row(ticket.id);
    expect(await minh.push(name, given)).toMatchObject({
      ok: false,
      rejection: { code: 'LEASED', detail: { leaseBy: lan.me.userId, leaseUntil: Number(held.lease_until) } },
    });
    expect(await row(ticket.id)).toEqual(held);
  });

  test('notes and tags stay free, and the holder works on', async () => {
    const ticket = fresh();
    await hold(lan, ticket.id);
    expect(await minh.push('message.note', { messageId: uuid(), ticketId: ticket.id, body: 'Khách vừa gọi' })).toMatchObject({ ok: true });
    expect(await minh.push('ticket.tag', { ticketId: ticket.id, add: ['gấp'], remove: [] })).toMatchObject({ ok: true });
    const close = { ticketId: ticket.id, seenInboundId: ticket.last_inbound_id, disposition: null };
    expect(await lan.push('ticket.close', close)).toMatchObject({ ok: true });
  });

  test('a lead breaks it', async () => {
    const ticket = fresh();
    await hold(lan, ticket.id);
    expect(await thu.push('ticket.release', { ticketId: ticket.id })).toMatchObject({ ok: true });
    expect(await row(ticket.id)).toMatchObject({ lease_by: null, lease_until: null });
    const assign = { ticketId: ticket.id, from: lan.me.userId, to: minh.me.userId };
    expect(await minh.push('ticket.assign', assign)).toMatchObject({ ok: true });
  });
});

test('past its end it holds nobody off, and counts no more', async () => {
  const many = Array.from({ length: limits.leases }, fresh);
  for (const ticket of many) await hold(lan, ticket.id);
  await hub.query('update ticket set lease_until = $1 where lease_by = $2', [Date.now() - 1, lan.me.userId]);
  const assign = { ticketId: many[0]!.id, from: lan.me.userId, to: minh.me.userId };
  expect(await minh.push('ticket.assign', assign)).toMatchObject({ ok: true });
  expect(await hold(lan, fresh().id)).toMatchObject({ ok: true });
});
