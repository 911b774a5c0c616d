/** The demo's accounts at vendors. Their secrets are public: the demo listens on loopback only. */
import { rulesOf } from '../../../src/shared/rules.ts';
import type { Channel } from '../../../src/shared/domain.ts';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import type { Accounts } from '../channels/accounts.ts';
import { noSettings } from '../channels/chat/account.ts';
import { sourceOf } from '../channels/email/intake.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import type { Intent } from '../sync/intent.ts';

/** At each start, so that an older demo gets those that were added since. What a vendor has handed out meanwhile stays. */
export async function seedAccounts(needs: {
  db: Db;
  workspaceId: string;
  accounts: Accounts;
  apply(intent: Intent): Promise<Rejection | null>;
  /** null: the demo has no mailbox */
  mail: Config['demoMail'];
}): Promise<void> {
  const { db, workspaceId, accounts, apply, mail } = needs;
  const queues = await db
    .selectFrom('queue')
    .select(['id', 'purpose'])
    .where('workspaceId', '=', workspaceId)
    .orderBy('position')
    .execute();
  const queueId = (purpose: string) => (queues.find((one) => one.purpose === purpose) ?? queues[0])?.id ?? '';
  const channel = (id: string, kind: Channel['kind'], name: string, purpose: string): Channel => {
    return { id, kind, name, queueId: queueId(purpose), active: true, rules: rulesOf[kind] ?? null, health: 'ok' };
  };
  await apply({
    name: 'channel.offer',
    args: {
      channels: [
        channel('demo-messenger', 'messenger', 'Facebook Sao Mai', 'sales'),
        channel('demo-zalo', 'zalo', 'Zalo OA Sao Mai', 'complaint'),
        channel('demo-instagram', 'instagram', 'Instagram Sao Mai', 'sales'),
        channel('demo-api', 'api', 'Kết nối API', 'sales'),
      ],
    },
  });
  const missing = async (channelId: string) => (await accounts.find(channelId)) === null;
  const meta = { settings: {}, secrets: { appSecret: 'fbtest_7d1c0f4e9a', verifyToken: 'vt_cs_console', pageToken: 'demo-page-token' } };
  if (await missing('demo-messenger')) await accounts.put({ vendor: 'messenger', channelId: 'demo-messenger', ...meta });
  if (await missing('demo-instagram')) await accounts.put({ vendor: 'instagram', channelId: 'demo-instagram', ...meta });
  if (await missing('demo-cti')) {
    await accounts.put({
      vendor: 'cti',
      channelId: 'demo-cti',
      settings: { answers: 'json', users: {}, queues: {}, callerIds: {}, dialUrl: null },
      secrets: { token: 'demo-cti', dialToken: null },
    });
  }
  // The key that the samples are signed with: whoever writes to the demo signs with it too.
  const webhookSecrets = ['whsec_Y3Njb25zb2xlLXN0YW5kYXJkLXdlYmhvb2sta2V5LTAx'];
  if (await missing('demo-api')) {
    await accounts.put({
      vendor: 'api',
      channelId: 'demo-api',
      settings: { webhookUrl: null },
      secrets: { apiKeys: ['demo-api-key'], webhookSecrets },
    });
  }
  if (await missing('demo-bot')) {
    await accounts.put({
      vendor: 'bot',
      channelId: 'demo-bot',
      settings: { name: 'Bot Sao Mai', channelIds: [], webhookUrl: null, timeoutMs: 10_000 },
      secrets: { webhookSecrets },
    });
  }
  if (await missing('demo-zalo')) {
    await accounts.put({
      vendor: 'zalo',
      channelId: 'demo-zalo',
      settings: { appId: '1390045512870031188', oaId: '2877310045519900321' },
      secrets: {
        secretKey: 'zoaTest_Qk29',
        appSecret: 'demo-app-secret',
        tokens: { access: 'demo-access-token', refresh: 'demo-refresh-token', expiresAt: 0 },
        previous: null,
      },
    });
  }
  if (await missing('demo-widget')) {
    await accounts.put({
      vendor: 'chat',
      channelId: 'demo-widget',
      settings: { ...noSettings, continueByMail: mail ? { channelId: 'demo-mail', afterMs: 5 * 60_000 } : null },
      secrets: { identitySecret: 'demo-widget-identity-secret-of-the-shop', identitySecretBefore: null },
    });
  }
  if (mail) await seedMailbox(accounts, mail);
}

/** The environment's mailbox. What an administrator has changed since stays, as long as it is the same one. */
async function seedMailbox(accounts: Accounts, { imap, smtp }: NonNullable<Config['demoMail']>): Promise<void> {
  const user = imap.user ?? '';
  const { password: imapPassword, ...server } = imap;
  const { password: smtpPassword, ...sender } = smtp;
  const settings = {
    address: user.toLowerCase(),
    name: 'Chăm sóc khách hàng Sao Mai',
    imap: { ...server, user, folder: 'INBOX' },
    smtp: sender,
    ownDomains: [],
    pollSeconds: 60,
    sinceDays: 1,
    plusAddresses: true,
    keepsSent: false,
    oauth: null,
    dkim: null,
  };
  const before = await accounts.get('demo-mail', 'email');
  if (before && sourceOf(before.settings) === sourceOf(settings) && before.settings.imap.port === imap.port) return;
  await accounts.put({
    vendor: 'email',
    channelId: 'demo-mail',
    settings,
    secrets: {
      imapPassword: imapPassword || null,
      smtpPassword: smtpPassword || null,
      oauthClientSecret: null,
      oauthRefreshToken: null,
      oauthAccess: null,
      dkimKey: null,
    },
  });
}
