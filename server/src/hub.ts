/** The hub's composition root: everything that lives as long as the hub does is made and ended here. */
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import pino, { type Logger } from 'pino';
import { Server as SocketServer } from 'socket.io';
import { sql } from 'kysely';
import type { Ticket } from '../../src/shared/domain.ts';
import { wireLimits } from '../../src/shared/protocol.ts';
import { Links } from './auth/links.ts';
import { Sessions } from './auth/sessions.ts';
import { openChannels } from './channels/channels.ts';
import type { Config } from './config.ts';
import { migrate, openDatabase, reachable } from './db/database.ts';
import { type EmbeddedServer, startEmbedded } from './db/embedded.ts';
import { demoAccountList } from './demo/accounts.ts';
import { seedDemo } from './demo/seed.ts';
import { dropAbandoned, takeUpComplete } from './files/completion.ts';
import { FileStore } from './files/store.ts';
import { actRoutes } from './http/act-routes.ts';
import { apiRoutes } from './http/api-routes.ts';
import { botRoutes } from './http/bot-routes.ts';
import { channelRoutes } from './http/channel-routes.ts';
import { consoleRoutes } from './http/console-routes.ts';
import { ctiRoutes } from './http/cti-routes.ts';
import { dialRoutes } from './http/dial-routes.ts';
import { fileRoutes } from './http/file-routes.ts';
import { hookRoutes } from './http/hook-routes.ts';
import { joinPage } from './http/join-page.ts';
import { mailRoutes } from './http/mail-routes.ts';
import { peopleRoutes } from './http/people-routes.ts';
import { popRoutes } from './http/pop-routes.ts';
import { reportRoutes } from './http/report-routes.ts';
import { ruleBotRoutes } from './http/rule-bot-routes.ts';
import { buildServer } from './http/server.ts';
import { webhookRoutes } from './http/webhook-routes.ts';
import { wallboardRoutes } from './http/wallboard-routes.ts';
import { widgetPages } from './http/widget-pages.ts';
import { widgetRoutes } from './http/widget-routes.ts';
import { prepareJobs, startTimers } from './jobs/timers.ts';
import { openApiDocument } from './openapi/document.ts';
import { operations, told } from './openapi/operations.ts';
import { noBus, openBus } from './realtime/bus.ts';
import { Fanout } from './realtime/fanout.ts';
import { serveSync } from './realtime/sync-socket.ts';
import { Viewing } from './realtime/viewing.ts';
import { Attendance } from './routing/attendance.ts';
import { Wallboards } from './reports/wallboard.ts';
import { Router } from './routing/router.ts';
import { recompute } from './sla/recompute.ts';
import { rematch } from './sla/rematch.ts';
import { SlaWatch } from './sla/watch.ts';
import { Committer } from './sync/committer.ts';
import { compact } from './sync/compaction.ts';
import { ensureAdministrator, ensureWorkspace, renewEpoch } from './workspace.ts';

export interface Hub {
  url: string;
  /** process id of the embedded PostgreSQL, where there is one */
  databasePid(): number | undefined;
  /** every HTTP route, as `METHOD /path` */
  routes: readonly string[];
  /** what the operator must know at a first start, or null */
  notice: string | null;
  stop(): Promise<void>;
}

/** Starts a hub; `log` goes to standard error, so that standard output stays the operator's. */
export async function startHub(
  config: Config,
  log: Logger = pino({ level: config.logLevel, redact: ['*.password', '*.token'] }, pino.destination(2)),
): Promise<Hub> {
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        log.error({ error }, 'stopping');
      }
    }
  };
  try {
    mkdirSync(config.dataDir, { recursive: true });
    let embedded: EmbeddedServer | null = null;
    if (config.databaseUrl === null) {
      embedded = await startEmbedded(config.dataDir, log);
      stops.push(() => embedded?.stop());
    }
    const databaseUrl = config.databaseUrl ?? embedded?.url ?? '';
    const db = openDatabase(databaseUrl, { onError: (error) => log.warn({ error: error.message }, 'a database connection broke') });
    stops.push(() => db.destroy());
    // The job queue's own schema first: changes write jobs from the beginning.
    await prepareJobs(databaseUrl);
    await migrate(db);
    const workspaceId = await ensureWorkspace(db, config);
    if (config.restored) {
      await renewEpoch(db, workspaceId);
      log.warn('restored from a backup: workstations load everything anew; do not set TRUC_RESTORED at the next start');
    }
    if (config.demo) await seedDemo(db, workspaceId, log);
    const notice = await ensureAdministrator(db, workspaceId, config);

    // Commits feed the fan-out, and the fan-out feeds consoles and visitors.
    const after: ((changes: Parameters<ReturnType<typeof serveSync>['changed']>[0]) => void)[] = [];
    const fanout = new Fanout(db, workspaceId, log, (changes) => after.forEach((listener) => listener(changes)));
    stops.push(() => fanout.stop());
    const bus = config.redisUrl === null ? noBus : await openBus(config.redisUrl, workspaceId, log, () => fanout.poke());
    stops.push(() => bus.stop());
    const committer = new Committer(db, workspaceId, log, Date.now, (changes) => {
      fanout.committed(changes);
      bus.poke();
    });
    await fanout.start();
    const store = new FileStore(config.dataDir);
    const files = { db, workspaceId, committer, store, log };
    await takeUpComplete(files);
    const channels = await openChannels({ db, workspaceId, committer, store, log, config, databaseUrl });
    const timers = await startTimers(databaseUrl, log, {
      async timer(_workspace, intent) {
        await committer.system(intent);
      },
      async compact() {
        log.info(await compact(db, workspaceId, { logMs: config.logMs }), 'change log compacted');
        await dropAbandoned({ db, workspaceId, store });
        await channels.webhooks.forget();
        await chat.forget();
      },
      async recompute(calendarId) {
        const calendar = (await committer.reference()).rows.calendar.get(calendarId);
        if (calendar) await recompute(db, workspaceId, calendar, Date.now, () => (fanout.poke(), bus.poke()));
      },
      rematch: () => rematch(db, workspaceId, committer),
      ...channels.tasks,
    });
    stops.push(() => timers.stop());
    const slaWatch = new SlaWatch(db, workspaceId, committer, log);
    slaWatch.start();
    stops.push(() => slaWatch.stop());
    const { routingSweepMs: sweepMs } = config;
    const router = new Router(db, workspaceId, committer, log, { sweepMs });
    const [lostMs = 0, chatsMs = 0, restMs = 0] = config.presenceSteps;
    const attendance = new Attendance(db, workspaceId, committer, log, { lostMs, chatsMs, restMs, sweepMs });
    after.push((changes) => router.changed(changes));
    router.start();
    attendance.start();
    stops.push(
      () => router.stop(),
      () => attendance.stop(),
    );
    channels.mailboxes.start();
    stops.push(() => channels.mailboxes.stop());
    const sessions = await Sessions.open(db, workspaceId, config.accessTtlMs);
    const { chat } = channels;
    const viewing = new Viewing(async (ticketId) => {
      const found = await sql<Pick<Ticket, 'id' | 'queueId' | 'assigneeId'>>`
        select id, queue_id, assignee_id from ticket where workspace_id = ${workspaceId} and id = ${ticketId}`.execute(db);
      return found.rows[0] ?? null;
    });
    const hub = {
      db,
      workspaceId,
      sessions,
      committer,
      fanout,
      viewing,
      switchboard: channels.switchboard,
      attendance,
      log,
      policy: config.policy,
    };

    const server = await buildServer(log);
    const routes: string[] = [];
    server.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url}`);
    });
    server.get('/healthz', async () => ({ ok: true }));
    server.get('/readyz', async (_request, reply) => {
      const database = await reachable(db);
      return reply.code(database ? 200 : 503).send({ ok: database, database });
    });
    const description = openApiDocument(operations, told);
    server.get('/openapi.json', async (_request, reply) => reply.header('cache-control', 'public, max-age=300').send(description));
    consoleRoutes(server, hub, {
      signInLimit: config.signInLimit,
      historyDays: config.historyDays,
      demo: config.demo ? demoAccountList() : null,
    });
    actRoutes(server, hub, router);
    peopleRoutes(server, hub, new Links(db, workspaceId), { joinLimit: config.signInLimit });
    joinPage(server);
    reportRoutes(server, hub, Date.now);
    wallboardRoutes(server, hub, new Wallboards(hub, Date.now));
    fileRoutes(server, hub, files, { perMinute: config.filesPerMinute });
    mailRoutes(server, hub, files, { perMinute: config.filesPerMinute * 10, imageMs: 15_000, allowHosts: config.mediaHosts });
    popRoutes(server);
    dialRoutes(server, hub, { accounts: channels.accounts, allowHosts: config.webhookHosts });
    widgetPages(server, channels.visitors, { demo: config.demo });
    widgetRoutes(server, {
      visitors: channels.visitors,
      visitorFiles: channels.visitorFiles,
      chat,
      store,
      viewing,
      workspaceName: async () => (await committer.reference()).rows.workspace.get(workspaceId)?.name ?? '',
      refused: (channelId) => channels.accounts.refusals.note(channelId, 'SIGNATURE'),
      perMinute: config.visitorLimit,
      clock: Date.now,
    });
    viewing.onWriting = (ticketId, name) => {
      chat.writes(ticketId, name).catch((error: unknown) => log.error({ error }, 'visitors can not be told'));
    };
    await hookRoutes(server, { ...channels, log });
    channelRoutes(server, hub, channels);
    await apiRoutes(server, { ...channels, db, workspaceId, store, clock: Date.now });
    webhookRoutes(server, hub, channels.webhooks);
    ruleBotRoutes(server, hub, channels);
    await botRoutes(server, { ...channels, clock: Date.now });
    await ctiRoutes(server, { ...channels, log });
    const sockets = new SocketServer(server.server, {
      transports: ['websocket'],
      serveClient: false,
      maxHttpBufferSize: wireLimits.frameBytes,
      pingInterval: 10_000,
      pingTimeout: 10_000,
    });
    const sync = serveSync(sockets.of('/sync'), hub);
    after.push(sync.changed, (changes) => {
      chat.changed(changes).catch((error: unknown) => log.error({ error }, 'visitors can not be told'));
    });
    stops.push(() => server.close());
    // Sockets first: the server waits for every connection that is still open.
    stops.push(() => {
      sockets.disconnectSockets(true);
      sockets.engine.close();
    });
    await server.listen({ port: config.port, host: config.host });
    const { port } = server.server.address() as AddressInfo;
    return { url: `http://${config.host}:${port}`, databasePid: () => embedded?.pid(), routes, notice, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
