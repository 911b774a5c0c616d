/** Wallboards: who makes and takes back links, what a link shows, and when it shows nothing any more. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wallboard, type Wallboard } from '../../src/shared/wallboard.ts';
import { act } from '../harness/acts.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { Visitor } from '../harness/visitor.ts';
import { type SignedIn, signIn } from '../harness/wire.ts';

let hub: TestHub;
const people: Record<string, SignedIn> = {};
beforeAll(async () => {
  hub = await startTestHub();
  for (const key of ['lan', 'thu', 'quan']) people[key] = await signIn(hub.url, key);
});
afterAll(() => hub.stop());

const ask = (path: string, token: string, method = 'GET', body?: unknown) =>
  fetch(`${hub.url}/api/v1/wallboard${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function link(key: string, name: string): Promise<{ id: string; token: string }> {
  const answer = await ask('/links', people[key]!.token, 'POST', { name });
  expect(answer.status).toBe(200);
  const made = (await answer.json()) as { link: { id: string }; token: string };
  return { id: made.link.id, token: made.token };
}

async function board(token: string): Promise<Wallboard> {
  const answer = await ask(`?since=${Date.now() - 3_600_000}`, token);
  expect(answer.status).toBe(200);
  return wallboard.parse(await answer.json());
}

const figures = (of: Wallboard) => of.queues.map(({ id, waiting, inHand, breached }) => ({ id, waiting, inHand, breached }));

/** The same, counted on its own. */
function counted() {
  return hub.query<{ id: string; waiting: number; inHand: number; breached: number }>(
    `select q.id, count(t.id) filter (where t.assignee_id is null and t.status in ('new', 'open') and coalesce(t.snoozed_until, 0) <= $1)::int as waiting,
       count(t.assignee_id)::int as "inHand", count(t.id) filter (where t.sla_state = 'breached')::int as breached
     from queue q left join ticket t on t.queue_id = q.id and t.merged is null and t.status not in ('resolved', 'closed', 'spam')
     group by q.id, q.position order by q.position`,
    [Date.now()],
  );
}

const agree = async (token: string) => isDeepStrictEqual(figures(await board(token)), await counted());

test('leads and administrators make links, agents do not; a name is needed', async () => {
  expect((await ask('/links', people['lan']!.token, 'POST', { name: 'Tivi' })).status).toBe(403);
  expect((await ask('/links', people['lan']!.token)).status).toBe(403);
  const nameless = await ask('/links', people['thu']!.token, 'POST', { name: ' ' });
  expect([nameless.status, ((await nameless.json()) as { field: string }).field]).toEqual([400, 'name']);
  await link('thu', 'Tivi phòng lớn');
  const listed = (await (await ask('/links', people['quan']!.token)).json()) as { links: { name: string; madeBy: string }[] };
  expect(listed.links).toEqual([expect.objectContaining({ name: 'Tivi phòng lớn', madeBy: 'Phạm Anh Thư', seenAt: null })]);
});

test('a link shows the figures of its maker’s queues, as the database has them, and no names but those of queues', async () => {
  const { token } = await link('thu', 'Sảnh');
  await act(hub.url, people['thu']!, 'presence.set', { userId: people['lan']!.userId, state: 'meal', reason: null });
  const shown = await board(token);
  expect(shown.queues.map(({ name }) => name)).toEqual(['Tư vấn mua hàng', 'Khiếu nại', 'Bảo hành']);
  expect(shown.people).toMatchObject({ meal: 1 });
  // The demo's own customers go on writing: the board and the database have to agree at some moment.
  await expect.poll(() => agree(token), { timeout: 15_000 }).toBe(true);
  const text = JSON.stringify(shown);
  const names = await hub.query<{ name: string }>('select name from customer union select name from app_user');
  expect(names.length).toBeGreaterThan(50);
  for (const { name } of names) expect(text).not.toContain(name);
});

test('somebody who writes is there a moment later', async () => {
  const { token } = await link('quan', 'Phòng họp');
  const visitor = await new Visitor(hub.url).open();
  await visitor.say('Còn máy giặt cửa ngang không ạ');
  const [waits] = await hub.query<{ n: number }>(
    `select count(*)::int as n from ticket where last_message_preview like 'Còn máy giặt%' and assignee_id is null and status = 'new'`,
  );
  expect(waits!.n).toBe(1);
  await expect.poll(() => agree(token), { timeout: 15_000 }).toBe(true);
});

test('nothing is shown to a guess, to a session’s token, after it is taken back, or when its maker leads no more', async () => {
  expect((await ask('?since=0', randomBytes(32).toString('base64url'))).status).toBe(401);
  expect((await ask('?since=0', people['quan']!.token)).status).toBe(401);
  expect((await ask('?since=x', 'x')).status).toBe(400);
  expect((await fetch(`${hub.url}/api/v1/wallboard?since=0`)).status).toBe(401);
  const taken = await link('thu', 'Để thu hồi');
  const kept = await link('quan', 'Của quản trị');
  expect((await ask(`/links/${kept.id}`, people['thu']!.token, 'DELETE')).status).toBe(404);
  expect((await ask(`/links/${taken.id}`, people['quan']!.token, 'DELETE')).status).toBe(200);
  expect((await ask('?since=0', taken.token)).status).toBe(401);
  expect((await ask('?since=0', kept.token)).status).toBe(200);
  // The token itself is nowhere: only what it hashes to.
  const [row] = await hub.query<{ text: string }>('select wallboard_link::text as text from wallboard_link where id = $1', [kept.id]);
  expect(row!.text).not.toContain(kept.token);
  const last = await link('thu', 'Trưởng nhóm cũ');
  await hub.query(`update app_user set role = 'agent' where email = 'thu@demo.truc.test'`);
  await hub.query('update workspace_counter set reference_seq = reference_seq + 1');
  await expect.poll(async () => (await ask('?since=0', last.token)).status, { timeout: 10_000 }).toBe(401);
});

test('the page is the hub’s own, and may load and ask for nothing else', async () => {
  const page = await fetch(`${hub.url}/wallboard`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  for (const path of ['/wallboard/board.js', '/wallboard/board.css']) expect((await fetch(hub.url + path)).status).toBe(200);
});
