/** Business hours and SLA policies in the real console: laid down, tried before they are saved, and counted by. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { look } from '../harness/looks.ts';
import { Visitor } from '../harness/visitor.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const out = join(import.meta.dirname, '../output/screens');
let dir: string;
let hub: HubProcess;
let quan: RunningConsole;

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-service-'));
  chmodSync(dir, 0o755);
  hub = await new HubProcess(join(dir, 'hub')).start();
  quan = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'quan'), demoUser: 'quan@demo.truc.test' });
  await expect(quan.page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'online', { timeout: 30_000 });
});
test.afterAll(async () => {
  if (quan) await killConsole(quan.app);
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const open = async (tab: 'calendars' | 'policies' | 'channels') => {
  await quan.page.getByTestId('open-channels').click();
  await quan.page.getByTestId(`admin-${tab}`).click();
};
const resize = (width: number, height: number) =>
  quan.app.evaluate(({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w ?? 1280, h ?? 720), [width, height]);

test('an agent has no administration', { tag: '@long' }, async () => {
  const lan = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
  await expect(lan.page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'online', { timeout: 30_000 });
  await expect(lan.page.getByTestId('view-mine')).toBeVisible();
  await expect(lan.page.getByTestId('open-channels')).toHaveCount(0);
  await expect(lan.page.getByTestId('admin-calendars')).toHaveCount(0);
  await killConsole(lan.app);
});

test(
  'a calendar: a lunch break, the Tết preset, what is wrong is named at its field, and then it is open or not',
  { tag: '@long' },
  async () => {
    const { page } = quan;
    await resize(1280, 900);
    await open('calendars');
    await expect(page.getByText('Chưa có lịch nào')).toBeVisible();
    await look(page, 'service-calendars-none', true);
    await page.getByRole('button', { name: 'Thêm lịch' }).click();
    const editor = page.getByTestId('calendar-editor');
    // Empty is not wrong yet, and can't be saved.
    await expect(editor.getByRole('button', { name: 'Lưu lịch' })).toBeDisabled();
    await expect(editor.getByText('Đặt tên cho lịch.')).toHaveCount(0);
    await expect(editor.getByLabel('Tên lịch')).toBeFocused();
    await page.keyboard.type('Giờ hành chính');
    await expect(editor.getByRole('button', { name: /Múi giờ/ })).toContainText('Asia/Ho Chi Minh');
    await expect(editor.getByRole('button', { name: 'Lưu lịch' })).toBeEnabled();

    // Saturday mornings: an afternoon that collides, a time that is none, then right.
    const saturday = editor.getByTestId('weekday-5');
    await saturday.getByRole('button', { name: 'Thêm khung giờ, Thứ bảy' }).click();
    await saturday.getByLabel('Thứ bảy, đóng lúc').fill('12');
    await page.keyboard.press('Tab');
    await expect(saturday.getByLabel('Thứ bảy, đóng lúc')).toHaveValue('12:00');
    await saturday.getByRole('button', { name: 'Thêm khung giờ, Thứ bảy' }).click();
    await saturday.getByLabel('Thứ bảy, mở lúc').nth(1).fill('11h30');
    await expect(saturday.getByText(/Trùng với khung giờ khác/)).toBeVisible();
    await saturday.getByLabel('Thứ bảy, đóng lúc').nth(1).fill('chiều');
    await expect(saturday.getByText(/Nhập giờ như 8:00/)).toBeVisible();
    await expect(saturday.getByLabel('Thứ bảy, đóng lúc').nth(1)).toHaveAttribute('aria-invalid', 'true');
    await expect(editor.getByRole('button', { name: 'Lưu lịch' })).toBeDisabled();
    await editor.getByTestId('faults').click();
    await expect(saturday.getByLabel('Thứ bảy, mở lúc').nth(1)).toBeFocused();
    await look(page, 'service-calendar-wrong', true);
    await saturday.getByRole('button', { name: /^Bỏ khung giờ 11:30/ }).click();
    await expect(editor.getByTestId('faults')).toHaveCount(0);

    // Monday with another lunch, for all weekdays; and back, and again.
    const monday = editor.getByTestId('weekday-0');
    await monday.getByLabel('Thứ hai, đóng lúc').nth(1).fill('18:00');
    await editor.getByRole('button', { name: 'Chép thứ hai' }).click();
    await expect(editor.getByTestId('weekday-4').getByLabel('Thứ sáu, đóng lúc').nth(1)).toHaveValue('18:00');
    await editor.getByRole('button', { name: 'Hoàn tác' }).click();
    await expect(editor.getByTestId('weekday-4').getByLabel('Thứ sáu, đóng lúc').nth(1)).toHaveValue('17:30');
    await editor.getByRole('button', { name: 'Chép thứ hai' }).click();

    // Tết of a year that is chosen; never twice.
    await editor.getByRole('button', { name: /Năm của ngày lễ/ }).click();
    await page.getByRole('option', { name: '2027' }).click();
    await editor.getByRole('button', { name: 'Thêm ngày lễ Việt Nam 2027' }).click();
    const days = editor.getByTestId('dated-day');
    const made = await days.count();
    expect(made).toBeGreaterThan(10);
    await expect(editor.locator('input[value^="Tết Nguyên đán"]').first()).toBeVisible();
    await editor.getByRole('button', { name: /Năm của ngày lễ/ }).click();
    await page.getByRole('option', { name: '2027' }).click();
    await editor.getByRole('button', { name: 'Thêm ngày lễ Việt Nam 2027' }).click();
    await expect(page.getByText('Các ngày lễ 2027 đã có đủ.')).toBeVisible();
    await expect(days).toHaveCount(made);

    // A date of its own: twice the same is named, then it goes to its place.
    await editor.getByRole('button', { name: 'Thêm ngày', exact: true }).click();
    const date = editor.getByLabel('Ngày', { exact: true });
    await expect(date.first()).toBeFocused();
    await date.first().fill('30-4-2027');
    await expect(editor.getByText('Ngày này đã có một dòng khác. Bỏ một trong hai.')).toBeVisible();
    await date.first().fill('31/12/2027');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Kiểm kê cuối năm');
    await editor.getByLabel('Tên lịch').focus();
    await expect(editor.getByLabel('Tên ngày', { exact: false }).last()).toHaveValue('Kiểm kê cuối năm');
    await editor.getByRole('button', { name: /Ngày này, Kiểm kê/ }).click();
    await page.getByRole('option', { name: 'Mở theo giờ' }).click();
    await expect(editor.getByLabel('Kiểm kê cuối năm, mở lúc').first()).toHaveValue('08:00');
    await editor.getByRole('button', { name: 'Tháng sau' }).click();
    await look(page, 'service-calendar-editor', true);

    // Elsewhere and back: nothing is lost, and the way out asks.
    await open('channels');
    await expect(page.getByTestId('admin-calendars').getByRole('img', { name: 'có thay đổi chưa lưu' })).toBeVisible();
    await open('calendars');
    await editor.getByRole('button', { name: 'Quay lại danh sách' }).click();
    await expect(page.getByRole('alertdialog')).toContainText('Bỏ thay đổi chưa lưu?');
    await look(page, 'service-calendar-leave');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Ở lại sửa tiếp' }).click();
    await editor.getByLabel('Tên lịch').focus();
    await page.keyboard.press('Control+s');
    const row = page.getByTestId('calendar-row');
    await expect(row).toContainText('Giờ hành chính');
    await expect(row).toContainText('T2–T6 8:00–12:00, 13:00–18:00 · T7 8:00–12:00');
    await expect(row).toContainText(/Đang (mở|đóng)/);
    await look(page, 'service-calendars', true);
  },
);

test('policies: what is wrong is named, what would change is seen, and the first that fits counts', { tag: '@long' }, async () => {
  const { page } = quan;
  const visitor = await new Visitor(hub.url).open();
  await visitor.say('Cho hỏi giờ mở cửa của cam kết');
  await page.getByTestId('view-unassigned').click();
  const chatRow = page.getByTestId('inbox-row').filter({ hasText: 'Cho hỏi giờ mở cửa' });
  await expect(chatRow.getByTestId('sla-chip')).toBeVisible();
  /** what the chip says of when an answer is due, without how much is left of it at this second */
  const due = async () => {
    await page.getByTestId('view-unassigned').click();
    // Due later it is further down, where nothing is drawn.
    await page.locator('#inbox-filter').fill('giờ mở cửa của cam kết');
    return /^.*?,/.exec((await chatRow.getByTestId('sla-chip').getAttribute('title')) ?? '')?.[0];
  };
  const before = await due();
  expect(before).toMatch(/^Trả lời lần đầu trước \d\d:\d\d,$/);

  await open('policies');
  await expect(page.getByTestId('policy-defaults')).toContainText('Chat và mạng xã hội: trả lời trong 5 phút');
  await look(page, 'service-policies-none', true);
  await page.getByRole('button', { name: 'Thêm cam kết' }).click();
  const editor = page.getByTestId('policy-editor');
  await editor.getByLabel('Tên cam kết').fill('Chat ngoài giờ');
  await editor.getByRole('button', { name: /Tính theo lịch/ }).click();
  await page.getByRole('option', { name: 'Giờ hành chính' }).click();
  await expect(editor.getByText('Cần hứa ít nhất một điều')).toBeVisible();
  await editor.getByLabel('Trả lời lần đầu, ưu tiên Khẩn').fill('2 ngày 15');
  await expect(editor.getByText('Trả lời lần đầu, ưu tiên Khẩn: viết như 15m')).toBeVisible();
  await editor
    .getByTestId('escalation-step')
    .nth(1)
    .getByLabel(/Bước 2/)
    .first()
    .fill('200');
  await expect(editor.getByText('Bước sau không được sớm hơn bước trước.')).toBeVisible();
  await expect(editor.getByRole('button', { name: 'Lưu cam kết' })).toBeDisabled();
  await expect(editor.getByTestId('faults')).toHaveText('Còn 2 chỗ cần sửa');
  await editor.getByTestId('faults').click();
  await expect(editor.getByLabel('Trả lời lần đầu, ưu tiên Khẩn')).toBeFocused();
  await look(page, 'service-policy-wrong', true);
  await editor
    .getByTestId('escalation-step')
    .nth(1)
    .getByLabel(/Bước 2/)
    .first()
    .fill('50');
  await editor.getByLabel('Trả lời lần đầu, ưu tiên Khẩn').fill('2 ngày');
  await editor.getByLabel('Trả lời tiếp, ưu tiên Khẩn').fill('1d2h');
  await page.keyboard.press('Tab');
  await expect(editor.getByLabel('Trả lời lần đầu, ưu tiên Khẩn')).toHaveValue('2d');
  await editor.getByRole('button', { name: 'Chép hàng Khẩn' }).click();
  await expect(editor.getByLabel('Trả lời tiếp, ưu tiên Thấp')).toHaveValue('1d 2h');
  await editor.getByRole('button', { name: 'Thêm nhãn' }).click();
  await page.getByRole('combobox', { name: 'Thêm nhãn' }).fill('khách quen');
  await page.keyboard.press('Enter');
  await expect(editor.getByTestId('policy-sentence')).toContainText('Nhãn khách quen');
  await editor.getByRole('button', { name: 'Bỏ khách quen' }).click();
  await editor.getByRole('group', { name: /^Kênh/ }).getByText('Chat trên web', { exact: true }).click();
  // Many a chat was answered later than in five minutes: two days of business time would have been enough.
  const preview = page.getByTestId('sla-preview');
  await expect(preview.getByTestId('preview-change').first()).toContainText('hạn 5 phút → 2 ngày');
  await expect(preview.getByTestId('preview-met').first()).toContainText('+');
  await page.getByTestId('admin-policies').scrollIntoViewIfNeeded();
  await look(page, 'service-policy-editor', true);
  await editor.getByRole('button', { name: 'Bỏ bước 3' }).scrollIntoViewIfNeeded();
  await editor.getByTestId('escalation-step').last().getByText('Trả về hàng đợi').scrollIntoViewIfNeeded();
  await look(page, 'service-policy-editor-below');
  await editor.getByRole('button', { name: 'Lưu cam kết' }).click();
  const rows = page.getByTestId('policy-row');
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('Trả lời lần đầu 2 ngày');
  await expect(rows.first()).toContainText('theo lịch Giờ hành chính');

  // The ticket's clock counts by it from now on.
  await expect.poll(due, { timeout: 15_000 }).not.toBe(before);

  // A second one, brought to the front by the keyboard, taken back, and by the button.
  await open('policies');
  await page.getByRole('button', { name: 'Thêm cam kết' }).click();
  await editor.getByLabel('Tên cam kết').fill('Khách khẩn');
  await editor
    .getByRole('group', { name: /^Mức ưu tiên/ })
    .getByText('Khẩn', { exact: true })
    .click();
  await editor.getByLabel('Trả lời lần đầu, ưu tiên Khẩn').fill('10m');
  await editor.getByLabel('Xử lý xong, ưu tiên Khẩn').fill('8h');
  await editor.getByRole('button', { name: 'Lưu cam kết' }).click();
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText('Khách khẩn');
  await rows
    .nth(1)
    .getByRole('button', { name: /^Khách khẩn/ })
    .focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(rows.first()).toContainText('Khách khẩn');
  await expect(page.getByText('Khách khẩn giờ ở vị trí 1')).toBeVisible();
  await page.getByRole('button', { name: 'Hoàn tác' }).last().click();
  await expect(rows.first()).toContainText('Chat ngoài giờ');
  await rows.nth(1).getByRole('button', { name: 'Đưa Khách khẩn lên' }).click();
  await expect(rows.first()).toContainText('Khách khẩn');
  await rows.nth(1).getByText('Đang dùng').click();
  await expect(rows.nth(1)).toHaveAttribute('data-active', 'false');
  await look(page, 'service-policies', true);
  await rows.nth(1).getByText('Đang tắt').click();
  await expect(rows.nth(1)).toHaveAttribute('data-active', 'true');
  // After a while it is still in the order that was saved.
  await open('calendars');
  await open('policies');
  await expect(rows.first()).toContainText('Khách khẩn');
});

test('a calendar that is in use stays, and says what a change of it would do', { tag: '@long' }, async () => {
  const { page } = quan;
  await open('calendars');
  const row = page.getByTestId('calendar-row');
  await expect(row).toContainText('Dùng cho: cam kết Chat ngoài giờ');
  await row.getByRole('button').click();
  const editor = page.getByTestId('calendar-editor');
  await expect(page.getByTestId('sla-preview')).toContainText('Không câu trả lời nào đổi kết quả');
  // Typed on from what can't be read to what can: the preview goes along.
  const closes = editor.getByTestId('weekday-0').getByLabel('Thứ hai, đóng lúc').nth(1);
  await closes.fill('1');
  await expect(page.getByTestId('sla-preview')).toContainText('Sửa những chỗ được báo');
  await closes.fill('19');
  await expect(page.getByTestId('sla-preview')).toContainText('Trả lời lần đầu');
  await editor.getByRole('button', { name: 'Bỏ thay đổi' }).click();
  await editor.getByRole('button', { name: 'Xóa lịch' }).click();
  const ask = page.getByRole('alertdialog');
  await expect(ask).toContainText('Đang dùng cho: cam kết Chat ngoài giờ');
  await expect(ask.getByRole('button', { name: 'Xóa lịch' })).toHaveCount(0);
  await look(page, 'service-calendar-in-use');
  await ask.getByRole('button', { name: 'Đóng' }).click();
  await editor.getByRole('button', { name: /Múi giờ/ }).click();
  await page.getByRole('combobox').fill('tokyo');
  await page.keyboard.press('Enter');
  await expect(editor.getByRole('button', { name: /Múi giờ/ })).toContainText('UTC+9');
  await editor.getByRole('button', { name: 'Bỏ thay đổi' }).click();
  await expect(editor.getByRole('button', { name: /Múi giờ/ })).toContainText('UTC+7');
  await editor.getByRole('button', { name: 'Quay lại danh sách' }).click();
  await expect(row).toBeVisible();

  // One that nothing counts by goes, once it was asked.
  await page.getByRole('button', { name: 'Thêm lịch' }).click();
  await editor.getByLabel('Tên lịch').fill('Tạm');
  await editor.getByRole('button', { name: 'Lưu lịch' }).click();
  await expect(row).toHaveCount(2);
  await row.filter({ hasText: 'Tạm' }).getByRole('button').click();
  await editor.getByRole('button', { name: 'Xóa lịch' }).click();
  await ask.getByRole('button', { name: 'Xóa lịch' }).click();
  await expect(row).toHaveCount(1);
});

test('in the smallest window; without the hub it can be read and not changed', { tag: '@long' }, async () => {
  const { page } = quan;
  await resize(1024, 640);
  for (const tab of ['calendars', 'policies'] as const) {
    await open(tab);
    await page
      .getByTestId(tab === 'calendars' ? 'calendar-row' : 'policy-row')
      .first()
      .getByRole('button')
      .first()
      .click();
    await page.waitForTimeout(200);
    await page.screenshot({ path: join(out, `service-${tab}-1024.png`) });
    await page.getByRole('button', { name: 'Quay lại danh sách' }).click();
  }
  await resize(1280, 900);
  await hub.stop();
  await expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'offline', { timeout: 30_000 });
  await open('policies');
  await expect(page.getByTestId('service-offline')).toBeVisible();
  await expect(page.getByTestId('policy-row')).toHaveCount(2);
  await look(page, 'service-policies-offline');
  await page.getByTestId('policy-row').first().getByRole('button').first().click();
  const editor = page.getByTestId('policy-editor');
  await editor.getByLabel('Tên cam kết').fill('Khách rất khẩn');
  await expect(editor.getByRole('button', { name: 'Lưu cam kết' })).toBeDisabled();
  await look(page, 'service-policy-offline');
});
