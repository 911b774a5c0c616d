/** A call centre in a database, made straight in its tables: queues, agents, tickets, and workstations that are signed in. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuid } from 'uuid';

export interface Workstation {
  clientId: string;
  userId: string;
  /** index of the queue that its agent serves */
  queue: number;
  token: string;
}

export interface Centre {
  workspaceId: string;
  queues: string[];
  /** the agents of each queue */
  agents: string[][];
  /** the tickets of each queue */
  tickets: string[][];
}

const at = 1_790_000_000_000;

/** One team, every agent in one queue. `workspaceId`: one that exists, or null for a new one. */
export async function openCentre(
  sql: pg.Client | pg.Pool,
  workspaceId: string | null,
  size: { queues: number; agentsPerQueue: number; ticketsPerQueue: number },
): Promise<Centre> {
  const workspace = workspaceId ?? uuid();
  if (workspaceId === null) {
    await sql.query(
      `insert into workspace_counter (workspace_id, seq, oldest_seq, ticket_number, last_at, reference_seq, epoch) values ($1, 0, 0, 1000, 0, 1, $2)`,
      [workspace, uuid()],
    );
    await sql.query(`insert into workspace (workspace_id, id, name, locale) values ($1, $1, 'Đo', 'vi')`, [workspace]);
  }
  const counter = await sql.query<{ last: number }>('select ticket_number::int as last from workspace_counter where workspace_id = $1', [
    workspace,
  ]);
  const first = counter.rows[0]?.last ?? 1000;
  const team = uuid();
  await sql.query(`insert into team (workspace_id, id, name) values ($1, $2, 'Đo')`, [workspace, team]);
  const centre: Centre = { workspaceId: workspace, queues: [], agents: [], tickets: [] };
  for (let index = 0; index < size.queues; index += 1) {
    const queue = uuid();
    const agents = Array.from({ length: size.agentsPerQueue }, () => uuid());
    const tickets = Array.from({ length: size.ticketsPerQueue }, () => uuid());
    await sql.query(
      `insert into queue (workspace_id, id, name, purpose, team_id, requires_disposition, position) values ($1, $2, $3, 'advice', $4, false, $5)`,
      [workspace, queue, `Hàng đợi ${index}`, team, index],
    );
    await sql.query(
      `insert into app_user (workspace_id, id, name, email, role, locale, active)
       select $1, id, 'Nhân viên ' || id, id || '@bench.truc.test', 'agent', 'vi', true from unnest($2::uuid[]) as id`,
      [workspace, agents],
    );
    await sql.query(
      `insert into queue_member (workspace_id, id, queue_id, user_id) select $1, $2 || ':' || id, $2::uuid, id from unnest($3::uuid[]) as id`,
      [workspace, queue, agents],
    );
    await sql.query(
      `insert into customer (workspace_id, id, name, created_at, updated_at) select $1, id, 'Khách hàng ' || id, $3, $3 from unnest($2::uuid[]) as id`,
      [workspace, tickets, at],
    );
    await sql.query(
      `insert into ticket (workspace_id, id, number, subject, status, priority, channel, queue_id, customer_id, tags, created_at, updated_at,
         last_message_at, last_message_kind, last_message_preview)
       select $1, id, $4::bigint + row_number() over (), 'Máy lạnh kêu to khi khởi động', 'open', 'normal', 'phone', $2, id, '["máy lạnh"]'::jsonb,
         $5::bigint, $5, $5, 'note', 'Dạ em mua tháng trước, giờ máy kêu rất to ạ' from unnest($3::uuid[]) as id`,
      [workspace, queue, tickets, first + index * size.ticketsPerQueue, at],
    );
    centre.queues.push(queue);
    centre.agents.push(agents);
    centre.tickets.push(tickets);
  }
  await sql.query(
    `update workspace_counter set reference_seq = reference_seq + 1, ticket_number = greatest(ticket_number, $2) where workspace_id = $1`,
    [workspace, first + size.queues * size.ticketsPerQueue],
  );
  await sql.query('analyze');
  return centre;
}

/** `count` workstations that have signed in, spread over the queues, with tokens that are good for a day. */
export async function signInWorkstations(sql: pg.Client | pg.Pool, centre: Centre, count: number): Promise<Workstation[]> {
  const secret = await sql.query<{ value: string }>(
    `insert into hub_secret (name, value) values ('access-token', $1) on conflict (name) do update set value = hub_secret.value returning value`,
    [randomBytes(32).toString('hex')],
  );
  const key = Buffer.from(secret.rows[0]?.value ?? '', 'hex');
  const made = Array.from({ length: count }, (_, index) => {
    const queue = index % centre.queues.length;
    const agents = centre.agents[queue] ?? [];
    return { clientId: uuid(), sessionId: uuid(), userId: agents[Math.floor(index / centre.queues.length) % agents.length] ?? '', queue };
  });
  const now = Date.now();
  await sql.query(
    `insert into client (workspace_id, client_id, user_id, device_name, created_at, last_seen_at)
     select $1, c, u, 'bench', $4, $4 from unnest($2::uuid[], $3::uuid[]) as given(c, u)`,
    [centre.workspaceId, made.map((one) => one.clientId), made.map((one) => one.userId), now],
  );
  await sql.query(
    `insert into session (id, workspace_id, user_id, client_id, generation, confirmed, refresh_hash, created_at, expires_at)
     select s, $1, u, c, 1, true, decode(md5(s::text), 'hex'), $5, $5::bigint + 86400000 from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as given(s, u, c)`,
    [centre.workspaceId, made.map((one) => one.sessionId), made.map((one) => one.userId), made.map((one) => one.clientId), now],
  );
  const seconds = Math.floor(now / 1000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return made.map(({ clientId, sessionId, userId, queue }) => {
    // As the hub signs them (RFC 7519, HS256).
    const claims = { sub: userId, aud: centre.workspaceId, cid: clientId, sid: sessionId, gen: 1, iat: seconds, exp: seconds + 86_400 };
    const body = `${part({ alg: 'HS256' })}.${part(claims)}`;
    return { clientId, userId, queue, token: `${body}.${createHmac('sha256', key).update(body).digest('base64url')}` };
  });
}

/** A key that names a mutation for ever, the same for the same input. */
export function keyFor(text: string): string {
  const hex = createHash('md5').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
