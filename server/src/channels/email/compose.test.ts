import { generateKeyPairSync } from 'node:crypto';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { composeMail, type OutgoingMail } from './compose.ts';
import { noFiles } from './files.ts';
import { parseMail } from './parse.ts';

const mail = (over: Partial<OutgoingMail> = {}): OutgoingMail => ({
  messageId: 'out-1@shop.test',
  from: { address: 'cskh@shop.test', name: 'Chăm sóc "khách" hàng' },
  to: [{ address: 'lan@khach.test', name: 'Lan\r\nBcc: x@evil.test' }],
  cc: [],
  replyTo: 'cskh+CS-1.aaaaaaaa@shop.test',
  bounces: 'bounce+1.aaaaaaaa@shop.test',
  subject: 'Re: [#CS-1] Đổi hàng\r\nX-Evil: 1',
  text: 'Dạ chị.\n\n<b>không đậm</b>\n.\ndòng "cuối"',
  files: [],
  inReplyTo: 'q@khach.test',
  references: Array.from({ length: 50 }, (_, index) => `r${index}@khach.test`),
  automatic: false,
  loopDomain: 'shop.test',
  date: Date.UTC(2026, 10, 11, 13),
  dkim: null,
  ...over,
});
const raw = (over?: Partial<OutgoingMail>) => textOf(composeMail(mail(over)).open());

test('what is composed reads as it was meant, and nothing slips into its headers', async () => {
  const written = await raw();
  expect(written).not.toMatch(/^(X-Evil|Bcc):/im);
  const read = await parseMail(Readable.from([Buffer.from(written)]), { mailbox: 'm', files: noFiles, ownDomains: ['shop.test'] });
  expect(read).toMatchObject({
    messageId: 'out-1@shop.test',
    inReplyTo: 'q@khach.test',
    from: { address: 'cskh@shop.test', name: 'Chăm sóc "khách" hàng' },
    replyTo: [{ address: 'cskh+cs-1.aaaaaaaa@shop.test' }],
    text: 'Dạ chị.\n\n<b>không đậm</b>\n.\ndòng "cuối"',
    date: Date.UTC(2026, 10, 11, 13),
    loop: 'header',
    quotedFrom: null,
  });
  expect(read.html).toContain('&lt;b&gt;không đậm&lt;/b&gt;');
  // The first one and the last twenty, in their order.
  expect(read.references).toEqual([
    'r0@khach.test',
    ...Array.from({ length: 19 }, (_, index) => `r${index + 31}@khach.test`),
    'q@khach.test',
  ]);
});

test('the envelope: reports go to their own address, or to nobody', () => {
  const { envelope } = composeMail(mail({ cc: [{ address: 'minh@khach.test', name: null }] }));
  expect(envelope).toEqual({ from: 'bounce+1.aaaaaaaa@shop.test', to: ['lan@khach.test', 'minh@khach.test'] });
  expect(composeMail(mail({ bounces: null })).envelope.from).toBe(false);
});

test('automatic mail is marked, mail of people is not', async () => {
  const marks = /^(Auto-Submitted|Precedence|X-Auto-Response-Suppress):/im;
  expect(await raw()).not.toMatch(marks);
  expect(await raw({ automatic: true })).toMatch(marks);
});

test('a mail without an id is answered without one', async () => {
  const written = await raw({ inReplyTo: null, references: ['bad id', 'a<b'] });
  expect(written).not.toMatch(/^(In-Reply-To|References):/im);
});

test('no file of the hub can be had by naming it', async () => {
  const files = [{ id: 'f', name: '/etc/passwd', type: 'text/plain', size: 2, open: () => Readable.from([Buffer.from('ok')]) }];
  expect(await raw({ files, text: 'file:///etc/passwd' })).not.toContain('root:');
});

test('signs with DKIM', async () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  expect(await raw({ dkim: { domain: 'shop.test', selector: 'truc', privateKey } })).toMatch(
    /^DKIM-Signature: v=1; a=rsa-sha256;.*d=shop\.test;.*s=truc;/s,
  );
});
