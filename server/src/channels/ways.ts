/** The ways out, by vendor, and who somebody is there. A vendor that is added here is all that the rest learns of it. */
import type { Attachment, ChannelRules, Message } from '../../../src/shared/domain.ts';
import type { VendorHosts } from '../config.ts';
import type { FileStore } from '../files/store.ts';
import type { Account, Accounts, AnyAccount } from './accounts.ts';
import type { Outgoing, Way } from './dispatch.ts';
import { profileFromMeta } from './messenger/profile.ts';
import { type MetaAccount, metaDefaults, sendToMessenger } from './messenger/send.ts';
import type { Sending } from './outbound.ts';
import type { PlannedPiece } from './parts.ts';
import type { Profile } from './profile.ts';
import { splitText } from './split.ts';
import { zaloDefaults } from './zalo/call.ts';
import { ownerFromZalo, type ZaloOwner } from './zalo/owner.ts';
import { profileFromZalo } from './zalo/profile.ts';
import { sendToZalo, type ZaloAccount } from './zalo/send.ts';
import { type TokenRow, ZaloTokens } from './zalo/tokens.ts';

export interface WaysNeeds {
  accounts: Accounts;
  store: FileStore;
  vendors: VendorHosts;
  rules(channelId: string): Promise<ChannelRules | null>;
}

export interface Ways {
  /** by the account's vendor */
  out: ReadonlyMap<string, Way>;
  /** null: there is nothing to be had, now or ever */
  profile(channelId: string, person: string): Promise<Profile | null>;
  /** whose the account's token is; null: this hub has no way to Zalo */
  zaloOwner(account: Account<'zalo'>, timeoutMs: number): Promise<ZaloOwner | null>;
  /** renews tokens that will soon end; once in a while */
  keepTokens(now: number): Promise<void>;
}

export function waysOf({ accounts, store, vendors, rules }: WaysNeeds): Ways {
  const out = new Map<string, Way>();
  const metaOf = async (account: Account<'messenger'> | Account<'instagram'>): Promise<MetaAccount> => ({
    kind: account.vendor,
    baseUrl: vendors.meta?.baseUrl ?? metaDefaults.baseUrl,
    version: vendors.meta?.version ?? metaDefaults.version,
    pageToken: account.secrets.pageToken,
    rules: await rules(account.channelId),
  });
  const tokensOf = tokensBy(accounts, vendors.zalo?.baseUrl ?? null);
  const zaloOf = async (account: Account<'zalo'>): Promise<ZaloAccount> => ({
    baseUrl: vendors.zalo?.baseUrl ?? zaloDefaults.baseUrl,
    tokens: tokensOf(account),
    pair: account.secrets.tokens,
    rules: await rules(account.channelId),
  });
  const pieces = async (message: Message, files: Attachment[], { channelId }: AnyAccount): Promise<PlannedPiece[]> => [
    ...splitText(message.body, (await rules(channelId))?.textMost ?? Infinity).map((text): PlannedPiece => ({ kind: 'text', text })),
    ...files.map(({ id }): PlannedPiece => ({ kind: 'file', attachmentId: id })),
  ];
  for (const kind of ['messenger', 'instagram'] as const) {
    if (!vendors.meta) break;
    out.set(kind, {
      identity: kind,
      pieces,
      async send(outgoing, account) {
        if (account.vendor !== kind) throw new Error(`${account.channelId} is not ${kind}'s`);
        return sendToMessenger(await metaOf(account), sendingOf(outgoing, store));
      },
    });
  }
  if (vendors.zalo) {
    out.set('zalo', {
      identity: 'zalo',
      pieces,
      async send(outgoing, account) {
        if (account.vendor !== 'zalo') throw new Error(`${account.channelId} is not Zalo's`);
        return sendToZalo(await zaloOf(account), sendingOf(outgoing, store));
      },
    });
  }
  return {
    out,
    async profile(channelId, person) {
      const account = await accounts.find(channelId);
      if (vendors.meta && (account?.vendor === 'messenger' || account?.vendor === 'instagram')) {
        return profileFromMeta(await metaOf(account), person);
      }
      return vendors.zalo && account?.vendor === 'zalo' ? profileFromZalo(await zaloOf(account), person) : null;
    },
    async zaloOwner(account, timeoutMs) {
      return vendors.zalo ? ownerFromZalo(await zaloOf(account), timeoutMs) : null;
    },
    async keepTokens(now) {
      if (!vendors.zalo) return;
      for (const account of await accounts.all('zalo')) {
        if (account.secrets.tokens === null || (await accounts.state(account.channelId)).state !== 'ok') continue;
        const token = await tokensOf(account).current(account.secrets.tokens);
        if (token.state === 'sign-in-again') await accounts.needsAttention(account.channelId, `SIGN_IN_AGAIN: ${token.reason}`, now);
      }
    },
  };
}

/** One for each account, so that what waits for a token waits in this hub; a new one when the app has changed. */
function tokensBy(accounts: Accounts, baseUrl: string | null): (account: Account<'zalo'>) => ZaloTokens {
  const made = new Map<string, { app: string; tokens: ZaloTokens }>();
  return ({ channelId, settings: { appId }, secrets: { appSecret } }) => {
    const app = JSON.stringify([appId, appSecret]);
    const known = made.get(channelId);
    if (known?.app === app) return known.tokens;
    const row: TokenRow = {
      withLock: (run) =>
        accounts.locked(channelId, (account, save) => {
          if (account.vendor !== 'zalo') throw new Error(`${channelId} is not Zalo's`);
          const { tokens } = account.secrets;
          return run(tokens, (next) => save({ ...account.secrets, tokens: next, previous: tokens }));
        }),
    };
    const tokens = new ZaloTokens({ row, oauthUrl: baseUrl ?? zaloDefaults.oauthUrl, appId, appSecret });
    made.set(channelId, { app, tokens });
    return tokens;
  };
}

function sendingOf({ part, message, files, to, replyTo, lastInboundAt }: Outgoing, store: FileStore): Sending {
  const { piece } = part;
  if (piece.kind === 'whole') throw new Error('cut for another channel');
  const common = {
    outboundId: part.id,
    to,
    byPerson: message.authorType === 'agent',
    lastInboundAt,
    // Only the first part quotes.
    replyTo: part.position === 0 ? replyTo : null,
  };
  if (piece.kind === 'text') return { ...common, piece };
  const file = files.find(({ id }) => id === piece.attachmentId);
  if (!file) throw new Error(`attachment ${piece.attachmentId} is gone`);
  const { id, name, type, size } = file;
  return { ...common, piece: { kind: 'file', file: { id, name, type, size, open: () => store.read(id, 0, size - 1) } } };
}
