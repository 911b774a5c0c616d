/** Who may see and change what: every mutation, every route, sync and snapshot. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mutations, type MutationName } from '../../src/shared/mutations/registry.ts';
import type { Change, Welcome } from '../../src/shared/protocol.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { signIn, snapshotOf, wire, type WireClient } from '../harness/wire.ts';
import { Visitor } from '../harness/visitor.ts';
import { attemptsOf, siblingOf, type TicketSeed } from './attempts.ts';

let hub: TestHub;
let sales: TicketSeed;
let salesQueue: string;
let complaintQueue: string;
const users: Record<string, string> = {};
const clients: Record<string, WireClient> = {};

beforeAll(async () => {
  hub = await startTestHub();
  for (const { id, purpose } of await hub.query<{ id: string; purpose: string }>('select id, purpose from queue')) {
    if (purpose === 'sales') salesQueue = id;
    if (purpose === 'complaint') complaintQueue = id;
  }
  for (const { id, email } of await hub.query<{ id: string; email: string }>('select id, email from app_user'))
    users[email.split('@')[0]!] = id;
  sales = await freshTicket();
  for (const key of ['hoa', 'lan', 'thu', 'quan']) clients[key] = await wire(hub.url, key);
});
afterAll(async () => {
  for (const client of Object.values(clients)) client.close();
  await hub.stop();
});

/** A new chat of the sales queue, which Hòa does not serve. */
async function freshTicket(): Promise<TicketSeed> {
  const customer = await new Visitor(hub.url).open();
  const text = `Chuyện riêng ${uuid()}`;
  await customer.say(text);
  const [row] = await hub.query<TicketSeed>(
    'select id, queue_id, customer_id, last_inbound_id from ticket where last_message_preview = $1',
    [text],
  );
  return row!;
}

const attempts: Record<MutationName, (ticket: TicketSeed) => unknown> = attemptsOf(() => ({
  lan: users['lan'],
  minh: users['minh'],
  complaintQueue,
}));
/** What concerns nobody but whoever does it. */
const own: MutationName[] = ['notice.seen'];
const names = (Object.keys(mutations) as MutationName[]).filter((name) => !own.includes(name));
/** What an administrator alone may do. */
const administering: MutationName[] = ['channel.save'];

describe('mutations', () => {
  test.each(names)('%s: an agent who does not serve the queue changes nothing', async (name) => {
    const ticket = await freshTicket();
    const [before] = await hub.query(
      'select t.*, (select count(*) from message) as messages, (select count(*) from ticket) as tickets from ticket t where id = $1',
      [ticket.id],
    );
    const result = await clients['hoa']!.push(name, attempts[name](ticket));
    const code = mutations[name].by !== 'person' || administering.includes(name) ? 'FORBIDDEN' : 'NOT_FOUND';
    expect(result).toMatchObject({ ok: false, rejection: { code } });
    const [after] = await hub.query(
      'select t.*, (select count(*) from message) as messages, (select count(*) from ticket) as tickets from ticket t where id = $1',
      [ticket.id],
    );
    expect(after).toEqual(before);
  });

  const personal = names.filter((name) => mutations[name].by === 'person');
  /** What an agent may not do even for a queue that they serve. */
  const staffing: MutationName[] = ['queue.serve'];
  test.each(
    personal.flatMap((name) =>
      (administering.includes(name) ? ['quan'] : staffing.includes(name) ? ['thu', 'quan'] : ['lan', 'thu', 'quan']).map(
        (key) => [name, key] as const,
      ),
    ),
  )('%s: %s serves the queue and may', async (name, key) => {
    const ticket = await freshTicket();
    // A live chat can not be held.
    if (name === 'ticket.lease') await hub.query(`update ticket set channel = 'email' where id = $1`, [ticket.id]);
    if (name === 'ticket.join') {
      await hub.query(
        `insert into ticket select (jsonb_populate_record(t, jsonb_build_object('id', $2::uuid, 'number', 900000 + t.number))).* from ticket t where id = $1`,
        [ticket.id, siblingOf(ticket.id)],
      );
    }
    expect(await clients[key]!.push(name, attempts[name](ticket))).toMatchObject({ ok: true });
  });

  test('no role may send what only the hub does', async () => {
    for (const name of names.filter((one) => mutations[one].by === 'system')) {
      expect(await clients['quan']!.push(name, attempts[name](sales))).toMatchObject({ ok: false, rejection: { code: 'FORBIDDEN' } });
    }
  });

  test.each(staffing)('%s: an agent who serves the queue may not', async (name) => {
    expect(await clients['lan']!.push(name, attempts[name](sales))).toMatchObject({ ok: false, rejection: { code: 'NOT_FOUND' } });
  });

  test.each(administering.flatMap((name) => ['lan', 'thu'].map((key) => [name, key] as const)))('%s: %s may not', async (name, key) => {
    expect(await clients[key]!.push(name, attempts[name](sales))).toMatchObject({ ok: false, rejection: { code: 'FORBIDDEN' } });
  });

  test('a ticket is not given to an agent who does not serve its queue', async () => {
    const result = await clients['lan']!.push('ticket.assign', { ticketId: (await freshTicket()).id, from: null, to: users['hoa'] });
    expect(result).toMatchObject({ ok: false, rejection: { code: 'INVALID_ASSIGNEE', field: 'to' } });
  });
});

describe('what is read', () => {
  const allowed = async (queues: string[], userId: string) =>
    new Set(
      (await hub.query<{ id: string }>('select id from ticket where queue_id = any($1) or assignee_id = $2', [queues, userId])).map(
        (row) => row.id,
      ),
    );

  test('a snapshot holds the own queues and nothing else', async () => {
    for (const [key, queues] of [
      ['hoa', [complaintQueue]],
      ['thu', null],
      ['quan', null],
    ] as const) {
      const me = await signIn(hub.url, key);
      const rows = (await snapshotOf(hub.url, me)) as unknown as { t: string; entity: string; row: Record<string, string> }[];
      const of = (entity: string) =>
        rows.filter((row) => (row.t === 'row' || row.t === 'early') && row.entity === entity).map((row) => row.row);
      const mine = await allowed(
        queues ? [...queues] : (await hub.query<{ id: string }>('select id from queue')).map((row) => row.id),
        me.userId,
      );
      expect(new Set(of('ticket').map((row) => row['id']))).toEqual(mine);
      expect(of('message').every((row) => mine.has(row['ticketId']!))).toBe(true);
      expect(of('slaClock').every((row) => mine.has(row['ticketId']!))).toBe(true);
      const people = new Set(of('ticket').map((row) => row['customerId']));
      expect(of('customer').every((row) => people.has(row['id']))).toBe(true);
      expect(of('identity').every((row) => people.has(row['customerId']))).toBe(true);
      expect(of('journey').every((row) => people.has(row['customerId']) && !('lastMessagePreview' in row))).toBe(true);
      expect(rows.at(-1)).toMatchObject({ t: 'end' });
    }
  });

  test('the log gives a console its own scopes, pulled and live', async () => {
    const hoa = await wire(hub.url, 'hoa');
    const welcome = (await hoa.greeting()).message as Welcome;
    expect(welcome.scopes.toSorted()).toEqual(['workspace', `user:${hoa.me.userId}`, `queue:${complaintQueue}`].toSorted());
    const pulled: Change[] = [];
    for (let cursor = 0, more = true; more;) {
      const { value } = await hoa.ask('pull', { cursor, limit: 1000 });
      const page = value as { changes: Change[]; cursor: number; more: boolean };
      pulled.push(...page.changes);
      ({ cursor, more } = page);
    }
    const held = new Set([...welcome.scopes, `client:${hoa.me.clientId}`]);
    expect(pulled.length).toBeGreaterThan(0);
    expect(pulled.filter((change) => !held.has(change.scope))).toEqual([]);
    expect(JSON.stringify(pulled)).not.toContain(sales.id);
    const ticket = await freshTicket();
    await clients['lan']!.push('message.note', { messageId: uuid(), ticketId: ticket.id, body: 'Ghi chú kín' });
    await clients['lan']!.push('ticket.move', { ticketId: ticket.id, queueId: complaintQueue });
    await until(() => hoa.heard.some((one) => one.name === 'delta' && JSON.stringify(one.message).includes(ticket.id)));
    const live = hoa.heard.filter((one) => one.name === 'delta').flatMap((one) => (one.message as { changes: Change[] }).changes);
    expect(live.every((change) => held.has(change.scope))).toBe(true);
    // Only now that the ticket has come to her queue does its story come along.
    expect(JSON.stringify(live)).toContain('Ghi chú kín');
    hoa.close();
  });

  test('history, search and drafts keep to the own queues', async () => {
    const ticket = await freshTicket();
    const [{ number }] = (await hub.query<{ number: string }>('select number from ticket where id = $1', [ticket.id])) as [
      { number: string },
    ];
    const word = `mật${uuid().replaceAll('-', '')}`;
    await clients['lan']!.push('message.note', { messageId: uuid(), ticketId: ticket.id, body: `Chỉ cho tổ bán hàng: ${word}` });
    const filter = { channel: null, queueId: null, assignee: null, tag: null, from: null, until: null, settled: null };
    const draft = {
      ticketId: ticket.id,
      mode: 'note',
      body: 'nháp',
      seen: { inboundId: null, replyId: null, assigneeId: null },
      startedAt: 1,
      updatedAt: 1,
    };
    for (const [key, may] of [
      ['hoa', false],
      ['lan', true],
      ['thu', true],
      ['quan', true],
    ] as const) {
      const me = await signIn(hub.url, key);
      const headers = { authorization: `Bearer ${me.token}`, 'content-type': 'application/json' };
      const history = await fetch(`${hub.url}/api/v1/tickets/${ticket.id}/history`, { headers });
      expect([key, history.status]).toEqual([key, may ? 200 : 404]);
      expect((await history.text()).includes(word)).toBe(may);
      const search = async (text: string, narrowed = {}) => {
        const body = JSON.stringify({ text, filter: { ...filter, ...narrowed }, limit: 100 });
        const answer = await fetch(`${hub.url}/api/v1/search`, { method: 'POST', headers, body });
        expect(answer.status).toBe(200);
        return ((await answer.json()) as { hits: { ticketId: string }[] }).hits.map((hit) => hit.ticketId);
      };
      expect(await search(word)).toEqual(may ? [ticket.id] : []);
      // Neither by its number, nor by naming a queue that is not one's own.
      expect((await search(String(number))).includes(ticket.id)).toBe(may);
      expect((await search(word, { queueId: salesQueue })).includes(ticket.id)).toBe(may);
      const answer = await clients[key]!.ask('draft.put', { draft, base: 0 });
      if (may) expect(answer.value).toEqual({ rev: 1, replaced: null });
      else expect(answer.refuse).toEqual({ code: 'BAD_MESSAGE', field: 'draft.ticketId' });
      const since = await clients[key]!.ask('draft.since', { rev: 0 });
      expect((since.value as { drafts: unknown[] }).drafts).toHaveLength(may ? 1 : 0);
    }
  });

  test('a ticket that leaves the queue leaves the workstation with its messages and its customer', async () => {
    const hoa = await (await new TestConsole(hub.url).start()).signIn('hoa');
    const ticket = await freshTicket();
    await clients['lan']!.push('ticket.move', { ticketId: ticket.id, queueId: complaintQueue });
    await until(async () => (await hoa.query('ticket.get', { ticketId: ticket.id })) !== null);
    expect(await hoa.timeline(ticket.id)).toHaveLength(1);
    expect(await hoa.query('customer.view', { customerId: ticket.customer_id })).not.toBeNull();
    await clients['lan']!.push('ticket.move', { ticketId: ticket.id, queueId: salesQueue });
    await until(async () => (await hoa.query('ticket.get', { ticketId: ticket.id })) === null);
    expect(await hoa.timeline(ticket.id)).toEqual([]);
    expect(await hoa.query('customer.view', { customerId: ticket.customer_id })).toBeNull();
    hoa.dispose();
  });

  test('who looks at a ticket is told only to those who may work it', async () => {
    const hoa = clients['hoa']!;
    const lan = clients['lan']!;
    await hoa.ask('viewing', { ticketId: sales.id, typing: true });
    await lan.ask('viewing', { ticketId: sales.id, typing: false });
    await clients['thu']!.ask('viewing', { ticketId: sales.id, typing: false });
    await until(() => lan.heard.some((one) => one.name === 'viewers' && (one.message as { viewers: unknown[] }).viewers.length === 1));
    expect(JSON.stringify(lan.heard.filter((one) => one.name === 'viewers'))).not.toContain(users['hoa']);
    expect(hoa.heard.filter((one) => one.name === 'viewers')).toEqual([]);
  });

  test('a deactivated user is let go and can neither read nor write', async () => {
    const me = await signIn(hub.url, 'minh');
    await hub.query(`update app_user set active = false where id = $1`, [me.userId]);
    await hub.query('update workspace_counter set reference_seq = reference_seq + 1');
    const again = await fetch(`${hub.url}/api/v1/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refreshToken: me.refreshToken, clientId: me.clientId }),
    });
    expect(again.status).toBe(403);
    const snapshot = await fetch(`${hub.url}/api/v1/snapshot`, { headers: { authorization: `Bearer ${me.token}` } });
    expect(snapshot.status).toBe(403);
  });
});

describe('routes', () => {
  /** What an unknown caller gets. A new route without a row here fails the test. */
  const open: Record<string, number> = {
    'GET /healthz': 200,
    'GET /readyz': 200,
    'GET /openapi.json': 200,
    'POST /api/v1/auth/sign-in': 400,
    'POST /api/v1/auth/refresh': 400,
    'POST /api/v1/auth/sign-out': 401,
    'GET /api/v1/snapshot': 401,
    'GET /api/v1/tickets/:id/history': 401,
    'GET /api/v1/tickets/:id/why': 401,
    'GET /api/v1/what-if/day': 401,
    'POST /api/v1/search': 401,
    'GET /api/v1/people': 401,
    'GET /api/v1/wallboard': 400,
    'GET /api/v1/wallboard/links': 401,
    'POST /api/v1/wallboard/links': 401,
    'DELETE /api/v1/wallboard/links/:id': 401,
    'GET /wallboard': 200,
    'GET /wallboard/board.js': 200,
    'GET /wallboard/board.css': 200,
    'POST /api/v1/people/invite': 401,
    'POST /api/v1/people/:id/reset': 401,
    'POST /api/v1/join': 400,
    'GET /join': 200,
    'GET /join/page.js': 200,
    'GET /join/page.css': 200,
    'POST /api/v1/files': 401,
    'GET /api/v1/files/:id/upload': 401,
    'PATCH /api/v1/files/:id/upload': 401,
    'GET /api/v1/files/:id': 401,
    'GET /api/v1/messages/:id/html': 401,
    'GET /api/v1/messages/:id/text': 401,
    'GET /api/v1/messages/:id/image': 401,
    'GET /api/v1/messages/:id/raw': 401,
    'GET /api/v1/demo': 200,
    'GET /hooks/messenger/:channelId': 404,
    'POST /hooks/messenger/:channelId': 404,
    'GET /api/v1/channels': 401,
    'PUT /api/v1/channels/:channelId/account': 401,
    'POST /api/v1/channels/:channelId/switch': 401,
    'POST /api/v1/channels/:channelId/test': 401,
    'GET /api/v1/channels/aside': 401,
    'POST /api/v1/channels/aside/:id/retry': 401,
    'POST /hooks/cti/:token': 404,
    'POST /hooks/zalo/:channelId': 404,
    'POST /api/v1/channels/:channelId/messages': 404,
    'GET /api/v1/channels/:channelId/files/:fileId': 404,
    'POST /api/v1/bots/:channelId/events': 404,
    'GET /api/v1/bots': 401,
    'GET /api/v1/bots/:id': 401,
    'PUT /api/v1/bots/:id': 401,
    'PUT /api/v1/bots/:id/account': 401,
    'GET /api/v1/bots/:id/questions': 401,
    'GET /api/v1/webhooks': 401,
    'POST /api/v1/webhooks': 401,
    'PATCH /api/v1/webhooks/:id': 401,
    'DELETE /api/v1/webhooks/:id': 401,
    'GET /api/v1/webhooks/:id/deliveries': 401,
    'POST /api/v1/webhooks/deliveries/:id/replay': 401,
    'POST /api/v1/webhooks/:id/test': 401,
    'GET /widget.js': 200,
    'GET /cti/pop': 400,
    'POST /api/v1/acts': 401,
    'GET /api/v1/audit': 401,
    'POST /api/v1/next': 401,
    'POST /api/v1/calls': 401,
    'GET /widget/chat.js': 200,
    'GET /widget/chat.css': 200,
    'GET /widget/frame': 200,
    'GET /widget/demo': 200,
    'GET /widget/demo.css': 200,
    'POST /widget/api/session': 400,
    'POST /widget/api/messages': 401,
    'GET /widget/api/messages': 401,
    'POST /widget/api/identify': 401,
    'POST /widget/api/details': 401,
    'POST /widget/api/typing': 401,
    'PUT /widget/api/files/:id': 401,
    'GET /widget/api/files/:id': 401,
    'POST /widget/api/receipts': 401,
    'GET /widget/api/events': 400,
  };

  test('every route is in the table, and answers a stranger as it says', async () => {
    expect([...hub.routes].toSorted()).toEqual(Object.keys(open).toSorted());
    for (const [route, status] of Object.entries(open)) {
      const [method, path] = route.split(' ') as [string, string];
      const answer = await fetch(hub.url + path, {
        method,
        ...(method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}),
      });
      expect([route, answer.status]).toEqual([route, status]);
      if (status >= 400) expect(await answer.json()).toHaveProperty('code');
    }
  });

  test('a visitor reads their own conversation and marks their own answers only', async () => {
    const one = await new Visitor(hub.url).open();
    const two = await new Visitor(hub.url).open();
    await one.say('của tôi');
    const [ticket] = await hub.query<TicketSeed>(
      `select id, last_inbound_id, queue_id, customer_id from ticket where last_message_preview = 'của tôi'`,
    );
    const reply = { ...(attempts['message.reply'](ticket!) as Record<string, unknown>), body: 'riêng cho bạn' };
    expect(await clients['lan']!.push('message.reply', reply)).toMatchObject({ ok: true });
    await clients['lan']!.push('message.note', { messageId: uuid(), ticketId: ticket!.id, body: 'nội bộ' });
    expect((await one.messages()).map((message) => message.body)).toEqual(['của tôi', 'riêng cho bạn']);
    expect(await two.messages()).toEqual([]);
    await two.post('receipts', { delivered: [], read: [(reply as { messageId?: string }).messageId] });
    const [row] = await hub.query<{ delivery: string }>(`select delivery from message where body = 'riêng cho bạn'`);
    expect(row!.delivery).toBe('sent');
  });

  test('wrong, expired, foreign and stolen tokens', async () => {
    const me = await signIn(hub.url, 'lan');
    for (const token of ['x', `${me.token}x`, me.refreshToken]) {
      expect((await fetch(`${hub.url}/api/v1/snapshot`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
    }
    const refresh = async (refreshToken: string) => {
      const answer = await fetch(`${hub.url}/api/v1/auth/refresh`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refreshToken, clientId: me.clientId }),
      });
      return {
        status: answer.status,
        tokens: ((await answer.json()) as { tokens?: { accessToken: string; refreshToken: string } }).tokens,
      };
    };
    // A lost answer: the old token is good until the new pair has been used …
    const lost = await refresh(me.refreshToken);
    const second = await refresh(me.refreshToken);
    expect([lost.status, second.status]).toEqual([200, 200]);
    expect((await fetch(`${hub.url}/api/v1/snapshot`, { headers: { authorization: `Bearer ${second.tokens!.accessToken}` } })).status).toBe(
      200,
    );
    // … after that it is a copy in the wrong hands, and the session ends for both.
    expect((await refresh(me.refreshToken)).status).toBe(401);
    expect((await refresh(second.tokens!.refreshToken)).status).toBe(401);
  });
});
