/**
 * Who is signed in on this profile, and the tokens that prove it. `session.json` names the account and its file;
 * the secrets (database key, refresh token) are main's to keep.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { id, userRow, workspaceRow } from '../../shared/domain.ts';
import type { SecretName } from '../../shared/host.ts';
import { demoAccounts, refreshAnswer, signInAnswer } from '../../shared/protocol.ts';

const stored = z.object({ clientId: id, hubUrl: z.string(), user: userRow, workspace: workspaceRow, file: z.string() });
export type Account = z.infer<typeof stored>;

export interface Secrets {
  get(name: SecretName): Promise<string | null>;
  set(name: SecretName, value: string): Promise<void>;
  delete(name: SecretName): Promise<void>;
}

export type SignInFailure = 'UNSENT_WORK' | 'WRONG_CREDENTIALS' | 'TOO_MANY_ATTEMPTS' | 'HUB_UNREACHABLE' | 'INTERNAL';

/** The hub can't be reached, or does not answer as a hub. Waiting helps. */
export class Unreachable extends Error {}
/** The session has ended: only signing in again helps. */
export class AuthExpired extends Error {}

const requestTimeoutMs = 15_000;

export class Session {
  readonly #profileDir: string;
  readonly #hubUrl: string;
  readonly #secrets: Secrets;
  #access: { token: string; until: number } | null = null;
  #refreshing: Promise<string> | null = null;

  constructor(profileDir: string, hubUrl: string, secrets: Secrets) {
    this.#profileDir = profileDir;
    this.#hubUrl = hubUrl;
    this.#secrets = secrets;
  }

  get #file(): string {
    return join(this.#profileDir, 'session.json');
  }

  /** The account that was signed in when the console last ran; null after sign-out or on a new profile. */
  account(): Account | null {
    if (!existsSync(this.#file)) return null;
    const parsed = stored.safeParse(parseJson(readFileSync(this.#file, 'utf8')));
    // The hub may have moved: the account, its file and what waits in it are the same.
    return parsed.success ? { ...parsed.data, hubUrl: this.#hubUrl } : null;
  }

  databaseKey(): Promise<string | null> {
    return this.#secrets.get('databaseKey');
  }

  /**
   * Signs in. An account that already has its file here keeps it, with all that waits in it. Another account takes its
   * place only if `mayReplace`: the key of the file before goes, and with it what it holds.
   */
  async signIn(
    email: string,
    password: string,
    mayReplace: boolean,
  ): Promise<{ account: Account; key: string } | { error: SignInFailure }> {
    const known = this.account();
    let clientId = known?.clientId ?? uuid();
    let answer: Response;
    const body = () => JSON.stringify({ email, password, clientId, deviceName: hostname().slice(0, 200) });
    try {
      answer = await this.request('/api/v1/auth/sign-in', { method: 'POST', body: body() });
      if (answer.status === 409) {
        // The profile's client id belongs to somebody else, or was revoked: this is a new client.
        clientId = uuid();
        answer = await this.request('/api/v1/auth/sign-in', { method: 'POST', body: body() });
      }
    } catch {
      return { error: 'HUB_UNREACHABLE' };
    }
    if (answer.status === 401) return { error: 'WRONG_CREDENTIALS' };
    if (answer.status === 429) return { error: 'TOO_MANY_ATTEMPTS' };
    const parsed = signInAnswer.safeParse(await answer.json().catch(() => null));
    if (!answer.ok || !parsed.success) return { error: answer.status === 400 ? 'WRONG_CREDENTIALS' : 'HUB_UNREACHABLE' };
    const { tokens, user, workspace } = parsed.data;
    const same = known && known.user.id === user.id && known.clientId === clientId;
    if (known && !same) {
      if (!mayReplace) return { error: 'UNSENT_WORK' };
      this.#removeFile(known);
    }
    const key = (same ? await this.#secrets.get('databaseKey') : null) ?? randomBytes(32).toString('hex');
    const account: Account = { clientId, hubUrl: this.#hubUrl, user, workspace, file: same ? known.file : `cache-${clientId}.db` };
    // The key first: a file without its key is lost, a key without its file is nothing.
    await this.#secrets.set('databaseKey', key);
    await this.#secrets.set('refreshToken', tokens.refreshToken);
    this.#access = { token: tokens.accessToken, until: performance.now() + tokens.accessTtl };
    writeDurably(this.#file, JSON.stringify(account));
    return { account, key };
  }

  /** An access token with some life left. Throws `Unreachable` or `AuthExpired`. */
  async token(): Promise<string> {
    if (this.#access && this.#access.until - performance.now() > 20_000) return this.#access.token;
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** The hub has refused the token before its time. */
  forgetToken(): void {
    this.#access = null;
  }

  async #refresh(): Promise<string> {
    const refreshToken = await this.#secrets.get('refreshToken');
    const account = this.account();
    if (!refreshToken || !account) throw new AuthExpired();
    const answer = await this.request('/api/v1/auth/refresh', {
      method: 'POST',
      body: JSON.stringify({ refreshToken, clientId: account.clientId }),
    });
    if (answer.status === 401) throw new AuthExpired();
    const parsed = refreshAnswer.safeParse(await answer.json().catch(() => null));
    if (!answer.ok || !parsed.success) throw new Unreachable(`refresh answered ${answer.status}`);
    const { tokens } = parsed.data;
    await this.#secrets.set('refreshToken', tokens.refreshToken);
    this.#access = { token: tokens.accessToken, until: performance.now() + tokens.accessTtl };
    return tokens.accessToken;
  }

  /** Ends the session: the key goes first, then the files. The hub is told if it can be reached. */
  async signOut(account: Account): Promise<void> {
    const token = this.#access?.token;
    await this.#secrets.delete('databaseKey');
    await this.#secrets.delete('refreshToken');
    this.#removeFile(account);
    rmSync(this.#file, { force: true });
    this.#access = null;
    if (token) await this.request('/api/v1/auth/sign-out', { method: 'POST', body: '{}', token }).catch(() => undefined);
  }

  #removeFile(account: Account): void {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(this.#profileDir, account.file + suffix), { force: true });
  }

  /** Accounts that a demo hub offers; empty elsewhere. Null when the hub can't be reached. */
  async demoAccounts(): Promise<z.infer<typeof demoAccounts>['accounts'] | null> {
    try {
      const answer = await this.request('/api/v1/demo', {});
      if (!answer.ok) return [];
      return demoAccounts.parse(await answer.json()).accounts;
    } catch {
      return null;
    }
  }

  /** A request to the hub. Throws `Unreachable` when there is no answer. */
  async request(path: string, options: { method?: string; body?: string; token?: string; signal?: AbortSignal }): Promise<Response> {
    try {
      return await fetch(new URL(path, this.#hubUrl), {
        method: options.method ?? 'GET',
        redirect: 'error',
        headers: {
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        },
        ...(options.body === undefined ? {} : { body: options.body }),
        signal: options.signal ?? AbortSignal.timeout(requestTimeoutMs),
      });
    } catch (error) {
      throw new Unreachable(path, { cause: error });
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** All of it or nothing, also when the power goes. */
function writeDurably(file: string, text: string): void {
  const temporary = `${file}.new`;
  const handle = openSync(temporary, 'w', 0o600);
  writeSync(handle, text);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(temporary, file);
}
