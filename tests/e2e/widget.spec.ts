/** The chat widget in a real browser, on pages of another origin than the hub's: said and answered, offline, vouched for, and meant badly. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { attach, frameOf, look, order, png, ShopPage } from '../harness/shop-page.ts';
import { vouch } from '../harness/visitor.ts';

test.describe.configure({ mode: 'default', timeout: 90_000 });

let shop: ShopPage;
test.beforeAll(async () => {
  shop = await ShopPage.open();
});
test.afterAll(() => shop?.stop());

test('a page of the strictest policy shows the chat without one violation; both sides speak, and see that the other writes', async () => {
  const { page, chat, launcher, say } = await shop.visit();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await expect(launcher).toHaveAttribute('aria-expanded', 'false');
  await launcher.click();
  await expect(chat.locator('.greeting')).toBeVisible();
  await look(page, 'empty-vi');
  await say('Máy lạnh 1 HP còn hàng không ạ?');
  const { id: ticketId } = await shop.ticketOf('Máy lạnh 1 HP còn hàng không ạ?');
  await expect
    .poll(async () => {
      shop.lan.socket.emit('viewing', { ticketId, typing: true });
      return chat.locator('.typing').textContent();
    })
    .toContain('đang trả lời');
  await shop.answer(
    'Máy lạnh 1 HP còn hàng không ạ?',
    'Dạ còn ạ, xem thêm ở https://shop.example/may-lanh?hp=1.\n<b onclick="x">Không phải HTML</b>',
  );
  const theirs = chat.locator('.message.theirs');
  await expect(theirs).toContainText('<b onclick="x">Không phải HTML</b>');
  await expect(theirs.locator('b')).toHaveCount(0);
  await expect(theirs.getByRole('link')).toHaveAttribute('href', 'https://shop.example/may-lanh?hp=1');
  await expect(chat.locator('.typing')).toHaveText('');
  await expect
    .poll(async () => (await shop.database.query(`select delivery from message where body like 'Dạ còn ạ%'`)).rows[0].delivery)
    .toBe('read');

  await attach(
    chat,
    { name: 'phòng khách.png', mimeType: 'image/png', buffer: png },
    { name: 'hoá đơn.txt', mimeType: 'text/plain', buffer: Buffer.from('Hoá đơn 12') },
  );
  await expect(chat.locator('.chip-state')).toHaveText(['1 KB', '1 KB']);
  await look(page, 'chips-vi');
  await say('Phòng em thế này');
  await expect(chat.locator('.message.mine .card')).toContainText('hoá đơn.txt');
  await page.reload();
  await page.getByRole('button', { name: /Mở cửa sổ chat/ }).click();
  await expect(chat.locator('.picture img')).toHaveJSProperty('naturalWidth', 10);
  const [saved] = await Promise.all([page.waitForEvent('download'), chat.locator('.card').click()]);
  expect([saved.suggestedFilename(), readFileSync(await saved.path(), 'utf8')]).toEqual(['hoá đơn.txt', 'Hoá đơn 12']);
  await look(page, 'conversation-vi');
  await chat.locator('.picture').click();
  await expect(chat.locator('dialog img')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(chat.locator('dialog')).toHaveCount(0);
  await expect(chat.locator('textarea')).toBeVisible();
  for (const frame of page.frames()) expect(await frame.evaluate(() => window.violations)).toEqual([]);
  expect(complaints).toEqual([]);
  // One would have been seen.
  await page.evaluate(() => document.body.append(Object.assign(document.createElement('script'), { textContent: '1' })));
  await expect.poll(() => page.evaluate(() => window.violations)).toEqual(['script-src-elem inline']);
});

test('what only pretends to be the chat, or to be the page, is not listened to', async () => {
  const { page, chat, say } = await shop.enter('/loose');
  await say('Tôi đang bị làm phiền');
  const close = page.getByRole('button', { name: 'Đóng cửa sổ chat' });
  await page.evaluate(() => {
    // The page to itself: not the frame's word.
    for (const data of [{ truc: 'close' }, { truc: 'unread', count: 7 }, { truc: 'unread', count: 'x' }, null, 'close', 1, []])
      window.postMessage(data, '*');
    // The page to the frame, but nothing that it may say.
    const chat = [...document.querySelectorAll('div')].find((one) => one.shadowRoot)!.shadowRoot!.querySelector('iframe')!.contentWindow!;
    for (const data of [
      { truc: 'open', open: 'no' },
      { truc: 'identify', identity: 7 },
      { truc: 'identify', identity: 'x'.repeat(5000) },
      { truc: {} },
      null,
      'reset',
    ])
      chat.postMessage(data, '*');
  });
  await order(page, null, 'open', [], [7], ['identify'], ['identify', {}], ['nothing'], { 0: 'close' });
  const intruder = await page.evaluateHandle(async (address) => {
    const frame = document.createElement('iframe');
    frame.src = address;
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    document.body.append(frame);
    await loaded;
    return frame;
  }, `${shop.url}/plain`);
  await (await intruder.contentFrame())!.evaluate(() => {
    for (const data of [{ truc: 'close' }, { truc: 'unread', count: 9 }, { truc: 'identity', verified: true }])
      window.parent.postMessage(data, '*');
    const page = window.parent.document;
    const chat = [...page.querySelectorAll('div')].find((one) => one.shadowRoot)!.shadowRoot!.querySelector('iframe')!.contentWindow!;
    // From the page's own origin, and yet not from the page.
    for (const data of [{ truc: 'reset' }, { truc: 'open', open: false }, { truc: 'identify', identity: 'a.b.c' }])
      chat.postMessage(data, '*');
  });
  await say('Vẫn nói được');
  await expect(close).toBeVisible();
  await expect(chat.locator('.message.mine')).toHaveCount(2);
  const heard = await page.evaluate(() => window.heard);
  expect(heard.filter(([name, detail]) => name === 'truc:identity' || (detail as { count: number }).count !== 0)).toEqual([]);
});

test('without a line a text and a file wait, survive a reload, and arrive once and in order', async () => {
  const { page, chat, say } = await shop.enter();
  await say('Trước khi mất mạng');
  shop.line.cut();
  await expect(chat.locator('.offline')).toBeVisible();
  const write = async (text: string) => {
    await chat.locator('textarea').fill(text);
    await chat.locator('.send').click();
    await expect(chat.locator('.message.pending').filter({ hasText: text })).toBeVisible();
  };
  await write('Một, lúc mất mạng');
  await attach(chat, { name: 'bao-hanh.txt', mimeType: 'text/plain', buffer: Buffer.from('Phiếu bảo hành 77') });
  await write('Hai, kèm phiếu bảo hành');
  await write('Cuối cùng');
  await look(page, 'offline-vi');
  // The files of the widget come, the hub does not answer yet.
  const api = '**/widget/api/**';
  await page.context().route(api, (route) => route.abort());
  await shop.line.mend();
  await page.reload();
  await page.getByRole('button', { name: /Mở cửa sổ chat/ }).click();
  await expect(chat.locator('.message.pending')).toHaveCount(3);
  await expect(chat.locator('.message.pending .card')).toContainText('bao-hanh.txt');
  await page.context().unroute(api);
  await expect(chat.locator('.message.pending')).toHaveCount(0, { timeout: 40_000 });
  await expect(chat.locator('.message .body')).toHaveText([
    'Trước khi mất mạng',
    'Một, lúc mất mạng',
    'Hai, kèm phiếu bảo hành',
    'Cuối cùng',
  ]);
  const { rows } = await shop.database.query(
    `select m.body, (select string_agg(a.name || ' ' || a.size, ',') from attachment a where a.message_id = m.id) as files
     from message m where m.ticket_id = $1 and m.kind = 'inbound' order by m.accepted_at, m.id`,
    [(await shop.ticketOf('Trước khi mất mạng')).id],
  );
  expect(rows).toEqual([
    { body: 'Trước khi mất mạng', files: null },
    { body: 'Một, lúc mất mạng', files: null },
    { body: 'Hai, kèm phiếu bảo hành', files: `bao-hanh.txt ${Buffer.byteLength('Phiếu bảo hành 77')}` },
    { body: 'Cuối cùng', files: null },
  ]);
});

test('the shop says who a visitor is, and takes it back', async () => {
  const { page, chat, say } = await shop.visit('/loose');
  const push = (...command: unknown[]) => order(page, command);
  const identities = () => page.evaluate(() => window.heard.filter(([name]) => name === 'truc:identity').map(([, detail]) => detail));
  await push('identify', vouch({ user_id: 'khach-77', name: 'Anh Bình' }, 'not-the-secret-of-this-shop-at-all'));
  await expect.poll(identities).toEqual([{ verified: false }]);
  await push('identify', vouch({ user_id: 'khach-77', name: 'Anh Bình' }));
  await expect.poll(identities).toEqual([{ verified: false }, { verified: true }]);
  await push('open');
  await say('Đơn hàng của tôi đâu?');
  const { rows } = await shop.database.query(`select c.name from ticket t join customer c on c.id = t.customer_id where t.id = $1`, [
    (await shop.ticketOf('Đơn hàng của tôi đâu?')).id,
  ]);
  expect(rows).toEqual([{ name: 'Anh Bình' }]);
  await chat.locator('textarea').fill('viết dở');
  await push('reset');
  await expect(chat.locator('.greeting')).toBeVisible();
  await expect(chat.locator('textarea')).toHaveValue('');
  await say('Tôi là người khác');
  await expect(chat.locator('.message')).toHaveCount(1);
  expect((await shop.ticketOf('Tôi là người khác')).id).not.toBe((await shop.ticketOf('Đơn hàng của tôi đâu?')).id);
  await push('close');
  await expect(page.getByRole('button', { name: 'Mở cửa sổ chat' })).toHaveAttribute('aria-expanded', 'false');
});

test('a page that the shop has not named shows no chat, and one that it has does', async () => {
  await shop.setUp({ allowedDomains: ['shop.example'] });
  const barred = await shop.visit('/strict');
  // The browser itself keeps it from the page: there is nothing behind the button, and so there is no button.
  await expect.poll(() => barred.page.frames().map((frame) => frame.url())).toContainEqual(expect.stringMatching(/^chrome-error:/));
  await expect(barred.page.getByRole('button', { name: /cửa sổ chat/ })).toHaveCount(0);
  await shop.setUp({ allowedDomains: [new URL(shop.url).host] });
  const named = await shop.visit('/strict');
  await named.launcher.click();
  await expect(named.chat.locator('.greeting')).toBeVisible();
  // A frame that says it belongs to another page: said plainly, and nothing to write into.
  const late = await shop.visit('/framed?page=https://other.example');
  await expect(late.chat.getByText('Chat hiện không mở trên trang này')).toBeVisible();
  await expect(late.chat.locator('textarea')).toBeHidden();
  await shop.setUp();
});

test('a page that frames the chat in the name of the shop is told nothing, and its orders are nobody’s', async () => {
  const { page, chat } = await shop.visit('/plain');
  // Another site than the shop's, though the chat is told that it is the shop's.
  const elsewhere = new URL(`/framed?page=${encodeURIComponent(shop.url)}`, shop.url.replace('127.0.0.1', 'localhost'));
  await page.goto(elsewhere.href);
  await expect(chat.locator('textarea')).toBeVisible();
  await expect(chat.locator('.state')).toHaveText('Thường trả lời trong vài phút');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.evaluate(() => {
    for (const data of [{ truc: 'open', open: true }, { truc: 'identify', identity: 'a.b.c' }, { truc: 'reset' }])
      document.querySelector('iframe')!.contentWindow!.postMessage(data, '*');
  });
  // What comes later is heard, so what came before has been looked at.
  await chat.locator('textarea').fill('x');
  await expect.poll(() => asked).toEqual(['/widget/api/typing']);
  expect(await page.evaluate(() => window.overheard)).toEqual([]);
  expect(frameOf(page).url()).toContain(encodeURIComponent(shop.url));
});

test('a browser that keeps nothing has a chat as long as the page is open', async () => {
  const context = { storageState: { cookies: [], origins: [] } };
  const { page, chat } = await shop.visit('/plain', context);
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'indexedDB'])
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException('blocked', 'SecurityError');
        },
      });
  });
  await page.goto(`${shop.url}/strict`);
  await page.getByRole('button', { name: 'Mở cửa sổ chat' }).click();
  await attach(chat, { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') });
  await chat.locator('textarea').fill('Không lưu gì cả');
  await chat.locator('.send').click();
  await expect(chat.locator('.message.mine:not(.pending) .card')).toContainText('a.txt');
});
