import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { noFiles } from './files.ts';
import { parseMail } from './parse.ts';

const read = (raw: string | Buffer) =>
  parseMail(Readable.from([Buffer.from(raw)], { objectMode: false }), { mailbox: 'cskh', files: noFiles, ownDomains: ['shop.test'] });
const mail = (headers: string, body: string) => `From: lan@khach.test\r\nMessage-ID: <m@x>\r\n${headers}\r\n\r\n${body}`;

describe('automatic mail and reports', () => {
  test.each([
    ['Auto-Submitted: auto-generated (rejected)', 'auto-submitted'],
    ['Auto-Submitted: no', null],
    ['Precedence: list', 'precedence'],
    ['X-Loop: yes', 'loop'],
    ['X-Auto-Response-Suppress: DR, OOF', null],
    ['X-Auto-Response-Suppress: OOF, All', 'response-suppress'],
    ['List-Unsubscribe: <mailto:x@y>', 'list'],
    ['Return-Path: <>', 'null-return-path'],
    ['X-Autoreply: yes', 'autoreply'],
    ['X-Autoreply: no', null],
    ['X-CS-Loop: another.test', 'loop'],
    ['From: No-Reply <no-reply@bank.test>', 'sender'],
    ['From: noreply+123@bank.test', 'sender'],
    ['From: norah@bank.test', null],
    ['Content-Type: multipart/report; boundary=q', 'report'],
  ])('%s', async (header, automatic) => {
    expect((await read(`${header}\r\n\r\nx`)).automatic).toBe(automatic);
  });

  test('a delay, several recipients, and the whole mail given back', async () => {
    const body =
      '--q\r\n\r\nchậm\r\n--q\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; A@x.test\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\nOriginal-Recipient: rfc822; b@x.test\r\nStatus: 5.2.2 (full)\r\n\r\n--q\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\nMessage-ID:\r\n <out-7@shop.test>\r\n\r\nthân thư\r\n--q--';
    const report = await read(mail('Content-Type: multipart/report; report-type=delivery-status; boundary=q', body));
    expect(report.bounce).toEqual({
      originalMessageId: 'out-7@shop.test',
      recipients: [
        { address: 'a@x.test', action: 'delayed', status: '4.4.1', diagnostic: null },
        { address: 'b@x.test', action: 'failed', status: '5.2.2', diagnostic: null },
      ],
    });
  });

  test('a report in words, as old servers send it', async () => {
    const qmail = `From: MAILER-DAEMON@mx.test\r\nReturn-Path: <>\r\n\r\nHi. This is the qmail-send program.\r\n<lan@khach.test>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\nMessage-ID: <out-8@shop.test>`;
    expect((await read(qmail)).bounce).toMatchObject({
      originalMessageId: 'out-8@shop.test',
      recipients: [{ address: 'lan@khach.test', action: 'failed', status: '5.1.1' }],
    });
    // Whoever tells of a failure in their own words is a customer.
    expect((await read(mail('Auto-Submitted: auto-replied', 'lỗi 550 5.1.1 <a@b.test>'))).bounce).toBeNull();
  });
});
