/** Channels in the real console: what Messenger brings is seen as it is, an answer goes out, a call rings, and an administrator mends a channel. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { killConsole, launchConsole, refusingLinks, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { FakeMeta } from '../harness/meta.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const out = join(import.meta.dirname, '../output/screens');
const who = 'PSID-1002003004';
let dir: string;
let hub: HubProcess;
let meta: FakeMeta;
let lan: RunningConsole;

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-channels-'));
  chmodSync(dir, 0o755);
  meta = await FakeMeta.start();
  hub = await new HubProcess(join(dir, 'hub'), {
    TRUC_META_URL: meta.url,
    TRUC_MEDIA_HOSTS: meta.host,
    TRUC_SEND_STEPS: '0.1,0.2,0.4',
  }).start();
  meta.hooks.to(`${hub.url}/hooks/messenger/demo-messenger`);
  lan = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
});
test.afterAll(async () => {
  if (lan) await killConsole(lan.app);
  await meta?.close();
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function look(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(250);
  for (const theme of ['light', 'dark'] as const) {
    await page.evaluate((shade) => window.truc.prefs.set('theme', shade), theme);
    await page.evaluate((shade) => document.documentElement.setAttribute('data-theme', shade), theme);
    await page.waitForTimeout(150);
    await page.screenshot({ path: join(out, `channels-${name}-${theme}.png`) });
  }
}

const message = (page: Page, text: string) => page.getByTestId('message').filter({ hasText: text });
const cti = (body: Record<string, string>) =>
  fetch(`${hub.url}/hooks/cti/demo-cti`, {
    method: 'POST',
    body: new URLSearchParams({ from: '0912345678', to: '19001234', direction: 'in', ...body }),
  });

test('a conversation on Messenger: picture, answer, receipt, quote, reaction, and what is taken back', async () => {
  const { page } = lan;
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC',
    'base64',
  );
  meta.customer(who, { first: 'Hạnh', last: 'Vũ' });
  const first = meta.say(who, 'Shop ơi, áo này còn size M không ạ?');
  meta.say(who, null, { attachments: [{ type: 'image', url: meta.hold(png, 'image/png') }] });
  await page.getByTestId('view-unassigned').click();
  await page.getByTestId('inbox-row').filter({ hasText: 'Vũ Hạnh' }).click();
  await expect(message(page, 'áo này còn size M')).toBeVisible();
  await expect(page.getByRole('img', { name: /image\.png/ })).toBeVisible();
  await expect(page.getByTestId('reply-window')).toBeVisible();
  await page.getByTestId('composer-input').fill('Dạ còn ạ, em giữ cho chị nhé');
  await page.getByTestId('send-button').click();
  await expect(message(page, 'em giữ cho chị')).toHaveAttribute('data-delivery', 'sent');
  const mine = meta.taken(who)[0]!.id;
  meta.read(who);
  await expect(message(page, 'em giữ cho chị')).toHaveAttribute('data-delivery', 'read');
  meta.react(who, mine, '❤️');
  meta.say(who, 'Vâng ạ', { replyTo: mine });
  await expect(message(page, 'Vâng ạ')).toContainText('em giữ cho chị');
  await expect(message(page, 'em giữ cho chị').first()).toContainText('❤️');
  const wrong = meta.say(who, 'Số tài khoản của em là 0123');
  await expect(message(page, 'Số tài khoản')).toBeVisible();
  meta.unsend(who, wrong);
  await expect(message(page, 'Số tài khoản')).toHaveCount(0);
  await expect(page.getByText('Khách đã thu hồi tin nhắn này')).toBeVisible();
  meta.answerElsewhere(who, 'Em Mai bên Facebook đây ạ');
  await expect(message(page, 'Em Mai bên Facebook')).toBeVisible();
  expect(first).not.toBe('');
  await look(page, 'conversation');
});

test('a call rings over whatever is open, is taken, and its note is filled in', async () => {
  const { page } = lan;
  await cti({ event: 'newCall', callId: 'e2e-1', 'user[]': 'lan', from: '0987001002' });
  const pop = page.getByTestId('call-pop');
  await expect(pop).toHaveAttribute('data-state', 'ringing');
  await look(page, 'call-ringing');
  await cti({ event: 'answer', callId: 'e2e-1', user: 'lan' });
  await expect(pop).toHaveAttribute('data-state', 'talking');
  await cti({ event: 'hangup', callId: 'e2e-1', cause: 'normalClearing' });
  await expect(pop).toHaveAttribute('data-state', 'ended');
  await pop.getByRole('button', { name: 'Ghi cuộc gọi' }).click();
  await expect(page.getByTestId('phone-note-form')).toBeVisible();
  await expect(page.getByTestId('phone-note-form').locator('input[type="tel"]').first()).toHaveValue(/987 ?001 ?002/);
  await look(page, 'call-note');
  // Written down it is gone, and stands on the customer's ticket.
  await page.getByTestId('phone-note-form').getByLabel('Nội dung cuộc gọi').fill('Khách hỏi lịch giao, đã hẹn chiều mai');
  await page.getByTestId('phone-note-form').getByLabel('Khách cần gì').fill('Hỏi lịch giao');
  await page.getByTestId('phone-note-form').getByLabel('Tên khách').fill('Cô Bảy Cần Thơ');
  await page.keyboard.press('Control+Enter');
  await expect(pop).toHaveCount(0);
  await expect(message(page, 'đã hẹn chiều mai')).toBeVisible();
});

test('a soft phone’s link brings the console forward with who calls; a number in the pane is called by a click', async () => {
  const { page, app } = lan;
  await app.evaluate(({ app: electron }) => electron.emit('second-instance', {}, ['truc', 'truc-desk://call?phone=%2B84987001002'], '/'));
  const form = page.getByTestId('phone-note-form');
  await expect(form.locator('input[type="tel"]').first()).toHaveValue(/987 ?001 ?002/);
  await expect(form).toContainText('Cô Bảy Cần Thơ');
  // What is no number does nothing.
  await app.evaluate(({ app: electron }) => electron.emit('second-instance', {}, ['truc', 'truc-desk://call?phone=%3Cscript%3E'], '/'));
  await expect(form.locator('input[type="tel"]').first()).toHaveValue(/987 ?001 ?002/);
  await page.keyboard.press('Escape');
  // No exchange dials for Lan: her own phone may, and she is asked first.
  const questions = await refusingLinks(app);
  await page
    .getByRole('button', { name: /^Gọi 0?987/ })
    .first()
    .click();
  await expect.poll(questions).toEqual(['+84987001002\n\ntel:+84987001002']);
});

test('an administrator sees that a channel does not work, enters what it needs, and what waited goes out', async () => {
  const quan = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'quan'), demoUser: 'quan@demo.truc.test' });
  try {
    const { page } = quan;
    meta.tokenWorks = false;
    await lan.page.getByTestId('view-mine').click();
    await lan.page.getByTestId('inbox-row').filter({ hasText: 'Vũ Hạnh' }).click();
    await lan.page.getByTestId('composer-input').fill('Em gửi hàng chiều nay ạ');
    await lan.page.getByTestId('send-button').click();
    await expect(lan.page.getByTestId('channel-health')).toBeVisible({ timeout: 20_000 });
    // Wherever they are: said once, and counted.
    await expect(page.getByTestId('toast').filter({ hasText: 'Facebook Sao Mai' })).toContainText('cần được xử lý');
    await expect(page.getByTestId('admin-count')).toHaveText('1');
    await page.getByTestId('toast').getByRole('button', { name: 'Xem kênh' }).click();
    const card = page.getByTestId('channel-card').filter({ hasText: 'Facebook Sao Mai' });
    await expect(card).toHaveAttribute('data-state', 'attention');
    await expect(card).toContainText('Cần xử lý');
    await look(page, 'admin');
    await card.getByRole('button', { name: 'Đổi cài đặt' }).click();
    await card.getByLabel('Page access token').fill('demo-page-token');
    await look(page, 'admin-form');
    meta.tokenWorks = true;
    await card.getByRole('button', { name: 'Lưu và thử ngay' }).click();
    await expect(card).toHaveAttribute('data-state', 'ok');
    await expect(message(lan.page, 'Em gửi hàng chiều nay')).toHaveAttribute('data-delivery', 'sent');
    await expect(lan.page.getByTestId('channel-health')).toHaveCount(0);
    await expect(page.getByTestId('admin-count')).toHaveCount(0);
  } finally {
    await killConsole(quan.app);
  }
});
