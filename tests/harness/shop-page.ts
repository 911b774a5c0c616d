/** A shop's page of another origin than the hub's, customers in real Chromium on it, and Lan, who answers them. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, expect, type Frame, type FrameLocator, type Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { HubProcess } from './hub-process.ts';
import { type Line, lineTo } from './line.ts';
import { setUpWidget } from './visitor.ts';
import { wire } from './wire.ts';

declare global {
  interface Window {
    /** what broke a policy */
    violations: string[];
    /** what the widget told the page */
    heard: [string, unknown][];
    /** what any frame told the page */
    overheard: unknown[];
    axe: { run(): Promise<AxeResults> };
  }
}

const screens = join(import.meta.dirname, '../output/screens');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A green square. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC',
  'base64',
);

export interface Customer {
  page: Page;
  chat: FrameLocator;
  launcher: ReturnType<Page['getByRole']>;
  /** and waits until the hub has it */
  say: (text: string) => Promise<void>;
}

interface Asked {
  id: string;
  last_inbound_id: string;
  last_reply_id: string | null;
  assignee_id: string | null;
}

export class ShopPage {
  readonly hub: HubProcess;
  /** what the widget takes for the hub */
  readonly line: Line;
  readonly browser: Browser;
  readonly database: pg.Client;
  readonly lan: Awaited<ReturnType<typeof wire>>;
  url = '';
  readonly #server: Server;
  readonly #dir: string;

  private constructor(
    dir: string,
    parts: { hub: HubProcess; line: Line; browser: Browser; database: pg.Client; lan: Awaited<ReturnType<typeof wire>> },
  ) {
    this.#dir = dir;
    this.hub = parts.hub;
    this.line = parts.line;
    this.browser = parts.browser;
    this.database = parts.database;
    this.lan = parts.lan;
    this.#server = createServer((request, response) => {
      const address = new URL(request.url ?? '/', 'http://shop');
      const headers: Record<string, string> = { 'content-type': 'text/html; charset=utf-8' };
      if (address.pathname === '/strict')
        headers['content-security-policy'] = `default-src 'none'; script-src ${this.line.url}; frame-src ${this.line.url}`;
      response.writeHead(200, headers);
      response.end(this.#page(address));
    });
  }

  /** `env`: settings of the hub. */
  static async open(env: Record<string, string> = {}): Promise<ShopPage> {
    mkdirSync(screens, { recursive: true });
    const dir = mkdtempSync(join(tmpdir(), 'truc-widget-'));
    chmodSync(dir, 0o755);
    const hub = await new HubProcess(join(dir, 'hub'), env).start();
    const database = new pg.Client(hub.databaseUrl);
    await database.connect();
    const shop = new ShopPage(dir, {
      hub,
      database,
      line: await lineTo(hub.url),
      lan: await wire(hub.url, 'lan'),
      browser: await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      }),
    });
    await new Promise<void>((resolve) => shop.#server.listen(0, '127.0.0.1', resolve));
    shop.url = `http://127.0.0.1:${(shop.#server.address() as AddressInfo).port}`;
    return shop;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.lan.close();
    await this.database.end();
    this.#server.close();
    await this.line.close();
    await this.hub.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  setUp(settings: Parameters<typeof setUpWidget>[1] = {}): Promise<void> {
    return setUpWidget(this.hub, settings);
  }

  /** `/strict` has a policy that names the hub and nothing else, `/loose` none, `/plain` no chat, `/framed?page=` the chat's frame alone. */
  async visit(path = '/strict', options: BrowserContextOptions = {}): Promise<Customer> {
    const context = await this.browser.newContext({ locale: 'vi-VN', ...options });
    const page = await context.newPage();
    await page.addInitScript(() => {
      window.violations = [];
      window.heard = [];
      window.overheard = [];
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        window.violations.push(`${violatedDirective} ${blockedURI}`),
      );
      window.addEventListener('message', ({ data }) => window.overheard.push(data));
      for (const name of ['truc:unread', 'truc:identity'])
        window.addEventListener(name, (event) => window.heard.push([name, (event as CustomEvent).detail]));
    });
    await page.goto(new URL(path, this.url).href);
    const chat = page.frameLocator('iframe[src*="/widget/frame"]');
    const say = async (text: string) => {
      await chat.locator('textarea').fill(text);
      await chat.locator('.send').click();
      await expect(chat.locator('.message.mine:not(.pending)').filter({ hasText: text })).toBeVisible();
    };
    return { page, chat, say, launcher: page.getByRole('button', { name: /Mở cửa sổ chat|Open chat/ }) };
  }

  /** With the chat open. */
  async enter(path?: string, options?: BrowserContextOptions): Promise<Customer> {
    const customer = await this.visit(path, options);
    await customer.launcher.click();
    return customer;
  }

  async ticketOf(text: string): Promise<Asked> {
    const { rows } = await this.database.query<Asked>(
      `select t.id, t.last_inbound_id, t.last_reply_id, t.assignee_id from ticket t join message m on m.ticket_id = t.id where m.body = $1`,
      [text],
    );
    return rows[0]!;
  }

  /** Lan answers whoever has said this. */
  async answer(to: string, body: string): Promise<void> {
    const ticket = await this.ticketOf(to);
    const seen = { inboundId: ticket.last_inbound_id, replyId: ticket.last_reply_id, assigneeId: ticket.assignee_id };
    const told = await this.lan.push('message.reply', { messageId: uuid(), ticketId: ticket.id, body, seen, live: true });
    expect(told).toMatchObject({ ok: true });
  }

  deliveryOf(body: string): Promise<string | undefined> {
    return this.database
      .query<{ delivery: string }>('select delivery from message where body = $1', [body])
      .then(({ rows }) => rows[0]?.delivery);
  }

  #page({ pathname, searchParams }: URL): string {
    if (pathname === '/plain') return '<!doctype html><title>Khung</title>';
    if (pathname === '/framed') {
      const page = encodeURIComponent(searchParams.get('page') ?? '');
      return `<!doctype html><title>Khung</title><iframe src="${this.line.url}/widget/frame?channel=demo-widget&lang=vi&page=${page}"></iframe>`;
    }
    return `<!doctype html><html lang="${searchParams.get('lang') ?? 'vi'}"><meta name="viewport" content="width=device-width">
      <title>Điện máy Sao Mai</title><h1>Điện máy Sao Mai</h1><p><button>Mua ngay</button></p>
      <script src="${this.line.url}/widget.js?channel=demo-widget" async></script></html>`;
  }
}

/** As a shop's own script: `truc.push(…)`. */
export const order = (page: Page, ...commands: unknown[]): Promise<void> =>
  page.evaluate((given) => (window as unknown as { truc: { push(...all: unknown[]): void } }).truc.push(...given), commands);

export const frameOf = (page: Page): Frame => page.frames().find((frame) => frame.url().includes('/widget/frame'))!;

export const attach = (chat: FrameLocator, ...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> =>
  chat.locator('input[type=file]').setInputFiles(files);

/** A picture of it, in light and in dark. */
export async function look(page: Page, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: join(screens, `widget-${name}-${scheme}.png`) });
  }
}

/** Nothing for axe to say, in light and in dark. Its page has to come without a policy (`bypassCSP`). */
export async function accessible(page: Page): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const frame of [page.mainFrame(), frameOf(page)]) {
      await frame.evaluate(axe);
      const found = await frame.evaluate(async () =>
        (await window.axe.run()).violations.map(({ id, nodes }) => [id, ...nodes.map((one) => `${one.html} ${one.failureSummary}`)]),
      );
      // The shop's own page is a stub: only what the widget has put there is looked at.
      const ours =
        frame === page.mainFrame() ? found.filter(([, ...nodes]) => nodes.some((node) => /panel|badge|aria-controls/.test(node))) : found;
      expect(ours).toEqual([]);
    }
  }
}
