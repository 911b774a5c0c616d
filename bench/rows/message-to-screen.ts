/** A customer's message until it is on the agent's screen, hub and console on one machine, against a bare socket.io emit to 500 clients. */
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { Server } from 'socket.io';
import { buildConsole } from '../../scripts/build.mjs';
import { killConsole, launchConsole } from '../../tests/harness/electron.ts';
import { HubProcess } from '../../tests/harness/hub-process.ts';
import { Visitor } from '../../tests/harness/visitor.ts';
import { median, type Row } from '../figures.ts';

const rounds = 60;

/** ms since the epoch, finer than Date.now(); the same clock in every process of a machine */
const wall = () => performance.timeOrigin + performance.now();

export async function messageToScreen(): Promise<Row> {
  buildConsole();
  const dir = mkdtempSync(join(tmpdir(), 'truc-bench-'));
  chmodSync(dir, 0o755);
  const hub = await new HubProcess(join(dir, 'hub')).start();
  try {
    const { app, page } = await launchConsole({ hubUrl: hub.url, profileDir: join(dir, 'profile'), demoUser: 'lan@demo.truc.test' });
    await page.waitForSelector('[data-testid="status-bar"][data-connection="online"]');
    await page.getByTestId('view-all').click();
    const customer = await new Visitor(hub.url).open();
    await customer.say('Khởi động');
    await page.getByRole('button', { name: /Sắp xếp/ }).click();
    await page.getByRole('option', { name: 'Mới nhất' }).click();
    await watch(page);
    const samples: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const text = `đo lần ${round}`;
      const sent = wall();
      await customer.say(text);
      const seen = await page.evaluate((wanted) => window.seenAt(wanted), text);
      samples.push(seen - sent);
    }
    await killConsole(app);
    return {
      name: 'message in to screen (p50), hub and console on one machine',
      value: median(samples),
      limit: await bareEmit(),
      limitName: 'bare socket.io emit, 500 clients (p50)',
      unit: 'ms',
      goal: 3,
    };
  } finally {
    await hub.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

declare global {
  interface Window {
    seenAt(text: string): Promise<number>;
  }
}

/** In the page: resolves with the wall time of the frame that showed a text in the list. */
function watch(page: Page): Promise<void> {
  return page.evaluate(() => {
    const at = new Map<string, number>();
    const waiting = new Map<string, (at: number) => void>();
    const look = () => {
      const painted = performance.timeOrigin + performance.now();
      for (const row of document.querySelectorAll('[data-testid="inbox-row"]')) {
        const text = /đo lần \d+/.exec(row.textContent ?? '')?.[0];
        if (text === undefined || at.has(text)) continue;
        at.set(text, painted);
        waiting.get(text)?.(painted);
      }
    };
    new MutationObserver(() => requestAnimationFrame(look)).observe(document.body, { subtree: true, childList: true, characterData: true });
    window.seenAt = (text) => new Promise((resolve) => (at.has(text) ? resolve(at.get(text) ?? 0) : waiting.set(text, resolve)));
  });
}

/** p50 from emit to each of 500 clients in another process. */
async function bareEmit(): Promise<number> {
  const http = createServer();
  const server = new Server(http, { transports: ['websocket'] });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const child = fork(join(import.meta.dirname, '../fixtures/bare-clients.ts'), [String((http.address() as AddressInfo).port)]);
  await new Promise((resolve) => child.once('message', resolve));
  for (let round = 0; round < rounds; round += 1) {
    server.emit('tick', wall());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const result = new Promise<number>((resolve) => child.once('message', (message) => resolve(Number(message))));
  child.send('done');
  const p50 = await result;
  child.kill();
  await server.close();
  return p50;
}
