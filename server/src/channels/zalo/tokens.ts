/**
 * Zalo's tokens. A refresh token works once: whoever uses it must keep what it brings, and nobody may use it twice. So it is used with
 * the account's row locked, in whichever hub, and the new pair is durable before it is used. Sources: channels reference, 2.1.
 */
import { z } from 'zod';
import { type Answer, type Call, CallFailed, callVendor, formBody, readJson, withoutSecrets } from '../call.ts';

/** `expiresAt`: ms, of the access token; the refresh token lives for three months. */
export interface Pair {
  access: string;
  refresh: string;
  expiresAt: number;
}

/** Where the pair lies. */
export interface TokenRow {
  /**
   * Runs while nobody else can, in no hub. `save` resolves when the pair is durable, whatever `run` does afterwards, and keeps the pair
   * before it for whoever has to find out what went wrong.
   */
  withLock<T>(run: (pair: Pair | null, save: (next: Pair) => Promise<void>) => Promise<T>): Promise<T>;
}

export type Token =
  | { state: 'ok'; access: string }
  /** an administrator has to sign in at Zalo again */
  | { state: 'sign-in-again'; reason: string }
  /** there is none now, and may be one soon */
  | { state: 'later'; reason: string };

export const tokenLimits = {
  /** ms before its end at which an access token is replaced; it lives for 25 hours */
  refreshBeforeMs: 5 * 3_600_000,
  /** ms for a call. The row is locked meanwhile */
  timeoutMs: 20_000,
  /** ms after a try that came to nothing in which no other is made */
  pauseMs: 60_000,
} as const;

export interface ZaloTokensNeeds {
  row: TokenRow;
  /** https://oauth.zaloapp.com, without a slash at its end */
  oauthUrl: string;
  appId: string;
  /** null: not entered yet */
  appSecret: string | null;
  call?: Call;
  clock?: () => number;
  limits?: Partial<{ [K in keyof typeof tokenLimits]: number }>;
}

type Failed = { state: 'refused' | 'later' | 'perhaps'; reason: string };
type Told = { state: 'pair'; pair: Pair } | Failed;

const granted = z.looseObject({
  access_token: z.string().min(1).max(4000),
  refresh_token: z.string().min(1).max(4000),
  // Text, says the documentation. A pair is too dear to be thrown away for its date: should it end sooner, it is refused, and renewed.
  expires_in: z.coerce.number().positive().max(1e9).catch(90_000),
});
const denied = z.looseObject({
  error: z.coerce.number().int().optional().catch(undefined),
  error_name: z.string().optional().catch(undefined),
  error_reason: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});
const busy = -32;

/** Of one account. One of these in a hub is best; several are safe, for the row's lock decides. */
export class ZaloTokens {
  readonly #needs: ZaloTokensNeeds;
  readonly #limits: { [K in keyof typeof tokenLimits]: number };
  #tail: Promise<unknown> = Promise.resolve();
  /** what came to nothing, with the refresh token that it was tried with */
  #failed: { refresh: string; until: number; told: Failed } | null = null;
  /** what Zalo has handed out and the database would not take; nobody else has it */
  #unsaved: { after: string; pair: Pair } | null = null;

  constructor(needs: ZaloTokensNeeds) {
    this.#needs = needs;
    this.#limits = { ...tokenLimits, ...needs.limits };
  }

  /**
   * A token to call with, renewed where its end is near. Never throws. To be asked now and then even when nothing is sent, so that the
   * pair does not end unused.
   * @param known the pair as it was read a moment ago: spares the lock when it will do for long
   */
  async current(known: Pair | null = null): Promise<Token> {
    if (known && this.#lasts(known)) return { state: 'ok', access: known.access };
    return this.#inTurn(null);
  }

  /** Another one than that, which Zalo has refused. Renewed only when nobody has done so meanwhile. Never throws. */
  async renew(refused: string): Promise<Token> {
    return this.#inTurn(refused);
  }

  #lasts(pair: Pair): boolean {
    return pair.expiresAt - this.#now() > this.#limits.refreshBeforeMs;
  }

  #now(): number {
    return (this.#needs.clock ?? Date.now)();
  }

  /** One after another within this hub, so that those who wait hold no connection to the database. */
  #inTurn(refused: string | null): Promise<Token> {
    const turn = this.#tail.then(() => this.#renewed(refused));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #renewed(refused: string | null): Promise<Token> {
    let reason = '';
    // Twice: after a call without an answer the row is read again, and the old token tried once more.
    for (let again = 0; again < 2; again++) {
      const last = again === 1;
      try {
        const token = await this.#needs.row.withLock((pair, save) => this.#once(pair, save, refused, last));
        if (token) return token;
      } catch (error) {
        // The database's: nothing was lost, see #unsaved.
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    return { state: 'later', reason: `the token could not be read or saved: ${withoutSecrets(reason, [this.#needs.appSecret])}` };
  }

  /** With the row locked. Null: Zalo may have used the refresh token up, and it is worth another try. */
  async #once(pair: Pair | null, save: (next: Pair) => Promise<void>, refused: string | null, last: boolean): Promise<Token | null> {
    if (!pair) return { state: 'sign-in-again', reason: 'nobody has signed in yet' };
    if (this.#unsaved?.after === pair.refresh) return this.#keep(pair, this.#unsaved.pair, save);
    this.#unsaved = null;
    const ok: Token = { state: 'ok', access: pair.access };
    const valid = pair.expiresAt > this.#now() && pair.access !== refused;
    if (refused === null ? this.#lasts(pair) : valid) return ok;
    let told: Told;
    if (this.#failed && this.#failed.refresh === pair.refresh && this.#failed.until > this.#now()) ({ told } = this.#failed);
    else {
      told = await this.#ask(pair.refresh);
      if (told.state === 'pair') return this.#keep(pair, told.pair, save);
      if (told.state === 'perhaps' && !last) return null;
      this.#failed = { refresh: pair.refresh, until: this.#now() + this.#limits.pauseMs, told };
    }
    // The old one still works, for all we know; should it not, Zalo says so, and we come back here.
    if (valid && told.state !== 'refused') return ok;
    return { state: told.state === 'later' ? 'later' : 'sign-in-again', reason: told.reason };
  }

  async #keep(old: Pair, next: Pair, save: (next: Pair) => Promise<void>): Promise<Token> {
    this.#unsaved = { after: old.refresh, pair: next };
    await save(next);
    this.#unsaved = null;
    return { state: 'ok', access: next.access };
  }

  async #ask(refresh: string): Promise<Told> {
    const { oauthUrl, appId, appSecret, call = callVendor } = this.#needs;
    if (appSecret === null) return { state: 'refused', reason: 'the secret of the app has not been entered' };
    const url = new URL(`${oauthUrl}/v4/oa/access_token`);
    const body = formBody({ grant_type: 'refresh_token', refresh_token: refresh, app_id: appId });
    let answer: Answer;
    try {
      answer = await call({ method: 'POST', url, headers: { secret_key: appSecret }, body, timeoutMs: this.#limits.timeoutMs });
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      return { state: error.perhapsTaken ? 'perhaps' : 'later', reason: error.message };
    }
    const told = readJson(answer.text);
    const success = granted.safeParse(told);
    if (success.success) {
      const { access_token: access, refresh_token: next, expires_in: seconds } = success.data;
      return { state: 'pair', pair: { access, refresh: next, expiresAt: this.#now() + seconds * 1000 } };
    }
    const error = denied.safeParse(told);
    // Failures come as HTTP 200, too.
    if (error.success && answer.status < 500) {
      const { error: code, error_name: name, error_reason: why, error_description: more, message } = error.data;
      const words = [code, name, why, more, message].filter((part) => part !== undefined && part !== '').join(' ');
      const reason = withoutSecrets(words || 'an answer without a token', [refresh, appSecret]);
      return { state: code === busy || answer.status === 429 ? 'later' : 'refused', reason };
    }
    const reason = `HTTP ${answer.status}, and an answer that can not be read`;
    return { state: answer.status >= 300 && answer.status < 500 ? 'later' : 'perhaps', reason };
  }
}
