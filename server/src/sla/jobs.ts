/** Work that an edit of calendars or policies brings with it, as jobs of the same commit. */
import type { Job } from '../jobs/queue.ts';

export const recomputeTask = 'sla-recompute';
export const rematchTask = 'sla-rematch';
/** one after another: two edits of one calendar must not go through the clocks side by side */
const queue = 'sla';

export function recomputeJob(calendarId: string): Job {
  return { task: recomputeTask, key: null, queue, at: null, payload: { calendarId } };
}

export function rematchJob(): Job {
  return { task: rematchTask, key: null, queue, at: null, payload: {} };
}
