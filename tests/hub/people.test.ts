/** People come and go: by a link they choose a password with, and with everything they had in hand passed on. On a real hub. */
import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MutationArgs } from '../../src/shared/mutations/registry.ts';
import type { WayIn } from '../../src/shared/people-admin.ts';
import { PROTOCOL_VERSION, type Welcome } from '../../src/shared/protocol.ts';
import { act } from '../harness/acts.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { ticketOf, Visitor } from '../harness/visitor.ts';
import { type SignedIn, signIn, snapshotOf, WireClient } from '../harness/wire.ts';

let hub: TestHub;
let quan: SignedIn;
let team: string;
const queues: Record<string, string> = {};
const users: Record<string, string> = {};
beforeAll(async () => {
  hub = await startTestHub();
  quan = await signIn(hub.url, 'quan');
  team = (await hub.query<{ id: string }>('select id from team'))[0]!.id;
  for (const { id, purpose } of await hub.query<{ id: string; purpose: string }>('select id, purpose from queue')) queues[purpose] = id;
  for (const { id, email } of await hub.query<{ id: string; email: string }>('select id, email from app_user'))
    users[email.split('@')[0]!] = id;
});
afterAll(() => hub.stop());

const password = 'mèo con đi học 7 giờ';
const someone = (more: Partial<MutationArgs<'user.save'>> = {}): MutationArgs<'user.save'> => ({
  userId: uuid(),
  name: 'Bích Ngọc',
  email: `${uuid()}@saomai.example`,
  role: 'agent',
  locale: 'vi',
  teamIds: [team],
  queueIds: [queues['sales']!],
  ...more,
});

async function ask(path: string, body: unknown, who: SignedIn | null = quan): Promise<{ status: number; said: unknown }> {
  const answer = await fetch(`${hub.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(who ? { authorization: `Bearer ${who.token}` } : {}) },
    body: JSON.stringify(body),
  });
  return { status: answer.status, said: await answer.json() };
}
const tokenIn = (said: unknown): string => (said as WayIn).link.split('#')[1]!;
const come = (token: string, chosen = password) => ask('/join', { token, password: chosen }, null);
async function enter(email: string, chosen = password): Promise<SignedIn | number> {
  const clientId = uuid();
  const { status, said } = await ask('/auth/sign-in', { email, password: chosen, clientId, deviceName: 'test' }, null);
  if (status !== 200) return status;
  const { tokens, user } = said as { tokens: { accessToken: string; refreshToken: string }; user: { id: string } };
  return { token: tokens.accessToken, refreshToken: tokens.refreshToken, clientId, userId: user.id };
}
/** Somebody who has come in by a link, on a console that is connected. */
async function employed(more: Partial<MutationArgs<'user.save'>> = {}): Promise<WireClient & { me: SignedIn; email: string }> {
  const one = someone(more);
  expect(await come(tokenIn((await ask('/people/invite', one)).said))).toMatchObject({ status: 200 });
  const me = (await enter(one.email)) as SignedIn;
  const line = new WireClient(hub.url, { token: me.token, clientId: me.clientId, protocol: PROTOCOL_VERSION, cursor: null });
  expect(await line.greeting()).toMatchObject({ name: 'welcome' });
  return Object.assign(line, { me, email: one.email });
}
async function chatIn(to: string | null): Promise<string> {
  const visitor = await new Visitor(hub.url).open();
  await visitor.say(`Xin chào ${uuid()}`);
  const { id } = await ticketOf(hub, visitor);
  if (to !== null) await hub.query(`update ticket set assignee_id = $2, status = 'open' where id = $1`, [id, to]);
  return id;
}
const ticket = async (id: string) => (await hub.query('select * from ticket where id = $1', [id]))[0]!;
const closed = (line: WireClient) => until(async () => !line.socket.connected);

describe('an invitation', () => {
  test('invited, joined, signed in; until then nobody can come in as them', async () => {
    const one = someone();
    const { status, said } = await ask('/people/invite', one);
    expect(status).toBe(201);
    expect(said).toMatchObject({ link: expect.stringMatching(/^\/join\?lang=vi#[\w-]{43}$/), until: expect.any(Number) });
    expect((said as WayIn).until - Date.now()).toBeGreaterThan(71 * 3_600_000);
    expect(await hub.query('select active from app_user where id = $1', [one.userId])).toEqual([{ active: false }]);
    expect(await enter(one.email)).toBe(401);
    const answer = await fetch(`${hub.url}/api/v1/people`, { headers: { authorization: `Bearer ${quan.token}` } });
    const { people } = (await answer.json()) as { people: { userId: string }[] };
    expect(people.find(({ userId }) => userId === one.userId)).toMatchObject({
      joined: false,
      linkUntil: expect.any(Number),
      seenAt: null,
    });
    expect(people.find(({ userId }) => userId === quan.userId)).toMatchObject({ joined: true, linkUntil: null });

    expect(await come(tokenIn(said))).toEqual({ status: 200, said: { email: one.email } });
    const me = (await enter(one.email)) as SignedIn;
    expect(me.userId).toBe(one.userId);
    expect(await hub.query('select active from app_user where id = $1', [one.userId])).toEqual([{ active: true }]);
    // Their reach is that of what was laid down for them.
    const rows = (await snapshotOf(hub.url, me)) as unknown as {
      t: string;
      entity: string;
      row: { queueId: string; assigneeId: string };
    }[];
    const reached = rows.filter(({ t, entity }) => t === 'row' && entity === 'ticket');
    expect(reached.length).toBeGreaterThan(0);
    expect(reached.every(({ row }) => row.queueId === queues['sales'])).toBe(true);
  });

  test('a link lets in once, not when it is too old, not when there is a newer one, and not by guessing', async () => {
    const one = someone();
    const first = tokenIn((await ask('/people/invite', one)).said);
    const second = tokenIn((await ask('/people/invite', { ...one, name: 'Ngọc Bích' })).said);
    expect(second).not.toBe(first);
    expect(await come(first)).toMatchObject({ status: 410, said: { code: 'LINK_GONE' } });
    expect(await come('a'.repeat(43))).toMatchObject({ status: 410 });
    expect(await come(second, 'chín ký tự')).toMatchObject({ status: 200 });
    expect(await come(second)).toMatchObject({ status: 410 });
    expect(await hub.query('select name from app_user where id = $1', [one.userId])).toEqual([{ name: 'Ngọc Bích' }]);

    const late = someone();
    const token = tokenIn((await ask('/people/invite', late)).said);
    await hub.query('update person_link set until = $2 where user_id = $1', [late.userId, Date.now() - 1]);
    expect(await come(token)).toMatchObject({ status: 410 });
    expect(await enter(late.email)).toBe(401);
  });

  test('two who use one link at once: one of them is in', async () => {
    const one = someone();
    const token = tokenIn((await ask('/people/invite', one)).said);
    const both = await Promise.all([come(token, 'của người thứ nhất'), come(token, 'của người thứ hai')]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 410]);
  });

  test('a short password is refused with its field, and the link stays good', async () => {
    const token = tokenIn((await ask('/people/invite', someone())).said);
    expect(await come(token, 'ngắn quá')).toMatchObject({ status: 400, said: { field: 'password' } });
    expect(await come(token)).toMatchObject({ status: 200 });
  });

  test('nothing that lets in is stored as it is', async () => {
    const one = someone();
    const token = tokenIn((await ask('/people/invite', one)).said);
    const [stored] = await hub.query<{ token_hash: Buffer }>('select token_hash from person_link where user_id = $1', [one.userId]);
    expect(stored!.token_hash.equals(createHash('sha256').update(token).digest())).toBe(true);
    expect(JSON.stringify(await hub.query('select * from audit'))).not.toContain(token);
    expect(JSON.stringify(await hub.query('select * from change_log'))).not.toContain(token);
  });

  test('what is wrong is named; only administrators invite', async () => {
    expect(await ask('/people/invite', someone({ email: 'LAN@demo.truc.test' }))).toMatchObject({ status: 409, said: { field: 'email' } });
    expect(await ask('/people/invite', someone({ email: 'không phải email' }))).toMatchObject({ status: 400, said: { field: 'email' } });
    expect(await ask('/people/invite', someone({ queueIds: [uuid()] }))).toMatchObject({ status: 404, said: { field: 'queueIds.0' } });
    expect(await ask('/people/invite', someone({ userId: users['lan']! }))).toMatchObject({ status: 409, said: { field: 'userId' } });
    for (const key of ['lan', 'thu']) {
      const other = await signIn(hub.url, key);
      expect(await ask('/people/invite', someone(), other)).toMatchObject({ status: 403 });
      expect(await ask(`/people/${users['hoa']}/reset`, {}, other)).toMatchObject({ status: 403 });
      const list = await fetch(`${hub.url}/api/v1/people`, { headers: { authorization: `Bearer ${other.token}` } });
      expect(list.status).toBe(403);
    }
  });

  test('the page is in both languages and runs nothing but the hub’s own script', async () => {
    for (const [lang, word] of [
      ['vi', 'Đặt mật khẩu'],
      ['en', 'Choose your password'],
      ['zz', 'Đặt mật khẩu'],
    ] as const) {
      const page = await fetch(`${hub.url}/join?lang=${lang}`);
      const policy = page.headers.get('content-security-policy');
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toContain('unsafe');
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      const html = await page.text();
      expect(html).toContain(word);
      expect([...html.matchAll(/<script[^>]*>([^<]*)/g)].map(([, inline]) => inline)).toEqual(['']);
    }
  });
});

describe('a reset', () => {
  test('ends what was open and the old password; the new one lets in', async () => {
    const one = await employed();
    const { status, said } = await ask(`/people/${one.me.userId}/reset`, {});
    expect(status).toBe(200);
    await closed(one);
    expect(await ask('/acts', { name: 'presence.channels', args: { off: [] } }, one.me)).toMatchObject({ status: 401 });
    expect(await ask('/auth/refresh', { refreshToken: one.me.refreshToken, clientId: one.me.clientId }, null)).toMatchObject({
      status: 401,
    });
    expect(await enter(one.email)).toBe(401);
    expect(await come(tokenIn(said), 'mật khẩu mới tinh')).toMatchObject({ status: 200 });
    expect(await enter(one.email)).toBe(401);
    expect(await enter(one.email, 'mật khẩu mới tinh')).toMatchObject({ userId: one.me.userId });
    expect(await hub.query(`select actor_id from audit where act = 'user.reset' and args->>'userId' = $1`, [one.me.userId])).toEqual([
      { actor_id: quan.userId },
    ]);
  });

  test('one’s own leaves the console open until the link is used', async () => {
    const one = await employed({ role: 'admin' });
    const { said } = await ask(`/people/${one.me.userId}/reset`, {}, one.me);
    expect(await ask('/acts', { name: 'presence.channels', args: { off: [] } }, one.me)).toMatchObject({ status: 200 });
    expect(await come(tokenIn(said), 'mật khẩu mới tinh')).toMatchObject({ status: 200 });
    await closed(one);
    expect(await act(hub.url, quan, 'user.deactivate', { userId: one.me.userId, to: null })).toBeNull();
  });

  test('nobody is there; somebody has left', async () => {
    expect(await ask(`/people/${uuid()}/reset`, {})).toMatchObject({ status: 404 });
    const one = await employed();
    await act(hub.url, quan, 'user.deactivate', { userId: one.me.userId, to: null });
    expect(await ask(`/people/${one.me.userId}/reset`, {})).toMatchObject({ status: 409, said: { code: 'INACTIVE' } });
  });
});

describe('somebody leaves', () => {
  test('their tickets go to the colleague, or back to the queue; nothing is held, rings or stays open', async () => {
    const one = await employed({ queueIds: [queues['sales']!, queues['warranty']!] });
    const mine = one.me.userId;
    const heir = await employed({ name: 'Người nhận' });
    expect(await act(hub.url, one.me, 'presence.set', { userId: mine, state: 'available', reason: null })).toBeNull();
    const [served, foreign, resolved, leased, offered] = [
      await chatIn(mine),
      await chatIn(mine),
      await chatIn(mine),
      await chatIn(mine),
      await chatIn(null),
    ];
    await hub.query('update ticket set queue_id = $2 where id = $1', [foreign, queues['warranty']]);
    await hub.query(`update ticket set status = 'resolved', resolved_at = 1, enqueued_at = null where id = $1`, [resolved]);
    await hub.query(`update ticket set lease_by = $2, lease_until = $3 where id = $1`, [leased, mine, Date.now() + 3_600_000]);
    const offerId = uuid();
    await hub.query(
      `insert into offer (workspace_id, id, ticket_id, queue_id, user_id, at, until, state)
       select workspace_id, $2::uuid, id, queue_id, $3::uuid, 1, 99999999999999, 'ringing' from ticket where id = $1`,
      [offered, offerId, mine],
    );
    await hub.query('update ticket set offered_to = $2 where id = $1', [offered, mine]);

    expect(await act(hub.url, quan, 'user.deactivate', { userId: mine, to: heir.me.userId })).toBeNull();
    expect(await ticket(served)).toMatchObject({ assignee_id: heir.me.userId, queue_id: queues['sales'] });
    // The colleague does not serve its queue: it stands where it stood.
    expect(await ticket(foreign)).toMatchObject({ assignee_id: null, queue_id: queues['warranty'] });
    expect(await ticket(resolved)).toMatchObject({ assignee_id: mine });
    expect(await ticket(leased)).toMatchObject({ assignee_id: heir.me.userId, lease_by: null, lease_until: null });
    expect(await ticket(offered)).toMatchObject({ assignee_id: null, offered_to: null });
    expect(await hub.query('select state from offer where id = $1', [offerId])).toEqual([{ state: 'withdrawn' }]);
    expect(await hub.query('select state from presence where id = $1', [mine])).toEqual([{ state: 'offline' }]);
    expect(await hub.query('select ticket_id from notice where user_id = $1 order by ticket_id', [heir.me.userId])).toHaveLength(2);
    // All of it in one commit, which is on record.
    const commits = await hub.query(
      `select distinct rowver from (select rowver from ticket where id = any($1) union all select rowver from app_user where id = $2) v`,
      [[served, foreign, leased, offered], mine],
    );
    expect(commits).toHaveLength(1);
    expect(await hub.query(`select 1 from audit where act = 'user.deactivate' and args->>'userId' = $1`, [mine])).toHaveLength(1);

    await closed(one);
    const again = new WireClient(hub.url, { token: one.me.token, clientId: one.me.clientId, protocol: PROTOCOL_VERSION, cursor: null });
    expect(await again.greeting()).toMatchObject({ name: 'refuse', message: { code: 'CLIENT_REVOKED' } });
    again.close();
    const token = { authorization: `Bearer ${one.me.token}` };
    expect((await fetch(`${hub.url}/api/v1/snapshot?protocol=${PROTOCOL_VERSION}`, { headers: token })).status).toBe(403);
    expect(await ask('/acts', { name: 'presence.channels', args: { off: [] } }, one.me)).toMatchObject({ status: 403 });
    expect(await ask('/auth/refresh', { refreshToken: one.me.refreshToken, clientId: one.me.clientId }, null)).toMatchObject({
      status: 403,
    });
    expect(await enter(one.email)).toBe(401);

    // A customer of theirs who comes back waits for those who are there.
    const visitor = await new Visitor(hub.url).open();
    await visitor.say('Chào shop');
    const returning = (await ticketOf(hub, visitor)).id;
    await hub.query(`update ticket set status = 'resolved', resolved_at = $3, assignee_id = $2, enqueued_at = null where id = $1`, [
      returning,
      mine,
      Date.now(),
    ]);
    await visitor.say('Em còn hỏi thêm');
    await until(async () => (await ticket(returning))['status'] === 'open');
    expect(await ticket(returning)).toMatchObject({ assignee_id: null });
  });

  test('a workstation of theirs keeps nothing', async () => {
    const console_ = await (await new TestConsole(hub.url).start()).signIn('minh');
    expect(await act(hub.url, quan, 'user.deactivate', { userId: users['minh']!, to: null })).toBeNull();
    const state = () => console_.query('session.state', null);
    await until(async () => (await state()).phase === 'signedOut');
    expect(await state()).toMatchObject({ reason: 'CLIENT_REVOKED', accounts: [] });
    expect(await act(hub.url, quan, 'user.activate', { userId: users['minh']! })).toBeNull();
    console_.dispose();
  });

  test('back again: what they served is theirs, what was signed in then is not', async () => {
    const one = await employed();
    await act(hub.url, quan, 'user.deactivate', { userId: one.me.userId, to: null });
    expect(await act(hub.url, quan, 'user.activate', { userId: one.me.userId })).toBeNull();
    expect(await ask('/acts', { name: 'presence.channels', args: { off: [] } }, one.me)).toMatchObject({ status: 401 });
    expect(await ask('/auth/refresh', { refreshToken: one.me.refreshToken, clientId: one.me.clientId }, null)).toMatchObject({
      status: 401,
    });
    expect(await enter(one.email)).toMatchObject({ userId: one.me.userId });
    expect(await hub.query('select queue_id from queue_member where user_id = $1', [one.me.userId])).toEqual([
      { queue_id: queues['sales'] },
    ]);
  });

  test('whoever was only invited has no link left', async () => {
    const one = someone();
    const token = tokenIn((await ask('/people/invite', one)).said);
    expect(await act(hub.url, quan, 'user.deactivate', { userId: one.userId, to: null })).toBeNull();
    expect(await come(token)).toMatchObject({ status: 410 });
  });

  test('not oneself, not the last administrator, not to somebody who is not there', async () => {
    const refusal = (field: string, reason: string) => ({ code: 'INVALID', field, detail: { reason } });
    expect(await act(hub.url, quan, 'user.deactivate', { userId: quan.userId, to: null })).toMatchObject(refusal('userId', 'yourself'));
    const [me] = await hub.query<{ name: string; email: string }>('select name, email from app_user where id = $1', [quan.userId]);
    const demoted = { ...someone({ userId: quan.userId, role: 'lead' }), ...me! };
    expect(await act(hub.url, quan, 'user.save', demoted)).toMatchObject(refusal('role', 'last administrator'));
    // Somebody who has not come yet could let nobody in.
    const invited = someone({ role: 'admin' });
    await ask('/people/invite', invited);
    expect(await act(hub.url, quan, 'user.save', demoted)).toMatchObject(refusal('role', 'last administrator'));

    const second = await employed({ role: 'admin' });
    expect(await act(hub.url, second.me, 'user.deactivate', { userId: quan.userId, to: uuid() })).toMatchObject({
      code: 'INVALID_ASSIGNEE',
    });
    expect(await act(hub.url, quan, 'user.deactivate', { userId: second.me.userId, to: second.me.userId })).toMatchObject({
      code: 'INVALID_ASSIGNEE',
      field: 'to',
    });
    expect(await act(hub.url, quan, 'user.deactivate', { userId: second.me.userId, to: null })).toBeNull();
    expect(await hub.query('select active from app_user where id = $1', [quan.userId])).toEqual([{ active: true }]);
  });
});

describe('what is theirs to work', () => {
  test('other queues, and another role, reach their console at once', async () => {
    const one = await employed();
    const scopesNow = async () => {
      const line = new WireClient(hub.url, { token: one.me.token, clientId: one.me.clientId, protocol: PROTOCOL_VERSION, cursor: null });
      const { message } = await line.greeting();
      line.close();
      return (message as Welcome).scopes.filter((scope) => scope.startsWith('queue:')).toSorted();
    };
    const [user] = await hub.query<{ name: string; email: string }>('select name, email from app_user where id = $1', [one.me.userId]);
    const { sales, complaint } = queues;
    const changed = { ...someone({ userId: one.me.userId }), ...user! };
    expect(await act(hub.url, quan, 'user.save', { ...changed, queueIds: [complaint!] })).toBeNull();
    await closed(one);
    expect(await scopesNow()).toEqual([`queue:${complaint}`]);
    const [before] = await hub.query<{ name: string; team_id: string; purpose: 'sales'; requires_disposition: boolean }>(
      'select * from queue where id = $1',
      [sales],
    );
    const members = (await hub.query<{ user_id: string }>('select user_id from queue_member where queue_id = $1', [sales])).map(
      ({ user_id }) => user_id,
    );
    const { name, team_id: teamId, purpose, requires_disposition: requiresDisposition } = before!;
    const userIds = [...members, one.me.userId];
    const save = (ids: string[]) =>
      act(hub.url, quan, 'queue.save', { queueId: sales!, name, teamId, purpose, requiresDisposition, userIds: ids });
    expect(await save(userIds)).toBeNull();
    expect(await scopesNow()).toEqual([`queue:${complaint}`, `queue:${sales}`].toSorted());
    expect(await save(members)).toBeNull();
    expect(await act(hub.url, quan, 'user.save', { ...changed, role: 'lead', queueIds: [] })).toBeNull();
    expect(await scopesNow()).toHaveLength((await hub.query('select id from queue')).length);
  });

  test('a workstation forgets the queue that it lost and loads the one that it got', async () => {
    const [lan] = await hub.query<{ name: string; email: string }>('select name, email from app_user where id = $1', [users['lan']]);
    const console_ = await (await new TestConsole(hub.url).start()).signIn('lan');
    const reach = async () => (await console_.query('reference', null))?.myQueues.toSorted();
    await until(async () => (await reach())?.includes(queues['sales']!) === true);
    const before = (await reach())!;
    expect(before).toContain(queues['sales']);
    const me = { ...someone({ userId: users['lan']!, queueIds: [queues['complaint']!] }), ...lan! };
    expect(await act(hub.url, quan, 'user.save', me)).toBeNull();
    await until(async () => String(await reach()) === queues['complaint']);
    // What is theirs from the former queue, because it was given to them, stays.
    await until(async () => (await console_.inbox()).some(({ queueId }) => queueId === queues['complaint']));
    const theirs = async () =>
      (await console_.inbox()).every(({ queueId, assigneeId }) => queueId === queues['complaint'] || assigneeId === users['lan']);
    await until(theirs);
    expect(await act(hub.url, quan, 'user.save', { ...me, queueIds: before })).toBeNull();
    await until(async () => String(await reach()) === String(before));
    console_.dispose();
  });
});

test('trying links out is slowed down as signing in is', async () => {
  const strict = await startTestHub({ TRUC_SIGN_IN_LIMIT: '3' });
  const tries = [];
  for (let n = 0; n < 5; n += 1) {
    const answer = await fetch(`${strict.url}/api/v1/join`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'a'.repeat(43), password }),
    });
    tries.push(answer.status);
  }
  expect(tries).toEqual([410, 410, 410, 429, 429]);
  await strict.stop();
});
