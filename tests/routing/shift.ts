/**
 * A shift in real time: agents at their consoles, customers who write, three hubs on one PostgreSQL and one Redis, of which one after the
 * other is killed and started again. What is written afterwards in the database tells whether the rules held.
 */
import { v7 as uuid } from 'uuid';
import pg from 'pg';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type Change } from '../../src/shared/protocol.ts';
import { act, actRaw } from '../harness/acts.ts';
import { routing } from '../harness/floor.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { startRedis } from '../harness/redis.ts';
import { Visitor } from '../harness/visitor.ts';
import { signIn, type SignedIn, type WireClient, wire } from '../harness/wire.ts';

export interface Size {
  tickets: number;
  agents: number;
  /** ms between two arrivals */
  everyMs: number;
  /** ms between two kills */
  killEveryMs: number;
}

export interface Outcome {
  /** tickets that customers have opened, and those that were dealt with */
  opened: number;
  done: number;
  kills: number;
  offers: number;
  /** pairs of offers of one ticket that rang at the same time */
  twice: number;
  /** moments at which somebody had more than they can have */
  over: number;
  /** tickets that somebody had while they rang for somebody else */
  both: number;
  missed: number;
  declined: number;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const key = '11'.repeat(32);

export async function shift(size: Size, draw: () => number): Promise<Outcome> {
  const server = inject('postgresUrl');
  const name = `shift_${process.pid}_${Date.now()}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const databaseUrl = server.replace(/\/postgres$/, `/${name}`);
  const redis = await startRedis();
  const dir = mkdtempSync(join(tmpdir(), 'truc-shift-'));
  const env = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    TRUC_ROUTING_SWEEP: '1',
    TRUC_PRESENCE_STEPS: '5,30,60',
    TRUC_SECRET_KEY: key,
    TRUC_VISITOR_OPENINGS: '1000000',
  };
  const hubs = [0, 1, 2].map((index) => new HubProcess(join(dir, String(index)), env));
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 3 });
  const up = new Set<HubProcess>();
  const over = new AbortController();
  const ends: Promise<unknown>[] = [];
  try {
    for (const hub of hubs) up.add(await hub.start());
    const anyHub = () => [...up][Math.floor(draw() * up.size)] ?? hubs[0]!;
    await prepare(pool, hubs[0]!.url, size.agents);

    // 1. Agents begin; whoever's hub dies goes to another one.
    const agents = Array.from({ length: size.agents }, (_, index) => new Agent(`may${index}`, anyHub, pool, draw));
    for (const agent of agents) ends.push(agent.work(() => over.signal.aborted));

    // 2. One hub after the other is killed.
    let kills = 0;
    const killer = (async () => {
      await pause(size.killEveryMs);
      for (let turn = 0; !over.signal.aborted; turn += 1) {
        const victim = hubs[turn % hubs.length]!;
        up.delete(victim);
        await victim.kill();
        kills += 1;
        await pause(Math.min(1500, size.killEveryMs / 2));
        up.add(await victim.start());
        if (turn === 2) await redis.restart();
        await pause(size.killEveryMs);
      }
    })();
    ends.push(killer);

    // 3. Customers write, whatever becomes of the hubs.
    const writing: Promise<unknown>[] = [];
    for (let n = 0; n < size.tickets; n += 1) {
      writing.push(customer(anyHub, `Khách ${n}`));
      await pause(size.everyMs);
    }
    await Promise.all(writing);

    // 4. Until all of it is dealt with.
    const open = async () => {
      const { rows } = await pool.query<{ n: string }>(
        `select count(*) as n from ticket where subject ~ '^Khách [0-9]+$' and status <> 'resolved'`,
      );
      return Number(rows[0]?.n);
    };
    for (const end = Date.now() + 60_000 + size.tickets * 100; (await open()) > 0; await pause(250)) if (Date.now() > end) break;
    over.abort();
    await Promise.all(ends);
    return { ...(await reckon(pool)), opened: size.tickets, kills };
  } finally {
    over.abort();
    await Promise.allSettled(ends);
    await pool.end();
    for (const hub of hubs) await hub.stop();
    await redis.stop();
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Agents of their own, who sign in with the demo's password, and a queue that offers. */
async function prepare(pool: pg.Pool, hubUrl: string, count: number): Promise<void> {
  await pool.query(`update ticket set status = 'closed', assignee_id = null, enqueued_at = null`);
  const { rows } = await pool.query<{ workspace_id: string; id: string }>(`select workspace_id, id from queue where purpose = 'sales'`);
  const { workspace_id: workspaceId, id: queueId } = rows[0]!;
  const ids = Array.from({ length: count }, () => uuid());
  await pool.query(
    `insert into app_user (workspace_id, id, name, email, role, locale, active)
     select $1, id, 'Máy ' || n, 'may' || (n - 1) || '@demo.truc.test', 'agent', 'vi', true from unnest($2::uuid[]) with ordinality as of(id, n)`,
    [workspaceId, ids],
  );
  await pool.query(
    `insert into queue_member (workspace_id, id, queue_id, user_id) select $1, $2 || ':' || id, $2::uuid, id from unnest($3::uuid[]) as id`,
    [workspaceId, queueId, ids],
  );
  await pool.query(
    `insert into credential (workspace_id, user_id, password_hash, changed_at)
     select $1, id, (select password_hash from credential limit 1), 0 from unnest($2::uuid[]) as id`,
    [workspaceId, ids],
  );
  await pool.query(`update workspace_counter set reference_seq = reference_seq + 1`);
  const quan = await signIn(hubUrl, 'quan');
  const how = routing({ offerMs: { call: 2000, chat: 2000, social: 2000, email: null }, preferredMs: 0 });
  const refused = await act(hubUrl, quan, 'queue.route', { queueId, routing: how });
  if (refused) throw new Error(JSON.stringify(refused));
}

/** Writes until some hub has taken it. */
async function customer(anyHub: () => HubProcess, text: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      const visitor = await new Visitor(anyHub().url).open();
      const messageId = uuid();
      for (let again = 0; again < 100; again += 1) {
        try {
          visitor.hubUrl = anyHub().url;
          await visitor.say(text, messageId);
          return;
        } catch {
          await pause(200);
        }
      }
    } catch {
      await pause(200);
    }
  }
  throw new Error(`nobody takes ${text}`);
}

class Agent {
  readonly #key: string;
  readonly #anyHub: () => HubProcess;
  readonly #pool: pg.Pool;
  readonly #draw: () => number;
  readonly #busy = new Set<Promise<unknown>>();

  constructor(name: string, anyHub: () => HubProcess, pool: pg.Pool, draw: () => number) {
    this.#key = name;
    this.#anyHub = anyHub;
    this.#pool = pool;
    this.#draw = draw;
  }

  async work(over: () => boolean): Promise<void> {
    while (!over()) {
      const hub = this.#anyHub();
      let client: (WireClient & { me: SignedIn }) | null = null;
      try {
        client = await wire(hub.url, this.#key);
        const { me } = client;
        const line = client;
        client.socket.on('delta', (delta: { changes: Change[] }) => this.#hears(line, me, delta.changes));
        const welcome = client.heard.find(({ name }) => name === 'welcome')?.message as { headSeq: number };
        await client.pullAll(welcome.headSeq);
        await this.#available(hub.url, me);
        // What it had in hand when its hub died.
        const held = await this.#pool.query<{ id: string }>(
          `select id from ticket where assignee_id = $1 and status not in ('resolved', 'closed')`,
          [me.userId],
        );
        for (const { id } of held.rows) this.#track(this.#deal(line, id));
        while (!over() && line.socket.connected) await pause(50);
      } catch {
        await pause(100);
      } finally {
        client?.close();
      }
    }
    await Promise.allSettled(this.#busy);
  }

  #track(work: Promise<unknown>): void {
    const one = work.catch(() => undefined).finally(() => this.#busy.delete(one));
    this.#busy.add(one);
  }

  #available(hubUrl: string, me: SignedIn) {
    return act(hubUrl, me, 'presence.set', { userId: me.userId, state: 'available', reason: null });
  }

  #hears(line: WireClient & { me: SignedIn }, me: SignedIn, changes: Change[]): void {
    for (const { entity, row } of changes) {
      if (entity === 'offer') {
        const offer = row as { id: string; state: string; ticketId: string; userId: string };
        if (offer.state === 'ringing' && offer.userId === me.userId) this.#track(this.#answer(line, me, offer));
      }
      const presence = row as { id: string; state: string };
      if (entity === 'presence' && presence.id === me.userId && (presence.state === 'notResponding' || presence.state === 'disconnected')) {
        this.#track(pause(300).then(() => this.#available(this.#anyHub().url, me)));
      }
    }
  }

  async #answer(line: WireClient & { me: SignedIn }, me: SignedIn, offer: { id: string; ticketId: string }): Promise<void> {
    await pause(20 + this.#draw() * 300);
    const chance = this.#draw();
    // Some are not at their desks, and some say no.
    if (chance < 0.03) return;
    const accept = chance > 0.1;
    for (let tries = 0; tries < 10; tries += 1) {
      try {
        const refused = await actRaw(this.#anyHub().url, me, { name: 'offer.answer', args: { offerId: offer.id, accept } });
        if (!refused && accept) await this.#deal(line, offer.ticketId);
        return;
      } catch {
        await pause(200);
      }
    }
  }

  /** Some talk, and it is done; what a dead hub has not taken is said again on the next line. */
  async #deal(line: WireClient & { me: SignedIn }, ticketId: string): Promise<void> {
    await pause(100 + this.#draw() * 600);
    const { rows } = await this.#pool.query<{ seen: string }>('select last_inbound_id as seen from ticket where id = $1', [ticketId]);
    if (line.socket.connected) await line.push('ticket.close', { ticketId, seenInboundId: rows[0]?.seen ?? null, disposition: null });
  }
}

async function reckon(pool: pg.Pool): Promise<Omit<Outcome, 'opened' | 'kills'>> {
  const one = async (text: string) => Number((await pool.query<{ n: string }>(text)).rows[0]?.n);
  return {
    done: await one(`select count(*) as n from ticket where subject ~ '^Khách [0-9]+$' and status = 'resolved'`),
    offers: await one('select count(*) as n from offer'),
    missed: await one(`select count(*) as n from offer where state = 'missed'`),
    declined: await one(`select count(*) as n from offer where state = 'declined'`),
    twice: await one(`select count(*) as n from offer a join offer b on b.ticket_id = a.ticket_id and b.id > a.id
      and b.at < coalesce(a.ended_at, 9e15) and a.at < coalesce(b.ended_at, 9e15)`),
    both: await one(`select count(*) as n from ticket_track where offered_to is not null and assignee_id is not null`),
    // What each had at each moment: tickets in hand and offers that rang. Four chats are the most.
    over: await one(`with held as (
        select ticket_id, assignee_id as user_id, at as since, lead(at) over (partition by ticket_id order by at, id) as until, status from ticket_track),
      events as (
        select user_id, since as at, 1 as step from held where user_id is not null and status not in ('resolved', 'closed', 'spam')
        union all select user_id, until, -1 from held where user_id is not null and status not in ('resolved', 'closed', 'spam') and until is not null
        union all select user_id, at, 1 from offer
        union all select user_id, ended_at, -1 from offer where ended_at is not null),
      loads as (select user_id, at, sum(step) over (partition by user_id order by at, step) as load from events)
      select count(*) as n from loads where load > 4`),
  };
}
