/** A shift in real windows: work rings, is declined, goes on, is taken; nobody answers; a workstation dies; a lead says something privately. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect, type Page, test } from '@playwright/test';
import { act } from '../harness/acts.ts';
import { complaints } from '../harness/axe.ts';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { routing } from '../harness/floor.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { Visitor } from '../harness/visitor.ts';
import { type SignedIn, signIn } from '../harness/wire.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

let dir: string;
let hub: HubProcess;
let lan: RunningConsole;
let minh: RunningConsole;
let lead: RunningConsole;
let quan: SignedIn;
let thu: SignedIn;
let sales: string;
const people: Record<string, string> = {};

test.beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'truc-e2e-'));
  chmodSync(dir, 0o755);
  hub = await new HubProcess(join(dir, 'hub'), { TRUC_ROUTING_SWEEP: '0.2', TRUC_PRESENCE_STEPS: '1,2,4' }).start();
  quan = await signIn(hub.url, 'quan');
  thu = await signIn(hub.url, 'thu');
  const answer = await fetch(`${hub.url}/api/v1/snapshot?protocol=2`, { headers: { authorization: `Bearer ${quan.token}` } });
  for (const line of (await answer.text()).split('\n').filter(Boolean)) {
    const { entity, row } = JSON.parse(line) as { entity?: string; row?: { id: string; purpose?: string; email?: string } };
    if (entity === 'queue' && row?.purpose === 'sales') sales = row.id;
    if (entity === 'user' && row) people[row.email?.split('@')[0] ?? ''] = row.id;
  }
  lan = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
  minh = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'minh'), demoUser: 'minh@demo.truc.test' });
  lead = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'thu'), demoUser: 'thu@demo.truc.test' });
  for (const { page } of [lan, minh, lead]) {
    await expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'online', { timeout: 30_000 });
    if (page !== lead.page) await expect(page.getByTestId('inbox-row').first()).toBeVisible({ timeout: 30_000 });
  }
});
test.afterAll(async () => {
  for (const console of [lan, minh, lead]) if (console) await killConsole(console.app);
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Offers that last so long, in ms; what waits already stays with whoever has it. */
async function route(chat: number): Promise<void> {
  const offerMs = { call: null, chat, social: null, email: null };
  // The demo's own tickets must not fill their hands.
  for (const key of ['lan', 'minh']) {
    const most = { call: 1, chat: 40, social: 1, email: 1 };
    expect(await act(hub.url, quan, 'user.capacity', { userId: people[key]!, capacity: { most, blocks: [] } })).toBeNull();
  }
  expect(await act(hub.url, quan, 'queue.route', { queueId: sales, routing: routing({ offerMs, preferredMs: 0 }) })).toBeNull();
}

async function customer(text: string): Promise<Visitor> {
  const visitor = await new Visitor(hub.url).open();
  await visitor.say(text);
  return visitor;
}

async function begins(page: Page): Promise<void> {
  await page.getByTestId('shift').click();
  await page.getByTestId('shift-menu').getByRole('button', { name: 'Sẵn sàng' }).click();
  await expect(page.getByTestId('shift')).toHaveAttribute('data-state', 'available');
}

/** Somebody's line on the lead's floor. */
const onFloor = (page: Page) =>
  lead.page.locator(`[data-testid=floor-agent][data-user="${page === lan.page ? people['lan'] : people['minh']}"]`);

const offerOf = (page: Page, text: string) => page.getByTestId('offer').filter({ hasText: text });
const shot = (page: Page, name: string) => page.screenshot({ path: join('tests/output/screens', `${name}.png`) });

/** Whoever of the two it rings for. */
async function rungFor(text: string): Promise<{ one: Page; other: Page }> {
  await expect
    .poll(async () => (await offerOf(lan.page, text).count()) + (await offerOf(minh.page, text).count()), { timeout: 15_000 })
    .toBe(1);
  return (await offerOf(lan.page, text).count()) === 1 ? { one: lan.page, other: minh.page } : { one: minh.page, other: lan.page };
}

test('what waits in the queue is offered away first, and nobody is on duty by themselves', async () => {
  await expect(lan.page.getByTestId('shift')).toHaveAttribute('data-state', 'offline');
  await expect(lan.page.getByTestId('shift')).toHaveText(/Vào ca/);
  await lan.page.getByTestId('shift').click();
  await expect(lan.page.getByTestId('shift-menu')).toBeVisible();
  expect(await complaints(lan.page)).toEqual([]);
  await shot(lan.page, 'shift-menu-light-vi');
  await lan.page.keyboard.press('Escape');
  await expect(lan.page.getByTestId('open-floor')).toHaveCount(0);
  await lead.page.getByTestId('open-floor').click();
  await expect(lead.page.getByTestId('floor')).toBeVisible();
  await expect(lead.page.getByTestId('floor-queue')).toHaveCount(3);
  await expect(onFloor(lan.page)).toHaveAttribute('data-state', 'offline');
});

test('an offer rings, is declined by key, goes on to the colleague, who takes it by key', async () => {
  // Everything that is there already is somebody's: what is offered is what comes.
  await route(30_000);
  await begins(lan.page);
  await begins(minh.page);
  for (const page of [lan.page, minh.page]) {
    await expect.poll(async () => page.getByTestId('offer').count(), { timeout: 15_000 }).toBeGreaterThanOrEqual(0);
    while ((await page.getByTestId('offer').count()) > 0) {
      await page.getByTestId('offer').first().getByRole('button', { name: /^Nhận/ }).click();
      await page.waitForTimeout(300);
    }
  }
  const text = 'Bếp từ đôi còn hàng không ạ';
  await customer(text);
  const { one, other } = await rungFor(text);
  // The lead sees it as it happens.
  await expect(onFloor(one)).toHaveAttribute('data-state', 'available');
  await expect(onFloor(one)).toContainText('1 lời mời');
  await expect(offerOf(one, text)).toContainText('Tư vấn mua hàng');
  await shot(one, 'offer-light-vi');
  expect(await complaints(one)).toEqual([]);
  await one.locator('body').click({ position: { x: 5, y: 300 } });
  await one.keyboard.press('Shift+Y');
  await expect(offerOf(one, text)).toHaveCount(0);
  await expect(offerOf(other, text)).toHaveCount(1, { timeout: 15_000 });
  await expect(onFloor(other)).toContainText('1 lời mời');
  await other.locator('body').click({ position: { x: 5, y: 300 } });
  await other.keyboard.press('y');
  await expect(other.getByTestId('conversation')).toContainText(text, { timeout: 15_000 });
  await expect(offerOf(other, text)).toHaveCount(0);
});

test('nobody answers: whoever it rang for gets nothing more until they say that they are there', async () => {
  await route(1500);
  const text = 'Cho em hỏi phí lắp đặt máy lạnh';
  await customer(text);
  const { one, other } = await rungFor(text);
  await expect(one.getByTestId('shift')).toHaveAttribute('data-state', 'notResponding', { timeout: 15_000 });
  await expect(onFloor(one)).toHaveAttribute('data-state', 'notResponding');
  await one.getByTestId('shift').click();
  await expect(one.getByTestId('shift-menu')).toContainText('để lỡ một lời mời');
  await shot(one, 'shift-missed-light-vi');
  await one.keyboard.press('Escape');
  // It has gone on to the colleague, who does not answer either.
  await expect(other.getByTestId('shift')).toHaveAttribute('data-state', 'notResponding', { timeout: 15_000 });
  await route(30_000);
  for (const page of [lan.page, minh.page]) {
    await page.getByTestId('shift').click();
    await page.getByTestId('shift-menu').getByRole('button', { name: 'Sẵn sàng' }).click();
    await expect(page.getByTestId('shift')).toHaveAttribute('data-state', 'available');
  }
  // It is not forgotten: it rings again for whoever is back.
  const back = await rungFor(text);
  await offerOf(back.one, text).getByRole('button', { name: /^Nhận/ }).click();
  await expect(back.one.getByTestId('conversation')).toContainText(text, { timeout: 15_000 });
});

test('a lead says something privately, then takes over: it is shown where it belongs', async () => {
  const text = 'Tôi muốn đổi tủ lạnh khác';
  const visitor = await customer(text);
  const { one } = await rungFor(text);
  await offerOf(one, text).getByRole('button', { name: /^Nhận/ }).click();
  const conversation = one.getByTestId('conversation');
  await expect(conversation).toContainText(text, { timeout: 15_000 });
  const ticketId = (await conversation.getAttribute('data-ticket-id'))!;
  // On the floor: their line, the ticket, a word for them alone.
  await onFloor(one).getByRole('button').first().click();
  const line = lead.page.locator(`[data-testid=floor-ticket][data-ticket-id="${ticketId}"]`);
  await expect(line).toBeVisible();
  await shot(lead.page, 'floor-agent-light-vi');
  expect(await complaints(lead.page)).toEqual([]);
  await line.getByTestId('coach-open').click();
  await lead.page.getByRole('textbox', { name: /Nhắc riêng/ }).fill('Xin hóa đơn trước đã nhé');
  await lead.page.getByRole('button', { name: 'Gửi', exact: true }).click();
  await expect(one.getByTestId('coach')).toContainText('Xin hóa đơn trước đã nhé');
  await shot(one, 'coach-light-vi');
  await one.getByTestId('notices').click();
  await expect(one.getByTestId('notice-list')).toContainText('Xin hóa đơn trước đã nhé');
  expect(await complaints(one)).toEqual([]);
  await shot(one, 'notices-light-vi');
  await one.keyboard.press('Escape');
  await one.getByTestId('coach').getByRole('button', { name: 'Đã hiểu' }).click();
  await expect(one.getByTestId('coach')).toHaveCount(0);
  // The customer has heard nothing of it.
  expect(JSON.stringify(await visitor.messages())).not.toContain('hóa đơn');
  await line.getByTestId('take-over').click();
  await expect(lead.page.getByTestId('conversation')).toHaveAttribute('data-ticket-id', ticketId, { timeout: 15_000 });
  await expect(one.getByTestId('toast').filter({ hasText: 'Trưởng nhóm đã nhận phiếu của bạn' })).toBeVisible();
});

test('a workstation dies: its chat goes back, and rings at the colleague’s', async () => {
  const text = 'Máy rửa bát bảo hành mấy năm';
  const visitor = await customer(text);
  const { one, other } = await rungFor(text);
  await offerOf(one, text).getByRole('button', { name: /^Nhận/ }).click();
  await expect(one.getByTestId('conversation')).toContainText(text, { timeout: 15_000 });
  await lead.page.keyboard.press('Escape');
  await lead.page.getByTestId('open-floor').click();
  await killConsole((one === lan.page ? lan : minh).app);
  await expect(onFloor(one)).toHaveAttribute('data-state', 'disconnected', { timeout: 20_000 });
  await expect(onFloor(other)).toHaveAttribute('data-state', 'available');
  await expect(offerOf(other, text)).toHaveCount(1, { timeout: 20_000 });
  await offerOf(other, text).getByRole('button', { name: /^Nhận/ }).click();
  await expect(other.getByTestId('conversation')).toContainText(text);
  await visitor.say('Còn ở đó không ạ');
  await expect(other.getByTestId('conversation')).toContainText('Còn ở đó không ạ');
});

test('twenty tickets are given to somebody else at once, and the record shows every act', async () => {
  const page = lead.page;
  const queues = page.getByTestId('floor-queue');
  await queues.filter({ hasText: 'Khiếu nại' }).getByRole('button').click();
  const lines = page.getByTestId('floor-ticket').filter({ hasNotText: 'Lê Thị Hòa' });
  await expect.poll(() => lines.count()).toBeGreaterThanOrEqual(20);
  for (let n = 0; n < 20; n += 1) await lines.nth(n).locator('label').first().click();
  await expect(page.getByTestId('floor-tickets')).toContainText('Đã chọn 20');
  await shot(page, 'floor-reassign-light-vi');
  await page.getByRole('button', { name: 'Giao lại' }).click();
  await page.getByRole('combobox', { name: 'Giao lại' }).fill('hòa');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('toast').filter({ hasText: 'Đã giao lại 20 phiếu' })).toBeVisible({ timeout: 15_000 });
  await expect(page.getByTestId('queued-count')).toHaveAttribute('data-count', '0', { timeout: 15_000 });
  const audit = async () => {
    const answer = await fetch(`${hub.url}/api/v1/audit`, { headers: { authorization: `Bearer ${thu.token}` } });
    return ((await answer.json()) as { entries: { act: string; actorId: string }[] }).entries;
  };
  const mine = (await audit()).filter(({ actorId }) => actorId === thu.userId).map(({ act: name }) => name);
  expect(mine.filter((name) => name === 'ticket.assign')).toHaveLength(20);
  expect(mine).toEqual(expect.arrayContaining(['ticket.coach', 'ticket.takeOver']));
});

test('the record is on the lead’s screen, and the figures are on a big one: in a window, and on a television by a link', async () => {
  const { page, app } = lead;
  await page.keyboard.press('Escape');
  await page.getByTestId('open-floor').click();
  await page.getByTestId('open-record').click();
  const entries = page.getByTestId('record-entry');
  await expect(entries.filter({ hasText: 'Nhắc riêng' }).first()).toBeVisible();
  await expect(page.locator('[data-testid=record-entry][data-act="ticket.assign"]')).toHaveCount(20);
  await shot(page, 'floor-record-light-vi');
  expect(await complaints(page)).toEqual([]);

  await page.getByTestId('big-screen').click();
  const opened = app.waitForEvent('window');
  await page.getByRole('option', { name: 'Mở trong cửa sổ riêng' }).click();
  const board = await opened;
  await expect(board.getByTestId('wallboard')).toHaveAttribute('data-state', 'fresh');
  // Clocks run out while it is looked at.
  const agrees = async (screen: Page) =>
    (await screen.locator('[data-figure=breached] dd').textContent()) ===
    (await page.getByTestId('floor-breached').locator('strong').textContent());
  await expect.poll(() => agrees(board), { timeout: 15_000 }).toBe(true);
  await shot(board, 'wallboard-light-vi');
  expect(await complaints(board)).toEqual([]);
  // Asked for once more it comes forward; Escape closes it, and the console stays.
  // The press is answered by a window that is gone.
  await board.keyboard.press('Escape').catch(() => undefined);
  await expect.poll(() => app.windows().length).toBe(1);

  await page.getByTestId('big-screen').click();
  await page.getByRole('option', { name: 'Liên kết cho tivi' }).click();
  await page.getByRole('textbox', { name: 'Đặt ở đâu' }).fill('Tivi phòng tổng đài');
  await page.getByRole('button', { name: 'Tạo liên kết' }).click();
  const url = (await page.getByTestId('secret-once').locator('code').textContent()) ?? '';
  expect(url).toMatch(/\/wallboard#[\w-]{43}$/);
  await expect(page.getByTestId('wallboard-links')).toContainText('Tivi phòng tổng đài');
  await shot(page, 'wallboard-links-light-vi');
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const context = await browser.newContext({ locale: 'vi-VN', colorScheme: 'dark', viewport: { width: 1920, height: 1080 } });
    const tv = await context.newPage();
    await tv.goto(url);
    await expect(tv.locator('main')).toHaveAttribute('data-state', 'fresh');
    await expect.poll(() => agrees(tv), { timeout: 20_000 }).toBe(true);
    await shot(tv, 'wallboard-tv-dark-vi');
    await page.getByRole('button', { name: /Thu hồi liên kết/ }).click();
    await page.getByRole('button', { name: 'Thu hồi', exact: true }).click();
    await expect(tv.locator('main')).toHaveAttribute('data-state', 'over', { timeout: 15_000 });
  } finally {
    await browser.close();
  }
});
