/** The hub's own bot in the chat: it answers, asks, gives up in time, and is set by administrators alone. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RuleBot } from '../../src/shared/bot-admin.ts';
import { until } from '../harness/engine.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { Visitor } from '../harness/visitor.ts';
import { signIn, wire } from '../harness/wire.ts';

let hub: TestHub;
let lan: Awaited<ReturnType<typeof wire>>;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  hub = await startTestHub({ TRUC_DEMO_BOT: '1' });
  lan = await wire(hub.url, 'lan');
  for (const key of ['lan', 'thu', 'quan']) tokens[key] = (await signIn(hub.url, key)).token;
});
afterAll(async () => {
  lan.close();
  await hub.stop();
});

const call = async (method: string, path: string, body?: object, who = 'quan') => {
  const answer = await fetch(`${hub.url}/api/v1/bots/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${tokens[who]}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  });
  return { status: answer.status, value: (await answer.json()) as Record<string, unknown> };
};
interface Row {
  id: string;
  status: string;
  tags: string[];
  sla_state: string | null;
}
async function talk(first: string): Promise<{ visitor: Visitor; ticket: () => Promise<Row> }> {
  const visitor = await new Visitor(hub.url).open();
  const id = await visitor.say(first);
  const [row] = await hub.query<{ ticket_id: string }>('select ticket_id from message where id = $1', [id]);
  const ticket = async () => (await hub.query<Row>('select id, status, tags, sla_state from ticket where id = $1', [row!.ticket_id]))[0]!;
  return { visitor, ticket };
}
/** What the bot has said, once it is as much as this. */
async function answers(visitor: Visitor, least: number): Promise<string[]> {
  const said = async () => (await visitor.messages()).filter(({ from }) => from === 'bot').map(({ body }) => body);
  await until(async () => (await said()).length >= least);
  return said();
}
const clocks = (ticketId: string) => hub.query<{ kind: string }>('select kind from sla_clock where ticket_id = $1', [ticketId]);

test('it answers what it knows, and no clock runs', async () => {
  const { visitor, ticket } = await talk('Cho em hoi PHI SHIP a');
  expect((await answers(visitor, 1))[0]).toContain('30.000đ');
  expect(await ticket()).toMatchObject({ status: 'bot', sla_state: null });
  expect(await clocks((await ticket()).id)).toEqual([]);
  expect((await visitor.messages()).at(-1)).toMatchObject({ from: 'bot', author: 'Bot Sao Mai' });
});

test('a form collects, and people get what it has; the clocks start with them', async () => {
  const { visitor, ticket } = await talk('mình muốn đổi size');
  expect((await answers(visitor, 2)).at(-1)).toContain('mã đơn');
  await visitor.say('DH10422');
  expect((await answers(visitor, 3)).at(-1)).toContain('1. Sai size');
  await visitor.say('1');
  await answers(visitor, 4);
  await visitor.say('0912 345 678');
  await until(async () => (await ticket()).status === 'new');
  expect((await answers(visitor, 5)).at(-1)).toContain('nhân viên');
  expect(await ticket()).toMatchObject({ tags: ['cskh'], sla_state: 'running' });
  const [note] = await hub.query<{ extra: { collected: object } }>(`select extra from message where ticket_id = $1 and kind = 'system'`, [
    (await ticket()).id,
  ]);
  expect(note!.extra.collected).toEqual({ order_code: 'DH10422', problem: 'Sai size', phone: '+84912345678', reason: 'policy' });
  expect(await clocks((await ticket()).id)).toEqual([{ kind: 'frt' }]);
  // From here on the bot is silent.
  await visitor.say('phí ship');
  await until(async () => (await hub.query(`select 1 from graphile_worker.jobs where key like 'bot:%'`)).length === 0);
  expect(await answers(visitor, 5)).toHaveLength(5);
});

test('who asks for people gets them at once; two misses do the same, and are counted', async () => {
  const asks = await talk('cho em gặp nhân viên');
  await until(async () => (await asks.ticket()).status === 'new');
  const odd = `zzz ${uuid()}`;
  const misses = await talk(odd);
  await answers(misses.visitor, 1);
  expect((await misses.ticket()).status).toBe('bot');
  await misses.visitor.say(odd.toUpperCase());
  await until(async () => (await misses.ticket()).status === 'new');
  await until(async () =>
    ((await call('GET', 'demo-bot/questions')).value['questions'] as { times: number }[]).some(({ times }) => times === 2),
  );
  expect((await call('GET', 'demo-bot/questions')).value['questions']).toContainEqual({
    text: odd,
    times: 2,
    last_at: expect.any(Number),
  });
});

test('an agent takes over in the middle of a form', async () => {
  const { visitor, ticket } = await talk('đổi trả');
  await answers(visitor, 2);
  expect(await lan.push('bot.takeOver', { ticketId: (await ticket()).id })).toMatchObject({ ok: true });
  await visitor.say('DH10422');
  await until(async () => (await hub.query(`select 1 from graphile_worker.jobs where key like 'bot:%'`)).length === 0);
  expect(await answers(visitor, 2)).toHaveLength(2);
  expect(await ticket()).toMatchObject({ status: 'open', sla_state: 'running' });
});

test('told again after a crash it says nothing twice', async () => {
  const { visitor, ticket } = await talk('xin chào');
  await answers(visitor, 1);
  const { id } = await ticket();
  // As if the hub had ended before it wrote down where it was.
  await hub.query('update bot_conversation set told_id = null, state = null where ticket_id = $1', [id]);
  await hub.query(`select graphile_worker.add_job('bot', $1, job_key := $2)`, [JSON.stringify({ ticketId: id }), `bot:${id}`]);
  await until(
    async () => (await hub.query('select 1 from bot_conversation where ticket_id = $1 and told_id is not null', [id])).length === 1,
  );
  expect(await answers(visitor, 1)).toHaveLength(1);
});

test('administrators set it; what is wrong is named; others may not', async () => {
  const { status, value } = await call('GET', 'demo-bot');
  expect(status).toBe(200);
  const bot = value as unknown as RuleBot;
  for (const who of ['lan', 'thu']) {
    expect((await call('GET', 'demo-bot', undefined, who)).status).toBe(403);
    expect((await call('PUT', 'demo-bot', bot, who)).status).toBe(403);
    expect((await call('GET', 'demo-bot/questions', undefined, who)).status).toBe(403);
  }
  expect((await call('GET', 'none')).status).toBe(404);
  expect((await call('GET', 'none/questions')).status).toBe(404);
  const rule = bot.config.rules[0]!;
  for (const [bad, field] of [
    [{ ...bot, channels: ['none'] }, 'channels.0'],
    [{ ...bot, name: ' ' }, 'name'],
    [{ ...bot, name: 'a\u0000' }, 'name'],
    [{ ...bot, config: { ...bot.config, rules: [{ ...rule, say: null }] } }, 'config.rules.0.say'],
    [{ ...bot, config: { ...bot.config, hours: { zone: 'Asia/Nowhere', open: [], closed: 'x' } } }, 'config.hours.zone'],
  ] as const) {
    expect(await call('PUT', 'demo-bot', bad)).toMatchObject({ status: 400, value: { field } });
  }
  // A conversation that it has when it is switched off goes to people; a fresh one begins with them.
  const { visitor, ticket } = await talk('hello');
  await answers(visitor, 1);
  expect((await call('PUT', 'demo-bot', { ...bot, active: false })).status).toBe(200);
  await visitor.say('phí ship');
  await until(async () => (await ticket()).status === 'new');
  expect(await (await talk('phí ship')).ticket()).toMatchObject({ status: 'new', sla_state: 'running' });
  expect((await call('PUT', 'demo-bot', bot)).value).toEqual(value);
});
