/**
 * The vocabulary: every row that workstation and hub share, as a zod schema.
 * Times are milliseconds since the Unix epoch on the hub's clock unless a field says otherwise.
 * Ids are UUIDv7, made where the thing is made.
 */
import { z } from 'zod';
import { codeRow } from './codes.ts';
import { capacity, need, noticeRow, offerRow, presenceRow, queueRouting, skillRow, userSkillRow } from './routing-rows.ts';
import { calendarRow, clockState, slaClockRow, slaPolicyRow } from './service-rows.ts';
import {
  channelKind,
  type ChannelKind,
  channelKinds,
  clockKind,
  type ClockKind,
  id,
  priorities,
  priority,
  type Priority,
  role,
  type Role,
  text,
  time,
} from './words.ts';

export { channelKind, channelKinds, clockKind, id, priorities, priority, role };
export type { ChannelKind, ClockKind, Priority, Role };

/** `closed` is final and follows `resolved` after 72 h; "close" in the console resolves. Snoozing is a date beside the state. */
export const ticketStatuses = ['bot', 'new', 'open', 'waiting_customer', 'waiting_third_party', 'resolved', 'closed', 'spam'] as const;
export const ticketStatus = z.enum(ticketStatuses);
export type TicketStatus = z.infer<typeof ticketStatus>;

/** States in which nobody needs to act on the ticket any more. */
export const settledStatuses: readonly TicketStatus[] = ['resolved', 'closed', 'spam'];

/** Upward only, but for `failed` and `unknown`; `null` on what is not sent to the customer. */
export const deliveryStates = ['queued', 'accepted', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown'] as const;
export const deliveryState = z.enum(deliveryStates);
export type DeliveryState = z.infer<typeof deliveryState>;

export const messageKinds = ['inbound', 'reply', 'note', 'call', 'system'] as const;
export const messageKind = z.enum(messageKinds);

/** `external`: an id that a client of the generic API gives its people */
export const identityKinds = ['phone', 'email', 'visitor', 'messenger', 'instagram', 'zalo', 'external'] as const;
export const identityKind = z.enum(identityKinds);
export type IdentityKind = z.infer<typeof identityKind>;

export const queuePurposes = ['sales', 'complaint', 'warranty', 'advice'] as const;

export const workspaceRow = z.strictObject({ id, name: text(200), locale: z.enum(['vi', 'en']) });
export const teamRow = z.strictObject({ id, name: text(200) });
export const userRow = z.strictObject({
  id,
  name: text(200),
  email: text(320),
  role,
  locale: z.enum(['vi', 'en']),
  active: z.boolean(),
  /** how much they can have at once; null: as everybody */
  capacity: capacity.nullable(),
});
export const teamMemberRow = z.strictObject({ id: z.string(), teamId: id, userId: id });
export const queueRow = z.strictObject({
  id,
  name: text(200),
  purpose: z.enum(queuePurposes),
  teamId: id,
  /** closing a ticket of this queue asks for a disposition */
  requiresDisposition: z.boolean(),
  position: z.int(),
  /** null: its work is taken by hand */
  routing: queueRouting.nullable(),
});
export const queueMemberRow = z.strictObject({ id: z.string(), queueId: id, userId: id });
/** What a channel's vendor allows, so that a composer says it before the vendor does. */
export const channelRules = z.strictObject({
  /** UTF-16 code units of one message; a longer text goes out in several. null: no limit of its own */
  textMost: z.int().positive().nullable(),
  /** ms after the customer's last message in which they can be answered; null: always */
  replyMs: z.int().positive().nullable(),
  /** the same, for what a person writes */
  replyByPersonMs: z.int().positive().nullable(),
  /** ms in which an answer costs nothing; null: it never does */
  freeMs: z.int().positive().nullable(),
  files: z.boolean(),
});
export type ChannelRules = z.infer<typeof channelRules>;

export const channelRow = z.strictObject({
  id: z.string().max(64),
  kind: channelKind,
  name: text(200),
  queueId: id,
  active: z.boolean(),
  /** null: none that a composer need know */
  rules: channelRules.nullable(),
  /** `attention`: what goes out waits until an administrator has mended it; `paused`: until one lets it go on */
  health: z.enum(['ok', 'attention', 'paused']),
});

/** What a channel has learnt of a customer, for a person to accept or to turn down. */
export const proposal = z.strictObject({
  id,
  /** `same`: the other customer (`customerId`) may be this one */
  kind: z.enum(['same', 'name', 'phone', 'email', 'address']),
  value: text(500),
  customerId: id.nullable(),
  /** the channel that told it, or how it was found */
  source: text(120),
  at: time,
});
export type Proposal = z.infer<typeof proposal>;

export const customerRow = z.strictObject({
  id,
  name: text(200),
  segment: text(60).nullable(),
  loyaltyTier: text(60).nullable(),
  loyaltyPoints: z.int().nullable(),
  city: text(120).nullable(),
  note: text(2000).nullable(),
  proposals: z.array(proposal).max(20),
  /** this customer turned out to be another one: who, and what went over, so that it can come back */
  merged: z.strictObject({ into: id, at: time, identities: z.array(id).max(100), tickets: z.array(id).max(200) }).nullable(),
  createdAt: time,
  updatedAt: time,
});
export const identityStates = ['ok', 'unfollowed', 'unreachable'] as const;
export const identityRow = z.strictObject({
  id,
  customerId: id,
  kind: identityKind,
  /** normalised: E.164 for a phone, lower case for an address; unique per kind and workspace */
  value: text(320),
  verified: z.boolean(),
  /** `unfollowed`: has turned away from the account; `unreachable`: what was sent there came back */
  state: z.enum(identityStates),
});

export const ticketRow = z.strictObject({
  id,
  /** given by the hub; a ticket made offline has none until it is accepted */
  number: z.int().nullable(),
  /** read to the caller before there was a number; stays findable afterwards */
  provisionalRef: text(20).nullable(),
  subject: text(300),
  status: ticketStatus,
  priority,
  channel: channelKind,
  channelId: z.string().max(64).nullable(),
  queueId: id,
  assigneeId: id.nullable(),
  customerId: id,
  tags: z.array(text(40)).max(50),
  snoozedUntil: time.nullable(),
  contactReason: text(80).nullable(),
  disposition: text(80).nullable(),
  createdAt: time,
  updatedAt: time,
  resolvedAt: time.nullable(),
  lastMessageAt: time,
  lastMessageKind: messageKind,
  lastMessagePreview: text(200),
  lastInboundId: id.nullable(),
  lastInboundAt: time.nullable(),
  lastReplyId: id.nullable(),
  lastReplyBy: id.nullable(),
  lastReplyAt: time.nullable(),
  /** the oldest customer message that nobody has answered */
  unansweredSince: time.nullable(),
  /** the clock that counts: the open one that ends first; written by the hub alone */
  slaKind: clockKind.nullable(),
  slaState: clockState.nullable(),
  slaStartedAt: time.nullable(),
  slaDueAt: time.nullable(),
  /** with these a workstation counts by itself: target and consumption in ms of business time, since when it runs, and by which calendar */
  slaTargetMs: z.int().positive().nullable(),
  slaConsumedMs: z.int().nonnegative().nullable(),
  slaRunningSince: time.nullable(),
  slaCalendarId: id.nullable(),
  /** its place in the queue; kept when it is transferred or comes back; null: it waits for nobody */
  enqueuedAt: time.nullable(),
  /** since when it has been in this queue */
  queuedSince: time.nullable(),
  /** whose console rings for it */
  offeredTo: id.nullable(),
  /** skills that it asks for, beside what its queue asks for */
  needs: z.array(need).max(20),
  /** final before its customer came back: what they say now goes on from there */
  followUpOf: id.nullable(),
  /** who holds the ticket for offline work, and until when; past that moment it holds nobody off */
  leaseBy: id.nullable(),
  leaseUntil: time.nullable(),
  /** where the customer has been in contact about it, the last place last: ids of channels, and `phone` for calls */
  threads: z.array(z.string().max(64)).max(20),
  /** how often they came from another place than the time before */
  hops: z.int().nonnegative(),
  /** tickets that go on in this one: their messages stand in its timeline, and they go where it goes */
  joined: z.array(id).max(20),
  /** it goes on in another ticket: which, and how it was until then */
  merged: z
    .strictObject({ into: id, at: time, status: ticketStatus, queueId: id, assigneeId: id.nullable(), unansweredSince: time.nullable() })
    .nullable(),
});

export const callDetails = z.strictObject({
  direction: z.enum(['inbound', 'outbound']),
  phone: text(40),
  /** seconds */
  durationSec: z.int().min(0).max(86_400),
  outcome: z.enum(['answered', 'missed', 'voicemail', 'no_answer', 'busy']),
  /** when the call took place, on the hub's clock as the workstation knows it */
  at: time,
  /** the call that a telephone exchange told of */
  callId: id.optional(),
});
export type CallDetails = z.infer<typeof callDetails>;

/** A file or thing that came with a message through a channel. Its bytes are an attachment as soon as the hub has them. */
export const messageMedia = z.strictObject({
  kind: z.enum(['image', 'audio', 'video', 'file', 'sticker', 'location', 'link', 'unsupported']),
  name: text(300).nullable(),
  /** of a place or a shared page: shown, never fetched */
  url: text(2000).nullable(),
  attachmentId: id.nullable(),
  /** `none`: there are no bytes to be had */
  state: z.enum(['none', 'fetching', 'ready', 'failed']),
});
export type MessageMedia = z.infer<typeof messageMedia>;

const mailbox = z.strictObject({ address: text(320), name: text(200) });

/** What a mail has beside its text. */
export const mailDetails = z.strictObject({
  subject: text(300),
  from: mailbox.nullable(),
  to: z.array(mailbox).max(50),
  cc: z.array(mailbox).max(50),
  /** from this place on, `body` repeats what was said before: folded, never removed */
  quotedFrom: z.int().nonnegative().nullable(),
  /** whether the hub has it as the sender laid it out */
  html: z.boolean(),
  /** what could not be read as it was sent */
  warnings: z.array(text(60)).max(20),
});

/** What only some messages have. */
export const messageExtra = z.strictObject({
  /** where it came from, or goes to */
  via: z.strictObject({ channelId: z.string().max(64), identityId: id.nullable() }).optional(),
  /** the message that it answers */
  replyToId: id.optional(),
  media: z.array(messageMedia).max(50).optional(),
  reactions: z
    .array(z.strictObject({ emoji: text(40), by: z.enum(['customer', 'us']) }))
    .max(20)
    .optional(),
  editedAt: time.optional(),
  /** its author has taken it back: nobody sees what it said */
  deletedAt: time.optional(),
  /** said on our side, though not through here: in the vendor's own inbox, by another program */
  external: z.literal(true).optional(),
  /** by a machine: out of office, a list, a report */
  automatic: z.literal(true).optional(),
  mail: mailDetails.optional(),
  /** answers by chat that nobody had read and that this repeats */
  continues: z.array(id).max(50).optional(),
  /** an agent has said why the customer is owed no answer */
  noReply: text(200).optional(),
  /** what a bot has asked for, by the names of its questions */
  collected: z.record(text(60), text(500)).optional(),
});
export type MessageExtra = z.infer<typeof messageExtra>;

export const messageRow = z.strictObject({
  id,
  ticketId: id,
  kind: messageKind,
  channel: channelKind,
  authorType: z.enum(['customer', 'agent', 'bot', 'system']),
  /** a user's id for an agent, a customer's id for a customer */
  authorId: id.nullable(),
  authorName: text(200),
  body: text(20_000),
  call: callDetails.nullable(),
  /** the author's time */
  authoredAt: time,
  /** the hub's time; empty while only this workstation knows the message */
  acceptedAt: time.nullable(),
  delivery: deliveryState.nullable(),
  deliveryError: text(500).nullable(),
  extra: messageExtra.nullable(),
});

export const attachmentStates = ['pending', 'ready', 'failed'] as const;

/** A file of a message. Its bytes travel beside the log, in a lane of their own. */
export const attachmentRow = z.strictObject({
  id,
  messageId: id,
  ticketId: id,
  name: text(200),
  /** media type as the sender named it; never trusted for opening */
  type: text(120),
  /** bytes */
  size: z.int().nonnegative(),
  /** lower-case hexadecimal; of the whole file */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** `pending`: the hub waits for the bytes and holds the message back */
  state: z.enum(attachmentStates),
  createdAt: time,
});

/** Knowledge that every workstation keeps: plain text, paragraphs apart by empty lines. */
export const articleRow = z.strictObject({
  id,
  kind: z.enum(['article', 'policy', 'script']),
  title: text(300),
  body: text(50_000),
  updatedAt: time,
});

/** What travels with the customer to whoever may see the customer, also where the ticket's bodies may not be seen. `id` is the ticket's. */
export const journeyRow = z.strictObject({
  id,
  customerId: id,
  number: z.int().nullable(),
  subject: text(300),
  channel: channelKind,
  queueId: id,
  status: ticketStatus,
  createdAt: time,
  lastMessageAt: time,
});

/** Every synchronised entity. `booleans` and `json` say which columns SQL stores in another form. */
export const entities = {
  workspace: { schema: workspaceRow, booleans: [], json: [] },
  team: { schema: teamRow, booleans: [], json: [] },
  user: { schema: userRow, booleans: ['active'], json: ['capacity'] },
  teamMember: { schema: teamMemberRow, booleans: [], json: [] },
  queue: { schema: queueRow, booleans: ['requiresDisposition'], json: ['routing'] },
  queueMember: { schema: queueMemberRow, booleans: [], json: [] },
  channel: { schema: channelRow, booleans: ['active'], json: ['rules'] },
  calendar: { schema: calendarRow, booleans: [], json: ['week', 'days'] },
  slaPolicy: { schema: slaPolicyRow, booleans: ['active', 'thirdPartyPauses'], json: ['match', 'targets', 'escalation'] },
  skill: { schema: skillRow, booleans: [], json: [] },
  userSkill: { schema: userSkillRow, booleans: [], json: [] },
  code: { schema: codeRow, booleans: ['active'], json: ['queueIds'] },
  presence: { schema: presenceRow, booleans: [], json: ['off'] },
  customer: { schema: customerRow, booleans: [], json: ['proposals', 'merged'] },
  identity: { schema: identityRow, booleans: ['verified'], json: [] },
  ticket: { schema: ticketRow, booleans: [], json: ['tags', 'needs', 'threads', 'joined', 'merged'] },
  message: { schema: messageRow, booleans: [], json: ['call', 'extra'] },
  attachment: { schema: attachmentRow, booleans: [], json: [] },
  slaClock: { schema: slaClockRow, booleans: [], json: [] },
  article: { schema: articleRow, booleans: [], json: [] },
  journey: { schema: journeyRow, booleans: [], json: [] },
  offer: { schema: offerRow, booleans: [], json: [] },
  notice: { schema: noticeRow, booleans: [], json: [] },
} as const satisfies Record<string, EntitySpec>;

interface EntitySpec {
  schema: z.ZodObject;
  booleans: readonly string[];
  json: readonly string[];
}

export type Entity = keyof typeof entities;
export type Rows = { [E in Entity]: z.infer<(typeof entities)[E]['schema']> };
export const entityNames = Object.keys(entities) as Entity[];

export type Workspace = Rows['workspace'];
export type Team = Rows['team'];
export type User = Rows['user'];
export type Queue = Rows['queue'];
export type QueueMember = Rows['queueMember'];
export type TeamMember = Rows['teamMember'];
export type Channel = Rows['channel'];
export type Customer = Rows['customer'];
export type Identity = Rows['identity'];
export type Ticket = Rows['ticket'];
export type Message = Rows['message'];
export type SlaClock = Rows['slaClock'];
export type Attachment = Rows['attachment'];
export type Article = Rows['article'];
export type Journey = Rows['journey'];
export type Calendar = Rows['calendar'];

/** Column names of an entity in a fixed order: the one list that both SQL sides are generated from. */
export function columnsOf(entity: Entity): string[] {
  return Object.keys(entities[entity].schema.shape);
}

/** Limits that a form checks before the hub does. */
export const limits = {
  messageLength: 20_000,
  subjectLength: 300,
  tagLength: 40,
  tagsPerTicket: 50,
  previewLength: 200,
  /** files of one message, and bytes of each */
  attachmentsPerMessage: 10,
  attachmentBytes: 25 * 1024 * 1024,
  /** tickets that one agent may hold for offline work, and for how long (ms) */
  leases: 20,
  leaseMs: 8 * 3_600_000,
} as const;
