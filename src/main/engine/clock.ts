/**
 * The hub's clock as this workstation knows it. The offset comes from the sample with the shortest round trip of
 * eight, taken on the monotonic clock; a jump of the wall clock is noticed and makes the offset doubtful.
 */
import type { Machine } from './machine.ts';

const samplesKept = 8;
const jumpMs = 2000;

interface Sample {
  roundTrip: number;
  /** hub's time minus this machine's monotonic time */
  offset: number;
}

export class HubClock {
  #samples: Sample[] = [];
  /** hub's time minus this machine's wall time, as remembered from before */
  #remembered: number;
  readonly #machine: Machine;
  #wall: number;
  #monotonic: number;
  confirmed = false;

  constructor(remembered: number, machine: Machine) {
    this.#remembered = remembered;
    this.#machine = machine;
    this.#wall = machine.wall();
    this.#monotonic = machine.monotonic();
  }

  /** `t0`, `t3` monotonic here; `t1`, `t2` on the hub. */
  sample(t0: number, t1: number, t2: number, t3: number): void {
    const roundTrip = t3 - t0 - (t2 - t1);
    this.#samples.push({ roundTrip, offset: (t1 + t2) / 2 - (t0 + t3) / 2 });
    if (this.#samples.length > samplesKept) this.#samples.shift();
    this.confirmed = true;
    this.#remembered = this.offset();
  }

  /** The shortest round trip among the samples, ms: the offset is wrong by half of it at most. */
  get roundTrip(): number {
    return Math.min(Infinity, ...this.#samples.map((sample) => sample.roundTrip));
  }

  /** ms since the epoch on the hub's clock */
  now(): number {
    return Math.round(this.#machine.wall() + this.offset());
  }

  /** hub's clock minus this machine's wall clock, ms */
  offset(): number {
    const best = [...this.#samples].sort((a, b) => a.roundTrip - b.roundTrip)[0];
    return best ? best.offset + this.#machine.monotonic() - this.#machine.wall() : this.#remembered;
  }

  /** Called every second: by how much (ms) the wall clock has jumped since, 0 if not. After a jump the offset should be taken again. */
  watch(): number {
    const wall = this.#machine.wall();
    const monotonic = this.#machine.monotonic();
    const jump = wall - this.#wall - (monotonic - this.#monotonic);
    this.#wall = wall;
    this.#monotonic = monotonic;
    if (Math.abs(jump) < jumpMs) return 0;
    // Somebody set the clock, or the machine slept and the monotonic clock with it: only the hub can tell.
    // Until it has, a step forward counts as sleep (the wall clock is right), a step back as a set clock.
    if (jump > 0) {
      this.#remembered = this.offset() + jump;
      this.#samples = [];
    }
    this.confirmed = false;
    return Math.round(jump);
  }
}
