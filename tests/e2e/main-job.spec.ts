/** The main job in real windows: two consoles, a customer in Chromium, a line that breaks, a console that is killed. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, expect, type FrameLocator, type Page, test } from '@playwright/test';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { type Line, lineTo } from '../harness/line.ts';

declare global {
  interface Window {
    spoken: number;
  }
}

test.describe.configure({ mode: 'serial', timeout: 120_000 });

let dir: string;
let hub: HubProcess;
let line: Line;
let lan: RunningConsole;
let minh: RunningConsole;
let browser: Browser;

test.beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'truc-e2e-'));
  chmodSync(dir, 0o755);
  hub = await new HubProcess(join(dir, 'hub')).start();
  line = await lineTo(hub.url);
  lan = await launchLan();
  minh = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'minh'), demoUser: 'minh@demo.truc.test' });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  for (const { page } of [lan, minh]) await status(page, 'online');
});
test.afterAll(async () => {
  await browser?.close();
  for (const console of [lan, minh]) if (console) await killConsole(console.app);
  await line?.close();
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const launchLan = () => launchConsole({ hubUrl: line.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
const status = (page: Page, connection: string) =>
  expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', connection, { timeout: 30_000 });
const rowOf = (page: Page, text: string) => page.getByTestId('inbox-row').filter({ hasText: text });

/** A customer on the shop's page, with the chat open. */
async function visitor(): Promise<{ page: Page; chat: FrameLocator; say: (text: string) => Promise<void> }> {
  const page = await (await browser.newContext({ locale: 'vi-VN' })).newPage();
  // Page and frame speak when something happens; an echo between them would eat the customer's machine.
  await page.addInitScript(() => {
    window.spoken = 0;
    window.addEventListener('message', () => (window.spoken += 1));
  });
  await page.goto(`${hub.url}/widget/demo`);
  await page.getByRole('button', { name: /Mở cửa sổ chat/ }).click();
  const chat = page.frameLocator('iframe');
  // A pane over the page's corner, not something in its text.
  expect(await page.locator('iframe').boundingBox()).toMatchObject({ width: 376 });
  const say = async (text: string) => {
    await chat.getByRole('textbox', { name: 'Viết tin nhắn…' }).fill(text);
    await chat.getByRole('button', { name: 'Gửi' }).click();
    await expect(chat.locator('.message.mine:not(.pending)').filter({ hasText: text })).toBeVisible();
  };
  return { page, chat, say };
}

/** Opens the ticket whose row shows this text. */
async function open(page: Page, text: string): Promise<string> {
  await page.getByTestId('view-all').click();
  const filter = page.getByRole('searchbox', { name: 'Lọc danh sách' });
  await filter.fill(text);
  const row = rowOf(page, text).first();
  await row.click();
  const id = await row.getAttribute('data-ticket-id');
  await expect(page.getByTestId('conversation')).toHaveAttribute('data-ticket-id', id ?? '');
  return id ?? '';
}

async function reply(page: Page, text: string): Promise<void> {
  await page.getByTestId('composer-input').fill(text);
  await page.getByTestId('send-button').click();
  await expect(page.getByTestId('composer-input')).toHaveValue('');
}

const said = (page: Page, text: string) => page.getByTestId('message').filter({ hasText: text });

test('a customer writes; both consoles count down; Lan answers; the customer reads it; Minh sees it all', async () => {
  const customer = await visitor();
  await customer.say('Tủ lạnh nhà tôi không đông đá');
  await open(minh.page, 'Tủ lạnh nhà tôi không đông đá');
  await open(lan.page, 'Tủ lạnh nhà tôi không đông đá');
  const chip = (page: Page) => page.getByTestId('conversation').getByTestId('sla-chip').first();
  for (const { page } of [lan, minh]) {
    await expect(chip(page)).toHaveText(/[34]:\d\d|5:00/);
    const first = await chip(page).textContent();
    await expect(chip(page)).not.toHaveText(first ?? '');
  }
  await reply(lan.page, 'Dạ máy dùng được mấy năm rồi ạ?');
  await expect(customer.chat.locator('.message.theirs')).toContainText('Dạ máy dùng được mấy năm rồi ạ?');
  await expect(said(minh.page, 'Dạ máy dùng được mấy năm rồi ạ?')).toBeVisible();
  for (const { page } of [lan, minh]) {
    await expect(said(page, 'Dạ máy dùng được mấy năm rồi ạ?')).toHaveAttribute('data-delivery', 'read');
    await expect(chip(page)).toHaveAttribute('data-step', 'met');
  }
  expect(await customer.page.evaluate(() => window.spoken)).toBeLessThan(20);
  // The customer leaves the page, is answered, and finds the answer on return, counted on the button.
  await customer.page.goto('about:blank');
  await reply(lan.page, 'Em gửi lịch kỹ thuật viên ạ: 9 giờ sáng mai');
  await expect(said(minh.page, '9 giờ sáng mai')).toHaveAttribute('data-delivery', 'sent');
  await customer.page.goto(`${hub.url}/widget/demo`);
  await customer.page.getByRole('button', { name: 'Mở cửa sổ chat, 1 tin chưa đọc' }).click();
  await expect(customer.chat.locator('.message')).toHaveCount(3);
  await expect(said(lan.page, '9 giờ sáng mai')).toHaveAttribute('data-delivery', 'read');
});

test('offline: answers, a call note and a close survive kill -9 and arrive once, in order', async () => {
  const texts = ['Hỏi giá máy giặt cửa trước', 'Hỏi lịch giao tivi', 'Hỏi trả góp máy lạnh'];
  const customers = [];
  for (const text of texts) {
    const customer = await visitor();
    await customer.say(text);
    customers.push(customer);
  }
  await open(lan.page, texts[2] ?? '');
  await hub.kill();
  await status(lan.page, 'offline');

  for (const [index, text] of texts.entries()) {
    await open(lan.page, text);
    await reply(lan.page, `Trả lời lúc mất mạng ${index + 1}`);
    await expect(said(lan.page, `Trả lời lúc mất mạng ${index + 1}`)).toHaveAttribute('data-delivery', 'queued');
  }
  await lan.page.getByTestId('conversation').getByRole('button', { name: 'Đóng phiếu' }).click();
  await lan.page.keyboard.press('Escape');
  await lan.page.keyboard.press('c');
  const form = lan.page.getByTestId('phone-note-form');
  await form.getByLabel('Số điện thoại').fill('0909 888 777');
  await form.getByLabel(/Tên khách/).fill('Cô Thủy');
  await form.getByLabel(/Khách cần gì|Tiêu đề/).fill('Gọi hỏi bảo hành nồi cơm');
  await form.getByLabel(/Nội dung/).fill('Hẹn gọi lại chiều nay');
  await form.getByRole('button', { name: /Hàng đợi/ }).click();
  await lan.page.getByRole('option', { name: 'Bảo hành' }).click();
  await form.getByRole('button', { name: /Lưu/ }).click();
  await expect(lan.page.getByTestId('conversation').getByTestId('provisional-ref')).toBeVisible();
  const provisional = await lan.page.getByTestId('conversation').getByTestId('provisional-ref').textContent();
  await expect(lan.page.getByTestId('queued-count')).toHaveAttribute('data-count', '5');

  await killConsole(lan.app);
  lan = await launchLan();
  await status(lan.page, 'offline');
  await expect(lan.page.getByTestId('queued-count')).toHaveAttribute('data-count', '5');
  for (const [index, text] of texts.slice(0, 2).entries()) {
    await open(lan.page, text);
    await expect(said(lan.page, `Trả lời lúc mất mạng ${index + 1}`)).toHaveAttribute('data-delivery', 'queued');
  }
  await open(lan.page, 'Gọi hỏi bảo hành nồi cơm');
  await expect(lan.page.getByTestId('conversation').getByTestId('provisional-ref')).toHaveText(provisional ?? '');

  await hub.start();
  await status(lan.page, 'online');
  await expect(lan.page.getByTestId('queued-count')).toHaveAttribute('data-count', '0');
  for (const [index, customer] of customers.entries()) {
    await expect(customer.chat.locator('.message.theirs')).toHaveText([new RegExp(`Trả lời lúc mất mạng ${index + 1}`)], {
      timeout: 30_000,
    });
  }
  await expect(lan.page.getByTestId('conversation')).toContainText(/#\d{4}/);
  await lan.page.getByTestId('view-closed').click();
  await expect(rowOf(lan.page, texts[2] ?? '')).toBeVisible();
  await status(minh.page, 'online');
  await open(minh.page, 'Gọi hỏi bảo hành nồi cơm');
  await expect(minh.page.getByTestId('message').filter({ hasText: 'Hẹn gọi lại chiều nay' })).toHaveCount(1);
});

test('two answer the same customer, one offline: the late answer is held with its text and what changed', async () => {
  const customer = await visitor();
  await customer.say('Cho hỏi bếp từ còn hàng không?');
  await open(minh.page, 'Cho hỏi bếp từ còn hàng không?');
  await open(lan.page, 'Cho hỏi bếp từ còn hàng không?');
  line.cut();
  await status(lan.page, 'offline');
  await reply(lan.page, 'Dạ còn hai cái ạ, viết lúc mất mạng');
  await reply(minh.page, 'Dạ bên em còn hàng ạ');
  await expect(customer.chat.locator('.message.theirs')).toHaveCount(1);
  await line.mend();
  await status(lan.page, 'online');
  const held = lan.page.getByTestId('held-reply');
  await expect(held).toContainText('Dạ còn hai cái ạ, viết lúc mất mạng');
  await expect(held).toContainText('Dạ bên em còn hàng ạ');
  await expect(said(lan.page, 'Dạ bên em còn hàng ạ').first()).toBeVisible();
  await expect(customer.chat.locator('.message.theirs')).toHaveCount(1);
  await held.getByRole('button', { name: 'Sửa và gửi lại' }).click();
  await expect(lan.page.getByTestId('composer-input')).toHaveValue('Dạ còn hai cái ạ, viết lúc mất mạng');
  await reply(lan.page, 'Dạ bên em còn đúng hai cái ạ');
  await expect(customer.chat.locator('.message.theirs')).toHaveCount(2);
  await expect(lan.page.getByTestId('held-reply')).toHaveCount(0);
});

test('two assign the same ticket at once: one wins, the other is told', async () => {
  const customer = await visitor();
  await customer.say('Cần tư vấn máy lọc không khí');
  await open(minh.page, 'Cần tư vấn máy lọc không khí');
  await open(lan.page, 'Cần tư vấn máy lọc không khí');
  line.cut();
  await status(lan.page, 'offline');
  for (const { page } of [lan, minh]) {
    await page.getByTestId('conversation').getByTestId('assignee').click();
    await page.getByRole('dialog').getByRole('option', { name: /^Tôi/ }).click();
    await expect(page.getByTestId('assignee')).toContainText('Tôi');
  }
  await line.mend();
  await status(lan.page, 'online');
  await expect(lan.page.getByTestId('attention-count')).toHaveText('1');
  await expect(lan.page.getByTestId('assignee')).toContainText('Minh');
  await expect(minh.page.getByTestId('assignee')).toContainText('Tôi');
  await expect(lan.page.getByText('Đồng nghiệp đã nhận phiếu trước').first()).toBeVisible();
});
