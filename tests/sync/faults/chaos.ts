/** Kills processes and spoils lines, at moments that a seed decides. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Draw } from '../../harness/draw.ts';
import type { HubProcess } from '../../harness/hub-process.ts';
import { lineFaults } from '../../harness/proxy.ts';
import type { Desk } from './desk.ts';

export type KillKind = 'engine' | 'hub' | 'postgres' | 'hub and postgres';
export type Kills = Record<KillKind, number>;

const weights: Record<KillKind, number> = { engine: 60, hub: 22, postgres: 12, 'hub and postgres': 6 };

/** The hub, and whether it is on its way up again. */
export class Centre {
  readonly hub: HubProcess;
  readonly faults: string[] = [];
  starting: Promise<void> | null = null;

  constructor(hub: HubProcess) {
    this.hub = hub;
  }

  async alive(): Promise<boolean> {
    return fetch(`${this.hub.url}/healthz`, { signal: AbortSignal.timeout(10_000) }).then(
      (answer) => answer.ok,
      () => false,
    );
  }

  kill(downMs: number): void {
    this.starting ??= this.#killAndStart(downMs).finally(() => (this.starting = null));
  }

  async #killAndStart(downMs: number): Promise<void> {
    if (!(await this.alive())) this.faults.push(`the hub was not there to be killed: ${this.hub.said.slice(-400)}`);
    await this.hub.kill();
    await sleep(downMs);
    await this.hub.start().catch((error: unknown) => this.faults.push(`the hub did not start again: ${String(error)}`));
  }

  /** True if there was one to kill. */
  killDatabase(): boolean {
    try {
      process.kill(this.hub.databasePid(), 'SIGKILL');
      return true;
    } catch {
      // just dead or not up yet
      return false;
    }
  }
}

/** Kills and restarts one console's engine; the console stays away for a while. */
function killEngine(desk: Desk, downMs: number): Promise<void> {
  return desk.engine
    .kill()
    .then(() => sleep(downMs))
    .then(() => desk.engine.start())
    .then(
      () => undefined,
      (error: unknown) => void desk.faults.push(`did not start again: ${String(error)}`),
    );
}

/** `kills` kills, spread by chance over the work: each when that many operations have been acknowledged. */
export async function killAtRandom(
  draw: Draw,
  desks: Desk[],
  centre: Centre,
  plan: { kills: number; operations: number; done: () => number },
): Promise<Kills> {
  const counts: Kills = { engine: 0, hub: 0, postgres: 0, 'hub and postgres': 0 };
  const moments = Array.from({ length: plan.kills }, () => draw.next() * plan.operations * 0.97).sort((a, b) => a - b);
  for (const moment of moments) {
    while (plan.done() < moment) await sleep(10);
    const desk = draw.pick(desks) ?? desks[0]!;
    let kind = draw.weighted(weights);
    // Most of them while something is under way, when there is most to lose.
    const aim = draw.weighted({ line: 4, command: kind === 'engine' ? 4 : 0, nothing: 2 });
    if (aim === 'line') await desk.line.busy(1500);
    if (aim === 'command') await desk.engine.commanded(1500);
    await sleep(draw.next() * (aim === 'command' ? 3 : 30));
    const downMs = draw.chance(0.3) ? draw.between(500, 3000) : draw.between(0, 300);
    if (kind !== 'engine' && centre.starting) kind = 'engine';
    if (kind === 'postgres' && !centre.killDatabase()) kind = 'hub';
    if (kind === 'hub and postgres') centre.killDatabase();
    if (kind === 'hub' || kind === 'hub and postgres') centre.kill(downMs);
    if (kind === 'engine') {
      // One that is still coming up again is killed at its start: that is a moment, too.
      desk.busy = desk.busy.then(() => killEngine(desk, downMs));
      if (draw.chance(0.85)) await desk.busy;
    }
    counts[kind] += 1;
  }
  return counts;
}

/** Faults on one line, `meanMs` apart. */
export async function spoil(desk: Desk, draw: Draw, meanMs: number, wanted: () => boolean): Promise<void> {
  while (wanted()) {
    await sleep(draw.after(meanMs));
    const kind = draw.chance(0.2) ? 'loseAnswer' : (draw.pick(lineFaults) ?? 'drop');
    // Most are short; a few outlast every timeout there is.
    desk.line.fault(kind, draw.chance(0.04) ? draw.between(16_000, 35_000) : draw.between(50, 4000));
  }
}
