/** People, queues, skills and words in the real console: laid down, checked, and at once what others have. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { look } from '../harness/looks.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const out = join(import.meta.dirname, '../output/screens');
let dir: string;
let hub: HubProcess;
let quan: RunningConsole;
let browser: Browser;

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-people-'));
  chmodSync(dir, 0o755);
  hub = await new HubProcess(join(dir, 'hub')).start();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  quan = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'quan'), demoUser: 'quan@demo.truc.test' });
  await expect(quan.page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'online', { timeout: 30_000 });
});
test.afterAll(async () => {
  if (quan) await killConsole(quan.app);
  await browser?.close();
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const open = async (tab: 'people' | 'queues' | 'skills' | 'codes') => {
  await quan.page.getByTestId('open-channels').click();
  await quan.page.getByTestId(`admin-${tab}`).click();
};
const resize = (width: number, height: number) =>
  quan.app.evaluate(({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w ?? 1280, h ?? 720), [width, height]);
/** One of a list that a field opens. */
const choose = async (field: ReturnType<Page['getByRole']>, option: string | RegExp) => {
  await field.click();
  await quan.page.getByRole('option', { name: option }).click();
};

test('skills: made, given in a matrix, taken back, kept while a queue asks for them', { tag: '@long' }, async () => {
  const { page } = quan;
  await resize(1280, 900);
  await open('skills');
  await expect(page.getByText('Chưa có kỹ năng nào')).toBeVisible();
  await look(page, 'people-skills-none', true);
  for (const name of ['Tiếng Anh', 'Trả góp', 'Được hoàn tiền']) {
    await page.getByRole('button', { name: 'Thêm kỹ năng' }).click();
    await expect(page.getByLabel('Tên kỹ năng')).toBeFocused();
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('skill-matrix')).toContainText(name);
  }
  await page.getByRole('button', { name: 'Thêm kỹ năng' }).click();
  await page.keyboard.type('tiếng anh');
  await expect(page.getByText('Đã có kỹ năng tên này.')).toBeVisible();
  await page.keyboard.press('Escape');

  const lan = page.getByTestId('skill-person').filter({ hasText: 'Lan' });
  await choose(lan.getByRole('button', { name: /Tiếng Anh của/ }), 'Mức 4');
  await expect(lan.getByRole('button', { name: /Tiếng Anh của/ })).toContainText('Mức 4');
  await choose(lan.getByRole('button', { name: /Trả góp của/ }), 'Mức 2');
  await expect(page.getByText('Trả góp mức 2')).toBeVisible();
  await page.getByRole('button', { name: 'Hoàn tác' }).last().click();
  await expect(lan.getByRole('button', { name: /Trả góp của/ })).toContainText('Không');
  await look(page, 'people-skills', true);
});

test(
  'queues: what is wrong is named, work is given out as it was laid down, and the order is the administrator’s',
  { tag: '@long' },
  async () => {
    const { page } = quan;
    await open('queues');
    const rows = page.getByTestId('queue-row');
    await expect(rows).toHaveCount(3);
    await expect(rows.first()).toContainText('Tự nhận phiếu');
    await look(page, 'people-queues', true);

    await page.getByRole('button', { name: 'Thêm hàng đợi' }).click();
    const editor = page.getByTestId('queue-editor');
    await expect(editor.getByRole('button', { name: 'Lưu hàng đợi' })).toBeDisabled();
    await expect(editor.getByText('Đặt tên cho hàng đợi.')).toHaveCount(0);
    await expect(editor.getByLabel('Tên hàng đợi')).toBeFocused();
    await page.keyboard.type('khiếu nại');
    await expect(editor.getByText('Đã có hàng đợi tên này.')).toBeVisible();
    await editor.getByLabel('Tên hàng đợi').fill('Khách nước ngoài');
    await editor.getByRole('group', { name: 'Người phụ trách' }).getByText('Lan', { exact: false }).first().click();
    await editor.getByText('Tự phân', { exact: true }).click();
    await editor.getByLabel('Chat', { exact: true }).first().fill('nhanh');
    await expect(editor.getByText('Viết như 30s, 2m hoặc 1h.')).toBeVisible();
    await editor.getByLabel('Cuộc gọi').first().fill('1h');
    await expect(editor.getByText('Nhiều nhất 10 phút.')).toBeVisible();
    await editor.getByRole('button', { name: 'Thêm kỹ năng' }).click();
    await choose(
      editor
        .getByTestId('queue-need')
        .getByRole('button', { name: /Kỹ năng/ })
        .first(),
      'Tiếng Anh',
    );
    await editor.getByLabel('Vòng 2').fill('5s');
    await editor.getByText('Chuyển phiếu đi nơi khác khi không ai làm kịp').click();
    await expect(editor.getByText('Chọn nơi chuyển tới.').first()).toBeVisible();
    await editor.getByTestId('faults').click();
    await look(page, 'people-queue-wrong', true);
    await editor.getByLabel('Chat', { exact: true }).first().fill('30 giây');
    await editor.getByLabel('Cuộc gọi').first().fill('20s');
    await expect(editor.getByText('Vòng sau không được ngắn hơn vòng trước.')).toBeVisible();
    await editor.getByLabel('Vòng 2').fill('60s');
    await choose(editor.getByRole('button', { name: /Chuyển tới/ }), 'Hàng đợi Khiếu nại');
    await expect(editor.getByTestId('faults')).toHaveCount(0);
    await look(page, 'people-queue-editor', true);
    await editor.getByLabel('Tên hàng đợi').focus();
    await page.keyboard.press('Control+s');
    await expect(rows).toHaveCount(4);
    await expect(rows.nth(3)).toContainText('Tự phân việc');
    await expect(rows.nth(3)).toContainText('1 người phụ trách');

    // Whoever has every queue has one more now: their console connects anew.
    await expect(async () => {
      await rows
        .nth(3)
        .getByRole('button', { name: /^Khách nước ngoài/ })
        .focus();
      await page.keyboard.press('Alt+ArrowUp');
      await expect(rows.nth(2)).toContainText('Khách nước ngoài', { timeout: 1000 });
    }).toPass({ timeout: 20_000 });
    await expect(page.getByText('Khách nước ngoài giờ ở vị trí 3')).toBeVisible();
    await page.getByRole('button', { name: 'Hoàn tác' }).last().click();
    await expect(rows.nth(3)).toContainText('Khách nước ngoài');

    // What is laid down is what is read again; a skill that is asked for stays, and so does a queue with tickets.
    await rows
      .nth(3)
      .getByRole('button', { name: /^Khách nước ngoài/ })
      .click();
    await expect(editor.getByLabel('Vòng 2')).toHaveValue('1m');
    await expect(editor.getByRole('button', { name: 'Lưu hàng đợi' })).toBeDisabled();
    await editor.getByRole('button', { name: 'Quay lại danh sách' }).click();
    await open('skills');
    await page.getByRole('button', { name: 'Xóa Tiếng Anh' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Xóa Tiếng Anh' }).click();
    await expect(page.getByText('Chưa xóa được: hàng đợi Khách nước ngoài đang đòi kỹ năng này.')).toBeVisible();
    await open('queues');
    await rows.first().getByRole('button').first().click();
    await editor.getByRole('button', { name: 'Xóa hàng đợi' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Xóa hàng đợi' }).click();
    await expect(editor.getByTestId('refused')).toContainText('đã từng có phiếu');
    await editor.getByRole('button', { name: 'Quay lại danh sách' }).click();

    // Teams.
    await page.getByRole('button', { name: 'Thêm đội' }).click();
    await page.keyboard.type('Ca tối');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('team-row').filter({ hasText: 'Ca tối' })).toContainText('0 người, 0 hàng đợi');
    await page.getByRole('button', { name: 'Xóa đội Chăm sóc khách hàng' }).click();
    await expect(page.getByText(/thuộc đội này/)).toBeVisible();
  },
);

test('somebody is invited, chooses a password, works, and leaves with everything handed over', { tag: '@long' }, async () => {
  const { page } = quan;
  await open('people');
  const rows = page.getByTestId('person-row');
  await expect(rows).toHaveCount(5);
  await look(page, 'people-people', true);
  await page.getByRole('button', { name: 'Mời người mới' }).click();
  const editor = page.getByTestId('person-editor');
  await expect(editor.getByLabel('Họ tên')).toBeFocused();
  await page.keyboard.type('Bích Ngọc');
  await editor.getByLabel('Email đăng nhập').fill('lan@demo.truc.test');
  await editor.getByText('Mức riêng').click();
  await expect(editor.getByText(/Email này đã là của .*Lan/)).toBeVisible();
  await editor.getByLabel('Chat', { exact: true }).fill('nhiều');
  await expect(editor.getByText('Nhập số từ 0 đến 100.')).toBeVisible();
  await expect(editor.getByRole('button', { name: 'Tạo link mời' })).toBeDisabled();
  await look(page, 'people-person-wrong', true);
  await editor.getByLabel('Email đăng nhập').fill('ngoc@saomai.example');
  await editor.getByLabel('Chat', { exact: true }).fill('2');
  await editor
    .getByRole('group', { name: /^Phụ trách hàng đợi/ })
    .getByText('Tư vấn mua hàng')
    .click();
  await editor.getByRole('button', { name: 'Tạo link mời' }).click();
  const link = page.getByTestId('person-link');
  await expect(link).toContainText('Link cho Bích Ngọc');
  const address = (await link.locator('code').textContent()) ?? '';
  expect(address).toMatch(/^http:\/\/[^/]+\/join\?lang=vi#[\w-]{43}$/);
  await look(page, 'people-link');
  await link.getByRole('button', { name: 'Đã chép, đóng lại' }).click();
  await page.getByText('Đã mời (1)').click();
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('Chờ đặt mật khẩu');

  // The page that the link leads to, in a browser of theirs.
  for (const colorScheme of ['light', 'dark'] as const) {
    const tab = await browser.newPage({ colorScheme, viewport: { width: 900, height: 760 } });
    const told: string[] = [];
    tab.on('console', (message) => message.type() === 'error' && told.push(message.text()));
    await tab.goto(address);
    await expect(tab.getByRole('heading', { name: 'Đặt mật khẩu' })).toBeVisible();
    await expect(tab.getByLabel('Mật khẩu mới')).toBeFocused();
    await tab.screenshot({ path: join(out, `people-join-${colorScheme}-vi.png`) });
    await tab.getByRole('button', { name: 'English' }).click();
    await expect(tab.getByRole('heading', { name: 'Choose your password' })).toBeVisible();
    await tab.getByLabel('New password').fill('ngắn');
    await tab.getByRole('button', { name: 'Set password' }).click();
    await expect(tab.getByRole('alert')).toContainText('at least 10 characters');
    await tab.screenshot({ path: join(out, `people-join-wrong-${colorScheme}-en.png`) });
    if (colorScheme === 'dark') {
      await tab.getByLabel('New password').fill('mèo con đi học');
      await tab.getByLabel('The same password again').fill('mèo con đi chơi');
      await tab.getByRole('button', { name: 'Set password' }).click();
      await expect(tab.getByRole('alert')).toContainText('not the same');
      await tab.getByLabel('The same password again').fill('mèo con đi học');
      await tab.keyboard.press('Enter');
      await expect(tab.getByText('ngoc@saomai.example')).toBeVisible();
      expect(tab.url()).not.toContain('#');
      await tab.screenshot({ path: join(out, `people-join-done-${colorScheme}-en.png`) });
      const again = await browser.newPage();
      await again.goto(address);
      await again.getByLabel('Mật khẩu mới').fill('mèo con đi học');
      await again.getByLabel('Nhập lại mật khẩu').fill('mèo con đi học');
      await again.getByRole('button', { name: 'Đặt mật khẩu' }).click();
      await expect(again.getByRole('alert')).toContainText('Link này đã dùng');
      await again.close();
    }
    // Nothing was kept from running, or asked for elsewhere, that the page needs. A link that is used up is answered as such.
    expect(told.filter((text) => !text.includes('410'))).toEqual([]);
    await tab.close();
  }

  // They are at work; their console has what they serve.
  const ngoc = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'ngoc') });
  await ngoc.page.getByLabel('Email').fill('ngoc@saomai.example');
  await ngoc.page.getByLabel('Mật khẩu').fill('mèo con đi học');
  await ngoc.page.keyboard.press('Enter');
  await expect(ngoc.page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'online', { timeout: 30_000 });
  await ngoc.page.getByTestId('view-unassigned').click();
  await expect(ngoc.page.getByTestId('inbox-row').first()).toBeVisible();

  await page.getByText(/Đang làm \(6\)/).click();
  await page.getByLabel('Tìm theo tên').fill('bich ngoc');
  await expect(rows).toHaveCount(1);
  await rows.first().getByRole('button').click();
  const access = page.getByTestId('person-access');
  await expect(access).toContainText('Dùng gần nhất');
  await expect(editor.getByLabel('Chat', { exact: true })).toHaveValue('2');
  await look(page, 'people-person-editor', true);
  await access.getByRole('button', { name: 'Cho nghỉ' }).click();
  const ask = page.getByRole('alertdialog');
  await expect(ask).toContainText('Cho Bích Ngọc nghỉ?');
  await ask.getByRole('button', { name: 'Thôi' }).click();

  // With something in hand it is asked to whom it goes.
  await ngoc.page.getByTestId('inbox-row').first().click();
  await ngoc.page.keyboard.press('i');
  await access.getByRole('button', { name: 'Cho nghỉ' }).click();
  await expect(ask).toContainText('1 phiếu đang giữ sẽ chuyển cho');
  await choose(ask.getByRole('button', { name: /đang giữ/ }), /Lan/);
  await expect(ask).toContainText('sẽ về hàng đợi');
  await look(page, 'people-deactivate');
  await ask.getByRole('button', { name: 'Cho nghỉ' }).click();
  await expect(ngoc.page.getByText(/Máy này đã bị thu quyền truy cập/)).toBeVisible({ timeout: 20_000 });
  await killConsole(ngoc.app);
  await page.getByLabel('Tìm theo tên').fill('');
  await page.getByText('Đã nghỉ (1)').click();
  await rows.first().getByRole('button').click();
  await access.getByRole('button', { name: 'Cho làm lại' }).click();
  await expect(access.getByRole('button', { name: 'Đặt lại mật khẩu' })).toBeVisible();
  await access.getByRole('button', { name: 'Đặt lại mật khẩu' }).click();
  await ask.getByRole('button', { name: 'Tạo link' }).click();
  await expect(link).toContainText('Dùng một lần');
  await link.getByRole('button', { name: 'Đã chép, đóng lại' }).click();
  await expect(access).toContainText('Link còn dùng được');
  await editor.getByRole('button', { name: 'Quay lại danh sách' }).click();

  // The only administrator stays one.
  await page.getByText(/Đang làm/).click();
  await rows.filter({ hasText: 'Bạn' }).getByRole('button').click();
  await expect(access.getByRole('button', { name: 'Cho nghỉ' })).toBeDisabled();
  await choose(editor.getByRole('button', { name: /Vai trò/ }), 'Nhân viên');
  await expect(editor.getByText('Đây là quản trị viên duy nhất', { exact: false }).first()).toBeVisible();
  await expect(editor.getByRole('button', { name: 'Lưu', exact: true })).toBeDisabled();
  await editor.getByRole('button', { name: 'Bỏ thay đổi' }).click();
  await editor.getByRole('button', { name: 'Quay lại danh sách' }).click();
});

test('words: added, put in order, switched off, deleted and taken back', { tag: '@long' }, async () => {
  const { page } = quan;
  await open('codes');
  const reasons = page.getByTestId('codes-reason');
  const rows = reasons.getByTestId('code-row');
  await expect(rows.first()).toBeVisible();
  await look(page, 'people-codes', true);
  const before = await rows.count();
  await reasons.getByRole('button', { name: 'Thêm lý do' }).click();
  const sheet = page.getByTestId('code-sheet');
  await expect(sheet.getByLabel('Tên')).toBeFocused();
  await page.keyboard.type('hóa đơn');
  await expect(sheet.getByText('Đã có tên này.')).toBeVisible();
  await sheet.getByLabel('Tên').fill('Đặt lịch lắp đặt');
  await sheet.getByText('Chỉ một số hàng đợi').click();
  await expect(sheet.getByRole('button', { name: 'Lưu' })).toBeDisabled();
  await sheet.getByText('Bảo hành', { exact: true }).click();
  await look(page, 'people-code');
  await sheet.getByRole('button', { name: 'Lưu' }).click();
  await expect(rows).toHaveCount(before + 1);
  await expect(rows.last()).toContainText('Bảo hành');
  await rows
    .last()
    .getByRole('button', { name: /^Đặt lịch/ })
    .focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(rows.nth(before - 1)).toContainText('Đặt lịch lắp đặt');
  await rows
    .nth(before - 1)
    .getByText('Đang dùng')
    .click();
  await expect(rows.nth(before - 1)).toHaveAttribute('data-active', 'false');
  await rows
    .nth(before - 1)
    .getByRole('button', { name: /^Đặt lịch/ })
    .click();
  await sheet.getByRole('button', { name: 'Xóa' }).click();
  await expect(rows).toHaveCount(before);
  await expect(page.getByText('Đã xóa Đặt lịch lắp đặt')).toBeVisible();
  await page.getByRole('button', { name: 'Hoàn tác' }).last().click();
  await expect(rows).toHaveCount(before + 1);
});

test('in the smallest window; without the hub it can be read and not changed', { tag: '@long' }, async () => {
  const { page } = quan;
  await resize(1024, 640);
  for (const tab of ['people', 'queues', 'skills', 'codes'] as const) {
    await open(tab);
    await page.waitForTimeout(200);
    await page.screenshot({ path: join(out, `people-${tab}-1024.png`) });
  }
  await open('queues');
  await page.getByTestId('queue-row').last().getByRole('button').first().click();
  await page.screenshot({ path: join(out, `people-queue-editor-1024.png`) });
  await page.getByRole('button', { name: 'Quay lại danh sách' }).click();
  await resize(1280, 900);
  await hub.stop();
  await expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'offline', { timeout: 30_000 });
  for (const tab of ['people', 'queues', 'skills', 'codes'] as const) {
    await open(tab);
    await expect(page.getByTestId('service-offline')).toBeVisible();
    await look(page, `people-${tab}-offline`);
  }
  await expect(page.getByTestId('code-row').first().getByRole('checkbox')).toBeDisabled();
});
