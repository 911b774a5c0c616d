import { expect, test } from 'vitest';
import { sample } from '../../../../tests/harness/samples.ts';
import { Unreadable } from '../inbound.ts';
import { readZalo } from './read.ts';

const read = (name: string) => readZalo(sample(name));
const given = (event: object) =>
  readZalo(Buffer.from(JSON.stringify({ timestamp: '1794456000123', sender: { id: '5' }, recipient: { id: '2' }, ...event })));
const lan = { kind: 'zalo', value: '5120044719930042217', name: null };

test('a text; told again it has the same key', () => {
  const item = read('zalo_01_text.json');
  expect(item).toEqual({
    key: 'message:zm01a7f9c2d4e6',
    thread: lan.value,
    at: 1_794_456_000_123,
    event: { type: 'message', id: 'zm01a7f9c2d4e6', from: lan, text: 'Em muốn đổi lịch giao sang chiều mai', media: [], replyTo: null },
  });
  expect(read('zalo_16_retry_duplicate.json').key).toBe(item.key);
});

test('a picture with words; a file by its plain name, its size a number', () => {
  expect(read('zalo_02_image.json').event).toMatchObject({
    text: 'hộp bị móp',
    media: [{ kind: 'image', url: 'https://photo.zdn.example.test/o/1.jpg', name: null }],
  });
  expect(read('zalo_03_file.json').event).toMatchObject({
    text: '',
    media: [{ kind: 'file', url: 'https://file.zdn.example.test/x', name: 'Hợp đồng.pdf.exe', size: 3_145_728 }],
  });
});

test('a place, an answer to a message, an odd size', () => {
  const place = given({
    event_name: 'user_send_location',
    message: {
      msg_id: 'z',
      quote_msg_id: 'q',
      attachments: [{ type: 'location', payload: { coordinates: { latitude: '10.77', longitude: '106.69' } } }],
    },
  });
  expect(place.event).toMatchObject({ replyTo: 'q', media: [{ kind: 'location', url: null, name: '10.77,106.69' }] });
  const file = given({
    event_name: 'user_send_file',
    message: { msg_id: 'z', attachments: [{ type: 'file', payload: { name: 'a.pdf', size: '1e9' } }] },
  });
  expect(file.event).toMatchObject({ media: [{ size: null }] });
});

test('follows and no longer follows; what our side said', () => {
  expect(read('zalo_06_follow.json')).toMatchObject({ thread: lan.value, event: { type: 'follow', from: lan, follows: true } });
  expect(read('zalo_07_unfollow.json').event).toMatchObject({ follows: false });
  expect(given({ event_name: 'user_follow' }).event).toMatchObject({ type: 'follow', from: { value: '5' }, follows: true });
  expect(read('zalo_08_oa_send_text.json')).toMatchObject({
    key: 'echo:zmOut01',
    thread: lan.value,
    event: { type: 'echo', id: 'zmOut01', to: lan, text: 'Dạ shop đổi giúp em rồi ạ', outbound: null },
  });
});

test('seen and received, by message and never by whom they name', () => {
  expect(read('zalo_09_seen.json').event).toEqual({
    type: 'receipt',
    state: 'read',
    of: ['zmOut01', 'zmOutUnknown'],
    until: null,
    thread: null,
  });
  expect(read('zalo_10_received.json').event).toEqual({ type: 'receipt', state: 'delivered', of: ['zmOut01'], until: null, thread: null });
  expect(read('zalo_12_zns_received.json').event).toEqual({
    type: 'receipt',
    state: 'delivered',
    of: ['zns01', 'order-88213'],
    until: null,
    thread: null,
  });
});

test('a form that was filled in, in both shapes', () => {
  expect(read('zalo_11_submit_info.json').event).toEqual({
    type: 'details',
    from: lan,
    name: 'Trần Thị Lan',
    phone: '84912345678',
    address: '12 Lê Lợi, Phường Bến Thành, Thành phố Hồ Chí Minh',
  });
  const older = given({
    event_name: 'user_submit_info',
    info: { name: '  ', phone: 84_912_345_678, address: '1 A', ward: '', district: 'Q1', city: 'HCM' },
  });
  expect(older.event).toMatchObject({ name: null, phone: '84912345678', address: '1 A, Q1, HCM' });
});

test('what is not known: shown when a customer sent it, else only kept', () => {
  expect(read('zalo_17_unknown_event.json')).toMatchObject({
    key: 'unknown:zm17',
    thread: lan.value,
    event: { type: 'unknown', name: 'user_send_hologram', shown: true },
  });
  expect(given({ event_name: 'change_template_status' }).event).toMatchObject({ type: 'unknown', from: null, shown: false });
  expect(given({ event_name: 'user_click_button' }).event).toMatchObject({ shown: false });
  // One of a known name without what makes it one.
  expect(given({ event_name: 'user_send_text' }).event).toMatchObject({ type: 'unknown', shown: true });
});

test.each(['', '{', '[]', '{"event_name":"x"}', '{"event_name":7,"timestamp":"1"}', '{"event_name":"x","timestamp":"soon"}'])(
  'can not be read: %s',
  (body) => expect(() => readZalo(Buffer.from(body))).toThrow(Unreadable),
);
