/** Bots outside of the hub: what they are told, what they may say, and that nothing of theirs reaches a customer once people have it. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { signWebhook } from '../../server/src/webhooks/sign.ts';
import { postSigned, Receiver, type Told } from '../harness/receiver.ts';
import { sample } from '../harness/samples.ts';
import { Visitor } from '../harness/visitor.ts';
import { signIn, wire } from '../harness/wire.ts';

let hub: TestHub;
let bot: Receiver;
let lan: Awaited<ReturnType<typeof wire>>;
beforeAll(async () => {
  bot = await Receiver.start();
  hub = await startTestHub({ TRUC_WEBHOOK_HOSTS: bot.host });
  lan = await wire(hub.url, 'lan');
});
afterAll(async () => {
  lan.close();
  await hub.stop();
  await bot.stop();
});

const minutes = 60_000;
async function configure(more: { channelIds?: string[]; webhookUrl?: string | null; timeoutMs?: number }): Promise<void> {
  const settings = { name: 'Bot Sao Mai', channelIds: ['demo-widget', 'demo-api'], webhookUrl: bot.url, timeoutMs: 10 * minutes, ...more };
  await hub.query(`update channel_account set settings = $1 where channel_id = 'demo-bot'`, [JSON.stringify(settings)]);
}
beforeEach(async () => {
  bot.told.length = 0;
  bot.answers.length = 0;
  await configure({});
});

const path = '/api/v1/bots/demo-bot/events';
const say = (event: object, id: string = uuid()) => postSigned(hub.url + path, JSON.stringify(event), id);
const refusal = async (answer: Response) => {
  const { code, field } = (await answer.json()) as { code: string; field?: string };
  return [answer.status, code, field];
};
interface Row {
  id: string;
  status: string;
  tags: string[];
  priority: string;
  sla_state: string | null;
  assignee_id: string | null;
  unanswered_since: string | null;
  last_inbound_id: string;
  last_reply_id: string | null;
}
const ticketOf = async (id: string) => (await hub.query<Row>('select * from ticket where id = $1', [id]))[0]!;
const clocks = async (ticketId: string) =>
  (
    await hub.query<{ kind: string; state: string }>('select kind, state from sla_clock where ticket_id = $1 order by started_at', [
      ticketId,
    ])
  ).map(({ kind, state }) => [kind, state]);
const becomes = (ticketId: string, status: string) => until(async () => (await ticketOf(ticketId)).status === status);

/** A visitor who has said something to the bot, and what the bot was told. */
async function talk(text = `Chào bot ${uuid()}`): Promise<{ visitor: Visitor; ticketId: string; told: Told['body']['data'] }> {
  const visitor = await new Visitor(hub.url).open();
  await visitor.say(text);
  const [ticket] = await hub.query<{ id: string }>('select ticket_id as id from message where body = $1', [text]);
  await until(() => bot.told.some(({ body }) => body.data['text'] === text));
  return { visitor, ticketId: ticket!.id, told: bot.told.find(({ body }) => body.data['text'] === text)!.body.data };
}
const heard = async (visitor: Visitor) => (await visitor.messages()).map(({ from, body }) => [from, body]);

test('a bot begins the conversation: it is told, its answer reaches the visitor, and no clock runs', async () => {
  const { visitor, ticketId, told } = await talk();
  expect(bot.told.every(({ signed }) => signed)).toBe(true);
  expect(told).toMatchObject({ conversation_id: ticketId, epoch: 1, channel_id: 'demo-widget' });
  expect((await ticketOf(ticketId)).status).toBe('bot');
  expect(await clocks(ticketId)).toEqual([]);
  const answer = await say(
    { event: 'message', conversation_id: ticketId, text: 'Bot xin chào', in_reply_to: told['message_id'], epoch: 1 },
    'w-1',
  );
  expect([answer.status, await answer.json()]).toMatchObject([200, { state: 'sent', repeated: false }]);
  expect((await heard(visitor)).at(-1)).toEqual(['bot', 'Bot xin chào']);
  expect(await ticketOf(ticketId)).toMatchObject({ status: 'bot', unanswered_since: null, sla_state: null });
  const [message] = await hub.query<{ author_type: string; extra: { automatic?: boolean } }>(
    `select author_type, extra from message where body = 'Bot xin chào'`,
  );
  expect(message).toMatchObject({ author_type: 'bot', extra: { automatic: true } });
  // Told again, it is the same saying.
  const again = await say(
    { event: 'message', conversation_id: ticketId, text: 'Bot xin chào', in_reply_to: told['message_id'], epoch: 1 },
    'w-1',
  );
  expect([again.status, await again.json()]).toMatchObject([200, { repeated: true }]);
  expect((await heard(visitor)).filter(([from]) => from === 'bot')).toHaveLength(1);
  // What the visitor says next is told too, once.
  await visitor.say('Còn màu xanh không?');
  await until(() => bot.told.some(({ body }) => body.data['text'] === 'Còn màu xanh không?'));
  expect(bot.told.filter(({ body }) => body.data['conversation_id'] === ticketId)).toHaveLength(2);
});

test('the sample: it leaves the bot with what it has learnt, the clocks start, and a late answer is never sent', async () => {
  const post = (text: string) =>
    fetch(`${hub.url}/api/v1/channels/demo-api/messages`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-api-key' },
      body: JSON.stringify({ id: text, contact: { external_id: 'bot-1' }, conversation: { external_id: 'cv_1' }, message: { text } }),
    });
  expect((await post('đổi size được không')).status).toBe(201);
  const find = () => hub.query<Row>(`select * from ticket where id = (select ticket_id from api_conversation where external_id = 'cv_1')`);
  await until(async () => (await find()).length === 1);
  const ticketId = (await find())[0]!.id;
  expect((await ticketOf(ticketId)).status).toBe('bot');
  const body = sample('bot_01_handoff.json').toString('utf8');
  const first = await postSigned(hub.url + path, body, 'handoff-1');
  expect([first.status, await first.json()]).toMatchObject([200, { state: 'handed_off', repeated: false }]);
  expect(await ticketOf(ticketId)).toMatchObject({ status: 'new', tags: ['cskh'], priority: 'normal', sla_state: 'running' });
  expect((await ticketOf(ticketId)).unanswered_since).not.toBeNull();
  expect(await clocks(ticketId)).toEqual([['frt', 'running']]);
  const notes = () =>
    hub.query<{ body: string; author_type: string; extra: { collected: Record<string, string> } }>(
      `select body, author_type, extra from message where ticket_id = $1 and kind = 'system'`,
      [ticketId],
    );
  expect(await notes()).toMatchObject([
    {
      author_type: 'bot',
      extra: {
        collected: { order_code: 'DH10422', phone: '+84912345678', intent: 'exchange', confidence: '0.41', reason: 'user_request' },
      },
    },
  ]);
  expect((await notes())[0]!.body).toContain('Khách hỏi đổi size áo be từ L sang M');
  expect(await hub.query('select epoch, transcript_until, reason from bot_conversation where ticket_id = $1', [ticketId])).toEqual([
    { epoch: 2, transcript_until: 'ms_12', reason: 'user_request' },
  ]);
  // A repeat, under the same id or another, changes nothing.
  for (const id of ['handoff-1', 'handoff-2']) {
    const again = await postSigned(hub.url + path, body, id);
    expect([again.status, await again.json()]).toMatchObject([200, { state: 'handed_off', repeated: true }]);
  }
  expect(await notes()).toHaveLength(1);
  // The bot's answer to what it was asked before.
  const late = await say({ event: 'message', conversation_id: 'cv_1', text: 'Muộn rồi', in_reply_to: 'ms_12', epoch: 1 });
  expect(await refusal(late)).toEqual([409, 'BOT_SILENCED', 'conversation_id']);
  expect(await hub.query(`select 1 from message where body = 'Muộn rồi'`)).toEqual([]);
  // What the customer says from here on is for people.
  const told = bot.told.length;
  await post('alo');
  await until(async () => (await hub.query(`select 1 from message where body = 'alo'`)).length === 1);
  expect((await ticketOf(ticketId)).status).toBe('new');
  expect(bot.told).toHaveLength(told);
});

test.each([
  ['bot.takeOver', 'open'],
  ['ticket.assign', 'open'],
  ['message.reply', 'waiting_customer'],
] as const)('%s silences the bot', async (name, status) => {
  const { visitor, ticketId } = await talk();
  const ticket = await ticketOf(ticketId);
  const args = {
    'bot.takeOver': { ticketId },
    'ticket.assign': { ticketId, from: null, to: lan.me.userId },
    'message.reply': {
      messageId: uuid(),
      ticketId,
      body: 'Em là Lan',
      seen: { inboundId: ticket.last_inbound_id, replyId: null, assigneeId: null },
      live: true,
    },
  }[name];
  expect(await lan.push(name, args)).toMatchObject({ ok: true });
  expect(await ticketOf(ticketId)).toMatchObject({ status, assignee_id: lan.me.userId });
  expect(await clocks(ticketId)).toEqual([['frt', name === 'message.reply' ? 'met' : 'running']]);
  expect(await refusal(await say({ event: 'message', conversation_id: ticketId, text: 'Chen vào' }))).toEqual([
    409,
    'BOT_SILENCED',
    'conversation_id',
  ]);
  expect((await heard(visitor)).some(([from]) => from === 'bot')).toBe(false);
});

test('whoever takes over and the bot at once: what was sent was sent before', async () => {
  const { visitor, ticketId } = await talk();
  const [taken, ...answers] = await Promise.all([
    lan.push('bot.takeOver', { ticketId }),
    ...Array.from({ length: 6 }, (_one, n) => say({ event: 'message', conversation_id: ticketId, text: `Câu ${n}` })),
  ]);
  expect(taken).toMatchObject({ ok: true });
  const sent = answers.filter(({ status }) => status === 200).length;
  expect(answers.filter(({ status }) => status === 409).length).toBe(6 - sent);
  expect((await heard(visitor)).filter(([from]) => from === 'bot')).toHaveLength(sent);
});

test('no answer in time: a person is asked; an answer in time: the bot goes on', async () => {
  await configure({ timeoutMs: 300 });
  const silent = await talk();
  await becomes(silent.ticketId, 'new');
  const [note] = await hub.query<{ extra: { collected: { reason: string } } }>(
    `select extra from message where ticket_id = $1 and kind = 'system'`,
    [silent.ticketId],
  );
  expect(note!.extra.collected.reason).toBe('timeout');
  expect(await clocks(silent.ticketId)).toEqual([['frt', 'running']]);
  await configure({ timeoutMs: 2000 });
  const { ticketId } = await talk();
  expect((await say({ event: 'message', conversation_id: ticketId, text: 'Đây ạ' })).status).toBe(200);
  await until(async () => (await hub.query(`select 1 from graphile_worker.jobs where key = $1`, [`bot-late:${ticketId}`])).length === 0);
  expect((await ticketOf(ticketId)).status).toBe('bot');
});

test.each([[{ status: 500 }], [{ status: 302, headers: { location: '/' } }], ['cut'], ['hang']] as const)(
  'a bot that fails (%j) is not waited for',
  async (fault) => {
    await configure({ timeoutMs: 1000 });
    bot.answers.push(fault);
    const { ticketId } = await talk();
    await becomes(ticketId, 'new');
    const notes = await hub.query<{ extra: { collected: { reason: string } } }>(
      `select extra from message where ticket_id = $1 and kind = 'system'`,
      [ticketId],
    );
    expect(notes).toHaveLength(1);
    expect(['error', 'timeout']).toContain(notes[0]!.extra.collected.reason);
    expect(await clocks(ticketId)).toEqual([['frt', 'running']]);
  },
);

test('strangers, forgers, other conversations, and what is badly put', async () => {
  const { ticketId } = await talk();
  const event = { event: 'message', conversation_id: ticketId, text: 'x' };
  const text = JSON.stringify(event);
  const plain = await fetch(hub.url + path, { method: 'POST', body: text });
  expect(await refusal(plain)).toEqual([401, 'BAD_SIGNATURE', 'webhook-id']);
  expect(await refusal(await postSigned(hub.url + path, text, 'a', { at: Date.now() - 3_600_000 }))).toEqual([
    401,
    'BAD_SIGNATURE',
    'webhook-timestamp',
  ]);
  expect((await postSigned(`${hub.url}/api/v1/bots/demo-api/events`, text, 'a')).status).toBe(404);
  expect(await refusal(await say({ ...event, conversation_id: uuid() }))).toEqual([404, 'NOT_FOUND', 'conversation_id']);
  // Of the hub, though of none of the bot's channels.
  const [other] = await hub.query<{ id: string }>(`select id from ticket where channel_id is distinct from 'demo-widget' limit 1`);
  expect(await refusal(await say({ ...event, conversation_id: other!.id }))).toEqual([404, 'NOT_FOUND', 'conversation_id']);
  expect(await refusal(await say({ ...event, epoch: 7 }))).toEqual([409, 'BOT_SILENCED', 'epoch']);
  for (const [bad, field] of [
    [{ ...event, text: ' ' }, 'text'],
    [{ ...event, text: 'a\u0000' }, 'text'],
    [{ ...event, event: 'dance' }, 'event'],
    [{ ...event, more: 1 }, ''],
    [{ event: 'handoff', conversation_id: ticketId, reason: 'mood' }, 'reason'],
    [{ event: 'handoff', conversation_id: ticketId, reason: 'policy', collected: { a: {} } }, 'collected.a'],
    [{ event: 'handoff', conversation_id: ticketId, reason: 'policy', priority: 'now' }, 'priority'],
  ] as const) {
    expect([field, await refusal(await say(bad))]).toEqual([field, [400, 'BAD_REQUEST', field]]);
  }
  expect(await ticketOf(ticketId)).toMatchObject({ status: 'bot' });
});

test('after a restart a bot is told what it had not heard, and its time goes on', async () => {
  await configure({ timeoutMs: 1500 });
  const { visitor, ticketId } = await talk();
  expect((await say({ event: 'message', conversation_id: ticketId, text: 'Vâng' })).status).toBe(200);
  await visitor.say('Một câu trước lúc tắt');
  await hub.restart();
  await becomes(ticketId, 'new');
  const told = bot.told.filter(({ body }) => body.data['text'] === 'Một câu trước lúc tắt');
  expect(new Set(told.map(({ id }) => id)).size).toBe(1);
});

test('an administrator sets a bot up, and changes its secret without a gap', async () => {
  const put = async (who: string, id: string, body: object) => {
    const { token } = await signIn(hub.url, who);
    return fetch(`${hub.url}/api/v1/bots/${id}/account`, {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
  };
  const settings = { name: 'Bot khác', channelIds: ['demo-zalo'], webhookUrl: bot.url, timeoutMs: 10_000 };
  expect((await put('lan', 'other', { settings })).status).toBe(403);
  expect(await refusal(await put('quan', 'other', { settings: { ...settings, channelIds: ['none'] } }))).toEqual([
    400,
    'BAD_REQUEST',
    'settings.channelIds.0',
  ]);
  expect((await put('quan', 'demo-zalo', { settings })).status).toBe(409);
  const secretOf = async (answer: Response) => ((await answer.json()) as { secret: string | null }).secret;
  const first = await secretOf(await put('quan', 'other', { settings }));
  expect(await secretOf(await put('quan', 'other', { settings }))).toBeNull();
  const second = await secretOf(await put('quan', 'other', { settings, rotate: true }));
  const body = JSON.stringify({ event: 'message', conversation_id: uuid(), text: 'x' });
  for (const secret of [first, second]) {
    const headers = signWebhook([secret!], { id: uuid(), at: Date.now(), body });
    expect((await fetch(`${hub.url}/api/v1/bots/other/events`, { method: 'POST', body, headers })).status).toBe(404);
  }
  const third = await secretOf(await put('quan', 'other', { settings, rotate: true }));
  const old = signWebhook([first!], { id: uuid(), at: Date.now(), body });
  expect((await fetch(`${hub.url}/api/v1/bots/other/events`, { method: 'POST', body, headers: old })).status).toBe(401);
  expect(third).not.toBe(second);
  await hub.query(`delete from channel_account where channel_id = 'other'`);
});
