/** Drafts of a user on several workstations: the newest wins, and what it replaced is given back. */
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type DraftRow, draftPutAnswer, draftRow, draftSinceAnswer } from '../../src/shared/protocol.ts';
import { until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { wire, type WireClient } from '../harness/wire.ts';

let hub: TestHub;
let tickets: string[];
const open: WireClient[] = [];
beforeAll(async () => {
  hub = await startTestHub();
  tickets = (await hub.query<{ id: string }>(`select id from ticket where queue_id = (select id from queue where purpose = 'sales')`)).map(
    (row) => row.id,
  );
});
afterAll(() => hub.stop());
afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await hub.query('delete from draft');
  await hub.query('delete from draft_lane');
});

async function workstation(key: string) {
  const client = await wire(hub.url, key);
  open.push(client);
  return {
    client,
    put: async (ticketId: string, body: string, base: number, fields: Record<string, unknown> = {}) => {
      const seen = { inboundId: null, replyId: uuid(), assigneeId: null };
      const draft = { ticketId, mode: 'reply', body, seen, startedAt: 5, updatedAt: 6, ...fields };
      const { value, refuse } = await client.ask('draft.put', { draft, base });
      if (refuse) throw new Error(JSON.stringify(refuse));
      return draftPutAnswer.parse(value);
    },
    since: async (rev: number) => draftSinceAnswer.parse((await client.ask('draft.since', { rev })).value),
    told: () => client.heard.filter(({ name }) => name === 'draft').map(({ message }) => draftRow.parse(message)),
  };
}
const texts = (drafts: DraftRow[]) => drafts.map((draft) => [draft.rev, draft.body]);

test('a draft comes to the other workstations of its writer, and to nobody else', async () => {
  const [one, two, colleague] = [await workstation('lan'), await workstation('lan'), await workstation('minh')];
  expect(await one.put(tickets[0]!, 'Dạ em', 0)).toEqual({ rev: 1, replaced: null });
  expect(await one.put(tickets[0]!, 'Dạ em chào chị', 1)).toEqual({ rev: 2, replaced: null });
  await until(() => two.told().length === 2);
  expect(texts(two.told())).toEqual([
    [1, 'Dạ em'],
    [2, 'Dạ em chào chị'],
  ]);
  expect(one.told()).toEqual([]);
  expect(colleague.told()).toEqual([]);
  const { drafts, more } = await two.since(0);
  expect([texts(drafts), more]).toEqual([[[2, 'Dạ em chào chị']], false]);
  expect(drafts[0]).toMatchObject({ ticketId: tickets[0], mode: 'reply', startedAt: 5, updatedAt: 6, device: 'test' });
  expect((await colleague.since(0)).drafts).toEqual([]);
  // The lane of each user counts for itself.
  expect(await colleague.put(tickets[0]!, 'của Minh', 0)).toEqual({ rev: 1, replaced: null });
});

test('two workstations apart: the later one stays, the other text is given back', async () => {
  const [one, two] = [await workstation('lan'), await workstation('lan')];
  const first = await one.put(tickets[0]!, 'ở quầy', 0);
  const second = await two.put(tickets[0]!, 'ở bàn', 0);
  expect(second).toMatchObject({ rev: 2, replaced: { rev: first.rev, body: 'ở quầy' } });
  expect(texts((await one.since(0)).drafts)).toEqual([[2, 'ở bàn']]);
  // Whoever has seen it replaces nothing; nor does one who goes on with their own, or after an empty one.
  expect(await one.put(tickets[0]!, 'ở quầy, tiếp', 2)).toEqual({ rev: 3, replaced: null });
  expect(await one.put(tickets[0]!, 'ở quầy, tiếp nữa', 2)).toEqual({ rev: 4, replaced: null });
  expect(await one.put(tickets[0]!, '', 4)).toEqual({ rev: 5, replaced: null });
  expect(await two.put(tickets[0]!, 'lại từ đầu', 2)).toEqual({ rev: 6, replaced: null });
});

test('a draft that is gone is told, too', async () => {
  const [one, two] = [await workstation('lan'), await workstation('lan')];
  await one.put(tickets[0]!, 'thôi', 0);
  await one.put(tickets[0]!, '', 1);
  await until(() => two.told().length === 2);
  expect(texts((await two.since(1)).drafts)).toEqual([[2, '']]);
});

test('all at once from two workstations: every revision once, and none is missed', async () => {
  const [one, two] = [await workstation('lan'), await workstation('lan')];
  const answers = await Promise.all(
    tickets.slice(0, 30).flatMap((id, index) => [one.put(id, `a${index}`, 0), two.put(id, `b${index}`, 0)]),
  );
  expect(answers.map(({ rev }) => rev).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  expect(answers.filter(({ replaced }) => replaced !== null)).toHaveLength(30);
  const { drafts } = await one.since(0);
  expect(drafts).toHaveLength(30);
  expect(drafts.map(({ rev }) => rev)).toEqual(drafts.map(({ rev }) => rev).toSorted((a, b) => a - b));
});

test('more than an answer holds comes in several', async () => {
  const one = await workstation('lan');
  await one.put(tickets[0]!, 'một', 0);
  await hub.query(`insert into draft select workspace_id, user_id, gen_random_uuid(), 1 + i, mode, body, seen, started_at, updated_at, client_id, device
    from draft, generate_series(1, 1200) i`);
  const seen: number[] = [];
  for (let rev = 0; ;) {
    const { drafts, more } = await one.since(rev);
    seen.push(...drafts.map((draft) => draft.rev));
    rev = seen.at(-1)!;
    if (!more) break;
    expect(drafts).toHaveLength(500);
  }
  expect(seen).toEqual(Array.from({ length: 1201 }, (_, index) => index + 1));
});

test('text for a ticket that has left is refused, but it can be taken back', async () => {
  const one = await workstation('minh');
  await one.put(tickets[1]!, 'dở dang', 0);
  await hub.query(`update ticket set queue_id = (select id from queue where purpose = 'complaint'), assignee_id = null where id = $1`, [
    tickets[1]!,
  ]);
  await expect(one.put(tickets[1]!, 'dở dang nữa', 1)).rejects.toThrow(/draft\.ticketId/);
  expect(texts((await one.since(0)).drafts)).toEqual([[1, 'dở dang']]);
  expect(await one.put(tickets[1]!, '', 1)).toEqual({ rev: 2, replaced: null });
});
