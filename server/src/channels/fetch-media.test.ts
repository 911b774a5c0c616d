import { createServer, type RequestListener } from 'node:http';
import { createServer as createNetServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { type Address, fetchMedia, isPublic, MediaError, type MediaNeeds } from './fetch-media.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serving(listener: RequestListener): Promise<{ host: string; port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, port, asked };
}

async function get(url: string, needs: Partial<MediaNeeds> = {}) {
  const pieces: Uint8Array[] = [];
  const write = async (piece: Uint8Array) => void pieces.push(piece);
  const told = await fetchMedia(url, write, { most: 1_000_000, timeoutMs: 5000, ...needs }).catch((error: unknown) => error);
  return { told, bytes: Buffer.concat(pieces) };
}
async function fault(url: string, needs: Partial<MediaNeeds> = {}): Promise<[string, boolean]> {
  const { told } = await get(url, needs);
  expect([url, told]).toEqual([url, expect.any(MediaError)]);
  const { code, again, message } = told as MediaError;
  expect(message).not.toContain('secret');
  return [code, again];
}
const blocked = ['BLOCKED', false];
const answers = (...addresses: string[]) => ({
  resolve: () => Promise.resolve(addresses.map((address): Address => ({ address, family: address.includes(':') ? 6 : 4 }))),
});

test('what is public is fetched, as it is, one piece after another', async () => {
  const bytes = Buffer.alloc(900_000, 'ảnh');
  const { host } = await serving((request, response) => {
    expect(request.headers['accept-encoding']).toBe('identity');
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end(bytes);
  });
  const got = await get(`http://${host}/a.jpg?oe=1`, { allowHosts: new Set([host]) });
  expect(got.told).toEqual({ bytes: 900_000, type: 'image/jpeg' });
  expect(got.bytes.equals(bytes)).toBe(true);
});

test('a name is asked at the address that was checked, and named in the request', async () => {
  const heard: (string | undefined)[] = [];
  const { port } = await serving((request, response) => {
    heard.push(request.headers.host);
    response.end('x');
  });
  let times = 0;
  const resolve = () => {
    times += 1;
    return Promise.resolve([{ address: '127.0.0.1', family: 4 as const }]);
  };
  const host = `cdn.example.test:${port}`;
  expect((await get(`http://${host}/`, { resolve, allowHosts: new Set([host]) })).told).toMatchObject({ bytes: 1 });
  expect([heard, times]).toEqual([[host], 1]);
});

test('addresses that are nobody’s business, however they are written', async () => {
  const { port, asked } = await serving((_request, response) => response.end('inside'));
  const hosts = [
    '127.0.0.1',
    '127.1',
    '127.0.0.1.',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '017700000001',
    '0177.0.0.1',
    '0',
    '0.0.0.0',
    '00000.0.0.0',
    '１２７.0.0.1',
    '①②⑦.⓪.⓪.①',
    '127.255.255.254',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:0:127.0.0.1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b::8.8.8.8]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001::1]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd12:3456::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[100::1]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[5f00::1]',
    '[4000::1]',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
  ];
  for (const host of hosts) {
    for (const scheme of ['http', 'https']) expect([host, await fault(`${scheme}://${host}:${port}/secret`)]).toEqual([host, blocked]);
  }
  expect(asked).toEqual([]);
});

test('names that lie where they should not', async () => {
  const { port, asked } = await serving((_request, response) => response.end('inside'));
  for (const addresses of [
    ['127.0.0.1'],
    ['::1'],
    ['10.1.2.3'],
    ['169.254.169.254'],
    ['::ffff:10.0.0.1'],
    ['64:ff9b::a00:1'],
    ['fd00::1'],
    // One of them is enough: who is asked would be chance.
    ['93.184.216.34', '127.0.0.1'],
    ['127.0.0.1', '93.184.216.34'],
    ['nonsense'],
  ]) {
    expect([addresses, await fault(`http://rebind.example.test:${port}/`, answers(...addresses))]).toEqual([addresses, blocked]);
  }
  expect(await fault(`http://localhost:${port}/`)).toEqual(blocked);
  // Not every resolver knows it.
  expect(['BLOCKED', 'NETWORK']).toContain((await fault(`http://localhost.:${port}/`))[0]);
  expect(asked).toEqual([]);
});

test('a name that answers differently the second time is asked once', async () => {
  const { port, asked } = await serving((_request, response) => response.end('inside'));
  const replies = ['192.0.2.1', '127.0.0.1'];
  const seen: string[] = [];
  const resolve = () => {
    const address = replies.shift() ?? '127.0.0.1';
    seen.push(address);
    return Promise.resolve([{ address, family: 4 as const }]);
  };
  // Allowed to lie anywhere, so that it is really connected to: the first answer, where nobody listens.
  const host = `rebind.example.test:${port}`;
  expect((await fault(`http://${host}/`, { resolve, allowHosts: new Set([host]), timeoutMs: 300 }))[1]).toBe(true);
  expect([seen, asked]).toEqual([['192.0.2.1'], []]);
});

test('other schemes, and addresses with passwords', async () => {
  for (const url of [
    'file:///etc/passwd',
    'ftp://93.184.216.34/',
    'gopher://93.184.216.34/',
    'data:text/plain,x',
    'javascript:alert(1)',
    'http://user:secret@93.184.216.34/',
    'http://user@93.184.216.34/',
    'not an address',
    '',
    '//93.184.216.34/',
    'http://',
    'http://[::1',
  ]) {
    expect([url, await fault(url)]).toEqual([url, blocked]);
  }
});

test('each redirect is checked like the first address', async () => {
  const inside = await serving((_request, response) => response.end('inside'));
  const outside = await serving((request, response) => {
    const to = new URL(request.url ?? '/', 'http://x').searchParams.get('to') ?? '';
    const status = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('status') ?? 302);
    response.writeHead(status, { location: to }).end('moved');
  });
  const needs = { allowHosts: new Set([outside.host]) };
  const via = (to: string, status = 302) => `http://${outside.host}/?status=${status}&to=${encodeURIComponent(to)}`;
  for (const status of [301, 302, 303, 307, 308]) {
    expect(await fault(via(`http://${inside.host}/secret`, status), needs)).toEqual(blocked);
    expect(await fault(via(`//${inside.host}/secret`, status), needs)).toEqual(blocked);
    expect(await fault(via(`http://localhost:${inside.port}/`, status), needs)).toEqual(blocked);
    expect(await fault(via('file:///etc/passwd', status), needs)).toEqual(blocked);
    expect(await fault(via('http://a:secret@93.184.216.34/', status), needs)).toEqual(blocked);
  }
  expect(inside.asked).toEqual([]);
  // Where it may go, it goes; relative addresses, too.
  expect((await get(via(`http://${inside.host}/`), { allowHosts: new Set([outside.host, inside.host]) })).told).toMatchObject({ bytes: 6 });
  const moved = await serving((request, response) =>
    request.url === '/there' ? response.end('there') : response.writeHead(302, { location: '/there' }).end(),
  );
  expect((await get(`http://${moved.host}/here`, { allowHosts: new Set([moved.host]) })).told).toMatchObject({ bytes: 5 });
});

test('three redirects, no more', async () => {
  const { host, asked } = await serving((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('here');
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  });
  const needs = { allowHosts: new Set([host]) };
  expect((await get(`http://${host}/3`, needs)).told).toMatchObject({ bytes: 4 });
  expect(asked).toHaveLength(4);
  expect(await fault(`http://${host}/4`, needs)).toEqual(['HTTP', false]);
  expect(asked).toHaveLength(8);
  expect(await fault(`http://${host}/1`, { ...needs, redirects: 0 })).toEqual(['HTTP', false]);
});

test('a body without an end is cut off at the limit, and so is one that says how long it is', async () => {
  let given = 0;
  const { host } = await serving((request, response) => {
    if (request.url === '/said') return response.writeHead(200, { 'content-length': '999999999' }).write('x');
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384))) given += 16_384;
      if (!response.destroyed) response.once('drain', more);
    };
    return more();
  });
  const needs = { allowHosts: new Set([host]), most: 100_000 };
  const { told, bytes } = await get(`http://${host}/endless`, needs);
  expect(told).toMatchObject({ code: 'TOO_LARGE', again: false });
  expect(bytes.length).toBeLessThanOrEqual(100_000);
  expect(given).toBeLessThan(50_000_000);
  expect((await get(`http://${host}/said`, needs)).bytes).toHaveLength(0);
  expect(await fault(`http://${host}/said`, needs)).toEqual(['TOO_LARGE', false]);
});

test('exactly the limit fits', async () => {
  const { host } = await serving((request, response) => response.end(Buffer.alloc(Number(request.url?.slice(1)))));
  const needs = { allowHosts: new Set([host]), most: 1000 };
  expect((await get(`http://${host}/1000`, needs)).told).toMatchObject({ bytes: 1000 });
  expect(await fault(`http://${host}/1001`, needs)).toEqual(['TOO_LARGE', false]);
});

test('a bomb stays packed', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const { host } = await serving((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
  const { told, bytes } = await get(`http://${host}/`, { allowHosts: new Set([host]) });
  expect(told).toMatchObject({ bytes: bomb.length });
  expect(bytes.equals(bomb)).toBe(true);
});

test('a server that takes its time is left, wherever it does', async () => {
  const sockets: Socket[] = [];
  const drip = (head: string, every: string) =>
    new Promise<string>((resolve) => {
      const server = createNetServer((socket) => {
        sockets.push(socket);
        socket.on('error', () => undefined).resume();
        socket.write(head);
        const timer = setInterval(() => socket.write(every), 20);
        socket.on('close', () => clearInterval(timer));
      });
      server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`));
      closing.push(async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise<void>((closed) => server.close(() => closed()));
      });
    });
  const hosts = [
    await drip('', ''),
    await drip('HTTP/1.1 200 OK\r\n', 'x-a: b\r\n'),
    await drip('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n', 'x'),
    await drip('HTTP/1.1 200 OK\r\n\r\n', 'x'),
  ];
  for (const host of hosts) {
    expect([host, await fault(`http://${host}/`, { allowHosts: new Set([host]), timeoutMs: 200 })]).toEqual([host, ['TIMEOUT', true]]);
  }
  // So is a name server.
  expect(await fault('http://cdn.example.test/', { resolve: () => new Promise(() => undefined), timeoutMs: 100 })).toEqual([
    'TIMEOUT',
    true,
  ]);
  // Nobody holds on to them.
  await expect.poll(() => sockets.every(({ destroyed }) => destroyed)).toBe(true);
});

test('what the server says, and whether it may be different another time', async () => {
  const { host } = await serving((request, response) => response.writeHead(Number(request.url?.slice(1, 4))).end('no'));
  const needs = { allowHosts: new Set([host]) };
  for (const status of [204, 206, 304, 302, 400, 401, 403, 404, 410]) {
    expect([status, await fault(`http://${host}/${status}?secret`, needs)]).toEqual([status, ['HTTP', false]]);
  }
  for (const status of [408, 429, 500, 502, 503])
    expect([status, await fault(`http://${host}/${status}`, needs)]).toEqual([status, ['HTTP', true]]);
});

test('a line that breaks', async () => {
  const { host } = await serving((request, response) => {
    if (request.url === '/body') {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => request.socket.resetAndDestroy());
    } else if (request.url === '/short') {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => request.socket.end());
    } else if (request.url === '/unsaid') {
      request.socket.write('HTTP/1.1 200 OK\r\n\r\nhalf', () => request.socket.resetAndDestroy());
    } else request.socket.resetAndDestroy();
  });
  const needs = { allowHosts: new Set([host]) };
  for (const path of ['head', 'body', 'short', 'unsaid'])
    expect([path, await fault(`http://${host}/${path}`, needs)]).toEqual([path, ['NETWORK', true]]);
  expect(await fault('http://no-such-host.invalid/secret')).toEqual(['NETWORK', true]);
  expect(await fault('http://cdn.example.test/', answers())).toEqual(['NETWORK', true]);
});

test('what the caller’s own side fails with is passed on', async () => {
  const { host } = await serving((_request, response) => response.end('x'));
  const full = new Error('the disk is full');
  await expect(
    fetchMedia(`http://${host}/`, () => Promise.reject(full), { most: 10, timeoutMs: 5000, allowHosts: new Set([host]) }),
  ).rejects.toBe(full);
});

test('an allowed host is allowed at its port alone', async () => {
  const { host, port } = await serving((_request, response) => response.end('x'));
  expect(await fault(`http://${host}/`, { allowHosts: new Set([`127.0.0.1:${port + 1}`]) })).toEqual(blocked);
  expect(await fault(`http://localhost:${port}/`, { allowHosts: new Set([host]) })).toEqual(blocked);
});

test('public addresses', () => {
  for (const address of [
    '8.8.8.8',
    '31.13.66.35',
    '93.184.216.34',
    '2a03:2880:f12f:83:face:b00c:0:25de',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
  ])
    expect([address, isPublic(address)]).toEqual([address, true]);
  for (const address of ['', 'x', '127.0.0.1', '::1', '999.1.1.1']) expect([address, isPublic(address)]).toEqual([address, false]);
});
