/** What a workstation fetches page by page, because its snapshot left it at the hub. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyAnswer } from '../../src/shared/protocol.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { signIn, type SignedIn } from '../harness/wire.ts';

let hub: TestHub;
let lan: SignedIn;
let ticketId: string;
beforeAll(async () => {
  hub = await startTestHub();
  lan = await signIn(hub.url, 'lan');
  ticketId = (await hub.query<{ id: string }>('select id from ticket limit 1'))[0]!.id;
  await hub.query('delete from message where ticket_id = $1', [ticketId]);
  // Five in each millisecond.
  for (let i = 0; i < 60; i += 1) {
    const messageId = uuid();
    await hub.query(
      `insert into message (workspace_id, id, ticket_id, kind, channel, author_type, author_name, body, authored_at, accepted_at, rowver)
       values ((select workspace_id from workspace_counter), $1, $2, 'inbound', 'email', 'customer', 'A', $3, 0, $4, $5)`,
      [messageId, ticketId, `thư ${i}`, 1000 + Math.floor(i / 5), i],
    );
    if (i % 20 === 0) {
      await hub.query(
        `insert into attachment (workspace_id, id, message_id, ticket_id, name, type, size, sha256, state, created_at)
         values ((select workspace_id from workspace_counter), $1, $2, $3, 'a.pdf', 'application/pdf', 1, $4, 'ready', 0)`,
        [uuid(), messageId, ticketId, 'a'.repeat(64)],
      );
    }
  }
});
afterAll(() => hub.stop());

async function page(query: Record<string, number>) {
  const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const answer = await fetch(`${hub.url}/api/v1/tickets/${ticketId}/history?${parameters}`, {
    headers: { authorization: `Bearer ${lan.token}` },
  });
  expect(answer.status).toBe(200);
  return historyAnswer.parse(await answer.json());
}
const body = ({ row }: { row?: unknown }) => (row as { body: string }).body;

test.each([1, 3, 5, 7, 12, 59, 60, 61, 500])('%d at a time: all of them once, newest first, with their files', async (limit) => {
  const seen: string[] = [];
  const files: string[] = [];
  for (let before: number | undefined; ;) {
    const { messages, attachments, since } = await page({ limit, ...(before === undefined ? {} : { before }) });
    expect(messages.length).toBeGreaterThanOrEqual(Math.min(limit, 60 - seen.length));
    const ids = new Set(messages.map(({ row }) => (row as { id: string }).id));
    expect(attachments.every(({ row }) => ids.has((row as { messageId: string }).messageId))).toBe(true);
    seen.push(...messages.map(body));
    files.push(...attachments.map(({ row }) => (row as { id: string }).id));
    if (since === 0) break;
    expect(Math.min(...messages.map(({ row }) => (row as { acceptedAt: number }).acceptedAt))).toBe(since);
    before = since;
  }
  expect(seen).toHaveLength(60);
  expect(new Set(seen).size).toBe(60);
  const numbers = seen.map((text) => Math.floor(Number(text.split(' ')[1]) / 5));
  expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
  expect(new Set(files).size).toBe(3);
});

test('rows carry their version, and a ticket without messages is complete', async () => {
  const { messages } = await page({ limit: 1 });
  expect(messages.map(({ ver, row }) => [ver, body({ row })]).toSorted()).toEqual(
    [55, 56, 57, 58, 59].map((i) => [i, `thư ${i}`]).toSorted(),
  );
  expect(await page({ before: 1 })).toEqual({ messages: [], attachments: [], since: 0 });
});
