/** Calls that concern the agent, as the hub tells them. Volatile: without a line there are none. */
import { calls, type LiveCall } from '../../shared/protocol.ts';
import type { Line } from './link.ts';
import type { Lane } from './sync.ts';

export class CallLane implements Lane {
  live: readonly LiveCall[] = [];
  readonly #changed: () => void;
  #line: Line | null = null;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  online(line: Line): void {
    this.#line = line;
  }

  offline(): void {
    this.#line = null;
    this.#show([]);
  }

  heard(name: string, message: unknown): boolean {
    if (name !== 'calls') return false;
    const said = calls.safeParse(message);
    if (said.success) this.#show(said.data.calls);
    return true;
  }

  /** The agent has dealt with an ended call. */
  dismiss(callId: string): void {
    this.#line?.tell('calls.dismiss', { callId });
    this.#show(this.live.filter((call) => call.id !== callId));
  }

  #show(live: readonly LiveCall[]): void {
    if (live.length === 0 && this.live.length === 0) return;
    this.live = live;
    this.#changed();
  }
}
