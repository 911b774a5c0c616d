/** Connections to mailboxes. Each is used once: a broken one is thrown away. */
import type { ConnectionOptions } from 'node:tls';
import { ImapFlow } from 'imapflow';
import { type FetchedMail, fetchMail } from './imap-fetch.ts';

export interface ImapServer {
  host: string;
  port: number;
  /** `tls`: from the first byte (993); `starttls`: required; `none`: a server of one's own on a line of one's own */
  security: 'tls' | 'starttls' | 'none';
  auth: { user: string; password: string } | { user: string; accessToken: string };
  tls?: ConnectionOptions;
  /** ms without a sign of the server */
  timeoutMs?: number;
}

/** ms after which IDLE is begun anew: some servers forget those that idle */
const idleMs = 5 * 60_000;
const idleAfterMs = 200;
const defaultTimeout = 5 * 60_000;

/** Signed in. @throws what `troubleOf` explains. */
export async function openMailbox(server: ImapServer): Promise<ImapFlow> {
  const timeout = server.timeoutMs ?? defaultTimeout;
  const client = new ImapFlow({
    host: server.host,
    port: server.port,
    secure: server.security === 'tls',
    // Left open, it would go on in the clear when the offer is missing.
    ...(server.security === 'tls' ? {} : { doSTARTTLS: server.security === 'starttls' }),
    auth: 'password' in server.auth ? { user: server.auth.user, pass: server.auth.password } : server.auth,
    ...(server.tls === undefined ? {} : { tls: server.tls }),
    logger: false,
    clientInfo: { name: 'Truc' },
    maxIdleTime: idleMs,
    autoIdleDelay: idleAfterMs,
    connectionTimeout: Math.min(timeout, 30_000),
    socketTimeout: timeout,
    // A server gone mad must not fill the memory: mail comes in pieces.
    maxLiteralSize: 64 * 1024 * 1024,
    maxResponseSize: 128 * 1024 * 1024,
  });
  // Told again by what is being waited for; unheard, it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

/** Why a mailbox can't be reached, and whether waiting may help. */
export interface Trouble {
  /** null: the line or the server; it passes */
  attention: 'SIGN_IN_AGAIN' | 'SETTINGS' | null;
  reason: string;
  /** ms that the server asks for; null: it does not say */
  afterMs: number | null;
}

interface ImapError extends Error {
  code?: string;
  authenticationFailed?: boolean;
  mailboxMissing?: boolean;
  tlsFailed?: boolean;
  throttleReset?: number;
  responseText?: string;
  serverResponseCode?: string;
}

export function troubleOf(thrown: unknown): Trouble {
  const error: ImapError = thrown instanceof Error ? thrown : new Error(String(thrown));
  const reason = `${error.responseText ?? error.message}${error.code === undefined ? '' : ` (${error.code})`}`.slice(0, 500);
  const afterMs = error.throttleReset ?? null;
  // Some servers refuse the password of somebody who came too often.
  const passing = error.code === 'ETHROTTLE' || /^(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)$/.test(error.serverResponseCode ?? '');
  if (error.authenticationFailed === true && !passing) return { attention: 'SIGN_IN_AGAIN', reason, afterMs };
  if (error.mailboxMissing === true || error.tlsFailed === true || /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(error.code ?? '')) {
    return { attention: 'SETTINGS', reason, afterMs };
  }
  return { attention: null, reason, afterMs };
}

/**
 * Where a mail with this Message-ID (without brackets) lies, or null: in the folder for sent mail, in that for all mail, and in INBOX,
 * as far as the server has them. @throws what `troubleOf` explains
 */
export async function findByMessageId(server: ImapServer, messageId: string): Promise<{ folder: string; uid: number } | null> {
  const client = await openMailbox(server);
  try {
    const folders = await client.list();
    const wanted = folders.filter(
      ({ specialUse, path }) => specialUse === '\\Sent' || specialUse === '\\All' || path.toUpperCase() === 'INBOX',
    );
    for (const { path } of wanted) {
      await client.mailboxOpen(path, { readOnly: true });
      const found = await client.search({ header: { 'message-id': `<${messageId}>` } }, { uid: true });
      const uid = found ? found.at(-1) : undefined;
      if (uid !== undefined) return { folder: path, uid };
    }
    return null;
  } finally {
    await client.logout().catch(() => client.close());
  }
}

/** For a mail that was set aside. Null: it is not there any more, or its UID means another mail now. @throws as above */
export async function fetchAgain(
  server: ImapServer,
  { folder, uidValidity, uid }: { folder: string; uidValidity: string; uid: number },
  path: string,
  maxBytes: number,
): Promise<FetchedMail | null> {
  const client = await openMailbox(server);
  try {
    const opened = await client.mailboxOpen(folder, { readOnly: true });
    return String(opened.uidValidity) === uidValidity ? await fetchMail(client, uid, path, maxBytes) : null;
  } finally {
    await client.logout().catch(() => client.close());
  }
}
