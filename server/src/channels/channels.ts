/** Everything that brings messages in and takes them out, put together. */
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import { seedAccounts } from '../demo/channel-accounts.ts';
import type { FileStore } from '../files/store.ts';
import type { Tasks } from '../jobs/timers.ts';
import type { Committer } from '../sync/committer.ts';
import type { Intent } from '../sync/unit.ts';
import { Accounts } from './accounts.ts';
import { Dispatch } from './dispatch.ts';
import { handler } from './handle.ts';
import { Inbox } from './inbox.ts';
import { MediaFetcher } from './media.ts';
import { Switchboard } from './telephony/switchboard.ts';
import { Profiles } from './profiles.ts';
import { sealingKey } from './sealed.ts';
import { waysOf } from './ways.ts';

export interface Channels {
  accounts: Accounts;
  inbox: Inbox;
  dispatch: Dispatch;
  switchboard: Switchboard;
  /** what the job queue calls */
  tasks: Pick<Tasks, 'inbound' | 'outbound' | 'media' | 'profile' | 'sweep' | 'tokens'>;
}

export async function openChannels(needs: {
  db: Db;
  workspaceId: string;
  committer: Committer;
  store: FileStore;
  log: Logger;
  config: Config;
}): Promise<Channels> {
  const { db, workspaceId, committer, store, log, config } = needs;
  const apply = (intent: Intent) => committer.system(intent);
  const clock = Date.now;
  const accounts = new Accounts({
    db,
    workspaceId,
    key: sealingKey(config.dataDir, config.secretKey),
    async healthChanged(channelId, health) {
      await apply({ name: 'channel.health', args: { channelId, health } });
    },
  });
  if (config.demo) await seedAccounts({ db, workspaceId, accounts, apply });
  const media = new MediaFetcher({ db, workspaceId, store, apply, log, allowHosts: config.mediaHosts, steps: config.mediaSteps });
  const ways = waysOf({
    accounts,
    store,
    vendors: config.vendors,
    rules: async (id) => (await committer.reference()).rows.channel.get(id)?.rules ?? null,
  });
  const profiles = new Profiles({ db, workspaceId, apply, look: (channelId, person) => ways.profile(channelId, person) });
  const dispatch = new Dispatch({ db, workspaceId, accounts, apply, clock, log, ways: ways.out, steps: config.sendSteps });
  const inbox = new Inbox({
    db,
    workspaceId,
    handle: handler({ db, workspaceId, apply, clock, media, meet: (channelId, person) => profiles.met(channelId, person) }),
    heard: (channelId, now) => accounts.heard(channelId, now),
    clock,
  });
  const switchboard = new Switchboard({ db, workspaceId, reference: () => committer.reference(), apply, clock, log });
  return {
    accounts,
    inbox,
    dispatch,
    switchboard,
    tasks: {
      inbound: (channelId, thread) => inbox.work(channelId, thread),
      outbound: (ticketId) => dispatch.work(ticketId),
      media: (messageId, position) => media.work(messageId, position),
      profile: (channelId, person) => profiles.work(channelId, person),
      sweep: () => switchboard.sweep(),
      tokens: () => ways.keepTokens(clock()),
    },
  };
}
