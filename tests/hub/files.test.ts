/** Files at the hub: how they come in pieces, what is refused, and who gets them. */
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../harness/engine.ts';
import { FileWire, json, sample } from '../harness/file-wire.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { temporaryDir } from '../harness/postgres.ts';
import { signIn, type SignedIn, wire } from '../harness/wire.ts';

const dataDir = temporaryDir('truc-files-');
let hub: TestHub;
let files: FileWire;
let hoa: SignedIn;
beforeAll(async () => {
  hub = await startTestHub({ TRUC_DATA_DIR: dataDir });
  files = await FileWire.to(hub);
  hoa = await signIn(hub.url, 'hoa');
});
afterAll(async () => {
  files.lan.close();
  await hub.stop();
});

describe('coming in', () => {
  test('in pieces; a wrong place is told the right one; again is no harm', async () => {
    const { ticketId } = await files.conversation();
    const file = sample(300_000);
    const size = 300_000;
    expect(await json(await files.announce(ticketId, file))).toEqual([200, { offset: 0, size }]);
    expect(await json(await files.patch(file.id, 0, file.bytes.subarray(0, 100_000)))).toEqual([200, { offset: 100_000, size }]);
    const wrong = await files.patch(file.id, 0, file.bytes.subarray(0, 50));
    expect([wrong.headers.get('upload-offset'), ...(await json(wrong))]).toMatchObject([
      '100000',
      409,
      { code: 'WRONG_OFFSET', field: 'upload-offset' },
    ]);
    expect((await files.patch(file.id, 200_000, file.bytes.subarray(200_000))).headers.get('upload-offset')).toBe('100000');
    expect(await json(await files.announce(ticketId, file))).toEqual([200, { offset: 100_000, size }]);
    expect(await json(await files.call(`/api/v1/files/${file.id}/upload`))).toEqual([200, { offset: 100_000, size }]);
    expect(await json(await files.patch(file.id, 100_000, file.bytes.subarray(100_000)))).toEqual([200, { offset: size, size }]);
    expect(await json(await files.patch(file.id, size, Buffer.alloc(0)))).toEqual([200, { offset: size, size }]);
    expect((await files.patch(file.id, 0, file.bytes.subarray(0, 10))).status).toBe(409);
    expect(await json(await files.announce(ticketId, file))).toEqual([200, { offset: size, size }]);
    expect(readFileSync(join(dataDir, 'blobs', file.id.slice(-2), file.id)).equals(file.bytes)).toBe(true);
  });

  test('what came before the line broke is kept, and a younger line takes over from one that hangs', async () => {
    const { ticketId } = await files.conversation();
    const file = sample(400_000);
    await files.announce(ticketId, file);
    const hanging = httpRequest(`${hub.url}/api/v1/files/${file.id}/upload`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${files.lan.me.token}`,
        'content-type': 'application/octet-stream',
        'upload-offset': '0',
        'content-length': '400000',
      },
    });
    hanging.on('error', () => undefined);
    hanging.write(file.bytes.subarray(0, 150_000));
    const at = async () => ((await (await files.call(`/api/v1/files/${file.id}/upload`)).json()) as { offset: number }).offset;
    await until(async () => (await at()) === 150_000);
    // The first line still hangs, and says no more.
    expect(await json(await files.patch(file.id, 150_000, file.bytes.subarray(150_000, 200_000)))).toEqual([
      200,
      { offset: 200_000, size: 400_000 },
    ]);
    hanging.destroy();
    expect(await json(await files.patch(file.id, 200_000, file.bytes.subarray(200_000)))).toEqual([
      200,
      { offset: 400_000, size: 400_000 },
    ]);
  });

  test('a wrong sum: thrown away, from the beginning, and then right', async () => {
    const { ticketId } = await files.conversation();
    const file = sample(5000);
    await files.announce(ticketId, file);
    const spoilt = Buffer.from(file.bytes);
    spoilt[2500]! ^= 1;
    expect(await json(await files.patch(file.id, 0, spoilt))).toMatchObject([422, { code: 'WRONG_SUM', field: 'sha256' }]);
    expect(await json(await files.call(`/api/v1/files/${file.id}/upload`))).toEqual([200, { offset: 0, size: 5000 }]);
    expect(await json(await files.patch(file.id, 0, file.bytes))).toEqual([200, { offset: 5000, size: 5000 }]);
  });

  test('more bytes than were announced leave nothing', async () => {
    const { ticketId } = await files.conversation();
    const file = sample(5000);
    await files.announce(ticketId, file);
    await files.patch(file.id, 0, file.bytes.subarray(0, 1000));
    expect(await json(await files.patch(file.id, 1000, Buffer.alloc(90_000)))).toMatchObject([413, { code: 'TOO_LARGE', field: 'body' }]);
    expect(await json(await files.patch(file.id, 1000, file.bytes.subarray(1000)))).toMatchObject([200, { offset: 5000 }]);
  });

  test('every wrong word is named', async () => {
    const { ticketId } = await files.conversation();
    const bad: [Record<string, unknown>, number, string][] = [
      [{ size: 0 }, 400, 'size'],
      [{ size: 25 * 1024 * 1024 + 1 }, 400, 'size'],
      [{ sha256: 'x' }, 400, 'sha256'],
      [{ id: '../../etc/passwd' }, 400, 'id'],
      [{ name: '' }, 400, 'name'],
      [{ name: 'x'.repeat(201) }, 400, 'name'],
      [{ name: 'a\0b' }, 400, 'name'],
      [{ type: 'a\ud800' }, 400, 'type'],
      [{ ticketId: uuid() }, 404, 'ticketId'],
    ];
    for (const [fields, status, field] of bad) {
      const answer = await files.call('/api/v1/files', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...sample(10).named, ticketId, ...fields }),
      });
      expect([fields, ...(await json(answer))]).toMatchObject([fields, status, { field }]);
    }
    const file = sample(10);
    await files.announce(ticketId, file);
    for (const offset of ['', '-1', 'x', '1e3', '0x1', '99999999999']) {
      expect([offset, ...(await json(await files.patch(file.id, offset, file.bytes)))]).toMatchObject([
        offset,
        400,
        { field: 'upload-offset' },
      ]);
    }
    const typed = await files.call(`/api/v1/files/${file.id}/upload`, {
      method: 'PATCH',
      headers: { 'content-type': 'text/html', 'upload-offset': '0' },
      body: 'x',
    });
    expect(await json(typed)).toMatchObject([400, { field: 'content-type' }]);
    for (const path of ['..%2f..%2fconfig', '%2e%2e', `${file.id}%00`, 'x']) {
      expect([400, 404]).toContain((await files.call(`/api/v1/files/${path}`)).status);
      expect([400, 404]).toContain((await files.patch(path, 0, file.bytes)).status);
    }
    // Names lead nowhere: the folder holds ids, and nothing beside it has come to be.
    for (const name of ['../../../owned', '/etc/owned', 'C:\\owned', '..']) {
      const tricky = sample(20, { name });
      await files.whole(ticketId, tricky);
      expect(existsSync(join(dataDir, 'blobs', tricky.id.slice(-2), tricky.id))).toBe(true);
    }
    const everything = readdirSync(dataDir, { recursive: true }).map(String);
    expect(everything.filter((path) => path.includes('owned'))).toEqual([]);
  });

  test('an id that belongs to another file is refused, announced or attached', async () => {
    const talk = await files.conversation();
    const file = sample(100);
    await files.announce(talk.ticketId, file);
    const other = { ...sample(100), id: file.id };
    other.named.id = file.id;
    expect(await json(await files.announce(talk.ticketId, other))).toMatchObject([409, { code: 'ID_TAKEN', field: 'id' }]);
    expect((await files.announce((await files.conversation()).ticketId, file)).status).toBe(409);
    // A colleague who serves the queue neither writes nor asks after an upload of hers.
    const minh = await signIn(hub.url, 'minh');
    expect((await files.announce(talk.ticketId, file, minh)).status).toBe(409);
    expect((await files.patch(file.id, 0, file.bytes, minh)).status).toBe(404);
    const claimed = sample(50);
    await files.reply(talk, 'kèm tệp', [claimed]);
    const impostor = { ...sample(50), id: claimed.id };
    impostor.named.id = claimed.id;
    expect((await files.announce(talk.ticketId, impostor)).status).toBe(409);
  });

  test('each user has a share of their own, and announces no heap of files that no message names', async () => {
    const { ticketId } = await files.conversation();
    const quan = await signIn(hub.url, 'quan');
    const statuses = await Promise.all(Array.from({ length: 130 }, async () => (await files.announce(ticketId, sample(10), quan)).status));
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(120);
    expect(statuses).toContain(429);
    expect((await files.announce(ticketId, sample(10))).status).toBe(200);
  });
});

describe('who gets them', () => {
  test('those who may work the ticket, as a download, typed by its bytes, in ranges', async () => {
    const talk = await files.conversation();
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(2000)]);
    const file = sample(png, { name: 'ảnh "máy"\r\nx: y.png', type: 'text/html' });
    expect((await files.call(`/api/v1/files/${file.id}`)).status).toBe(404);
    await files.reply(talk, 'Ảnh đây ạ', [file]);
    expect((await files.call(`/api/v1/files/${file.id}`)).status).toBe(404);
    await files.whole(talk.ticketId, file);
    const answer = await files.call(`/api/v1/files/${file.id}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[ -~]*"; filename\*=UTF-8''%E1%BA%A3nh/);
    expect(answer.headers.get('x')).toBeNull();
    expect(Buffer.from(await answer.arrayBuffer()).equals(png)).toBe(true);
    const ranges: [string, number, string | null, Buffer | null][] = [
      ['bytes=0-9', 206, `bytes 0-9/${png.length}`, png.subarray(0, 10)],
      ['bytes=1000-', 206, `bytes 1000-${png.length - 1}/${png.length}`, png.subarray(1000)],
      ['bytes=-8', 206, `bytes ${png.length - 8}-${png.length - 1}/${png.length}`, png.subarray(-8)],
      ['bytes=2000-99999', 206, `bytes 2000-${png.length - 1}/${png.length}`, png.subarray(2000)],
      ['bytes=99999-', 416, `bytes */${png.length}`, null],
      ['bytes=-0', 416, `bytes */${png.length}`, null],
      ['bytes=9-2', 200, null, png],
      ['bytes=0-1,5-6', 200, null, png],
      ['lines=1', 200, null, png],
    ];
    for (const [range, status, contentRange, bytes] of ranges) {
      const part = await files.call(`/api/v1/files/${file.id}`, { headers: { range } });
      expect([range, part.status, part.headers.get('content-range')]).toEqual([range, status, contentRange]);
      const came = Buffer.from(await part.arrayBuffer());
      if (bytes) expect(came.equals(bytes)).toBe(true);
    }
    // Neither for one who does not serve the queue, nor for the customer's token.
    expect((await files.call(`/api/v1/files/${file.id}`, { me: hoa })).status).toBe(404);
    expect((await files.announce(talk.ticketId, sample(10), hoa)).status).toBe(404);
    expect((await files.call(`/api/v1/files/${file.id}`, { headers: { authorization: `Bearer ${talk.customer.token}` } })).status).toBe(
      401,
    );
  });

  test('what its sender calls a page stays bytes', async () => {
    const talk = await files.conversation();
    for (const body of ['<!doctype html><script>alert(1)</script>', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'GIF', 'MZ']) {
      const file = sample(Buffer.from(body), { name: 'x.html', type: 'text/html' });
      await files.reply(talk, 'x', [file]);
      await files.whole(talk.ticketId, file);
      const answer = await files.call(`/api/v1/files/${file.id}`);
      expect([body, answer.headers.get('content-type')]).toEqual([body, 'application/octet-stream']);
      await answer.arrayBuffer();
    }
  });

  test('the author sends the rest also when the ticket has moved on, and gets nothing more of it', async () => {
    const talk = await files.conversation();
    const file = sample(3000);
    const messageId = await files.reply(talk, 'Em chuyển tổ khiếu nại ạ', [file]);
    await files.announce(talk.ticketId, file);
    const [elsewhere] = await hub.query<{ id: string }>(`select id from queue where purpose = 'complaint'`);
    const quan = await wire(hub.url, 'quan');
    const serving = { queueId: elsewhere!.id, userId: files.lan.me.userId };
    expect(await quan.push('queue.serve', { ...serving, serves: false })).toMatchObject({ ok: true });
    expect(await quan.push('ticket.move', { ticketId: talk.ticketId, queueId: elsewhere!.id })).toMatchObject({ ok: true });
    expect((await files.announce(talk.ticketId, sample(10))).status).toBe(404);
    await files.whole(talk.ticketId, file);
    expect(await files.deliveryOf(messageId)).toBe('sent');
    expect((await files.call(`/api/v1/files/${file.id}`)).status).toBe(404);
    const lead = await files.call(`/api/v1/files/${file.id}`, { me: quan.me });
    expect(Buffer.from(await lead.arrayBuffer()).equals(file.bytes)).toBe(true);
    expect(await quan.push('queue.serve', { ...serving, serves: true })).toMatchObject({ ok: true });
    quan.close();
    // Whoever's scopes change has to come again.
    await files.again();
  });
});

test('long and slow bodies go to the disk as they come: memory does not follow their size', async () => {
  const { ticketId } = await files.conversation();
  const size = 24 * 1024 * 1024;
  const file = sample(size);
  await files.announce(ticketId, file);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const sender = httpRequest(`${hub.url}/api/v1/files/${file.id}/upload`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${files.lan.me.token}`,
      'content-type': 'application/octet-stream',
      'upload-offset': '0',
      'content-length': String(size),
    },
  });
  const answered = new Promise<number>((resolve, reject) => {
    sender.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sender.on('error', reject);
  });
  for (let at = 0; at < size; at += 65_536) {
    // Views of the sample, which is counted already.
    if (!sender.write(file.bytes.subarray(at, at + 65_536))) await new Promise((resolve) => sender.once('drain', resolve));
    if (at % (2 * 1024 * 1024) !== 0) continue;
    // What is left after that is held by somebody.
    collect();
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  sender.end();
  expect(await answered).toBe(200);
  expect(most - before).toBeLessThan(6 * 1024 * 1024);
});
