/** A hub with stand-ins for its vendors, and a console that watches it. */
import { TestConsole, until } from './engine.ts';
import { startTestHub, type TestHub } from './hub.ts';
import { FakeMeta } from './meta.ts';
import { FakeZalo } from './zalo.ts';

export interface Shop {
  hub: TestHub;
  meta: FakeMeta;
  zalo: FakeZalo;
  count(what: string, ...values: unknown[]): Promise<number>;
  /** nothing that came in waits to be handled */
  settled(): Promise<void>;
  /** what was said to and by whom this is, in the order of the hub */
  said(kind: string, value: string): Promise<Said[]>;
  /** the customer's ticket of this channel */
  ticketOf(kind: string, value: string, timeoutMs?: number): Promise<string>;
  /** the state of a message, once it is this */
  reaches(messageId: string, state: string): Promise<void>;
  post(path: string, body: Buffer | string, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

export interface Said {
  id: string;
  body: string;
  kind: string;
  delivery: string | null;
  delivery_error: string | null;
  extra: Record<string, unknown> | null;
  ticket_id: string;
}

export async function openShop(env: Record<string, string> = {}): Promise<Shop> {
  const [meta, zalo] = [await FakeMeta.start(), await FakeZalo.start()];
  const hub = await startTestHub({
    TRUC_META_URL: meta.url,
    TRUC_ZALO_URL: zalo.url,
    TRUC_MEDIA_HOSTS: `${meta.host},${zalo.host}`,
    TRUC_SEND_STEPS: '0.05,0.1,0.2,0.4,0.8,1.6',
    TRUC_MEDIA_STEPS: '0.05,0.1',
    ...env,
  });
  meta.hooks.to(`${hub.url}/hooks/messenger/demo-messenger`);
  zalo.hooks.to(`${hub.url}/hooks/zalo/demo-zalo`);
  const count = async (what: string, ...values: unknown[]) =>
    Number((await hub.query<{ n: string }>(`select count(*) as n from ${what}`, values))[0]!.n);
  const said = (kind: string, value: string) =>
    hub.query<Said>(
      `select m.id, m.body, m.kind, m.delivery, m.delivery_error, m.extra, m.ticket_id from message m join ticket t on t.id = m.ticket_id
       join identity i on i.customer_id = t.customer_id where i.kind = $1 and i.value = $2 order by m.accepted_at, m.id`,
      [kind, value],
    );
  return {
    hub,
    meta,
    zalo,
    count,
    settled: () => until(async () => (await count(`inbound_event where state = 'new'`)) === 0),
    said,
    async ticketOf(kind, value, timeoutMs = 20_000) {
      await until(async () => (await said(kind, value)).length > 0, timeoutMs);
      return (await said(kind, value)).at(-1)!.ticket_id;
    },
    async reaches(messageId, state) {
      await until(async () => (await count('message where id = $1 and delivery = $2', messageId, state)) === 1);
    },
    post: (path, body, headers = {}) =>
      fetch(`${hub.url}${path}`, {
        method: 'POST',
        body: new Uint8Array(Buffer.from(body)),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    async stop() {
      await meta.close();
      await zalo.close();
      await hub.stop();
    },
  };
}

/** An agent's console that shows this ticket. */
export async function desk(hub: TestHub, key: string): Promise<TestConsole> {
  return (await new TestConsole(hub.url).start()).signIn(key);
}

/** The console knows the ticket and what was said last on it. */
export async function shows(one: TestConsole, ticketId: string, body: string): Promise<void> {
  await until(async () => (await one.timeline(ticketId)).some((message) => message.body === body));
}

/** From now on the vendor's `value` is this message of ours. */
export async function knownAs(
  hub: TestHub,
  channelId: string,
  value: string,
  messageId: string,
  thread: string,
  at: number,
): Promise<void> {
  await hub.query(
    `insert into external_id (workspace_id, channel_id, value, message_id, thread, mine, at)
     select workspace_id, $1, $2, $3, $4, true, $5 from message where id = $3`,
    [channelId, value, messageId, thread, at],
  );
}
