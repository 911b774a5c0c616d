/** What an administrator's console asks of the hub about bots, over HTTP under `/api/v1/bots`. */
import { z } from 'zod';
import { botRules } from './bot.ts';

/** `PUT /api/v1/bots/:id` */
export const ruleBot = z.strictObject({
  name: z.string().trim().min(1).max(200),
  channels: z.array(z.string().max(64)).max(50).describe('Of which it begins fresh conversations.'),
  active: z.boolean(),
  config: botRules,
});
export type RuleBot = z.infer<typeof ruleBot>;

/** A bot outside of the hub, which answers on `channelIds` and is told by `webhookUrl`. */
export const botSettings = z.strictObject({
  name: z.string().trim().min(1).max(200),
  channelIds: z.array(z.string().max(64)).max(50),
  webhookUrl: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullable(),
  /** ms that it has for an answer; after that a person is asked */
  timeoutMs: z.int().min(100).max(600_000),
});

/** `PUT /api/v1/bots/:id/account`: a bot outside of the hub */
export const botAccount = z.strictObject({
  settings: botSettings,
  rotate: z.literal(true).optional().describe('A new secret; the one before it is good until the next time.'),
});
/** `secret`: shown this once, where it is a new one */
export const botAccountAnswer = z.strictObject({ settings: botSettings, secret: z.string().nullable() });
export type BotAccountAnswer = z.infer<typeof botAccountAnswer>;

/** `GET /api/v1/bots` */
export const botList = z.strictObject({
  rules: z.array(z.strictObject({ id: z.string(), name: z.string(), active: z.boolean(), channels: z.array(z.string()) })),
  outside: z.array(
    z.strictObject({
      id: z.string(),
      settings: botSettings,
      secrets: z.int().nonnegative().describe('How many of them are good.'),
      refused: z.strictObject({ at: z.int(), count: z.int().positive() }).nullable().describe('Events that were not let in.'),
    }),
  ),
});
export type BotList = z.infer<typeof botList>;
export type OutsideBot = BotList['outside'][number];

/** `GET /api/v1/bots/:id/questions`, most asked first */
export const questionsQuery = z.strictObject({
  after: z.string().max(1000).optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(200),
});
export const botQuestions = z.strictObject({
  questions: z.array(z.strictObject({ text: z.string(), times: z.int(), last_at: z.int() })),
  next: z.string().nullable(),
});
export type BotQuestions = z.infer<typeof botQuestions>;
export type BotQuestion = BotQuestions['questions'][number];
