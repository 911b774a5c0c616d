/** Settings of the hub, read once from the environment; a wrong one is named together with its remedy. */
import { resolve } from 'node:path';
import { z } from 'zod';

const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((value) => value === '1');

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4600),
  HOST: z.string().default('127.0.0.1'),
  TRUC_DATA_DIR: z.string().min(1).default('.truc'),
  DATABASE_URL: z.string().startsWith('postgres').optional(),
  TRUC_DEMO: flag,
  TRUC_ADMIN_EMAIL: z.email().optional(),
  /** seconds that an access token lives */
  TRUC_ACCESS_TTL: z.coerce.number().int().min(1).max(86_400).default(600),
  /** sign-in attempts per address and account in five minutes */
  TRUC_SIGN_IN_LIMIT: z.coerce.number().int().min(1).default(20),
  /** a chat visitor's messages per minute */
  TRUC_VISITOR_LIMIT: z.coerce.number().int().min(1).default(60),
  TRUC_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('warn'),
});

export interface Config {
  port: number;
  host: string;
  dataDir: string;
  databaseUrl: string | null;
  demo: boolean;
  adminEmail: string | null;
  accessTtlMs: number;
  signInLimit: number;
  visitorLimit: number;
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
  return {
    port: value.PORT,
    host: value.HOST,
    dataDir: resolve(value.TRUC_DATA_DIR),
    databaseUrl: value.DATABASE_URL ?? null,
    demo: value.TRUC_DEMO,
    adminEmail: value.TRUC_ADMIN_EMAIL ?? null,
    accessTtlMs: value.TRUC_ACCESS_TTL * 1000,
    signInLimit: value.TRUC_SIGN_IN_LIMIT,
    visitorLimit: value.TRUC_VISITOR_LIMIT,
    logLevel: value.TRUC_LOG_LEVEL,
  };
}
