/** Everything that brings messages in and takes them out, put together. */
import type { Logger } from 'pino';
import { Bots } from '../bots/bots.ts';
import { RuleBots } from '../bots/rule-bots.ts';
import type { ChannelCheck } from '../../../src/shared/channel-admin.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import { seedBot } from '../demo/bot.ts';
import { seedAccounts } from '../demo/channel-accounts.ts';
import type { FileStore } from '../files/store.ts';
import type { Tasks } from '../jobs/timers.ts';
import type { Committer } from '../sync/committer.ts';
import type { Intent } from '../sync/intent.ts';
import { Accounts } from './accounts.ts';
import { apiWay } from './api/way.ts';
import { checkChannel } from './check.ts';
import { Chat } from './chat/chat.ts';
import { continueByMail } from './chat/continuation.ts';
import { VisitorFiles } from './chat/files.ts';
import { Visitors } from './chat/visitors.ts';
import { Dispatch } from './dispatch.ts';
import type { Mailboxes } from './email/mailboxes.ts';
import { openMail } from './email/open.ts';
import { handler } from './handle.ts';
import { Inbox } from './inbox.ts';
import { MediaFetcher } from './media.ts';
import { Switchboard } from './telephony/switchboard.ts';
import { Profiles } from './profiles.ts';
import { sealingKey } from './sealed.ts';
import { Webhooks } from '../webhooks/webhooks.ts';
import { waysOf } from './ways.ts';

export interface Channels {
  accounts: Accounts;
  inbox: Inbox;
  dispatch: Dispatch;
  switchboard: Switchboard;
  bots: Bots;
  ruleBots: RuleBots;
  webhooks: Webhooks;
  visitors: Visitors;
  visitorFiles: VisitorFiles;
  chat: Chat;
  mailboxes: Mailboxes;
  /** tries an account out; null: there is none */
  check(channelId: string): Promise<ChannelCheck | null>;
  /** what the job queue calls */
  tasks: Pick<Tasks, 'inbound' | 'outbound' | 'continues' | 'bot' | 'webhook' | 'media' | 'profile' | 'sweep' | 'tokens'>;
}

/** ms that whoever is told by a webhook may take */
const webhookTimeoutMs = 20_000;

export async function openChannels(needs: {
  db: Db;
  workspaceId: string;
  committer: Committer;
  store: FileStore;
  log: Logger;
  config: Config;
  databaseUrl: string;
}): Promise<Channels> {
  const { db, workspaceId, committer, store, log, config, databaseUrl } = needs;
  const apply = (intent: Intent) => committer.system(intent);
  const clock = Date.now;
  const key = sealingKey(config.dataDir, config.secretKey);
  const accounts = new Accounts({
    db,
    workspaceId,
    key,
    async healthChanged(channelId, health) {
      await apply({ name: 'channel.health', args: { channelId, health } });
    },
  });
  if (config.demo) {
    await seedAccounts({ db, workspaceId, accounts, apply, mail: config.demoMail });
    await seedBot(db, workspaceId, config.demoBot);
  }
  const posting = { clock, timeoutMs: webhookTimeoutMs, allowHosts: config.webhookHosts };
  const webhooks = new Webhooks({ db, workspaceId, key, log, steps: config.webhookSteps, ...posting });
  const ruleBots = new RuleBots({ db, workspaceId, apply, clock });
  const bots = new Bots({ db, workspaceId, accounts, rules: ruleBots, apply, clock, log, allowHosts: config.webhookHosts });
  const media = new MediaFetcher({ db, workspaceId, store, apply, log, allowHosts: config.mediaHosts, steps: config.mediaSteps });
  const mail = openMail({ db, databaseUrl, workspaceId, accounts, store, apply, log, clock, dataDir: config.dataDir });
  const rules = async (id: string) => (await committer.reference()).rows.channel.get(id)?.rules ?? null;
  const ways = waysOf({ accounts, store, vendors: config.vendors, rules });
  const out = new Map([...ways.out, ['email', mail.way], ['api', apiWay({ db, workspaceId, rules, ...posting })]]);
  const profiles = new Profiles({ db, workspaceId, apply, look: (channelId, person) => ways.profile(channelId, person) });
  const dispatch = new Dispatch({ db, workspaceId, accounts, apply, clock, log, ways: out, steps: config.sendSteps });
  const inbox = new Inbox({
    db,
    workspaceId,
    handle: handler({
      db,
      workspaceId,
      apply,
      clock,
      media,
      botServes: (channelId) => bots.serves(channelId),
      meet: (channelId, person) => profiles.met(channelId, person),
      mail: mail.receive,
    }),
    heard: (channelId, now) => accounts.heard(channelId, now),
    clock,
  });
  const isOpen = async (id: string) => {
    const channel = (await committer.reference()).rows.channel.get(id);
    return channel?.active === true && channel.kind === 'chat';
  };
  const visitors = new Visitors({ db, workspaceId, accounts, apply, isOpen, clock });
  const visitorFiles = new VisitorFiles({ db, workspaceId, store, perHour: config.visitorFiles, clock });
  const chat = new Chat({
    db,
    workspaceId,
    visitors,
    files: visitorFiles,
    apply,
    botServes: (channelId) => bots.serves(channelId),
    heard: (channelId, now) => accounts.heard(channelId, now),
    clock,
    openingsPerHour: config.visitorOpenings,
  });
  const switchboard = new Switchboard({ db, workspaceId, reference: () => committer.reference(), apply, clock, log });
  return {
    accounts,
    inbox,
    dispatch,
    switchboard,
    bots,
    ruleBots,
    webhooks,
    visitors,
    visitorFiles,
    chat,
    check: (channelId) =>
      checkChannel(
        {
          accounts,
          vendors: config.vendors,
          mailTokens: mail.tokens,
          zaloOwner: ways.zaloOwner,
          allowHosts: config.webhookHosts,
          clock,
          timeoutMs: config.checkTimeoutMs,
        },
        channelId,
      ),
    mailboxes: mail.mailboxes({
      inbox,
      isActive: async (id) => (await committer.reference()).rows.channel.get(id)?.active === true,
      resume: (channelId) => dispatch.resume(channelId),
    }),
    tasks: {
      inbound: (channelId, thread) => inbox.work(channelId, thread),
      outbound: (ticketId) => dispatch.work(ticketId),
      continues: (ticketId) => continueByMail({ db, workspaceId, visitors, apply, clock }, ticketId),
      bot: (ticketId) => bots.work(ticketId),
      webhook: (endpointId) => webhooks.work(endpointId),
      media: (messageId, position) => media.work(messageId, position),
      profile: (channelId, person) => profiles.work(channelId, person),
      sweep: () => switchboard.sweep(),
      tokens: () => ways.keepTokens(clock()),
    },
  };
}
