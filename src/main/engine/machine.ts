/** The machine's clocks and timers, as one thing that can be handed in: proofs run on one of their own. */
export interface Machine {
  /** ms since the epoch, as the machine's clock says; somebody may set it */
  wall(): number;
  /** ms that never go back */
  monotonic(): number;
  /** Runs once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
  /** 0 ≤ x < 1 */
  random(): number;
}

export const thisMachine: Machine = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
