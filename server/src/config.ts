/** Settings of the hub, read once from the environment; a wrong one is named together with its remedy. */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Policy } from '../../src/shared/protocol.ts';

const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((value) => value === '1');

/** "5,15,60": seconds */
const steps = z
  .string()
  .regex(/^\d+(\.\d+)?(,\d+(\.\d+)?){0,19}$/)
  .transform((text) => text.split(',').map(Number));

const mailUrl = (scheme: 'imap' | 'smtp') =>
  z
    .url({ protocol: new RegExp(`^${scheme}s?$`) })
    .refine((text) => /:\d+\/?$/.test(text), 'a port is missing')
    .transform((text): MailServerUrl => {
      const { hostname, port, protocol, username, password } = new URL(text);
      return {
        host: hostname,
        port: Number(port),
        security: protocol === `${scheme}s:` ? 'tls' : 'none',
        user: username === '' ? null : decodeURIComponent(username),
        password: decodeURIComponent(password),
      };
    });

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4600),
  HOST: z.string().default('127.0.0.1'),
  TRUC_DATA_DIR: z.string().min(1).default('.truc'),
  DATABASE_URL: z.string().startsWith('postgres').optional(),
  /** where hubs that share a database tell each other of commits; absent: this hub is alone */
  REDIS_URL: z.string().startsWith('redis').optional(),
  TRUC_DEMO: flag,
  TRUC_ADMIN_EMAIL: z.email().optional(),
  /** seconds that an access token lives */
  TRUC_ACCESS_TTL: z.coerce.number().int().min(1).max(86_400).default(600),
  /** sign-in attempts per address and account in five minutes */
  TRUC_SIGN_IN_LIMIT: z.coerce.number().int().min(1).default(20),
  /** a chat visitor's messages per minute */
  TRUC_VISITOR_LIMIT: z.coerce.number().int().min(1).default(30),
  /** conversations that a chat visitor may begin in an hour; from one address ten times as many */
  TRUC_VISITOR_OPENINGS: z.coerce.number().int().min(1).default(5),
  /** files that a chat visitor may send in an hour */
  TRUC_VISITOR_FILES: z.coerce.number().int().min(1).default(10),
  /** files that one user may announce in a minute */
  TRUC_FILE_LIMIT: z.coerce.number().int().min(1).default(120),
  /** days of messages of settled tickets that every workstation keeps; 0: all */
  TRUC_HISTORY_DAYS: z.coerce.number().min(0).max(100_000).default(365),
  /** days that the change log reaches back; a workstation that was away longer loads everything anew */
  TRUC_LOG_DAYS: z.coerce.number().positive().max(10_000).default(14),
  /** hours without the hub after which a workstation shows nothing until it has been in touch */
  TRUC_OFFLINE_HOURS: z.coerce.number().positive().max(8760).default(72),
  /** minutes without input after which a workstation's window locks; 0: never */
  TRUC_IDLE_LOCK_MINUTES: z.coerce.number().min(0).max(1440).default(15),
  /** 1 at the first start after a backup was put back: workstations load everything anew and send again what the backup lacks */
  TRUC_RESTORED: flag,
  /** seals the secrets of channels: 64 hexadecimal digits, the same for all hubs of a database; absent: a file of the data folder */
  TRUC_SECRET_KEY: z.string().optional(),
  /** where Meta's and Zalo's programming interfaces are; the last for all three of its hosts */
  TRUC_META_URL: z.url().optional(),
  TRUC_META_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/)
    .default('v25.0'),
  TRUC_ZALO_URL: z.url().optional(),
  /** seconds between tries to send a message; after the last one it has failed */
  TRUC_SEND_STEPS: steps.default([5, 15, 60, 300, 900, 900]),
  /** seconds between tries to fetch a file that a vendor holds */
  TRUC_MEDIA_STEPS: steps.default([10, 60, 600]),
  /** `host:port,…` that files of messages may be fetched from though they are not public */
  TRUC_MEDIA_HOSTS: z.string().default(''),
  /** seconds before each try to deliver a webhook; after the last one its endpoint is switched off */
  TRUC_WEBHOOK_STEPS: steps.default([0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]),
  /** `host:port,…` that webhooks may be sent to though they are not public */
  TRUC_WEBHOOK_HOSTS: z.string().default(''),
  /** seconds between two looks at what waits, beside those that every change brings */
  TRUC_ROUTING_SWEEP: z.coerce.number().min(0.05).max(60).default(5),
  /** seconds without a console until somebody counts as disconnected, until their live chats go back, until the rest does */
  TRUC_PRESENCE_STEPS: steps.refine((list) => list.length === 3, 'three numbers').default([60, 120, 1800]),
  /** seconds that a test of a channel may take, all in all */
  TRUC_CHECK_TIMEOUT: z.coerce.number().min(0.2).max(25).default(10),
  /** 1: the demo's bot answers in the demo's chat */
  TRUC_DEMO_BOT: flag,
  /** the demo's mailbox, both or neither: `imap://user:password@host:port` and `smtp://…`; `imaps:` and `smtps:` speak TLS */
  TRUC_DEMO_IMAP: mailUrl('imap').optional(),
  TRUC_DEMO_SMTP: mailUrl('smtp').optional(),
  TRUC_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('warn'),
});

export interface MailServerUrl {
  host: string;
  port: number;
  security: 'tls' | 'none';
  user: string | null;
  password: string;
}

/** Where vendors are. `baseUrl` null: at their own hosts. The whole null: nowhere, for a demo has no account there; what goes out waits. */
export interface VendorHosts {
  meta: { baseUrl: string | null; version: string } | null;
  zalo: { baseUrl: string | null } | null;
}

function hostOf<T extends object>(url: string | undefined, demo: boolean, more: T): ({ baseUrl: string | null } & T) | null {
  return url === undefined && demo ? null : { baseUrl: url?.replace(/\/$/, '') ?? null, ...more };
}

export interface Config {
  port: number;
  host: string;
  dataDir: string;
  databaseUrl: string | null;
  redisUrl: string | null;
  demo: boolean;
  adminEmail: string | null;
  accessTtlMs: number;
  signInLimit: number;
  visitorLimit: number;
  visitorOpenings: number;
  visitorFiles: number;
  filesPerMinute: number;
  historyDays: number;
  logMs: number;
  policy: Policy;
  restored: boolean;
  secretKey: string | null;
  vendors: VendorHosts;
  /** ms between tries */
  sendSteps: readonly number[];
  mediaSteps: readonly number[];
  mediaHosts: ReadonlySet<string>;
  /** ms before each try */
  webhookSteps: readonly number[];
  webhookHosts: ReadonlySet<string>;
  checkTimeoutMs: number;
  routingSweepMs: number;
  /** ms: disconnected, chats go back, the rest goes back */
  presenceSteps: readonly number[];
  demoBot: boolean;
  /** null: the demo has no mailbox; its answers by mail wait */
  demoMail: { imap: MailServerUrl; smtp: MailServerUrl } | null;
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
}

export function readConfig(env: Record<string, string | undefined>): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`Wrong setting in the environment.\n${lines.join('\n')}`);
  }
  const value = parsed.data;
  if (value.TRUC_DEMO && !['127.0.0.1', '::1', 'localhost'].includes(value.HOST)) {
    throw new Error('TRUC_DEMO=1 has public passwords and runs on loopback only: unset HOST, or unset TRUC_DEMO.');
  }
  const { TRUC_DEMO_IMAP: imap, TRUC_DEMO_SMTP: smtp } = value;
  if ((imap === undefined) !== (smtp === undefined)) throw new Error('TRUC_DEMO_IMAP and TRUC_DEMO_SMTP go together: set both or neither.');
  return {
    port: value.PORT,
    host: value.HOST,
    dataDir: resolve(value.TRUC_DATA_DIR),
    databaseUrl: value.DATABASE_URL ?? null,
    redisUrl: value.REDIS_URL ?? null,
    demo: value.TRUC_DEMO,
    adminEmail: value.TRUC_ADMIN_EMAIL ?? null,
    accessTtlMs: value.TRUC_ACCESS_TTL * 1000,
    signInLimit: value.TRUC_SIGN_IN_LIMIT,
    visitorLimit: value.TRUC_VISITOR_LIMIT,
    visitorOpenings: value.TRUC_VISITOR_OPENINGS,
    visitorFiles: value.TRUC_VISITOR_FILES,
    filesPerMinute: value.TRUC_FILE_LIMIT,
    historyDays: value.TRUC_HISTORY_DAYS,
    logMs: value.TRUC_LOG_DAYS * 86_400_000,
    policy: {
      offlineMs: Math.max(1, Math.round(value.TRUC_OFFLINE_HOURS * 3_600_000)),
      idleLockMs: Math.round(value.TRUC_IDLE_LOCK_MINUTES * 60_000),
    },
    restored: value.TRUC_RESTORED,
    secretKey: value.TRUC_SECRET_KEY ?? null,
    vendors: {
      meta: hostOf(value.TRUC_META_URL, value.TRUC_DEMO, { version: value.TRUC_META_VERSION }),
      zalo: hostOf(value.TRUC_ZALO_URL, value.TRUC_DEMO, {}),
    },
    sendSteps: value.TRUC_SEND_STEPS.map((seconds) => seconds * 1000),
    mediaSteps: value.TRUC_MEDIA_STEPS.map((seconds) => seconds * 1000),
    mediaHosts: new Set(value.TRUC_MEDIA_HOSTS.split(',').filter((host) => host !== '')),
    webhookSteps: value.TRUC_WEBHOOK_STEPS.map((seconds) => seconds * 1000),
    webhookHosts: new Set(value.TRUC_WEBHOOK_HOSTS.split(',').filter((host) => host !== '')),
    checkTimeoutMs: value.TRUC_CHECK_TIMEOUT * 1000,
    routingSweepMs: value.TRUC_ROUTING_SWEEP * 1000,
    presenceSteps: value.TRUC_PRESENCE_STEPS.map((seconds) => seconds * 1000),
    demoBot: value.TRUC_DEMO_BOT,
    demoMail: imap && smtp ? { imap, smtp } : null,
    logLevel: value.TRUC_LOG_LEVEL,
  };
}
