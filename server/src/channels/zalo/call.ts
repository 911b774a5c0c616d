/**
 * Calls to Zalo's API for Official Accounts. Failures come as HTTP 200 with an `error`, and a token that Zalo refuses is renewed once.
 * Sources: channels reference, 2.3.
 */
import { z } from 'zod';
import { type Answer, type Body, type Call, CallFailed, callVendor, readJson, withoutSecrets } from '../call.ts';
import type { Outcome } from '../outbound.ts';
import type { Pair, ZaloTokens } from './tokens.ts';

export const zaloDefaults = { baseUrl: 'https://openapi.zalo.me', oauthUrl: 'https://oauth.zaloapp.com' } as const;

export interface ZaloAccess {
  /** without a slash at its end */
  baseUrl: string;
  tokens: Pick<ZaloTokens, 'current' | 'renew'>;
  /** as it was read a moment ago; null: there is none, or it was not read */
  pair: Pair | null;
  call?: Call | undefined;
}

/** What Zalo says, or what is to become of the message when it says nothing that can be read. */
export type Told =
  | { state: 'ok'; data: unknown }
  | { state: 'error'; code: number; reason: string }
  | { state: 'over'; outcome: Extract<Outcome, { state: 'later' | 'unknown' | 'attention' }> };

const envelope = z.looseObject({
  error: z.coerce.number().int(),
  message: z.string().optional().catch(undefined),
  data: z.unknown().optional(),
});

const badToken: ReadonlySet<number> = new Set([-216, -220, 216, 401, -401, -124]);

/** The calls that one message takes. */
export class ZaloCalls {
  readonly #access: ZaloAccess;
  readonly #used: string[] = [];
  #renewed = false;

  constructor(access: ZaloAccess) {
    this.#access = access;
  }

  get(path: string, timeoutMs: number): Promise<Told> {
    return this.#told('GET', path, null, timeoutMs);
  }

  /** `body`: anew at each try. */
  post(path: string, body: () => Body, timeoutMs: number): Promise<Told> {
    return this.#told('POST', path, body, timeoutMs);
  }

  async #told(method: 'GET' | 'POST', path: string, body: (() => Body) | null, timeoutMs: number): Promise<Told> {
    const { tokens, pair, baseUrl, call = callVendor } = this.#access;
    const last = this.#used.at(-1);
    let token = last === undefined ? await tokens.current(pair) : ({ state: 'ok', access: last } as const);
    for (;;) {
      if (token.state === 'later') return over({ state: 'later', afterMs: null, everyone: true, reason: token.reason });
      if (token.state === 'sign-in-again') return over({ state: 'attention', code: 'SIGN_IN_AGAIN', reason: token.reason });
      const { access } = token;
      this.#used.push(access);
      let answer: Answer;
      try {
        const url = new URL(`${baseUrl}${path}`);
        answer = await call({ method, url, headers: { access_token: access }, ...(body && { body: body() }), timeoutMs });
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        const reason = error.message;
        return over(error.perhapsTaken ? { state: 'unknown', reason } : { state: 'later', afterMs: null, everyone: false, reason });
      }
      const told = read(answer, this.#used);
      if (told.state !== 'error' || !badToken.has(told.code)) return told;
      if (this.#renewed) return over({ state: 'attention', code: 'SIGN_IN_AGAIN', reason: told.reason });
      this.#renewed = true;
      token = await tokens.renew(access);
    }
  }
}

const over = (outcome: Extract<Told, { state: 'over' }>['outcome']): Told => ({ state: 'over', outcome });

function read({ status, text }: Answer, secrets: readonly string[]): Told {
  const parsed = envelope.safeParse(readJson(text));
  if (parsed.success) {
    const { error: code, message = '', data } = parsed.data;
    if (code !== 0) return { state: 'error', code, reason: withoutSecrets(`${code} ${message}`.trim(), secrets) };
    if (status === 200) return { state: 'ok', data };
  }
  const reason = `HTTP ${status}, and an answer that can not be read`;
  // A gateway that waited for Zalo in vain knows no more than we do.
  if ((status >= 200 && status < 300) || status === 504) return over({ state: 'unknown', reason });
  return over({ state: 'later', afterMs: null, everyone: status === 429, reason });
}
