/** A mailbox, tried out: signed in to, its folder opened, and a mail sent to its own address, which is dropped when it comes back. */
import { v7 as uuid } from 'uuid';
import type { CheckStep } from '../../../src/shared/channel-admin.ts';
import type { Account } from './accounts.ts';
import { withoutSecrets } from './call.ts';
import { failed, worked } from './check-step.ts';
import { AccountWrong, domainOf, imapOf, smtpOf } from './email/account.ts';
import { ownIdPrefix } from './email/automatic.ts';
import { composeMail } from './email/compose.ts';
import { openMailbox, troubleOf } from './email/imap-client.ts';
import type { MailTokens } from './email/oauth.ts';
import { sendMail } from './email/smtp.ts';

export interface MailCheckNeeds {
  tokens: MailTokens;
  clock(): number;
  /** ms; both servers are asked at the same time */
  timeoutMs: number;
}

/** Never throws for what the servers do. */
export async function checkMailbox(needs: MailCheckNeeds, account: Account<'email'>): Promise<CheckStep[]> {
  const token = await needs.tokens.current(account);
  if (token.state !== 'ok') return [failed('token', token.reason, token.state === 'later' ? 'line' : 'signIn')];
  const [reading, sending] = await Promise.all([read(needs, account, token.access), send(needs, account, token.access)]);
  return [...reading, ...sending];
}

async function read({ timeoutMs }: MailCheckNeeds, account: Account<'email'>, access: string | null): Promise<CheckStep[]> {
  const { user, folder } = account.settings.imap;
  const steps: CheckStep[] = [];
  try {
    const client = await openMailbox({ ...imapOf(account, access), timeoutMs });
    steps.push(worked('imap', user));
    try {
      const opened = await client.mailboxOpen(folder, { readOnly: true });
      steps.push(worked('folder', `${folder} (${opened.exists})`));
    } finally {
      await client.logout().catch(() => client.close());
    }
  } catch (error) {
    const step = steps.length === 0 ? 'imap' : 'folder';
    if (error instanceof AccountWrong) steps.push(failed(step, error.message, 'connect'));
    else {
      const { attention, reason } = troubleOf(error);
      const remedy = attention === 'SIGN_IN_AGAIN' ? 'signIn' : attention === 'SETTINGS' ? 'settings' : 'line';
      steps.push(failed(step, bare(reason, account), remedy));
    }
  }
  return steps;
}

async function send({ clock, timeoutMs }: MailCheckNeeds, account: Account<'email'>, access: string | null): Promise<CheckStep[]> {
  const { address, name, dkim } = account.settings;
  const { dkimKey } = account.secrets;
  const own = domainOf(address);
  const mail = composeMail({
    // By its id and its loop mark the hub knows it again.
    messageId: `${ownIdPrefix}${uuid()}@${own}`,
    from: { address, name: name === '' ? null : name },
    to: [{ address, name: null }],
    cc: [],
    replyTo: null,
    bounces: address,
    subject: 'Trực: thư thử',
    text: 'Thư này do Trực tự gửi để thử hộp thư. Không cần trả lời.\n\nThis mail was sent by Trực to try the mailbox. There is no need to answer.',
    files: [],
    inReplyTo: null,
    references: [],
    automatic: true,
    loopDomain: own,
    date: clock(),
    dkim: dkim === null || dkimKey === null ? null : { ...dkim, privateKey: dkimKey },
  });
  try {
    const { outcome, refused } = await sendMail({ ...smtpOf(account, access), timeoutMs }, mail);
    const [back] = refused;
    if (outcome.state === 'sent') return [back ? failed('smtp', bare(back.reason, account), 'settings') : worked('smtp', address)];
    const remedy =
      outcome.state === 'later' || outcome.state === 'unknown'
        ? 'line'
        : outcome.state === 'attention' && outcome.code === 'SIGN_IN_AGAIN'
          ? 'signIn'
          : 'settings';
    return [failed('smtp', bare(outcome.reason, account), remedy)];
  } catch (error) {
    if (error instanceof AccountWrong) return [failed('smtp', error.message, 'connect')];
    throw error;
  }
}

/** A server's words, without what it was sent. */
function bare(reason: string, { secrets }: Account<'email'>): string {
  const { imapPassword, smtpPassword, oauthAccess } = secrets;
  return withoutSecrets(reason, [imapPassword, smtpPassword, oauthAccess?.token ?? null]);
}
