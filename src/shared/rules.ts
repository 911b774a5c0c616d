/**
 * What vendors allow, unless a channel's settings say otherwise: rules change, and need no new version. Sources: channels reference,
 * 1.3 (Messenger, Instagram) and 2.3 (Zalo).
 */
import type { ChannelKind, ChannelRules, IdentityKind } from './domain.ts';

const hour = 3_600_000;
const day = 24 * hour;

const meta = { replyMs: day, replyByPersonMs: 7 * day, freeMs: null, files: true };

export const rulesOf: { readonly [K in ChannelKind]?: ChannelRules } = {
  messenger: { ...meta, textMost: 2000 },
  instagram: { ...meta, textMost: 1000 },
  zalo: { textMost: 2000, replyMs: 7 * day, replyByPersonMs: 7 * day, freeMs: 2 * day, files: true },
};

export interface ReplyWindow {
  /** ms on the hub's clock; null: it does not close */
  closesAt: number | null;
  /** from then on an answer is charged for; null: never */
  costsFrom: number | null;
  open: boolean;
}

/** How long a person can still answer. `lastInboundAt`: when the customer last wrote there; null: never. */
export function replyWindow(rules: ChannelRules | null, lastInboundAt: number | null, now: number): ReplyWindow {
  const span = rules?.replyByPersonMs ?? null;
  if (span === null) return { closesAt: null, costsFrom: null, open: true };
  const closesAt = (lastInboundAt ?? 0) + span;
  const free = rules?.freeMs ?? null;
  const costsFrom = free === null || lastInboundAt === null ? null : lastInboundAt + free;
  return { closesAt, costsFrom, open: lastInboundAt !== null && now < closesAt };
}

/** Whom a channel can write to. `null`: nobody; what is said there is said by voice or in person. */
const reached: Readonly<Record<ChannelKind, IdentityKind | null>> = {
  phone: null,
  email: 'email',
  chat: 'visitor',
  messenger: 'messenger',
  instagram: 'instagram',
  zalo: 'zalo',
  api: 'external',
  counter: null,
  other: null,
};
export function reaches(channel: ChannelKind, identity: IdentityKind): boolean {
  return reached[channel] === identity;
}
