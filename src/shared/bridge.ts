/**
 * What travels between a window and the engine, as one typed map.
 *
 * Wire: a MessagePort that carries JSON strings.
 *   window -> engine  { id, do: 'query' | 'subscribe' | 'execute', name, args }   { id, do: 'unsubscribe' }
 *   engine -> window  { id, value } | { id, error: BridgeError }                  answers
 *                     { id, value } | { id, patch }                               later values of a subscription
 * A window only reads and names commands; it never writes data.
 */
import { z } from 'zod';
import {
  channelKind,
  type Article,
  type Calendar,
  type Channel,
  type Customer,
  id,
  type Identity,
  type Journey,
  limits,
  type Message,
  type Queue,
  type QueueMember,
  type TeamMember,
  type Team,
  type Ticket,
  type User,
  type Workspace,
} from './domain.ts';
import type { Code } from './codes.ts';
import type { Skill, UserSkill } from './routing-rows.ts';
import type { SlaPolicy } from './service-rows.ts';
import { type SearchAnswerHere, searchQuestion } from './found.ts';
import { adminCommands, type AdminCommandValues } from './bridge-admin.ts';
import { chosenFiles, fileCommands, type FileCommandValues, fileQueries, type FileQueryValues } from './bridge-files.ts';
import { floorQueries, type FloorQueryValues } from './bridge-floor.ts';
import { hubCommands, type HubCommandValues } from './bridge-hub.ts';
import { serviceQueries, type ServiceQueryValues } from './bridge-service.ts';
import { shiftQueries, type ShiftQueryValues } from './bridge-shift.ts';
import { type Rejection } from './mutations/define.ts';
import { seen } from './mutations/message.ts';
import type { MutationArgs, MutationName } from './mutations/registry.ts';
import type { LiveCall, SignedInUser } from './protocol.ts';

export const views = ['mine', 'unassigned', 'all', 'snoozed', 'closed'] as const;
export const view = z.enum(views);
export type View = z.infer<typeof view>;

/** `sla`: soonest due first, then those without a clock by newest message. */
export const sorts = ['sla', 'newest', 'oldest'] as const;
export const sort = z.enum(sorts);
export type Sort = z.infer<typeof sort>;

export const inboxFilter = z.strictObject({
  channels: z.array(channelKind).max(10),
  queueId: id.nullable(),
  tag: z.string().max(limits.tagLength).nullable(),
  /** narrows by words of subject, number, tags, customer's name and numbers, each as a beginning; folded */
  text: z.string().max(200),
});
export type InboxFilter = z.infer<typeof inboxFilter>;

/** Arguments of every query, checked by the engine. */
export const queryArgs = {
  'session.state': z.null(),
  status: z.null(),
  reference: z.null(),
  'inbox.counts': z.null(),
  'inbox.window': z.strictObject({
    view,
    sort,
    filter: inboxFilter,
    from: z.int().min(0),
    count: z.int().min(1).max(200),
  }),
  'ticket.get': z.strictObject({ ticketId: id }),
  'ticket.timeline': z.strictObject({ ticketId: id, newest: z.int().min(1).max(500) }),
  'ticket.viewers': z.strictObject({ ticketId: id }),
  /** calls that concern this agent, oldest first */
  'calls.live': z.null(),
  'customer.view': z.strictObject({ customerId: id }),
  'customer.find': z.strictObject({ text: z.string().max(200) }),
  'attention.list': z.null(),
  'outbox.list': z.null(),
  /** everything cached; `kind` null: the first window of each, which `after` can't go on from */
  search: searchQuestion,
  'article.get': z.strictObject({ articleId: id }),
  'draft.get': z.strictObject({ ticketId: id }),
  ...fileQueries,
  ...serviceQueries,
  ...shiftQueries,
  ...floorQueries,
  /** earlier texts of the ticket's draft, newest first */
  'draft.revisions': z.strictObject({ ticketId: id }),
} as const;

/** The values of every query. */
export interface QueryValues extends FileQueryValues, ServiceQueryValues, ShiftQueryValues, FloorQueryValues {
  'session.state': SessionState;
  status: Status;
  reference: Reference | null;
  'inbox.counts': Record<View, number>;
  'inbox.window': InboxWindow;
  'ticket.get': TicketDetail | null;
  'ticket.timeline': Timeline;
  'ticket.viewers': Viewer[];
  'calls.live': LiveCall[];
  'customer.view': CustomerView | null;
  'customer.find': CustomerHit[];
  'attention.list': AttentionItem[];
  'outbox.list': OutboxItem[];
  search: SearchAnswerHere;
  'article.get': Article | null;
  'draft.get': Draft | null;
  'draft.revisions': DraftRevision[];
}
export type QueryName = keyof typeof queryArgs;
export type QueryArgs<N extends QueryName> = z.infer<(typeof queryArgs)[N]>;

export type SessionState =
  | { phase: 'starting' }
  | {
      phase: 'signedOut';
      hubUrl: string;
      hubReachable: boolean | null;
      demoAccounts: DemoAccount[];
      reason: 'AUTH_EXPIRED' | 'CLIENT_REVOKED' | null;
      /** who has worked on this workstation, with the changes that wait in their files */
      accounts: { name: string; email: string; unsent: number }[];
    }
  /** nobody touched the machine, or the agent locked it; `triesLeft` 0: only the hub can let them in */
  | { phase: 'locked'; user: SignedInUser; triesLeft: number; queued: number }
  /** the hub has not been heard of since `since` (its clock), longer than the centre allows */
  | { phase: 'expired'; user: SignedInUser; since: number; queued: number }
  /** first load of the cache; `total` is null until the hub has said it */
  | { phase: 'loading'; user: SignedInUser; done: number; total: number | null }
  | { phase: 'ready'; user: SignedInUser; workspace: Workspace };

export interface DemoAccount {
  email: string;
  password: string;
  name: string;
  role: string;
}

export interface Status {
  connection: 'online' | 'connecting' | 'offline';
  /** the moment, on the hub's clock, up to which everything here is complete */
  dataAsOf: number | null;
  /** hub's clock minus this machine's, in ms; `confirmed` is false until measured in this connection */
  clockOffset: number;
  clockConfirmed: boolean;
  queued: number;
  /** files of messages that have not reached the hub whole */
  files: number;
  attention: number;
  /** why the hub refuses this workstation, where waiting won't help */
  refusal: 'VERSION_NOT_SUPPORTED' | null;
  /** next attempt to reach the hub, on this machine's clock */
  retryAt: number | null;
  /** rows of a load that is under way; null: the cache is whole */
  loading: { done: number; total: number | null } | null;
  /** changes that this version can't read; kept for the next one */
  aside: number;
}

export interface Reference {
  me: User;
  /** queues that I may work */
  myQueues: string[];
  /** teams that I belong to; all of them for an administrator */
  myTeams: string[];
  workspace: Workspace;
  users: User[];
  teams: Team[];
  queues: Queue[];
  queueMembers: QueueMember[];
  teamMembers: TeamMember[];
  channels: Channel[];
  calendars: Calendar[];
  slaPolicies: SlaPolicy[];
  skills: Skill[];
  userSkills: UserSkill[];
  /** in the administrator's order */
  codes: Code[];
  /** tags in use, most used first */
  tags: string[];
}

export interface InboxRow extends Ticket {
  customerName: string;
  /** changes of this ticket that the hub has not accepted yet */
  pending: number;
  /** ... of them answers and calls that would end the running clock */
  pendingAnswer: boolean;
  /** rejected changes that wait for the agent */
  attention: number;
}

export interface InboxWindow {
  total: number;
  from: number;
  rows: InboxRow[];
}

/** Between two values of `inbox.window`: the new order, and only the rows that differ. */
export interface WindowPatch {
  total: number;
  from: number;
  order: string[];
  rows: InboxRow[];
}

export interface TicketDetail extends InboxRow {
  customer: Customer | null;
}

export interface Timeline {
  /** oldest first */
  messages: TimelineMessage[];
  /** older ones exist that were not asked for */
  more: boolean;
  /** messages before this moment (ms, the hub's time) are at the hub only; 0: all are here */
  hereSince: number;
}
export interface TimelineMessage extends Message {
  /** in this workstation's outbox */
  pending: boolean;
}

export interface Viewer {
  userId: string;
  name: string;
  typing: boolean;
}

export interface CustomerView {
  customer: Customer;
  identities: Identity[];
  /** newest first; a ticket that is in reach can be opened */
  journey: (Journey & { inReach: boolean })[];
}

export interface CustomerHit {
  id: string;
  name: string;
  identities: Pick<Identity, 'kind' | 'value'>[];
  openTickets: number;
}

/** A change that the hub (or the state it met) refused; it waits until the agent decides. */
export interface AttentionItem {
  mutationId: number;
  name: MutationName;
  args: unknown;
  ticketId: string | null;
  ticketSubject: string | null;
  ticketNumber: number | null;
  rejection: Rejection;
  authoredAt: number;
  rejectedAt: number;
  /** for a held answer: what was said since it was written, oldest first */
  since: Message[];
}

export interface OutboxItem {
  mutationId: number;
  name: MutationName;
  ticketId: string | null;
  ticketSubject: string | null;
  authoredAt: number;
  attempts: number;
  error: string | null;
}

export const draftMode = z.enum(['reply', 'note']);
export interface Draft {
  ticketId: string;
  mode: z.infer<typeof draftMode>;
  body: string;
  /** what was on the screen when the text was begun */
  seen: z.infer<typeof seen>;
  /** on this machine's clock */
  startedAt: number;
  updatedAt: number;
  /** the workstation it was last written on; empty: this one */
  device: string;
}

/** A text that another one has taken the place of, or that was thrown away. */
export interface DraftRevision {
  id: number;
  ticketId: string;
  mode: z.infer<typeof draftMode>;
  body: string;
  device: string;
  updatedAt: number;
  keptAt: number;
}

/** Arguments of every command, checked by the engine. `mutate` is checked by the mutation's own schema. */
export const commandArgs = {
  'session.signIn': z.strictObject({ email: z.string().max(320), password: z.string().max(1000) }),
  /** `discard`: give up what is still in the outbox; without it sign-out is refused as UNSENT_WORK while there is any */
  'session.signOut': z.strictObject({ discard: z.boolean() }),
  /** the account stays, with all that waits in it; somebody else may sign in */
  'session.switch': z.null(),
  'session.lock': z.null(),
  'session.unlock': z.strictObject({ password: z.string().max(1000) }),
  mutate: z.strictObject({ name: z.string().max(60), args: z.unknown() }),
  /** `startedAt`: when the text was begun, on this machine's clock: the engine knows whether the console was live all along */
  'reply.send': z.strictObject({
    ticketId: id,
    messageId: id,
    body: z.string().max(limits.messageLength),
    seen,
    startedAt: z.int(),
    attachments: chosenFiles,
    /** absent: where the customer wrote last */
    to: z.strictObject({ channelId: z.string().max(64), identityId: id }).optional(),
    replyToId: id.optional(),
  }),
  'draft.save': z.strictObject({ ticketId: id, mode: draftMode, body: z.string().max(limits.messageLength), seen, startedAt: z.int() }),
  /** `keep`: it can be had back */
  'draft.discard': z.strictObject({ ticketId: id, keep: z.boolean() }),
  /** an earlier text becomes the draft again */
  'draft.restore': z.strictObject({ id: z.int().positive() }),
  /** fetches older messages of a ticket from the hub; they come with the timeline */
  'history.load': z.strictObject({ ticketId: id }),
  /** an ended call need not be shown any more */
  'call.dismiss': z.strictObject({ callId: id }),
  /** the agent has dealt with a refused change */
  'attention.dismiss': z.strictObject({ mutationId: z.int() }),
  ...fileCommands,
  ...adminCommands,
  ...hubCommands,
  'sync.now': z.null(),
  /** volatile: this window shows the ticket (null: none), and whether the agent is writing */
  viewing: z.strictObject({ ticketId: id.nullable(), typing: z.boolean() }),
} as const;
export type CommandName = keyof typeof commandArgs;
export type CommandArgs<N extends CommandName> = N extends 'mutate'
  ? { [M in MutationName]: { name: M; args: MutationArgs<M> } }[MutationName]
  : z.infer<(typeof commandArgs)[N]>;

export interface CommandValues extends FileCommandValues, AdminCommandValues, HubCommandValues {
  'session.signIn': null;
  'session.signOut': null;
  'session.switch': null;
  'session.lock': null;
  'session.unlock': null;
  mutate: { mutationId: number };
  'reply.send': { mutationId: number };
  'draft.save': null;
  'draft.discard': null;
  'draft.restore': null;
  'history.load': null;
  'call.dismiss': null;
  'attention.dismiss': null;
  'sync.now': null;
  viewing: null;
}

export const bridgeErrorCodes = [
  /** a mutation was refused on the spot; `rejection` says why */
  'REJECTED',
  'BAD_REQUEST',
  'NOT_SIGNED_IN',
  /** the screen is locked, or the hub has not been heard of for too long */
  'LOCKED',
  'WRONG_CREDENTIALS',
  'TOO_MANY_ATTEMPTS',
  'HUB_UNREACHABLE',
  /** the hub has given up on a search: more words, or a filter, make it easier */
  'TOO_SLOW',
  'UNSENT_WORK',
  'FILE_TOO_LARGE',
  'FILE_EMPTY',
  /** more files than one message may have */
  'TOO_MANY_FILES',
  /** neither here nor at the hub, or not to be seen any more */
  'FILE_GONE',
  /** its bytes are not those that were sent */
  'FILE_DAMAGED',
  'STORAGE',
  'INTERNAL',
] as const;
export type BridgeErrorCode = (typeof bridgeErrorCodes)[number];
export interface BridgeError {
  code: BridgeErrorCode;
  field?: string;
  rejection?: Rejection;
}

export const fromWindow = z.union([
  z.strictObject({ id: z.int(), do: z.enum(['query', 'subscribe', 'execute']), name: z.string().max(60), args: z.unknown() }),
  z.strictObject({ id: z.int(), do: z.literal('unsubscribe') }),
]);
export type FromWindow = z.infer<typeof fromWindow>;
export type ToWindow = { id: number; value: unknown } | { id: number; patch: WindowPatch } | { id: number; error: BridgeError };

/** Largest request a window may send, in characters of JSON. */
export const largestRequest = 256 * 1024;
