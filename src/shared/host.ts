/**
 * What travels between the main process and the engine, whichever process the engine runs in.
 * The engine has no Electron: it asks main for what only Electron can do.
 */
import { z } from 'zod';

/** Secrets that main seals with the operating system's key store. They never reach the renderer or a log. */
export const secretName = z.union([
  z.templateLiteral([z.enum(['databaseKey', 'refreshToken']), ':', z.uuid()]),
  /** of profiles from before there were several accounts on one */
  z.enum(['databaseKey', 'refreshToken']),
]);
export type SecretName = z.infer<typeof secretName>;

/** main -> engine */
export const toEngine = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    /** folder that holds this profile's files; exists and is private to the user */
    profileDir: z.string(),
    hubUrl: z.url(),
    appVersion: z.string(),
    /** e-mail address of a demo account to sign in as at first start; works against a demo hub only */
    demoUser: z.string().nullable(),
  }),
  /** answer to `secret.get` (value or null), `secret.set` and `secret.delete` (null) */
  z.strictObject({ type: z.literal('secret.answer'), request: z.int(), value: z.string().nullable(), error: z.string().nullable() }),
  /** a window's port was opened, spoke, or closed; used where the engine is a child process and main relays */
  z.strictObject({ type: z.literal('port.open'), port: z.int() }),
  z.strictObject({ type: z.literal('port.data'), port: z.int(), json: z.string() }),
  z.strictObject({ type: z.literal('port.close'), port: z.int() }),
  /** the machine woke up or the network changed: take the clock again, reconnect now */
  z.strictObject({ type: z.literal('wake') }),
  /** ms since the last key or pointer movement anywhere on this machine */
  z.strictObject({ type: z.literal('idle'), ms: z.int().nonnegative() }),
  /** close the database and exit with 0 */
  z.strictObject({ type: z.literal('stop') }),
]);
export type ToEngine = z.infer<typeof toEngine>;

/** engine -> main */
export const fromEngine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('secret.get'), request: z.int(), name: secretName }),
  z.strictObject({ type: z.literal('secret.set'), request: z.int(), name: secretName, value: z.string() }),
  z.strictObject({ type: z.literal('secret.delete'), request: z.int(), name: secretName }),
  z.strictObject({ type: z.literal('port.data'), port: z.int(), json: z.string() }),
  z.strictObject({ type: z.literal('log'), level: z.enum(['debug', 'info', 'warn', 'error']), text: z.string() }),
]);
export type FromEngine = z.infer<typeof fromEngine>;
