/** A mailbox as an account: where it is read and where its answers are handed over. */
import { z } from 'zod';
import type { ImapServer } from './imap-client.ts';
import type { SmtpServer } from './smtp.ts';

const secret = z.string().min(1).max(8000);
const host = z.string().min(1).max(255);
const port = z.int().min(1).max(65_535);
const user = z.string().min(1).max(320);
/** `none`: a server of one's own on a line of one's own */
const security = z.enum(['tls', 'starttls', 'none']);
const domain = z
  .string()
  .regex(/^[a-z0-9.-]{1,253}$/i)
  .transform((value) => value.toLowerCase());

const settings = z.strictObject({
  address: z.email().transform((value) => value.toLowerCase()),
  /** what customers see as the sender */
  name: z.string().max(200),
  imap: z.strictObject({ host, port, security, user, folder: z.string().min(1).max(500).default('INBOX') }),
  /** `user` null: the server asks for none */
  smtp: z.strictObject({ host, port, security, user: user.nullable() }),
  /** that our own mail goes out from; the address's own is one of them, named or not */
  ownDomains: z.array(domain).max(20).default([]),
  /** between two looks, whatever IDLE says */
  pollSeconds: z.number().min(0.05).max(3600).default(60),
  /** of mail that is there when the mailbox is read for the first time; 0: none */
  sinceDays: z.number().min(0).max(3650).default(0),
  /** whether `cskh+anything@` reaches the mailbox: answers and reports of failure find their place by it */
  plusAddresses: z.boolean().default(true),
  /** whether the server keeps a copy of what it sends: then a copy proves that a mail went out */
  keepsSent: z.boolean().default(false),
  /** signs in by OAuth 2 in the place of passwords. Without a refresh token: as the application itself (Microsoft 365) */
  oauth: z
    .strictObject({
      clientId: z.string().min(1).max(500),
      tokenUrl: z.url({ protocol: /^https?$/ }).max(500),
      scope: z.string().max(1000).nullable(),
    })
    .nullable()
    .default(null),
  dkim: z
    .strictObject({ domain, selector: z.string().regex(/^[\w.-]{1,100}$/) })
    .nullable()
    .default(null),
});

const secrets = z.strictObject({
  imapPassword: secret.nullable(),
  smtpPassword: secret.nullable(),
  oauthClientSecret: secret.nullable(),
  oauthRefreshToken: secret.nullable(),
  /** handed out by the provider; `of`: for which client and refresh token. `expiresAt`: ms */
  oauthAccess: z.strictObject({ token: secret, expiresAt: z.int().nonnegative(), of: z.string().max(100) }).nullable(),
  /** PEM */
  dkimKey: secret.nullable(),
});

export const emailAccount = { settings, secrets };
export type MailSettings = z.infer<typeof settings>;
export type MailSecrets = z.infer<typeof secrets>;

export interface MailAccount {
  channelId: string;
  settings: MailSettings;
  secrets: MailSecrets;
}

/** Nothing can be had until somebody mends the account. Its text has no secret in it. */
export class AccountWrong extends Error {}

export const ownDomainsOf = ({ address, ownDomains }: MailSettings): string[] => [...new Set([domainOf(address), ...ownDomains])];

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** `access`: where the account signs in by OAuth. @throws AccountWrong */
export function imapOf({ settings: { imap, oauth }, secrets: { imapPassword } }: MailAccount, access: string | null): ImapServer {
  const { host: name, port: number, security: how, user: who } = imap;
  if (oauth ? access === null : imapPassword === null) throw new AccountWrong('nothing to sign in to the mailbox with has been entered');
  const auth = access === null ? { user: who, password: imapPassword ?? '' } : { user: who, accessToken: access };
  return { host: name, port: number, security: how, auth };
}

/** @throws AccountWrong */
export function smtpOf({ settings: { smtp, oauth }, secrets: { smtpPassword } }: MailAccount, access: string | null): SmtpServer {
  const { host: name, port: number, security: how, user: who } = smtp;
  const server = { host: name, port: number, security: how };
  if (who === null) return { ...server, auth: null };
  if (oauth ? access === null : smtpPassword === null)
    throw new AccountWrong('nothing to sign in to the mail server with has been entered');
  return { ...server, auth: access === null ? { user: who, password: smtpPassword ?? '' } : { user: who, accessToken: access } };
}
