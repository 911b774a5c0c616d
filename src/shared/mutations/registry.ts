/** Every change there is, by its name. A name is never removed: an old workstation may still hold one in its outbox. */
import type { z } from 'zod';
import { attachmentMutations } from './attachment.ts';
import { botMutations } from './bot.ts';
import { centreMutations } from './centre.ts';
import { channelMutations } from './channel.ts';
import { chatMutations } from './chat.ts';
import type { Mutation } from './define.ts';
import { identifyMutations } from './identify.ts';
import { incomingMutations } from './incoming.ts';
import { mergeMutations } from './merge.ts';
import { messageMutations } from './message.ts';
import { offerMutations } from './offer.ts';
import { overflowMutations } from './overflow.ts';
import { peopleMutations } from './people.ts';
import { presenceMutations } from './presence.ts';
import { serviceMutations } from './service.ts';
import { slaMutations } from './sla.ts';
import { staffMutations } from './staff.ts';
import { toldMutations } from './told.ts';
import { ticketMutations } from './ticket.ts';
import { userMutations } from './user.ts';

export const mutations = {
  ...ticketMutations,
  ...slaMutations,
  ...presenceMutations,
  ...staffMutations,
  ...centreMutations,
  ...userMutations,
  ...offerMutations,
  ...overflowMutations,
  ...serviceMutations,
  ...messageMutations,
  ...incomingMutations,
  ...toldMutations,
  ...channelMutations,
  ...botMutations,
  ...attachmentMutations,
  ...peopleMutations,
  ...mergeMutations,
  ...identifyMutations,
  ...chatMutations,
} as const;

export type MutationName = keyof typeof mutations;
export type MutationArgs<N extends MutationName> = z.infer<(typeof mutations)[N]['args']>;

export function findMutation(name: string): Mutation | undefined {
  return Object.hasOwn(mutations, name) ? (mutations[name as MutationName] as unknown as Mutation) : undefined;
}
