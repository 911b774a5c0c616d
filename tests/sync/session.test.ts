/** Who may see what is on this workstation: locks, several people on one machine, long absence, revocation. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { demoPassword } from '../../server/src/demo/accounts.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';

const hour = 3_600_000;
let hub: TestHub;
const consoles: TestConsole[] = [];
beforeAll(async () => {
  hub = await startTestHub({ TRUC_IDLE_LOCK_MINUTES: '15', TRUC_OFFLINE_HOURS: '72' });
});
afterEach(() => {
  for (const one of consoles.splice(0)) one.dispose();
});
afterAll(() => hub.stop());

async function workstation(key = 'lan'): Promise<TestConsole> {
  const one = await (await new TestConsole(hub.url).start()).signIn(key);
  consoles.push(one);
  return one;
}

const signIn = (one: TestConsole, key: string, password = demoPassword) =>
  one.execute('session.signIn', { email: `${key}@demo.truc.test`, password });
const phase = async (one: TestConsole) => (await one.query('session.state', null)).phase;
const files = (one: TestConsole) => readdirSync(one.profileDir).filter((name) => name.endsWith('.db'));

test('after a quarter of an hour the screen locks: nothing is shown, nothing done, what is typed is kept', async () => {
  const one = await workstation();
  const ticket = (await one.inbox())[0]!;
  one.idle(14 * 60_000);
  expect(await phase(one)).toBe('ready');
  one.idle(15 * 60_000);
  expect(await phase(one)).toBe('locked');
  expect(await one.inbox()).toEqual([]);
  expect(await one.query('ticket.get', { ticketId: ticket.id })).toBeNull();
  expect(await one.query('customer.find', { text: 'nguyen' })).toEqual([]);
  await expect(one.mutate('ticket.tag', { ticketId: ticket.id, add: ['x'], remove: [] })).rejects.toMatchObject({ code: 'LOCKED' });
  const seen = { inboundId: null, replyId: null, assigneeId: null };
  await one.execute('draft.save', { ticketId: ticket.id, mode: 'reply', body: 'Đang gõ', seen, startedAt: Date.now() });
  await expect(one.execute('session.unlock', { password: 'sai' })).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
  await one.execute('session.unlock', { password: demoPassword });
  expect(await phase(one)).toBe('ready');
  expect((await one.query('draft.get', { ticketId: ticket.id }))?.body).toBe('Đang gõ');
});

test('a locked screen stays locked over a restart, and opens without the hub', async () => {
  const one = await workstation();
  await one.execute('session.lock', null);
  await hub.down();
  try {
    one.stop();
    await one.start();
    expect(await phase(one)).toBe('locked');
    await one.execute('session.unlock', { password: demoPassword });
    expect((await one.inbox()).length).toBeGreaterThan(0);
  } finally {
    await hub.up();
  }
});

test('five wrong passwords, also over restarts: from then on only the hub lets anybody in', async () => {
  const one = await workstation();
  await one.execute('session.lock', null);
  for (let wrong = 0; wrong < 5; wrong += 1) {
    await expect(one.execute('session.unlock', { password: `sai ${wrong}` })).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
    if (wrong === 2) {
      one.stop();
      await one.start();
    }
  }
  expect(await one.query('session.state', null)).toMatchObject({ phase: 'locked', triesLeft: 0 });
  await hub.down();
  try {
    await expect(one.execute('session.unlock', { password: demoPassword })).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  } finally {
    await hub.up();
  }
  await expect(one.execute('session.unlock', { password: 'sai nữa' })).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
  await one.execute('session.unlock', { password: demoPassword });
  expect(await phase(one)).toBe('ready');
  await one.online();
});

test('two people on one workstation: each has a file and a key of their own, and finds their unsent work again', async () => {
  const one = await workstation('lan');
  await hub.down();
  const ticket = (await one.inbox())[0]!;
  await one.mutate('message.note', { messageId: uuid(), ticketId: ticket.id, body: 'Của Lan, chưa gửi' });
  await one.execute('session.switch', null);
  const state = await one.query('session.state', null);
  expect(state).toMatchObject({ phase: 'signedOut', accounts: [{ email: 'lan@demo.truc.test', unsent: 1 }] });
  // Nobody knows Minh here yet, and the hub is away.
  await expect(signIn(one, 'minh')).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  await hub.up();
  await signIn(one, 'minh');
  await one.online();
  expect(files(one)).toHaveLength(2);
  expect((await one.query('status', null)).queued).toBe(0);
  await one.execute('session.switch', null);
  await hub.down();
  // Lan is known by her password without the hub.
  await expect(signIn(one, 'lan', 'sai')).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
  await signIn(one, 'lan');
  expect((await one.query('status', null)).queued).toBe(1);
  expect(await one.query('session.state', null)).toMatchObject({ phase: 'ready', user: { email: 'lan@demo.truc.test' } });
  await hub.up();
  await one.online();
  await one.drained();
  expect(await hub.query(`select author_name from message where body = 'Của Lan, chưa gửi'`)).toMatchObject([
    { author_name: 'Nguyễn Ngọc Lan' },
  ]);
});

test('signing out takes the account’s own file and leaves the other’s', async () => {
  const one = await workstation('lan');
  await one.execute('session.switch', null);
  await signIn(one, 'minh');
  await one.online();
  const before = files(one);
  await one.execute('session.signOut', { discard: false });
  expect(files(one)).toHaveLength(before.length - 1);
  expect(await one.query('session.state', null)).toMatchObject({ accounts: [{ email: 'lan@demo.truc.test' }] });
  await signIn(one, 'lan');
  await one.online();
});

test('three days without the hub: nothing is shown, nothing is lost, and contact opens it again; setting the clock back does not', async () => {
  const one = await workstation();
  const ticket = (await one.inbox())[0]!;
  await hub.down();
  try {
    await one.offline();
    await one.mutate('message.note', { messageId: uuid(), ticketId: ticket.id, body: 'Ba ngày không mạng' });
    one.clockOff = 71 * hour;
    await until(async () => (await one.query('status', null)).clockConfirmed === false);
    expect(await phase(one)).toBe('ready');
    one.clockOff = 73 * hour;
    await until(async () => (await phase(one)) === 'expired');
    expect(await one.query('session.state', null)).toMatchObject({ phase: 'expired', queued: 1 });
    expect(await one.inbox()).toEqual([]);
    await expect(one.mutate('ticket.reopen', { ticketId: ticket.id })).rejects.toMatchObject({ code: 'LOCKED' });
    one.stop();
    one.clockOff = 0;
    await one.start();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await phase(one)).toBe('expired');
  } finally {
    await hub.up();
  }
  await one.online();
  await until(async () => (await phase(one)) === 'ready');
  await one.drained();
  expect(await hub.query(`select 1 from message where body = 'Ba ngày không mạng'`)).toHaveLength(1);
});

test('a revoked workstation wipes itself: key first, then the files', async () => {
  const one = await workstation('hoa');
  const [account] = (
    JSON.parse(readFileSync(join(one.profileDir, 'session.json'), 'utf8')) as { accounts: { clientId: string; file: string }[] }
  ).accounts;
  await hub.query('update client set revoked_at = 1 where client_id = $1', [account!.clientId]);
  await hub.restart();
  await until(async () => (await phase(one)) === 'signedOut');
  expect(await one.query('session.state', null)).toMatchObject({ reason: 'CLIENT_REVOKED', accounts: [] });
  expect(existsSync(join(one.profileDir, account!.file))).toBe(false);
  expect(existsSync(join(one.profileDir, `${account!.file}-wal`))).toBe(false);
  expect(one.secretNames()).toEqual([]);
});

test('the settings of the centre are the hub’s', async () => {
  const strict = await startTestHub({ TRUC_IDLE_LOCK_MINUTES: '0' });
  const one = new TestConsole(strict.url);
  consoles.push(one);
  await (await one.start()).signIn('lan');
  one.idle(10 * hour);
  expect(await phase(one)).toBe('ready');
  one.dispose();
  await strict.stop();
});
