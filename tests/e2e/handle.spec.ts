/** What becomes of a ticket beside an answer: handed on, asked about, waiting for others, owed no reply; and the clock that warns before it runs out. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { v7 as uuid } from 'uuid';
import { act } from '../harness/acts.ts';
import { complaints } from '../harness/axe.ts';
import { killConsole, launchConsole, type RunningConsole } from '../harness/electron.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { Visitor } from '../harness/visitor.ts';
import { signIn, type SignedIn } from '../harness/wire.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

let dir: string;
let hub: HubProcess;
let lan: RunningConsole;
let minh: RunningConsole;
let quan: SignedIn;

test.beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'truc-e2e-'));
  chmodSync(dir, 0o755);
  hub = await new HubProcess(join(dir, 'hub')).start();
  quan = await signIn(hub.url, 'quan');
  lan = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'lan'), demoUser: 'lan@demo.truc.test' });
  minh = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'minh'), demoUser: 'minh@demo.truc.test' });
  for (const { page } of [lan, minh]) {
    await expect(page.getByTestId('status-bar')).toHaveAttribute('data-connection', 'online', { timeout: 30_000 });
    await expect(page.getByTestId('inbox-row').first()).toBeVisible({ timeout: 30_000 });
  }
  await lan.page.getByRole('button', { name: /Sắp xếp/ }).click();
  await lan.page.getByRole('option', { name: 'Mới nhất' }).click();
});
test.afterAll(async () => {
  for (const console of [lan, minh]) if (console) await killConsole(console.app);
  await hub?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const shot = (page: Page, name: string) => page.screenshot({ path: join('tests/output/screens', `${name}.png`) });
const toast = (page: Page, text: string) => page.getByTestId('toast').filter({ hasText: text });
const conversation = (page: Page) => page.getByTestId('conversation');

/** A new chat, open in front of Lan, who has it. */
async function mine(text: string): Promise<Visitor> {
  const visitor = await new Visitor(hub.url).open();
  await visitor.say(text);
  const { page } = lan;
  await page.getByTestId('view-all').click();
  await page.getByTestId('inbox-row').filter({ hasText: text }).click();
  await expect(conversation(page)).toContainText(text);
  await page.keyboard.press('i');
  await expect(page.getByTestId('assignee')).not.toHaveAttribute('data-assignee-id', '');
  return visitor;
}

test('a colleague is asked: they are told, read the note, and the ticket stays', async () => {
  const text = 'Tủ lạnh em mua còn bảo hành không ạ';
  await mine(text);
  const { page } = lan;
  await page.keyboard.press('Shift+T');
  const form = page.getByTestId('transfer');
  await expect(form.getByRole('button', { name: 'Chuyển', exact: true })).toBeDisabled();
  await shot(page, 'handle-transfer-light-vi');
  expect(await complaints(page)).toEqual([]);
  await form.getByText('Hỏi ý kiến').click();
  await form.getByRole('button', { name: /Chuyển cho/ }).click();
  await page
    .getByRole('listbox', { name: 'Chuyển cho' })
    .getByRole('option', { name: /Trần Quang Minh/ })
    .click();
  await form.getByRole('textbox', { name: 'Muốn hỏi gì' }).fill('Mẫu này bảo hành mấy năm anh?');
  await form.getByRole('button', { name: 'Gửi câu hỏi' }).click();
  await expect(toast(page, 'Đã hỏi Trần Quang Minh')).toBeVisible();
  await expect(conversation(page)).toContainText('@Trần Quang Minh Mẫu này bảo hành mấy năm anh?');
  const told = toast(minh.page, 'Đồng nghiệp hỏi ý kiến bạn: Mẫu này bảo hành mấy năm anh?');
  await told.getByRole('button', { name: 'Mở phiếu' }).click({ timeout: 15_000 });
  await expect(conversation(minh.page)).toContainText(text);
});

test('a ticket is handed on with a reason and a summary, which the customer does not see', async () => {
  const text = 'Em muốn khiếu nại thợ lắp đặt';
  const visitor = await mine(text);
  const { page } = lan;
  await page.getByTestId('transfer-open').click();
  const form = page.getByTestId('transfer');
  await form.getByText('Hàng đợi', { exact: true }).click();
  await form.getByRole('button', { name: /Chuyển cho/ }).click();
  await page.getByRole('listbox', { name: 'Chuyển cho' }).getByRole('option', { name: 'Khiếu nại' }).click();
  await form.getByRole('textbox', { name: 'Lý do chuyển' }).fill('Khách khiếu nại thái độ thợ');
  await form.getByRole('textbox', { name: 'Tóm tắt cho người nhận' }).fill('Đã xin lỗi, khách chờ quản lý gọi');
  await form.getByRole('button', { name: 'Chuyển', exact: true }).click();
  await expect(toast(page, 'Đã chuyển cho Khiếu nại')).toBeVisible();
  await page.getByTestId('view-all').click();
  await page.getByTestId('inbox-row').filter({ hasText: text }).click();
  await expect(conversation(page)).toContainText('Khách khiếu nại thái độ thợ');
  await expect(conversation(page)).toContainText('Đã xin lỗi, khách chờ quản lý gọi');
  await expect(page.getByTestId('assignee')).toHaveAttribute('data-assignee-id', '');
  expect(JSON.stringify(await visitor.messages())).not.toContain('thái độ');
});

test('it waits for a third party, and back; what it is about; a thank-you is owed no answer', async () => {
  const text = 'Cho em hỏi linh kiện máy giặt';
  const visitor = await mine(text);
  const { page } = lan;
  await page.keyboard.press('w');
  await page.getByRole('option', { name: 'Chờ bên thứ ba', exact: true }).click();
  await expect(page.getByTestId('status-menu')).toContainText('Chờ bên thứ ba');
  await page.keyboard.press('Control+z');
  await expect(page.getByTestId('status-menu')).not.toContainText('Chờ bên thứ ba');

  await page.getByTestId('contact-reason').click();
  const first = page.getByRole('dialog', { name: 'Lý do liên hệ' }).getByRole('option').first();
  const reason = (await first.textContent()) ?? '';
  await first.click();
  await expect(page.getByTestId('contact-reason')).toContainText(reason);

  // Nothing has been answered yet: a first answer is always owed.
  await page.keyboard.press('w');
  await expect(page.getByRole('option', { name: 'Không cần trả lời…' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
  await page.locator('#composer-input').fill('Dạ còn linh kiện ạ');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('queued-count')).toHaveAttribute('data-count', '0', { timeout: 15_000 });
  await visitor.say('Cảm ơn shop nhé');
  await expect(conversation(page)).toContainText('Cảm ơn shop nhé', { timeout: 15_000 });
  await page.getByTestId('status-menu').click();
  await page.getByRole('option', { name: 'Không cần trả lời…' }).click();
  await shot(page, 'handle-no-reply-light-vi');
  await page.getByRole('option', { name: 'Khách chỉ cảm ơn' }).click();
  await expect(toast(page, 'Đã ghi: không cần trả lời')).toBeVisible();
  await expect(conversation(page)).toContainText('Khách chỉ cảm ơn');
});

test('a clock of theirs warns before it runs out, once, without a line to the hub, and leads to the ticket', async () => {
  const targets = { frt: 20_000, nrt: 20_000, rt: null, assign: null };
  const match = { channels: ['chat' as const], queueIds: [], priorities: [], segments: [], tags: [] };
  const policy = { policyId: uuid(), name: 'Chat trong 20 giây', position: 0, active: true, calendarId: null, match };
  expect(
    await act(hub.url, quan, 'slaPolicy.save', {
      ...policy,
      targets: { low: targets, normal: targets, high: targets, urgent: targets },
      thirdPartyPauses: false,
      escalation: [],
    }),
  ).toBeNull();
  const text = 'Trả góp không lãi suất thế nào ạ';
  await mine(text);
  const { page } = lan;
  const id = (await conversation(page).getAttribute('data-ticket-id'))!;
  const ref = (await conversation(page)
    .getByText(/^#\d+$/)
    .textContent())!;
  await expect(page.getByTestId('queued-count')).toHaveAttribute('data-count', '0', { timeout: 15_000 });
  await page.getByTestId('view-mine').click();
  // No line from here on: the workstation counts by itself.
  await hub.kill();
  const warning = toast(page, `Sắp quá hạn Trả lời lần đầu của phiếu ${ref}`).first();
  await expect(warning).toBeVisible({ timeout: 25_000 });
  await shot(page, 'handle-warning-light-vi');
  await warning.getByRole('button', { name: 'Mở phiếu' }).click();
  await expect(conversation(page)).toHaveAttribute('data-ticket-id', id);
});
