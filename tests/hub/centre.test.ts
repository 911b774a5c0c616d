/** Queues, teams and the centre's own words, on a real hub. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MutationArgs } from '../../src/shared/mutations/registry.ts';
import { act } from '../harness/acts.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { type SignedIn, signIn, snapshotOf, wire } from '../harness/wire.ts';

let hub: TestHub;
let quan: SignedIn;
let team: string;
let hoa: string;
let sales: string;
beforeAll(async () => {
  hub = await startTestHub();
  quan = await signIn(hub.url, 'quan');
  const one = async (text: string) => (await hub.query<{ id: string }>(text))[0]!.id;
  team = await one('select id from team');
  sales = await one(`select id from queue where purpose = 'sales'`);
  hoa = await one(`select id from app_user where email like 'hoa@%'`);
});
afterAll(() => hub.stop());

const newQueue = (more: Partial<MutationArgs<'queue.save'>> = {}): MutationArgs<'queue.save'> => ({
  queueId: uuid(),
  name: `Hàng ${uuid()}`,
  purpose: 'advice',
  teamId: team,
  requiresDisposition: false,
  userIds: [],
  ...more,
});

test('a queue that never had a ticket goes; one that had stays, and so does one that something names', async () => {
  const fresh = newQueue({ userIds: [hoa] });
  expect(await act(hub.url, quan, 'queue.save', fresh)).toBeNull();
  expect(await act(hub.url, quan, 'queue.remove', { queueId: sales })).toMatchObject({ detail: { reason: 'has tickets' } });
  const code = { codeId: uuid(), kind: 'reason' as const, name: `Hỏi ${uuid()}`, queueIds: [fresh.queueId], active: true };
  expect(await act(hub.url, quan, 'code.save', code)).toBeNull();
  expect(await act(hub.url, quan, 'queue.remove', { queueId: fresh.queueId })).toMatchObject({
    field: 'queueId',
    detail: { reason: 'in use', by: code.name },
  });
  expect(await act(hub.url, quan, 'code.remove', { codeId: code.codeId })).toBeNull();
  expect(await act(hub.url, quan, 'queue.remove', { queueId: fresh.queueId })).toBeNull();
  expect(await hub.query('select id from queue where id = $1', [fresh.queueId])).toEqual([]);
  expect(await hub.query('select id from queue_member where queue_id = $1', [fresh.queueId])).toEqual([]);
});

test('saving a queue leaves its routing and place; a new one comes last', async () => {
  const one = newQueue();
  await act(hub.url, quan, 'queue.save', one);
  const all = () =>
    hub.query<{ id: string; position: number; routing: unknown }>('select id, position, routing from queue order by position');
  expect((await all()).at(-1)?.id).toBe(one.queueId);
  expect(await act(hub.url, quan, 'queue.order', { queueIds: [one.queueId] })).toBeNull();
  expect((await all()).map(({ position }) => position)).toEqual([0, 1, 2, 3]);
  expect((await all())[0]?.id).toBe(one.queueId);
  await act(hub.url, quan, 'queue.save', { ...one, name: `Khác ${uuid()}` });
  expect((await all())[0]?.id).toBe(one.queueId);
  await act(hub.url, quan, 'queue.remove', { queueId: one.queueId });
});

test('what is wrong is named', async () => {
  expect(await act(hub.url, quan, 'queue.save', newQueue({ name: 'khiếu nại' }))).toMatchObject({ code: 'DUPLICATE', field: 'name' });
  expect(await act(hub.url, quan, 'queue.save', newQueue({ teamId: uuid() }))).toMatchObject({ code: 'NOT_FOUND', field: 'teamId' });
  expect(await act(hub.url, quan, 'queue.save', newQueue({ userIds: [uuid()] }))).toMatchObject({ field: 'userIds.0' });
  expect(await act(hub.url, quan, 'team.save', { teamId: uuid(), name: 'CHĂM SÓC KHÁCH HÀNG' })).toMatchObject({ field: 'name' });
  expect(await act(hub.url, quan, 'team.remove', { teamId: team })).toMatchObject({ detail: { reason: 'in use' } });
  const word = { codeId: uuid(), kind: 'disposition' as const, queueIds: null, active: true };
  expect(await act(hub.url, quan, 'code.save', { ...word, name: 'đã giải quyết' })).toMatchObject({ code: 'DUPLICATE', field: 'name' });
  expect(await act(hub.url, quan, 'code.save', { ...word, name: 'x', queueIds: [uuid()] })).toMatchObject({ field: 'queueIds.0' });
  expect(await act(hub.url, quan, 'code.save', { ...word, name: 'x', queueIds: [] })).toMatchObject({ field: 'queueIds' });
});

test('words come to every console, in their order', async () => {
  const line = await wire(hub.url, 'hoa');
  const rows = (await snapshotOf(hub.url, line.me)) as unknown as { t: string; entity: string; row: { kind: string; name: string } }[];
  const names = rows
    .filter(({ t, entity, row }) => t === 'row' && entity === 'code' && row.kind === 'disposition')
    .map(({ row }) => row.name);
  expect(names).toContain('Đổi trả / hoàn tiền');
  line.close();
  const codes = await hub.query<{ id: string; name: string }>(`select id, name from code where kind = 'reason' order by position`);
  const turned = codes.map(({ id }) => id).toReversed();
  expect(await act(hub.url, quan, 'code.order', { kind: 'reason', codeIds: turned })).toBeNull();
  const after = await hub.query<{ id: string }>(`select id from code where kind = 'reason' order by position`);
  expect(after.map(({ id }) => id)).toEqual(turned);
  const others = await hub.query<{ position: number }>(`select position from code where kind = 'disposition' order by position`);
  expect(others.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
