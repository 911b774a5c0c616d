/**
 * One customer, five ways in: they begin in the widget with the bot, give their order number, are handed to an agent, leave, are answered
 * by mail, call the hotline, and come back on Zalo, where nobody knows them yet. One ticket, one timeline, one customer.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { header, mailSettings, shopAddress } from '../harness/mail-desk.ts';
import { type MailServers, startMailServers } from '../harness/mail-servers.ts';
import { type SmtpPeer, startSmtpPeer } from '../harness/smtp-peer.ts';
import { vouch } from '../harness/visitor.ts';
import { FakeZalo } from '../harness/zalo.ts';

test.describe.configure({ mode: 'serial', timeout: 180_000 });

const out = join(import.meta.dirname, '../output/screens');
let dir: string;
let servers: MailServers;
let peer: SmtpPeer;
let zalo: FakeZalo;
let hub: HubProcess;
let shop: Server;
let browser: Browser;
let customer: Page;
let lan: RunningConsole;
let ticketId: string;

const claims = { user_id: 'kh-77', name: 'Trần Thu Hà', email: 'ha@khach.test', phone: '0912 000 777' };

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-story-'));
  chmodSync(dir, 0o755);
  [servers, peer, zalo] = await Promise.all([startMailServers(), startSmtpPeer({}), FakeZalo.start()]);
  hub = await new HubProcess(join(dir, 'hub'), {
    ...mailSettings(servers.imap, peer),
    TRUC_ZALO_URL: zalo.url,
    TRUC_MEDIA_HOSTS: zalo.host,
    TRUC_SEND_STEPS: '0.1,0.2,0.4',
    TRUC_DEMO_BOT: '1',
  }).start();
  zalo.hooks.to(`${hub.url}/hooks/zalo/demo-zalo`);
  // The shop's own page, at another origin, with a policy that allows the hub and nothing else.
  shop = createServer((request, response) => {
    if (request.url === '/shop.js') {
      response.setHeader('content-type', 'text/javascript');
      response.end(`window.truc = window.truc || []; window.truc.push(['identify', ${JSON.stringify(vouch(claims))}]);`);
      return;
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', `default-src 'none'; script-src 'self' ${hub.url}; frame-src ${hub.url}`);
    response.end(`<!doctype html><html lang="vi"><title>Sao Mai</title><body><h1>Sao Mai</h1>
      <script src="/shop.js"></script><script src="${hub.url}/widget.js?channel=demo-widget" async></script></body></html>`);
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  lan = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
});
test.afterAll(async () => {
  await browser?.close();
  if (lan) await killConsole(lan.app);
  await hub?.stop();
  await zalo?.close();
  await peer?.stop();
  await servers?.stop();
  await new Promise((resolve) => shop.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

const said = (text: string) => lan.page.getByTestId('message').filter({ hasText: text });
const chat = () => customer.frameLocator('iframe');
async function write(text: string): Promise<void> {
  await chat().getByRole('textbox', { name: 'Viết tin nhắn…' }).fill(text);
  await chat().getByRole('button', { name: 'Gửi' }).click();
  await expect(chat().locator('.message.mine:not(.pending)').filter({ hasText: text })).toBeVisible();
}
const hears = (text: string) => expect(chat().locator('.message.theirs').filter({ hasText: text }).last()).toBeVisible({ timeout: 15_000 });
async function open(text: string): Promise<string> {
  const { page } = lan;
  await page.getByTestId('view-all').click();
  await page.getByRole('searchbox', { name: 'Lọc danh sách' }).fill(text);
  const row = page.getByTestId('inbox-row').filter({ hasText: text }).first();
  await row.click();
  const id = (await row.getAttribute('data-ticket-id')) ?? '';
  await expect(page.getByTestId('conversation')).toHaveAttribute('data-ticket-id', id);
  return id;
}
async function reply(text: string): Promise<void> {
  await lan.page.getByTestId('composer-input').fill(text);
  await lan.page.getByTestId('send-button').click();
  await expect(said(text)).toBeVisible();
}
const cti = (body: Record<string, string>) =>
  fetch(`${hub.url}/hooks/cti/demo-cti`, {
    method: 'POST',
    body: new URLSearchParams({ from: '0912000777', to: '19001234', direction: 'in', callId: 'story-1', ...body }),
  });
const chip = () => lan.page.getByTestId('conversation').getByTestId('sla-chip').first();
const shot = async (name: string) => {
  await lan.page.waitForTimeout(300);
  await lan.page.screenshot({ path: join(out, `story-${name}.png`) });
};

test('in the widget: the bot asks for the order number and hands over with what it has learnt', async () => {
  customer = await (await browser.newContext({ locale: 'vi-VN' })).newPage();
  await customer.goto(`http://127.0.0.1:${(shop.address() as AddressInfo).port}/`);
  await customer.getByRole('button', { name: /Mở cửa sổ chat/ }).click();
  await write('Tôi muốn đổi trả máy xay');
  await hears('Bạn cho mình mã đơn hàng');
  // The conversation is there to be seen, and to be taken over.
  await open('Trần Thu Hà');
  await expect(lan.page.getByTestId('with-bot')).toContainText('Nhận trả lời');
  await write('SM26-118675');
  await hears('Bạn gặp vấn đề gì');
  await write('Hàng lỗi');
  await hears('Số điện thoại để nhân viên gọi lại');
  await write('0912 000 777');
  await hears('Mình chuyển bạn cho nhân viên');

  ticketId = await open('Trần Thu Hà');
  await expect(lan.page.getByTestId('with-bot')).toHaveCount(0);
  await expect(said('SM26-118675').first()).toBeVisible();
  // What the bot collected stands where it was handed over; a person is owed an answer from now on.
  await expect(lan.page.locator('[data-kind="system"]').filter({ hasText: 'SM26-118675' })).toBeVisible();
  await expect(chip()).toHaveText(/[34]:\d\d|5:00/);
  await reply('Em là Lan, em kiểm tra đơn cho chị ngay ạ');
  await hears('Em là Lan');
  await expect(chip()).toHaveAttribute('data-step', 'met');
  await shot('widget');
});

test('they leave; the answer goes out by mail, and theirs comes back to the same ticket', async () => {
  const { page } = lan;
  await customer.close();
  await page
    .getByRole('button', { name: /Gửi tới|Trả lời/ })
    .filter({ hasText: 'Chat' })
    .first()
    .click();
  await page.getByRole('option', { name: /Email/ }).click();
  await reply('Em gửi chị biên bản đổi máy qua thư này ạ');
  await expect(said('biên bản đổi máy')).toHaveAttribute('data-delivery', 'sent');
  const mail = peer.heard.at(-1) ?? '';
  expect(header(mail, 'To')).toContain('ha@khach.test');
  await servers.append(
    shopAddress,
    [
      'From: Ha <ha@khach.test>',
      `To: ${header(mail, 'Reply-To')}`,
      'Subject: Re: doi may',
      'Message-ID: <ha-1@khach.test>',
      `In-Reply-To: ${header(mail, 'Message-ID')}`,
      `References: ${header(mail, 'Message-ID')}`,
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Chị ký rồi, em hẹn giờ qua lấy máy nhé',
      '',
    ].join('\r\n'),
  );
  await expect(said('em hẹn giờ qua lấy máy')).toBeVisible({ timeout: 20_000 });
  await expect(page.getByTestId('conversation')).toHaveAttribute('data-ticket-id', ticketId);
});

test('they call: the pop knows who it is and which ticket; the note stands on it', async () => {
  const { page } = lan;
  await cti({ event: 'newCall', 'user[]': 'lan' });
  const pop = page.getByTestId('call-pop');
  await expect(pop).toHaveAttribute('data-state', 'ringing');
  await expect(pop).toContainText('Trần Thu Hà');
  await shot('call');
  await cti({ event: 'answer', user: 'lan' });
  await pop.getByRole('button', { name: 'Mở phiếu' }).click();
  await expect(page.getByTestId('conversation')).toHaveAttribute('data-ticket-id', ticketId);
  await cti({ event: 'hangup', cause: 'normalClearing' });
  await expect(pop).toHaveAttribute('data-state', 'ended');
  await pop.getByRole('button', { name: 'Ghi cuộc gọi' }).click();
  await page.getByTestId('phone-note-form').getByLabel('Nội dung cuộc gọi').fill('Hẹn 9 giờ sáng mai qua lấy máy');
  await page.keyboard.press('Control+Enter');
  await expect(pop).toHaveCount(0);
  await expect(said('Hẹn 9 giờ sáng mai')).toBeVisible();
  await expect(page.getByTestId('conversation')).toHaveAttribute('data-ticket-id', ticketId);
});

test('they come back on Zalo: the agent accepts that it is them, and all of it is one', async () => {
  const { page } = lan;
  zalo.say('zalo-ha-77', 'Chị Hà đây, mai em nhớ mang máy mới nhé');
  const fresh = await open('mai em nhớ mang máy mới');
  expect(fresh).not.toBe(ticketId);
  zalo.submitInfo('zalo-ha-77', { name: 'Thu Hà', phone: '84912000777' });
  const proposals = page.getByTestId('proposals');
  await expect(proposals).toContainText('Trần Thu Hà', { timeout: 15_000 });
  await shot('zalo-proposal');
  await proposals.getByRole('button', { name: 'Gộp với Trần Thu Hà' }).click();
  await expect(page.getByTestId('same-preview')).toBeVisible();
  await shot('zalo-preview');
  await page.getByRole('button', { name: 'Gộp thành một khách' }).click();

  // The agent goes along to the ticket in which it goes on.
  await expect(page.getByTestId('conversation')).toHaveAttribute('data-ticket-id', ticketId, { timeout: 15_000 });
  for (const text of [
    'Tôi muốn đổi trả máy xay',
    'Em là Lan',
    'biên bản đổi máy',
    'em hẹn giờ qua lấy máy',
    'Hẹn 9 giờ sáng mai',
    'mai em nhớ mang máy mới',
  ]) {
    await expect(said(text).first()).toBeVisible();
  }
  const order = await page.getByTestId('message').allTextContents();
  const place = (text: string) => order.findIndex((one) => one.includes(text));
  const places = ['Tôi muốn đổi trả', 'Em là Lan', 'biên bản đổi máy', 'em hẹn giờ qua lấy máy', 'Hẹn 9 giờ sáng mai', 'mai em nhớ'].map(
    place,
  );
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  const pane = page.getByRole('complementary').filter({ hasText: 'Trần Thu Hà' });
  await expect(pane).toContainText('ha@khach.test');
  await expect(pane).toContainText('Zalo');
  await expect(pane).toContainText(/912 ?000 ?777/);
  // What came on Zalo is owed an answer in five minutes; that clock runs on here, and no other does.
  await expect(chip()).toHaveText(/[34]:\d\d|5:00/);
  await expect(page.getByTestId('hops')).toContainText('3');
  await shot('one');

  await reply('Dạ em mang máy mới qua luôn ạ');
  await expect(said('Dạ em mang máy mới qua luôn ạ')).toHaveAttribute('data-delivery', 'sent');
  expect(zalo.taken('zalo-ha-77').map(({ text }) => text)).toEqual(['Dạ em mang máy mới qua luôn ạ']);
  await expect(chip()).toHaveAttribute('data-step', 'met');
});

test('in the database: one customer, one ticket that is worked, every clock accounted for', async () => {
  const rows = async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []) => {
    const client = new pg.Client({ connectionString: hub.databaseUrl });
    await client.connect();
    try {
      return (await client.query<T>(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  const [ticket] = await rows<{ customer_id: string; hops: number; joined: string[]; status: string }>(
    'select customer_id, hops, joined, status from ticket where id = $1',
    [ticketId],
  );
  const theirs = await rows<{ id: string; status: string; merged: { into: string } | null }>(
    'select id, status, merged from ticket where customer_id = $1',
    [ticket!.customer_id],
  );
  expect(theirs.map((one) => [one.status, one.merged?.into ?? null]).sort()).toEqual(
    [
      ['closed', ticketId],
      ['waiting_customer', null],
    ].sort(),
  );
  const identities = await rows<{ kind: string; verified: boolean }>(
    'select kind, verified from identity where customer_id = $1 order by kind',
    [ticket!.customer_id],
  );
  expect(identities.map(({ kind }) => kind)).toEqual(['email', 'external', 'phone', 'visitor', 'zalo']);
  // First response by chat; next ones to the mail (ended by the call) and to Zalo, taken over from the ticket that was joined.
  const clocks = await rows<{ kind: string; state: string; ticket_id: string }>(
    'select kind, state, ticket_id from sla_clock where ticket_id = any($1::uuid[]) order by started_at',
    [theirs.map(({ id }) => id)],
  );
  expect(clocks.filter((one) => one.ticket_id === ticketId).map(({ kind, state }) => [kind, state])).toEqual([
    ['frt', 'met'],
    ['nrt', 'met'],
    ['nrt', 'met'],
  ]);
  expect(clocks.filter((one) => one.ticket_id !== ticketId).map(({ kind, state }) => [kind, state])).toEqual([['frt', 'cancelled']]);
});
