/** Messenger and Instagram, against a stand-in that behaves as Meta documents: what comes in, what goes out, and what is told of it. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestConsole, until } from '../harness/engine.ts';
import { headersOf, sample, secrets } from '../harness/samples.ts';
import { signIn } from '../harness/wire.ts';
import { desk, knownAs, openShop, type Shop, shows } from '../harness/vendors.ts';

const hook = '/hooks/messenger/demo-messenger';
const known = '7711220099883345';
let shop: Shop;
let lan: TestConsole;
beforeAll(async () => {
  shop = await openShop();
  lan = await desk(shop.hub, 'lan');
});
afterAll(async () => {
  lan.dispose();
  await shop.stop();
});

const told = async (name: string, path = hook) => {
  const answer = await shop.post(path, sample(name), headersOf(name));
  await shop.settled();
  return answer.status;
};
const tell = async (body: object, path = hook) => {
  const text = JSON.stringify(body);
  const signature = createHmac('sha256', secrets.facebook_app_secret).update(text).digest('hex');
  const answer = await shop.post(path, text, { 'x-hub-signature-256': `sha256=${signature}` });
  await shop.settled();
  return answer.status;
};
const event = (one: object, object = 'page') => ({ object, entry: [{ id: '1', messaging: [one] }] });
const mediaOf = (one: { extra: Record<string, unknown> | null } | undefined) =>
  (one?.extra?.['media'] ?? []) as { kind: string; state: string; attachmentId: string | null }[];

/** A customer who has just written, and their ticket on the console. */
async function conversation(who: string, text = `Chào shop, em là ${who}`): Promise<string> {
  shop.meta.say(who, text);
  const ticketId = await shop.ticketOf('messenger', who);
  await shows(lan, ticketId, text);
  return ticketId;
}

test('pictures, files, stickers: one message each, its files fetched beside it; what is gone is said', async () => {
  const before = await shop.count('message');
  for (const name of ['fb_02_images_two.json', 'fb_03_file_audio_video.json', 'fb_05_sticker_new.json']) expect(await told(name)).toBe(200);
  expect(await shop.count('message')).toBe(before + 3);
  const all = (await shop.said('messenger', known)).slice(-3);
  expect(all.map(({ body }) => body === '')).toEqual([true, false, true]);
  expect(all.map((one) => mediaOf(one).map(({ kind }) => kind))).toEqual([['image', 'image'], ['file', 'audio', 'video'], ['sticker']]);
  // The samples' addresses lead nowhere: in the end that is said, and the messages stay.
  await until(async () => (await shop.count(`inbound_media where state = 'fetching'`)) === 0);
  expect(mediaOf((await shop.said('messenger', known)).at(-1)).map(({ state }) => state)).toEqual(['failed']);
  // A real one is there as a file, by its own bytes.
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  shop.meta.say('an-anh', 'Hộp bị móp', { attachments: [{ type: 'image', url: shop.meta.hold(png, 'text/html') }] });
  const ticketId = await shop.ticketOf('messenger', 'an-anh');
  await until(async () => (await lan.query('ticket.files', { ticketId })).some(({ state }) => state === 'ready'));
  expect(await lan.query('ticket.files', { ticketId })).toMatchObject([
    { name: 'image.png', type: 'image/png', size: png.length, state: 'ready' },
  ]);
  expect((await lan.timeline(ticketId))[0]?.extra?.media).toMatchObject([{ kind: 'image', state: 'ready' }]);
});

test('an answer goes out once, quotes what it answers, and is known as sent, delivered and read', async () => {
  const ticketId = await conversation('khach-1');
  const id = await lan.reply(ticketId, 'Dạ còn size M ạ');
  await shop.reaches(id, 'sent');
  expect(shop.meta.taken('khach-1')).toMatchObject([{ text: 'Dạ còn size M ạ', tag: null }]);
  shop.meta.deliver('khach-1', false);
  await shop.reaches(id, 'delivered');
  shop.meta.read('khach-1');
  await shop.reaches(id, 'read');
  // A late report takes nothing back.
  shop.meta.deliver('khach-1');
  await shop.meta.hooks.idle();
  await shop.settled();
  await shop.reaches(id, 'read');
  await until(async () => (await lan.timeline(ticketId)).find((one) => one.id === id)?.delivery === 'read');
  const mid = shop.meta.taken('khach-1')[0]!.id;
  shop.meta.say('khach-1', 'Cái này ạ', { replyTo: mid });
  await shows(lan, ticketId, 'Cái này ạ');
  expect((await lan.timeline(ticketId)).at(-1)?.extra?.replyToId).toBe(id);
  shop.meta.react('khach-1', mid, '❤');
  await until(async () => (await lan.timeline(ticketId)).find((one) => one.id === id)?.extra?.reactions?.[0]?.emoji === '❤');
  expect((await lan.timeline(ticketId)).length).toBe(3);
});

test('the samples of what is told afterwards', async () => {
  await told('fb_01_text.json');
  const ticketId = await shop.ticketOf('messenger', known);
  await shows(lan, ticketId, 'Shop ơi, áo khoác màu be còn size M không ạ? 🙏');
  shop.meta.customer(known, { lastWroteAt: Date.now() });
  // Of long ago: its window has closed, so the stand-in is not asked; the samples speak of it as m_Out-0001.
  const id = await lan.reply(ticketId, 'Dạ còn size M ạ');
  await shop.reaches(id, 'failed');
  await shop.hub.query(`update message set delivery = 'sent', delivery_error = null where id = $1`, [id]);
  await knownAs(shop.hub, 'demo-messenger', 'm_Out-0001', id, known, 1794456005000);
  const messages = await shop.count('message');
  expect(await told('fb_06_echo_own.json')).toBe(200);
  expect(await shop.count('message')).toBe(messages);
  expect(await told('fb_09_read.json')).toBe(200);
  await shop.reaches(id, 'read');
  expect(await told('fb_08_delivery.json')).toBe(200);
  await shop.reaches(id, 'read');
  expect(await told('fb_11_reaction.json')).toBe(200);
  expect(await shop.count('message')).toBe(messages);
  expect((await shop.said('messenger', known)).find((one) => one.id === id)?.extra?.['reactions']).toHaveLength(1);
  expect(await told('fb_12_reply_to.json')).toBe(200);
  expect((await shop.said('messenger', known)).at(-1)).toMatchObject({ body: 'Cái này ạ', extra: { replyToId: id } });
  expect(await told('fb_07_echo_external.json')).toBe(200);
  const elsewhere = (await shop.said('messenger', known)).at(-1);
  expect(elsewhere).toMatchObject({ kind: 'reply', delivery: 'sent', extra: { external: true } });
  expect(await shop.count('message where id = $1 and author_id is null', elsewhere!.id)).toBe(1);
  await until(async () => (await lan.timeline(ticketId)).some((one) => one.extra?.external === true));
  // Of a message that nobody knows: kept, and nothing breaks.
  expect(await tell(event({ sender: { id: known }, timestamp: 1, reaction: { mid: 'm_nobody', action: 'react', emoji: '👍' } }))).toBe(200);
});

test('an echo that comes before the answer to the call is no second message', async () => {
  const ticketId = await conversation('khach-echo');
  shop.meta.echo = 'before';
  const id = await lan.reply(ticketId, 'Dạ em kiểm tra ngay');
  await shop.reaches(id, 'sent');
  shop.meta.echo = 'after';
  await shop.meta.hooks.idle();
  await shop.settled();
  expect((await shop.said('messenger', 'khach-echo')).map(({ kind }) => kind)).toEqual(['inbound', 'reply']);
});

test('the line breaks after Meta has taken it: nobody sends it twice, and its echo says that it has arrived', async () => {
  const ticketId = await conversation('khach-dut');
  shop.meta.echo = 'never';
  shop.meta.faults.next('drop');
  const id = await lan.reply(ticketId, 'Em gửi mã giảm giá ạ');
  await shop.reaches(id, 'unknown');
  expect(shop.meta.taken('khach-dut')).toHaveLength(1);
  const [taken] = shop.meta.taken('khach-dut');
  shop.meta.echo = 'after';
  await tell(
    event({
      sender: { id: '1' },
      recipient: { id: 'khach-dut' },
      timestamp: Date.now(),
      message: { is_echo: true, mid: taken!.id, metadata: taken!.metadata, text: taken!.text },
    }),
  );
  await shop.reaches(id, 'sent');
  expect(shop.meta.taken('khach-dut')).toHaveLength(1);
  // Without an echo it is the agent's word that sends it once more.
  shop.meta.echo = 'never';
  shop.meta.faults.next('drop');
  const second = await lan.reply(ticketId, 'Mã là TET2027');
  await shop.reaches(second, 'unknown');
  await lan.mutate('message.sendAgain', { messageId: second, ticketId });
  await shop.reaches(second, 'sent');
  expect(shop.meta.taken('khach-dut').map(({ text }) => text)).toEqual(['Em gửi mã giảm giá ạ', 'Mã là TET2027', 'Mã là TET2027']);
  shop.meta.echo = 'after';
});

test('faults that pass are waited out, in order; a long text goes out whole', async () => {
  const ticketId = await conversation('khach-loi');
  shop.meta.faults.next('error', 2);
  const long = Array.from({ length: 90 }, (_, line) => `${line}. Chính sách đổi trả của cửa hàng, mục số ${line}.`).join('\n');
  const ids = [await lan.reply(ticketId, 'Một'), await lan.reply(ticketId, long), await lan.reply(ticketId, 'Ba')];
  await shop.reaches(ids[2]!, 'sent');
  const texts = shop.meta.taken('khach-loi').map(({ text }) => text!);
  expect(texts[0]).toBe('Một');
  expect(texts.at(-1)).toBe('Ba');
  expect(texts.length).toBeGreaterThan(3);
  expect(texts.slice(1, -1).join('')).toBe(long);
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(2000);
});

test('the window: by the tag for people until seven days, then not at all, and the agent is told why', async () => {
  const ticketId = await conversation('khach-lau');
  const wrote = (ms: number) =>
    shop.hub.query(`update message set authored_at = $1 where ticket_id = $2 and kind = 'inbound'`, [Date.now() - ms, ticketId]);
  const day = 86_400_000;
  await wrote(2 * day);
  shop.meta.customer('khach-lau', { lastWroteAt: Date.now() - 2 * day });
  const second = await lan.reply(ticketId, 'Sau hai ngày');
  await shop.reaches(second, 'sent');
  expect(shop.meta.taken('khach-lau')).toMatchObject([{ tag: 'HUMAN_AGENT' }]);
  await wrote(8 * day);
  const third = await lan.reply(ticketId, 'Sau tám ngày');
  await shop.reaches(third, 'failed');
  await until(async () => (await lan.timeline(ticketId)).find((one) => one.id === third)?.deliveryError === 'WINDOW_CLOSED');
  expect(shop.meta.taken('khach-lau')).toHaveLength(1);
});

test('somebody who has blocked us: the agent is told; what comes after goes on', async () => {
  const ticketId = await conversation('khach-chan');
  shop.meta.customer('khach-chan', { state: 'blocked' });
  const id = await lan.reply(ticketId, 'Alo');
  await shop.reaches(id, 'failed');
  expect((await shop.said('messenger', 'khach-chan')).at(-1)).toMatchObject({ delivery_error: 'RECIPIENT_UNREACHABLE' });
});

test('a token that has ended holds the queue, tells once, and lets go when it is mended', async () => {
  const ticketId = await conversation('khach-cho');
  shop.meta.tokenWorks = false;
  const ids = [await lan.reply(ticketId, 'Thứ nhất'), await lan.reply(ticketId, 'Thứ hai')];
  await until(async () => (await shop.count(`channel_account where channel_id = 'demo-messenger' and state = 'attention'`)) === 1);
  const health = async () => (await lan.query('reference', null))?.channels.find(({ id }) => id === 'demo-messenger')?.health;
  await until(async () => (await health()) === 'attention');
  expect(await shop.count('message where id = any($1) and delivery = any($2)', ids, ['accepted', 'sending'])).toBe(2);
  expect(shop.meta.taken('khach-cho')).toHaveLength(0);
  // Somebody else's answer waits as well, and Meta is not asked again.
  const asked = shop.meta.requests.length;
  const other = await conversation('khach-cho-2');
  const third = await lan.reply(other, 'Cũng chờ');
  await shop.reaches(third, 'accepted');
  expect(shop.meta.requests.slice(asked).filter(({ path }) => path.includes('/messages'))).toEqual([]);
  // An administrator enters a new one: everything goes out, in order.
  const { token } = await signIn(shop.hub.url, 'quan');
  const admin = (path: string, method: string, body: object) =>
    fetch(`${shop.hub.url}${path}`, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    });
  shop.meta.tokenWorks = true;
  const account = '/api/v1/channels/demo-messenger/account';
  expect((await admin(account, 'PUT', { vendor: 'messenger', settings: {}, secrets: { pageToken: 'demo-page-token' } })).status).toBe(200);
  for (const id of [...ids, third]) await shop.reaches(id, 'sent');
  expect(shop.meta.taken('khach-cho').map(({ text }) => text)).toEqual(['Thứ nhất', 'Thứ hai']);
  await until(async () => (await health()) === 'ok');
  // Paused by hand: the same, and no secret ever comes back.
  expect((await admin('/api/v1/channels/demo-messenger/switch', 'POST', { on: false })).status).toBe(200);
  const paused = await lan.reply(ticketId, 'Trong lúc dừng');
  await shop.reaches(paused, 'accepted');
  const list = await (await fetch(`${shop.hub.url}/api/v1/channels`, { headers: { authorization: `Bearer ${token}` } })).text();
  expect(list).toContain('"pageToken":1');
  expect(list).not.toContain('demo-page-token');
  expect((await admin('/api/v1/channels/demo-messenger/switch', 'POST', { on: true })).status).toBe(200);
  await shop.reaches(paused, 'sent');
});

test('what a customer takes back is not shown any more, also when it comes late', async () => {
  const from = '998877665544';
  const instagram = '/hooks/messenger/demo-instagram';
  // The sample's message is not known: a tombstone; then it comes, late.
  expect(await told('fb_14_ig_unsend.json', instagram)).toBe(200);
  const before = await shop.count('message');
  await tell(
    event({ sender: { id: from }, timestamp: 1794456000000, message: { mid: 'aWdfZAG1fi01', text: 'Quá muộn' } }, 'instagram'),
    instagram,
  );
  expect(await shop.count('message')).toBe(before);
  // One that was here goes.
  await tell(
    event({ sender: { id: from }, timestamp: 1794456000001, message: { mid: 'ig-2', text: 'Gửi nhầm số tài khoản' } }, 'instagram'),
    instagram,
  );
  const [row] = await shop.said('instagram', from);
  expect(row?.body).toBe('Gửi nhầm số tài khoản');
  await shows(lan, row!.ticket_id, 'Gửi nhầm số tài khoản');
  await tell(event({ sender: { id: from }, timestamp: 1794456000002, message: { mid: 'ig-2', is_deleted: true } }, 'instagram'), instagram);
  await until(async () => (await lan.timeline(row!.ticket_id))[0]?.extra?.deletedAt !== undefined);
  expect((await lan.timeline(row!.ticket_id))[0]?.body).toBe('');
  expect(await shop.count(`ticket where id = $1 and last_message_preview = ''`, row!.ticket_id)).toBe(1);
});

test('whoever writes gets the name that they have there; the message has not waited for it', async () => {
  shop.meta.customer('khach-ten', { first: 'Ngọc', last: 'Lê' });
  const ticketId = await conversation('khach-ten');
  await until(async () => (await lan.query('ticket.get', { ticketId }))?.customer?.name === 'Lê Ngọc');
});
