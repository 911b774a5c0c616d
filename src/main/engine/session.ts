/**
 * Who works on this profile, and the tokens that prove it. `session.json` names the accounts, each with a file of its own, and
 * which of them is at the desk; the secrets (database key, refresh token) are main's to keep.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { id, workspaceRow } from '../../shared/domain.ts';
import type { SecretName } from '../../shared/host.ts';
import { demoAccounts, refreshAnswer, signedInUser, signInAnswer } from '../../shared/protocol.ts';
import { AccountClosed, AuthExpired, Unreachable } from './link.ts';

const account = z.object({
  clientId: id,
  hubUrl: z.string(),
  user: signedInUser,
  workspace: workspaceRow,
  file: z.string().regex(/^cache-[0-9a-f-]{36}\.db$/),
  /** changes that waited when this account was last at the desk */
  unsent: z.int().nonnegative().default(0),
});
export type Account = z.infer<typeof account>;
const stored = z.object({ accounts: z.array(account).max(100), current: id.nullable() });
type Stored = z.infer<typeof stored>;

export interface Secrets {
  get(name: SecretName): Promise<string | null>;
  set(name: SecretName, value: string): Promise<void>;
  delete(name: SecretName): Promise<void>;
}

export type SignInFailure = 'WRONG_CREDENTIALS' | 'TOO_MANY_ATTEMPTS' | 'HUB_UNREACHABLE' | 'INTERNAL';

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

  #read(): Stored {
    if (!existsSync(this.#file)) return { accounts: [], current: null };
    const json = parseJson(readFileSync(this.#file, 'utf8'));
    const parsed = stored.safeParse(json);
    if (parsed.success) return parsed.data;
    // Of the time when a profile had one account.
    const single = account.safeParse(json);
    return single.success ? { accounts: [single.data], current: single.data.clientId } : { accounts: [], current: null };
  }

  #write(next: Stored): void {
    writeDurably(this.#file, JSON.stringify(next));
  }

  /** Everybody who has a file here. */
  accounts(): Account[] {
    // The hub may have moved: the accounts, their files and what waits in them are the same.
    return this.#read().accounts.map((one) => ({ ...one, hubUrl: this.#hubUrl }));
  }

  /** Who is at the desk; null after sign-out, after a switch, and on a new profile. */
  account(): Account | null {
    const { current } = this.#read();
    return this.accounts().find(({ clientId }) => clientId === current) ?? null;
  }

  async databaseKey({ clientId }: Account): Promise<string | null> {
    return (await this.#secrets.get(`databaseKey:${clientId}`)) ?? this.#secrets.get('databaseKey');
  }

  /** Signs in at the hub. Whoever has a file here keeps it, with all that waits in it; so do the others. */
  async signIn(email: string, password: string): Promise<{ account: Account; key: string } | { error: SignInFailure }> {
    const known = this.accounts().find(({ user }) => user.email.toLowerCase() === email.trim().toLowerCase());
    let clientId = known?.clientId ?? uuid();
    let answer: Response;
    const body = () => JSON.stringify({ email, password, clientId, deviceName: hostname().slice(0, 200) });
    try {
      answer = await this.request('/api/v1/auth/sign-in', { method: 'POST', body: body() });
      if (answer.status === 409) {
        // This client was revoked, or belongs to somebody else now: a new one, with a new file.
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
    const same = known && known.user.id === user.id && known.clientId === clientId ? known : null;
    const key = (same ? await this.databaseKey(same) : null) ?? randomBytes(32).toString('hex');
    const file = same?.file ?? `cache-${clientId}.db`;
    const signedIn: Account = { clientId, hubUrl: this.#hubUrl, user, workspace, file, unsent: same?.unsent ?? 0 };
    // The key first: a file without its key is lost, a key without its file is nothing.
    await this.#secrets.set(`databaseKey:${clientId}`, key);
    await this.#secrets.set(`refreshToken:${clientId}`, tokens.refreshToken);
    this.#access = { token: tokens.accessToken, until: performance.now() + tokens.accessTtl };
    this.enter(signedIn);
    return { account: signedIn, key };
  }

  /** Puts the account at the desk. Tokens of whoever was there before are forgotten. */
  enter(entering: Account): void {
    const others = this.#read().accounts.filter(({ clientId }) => clientId !== entering.clientId);
    this.#write({ accounts: [...others, entering], current: entering.clientId });
  }

  /** Leaves the desk; the account, its file and `unsent` changes in it stay. */
  leave(leaving: Account, unsent: number): void {
    const { accounts } = this.#read();
    this.#write({
      accounts: accounts.map((one) => (one.clientId === leaving.clientId ? { ...one, unsent } : one)),
      current: null,
    });
    this.#access = null;
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
    const here = this.account();
    if (!here) throw new AuthExpired();
    const name = `refreshToken:${here.clientId}` as const;
    const refreshToken = (await this.#secrets.get(name)) ?? (await this.#secrets.get('refreshToken'));
    if (!refreshToken) throw new AuthExpired();
    const answer = await this.request('/api/v1/auth/refresh', {
      method: 'POST',
      body: JSON.stringify({ refreshToken, clientId: here.clientId }),
    });
    if (answer.status === 401) throw new AuthExpired();
    if (answer.status === 403) throw new AccountClosed();
    const parsed = refreshAnswer.safeParse(await answer.json().catch(() => null));
    if (!answer.ok || !parsed.success) throw new Unreachable(`refresh answered ${answer.status}`);
    const { tokens } = parsed.data;
    await this.#secrets.set(name, tokens.refreshToken);
    // Somebody else may have sat down meanwhile: this token is not theirs.
    if (this.account()?.clientId !== here.clientId) throw new Unreachable('the account has changed');
    this.#access = { token: tokens.accessToken, until: performance.now() + tokens.accessTtl };
    return tokens.accessToken;
  }

  /** Ends the session: the key goes first, then the files. The hub is told if it can be reached. */
  async signOut(leaving: Account): Promise<void> {
    const token = this.#access?.token;
    const { clientId, file } = leaving;
    for (const name of [`databaseKey:${clientId}`, `refreshToken:${clientId}`, 'databaseKey', 'refreshToken'] as const) {
      await this.#secrets.delete(name);
    }
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(this.#profileDir, file + suffix), { force: true });
    rmSync(join(this.#profileDir, `files-${clientId}`), { recursive: true, force: true });
    const { accounts } = this.#read();
    this.#write({ accounts: accounts.filter((one) => one.clientId !== clientId), current: null });
    this.#access = null;
    if (token) await this.request('/api/v1/auth/sign-out', { method: 'POST', body: '{}', token }).catch(() => undefined);
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
