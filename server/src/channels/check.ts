/**
 * Whether a channel works, tried out: the other side is really asked, within a time, and each step is told with what it has come to.
 * Nothing of it reaches a customer.
 */
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { ChannelCheck, CheckStep } from '../../../src/shared/channel-admin.ts';
import type { VendorHosts } from '../config.ts';
import { postWebhook } from '../webhooks/post.ts';
import { signWebhook } from '../webhooks/sign.ts';
import type { Account, Accounts, AnyAccount } from './accounts.ts';
import { CallFailed, callVendor, readJson, withoutSecrets } from './call.ts';
import { checkMailbox } from './check-mail.ts';
import { failed, worked } from './check-step.ts';
import type { MailTokens } from './email/oauth.ts';
import { metaDefaults } from './messenger/send.ts';
import type { Ways } from './ways.ts';

export interface CheckNeeds {
  accounts: Accounts;
  vendors: VendorHosts;
  mailTokens: MailTokens;
  /** who Zalo says that the account is */
  zaloOwner: Ways['zaloOwner'];
  /** `host:port` that webhooks may be sent to wherever they lie */
  allowHosts: ReadonlySet<string>;
  clock(): number;
  /** ms that a test may take, all in all */
  timeoutMs: number;
}

/** ms between the end of what a step may take and the end of the whole, so that it is the step that says why */
const graceMs = 500;
const notHere = 'this hub runs as a demo and has no way to the vendor; set its address to try one';

/** Never throws for what the other side or the line does. Null: there is no such account. */
export async function checkChannel(needs: CheckNeeds, channelId: string): Promise<ChannelCheck | null> {
  const begun = needs.clock();
  const account = await needs.accounts.find(channelId);
  if (!account) return null;
  const late: CheckStep[] = [failed(stepOf[account.vendor] ?? 'listen', `no answer within ${needs.timeoutMs / 1000} s`, 'line')];
  const { promise: over, resolve } = Promise.withResolvers<CheckStep[]>();
  const timer = setTimeout(() => resolve(late), needs.timeoutMs);
  try {
    const steps = await Promise.race([stepsOf(needs, account), over]);
    return { ok: steps.every(({ ok }) => ok), tookMs: Math.max(0, needs.clock() - begun), steps };
  } finally {
    clearTimeout(timer);
  }
}

const stepOf: Partial<Record<AnyAccount['vendor'], CheckStep['step']>> = {
  messenger: 'token',
  instagram: 'token',
  zalo: 'token',
  api: 'webhook',
  bot: 'webhook',
  email: 'imap',
};

function stepsOf(needs: CheckNeeds, account: AnyAccount): Promise<CheckStep[]> | CheckStep[] {
  const timeoutMs = Math.max(100, needs.timeoutMs - graceMs);
  switch (account.vendor) {
    case 'messenger':
    case 'instagram':
      return checkMeta(needs, account, timeoutMs);
    case 'zalo':
      return checkZalo(needs, account, timeoutMs);
    case 'email':
      return checkMailbox({ tokens: needs.mailTokens, clock: needs.clock, timeoutMs }, account);
    case 'api':
    case 'bot':
      return ping(needs, account, timeoutMs);
    case 'cti':
    case 'chat':
      // They call us: there is nobody to call. When they last did is shown beside it.
      return [worked('listen', '')];
  }
}

const metaOwner = z.looseObject({ id: z.string(), name: z.string().optional(), username: z.string().optional() });
const metaError = z.looseObject({ error: z.looseObject({ message: z.string().catch(''), code: z.number().optional() }) });
/** codes of Meta for tokens that are of no use any more, and for a lack of permissions */
const badToken: ReadonlySet<number> = new Set([10, 102, 190, 200]);

async function checkMeta(
  { vendors }: CheckNeeds,
  { secrets: { pageToken } }: Account<'messenger'> | Account<'instagram'>,
  timeoutMs: number,
): Promise<CheckStep[]> {
  if (pageToken === null) return [failed('token', 'no page access token has been entered', 'connect')];
  if (!vendors.meta) return [failed('token', notHere, 'settings')];
  const url = new URL(`${vendors.meta.baseUrl ?? metaDefaults.baseUrl}/${vendors.meta.version}/me`);
  url.searchParams.set('fields', 'id,name');
  url.searchParams.set('access_token', pageToken);
  try {
    const { status, text } = await callVendor({ method: 'GET', url, timeoutMs });
    const owner = metaOwner.safeParse(readJson(text));
    if (status === 200 && owner.success) return [worked('token', owner.data.name ?? owner.data.username ?? owner.data.id)];
    const error = metaError.safeParse(readJson(text));
    const { message, code } = error.success ? error.data.error : { message: '', code: undefined };
    const reason = withoutSecrets(`HTTP ${status} ${message}`.trim(), [pageToken]);
    return [failed('token', reason, code !== undefined && badToken.has(code) ? 'signIn' : 'settings')];
  } catch (error) {
    return [failed('token', lineOf(error), 'line')];
  }
}

async function checkZalo(needs: CheckNeeds, account: Account<'zalo'>, timeoutMs: number): Promise<CheckStep[]> {
  if (account.secrets.tokens === null || account.secrets.appSecret === null)
    return [failed('token', 'the refresh token or the secret of the app has not been entered', 'connect')];
  const told = await needs.zaloOwner(account, timeoutMs);
  if (told === null) return [failed('token', notHere, 'settings')];
  if (told.state === 'ok') {
    const { oaId } = account.settings;
    // A token of another account would send in that one's name.
    if (oaId !== null && told.id !== null && told.id !== oaId)
      return [failed('token', `the token belongs to ${told.name} (${told.id}), not to ${oaId}`, 'settings')];
    return [worked('token', told.name)];
  }
  return [failed('token', told.reason, told.state === 'signIn' ? 'signIn' : told.state === 'line' ? 'line' : 'settings')];
}

async function ping(needs: CheckNeeds, account: Account<'api'> | Account<'bot'>, timeoutMs: number): Promise<CheckStep[]> {
  const { webhookUrl } = account.settings;
  const { webhookSecrets } = account.secrets;
  if (webhookUrl === null) return [failed('webhook', 'no webhook address has been entered: answers have nowhere to go', 'connect')];
  if (webhookSecrets.length === 0) return [failed('webhook', 'there is no secret to sign with', 'connect')];
  const at = needs.clock();
  const body = JSON.stringify({ type: 'webhook.test', timestamp: new Date(at).toISOString(), data: { channel_id: account.channelId } });
  const posted = await postWebhook(webhookUrl, signWebhook(webhookSecrets, { id: uuid(), at, body }), body, {
    timeoutMs,
    allowHosts: needs.allowHosts,
  });
  if (posted.state !== 'answered') return [failed('webhook', posted.reason, posted.state === 'blocked' ? 'settings' : 'receiver')];
  const { status } = posted;
  if (status >= 200 && status < 300) return [worked('webhook', `HTTP ${status}`)];
  const said = withoutSecrets(posted.body.trim(), webhookSecrets).slice(0, 200);
  return [failed('webhook', `HTTP ${status}${said === '' ? '' : `: ${said}`}`, status >= 500 ? 'receiver' : 'settings')];
}

function lineOf(error: unknown): string {
  if (!(error instanceof CallFailed)) throw error;
  return error.message;
}
