/** The chat widget's form, files, limits and looks in a real browser: by keyboard, on a telephone, and as axe sees it. */
import { expect, test } from '@playwright/test';
import { accessible, attach, frameOf, look, png, ShopPage } from '../harness/shop-page.ts';

test.describe.configure({ mode: 'default', timeout: 90_000 });

let shop: ShopPage;
test.beforeAll(async () => {
  shop = await ShopPage.open();
});
test.afterAll(() => shop?.stop());

const asking = {
  preChat: { name: 'required', phone: 'optional', email: 'optional' },
  consent: {
    vi: 'Tôi đồng ý để cửa hàng lưu thông tin này để trả lời tôi.',
    en: 'I agree that the shop keeps these details to answer me.',
  },
};

test('the form before the first message: named errors, what was typed survives, consent is asked for', { tag: '@long' }, async () => {
  await shop.setUp(asking);
  const { page, chat } = await shop.enter();
  const name = chat.getByLabel('Tên của bạn');
  const phone = chat.getByLabel(/Số điện thoại/);
  const consent = chat.getByRole('checkbox', { name: asking.consent.vi });
  await expect(name).toBeFocused();
  await expect(chat.locator('textarea')).toBeHidden();
  await expect(phone).toHaveAttribute('inputmode', 'tel');
  await expect(name).toHaveAttribute('autocomplete', 'name');
  await look(page, 'form-vi');
  await chat.getByRole('button', { name: 'Bắt đầu trò chuyện' }).click();
  await expect(name).toBeFocused();
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toHaveAccessibleDescription(/Thiếu tên/);
  await expect(consent).toHaveAccessibleDescription(/Chưa có sự đồng ý/);
  await expect(phone).not.toHaveAttribute('aria-invalid');
  await name.fill('Cô Thủy');
  await expect(name).not.toHaveAttribute('aria-invalid');
  // A number that only the hub can tell is none.
  await phone.fill('123456789');
  await consent.check();
  await page.reload();
  await page.getByRole('button', { name: /Mở cửa sổ chat/ }).click();
  await expect(name).toHaveValue('Cô Thủy');
  await expect(consent).toBeChecked();
  await chat.getByRole('button', { name: 'Bắt đầu trò chuyện' }).click();
  await expect(phone).toHaveAccessibleDescription(/Số điện thoại chưa đúng/);
  await expect(phone).toBeFocused();
  await look(page, 'form-error-vi');
  await phone.fill('0912 345 678');
  // The answer waits for the line, and the first message behind it.
  shop.line.cut();
  await expect(chat.locator('.offline')).toBeVisible();
  await chat.getByRole('button', { name: 'Bắt đầu trò chuyện' }).click();
  await chat.locator('textarea').fill('Tôi là cô Thủy');
  await chat.locator('.send').click();
  await expect(chat.locator('.message.pending')).toBeVisible();
  await shop.line.mend();
  await expect(chat.locator('.message.mine:not(.pending)')).toContainText('Tôi là cô Thủy', { timeout: 30_000 });
  const { rows } = await shop.database.query(`select name, consent from visitor where name = 'Cô Thủy'`);
  expect(rows).toEqual([{ name: 'Cô Thủy', consent: expect.objectContaining({ text: asking.consent.vi, language: 'vi' }) }]);
  await page.reload();
  await page.getByRole('button', { name: /Mở cửa sổ chat/ }).click();
  await expect(chat.locator('textarea')).toBeFocused();
  await shop.setUp();
});

test('files: too large, too many, failed and tried again, dropped and pasted', { tag: '@long' }, async () => {
  const { page, chat } = await shop.enter();
  await attach(chat, { name: 'phim.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(10 * 1024 * 1024 + 1) });
  await expect(chat.locator('.hint')).toContainText('“phim.mp4” lớn hơn 10 MB');
  const notes = Array.from({ length: 6 }, (_, at) => ({ name: `${at}.txt`, mimeType: 'text/plain', buffer: Buffer.from(`tờ ${at}`) }));
  await attach(chat, ...notes);
  await expect(chat.locator('.chip')).toHaveCount(5);
  await expect(chat.locator('.hint')).toContainText('tối đa 5 tệp');
  for (const { name } of notes.slice(0, 5)) await chat.getByRole('button', { name: `Bỏ tệp ${name}` }).click();
  await expect(chat.locator('.chip')).toHaveCount(0);
  await page.context().route('**/widget/api/files/**', (route) => route.abort());
  await attach(chat, notes[0]!);
  await expect(chat.locator('.chip-state')).toHaveText('Chưa tải lên được');
  await page.context().unroute('**/widget/api/files/**');
  await chat.getByRole('button', { name: 'Thử lại tệp 0.txt' }).click();
  await expect(chat.locator('.chip-state')).toHaveText('1 KB');
  await frameOf(page).evaluate(() => {
    const carry = (name: string) => {
      const given = new DataTransfer();
      given.items.add(new File(['nội dung'], name, { type: 'text/plain' }));
      return given;
    };
    document.dispatchEvent(new DragEvent('drop', { dataTransfer: carry('thả.txt'), bubbles: true, cancelable: true }));
    document
      .querySelector('textarea')!
      .dispatchEvent(new ClipboardEvent('paste', { clipboardData: carry('dán.txt'), bubbles: true, cancelable: true }));
  });
  await expect(chat.locator('.chip-name')).toHaveText(['0.txt', 'thả.txt', 'dán.txt']);
  await chat.locator('.send').click();
  await expect(chat.locator('.message.mine:not(.pending) .card')).toHaveCount(3);
});

test('a message that the hub refuses is kept to be copied; one that comes too fast waits', { tag: '@long' }, async () => {
  const { page, chat } = await shop.enter();
  const api = '**/widget/api/messages';
  const refuse = (status: number, headers: Record<string, string> = {}) =>
    page
      .context()
      .route(api, (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({ status, headers, json: { code: 'NO', field: 'body', message: 'No.' } })
          : route.fallback(),
      );
  await expect(chat.locator('.state')).toHaveText('Thường trả lời trong vài phút');
  await refuse(422);
  await chat.locator('textarea').fill('Không ai nhận tin này');
  await chat.locator('.send').click();
  await expect(chat.locator('.message.refused')).toContainText('Chưa gửi được tin này');
  await look(page, 'refused-vi');
  await chat.getByRole('button', { name: 'Chép nội dung' }).click();
  await expect(chat.getByRole('button', { name: 'Đã chép' })).toBeVisible();
  await chat.getByRole('button', { name: 'Bỏ tin này' }).click();
  await expect(chat.locator('.message')).toHaveCount(0);
  await page.context().unroute(api);
  await refuse(429, { 'retry-after': '2' });
  await chat.locator('textarea').fill('Tin gửi nhanh');
  await chat.locator('.send').click();
  await expect(chat.locator('.slow')).toContainText('tự gửi sau 2 giây');
  await page.context().unroute(api);
  await expect(chat.locator('.message.mine:not(.pending)')).toContainText('Tin gửi nhanh', { timeout: 10_000 });
  await expect(chat.locator('.slow')).toBeHidden();
});

test('by keyboard alone: in, write, attach, out, and the focus comes back', { tag: '@long' }, async () => {
  const { page, chat, launcher } = await shop.visit();
  await page.getByRole('button', { name: 'Mua ngay' }).focus();
  await expect(launcher).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(launcher).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(chat.locator('textarea')).toBeFocused();
  await page.keyboard.type('Viết bằng bàn phím');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('hai dòng');
  await page.keyboard.press('Enter');
  await expect(chat.locator('.message.mine:not(.pending) .body')).toHaveText('Viết bằng bàn phím\nhai dòng');
  await page.keyboard.press('Shift+Tab');
  await expect(chat.getByRole('button', { name: 'Đính kèm tệp' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(launcher).toBeFocused();
  await expect(launcher).toHaveAttribute('aria-expanded', 'false');
  // An answer that comes now is counted on the button, and not taken for read.
  await shop.answer('Viết bằng bàn phím\nhai dòng', 'Em đây ạ');
  await expect(page.getByRole('button', { name: 'Mở cửa sổ chat, 1 tin chưa đọc' })).toBeVisible();
  expect(await page.evaluate(() => window.heard.at(-1))).toEqual(['truc:unread', { count: 1 }]);
  await expect
    .poll(async () => (await shop.database.query(`select delivery from message where body = 'Em đây ạ'`)).rows[0].delivery)
    .toBe('delivered');
  await look(page, 'closed-vi');
});

test('on a telephone it fills the screen, and holds at 320 pixels', { tag: '@long' }, async () => {
  const { page, chat, say } = await shop.enter('/strict', { viewport: { width: 320, height: 568 }, hasTouch: true });
  await say('Cho hỏi máy giặt cửa trước 9 kg có giao trong ngày ở Thủ Đức không ạ, nhà ở tầng 12 có thang máy');
  expect(await page.locator('iframe').boundingBox()).toEqual({ x: 0, y: 0, width: 320, height: 568 });
  const wide = await frameOf(page).evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBe(320);
  const small = await frameOf(page).evaluate(
    () =>
      [...document.querySelectorAll('button, input, textarea')]
        .map((one) => one.getBoundingClientRect())
        .filter(({ width, height }) => width > 0 && (width < 44 || height < 44)).length,
  );
  expect(small).toBe(0);
  await look(page, 'phone-vi');
  await chat.getByRole('button', { name: 'Đóng' }).click();
  await expect(page.getByRole('button', { name: 'Mở cửa sổ chat' })).toBeFocused();
});

for (const lang of ['vi', 'en'])
  test(`axe has nothing to say: empty, with a conversation, with the form (${lang})`, { tag: '@long' }, async () => {
    const { page, chat, say } = await shop.enter(`/loose?lang=${lang}`, { bypassCSP: true });
    await expect(chat.locator('.greeting')).toBeVisible();
    await accessible(page);
    if (lang === 'en') await look(page, 'empty-en');
    const said = lang === 'vi' ? 'Tủ lạnh nhà em không đông đá' : 'My fridge has stopped freezing';
    await say(said);
    await shop.answer(said, lang === 'vi' ? 'Dạ máy dùng được mấy năm rồi ạ?' : 'How old is it, please?');
    await shop.answer(said, lang === 'vi' ? 'Em xin số điện thoại để gửi kỹ thuật viên.' : 'May I have your number?');
    await expect(chat.locator('.message.theirs')).toHaveCount(2);
    await attach(
      chat,
      { name: 'tem.png', mimeType: 'image/png', buffer: png },
      { name: 'tem.txt', mimeType: 'text/plain', buffer: Buffer.from('a') },
    );
    await accessible(page);
    await chat.locator('.send').click();
    await expect(chat.locator('.message .picture')).toBeVisible();
    await accessible(page);
    await look(page, `messages-${lang}`);
    await shop.setUp(asking);
    const other = await shop.enter(`/loose?lang=${lang}`, { bypassCSP: true });
    await other.chat.locator('.primary').click();
    await expect(other.chat.locator('.wrong:visible')).toHaveCount(2);
    await accessible(other.page);
    await look(other.page, `form-wrong-${lang}`);
    await shop.setUp();
  });

test('too much at once: the visitor is told, and nothing that they wrote is lost', { tag: '@long' }, async () => {
  const strict = await ShopPage.open({ TRUC_VISITOR_LIMIT: '3' });
  const { page, chat, launcher } = await strict.enter();
  const input = chat.locator('textarea');
  for (const text of ['Một', 'Hai', 'Ba', 'Bốn']) {
    await input.fill(text);
    await input.press('Enter');
  }
  await expect(chat.locator('.slow')).toContainText(/Tin được giữ lại và tự gửi sau \d+ giây/);
  await expect(chat.locator('.message.mine:not(.pending) .body')).toHaveText(['Một', 'Hai', 'Ba']);
  await look(page, 'slow-vi');
  await page.reload();
  await launcher.click();
  await expect(chat.locator('.message.pending .body')).toHaveText(['Bốn']);
  await strict.stop();
});
