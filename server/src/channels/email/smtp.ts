/**
 * One mail handed to a mail server, once. What became of it is told in the words of all channels; what matters most is whether the
 * server may have it, so the message itself tells how far it was read: nodemailer names the stage of a broken line wrongly
 * (channels reference, 4.6).
 */
import type { ConnectionOptions } from 'node:tls';
import SmtpConnection from 'nodemailer/lib/smtp-connection';
import XOAuth2 from 'nodemailer/lib/xoauth2';
import type { Failure, Outcome } from '../outbound.ts';
import { type ComposedMail, lazily } from './compose.ts';

export interface SmtpServer {
  host: string;
  port: number;
  /** `tls`: from the first byte (465); `starttls`: required; `none`: a server of one's own on a line of one's own */
  security: 'tls' | 'starttls' | 'none';
  auth: { user: string; password: string } | { user: string; accessToken: string } | null;
  /** how we name ourselves */
  name?: string;
  tls?: ConnectionOptions;
  /** ms without a sign of the server; connecting takes a quarter of it at most */
  timeoutMs?: number;
}

export interface Handed {
  outcome: Outcome;
  /** the others got it */
  refused: { address: string; code: Failure; reason: string }[];
}

interface SmtpError extends Error {
  code?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
  originalCode?: string | undefined;
  recipient?: string | undefined;
}

/** How far the message itself has gone. */
type Progress = 'untouched' | 'begun' | 'all';

const defaultTimeout = 120_000;

/** Never throws. */
export async function sendMail(server: SmtpServer, mail: ComposedMail): Promise<Handed> {
  const timeout = server.timeoutMs ?? defaultTimeout;
  const connection = new SmtpConnection({
    host: server.host,
    port: server.port,
    secure: server.security === 'tls',
    requireTLS: server.security === 'starttls',
    ignoreTLS: server.security === 'none',
    ...(server.name === undefined ? {} : { name: server.name }),
    ...(server.tls === undefined ? {} : { tls: server.tls }),
    connectionTimeout: timeout / 4,
    greetingTimeout: timeout / 4,
    dnsTimeout: timeout / 4,
    socketTimeout: timeout,
    // A server of the office is as good as any.
    allowInternalNetworkInterfaces: true,
  });
  let progress: Progress = 'untouched';
  const message = lazily(() => mail.open(), { began: () => (progress = 'begun'), ended: () => (progress = 'all') });
  try {
    const broken = new Promise<never>((_, reject) => connection.once('error', reject));
    // Looked at only while something is waited for.
    broken.catch(() => undefined);
    const step = async <T>(run: (done: (error: Error | null | undefined, result?: T) => void) => void): Promise<T | undefined> => {
      const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
      run((error, result) => (error ? reject(error) : resolve(result)));
      return Promise.race([promise, broken]);
    };
    await step<void>((done) => connection.connect(done));
    if (server.auth) await step((done) => connection.login(credentials(server.auth), done));
    const info = await step<{ rejectedErrors?: SmtpError[] | undefined }>((done) =>
      connection.send({ from: mail.envelope.from, to: mail.envelope.to }, message, done),
    );
    connection.quit();
    const refused = (info?.rejectedErrors ?? []).map((error) => ({
      address: error.recipient ?? '',
      code: permanent(error, 'RECIPIENT_UNREACHABLE'),
      reason: reasonOf(error),
    }));
    return { outcome: { state: 'sent', id: mail.messageId }, refused };
  } catch (error) {
    return { outcome: outcomeOf(error as SmtpError, progress as Progress), refused: [] };
  } finally {
    message.destroy();
    connection.close();
  }
}

function credentials(auth: SmtpServer['auth']) {
  if (auth === null) return {};
  if ('password' in auth) return { user: auth.user, pass: auth.password };
  return { user: auth.user, oauth2: new XOAuth2({ user: auth.user, accessToken: auth.accessToken }) };
}

function outcomeOf(error: SmtpError, progress: Progress): Outcome {
  const reason = reasonOf(error);
  const later = (everyone: boolean): Outcome => ({ state: 'later', afterMs: null, everyone, reason });
  const failed = (code: Failure): Outcome => ({ state: 'failed', code, reason });
  const attention = (code: 'SIGN_IN_AGAIN' | 'SETTINGS'): Outcome => ({ state: 'attention', code, reason });
  const status = error.responseCode ?? 0;

  if (progress !== 'untouched') {
    // A file of ours could not be read: the end of the message was never sent, and without it no server takes anything.
    if (error.code === 'ESTREAM' && progress === 'begun') return later(false);
    // An answer is an answer, also one that ends the session: nothing was taken.
    if (status >= 400 && status < 500) return later(false);
    if (status >= 500) return failed(permanent(error, 'NOT_ALLOWED'));
    return { state: 'unknown', reason };
  }
  switch (error.code) {
    case 'EAUTH':
    case 'ENOAUTH':
    case 'EOAUTH2':
      return status >= 400 && status < 500 ? later(true) : attention('SIGN_IN_AGAIN');
    case 'ETLS':
    case 'EREQUIRETLS':
      return attention('SETTINGS');
    case 'EENVELOPE':
      if (status === 0) return failed('NO_RECIPIENT');
      if (status === 530 || status === 535) return attention('SIGN_IN_AGAIN');
      if (status < 500) return later(error.command !== 'RCPT TO');
      // Who refuses the sender refuses everything that this channel sends, except what is too large.
      if (error.command === 'MAIL FROM') return isTooLarge(error) ? failed('TOO_LONG') : attention('SETTINGS');
      return failed(permanent(error, error.command === 'RCPT TO' ? 'RECIPIENT_UNREACHABLE' : 'NOT_ALLOWED'));
    case 'EMESSAGE':
      return failed('TOO_LONG');
    case 'ESTREAM':
      return later(false);
    default:
      if (isCertificate(error)) return attention('SETTINGS');
      return status >= 500 ? attention('SETTINGS') : later(true);
  }
}

const isTooLarge = (error: SmtpError) => error.responseCode === 552 || /\b5\.3\.4\b/.test(error.response ?? '');

function permanent(error: SmtpError, otherwise: Failure): Failure {
  const enhanced = /\b5\.(\d{1,3})\.(\d{1,3})\b/.exec(error.response ?? '');
  if (/\b5\.4\.5\b/.test(error.response ?? '') || /quota|sending limit/i.test(error.response ?? '')) {
    // A full mailbox of theirs is not our quota.
    return enhanced?.[1] === '2' ? 'RECIPIENT_UNREACHABLE' : 'QUOTA_USED_UP';
  }
  if (enhanced?.[1] === '1' || enhanced?.[1] === '2') return 'RECIPIENT_UNREACHABLE';
  if (isTooLarge(error)) return 'TOO_LONG';
  return enhanced?.[1] === '7' ? 'NOT_ALLOWED' : otherwise;
}

function isCertificate(error: SmtpError): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(error.originalCode ?? '');
}

function reasonOf(error: SmtpError): string {
  return (error.response ?? error.message).slice(0, 500);
}
