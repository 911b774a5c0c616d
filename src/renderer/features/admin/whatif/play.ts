/** The day that is tried, what is changed of it, and what came of it: kept while something else is looked at, gone with the session. */
import { create } from 'zustand';
import { noChanges, type WhatIfChanges, type WhatIfComparison } from '../../../../shared/what-if.ts';
import type { WhatIfDay } from '../../../../shared/what-if-day.ts';
import { EngineError, execute } from '../../../app/engine.ts';
import type { Asked, Told } from './told.ts';

export type Loaded = { state: 'none' } | { state: 'loading' } | { state: 'failed'; offline: boolean } | { state: 'here'; day: WhatIfDay };
export type Run =
  | { state: 'none' }
  | { state: 'running'; share: number }
  | { state: 'failed' }
  /** `of`: the changes that it is of */
  | { state: 'done'; comparison: WhatIfComparison; of: WhatIfChanges };

interface WhatIfState {
  date: string | null;
  loaded: Loaded;
  changes: WhatIfChanges;
  run: Run;
}

const initial: WhatIfState = { date: null, loaded: { state: 'none' }, changes: noChanges, run: { state: 'none' } };
export const useWhatIf = create<WhatIfState>(() => initial);
const set = useWhatIf.setState;

let worker: Worker | null = null;

export function forgetWhatIf(): void {
  stop();
  set(initial, true);
}

function stop(): void {
  worker?.terminate();
  worker = null;
}

/** Asks the hub for the day; what was changed stays, for it may be tried on another one. */
export function load(date: string): void {
  stop();
  set({ date, loaded: { state: 'loading' }, run: { state: 'none' } });
  const still = (loaded: Loaded) => {
    if (useWhatIf.getState().date === date && useWhatIf.getState().loaded.state === 'loading') set({ loaded });
  };
  execute('whatIf.day', { date }).then(
    (day) => still({ state: 'here', day }),
    (error: unknown) => still({ state: 'failed', offline: error instanceof EngineError && error.error.code === 'HUB_UNREACHABLE' }),
  );
}

export function change(next: Partial<WhatIfChanges>): void {
  set(({ changes }) => ({ changes: { ...changes, ...next } }));
}

export function discardChanges(): void {
  set({ changes: noChanges });
}

export function run(): void {
  const { loaded, changes } = useWhatIf.getState();
  if (loaded.state !== 'here') return;
  stop();
  set({ run: { state: 'running', share: 0 } });
  const mine = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker = mine;
  mine.addEventListener('message', ({ data }: MessageEvent<Told>) => {
    if (worker !== mine) return;
    if (data.state === 'running') return set({ run: data });
    stop();
    set({ run: data.state === 'done' ? { ...data, of: changes } : { state: 'failed' } });
  });
  mine.addEventListener('error', () => {
    if (worker !== mine) return;
    stop();
    set({ run: { state: 'failed' } });
  });
  const asked: Asked = { day: loaded.day, changes };
  mine.postMessage(asked);
}

export function cancel(): void {
  stop();
  set({ run: { state: 'none' } });
}

export const isAnything = ({ queues, most, people, skills }: WhatIfChanges): boolean =>
  Object.values(queues).some((one) => Object.keys(one).length > 0) ||
  Object.keys(most).length > 0 ||
  people.length > 0 ||
  skills.length > 0;
