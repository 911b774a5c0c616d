/** Putting jobs into the queue, in the commit that calls for them. */
import { type RawBuilder, sql } from 'kysely';

export interface Job {
  task: string;
  /** a later job of this key takes the place of one that has not begun; null: a job of its own */
  key: string | null;
  /** those of one name run one after another, in whichever hub */
  queue: string | null;
  /** ms; null: now */
  at: number | null;
  payload: object;
}

export function addJobs(jobs: Job[]): RawBuilder<unknown> {
  return sql`select graphile_worker.add_job(job->>'task', (job->'payload')::json, queue_name := job->>'queue',
      run_at := coalesce(to_timestamp((job->>'at')::bigint / 1000.0), now()), job_key := job->>'key')
    from jsonb_array_elements(${JSON.stringify(jobs)}::jsonb) as job`;
}
