/** A hub whose demo mailbox lies on a real server, and a server for what it sends that keeps what it hears. */
import { randomBytes } from 'node:crypto';
import type { MessageExtra } from '../../src/shared/domain.ts';
import { TestConsole, until } from './engine.ts';
import { startTestHub, type TestHub } from './hub.ts';
import { mailPassword, type MailServers, mailUsers, startMailServers } from './mail-servers.ts';
import { type Script, type SmtpPeer, startSmtpPeer } from './smtp-peer.ts';
import { signIn } from './wire.ts';

export const mailChannel = 'demo-mail';
export const shopAddress = mailUsers.shop;
const url = (scheme: string, user: string, password: string, port: number) =>
  `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}`;

/** Settings of a demo whose mailbox is that of the shop. */
export const mailSettings = (imap: { port: number }, smtp: { port: number }, password = mailPassword): Record<string, string> => ({
  TRUC_DEMO_IMAP: url('imap', mailUsers.shop, mailPassword, imap.port),
  TRUC_DEMO_SMTP: url('smtp', mailUsers.shop, password, smtp.port),
});

export interface MailRow {
  id: string;
  ticket_id: string;
  body: string;
  extra: MessageExtra;
  subject: string;
}

/** Ids of mails, without brackets, in the headers of raw mails. */
export const header = (raw: string, name: string): string =>
  new RegExp(`^${name}:((?:[^\\r\\n]|\\r?\\n[ \\t])*)`, 'im')
    .exec(raw)?.[1]
    ?.replaceAll(/\r?\n[ \t]+/g, ' ')
    .trim() ?? '';

export class MailDesk {
  readonly servers: MailServers;
  readonly hub: TestHub;
  readonly thu: TestConsole;
  /** what goes out is heard here */
  readonly peer: SmtpPeer;
  /** may be changed at any time: what the server for outgoing mail does */
  readonly script: Script;
  #appended = 0;

  private constructor(servers: MailServers, hub: TestHub, thu: TestConsole, peer: SmtpPeer, script: Script) {
    this.servers = servers;
    this.hub = hub;
    this.thu = thu;
    this.peer = peer;
    this.script = script;
  }

  static async open(env: Record<string, string> = {}): Promise<MailDesk> {
    const script: Script = {};
    const [servers, peer] = await Promise.all([startMailServers(), startSmtpPeer(script)]);
    const hub = await startTestHub({ TRUC_SECRET_KEY: randomBytes(32).toString('hex'), ...mailSettings(servers.imap, peer), ...env });
    const thu = await (await new TestConsole(hub.url).start()).signIn('thu');
    return new MailDesk(servers, hub, thu, peer, script);
  }

  async stop(): Promise<void> {
    this.thu.dispose();
    await this.hub.stop();
    await this.peer.stop();
    await this.servers.stop();
  }

  async count(what: string, ...values: unknown[]): Promise<number> {
    return Number((await this.hub.query<{ n: string }>(`select count(*) as n from ${what}`, values))[0]!.n);
  }

  /** Into the shop's mailbox; resolves when the hub has taken and handled it all. */
  async deliver(...mails: (string | Buffer)[]): Promise<void> {
    for (const mail of mails) await this.servers.append(shopAddress, mail);
    this.#appended += mails.length;
    await this.taken();
  }

  async taken(): Promise<void> {
    await until(
      async () =>
        (await this.count(`mailbox where channel_id = '${mailChannel}' and last_uid >= $1`, this.#appended)) === 1 &&
        (await this.count(`inbound_event where state = 'new'`)) === 0,
    );
  }

  /** What a mail has become, by its Message-ID. */
  async message(mailId: string, channelId = mailChannel): Promise<MailRow | undefined> {
    const rows = await this.hub.query<MailRow>(
      `select m.id, m.ticket_id, m.body, m.extra, t.subject from external_id e join message m on m.id = e.message_id
       join ticket t on t.id = m.ticket_id where e.channel_id = $1 and e.value = $2`,
      [channelId, mailId],
    );
    return rows[0];
  }

  /** A mail of the fixtures, delivered: what it has become, as the console has it too. */
  async received(mailId: string, raw: string | Buffer): Promise<MailRow> {
    await this.deliver(raw);
    const row = await this.message(mailId);
    if (!row) throw new Error(`${mailId} has become no message`);
    await until(async () => (await this.thu.timeline(row.ticket_id)).some((message) => message.id === row.id));
    return row;
  }

  /** An answer, handed to the mail server: as that has heard it. */
  async answer(ticketId: string, body: string): Promise<{ messageId: string; raw: string }> {
    await until(async () => (await this.thu.query('ticket.get', { ticketId })) !== null);
    const before = this.peer.heard.length;
    const messageId = await this.thu.reply(ticketId, body);
    await until(async () => (await this.delivery(messageId))?.delivery === 'sent');
    return { messageId, raw: this.peer.heard[before]! };
  }

  async delivery(messageId: string): Promise<{ delivery: string; delivery_error: string | null } | undefined> {
    const rows = await this.hub.query<{ delivery: string; delivery_error: string | null }>(
      'select delivery, delivery_error from message where id = $1',
      [messageId],
    );
    return rows[0];
  }

  async ticket(ticketId: string): Promise<Record<string, unknown>> {
    return (await this.hub.query('select * from ticket where id = $1', [ticketId]))[0]!;
  }

  /** The hub's own routes, as one of the demo's people. */
  async ask(key: string, path: string, init: { method?: string; body?: unknown } = {}): Promise<Response> {
    const me = await signIn(this.hub.url, key);
    return fetch(`${this.hub.url}/api/v1/${path}`, {
      method: init.method ?? 'GET',
      headers: { authorization: `Bearer ${me.token}`, ...(init.body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
  }

  /** What an administrator enters for a mailbox. */
  async enter(channelId: string, user: string, settings: object = {}, password = mailPassword): Promise<void> {
    const server = { host: '127.0.0.1', security: 'none', user };
    const answer = await this.ask('quan', `channels/${channelId}/account`, {
      method: 'PUT',
      body: {
        vendor: 'email',
        settings: {
          address: user,
          name: 'Sao Mai',
          imap: { ...server, port: this.servers.imap.port },
          smtp: { ...server, port: this.peer.port },
          sinceDays: 1,
          ...settings,
        },
        secrets: { imapPassword: password, smtpPassword: password },
      },
    });
    if (!answer.ok) throw new Error(`${channelId}: ${answer.status} ${await answer.text()}`);
  }
}
