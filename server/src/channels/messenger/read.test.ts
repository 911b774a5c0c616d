import { expect, test } from 'vitest';
import { sample } from '../../../../tests/harness/samples.ts';
import { type Item, Unreadable } from '../inbound.ts';
import { readMessenger } from './read.ts';

const read = (name: string) => readMessenger(sample(name));
const only = (items: Item[]) => {
  expect(items).toHaveLength(1);
  return items[0]!;
};
const mai = { kind: 'messenger', value: '7711220099883345', name: null };
const given = (message: unknown, more: object = {}) =>
  readMessenger(
    Buffer.from(
      JSON.stringify({
        object: 'page',
        entry: [{ id: '1', messaging: [{ sender: { id: '7' }, recipient: { id: '1' }, timestamp: 1_794_456_000_000, message, ...more }] }],
      }),
    ),
  );

test('a text, byte for byte, and the same again under the same key', () => {
  const item = only(read('fb_01_text.json'));
  expect(item).toEqual({
    key: 'message:m_Ab1-text-0001',
    thread: mai.value,
    at: 1_794_456_000_000,
    event: {
      type: 'message',
      id: 'm_Ab1-text-0001',
      from: mai,
      text: 'Shop ơi, áo khoác màu be còn size M không ạ? 🙏',
      media: [],
      replyTo: null,
    },
  });
  expect(only(read('fb_16_duplicate_mid.json')).key).toBe(item.key);
});

test('pictures, files, a sticker in its newer form', () => {
  expect(only(read('fb_02_images_two.json')).event).toMatchObject({
    text: '',
    media: [
      { kind: 'image', url: 'https://cdn.example.test/v/t1.jpg?oe=65f0&oh=aa' },
      { kind: 'image', url: 'https://cdn.example.test/v/t2.jpg?oe=65f0&oh=bb' },
    ],
  });
  expect(only(read('fb_03_file_audio_video.json')).event).toMatchObject({
    text: 'Hoá đơn đây ạ',
    media: [{ kind: 'file' }, { kind: 'audio' }, { kind: 'video' }],
  });
  expect(only(read('fb_05_sticker_new.json')).event).toMatchObject({
    media: [{ kind: 'sticker', url: 'https://cdn.example.test/like.png' }],
  });
});

test('a sticker that is told as a picture, too, is one; two pictures are two', () => {
  const sticker = { sticker_id: 369_239_263_222_822, url: 'https://cdn.example.test/like.png' };
  const both = given({
    mid: 'm1',
    attachments: [
      { type: 'image', payload: sticker },
      { type: 'sticker', payload: sticker },
    ],
  });
  expect(only(both).event).toMatchObject({ media: [{ kind: 'sticker' }] });
  const older = given({ mid: 'm2', attachments: [{ type: 'image', payload: sticker }] });
  expect(only(older).event).toMatchObject({ media: [{ kind: 'sticker' }] });
});

test('a shared link has no bytes to fetch; an attachment without anything is still there', () => {
  const shared = given({
    mid: 'm1',
    attachments: [{ type: 'fallback', title: 'Máy giặt', url: 'https://shop.example.test/1', payload: null }, { type: 'reel' }],
  });
  expect(only(shared).event).toMatchObject({
    media: [
      { kind: 'link', url: 'https://shop.example.test/1', name: 'Máy giặt' },
      { kind: 'link', url: null, name: null },
    ],
  });
});

test('what our side said: through us, and elsewhere; of whom it is, is whom it went to', () => {
  expect(only(read('fb_06_echo_own.json'))).toMatchObject({
    key: 'echo:m_Out-0001',
    thread: mai.value,
    event: { type: 'echo', id: 'm_Out-0001', to: mai, outbound: '01JCSOUT0001' },
  });
  expect(only(read('fb_07_echo_external.json')).event).toMatchObject({
    type: 'echo',
    to: mai,
    outbound: null,
    text: 'Mình trả lời từ hộp thư trang',
  });
});

test('delivered, read, reactions, answers to a message', () => {
  expect(only(read('fb_08_delivery.json')).event).toEqual({
    type: 'receipt',
    state: 'delivered',
    of: ['m_Out-0001'],
    until: 1_794_456_005_600,
    thread: mai,
  });
  expect(only(read('fb_09_read.json')).event).toEqual({ type: 'receipt', state: 'read', of: [], until: 1_794_456_007_000, thread: mai });
  expect(only(read('fb_11_reaction.json')).event).toEqual({ type: 'reaction', of: 'm_Out-0001', emoji: '❤️', from: mai });
  expect(only(read('fb_12_reply_to.json')).event).toMatchObject({ type: 'message', replyTo: 'm_Out-0001' });
  const taken = given(undefined, { reaction: { mid: 'm', action: 'unreact', reaction: 'love' } });
  expect(only(taken).event).toMatchObject({ type: 'reaction', emoji: null });
  const delivered = given(undefined, { delivery: { watermark: '1794456005' } });
  expect(only(delivered).event).toMatchObject({ of: [], until: 1_794_456_005_000 });
});

test('edited, taken back; people of Instagram are people of their own', () => {
  const edited = given(undefined, { message_edit: { mid: 'm', text: 'sửa', num_edit: '2' } });
  expect(only(edited)).toMatchObject({ key: 'edit:m:2', event: { type: 'edit', of: 'm', text: 'sửa' } });
  expect(only(read('fb_14_ig_unsend.json'))).toMatchObject({
    key: 'unsend:aWdfZAG1fi01',
    event: { type: 'unsend', of: 'aWdfZAG1fi01', from: { kind: 'instagram', value: '998877665544' } },
  });
});

test('a button is a message, also of somebody who has no id yet', () => {
  const pressed = given(undefined, { sender: { user_ref: 'ref-1' }, postback: { mid: 'p1', title: 'Xem hàng', payload: 'CATALOG' } });
  expect(only(pressed).event).toMatchObject({ type: 'message', id: 'p1', text: 'Xem hàng', from: { value: 'ref-1' } });
});

test('what is not known is kept under its name, and what follows it is read', () => {
  const items = read('fb_17_unknown_event.json');
  expect(items.map(({ event }) => event)).toMatchObject([
    { type: 'unknown', name: 'message_superpoll', shown: false },
    { type: 'message', id: 'm_after-unknown', text: 'vẫn phải nhận' },
  ]);
  const odd = given(undefined, { sender: 'nobody', message: { mid: null } });
  expect(only(odd).event).toMatchObject({ type: 'unknown', name: 'message' });
});

test('a try of the dashboard is a test and nothing else; several entries are all read', () => {
  expect(only(read('fb_22_ig_dashboard_test.json')).event).toEqual({ type: 'test' });
  const many = readMessenger(
    Buffer.from(
      JSON.stringify({
        object: 'page',
        entry: [1, 2].map((entry) => ({
          id: String(entry),
          [entry === 1 ? 'messaging' : 'standby']: [1, 2].map((n) => ({
            sender: { id: `${n}` },
            message: { mid: `m${entry}${n}`, text: 'x' },
          })),
        })),
      }),
    ),
  );
  expect(many.map(({ key }) => key)).toEqual(['message:m11', 'message:m12', 'message:m21', 'message:m22']);
});

test('decomposed letters come out composed', () => {
  expect(only(given({ mid: 'm', text: 'đổi trả'.normalize('NFD') })).event).toMatchObject({ text: 'đổi trả'.normalize('NFC') });
});

test.each([
  '',
  '{"object":"page","entry":[',
  '[]',
  'null',
  '{"object":"whatsapp","entry":[]}',
  '{"object":"page","entry":{}}',
  '{"entry":[]}',
])('can not be read: %s', (body) => expect(() => readMessenger(Buffer.from(body))).toThrow(Unreadable));
test('a body that was cut off can not be read', () => expect(() => read('fb_23_truncated.json')).toThrow(Unreadable));
