/** E-mail, put together: mailboxes that are followed, what becomes of their mails, and the way out. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Rejection } from '../../../../src/shared/mutations/define.ts';
import type { Db } from '../../db/database.ts';
import type { FileStore } from '../../files/store.ts';
import type { Intent } from '../../sync/intent.ts';
import type { Accounts } from '../accounts.ts';
import type { Way } from '../dispatch.ts';
import type { Handled, Inbox, StoredEvent } from '../inbox.ts';
import { fetchRaw } from './intake.ts';
import { Mailboxes } from './mailboxes.ts';
import { MailTokens } from './oauth.ts';
import { receiveMail } from './receive.ts';
import { mailWay } from './way.ts';

export interface MailParts {
  way: Way;
  tokens: MailTokens;
  /** what the inbox calls for a mail */
  receive(channelId: string, stored: StoredEvent, raw: string): Promise<Handled>;
  /** what follows the mailboxes, once there is somebody to hand their mails to */
  mailboxes(needs: { inbox: Inbox; isActive(channelId: string): Promise<boolean>; resume(channelId: string): Promise<void> }): Mailboxes;
}

export function openMail(needs: {
  db: Db;
  databaseUrl: string;
  workspaceId: string;
  accounts: Accounts;
  store: FileStore;
  apply(intent: Intent): Promise<Rejection | null>;
  log: Logger;
  clock(): number;
  dataDir: string;
}): MailParts {
  const { accounts } = needs;
  const dir = join(needs.dataDir, 'mail');
  const tokens = new MailTokens({ accounts });
  const key = accounts.keyFor('mail-addresses');
  const receiving = { ...needs, key, fetchAgain: (channelId: string, raw: string) => fetchRaw({ ...needs, tokens, dir }, channelId, raw) };
  return {
    way: mailWay({ ...needs, tokens, key }),
    tokens,
    receive: (channelId, stored, raw) => receiveMail(receiving, channelId, stored, raw),
    mailboxes: (more) => new Mailboxes({ ...needs, ...more, tokens, dir }),
  };
}
