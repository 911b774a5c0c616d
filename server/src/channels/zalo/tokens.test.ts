import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Draw } from '../../../../tests/harness/draw.ts';
import { sample } from '../../../../tests/harness/samples.ts';
import { FakeZalo } from '../../../../tests/harness/zalo.ts';
import { type Pair, type TokenRow, ZaloTokens, type ZaloTokensNeeds } from './tokens.ts';

const hour = 3_600_000;
const start = 1_794_456_000_000;
let now = start;
const clock = () => now;
const closing: (() => Promise<void>)[] = [];
let zalo: FakeZalo;
let row: Row;

/** As a row of a database: one at a time, and what was saved stays, whatever happens afterwards. */
class Row implements TokenRow {
  pair: Pair | null;
  previous: Pair | null = null;
  /** how often `save` fails: before it is durable, after that */
  failures: ('before' | 'after')[] = [];
  #tail: Promise<unknown> = Promise.resolve();

  constructor(pair: Pair | null) {
    this.pair = pair;
  }

  withLock: TokenRow['withLock'] = (run) => {
    const turn = this.#tail.then(() =>
      run(this.pair && { ...this.pair }, async (next) => {
        await Promise.resolve();
        const failure = this.failures.shift();
        if (failure === 'before') throw new Error('the database is gone');
        this.previous = this.pair;
        this.pair = next;
        if (failure === 'after') throw new Error('the database is gone');
      }),
    );
    this.#tail = turn.catch(() => undefined);
    return turn;
  };
}

beforeEach(async () => {
  now = start;
  zalo = await FakeZalo.start({ now: clock });
  closing.push(() => zalo.close());
  row = new Row(zalo.pair);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const tokens = (fields: Partial<ZaloTokensNeeds> = {}) =>
  new ZaloTokens({ row, oauthUrl: zalo.url, appId: '1390045512870031188', appSecret: 'demo-app-secret', clock, ...fields });
const first = 'demo-refresh-token';

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a pair that lasts is used as it is, without a lock where it is known', async () => {
  const locked: TokenRow = { withLock: () => Promise.reject(new Error('not asked')) };
  expect(await tokens({ row: locked }).current(zalo.pair)).toEqual({ state: 'ok', access: 'demo-access-token' });
  expect(await tokens().current()).toEqual({ state: 'ok', access: 'demo-access-token' });
  now += 19 * hour;
  expect(await tokens().current(zalo.pair)).toMatchObject({ state: 'ok' });
  expect(zalo.refreshed).toEqual([]);
});

test('near its end it is replaced; the new pair is durable before it is used, and the old one kept', async () => {
  now += 20 * hour;
  const before = zalo.pair;
  const token = await tokens().current(before);
  expect(zalo.refreshed).toEqual([first]);
  expect(token).toEqual({ state: 'ok', access: zalo.pair.access });
  expect(row.pair).toEqual({ ...zalo.pair, expiresAt: now + 25 * hour });
  expect(row.previous).toEqual(before);
});

test('however many ask at once, in two hubs, one token is burned', async () => {
  now += 24 * hour;
  const hubs = [tokens(), tokens()];
  const all = await Promise.all(Array.from({ length: 40 }, (_, index) => hubs[index % 2]!.current(zalo.pair)));
  expect(zalo.refreshed).toEqual([first]);
  expect(new Set(all.map((token) => JSON.stringify(token)))).toEqual(new Set([JSON.stringify({ state: 'ok', access: row.pair!.access })]));
});

test('a token that Zalo refuses is replaced once, however many find it refused', async () => {
  zalo.endAccess();
  const hubs = [tokens(), tokens()];
  const all = await Promise.all(Array.from({ length: 20 }, (_, index) => hubs[index % 2]!.renew('demo-access-token')));
  expect(zalo.refreshed).toEqual([first]);
  for (const token of all) expect(token).toEqual({ state: 'ok', access: zalo.pair.access });
  // Late to learn of it.
  expect(await hubs[0]!.renew('demo-access-token')).toEqual({ state: 'ok', access: zalo.pair.access });
  expect(zalo.refreshed).toHaveLength(1);
});

test('chained over weeks, each refresh token is used once', async () => {
  const draw = new Draw(7, 'weeks');
  const hubs = [tokens(), tokens()];
  for (let count = 0; count < 60; count++) {
    now += draw.between(1, 12) * hour;
    await Promise.all(hubs.map((hub) => hub.current(row.pair)));
    expect(row.pair).toMatchObject({ access: zalo.pair.access, refresh: zalo.pair.refresh });
  }
  expect(zalo.refreshed.length).toBeGreaterThan(10);
  expect(new Set(zalo.refreshed).size).toBe(zalo.refreshed.length);
});

test('the answers of the samples: nothing is written when there is no token', async () => {
  for (const [name, status] of [
    ['zalo_token_err_http200.json', 200],
    ['zalo_token_err_http200.json', 400],
  ] as const) {
    now = start + 24 * hour;
    const before = row.pair;
    const oauthUrl = await answering((request, response) => request.resume().on('end', () => response.writeHead(status).end(sample(name))));
    const token = await tokens({ oauthUrl }).current();
    expect(token).toMatchObject({ state: 'sign-in-again', reason: expect.stringContaining('-14014') as string });
    expect(row.pair).toBe(before);
  }
  const oauthUrl = await answering((request, response) => request.resume().on('end', () => response.end(sample('zalo_token_ok.json'))));
  expect(await tokens({ oauthUrl }).current()).toEqual({ state: 'ok', access: 'AT_test_new' });
  expect(row.pair).toEqual({ access: 'AT_test_new', refresh: 'RT_test_new', expiresAt: now + 25 * hour });
});

test('answers that are no pair are not written', async () => {
  now += 24 * hour;
  const before = row.pair;
  const answers: [number, string, string][] = [
    [200, '{}', 'sign-in-again'],
    [200, '{"access_token":"","refresh_token":"x","expires_in":"90000"}', 'sign-in-again'],
    [200, '{"access_token":"x","expires_in":"90000"}', 'sign-in-again'],
    [200, '{"access_token":null,"refresh_token":null}', 'sign-in-again'],
    // Zalo may have used it up: tried twice, and still the old access token has an hour.
    [200, '<html>', 'ok'],
    [500, '{}', 'ok'],
    // Never got there.
    [403, '<html>A proxy</html>', 'ok'],
    [200, '{"error":-32,"message":"busy"}', 'ok'],
  ];
  for (const [status, body, state] of answers) {
    const oauthUrl = await answering((request, response) => request.resume().on('end', () => response.writeHead(status).end(body)));
    expect([body, (await tokens({ oauthUrl }).current()).state]).toEqual([body, state]);
    expect(row.pair).toBe(before);
  }
  // A pair whose time can't be read is a pair.
  const oauthUrl = await answering((request, response) =>
    request.resume().on('end', () => response.end('{"access_token":"x","refresh_token":"y","expires_in":"soon"}')),
  );
  expect(await tokens({ oauthUrl }).current()).toEqual({ state: 'ok', access: 'x' });
});

test('without an answer it is tried once more with the old token, then somebody has to sign in', async () => {
  now += 26 * hour;
  // Nothing had happened.
  zalo.tokenFaults.next('cut');
  expect(await tokens().current()).toEqual({ state: 'ok', access: zalo.pair.access });
  expect(zalo.refreshed).toEqual([first]);
  // It had been used up.
  now += 26 * hour;
  const before = row.pair;
  zalo.tokenFaults.next('drop');
  expect(await tokens().current()).toMatchObject({ state: 'sign-in-again' });
  expect(row.pair).toBe(before);
  expect(zalo.refreshed).toHaveLength(3);
});

test('no answer twice: as long as the old access token has time it is used, and nobody asks again and again', async () => {
  now += 24 * hour;
  zalo.tokenFaults.next('hang', 2);
  const one = tokens({ limits: { timeoutMs: 100 } });
  expect(await one.current()).toEqual({ state: 'ok', access: 'demo-access-token' });
  const asked = zalo.requests.length;
  expect(await one.current()).toMatchObject({ state: 'ok' });
  expect(zalo.requests).toHaveLength(asked);
  // Zalo says that it is refused: the pair is lost.
  expect(await one.renew('demo-access-token')).toMatchObject({ state: 'sign-in-again' });
  expect(zalo.requests).toHaveLength(asked);
  // Signed in again: what has failed before says nothing about the new pair.
  row.pair = zalo.signIn();
  expect(await one.renew('demo-access-token')).toEqual({ state: 'ok', access: zalo.pair.access });
});

test('no answer twice and no time left: somebody has to sign in', async () => {
  now += 26 * hour;
  zalo.tokenFaults.next('hang', 2);
  expect(await tokens({ limits: { timeoutMs: 100 } }).current()).toMatchObject({ state: 'sign-in-again' });
});

test('a line that is down burns nothing, and is tried again after a while', async () => {
  now += 26 * hour;
  let call: ZaloTokensNeeds['call'];
  const one = tokens({ call: (request) => call!(request) });
  const { callVendor } = await import('../call.ts');
  call = (request) => callVendor({ ...request, url: new URL('http://no-such-host.invalid') });
  expect(await one.current()).toMatchObject({ state: 'later' });
  call = callVendor;
  expect(await one.current()).toMatchObject({ state: 'later' });
  now += 2 * 60_000;
  expect(await one.current()).toEqual({ state: 'ok', access: zalo.pair.access });
  expect(zalo.refreshed).toEqual([first]);
});

test('a pair that the database does not take is not lost, and not used before it is taken', async () => {
  now += 24 * hour;
  row.failures = ['before'];
  expect(await tokens().current()).toEqual({ state: 'ok', access: zalo.pair.access });
  expect(row.pair).toMatchObject({ refresh: zalo.pair.refresh });

  now += 24 * hour;
  row.failures = ['before', 'before', 'before'];
  const one = tokens();
  expect(await one.current()).toMatchObject({ state: 'later' });
  expect(await one.current()).toEqual({ state: 'ok', access: zalo.pair.access });
  expect(row.pair).toMatchObject({ refresh: zalo.pair.refresh });

  // It was taken, but the word of it was lost.
  now += 24 * hour;
  row.failures = ['after'];
  expect(await tokens().current()).toEqual({ state: 'ok', access: zalo.pair.access });
  expect(new Set(zalo.refreshed).size).toBe(zalo.refreshed.length);
});

test('nothing to begin with', async () => {
  row.pair = null;
  expect(await tokens().current(null)).toMatchObject({ state: 'sign-in-again' });
  row.pair = { ...zalo.pair, expiresAt: 0 };
  expect(await tokens({ appSecret: null }).current()).toMatchObject({ state: 'sign-in-again' });
  expect(await tokens({ appSecret: 'wrong' }).current()).toMatchObject({ state: 'sign-in-again' });
  expect(zalo.refreshed).toEqual([]);
});

test('no reason says a secret', async () => {
  now += 26 * hour;
  const oauthUrl = await answering((request, response) => {
    const pieces: Buffer[] = [];
    request
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('end', () => {
        const told = `${Buffer.concat(pieces).toString('utf8')} ${String(request.headers['secret_key'])}`;
        response.end(JSON.stringify({ error: -1, error_name: told, error_description: decodeURIComponent(told) }));
      });
  });
  const token = await tokens({ oauthUrl }).current();
  expect(token.state).toBe('sign-in-again');
  expect(JSON.stringify(token)).not.toMatch(/demo-(refresh|access|app)/);
});
