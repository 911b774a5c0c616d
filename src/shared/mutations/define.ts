/**
 * The form of a mutation: the one place where a change's rules live, run unchanged on the
 * workstation (optimistic), on the hub (the authority) and in the property tests.
 */
import { z } from 'zod';
import type { Entity, Rows } from '../domain.ts';
import type { Actor } from '../permissions.ts';

/** A bounded read that both SQL sides can answer from an index. */
export type Read =
  | { entity: Entity; id: string }
  /** the ticket's 20 newest clocks */
  | { entity: 'slaClock'; ticketId: string }
  | { entity: 'identity'; kind: string; value: string }
  /** the customer's tickets that are not `closed` or `spam`, newest 50 */
  | { entity: 'ticket'; customerId: string }
  /** the customer's newest 5 that are `closed` */
  | { entity: 'ticket'; closedOf: string }
  /** all the customer's tickets, newest 201; their identities, 101 at most */
  | { entity: 'ticket' | 'identity'; ofCustomer: string }
  /** the tickets that the user holds for offline work, 50 at most */
  | { entity: 'ticket'; leaseBy: string }
  /** what the user has in hand: assigned and not resolved, closed or spam, 500 at most */
  | { entity: 'ticket'; heldBy: string }
  /** one ticket of the queue, if there is any, whatever has become of it */
  | { entity: 'ticket'; inQueue: string }
  /** offers that ring for the user; those that ring for the ticket */
  | { entity: 'offer'; ringingFor: string }
  | { entity: 'offer'; ringingOf: string }
  /** the ticket's messages that the hub holds back, oldest first, 50 at most */
  | { entity: 'message'; queuedOf: string }
  /** the ticket's files whose bytes have not come yet, oldest first, 200 at most */
  | { entity: 'attachment'; pendingOf: string };

export type RowChange = { [E in Entity]: { op: 'put'; entity: E; row: Rows[E] } | { op: 'del'; entity: E; id: string } }[Entity];

/** The rows a mutation asked for. What is not there, or was not asked for, is undefined. */
export interface Loaded {
  get<E extends Entity>(entity: E, id: string): Rows[E] | undefined;
  all<E extends Entity>(entity: E, where: (row: Rows[E]) => boolean): Rows[E][];
}

export const rejectionCode = z.enum([
  'NOT_FOUND',
  'FORBIDDEN',
  'INVALID',
  'ALREADY_ASSIGNED',
  'INVALID_ASSIGNEE',
  'STALE_REPLY',
  'NEW_INBOUND',
  'TICKET_CLOSED',
  'DISPOSITION_REQUIRED',
  'DUPLICATE',
  'UNKNOWN_MUTATION',
  'TOO_LARGE',
  /** a colleague holds the ticket for offline work: `detail.leaseBy`, `detail.leaseUntil` */
  'LEASED',
  /** more tickets than one agent may hold */
  'TOO_MANY_LEASES',
  /** live chats are not held for offline work */
  'NOT_LEASABLE',
  /** the queue gives out its work: nobody takes what they like */
  'NO_PICKING',
  'INTERNAL',
]);
export type RejectionCode = z.infer<typeof rejectionCode>;

/** Why a change was not made. `field` names the argument at fault; `detail` carries what a screen needs to explain it. */
export const rejection = z.strictObject({
  code: rejectionCode,
  field: z.string().max(200).optional(),
  detail: z.record(z.string().max(60), z.union([z.string().max(500), z.number(), z.boolean(), z.null()])).optional(),
});
export type Rejection = z.infer<typeof rejection>;

export interface Context {
  /** the hub's clock there; on the workstation the moment of authorship, also when run again */
  now: number;
  /** on the hub: when its author did it, as their workstation knew the hub's clock; never after `now`. Absent: `now` */
  authoredAt?: number;
  actor: Actor;
  side: 'hub' | 'workstation';
  /** for rows that only the hub makes; elsewhere every id comes with the arguments, so that running again gives the same */
  newId: () => string;
}

export type Outcome = { changes: RowChange[] } | { rejection: Rejection };

export interface Mutation<A = unknown> {
  args: z.ZodType<A>;
  /**
   * Who may call it at all; what they may touch is `apply`'s to check. `live`: a person whose console is in touch with the hub, and who
   * waits for its verdict; it never lies in an outbox.
   */
  by: 'person' | 'live' | 'system';
  /** goes into the audit log, with who did it and to what: always, or for some */
  audited?: true | ((args: A, actor: Actor) => boolean);
  reads: (args: A) => Read[];
  /** reads that follow from the first ones, such as the queue of a ticket, or from who acts (`me`: their id, null for the hub) */
  more?: (args: A, rows: Loaded, me: string | null) => Read[];
  apply: (rows: Loaded, args: A, ctx: Context) => Outcome;
}

/** Acts that leads and administrators do over the heads of agents are on record. */
export const overOthers = (_args: unknown, { role }: Actor): boolean => role === 'lead' || role === 'admin';

export function mutation<A>(definition: Mutation<A>): Mutation<A> {
  return definition;
}

export function reject(code: RejectionCode, extra: Omit<Rejection, 'code'> = {}): { rejection: Rejection } {
  return { rejection: { code, ...extra } };
}

export function put<E extends Entity>(entity: E, row: Rows[E]): RowChange {
  return { op: 'put', entity, row } as RowChange;
}
