/** Zalo OA, against a stand-in that behaves as Zalo documents: what comes in, what goes out, tokens that may be used once. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestConsole, until } from '../harness/engine.ts';
import { headersOf, sample } from '../harness/samples.ts';
import { desk, knownAs, openShop, type Shop, shows } from '../harness/vendors.ts';

const hook = '/hooks/zalo/demo-zalo';
const known = '5120044719930042217';
let shop: Shop;
let hoa: TestConsole;
beforeAll(async () => {
  shop = await openShop();
  hoa = await desk(shop.hub, 'hoa');
});
afterAll(async () => {
  hoa.dispose();
  await shop.stop();
});

const told = async (name: string) => {
  const answer = await shop.post(hook, sample(name), headersOf(name));
  await shop.settled();
  return answer.status;
};

async function conversation(who: string, text = `Chào shop, em là ${who}`): Promise<string> {
  shop.zalo.say(who, text);
  const ticketId = await shop.ticketOf('zalo', who);
  await shows(hoa, ticketId, text);
  return ticketId;
}

test('a picture with its words, a file by its plain name', async () => {
  expect(await told('zalo_02_image.json')).toBe(200);
  expect(await told('zalo_03_file.json')).toBe(200);
  const all = await shop.said('zalo', known);
  const media = all.map(({ extra }) => extra?.['media'] as { kind: string; name: string | null }[]);
  expect(all[0]?.body).not.toBe('');
  expect(media.map((one) => one.map(({ kind }) => kind))).toEqual([['image'], ['file']]);
  expect(media[1]?.[0]?.name).not.toMatch(/[/\\\0\u202e]|^\./);
});

test('following is no conversation; who turns away is marked, and the composer knows', async () => {
  const [tickets, clocks] = [await shop.count('ticket'), await shop.count('sla_clock')];
  expect(await told('zalo_06_follow.json')).toBe(200);
  expect(await shop.count('ticket')).toBe(tickets);
  expect(await shop.count('sla_clock')).toBe(clocks);
  const ticketId = await conversation('khach-theo');
  shop.zalo.follow('khach-theo', false);
  await until(async () => (await shop.count(`identity where value = 'khach-theo' and state = 'unfollowed'`)) === 1);
  const customerId = (await hoa.query('ticket.get', { ticketId }))!.customerId;
  await until(async () => (await hoa.query('customer.view', { customerId }))?.identities[0]?.state === 'unfollowed');
  shop.zalo.follow('khach-theo', true);
  await until(async () => (await shop.count(`identity where value = 'khach-theo' and state = 'ok'`)) === 1);
  expect(await told('zalo_07_unfollow.json')).toBe(200);
});

test('seen and received: by their ids, never downwards; a template receipt names nobody', async () => {
  const ticketId = await conversation('khach-xem');
  const id = await hoa.reply(ticketId, 'Dạ shop đổi giúp em ạ');
  await shop.reaches(id, 'sent');
  await knownAs(shop.hub, 'demo-zalo', 'zmOut01', id, known, Date.now());
  const messages = await shop.count('message');
  expect(await told('zalo_08_oa_send_text.json')).toBe(200);
  expect(await shop.count('message')).toBe(messages);
  expect(await told('zalo_09_seen.json')).toBe(200);
  await shop.reaches(id, 'read');
  expect(await told('zalo_10_received.json')).toBe(200);
  await shop.reaches(id, 'read');
  const identities = await shop.count('identity');
  expect(await told('zalo_12_zns_received.json')).toBe(200);
  expect(await shop.count('identity')).toBe(identities);
  expect(await shop.count('message')).toBe(messages);
  // Said on Zalo's own pages: an answer of ours, by nobody we know.
  shop.zalo.answerElsewhere('khach-xem', 'Chị nhắn từ OA nhé');
  await shows(hoa, ticketId, 'Chị nhắn từ OA nhé');
  expect((await hoa.timeline(ticketId)).at(-1)).toMatchObject({ kind: 'reply', authorId: null, extra: { external: true } });
});

test('what a customer fills in is put before an agent, with whoever has that number already', async () => {
  await told('zalo_01_text.json');
  const [row] = await shop.hub.query<{ id: string; name: string }>(
    `select c.id, c.name from customer c join identity i on i.customer_id = c.id where i.kind = 'zalo' and i.value = $1`,
    [known],
  );
  const other = (
    await shop.hub.query<{ id: string; workspace_id: string }>(`select id, workspace_id from customer where id <> $1 limit 1`, [row!.id])
  )[0]!;
  await shop.hub.query(
    `insert into identity (workspace_id, id, customer_id, kind, value, verified) values ($1, gen_random_uuid(), $2, 'phone', '+84912345678', true)
     on conflict (workspace_id, kind, value) do update set customer_id = excluded.customer_id`,
    [other.workspace_id, other.id],
  );
  expect(await told('zalo_11_submit_info.json')).toBe(200);
  const proposals = async () =>
    (
      await shop.hub.query<{ proposals: { kind: string; value: string; customerId: string | null; source: string }[] }>(
        'select proposals from customer where id = $1',
        [row!.id],
      )
    )[0]!.proposals;
  expect(await proposals()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'phone', value: '+84912345678', source: 'demo-zalo' }),
      expect.objectContaining({ kind: 'same', customerId: other.id }),
    ]),
  );
  // Told again it is there once, and nothing was merged or renamed by itself.
  const before = await proposals();
  await told('zalo_11_submit_info.json');
  expect(await proposals()).toEqual(before);
  expect(await shop.count('customer where id = $1 and name = $2', row!.id, row!.name)).toBe(1);
  // An agent takes the name over; the number is somebody else's already and stays theirs.
  const ticketId = await shop.ticketOf('zalo', known);
  const shown = async () => (await hoa.query('ticket.get', { ticketId }))?.customer;
  await until(async () => (await shown())?.proposals.length === before.length);
  const of = async (kind: string) => (await shown())!.proposals.find((one) => one.kind === kind)!;
  const name = await of('name');
  await hoa.mutate('customer.settle', { ticketId, proposalId: name.id, accept: true, identityId: uuid() });
  await until(async () => (await shop.count('customer where id = $1 and name = $2', row!.id, name.value)) === 1);
  const phone = await of('phone');
  await expect(hoa.mutate('customer.settle', { ticketId, proposalId: phone.id, accept: true, identityId: uuid() })).rejects.toMatchObject({
    rejection: { code: 'DUPLICATE', field: 'proposalId' },
  });
  expect(await shop.count(`identity where kind = 'phone' and value = '+84912345678' and customer_id = $1`, other.id)).toBe(1);
});

test('a forged one leaves nothing; something sent that nobody can show is said to be there', async () => {
  const before = await shop.count('inbound_request');
  expect(await told('zalo_15_bad_signature.json')).toBe(401);
  expect(await shop.count('inbound_request')).toBe(before);
  expect(await told('zalo_17_unknown_event.json')).toBe(200);
  const name = JSON.parse(sample('zalo_17_unknown_event.json').toString('utf8')) as { event_name: string };
  const shown = await shop.count(`message where extra->'media'->0->>'kind' = 'unsupported'`);
  expect(shown).toBe(name.event_name.startsWith('user_send_') ? 1 : 0);
});

test('the pair is renewed before its first use, once, whoever asks', async () => {
  expect(shop.zalo.refreshed).toHaveLength(1);
  const one = await conversation('khach-a');
  const two = await conversation('khach-b');
  shop.zalo.endAccess();
  const ids = await Promise.all([hoa.reply(one, 'Một'), hoa.reply(two, 'Hai')]);
  for (const id of ids) await shop.reaches(id, 'sent');
  expect(shop.zalo.refreshed).toHaveLength(2);
  // HTTP 200 without a token: nothing is written over the pair, the queue waits, the administrator is told.
  shop.zalo.withdraw();
  const held = await hoa.reply(one, 'Ba');
  await until(async () => (await shop.count(`channel_account where channel_id = 'demo-zalo' and state = 'attention'`)) === 1);
  expect(await shop.count(`message where id = $1 and delivery in ('accepted', 'sending')`, held)).toBe(1);
  expect(shop.zalo.taken('khach-a').map(({ text }) => text)).toEqual(['Một']);
});
