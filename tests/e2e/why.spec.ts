/** "Where did the time go?" in a real window: of a ticket that waited, rang in vain, and lay with somebody whose line broke. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { act } from '../harness/acts.ts';
import { complaints } from '../harness/axe.ts';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { routing } from '../harness/floor.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { type Line, lineTo } from '../harness/line.ts';
import { Visitor } from '../harness/visitor.ts';
import { type SignedIn, signIn } from '../harness/wire.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const out = join(import.meta.dirname, '../output/screens');
const text = 'Bếp hồng ngoại nhà em báo lỗi E5, còn bảo hành không ạ';
let dir: string;
let hub: HubProcess;
let line: Line;
let lan: RunningConsole;
let minh: SignedIn;
let sales: string;

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-why-'));
  chmodSync(dir, 0o755);
  hub = await new HubProcess(join(dir, 'hub'), { TRUC_ROUTING_SWEEP: '0.2', TRUC_PRESENCE_STEPS: '1,300,600' }).start();
  const quan = await signIn(hub.url, 'quan');
  minh = await signIn(hub.url, 'minh');
  const answer = await fetch(`${hub.url}/api/v1/snapshot?protocol=2`, { headers: { authorization: `Bearer ${quan.token}` } });
  const lines = (await answer.text()).split('\n').filter(Boolean);
  for (const { entity, row } of lines.map((one) => JSON.parse(one) as { entity?: string; row?: { id: string; purpose?: string } }))
    if (entity === 'queue' && row?.purpose === 'sales') sales = row.id;
  // The demo's own tickets must not fill their hands; an offer lasts three seconds.
  for (const { userId } of [minh, await signIn(hub.url, 'lan')])
    await act(hub.url, quan, 'user.capacity', { userId, capacity: { most: { call: 1, chat: 40, social: 1, email: 1 }, blocks: [] } });
  const offerMs = { call: null, chat: 3000, social: null, email: null };
  await act(hub.url, quan, 'queue.route', { queueId: sales, routing: routing({ offerMs, preferredMs: 0 }) });
  line = await lineTo(hub.url);
  lan = await launchConsole({ hubUrl: line.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
  await expect(lan.page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'online', { timeout: 30_000 });
});
test.afterAll(async () => {
  if (lan) await killConsole(lan.app);
  await line?.close();
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const connection = (page: Page, is: 'online' | 'offline') =>
  expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', is, { timeout: 30_000 });

async function look(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  for (const theme of ['light', 'dark'] as const) {
    await page.evaluate((shade) => document.documentElement.setAttribute('data-theme', shade), theme);
    await page.waitForTimeout(200);
    await page.screenshot({ path: join(out, `why-${name}-${theme}-${await page.locator('html').getAttribute('lang')}.png`) });
    if ((await page.getByTestId('why').count()) > 0) expect(await complaints(page, '[data-testid=why]')).toEqual([]);
  }
  await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'light'));
}

test('a ticket that nobody answered in time says where the time went, by keyboard', { tag: '@long' }, async () => {
  const { page } = lan;
  const customer = await new Visitor(hub.url).open();
  await customer.say(text);
  await page.waitForTimeout(2500);
  // Minh lets it ring; Lan takes it, loses the line, answers all the same.
  await act(hub.url, minh, 'presence.set', { userId: minh.userId, state: 'available', reason: null });
  await page.waitForTimeout(4000);
  await page.getByTestId('shift').click();
  await page.getByTestId('shift-menu').getByRole('button', { name: 'Sẵn sàng' }).click();
  const offer = page.getByTestId('offer').filter({ hasText: text });
  await expect(offer).toHaveCount(1, { timeout: 20_000 });
  await offer.getByRole('button', { name: /^Nhận/ }).click();
  await expect(page.getByTestId('conversation')).toContainText(text, { timeout: 15_000 });
  line.cut();
  await connection(page, 'offline');
  await page.waitForTimeout(2500);
  await page.getByTestId('composer-input').fill('Dạ còn ạ, em đặt lịch kỹ thuật viên qua nhà mình nhé');
  await page.getByTestId('send-button').click();
  await page.waitForTimeout(3000);

  // Without a line it says so, and nothing else is lost by it.
  await page.getByTestId('why-button').focus();
  await page.keyboard.press('Enter');
  const why = page.getByTestId('why');
  await expect(why.getByRole('alert')).toContainText('Chưa hỏi được trung tâm');
  await look(page, 'offline');
  await line.mend();
  await connection(page, 'online');
  await expect(page.getByTestId('queued-count')).toHaveAttribute('data-count', '0', { timeout: 15_000 });
  await why.getByRole('button', { name: 'Hỏi lại' }).last().click();

  const first = why.locator('[data-testid=why-clock][data-kind=frt]');
  await expect(first).toBeVisible({ timeout: 15_000 });
  await expect(first).toContainText('Đúng hạn');
  await expect(first.getByTestId('why-verdict')).toContainText('Lâu nhất là');
  for (const kind of ['Chờ trong hàng', 'Đổ chuông', 'Nằm trên máy mất mạng', 'Giữ nhưng vắng'])
    await expect(first.getByRole('list', { name: 'Tổng theo loại' })).toContainText(kind);
  await first.getByTestId('why-pieces').focus();
  await page.keyboard.press('Enter');
  await expect(first.getByTestId('why-table').getByRole('row').filter({ hasText: 'Mất kết nối' }).first()).toBeVisible();
  await expect(first.getByTestId('why-table')).toContainText('Trần Quang Minh');
  await look(page, 'pieces');
  await page.keyboard.press('Escape');
  await expect(why).toHaveCount(0);
  await expect(page.getByTestId('why-button')).toBeFocused();
  await look(page, 'pane');
});

for (const language of ['vi', 'en'] as const) {
  test(`one that is late says so, and where the breach fell, ${language}`, { tag: '@long' }, async () => {
    const { page } = lan;
    await page.evaluate((chosen) => window.truc.prefs.set('language', chosen), language);
    await page.reload();
    await connection(page, 'online');
    await page.getByTestId('view-all').click();
    const overdue = page.locator('[data-testid=sla-chip][data-step=overdue]');
    await page.getByTestId('inbox-row').filter({ has: overdue }).first().click();
    await page.getByTestId('why-button').click();
    const late = { vi: ['Quá hạn', 'Quá hạn từ đây'], en: ['Late', 'Late from here'] }[language] as [string, string];
    const clock = page.getByTestId('why-clock').filter({ hasText: late[0] }).first();
    await expect(clock).toBeVisible({ timeout: 15_000 });
    await clock.getByTestId('why-pieces').click();
    await expect(clock).toContainText(late[1]);
    await look(page, 'late');
    await page.keyboard.press('Escape');
  });
}
