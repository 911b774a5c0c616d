/** Hostile input at every address of the widget, with a session that is good: a typed refusal or something kept; the hub stays up. */
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { signed, Visitor, vouch } from '../harness/visitor.ts';

let hub: TestHub;
let visitor: Visitor;
beforeAll(async () => {
  hub = await startTestHub({ TRUC_VISITOR_LIMIT: '100000', TRUC_VISITOR_FILES: '100000' });
  visitor = await new Visitor(hub.url).open();
});
afterAll(() => hub.stop());

const refusals = new Set([400, 401, 403, 404, 413, 415, 422]);

/** Every answer is one that is meant, and says what is wrong. */
async function sound(answer: Response): Promise<number> {
  const text = await answer.text();
  if (answer.status === 200) return 200;
  expect(refusals, `${answer.status} ${answer.url} ${text.slice(0, 200)}`).toContain(answer.status);
  expect((JSON.parse(text) as { code: string }).code).toMatch(/^[A-Z_]+$/);
  return answer.status;
}
const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  visitor.ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
const alive = async () => {
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
};

/** What each takes; every one of them is good. */
const good: Record<string, () => object> = {
  session: () => ({ channel: 'demo-widget', token: visitor.token, page: 'https://shop.example' }),
  identify: () => ({ identity: vouch({ user_id: 'kh-la', name: 'Tên', phone: '0908 000 111' }) }),
  details: () => ({ name: 'Tên', phone: '0908 000 111', email: 'a@b.test', consent: true, language: 'vi' }),
  messages: () => ({ id: uuid(), body: 'x', name: null, authoredAt: Date.now(), files: [] }),
  receipts: () => ({ delivered: [uuid()], read: [uuid()] }),
  typing: () => ({}),
};

test('what is good is taken, and cut off anywhere it is refused', async () => {
  for (const [path, make] of Object.entries(good)) {
    const whole = Buffer.from(JSON.stringify(make()));
    expect([path, await sound(await post(path, whole))]).toEqual([path, 200]);
    // `typing` has nothing to say, and is not read.
    if (path === 'typing') continue;
    for (let end = 0; end < whole.length; end += 11)
      expect([path, await sound(await post(path, whole.subarray(0, end)))]).not.toEqual([path, 200]);
  }
  await alive();
});

test('any JSON, and any bytes', { timeout: 60_000 }, async () => {
  for (const path of Object.keys(good)) {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.json({ maxDepth: 6 }), fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 })),
        async (body) => {
          await sound(await post(path, typeof body === 'string' ? body : Buffer.from(body)));
        },
      ),
      { numRuns: 60, seed: 20261122 },
    );
  }
  await alive();
});

test('members of every kind in the place of those that are meant', { timeout: 60_000 }, async () => {
  const odd = [null, -1, 1e308, 0.5, '', '\u0000', '\ud800', '\u202e', '__proto__', [], {}, true, 'x'.repeat(30_000), ['../../etc/passwd']];
  for (const [path, make] of Object.entries(good)) {
    for (const key of [...Object.keys(make()), 'polluted', '__proto__', 'constructor']) {
      for (const value of odd) {
        // By hand, so that `__proto__` is a member like any other.
        const rest = Object.entries(make()).filter(([name]) => name !== key);
        const body = `{${[...rest, [key, value] as const].map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`).join(',')}}`;
        await sound(await post(path, body));
      }
    }
  }
  await alive();
});

test('deep, huge, and in a wrong encoding', async () => {
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  for (const path of Object.keys(good)) {
    if (path === 'typing') continue;
    expect([path, await sound(await post(path, deep))]).not.toEqual([path, 200]);
    expect([path, await sound(await post(path, JSON.stringify({ ...good[path]!(), x: 'x'.repeat(300_000) })))]).toEqual([path, 413]);
    expect([path, await sound(await post(path, '{}', { 'content-type': 'text/plain' }))]).not.toEqual([path, 200]);
    expect([path, await sound(await post(path, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])))]).not.toEqual([path, 200]);
  }
  await alive();
});

test('claims of any kind, rightly signed: believed whole or not at all', { timeout: 60_000 }, async () => {
  const exp = Math.floor(Date.now() / 1000) + 300;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        user_id: fc.oneof(fc.string({ unit: 'binary', maxLength: 250 }), fc.jsonValue()),
        name: fc.oneof(fc.string({ unit: 'binary', maxLength: 250 }), fc.jsonValue()),
        email: fc.oneof(fc.emailAddress(), fc.jsonValue()),
        phone: fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), fc.jsonValue()),
      }),
      async (claims) => {
        const one = await new Visitor(hub.url).open();
        const token = signed('{"alg":"HS256"}', JSON.stringify({ ...claims, exp }));
        const status = await sound(
          await one.ask('identify', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ identity: token }),
          }),
        );
        expect((await one.session()).verified).toBe(status === 200);
      },
    ),
    { numRuns: 60, seed: 20261122 },
  );
  // Nothing of it is kept that no screen could show.
  const rows = await hub.query<{ n: string }>(
    `select count(*) as n from identity where value ~ '[\\u0001-\\u001f]' or value = '' or length(value) > 320`,
  );
  expect(Number(rows[0]!.n)).toBe(0);
  await alive();
});

test('a file that is cut off leaves nothing, and can be sent again', async () => {
  const id = uuid();
  await new Promise<void>((resolve) => {
    const cut = httpRequest(`${hub.url}/widget/api/files/${id}?name=anh.png`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${visitor.token}`, 'content-type': 'application/octet-stream', 'content-length': 100_000 },
    });
    cut.on('error', () => resolve());
    cut.write(Buffer.alloc(50_000), () => cut.destroy());
  });
  const whole = await visitor.send(Buffer.from('%PDF-1.4 lan hai'), 'bao-gia.pdf', id);
  expect(whole).toMatchObject({ name: 'bao-gia.pdf', size: 16 });
  for (const name of ['..', '/', 'a/../../b', 'C:\\x\\y.exe', '\u0000', ' ', '.htaccess', 'x'.repeat(300)]) {
    const taken = await visitor.send(Buffer.from('x'), name);
    expect(taken.name).toMatch(/^[^./\\][^/\\]{0,199}$/);
  }
  for (const query of ['', '?name=', `?name=${'x'.repeat(301)}`, '?name=a&name=b']) {
    const init = { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: 'x' };
    expect([query, await sound(await visitor.ask(`files/${uuid()}${query}`, init))]).toEqual([query, 400]);
  }
  await alive();
});

test('what one hub has counted counts for the other', async () => {
  const settings = { TRUC_SECRET_KEY: randomBytes(32).toString('hex'), TRUC_VISITOR_OPENINGS: '2', TRUC_VISITOR_FILES: '2' };
  const first = await startTestHub(settings);
  const other = await startTestHub({ ...settings, DATABASE_URL: first.databaseUrl });
  try {
    const here = await new Visitor(first.url).open();
    const there = new Visitor(other.url);
    there.token = here.token;
    for (const one of [here, there]) {
      await one.say('Cuộc mới');
      await one.send(Buffer.from('x'), 'x.txt');
      await first.query(`update ticket set status = 'closed'`);
    }
    for (const one of [here, there]) {
      const again = { id: uuid(), body: 'Cuộc nữa', name: null, authoredAt: 1 };
      expect(await one.refusal('messages', again)).toEqual([429, 'TOO_MANY_REQUESTS', 'conversations']);
      await expect(one.send(Buffer.from('x'), 'x.txt')).rejects.toThrow('429');
    }
  } finally {
    await other.stop();
    await first.stop();
  }
});
