/** The part of the bridge that administrators use; each command asks the hub. */
import { z } from 'zod';
import type { BotAccountAnswer, BotList, BotQuestions, RuleBot } from './bot-admin.ts';
import { accountChange, type AdminChannel, type asideList, type ChannelCheck } from './channel-admin.ts';
import { id } from './domain.ts';
import { type Access, invitation, type WayIn } from './people-admin.ts';
import { actRequest, type AuditAnswer } from './protocol.ts';
import { newWallboardLink, type WallboardLink } from './wallboard.ts';
import { type WhatIfDay, whatIfQuery } from './what-if-day.ts';
import type { WhyAnswer } from './why-answer.ts';
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
  /** who has ever been in, and by what they could come in */
  'people.access': z.null(),
  /** somebody new, and the link by which they choose a password; told once */
  'people.invite': invitation,
  /** ends what they came in by; a new link */
  'people.reset': z.strictObject({ userId: id }),
  /** a mutation whose maker waits for the verdict (`by: 'live'`); refused as REJECTED, or HUB_UNREACHABLE: then nothing was changed */
  act: actRequest,
  /** the head of the agent's queues is theirs from now on; null: nothing waits that they may have */
  next: z.null(),
  /** who did what, newest first, 100 at most; `before`: the last entry of the page before. For leads and administrators */
  audit: z.strictObject({ before: id.nullable(), ticketId: id.nullable() }),
  'wallboard.links': z.null(),
  'wallboard.link': newWallboardLink,
  'wallboard.unlink': z.strictObject({ id }),
  /** where the time of a ticket's SLA clocks has gone */
  why: z.strictObject({ ticketId: id }),
  /** a past day as it can be played again under other rules; for leads and administrators */
  'whatIf.day': whatIfQuery,
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
  'people.access': Access[];
  'people.invite': WayIn;
  'people.reset': WayIn;
  act: null;
  next: { ticketId: string | null };
  audit: AuditAnswer;
  'wallboard.links': WallboardLink[];
  /** the address to open, which nobody is told again */
  'wallboard.link': { link: WallboardLink; url: string };
  'wallboard.unlink': null;
  why: WhyAnswer;
  'whatIf.day': WhatIfDay;
}
