/** Tokens of mailboxes, against a provider that stands here. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Accounts, AnyAccount } from '../accounts.ts';
import type { Account } from '../accounts.ts';
import { MailTokens } from './oauth.ts';

let now = 1_794_456_000_000;
const clock = () => now;
const asked: URLSearchParams[] = [];
let answer: (form: URLSearchParams) => { status?: number; body: unknown };
let tokenUrl: string;
let close: () => Promise<void>;
let account: Account<'email'>;

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

beforeEach(async () => {
  asked.length = 0;
  answer = () => ({ body: { access_token: `access-${asked.length}`, expires_in: 3600 } });
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      const form = new URLSearchParams(text);
      asked.push(form);
      const { status = 200, body } = answer(form);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  close = () => new Promise((resolve) => server.close(() => resolve()));
  account = {
    channelId: 'mail',
    vendor: 'email',
    settings: {
      address: 'cskh@shop.test',
      name: '',
      imap: { host: 'imap.test', port: 993, security: 'tls', user: 'cskh@shop.test', folder: 'INBOX' },
      smtp: { host: 'smtp.test', port: 465, security: 'tls', user: 'cskh@shop.test' },
      ownDomains: [],
      pollSeconds: 60,
      sinceDays: 0,
      plusAddresses: true,
      keepsSent: false,
      oauth: { clientId: 'client', tokenUrl, scope: 'https://mail.google.com/' },
      dkim: null,
    },
    secrets: {
      imapPassword: null,
      smtpPassword: null,
      oauthClientSecret: 'client-secret',
      oauthRefreshToken: 'refresh-1',
      oauthAccess: null,
      dkimKey: null,
    },
  };
});
afterEach(() => close());

/** As a row of a database: one at a time, and what was saved stays. */
function row(): Pick<Accounts, 'locked'> {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    locked(_channelId, run) {
      const turn = tail.then(() =>
        run(account, async (next: AnyAccount['secrets']) => void (account = { ...account, secrets: next as typeof account.secrets })),
      );
      tail = turn.catch(() => undefined);
      return turn;
    },
  };
}
const tokens = () => new MailTokens({ accounts: row(), clock });

test('a token is asked for once, kept, and renewed before it ends; many who want it at once make one call', async () => {
  const mail = tokens();
  const all = await Promise.all([1, 2, 3].map(() => mail.current(account)));
  expect(all).toEqual([1, 2, 3].map(() => ({ state: 'ok', access: 'access-1' })));
  expect(Object.fromEntries(asked[0]!)).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'refresh-1',
    client_id: 'client',
    client_secret: 'client-secret',
    scope: 'https://mail.google.com/',
  });
  now += 50 * 60_000;
  expect(await mail.current(account)).toEqual({ state: 'ok', access: 'access-1' });
  now += 6 * 60_000;
  expect(await mail.current(account)).toEqual({ state: 'ok', access: 'access-2' });
  // Another hub has seen the new one: nobody is asked.
  expect(await tokens().current(account)).toEqual({ state: 'ok', access: 'access-2' });
  expect(asked).toHaveLength(2);
});

test('one that was refused is replaced; a refresh token that came along takes the place of the old one', async () => {
  answer = () => ({ body: { access_token: `access-${asked.length}`, expires_in: '3600', refresh_token: `refresh-${asked.length + 1}` } });
  const mail = tokens();
  await mail.current(account);
  expect(account.secrets.oauthRefreshToken).toBe('refresh-2');
  expect(await mail.current(account)).toEqual({ state: 'ok', access: 'access-1' });
  expect(await mail.current(account, 'access-1')).toEqual({ state: 'ok', access: 'access-2' });
  expect(asked[1]!.get('refresh_token')).toBe('refresh-2');
});

test('without a refresh token the application signs in as itself, as Microsoft 365 has it', async () => {
  account.secrets.oauthRefreshToken = null;
  expect(await tokens().current(account)).toEqual({ state: 'ok', access: 'access-1' });
  expect(asked[0]!.get('grant_type')).toBe('client_credentials');
  expect(account.secrets.oauthRefreshToken).toBeNull();
});

test('another consent makes the kept token useless; passwords need none', async () => {
  const mail = tokens();
  await mail.current(account);
  account = { ...account, secrets: { ...account.secrets, oauthRefreshToken: 'other' } };
  expect(await mail.current(account)).toEqual({ state: 'ok', access: 'access-2' });
  account = { ...account, settings: { ...account.settings, oauth: null } };
  expect(await mail.current(account)).toEqual({ state: 'ok', access: null });
});

test.each([
  [400, { error: 'invalid_grant', error_description: 'Token refresh-1 of client-secret has been revoked.' }, 'sign-in-again'],
  [401, { error: 'invalid_client' }, 'sign-in-again'],
  [503, 'busy', 'later'],
  [429, {}, 'later'],
  [200, { nothing: true }, 'sign-in-again'],
])('HTTP %i %j: %s, and no secret in the reason', async (status, body, state) => {
  answer = () => ({ status, body });
  const token = await tokens().current(account);
  expect(token.state).toBe(state);
  expect(JSON.stringify(token)).not.toMatch(/refresh-1|client-secret/);
});

test('nobody is there: later', async () => {
  account.settings.oauth = { clientId: 'client', tokenUrl: 'http://127.0.0.1:1/token', scope: null };
  expect(await tokens().current(account)).toMatchObject({ state: 'later' });
});
