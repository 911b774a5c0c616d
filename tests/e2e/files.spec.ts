/** Files in real windows: attached, sent, shown to a colleague and saved; attached without a line, through a power cut, and there once. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, crc32 } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { content, contentMark } from '../harness/files.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { type Line, lineTo } from '../harness/line.ts';
import { Visitor } from '../harness/visitor.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const out = join(import.meta.dirname, '../output/screens');
let dir: string;
let hub: HubProcess;
let line: Line;
let lan: RunningConsole;
let minh: RunningConsole;

test.beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'truc-e2e-files-'));
  chmodSync(dir, 0o755);
  hub = await new HubProcess(join(dir, 'hub')).start();
  line = await lineTo(hub.url);
  lan = await launchLan();
  minh = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'minh'), demoUser: 'minh@demo.truc.test' });
  for (const { page } of [lan, minh]) await status(page, 'online');
});
test.afterAll(async () => {
  for (const console of [lan, minh]) if (console) await killConsole(console.app);
  await line?.close();
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const launchLan = () => launchConsole({ hubUrl: line.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
const status = (page: Page, connection: string) =>
  expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', connection, { timeout: 30_000 });
const card = (page: Page, name: string) => page.getByTestId('conversation').getByTestId('file').filter({ hasText: name });
const said = (page: Page, text: string) => page.getByTestId('message').filter({ hasText: text });

async function open(page: Page, text: string): Promise<void> {
  await page.getByTestId('view-all').click();
  await page.getByRole('searchbox', { name: 'Lọc danh sách' }).fill(text);
  await page.getByTestId('inbox-row').filter({ hasText: text }).first().click();
  await expect(page.getByTestId('conversation')).toContainText(text);
}

async function look(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(out, `${name}.png`) });
}

/** A picture of two colours, as a PNG. */
function picture(width: number, height: number): Buffer {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      rows.set(x + y < width ? [70, 90, 200] : [240, 200, 90], at);
    }
  }
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const framed = Buffer.alloc(8 + body.length);
    framed.writeUInt32BE(data.length);
    framed.set(body, 4);
    framed.writeUInt32BE(crc32(body), 4 + body.length);
    return framed;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

async function attach(page: Page, files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByTestId('attach-button').click()]);
  await chooser.setFiles(files);
  for (const { name } of files) {
    await expect(page.getByTestId('chosen-files').getByTestId('file').filter({ hasText: name })).toHaveAttribute('data-state', 'chosen');
  }
}

/** Where the system's dialog would have the file put. */
async function saveTo(running: RunningConsole, path: string): Promise<void> {
  await running.app.evaluate(({ session }, to) => {
    session.defaultSession.once('will-download', (_event, item) => item.setSavePath(to));
  }, path);
}

test('attached, sent, shown to a colleague, and saved by them; by keyboard too', async () => {
  const customer = await new Visitor(hub.url).open();
  await customer.say('Cho tôi xin phiếu bảo hành máy giặt');
  await open(lan.page, 'Cho tôi xin phiếu bảo hành máy giặt');
  await open(minh.page, 'Cho tôi xin phiếu bảo hành máy giặt');
  const { page } = lan;
  const form = content(1_300_000);
  form.write('%PDF-1.7');
  await attach(page, [
    { name: 'phiếu bảo hành.pdf', mimeType: 'application/pdf', buffer: form },
    { name: 'tem máy.png', mimeType: 'image/png', buffer: picture(480, 300) },
    { name: 'nhầm tệp.xlsx', mimeType: 'application/vnd.ms-excel', buffer: content(45_000) },
  ]);
  await look(page, 'files-composer');
  // The one too many goes by the keyboard.
  const remove = page.getByRole('button', { name: 'Bỏ nhầm tệp.xlsx' });
  await remove.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('chosen-files').getByTestId('file')).toHaveCount(2);
  await page.getByTestId('composer-input').fill('Dạ phiếu bảo hành và ảnh tem máy đây ạ');
  await page.getByTestId('send-button').click();
  await expect(page.getByTestId('chosen-files')).toHaveCount(0);
  for (const one of [page, minh.page]) {
    await expect(card(one, 'phiếu bảo hành.pdf')).toHaveAttribute('data-state', 'ready');
    await expect(one.getByRole('img', { name: 'Ảnh: tem máy.png' })).toBeVisible();
    expect(await one.getByTestId('picture').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(480);
  }
  await expect(said(page, 'Dạ phiếu bảo hành')).toHaveAttribute('data-delivery', 'sent');
  const saved = join(dir, 'saved.pdf');
  await saveTo(minh, saved);
  const save = minh.page.getByRole('button', { name: 'Lưu phiếu bảo hành.pdf' });
  await save.focus();
  await minh.page.keyboard.press('Enter');
  await expect.poll(() => existsSync(saved) && readFileSync(saved).equals(form)).toBe(true);
  await look(minh.page, 'files-conversation');
  await minh.page.evaluate(() => window.truc.prefs.set('theme', 'dark'));
  await minh.page.reload();
  await open(minh.page, 'Cho tôi xin phiếu bảo hành máy giặt');
  await expect(minh.page.getByTestId('picture')).toBeVisible();
  await look(minh.page, 'files-conversation-dark');
  expect((await customer.messages()).filter(({ from }) => from === 'agent').map(({ body }) => body)).toEqual([
    'Dạ phiếu bảo hành và ảnh tem máy đây ạ',
  ]);
});

test('a file is dropped and pasted, and what can not be taken is said', async () => {
  const { page } = lan;
  const give = (kind: 'drop' | 'paste', name: string, size: number) =>
    page.getByTestId('composer-input').evaluate(
      (area, [how, called, length]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(length as number)], called as string));
        const init = { bubbles: true, cancelable: true };
        area.dispatchEvent(
          how === 'drop'
            ? new DragEvent('drop', { ...init, dataTransfer: transfer })
            : new ClipboardEvent('paste', { ...init, clipboardData: transfer }),
        );
      },
      [kind, name, size] as const,
    );
  const chosen = page.getByTestId('chosen-files').getByTestId('file');
  await give('drop', 'thả.txt', 3000);
  await expect(chosen.filter({ hasText: 'thả.txt' })).toHaveAttribute('data-state', 'chosen');
  await give('paste', 'dán.png', 4000);
  await expect(chosen.filter({ hasText: 'dán.png' })).toHaveAttribute('data-state', 'chosen');
  await give('drop', 'khổng lồ.iso', 26 * 1024 * 1024 + 1);
  await expect(page.getByText('“khổng lồ.iso” lớn hơn')).toBeVisible();
  await give('drop', 'rỗng.txt', 0);
  await expect(page.getByText('“rỗng.txt” rỗng')).toBeVisible();
  await expect(chosen).toHaveCount(2);
  for (const name of ['thả.txt', 'dán.png']) await page.getByRole('button', { name: `Bỏ ${name}` }).click();
  await expect(chosen).toHaveCount(0);
});

test('attached and sent without a line, then the power goes: it arrives once, whole, and is never on the disk in the clear', async () => {
  const customer = await new Visitor(hub.url).open();
  await customer.say('Gửi giúp tôi bản vẽ lắp đặt');
  await open(lan.page, 'Gửi giúp tôi bản vẽ lắp đặt');
  await open(minh.page, 'Gửi giúp tôi bản vẽ lắp đặt');
  line.cut();
  await status(lan.page, 'offline');
  const drawing = content(9 * 1024 * 1024);
  await attach(lan.page, [{ name: 'bản vẽ.pdf', mimeType: 'application/pdf', buffer: drawing }]);
  await lan.page.getByTestId('composer-input').fill('Dạ bản vẽ lắp đặt đây ạ');
  await lan.page.getByTestId('send-button').click();
  await expect(card(lan.page, 'bản vẽ.pdf')).toContainText('Đang chờ kết nối');
  await expect(lan.page.getByTestId('queued-count')).toHaveText('Chờ gửi: 1 · Tệp: 1');
  await lan.page.getByTestId('queued-count').click();
  await expect(lan.page.getByTestId('unsent-file')).toContainText('bản vẽ.pdf');
  await look(lan.page, 'files-offline');
  await lan.page.keyboard.press('Escape');
  await killConsole(lan.app);
  lan = await launchLan();
  await open(lan.page, 'Gửi giúp tôi bản vẽ lắp đặt');
  await expect(card(lan.page, 'bản vẽ.pdf')).toHaveAttribute('data-state', 'waiting');
  await line.mend();
  await expect(card(minh.page, 'bản vẽ.pdf')).toHaveAttribute('data-state', 'ready', { timeout: 30_000 });
  await expect(card(lan.page, 'bản vẽ.pdf')).toHaveAttribute('data-state', 'ready');
  await expect(card(minh.page, 'bản vẽ.pdf')).toHaveCount(1);
  const saved = join(dir, 'drawing.pdf');
  await saveTo(minh, saved);
  await minh.page.getByRole('button', { name: 'Lưu bản vẽ.pdf' }).click();
  await expect
    .poll(() => existsSync(saved) && createHash('sha256').update(readFileSync(saved)).digest('hex'))
    .toBe(createHash('sha256').update(drawing).digest('hex'));
  expect((await customer.messages()).filter(({ from }) => from === 'agent').map(({ body }) => body)).toEqual(['Dạ bản vẽ lắp đặt đây ạ']);
  await expect(lan.page.getByTestId('queued-count')).toHaveText('Đã gửi hết');
  // What Chromium keeps of its own lies in the profile as well.
  for (const name of ['lan', 'minh']) {
    const entries = readdirSync(join(dir, name), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const clear = entries.filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(contentMark));
    expect(clear.map((entry) => entry.name)).toEqual([]);
  }
});
