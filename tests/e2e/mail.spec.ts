/** A hostile mail in the real console: shown as its sender laid it out, with nothing run, nothing asked for, and its pictures by way of the hub. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { killConsole, launchConsole, refusingLinks, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { mailSettings, shopAddress } from '../harness/mail-desk.ts';
import { type MailServers, startMailServers } from '../harness/mail-servers.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const out = join(import.meta.dirname, '../output/screens');
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC',
  'base64',
);
let dir: string;
let servers: MailServers;
let hub: HubProcess;
let thu: RunningConsole;
let elsewhere: Server;
const asked: string[] = [];

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-mails-'));
  chmodSync(dir, 0o755);
  elsewhere = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('content-type', 'image/png').end(png);
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  servers = await startMailServers();
  hub = await new HubProcess(join(dir, 'hub'), { ...mailSettings(servers.imap, servers.imap), TRUC_MEDIA_HOSTS: host() }).start();
  thu = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'thu'), demoUser: 'thu@demo.truc.test' });
});
test.afterAll(async () => {
  if (thu) await killConsole(thu.app);
  await hub?.stop();
  await servers?.stop();
  await new Promise((resolve) => elsewhere.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});
const host = () => `127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;

const mail = () =>
  [
    'From: Hien <hien@khach.test>',
    `To: ${shopAddress}`,
    'Subject: Hoa don bi sai',
    'Message-ID: <hoa-don-1@khach.test>',
    'Date: Sun, 22 Nov 2026 09:00:00 +0700',
    'MIME-Version: 1.0',
    'Content-Type: multipart/related; boundary="b"',
    '',
    '--b',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    "<h2 style=\"color:#0a58ca\">Hóa đơn của tôi bị sai</h2><p onclick=\"parent.postMessage({mail:'link',url:'https://evil.test'},'*')\">Xem ảnh chụp:</p>",
    '<img src="cid:anh@khach.test" alt="ảnh chụp" width="120" height="80">',
    `<img src="http://${host()}/logo.png?a=1&amp;b=2" alt="logo" width="40" height="40" onerror="document.title='chay'">`,
    `<script>fetch('http://${host()}/script')</script><svg onload="document.title='chay'"></svg>`,
    `<style>@import url(http://${host()}/css); body { background: url(http://${host()}/bg) }</style>`,
    `<iframe src="http://${host()}/frame"></iframe><form action="http://${host()}/form"><input name="pin"></form>`,
    '<p><a href="https://trac.test/hoa-don">Mở hóa đơn</a> <a href="javascript:alert(1)">bấm đây</a></p>',
    '',
    '--b',
    'Content-Type: image/png; name="anh.png"',
    'Content-ID: <anh@khach.test>',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: inline; filename="anh.png"',
    '',
    png.toString('base64'),
    '--b--',
    '',
  ].join('\r\n');

test('as it was sent: no script, no request, pictures only when asked for and only through the hub', async () => {
  const { page } = thu;
  const violations: string[] = [];
  page.on('console', (line) => {
    if (/Content Security Policy/.test(line.text())) violations.push(line.text());
  });
  await servers.append(shopAddress, mail());
  await page.getByTestId('view-unassigned').click();
  await page.getByRole('button', { name: /Sắp xếp/ }).click();
  await page.getByRole('option', { name: 'Mới nhất' }).click();
  await page.getByTestId('inbox-row').filter({ hasText: 'Hoa don bi sai' }).click({ timeout: 15_000 });
  const views = page.getByTestId('mail-views');
  await expect(page.getByTestId('message').filter({ hasText: 'Hóa đơn của tôi bị sai' })).toBeVisible();
  await views.getByRole('button', { name: 'Xem như bản gốc' }).click();
  const frame = page.frameLocator('[data-testid="mail-frame"]');
  await expect(frame.getByRole('heading', { name: 'Hóa đơn của tôi bị sai' })).toBeVisible();
  // Its own picture came along with it; the other one waits.
  await expect(frame.locator('img[alt="ảnh chụp"]')).toHaveJSProperty('naturalWidth', 10);
  await expect(frame.locator('img[alt="logo"]')).toHaveJSProperty('naturalWidth', 0);
  expect(await frame.locator('body :is(script, style, svg, iframe, form, input)').count()).toBe(0);
  expect(await frame.locator('body *[onclick], body *[onerror], a[href^="javascript"]').count()).toBe(0);
  expect(asked).toEqual([]);
  await page.screenshot({ path: join(out, 'mail-as-sent-light.png') });

  await page.getByRole('button', { name: 'Tải ảnh' }).click();
  await expect(frame.locator('img[alt="logo"]')).toHaveJSProperty('naturalWidth', 10);
  expect(asked).toEqual(['/logo.png?a=1&b=2']);
  expect(await page.title()).not.toBe('chay');
  expect(violations).toEqual([]);
  await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'dark'));
  await page.screenshot({ path: join(out, 'mail-as-sent-dark.png') });
  await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'light'));
  await views.getByRole('button', { name: 'Xem dạng chữ' }).click();
  await expect(page.getByTestId('mail-frame')).toHaveCount(0);
});

test('a link asks before it opens, and a script of the mail can not speak for it', async () => {
  const { page, app } = thu;
  const questions = await refusingLinks(app);
  await page.getByTestId('mail-views').getByRole('button', { name: 'Xem như bản gốc' }).click();
  const frame = page.frameLocator('[data-testid="mail-frame"]');
  await frame.getByText('Xem ảnh chụp').click();
  await frame.getByRole('link', { name: 'Mở hóa đơn' }).click();
  await expect.poll(questions).toEqual(['trac.test\n\nhttps://trac.test/hoa-don']);
  expect(asked).toEqual(['/logo.png?a=1&b=2']);
});

test('words that were read wrongly are read as they were meant', async () => {
  const { page } = thu;
  // TCVN3 that calls itself windows-1258: "trả sản phẩm".
  const body = Buffer.from([0x74, 0x72, 0xb6, 0x20, 0x73, 0xb6, 0x6e, 0x20, 0x70, 0x68, 0xc8, 0x6d]);
  const head = [
    'From: Ba <ba@khach.test>',
    `To: ${shopAddress}`,
    'Subject: Doi hang',
    'Message-ID: <doi-hang@khach.test>',
    'Date: Sun, 22 Nov 2026 09:05:00 +0700',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=koi8-r',
    'Content-Transfer-Encoding: 8bit',
    '',
    '',
  ].join('\r\n');
  await servers.append(shopAddress, Buffer.concat([Buffer.from(head), body, Buffer.from('\r\n')]));
  await page.getByTestId('inbox-row').filter({ hasText: 'Doi hang' }).click({ timeout: 15_000 });
  await expect(page.getByTestId('message')).toHaveCount(1);
  await expect(page.getByTestId('message')).not.toContainText('trả sản phẩm');
  await page.getByRole('button', { name: 'Đọc theo bảng mã…' }).click();
  await page.getByRole('option', { name: 'TCVN3' }).click();
  await expect(page.getByTestId('message')).toContainText('trả sản phẩm');
  await page.screenshot({ path: join(out, 'mail-read-as-light.png') });
});
