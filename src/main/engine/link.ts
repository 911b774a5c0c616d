/** What the sync needs of the way to the hub, whatever carries it. */
import type { Refusal, SnapshotQuery } from '../../shared/protocol.ts';

/** The hub can't be reached, or does not answer as a hub. Waiting helps. */
export class Unreachable extends Error {}
/** The session has ended: only signing in again helps. */
export class AuthExpired extends Error {}
/** It will not be given again: whose account this is has left. */
export class AccountClosed extends AuthExpired {}
/** The hub refused a message, or the connection, as a whole. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** One connection to the hub. */
export interface Line {
  /** One question, one answer, within the time that the protocol gives. Throws `Refused` or `Unreachable`. */
  ask(name: string, message: unknown): Promise<unknown>;
  /** Volatile; nobody waits for it. */
  tell(name: string, message: unknown): void;
  /** No event of this line comes after it. */
  close(): void;
}

export interface LineEvents {
  /** a message of the hub's; acknowledged when this returns */
  heard(name: string, message: unknown): void;
  /** broken, by whichever side; not after `close` */
  lost(reason: string): void;
}

export interface HubLink {
  /** Throws `Unreachable` or `AuthExpired`. What goes wrong later comes as `lost`. */
  open(cursor: number | null, events: LineEvents): Promise<Line>;
  /** The lines of a snapshot. Throws as `open` does, or `Refused`; ends early when `signal` says so. */
  snapshot(query: Omit<SnapshotQuery, 'protocol'>, signal: AbortSignal): Promise<AsyncIterable<string>>;
  /** The hub has refused the access token before its time. */
  forgetToken(): void;
}
