/** The part of the bridge that administrators use; each command asks the hub. */
import { z } from 'zod';
import type { BotAccountAnswer, BotList, BotQuestions, RuleBot } from './bot-admin.ts';
import { accountChange, type AdminChannel, type asideList, type ChannelCheck } from './channel-admin.ts';
import { id } from './domain.ts';
import { actRequest } from './protocol.ts';
import { endpointChange, type DeliveryList, type Endpoint, newEndpoint } from './webhook-admin.ts';

const channelId = z.string().min(1).max(64);
const botId = z.string().min(1).max(64);

export const adminCommands = {
  'channels.list': z.null(),
  'channels.connect': accountChange.extend({ channelId }),
  'channels.switch': z.strictObject({ channelId, on: z.boolean() }),
  /** tries the channel out; takes seconds */
  'channels.test': z.strictObject({ channelId }),
  'channels.aside': z.strictObject({ before: z.int().positive().nullable() }),
  'channels.retry': z.strictObject({ id: z.int().positive() }),
  'bots.list': z.null(),
  'bots.get': z.strictObject({ id: botId }),
  /** checked by the hub, which names the field */
  'bots.save': z.strictObject({ id: botId, bot: z.unknown() }),
  'bots.connect': z.strictObject({ id: botId, settings: z.unknown(), rotate: z.boolean() }),
  'bots.questions': z.strictObject({ id: botId, after: z.string().max(1000).nullable() }),
  'webhooks.list': z.null(),
  'webhooks.add': newEndpoint,
  'webhooks.change': z.strictObject({ id, change: endpointChange }),
  'webhooks.remove': z.strictObject({ id }),
  'webhooks.deliveries': z.strictObject({ id, before: z.int().positive().nullable() }),
  'webhooks.replay': z.strictObject({ deliveryId: id }),
  'webhooks.test': z.strictObject({ id }),
  /** a mutation whose maker waits for the verdict (`by: 'live'`); refused as REJECTED, or HUB_UNREACHABLE: then nothing was changed */
  act: actRequest,
  /** the head of the agent's queues is theirs from now on; null: nothing waits that they may have */
  next: z.null(),
} as const;
export type AdminCommand = keyof typeof adminCommands;

export interface AdminCommandValues {
  /** `hubUrl`: where vendors, programs and pages find the hub, as this workstation knows it */
  'channels.list': { hubUrl: string; channels: AdminChannel[] };
  'channels.connect': null;
  'channels.switch': null;
  'channels.test': ChannelCheck;
  'channels.aside': z.infer<typeof asideList>;
  'channels.retry': null;
  'bots.list': BotList & { hubUrl: string };
  'bots.get': RuleBot;
  'bots.save': RuleBot;
  'bots.connect': BotAccountAnswer;
  'bots.questions': BotQuestions;
  'webhooks.list': Endpoint[];
  /** with its secret, which nobody is told again */
  'webhooks.add': { webhook: Endpoint; secret: string | null };
  'webhooks.change': { webhook: Endpoint; secret: string | null };
  'webhooks.remove': null;
  'webhooks.deliveries': DeliveryList;
  'webhooks.replay': null;
  'webhooks.test': null;
  act: null;
  next: { ticketId: string | null };
}
