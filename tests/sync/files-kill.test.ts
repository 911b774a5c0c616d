/** `kill -9` of a console at every step that a file takes: nothing half is left, nothing is lost, it arrives once. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../harness/engine.ts';
import { EngineProcess } from '../harness/engine-process.ts';
import { answer, type Asked, choose, content, contentMark, fileOf, kept, onDisk, sumOf } from '../harness/files.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { type Line, lineTo } from '../harness/line.ts';
import { temporaryDir } from '../harness/postgres.ts';
import { Visitor } from '../harness/visitor.ts';
import { demoPassword } from '../../server/src/demo/accounts.ts';

const dataDir = temporaryDir('truc-hub-files-');
let hub: TestHub;
const endings: (() => unknown)[] = [];
beforeAll(async () => {
  hub = await startTestHub({ TRUC_DATA_DIR: dataDir });
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => hub.stop());

async function conversation(...desks: Asked[]): Promise<{ customer: Visitor; ticketId: string; inboundId: string }> {
  const customer = await new Visitor(hub.url).open();
  const text = `Cho tôi xin hoá đơn ${uuid()}`;
  const inboundId = await customer.say(text);
  const [row] = await hub.query<{ id: string }>('select id from ticket where last_message_preview = $1', [text]);
  const ticketId = row!.id;
  for (const desk of desks) await until(async () => (await desk.query('ticket.get', { ticketId })) !== null);
  return { customer, ticketId, inboundId };
}

const shown = async (customer: Visitor) => (await customer.messages()).filter(({ from }) => from === 'agent').map(({ body }) => body);
const blob = (id: string) => join(dataDir, 'blobs', id.slice(-2), id);
const arrived = (id: string) =>
  until(async () => (await hub.query(`select 1 from attachment where id = $1 and state = 'ready'`, [id])).length === 1);
const partSize = (id: string) => {
  try {
    return statSync(`${blob(id)}.part`).size;
  } catch {
    return 0;
  }
};
/** An engine of Lan's in a process of its own, signed in. */
async function killable(): Promise<EngineProcess & { line: Line }> {
  const line = await lineTo(hub.url);
  endings.push(() => line.close());
  const one = await new EngineProcess(line.url).start();
  endings.push(() => one.dispose());
  await one.execute('session.signIn', { email: 'lan@demo.truc.test', password: demoPassword });
  await until(async () => (await one.query('status', null)).connection === 'online');
  return Object.assign(one, { line });
}

test('killed while it is handed over, kept, sent, pushed and uploaded: nothing half is left, nothing is lost, it arrives once', async () => {
  const lan = await killable();
  const { customer, ticketId } = await conversation(lan);
  const again = async () => {
    await lan.kill();
    await lan.start();
    await until(async () => (await lan.query('ticket.get', { ticketId })) !== null);
  };
  const folder = () =>
    join(
      lan.profileDir,
      readdirSync(lan.profileDir).find((name) => name.startsWith('files-'))!,
    );
  const bytes = content(12 * 1024 * 1024);

  // 1. While the window hands it over: nothing of it is left.
  await choose(lan, ticketId, bytes, 'dở dang.pdf', 3 * 1024 * 1024);
  expect(kept(lan)).toHaveLength(1);
  await again();
  await until(() => kept(lan).length === 0);
  // 2. Between its name on the disk and its row: a file that nobody has the key of.
  writeFileSync(join(folder(), uuid()), 'x');
  await again();
  await until(() => kept(lan).length === 0);
  // 3. Chosen, and not sent.
  const id = await choose(lan, ticketId, bytes, 'đủ.pdf');
  await again();
  expect((await lan.query('file.staged', { ticketId })).map((file) => file.id)).toEqual([id]);
  // 4. Sent without a line: in the outbox.
  lan.line.cut();
  await until(async () => (await lan.query('status', null)).connection !== 'online');
  await answer(lan, ticketId, 'Qua mấy lần mất điện', [id]);
  await again();
  expect(await fileOf(lan, ticketId, id)).toMatchObject({ state: 'pending', here: true, upload: { sent: 0 } });
  // 5. Pushed, and on its way, a few times over.
  await lan.line.mend();
  await lan.execute('sync.now', null);
  for (let at = 1; at <= 2; at += 1) {
    await until(() => partSize(id) >= at * 3_000_000);
    await again();
    expect(partSize(id)).toBeGreaterThan(0);
    expect(await shown(customer)).toEqual([]);
  }
  await arrived(id);
  await until(async () => (await lan.query('ticket.files', { ticketId }))[0]?.upload === null);
  expect(sumOf(readFileSync(blob(id)))).toBe(sumOf(bytes));
  expect(await shown(customer)).toEqual(['Qua mấy lần mất điện']);
  expect((await hub.query('select 1 from attachment where ticket_id = $1', [ticketId])).length).toBe(1);
  expect(kept(lan)).toEqual([id]);
  expect(onDisk(lan).includes(contentMark)).toBe(false);
  expect(lan.crashes).toEqual([]);
});
