/** A lead's floor with 500 people and 50 queues while 20 things a second change: what its renderer costs, beside the same rows drawn once a second. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication, Page } from '@playwright/test';
import { build } from 'esbuild';
import pg from 'pg';
import { buildConsole } from '../../scripts/build.mjs';
import { act } from '../../tests/harness/acts.ts';
import { killConsole, launchConsole, launchElectron } from '../../tests/harness/electron.ts';
import { HubProcess } from '../../tests/harness/hub-process.ts';
import { signIn, type SignedIn, wire } from '../../tests/harness/wire.ts';
import { type Centre, openCentre } from '../centre.ts';
import { type Row } from '../figures.ts';

const queues = 50;
const agentsPerQueue = 10;
const ticketsPerQueue = 40;
const updatesPerSecond = 20;
const warmMs = 5000;
const measuredMs = 30_000;
const ticksPerSecond = 100;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function liveFloor(): Promise<Row> {
  buildConsole();
  const dir = mkdtempSync(join(tmpdir(), 'truc-bench-'));
  chmodSync(dir, 0o755);
  // People of this centre have no workstation: nobody shall be taken for disconnected while it is measured.
  const hub = await new HubProcess(join(dir, 'hub'), { TRUC_PRESENCE_STEPS: '3600,7200,10800' }).start();
  try {
    const centre = await fill(hub.databaseUrl);
    const thu = await signIn(hub.url, 'thu');
    const people = centre.agents.flat();
    for (const userId of people) await act(hub.url, thu, 'presence.set', { userId, state: 'available', reason: null });
    const { ours, updates } = await lead(hub.url, join(dir, 'profile'), thu, centre);
    const bare = await drawn(dir);
    return {
      name: 'live floor, 500 agents, 50 queues, 20 updates/s: CPU of the renderer, a second',
      unit: 'ms',
      value: ours,
      limit: bare,
      limitName: 'the same rows drawn once a second',
      goal: 1.5,
      note: `${updates} changes came through the hub in ${measuredMs / 1000} s`,
    };
  } finally {
    await hub.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The centre, in the demo's workspace, led by the demo's lead. */
async function fill(url: string): Promise<Centre> {
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  try {
    const { rows } = await sql.query<{ workspace_id: string }>('select workspace_id from workspace_counter');
    const workspaceId = rows[0]?.workspace_id ?? '';
    const centre = await openCentre(sql, workspaceId, { queues, agentsPerQueue, ticketsPerQueue });
    await sql.query(
      `insert into team_member (workspace_id, id, team_id, user_id)
       select $1, q.team_id || ':' || u.id, q.team_id, u.id from queue q, app_user u where q.id = $2 and u.email = 'thu@demo.truc.test'`,
      [workspaceId, centre.queues[0]],
    );
    return centre;
  } finally {
    await sql.end();
  }
}

/** CPU of the renderer of a lead who watches, ms a second, and how many changes there were. */
async function lead(hubUrl: string, profileDir: string, thu: SignedIn, centre: Centre): Promise<{ ours: number; updates: number }> {
  const { app, page } = await launchConsole({ hubUrl, profileDir, demoUser: 'thu@demo.truc.test' });
  try {
    await page.waitForSelector('[data-testid="status-bar"][data-connection="online"]', { timeout: 60_000 });
    await page.getByTestId('open-floor').click();
    await page.waitForFunction(
      (n) => Number(document.querySelector('[data-testid="floor-agents"]')?.getAttribute('aria-rowcount')) > n,
      queues * agentsPerQueue,
    );
    await page.getByRole('button', { name: /Tất cả \d+ hàng đợi/ }).click();
    await page.waitForFunction((n) => document.querySelectorAll('[data-testid="floor-queue"]').length >= n, queues);
    const changing = new AbortController();
    const sent = { count: 0 };
    const changes = change(hubUrl, thu, centre, sent, changing.signal);
    await pause(warmMs);
    const from = sent.count;
    const ours = await rendererCpu(app, page);
    const updates = sent.count - from;
    changing.abort();
    await changes;
    if (updates < (measuredMs / 1000) * updatesPerSecond * 0.9) throw new Error(`the floor was measured with ${updates} changes only`);
    return { ours, updates };
  } finally {
    await killConsole(app);
  }
}

/** Half of them are people's states, half tickets that somebody is given, or that go back. */
async function change(hubUrl: string, thu: SignedIn, centre: Centre, sent: { count: number }, over: AbortSignal): Promise<void> {
  const client = await wire(hubUrl, 'thu');
  const people = centre.agents.flat();
  const began = performance.now();
  const states = ['break', 'available'] as const;
  try {
    for (let n = 0; !over.aborted; n += 1) {
      await pause(Math.max(0, began + (n * 1000) / updatesPerSecond - performance.now()));
      const half = Math.floor(n / 2);
      if (n % 2 === 0) {
        const userId = people[half % people.length] ?? '';
        await act(hubUrl, thu, 'presence.set', { userId, state: states[Math.floor(half / people.length) % 2] ?? 'break', reason: null });
      } else {
        const queue = half % queues;
        const turn = Math.floor(half / queues);
        const ticketId = centre.tickets[queue]?.[turn % ticketsPerQueue] ?? '';
        const to = centre.agents[queue]?.[turn % agentsPerQueue] ?? '';
        await client.push('ticket.assign', { ticketId, from: null, to });
      }
      sent.count += 1;
    }
  } finally {
    client.socket.close();
  }
}

async function drawn(dir: string): Promise<number> {
  const appDir = join(dir, 'drawn');
  mkdirSync(appDir);
  writeFileSync(join(appDir, 'package.json'), JSON.stringify({ name: 'drawn-floor', version: '0.0.0', main: 'main.cjs' }));
  writeFileSync(
    join(appDir, 'index.html'),
    '<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="page.css"><div id="root"></div><script src="page.js"></script>',
  );
  cpSync(join(import.meta.dirname, '../fixtures/empty-window.cjs'), join(appDir, 'main.cjs'));
  await build({
    entryPoints: [join(import.meta.dirname, '../fixtures/drawn-floor.tsx')],
    outfile: join(appDir, 'page.js'),
    bundle: true,
    minify: true,
    jsx: 'automatic',
    external: ['*.woff2'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  const app = await launchElectron({ args: [], appDir, env: { TRUC_BENCH_PROFILE: join(dir, 'drawn-profile') } });
  try {
    const page = await app.firstWindow();
    await page.waitForFunction((n) => document.querySelectorAll('[data-testid="drawn"]').length >= n, queues * (agentsPerQueue + 1));
    await pause(warmMs);
    return await rendererCpu(app, page);
  } finally {
    await killConsole(app);
  }
}

/** ms of CPU that the page's process takes in a second, all of its threads. */
async function rendererCpu(app: ElectronApplication, page: Page): Promise<number> {
  const pid = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0);
  if (await page.evaluate(() => document.hidden)) throw new Error('the window is hidden: it draws nothing');
  const used = () => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): utime and stime are the 14th and 15th fields; the name before them may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
  };
  const [before, from] = [used(), performance.now()];
  await pause(measuredMs);
  return ((used() - before) * 1000) / (performance.now() - from);
}
