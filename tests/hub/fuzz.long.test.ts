/**
 * Hostile input where mails, programs, bots and visitors come in, at a hub in a process of its own: a typed refusal, or something set
 * aside; the hub stays up, and what it takes of the machine stays bounded.
 */
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Draw } from '../harness/draw.ts';
import { until } from '../harness/engine.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { mailChannel, mailSettings, shopAddress } from '../harness/mail-desk.ts';
import { type MailServers, startMailServers } from '../harness/mail-servers.ts';
import { temporaryDir } from '../harness/postgres.ts';
import { Visitor, vouch } from '../harness/visitor.ts';

const seed = 20261123;
const fixtures = join(import.meta.dirname, '../fixtures/channels');
const mebi = 1024 * 1024;
let dir: string;
let servers: MailServers;
let hub: HubProcess;
let database: pg.Client;
let before: number;
beforeAll(async () => {
  dir = temporaryDir('truc-fuzz-');
  servers = await startMailServers();
  hub = await new HubProcess(join(dir, 'hub'), { ...mailSettings(servers.imap, servers.imap), TRUC_MEDIA_STEPS: '0.05' }).start();
  database = new pg.Client({ connectionString: hub.databaseUrl });
  await database.connect();
  before = memory('VmRSS');
});
afterAll(async () => {
  await database?.end();
  await hub?.stop();
  await servers?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** of the hub's own process, MiB; `VmHWM`: the most it ever had */
const memory = (what: 'VmRSS' | 'VmHWM') =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${hub.pid}/status`, 'utf8'))?.[1]) / 1024;
const count = async (what: string) => Number((await database.query<{ n: string }>(`select count(*) as n from ${what}`)).rows[0]!.n);
const alive = async () => expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);

/** Every answer is one that is meant, and a refusal has a word. */
async function sound(answer: Response): Promise<number> {
  const text = await answer.text();
  expect(answer.status, `${answer.url}: ${text.slice(0, 200)}`).toBeLessThan(500);
  if (answer.status >= 400) expect((JSON.parse(text) as { code: string }).code).toMatch(/^[A-Z_]+$/);
  return answer.status;
}

const key = 'whsec_Y3Njb25zb2xlLXN0YW5kYXJkLXdlYmhvb2sta2V5LTAx';
const programs = (body: Buffer) =>
  fetch(`${hub.url}/api/v1/channels/demo-api/messages`, {
    method: 'POST',
    headers: { authorization: 'Bearer demo-api-key', 'content-type': 'application/json' },
    body: new Uint8Array(body),
  });
const bots = (body: Buffer) => {
  const [id, at] = ['msg_fuzz', String(Math.floor(Date.now() / 1000))];
  const mac = createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
    .update(`${id}.${at}.`)
    .update(body)
    .digest('base64');
  return fetch(`${hub.url}/api/v1/bots/demo-bot/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${mac}` },
    body: new Uint8Array(body),
  });
};
let token = '';
const widget = (path: string) => (body: Buffer) =>
  fetch(`${hub.url}/widget/api/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: new Uint8Array(body),
  });
const doors = {
  programs,
  bots,
  session: widget('session'),
  identify: widget('identify'),
  details: widget('details'),
  messages: widget('messages'),
  receipts: widget('receipts'),
};

const good: Record<keyof typeof doors, () => object> = {
  programs: () => ({
    id: 'm-1',
    contact: { external_id: 'c-1', name: 'Vũ Hà', phone: '0908000111', email: 'ha@khach.test' },
    conversation: { external_id: 't-1' },
    message: { text: 'xin chào', attachments: [{ url: 'https://x.test/a.png', name: 'a.png' }] },
  }),
  bots: () => ({ type: 'message', conversation_id: '01a20500-0000-7000-8000-000000000000', text: 'xin chào', epoch: 1 }),
  session: () => ({ channel: 'demo-widget', token: null, page: null }),
  identify: () => ({ identity: vouch({ user_id: 'u' }) }),
  details: () => ({ name: 'A', phone: '', email: '', consent: true, language: 'vi' }),
  messages: () => ({ id: '01a20500-0000-7000-8000-000000000001', body: 'x', name: null, authoredAt: 1, files: [] }),
  receipts: () => ({ delivered: [], read: ['01a20500-0000-7000-8000-000000000001'] }),
};
const names = Object.keys(doors) as (keyof typeof doors)[];

beforeAll(async () => {
  const visitor = await new Visitor(hub.url).open();
  token = visitor.token;
});

test.each(names)('%s: cut off, and any JSON and bytes', { timeout: 60_000 }, async (name) => {
  const whole = Buffer.from(JSON.stringify(good[name]()));
  for (let end = 0; end < whole.length; end += 7)
    expect(await sound(await doors[name](whole.subarray(0, end)))).toBeGreaterThanOrEqual(400);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.json({ maxDepth: 6 }), fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 })),
      async (body) => void (await sound(await doors[name](Buffer.from(body as string)))),
    ),
    { numRuns: 60, seed },
  );
  await alive();
});

test.each(names)('%s: every member replaced by what it is not', { timeout: 60_000 }, async (name) => {
  const odd = [null, -1, 1e308, '', '\u0000', '\ud800', '__proto__', [], {}, true, 'x'.repeat(30_000), ['../../etc/passwd'], { $gt: '' }];
  const whole = good[name]();
  const paths: string[][] = [];
  const walk = (value: unknown, path: string[]): void => {
    if (path.length > 0) paths.push(path);
    if (typeof value === 'object' && value !== null) for (const [member, inner] of Object.entries(value)) walk(inner, [...path, member]);
  };
  walk(whole, []);
  for (const path of paths) {
    for (const value of odd) {
      const copy = structuredClone(whole) as Record<string, unknown>;
      let at = copy;
      for (const member of path.slice(0, -1)) at = at[member] as Record<string, unknown>;
      at[path.at(-1)!] = value;
      await sound(await doors[name](Buffer.from(JSON.stringify(copy))));
    }
  }
  await alive();
});

test.each(names)('%s: deep, huge, polluted, in a wrong encoding', async (name) => {
  const whole = JSON.stringify(good[name]());
  const deep = `${whole.slice(0, -1)},"x":${'['.repeat(60_000)}${']'.repeat(60_000)}}`;
  const polluted = `${whole.slice(0, -1)},"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`;
  for (const body of [deep, polluted]) await sound(await doors[name](Buffer.from(body)));
  expect(await sound(await doors[name](Buffer.from(whole, 'utf16le')))).toBeGreaterThanOrEqual(400);
  // Refused before it has all come: whoever goes on writing finds the line cut.
  const huge = await doors[name](Buffer.alloc(6 * mebi, 0x20)).catch(() => null);
  if (huge) expect(await sound(huge)).toBe(413);
  await alive();
});

test('addresses that no database takes', async () => {
  for (const path of [
    'hooks/messenger/a%00b',
    'hooks/cti/%00',
    'api/v1/channels/%00/messages',
    'widget/frame?channel=%00',
    'api/v1/bots/%ff/events',
  ]) {
    expect(await sound(await fetch(`${hub.url}/${path}`, { method: path.startsWith('widget') ? 'GET' : 'POST' }))).toBe(400);
  }
});

test('files of programs are fetched from nowhere inside', async () => {
  const inside = [
    'http://127.0.0.1:1/x',
    'http://169.254.169.254/',
    'http://[::1]/',
    'http://0x7f000001/',
    'http://10.1.2.3/',
    `${hub.url}/readyz`,
  ];
  const body = { ...good.programs(), id: 'ssrf-1', message: { text: 'xem', attachments: inside.map((url) => ({ url, name: '../../x' })) } };
  expect(await sound(await programs(Buffer.from(JSON.stringify(body))))).toBeLessThan(300);
  await until(async () => (await count(`inbound_event where state = 'new'`)) === 0);
  await until(async () => (await count(`inbound_media where state = 'fetching'`)) === 0, 20_000);
  expect(await count(`inbound_media where state = 'ready'`)).toBe(0);
});

/** Mails as no honest program writes them. */
function* hostileMails(): Generator<Buffer> {
  const samples = readdirSync(fixtures)
    .filter((name) => name.endsWith('.eml'))
    .map((name) => readFileSync(join(fixtures, name)));
  const draw = new Draw(seed, 'mails');
  const upTo = (most: number) => Math.floor(draw.next() * most);
  const plain = (fields: string[], body = 'x') =>
    Buffer.from(
      [`From: ke-xau@khach.test`, `To: ${shopAddress}`, `Message-ID: <f${upTo(1e9)}@khach.test>`, ...fields, '', body, ''].join('\r\n'),
      'latin1',
    );
  for (const whole of samples) {
    for (let cut = 0; cut < 4; cut += 1) yield whole.subarray(0, 1 + upTo(whole.length - 1));
    for (let flip = 0; flip < 4; flip += 1) {
      const copy = Buffer.from(whole);
      for (let at = 0; at < 40; at += 1) copy[upTo(copy.length)] = upTo(256);
      // A NUL ends what some servers take for a mail.
      yield Buffer.from(copy.map((byte) => (byte === 0 ? 1 : byte)));
    }
  }
  yield plain(Array.from({ length: 20_000 }, (_, at) => `X-${at}: ${'y'.repeat(20)}`));
  yield plain([`Subject: ${'=?utf-8?Q?=E1=BA?='.repeat(2000)}`]);
  yield plain([`References: ${Array.from({ length: 5000 }, (_, at) => `<r${at}@khach.test>`).join(' ')}`]);
  yield plain([`To: ${Array.from({ length: 3000 }, (_, at) => `n${at}@khach.test`).join(', ')}`]);
  yield plain(['Content-Type: text/html; charset=utf-8'], `${'<div>'.repeat(30_000)}x`);
  yield plain(['Content-Type: text/html; charset=utf-8'], `<a${' href="x"'.repeat(30_000)}>x</a>`);
  yield plain(['Content-Type: text/plain; charset="../../etc/passwd"'], '\xff\xfe\xfd');
  yield plain(['Content-Type: text/plain; charset=utf-16le'], '\xd8\x00\xdc');
  yield plain(['Content-Type: text/plain', 'Content-Transfer-Encoding: base64'], '!'.repeat(100_000));
  yield plain(['Content-Type: multipart/mixed; boundary=""'], '--\r\n\r\nx');
  yield plain(['Content-Type: multipart/mixed; boundary=b'], Array.from({ length: 3000 }, () => '--b\r\n\r\nx').join('\r\n'));
  let deep = 'Content-Type: text/plain\r\n\r\nx';
  for (let level = 0; level < 300; level += 1)
    deep = `Content-Type: multipart/mixed; boundary="n${level}"\r\n\r\n--n${level}\r\n${deep}\r\n--n${level}--`;
  yield Buffer.from(`From: a@khach.test\r\nMessage-ID: <deep@khach.test>\r\n${deep}\r\n`);
  yield plain(
    [
      'Content-Type: application/octet-stream; name="../../../../etc/cron.d/x"',
      'Content-Disposition: attachment; filename="..\\..\\x\u202efdp.exe"',
    ],
    'x',
  );
}

test('mails, cut off, damaged, deep, wide and lying about themselves: taken or set aside, each', { timeout: 120_000 }, async () => {
  let sent = 0;
  for (const mail of hostileMails()) {
    await servers.append(shopAddress, mail);
    sent += 1;
  }
  // What comes after them is read as ever.
  await servers.append(
    shopAddress,
    'From: that@khach.test\r\nMessage-ID: <that@khach.test>\r\nSubject: Hoi\r\n\r\nThat ra toi chi hoi gia\r\n',
  );
  await until(async () => (await count(`mailbox where channel_id = '${mailChannel}' and last_uid >= ${sent + 1}`)) === 1, 90_000);
  await until(async () => (await count(`inbound_event where state = 'new'`)) === 0, 60_000);
  expect(await count(`message where body like 'That ra%'`)).toBe(1);
  const handled = await count(`inbound_event where channel_id = '${mailChannel}' and state in ('done', 'kept', 'aside')`);
  const unread = await count(`inbound_request where channel_id = '${mailChannel}' and error is not null`);
  expect(handled + unread).toBeGreaterThan(sent * 0.8);
  const files = (await database.query<{ name: string }>('select name from attachment')).rows;
  expect(files.filter(({ name }) => /[/\\\0\u202e]|^\./.test(name))).toEqual([]);
  await alive();
});

test('large files, one after the other and at once, do not stay in memory', { timeout: 120_000 }, async () => {
  const large = Buffer.alloc(18 * mebi, 'QUJD');
  for (let at = 0; at < 3; at += 1) {
    const head = `From: to@khach.test\r\nMessage-ID: <to-${at}@khach.test>\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
    await servers.append(shopAddress, Buffer.concat([Buffer.from(head), large]));
  }
  await until(async () => (await count(`message m join attachment a on a.message_id = m.id where a.size > ${10 * mebi}`)) === 3, 90_000);
  const visitors = await Promise.all(Array.from({ length: 12 }, () => new Visitor(hub.url).open()));
  await Promise.all(visitors.map((visitor) => visitor.send(Buffer.alloc(10 * mebi, 1), 'to.bin')));
  const most = memory('VmHWM');
  console.info(`hub: ${Math.round(before)} MiB at first, ${Math.round(most)} MiB at most, ${Math.round(memory('VmRSS'))} MiB at the end`);
  expect(most).toBeLessThan(before + 320);
  await alive();
});
