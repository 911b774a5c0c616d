/** Every screen once in each theme and language, as files under tests/output/screens, to be looked at. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { type Line, lineTo } from '../harness/line.ts';
import { Visitor } from '../harness/visitor.ts';

test.describe.configure({ mode: 'serial', timeout: 180_000 });

const out = join(import.meta.dirname, '../output/screens');
let dir: string;
let hub: HubProcess;
let line: Line;
let lan: RunningConsole;
let browser: Browser;

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-screens-'));
  chmodSync(dir, 0o755);
  hub = await new HubProcess(join(dir, 'hub')).start();
  line = await lineTo(hub.url);
  lan = await launchConsole({ hubUrl: line.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  await online(lan.page);
});
test.afterAll(async () => {
  await browser?.close();
  if (lan) await killConsole(lan.app);
  await line?.close();
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const online = (page: Page, is = 'online') =>
  expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', is, { timeout: 30_000 });

async function look(page: Page, name: string): Promise<void> {
  // Fonts are there, and what moves has come to rest.
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(out, `${name}.png`) });
}

async function dress(running: RunningConsole, theme: 'light' | 'dark', language: 'vi' | 'en', width = 1280, height = 720): Promise<void> {
  await running.app.evaluate(
    ({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w ?? 1280, h ?? 720),
    [width, height],
  );
  await running.page.evaluate(
    async ([shade, words]) => {
      await window.truc.prefs.set('theme', shade);
      await window.truc.prefs.set('language', words);
    },
    [theme, language] as const,
  );
  await running.page.reload();
  await expect(running.page.locator('html')).toHaveAttribute('data-theme', theme);
  await expect(running.page.locator('html')).toHaveAttribute('lang', language);
}

/** A chat that Lan answered while cut off and a colleague answered meanwhile. */
async function heldReply(): Promise<void> {
  const customer = await new Visitor(hub.url).open();
  await customer.say('Máy lọc nước nhà tôi rò rỉ, gấp lắm ạ');
  const { page } = lan;
  await page.getByTestId('view-unassigned').click();
  await page.getByTestId('inbox-row').filter({ hasText: 'Máy lọc nước nhà tôi rò rỉ' }).click();
  await expect(page.getByTestId('conversation')).toContainText('Máy lọc nước nhà tôi rò rỉ');
  line.cut();
  await online(page, 'offline');
  await page.getByTestId('composer-input').fill('Dạ em xin địa chỉ để kỹ thuật viên qua ngay ạ');
  await page.getByTestId('send-button').click();
  await look(page, 'state-offline-queued');
  const minh = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'minh'), demoUser: 'minh@demo.truc.test' });
  await online(minh.page);
  await minh.page.getByTestId('view-unassigned').click();
  await minh.page.getByTestId('inbox-row').filter({ hasText: 'Máy lọc nước nhà tôi rò rỉ' }).click();
  await minh.page.getByTestId('composer-input').fill('Dạ anh chị khóa van nước giúp em, em gọi lại ngay ạ');
  await minh.page.getByTestId('send-button').click();
  await expect(minh.page.getByTestId('message').filter({ hasText: 'khóa van nước' })).toHaveAttribute('data-delivery', 'sent');
  await killConsole(minh.app);
  await line.mend();
  await online(page);
  await expect(page.getByTestId('held-reply')).toBeVisible();
}

test('states', { tag: '@long' }, async () => {
  await dress(lan, 'light', 'vi');
  await online(lan.page);
  await heldReply();
  await look(lan.page, 'state-held-reply');
  await lan.page.getByTestId('view-snoozed').click();
  const filter = lan.page.locator('#inbox-filter');
  await filter.fill('không có phiếu nào như thế này');
  await look(lan.page, 'state-empty-filter');
  await filter.fill('');
});

for (const theme of ['light', 'dark'] as const) {
  for (const language of ['vi', 'en'] as const) {
    test(`every screen, ${theme}, ${language}`, { tag: '@long' }, async () => {
      const { page } = lan;
      const name = (what: string) => `${what}-${theme}-${language}`;
      await dress(lan, theme, language);
      await online(page);
      await page.getByTestId('view-mine').click();
      await page.getByTestId('inbox-row').first().click();
      await expect(page.getByTestId('conversation')).toBeVisible();
      await expect(page.getByTestId('message').first()).toBeVisible();
      await look(page, name('inbox'));
      for (const view of ['unassigned', 'all', 'snoozed', 'closed'] as const) {
        await page.getByTestId(`view-${view}`).click();
        await page.getByTestId('inbox-row').first().click();
        await look(page, name(`view-${view}`));
      }
      await page.getByTestId('view-mine').click();
      await page.getByTestId('inbox-row').first().click();
      await page.locator('#inbox-list').focus();
      for (const [what, key] of [
        ['menu-assign', 'a'],
        ['menu-tags', 't'],
        ['menu-snooze', 's'],
        ['palette', 'Control+k'],
        ['cheat-sheet', 'Shift+?'],
      ] as const) {
        await page.keyboard.press(key);
        await expect(page.getByRole('dialog').last()).toBeVisible();
        await look(page, name(what));
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toHaveCount(0);
        await page.locator('#inbox-list').focus();
      }
      for (const [what, button] of [
        ['settings', page.getByRole('button', { name: /^(Cài đặt|Settings)$/ })],
        ['me', page.getByTestId('me')],
        ['outbox', page.getByTestId('queued-count')],
      ] as const) {
        await button.click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await look(page, name(what));
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toHaveCount(0);
      }
      await page.locator('#inbox-list').focus();
      await page.keyboard.press('c');
      await expect(page.getByTestId('phone-note-form')).toBeVisible();
      await look(page, name('phone-note'));
      await page.keyboard.press('Escape');
      await page.keyboard.press('g');
      await page.keyboard.press('n');
      await expect(page.getByTestId('held-reply')).toBeVisible();
      await look(page, name('attention'));
      await page.keyboard.press('Escape');
      await dress(lan, theme, language, 2560, 1440);
      await page.getByTestId('inbox-row').first().click();
      await look(page, name('inbox-2560'));

      const signedOut = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, `out-${theme}-${language}`) });
      await dress(signedOut, theme, language);
      await expect(signedOut.page.getByTestId('sign-in-form')).toBeVisible();
      await expect(signedOut.page.getByRole('button', { name: /Ngọc Lan/ })).toBeVisible();
      await look(signedOut.page, name('sign-in'));
      await killConsole(signedOut.app);

      const context = await browser.newContext({ locale: language, colorScheme: theme, viewport: { width: 1280, height: 720 } });
      const customer = await context.newPage();
      await customer.goto(`${hub.url}/widget/demo`);
      await customer.getByRole('button', { name: /chat/i }).click();
      const chat = customer.frameLocator('iframe');
      await expect(chat.locator('.greeting')).toBeVisible();
      await look(customer, name('widget-empty'));
      await chat.locator('textarea').fill('Chào shop, tủ lạnh 310 lít còn hàng không ạ?');
      await chat.locator('.send').click();
      await expect(chat.locator('.message.mine:not(.pending)')).toBeVisible();
      await look(customer, name('widget'));
      await context.close();
    });
  }
}
