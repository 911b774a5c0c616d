/**
 * What must happen at a later moment (the end of a snooze, a ticket becoming final, a file that has not come) is a
 * graphile-worker job written in the same commit as the change that calls for it. A job only names its
 * mutation, and the mutation checks that it is still meant; so a job that a later change has overtaken does nothing.
 */
import { EventEmitter } from 'node:events';
import type { RawBuilder } from 'kysely';
import { Logger as WorkerLogger, run, runMigrations, type WorkerEvents } from 'graphile-worker';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Attachment, identityKind, type IdentityKind, type Message, type Ticket } from '../../../src/shared/domain.ts';
import { botJob, botTask } from '../bots/job.ts';
import { continuationJob, continuationTask } from '../channels/chat/continuation.ts';
import { inboundJob } from '../channels/inbox.ts';
import { mediaJob } from '../channels/media.ts';
import { profileJob } from '../channels/profiles.ts';
import { outboundJob, outboundTask } from '../channels/parts.ts';
import { openPool } from '../db/database.ts';
import type { Intent } from '../sync/intent.ts';
import { recomputeTask, rematchTask } from '../sla/jobs.ts';
import { webhookTask } from '../webhooks/events.ts';
import { Instance } from './instance.ts';
import { patient } from './patient.ts';
import { addJobs, type Job } from './queue.ts';

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

/** What a commit changed. */
interface Changed {
  tickets: Pair<Ticket>[];
  files?: Pair<Attachment>[];
  messages?: Pair<Message>[];
}

/** The statement that puts the timers of these changes into the job queue, with `more`; null when there are none. */
export function timersFor(
  workspaceId: string,
  { tickets, files = [], messages = [] }: Changed,
  more: Job[] = [],
): RawBuilder<unknown> | null {
  const timers: Timer[] = [];
  // An answer that has been accepted for a channel goes out.
  const goingOut = messages.filter(
    ({ before, after }) =>
      after.kind === 'reply' && after.delivery === 'accepted' && before?.delivery !== 'accepted' && after.extra?.via !== undefined,
  );
  // What an agent has said by chat may find nobody there.
  const answered = messages.filter(
    ({ before, after }) =>
      after.kind === 'reply' &&
      after.channel === 'chat' &&
      after.authorType === 'agent' &&
      after.delivery === 'sent' &&
      before?.delivery !== 'sent',
  );
  // What a customer says to a bot is told to it.
  const withBots = new Set(tickets.filter(({ after }) => after.status === 'bot').map(({ after }) => after.id));
  const heard = messages.filter(({ before, after }) => before === null && after.kind === 'inbound' && withBots.has(after.ticketId));
  for (const { before, after } of files) {
    if (before !== null || after.state !== 'pending') continue;
    timers.push({
      key: `file:${after.id}`,
      at: after.createdAt + fileWaitMs,
      intent: { name: 'attachment.failed', args: { attachmentId: after.id } },
    });
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
  const jobs: Job[] = [
    ...timers.map((timer) => ({ task: 'timer', key: timer.key, queue: null, at: timer.at, payload: { workspaceId, ...timer.intent } })),
    ...[...new Set(goingOut.map(({ after }) => after.ticketId))].map((ticketId) => outboundJob(ticketId, null)),
    ...[...new Set(answered.map(({ after }) => after.ticketId))].map((ticketId) => continuationJob(ticketId, null)),
    ...[...new Set(heard.map(({ after }) => after.ticketId))].map((ticketId) => botJob(ticketId)),
    ...more,
  ];
  return jobs.length === 0 ? null : addJobs(jobs);
}

/** The job queue's own tables: changes write jobs from the beginning. */
export async function prepareJobs(connectionString: string): Promise<void> {
  // A pool of our own: theirs is let go of before it has closed.
  const pgPool = openPool(connectionString, { connections: 1, onError: () => undefined });
  try {
    await runMigrations({ pgPool });
  } finally {
    await pgPool.end();
  }
}

const inboundPayload = z.strictObject({ channelId: z.string(), thread: z.string() });
const ticketPayload = z.strictObject({ ticketId: z.uuid() });
const profilePayload = z.strictObject({ channelId: z.string(), kind: identityKind, value: z.string() });
const mediaPayload = z.strictObject({ messageId: z.uuid(), position: z.int() });
const payload = z.strictObject({ workspaceId: z.uuid(), name: z.string(), args: z.unknown() });

/** Ends the runner, then its connections. */
export interface Timers {
  stop(): Promise<void>;
}

/** What jobs call. */
export interface Tasks {
  /** a change whose moment has come */
  timer(workspaceId: string, intent: Intent): Promise<void>;
  /** shortens the change log, once an hour */
  compact(): Promise<void>;
  /** hands on what has come in for a thread of a channel */
  inbound(channelId: string, thread: string): Promise<void>;
  /** sends what waits on a ticket */
  outbound(ticketId: string): Promise<void>;
  /** delivers what waits for an endpoint */
  webhook(endpointId: string): Promise<void>;
  /** tells a ticket's bot what is new */
  bot(ticketId: string): Promise<void>;
  /** sends by mail what a visitor who has left has not read */
  continues(ticketId: string): Promise<void>;
  /** fetches a file of a message */
  media(messageId: string, position: number): Promise<void>;
  /** looks up how somebody calls themselves */
  profile(channelId: string, person: { kind: IdentityKind; value: string }): Promise<void>;
  /** running clocks count by other hours from now on */
  recompute(calendarId: string): Promise<void>;
  /** open clocks count by other policies from now on */
  rematch(): Promise<void>;
  /** each quarter of an hour: renews what will soon end */
  tokens(): Promise<void>;
  /** once a minute: what nobody else will end */
  sweep(): Promise<void>;
}

export async function startTimers(connectionString: string, log: Logger, tasks: Tasks): Promise<Timers> {
  // A pool of our own: a connection that breaks, idle or in use, is replaced and must not end the hub.
  const pgPool = patient(
    openPool(connectionString, {
      connections: 4,
      onError: (error) => log.warn({ error: error.message }, 'a job connection broke'),
    }),
  );
  const instance = await Instance.begin(connectionString, log);
  const events: WorkerEvents = new EventEmitter();
  // Jobs are locked in the name of the pool, not of the worker that has them.
  events.on('pool:create', ({ workerPool }) => instance.owns(workerPool.id));
  await instance.letGo();
  const runner = await run({
    pgPool,
    events,
    concurrency: 6,
    noHandleSignals: true,
    pollInterval: 1000,
    // Each hour in one hub, and never twice at once.
    crontab:
      '17 * * * * compact ?queue=compact&jobKey=compact&max=1\n* * * * * unlock ?jobKey=unlock&max=1\n* * * * * sweep ?queue=sweep&jobKey=sweep&max=1\n*/15 * * * * tokens ?queue=tokens&jobKey=tokens&max=1',
    logger: new WorkerLogger(() => (level, message) => {
      if (level === 'error' || level === 'warning') log.warn({ job: message });
      else log.debug({ job: message });
    }),
    taskList: {
      async timer(job) {
        const { workspaceId, name, args } = payload.parse(job);
        await tasks.timer(workspaceId, { name, args });
      },
      compact: () => tasks.compact(),
      unlock: () => instance.letGo(),
      sweep: () => tasks.sweep(),
      tokens: () => tasks.tokens(),
      async [profileJob](job) {
        const { channelId, kind, value } = profilePayload.parse(job);
        await tasks.profile(channelId, { kind, value });
      },
      async [inboundJob](job) {
        const { channelId, thread } = inboundPayload.parse(job);
        await tasks.inbound(channelId, thread);
      },
      async [outboundTask](job) {
        await tasks.outbound(ticketPayload.parse(job).ticketId);
      },
      async [webhookTask](job) {
        await tasks.webhook(z.strictObject({ endpointId: z.uuid() }).parse(job).endpointId);
      },
      async [botTask](job) {
        await tasks.bot(ticketPayload.parse(job).ticketId);
      },
      async [continuationTask](job) {
        await tasks.continues(ticketPayload.parse(job).ticketId);
      },
      async [recomputeTask](job) {
        await tasks.recompute(z.strictObject({ calendarId: z.uuid() }).parse(job).calendarId);
      },
      [rematchTask]: () => tasks.rematch(),
      async [mediaJob](job) {
        const { messageId, position } = mediaPayload.parse(job);
        await tasks.media(messageId, position);
      },
    },
  });
  runner.promise.catch((error: unknown) => log.error({ error }, 'the job runner ended'));
  return {
    async stop() {
      await runner.stop().catch((error: unknown) => log.warn({ error }, 'the job runner did not stop in order'));
      await instance.end();
      await pgPool.end();
    },
  };
}
