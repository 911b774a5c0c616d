/** Routing tried out on a past day in the real console: chosen, changed, played in its own thread, compared; nothing of it is saved. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import pg from 'pg';
import pino from 'pino';
import { type EmbeddedServer, startEmbedded } from '../../server/src/db/embedded.ts';
import { act } from '../harness/acts.ts';
import { complaints } from '../harness/axe.ts';
import { Draw } from '../harness/draw.ts';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { routing } from '../harness/floor.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { temporaryDir } from '../harness/postgres.ts';
import { signIn } from '../harness/wire.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const out = join(import.meta.dirname, '../output/screens');
const minute = 60_000;
const dayMs = 1440 * minute;
/** Eight in the morning in the shop's zone, yesterday as a workstation counts its days. */
const eight = Date.parse(new Intl.DateTimeFormat('en-CA').format(Date.now())) - dayMs + 60 * minute;

let dir: string;
let server: EmbeddedServer;
let hub: HubProcess;
let quan: RunningConsole;
let db: pg.Client;

/** Tickets that came on a day, as the hub writes such a day down: who had them, from when to when. */
async function history(from: number, tickets: readonly { id: string; queue: string }[], people: readonly string[], handleMs: number) {
  const draw = new Draw(3, `history ${from}`);
  const tracks: unknown[][] = [];
  const due: [string, number][] = [];
  const free = people.map(() => from);
  const arrivals = tickets.map((ticket) => ({ ...ticket, at: from + draw.between(0, 8 * 60) * minute })).toSorted((a, b) => a.at - b.at);
  for (const { id, queue, at } of arrivals) {
    const who = free.indexOf(Math.min(...free));
    const taken = Math.max(at, free[who]!) + draw.between(5, 60) * 1000;
    const done = taken + Math.round((0.4 + draw.next() * 1.2) * handleMs);
    free[who] = done;
    due.push([id, at + 15 * minute]);
    tracks.push([id, at, 'new', queue, null]);
    if (done < from + 10 * 60 * minute) tracks.push([id, taken, 'open', queue, people[who]], [id, done, 'resolved', queue, people[who]]);
  }
  const { rows } = await db.query<{ workspace_id: string }>('select workspace_id from workspace_counter');
  const workspace = rows[0]!.workspace_id;
  await db.query(
    `insert into ticket_track (workspace_id, ticket_id, at, status, queue_id, assignee_id)
     select $1, (r->>0)::uuid, (r->>1)::bigint, r->>2, (r->>3)::uuid, (r->>4)::uuid from jsonb_array_elements($2::jsonb) as r`,
    [workspace, JSON.stringify(tracks)],
  );
  for (const userId of people)
    await db.query(`insert into presence_interval (workspace_id, user_id, state, since, until) values ($1, $2, 'available', $3, $4)`, [
      workspace,
      userId,
      from,
      from + 9 * 60 * minute,
    ]);
  await db.query(
    `update sla_clock c set due_at = (r->>1)::bigint from jsonb_array_elements($1::jsonb) as r where c.ticket_id = (r->>0)::uuid and c.kind = 'frt'`,
    [JSON.stringify(due)],
  );
}

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = temporaryDir('truc-what-if-');
  server = await startEmbedded(join(dir, 'pg'), pino({ level: 'silent' }), { flags: ['fsync=off'] });
  hub = await new HubProcess(join(dir, 'hub'), { DATABASE_URL: server.url }).start();
  db = new pg.Client({ connectionString: server.url });
  await db.connect();
  const admin = await signIn(hub.url, 'quan');
  const people: string[] = [];
  for (const key of ['lan', 'minh']) people.push((await signIn(hub.url, key)).userId);
  const offerMs = { call: null, chat: 30_000, social: 30_000, email: null };
  const queues = await db.query<{ id: string; purpose: string }>('select id, purpose from queue');
  for (const { id, purpose } of queues.rows)
    if (purpose !== 'complaint') await act(hub.url, admin, 'queue.route', { queueId: id, routing: routing({ offerMs, preferredMs: 0 }) });
  await act(hub.url, admin, 'skill.save', { skillId: '01a20500-0000-7000-8000-0000000000aa', name: 'Tiếng Anh' });
  const sales = queues.rows.find(({ purpose }) => purpose === 'sales')!.id;
  const found = await db.query<{ id: string; queue: string }>(
    `select t.id, $1::uuid as queue from ticket t where exists (select from sla_clock c where c.ticket_id = t.id and c.kind = 'frt') order by t.id limit 150`,
    [sales],
  );
  await db.query(`update ticket set channel = 'phone' where id = any($1)`, [found.rows.map(({ id }) => id)]);
  await history(eight, found.rows, people, 6 * minute);
  // The day before, far too much for two: long to play.
  const many = await db.query<{ id: string; queue: string }>(
    `insert into ticket select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'number', 500000 + n))).*
     from ticket t, generate_series(1, 6000) n where t.id = $1 returning id, $2::uuid as queue`,
    [found.rows[0]!.id, sales],
  );
  await history(eight - dayMs, many.rows, people, 2 * minute);
  quan = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'quan'), demoUser: 'quan@demo.truc.test' });
  await expect(quan.page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'online', { timeout: 60_000 });
  await quan.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1280, 1000));
});
test.afterAll(async () => {
  if (quan) await killConsole(quan.app);
  await db?.end();
  await hub?.stop();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function look(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  for (const theme of ['light', 'dark'] as const) {
    await page.evaluate((shade) => document.documentElement.setAttribute('data-theme', shade), theme);
    await page.waitForTimeout(200);
    await page.screenshot({ path: join(out, `what-if-${name}-${theme}-${await page.locator('html').getAttribute('lang')}.png`) });
    expect(await complaints(page)).toEqual([]);
  }
  await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'light'));
}

async function choose(page: Page, label: string | RegExp, option: string | RegExp, nth = 0): Promise<void> {
  await page.getByTestId('what-if').getByRole('button', { name: label }).nth(nth).click();
  await page.getByRole('option', { name: option }).first().click();
}
const results = (page: Page) => page.getByTestId('what-if-results');
const cells = async (page: Page, figure: string) =>
  (await results(page).locator(`tr[data-figure=${figure}] td`).allTextContents()).map((text) => text.trim());

test('yesterday with one more on the phones: changed, played, compared', { tag: '@long' }, async () => {
  const { page } = quan;
  await page.getByTestId('open-channels').click();
  await page.getByTestId('admin-whatif').click();
  await look(page, 'begin');
  await choose(page, /^Ngày|Chọn ngày/, /^Hôm qua/);
  await expect(page.getByTestId('what-if-facts')).toContainText('2 người có mặt', { timeout: 15_000 });
  await expect(page.getByTestId('what-if-run')).toBeDisabled();
  // Lê Thị Hòa was not there: nothing that she is put into makes a difference. One who was, and serves it, is taken out.
  await choose(page, /Chọn người/, 'Trần Quang Minh');
  await choose(page, /Chọn hàng đợi/, 'Tư vấn mua hàng');
  await page.getByRole('button', { name: 'Đưa khỏi hàng' }).click();
  await expect(page.getByTestId('what-if-change')).toHaveText(/Trần Quang Minh thôi Tư vấn mua hàng/);
  await choose(page, /Thứ tự/, /Sắp quá hạn trước/);
  await expect(page.getByTestId('what-if-queue').first()).toContainText('đã đổi');
  await page.getByTestId('what-if-run').click();
  await expect(results(page)).toBeVisible({ timeout: 30_000 });
  const level = await cells(page, 'serviceLevel');
  expect(level[2]).toContain('kém hơn');
  expect((await cells(page, 'meanWaitMs'))[2]).toContain('kém hơn');
  await expect(page.getByTestId('what-if-agreement')).toContainText('thật chờ trung bình');
  await results(page).scrollIntoViewIfNeeded();
  await look(page, 'worse');

  // Better: two calls at once for everybody, and everybody in.
  await page.getByRole('button', { name: /^Bỏ: Trần Quang Minh/ }).click();
  await page.getByRole('textbox', { name: 'Cuộc gọi' }).fill('3');
  await expect(results(page)).toContainText('Thay đổi đã khác so với lần chạy này');
  await page.getByTestId('what-if-run').click();
  await expect(results(page)).not.toContainText('Thay đổi đã khác', { timeout: 30_000 });
  await expect.poll(async () => (await cells(page, 'meanWaitMs'))[2]).toContain('tốt hơn');
  await page.getByTestId('what-if-load').scrollIntoViewIfNeeded();
  await look(page, 'better');
  // Nothing was saved.
  const { rows } = await db.query('select capacity from app_user where capacity is not null');
  expect(rows).toEqual([]);
});

test('a long day is played without holding the window up, and can be stopped', { tag: '@long' }, async () => {
  const { page } = quan;
  await page.getByTestId('what-if').evaluate((screen) => screen.scrollIntoView());
  await page.getByTestId('what-if').getByRole('button', { name: /Ngày/ }).first().click();
  await page.getByRole('option').nth(1).click();
  await expect(page.getByTestId('what-if-facts')).toContainText('6000 phiếu đến', { timeout: 30_000 });
  await page.getByTestId('what-if-run').click();
  await expect(page.getByRole('progressbar', { name: 'Đang chạy lại' })).toBeVisible();
  // Meanwhile something else can be looked at.
  await page.getByTestId('admin-channels').click();
  await page.getByTestId('admin-whatif').click();
  await expect(page.getByRole('progressbar', { name: 'Đang chạy lại' })).toBeVisible();
  await look(page, 'running');
  await page.getByRole('button', { name: 'Dừng' }).click();
  await expect(page.getByTestId('what-if-run')).toBeEnabled();
  await expect(results(page)).toHaveCount(0);
});

test('without a hub it says so, and what was chosen stays; in English as well', { tag: '@long' }, async () => {
  const { page } = quan;
  await hub.kill();
  await expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'offline', { timeout: 30_000 });
  await page.getByTestId('what-if').getByRole('button', { name: /Ngày/ }).first().click();
  await page.getByRole('option').nth(0).click();
  await expect(page.getByTestId('what-if').getByRole('alert')).toContainText('không liên lạc được với trung tâm', { timeout: 30_000 });
  await look(page, 'offline');
  await hub.start();
  await expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'online', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Thử lại' }).click();
  await expect(page.getByRole('textbox', { name: 'Cuộc gọi' })).toHaveValue('3', { timeout: 15_000 });

  await page.evaluate(() => window.truc.prefs.set('language', 'en'));
  await page.reload();
  await page.getByTestId('open-channels').click();
  await page.getByTestId('admin-whatif').click();
  await choose(page, /^Day|Choose a day/, /^Yesterday/);
  await page.getByRole('textbox', { name: 'Calls' }).fill('2');
  await page.getByTestId('what-if-run').click();
  await expect(results(page)).toContainText('better', { timeout: 30_000 });
  await results(page).scrollIntoViewIfNeeded();
  await look(page, 'better');
});
