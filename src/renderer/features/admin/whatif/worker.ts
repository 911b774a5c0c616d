/** A day is played here, off the window's own thread: a large one takes seconds. Whoever does not want to wait ends the worker. */
import { applyChanges, compare, play } from '../../../../shared/what-if.ts';
import type { Asked, Told } from './told.ts';

const tell = (told: Told) => postMessage(told);

addEventListener('message', ({ data: { day, changes } }: MessageEvent<Asked>) => {
  try {
    const before = play(day, (share) => tell({ state: 'running', share: share / 2 }));
    const other = applyChanges(day, changes);
    const after = play(other, (share) => tell({ state: 'running', share: 0.5 + share / 2 }));
    tell({ state: 'done', comparison: compare(day, before, other, after) });
  } catch (error) {
    tell({ state: 'failed', why: String(error) });
  }
});
