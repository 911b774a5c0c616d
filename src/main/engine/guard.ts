/**
 * Whether windows may be shown anything: not while the screen is locked, and not when the hub has not been heard of for longer
 * than the centre allows. What is typed is kept all the same, and the sync goes on.
 */
import type { Policy } from '../../shared/protocol.ts';
import type { HubClock } from './clock.ts';
import type { Db } from './database.ts';
import { clearMeta, getMeta, setMeta } from './tables/meta.ts';
import { makeVerifier, verify } from './verifier.ts';

/** wrong passwords in a row after which only the hub can let somebody in */
export const tries = 5;
const policyAtFirst: Policy = { offlineMs: 72 * 3_600_000, idleLockMs: 15 * 60_000 };
/** ms between two notes of the latest moment seen */
const noteEveryMs = 60_000;

export class Guard {
  readonly #db: Db;
  readonly #clock: HubClock;
  #latest: number;

  constructor(db: Db, clock: HubClock) {
    this.#db = db;
    this.#clock = clock;
    this.#latest = getMeta(db, 'latest') ?? 0;
  }

  get policy(): Policy {
    return getMeta(this.#db, 'policy') ?? policyAtFirst;
  }

  takePolicy(policy: Policy): void {
    setMeta(this.#db, 'policy', policy);
  }

  get locked(): boolean {
    return getMeta(this.#db, 'locked') ?? false;
  }

  /** Passwords that may still be tried here; 0: the hub has to be asked. */
  get triesLeft(): number {
    if (!getMeta(this.#db, 'verifier')) return 0;
    return Math.max(0, tries - (getMeta(this.#db, 'failedUnlocks') ?? 0));
  }

  lock(): void {
    setMeta(this.#db, 'locked', true);
  }

  /** True when it locks now. */
  idle(ms: number): boolean {
    const { idleLockMs } = this.policy;
    if (this.locked || idleLockMs === 0 || ms < idleLockMs) return false;
    this.lock();
    return true;
  }

  /** The password has proved right at the hub. */
  async remember(password: string): Promise<void> {
    const verifier = await makeVerifier(password);
    setMeta(this.#db, 'verifier', verifier);
    this.#letIn();
  }

  /** Tries a password without the hub. Each wrong one is counted before it is tried, so that a crash gives none back. */
  async tryHere(password: string): Promise<boolean> {
    const verifier = getMeta(this.#db, 'verifier');
    if (!verifier || this.triesLeft === 0) return false;
    setMeta(this.#db, 'failedUnlocks', (getMeta(this.#db, 'failedUnlocks') ?? 0) + 1);
    const right = await verify(password, verifier);
    if (right && this.#db.open) this.#letIn();
    return right;
  }

  #letIn(): void {
    clearMeta(this.#db, 'failedUnlocks');
    clearMeta(this.#db, 'locked');
  }

  /** Since when the hub has not been heard of, on its clock, if that is longer than the centre allows; else null. */
  get expiredSince(): number | null {
    const heard = getMeta(this.#db, 'dataAsOf');
    if (heard === undefined) return null;
    const now = Math.max(this.#clock.now(), this.#latest);
    return now - heard > this.policy.offlineMs ? heard : null;
  }

  /** Called every second. */
  tick(): void {
    const now = this.#clock.now();
    if (now < this.#latest + noteEveryMs) return;
    this.#latest = now;
    setMeta(this.#db, 'latest', now);
  }

  /** The hub has been heard: what was seen of a clock that ran ahead is void. */
  heard(): void {
    this.#latest = Math.min(this.#latest, this.#clock.now());
    setMeta(this.#db, 'latest', this.#latest);
  }
}
