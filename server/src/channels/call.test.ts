import { createServer } from 'node:http';
import { createServer as createNetServer, type AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Answer, type Body, CallFailed, callVendor, formBody, jsonBody, retryAfter, withoutSecrets } from './call.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listening(server: ReturnType<typeof createServer> | ReturnType<typeof createNetServer>): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a?token=secret`);
}
const post = (url: URL, body: Body, timeoutMs = 2000): Promise<Answer | CallFailed> =>
  callVendor({ method: 'POST', url, body, timeoutMs }).catch((error: unknown) => {
    expect(error).toBeInstanceOf(CallFailed);
    expect((error as CallFailed).message).not.toContain('secret');
    return error as CallFailed;
  });

test('once the last byte has been handed on, the vendor may have it, whether or not we have been told so', async () => {
  const url = await listening(createServer((request) => request.resume().on('end', () => request.socket.resetAndDestroy())));
  const pieces = async function* () {
    yield Buffer.from('whole');
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  expect(await post(url, { type: 'text/plain', length: 5, pieces: pieces() })).toMatchObject({ perhapsTaken: true });
});

test('before that it has not', async () => {
  const url = await listening(createServer((request) => request.once('data', () => request.socket.resetAndDestroy())));
  const pieces = async function* () {
    yield Buffer.from('who');
    await new Promise((resolve) => setTimeout(resolve, 300));
    yield Buffer.from('le');
  };
  expect(await post(url, { type: 'text/plain', length: 5, pieces: pieces() })).toMatchObject({ perhapsTaken: false });
});

test('an answer that comes before all is said is an answer', async () => {
  const url = await listening(
    createServer((request, response) => request.once('data', () => response.writeHead(413, { connection: 'close' }).end('too large'))),
  );
  const pieces = async function* () {
    for (let count = 0; count < 5; count++) {
      yield Buffer.from('x');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  expect(await post(url, { type: 'text/plain', length: 5, pieces: pieces() })).toMatchObject({ status: 413, text: 'too large' });
});

test('a status whose rest never comes is a status', async () => {
  const url = await listening(
    createNetServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.write('HTTP/1.1 400 Bad\r\ncontent-length: 100\r\n\r\n{"error":'));
    }),
  );
  expect(await post(url, jsonBody({}), 100)).toMatchObject({ status: 400, text: '{"error":' });
});

test('redirects are not followed', async () => {
  const asked: (string | undefined)[] = [];
  const url = await listening(
    createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(307, { location: '/b' }).end();
    }),
  );
  expect(await post(url, formBody({ a: 'b' }))).toMatchObject({ status: 307 });
  expect(asked).toEqual(['/a?token=secret']);
});

test('a vendor’s words without what is secret', () => {
  expect(withoutSecrets('token a+b= and a%2Bb%3D', ['a+b=', null, ''])).toBe('token … and …');
  expect(withoutSecrets('x'.repeat(1000), [])).toHaveLength(500);
});

test('how long it asks us to wait', () => {
  expect(['5', '0', '999999', undefined, 'Wed, 21 Oct 2026 07:28:00 GMT', '-1'].map((told) => retryAfter({ 'retry-after': told }))).toEqual(
    [5000, 0, 86_400_000, null, null, null],
  );
});
