/** A workstation of protocol version 1, which parses strictly, works on with a hub of today. */
import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { version1 } from '../fixtures/protocol-1.ts';
import { until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { signIn, snapshotOf, wire, WireClient } from '../harness/wire.ts';

let hub: TestHub;
beforeAll(async () => (hub = await startTestHub({ TRUC_HISTORY_DAYS: '1', TRUC_OFFLINE_HOURS: '0.5', TRUC_IDLE_LOCK_MINUTES: '0.1' })));
afterAll(() => hub.stop());

/** An open mail of a queue that Lan serves. */
async function mailTicket(): Promise<{ id: string; last_inbound_id: string }> {
  const [ticket] = await hub.query<{ id: string; last_inbound_id: string }>(
    `select id, last_inbound_id from ticket where channel = 'email' and status in ('new', 'open') and assignee_id is null and lease_by is null
     and last_inbound_id is not null limit 1`,
  );
  return ticket!;
}

const file = () => ({ id: uuid(), name: 'hoa-don.pdf', type: 'application/pdf', size: 1000, sha256: 'a'.repeat(64) });

test('greeting, snapshot, log, live changes and answers keep the form of version 1', async () => {
  const now = await wire(hub.url, 'thu');
  const held = await mailTicket();
  expect(await now.push('ticket.lease', { ticketId: held.id, until: Date.now() + 3_600_000 })).toMatchObject({ ok: true });
  const noted = { messageId: uuid(), ticketId: held.id, body: 'Hóa đơn kèm theo', attachments: [file()] };
  expect(await now.push('message.note', noted)).toMatchObject({ ok: true });

  const old = await wire(hub.url, 'lan', 1);
  const { name, message } = await old.greeting();
  expect(name).toBe('welcome');
  version1.welcome.parse(message);

  // The snapshot has everything, also what version 2 leaves at the hub.
  const lines = (await snapshotOf(hub.url, old.me, {})).map((line) => version1.snapshotLine.parse(line));
  expect(lines[0]).toMatchObject({ t: 'begin' });
  expect(lines.at(-1)).toMatchObject({ t: 'end' });
  const rows = lines.filter((line) => line.t === 'row');
  const counts: Record<string, number> = {};
  for (const row of rows) counts[row.entity] = (counts[row.entity] ?? 0) + 1;
  expect(lines.at(-1)).toEqual({ t: 'end', counts });
  expect((lines[0] as { total: number }).total).toBe(rows.length);
  const [{ n }] = (await hub.query<{ n: number }>('select count(*)::int as n from message')) as [{ n: number }];
  expect(counts['message']).toBe(n);
  expect(rows.some((row) => row.entity === 'ticket' && (row.row as { id: string }).id === held.id)).toBe(true);

  // The log.
  const pulled: z.infer<typeof version1.pullAnswer>['changes'] = [];
  for (let cursor = 0, more = true; more;) {
    const { value } = await old.ask('pull', { cursor, limit: 10 });
    const page = version1.pullAnswer.parse(value);
    pulled.push(...page.changes);
    ({ cursor, more } = page);
  }
  expect(pulled.some((change) => change.entity === 'ticket' && change.id === held.id)).toBe(true);
  expect(pulled.some((change) => change.entity === 'message' && change.id === noted.messageId)).toBe(true);

  // Live, with new things in it.
  const second = await mailTicket();
  expect(await now.push('ticket.lease', { ticketId: second.id, until: Date.now() + 3_600_000 })).toMatchObject({ ok: true });
  const more = { messageId: uuid(), ticketId: second.id, body: 'Thêm một tệp', attachments: [file()] };
  expect(await now.push('message.note', more)).toMatchObject({ ok: true });
  const deltas = () => old.heard.filter((heard) => heard.name === 'delta').map((heard) => version1.delta.parse(heard.message));
  await until(() => deltas().some((delta) => delta.changes.some((change) => change.id === more.messageId)));
  expect(deltas().some((delta) => delta.changes.some((change) => change.id === second.id && change.op === 'put'))).toBe(true);
  // One delta follows on the other, also where nothing of it was left.
  const cursors = deltas().map(({ from, to }) => [from, to]);
  cursors.slice(1).forEach(([from], index) => expect(from).toBe(cursors[index]![1]));

  // What is held off is told in a word that was there.
  const reply = {
    messageId: uuid(),
    ticketId: held.id,
    body: 'Dạ em gửi chị',
    seen: { inboundId: held.last_inbound_id, replyId: null, assigneeId: now.me.userId },
    live: true,
  };
  const answer = await old.ask('push', {
    mutations: [{ id: 1, key: uuid(), name: 'message.reply', args: reply, authoredAt: Date.now(), baseSeq: 0 }],
  });
  const { results } = version1.pushAnswer.parse(answer.value);
  expect(results[0]).toMatchObject({ ok: false, rejection: { code: 'FORBIDDEN', detail: { leaseBy: now.me.userId } } });
  const acks = () => deltas().flatMap((delta) => delta.changes.filter((change) => change.op === 'ack'));
  await until(() => acks().length > 0);
  expect(acks()[0]!.row).toMatchObject({ results: [{ rejection: { code: 'FORBIDDEN' } }] });
  expect(await old.push('message.note', { messageId: uuid(), ticketId: held.id, body: 'Ghi chú vẫn được' })).toMatchObject({ ok: true });

  // Nothing else has been said that it does not know.
  for (const { name: event, message: said } of old.heard) {
    expect(['welcome', 'delta', 'viewers']).toContain(event);
    version1[event as 'welcome' | 'delta' | 'viewers'].parse(said);
  }
  old.close();
  now.close();
});

test('drafts of a colleague workstation are not told to version 1', async () => {
  const old = await wire(hub.url, 'lan', 1);
  const now = await wire(hub.url, 'lan');
  const other = await wire(hub.url, 'lan');
  const draft = {
    ticketId: (await mailTicket()).id,
    mode: 'reply',
    body: 'Dạ',
    seen: { inboundId: null, replyId: null, assigneeId: null },
    startedAt: 1,
    updatedAt: 1,
  };
  expect((await now.ask('draft.put', { draft, base: 0 })).value).toMatchObject({ replaced: null });
  await until(() => other.heard.some(({ name }) => name === 'draft'));
  expect(old.heard.some(({ name }) => name === 'draft')).toBe(false);
  for (const client of [old, now, other]) client.close();
});

test('a cursor out of reach: version 1 is refused, version 2 is welcomed and told the bounds', async () => {
  const me = await signIn(hub.url, 'lan');
  const greet = async (protocol: number) => {
    const client = new WireClient(hub.url, { token: me.token, clientId: me.clientId, protocol, cursor: 1e9 });
    const greeting = await client.greeting();
    const pulled = greeting.name === 'welcome' ? await client.ask('pull', { cursor: 1e9, limit: 10 }) : null;
    client.close();
    return { greeting, pulled };
  };
  const { greeting } = await greet(1);
  expect(greeting.name).toBe('refuse');
  expect(version1.refuse.parse(greeting.message)).toEqual({ code: 'CURSOR_INVALID' });
  const now = await greet(2);
  expect(now.greeting).toMatchObject({
    name: 'welcome',
    message: { oldestSeq: 0, policy: { offlineMs: 1_800_000, idleLockMs: 6000 } },
  });
  expect(now.pulled).toEqual({ refuse: { code: 'CURSOR_INVALID', field: 'cursor' } });
});

test('version 3 is told what is served', async () => {
  const me = await signIn(hub.url, 'lan');
  const client = new WireClient(hub.url, { token: me.token, clientId: me.clientId, protocol: 3, cursor: null });
  expect(await client.greeting()).toEqual({ name: 'refuse', message: { code: 'VERSION_NOT_SUPPORTED', supported: [1, 2] } });
  client.close();
  const answer = await fetch(`${hub.url}/api/v1/snapshot?protocol=3`, { headers: { authorization: `Bearer ${me.token}` } });
  expect([answer.status, await answer.json()]).toMatchObject([400, { field: 'protocol' }]);
});
