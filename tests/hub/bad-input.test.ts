/** Whatever comes over the wire: a typed refusal that names the place, and work goes on. */
import { v4, v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wireLimits } from '../../src/shared/protocol.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { Visitor } from '../harness/visitor.ts';
import { signIn, type SignedIn, wire, WireClient } from '../harness/wire.ts';

let hub: TestHub;
let lan: WireClient & { me: SignedIn };
let ticketId: string;
beforeAll(async () => {
  hub = await startTestHub();
  const customer = await new Visitor(hub.url).open();
  await customer.say('Xin chào');
  [{ id: ticketId }] = (await hub.query<{ id: string }>(`select id from ticket where last_message_preview = 'Xin chào'`)) as [
    { id: string },
  ];
  lan = await wire(hub.url, 'lan');
});
afterAll(async () => {
  lan.close();
  await hub.stop();
});

let next = 100;
const mutation = (fields: Record<string, unknown> = {}) => ({
  id: (next += 1),
  key: v4(),
  name: 'message.note',
  args: { messageId: uuid(), ticketId, body: 'ghi chú' },
  authoredAt: Date.now(),
  baseSeq: 0,
  ...fields,
});
const noteCount = async () => Number((await hub.query<{ n: string }>(`select count(*)::int as n from message where kind = 'note'`))[0]!.n);

const draft = (fields: Record<string, unknown> = {}) => ({
  ticketId: uuid(),
  mode: 'reply',
  body: 'Dạ em chào chị',
  seen: { inboundId: null, replyId: null, assigneeId: null },
  startedAt: 1,
  updatedAt: 2,
  ...fields,
});

describe('frames', () => {
  const malformed: [string, string, unknown, string][] = [
    ['nothing', 'push', undefined, ''],
    ['a string', 'push', 'x', ''],
    ['null', 'push', null, ''],
    ['an empty batch', 'push', { mutations: [] }, 'mutations'],
    [
      'too many at once',
      'push',
      { mutations: Array.from({ length: wireLimits.mutationsPerPush + 1 }, (_, index) => ({ ...mutation(), id: 1e6 + index })) },
      'mutations',
    ],
    ['a wrong type inside', 'push', { mutations: [mutation(), { ...mutation(), id: 'one' }] }, 'mutations.1.id'],
    ['an unknown member', 'push', { mutations: [mutation()], extra: 1 }, ''],
    ['a wrong key', 'push', { mutations: [mutation({ key: 'not-a-uuid' })] }, 'mutations.0.key'],
    ['a negative time', 'push', { mutations: [mutation({ authoredAt: -1 })] }, 'mutations.0.authoredAt'],
    ['a cursor that is no number', 'pull', { cursor: '0', limit: 10 }, 'cursor'],
    ['a greedy pull', 'pull', { cursor: 0, limit: 1_000_000 }, 'limit'],
    ['a nameless time', 'time', {}, 't0'],
    ['viewing a number', 'viewing', { ticketId: 5, typing: false }, 'ticketId'],
    ['a draft of nothing', 'draft.put', { base: 0 }, 'draft'],
    ['a draft with a long body', 'draft.put', { draft: draft({ body: 'x'.repeat(20_001) }), base: 0 }, 'draft.body'],
    ['a draft of a wrong mode', 'draft.put', { draft: draft({ mode: 'shout' }), base: 0 }, 'draft.mode'],
    ['a draft that names its own revision', 'draft.put', { draft: draft({ rev: 5 }), base: 0 }, 'draft'],
    ['a draft with NUL', 'draft.put', { draft: draft({ body: 'a\0b' }), base: 0 }, 'draft.body'],
    ['a draft with half a surrogate pair', 'draft.put', { draft: draft({ body: 'a\ud800b' }), base: 0 }, 'draft.body'],
    ['a draft for a ticket that is not there', 'draft.put', { draft: draft(), base: 0 }, 'draft.ticketId'],
    ['a draft without base', 'draft.put', { draft: draft() }, 'base'],
    ['drafts since yesterday', 'draft.since', { rev: 'yesterday' }, 'rev'],
    ['drafts since before the beginning', 'draft.since', { rev: -1 }, 'rev'],
  ];
  test.each(malformed)('%s', async (_what, name, message, field) => {
    const before = await noteCount();
    const answer = await lan.ask(name, message);
    expect(answer.refuse).toMatchObject({ code: 'BAD_MESSAGE' });
    if (field) expect(answer.refuse!.field).toBe(field);
    expect(await noteCount()).toBe(before);
    expect(lan.socket.connected).toBe(true);
  });

  test('ids out of order are refused as a whole', async () => {
    const [one, two] = [mutation(), mutation()];
    expect((await lan.ask('push', { mutations: [two, one] })).refuse).toEqual({ code: 'BAD_MESSAGE', field: 'mutations.1.id' });
    expect((await lan.ask('push', { mutations: [one, two] })).value).toMatchObject({ results: [{ ok: true }, { ok: true }] });
  });

  test('an event nobody knows, binary, and a message without acknowledgement harm nobody', async () => {
    lan.socket.emit('no-such-event', { a: 1 });
    lan.socket.emit('push', { mutations: 'x' });
    lan.socket.emit('pull', Buffer.alloc(1000));
    expect((await lan.ask('time', { t0: 1 })).value).toMatchObject({ t0: 1 });
  });

  test('a frame beyond the limit closes that connection only, and what was sent is not half taken', async () => {
    const big = await wire(hub.url, 'lan');
    const before = await noteCount();
    const gone = new Promise((resolve) => big.socket.once('disconnect', resolve));
    big.socket.emit('push', {
      mutations: [mutation({ args: { messageId: uuid(), ticketId, body: 'x'.repeat(wireLimits.frameBytes + 1000) } })],
    });
    await gone;
    expect(await noteCount()).toBe(before);
    expect(lan.socket.connected).toBe(true);
    expect((await lan.ask('time', { t0: 2 })).value).toMatchObject({ t0: 2 });
  });
});

describe('mutations', () => {
  const bad: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['unknown', { name: 'ticket.explode' }, { code: 'UNKNOWN_MUTATION', field: 'name' }],
    ['a name from Object', { name: 'constructor' }, { code: 'UNKNOWN_MUTATION', field: 'name' }],
    ['arguments missing', { args: {} }, { code: 'INVALID' }],
    ['arguments of a wrong type', { args: { messageId: 1, ticketId: 2, body: 3 } }, { code: 'INVALID', field: 'messageId' }],
    ['no arguments', { args: null }, { code: 'INVALID' }],
    [
      'too large',
      { args: { messageId: uuid(), ticketId: uuid(), body: 'x'.repeat(wireLimits.argsLength) } },
      { code: 'TOO_LARGE', field: 'args' },
    ],
    ['empty text', { args: { messageId: uuid(), ticketId: uuid(), body: '   ' } }, { code: 'INVALID', field: 'body' }],
    [
      'NUL, which the database can not keep',
      { args: { messageId: uuid(), ticketId: uuid(), body: 'a\0b' } },
      { code: 'INVALID', field: 'args' },
    ],
    ['half a surrogate pair', { args: { messageId: uuid(), ticketId: uuid(), body: 'a\ud800b' } }, { code: 'INVALID', field: 'args' }],
    ['an unknown member', { args: { messageId: uuid(), ticketId: uuid(), body: 'x', admin: true } }, { code: 'INVALID' }],
    [
      'a file without a sum',
      { args: { messageId: uuid(), ticketId: uuid(), body: 'x', attachments: [{ id: uuid(), name: 'x', type: '', size: 1, sha256: '' }] } },
      { code: 'INVALID', field: 'attachments.0.sha256' },
    ],
    [
      'what only the hub may say of a file',
      { name: 'attachment.ready', args: { attachmentId: uuid() } },
      { code: 'FORBIDDEN', field: 'name' },
    ],
    ['a ticket that is not there', { args: { messageId: uuid(), ticketId: uuid(), body: 'x' } }, { code: 'NOT_FOUND', field: 'ticketId' }],
  ];
  test.each(bad)('%s: refused, and what stands before and after it in the queue is taken', async (_what, fields, expected) => {
    const before = await noteCount();
    const answer = await lan.ask('push', { mutations: [mutation(), mutation(fields), mutation()] });
    const { results } = answer.value as { results: { ok: boolean; rejection?: unknown }[] };
    expect(results.map((result) => result.ok)).toEqual([true, false, true]);
    expect(results[1]!.rejection).toMatchObject(expected);
    expect(await noteCount()).toBe(before + 2);
  });

  test('the same mutation again is answered the same and applied once', async () => {
    const one = mutation();
    const wrong = mutation({ name: 'ticket.explode' });
    const first = await lan.ask('push', { mutations: [one, wrong] });
    const before = await noteCount();
    const again = await lan.ask('push', { mutations: [one, wrong] });
    const results = (answer: typeof first) => (answer.value as { results: unknown[] }).results;
    expect(results(again)).toEqual(results(first));
    // The same intent under another number, as after a restored backup.
    const renumbered = await lan.ask('push', { mutations: [{ ...one, id: (next += 1) }] });
    expect(results(renumbered)[0]).toMatchObject({ ok: true });
    expect(await noteCount()).toBe(before);
  });
});

describe('handshake', () => {
  const greet = async (auth: Record<string, unknown>) => {
    const client = new WireClient(hub.url, auth);
    const greeting = await client.greeting();
    client.close();
    return greeting;
  };
  test('old and future protocol versions are told what is served', async () => {
    for (const protocol of [0, 3, 99]) {
      const me = await signIn(hub.url, 'lan');
      expect(await greet({ token: me.token, clientId: me.clientId, protocol, cursor: null })).toEqual({
        name: 'refuse',
        message: { code: 'VERSION_NOT_SUPPORTED', supported: [1, 2] },
      });
    }
    // Also when the rest of the greeting has a form that this hub does not know.
    expect(await greet({ protocol: 7, hello: 'there' })).toMatchObject({ name: 'refuse', message: { code: 'VERSION_NOT_SUPPORTED' } });
  });

  test('everything else that is wrong has its name', async () => {
    const me = await signIn(hub.url, 'lan');
    const right = { token: me.token, clientId: me.clientId, protocol: 1, cursor: null };
    expect((await greet({})).message).toMatchObject({ code: 'BAD_MESSAGE' });
    expect((await greet({ ...right, clientId: 'x' })).message).toEqual({ code: 'BAD_MESSAGE', field: 'clientId' });
    expect((await greet({ ...right, extra: true })).message).toMatchObject({ code: 'BAD_MESSAGE' });
    expect((await greet({ ...right, token: 'x' })).message).toEqual({ code: 'AUTH_EXPIRED' });
    expect((await greet({ ...right, clientId: uuid() })).message).toEqual({ code: 'AUTH_EXPIRED' });
    expect((await greet({ ...right, cursor: 1e9 })).message).toEqual({ code: 'CURSOR_INVALID' });
    expect((await greet(right)).name).toBe('welcome');
  });
});

describe('HTTP', () => {
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(hub.url + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  test('broken, wrong and oversized bodies', async () => {
    expect((await post('/api/v1/auth/sign-in', '{')).status).toBe(400);
    const wrong = await post('/api/v1/auth/sign-in', JSON.stringify({ email: 'a@b.c', password: 5, clientId: uuid(), deviceName: '' }));
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { code: 'BAD_REQUEST', field: 'password' }]);
    const huge = await post('/api/v1/auth/sign-in', JSON.stringify({ email: 'x'.repeat(300_000) }));
    expect([huge.status, await huge.json()]).toMatchObject([413, { code: 'TOO_LARGE' }]);
    const polluted = await post('/api/v1/auth/sign-in', '{"__proto__":{"admin":true},"email":"a@b.c"}');
    expect(polluted.status).toBe(400);
    expect((await post('/nowhere', '{}')).status).toBe(404);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test('a wrong password and an unknown address are told apart by nothing', async () => {
    const answers = await Promise.all(
      ['lan@demo.truc.test', 'nobody@demo.truc.test'].map((email) =>
        post('/api/v1/auth/sign-in', JSON.stringify({ email, password: 'wrong', clientId: uuid(), deviceName: 'x' })),
      ),
    );
    expect(await Promise.all(answers.map(async (answer) => [answer.status, await answer.json()]))).toEqual(
      Array.from({ length: 2 }, () => [401, expect.objectContaining({ code: 'WRONG_CREDENTIALS' })]),
    );
  });

  test('snapshot, history and search: every wrong parameter is named', async () => {
    const authorization = `Bearer ${lan.me.token}`;
    const filter = { channel: null, queueId: null, assignee: null, tag: null, from: null, until: null, settled: null };
    const bad: [string, Record<string, unknown> | null, number, string][] = [
      ['/api/v1/snapshot?protocol=two', null, 400, 'protocol'],
      ['/api/v1/snapshot?protocol=3', null, 400, 'protocol'],
      ['/api/v1/snapshot?protocol=2&cursor=-1', null, 400, 'cursor'],
      ['/api/v1/snapshot?protocol=2&entity=secret', null, 200, ''],
      ['/api/v1/snapshot?protocol=2&entity=ticket&after=x', null, 400, 'after'],
      ['/api/v1/snapshot?protocol=2&entity=channel&after=%00', null, 400, 'after'],
      [`/api/v1/snapshot?protocol=2&cursor=0&epoch=x&entity=ticket&after=${uuid()}`, null, 200, ''],
      ['/api/v1/snapshot?protocol=2&extra=1', null, 400, ''],
      ['/api/v1/tickets/x/history', null, 400, 'id'],
      [`/api/v1/tickets/${uuid()}/history`, null, 404, 'id'],
      [`/api/v1/tickets/${ticketId}/history?limit=0`, null, 400, 'limit'],
      [`/api/v1/tickets/${ticketId}/history?limit=501`, null, 400, 'limit'],
      [`/api/v1/tickets/${ticketId}/history?before=now`, null, 400, 'before'],
      ['/api/v1/files', {}, 400, 'id'],
      ['/api/v1/files', { id: uuid(), ticketId, name: 'x', type: '', size: '5', sha256: 'a'.repeat(64) }, 400, 'size'],
      ['/api/v1/files/x', null, 400, 'id'],
      [`/api/v1/files/${uuid()}`, null, 404, 'id'],
      [`/api/v1/files/${uuid()}/upload`, null, 404, 'id'],
      ['/api/v1/search', {}, 400, 'text'],
      ['/api/v1/search', { text: '', filter, limit: 5 }, 400, 'text'],
      ['/api/v1/search', { text: 'x'.repeat(201), filter, limit: 5 }, 400, 'text'],
      ['/api/v1/search', { text: 'x', filter, limit: 101 }, 400, 'limit'],
      ['/api/v1/search', { text: 'x', filter: { ...filter, channel: 'fax' }, limit: 5 }, 400, 'filter.channel'],
      ['/api/v1/search', { text: 'x', filter: {}, limit: 5 }, 400, 'filter.channel'],
      ['/api/v1/search', { text: "a\0b \ud800 & | ! :* ' ( ) <-> \\ %_", filter, limit: 5 }, 200, ''],
      ['/api/v1/search', { text: '?!', filter, limit: 5 }, 200, ''],
    ];
    for (const [path, body, status, field] of bad) {
      const answer = await fetch(hub.url + path, {
        headers: { authorization, 'content-type': 'application/json' },
        ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      });
      expect([path, body, answer.status]).toEqual([path, body, status]);
      if (status !== 200 && field) expect(await answer.json()).toMatchObject({ field });
      else await answer.text();
    }
  });

  test("a visitor's odd text is kept as far as it can be, and repeats change nothing", async () => {
    const customer = await new Visitor(hub.url).open();
    const id = await customer.say('a\0b \ud800 ✓ đường');
    await customer.say('a\0b \ud800 ✓ đường', id);
    expect((await customer.messages()).map((message) => message.body)).toEqual(['ab \ufffd ✓ đường']);
    for (const body of ['', '   ', 'x'.repeat(20_001)]) {
      await expect(customer.say(body)).rejects.toThrow(/400.*body/);
    }
    expect((await post('/widget/api/session', JSON.stringify({ channel: 'demo-mail', token: null }))).status).toBe(404);
    expect(
      (await post('/widget/api/session', JSON.stringify({ channel: 'demo-widget', token: null }), { origin: 'https://elsewhere.example' }))
        .status,
    ).toBe(403);
  });
});
