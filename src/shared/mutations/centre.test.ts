/** What administrators lay down of people, queues and words: the rules alone. The hub's side is in tests/hub/people.test.ts. */
import { v7 as uuid } from 'uuid';
import { describe, expect, test } from 'vitest';
import { aTicket } from '../../../tests/harness/rows.ts';
import type { Entity, Rows } from '../domain.ts';
import { systemActor } from '../permissions.ts';
import type { Context, Loaded, RowChange } from './define.ts';
import { type MutationArgs, type MutationName, mutations } from './registry.ts';

const now = 1_790_000_000_000;

/** Rows by entity, as a hub would have loaded them. */
class World implements Loaded {
  readonly rows = new Map<string, Rows[Entity]>();
  put<E extends Entity>(entity: E, row: Rows[E]): Rows[E] {
    this.rows.set(`${entity}:${row.id}`, row);
    return row;
  }
  get<E extends Entity>(entity: E, id: string): Rows[E] | undefined {
    return this.rows.get(`${entity}:${id}`) as Rows[E] | undefined;
  }
  all<E extends Entity>(entity: E, where: (row: Rows[E]) => boolean): Rows[E][] {
    return [...this.rows]
      .filter(([key]) => key.startsWith(`${entity}:`))
      .flatMap(([, row]) => (where(row as Rows[E]) ? [row as Rows[E]] : []));
  }
  /** Does it, or tells why not. */
  run<N extends MutationName>(name: N, args: MutationArgs<N>, me: Rows['user'], more: Partial<Context> = {}) {
    const actor = { userId: me.id, name: me.name, role: me.role, queues: new Set<string>() };
    const ctx: Context = { now, actor, side: 'hub', newId: () => uuid(), ...more };
    const { apply } = mutations[name] as unknown as { apply: (rows: Loaded, args: unknown, ctx: Context) => { changes: RowChange[] } };
    const outcome = apply(this, args, ctx) as { changes: RowChange[] } | { rejection: object };
    if ('rejection' in outcome) return outcome.rejection;
    for (const change of outcome.changes) {
      if (change.op === 'put') this.rows.set(`${change.entity}:${change.row.id}`, change.row);
      else this.rows.delete(`${change.entity}:${change.id}`);
    }
    return null;
  }
}

const user = (name: string, role: Rows['user']['role'] = 'agent', active = true): Rows['user'] => ({
  id: uuid(),
  name,
  email: `${uuid()}@saomai.example`,
  role,
  locale: 'vi',
  active,
  capacity: null,
});

function centre() {
  const world = new World();
  const team = world.put('team', { id: uuid(), name: 'Chăm sóc' });
  const queue = world.put('queue', {
    id: uuid(),
    name: 'Bán hàng',
    purpose: 'sales',
    teamId: team.id,
    requiresDisposition: false,
    position: 0,
    routing: null,
  });
  const quan = world.put('user', user('Quân', 'admin'));
  const lan = world.put('user', user('Lan'));
  world.put('queueMember', { id: `${queue.id}:${lan.id}`, queueId: queue.id, userId: lan.id });
  return { world, team, queue, quan, lan };
}
const fieldsOf = ({ id: userId, name, email, role, locale }: Rows['user']) => ({
  userId,
  name,
  email,
  role,
  locale,
  teamIds: [],
  queueIds: [],
});

describe('people', () => {
  test('somebody new is not active until they have joined; what they were put into is set as a whole', () => {
    const { world, team, queue, quan } = centre();
    const fresh = user('Ngọc');
    const args = { ...fieldsOf(fresh), teamIds: [team.id, team.id], queueIds: [queue.id] };
    expect(world.run('user.save', args, quan)).toBeNull();
    expect(world.get('user', fresh.id)).toMatchObject({ active: false, capacity: null });
    expect(world.all('teamMember', ({ userId }) => userId === fresh.id)).toHaveLength(1);
    expect(world.run('user.save', { ...args, queueIds: [] }, quan)).toBeNull();
    expect(world.get('queueMember', `${queue.id}:${fresh.id}`)).toBeUndefined();
    expect(world.run('user.join', { userId: fresh.id }, quan, { actor: systemActor })).toBeNull();
    expect(world.get('user', fresh.id)?.active).toBe(true);
  });

  test('an address belongs to one person, however it is written', () => {
    const { quan, lan } = centre();
    const { args } = mutations['user.save'];
    const read = args.parse({ ...fieldsOf(quan), email: `  ${lan.email.toUpperCase()} ` });
    expect(read.email).toBe(lan.email);
    expect(args.safeParse({ ...fieldsOf(quan), email: 'ngoc@' }).success).toBe(false);
    const { world, ...again } = centre();
    expect(world.run('user.save', { ...fieldsOf(again.quan), email: again.lan.email }, again.quan)).toMatchObject({ field: 'email' });
  });

  test('capacity and activity are not what saving changes', () => {
    const { world, quan, lan } = centre();
    const capacity = { most: { call: 1, chat: 2, social: 3, email: 4 }, blocks: [] };
    world.put('user', { ...lan, capacity });
    expect(world.run('user.save', { ...fieldsOf(lan), name: 'Ngọc Lan' }, quan)).toBeNull();
    expect(world.get('user', lan.id)).toMatchObject({ name: 'Ngọc Lan', active: true, capacity });
  });

  test('a colleague who does not serve the queue gets nothing of it; a lead serves all of theirs', () => {
    for (const [role, serves, gets] of [
      ['agent', true, true],
      ['agent', false, false],
      ['lead', false, true],
    ] as const) {
      const { world, queue, quan, lan } = centre();
      const heir = world.put('user', user('Minh', role));
      if (serves) world.put('queueMember', { id: `${queue.id}:${heir.id}`, queueId: queue.id, userId: heir.id });
      const ticket = world.put('ticket', aTicket({ queueId: queue.id, assigneeId: lan.id, leaseBy: lan.id, leaseUntil: now + 1 }));
      expect(world.run('user.deactivate', { userId: lan.id, to: heir.id }, quan)).toBeNull();
      expect(world.get('ticket', ticket.id)).toMatchObject({ assigneeId: gets ? heir.id : null, leaseBy: null, leaseUntil: null });
      expect(world.all('notice', ({ userId }) => userId === heir.id)).toHaveLength(gets ? 1 : 0);
    }
  });

  test('who has left is off duty and rung for by nothing; what was settled stays theirs', () => {
    const { world, queue, quan, lan } = centre();
    const done = world.put('ticket', aTicket({ queueId: queue.id, assigneeId: lan.id, status: 'resolved', resolvedAt: now }));
    const waiting = world.put('ticket', aTicket({ queueId: queue.id, offeredTo: lan.id }));
    const [offerId, presence] = [uuid(), { reason: null, since: 1, until: null, off: [], resumes: null, missed: 0 }];
    world.put('presence', { id: lan.id, state: 'available', ...presence });
    world.put('offer', {
      id: offerId,
      ticketId: waiting.id,
      queueId: queue.id,
      userId: lan.id,
      at: 1,
      until: 2,
      state: 'ringing',
      endedAt: null,
    });
    expect(world.run('user.deactivate', { userId: lan.id, to: null }, quan)).toBeNull();
    expect(world.get('ticket', done.id)).toEqual(done);
    expect(world.get('ticket', waiting.id)).toMatchObject({ offeredTo: null });
    expect(world.get('offer', offerId)).toMatchObject({ state: 'withdrawn', endedAt: now });
    expect(world.get('presence', lan.id)).toMatchObject({ state: 'offline' });
  });

  test('more than one commit takes is refused before anything is done', () => {
    const { world, queue, quan, lan } = centre();
    for (let n = 0; n < 500; n += 1) world.put('ticket', aTicket({ queueId: queue.id, assigneeId: lan.id }));
    expect(world.run('user.deactivate', { userId: lan.id, to: null }, quan)).toMatchObject({ code: 'TOO_LARGE', detail: { most: 499 } });
    expect(world.get('user', lan.id)?.active).toBe(true);
  });

  test('an administrator who has not come yet does not count as one', () => {
    const { world, quan } = centre();
    world.put('user', user('Mới', 'admin', false));
    expect(world.run('user.save', { ...fieldsOf(quan), role: 'lead' }, quan)).toMatchObject({ field: 'role' });
    const second = world.put('user', user('Hai', 'admin'));
    expect(world.run('user.save', { ...fieldsOf(quan), role: 'lead' }, second)).toBeNull();
    expect(world.run('user.deactivate', { userId: second.id, to: null }, second)).toMatchObject({ detail: { reason: 'yourself' } });
  });
});

describe('queues, teams and words', () => {
  const word = (name: string, more: Partial<MutationArgs<'code.save'>> = {}): MutationArgs<'code.save'> => ({
    codeId: uuid(),
    kind: 'reason',
    name,
    queueIds: null,
    active: true,
    ...more,
  });

  test('a queue keeps its routing and its members who stay', () => {
    const { world, queue, quan, lan } = centre();
    const minh = world.put('user', user('Minh'));
    const { id: queueId, purpose, teamId, requiresDisposition } = queue;
    const args = { queueId, name: ' Bán hàng ', purpose, teamId, requiresDisposition, userIds: [minh.id, minh.id] };
    expect(world.run('queue.save', mutations['queue.save'].args.parse(args), quan)).toBeNull();
    expect(world.get('queue', queueId)).toEqual(queue);
    expect(world.all('queueMember', () => true).map(({ userId }) => userId)).toEqual([minh.id]);
    expect(world.get('queueMember', `${queueId}:${lan.id}`)).toBeUndefined();
  });

  test('the same name counts as the same whatever its case, within its kind', () => {
    const { world, quan } = centre();
    expect(world.run('code.save', word('Hóa đơn'), quan)).toBeNull();
    expect(world.run('code.save', word('HÓA ĐƠN'), quan)).toMatchObject({ code: 'DUPLICATE' });
    expect(world.run('code.save', word('Hóa đơn', { kind: 'disposition' }), quan)).toBeNull();
    expect(world.all('code', () => true).map(({ position }) => position)).toEqual([0, 0]);
  });

  test('those that are not named come after those that are, as they were', () => {
    const { world, quan } = centre();
    const words = ['a', 'b', 'c', 'd'].map((name) => word(name));
    for (const one of words) expect(world.run('code.save', one, quan)).toBeNull();
    const codeIds = [words[2]!.codeId, uuid(), words[2]!.codeId];
    expect(world.run('code.order', { kind: 'reason', codeIds }, quan)).toBeNull();
    const names = world.all('code', () => true).toSorted((a, b) => a.position - b.position);
    expect(names.map(({ name, position }) => `${name}${position}`)).toEqual(['c0', 'a1', 'b2', 'd3']);
  });

  test('a team that has a queue stays; another goes with its members', () => {
    const { world, team, queue, quan, lan } = centre();
    expect(world.run('team.remove', { teamId: team.id }, quan)).toMatchObject({ detail: { by: queue.name } });
    const night = uuid();
    expect(world.run('team.save', { teamId: night, name: 'Ca tối' }, quan)).toBeNull();
    world.put('teamMember', { id: `${night}:${lan.id}`, teamId: night, userId: lan.id });
    expect(world.run('team.remove', { teamId: night }, quan)).toBeNull();
    expect(world.all('teamMember', () => true)).toEqual([]);
  });

  test('nobody but an administrator changes any of it', () => {
    const { world, team, queue, lan } = centre();
    const lead = world.put('user', user('Thư', 'lead'));
    const { id: queueId, name, purpose, teamId, requiresDisposition } = queue;
    for (const me of [lan, lead]) {
      const refused = { code: 'FORBIDDEN' };
      expect(world.run('user.save', fieldsOf(lan), me)).toEqual(refused);
      expect(world.run('user.deactivate', { userId: lan.id, to: null }, me)).toEqual(refused);
      expect(world.run('user.activate', { userId: lan.id }, me)).toEqual(refused);
      expect(world.run('user.reset', { userId: lan.id }, me)).toEqual(refused);
      expect(world.run('team.save', { teamId: team.id, name: 'Khác' }, me)).toEqual(refused);
      expect(world.run('team.remove', { teamId: team.id }, me)).toEqual(refused);
      expect(world.run('queue.save', { queueId, name, purpose, teamId, requiresDisposition, userIds: [] }, me)).toEqual(refused);
      expect(world.run('queue.order', { queueIds: [] }, me)).toEqual(refused);
      expect(world.run('queue.remove', { queueId }, me)).toEqual(refused);
      expect(world.run('code.save', word('x'), me)).toEqual(refused);
      expect(world.run('code.order', { kind: 'reason', codeIds: [] }, me)).toEqual(refused);
      expect(world.run('code.remove', { codeId: uuid() }, me)).toEqual(refused);
    }
  });
});
