import { expect, test } from 'vitest';
import { bounceAddress, outboundOf, plusAddress, replySubject, subjectToken, ticketOf } from './addresses.ts';

const key = Buffer.alloc(32, 7);
const other = Buffer.alloc(32, 8);

test('a plus-address opens with its own key, mailbox and purpose alone', () => {
  const address = plusAddress(key, 'cskh@shop.test', 'CS-1042');
  expect(address).toMatch(/^cskh\+CS-1042\.[a-z2-7]{8}@shop\.test$/);
  expect(ticketOf(key, 'cskh@shop.test', address)).toBe('CS-1042');
  expect(ticketOf(key, 'CSKH@Shop.test', address.toUpperCase())).toBe('CS-1042');
  for (const wrong of [
    address.replace('1042', '1043'),
    address.replace(/\.[a-z2-7]{8}@/, '.k9f3@'),
    address.replace('shop.test', 'evil.test'),
    'cskh@shop.test',
    'cskh+@shop.test',
    'cskh+.@shop.test',
    'cskh+CS-1042@shop.test',
    'cskh+cs-1042.k9f3@shop.test',
    '',
  ])
    expect(ticketOf(key, 'cskh@shop.test', wrong)).toBeNull();
  expect(ticketOf(other, 'cskh@shop.test', address)).toBeNull();
  expect(outboundOf(key, 'cskh@shop.test', address)).toBeNull();
});

test('an address for reports names the message', () => {
  const id = '01980000-0000-7000-8000-000000000001';
  const address = bounceAddress(key, 'bounce@shop.test', id);
  expect(outboundOf(key, 'bounce@shop.test', address)).toBe(id);
  expect(address.indexOf('@')).toBeLessThanOrEqual(64);
  expect(ticketOf(key, 'bounce@shop.test', address)).toBeNull();
});

test('subjects carry the ticket once', () => {
  expect(subjectToken('Re: [#cs-1042] Đổi hàng')).toBe('CS-1042');
  expect(subjectToken('CS-1042 [1042]')).toBeNull();
  expect(replySubject('Re: RE: [#CS-1042] Trả lời: Đổi hàng', 'CS-1042')).toBe('Re: [#CS-1042] Đổi hàng');
  expect(replySubject('Trả lời: Đổi hàng', 'CS-1042')).toBe('Re: [#CS-1042] Đổi hàng');
  expect(replySubject('', 'CS-1')).toBe('Re: [#CS-1]');
});
