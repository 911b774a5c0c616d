/** A hub that ends without a word in the middle of handing a message over: the next one takes up what it held, and sends nothing twice. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestConsole, until } from '../harness/engine.ts';
import { HubProcess } from '../harness/hub-process.ts';
import { FakeMeta } from '../harness/meta.ts';

let dir: string;
let meta: FakeMeta;
let hub: HubProcess;
let lan: TestConsole;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'truc-dead-'));
  chmodSync(dir, 0o755);
  meta = await FakeMeta.start();
  hub = await new HubProcess(join(dir, 'hub'), { TRUC_META_URL: meta.url, TRUC_SEND_STEPS: '0.1,0.2' }).start();
  meta.hooks.to(`${hub.url}/hooks/messenger/demo-messenger`);
  lan = await (await new TestConsole(hub.url).start()).signIn('lan');
});
afterAll(async () => {
  lan.dispose();
  await meta.close();
  await hub.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('what was being handed over is of unknown fate; what comes after it goes out', { timeout: 90_000 }, async () => {
  meta.echo = 'never';
  meta.say('khach', 'Alo shop');
  await until(async () => (await lan.inbox()).some(({ lastMessagePreview }) => lastMessagePreview === 'Alo shop'), 30_000);
  const ticketId = (await lan.inbox()).find(({ lastMessagePreview }) => lastMessagePreview === 'Alo shop')!.id;
  // Meta takes it, and never answers.
  meta.faults.next('stuck');
  const first = await lan.reply(ticketId, 'Dạ shop nghe');
  await until(() => meta.taken('khach').length === 1, 30_000);
  await hub.kill();
  meta.say('khach', 'Trong lúc trung tâm tắt');
  await hub.start();
  await lan.online();
  const state = async (id: string) => (await lan.timeline(ticketId)).find((message) => message.id === id)?.delivery;
  await until(async () => (await state(first)) === 'unknown', 30_000);
  await until(async () => (await lan.timeline(ticketId)).some(({ body }) => body === 'Trong lúc trung tâm tắt'), 30_000);
  const second = await lan.reply(ticketId, 'Em đây ạ');
  await until(async () => (await state(second)) === 'sent', 30_000);
  expect(meta.taken('khach').map(({ text }) => text)).toEqual(['Dạ shop nghe', 'Em đây ạ']);
});
