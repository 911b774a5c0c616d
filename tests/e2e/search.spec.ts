/** Search, as an agent uses it: with and without accents, by keyboard, cut off, and for what only the hub has. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import pg from 'pg';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { type Line, lineTo } from '../harness/line.ts';
import { Visitor } from '../harness/visitor.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const out = join(import.meta.dirname, '../output/screens');
let dir: string;
let hub: HubProcess;
let line: Line;
let lan: RunningConsole;
let page: Page;

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-search-'));
  chmodSync(dir, 0o755);
  hub = await new HubProcess(join(dir, 'hub')).start();
  line = await lineTo(hub.url);
  lan = await launchConsole({ hubUrl: line.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
  page = lan.page;
  await online();
});
test.afterAll(async () => {
  if (lan) await killConsole(lan.app);
  await line?.close();
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const online = (is = 'online') => expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', is, { timeout: 30_000 });
const input = () => page.locator('#search-input');
const hits = (kind: 'ticket' | 'message' | 'customer' | 'article' | 'hub') => page.getByTestId(`found-${kind}`).getByTestId('search-hit');
const current = () => page.locator('[data-testid="search-hit"][aria-selected="true"]');

async function look(name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(out, `${name}.png`) });
}

async function dress(theme: 'light' | 'dark', language: 'vi' | 'en'): Promise<void> {
  await page.evaluate(
    async ([shade, words]) => {
      await window.truc.prefs.set('theme', shade);
      await window.truc.prefs.set('language', words);
    },
    [theme, language] as const,
  );
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
  await expect(page.getByTestId('inbox-row').first()).toBeVisible();
}

test('found while it is typed, marked, opened at the message, and back again, by keyboard alone', async () => {
  const customer = await new Visitor(hub.url).open();
  await customer.say('Máy rửa chén nhà tôi kêu như máy cày');
  await customer.say('Má ơi, kêu to lắm');
  await customer.say('Gọi lại số 0987.111.222 giúp tôi');
  await page.getByTestId('view-unassigned').click();
  await expect(page.getByTestId('inbox-row').filter({ hasText: 'Máy rửa chén nhà tôi' })).toBeVisible();

  await page.locator('#inbox-list').focus();
  await page.keyboard.press('/');
  await expect(input()).toBeFocused();
  await page.keyboard.type('may rua che');
  await expect(hits('message').first().locator('mark')).toHaveText(['Máy', 'rửa', 'ché', 'máy']);
  await expect(hits('ticket').first().locator('mark')).toHaveText(['Máy', 'rửa', 'ché', 'máy']);

  // Written exactly so comes first, though "Máy rửa" is the newer text nowhere.
  await input().fill('má ');
  await expect(hits('message').first().locator('mark').first()).toHaveText('Má');
  await input().fill('0987 111');
  await expect(hits('message').first().locator('mark')).toHaveText(['0987.111.222']);

  await input().fill('"kêu to"');
  await page.getByRole('radio', { name: 'Tin nhắn' }).click({ force: true });
  await input().focus();
  await expect(hits('message').first()).toContainText('Má ơi, kêu to lắm');
  await expect(page.locator('#search-list')).toHaveAttribute('aria-busy', 'false');
  await expect(current()).toHaveAttribute('data-key', /^m:/);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('conversation')).toBeVisible();
  await expect(page.getByTestId('message').filter({ hasText: 'Má ơi, kêu to lắm' })).toBeInViewport();
  await page.keyboard.press('Escape');
  await expect(input()).toHaveValue('"kêu to"');
  await expect(input()).toBeFocused();
});

test('arrows, j and k move; Esc goes back one step at a time', async () => {
  await page.getByRole('radio', { name: 'Tất cả' }).click({ force: true });
  await input().fill('bao hanh');
  await expect(page.locator('#search-list')).toHaveAttribute('aria-busy', 'false');
  await expect(hits('message').nth(1)).toBeVisible();
  const first = await current().getAttribute('data-key');
  await page.keyboard.press('ArrowDown');
  await expect(current()).not.toHaveAttribute('data-key', first ?? '');
  await page.keyboard.press('ArrowUp');
  await expect(current()).toHaveAttribute('data-key', first ?? '');
  await page.locator('#search-list').focus();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await expect(current()).not.toHaveAttribute('data-key', first ?? '');
  await page.keyboard.press('Escape');
  await expect(input()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('#inbox-list')).toBeVisible();
  await page.locator('#inbox-list').focus();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(input()).toHaveValue('bao hanh');
});

test('an article is read beside the list', async () => {
  await input().fill('đổi trả');
  await page.getByRole('radio', { name: 'Bài viết' }).click({ force: true });
  await hits('article').first().click();
  await expect(page.getByTestId('search-reader').locator('mark').first()).toBeVisible();
  await look('search-article-light-vi');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('search-reader')).toHaveCount(0);
  await page.getByRole('radio', { name: 'Tất cả' }).click({ force: true });
});

test('what only the hub has is marked as such, and says what is known of it', async () => {
  const sql = new pg.Client({ connectionString: hub.databaseUrl });
  await sql.connect();
  // Old words of a settled ticket, of which this console has only the new ones.
  const found = await sql.query<{ id: string; ticket_id: string }>(
    `select m.id, m.ticket_id from message m join ticket t on t.id = m.ticket_id and t.workspace_id = m.workspace_id
     join queue q on q.id = t.queue_id where q.purpose = 'sales' limit 1`,
  );
  const [message] = found.rows;
  await sql.query(
    `insert into message (workspace_id, id, ticket_id, kind, channel, author_type, author_name, body, authored_at, accepted_at)
     select workspace_id, overlay(id::text placing 'ffffffff' from 1)::uuid, ticket_id, 'inbound', channel, 'customer', 'Khách', 'Tem vàng số QX-7781 ở hông máy', 1000, 1000
     from message where id = $1`,
    [message?.id],
  );
  await sql.end();
  await input().fill('qx-7781');
  await expect(page.getByTestId('search-none')).toBeVisible();
  await expect(hits('hub').first()).toContainText('Tem vàng số QX-7781');
  await expect(hits('hub').first().locator('mark')).toHaveText(['QX', '7781']);
  await hits('hub').first().click();
  await expect(page.getByTestId('search-reader')).toContainText('Phiếu có trên máy');
  await look('search-hub-light-vi');
  await page.getByRole('button', { name: 'Mở phiếu' }).click();
  await expect(page.getByTestId('conversation')).toHaveAttribute('data-ticket-id', message?.ticket_id ?? '');
  await page.keyboard.press('/');
});

test('cut off, it finds what is here and says that the hub was not asked', async () => {
  line.cut();
  await online('offline');
  await input().fill('máy giặt');
  await expect(hits('message').first()).toBeVisible();
  await expect(page.getByTestId('found-hub')).toHaveAttribute('data-state', 'offline');
  await expect(page.getByTestId('found-hub')).toContainText('hub chưa được hỏi');
  await look('search-offline-light-vi');
  await input().fill('không có gì như thế này đâu');
  await expect(page.getByTestId('search-none')).toBeVisible();
  await look('search-none-light-vi');
  await line.mend();
  await online();
  await expect(page.getByTestId('found-hub')).toHaveAttribute('data-state', 'done');
});

test('filters narrow, with words and without', async () => {
  await input().fill('');
  await page.getByRole('button', { name: /Kênh/ }).click();
  await page.getByRole('option', { name: 'Zalo' }).click();
  await expect(hits('ticket').first()).toBeVisible();
  for (const glyph of await hits('ticket').getByRole('img').all()) await expect(glyph).toHaveAttribute('aria-label', 'Zalo');
  await page.getByRole('button', { name: 'Bỏ lọc' }).click();
  await expect(page.getByText('Gõ để tìm')).toBeVisible();
});

for (const theme of ['light', 'dark'] as const) {
  for (const language of ['vi', 'en'] as const) {
    test(`how it looks, ${theme}, ${language}`, async () => {
      await dress(theme, language);
      await page.locator('#inbox-list').focus();
      await page.keyboard.press('/');
      await look(`search-empty-${theme}-${language}`);
      await page.keyboard.type('máy giặt');
      await expect(hits('message').first()).toBeVisible();
      await expect(page.getByTestId('found-hub')).toHaveAttribute('data-state', 'done');
      await look(`search-${theme}-${language}`);
    });
  }
}
