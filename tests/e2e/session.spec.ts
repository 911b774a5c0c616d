/** Locking, changing places, holding tickets and drafts, in the real window. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { demoPassword } from '../../server/src/demo/accounts.ts';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { type Line, lineTo } from '../harness/line.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const out = join(import.meta.dirname, '../output/screens');
let dir: string;
let hub: HubProcess;
let line: Line;
let lan: RunningConsole;

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-session-'));
  chmodSync(dir, 0o755);
  hub = await new HubProcess(join(dir, 'hub')).start();
  line = await lineTo(hub.url);
  lan = await launchConsole({ hubUrl: line.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
  await online(lan.page);
});
test.afterAll(async () => {
  if (lan) await killConsole(lan.app);
  await line?.close();
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const online = (page: Page, is = 'online') =>
  expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', is, { timeout: 30_000 });

async function look(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(out, `${name}.png`) });
}

/** A ticket that is not a live chat, on the screen. */
async function openLetter(page: Page): Promise<string> {
  await page.getByTestId('view-all').click();
  const row = page
    .getByTestId('inbox-row')
    .filter({ has: page.getByRole('img', { name: 'Email' }) })
    .first();
  await row.click();
  await expect(page.getByTestId('lease-menu')).toBeVisible();
  return (await page.locator('h2').first().textContent()) ?? '';
}

test('a ticket is held for offline work, a colleague sees by whom, and it is given back', async () => {
  const { page } = lan;
  const subject = await openLetter(page);
  await page.getByTestId('lease-menu').click();
  await look(page, 'lease-menu');
  await page.getByRole('option', { name: /4 giờ/ }).click();
  await expect(page.getByTestId('lease')).toContainText('Bạn giữ đến');
  await look(page, 'lease-mine');
  const minh = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'minh'), demoUser: 'minh@demo.truc.test' });
  try {
    await online(minh.page);
    await minh.page.getByTestId('view-all').click();
    const held = minh.page.getByTestId('inbox-row').filter({ hasText: subject }).first();
    if (await held.isVisible()) {
      await held.click();
      await expect(minh.page.getByTestId('lease')).toContainText('giữ ngoại tuyến đến');
      await look(minh.page, 'lease-other');
    }
  } finally {
    await killConsole(minh.app);
  }
  await page.getByTestId('lease').locator('xpath=..').getByRole('button').click();
  await expect(page.getByTestId('lease')).toHaveCount(0);
});

test('a draft that was thrown away comes back, with the one that was there meanwhile kept', async () => {
  const { page } = lan;
  const composer = page.getByTestId('composer-input');
  await composer.fill('Dạ em kiểm tra rồi báo lại anh chị ngay ạ');
  await page.getByRole('button', { name: 'Bỏ bản nháp' }).click();
  await expect(composer).toHaveValue('');
  await composer.fill('Bản khác, ngắn hơn');
  await page.getByTestId('earlier-drafts').click();
  await look(page, 'drafts-earlier');
  await page.getByRole('button', { name: 'Dùng lại' }).first().click();
  await expect(composer).toHaveValue('Dạ em kiểm tra rồi báo lại anh chị ngay ạ');
  await page.getByTestId('earlier-drafts').click();
  await expect(page.getByRole('dialog')).toContainText('Bản khác, ngắn hơn');
  await page.keyboard.press('Escape');
});

test('the same draft is on the other workstation of the same agent, as it grows', async () => {
  const { page } = lan;
  const home = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'home'), demoUser: 'lan@demo.truc.test' });
  try {
    await online(home.page);
    const subject = (await page.locator('h2').first().textContent()) ?? '';
    await home.page.getByTestId('view-all').click();
    await home.page.getByTestId('inbox-row').filter({ hasText: subject }).first().click();
    await expect(home.page.getByTestId('composer-input')).toHaveValue('Dạ em kiểm tra rồi báo lại anh chị ngay ạ');
    await home.page.getByTestId('composer-input').fill('Dạ em kiểm tra rồi báo lại anh chị ngay ạ. Em gọi lúc 3 giờ nhé');
    await expect(page.getByTestId('composer-input')).toHaveValue(/3 giờ nhé$/);
  } finally {
    await killConsole(home.app);
  }
});

test('the screen is locked by a key, opens by the password, and keeps the place', async () => {
  const { page } = lan;
  const subject = await page.locator('h2').first().textContent();
  await page.keyboard.press('Control+Shift+L');
  await expect(page.getByTestId('locked')).toBeVisible();
  await expect(page.getByTestId('inbox-row')).toHaveCount(0);
  await look(page, 'locked');
  const password = page.locator('input[type="password"]');
  await expect(password).toBeFocused();
  await password.fill('sai');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Mật khẩu chưa đúng');
  await look(page, 'locked-wrong');
  await password.fill(demoPassword);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('inbox-row').first()).toBeVisible();
  expect(await page.locator('h2').first().textContent()).toBe(subject);
});

test('panes say up to when they are complete while there is no line', async () => {
  const { page } = lan;
  line.cut();
  await online(page, 'offline');
  await expect(page.getByTestId('fresh').first()).toHaveAttribute('data-state', 'offline');
  await look(page, 'panes-offline');
  await line.mend();
  await online(page);
  await expect(page.getByTestId('fresh')).toHaveCount(0);
});

test('somebody else sits down: the sign-in screen knows who works here, and the first finds their work again', async () => {
  const { page } = lan;
  line.cut();
  await online(page, 'offline');
  await page.getByTestId('composer-input').fill('');
  await page.keyboard.press('Escape');
  await page.getByTestId('me').click();
  await look(page, 'me');
  await page.getByRole('button', { name: 'Đổi người dùng' }).click();
  const known = page.getByTestId('known-account');
  await expect(known).toContainText('Lan');
  await look(page, 'sign-in-known');
  await known.click();
  await page.locator('input[type="password"]').fill(demoPassword);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('inbox-row').first()).toBeVisible();
  await line.mend();
  await online(page);
});
