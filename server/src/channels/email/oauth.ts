/**
 * Access tokens of mailboxes that sign in by OAuth 2 (Gmail, Microsoft 365). Renewed with the account's row locked, in whichever hub,
 * for some providers hand out a new refresh token with each; what was handed out is durable before it is used.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Accounts } from '../accounts.ts';
import { type Answer, type Call, CallFailed, callVendor, formBody, readJson, withoutSecrets } from '../call.ts';
import type { MailAccount, MailSecrets } from './account.ts';

export type MailToken =
  /** null: the account signs in by passwords */
  | { state: 'ok'; access: string | null }
  /** an administrator has to allow it anew */
  | { state: 'sign-in-again'; reason: string }
  /** there is none now, and may be one soon */
  | { state: 'later'; reason: string };

/** ms before its end at which a token is replaced; they live for an hour */
const refreshBeforeMs = 5 * 60_000;
/** ms. The row is locked meanwhile */
const timeoutMs = 20_000;

const granted = z.looseObject({
  access_token: z.string().min(1).max(8000),
  refresh_token: z.string().min(1).max(8000).optional(),
  expires_in: z.coerce.number().positive().max(1e9).catch(3600),
});
const denied = z.looseObject({
  error: z.string().max(200).catch('unknown'),
  error_description: z.string().optional().catch(undefined),
});

export class MailTokens {
  readonly #accounts: Pick<Accounts, 'locked'>;
  readonly #call: Call;
  readonly #clock: () => number;

  constructor({
    accounts,
    call = callVendor,
    clock = Date.now,
  }: {
    accounts: Pick<Accounts, 'locked'>;
    call?: Call;
    clock?: () => number;
  }) {
    this.#accounts = accounts;
    this.#call = call;
    this.#clock = clock;
  }

  /** What to sign in with; renewed where its end is near, or where it is the one that was `refused`. Never throws. */
  async current(known: MailAccount, refused: string | null = null): Promise<MailToken> {
    if (known.settings.oauth === null) return { state: 'ok', access: null };
    const ready = this.#valid(known, refused);
    if (ready !== null) return { state: 'ok', access: ready };
    try {
      return await this.#accounts.locked(known.channelId, async (account, save) => {
        if (account.vendor !== 'email') throw new Error(`${known.channelId} is no mailbox`);
        // Somebody else may have been faster.
        const fresh = this.#valid(account, refused);
        return fresh === null ? this.#renew(account, save) : { state: 'ok', access: fresh };
      });
    } catch (error) {
      return { state: 'later', reason: withoutSecrets(error instanceof Error ? error.message : String(error), secretsOf(known.secrets)) };
    }
  }

  #valid(account: MailAccount, refused: string | null): string | null {
    const { oauthAccess: access } = account.secrets;
    if (access === null || access.token === refused || access.of !== signOf(account)) return null;
    return access.expiresAt - refreshBeforeMs > this.#clock() ? access.token : null;
  }

  async #renew(account: MailAccount, save: (next: MailSecrets) => Promise<void>): Promise<MailToken> {
    const { oauth } = account.settings;
    const { oauthClientSecret: clientSecret, oauthRefreshToken: refresh } = account.secrets;
    if (oauth === null) return { state: 'ok', access: null };
    if (clientSecret === null && refresh === null) return { state: 'sign-in-again', reason: 'nobody has allowed it yet' };
    const body = formBody({
      ...(refresh === null ? { grant_type: 'client_credentials' } : { grant_type: 'refresh_token', refresh_token: refresh }),
      client_id: oauth.clientId,
      ...(clientSecret === null ? {} : { client_secret: clientSecret }),
      ...(oauth.scope === null ? {} : { scope: oauth.scope }),
    });
    let answer: Answer;
    try {
      answer = await this.#call({ method: 'POST', url: new URL(oauth.tokenUrl), body, timeoutMs });
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      return { state: 'later', reason: error.message };
    }
    const told = readJson(answer.text);
    const success = granted.safeParse(told);
    if (success.success && answer.status < 300) {
      const { access_token: token, refresh_token: next, expires_in: seconds } = success.data;
      const secrets = { ...account.secrets, oauthRefreshToken: next !== undefined && refresh !== null ? next : refresh };
      const of = signOf({ ...account, secrets });
      await save({ ...secrets, oauthAccess: { token, expiresAt: Math.round(this.#clock() + seconds * 1000), of } });
      return { state: 'ok', access: token };
    }
    const { error, error_description: more } = denied.parse(typeof told === 'object' && told !== null ? told : {});
    const words = `HTTP ${answer.status} ${error} ${more ?? ''}`.trim().slice(0, 300);
    const reason = withoutSecrets(words, secretsOf(account.secrets));
    const passing = answer.status >= 500 || answer.status === 429 || error === 'temporarily_unavailable';
    return { state: passing ? 'later' : 'sign-in-again', reason };
  }
}

/** For which client and which consent a token was handed out: another one of either makes it useless. */
function signOf({ settings: { oauth }, secrets: { oauthRefreshToken, oauthClientSecret } }: MailAccount): string {
  const of = [oauth?.clientId, oauth?.tokenUrl, oauth?.scope, oauthRefreshToken, oauthClientSecret];
  return createHash('sha256').update(JSON.stringify(of)).digest('base64url');
}

const secretsOf = ({ oauthClientSecret, oauthRefreshToken, oauthAccess }: MailSecrets) => [
  oauthClientSecret,
  oauthRefreshToken,
  oauthAccess?.token ?? null,
];
