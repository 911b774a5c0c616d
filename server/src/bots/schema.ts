/** What a bot outside of the hub says, and what it is told. Source: channels reference, 8. */
import { z } from 'zod';
import { limits, priority } from '../../../src/shared/domain.ts';
import { handOffReasons } from '../../../src/shared/mutations/bot.ts';

const conversationId = z.string().min(1).max(200).describe('As told to the bot; or, of a program’s conversation, the program’s own.');
const epoch = z.int().positive().optional().describe('As told to the bot: whoever has been silenced since has an older one.');

const botMessage = z.strictObject({
  event: z.literal('message'),
  conversation_id: conversationId,
  text: z.string().trim().min(1).max(limits.messageLength),
  in_reply_to: z.string().max(200).optional().describe('The message that it answers.'),
  epoch,
});
const botHandOff = z.strictObject({
  event: z.literal('handoff'),
  conversation_id: conversationId,
  reason: z.enum(handOffReasons),
  summary: z.string().max(2000).default(''),
  collected: z
    .record(z.string().min(1).max(60), z.union([z.string().max(500), z.number(), z.boolean(), z.null()]))
    .refine((fields) => Object.keys(fields).length <= 50, 'more than 50 fields')
    .default({}),
  transcript_until: z.string().max(200).optional().describe('The last message that the bot has read.'),
  skill: z.string().trim().min(1).max(limits.tagLength).optional(),
  priority: priority.optional(),
  intent: z.string().max(200).optional(),
  confidence: z.number().min(0).max(1).optional(),
  epoch,
});

/** `POST /api/v1/bots/:channelId/events` */
export const botEvent = z.discriminatedUnion('event', [botMessage, botHandOff]);
export type BotEvent = z.infer<typeof botEvent>;

/** `repeated`: it had come before, or there was nothing left to do */
export const botAnswer = z.strictObject({ state: z.enum(['sent', 'handed_off']), message_id: z.uuid(), repeated: z.boolean() });
export type BotAnswer = z.infer<typeof botAnswer>;

/** What a bot is told of its customer; `webhook-id` is the message's. */
export const botTold = z.strictObject({
  type: z.literal('message.created'),
  timestamp: z.iso.datetime(),
  data: z.strictObject({
    conversation_id: z.uuid(),
    epoch: z.int(),
    message_id: z.uuid(),
    channel_id: z.string().nullable(),
    contact: z.strictObject({ id: z.uuid(), name: z.string() }),
    text: z.string(),
    files: z.int(),
    sent_at: z.iso.datetime(),
  }),
});
export type BotTold = z.infer<typeof botTold>;
