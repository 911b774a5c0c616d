/** The demo's accounts at vendors. Their secrets are public: the demo listens on loopback only. */
import type { Accounts } from '../channels/accounts.ts';

/** At each start, so that an older demo gets those that were added since. */
export async function seedAccounts(accounts: Accounts): Promise<void> {
  const meta = { settings: {}, secrets: { appSecret: 'fbtest_7d1c0f4e9a', verifyToken: 'vt_cs_console' } };
  await accounts.put('messenger', { channelId: 'demo-messenger', ...meta });
  await accounts.put('zalo', {
    channelId: 'demo-zalo',
    settings: { appId: '1390045512870031188', oaId: '2877310045519900321' },
    secrets: { secretKey: 'zoaTest_Qk29' },
  });
}
