/**
 * The hub's clock as this workstation knows it. The offset comes from the sample with the shortest round trip of
 * eight, taken on the monotonic clock; a jump of the wall clock is noticed and makes the offset doubtful.
 */
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
  #wall = Date.now();
  #monotonic = performance.now();
  confirmed = false;

  constructor(remembered: number) {
    this.#remembered = remembered;
  }

  /** `t0`, `t3` monotonic here; `t1`, `t2` on the hub. */
  sample(t0: number, t1: number, t2: number, t3: number): void {
    const roundTrip = t3 - t0 - (t2 - t1);
    this.#samples.push({ roundTrip, offset: (t1 + t2) / 2 - (t0 + t3) / 2 });
    if (this.#samples.length > samplesKept) this.#samples.shift();
    this.confirmed = true;
    this.#remembered = this.offset();
  }

  /** ms since the epoch on the hub's clock */
  now(): number {
    return Math.round(Date.now() + this.offset());
  }

  /** hub's clock minus this machine's wall clock, ms */
  offset(): number {
    const best = [...this.#samples].sort((a, b) => a.roundTrip - b.roundTrip)[0];
    return best ? best.offset + performance.now() - Date.now() : this.#remembered;
  }

  /** Called every second; true when the wall clock has jumped and the offset should be taken again. */
  watch(): boolean {
    const wall = Date.now();
    const monotonic = performance.now();
    const jump = wall - this.#wall - (monotonic - this.#monotonic);
    this.#wall = wall;
    this.#monotonic = monotonic;
    if (Math.abs(jump) < jumpMs) return false;
    // Somebody set the clock, or the machine slept and the monotonic clock with it: only the hub can tell.
    // Until it has, a step forward counts as sleep (the wall clock is right), a step back as a set clock.
    if (jump > 0) {
      this.#remembered = this.offset() + jump;
      this.#samples = [];
    }
    this.confirmed = false;
    return true;
  }
}
