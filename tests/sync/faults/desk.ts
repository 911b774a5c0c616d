/** One agent at one console: works without end, whatever happens to the line, the hub, or the console itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { demoPassword } from '../../../server/src/demo/accounts.ts';
import type { Draw } from '../../harness/draw.ts';
import { Declined, EngineGone, EngineProcess } from '../../harness/engine-process.ts';
import { FaultyLine } from '../../harness/proxy.ts';
import { drawOperation, look, type Operation, type Sight } from './operations.ts';

export interface Desk {
  name: string;
  /** key of the demo account */
  account: string;
  line: FaultyLine;
  engine: EngineProcess;
  operations: Operation[];
  /** sign-ins that were needed because the hub had ended the session */
  signInsAgain: number;
  /** what must not happen, as it happened */
  faults: string[];
  /** so that two do not start the same console */
  busy: Promise<void>;
}

export async function openDesk(hubUrl: string, name: string, account: string): Promise<Desk> {
  const line = await FaultyLine.to(hubUrl);
  const engine = await new EngineProcess(line.url).start();
  const desk: Desk = { name, account, line, engine, operations: [], signInsAgain: 0, faults: [], busy: Promise.resolve() };
  await signIn(desk);
  while ((await engine.query('status', null)).connection !== 'online') await sleep(50);
  return desk;
}

async function signIn(desk: Desk): Promise<void> {
  await desk.engine.execute('session.signIn', { email: `${desk.account}@demo.truc.test`, password: demoPassword });
}

/** Writes operations until `wanted` says that there are enough. `pauseMs`: mean time between two. */
export async function work(desk: Desk, draw: Draw, pauseMs: number, wanted: () => boolean): Promise<void> {
  let sight: Sight | null = null;
  let burst = 0;
  for (let count = 0; wanted(); count += 1) {
    // People work in bursts; a burst of commands is also what a bulk act is.
    if (burst > 0) burst -= 1;
    else {
      await sleep(draw.after(pauseMs));
      if (draw.chance(0.08)) burst = draw.between(3, 12);
      sight = null;
    }
    await desk.engine.up();
    try {
      sight ??= await look(desk.engine, draw);
      if (!sight) {
        await signInAgain(desk);
        continue;
      }
      await one(desk, draw, sight, `${desk.name}.${count}`);
    } catch (error) {
      sight = null;
      if (error instanceof EngineGone) continue;
      if (error instanceof Declined && error.error.code === 'NOT_SIGNED_IN') await signInAgain(desk);
      else desk.faults.push(String(error));
    }
  }
}

async function one(desk: Desk, draw: Draw, sight: Sight, label: string): Promise<void> {
  const { kind, command, trace } = drawOperation(draw, sight, label);
  const operation: Operation = { kind, trace, outcome: 'unanswered', mutationId: null, offline: false };
  const { connection } = await desk.engine.query('status', null);
  operation.offline = connection !== 'online';
  desk.operations.push(operation);
  try {
    const done =
      'mutate' in command ? await desk.engine.execute('mutate', command.mutate) : await desk.engine.execute('reply.send', command.reply);
    operation.mutationId = done.mutationId;
    operation.outcome = 'acknowledged';
  } catch (error) {
    if (!(error instanceof Declined)) throw error;
    operation.outcome = 'declined';
    if (error.error.code !== 'REJECTED') throw error;
  }
}

/** As the agent does when the console shows its sign-in screen. */
export async function signInAgain(desk: Desk): Promise<void> {
  try {
    const state = await desk.engine.query('session.state', null);
    if (state.phase !== 'signedOut') {
      await sleep(50);
      return;
    }
    await signIn(desk);
    desk.signInsAgain += 1;
  } catch (error) {
    if (!(error instanceof EngineGone) && !(error instanceof Declined)) throw error;
    await sleep(100);
  }
}
