/** Mail in and out while hubs die: nothing is lost, nothing comes twice, answers find their threads. */
import { rmSync } from 'node:fs';
import pg from 'pg';
import { expect } from 'vitest';
import { Draw } from '../harness/draw.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { header, mailChannel, mailSettings } from '../harness/mail-desk.ts';
import { canSend, type MailServers, mailUsers, sendPassword, startMailServers } from '../harness/mail-servers.ts';
import { temporaryDir } from '../harness/postgres.ts';
import { type Script, startSmtpPeer } from '../harness/smtp-peer.ts';
import { signIn } from '../harness/wire.ts';

const { shop, lan } = mailUsers;
/** mails of a thread: each answers the one before it */
const perThread = 3;

class Shop {
  readonly servers: MailServers;
  readonly hub: HubProcess;
  readonly #dataDir: string;

  private constructor(servers: MailServers, hub: HubProcess, dataDir: string) {
    this.servers = servers;
    this.hub = hub;
    this.#dataDir = dataDir;
  }

  static async open(smtp: (servers: MailServers) => Record<string, string>): Promise<Shop> {
    const dataDir = temporaryDir('truc-mail-kill-');
    const servers = await startMailServers();
    const hub = new HubProcess(dataDir, smtp(servers));
    const shopAt = new Shop(servers, hub, dataDir);
    await hub.start().catch(async (error: unknown) => {
      await shopAt.close();
      throw error;
    });
    return shopAt;
  }

  async close(): Promise<void> {
    await this.hub.stop();
    await this.servers.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  async rows<R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    const client = new pg.Client({ connectionString: this.hub.databaseUrl });
    await client.connect();
    try {
      return (await client.query<R>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async count(what: string, ...values: unknown[]): Promise<number> {
    return Number((await this.rows<{ n: string }>(`select count(*) as n from ${what}`, values))[0]!.n);
  }

  /** The hub ends without a word, and starts again. */
  async dies(meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    await this.hub.kill('SIGKILL');
    await meanwhile();
    await this.hub.start();
  }

  async desk(): Promise<TestConsole> {
    return (await new TestConsole(this.hub.url).start()).signIn('thu');
  }

  async delivery(messageId: string): Promise<string | undefined> {
    return (await this.rows<{ delivery: string }>('select delivery from message where id = $1', [messageId]))[0]?.delivery;
  }
}

/** `mails` fetched while the hub is killed `kills` times and the server draws all UIDs anew once; then answers to some of them. */
export async function roundTrip({
  mails,
  kills,
  answers,
  seed,
}: {
  mails: number;
  kills: number;
  answers: number;
  seed: number;
}): Promise<void> {
  const peer = canSend ? null : await startSmtpPeer({});
  const shopAt = await Shop.open(({ imap, smtp }) => mailSettings(imap, smtp ?? peer!, smtp ? sendPassword : undefined));
  const { servers } = shopAt;
  const id = (index: number) => `m${index}@khach.test`;
  const text = (index: number) => {
    const first = index - (index % perThread);
    const refs = Array.from({ length: index - first }, (_, place) => `<${id(first + place)}>`);
    return (
      `From: Khách ${first} <lan+${first}@khach.test>\r\nTo: ${shop}\r\nSubject: =?utf-8?B?${Buffer.from(`Chuyện ${first}`).toString('base64')}?=\r\n` +
      `Message-ID: <${id(index)}>\r\n${refs.length > 0 ? `In-Reply-To: ${refs.at(-1)}\r\nReferences: ${refs.join(' ')}\r\n` : ''}` +
      `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nthư số ${index}\r\n`
    );
  };
  try {
    const draw = new Draw(seed, 'kills');
    const dying = new Set<number>();
    while (dying.size < kills) dying.add(draw.between(1, mails - 1));
    const anew = Math.floor(mails / 2);
    for (let index = 0; index < mails; index += 1) {
      await servers.append(shop, text(index));
      if (index === anew) {
        await servers.newUidValidity(shop);
        // Fails where nobody is connected at this moment; whoever connects next sees it.
        await servers.kick(shop).catch(() => undefined);
      }
      // Mail goes on coming while the hub is away.
      if (dying.has(index)) await shopAt.dies();
    }
    const taken = `external_id e join message m on m.id = e.message_id where e.channel_id = '${mailChannel}' and not e.mine`;
    await until(async () => (await shopAt.count(taken)) >= mails, 120_000);
    await until(async () => (await shopAt.count(`inbound_event where state = 'new'`)) === 0);
    const got = await shopAt.rows<{ body: string; value: string; ticket_id: string }>(
      `select m.body, e.value, m.ticket_id from message m left join external_id e on e.message_id = m.id
       where m.kind = 'inbound' and m.extra ? 'mail' and m.extra->'via'->>'channelId' = $1`,
      [mailChannel],
    );
    expect(got.map(({ value }) => value).toSorted()).toEqual(Array.from({ length: mails }, (_, index) => id(index)).toSorted());
    expect(new Set(got.map(({ body }) => body.trim())).size).toBe(mails);
    expect(await shopAt.count(`inbound_event where state = 'aside'`)).toBe(0);
    const ticketOf = new Map(got.map(({ value, ticket_id: ticket }) => [value, ticket]));
    const threads = Math.ceil(mails / perThread);
    expect(new Set(ticketOf.values()).size).toBe(threads);
    for (let index = 0; index < mails; index += 1) expect(ticketOf.get(id(index))).toBe(ticketOf.get(id(index - (index % perThread))));

    // Answers, each to the last mail of its thread.
    const desk = await shopAt.desk();
    const answered = Array.from({ length: answers }, (_, place) => Math.floor((place * (threads - 1)) / answers) * perThread);
    for (const first of answered) {
      for (let place = 0; place < perThread; place += 1) await servers.append(lan, text(first + place));
      const ticketId = ticketOf.get(id(first))!;
      await until(async () => (await desk.query('ticket.get', { ticketId })) !== null);
      const messageId = await desk.reply(ticketId, `đáp ${first}`);
      await until(async () => (await shopAt.delivery(messageId)) === 'sent');
    }
    desk.dispose();
    if (peer) for (const raw of peer.heard) await servers.append(lan, raw);
    await until(async () => (await servers.mails(lan)).length === answers * (perThread + 1));
    const box = await servers.mails(lan);
    const place = new Map(box.map((raw, index) => [header(raw, 'Message-ID').slice(1, -1), index + 1]));
    const groups = groupsOf(await servers.threads(lan));
    for (const first of answered) {
      const answer = box.findIndex(
        (raw) => header(raw, 'In-Reply-To') === `<${id(first + perThread - 1)}>` && header(raw, 'Message-ID').startsWith('<out-'),
      );
      expect(answer, `answer to ${first}`).toBeGreaterThanOrEqual(0);
      expect(header(box[answer]!, 'References')).toBe([0, 1, 2].map((step) => `<${id(first + step)}>`).join(' '));
      expect(groups.get(answer + 1)).toBe(groups.get(place.get(id(first))!));
    }
  } finally {
    await shopAt.close();
    await peer?.stop();
  }
}

/** For each mail the thread that it is in, by what a server answers to THREAD: `(1 2)(3 (4)(5))`. */
function groupsOf(threads: string): Map<number, number> {
  const groups = new Map<number, number>();
  let depth = 0;
  let group = 0;
  for (const [token] of threads.matchAll(/[()]|\d+/g)) {
    if (token === '(') {
      if (depth === 0) group += 1;
      depth += 1;
    } else if (token === ')') depth -= 1;
    else groups.set(Number(token), group);
  }
  return groups;
}

/**
 * The server has the whole mail, and the hub dies before it hears so. Nobody knows then: it is not sent again. Where the server keeps
 * copies of what it sends, the copy is the proof.
 */
export async function crashAfterData(): Promise<void> {
  const script: Script = {};
  const peer = await startSmtpPeer(script);
  const shopAt = await Shop.open(({ imap }) => mailSettings(imap, peer));
  const { servers } = shopAt;
  try {
    await servers.append(shop, `From: ${lan}\r\nTo: ${shop}\r\nMessage-ID: <c1@khach.test>\r\nSubject: c1\r\n\r\nalo\r\n`);
    const ticketOf = async (value: string) =>
      (
        await shopAt.rows<{ ticket_id: string }>(
          'select m.ticket_id from external_id e join message m on m.id = e.message_id where value = $1',
          [value],
        )
      )[0]?.ticket_id;
    await until(async () => (await ticketOf('c1@khach.test')) !== undefined);
    const ticketId = (await ticketOf('c1@khach.test'))!;
    const desk = await shopAt.desk();
    const answerAndDie = async (body: string, meanwhile: (raw: string) => Promise<void>) => {
      const before = peer.heard.length;
      script.done = null;
      const messageId = await desk.reply(ticketId, body);
      await until(() => peer.heard.length === before + 1);
      await shopAt.dies(async () => {
        delete script.done;
        await meanwhile(peer.heard[before]!);
      });
      await desk.online();
      return { messageId, raw: peer.heard[before]! };
    };
    await until(async () => (await desk.query('ticket.get', { ticketId })) !== null);
    const lost = await answerAndDie('không rõ', async () => undefined);
    await until(async () => (await shopAt.delivery(lost.messageId)) === 'unknown');
    // What the server has had, somebody may answer.
    const answerTo = header(lost.raw, 'Message-ID');
    await servers.append(shop, `From: ai-do@khach.test\r\nMessage-ID: <c2@khach.test>\r\nIn-Reply-To: ${answerTo}\r\n\r\nđã nhận\r\n`);
    await until(async () => (await ticketOf('c2@khach.test')) !== undefined);
    expect(await ticketOf('c2@khach.test')).toBe(ticketId);

    const me = await signIn(shopAt.hub.url, 'quan');
    const [account] = await shopAt.rows<{ settings: object }>('select settings from channel_account where channel_id = $1', [mailChannel]);
    const changed = await fetch(`${shopAt.hub.url}/api/v1/channels/${mailChannel}/account`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${me.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ vendor: 'email', settings: { ...account!.settings, keepsSent: true }, secrets: {} }),
    });
    expect(changed.status).toBe(200);
    const proved = await answerAndDie('có bản sao', (raw) => servers.append(shop, raw, 'Sent'));
    await until(async () => (await shopAt.delivery(proved.messageId)) === 'sent');
    const last = await desk.reply(ticketId, 'tiếp theo');
    await until(async () => (await shopAt.delivery(last)) === 'sent');
    desk.dispose();
    // Each once: neither the lost one nor the proved one went out again.
    expect(peer.heard).toHaveLength(3);
    expect(await shopAt.delivery(lost.messageId)).toBe('unknown');
  } finally {
    await shopAt.close();
    await peer.stop();
  }
}
