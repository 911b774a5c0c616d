/** The snapshot of version 2: what comes first, what its pages say, and how it goes on where it broke off. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entities, type Entity, entityNames } from '../../src/shared/domain.ts';
import { type SnapshotLine, snapshotLine } from '../../src/shared/protocol.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { signIn, type SignedIn, snapshotOf, wire } from '../harness/wire.ts';

type Line<T extends SnapshotLine['t']> = Extract<SnapshotLine, { t: T }>;
type Row = { id: string } & Record<string, unknown>;

let hub: TestHub;
let lan: SignedIn;
const day = 86_400_000;
beforeAll(async () => {
  hub = await startTestHub({ TRUC_HISTORY_DAYS: '10' });
  // Enough for several pages, and long enough for a page to be cut by its length: 3,000 messages of one old ticket.
  const [ticket] = await hub.query<{ id: string }>(`select id from ticket where status = 'closed' order by created_at limit 1`);
  await hub.query(
    `insert into message (workspace_id, id, ticket_id, kind, channel, author_type, author_name, body, authored_at, accepted_at)
     select (select workspace_id from workspace_counter), gen_random_uuid(), $1, 'note', 'email', 'agent', 'Lan', repeat('dài ', 200) || i, $2, $2
     from generate_series(1, 3000) i`,
    [ticket!.id, Date.now() - day],
  );
  // Of another ticket that is done with, long ago: stays at the hub, also its file.
  const [old] = await hub.query<{
    id: string;
    ticket_id: string;
  }>(`select m.id, m.ticket_id from message m join ticket t on t.id = m.ticket_id
    where t.status = 'resolved' limit 1`);
  await hub.query('update message set accepted_at = $1 where id = $2', [Date.now() - 20 * day, old!.id]);
  await hub.query(
    `insert into attachment (workspace_id, id, message_id, ticket_id, name, type, size, sha256, state, created_at)
     values ((select workspace_id from workspace_counter), $1, $2, $3, 'a.pdf', 'application/pdf', 1, '', 'ready', 0)`,
    [uuid(), old!.id, old!.ticket_id],
  );
  lan = await signIn(hub.url, 'lan');
});
afterAll(() => hub.stop());

const load = async (query: Record<string, string | number> = {}, me = lan) =>
  (await snapshotOf(hub.url, me, { protocol: 2, ...query })).map((line) => snapshotLine.parse(line));
const of = <T extends SnapshotLine['t']>(lines: SnapshotLine[], t: T) => lines.filter((line) => line.t === t) as Line<T>[];

/** Row ids by entity, after checking that every page says what is in it. */
function paged(lines: SnapshotLine[]): Map<Entity, string[]> {
  const all = new Map<Entity, string[]>();
  let page: Row[] = [];
  let last: Line<'page'> | null = null;
  for (const line of lines) {
    if (line.t === 'row') {
      page.push(line.row as Row);
      expect(entities[line.entity as Entity].schema.safeParse(line.row).error).toBeUndefined();
    }
    if (line.t !== 'page') continue;
    if (last && last.to !== null) expect([line.entity, line.from]).toEqual([last.entity, last.to]);
    const entity = line.entity as Entity;
    const ids = page.map((row) => row.id);
    for (const id of ids) {
      expect(line.from === null || id > line.from).toBe(true);
      expect(line.to === null || id <= line.to).toBe(true);
    }
    expect(ids).toEqual([...ids].sort());
    all.set(entity, [...(all.get(entity) ?? []), ...ids]);
    page = [];
    last = line;
  }
  expect(page).toEqual([]);
  expect(last?.to ?? null).toBeNull();
  return all;
}

const stored = async (statement: string, values: unknown[] = []) =>
  (await hub.query<{ id: string }>(statement, values)).map((row) => row.id).toSorted();

test('every entity in pages that leave nothing out, and counts that add up', async () => {
  const lines = await load();
  const begin = lines[0] as Line<'begin'>;
  expect(begin).toMatchObject({ t: 'begin', resumed: false });
  expect(Math.abs(begin.historyFrom - (Date.now() - 10 * day))).toBeLessThan(60_000);
  const rows = paged(lines);
  expect([...rows.keys()]).toEqual(entityNames);
  expect(
    of(lines, 'page')
      .filter((page) => page.to === null)
      .map((page) => page.entity),
  ).toEqual(entityNames);
  expect(of(lines, 'page').filter((page) => page.entity === 'message').length).toBeGreaterThan(3);
  expect(of(lines, 'end')).toEqual([{ t: 'end', counts: Object.fromEntries([...rows].map(([entity, ids]) => [entity, ids.length])) }]);
  // Exact where little is in reach.
  expect(begin.total).toBe(of(lines, 'row').length);

  expect(rows.get('article')!.length).toBeGreaterThanOrEqual(12);
  expect(rows.get('ticket')).toEqual(await stored('select id from ticket'));
  expect(rows.get('message')).toEqual(
    await stored(
      `select m.id from message m join ticket t on t.id = m.ticket_id
       where t.status not in ('resolved', 'closed', 'spam') or m.accepted_at >= $1`,
      [begin.historyFrom],
    ),
  );
  expect(rows.get('message')!.length).toBeLessThan((await stored('select id from message')).length);
  expect(rows.get('attachment')).toEqual([]);
});

test('first of all the reference data, then the most urgent tickets with what belongs to them', async () => {
  const lines = await load();
  const firstPaged = lines.findIndex((line) => line.t === 'row');
  const early = of(lines, 'early');
  expect(lines.slice(1, 1 + early.length).every((line) => line.t === 'early')).toBe(true);
  expect(firstPaged).toBe(1 + early.length);
  const rows = (entity: Entity) => early.filter((line) => line.entity === entity).map((line) => line.row as Row);
  expect(early[0]!.entity).toBe('workspace');
  expect(rows('queue')).toHaveLength(3);
  const tickets = rows('ticket');
  expect(tickets.map((row) => row.id).toSorted()).toEqual(
    await stored(`select id from ticket where status not in ('resolved', 'closed', 'spam')
      order by sla_due_at nulls last, last_message_at desc limit 500`),
  );
  const ids = new Set(tickets.map((row) => row.id));
  const people = new Set(tickets.map((row) => row['customerId']));
  expect(new Set(rows('customer').map((row) => row.id))).toEqual(people);
  expect(rows('identity').every((row) => people.has(row['customerId']))).toBe(true);
  expect(rows('message').every((row) => ids.has(row['ticketId'] as string))).toBe(true);
  expect(rows('slaClock').every((row) => ids.has(row['ticketId'] as string))).toBe(true);
  for (const ticket of tickets) {
    const [newest] = await hub.query<{ id: string }>(
      'select id from message where ticket_id = $1 order by accepted_at desc, id desc limit 1',
      [ticket.id],
    );
    expect(rows('message').some((row) => row.id === newest!.id)).toBe(true);
  }
});

test('broken off after any page it goes on there, and both parts make the whole', async () => {
  const whole = await load();
  const begin = whole[0] as Line<'begin'>;
  const all = paged(whole);
  const pages = whole.flatMap((line, index) => (line.t === 'page' ? [{ line, index }] : []));
  const middle = pages.filter(({ line }) => line.entity === 'message')[1]!;
  for (const { line, index } of [pages[0]!, middle, pages.find(({ line }) => line.entity === 'ticket')!, pages.at(-1)!]) {
    const rest = await load({
      cursor: begin.cursor,
      epoch: begin.epoch,
      entity: line.entity,
      ...(line.to === null ? {} : { after: line.to }),
    });
    expect(rest[0]).toMatchObject({ t: 'begin', resumed: true, cursor: begin.cursor, scopes: begin.scopes });
    expect(of(rest, 'early')).toEqual([]);
    const both = paged([...whole.slice(0, index + 1), ...rest]);
    expect(Object.fromEntries(both)).toEqual(Object.fromEntries(all));
  }
});

test('another epoch, a log that no longer reaches back, or an unknown place: from the beginning', async () => {
  const thu = await wire(hub.url, 'thu');
  await thu.push('ticket.tag', {
    ticketId: (await hub.query<{ id: string }>('select id from ticket limit 1'))[0]!.id,
    add: ['x'],
    remove: [],
  });
  const [{ epoch, seq }] = (await hub.query<{ epoch: string; seq: string }>('select epoch, seq from workspace_counter')) as [
    { epoch: string; seq: string },
  ];
  const resumes = async (query: Record<string, string | number>) => {
    const [begin] = await load(query);
    return (begin as Line<'begin'>).resumed;
  };
  const right = { cursor: Number(seq), epoch, entity: 'ticket' };
  expect(await resumes(right)).toBe(true);
  expect(await resumes({ ...right, epoch: uuid() })).toBe(false);
  expect(await resumes({ ...right, cursor: Number(seq) + 1 })).toBe(false);
  expect(await resumes({ ...right, entity: 'rumour' })).toBe(false);
  await hub.query('update workspace_counter set oldest_seq = 1');
  expect(await resumes({ ...right, cursor: 0 })).toBe(false);
  thu.close();
});

test('rows are those of the own scopes', async () => {
  const hoa = await signIn(hub.url, 'hoa');
  const rows = paged(await load({}, hoa));
  expect(rows.get('ticket')).toEqual(
    await stored(`select id from ticket where queue_id = (select id from queue where purpose = 'complaint') or assignee_id = $1`, [
      hoa.userId,
    ]),
  );
  const mine = new Set(rows.get('ticket'));
  const messages = of(await load({}, hoa), 'row').filter((line) => line.entity === 'message');
  expect(messages.every((line) => mine.has((line.row as Row)['ticketId'] as string))).toBe(true);
});
