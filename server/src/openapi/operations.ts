/** The hub's public routes, as programs, bots and vendors may use them. */
import { z } from 'zod';
import { refreshAnswer, refreshRequest, signInAnswer, signInRequest } from '../../../src/shared/protocol.ts';
import {
  botAccount,
  botAccountAnswer,
  botList,
  botQuestions,
  questionsQuery,
  type RuleBot,
  ruleBot,
} from '../../../src/shared/bot-admin.ts';
import { botAnswer, botEvent, botTold } from '../bots/schema.ts';
import { apiMessage, apiMessageAnswer, apiTold, idempotencyKey } from '../channels/api/schema.ts';
import { type Operation, refusals, type Told } from './document.ts';
import { webhookOperations, webhookTold } from './webhook-operations.ts';

const none = z.strictObject({});
const ok = { says: 'Done.' };
const device = { clientId: '018f0000-0000-7000-8000-000000000001', deviceName: 'Máy thử' };

const session: Operation[] = [
  {
    route: 'POST /api/v1/auth/sign-in',
    id: 'signIn',
    summary: 'Signs a user in on a workstation.',
    tag: 'session',
    by: ['anyone'],
    body: signInRequest,
    answers: { 200: { says: 'Tokens and the user.', schema: signInAnswer }, ...refusals(400, 401, 409, 429) },
    examples: [
      { name: 'wrong', params: {}, by: 'anyone', body: { email: 'lan@demo.truc.test', password: 'sai', ...device }, status: 401 },
      { name: 'incomplete', params: {}, by: 'anyone', body: { email: 'lan@demo.truc.test' }, status: 400 },
    ],
  },
  {
    route: 'POST /api/v1/auth/refresh',
    id: 'refresh',
    summary: 'A new pair of tokens for the old one.',
    tag: 'session',
    by: ['anyone'],
    body: refreshRequest,
    answers: { 200: { says: 'Tokens.', schema: refreshAnswer }, ...refusals(400, 401) },
    examples: [{ name: 'ended', params: {}, by: 'anyone', body: { refreshToken: 'x', clientId: device.clientId }, status: 401 }],
  },
  {
    route: 'POST /api/v1/auth/sign-out',
    id: 'signOut',
    summary: 'Ends the session.',
    tag: 'session',
    by: ['session'],
    answers: { 200: { says: 'Done.', schema: none }, ...refusals(401) },
    examples: [{ name: 'stranger', params: {}, by: 'anyone', status: 401 }],
  },
];

const demoChannel = { channelId: 'demo-api' };
const text = {
  id: 'ext-1',
  contact: { external_id: 'cust-1', name: 'Phạm An', phone: '0912345678' },
  conversation: { external_id: 'th-1' },
  message: { text: 'Xin báo giá', attachments: [], sent_at: '2026-11-11T19:59:58Z' },
};

const channel: Operation[] = [
  {
    route: 'POST /api/v1/channels/:channelId/messages',
    id: 'receiveMessage',
    summary: 'A message of a customer. Once for each id or Idempotency-Key, whatever is repeated.',
    tag: 'api channel',
    by: ['apiKey', 'signature'],
    headers: z.object({ 'idempotency-key': idempotencyKey.optional() }),
    body: apiMessage,
    answers: {
      201: { says: 'Stored; it will be on a ticket in a moment.', schema: apiMessageAnswer },
      200: { says: 'It had come before: the same answer.', schema: apiMessageAnswer },
      ...refusals(400, 401, 404, 409, 413),
    },
    examples: [
      { name: 'text', params: demoChannel, by: 'apiKey', body: text, status: 201 },
      { name: 'again', params: demoChannel, by: 'apiKey', body: text, status: 200 },
      { name: 'reused', params: demoChannel, by: 'apiKey', body: { ...text, message: { text: 'Khác' } }, status: 409 },
      {
        name: 'file',
        params: demoChannel,
        headers: { 'idempotency-key': '8e03978e-40d5-43e8-bc93-6894a57f9324' },
        by: 'signature',
        body: {
          contact: { external_id: 'cust-1' },
          conversation: { external_id: 'th-1' },
          message: { attachments: [{ url: 'https://files.example.test/a.pdf', name: 'a.pdf' }] },
        },
        status: 201,
      },
      { name: 'nameless', params: demoChannel, by: 'apiKey', body: { ...text, id: undefined }, status: 400 },
      { name: 'stranger', params: demoChannel, by: 'anyone', body: text, status: 401 },
      { name: 'nowhere', params: { channelId: 'none' }, by: 'apiKey', body: text, status: 404 },
    ],
  },
  {
    route: 'GET /api/v1/channels/:channelId/files/:fileId',
    id: 'getFile',
    summary: 'A file of an answer that went out through this channel.',
    tag: 'api channel',
    by: ['apiKey'],
    answers: { 200: { says: 'Its bytes.', schema: z.string(), type: 'application/octet-stream' }, ...refusals(400, 401, 404) },
    examples: [
      { name: 'none', params: { ...demoChannel, fileId: device.clientId }, by: 'apiKey', status: 404 },
      { name: 'badId', params: { ...demoChannel, fileId: 'x' }, by: 'apiKey', status: 400 },
    ],
  },
];

const demoBot = { channelId: 'demo-bot' };

const bots: Operation[] = [
  {
    route: 'POST /api/v1/bots/:channelId/events',
    id: 'botEvent',
    summary: 'What a bot says, or that it gives the conversation to people. The same webhook-id is the same event.',
    tag: 'bots',
    by: ['signature'],
    body: botEvent,
    answers: {
      200: { says: 'Sent, or handed off; or it had been before.', schema: botAnswer },
      ...refusals(400, 401, 404, 409, 413),
    },
    examples: [
      {
        name: 'handoff',
        params: demoBot,
        by: 'signature',
        body: {
          event: 'handoff',
          conversation_id: 'cv_1',
          reason: 'user_request',
          summary: 'Khách hỏi đổi size áo be từ L sang M',
          collected: { order_code: 'DH10422', confidence: 0.41 },
          transcript_until: 'ms_12',
          skill: 'cskh',
          priority: 'normal',
        },
        // Of the demo's bot there is no such conversation.
        status: 404,
      },
      { name: 'message', params: demoBot, by: 'signature', body: { event: 'message', conversation_id: 'cv_1', text: 'Dạ' }, status: 404 },
      { name: 'unsigned', params: demoBot, by: 'anyone', body: { event: 'message', conversation_id: 'cv_1', text: 'Dạ' }, status: 401 },
      { name: 'dance', params: demoBot, by: 'signature', body: { event: 'dance' }, status: 400 },
    ],
  },
];

const hello: RuleBot = {
  name: 'Bot chào',
  channels: [],
  active: true,
  config: {
    greeting: null,
    rules: [{ id: 'hello', exact: ['xin chào'], keywords: [], say: 'Chào bạn', form: [], handOff: false, skill: null, priority: null }],
    faq: false,
    misses: 2,
    hours: null,
    missed: 'Bạn nói rõ hơn giúp mình nhé.',
    handedOver: 'Mình chuyển bạn cho nhân viên.',
  },
};

const ruleBots: Operation[] = [
  {
    route: 'GET /api/v1/bots',
    id: 'listBots',
    summary: 'The hub’s own bots, and those outside of it. For administrators, as all of these.',
    tag: 'bots',
    by: ['session'],
    answers: { 200: { says: 'All of them.', schema: botList }, ...refusals(401, 403) },
    examples: [{ name: 'all', params: {}, by: 'session', status: 200 }],
  },
  {
    route: 'GET /api/v1/bots/:id',
    id: 'getBot',
    summary: 'One of the hub’s own bots.',
    tag: 'bots',
    by: ['session'],
    answers: { 200: { says: 'As it is set.', schema: ruleBot }, ...refusals(400, 401, 403, 404) },
    examples: [
      { name: 'demo', params: { id: 'demo-bot' }, by: 'session', status: 200 },
      { name: 'none', params: { id: 'none' }, by: 'session', status: 404 },
    ],
  },
  {
    route: 'PUT /api/v1/bots/:id',
    id: 'putBot',
    summary: 'Sets it, or makes it.',
    tag: 'bots',
    by: ['session'],
    body: ruleBot,
    answers: { 200: { says: 'As it is now.', schema: ruleBot }, ...refusals(400, 401, 403) },
    examples: [
      { name: 'hello', params: { id: 'hello' }, by: 'session', body: hello, status: 200 },
      { name: 'nowhere', params: { id: 'hello' }, by: 'session', body: { ...hello, channels: ['none'] }, status: 400 },
    ],
  },
  {
    route: 'PUT /api/v1/bots/:id/account',
    id: 'putBotAccount',
    summary: 'Where a bot outside of the hub is told of messages, and of which channels.',
    tag: 'bots',
    by: ['session'],
    body: botAccount,
    answers: { 200: { says: 'Its secret is shown this once.', schema: botAccountAnswer }, ...refusals(400, 401, 403, 409) },
    examples: [
      {
        name: 'helper',
        params: { id: 'helper' },
        by: 'session',
        body: { settings: { name: 'Bot ngoài', channelIds: [], webhookUrl: 'https://bot.example.test/truc', timeoutMs: 10_000 } },
        status: 200,
      },
      {
        name: 'taken',
        params: { id: 'demo-api' },
        by: 'session',
        body: { settings: { name: 'Bot ngoài', channelIds: [], webhookUrl: null, timeoutMs: 10_000 } },
        status: 409,
      },
    ],
  },
  {
    route: 'GET /api/v1/bots/:id/questions',
    id: 'listBotQuestions',
    summary: 'What it had no answer to, most asked first.',
    tag: 'bots',
    by: ['session'],
    query: questionsQuery,
    answers: { 200: { says: 'A page.', schema: botQuestions }, ...refusals(400, 401, 403, 404) },
    examples: [{ name: 'demo', params: { id: 'demo-bot' }, by: 'session', status: 200 }],
  },
];

const vendors: Operation[] = [
  {
    route: 'GET /hooks/messenger/:channelId',
    id: 'subscribeMessenger',
    summary: 'How Meta makes sure of the address.',
    tag: 'vendors',
    by: ['anyone'],
    query: z.object({ 'hub.mode': z.string(), 'hub.verify_token': z.string(), 'hub.challenge': z.string() }),
    answers: { 200: { says: 'The challenge.', schema: z.string(), type: 'text/plain' }, ...refusals(400, 403, 404) },
    examples: [{ name: 'wrongToken', params: { channelId: 'demo-messenger' }, by: 'anyone', status: 403 }],
  },
  {
    route: 'POST /hooks/messenger/:channelId',
    id: 'hearMessenger',
    summary: 'Webhooks of Messenger and Instagram, with X-Hub-Signature-256.',
    tag: 'vendors',
    by: ['anyone'],
    body: 'vendor',
    answers: { 200: ok, ...refusals(400, 401, 404, 413) },
    examples: [{ name: 'unsigned', params: { channelId: 'demo-messenger' }, by: 'anyone', body: {}, status: 401 }],
  },
  {
    route: 'POST /hooks/zalo/:channelId',
    id: 'hearZalo',
    summary: 'Webhooks of Zalo OA, with X-ZEvent-Signature.',
    tag: 'vendors',
    by: ['anyone'],
    body: 'vendor',
    answers: { 200: ok, ...refusals(400, 401, 404, 413) },
    examples: [{ name: 'unsigned', params: { channelId: 'demo-zalo' }, by: 'anyone', body: {}, status: 401 }],
  },
  {
    route: 'POST /hooks/cti/:token',
    id: 'hearExchange',
    summary: 'Calls, as telephone exchanges tell of them; the address is the secret.',
    tag: 'vendors',
    by: ['address'],
    body: 'vendor',
    answers: { 200: ok, ...refusals(400, 404, 413) },
    examples: [{ name: 'nowhere', params: { token: 'none' }, by: 'anyone', body: {}, status: 404 }],
  },
];

const running = z.object({ ok: z.boolean() });
const service: Operation[] = [
  {
    route: 'GET /healthz',
    id: 'health',
    summary: 'Whether the hub runs.',
    tag: 'service',
    by: ['anyone'],
    answers: { 200: { says: 'It does.', schema: running } },
    examples: [{ name: 'up', params: {}, by: 'anyone', status: 200 }],
  },
  {
    route: 'GET /readyz',
    id: 'ready',
    summary: 'Whether it can work.',
    tag: 'service',
    by: ['anyone'],
    answers: {
      200: { says: 'It can.', schema: running.extend({ database: z.boolean() }) },
      503: { says: 'It can’t.', schema: running.extend({ database: z.boolean() }) },
    },
    examples: [{ name: 'ready', params: {}, by: 'anyone', status: 200 }],
  },
  {
    route: 'GET /openapi.json',
    id: 'describe',
    summary: 'This.',
    tag: 'service',
    by: ['anyone'],
    answers: { 200: { says: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } },
    examples: [{ name: 'this', params: {}, by: 'anyone', status: 200 }],
  },
];

export const operations: readonly Operation[] = [
  ...channel,
  ...bots,
  ...ruleBots,
  ...webhookOperations,
  ...vendors,
  ...session,
  ...service,
];

export const told: readonly Told[] = [
  {
    name: 'answer',
    summary: 'An answer on an API channel, to the address of that channel; the same id again is the same answer.',
    schema: apiTold,
  },
  { name: 'heard', summary: 'What a customer has said, to the bot that has the conversation.', schema: botTold },
  ...webhookTold,
];
