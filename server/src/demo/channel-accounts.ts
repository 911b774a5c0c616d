/** The demo's accounts at vendors. Their secrets are public: the demo listens on loopback only. */
import { rulesOf } from '../../../src/shared/rules.ts';
import type { Channel } from '../../../src/shared/domain.ts';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import type { Accounts } from '../channels/accounts.ts';
import type { Db } from '../db/database.ts';
import type { Intent } from '../sync/unit.ts';

/** At each start, so that an older demo gets those that were added since. What a vendor has handed out meanwhile stays. */
export async function seedAccounts(needs: {
  db: Db;
  workspaceId: string;
  accounts: Accounts;
  apply(intent: Intent): Promise<Rejection | null>;
}): Promise<void> {
  const { db, workspaceId, accounts, apply } = needs;
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
      settings: { answers: 'json', users: {}, queues: {}, callerIds: {} },
      secrets: { token: 'demo-cti' },
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
}
