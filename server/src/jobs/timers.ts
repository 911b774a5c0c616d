/**
 * What must happen at a later moment (an SLA breach, the end of a snooze, a ticket becoming final, a file that has not come) is a
 * graphile-worker job written in the same commit as the change that calls for it. A job only names its
 * mutation, and the mutation checks that it is still meant; so a job that a later change has overtaken does nothing.
 */
import { type RawBuilder, sql } from 'kysely';
import { Logger as WorkerLogger, run } from 'graphile-worker';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Attachment, SlaClock, Ticket } from '../../../src/shared/domain.ts';
import { inboundJob } from '../channels/inbox.ts';
import { openPool } from '../db/database.ts';
import type { Intent } from '../sync/unit.ts';

const finalAfterMs = 72 * 3_600_000;
/** how long the hub waits for the bytes of a file, and holds its message back */
const fileWaitMs = 24 * 3_600_000;

interface Timer {
  /** one job for a key: a later moment replaces the earlier */
  key: string;
  at: number;
  intent: Intent;
}

interface Pair<T> {
  before: T | null;
  after: T;
}

/** The statement that puts the timers of these changes into the job queue; null when there are none. */
export function timersFor(
  workspaceId: string,
  tickets: Pair<Ticket>[],
  clocks: Pair<SlaClock>[],
  files: Pair<Attachment>[] = [],
): RawBuilder<unknown> | null {
  const timers: Timer[] = [];
  for (const { before, after } of files) {
    if (before !== null || after.state !== 'pending') continue;
    timers.push({
      key: `file:${after.id}`,
      at: after.createdAt + fileWaitMs,
      intent: { name: 'attachment.failed', args: { attachmentId: after.id } },
    });
  }
  for (const { before, after } of clocks) {
    if (after.state === 'running' && after.dueAt !== null && (before?.dueAt !== after.dueAt || before.state !== 'running')) {
      timers.push({
        key: `breach:${after.id}`,
        at: after.dueAt,
        intent: { name: 'sla.breach', args: { ticketId: after.ticketId, clockId: after.id, dueAt: after.dueAt } },
      });
    }
  }
  for (const { before, after } of tickets) {
    if (after.snoozedUntil !== null && after.snoozedUntil !== before?.snoozedUntil) {
      timers.push({
        key: `wake:${after.id}`,
        at: after.snoozedUntil,
        intent: { name: 'ticket.wake', args: { ticketId: after.id, until: after.snoozedUntil } },
      });
    }
    if (after.status === 'resolved' && after.resolvedAt !== null && after.resolvedAt !== before?.resolvedAt) {
      timers.push({
        key: `final:${after.id}`,
        at: after.resolvedAt + finalAfterMs,
        intent: { name: 'ticket.finalise', args: { ticketId: after.id, resolvedAt: after.resolvedAt } },
      });
    }
  }
  if (timers.length === 0) return null;
  const jobs = timers.map((timer) => ({ key: timer.key, at: timer.at, payload: { workspaceId, ...timer.intent } }));
  return sql`select graphile_worker.add_job('timer', (job->'payload')::json, run_at := to_timestamp((job->>'at')::bigint / 1000.0), job_key := job->>'key')
      from jsonb_array_elements(${JSON.stringify(jobs)}::jsonb) as job`;
}

const inboundPayload = z.strictObject({ channelId: z.string(), thread: z.string() });
const payload = z.strictObject({ workspaceId: z.uuid(), name: z.string(), args: z.unknown() });

/** Ends the runner, then its connections. */
export interface Timers {
  stop(): Promise<void>;
}

export async function startTimers(
  connectionString: string,
  apply: (workspaceId: string, intent: Intent) => Promise<void>,
  log: Logger,
  tasks: {
    /** shortens the change log, once an hour */
    compact(): Promise<void>;
    /** hands on what has come in for a thread of a channel */
    inbound(channelId: string, thread: string): Promise<void>;
  },
): Promise<Timers> {
  // A pool of our own: a connection that breaks, idle or in use, is replaced and must not end the hub.
  const pgPool = openPool(connectionString, {
    connections: 4,
    onError: (error) => log.warn({ error: error.message }, 'a job connection broke'),
  });
  const runner = await run({
    pgPool,
    concurrency: 4,
    noHandleSignals: true,
    pollInterval: 1000,
    // Each hour in one hub, and never twice at once.
    crontab: '17 * * * * compact ?queue=compact&jobKey=compact&max=1',
    logger: new WorkerLogger(() => (level, message) => {
      if (level === 'error' || level === 'warning') log.warn({ job: message });
      else log.debug({ job: message });
    }),
    taskList: {
      async timer(job) {
        const { workspaceId, name, args } = payload.parse(job);
        await apply(workspaceId, { name, args });
      },
      compact: () => tasks.compact(),
      async [inboundJob](job) {
        const { channelId, thread } = inboundPayload.parse(job);
        await tasks.inbound(channelId, thread);
      },
    },
  });
  runner.promise.catch((error: unknown) => log.error({ error }, 'the job runner ended'));
  return {
    async stop() {
      await runner.stop().catch((error: unknown) => log.warn({ error }, 'the job runner did not stop in order'));
      await pgPool.end();
    },
  };
}
