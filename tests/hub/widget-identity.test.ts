/** For whom a shop vouches at the chat widget, and for whom not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyId } from '../../server/src/channels/chat/identity.ts';
import type { TestConsole } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { sample } from '../harness/samples.ts';
import { desk } from '../harness/vendors.ts';
import { customerOf, setUpWidget, shopSecret, signed, ticketOf, Visitor, vouch } from '../harness/visitor.ts';

let hub: TestHub;
let lan: TestConsole;
beforeAll(async () => {
  hub = await startTestHub();
  lan = await desk(hub, 'lan');
});
afterAll(async () => {
  lan.dispose();
  await hub.stop();
});

const count = async (what: string, ...values: unknown[]) =>
  Number((await hub.query<{ n: string }>(`select count(*) as n from ${what}`, values))[0]!.n);

describe('for whom the shop vouches', () => {
  test('widget_01: a token that nobody signed is refused, and the visitor stays nobody in particular', async () => {
    const visitor = await new Visitor(hub.url).open();
    const before = await count('identity');
    expect(await visitor.refusal('identify', { identity: sample('widget_01_jwt_alg_none.txt').toString('utf8').trim() })).toEqual([
      422,
      'INVALID',
      'identity',
    ]);
    expect(await count('identity')).toBe(before);
    expect((await visitor.session()).verified).toBe(false);
    // The chat goes on.
    await visitor.say('Tôi vẫn hỏi được chứ?');
    expect((await customerOf(hub, 'visitor', visitor.id))!.verified).toBe(false);
    expect(await count(`identity where kind = 'external' and value like '%user_1'`)).toBe(0);
  });

  const now = () => Math.floor(Date.now() / 1000);
  const [head, body, signature] = vouch({ user_id: 'ke-gian' }).split('.') as [string, string, string];
  const bad: [string, () => string][] = [
    ['another secret', () => vouch({ user_id: 'x' }, 'another-secret-of-thirty-two-letters')],
    ['HS512 in its header', () => vouch({ user_id: 'x' }, shopSecret, { alg: 'HS512' })],
    ['RS256 in its header', () => vouch({ user_id: 'x' }, shopSecret, { alg: 'RS256' })],
    ['the other case of the algorithm', () => vouch({ user_id: 'x' }, shopSecret, { alg: 'hs256' })],
    ['a key that is not there', () => vouch({ user_id: 'x' }, shopSecret, { alg: 'HS256', kid: 'nobody' })],
    ['a key out of the header', () => vouch({ user_id: 'x' }, 'k'.repeat(40), { alg: 'HS256', jwk: { kty: 'oct', k: 'a2tr' } })],
    ['a member that is there twice', () => signed('{"alg":"HS256"}', `{"user_id":"x","user_id":"y","exp":${now() + 300}}`)],
    ['the same member spelt in two ways', () => signed('{"alg":"HS256"}', `{"user_id":"x","\\u0075ser_id":"y","exp":${now() + 300}}`)],
    ['two algorithms', () => signed('{"alg":"none","alg":"HS256"}', `{"user_id":"x","exp":${now() + 300}}`)],
    ['an extension that it insists on', () => vouch({ user_id: 'x' }, shopSecret, { alg: 'HS256', crit: ['b64'], b64: false })],
    ['bytes that are no text', () => signed('{"alg":"HS256"}', Buffer.from([0x7b, 0xff, 0x7d]))],
    ['an end in the past', () => vouch({ user_id: 'x', exp: now() - 120 })],
    ['an end next week', () => vouch({ user_id: 'x', exp: now() + 7 * 86_400 })],
    ['no end', () => vouch({ user_id: 'x', exp: undefined })],
    ['an end that is no number', () => vouch({ user_id: 'x', exp: '9999999999' })],
    ['a beginning in an hour', () => vouch({ user_id: 'x', nbf: now() + 3600 })],
    ['nobody', () => vouch({})],
    ['only a subject', () => vouch({ sub: 'x' })],
    ['an empty name', () => vouch({ user_id: ' ' })],
    ['a name of 201 letters', () => vouch({ user_id: 'x'.repeat(201) })],
    ['an object for a name', () => vouch({ user_id: { $ne: null } })],
    ['another body', () => `${head}.${Buffer.from('{"user_id":"admin","exp":4102444800}').toString('base64url')}.${signature}`],
    ['no signature', () => `${head}.${body}.`],
    ['half of it', () => `${head}.${body}`],
    ['four parts', () => `${head}.${body}.${signature}.${signature}`],
    ['spaces', () => ` ${head}.${body}.${signature}`],
    ['rubbish', () => '{"alg":"HS256"}'],
  ];
  test.each(bad)('not believed: %s', async (_name, make) => {
    const visitor = await new Visitor(hub.url).open();
    const before = await count('identity');
    const [status, , field] = await visitor.refusal('identify', { identity: make() });
    expect([status, field]).toEqual([422, 'identity']);
    expect(await count('identity')).toBe(before);
    expect((await visitor.session()).verified).toBe(false);
  });
  test('a huge one is not even read', async () => {
    const visitor = await new Visitor(hub.url).open();
    expect(await visitor.refusal('identify', { identity: 'a'.repeat(5000) })).toEqual([400, 'BAD_REQUEST', 'identity']);
  });

  test('who is vouched for is one customer with all the shop says of them, in every browser', async () => {
    const home = await new Visitor(hub.url).open();
    const claims = { user_id: 'kh-1', name: 'Chị Hạnh', email: 'Hanh@Khach.test', phone: '0908 123 400' };
    expect(await home.post('identify', { identity: vouch(claims) })).toEqual({ name: 'Chị Hạnh' });
    await home.say('Đơn của em đâu rồi?');
    const { customer_id: customerId } = (await customerOf(hub, 'visitor', home.id))!;
    for (const [kind, value] of [
      ['external', 'demo-widget:kh-1'],
      ['email', 'hanh@khach.test'],
      ['phone', '+84908123400'],
    ] as const) {
      expect(await customerOf(hub, kind, value)).toEqual({ customer_id: customerId, verified: true });
    }
    const phone = await new Visitor(hub.url).open();
    await phone.post('identify', { identity: vouch({ user_id: 'kh-1' }, shopSecret, { alg: 'HS256', kid: keyId(shopSecret) }) });
    await phone.say('Em hỏi tiếp trên điện thoại');
    // One ticket, and both browsers show the whole of it.
    const bodies = ['Đơn của em đâu rồi?', 'Em hỏi tiếp trên điện thoại'];
    expect((await home.messages()).map((one) => one.body)).toEqual(bodies);
    expect((await phone.messages()).map((one) => one.body)).toEqual(bodies);
    expect(await count('ticket where customer_id = $1', customerId)).toBe(1);
    const view = await lan.query('customer.view', { customerId });
    expect(view?.customer.name).toBe('Chị Hạnh');
  });

  test('what is somebody else’s already stays theirs, and an agent is asked whether the two are one', async () => {
    const other = (
      await hub.query<{ id: string; name: string; workspace_id: string }>('select id, name, workspace_id from customer limit 1')
    )[0]!;
    await hub.query(
      `insert into identity (workspace_id, id, customer_id, kind, value, verified) values ($1, gen_random_uuid(), $2, 'phone', '+84908123411', false)`,
      [other.workspace_id, other.id],
    );
    const visitor = await new Visitor(hub.url).open();
    await visitor.post('identify', { identity: vouch({ user_id: 'kh-2', name: 'Anh Tú' }) });
    await visitor.post('identify', { identity: vouch({ user_id: 'kh-2', phone: '0908123411' }) });
    const mine = (await customerOf(hub, 'external', 'demo-widget:kh-2'))!.customer_id;
    expect((await customerOf(hub, 'phone', '+84908123411'))!.customer_id).toBe(other.id);
    const [row] = await hub.query<{ proposals: object[] }>('select proposals from customer where id = $1', [mine]);
    expect(row!.proposals).toEqual([
      expect.objectContaining({ kind: 'same', customerId: other.id, value: other.name, source: 'demo-widget' }),
    ]);
  });

  test('an address that somebody else only says is theirs is not theirs, and not taken from them', async () => {
    const other = (await hub.query<{ id: string; workspace_id: string }>('select id, workspace_id from customer limit 1'))[0]!;
    await hub.query(
      `insert into identity (workspace_id, id, customer_id, kind, value, verified) values ($1, gen_random_uuid(), $2, 'email', 'chung@khach.test', false)`,
      [other.workspace_id, other.id],
    );
    const visitor = await new Visitor(hub.url).open();
    await visitor.post('identify', { identity: vouch({ user_id: 'kh-5', name: 'Chị Năm', email: 'chung@khach.test' }) });
    const mine = (await customerOf(hub, 'external', 'demo-widget:kh-5'))!.customer_id;
    expect(mine).not.toBe(other.id);
    expect(await customerOf(hub, 'email', 'chung@khach.test')).toEqual({ customer_id: other.id, verified: false });
    const [row] = await hub.query<{ proposals: object[] }>('select proposals from customer where id = $1', [mine]);
    expect(row!.proposals).toEqual([expect.objectContaining({ kind: 'same', customerId: other.id })]);
  });

  test('one that somebody has proved is: both are one customer at once', async () => {
    const visitor = await new Visitor(hub.url).open();
    await visitor.post('identify', { identity: vouch({ user_id: 'kh-6', email: 'sau@khach.test' }) });
    await (await new Visitor(hub.url).open()).post('identify', { identity: vouch({ user_id: 'kh-6-moi', email: 'sau@khach.test' }) });
    expect((await customerOf(hub, 'external', 'demo-widget:kh-6'))!.customer_id).toBe(
      (await customerOf(hub, 'external', 'demo-widget:kh-6-moi'))!.customer_id,
    );
  });

  test('who asked before they signed in stays one customer, by the name that the shop gives', async () => {
    const visitor = await new Visitor(hub.url).open();
    await visitor.say('Em hỏi trước khi đăng nhập');
    const before = (await customerOf(hub, 'visitor', visitor.id))!.customer_id;
    await visitor.post('identify', { identity: vouch({ user_id: 'kh-7', name: 'Cô Bảy' }) });
    await visitor.say('Giờ em đăng nhập rồi');
    expect(await customerOf(hub, 'external', 'demo-widget:kh-7')).toEqual({ customer_id: before, verified: true });
    expect(await hub.query('select name, proposals from customer where id = $1', [before])).toEqual([{ name: 'Cô Bảy', proposals: [] }]);
    expect(await visitor.messages()).toHaveLength(2);
  });

  test('who is known already and asked as a stranger is two customers until an agent says otherwise', async () => {
    await (await new Visitor(hub.url).open()).post('identify', { identity: vouch({ user_id: 'kh-8', name: 'Ông Tám' }) });
    const known = (await customerOf(hub, 'external', 'demo-widget:kh-8'))!.customer_id;
    const visitor = await new Visitor(hub.url).open();
    await visitor.say('Tôi chưa đăng nhập');
    await visitor.post('identify', { identity: vouch({ user_id: 'kh-8', name: 'Ông Tám' }) });
    const { customer_id: stranger } = await ticketOf(hub, visitor);
    expect(stranger).not.toBe(known);
    const [row] = await hub.query<{ proposals: object[] }>('select proposals from customer where id = $1', [stranger]);
    expect(row!.proposals).toEqual([expect.objectContaining({ kind: 'same', customerId: known, value: 'Ông Tám' })]);
  });

  test('a browser that was taken for somebody’s shows nothing of theirs to whoever signs in there', async () => {
    const [victim, attacker] = [await new Visitor(hub.url).open(), await new Visitor(hub.url).open()];
    await victim.say('Số tài khoản của tôi là 0123');
    await attacker.say('Tôi cũng là người đó');
    const { customer_id: customerId } = await ticketOf(hub, victim);
    // An agent was talked into it.
    const theirs = (await customerOf(hub, 'visitor', attacker.id))!.customer_id;
    await hub.query('update ticket set customer_id = $1 where customer_id = $2', [customerId, theirs]);
    await hub.query('update identity set customer_id = $1 where customer_id = $2', [customerId, theirs]);
    await attacker.post('identify', { identity: vouch({ user_id: 'kh-9' }) });
    expect((await customerOf(hub, 'external', 'demo-widget:kh-9'))!.customer_id).not.toBe(customerId);
    expect((await attacker.messages()).map(({ body: said }) => said)).toEqual(['Tôi cũng là người đó']);
  });

  test('a browser that changes hands shows the second person nothing of the first', async () => {
    const shared = await new Visitor(hub.url).open();
    await shared.post('identify', { identity: vouch({ user_id: 'nguoi-1' }) });
    await shared.say('Chuyện riêng của tôi');
    const events = await fetch(`${hub.url}/widget/api/events?token=${shared.token}`);
    const heard = events.text();
    await shared.post('identify', { identity: vouch({ user_id: 'nguoi-2' }) });
    expect(await shared.messages()).toEqual([]);
    // What the first one's page still had open has ended.
    expect(await heard).toContain('event: open');
    expect((await customerOf(hub, 'external', 'demo-widget:nguoi-1'))!.customer_id).not.toBe(
      (await customerOf(hub, 'external', 'demo-widget:nguoi-2'))!.customer_id,
    );
  });

  test('two secrets while the shop changes over', async () => {
    await setUpWidget(hub, {}, { identitySecret: 'the-new-secret-of-the-same-shop-2026', identitySecretBefore: shopSecret });
    for (const secret of [shopSecret, 'the-new-secret-of-the-same-shop-2026']) {
      await (await new Visitor(hub.url).open()).post('identify', { identity: vouch({ user_id: 'kh-3' }, secret) });
    }
    await setUpWidget(hub, {}, { identitySecret: shopSecret, identitySecretBefore: null });
  });
});
