import { readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { bounceAddress, outboundOf, plusAddress, ticketOf } from '../../server/src/channels/email/addresses.ts';
import { composeMail, type OutgoingMail } from '../../server/src/channels/email/compose.ts';
import { type Cursor, follow, type Follow, type Follower, TakeLater } from '../../server/src/channels/email/imap.ts';
import { fetchAgain, findByMessageId, type ImapServer } from '../../server/src/channels/email/imap-client.ts';
import { noFiles } from '../../server/src/channels/email/files.ts';
import { parseMail } from '../../server/src/channels/email/parse.ts';
import { sendMail, type SmtpServer } from '../../server/src/channels/email/smtp.ts';
import { canSend, mailPassword, type MailServers, mailUsers, sendPassword, startMailServers } from '../harness/mail-servers.ts';
import { temporaryDir } from '../harness/postgres.ts';

let servers: MailServers;
let dir: string;
beforeAll(async () => {
  servers = await startMailServers();
  dir = temporaryDir('truc-follow-');
});
afterAll(async () => {
  await servers?.stop();
  await rm(dir, { recursive: true, force: true });
});

const key = randomBytes(32);
const { shop, lan, minh } = mailUsers;
const imapOf = (user: string, password = mailPassword): ImapServer => ({ ...servers.imap, security: 'none', auth: { user, password } });
const mailOf = (id: string, extra = '', body = 'xin chào') =>
  `From: ${lan}\r\nTo: ${shop}\r\nMessage-ID: <${id}>\r\nSubject: ${id}\r\n${extra}\r\n${body}\r\n`;

/** A mailbox that is followed, and what came out of it. */
class Followed {
  readonly got: { id: string; uid: number; omitted: number }[] = [];
  readonly aside: { uid: number; message: string; path: boolean }[] = [];
  readonly troubles: (string | null)[] = [];
  cursor: Cursor | null = null;
  /** by Message-ID: what `take` does instead */
  readonly instead = new Map<string, () => Promise<void>>();
  #follower: Follower | null = null;
  readonly #user: string;

  constructor(user: string) {
    this.#user = user;
  }

  start(settings: Partial<Follow> = {}): void {
    this.#follower = follow({
      server: async () => imapOf(this.#user),
      folder: 'INBOX',
      cursor: this.cursor,
      since: () => 0,
      dir,
      maxBytes: 1024 * 1024,
      clock: Date.now,
      retryMs: { first: 20, most: 60 },
      take: async (mail, cursor) => {
        const { messageId } = await parseMail(mail.path, { mailbox: this.#user, files: noFiles, ownDomains: [] });
        await this.instead.get(messageId)?.();
        this.got.push({ id: messageId, uid: mail.uid, omitted: mail.omitted.length });
        this.cursor = cursor;
      },
      aside: async (uid, error, cursor, path) => {
        this.aside.push({ uid, message: error.message, path: path !== null });
        this.cursor = cursor;
      },
      moved: async (cursor) => void (this.cursor = cursor),
      trouble: (trouble) => this.troubles.push(trouble && (trouble.attention ?? 'passing')),
      ...settings,
    });
  }

  async stop(): Promise<void> {
    await this.#follower?.stop();
  }

  poke(): void {
    this.#follower?.poke();
  }

  ids = () => this.got.map(({ id }) => id);
  /** Resolves when exactly these have come. */
  async has(...ids: string[]): Promise<void> {
    const missing = () => {
      if (this.ids().join(' ') !== ids.join(' ')) throw new Error(`came: ${this.ids().join(' ')}; wanted: ${ids.join(' ')}`);
    };
    await vi.waitFor(missing, { timeout: 10_000, interval: 10 });
  }
}

describe('a mailbox that is followed', () => {
  let box: Followed;
  beforeEach(async () => {
    await servers.expunge(shop);
    box = new Followed(shop);
  });
  afterEach(() => box.stop());

  test('brings what is there and what comes, in order, and goes on where it stopped', async () => {
    await servers.append(shop, mailOf('a1@x'));
    await servers.append(shop, mailOf('a2@x'));
    box.start();
    await box.has('a1@x', 'a2@x');
    // By IDLE: the next look in steps is a minute away.
    await servers.append(shop, mailOf('a3@x'));
    await box.has('a1@x', 'a2@x', 'a3@x');
    await box.stop();
    expect(box.cursor?.lastUid).toBe(box.got.at(-1)?.uid);
    await servers.append(shop, mailOf('a4@x'));
    box.start();
    await box.has('a1@x', 'a2@x', 'a3@x', 'a4@x');
    expect(box.troubles.filter((one) => one !== null)).toEqual([]);
    await vi.waitFor(() => expect(readdirSync(dir)).toEqual([]));
    // Nobody's mail was marked as read.
    expect((await servers.mails(shop)).length).toBe(4);
  });

  test('begins with what is new when nothing older is wanted', async () => {
    await servers.append(shop, mailOf('old@x'));
    box.start({ since: () => null });
    await vi.waitFor(() => expect(box.cursor).not.toBeNull());
    await servers.append(shop, mailOf('new@x'));
    await box.has('new@x');
  });

  test('finds the line again after it broke and while the server is away', async () => {
    box.start();
    await servers.append(shop, mailOf('b1@x'));
    await box.has('b1@x');
    await servers.kick(shop);
    await servers.append(shop, mailOf('b2@x'));
    await box.has('b1@x', 'b2@x');
    await servers.downImap();
    await vi.waitFor(() => expect(box.troubles.at(-1)).toBe('passing'), { timeout: 10_000 });
    await servers.upImap();
    await servers.append(shop, mailOf('b3@x'));
    await box.has('b1@x', 'b2@x', 'b3@x');
    await vi.waitFor(() => expect(box.troubles.at(-1)).toBe(null), { timeout: 10_000 });
  });

  test('a line that is dead in silence is found out by looking in steps', async () => {
    box.start({ pollMs: 30 });
    await servers.append(shop, mailOf('p1@x'));
    await box.has('p1@x');
  });

  test('UIDs drawn anew: everything is handed over again, then what is new', async () => {
    await servers.append(shop, mailOf('c1@x'));
    box.start();
    await box.has('c1@x');
    const before = box.cursor?.uidValidity;
    await servers.newUidValidity(shop);
    await servers.kick(shop);
    await box.has('c1@x', 'c1@x');
    expect(box.cursor?.uidValidity).not.toBe(before);
    await servers.append(shop, mailOf('c2@x'));
    await box.has('c1@x', 'c1@x', 'c2@x');
  });

  test('a mail that can’t be taken is set aside, and the next ones go on', async () => {
    box.instead.set('poison@x', () => Promise.reject(new Error('poison')));
    let tries = 0;
    box.instead.set('later@x', () => ((tries += 1) < 3 ? Promise.reject(new TakeLater('no room')) : Promise.resolve()));
    for (const id of ['d1@x', 'poison@x', 'later@x', 'd2@x']) await servers.append(shop, mailOf(id));
    box.start();
    await box.has('d1@x', 'later@x', 'd2@x');
    expect(box.aside).toEqual([{ uid: expect.any(Number), message: 'poison', path: true }]);
    expect(tries).toBe(3);
    // It can be had again.
    const again = await fetchAgain(
      imapOf(shop),
      { folder: 'INBOX', uidValidity: box.cursor!.uidValidity, uid: box.aside[0]!.uid },
      `${dir}/again.eml`,
      1e6,
    );
    expect(await readFile(again!.path, 'utf8')).toContain('poison@x');
    await rm(again!.path);
    expect(await fetchAgain(imapOf(shop), { folder: 'INBOX', uidValidity: '7', uid: 1 }, `${dir}/again.eml`, 1e6)).toBeNull();
  });

  test('the cursor does not move while the mail can’t be kept', async () => {
    await servers.append(shop, mailOf('e1@x'));
    let down = true;
    box.instead.set('e1@x', () => (down ? Promise.reject(new Error('the database is away')) : Promise.resolve()));
    let asked = 0;
    const kept = box.aside;
    box.start({
      aside: async (uid, error, cursor, path) => {
        asked += 1;
        if (down) throw new Error('the database is away');
        kept.push({ uid, message: error.message, path: path !== null });
        box.cursor = cursor;
      },
    });
    await vi.waitFor(() => expect(asked).toBeGreaterThan(1));
    expect(box.cursor).toBeNull();
    down = false;
    await box.has('e1@x');
    expect(kept).toEqual([]);
  });

  test('of a mail that is too large come the headers and the text', async () => {
    const part = (type: string, body: string) => `--q\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${body}\r\n`;
    const big = `${part('text/plain; charset=utf-8', 'ảnh gửi kèm')}${part('application/pdf; name=hoa-don.pdf', 'x\r\n'.repeat(500_000))}--q--`;
    await servers.append(shop, mailOf('big@x', 'Content-Type: multipart/mixed; boundary=q\r\n', big));
    await servers.append(shop, mailOf('long@x', '', 'dòng\r\n'.repeat(300_000)));
    const texts: string[] = [];
    box.start({
      take: async (mail, cursor) => {
        const { messageId, text } = await parseMail(mail.path, { mailbox: shop, files: noFiles, ownDomains: [] });
        texts.push(text.slice(0, 11));
        box.got.push({ id: messageId, uid: mail.uid, omitted: mail.omitted.length });
        box.cursor = cursor;
        expect(mail.omitted[0]).toEqual(
          messageId === 'big@x'
            ? { name: 'hoa-don.pdf', type: 'application/pdf', size: 1_500_000 }
            : { name: null, type: 'text/plain', size: expect.any(Number) },
        );
      },
    });
    await box.has('big@x', 'long@x');
    expect(box.got.map(({ omitted }) => omitted)).toEqual([1, 1]);
    expect(texts).toEqual(['ảnh gửi kèm', 'dòng\ndòng\nd'.slice(0, 11)]);
  });

  test('a wrong password is told once, and a new one is taken up', async () => {
    let password = 'sai';
    box.start({ server: async () => imapOf(shop, password) });
    await vi.waitFor(() => expect(box.troubles).toEqual(['SIGN_IN_AGAIN']), { timeout: 10_000 });
    password = mailPassword;
    box.poke();
    await vi.waitFor(() => expect(box.troubles).toEqual(['SIGN_IN_AGAIN', null]), { timeout: 10_000 });
  });

  test('stopping waits for the mail that is being taken, and for nothing else', async () => {
    await servers.append(shop, mailOf('s1@x'));
    await servers.append(shop, mailOf('s2@x'));
    const { promise, resolve } = Promise.withResolvers<void>();
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    box.instead.set('s1@x', () => {
      reach();
      return promise;
    });
    box.start();
    await reached;
    const stopped = box.stop();
    resolve();
    await stopped;
    expect(box.ids()).toEqual(['s1@x']);
    expect(box.cursor?.lastUid).toBe(box.got[0]!.uid);
    await vi.waitFor(async () => expect(await servers.sessions(shop)).toBe(0));
  });
});

const outgoing = (over: Partial<OutgoingMail> = {}): OutgoingMail => ({
  messageId: 'out-0198@shop.test',
  from: { address: shop, name: 'Chăm sóc khách hàng' },
  to: [{ address: lan, name: 'Trần Lan' }],
  cc: [],
  replyTo: plusAddress(key, shop, 'CS-1042'),
  bounces: bounceAddress(key, shop, '0198'),
  subject: 'Re: [#CS-1042] Đổi hàng',
  text: 'Dạ chị gửi giúp em ảnh ạ.\n.\n..hai chấm',
  files: [],
  inReplyTo: 'q0@khach.test',
  references: ['q0@khach.test'],
  automatic: false,
  loopDomain: 'shop.test',
  date: Date.UTC(2026, 10, 11, 13),
  dkim: null,
  ...over,
});

describe.skipIf(!canSend)('sending through a real server', () => {
  const smtp = (over: Partial<SmtpServer> = {}): SmtpServer => ({
    ...servers.smtp!,
    security: 'none',
    auth: { user: shop, password: sendPassword },
    timeoutMs: 10_000,
    ...over,
  });
  const arrived = (user: string, count: number) =>
    vi.waitFor(
      async () => {
        const mails = await servers.mails(user);
        expect(mails.length).toBe(count);
        return mails;
      },
      { timeout: 15_000, interval: 50 },
    );
  beforeEach(async () => {
    for (const user of [shop, lan, minh]) await servers.expunge(user);
  });

  test('arrives as it was written, with its file; the answer finds its way back', async () => {
    const bytes = randomBytes(300_000);
    const file = { id: 'f', name: 'Hoá đơn.pdf', type: 'application/pdf', size: bytes.length, open: () => Readable.from([bytes]) };
    const handed = await sendMail(smtp(), composeMail(outgoing({ files: [file], cc: [{ address: minh, name: null }] })));
    expect(handed).toEqual({ outcome: { state: 'sent', id: 'out-0198@shop.test' }, refused: [] });
    const [raw] = await arrived(lan, 1);
    await arrived(minh, 1);
    const mail = await parseMail(Readable.from([Buffer.from(raw!, 'utf8')]), { mailbox: lan, files: noFiles, ownDomains: ['shop.test'] });
    expect(mail).toMatchObject({
      messageId: 'out-0198@shop.test',
      inReplyTo: 'q0@khach.test',
      references: ['q0@khach.test'],
      from: { address: shop, name: 'Chăm sóc khách hàng' },
      to: [{ address: lan, name: 'Trần Lan' }],
      subject: 'Re: [#CS-1042] Đổi hàng',
      text: 'Dạ chị gửi giúp em ảnh ạ.\n.\n..hai chấm',
      loop: 'header',
      files: [{ name: 'Hoá đơn.pdf', size: 300_000 }],
    });
    expect(raw).toMatch(/^Return-Path: <cskh\+0198\.[a-z2-7]{8}@shop\.test>/i);
    expect(outboundOf(key, shop, /^Return-Path: <(.*)>/i.exec(raw!)![1]!)).toBe('0198');
    expect(ticketOf(key, shop, mail.replyTo[0]!.address)).toBe('CS-1042');
    // The customer answers to the plus-address, which is the same mailbox.
    await sendMail(
      smtp(),
      composeMail(
        outgoing({
          messageId: 'r1@khach.test',
          from: { address: lan, name: null },
          to: [mail.replyTo[0]!],
          replyTo: null,
          bounces: lan,
          inReplyTo: mail.messageId,
          references: [...mail.references, mail.messageId],
        }),
      ),
    );
    await arrived(shop, 1);
    expect(await findByMessageId(imapOf(lan), 'out-0198@shop.test')).toEqual({ folder: 'INBOX', uid: expect.any(Number) });
    expect(await findByMessageId(imapOf(lan), 'other@shop.test')).toBeNull();
  });

  test('an answer joins its thread in the mailbox of whoever reads it', async () => {
    await servers.append(lan, mailOf('q0@khach.test'));
    await sendMail(smtp(), composeMail(outgoing()));
    await sendMail(
      smtp(),
      composeMail(
        outgoing({ messageId: 'out-0199@shop.test', inReplyTo: 'out-0198@shop.test', references: ['q0@khach.test', 'out-0198@shop.test'] }),
      ),
    );
    await arrived(lan, 3);
    expect(await servers.threads(lan)).toMatch(/^\(1 [23] [23]\)$/);
  });

  test('automatic mail asks for no answer, from nobody', async () => {
    await sendMail(smtp(), composeMail(outgoing({ automatic: true, bounces: null })));
    const [raw] = await arrived(lan, 1);
    expect(raw).toMatch(/^Return-Path: <>/i);
    expect(raw).toMatch(/^Auto-Submitted: auto-replied\r?$/m);
    expect(raw).toMatch(/^X-Auto-Response-Suppress: All\r?$/m);
  });

  test('what the server says becomes the outcome', async () => {
    const to = (...addresses: string[]) => composeMail(outgoing({ to: addresses.map((address) => ({ address, name: null })) }));
    expect(await sendMail(smtp(), to('khong-co@khach.test'))).toMatchObject({
      outcome: { state: 'failed', code: 'RECIPIENT_UNREACHABLE' },
    });
    expect(await sendMail(smtp(), to('ban@khach.test'))).toMatchObject({ outcome: { state: 'later', everyone: false } });
    expect(await sendMail(smtp(), to('ai@noi-khac.test'))).toMatchObject({ outcome: { state: 'failed', code: 'NOT_ALLOWED' } });
    expect(await sendMail(smtp({ auth: { user: shop, password: 'sai' } }), to(lan))).toMatchObject({
      outcome: { state: 'attention', code: 'SIGN_IN_AGAIN' },
    });
    expect(await sendMail(smtp({ auth: null }), to(lan))).toMatchObject({ outcome: { state: 'attention', code: 'SETTINGS' } });
    expect(await sendMail(smtp({ security: 'starttls' }), to(lan))).toMatchObject({ outcome: { state: 'attention', code: 'SETTINGS' } });
    expect(await sendMail(smtp({ port: 1 }), to(lan))).toMatchObject({ outcome: { state: 'later', everyone: true } });
    expect(await sendMail(smtp(), to(lan, 'khong-co@khach.test'))).toMatchObject({
      outcome: { state: 'sent' },
      refused: [{ address: 'khong-co@khach.test', code: 'RECIPIENT_UNREACHABLE' }],
    });
    await arrived(lan, 1);
  });
});
