/** Administration in the real console: channels are connected, tried and mended, webhooks followed, the bot taught. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { verifyWebhook } from '../../server/src/webhooks/sign.ts';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { look } from '../harness/looks.ts';
import { mailPassword, type MailServers, mailUsers, startMailServers } from '../harness/mail-servers.ts';
import { Receiver } from '../harness/receiver.ts';
import { type SmtpPeer, startSmtpPeer } from '../harness/smtp-peer.ts';
import { Visitor } from '../harness/visitor.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const out = join(import.meta.dirname, '../output/screens');
let dir: string;
let hub: HubProcess;
let receiver: Receiver;
let mail: MailServers;
let peer: SmtpPeer;
let quan: RunningConsole;

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-admin-'));
  chmodSync(dir, 0o755);
  receiver = await Receiver.start();
  [mail, peer] = await Promise.all([startMailServers(), startSmtpPeer({})]);
  hub = await new HubProcess(join(dir, 'hub'), {
    TRUC_WEBHOOK_HOSTS: receiver.host,
    TRUC_WEBHOOK_STEPS: '0,0.05,0.05',
    TRUC_CHECK_TIMEOUT: '5',
    TRUC_DEMO_BOT: '1',
  }).start();
  quan = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'quan'), demoUser: 'quan@demo.truc.test' });
  await expect(quan.page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'online', { timeout: 30_000 });
  await quan.page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { violated: seen });
    document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
  });
});
test.afterAll(async () => {
  if (quan) await killConsole(quan.app);
  await hub?.stop();
  await peer?.stop();
  await mail?.stop();
  await receiver?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const card = (name: string) => quan.page.getByTestId('channel-card').filter({ hasText: name });
const open = async (tab: 'channels' | 'bot' | 'webhooks') => {
  await quan.page.getByTestId('open-channels').click();
  await quan.page.getByTestId(`admin-${tab}`).click();
};

test(
  'a program is connected: what is wrong is named, its key is shown once and works, a test says how it is',
  { tag: '@long' },
  async () => {
    const { page } = quan;
    await open('channels');
    await page.getByRole('button', { name: 'Thêm kênh' }).click();
    const adding = page.getByTestId('add-channel');
    await adding.getByRole('button', { name: 'Thêm', exact: true }).click();
    await expect(adding.getByText('Tên kênh: hãy điền mục này.')).toBeVisible();
    await adding.getByRole('button', { name: /Loại kênh/ }).click();
    await page.getByRole('option', { name: /API/ }).click();
    await adding.getByLabel('Tên kênh').fill('CRM của Sao Mai');
    await adding.getByRole('button', { name: 'Thêm', exact: true }).click();
    const crm = card('CRM của Sao Mai');
    await expect(crm).toHaveAttribute('data-state', 'unconnected');
    const form = crm.getByTestId('connect-form');
    await form.getByLabel('Địa chỉ nhận câu trả lời').fill('saomai.vn/hook');
    await form.getByRole('region', { name: 'Khóa API' }).getByRole('button', { name: 'Tạo mã mới' }).click();
    await form.getByRole('region', { name: 'Mã ký webhook' }).getByRole('button', { name: 'Tạo mã mới' }).click();
    const [key, secret] = (await form.getByTestId('secret-once').locator('code').allTextContents()) as [string, string];
    expect([key.startsWith('truc_'), secret.startsWith('whsec_')]).toEqual([true, true]);
    await form.getByRole('button', { name: 'Lưu và thử ngay' }).click();
    await expect(form.getByTestId('form-wrong')).toContainText('Địa chỉ nhận câu trả lời (webhook): cần một địa chỉ bắt đầu bằng https://');
    await look(page, 'admin-api-form-wrong');
    await form.getByLabel('Địa chỉ nhận câu trả lời').fill(receiver.url);
    await form.getByRole('button', { name: 'Lưu và thử ngay' }).click();
    await expect(crm).toHaveAttribute('data-state', 'ok');
    // Nowhere any more.
    expect(await page.content()).not.toContain(key);

    const id = (await crm.getAttribute('data-channel'))!;
    const send = (bearer: string) =>
      fetch(`${hub.url}/api/v1/channels/${id}/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}` },
        body: JSON.stringify({
          id: 'm-1',
          contact: { external_id: 'c-1' },
          conversation: { external_id: 'v-1' },
          message: { text: 'Xin chào' },
        }),
      });
    expect((await send(key)).status).toBe(201);
    await crm.getByRole('button', { name: 'Gửi thử' }).click();
    await expect(crm.getByTestId('check-result')).toHaveAttribute('data-ok', 'true');
    const told = receiver.told.at(-1)!;
    expect(verifyWebhook([secret], told.headers, told.raw, Date.now()).ok).toBe(true);
    receiver.answers.push({ status: 503 });
    await crm.getByRole('button', { name: 'Gửi thử' }).click();
    await expect(crm.getByTestId('check-result')).toHaveAttribute('data-ok', 'false');
    await expect(crm.getByTestId('check-result')).toContainText('Bên nhận trả lời chưa đúng');
    // Somebody comes with another key: it is said, with what to look at.
    expect((await send('wrong')).status).toBe(401);
    await page.getByRole('button', { name: 'Tải lại' }).click();
    await expect(crm.getByTestId('refused')).toContainText('sai khóa API');
    await crm.scrollIntoViewIfNeeded();
    await look(page, 'admin-api-tested');

    // A new key beside the old one, then the old one goes.
    await crm.getByRole('button', { name: 'Đổi cài đặt' }).click();
    const keys = crm.getByRole('region', { name: 'Khóa API' });
    await keys.getByRole('button', { name: 'Tạo mã mới' }).click();
    const second = (await keys.locator('code').textContent())!;
    await crm.getByRole('button', { name: 'Lưu và thử ngay' }).click();
    await expect(crm.getByTestId('connect-form')).toHaveCount(0);
    expect([(await send(key)).status, (await send(second)).status]).toEqual([200, 200]);
    await crm.getByRole('button', { name: 'Đổi cài đặt' }).click();
    await expect(keys).toContainText('Đang có 2 mã');
    await keys.getByRole('button', { name: 'Bỏ mã cũ' }).click();
    await crm.getByRole('button', { name: 'Lưu và thử ngay' }).click();
    await expect(crm.getByTestId('connect-form')).toHaveCount(0);
    expect([(await send(key)).status, (await send(second)).status]).toEqual([401, 200]);
  },
);

test('a mailbox: a preset fills the servers in, a wrong one is named, and a test really signs in and sends', { tag: '@long' }, async () => {
  const { page } = quan;
  await page.getByRole('button', { name: 'Thêm kênh' }).click();
  const adding = page.getByTestId('add-channel');
  await adding.getByLabel('Tên kênh').fill('Hộp thư kho');
  await adding.getByRole('button', { name: 'Thêm', exact: true }).click();
  const box = card('Hộp thư kho');
  const form = box.getByTestId('connect-form');
  await form.getByText('Gmail').click();
  await expect(form.getByLabel('Máy chủ nhận (IMAP)')).toHaveValue('imap.gmail.com');
  await form.scrollIntoViewIfNeeded();
  await look(page, 'admin-mail-form');
  await form.getByText('Máy chủ khác').click();
  await form.getByLabel('Địa chỉ thư').fill(mailUsers.shop);
  await form.getByRole('textbox', { name: 'Mật khẩu' }).fill(mailPassword);
  await form.getByLabel('Máy chủ nhận (IMAP)').fill('127.0.0.1');
  await form.getByLabel('Cổng IMAP').fill('imap');
  await form.getByRole('radiogroup', { name: 'Bảo mật IMAP' }).getByText('Không mã hóa').click();
  await form.getByLabel('Máy chủ gửi (SMTP)').fill('127.0.0.1');
  await form.getByLabel('Cổng SMTP').fill(String(peer.port));
  await form.getByRole('radiogroup', { name: 'Bảo mật SMTP' }).getByText('Không mã hóa').click();
  await form.getByRole('button', { name: 'Lưu và thử ngay' }).click();
  await expect(form.getByTestId('form-wrong')).toHaveText('Cổng IMAP: cần một số trong khoảng cho phép.');
  await form.getByLabel('Cổng IMAP').fill(String(mail.imap.port));
  await form.getByRole('button', { name: 'Lưu và thử ngay' }).click();
  await expect(form).toHaveCount(0);
  await box.getByRole('button', { name: 'Gửi thử' }).click();
  await expect(box.getByTestId('check-result')).toHaveAttribute('data-ok', 'true');
  expect(peer.heard.at(-1)).toContain(mailUsers.shop);
  await box.getByRole('button', { name: 'Đổi cài đặt' }).click();
  await box.getByRole('textbox', { name: 'Mật khẩu' }).fill('sai');
  await box.getByRole('button', { name: 'Lưu và thử ngay' }).click();
  await expect(form).toHaveCount(0);
  await box.getByRole('button', { name: 'Gửi thử' }).click();
  await expect(box.getByTestId('check-result')).toHaveAttribute('data-ok', 'false');
  await expect(box.getByTestId('check-result')).toContainText('mật khẩu không còn dùng được');
  await box.scrollIntoViewIfNeeded();
  await look(page, 'admin-mail-tested');
});

test(
  'an exchange: who has which extension, in a table; its token is made here, and what comes with it is taken',
  { tag: '@long' },
  async () => {
    const { page } = quan;
    const line = page.locator('[data-channel="demo-cti"]');
    await line.getByRole('button', { name: 'Đổi cài đặt' }).click();
    const people = line.getByRole('region', { name: 'Máy nhánh của nhân viên' });
    await people.getByRole('button', { name: 'Thêm dòng' }).click();
    await people.getByLabel('Tên hoặc số máy nhánh').fill('101');
    await people.getByRole('button', { name: /Nhân viên/ }).click();
    await page.getByRole('option', { name: /Lan/ }).first().click();
    await line.getByRole('button', { name: 'Tạo mã mới' }).click();
    const token = (await line.getByTestId('secret-once').locator('code').textContent())!;
    await line.getByRole('button', { name: 'Lưu và thử ngay' }).scrollIntoViewIfNeeded();
    await look(page, 'admin-exchange-form');
    await line.getByRole('button', { name: 'Lưu và thử ngay' }).click();
    await expect(line.getByTestId('connect-form')).toHaveCount(0);
    const ring = (to: string) =>
      fetch(`${hub.url}/hooks/cti/${to}`, {
        method: 'POST',
        body: new URLSearchParams({
          event: 'newCall',
          callId: 'a-1',
          from: '0912345678',
          to: '19001234',
          direction: 'in',
          'user[]': '101',
        }),
      });
    expect([(await ring('demo-cti')).status, (await ring(token)).status]).toEqual([404, 200]);
    await line.getByRole('button', { name: 'Đổi cài đặt' }).click();
    await expect(people.getByLabel('Tên hoặc số máy nhánh')).toHaveValue('101');
    await line.getByRole('button', { name: 'Thôi' }).click();
    await line.getByRole('button', { name: 'Gửi thử' }).click();
    await expect(line.getByTestId('check-result')).toContainText('Gọi thử một cuộc vào hotline');
  },
);

test('the chat of web pages: what is embedded, what is asked first, a secret that is made here', { tag: '@long' }, async () => {
  const { page } = quan;
  const chat = page.locator('[data-channel="demo-widget"]');
  await chat.getByRole('button', { name: 'Đổi cài đặt' }).click();
  await expect(chat).toContainText(`<script src="${hub.url}/widget.js?channel=demo-widget" async></script>`);
  await chat.getByLabel('Tên miền được nhúng').fill('not a domain!');
  await chat.getByText('Hỏi thông tin trước khi chat').click();
  await chat.getByRole('button', { name: 'Tạo mã mới' }).click();
  await chat.getByRole('button', { name: 'Lưu và thử ngay' }).click();
  await expect(chat.getByTestId('form-wrong')).toContainText('Tên miền được nhúng: cần tên miền');
  await look(page, 'admin-chat-form');
  await chat.getByLabel('Tên miền được nhúng').fill('');
  await chat.getByText('Hỏi thông tin trước khi chat').click();
  await chat.getByRole('button', { name: 'Lưu và thử ngay' }).click();
  await expect(chat.getByTestId('connect-form')).toHaveCount(0);
});

test('webhooks: added, tried, followed, sent again, switched off and on, deleted', { tag: '@long' }, async () => {
  const { page } = quan;
  await open('webhooks');
  await expect(page.getByText('Chưa có webhook nào')).toBeVisible();
  await look(page, 'admin-webhooks-none');
  await page.getByRole('button', { name: 'Thêm webhook' }).click();
  const adding = page.getByTestId('add-webhook');
  await adding.getByLabel('Địa chỉ nhận (URL)').fill('crm');
  await adding.getByRole('button', { name: 'Thêm', exact: true }).click();
  await expect(adding.getByText('Địa chỉ nhận (URL): cần một địa chỉ bắt đầu bằng https://')).toBeVisible();
  await adding.getByLabel('Địa chỉ nhận (URL)').fill(receiver.url);
  await look(page, 'admin-webhooks-add');
  await adding.getByRole('button', { name: 'Thêm', exact: true }).click();
  const hook = page.getByTestId('webhook-card');
  const secret = (await hook.getByTestId('secret-once').locator('code').textContent())!;
  await hook.getByRole('button', { name: 'Gửi thử' }).click();
  const lines = hook.getByTestId('delivery');
  await expect(lines.first()).toHaveAttribute('data-state', 'sent');
  const first = receiver.told.at(-1)!;
  expect([first.body.type, verifyWebhook([secret], first.headers, first.raw, Date.now()).ok]).toEqual(['webhook.test', true]);
  const before = receiver.told.length;
  await lines.first().getByRole('button', { name: 'Gửi lại' }).click();
  await expect.poll(() => receiver.told.length).toBe(before + 1);
  expect(receiver.told.at(-1)!.id).toBe(first.id);
  // What fails to the end switches it off; the log says what the receiver said.
  receiver.answers.push({ status: 500 }, { status: 500 }, { status: 500 });
  await hook.getByRole('button', { name: 'Gửi thử' }).click();
  await expect(lines.first()).toHaveAttribute('data-state', 'failed');
  await page.getByRole('button', { name: 'Tải lại' }).click();
  await expect(hook).toHaveAttribute('data-state', 'disabled');
  await lines.first().locator('summary').click();
  await expect(lines.first()).toContainText('Bên nhận trả lời');
  await look(page, 'admin-webhooks-log');
  await hook.getByRole('button', { name: 'Bật lại' }).click();
  await expect(hook).toHaveAttribute('data-state', 'active');
  await hook.getByRole('button', { name: 'Tôi đã cất mã' }).click();
  await expect(hook.getByTestId('secret-once')).toHaveCount(0);
  await hook.getByRole('button', { name: 'Xóa' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Xóa' }).click();
  await expect(hook).toHaveCount(0);
});

test('the bot is taught: what is wrong is named, tried before it is saved, and a visitor hears it', { tag: '@long' }, async () => {
  const { page } = quan;
  const asked = 'Shop có bán thẻ quà tặng không';
  const visitor = await new Visitor(hub.url).open();
  await visitor.say(asked);
  const answers = async () => (await visitor.messages()).filter(({ from }) => from === 'bot').map(({ body }) => body);
  await expect.poll(answers).toHaveLength(1);
  await open('bot');
  const editor = page.getByTestId('bot-editor');
  const rules = editor.getByTestId('bot-rule');
  await expect(rules).toHaveCount(3);
  await look(page, 'admin-bot');
  // Moved by the keyboard, and taken back.
  await editor.getByRole('button', { name: 'Đưa quy tắc 3 lên' }).focus();
  await page.keyboard.press('Enter');
  await expect(rules.nth(1)).toContainText('đổi trả');
  await editor.getByRole('button', { name: 'Hoàn tác' }).click();
  await expect(rules.nth(2)).toContainText('đổi trả');
  // A question that was missed becomes a rule.
  const question = page.getByTestId('bot-question').filter({ hasText: asked });
  await question.getByRole('button', { name: 'Tạo quy tắc' }).click();
  await expect(rules).toHaveCount(4);
  await editor.getByRole('button', { name: 'Lưu bot' }).click();
  await expect(page.getByTestId('bot-wrong')).toContainText('Quy tắc 4 · Bot trả lời: quy tắc chưa làm gì');
  await look(page, 'admin-bot-wrong');
  await rules.nth(3).getByLabel('Bot trả lời').fill('Dạ có thẻ 200.000đ và 500.000đ ạ.');
  await rules.nth(3).getByLabel('Khách nói có các từ khóa').fill('thẻ quà, mua\nvoucher');
  await editor.getByLabel('Lời chào').fill('Sao Mai chào bạn!');
  await expect(question).toContainText('Đã có quy tắc');
  // Nothing is lost by looking elsewhere.
  await open('channels');
  await expect(page.getByTestId('admin-bot').getByRole('img', { name: 'có thay đổi chưa lưu' })).toBeVisible();
  await page.getByTestId('view-mine').click();
  await open('bot');
  const trial = page.getByTestId('try-bot');
  await trial.getByLabel('Thử nói như khách').fill('em muốn mua the qua');
  await page.keyboard.press('Enter');
  await expect(trial).toContainText('Sao Mai chào bạn!');
  await expect(trial).toContainText('thẻ 200.000đ');
  await trial.getByLabel('Thử nói như khách').fill('abc xyz');
  await page.keyboard.press('Enter');
  await expect(trial).toContainText('Bot chưa có câu trả lời');
  await look(page, 'admin-bot-try');
  await editor.getByRole('button', { name: 'Lưu bot' }).click();
  await expect(page.getByTestId('admin-bot').getByRole('img')).toHaveCount(0);
  await visitor.say('có voucher không ạ');
  await expect.poll(answers).toHaveLength(2);
  expect((await answers()).at(-1)).toBe('Dạ có thẻ 200.000đ và 500.000đ ạ.');
  const other = await new Visitor(hub.url).open();
  await other.say('voucher');
  await expect.poll(async () => (await other.messages()).filter(({ from }) => from === 'bot').length).toBe(2);
  expect((await other.messages())[1]!.body).toBe('Sao Mai chào bạn!');
});

test('a bot outside of the hub: its secret is shown once, and a test reaches it', { tag: '@long' }, async () => {
  const { page } = quan;
  await page.getByRole('button', { name: 'Thêm bot bên ngoài' }).click();
  await page.getByLabel('Tên bot', { exact: true }).fill('Bot tư vấn');
  await page.getByLabel(/Mã bot/).fill('tu-van');
  await page.getByLabel('Địa chỉ nhận câu trả lời').fill(receiver.url);
  await page.getByRole('button', { name: 'Lưu', exact: true }).click();
  const bot = page.getByTestId('outside-bot').filter({ hasText: 'Bot tư vấn' });
  const secret = (await bot.getByTestId('secret-once').locator('code').textContent())!;
  await bot.getByRole('button', { name: 'Gửi thử' }).click();
  await expect(bot.getByTestId('check-result')).toHaveAttribute('data-ok', 'true');
  const told = receiver.told.at(-1)!;
  expect(verifyWebhook([secret], told.headers, told.raw, Date.now()).ok).toBe(true);
  await bot.scrollIntoViewIfNeeded();
  await look(page, 'admin-bot-outside');
});

test('by the keyboard from part to part; without the hub it says what is safe', { tag: '@long' }, async () => {
  const { page } = quan;
  await open('channels');
  await page.getByTestId('admin-channels').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('admin-bot')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('admin-webhooks')).toHaveAttribute('aria-selected', 'true');
  await open('channels');
  await look(page, 'admin-channels');
  // In the smallest window.
  await quan.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1024, 640));
  for (const tab of ['channels', 'bot'] as const) {
    await open(tab);
    await page.waitForTimeout(200);
    await page.screenshot({ path: join(out, `admin-${tab}-1024.png`) });
  }
  await hub.stop();
  await open('webhooks');
  await expect(page.getByText('Chưa kết nối được với trung tâm')).toBeVisible();
  await look(page, 'admin-offline');
  // The forms check what is written without making code of it.
  expect(await page.evaluate(() => (window as unknown as { violated: string[] }).violated)).toEqual([]);
});
