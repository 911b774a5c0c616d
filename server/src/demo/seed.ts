/**
 * Fills an empty demo hub: the shop's people and queues, and its conversations, replayed through the very
 * mutations that live work runs through, on a clock of their own.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { Channel, Entity, Queue, Rows, Ticket } from '../../../src/shared/domain.ts';
import { type Context, type Loaded, put, type RowChange } from '../../../src/shared/mutations/define.ts';
import { type MutationArgs, type MutationName, mutations } from '../../../src/shared/mutations/registry.ts';
import { settle } from '../../../src/shared/mutations/settle.ts';
import { type Actor, systemActor } from '../../../src/shared/permissions.ts';
import { hashPassword } from '../auth/sessions.ts';
import type { Db } from '../db/database.ts';
import { storedEntities, type Stored, toRecord, upsert } from '../db/rows.ts';
import { timersFor } from '../jobs/timers.ts';
import { accounts, type AgentKey, demoPassword, emailOf, type QueueKey } from './accounts.ts';
import { people, scripts } from './content.ts';
import type { DemoChannel, Person, Script, Turn } from './script.ts';

const minute = 60_000;

/** Does nothing when the workspace has people already. */
export async function seedDemo(db: Db, workspaceId: string, log: Logger): Promise<void> {
  const known = await db.selectFrom('appUser').select('id').where('workspaceId', '=', workspaceId).limit(1).executeTakeFirst();
  if (known) return;
  const passwordHash = await hashPassword(demoPassword);
  const shop = buildShop();
  const world = replay(shop, Date.now());
  await db.transaction().execute(async (tx) => {
    const write = (statement: RawBuilder<unknown>) => statement.execute(tx);
    for (const entity of storedEntities) {
      const rows = world.rowsOf(entity);
      if (rows.length > 0) await write(upsert(entity, rows.map((row) => toRecord(entity, workspaceId, row, 0))));
    }
    for (const agent of shop.agents.values()) {
      await tx.insertInto('credential').values({ workspaceId, userId: agent.id, passwordHash, changedAt: Date.now() }).execute();
    }
    const fresh = <E extends Entity>(rows: Rows[E][]) => rows.map((after) => ({ before: null, after }));
    const timers = timersFor(workspaceId, fresh<'ticket'>(world.rowsOf('ticket') as Ticket[]), fresh<'slaClock'>(world.rowsOf('slaClock') as Rows['slaClock'][]));
    if (timers) await write(timers);
    await write(
      sql`update workspace_counter set ticket_number = ${world.number()}, last_at = ${Date.now()}, reference_seq = reference_seq + 1 where workspace_id = ${workspaceId}`,
    );
  });
  log.info({ tickets: world.rowsOf('ticket').length }, 'demo data written');
}

interface Shop {
  agents: Map<AgentKey, Rows['user']>;
  queues: Map<QueueKey, Queue>;
  channels: Channel[];
  reference: RowChange[];
}

function buildShop(): Shop {
  const team = { id: uuid(), name: 'Chăm sóc khách hàng' };
  const queue = (name: string, purpose: Queue['purpose'], position: number, requiresDisposition: boolean): Queue => ({
    id: uuid(),
    name,
    purpose,
    teamId: team.id,
    requiresDisposition,
    position,
  });
  const queues = new Map<QueueKey, Queue>([
    ['sales', queue('Tư vấn mua hàng', 'sales', 1, false)],
    ['complaint', queue('Khiếu nại', 'complaint', 2, true)],
    ['warranty', queue('Bảo hành', 'warranty', 3, false)],
  ]);
  const queueId = (key: QueueKey) => queues.get(key)?.id ?? '';
  const channel = (id: string, kind: Channel['kind'], name: string, key: QueueKey): Channel => ({ id, kind, name, queueId: queueId(key), active: true });
  const channels = [
    channel('demo-widget', 'chat', 'Chat trên website', 'sales'),
    channel('demo-mail', 'email', 'hotro@saomai.example', 'warranty'),
    channel('demo-zalo', 'zalo', 'Zalo OA Sao Mai', 'complaint'),
    channel('demo-messenger', 'messenger', 'Facebook Sao Mai', 'sales'),
    channel('demo-cti', 'phone', 'Tổng đài 1900 0000', 'complaint'),
  ];
  const agents = new Map<AgentKey, Rows['user']>();
  const reference: RowChange[] = [put('team', team), ...[...queues.values()].map((row) => put('queue', row)), ...channels.map((row) => put('channel', row))];
  for (const key of Object.keys(accounts) as AgentKey[]) {
    const account = accounts[key];
    const user: Rows['user'] = { id: uuid(), name: account.name, email: emailOf(key), role: account.role, locale: 'vi', active: true };
    agents.set(key, user);
    reference.push(put('user', user), put('teamMember', { id: `${team.id}:${user.id}`, teamId: team.id, userId: user.id }));
    for (const held of account.queues) reference.push(put('queueMember', { id: `${queueId(held)}:${user.id}`, queueId: queueId(held), userId: user.id }));
  }
  return { agents, queues, channels, reference };
}

interface World extends Loaded {
  rowsOf(entity: Stored): Rows[Entity][];
  number(): number;
}

/** Runs the scripts in the order in which their turns took place. */
function replay(shop: Shop, now: number): World {
  const rows = new Map<Entity, Map<string, Rows[Entity]>>();
  let number = 1000;
  const world: World = {
    get: (entity, id) => rows.get(entity)?.get(id) as never,
    all: (entity, where) => [...(rows.get(entity)?.values() ?? [])].filter((row) => where(row as never)) as never,
    rowsOf: (entity) => [...(rows.get(entity)?.values() ?? [])],
    number: () => number,
  };
  const keep = (change: RowChange) => {
    if (change.op === 'del') return;
    const table = rows.get(change.entity) ?? new Map<string, Rows[Entity]>();
    rows.set(change.entity, table.set(change.row.id, change.row));
  };
  shop.reference.forEach(keep);
  const actors = new Map<AgentKey, Actor>();
  for (const [key, user] of shop.agents) {
    actors.set(key, { userId: user.id, name: user.name, role: user.role, queues: new Set([...shop.queues.values()].map((queue) => queue.id)) });
  }
  const run = <N extends MutationName>(name: N, args: MutationArgs<N>, actor: Actor, at: number) => {
    const ctx: Context = { now: at, actor, side: 'hub' };
    const definition = mutations[name] as unknown as { apply: (rows: Loaded, args: unknown, ctx: Context) => { changes: RowChange[] } | { rejection: { code: string } } };
    const outcome = definition.apply(world, args, ctx);
    if ('rejection' in outcome) throw new Error(`demo: ${name} was refused: ${outcome.rejection.code}`);
    settle(outcome.changes, world, { now: at, nextNumber: () => (number += 1), newId: () => uuid({ msecs: at }) }).forEach(keep);
  };

  people.forEach((person, index) => addPerson(person, index, now).forEach(keep));
  const customers = [...(rows.get('customer')?.keys() ?? [])];
  const events = scripts().flatMap((script) => eventsOf(script, now));
  events.sort((a, b) => a.at - b.at);
  const started = new Map<Script, string>();
  for (const { script, at, turn } of events) {
    const customerId = customers[script.person % customers.length] ?? '';
    const ticketId = started.get(script);
    if (turn === 'end') {
      if (ticketId) finish(script, ticketId, at);
    } else if (!ticketId) {
      const id = uuid({ msecs: at });
      started.set(script, id);
      open(script, id, customerId, turn, at);
    } else say(ticketId, customerId, turn, at, script);
  }
  return world;

  function open(script: Script, ticketId: string, customerId: string, turn: Turn, at: number): void {
    const queueId = shop.queues.get(script.queue)?.id ?? '';
    const lead = actors.get('thu') ?? systemActor;
    if (turn.by === 'customer') {
      const channel = shop.channels.find((row) => row.id === script.channel);
      const person = world.get('customer', customerId);
      // Each script is a thread of its own: the replay names its thread, so that conversations of one person stay apart.
      const thread = `${script.channel}#${ticketId}`;
      keep(put('channel', { ...(channel as Channel), id: thread, queueId }));
      run(
        'message.receive',
        {
          messageId: uuid({ msecs: at }),
          ticketId,
          channelId: thread,
          body: turn.text,
          subject: script.subject,
          customer: { id: customerId, name: person?.name ?? '' },
          identity: { id: customerId, kind: identityOf(script.channel), value: valueOf(world, customerId, identityOf(script.channel)), verified: false },
          authoredAt: at,
        },
        systemActor,
        at,
      );
      rows.get('channel')?.delete(thread);
      const ticket = world.get('ticket', ticketId);
      if (ticket) keep(put('ticket', { ...ticket, channelId: script.channel }));
    } else {
      const agent = actors.get(turn.by) ?? lead;
      run(
        'ticket.create',
        {
          ticketId,
          queueId,
          channel: script.channel === 'demo-cti' ? 'phone' : 'counter',
          subject: script.subject,
          priority: script.priority ?? 'normal',
          tags: script.tags ?? [],
          provisionalRef: '',
          customer: { id: customerId },
          messageId: uuid({ msecs: at }),
          body: turn.text,
          call: 'call' in turn ? { ...turn.call, phone: valueOf(world, customerId, 'phone'), at } : null,
          assignToMe: script.assignee === turn.by,
        },
        agent,
        at,
      );
    }
    const ticket = world.get('ticket', ticketId);
    if (script.tags && ticket && turn.by === 'customer') run('ticket.tag', { ticketId, add: script.tags, remove: [] }, lead, at);
    if (script.priority && turn.by === 'customer') run('ticket.edit', { ticketId, priority: script.priority }, lead, at);
    if (script.assignee && ticket?.assigneeId === null) {
      run('ticket.assign', { ticketId, from: null, to: shop.agents.get(script.assignee)?.id ?? null }, lead, at);
    }
  }

  function say(ticketId: string, customerId: string, turn: Turn, at: number, script: Script): void {
    const messageId = uuid({ msecs: at });
    const ticket = world.get('ticket', ticketId);
    if (!ticket) return;
    if (turn.by === 'customer') {
      const channel = shop.channels.find((row) => row.id === script.channel) as Channel;
      const thread = `${script.channel}#${ticketId}`;
      keep(put('channel', { ...channel, id: thread }));
      keep(put('ticket', { ...ticket, channelId: thread }));
      const kind = identityOf(script.channel);
      run(
        'message.receive',
        {
          messageId,
          ticketId,
          channelId: thread,
          body: turn.text,
          subject: null,
          customer: { id: customerId, name: world.get('customer', customerId)?.name ?? '' },
          identity: { id: customerId, kind, value: valueOf(world, customerId, kind), verified: false },
          authoredAt: at,
        },
        systemActor,
        at,
      );
      rows.get('channel')?.delete(thread);
      const after = world.get('ticket', ticketId);
      if (after) keep(put('ticket', { ...after, channelId: script.channel }));
      return;
    }
    const agent = actors.get(turn.by) ?? systemActor;
    if ('call' in turn) {
      run('call.log', { messageId, ticketId, body: turn.text, call: { ...turn.call, phone: valueOf(world, customerId, 'phone'), at } }, agent, at);
    } else if (turn.note) {
      run('message.note', { messageId, ticketId, body: turn.text }, agent, at);
    } else {
      const seen = { inboundId: ticket.lastInboundId, replyId: ticket.lastReplyId, assigneeId: ticket.assigneeId };
      run('message.reply', { messageId, ticketId, body: turn.text, seen, live: true }, agent, at);
      run('message.delivery', { messageIds: [messageId], state: 'read', error: null }, systemActor, at);
    }
  }

  function finish(script: Script, ticketId: string, at: number): void {
    const ticket = world.get('ticket', ticketId);
    const agent = actors.get(script.assignee ?? 'thu') ?? systemActor;
    if (!ticket || !script.end) return;
    if (script.end === 'resolved') {
      run('ticket.close', { ticketId, seenInboundId: ticket.lastInboundId, disposition: script.disposition ?? 'Đã giải quyết' }, agent, at);
      if (at < now - 72 * 60 * minute) run('ticket.finalise', { ticketId, resolvedAt: at }, systemActor, at + 72 * 60 * minute);
    } else {
      run('ticket.snooze', { ticketId, until: now + script.end.snoozeMinutes * minute }, agent, at);
    }
  }
}

function eventsOf(script: Script, now: number): { script: Script; at: number; turn: Turn | 'end' }[] {
  let at = now - script.startedAgo * minute;
  const events: { script: Script; at: number; turn: Turn | 'end' }[] = [];
  for (const turn of script.turns) {
    at = Math.min(now - 1000, at + turn.after * minute);
    events.push({ script, at, turn });
  }
  if (script.end) events.push({ script, at: Math.min(now - 500, at + minute), turn: 'end' });
  return events;
}

function identityOf(channel: DemoChannel): 'visitor' | 'email' | 'zalo' | 'messenger' | 'phone' {
  return ({ 'demo-widget': 'visitor', 'demo-mail': 'email', 'demo-zalo': 'zalo', 'demo-messenger': 'messenger', 'demo-cti': 'phone' } as const)[channel];
}

function valueOf(world: Loaded, customerId: string, kind: string): string {
  return world.all('identity', (row) => row.customerId === customerId && row.kind === kind)[0]?.value ?? '';
}

function addPerson(person: Person, index: number, now: number): RowChange[] {
  const id = uuid({ msecs: now - 90 * 24 * 60 * minute + index });
  const identity = (kind: Rows['identity']['kind'], value: string, verified: boolean) => put('identity', { id: uuid(), customerId: id, kind, value, verified });
  return [
    put('customer', {
      id,
      name: person.name,
      segment: null,
      loyaltyTier: person.tier,
      loyaltyPoints: person.points,
      city: person.city,
      note: null,
      createdAt: now - 90 * 24 * 60 * minute,
      updatedAt: now - 90 * 24 * 60 * minute,
    }),
    identity('phone', person.phone, true),
    identity('email', person.email, true),
    identity('visitor', `demo-visitor-${index}`, false),
    identity('zalo', `demo-zalo-${index}`, false),
    identity('messenger', `demo-messenger-${index}`, false),
  ];
}
