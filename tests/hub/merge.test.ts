/** Two that turn out to be one: the customer whom a channel did not know, and the ticket that they had open already. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestConsole, until } from '../harness/engine.ts';
import { desk, openShop, type Shop, shows } from '../harness/vendors.ts';

let shop: Shop;
let hoa: TestConsole;
let quan: TestConsole;
beforeAll(async () => {
  shop = await openShop();
  hoa = await desk(shop.hub, 'hoa');
  quan = await desk(shop.hub, 'quan');
});
afterAll(async () => {
  hoa.dispose();
  quan.dispose();
  await shop.stop();
});

const queueOf = async (channelId: string) =>
  (await shop.hub.query<{ queue_id: string }>('select queue_id from channel where id = $1', [channelId]))[0]!.queue_id;
const ticketRow = async (id: string) =>
  (
    await shop.hub.query<{
      status: string;
      customer_id: string;
      joined: string[];
      merged: { into: string } | null;
      hops: number;
      channel: string;
      unanswered_since: number | null;
      queue_id: string;
    }>('select * from ticket where id = $1', [id])
  )[0]!;
const openClocks = (ticketId: string) =>
  shop.hub.query<{ kind: string; due_at: number; started_at: number }>(
    'select kind, due_at, started_at from sla_clock where ticket_id = $1 and ended_at is null',
    [ticketId],
  );

/** Somebody who stood at the counter, with a number, and has a ticket since. */
async function atTheCounter(one: TestConsole, phone: string, queueId: string) {
  const [ticketId, customerId] = [uuid(), uuid()];
  await one.mutate('ticket.create', {
    ticketId,
    queueId,
    channel: 'counter',
    subject: 'Máy giặt kêu to',
    priority: 'high',
    tags: ['bảo hành'],
    provisionalRef: '',
    customer: { id: customerId, name: 'Chị Đào', identity: { id: uuid(), kind: 'phone', value: phone } },
    messageId: uuid(),
    body: 'Khách mang máy tới',
    call: null,
    assignToMe: true,
  });
  await until(async () => (await shop.count('ticket where id = $1', ticketId)) === 1);
  return { ticketId, customerId };
}

async function fromZalo(who: string, phone: string, text: string) {
  shop.zalo.say(who, text);
  const ticketId = await shop.ticketOf('zalo', who);
  await shows(hoa, ticketId, text);
  shop.zalo.submitInfo(who, { name: 'Đào', phone });
  const { customerId } = (await hoa.query('ticket.get', { ticketId }))!;
  const same = async () => (await hoa.query('customer.view', { customerId }))?.customer.proposals.find(({ kind }) => kind === 'same');
  await until(async () => (await same()) !== undefined);
  return { ticketId, customerId, proposalId: (await same())!.id };
}

const accept = (one: TestConsole, ticketId: string, proposalId: string) =>
  one.mutate('customer.settle', { ticketId, proposalId, accept: true, identityId: uuid() });

test('the accepted link makes one customer, one ticket, one timeline; the earliest clock runs on', async () => {
  const queueId = await queueOf('demo-zalo');
  const known = await atTheCounter(hoa, '+84908111222', queueId);
  const fresh = await fromZalo('khach-dao', '84908111222', 'Shop ơi máy giặt của chị sao rồi?');
  const [owed] = await openClocks(fresh.ticketId);
  expect(owed).toMatchObject({ kind: 'frt' });

  await accept(hoa, fresh.ticketId, fresh.proposalId);
  await until(async () => (await ticketRow(fresh.ticketId)).merged !== null);

  const [old, joined] = [await ticketRow(known.ticketId), await ticketRow(fresh.ticketId)];
  expect(old).toMatchObject({ customer_id: known.customerId, joined: [fresh.ticketId], status: 'open', channel: 'zalo' });
  expect(old.unanswered_since).not.toBeNull();
  expect(joined).toMatchObject({ customer_id: known.customerId, status: 'closed', merged: { into: known.ticketId } });
  expect(await openClocks(fresh.ticketId)).toEqual([]);
  expect(await openClocks(known.ticketId)).toEqual([owed]);
  expect(await shop.count(`identity where customer_id = $1`, known.customerId)).toBe(2);
  expect(await shop.count(`customer where id = $1 and merged->>'into' = $2`, fresh.customerId, known.customerId)).toBe(1);

  // In the console: what the counter noted and what Zalo brought stand in one timeline, and nobody else is left over.
  await until(async () => (await hoa.timeline(known.ticketId)).map(({ body }) => body).includes('Shop ơi máy giặt của chị sao rồi?'));
  expect((await hoa.timeline(known.ticketId)).map(({ body }) => body)).toEqual(['Khách mang máy tới', 'Shop ơi máy giặt của chị sao rồi?']);
  const view = await hoa.query('customer.view', { customerId: known.customerId });
  expect(view?.identities.map(({ kind }) => kind).sort()).toEqual(['phone', 'zalo']);
  expect(view?.customer.proposals.filter(({ kind }) => kind !== 'name')).toEqual([]);
  expect(await hoa.query('customer.view', { customerId: fresh.customerId })).toBeNull();

  // What Zalo brings next belongs to the one ticket, and the answer goes out on Zalo.
  shop.zalo.say('khach-dao', 'Mai chị qua lấy nhé');
  await shows(hoa, known.ticketId, 'Mai chị qua lấy nhé');
  expect(await shop.count(`ticket where customer_id = $1`, known.customerId)).toBe(2);
});

test('what is said on a ticket that has gone on elsewhere is said there; joined tickets go where it goes', async () => {
  const queueId = await queueOf('demo-zalo');
  const known = await atTheCounter(hoa, '+84908333444', queueId);
  const fresh = await fromZalo('khach-hai', '84908333444', 'Chị hỏi thêm');
  await accept(hoa, fresh.ticketId, fresh.proposalId);
  await until(async () => (await ticketRow(fresh.ticketId)).merged !== null);
  // A console that had not heard of it yet writes a note on the ticket that it knew.
  await hoa.mutate('message.note', { messageId: uuid(), ticketId: fresh.ticketId, body: 'Đã báo kỹ thuật' });
  await until(async () => (await shop.count(`message where body = 'Đã báo kỹ thuật' and ticket_id = $1`, known.ticketId)) === 1);

  const other = (await shop.hub.query<{ id: string }>('select id from queue where id <> $1 order by position desc limit 1', [queueId]))[0]!
    .id;
  await hoa.mutate('ticket.move', { ticketId: known.ticketId, queueId: other });
  await until(async () => (await ticketRow(known.ticketId)).queue_id === other);
  expect((await ticketRow(fresh.ticketId)).queue_id).toBe(other);
});

test('a ticket of the same customer is joined by hand; of another, or twice, it is not', async () => {
  const queueId = await queueOf('demo-zalo');
  const one = await atTheCounter(hoa, '+84908555666', queueId);
  const second = uuid();
  await hoa.mutate('ticket.create', {
    ticketId: second,
    queueId,
    channel: 'phone',
    subject: 'Gọi hỏi bảo hành',
    priority: 'normal',
    tags: [],
    provisionalRef: '',
    customer: { id: one.customerId },
    messageId: uuid(),
    body: 'Khách gọi',
    call: { direction: 'inbound', phone: '+84908555666', durationSec: 30, outcome: 'answered', at: Date.now() },
    assignToMe: false,
  });
  const stranger = await atTheCounter(hoa, '+84908777888', queueId);
  await expect(hoa.mutate('ticket.join', { ticketId: second, intoId: stranger.ticketId })).rejects.toMatchObject({
    rejection: { code: 'INVALID', field: 'intoId' },
  });
  await hoa.mutate('ticket.join', { ticketId: second, intoId: one.ticketId });
  await until(async () => (await ticketRow(second))?.merged?.into === one.ticketId);
  await hoa.mutate('ticket.join', { ticketId: second, intoId: one.ticketId });
  await expect(hoa.mutate('ticket.join', { ticketId: one.ticketId, intoId: second })).rejects.toMatchObject({
    rejection: { code: 'TICKET_CLOSED' },
  });
  await until(async () => (await shop.count('ticket where id = $1 and status = $2', one.ticketId, 'open')) === 1);
  expect((await hoa.timeline(one.ticketId)).map(({ body }) => body)).toEqual(['Khách mang máy tới', 'Khách gọi']);
});

test('a customer whom this console has never seen comes with all they have; a ticket out of reach stays where it is', async () => {
  const reached = new Set((await hoa.query('reference', null))!.myQueues);
  const theirs = (await quan.query('reference', null))!.myQueues.find((id) => !reached.has(id))!;
  const known = await atTheCounter(quan, '+84908999000', theirs);
  const fresh = await fromZalo('khach-la', '84908999000', 'Cho chị hỏi giá');
  expect(await hoa.query('customer.view', { customerId: known.customerId })).toBeNull();
  await accept(hoa, fresh.ticketId, fresh.proposalId);
  await until(async () => (await hoa.query('ticket.get', { ticketId: fresh.ticketId }))?.customerId === known.customerId);
  const view = await hoa.query('customer.view', { customerId: known.customerId });
  expect(view?.customer.name).toBe('Chị Đào');
  expect(view?.identities.map(({ kind }) => kind).sort()).toEqual(['phone', 'zalo']);
  expect(view?.journey.map(({ id, inReach }) => [id, inReach]).sort()).toEqual(
    [
      [known.ticketId, false],
      [fresh.ticketId, true],
    ].sort(),
  );
  expect(await ticketRow(fresh.ticketId)).toMatchObject({ merged: null, status: 'new' });
  expect(await hoa.query('customer.view', { customerId: fresh.customerId })).toBeNull();
});
